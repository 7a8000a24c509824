//! The way of a change from where it is known to where it is counted and raised: the attention of one repository.
//!
//! Not here: how a change is derived (`change`), timers, and where the inbox is kept. Whoever drives it tells what comes,
//! asks what is due whenever [`Desk::deadline`] passes, and shows what comes out.
//!
//! Invariant: what comes out as told was counted, where its class is; what is raised was told before.

use std::time::Duration;

use super::attribution::Me;
use super::change::Change;
use super::grouping::{Grouping, Raise};
use super::hush::{Hour, Hush};
use super::inbox::Inbox;
use super::ledger::Ledger;
use super::line::Line;
use super::once::{Due, Once};
use super::rule::Rules;
use super::subject::Subject;
use super::verdict::{Context, Verdict};

/// The time, by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// By the calendar.
    pub hour: Hour,
    /// Since any fixed moment, by a clock that never goes back.
    pub since: Duration,
}

/// What the person has said, and what they look at.
#[derive(Clone, Copy)]
pub struct Wishes<'a> {
    /// When not to be disturbed.
    pub hush: &'a Hush,
    /// Whether the window is focused and that issue visible in it.
    pub is_looked_at: &'a dyn Fn(&Subject) -> bool,
    /// What they have written themselves.
    pub ledger: &'a Ledger,
    /// Who they are.
    pub me: &'a Me,
    /// The repository, as mutes name it.
    pub repository: &'a str,
    /// Their rules.
    pub rules: &'a Rules,
}

impl std::fmt::Debug for Wishes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wishes")
            .field("me", self.me)
            .field("repository", &self.repository)
            .finish_non_exhaustive()
    }
}

/// What comes of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Changes from another that are told for the first time, each with what it means. They stand in the inbox by now.
    pub told: Vec<(Change, Verdict)>,
    /// What many changes came to, which stands in the inbox by now.
    pub summed_up: Option<Line>,
    /// What to raise.
    pub raises: Vec<Raise>,
}

impl Outcome {
    /// Whether the inbox has changed, so that it is to be kept anew and its counts shown.
    pub fn changes_the_inbox(&self) -> bool {
        self.summed_up.is_some() || self.told.iter().any(|(_, verdict)| verdict.class.is_counted())
    }
}

/// The attention of one repository.
#[derive(Debug)]
pub struct Desk {
    once: Once,
    inbox: Inbox,
    grouping: Grouping,
}

impl Desk {
    /// Begins with what was kept of the inbox. All that comes is what was there, until [`Once::started`] is said of
    /// [`Desk::once`].
    pub fn starting(inbox: Inbox) -> Self {
        Self { once: Once::starting(), inbox, grouping: Grouping::default() }
    }

    /// What was told: to be told when the start is over, and what Git does.
    pub fn once(&mut self) -> &mut Once {
        &mut self.once
    }

    /// The inbox.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// The inbox, for what the person makes of it.
    pub fn inbox_mut(&mut self) -> &mut Inbox {
        &mut self.inbox
    }

    /// Takes in a change, and says what comes of it and of what is due.
    pub fn tell(&mut self, change: Change, wishes: &Wishes<'_>, now: Now) -> Outcome {
        // First what was due before, so that nothing is counted to what is over.
        let mut outcome = self.due(wishes, now);
        if wishes.ledger.is_own(&change) {
            self.once.own(&change, now.since);
        } else if let Some(change) = self.once.tell(change, now.since) {
            self.weigh(change, wishes, now, &mut outcome);
        }
        outcome
    }

    /// Says what is due.
    pub fn due(&mut self, wishes: &Wishes<'_>, now: Now) -> Outcome {
        let mut outcome = Outcome::default();
        let Due { changes, summary } = self.once.due(now.since);
        // Own writes that the ledger has come to know of only while the change was held.
        for change in changes.into_iter().filter(|change| !wishes.ledger.is_own(change)) {
            self.weigh(change, wishes, now, &mut outcome);
        }
        if let Some(summary) = summary {
            let line = Line::summary(&summary, now.hour.now);
            self.inbox.count(line.clone());
            if wishes.hush.silence(line.class, now.hour).is_none() {
                self.grouping.push(line.clone(), now.since);
            }
            outcome.summed_up = Some(line);
        }
        outcome.raises = self.grouping.due(now.since);
        outcome
    }

    fn weigh(&mut self, change: Change, wishes: &Wishes<'_>, now: Now, outcome: &mut Outcome) {
        let context = Context {
            hour: now.hour,
            hush: wishes.hush,
            is_looked_at: (wishes.is_looked_at)(&change.subject),
            me: wishes.me,
            repository: wishes.repository,
            rules: wishes.rules,
            standing: self.inbox.standing(&change.subject),
        };
        let verdict = Verdict::of(&change, &context);
        let line = Line::of(&change, verdict.class, wishes.me);
        if verdict.raises() {
            self.grouping.push(line.clone(), now.since);
        }
        self.inbox.count(line);
        outcome.told.push((change, verdict));
    }

    /// When [`Desk::due`] has something next. What is snoozed has a deadline of its own, by the calendar.
    pub fn deadline(&self) -> Option<Duration> {
        self.once.deadline().into_iter().chain(self.grouping.deadline()).min()
    }
}
