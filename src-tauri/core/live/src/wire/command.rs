//! What a person can have done, and what comes of it.
//!
//! Not here: what the rules say of it (`hearsay_board::rules`), and doing it (`commands`).
//!
//! Invariant: everything that a person can do is one of these, through every door.

use hearsay_board::Source;
use hearsay_board::attention::About;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use ts_rs::TS;

use super::{Mark, WireError};

/// Something that a person can have done. `id` is the key of a card without `card:`.
#[derive(Debug, Clone, PartialEq, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Agrees to what the repository asks for.
    Trust {
        /// The set of asks that was shown.
        digest: String,
    },
    /// Takes that back.
    Distrust,
    /// Changes settings by a merge patch (RFC 7396); `null` brings back what is usual.
    ChangeSettings {
        /// What to change.
        #[ts(type = "Record<string, unknown>")]
        set: Map<String, Value>,
    },
    /// Puts a file of settings that cannot be read away, and begins anew.
    RestoreSettings,
    /// Marks an item of the inbox.
    Inbox {
        /// Which; all where it is left out.
        #[serde(default)]
        #[ts(optional)]
        about: Option<About>,
        /// As what.
        to: Mark,
    },
    /// Watches an issue, or no longer.
    Watch {
        /// Which issue.
        about: About,
        /// Whether.
        on: bool,
    },
    /// Wants no banner of an issue, or again.
    Mute {
        /// Which issue.
        about: About,
        /// Whether none.
        on: bool,
    },
    /// Tells that a draft of the person's began with what is no longer there.
    DraftConflict {
        /// Which issue.
        id: String,
        /// The fields that both have changed.
        fields: Vec<String>,
    },
    /// Makes an issue.
    Create {
        /// Its fields: `title`, and what else is not to be as the configuration has it.
        #[ts(type = "Record<string, unknown>")]
        issue: Map<String, Value>,
        /// The project, by label; the first where nothing is said.
        #[serde(default)]
        #[ts(optional)]
        project: Option<String>,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Sets fields, and adds and removes labels.
    SetFields {
        /// Which issue.
        id: String,
        /// The fields to set, each to what it is to be.
        #[serde(default)]
        #[ts(type = "Record<string, unknown>")]
        set: Map<String, Value>,
        /// What these fields were when the edit began.
        #[serde(default)]
        #[ts(optional, type = "Record<string, unknown>")]
        was: Map<String, Value>,
        /// The Git blob id of the file that the edit began with.
        #[serde(default)]
        #[ts(optional)]
        base: Option<String>,
        /// Labels to add and to remove.
        #[serde(default)]
        #[ts(optional, as = "Option<LabelChange>")]
        labels: LabelChange,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Takes an issue: it is assigned, and goes to the first status under way.
    Claim {
        /// Which issue.
        id: String,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Says something about an issue.
    Comment {
        /// Which issue.
        id: String,
        /// What, as Markdown.
        text: String,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Changes what a comment says.
    EditComment {
        /// Which issue.
        id: String,
        /// Which comment, by its id.
        comment: String,
        /// What it is to say.
        text: String,
        /// What it said when the edit began.
        #[serde(default)]
        #[ts(optional)]
        was: Option<String>,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Deletes a comment.
    DeleteComment {
        /// Which issue.
        id: String,
        /// Which comment, by its id.
        comment: String,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Links an issue to another.
    AddDependency {
        /// Which issue.
        id: String,
        /// The other issue.
        target: String,
        /// `blocked-by` or `relates-to`.
        kind: String,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Takes such a link away.
    RemoveDependency {
        /// Which issue.
        id: String,
        /// The other issue.
        target: String,
        /// `blocked-by` or `relates-to`.
        kind: String,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Deletes an issue.
    Delete {
        /// Which issue.
        id: String,
        /// Whether everything below it goes too.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        descendants: bool,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Moves an issue between what is shared and what is local.
    Move {
        /// Which issue.
        id: String,
        /// Where it goes.
        to: Source,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
    /// Does several things, each by itself: what is refused keeps nothing else from being done.
    Bulk {
        /// What.
        commands: Vec<Command>,
    },
    /// Takes back what was done.
    Undo {
        /// What was answered then.
        token: String,
        /// Whether to write although Git is in the middle of something.
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        anyway: bool,
    },
}

/// Labels to add and to remove.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct LabelChange {
    /// To add.
    pub add: Vec<String>,
    /// To remove.
    pub remove: Vec<String>,
}

/// What came of a command.
#[derive(Debug, Default, Serialize, TS)]
pub struct Done {
    /// The Git blob id of the file as it is now, where one issue was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub base: Option<String>,
    /// What there is to say of it, though it was done: by policies, by hooks, by the rules.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub guidance: Vec<String>,
    /// The key of the issue's card without `card:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub id: Option<String>,
    /// The issue as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "unknown")]
    pub issue: Option<Box<RawValue>>,
    /// The fields that others changed since the edit began, and that are as they have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub merged: Option<Vec<String>>,
    /// What came of each of several, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub results: Option<Vec<Outcome>>,
    /// What to say to have it taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub undo: Option<String>,
}

/// What came of one of several.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done(Done),
    /// It was not.
    Error(WireError),
}
