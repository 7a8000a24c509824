//! The issue that a change is about, with what rules and groups ask of it.
//!
//! Not here: what changed (`change`).

use serde::Serialize;
use ts_rs::TS;

use crate::board::{Board, Place};
use crate::issue::Issue;
use crate::unit::Source;

/// A chain of parents is followed no further: a file can say anything.
const DEEPEST: usize = 32;
const EPIC: &str = "epic";

/// An issue as it is after a change; as it was before, where it is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Subject {
    /// Who holds it.
    pub assignee: Option<String>,
    /// The key of its card, without `card:`: what to open.
    pub card: String,
    /// The epic that it is part of, by id; itself where it is one.
    pub epic: Option<String>,
    /// The full id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub issue_type: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Its parent's id.
    pub parent: Option<String>,
    /// Its priority.
    #[ts(type = "number | null")]
    pub priority: Option<i64>,
    /// The label of its project.
    pub project: String,
    /// Shared or local.
    pub source: Source,
    /// Its status.
    pub status: Option<String>,
    /// Its title.
    pub title: String,
}

impl Subject {
    /// The issue `id` in `place`, as the board shows it; `None` where it shows none.
    pub fn of(board: &Board, id: &str, place: &Place) -> Option<Self> {
        let issue = shown(board, id, place)?;
        let mut subject = Self::new(id, place, issue);
        subject.card = board.key_of(id, place);
        subject.epic = epic(id, issue, |id| board.standings(id).first()?.issue());
        Some(subject)
    }

    /// The same from what a file or a snapshot says, of an issue that the board has not.
    pub fn new(id: &str, place: &Place, issue: &Issue) -> Self {
        let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        Self {
            assignee: owned(&issue.assignee),
            card: id.to_owned(),
            epic: None,
            id: id.to_owned(),
            issue_type: owned(&issue.issue_type),
            labels: issue.labels.clone(),
            parent: owned(&issue.parent),
            priority: issue.priority,
            project: place.project.to_string(),
            source: place.source,
            status: owned(&issue.status),
            title: issue.title.to_string(),
        }
    }
}

/// The issue `id` in `place` as the board shows it, what is heard before what is written. A copy of it taken before an
/// observation is applied is what the state after is held against.
pub fn shown<'a>(board: &'a Board, id: &str, place: &Place) -> Option<&'a Issue> {
    board.standings(id).iter().find(|standing| standing.place == *place)?.issue()
}

/// The nearest of `id` and its ancestors that is an epic, else the topmost ancestor there is.
fn epic<'a>(id: &str, issue: &'a Issue, look: impl Fn(&str) -> Option<&'a Issue>) -> Option<String> {
    let is_epic =
        |issue: &Issue| issue.issue_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case(EPIC));
    if is_epic(issue) {
        return Some(id.to_owned());
    }
    let (mut at, mut top) = (issue, None);
    for _ in 0..DEEPEST {
        let Some(parent) = at.parent.as_deref().filter(|parent| *parent != id) else { break };
        let Some(found) = look(parent) else { break };
        top = Some(parent.to_owned());
        if is_epic(found) {
            break;
        }
        at = found;
    }
    top
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::*;
    use crate::board::Holder;
    use crate::config::Config;
    use crate::unit::Stage;

    fn found(id: &str, issues: &[(&'static str, &str, Option<&str>)]) -> Option<String> {
        let made = |(id, kind, parent): &(&'static str, &str, Option<&str>)| {
            let issue = Issue {
                issue_type: Some((*kind).into()),
                parent: parent.map(Into::into),
                ..Issue::default()
            };
            (*id, issue)
        };
        let issues: HashMap<&str, Issue> = issues.iter().map(made).collect();
        epic(id, &issues[id], |id| issues.get(id))
    }

    #[test]
    fn an_issue_belongs_to_its_nearest_epic_or_its_topmost_parent() {
        let issues = [
            ("i", "initiative", None),
            ("e", "Epic", Some("i")),
            ("t", "task", Some("e")),
            ("s", "sub-task", Some("t")),
            ("b", "bug", Some("c")),
            ("c", "chore", None),
            ("lost", "task", Some("nowhere")),
        ];
        let epics = ["s", "t", "e", "i", "b", "lost"].map(|id| found(id, &issues));
        let expected = [Some("e"), Some("e"), Some("e"), None, Some("c"), None];
        assert_eq!(epics, expected.map(|id| id.map(str::to_owned)));
    }

    #[test]
    fn a_subject_is_what_the_board_shows_in_that_place() {
        let mut board = Board::default();
        let places = ["a", "b"].map(|project| Place { project: project.into(), source: Source::Shared });
        board
            .set_projects(
                "B".to_owned(),
                ["a", "b"].map(|label| (label.into(), String::new(), Arc::new(Config::default()))),
            )
            .unwrap();
        let mut put = |id: &str, place: &Place, text: &str| {
            let issue = Issue::parse(text.as_bytes()).unwrap();
            board.put(id, Holder { place: place.clone(), issue, content: "".into(), stage: Stage::Written });
        };
        put("k-1", &places[0], r#"{"title":"A","parent":"k-2","labels":["x"]}"#);
        put("k-1", &places[1], r#"{"title":"B"}"#);
        put("k-2", &places[0], r#"{"title":"E","type":"epic"}"#);
        let subject = Subject::of(&board, "k-1", &places[0]).unwrap();
        assert_eq!(
            (subject.title.as_str(), subject.epic.as_deref(), subject.card.as_str()),
            ("A", Some("k-2"), "k-1")
        );
        let other = Subject::of(&board, "k-1", &places[1]).unwrap();
        assert_eq!((other.title.as_str(), other.epic, other.card.as_str()), ("B", None, "b/k-1"));
        assert_eq!(Subject::of(&board, "k-2", &places[1]), None);
    }

    #[test]
    fn parents_in_a_circle_come_to_an_end() {
        assert!(
            found("a", &[("a", "task", Some("b")), ("b", "task", Some("c")), ("c", "task", Some("b"))])
                .is_some()
        );
        assert_eq!(found("a", &[("a", "task", Some("a"))]), None);
    }
}
