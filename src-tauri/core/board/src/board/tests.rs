//! What the board promises: units that follow from the last word on each place, and cards that say what is odd.

use super::*;
use crate::unit::NoteCode;
use proptest::prelude::*;
use serde_json::Value;

fn place(project: &str, source: Source) -> Place {
    Place { project: project.into(), source }
}

fn shared() -> Place {
    place("k", Source::Shared)
}

fn board(labels: &[&str]) -> Board {
    let mut board = Board::default();
    let projects =
        labels.iter().map(|label| ((*label).into(), (*label).to_owned(), Arc::new(Config::default())));
    board.set_projects("test".to_owned(), projects).unwrap();
    board
}

fn holder(place: Place, json: Value) -> Holder {
    let issue = Issue::parse(json.to_string().as_bytes()).unwrap();
    Holder { place, issue, content: "0".into(), stage: Stage::Committed }
}

fn issue(id: &str, status: &str) -> Value {
    serde_json::json!({
        "id": id, "title": id, "description": "", "type": "task", "status": status, "priority": 2,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00Z",
    })
}

fn with(mut issue: Value, key: &str, value: Value) -> Value {
    issue[key] = value;
    issue
}

fn card(board: &mut Board, key: &str) -> Value {
    board.settle().unwrap();
    let unit = board.units().get(key).unwrap_or_else(|| panic!("there is no {key}"));
    serde_json::from_str(unit.get()).unwrap()
}

fn codes(card: &Value) -> Vec<&str> {
    card["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect()
}

#[test]
fn an_ordinary_issue_is_a_card_without_notes() {
    let mut board = board(&["k"]);
    board.put("k-1", holder(shared(), issue("k-1", "open")));
    let card = card(&mut board, "card:k-1");
    assert_eq!(codes(&card), [""; 0]);
    assert_eq!((&card["stage"], &card["source"]), (&"committed".into(), &"shared".into()));
}

#[test]
fn what_hangs_on_an_issue_follows_it() {
    let mut board = board(&["k"]);
    let child = with(issue("k-2", "open"), "parent", "k-1".into());
    let waits =
        serde_json::json!([{"target": "k-2", "type": "blocked-by"}, {"target": "k-9", "type": "blocks"}]);
    board.put("k-2", holder(shared(), child.clone()));
    board.put("k-3", holder(shared(), with(issue("k-3", "open"), "dependencies", waits)));
    assert_eq!(codes(&card(&mut board, "card:k-2")), ["missing_parent"]);
    board.put("k-1", holder(shared(), issue("k-1", "open")));
    assert_eq!(codes(&card(&mut board, "card:k-2")), [""; 0], "the parent has come");
    assert_eq!(card(&mut board, "card:k-1")["children"], serde_json::json!({"done": 0, "total": 1}));
    let waiting = card(&mut board, "card:k-3");
    assert_eq!(waiting["blocked_by"], serde_json::json!(["k-2"]));
    assert_eq!(codes(&waiting), ["missing_dependency", "unknown_dependency"]);

    board.put("k-2", holder(shared(), with(child, "status", "closed".into())));
    assert_eq!(
        card(&mut board, "card:k-3")["blocked_by"],
        serde_json::json!([]),
        "what is done blocks nobody"
    );
    assert_eq!(card(&mut board, "card:k-1")["children"], serde_json::json!({"done": 1, "total": 1}));
    board.remove("k-2", &shared());
    assert_eq!(card(&mut board, "card:k-1")["children"], serde_json::json!({"done": 0, "total": 0}));
    assert_eq!(
        codes(&card(&mut board, "card:k-3")),
        ["missing_dependency", "missing_dependency", "unknown_dependency"]
    );
}

#[test]
fn a_circle_of_parents_is_said_on_each_of_its_cards_and_only_there() {
    let mut board = board(&["k"]);
    for (id, parent) in [("k-1", "k-2"), ("k-2", "k-3"), ("k-3", "k-1"), ("k-4", "k-1")] {
        board.put(id, holder(shared(), with(issue(id, "open"), "parent", parent.into())));
    }
    for id in ["k-1", "k-2", "k-3"] {
        assert_eq!(codes(&card(&mut board, &format!("card:{id}"))), ["parent_cycle"], "{id}");
    }
    assert_eq!(codes(&card(&mut board, "card:k-4")), [""; 0]);
    board.put("k-3", holder(shared(), issue("k-3", "open")));
    for id in ["k-1", "k-2", "k-3"] {
        assert_eq!(codes(&card(&mut board, &format!("card:{id}"))), [""; 0], "{id}");
    }
}

#[test]
fn an_id_in_several_places_is_several_cards() {
    let mut board = board(&["a", "b"]);
    for at in [place("b", Source::Shared), place("a", Source::Local), place("a", Source::Shared)] {
        board.put("x", holder(at, issue("x", "open")));
    }
    assert_eq!(codes(&card(&mut board, "card:x")), [""; 0]);
    for key in ["a/local/x", "b/x"] {
        assert_eq!(codes(&card(&mut board, &format!("card:{key}"))), ["duplicate_id"], "{key}");
        assert_eq!(board.locate(key).map(|(id, _)| id), Some("x"));
    }
    board.remove("x", &place("a", Source::Shared));
    board.settle().unwrap();
    let keys: Vec<_> =
        board.units().iter().map(|(key, _)| key.to_owned()).filter(|key| key != "meta").collect();
    assert_eq!(keys, ["card:b/x", "card:x"], "the next place takes the plain key");
    assert_eq!(board.locate("x").map(|(_, place)| place.source), Some(Source::Local));
}

#[test]
fn what_is_odd_is_noted_and_shown() {
    let mut board = board(&["k"]);
    let odd =
        serde_json::json!({"id": "other", "status": "Legacy", "type": "quest", "priority": 9, "labels": 3});
    board.put("k-1", holder(shared(), odd));
    let card = card(&mut board, "card:k-1");
    for code in [
        NoteCode::UnknownStatus,
        NoteCode::UnknownType,
        NoteCode::UnknownPriority,
        NoteCode::WrongType,
        NoteCode::MissingField,
        NoteCode::IdMismatch,
    ] {
        let code = serde_json::to_value(code).unwrap();
        assert!(codes(&card).contains(&code.as_str().unwrap()), "{code} is not among {:?}", codes(&card));
    }
}

#[test]
fn units_serialise_in_canonical_order() {
    let mut board = board(&["k"]);
    let child = with(issue("k-1", "open"), "parent", "k-0".into());
    board.put("k-1", holder(shared(), child));
    board.set_by("k-1", &shared(), Some(By { agent: Some("a".into()), name: "b".into(), trail: "c".into() }));
    let git = GitState { branch: None, head: None, kind: Default::default(), operation: None };
    board.set_git(Some(&git)).unwrap();
    let problem = crate::Problem {
        code: crate::ProblemCode::Io,
        column: None,
        hint: None,
        kind: Default::default(),
        line: None,
        message: String::new(),
        path: "p".into(),
        severity: crate::Severity::Error,
    };
    board.set_problem("p", Some(&problem)).unwrap();
    board.settle().unwrap();
    assert_eq!(board.units().len(), 4);
    for (key, json) in board.units().iter() {
        let sorted = serde_json::from_str::<Value>(json.get()).unwrap().to_string();
        assert_eq!(json.get(), sorted, "the keys of {key} are not sorted");
    }
}

/// One step of any history: an issue changes, goes, moves, or its author becomes known.
#[derive(Debug, Clone)]
enum Step {
    Put { id: u8, at: u8, status: u8, parent: Option<u8>, target: Option<u8> },
    Remove { id: u8, at: u8 },
    Stage { id: u8, at: u8 },
    By { id: u8, at: u8, name: Option<u8> },
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    let (id, at) = (|| 0u8..6, || 0u8..3);
    prop_oneof![
        4 => (id(), at(), 0u8..3, prop::option::of(id()), prop::option::of(id()))
            .prop_map(|(id, at, status, parent, target)| Step::Put { id, at, status, parent, target }),
        2 => (id(), at()).prop_map(|(id, at)| Step::Remove { id, at }),
        1 => (id(), at()).prop_map(|(id, at)| Step::Stage { id, at }),
        1 => (id(), at(), prop::option::of(0u8..2)).prop_map(|(id, at, name)| Step::By { id, at, name }),
        1 => Just(Step::Settle),
    ]
}

type State = (BTreeMap<(u8, u8), (Value, Stage)>, BTreeMap<(u8, u8), By>);

fn at_place(at: u8) -> Place {
    [place("a", Source::Shared), place("a", Source::Local), place("b", Source::Shared)][usize::from(at)]
        .clone()
}

fn take(board: &mut Board, state: &mut State, step: Step) {
    let name = |id: u8| format!("k-{id}");
    match step {
        Step::Put { id, at, status, parent, target } => {
            let mut json = issue(&name(id), ["open", "closed", "odd"][usize::from(status)]);
            json["parent"] = parent.map(name).into();
            json["dependencies"] = target
                .map(|id| serde_json::json!({"target": name(id), "type": "blocked-by"}))
                .into_iter()
                .collect();
            state.0.insert((id, at), (json.clone(), Stage::Committed));
            board.put(&name(id), holder(at_place(at), json));
        }
        Step::Remove { id, at } => {
            state.0.remove(&(id, at));
            board.remove(&name(id), &at_place(at));
        }
        Step::Stage { id, at } => {
            if let Some((_, stage)) = state.0.get_mut(&(id, at)) {
                *stage = Stage::Written;
            }
            board.set_stage(&name(id), &at_place(at), Stage::Written);
        }
        Step::By { id, at, name: who } => {
            let by = who.map(|who| By { agent: None, name: who.to_string(), trail: String::new() });
            match by.clone() {
                Some(by) => drop(state.1.insert((id, at), by)),
                None => drop(state.1.remove(&(id, at))),
            }
            board.set_by(&name(id), &at_place(at), by);
        }
        Step::Settle => board.settle().unwrap(),
    }
}

proptest! {
    #[test]
    fn the_units_follow_from_the_last_word_on_each_place(steps in prop::collection::vec(step(), 0..40)) {
        let (mut long, mut state) = (board(&["a", "b"]), State::default());
        for step in steps {
            take(&mut long, &mut state, step);
        }
        long.settle().unwrap();
        let mut fresh = board(&["a", "b"]);
        for ((id, at), (json, stage)) in &state.0 {
            fresh.put(&format!("k-{id}"), Holder { stage: *stage, ..holder(at_place(*at), json.clone()) });
        }
        for ((id, at), by) in &state.1 {
            fresh.set_by(&format!("k-{id}"), &at_place(*at), Some(by.clone()));
        }
        fresh.settle().unwrap();
        let text = |board: &Board| board.units().iter().map(|(key, json)| format!("{key} {json}")).collect::<Vec<_>>();
        prop_assert_eq!(text(&long), text(&fresh));
        prop_assert_eq!(long.units().tag(), fresh.units().tag());
    }
}

/// Ids of the issues with that title in both places of `k`, found by what the board keeps of titles or by looking at all.
fn titled(board: &Board, title: &str, by_scan: bool) -> Vec<(String, Source)> {
    use crate::rules::{Around, folded};
    let (neighbours, wanted, mut found) = (board.neighbours("k"), folded(title), Vec::new());
    if by_scan {
        neighbours.each(&mut |known| {
            if folded(&known.issue.title) == wanted {
                found.push((known.id.to_owned(), known.source));
            }
        });
    } else {
        neighbours.titled(&wanted, &mut |known| found.push((known.id.to_owned(), known.source)));
    }
    found.sort();
    found
}

proptest! {
    #[test]
    fn an_issue_is_found_by_its_title_whatever_came_before(
        steps in prop::collection::vec((0..4_usize, any::<bool>(), 0..5_usize), 1..40)
    ) {
        const TITLES: [&str; 4] = ["One", " oNE ", "ΟΔΟΣ", "οδος"];
        let mut board = board(&["k"]);
        for (number, is_local, title) in steps {
            let (id, source) = (format!("k-{number}"), if is_local { Source::Local } else { Source::Shared });
            match TITLES.get(title) {
                Some(title) => {
                    let json = with(issue(&id, "open"), "title", (*title).into());
                    board.put(&id, holder(place("k", source), json));
                }
                None => board.remove(&id, &place("k", source)),
            }
            for title in TITLES {
                prop_assert_eq!(titled(&board, title, false), titled(&board, title, true), "{}", title);
            }
        }
    }
}
