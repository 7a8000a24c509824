//! What a status means where the configuration does not say: read from its words, as Kanbus 0.41 does.

use crate::unit::Semantic;

const DONE: [&str; 14] = [
    "accepted",
    "archived",
    "canceled",
    "cancelled",
    "closed",
    "complete",
    "completed",
    "done",
    "published",
    "rejected",
    "released",
    "resolved",
    "shipped",
    "wontfix",
];
const TODO: [&str; 14] = [
    "backlog",
    "discovery",
    "idea",
    "ideas",
    "inbox",
    "new",
    "open",
    "planned",
    "proposed",
    "queue",
    "queued",
    "ready",
    "todo",
    "triage",
];

/// A word of a finished state means done, else a word of a state not begun means to do, else it is under way.
pub fn derive_semantic(key: &str, name: &str) -> Semantic {
    let words = |list: &[&str]| {
        [key, name]
            .iter()
            .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()))
            .any(|word| list.iter().any(|known| known.eq_ignore_ascii_case(word)))
    };
    if words(&DONE) {
        Semantic::Done
    } else if words(&TODO) {
        Semantic::Todo
    } else {
        Semantic::InProgress
    }
}
