//! What keeps a banner back: mutes, snoozes, a pause, quiet hours, do-not-disturb, and that the person is looking.
//!
//! Not here: rules that mute (`rule`), and what is muted or snoozed in the inbox alone (`inbox`).
//!
//! Invariant: what is hushed is counted all the same.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::change::{Change, Kind};
use super::class::Class;
use super::quiet::{QuietHours, WeekMinute};

/// Of what no banner is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Muted {
    /// Of what this agent does.
    Agent(String),
    /// Of this issue.
    Issue {
        /// The label of its project.
        project: String,
        /// Its id.
        id: String,
    },
    /// Of this epic and what is below it.
    Epic(String),
    /// Of this repository.
    Repository(String),
    /// Of this kind of change.
    Kind(Kind),
}

/// That no banner is wanted of something, for ever or until a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    /// Of what.
    pub of: Muted,
    /// Until when: then it is a snooze.
    #[serde(default, with = "super::stamp::maybe", skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "string")]
    pub until: Option<Timestamp>,
}

/// What the person has said of when not to be disturbed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hush {
    /// Of what.
    pub mutes: Vec<Mute>,
    /// Until when nothing at all is raised.
    #[serde(with = "super::stamp::maybe")]
    pub paused_until: Option<Timestamp>,
    /// When in the week.
    pub quiet: QuietHours,
}

/// Why a banner is kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Hushed {
    /// By a rule.
    Rule,
    /// Agent, issue, epic, repository or kind is muted.
    Muted,
    /// The same until a time.
    Snoozed,
    /// Notifications are paused.
    Paused,
    /// The system says not to disturb.
    DoNotDisturb,
    /// It is late, or early.
    QuietHours,
    /// The window is focused, and the issue visible.
    Seen,
}

/// How things are at the moment.
#[derive(Debug, Clone, Copy)]
pub struct Hour {
    /// The time.
    pub now: Timestamp,
    /// The same by the person's own clock.
    pub local: WeekMinute,
    /// Whether the system says not to disturb.
    pub do_not_disturb: bool,
}

impl Muted {
    fn is_of(&self, change: &Change, repository: &str) -> bool {
        let subject = &change.subject;
        match self {
            Self::Agent(agent) => change.by.agent() == Some(agent),
            Self::Issue { project, id } => subject.project == *project && subject.id == *id,
            Self::Epic(epic) => subject.epic.as_deref() == Some(epic),
            Self::Repository(muted) => repository == muted,
            Self::Kind(kind) => change.what.kind() == *kind,
        }
    }
}

impl Hush {
    /// Why no banner of `change` is wanted at that hour, if so.
    pub fn reason(&self, change: &Change, class: Class, repository: &str, hour: Hour) -> Option<Hushed> {
        let until = |until: Option<Timestamp>| until.is_none_or(|until| hour.now < until);
        let mut mutes =
            self.mutes.iter().filter(|mute| until(mute.until) && mute.of.is_of(change, repository));
        if let Some(mute) = mutes.next() {
            return Some(if mute.until.is_some() { Hushed::Snoozed } else { Hushed::Muted });
        }
        self.silence(class, hour)
    }

    /// Why no banner of that class is wanted at that hour whatever it is about, if so.
    pub fn silence(&self, class: Class, hour: Hour) -> Option<Hushed> {
        if self.paused_until.is_some_and(|until| hour.now < until) {
            return Some(Hushed::Paused);
        }
        if hour.do_not_disturb {
            return Some(Hushed::DoNotDisturb);
        }
        let passes = class == Class::Interrupt && self.quiet.interrupts_pass;
        (!passes && self.quiet.contain(hour.local)).then_some(Hushed::QuietHours)
    }

    /// Lets go of what has ended at `now`. Answers whether there was any, so that it is to be kept anew.
    pub fn tidy(&mut self, now: Timestamp) -> bool {
        let before = (self.mutes.len(), self.paused_until);
        self.mutes.retain(|mute| mute.until.is_none_or(|until| now < until));
        self.paused_until = self.paused_until.filter(|until| now < *until);
        before != (self.mutes.len(), self.paused_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::quiet::{Day, Span};
    use crate::attention::tests::{at, by_agent, change, moved};

    fn hour(second: i64) -> Hour {
        Hour { now: at(second), local: WeekMinute::new(Day::Wed, 12 * 60), do_not_disturb: false }
    }

    fn muted(of: Muted, until: Option<i64>) -> Hush {
        Hush { mutes: vec![Mute { of, until: until.map(at) }], ..Hush::default() }
    }

    #[test]
    fn a_mute_is_by_agent_issue_epic_repository_or_kind() {
        let mut change = by_agent("k-1", "codex-3", moved("done"));
        change.subject.epic = Some("k-e".to_owned());
        let text = str::to_owned;
        for (of, other) in [
            (Muted::Agent(text("codex-3")), Muted::Agent(text("codex-4"))),
            (
                Muted::Issue { project: text("kbs"), id: text("k-1") },
                Muted::Issue { project: text("other"), id: text("k-1") },
            ),
            (Muted::Epic(text("k-e")), Muted::Epic(text("k-f"))),
            (Muted::Repository(text("/r")), Muted::Repository(text("/s"))),
            (Muted::Kind(Kind::Moved), Muted::Kind(Kind::Created)),
        ] {
            let reason = |of| muted(of, None).reason(&change, Class::Interrupt, "/r", hour(0));
            assert_eq!((reason(of.clone()), reason(other)), (Some(Hushed::Muted), None), "{of:?}");
        }
    }

    #[test]
    fn a_snooze_and_a_pause_end_by_themselves() {
        let change = change("k-1", moved("done"));
        let mut hush = muted(Muted::Kind(Kind::Moved), Some(60));
        hush.paused_until = Some(at(90));
        let reason = |hush: &Hush, second| hush.reason(&change, Class::Notice, "/r", hour(second));
        assert_eq!(reason(&hush, 59), Some(Hushed::Snoozed));
        assert_eq!(reason(&hush, 60), Some(Hushed::Paused));
        assert_eq!(reason(&hush, 90), None);
        assert!(!hush.tidy(at(59)) && hush.tidy(at(60)) && hush.tidy(at(90)) && !hush.tidy(at(91)));
        assert_eq!(hush, Hush::default());
    }

    #[test]
    fn an_interrupt_passes_quiet_hours_unless_told_otherwise() {
        let change = change("k-1", moved("done"));
        let days = vec![Day::Wed];
        let mut hush = Hush::default();
        hush.quiet.spans = vec![Span { days, from: "11:00".parse().unwrap(), to: "13:00".parse().unwrap() }];
        let reason = |hush: &Hush, class, dnd| {
            hush.reason(&change, class, "/r", Hour { do_not_disturb: dnd, ..hour(0) })
        };
        assert_eq!(reason(&hush, Class::Notice, false), Some(Hushed::QuietHours));
        assert_eq!(reason(&hush, Class::Interrupt, false), None);
        assert_eq!(reason(&hush, Class::Interrupt, true), Some(Hushed::DoNotDisturb));
        hush.quiet.interrupts_pass = false;
        assert_eq!(reason(&hush, Class::Interrupt, false), Some(Hushed::QuietHours));
    }

    #[test]
    fn what_was_said_reads_back() {
        let mut hush = muted(Muted::Agent("codex-3".to_owned()), Some(60));
        hush.mutes.push(Mute { of: Muted::Kind(Kind::AwaitingReply), until: None });
        let text = serde_json::to_string(&hush).unwrap();
        assert_eq!(serde_json::from_str::<Hush>(&text).unwrap(), hush, "{text}");
        assert_eq!(serde_json::from_str::<Hush>("{}").unwrap(), Hush::default());
        assert!(serde_json::from_str::<Hush>(r#"{"mute":[]}"#).is_err());
    }
}
