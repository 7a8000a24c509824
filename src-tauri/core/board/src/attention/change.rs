//! A change of an issue, as a value: which issue, what, by whom, and how it became known.
//!
//! Not here: what it means to the person (`verdict`), and whether it was told before (`once`).
//!
//! Invariants:
//! - A change is one thing that happened: what one edit did to three fields is as many changes as Kanbus tells of.
//! - Two states and the event between them come to the same changes, as far as both tell.

mod between;
mod comment;
mod told;

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

pub use between::between;
pub use comment::{Comment, comment_agent};
pub use told::{issue_of, told};

use crate::attention::attribution::{Attribution, Me};
use crate::attention::content::Content;
use crate::attention::subject::Subject;
use crate::config::Config;
use crate::unit::Semantic;

/// The facet of comments.
const COMMENT: &str = "comment";
/// The facet of being there at all.
const LIFE: &str = "life";

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Change {
    /// When it became known, by this machine's clock.
    #[serde(with = "super::stamp")]
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Who did it.
    pub by: Attribution,
    /// Whether Git has made the file so, and nobody's work on the issue.
    #[serde(skip)]
    #[ts(skip)]
    pub by_git: bool,
    /// What the issue comes to after it, where a state told of it: [`Content::GONE`] where it is gone.
    #[serde(skip)]
    #[ts(skip)]
    pub content: Option<Content>,
    /// The event that tells it, or that an envelope names.
    pub event_id: Option<String>,
    /// The issue.
    pub subject: Subject,
    /// How it became known.
    pub told: Told,
    /// What happened.
    pub what: What,
}

/// How a change became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// By gossip: two states of which the second is heard.
    Heard,
    /// By the issue's file: two states of which the second is written.
    Written,
    /// By an event file.
    Event,
    /// By this process itself, as a conflict with a draft.
    Here,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are what Kanbus calls them")]
pub enum What {
    /// It is new.
    Created { top: bool, mentions_me: bool },
    /// It has another status.
    Moved { from: Option<String>, to: Option<String>, reached: Reached },
    /// It is somebody else's.
    Assigned { from: Option<String>, to: Option<String> },
    /// It has another priority.
    Priority {
        #[ts(type = "number | null")]
        from: Option<i64>,
        #[ts(type = "number | null")]
        to: Option<i64>,
        top: bool,
    },
    /// Somebody said something.
    Commented { comment: Comment },
    /// Somebody called this person by name, in a comment or in the description.
    Mentioned { comment: Option<Comment> },
    /// It is linked to another issue, or no longer.
    Dependency { added: bool, dependency_type: String, target: String },
    /// It is gone.
    Deleted,
    /// Other fields are other than they were; none named where only the text of the issue can be.
    Edited { fields: Vec<String> },
    /// It cannot go on.
    Blocked { by: Obstacle },
    /// A draft of this person's began with what is no longer there.
    Conflict { fields: Vec<String> },
    /// Its file cannot be read.
    Unreadable { path: String, message: String },
    /// An agent waits for a person's answer.
    AwaitingReply { agent: Option<String>, question: Option<String> },
    /// Somebody holds it for a time, or no longer.
    Leased { owner: Option<String> },
}

/// What a status means for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// Nothing in particular.
    Elsewhere,
    /// Somebody is to look at it.
    Review,
    /// It is finished.
    Done,
}

/// What an issue is blocked by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are what Kanbus calls them")]
pub enum Obstacle {
    /// It was moved to a status that says so.
    Status { from: Option<String>, to: String },
    /// It waits for another issue, which is open.
    Issue(String),
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $pattern:pat),+ $(,)?) => {
        /// The kinds of change, by which rules and mutes name them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $name),+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// How rules name it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }

        impl What {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $($pattern => Kind::$name),+
                }
            }
        }
    };
}

kinds! {
    /// It is new.
    Created = "created": Self::Created { .. },
    /// It has another status.
    Moved = "moved": Self::Moved { .. },
    /// It is somebody else's.
    Assigned = "assigned": Self::Assigned { .. },
    /// It has another priority.
    Priority = "priority": Self::Priority { .. },
    /// Somebody said something.
    Commented = "commented": Self::Commented { .. },
    /// Somebody called this person by name.
    Mentioned = "mentioned": Self::Mentioned { .. },
    /// It is linked to another issue, or no longer.
    Dependency = "dependency": Self::Dependency { .. },
    /// It is gone.
    Deleted = "deleted": Self::Deleted,
    /// Other fields are other than they were.
    Edited = "edited": Self::Edited { .. },
    /// It cannot go on.
    Blocked = "blocked": Self::Blocked { .. },
    /// A draft of this person's is out of date.
    Conflict = "conflict": Self::Conflict { .. },
    /// Its file cannot be read.
    Unreadable = "unreadable": Self::Unreadable { .. },
    /// An agent waits for an answer.
    AwaitingReply = "awaiting_reply": Self::AwaitingReply { .. },
    /// Somebody holds it for a time, or no longer.
    Leased = "leased": Self::Leased { .. },
}

impl Kind {
    /// The kind that rules name so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// What the meaning of a change depends on beside the issue.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The configuration of the project.
    pub config: &'a Config,
    /// This person.
    pub me: &'a Me,
    /// The whole issue after the change, where it is at hand: comments and mentions are read there.
    pub document: Option<&'a Map<String, Value>>,
    /// Whether the issue with that id is there and not done, so that others wait for it.
    pub is_open: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Scene<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene").field("me", self.me).finish_non_exhaustive()
    }
}

impl Scene<'_> {
    /// The change to the status `to`.
    fn moved(&self, from: Option<String>, to: Option<String>) -> What {
        let Some(status) = to.as_deref() else {
            return What::Moved { from, to, reached: Reached::Elsewhere };
        };
        let name = self.config.column(status).map_or(status, |column| column.name.as_str());
        let says = |word: &str| [status, name].iter().any(|text| text.to_lowercase().contains(word));
        if says("blocked") && !says("unblocked") {
            return What::Blocked { by: Obstacle::Status { from, to: status.to_owned() } };
        }
        let reached = match self.config.semantic(status) {
            Semantic::Done => Reached::Done,
            _ if says("review") => Reached::Review,
            _ => Reached::Elsewhere,
        };
        What::Moved { from, to, reached }
    }

    fn dependency(&self, added: bool, kind: &str, target: &str) -> What {
        if added && crate::card::blocks(kind) && (self.is_open)(target) {
            return What::Blocked { by: Obstacle::Issue(target.to_owned()) };
        }
        What::Dependency { added, dependency_type: kind.to_owned(), target: target.to_owned() }
    }

    fn commented(&self, comment: Comment) -> What {
        match comment.mentions_me {
            true => What::Mentioned { comment: Some(comment) },
            false => What::Commented { comment },
        }
    }

    /// Whether no priority is more urgent. A project with a single one has no top.
    fn is_top(&self, priority: Option<i64>) -> bool {
        let known = &self.config.priorities;
        let most = known.iter().map(|known| known.value).min();
        known.len() > 1 && priority.is_some() && priority == most
    }

    fn description_mentions_me(&self) -> bool {
        let description =
            self.document.and_then(|document| document.get("description")).and_then(Value::as_str);
        description.is_some_and(|text| self.me.is_mentioned_in(text))
    }
}

/// What two tellings of one change have in common. A value that one of them does not know is any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    /// What of the issue is other than it was.
    facet: Cow<'static, str>,
    /// What it is now.
    value: Option<String>,
}

impl Trace {
    pub(super) fn is_of(&self, other: &Self) -> bool {
        let known = self.value.is_some() && other.value.is_some();
        self.facet == other.facet && (!known || self.value == other.value)
    }

    /// Whether nothing else can ever have the same value.
    pub(super) fn is_unique(&self) -> bool {
        self.facet == COMMENT && self.value.is_some()
    }

    /// Whether it tells that what `other` tells is no longer so. Of an issue that has gone or come, nothing is known.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        match self.facet == other.facet {
            true => !self.is_of(other),
            false => self.facet == LIFE,
        }
    }
}

impl What {
    /// What tells it from other changes of its issue, whoever tells it.
    pub(super) fn trace(&self) -> Trace {
        // What nothing is set to is told apart from what is not known.
        let set = |value: &Option<String>| Some(value.clone().unwrap_or_default());
        let is = |value: &str| Some(value.to_owned());
        let link = |kind: &str, target: &str| Cow::Owned(format!("{kind} {target}"));
        let (facet, value) = match self {
            Self::Created { .. } => (LIFE.into(), is("created")),
            Self::Deleted => (LIFE.into(), is("deleted")),
            Self::Moved { to, .. } => ("status".into(), set(to)),
            Self::Blocked { by: Obstacle::Status { to, .. } } => ("status".into(), is(to)),
            Self::Assigned { to, .. } => ("assignee".into(), set(to)),
            Self::Priority { to, .. } => ("priority".into(), set(&to.map(|to| to.to_string()))),
            Self::Commented { comment } | Self::Mentioned { comment: Some(comment) } => {
                (COMMENT.into(), comment.id.clone())
            }
            Self::Mentioned { comment: None } | Self::Edited { .. } => ("fields".into(), None),
            Self::Dependency { added, dependency_type, target } => {
                (link(dependency_type, target), is(if *added { "added" } else { "removed" }))
            }
            Self::Blocked { by: Obstacle::Issue(target) } => (link("blocked-by", target), is("added")),
            Self::Conflict { .. } => ("draft".into(), None),
            Self::Unreadable { path, message } => ("file".into(), Some(format!("{path} {message}"))),
            Self::AwaitingReply { .. } => ("reply".into(), None),
            Self::Leased { owner } => ("lease".into(), set(owner)),
        };
        Trace { facet, value }
    }

    /// Whether it says more than `other`, which is the same change told otherwise.
    pub(super) fn says_more_than(&self, other: &Self) -> bool {
        let words = |what: &Self| match what {
            Self::Commented { comment } | Self::Mentioned { comment: Some(comment) } => {
                1 + usize::from(comment.text.is_some()) + usize::from(comment.mentions_me)
            }
            Self::Edited { fields } => fields.len().min(1),
            Self::Mentioned { comment: None } => 2,
            Self::AwaitingReply { question, .. } => usize::from(question.is_some()),
            _ => 0,
        };
        words(self) > words(other)
    }
}
