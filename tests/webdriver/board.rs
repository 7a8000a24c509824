//! The board as it opens: every column in its place, every issue a card, however many there are.

use hearsay_tests::wait::until;
use hearsay_tests::{Project, peers};

use crate::door::Door;
use crate::sample;
use crate::window::{END, card};

const MANY: usize = 1000;
/// What the page may hold of them.
const FEW: u64 = 300;

pub(crate) fn a_repository_opens_as_columns_in_configured_order_with_every_card(door: Door) {
    let project = sample::project();
    let Some(window) = door.open(&project) else { return };
    let columns = window.columns();
    let heads: Vec<_> = columns
        .iter()
        .map(|column| (column.key.as_str(), column.title.as_str(), column.count.as_str()))
        .collect();
    let configured = [
        ("review", "In review", "2"),
        ("open", "Ready", "5"),
        ("in_progress", "In progress", "3"),
        ("closed", "Done", "1"),
    ];
    assert_eq!(heads[..4], configured, "columns stand as the configuration lists them");
    assert_eq!(heads[4..], [("parked", "parked", "1")], "a status that no column has is shown all the same");
    assert_eq!(columns[4].note, "not in .kanbus.yml");
    assert_eq!(columns[1].cards, ["demo-3", "demo-4", "demo-5", "demo-6", "demo-12"], "oldest first");
    assert!(columns[3].cards.is_empty(), "a collapsed column has no cards in the page");

    let epic = window.text(&card("demo-1")).expect("the epic is a card");
    assert!(epic.contains("Hear a change before Git does"), "a card says its title: {epic}");
    let mark = "[title='not committed']";
    window.shows(&format!("{} {mark}", card(sample::UNCOMMITTED)));
    assert_eq!(window.count(mark), 1, "what is committed carries no mark");
    window.reads("header", "main");
    window.reads("[data-testid=link-state]", "Hosting the local bus");
    assert_eq!(window.count("[data-testid=problem]"), 0, "nothing is wrong with this project");

    window.click("[data-testid=column][data-key=closed]");
    window.shows(&card("demo-10"));
}

pub(crate) fn a_thousand_cards_cost_the_page_less_than_three_hundred(door: Door) {
    let project = Project::with_issues(MANY);
    let Some(window) = door.open(&project) else { return };
    let column = || window.columns().into_iter().find(|column| column.key == "open").expect("a column");
    let first = column();
    assert_eq!(first.count, MANY.to_string());
    assert!(!first.cards.is_empty() && window.count("[data-testid=card]") < FEW);
    assert!(first.cards.iter().any(|id| id == "demo-0"), "the oldest is on top: {:?}", first.cards);

    window.ask("const list = document.querySelector('[data-testid=column][data-key=open] ul').parentElement; list.scrollTop = list.scrollHeight / 2;");
    let middle = until("cards from the middle", || {
        let shown = column();
        let fresh = shown.cards.iter().all(|id| !first.cards.contains(id));
        (fresh && !shown.cards.is_empty()).then_some(shown)
    });
    assert!(window.count("[data-testid=card]") < FEW, "{} cards in the middle", middle.cards.len());

    window.click_card(&in_sight(&window, &middle.cards));
    window.session.press(crate::window::ESCAPE);
    window.shows_no("[data-testid=inspector]");
    window.session.press(END);
    window.focuses(&format!("demo-{}", MANY - 1));
    assert!(window.count("[data-testid=card]") < FEW, "and at the end");
}

/// One of the cards that are wholly in sight, so that it can be clicked without scrolling.
fn in_sight(window: &crate::window::Window, cards: &[String]) -> String {
    cards.get(cards.len() / 2).cloned().unwrap_or_else(|| panic!("no card in sight of {window:?}"))
}

pub(crate) fn the_real_project_is_shown_to_the_last_issue(door: Door) {
    let Some(project) = Project::real() else {
        return peers::not_run("the real project (HEARSAY_SHARED)").unwrap_or(());
    };
    let Some(window) = door.open(&project) else { return };
    let counts = window.columns().into_iter().map(|column| column.count.parse::<usize>().expect("a number"));
    assert_eq!(counts.sum::<usize>(), 654, "every issue is counted in a column");
    assert!(window.count("[data-testid=card]") < FEW);
    assert_eq!(window.count("[data-testid=problem]"), 0, "no problem is reported that is not real");
}
