//! Many changes that are nobody's work on an issue, and what they come to.
//!
//! Not here: the words for it (`line`).

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::attention::change::{Change, Kind};

/// For how long nothing more has to come, once Git is done.
const LULL: Duration = Duration::from_secs(1);
/// What comes later than that after Git is done is somebody's work.
const TAIL: Duration = Duration::from_secs(5);
/// The most issues that are told apart.
const MOST_ISSUES: usize = 1 << 16;

/// What makes so many changes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// They were there.
    Start,
    /// Git.
    Git,
    /// Nobody knows; they are too many to be told one by one.
    Flood,
}

/// What many changes came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// What made them.
    pub cause: Cause,
    /// How many changes there were.
    pub changes: u64,
    /// Of how many issues.
    pub issues: usize,
    /// How many of them were new.
    pub created: u64,
    /// How many are gone.
    pub deleted: u64,
    /// How many have another status.
    pub moved: u64,
}

/// Changes that are being summed up.
#[derive(Debug)]
pub(super) struct Sweep {
    summary: Summary,
    issues: HashSet<u64>,
    /// Of those that came or went, whether they were there before, and whether they are now: Git takes a file away before
    /// it writes another in its place.
    lives: HashMap<u64, (bool, bool)>,
    /// When the last of them came.
    last: Duration,
    /// When its cause came to an end, if it has.
    ended: Option<Duration>,
    /// Whether only that belongs to it of which Git's doing is known.
    only_git: bool,
}

impl Sweep {
    pub(super) fn begin(cause: Cause, now: Duration) -> Self {
        let summary = Summary { cause, changes: 0, issues: 0, created: 0, deleted: 0, moved: 0 };
        Self {
            summary,
            issues: HashSet::new(),
            lives: HashMap::new(),
            last: now,
            ended: None,
            only_git: false,
        }
    }

    /// Of changes of which it is known that Git made them.
    pub(super) fn by_git(now: Duration) -> Self {
        Self { only_git: true, ..Self::begin(Cause::Git, now) }
    }

    /// Whether `change`, which files tell, belongs to it.
    pub(super) fn takes(&self, change: &Change) -> bool {
        change.by_git || !self.only_git
    }

    pub(super) fn cause(&self) -> Cause {
        self.summary.cause
    }

    /// Says that something more has begun meanwhile.
    pub(super) fn become_of(&mut self, cause: Cause, now: Duration) {
        if self.cause() != Cause::Start {
            self.summary.cause = cause;
            self.only_git = false;
            self.ended = None;
            self.last = now;
        }
    }

    pub(super) fn end(&mut self, now: Duration) {
        if self.cause() != Cause::Start && (self.ended.is_none() || self.only_git) {
            self.ended = Some(now);
            self.last = now;
        }
    }

    pub(super) fn count(&mut self, change: &Change, now: Duration) {
        self.last = now;
        let summary = &mut self.summary;
        summary.changes += 1;
        let mut hasher = DefaultHasher::new();
        (&change.subject.project, &change.subject.id).hash(&mut hasher);
        let issue = hasher.finish();
        if self.issues.len() < MOST_ISSUES {
            self.issues.insert(issue);
            summary.issues = self.issues.len();
        }
        let is_there = match change.what.kind() {
            Kind::Created => true,
            Kind::Deleted => false,
            Kind::Moved => return summary.moved += 1,
            _ => return,
        };
        if self.issues.contains(&issue) {
            self.lives.entry(issue).or_insert((!is_there, is_there)).1 = is_there;
        }
    }

    /// When it is over, if nothing more comes.
    pub(super) fn over_at(&self) -> Option<Duration> {
        let ended = self.ended?;
        Some((self.last + LULL).min(ended + TAIL))
    }

    /// What it came to. What was there at start is no news.
    pub(super) fn summary(self) -> Option<Summary> {
        let many =
            |was: bool, is: bool| self.lives.values().filter(|life| **life == (was, is)).count() as u64;
        let summary = Summary { created: many(false, true), deleted: many(true, false), ..self.summary };
        (self.cause() != Cause::Start && summary.changes > 0).then_some(summary)
    }
}
