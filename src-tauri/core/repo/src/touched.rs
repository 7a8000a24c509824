//! What is to be looked at again, and what came of a look.
//!
//! Not here: looking (`tree`), and what makes it necessary (`watch`).

use std::collections::BTreeSet;

/// What is to be looked at again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Issue files: the index of their directory, and their name.
    pub(crate) issues: BTreeSet<(usize, Box<str>)>,
    /// Event files, likewise.
    pub(crate) events: BTreeSet<(usize, Box<str>)>,
    /// Issues of which something is heard otherwise than before, likewise by id.
    pub(crate) entries: BTreeSet<(usize, Box<str>)>,
    /// Where something is heard otherwise of leases.
    pub(crate) leases: BTreeSet<usize>,
    /// A configuration.
    pub(crate) config: bool,
    /// A directory that holds projects.
    pub(crate) structure: bool,
    /// HEAD, a branch, an operation of Git's.
    pub(crate) git: bool,
    /// Whether Git holds its index, or has just held it: what it has of the files is what it made them.
    pub(crate) index_held: bool,
    /// Everything, by comparing with what the directories say; why.
    pub(crate) compare: Option<&'static str>,
}

/// What came of a look.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What is to be looked at once more, in a moment: it may be half written.
    pub again: Touched,
    /// Whether other directories matter now than before.
    pub(crate) rearm: bool,
}

impl Touched {
    /// Everything, because of `cause`.
    pub fn everything(cause: &'static str) -> Self {
        Self { git: true, compare: Some(cause), ..Self::default() }
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many of the files named here are named neither in `one` nor in `other`.
    pub(crate) fn unnamed_in(&self, one: &Self, other: &Self) -> usize {
        let issues =
            self.issues.iter().filter(|name| !one.issues.contains(*name) && !other.issues.contains(*name));
        let events =
            self.events.iter().filter(|name| !one.events.contains(*name) && !other.events.contains(*name));
        let entries =
            self.entries.iter().filter(|name| !one.entries.contains(*name) && !other.entries.contains(*name));
        issues.count() + events.count() + entries.count()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.issues.extend(other.issues);
        self.events.extend(other.events);
        self.entries.extend(other.entries);
        self.leases.extend(other.leases);
        self.config |= other.config;
        self.structure |= other.structure;
        self.git |= other.git;
        self.index_held |= other.index_held;
        self.compare = self.compare.or(other.compare);
    }
}
