//! A change in words: what banner, inbox and tray show of it.
//!
//! Not here: many changes in the words of one (`banner`).
//!
//! Invariant: every text is one line and short, whatever the issue says of itself. Markup stands in it as it is: a banner
//! takes it out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::attribution::{Attribution, Me, Sure};
use super::change::{Change, Comment, Kind, Obstacle, What};
use super::class::Class;
use super::once::{Cause, Summary};
use super::text::one_line;
use crate::key::short_key;

/// The most characters of a name.
const NAME: usize = 48;
/// The most characters of a title, of a comment's beginning and of a message.
const TITLE: usize = 140;

/// What a line is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum About {
    /// An issue.
    Issue {
        /// The label of its project.
        project: String,
        /// Its id.
        id: String,
    },
    /// Many issues at once.
    Many,
}

/// A change in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it is about.
    pub about: About,
    /// Whether an agent did it.
    #[serde(default)]
    pub agent: bool,
    /// When it became known.
    #[serde(with = "super::stamp")]
    #[ts(type = "string")]
    pub at: Timestamp,
    /// The card to open, without `card:`.
    pub card: Option<String>,
    /// Its class.
    pub class: Class,
    /// What more there is to say: the issue's title, mostly.
    pub detail: String,
    /// The epic that the issue is part of.
    pub epic: Option<String>,
    /// The kind of change; `None` for many at once.
    pub kind: Option<Kind>,
    /// Who did what to which issue.
    pub said: String,
    /// How sure it is who did it.
    pub sure: Sure,
    /// Who did it, where somebody is named.
    pub who: Option<String>,
}

impl Line {
    /// `change`, told to `me`.
    pub fn of(change: &Change, class: Class, me: &Me) -> Self {
        let subject = &change.subject;
        let by = match &change.what {
            // Who is named by what happened is surer than who was seen nearby.
            What::AwaitingReply { agent: Some(agent), .. } if change.by.agent().is_none() => Some(agent),
            _ => change.by.who.as_ref(),
        };
        Self {
            about: About::Issue { project: subject.project.clone(), id: subject.id.clone() },
            agent: change.by.agent().is_some() || matches!(change.what, What::AwaitingReply { .. }),
            at: change.at,
            card: Some(subject.card.clone()),
            class,
            detail: detail(change),
            epic: subject.epic.clone(),
            kind: Some(change.what.kind()),
            said: said(change, by.map(String::as_str), me),
            sure: change.by.sure,
            who: by.map(|who| one_line(who, NAME)),
        }
    }

    /// What many changes came to.
    pub fn summary(summary: &Summary, at: Timestamp) -> Self {
        let many = |count: u64, word: &str| (count > 0).then(|| format!("{count} {word}"));
        let parts = [
            many(summary.created, "created"),
            many(summary.moved, "moved"),
            many(summary.deleted, "deleted"),
        ];
        let issues = match summary.issues {
            1 => "1 issue".to_owned(),
            issues => format!("{issues} issues"),
        };
        let said = match summary.cause {
            Cause::Git => format!("Git changed {issues}"),
            Cause::Start | Cause::Flood => format!("{issues} changed at once"),
        };
        Self {
            about: About::Many,
            agent: false,
            at,
            card: None,
            class: SUMMARY,
            detail: parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
            epic: None,
            kind: None,
            said,
            sure: Sure::Unknown,
            who: None,
        }
    }
}

/// The class of what many changes come to: one line, and a banner of it.
const SUMMARY: Class = Class::Notice;

/// Who it was, in words that say how sure that is.
fn subject(by: &Attribution, who: Option<&str>) -> String {
    match (who, by.sure) {
        (Some(who), Sure::Inferred) => format!("Probably {}", one_line(who, NAME)),
        (Some(who), _) => one_line(who, NAME),
        (None, _) => "Somebody".to_owned(),
    }
}

fn said(change: &Change, who: Option<&str>, me: &Me) -> String {
    let key = one_line(&short_key(&change.subject.id), NAME);
    let who = subject(&change.by, who);
    match &change.what {
        What::Unreadable { .. } => format!("{key} cannot be read"),
        What::AwaitingReply { .. } => format!("{who} awaits your reply on {key}"),
        What::Mentioned { .. } => format!("{who} mentions you on {key}"),
        what => format!("{who} {}", did(what, &key, me)),
    }
}

/// What was done to the issue `key`.
fn did(what: &What, key: &str, me: &Me) -> String {
    let name = |text: &str| one_line(text, NAME);
    match what {
        What::Created { top: true, .. } => format!("created {key} with top priority"),
        What::Created { .. } => format!("created {key}"),
        What::Moved { to: Some(to), .. } | What::Blocked { by: Obstacle::Status { to, .. } } => {
            format!("moved {key} to {}", name(to))
        }
        What::Moved { to: None, .. } => format!("took the status from {key}"),
        What::Assigned { to: Some(to), .. } if me.is(to) => format!("assigned {key} to you"),
        What::Assigned { to: Some(to), .. } => format!("assigned {key} to {}", name(to)),
        What::Assigned { to: None, .. } => format!("unassigned {key}"),
        What::Priority { top: true, .. } => format!("gave {key} top priority"),
        What::Priority { to: Some(to), .. } => format!("gave {key} priority {to}"),
        What::Priority { to: None, .. } => format!("took the priority from {key}"),
        What::Commented { .. } => format!("commented on {key}"),
        What::Dependency { added: true, target, .. } => {
            format!("linked {key} to {}", name(&short_key(target)))
        }
        What::Dependency { target, .. } => format!("unlinked {key} from {}", name(&short_key(target))),
        What::Blocked { by: Obstacle::Issue(target) } => {
            format!("made {key} wait for {}", name(&short_key(target)))
        }
        What::Deleted => format!("deleted {key}"),
        What::Edited { fields } => match fields.as_slice() {
            [one] => format!("changed the {} of {key}", name(one)),
            _ => format!("edited {key}"),
        },
        What::Conflict { .. } => format!("changed {key}, and so did your draft"),
        What::Leased { owner: Some(_) } => format!("took {key}"),
        What::Leased { owner: None } => format!("let {key} go"),
        What::Mentioned { .. } | What::Unreadable { .. } | What::AwaitingReply { .. } => key.to_owned(),
    }
}

fn detail(change: &Change) -> String {
    let title = one_line(&change.subject.title, TITLE);
    let more = match &change.what {
        What::Commented { comment: Comment { text, .. } }
        | What::Mentioned { comment: Some(Comment { text, .. }) }
        | What::AwaitingReply { question: text, .. } => text.as_deref().map(|text| one_line(text, TITLE)),
        What::Unreadable { path, message } => Some(one_line(&format!("{path}: {message}"), TITLE)),
        What::Conflict { fields } if !fields.is_empty() => Some(one_line(&fields.join(", "), TITLE)),
        _ => None,
    };
    match more {
        Some(more) if title.is_empty() => more,
        Some(more) => format!("{title} — {more}"),
        None => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::attribution::Rung;
    use crate::attention::tests::{at, by_agent, change, commented, moved};

    fn said(change: &Change) -> (String, String) {
        let line = Line::of(change, Class::Notice, &Me::called(["ann"]));
        (line.said, line.detail)
    }

    #[test]
    fn a_line_says_who_and_what() {
        let awaiting = |agent: Option<&str>| What::AwaitingReply {
            agent: agent.map(str::to_owned),
            question: Some("Which key?".to_owned()),
        };
        for (change, words, detail) in [
            (by_agent("k-1", "codex-3", moved("done")), "codex-3 moved k-1 to done", "Title of k-1"),
            (change("k-1", commented("Hi")), "Somebody commented on k-1", "Title of k-1 — Hi"),
            (
                change("k-1", awaiting(Some("codex"))),
                "codex awaits your reply on k-1",
                "Title of k-1 — Which key?",
            ),
            (
                by_agent("k-1", "codex-3", awaiting(Some("x"))),
                "codex-3 awaits your reply on k-1",
                "Title of k-1 — Which key?",
            ),
            (
                by_agent("k-1", "eve", What::Assigned { from: None, to: Some("ann".to_owned()) }),
                "eve assigned k-1 to you",
                "Title of k-1",
            ),
            (
                change(
                    "k-1",
                    What::Unreadable { path: "issues/k-1.json".to_owned(), message: "cut short".to_owned() },
                ),
                "k-1 cannot be read",
                "Title of k-1 — issues/k-1.json: cut short",
            ),
        ] {
            assert_eq!(said(&change), (words.to_owned(), detail.to_owned()));
        }
        let mut leased = by_agent("k-1", "codex-3", What::Deleted);
        (leased.by.rung, leased.by.sure) = (Rung::Lease, Sure::Inferred);
        assert_eq!(said(&leased).0, "Probably codex-3 deleted k-1");
    }

    #[test]
    fn a_strangers_words_stay_short_and_in_one_line() {
        let mut change = by_agent("k-1", "<b>agent</b>\n", moved(&"s".repeat(10_000)));
        change.subject.title = "<a href=\"x\">\u{202e}T</a>".repeat(1_000);
        let (said, detail) = said(&change);
        assert!(said.starts_with("<b>agent</b> moved k-1 to sss") && said.ends_with('…'), "{said}");
        assert!(
            detail.chars().count() <= TITLE && detail.ends_with('…') && !detail.contains('\u{202e}'),
            "{detail}"
        );
    }

    #[test]
    fn many_changes_are_one_line() {
        let summary =
            Summary { cause: Cause::Git, changes: 201, issues: 200, created: 3, deleted: 0, moved: 190 };
        let line = Line::summary(&summary, at(0));
        assert_eq!(
            (line.said.as_str(), line.detail.as_str()),
            ("Git changed 200 issues", "3 created, 190 moved")
        );
        assert_eq!((line.about, line.class), (About::Many, Class::Notice));
    }
}
