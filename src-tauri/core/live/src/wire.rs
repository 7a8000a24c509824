//! What crosses every door: messages of the feed, answers, errors.
//!
//! Not here: the units themselves (`hearsay_board::unit`), and how a door carries a message.
//!
//! Invariants:
//! - Every name is snake_case, every time RFC 3339 in UTC.
//! - `ui/src/wire/generated.ts` is made from these types and committed; `the_generated_types_are_up_to_date` holds it.

mod attention;
mod command;

use std::collections::BTreeMap;

use hearsay_board::attention::Change;
use hearsay_board::event::EventEntry;
use hearsay_board::rules::Sides;
use hearsay_board::{Patch, Tag, Units};
use hearsay_repo::RepoError;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use ts_rs::TS;

pub use attention::{InboxList, InboxUnit, Mark, Notice, SettingsUnit, Trial};
pub use command::{Command, Done, LabelChange, Outcome};

pub use crate::live_units::{
    Ask, AskKind, Lag, Link, LinkState, LiveUnit, LiveUnits, Trust, Watch, WatchMode, Way, WayKind,
};

/// The version of the wire.
pub const PROTOCOL: u32 = 1;

/// A message of the feed.
#[derive(Debug, Serialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message<'a> {
    /// The first message.
    Hello {
        /// The version of the wire.
        protocol: u32,
        /// The time of the sender, against which ages can be counted.
        server_time: String,
        /// What is open.
        repository: &'a RepositoryInfo,
    },
    /// The whole board.
    BoardFull {
        /// Its tag.
        #[ts(type = "Tag")]
        to: Tag,
        /// Every unit.
        #[serde(serialize_with = "as_json")]
        #[ts(type = "Record<string, Unit>")]
        board: &'a Units,
        /// Every live unit.
        #[ts(type = "Record<string, LiveUnit>")]
        live: &'a LiveUnits,
    },
    /// What leads from one board to the next.
    BoardDelta {
        /// The tag it applies to.
        #[ts(type = "Tag")]
        from: Tag,
        /// The tag it leads to.
        #[ts(type = "Tag")]
        to: Tag,
        /// Units that are new or other than before.
        #[ts(type = "Record<string, Unit>")]
        set: &'a BTreeMap<Box<str>, Box<RawValue>>,
        /// Keys that are gone.
        #[ts(type = "Array<string>")]
        del: &'a [Box<str>],
    },
    /// What changed of what only this process knows.
    Live {
        /// Live units that are new or other than before.
        #[ts(type = "Record<string, LiveUnit>")]
        set: &'a LiveUnits,
        /// Keys that are gone.
        del: Vec<String>,
    },
    /// Somebody else has changed an issue.
    Change {
        /// What, and who.
        change: &'a Change,
    },
    /// That is worth the person's attention.
    Notice(&'a Notice),
    /// Nothing happened, and the sender is well.
    Heartbeat {
        /// The time of the sender.
        server_time: String,
    },
}

impl<'a> Message<'a> {
    /// The message that carries `patch`.
    pub fn delta(patch: &'a Patch) -> Self {
        Self::BoardDelta { from: patch.from, to: patch.to, set: &patch.set, del: &patch.del }
    }
}

fn as_json<S: Serializer>(units: &&Units, serializer: S) -> Result<S::Ok, S::Error> {
    units.as_json().serialize(serializer)
}

/// What `hear board` prints and `GET /api/board` answers.
#[derive(Debug, Serialize)]
pub struct Board<'a> {
    /// The board's tag.
    pub to: Tag,
    /// Every unit.
    #[serde(serialize_with = "as_json")]
    pub board: &'a Units,
}

/// A repository, as a person knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct RepositoryInfo {
    /// The name of its directory.
    pub name: String,
    /// The path of its working tree.
    pub path: String,
}

/// An issue as a whole, for the person who opens it.
#[derive(Debug, Serialize, TS)]
pub struct IssueDetail {
    /// The Git blob id of the file's bytes; null where the file cannot be read and HEAD stands in.
    pub base: Option<String>,
    /// The newest events, newest first.
    pub events: Vec<EventEntry>,
    /// What to ask for to get older ones; null at the end.
    pub events_next: Option<String>,
    /// What is heard of it beyond the file.
    pub heard: Option<HeardDetail>,
    /// What may become of it next.
    pub legal: hearsay_board::rules::Legal,
    /// Its texts, rendered.
    pub html: IssueHtml,
    /// The whole issue as the file has it.
    #[ts(type = "unknown")]
    pub issue: Box<RawValue>,
    /// The file's path, relative to the working tree.
    pub path: String,
}

/// What is heard of an issue beyond its file.
#[derive(Debug, Serialize, TS)]
pub struct HeardDetail {
    /// When.
    pub at: String,
    /// Whether it is heard deleted.
    pub deleted: bool,
    /// The fields that differ, each as the file has it and as it is heard.
    pub fields: Vec<HeardField>,
    /// Who, as far as what is heard tells.
    pub from: Option<String>,
    /// The texts as they are heard, rendered.
    pub html: IssueHtml,
}

/// A field as the file has it and as it is heard.
#[derive(Debug, Serialize, TS)]
pub struct HeardField {
    /// As the file has it; null where there is no file.
    #[ts(type = "unknown")]
    pub base: serde_json::Value,
    /// Which.
    pub field: String,
    /// As it is heard.
    #[ts(type = "unknown")]
    pub heard: serde_json::Value,
}

/// The texts of an issue as sanitised HTML.
#[derive(Debug, Serialize, TS)]
pub struct IssueHtml {
    /// Its comments, oldest first.
    pub comments: Vec<CommentHtml>,
    /// Its description.
    pub description: String,
}

/// A comment with its text as sanitised HTML.
#[derive(Debug, Serialize, TS)]
pub struct CommentHtml {
    /// The agent that wrote it.
    pub agent: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When, as the file says.
    pub created_at: Option<String>,
    /// What, rendered.
    pub html: String,
    /// Its id; older comments have none.
    pub id: Option<String>,
}

/// Some events of an issue, newest first.
#[derive(Debug, Serialize, TS)]
pub struct EventPage {
    /// The events.
    pub events: Vec<EventEntry>,
    /// What to ask for to get older ones; null at the end.
    pub events_next: Option<String>,
}

/// What went wrong, as every door says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct WireError {
    /// What kind of failure. Nobody matches on the message.
    pub code: ErrorCode,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hint: Option<String>,
    /// The Git blob id of the file as it is now, where the code is `conflict`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub base: Option<String>,
    /// The fields that an edit and somebody else have both changed, where the code is `conflict`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fields: Option<Box<BTreeMap<String, Sides>>>,
}

/// The closed set of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation; DESIGN lists them")]
pub enum ErrorCode {
    NotFound,
    Invalid,
    Rule,
    Policy,
    Conflict,
    GitBusy,
    Locked,
    Untrusted,
    Unreadable,
    Io,
    Unauthorized,
    TooLarge,
    Unavailable,
    Internal,
}

impl ErrorCode {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Invalid => "invalid",
            Self::Rule => "rule",
            Self::Policy => "policy",
            Self::Conflict => "conflict",
            Self::GitBusy => "git_busy",
            Self::Locked => "locked",
            Self::Untrusted => "untrusted",
            Self::Unreadable => "unreadable",
            Self::Io => "io",
            Self::Unauthorized => "unauthorized",
            Self::TooLarge => "too_large",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

impl WireError {
    /// A failure without a hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, base: None, fields: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// A fault of ours: what `error` says, where it should never come up.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        Self::new(ErrorCode::Internal, format!("Hearsay failed: {error}"))
    }

    /// The repository has been closed.
    pub fn closed() -> Self {
        Self::new(ErrorCode::Unavailable, "the repository has been closed")
    }
}

impl From<RepoError> for WireError {
    fn from(error: RepoError) -> Self {
        let message = error.to_string();
        match error {
            RepoError::NoSuchPath { source, .. } => {
                Self::new(ErrorCode::NotFound, format!("{message}: {source}"))
            }
            RepoError::NoConfig { .. } => Self::new(ErrorCode::NotFound, message)
                .with_hint("open a directory with a .kanbus.yml, or make one with `kbs init`"),
            RepoError::Io { source, .. } => Self::new(ErrorCode::Io, format!("{message}: {source}")),
            RepoError::NoSuchIssue { .. } => Self::new(ErrorCode::NotFound, message),
            RepoError::NoHooks { .. } => Self::new(ErrorCode::Invalid, message)
                .with_hint("run `hear overlay gc` from a hook of your own"),
        }
    }
}

#[cfg(test)]
mod tests;
