//! The shape of the sample's story: who did what to which issue, how long ago.
//!
//! Not here: the story, and how it is written to disk.
//!
//! Invariant: ages are minutes before now.

/// Who did it; an agent also says what it runs on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Actor {
    pub(super) name: &'static str,
    pub(super) agent: Option<(&'static str, &'static str)>,
}

/// What can happen to an issue after it was created.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Move(&'static str),
    Assign(&'static str),
    Priority(u8),
    Say(&'static str),
    Depend(&'static str, &'static str),
}
/// An act, when and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed {
    pub(super) age: u64,
    pub(super) by: Actor,
    pub(super) act: Act,
}

pub(super) const fn deed(age: u64, by: Actor, act: Act) -> Deed {
    Deed { age, by, act }
}

/// One issue and what became of it.
#[derive(Debug)]
pub(super) struct Tale {
    pub(super) slug: &'static str,
    pub(super) kind: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) status: &'static str,
    pub(super) priority: u8,
    pub(super) parent: Option<&'static str>,
    pub(super) labels: &'static [&'static str],
    pub(super) by: Actor,
    pub(super) age: u64,
    pub(super) deeds: &'static [Deed],
}

const NOBODY: Actor = Actor { name: "nobody", agent: None };

/// What most issues have in common.
pub(super) const BLANK: Tale = Tale {
    slug: "",
    kind: "task",
    title: "",
    description: "",
    status: "open",
    priority: 2,
    parent: None,
    labels: &[],
    by: NOBODY,
    age: 0,
    deeds: &[],
};
