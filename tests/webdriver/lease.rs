//! Who is at work on an issue, on its card and beside it.

use hearsay_tests::envelope::{claim, lease, release};

use crate::door::Door;
use crate::hearing::Hearing;
use crate::sample;
use crate::window::card;

const RESOURCE: &str = "router:issue:demo-3";
const FIELD: &str = "[data-testid=inspector] dd[data-field=lease]";

/// The holder's chip on a card.
fn chip(expired: bool) -> String {
    format!("{} [data-testid=lease][data-expired={expired}]", card("demo-3"))
}

pub(crate) fn a_lease_is_on_the_card_with_its_holder_and_its_time_until_it_is_released(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    hearing.say(&claim(RESOURCE, "codex-3", 600));
    let said = hearing.window.reads(&chip(false), "codex-3");
    assert!(said.contains("min left"), "how long yet: {said}");
    assert_eq!(hearing.window.count("[data-testid=lease]"), 1, "on no other card");
    assert_eq!(hearing.window.count("[data-heard]"), 0, "a lease is no change of the issue");
    hearing.window.click_card("demo-3");
    hearing.window.reads(FIELD, "codex-3, 9 min left");
    hearing.window.settle(&hearing.project);

    hearing.say(&lease(RESOURCE, "codex-3", 4 * 3600 - 60));
    hearing.window.reads(&chip(false), "3 h left");
    hearing.window.reads(FIELD, "codex-3, 3 h left");
    hearing.say(&release(RESOURCE, "codex-3"));
    hearing.window.shows_no("[data-testid=lease]");
    hearing.window.shows_no(FIELD);
    hearing.window.settle(&hearing.project);
}

pub(crate) fn a_lease_that_runs_out_while_somebody_looks_is_told_from_none(door: Door) {
    let Some(mut hearing) = Hearing::open(door, sample::gossiping()) else { return };
    hearing.window.click_card("demo-3");
    hearing.say(&claim(RESOURCE, "codex-3", 8));
    hearing.window.reads(&chip(false), "Leased by codex-3");
    // Nothing more is said: the time alone does it.
    let said = hearing.window.reads(&chip(true), "expired");
    assert!(said.contains("Was leased by codex-3"), "in words, not by its grey alone: {said}");
    hearing.window.reads(FIELD, "codex-3, expired");
    hearing.window.settle(&hearing.project);
    hearing.say(&claim(RESOURCE, "claude-4", 600));
    hearing.window.reads(&chip(false), "claude-4");
    hearing.window.settle(&hearing.project);
}
