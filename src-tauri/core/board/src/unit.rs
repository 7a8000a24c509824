//! The units of the board: what crosses every door, one keyed JSON object each.
//!
//! Not here: how a unit is computed (`card`, `meta`) and how units become tags and patches (`units`).
//!
//! Invariants:
//! - Field order is alphabetical in every struct, so that what serde writes *is* the canonical JSON that is
//!   hashed and shipped (`units_serialise_in_canonical_order` holds it).
//! - A unit follows from files and `now` alone. What only a running process knows is live, in `hearsay-live`.
//! - All times are absolute, RFC 3339 in UTC. Ages are counted where they are shown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::rules::Move;

/// Where an issue file lives: in the project that Git shares, or in `project-local` beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `<project_directory>/issues`.
    Shared,
    /// `project-local/issues`, which Git ignores.
    Local,
}

/// How far the newest change of a card has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// An envelope said so; the working tree does not yet.
    Heard,
    /// In the working tree, and different from HEAD.
    Written,
    /// Byte for byte what HEAD holds.
    Committed,
    /// The file cannot be read; the card shows what HEAD holds.
    Unreadable,
}

/// What the board shows of an issue: summary fields only, never a description or a comment body. It borrows: it is
/// written as JSON and forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Card<'a> {
    /// Who holds the issue, as the file says.
    pub assignee: Option<&'a str>,
    /// Ids of `blocked-by` targets that are still open.
    pub blocked_by: Vec<&'a str>,
    /// Who changed it last, if one of the newest event files says so.
    pub by: Option<&'a By>,
    /// Direct children, and how many of them are done.
    pub children: Children,
    /// When it was closed, as the file says.
    pub closed_at: Option<Cow<'a, str>>,
    /// How many comments it has.
    #[ts(type = "number")]
    pub comments: usize,
    /// Changes whenever anything in the file does, so that whoever shows the whole issue knows to ask again: the
    /// first digits of the Git blob id.
    pub content: &'a str,
    /// When it was created, as the file says.
    pub created_at: Option<Cow<'a, str>>,
    /// What gossip says beyond the file.
    pub heard: Option<&'a Heard>,
    /// The full id: the stem of the file's name.
    pub id: &'a str,
    /// Kanbus's short form of the id.
    pub key: String,
    /// Always `card`.
    pub kind: CardKind,
    /// Labels in the file's order.
    pub labels: &'a [String],
    /// Who is at work on it, as leases tell; one that ran out stays a while.
    pub lease: Option<&'a Lease>,
    /// What is odd about the issue, in words, each with a machine-readable code.
    pub notes: Vec<Note>,
    /// The parent's id, whether or not there is such an issue.
    pub parent: Option<&'a str>,
    /// The priority, as configured in `meta`.
    #[ts(type = "number | null")]
    pub priority: Option<i64>,
    /// The label of the project it belongs to.
    pub project: &'a str,
    /// Sorts the card bytewise within its column.
    pub rank: String,
    /// Shared or local.
    pub source: Source,
    /// How far its newest change has come.
    pub stage: Stage,
    /// The status key, configured or not.
    pub status: Option<&'a str>,
    /// The title; empty where the file has none.
    pub title: &'a str,
    /// The issue type, configured or not.
    #[serde(rename = "type")]
    pub issue_type: Option<&'a str>,
    /// When it changed last, as the file says.
    pub updated_at: Option<Cow<'a, str>>,
}

/// Who is behind the newest event of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct By {
    /// The agent's name or platform, where the event names one.
    pub agent: Option<String>,
    /// The event's `actor_id`.
    pub name: String,
    /// Changes whenever one of the newest events of the issue comes or goes, so that whoever shows its history knows
    /// to ask again: Kanbus writes an event after the issue that it is about.
    pub trail: String,
}

/// A count of direct children.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
pub struct Children {
    /// Children whose status counts as done.
    pub done: u32,
    /// All children.
    pub total: u32,
}

/// What is heard of an issue and not yet in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Heard {
    /// When it was heard.
    pub at: String,
    /// Whether it was heard deleted.
    pub deleted: bool,
    /// Which fields differ from the file.
    pub fields: Vec<String>,
    /// Who, as far as what is heard tells.
    pub from: Option<String>,
}

/// Who holds an issue for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Lease {
    /// Until when.
    pub expires_at: String,
    /// Who.
    pub owner: String,
}

/// Something odd about an issue that does not keep it from being shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Note {
    /// What kind of oddity.
    pub code: NoteCode,
    /// One sentence for the person.
    pub message: String,
}

/// The kinds of oddity a card can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// A status that the configuration has no column for.
    UnknownStatus,
    /// A type that the configuration does not list.
    UnknownType,
    /// A priority that the configuration does not list.
    UnknownPriority,
    /// A field that every issue has is not in the file.
    MissingField,
    /// A field holds a value of another type than Kanbus writes.
    WrongType,
    /// The id inside the file is not the file's name.
    IdMismatch,
    /// The same id stands in several places.
    DuplicateId,
    /// The parent is not on the board.
    MissingParent,
    /// The chain of parents comes back to the issue.
    ParentCycle,
    /// A dependency points at an issue that is not on the board.
    MissingDependency,
    /// A dependency of a type that Kanbus does not know.
    UnknownDependency,
    /// Kanbus's own commands refuse to change the issue, because something newer is heard of it.
    KanbusRefuses,
}

/// What every view of the board needs to know once: columns, types, priorities, projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Meta {
    /// One a configured status, in configuration order.
    pub columns: Vec<Column>,
    /// Always `meta`.
    pub kind: MetaKind,
    /// The board's name.
    pub name: String,
    /// Configured priorities, ascending.
    pub priorities: Vec<Priority>,
    /// Projects on the board, by label.
    pub projects: Vec<ProjectMeta>,
    /// Configured types: the hierarchy first, then the rest.
    pub types: Vec<IssueType>,
}

/// One column of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Column {
    /// The category's name, if any.
    pub category: Option<String>,
    /// Whether it starts collapsed.
    pub collapsed: bool,
    /// The colour's name as configured, if any; the category's where the status has none.
    pub color: Option<String>,
    /// The status key.
    pub key: String,
    /// The name to show.
    pub name: String,
    /// Not started, under way or finished.
    pub semantic: Semantic,
}

/// What a status means, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Semantic {
    /// Not started.
    Todo,
    /// Under way.
    InProgress,
    /// Finished.
    Done,
}

/// A configured priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Priority {
    /// The colour's name as configured, if any.
    pub color: Option<String>,
    /// The name to show.
    pub name: String,
    /// The number that issues hold; lower is more urgent.
    #[ts(type = "number")]
    pub value: i64,
}

/// A project on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProjectMeta {
    /// Which types may stand below which, by the parent's type.
    pub below: BTreeMap<String, Vec<String>>,
    /// What a new issue begins with.
    pub initial: Initial,
    /// The project's label, unique on the board.
    pub label: String,
    /// By type and status, the statuses that an issue may come to next, with what that is called. A type that is not
    /// there has those of `default`.
    pub moves: BTreeMap<String, BTreeMap<String, Vec<Move>>>,
    /// The name to show.
    pub name: String,
}

/// What a new issue begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Initial {
    /// Its priority.
    #[ts(type = "number")]
    pub priority: i64,
    /// Its status.
    pub status: String,
}

/// A configured issue type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct IssueType {
    /// The colour's name as configured, if any.
    pub color: Option<String>,
    /// The name that issues hold.
    pub key: String,
    /// How far down the hierarchy it stands, 0 the top; null outside of it.
    pub level: Option<u32>,
}

/// What Git says about the working tree as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct GitState {
    /// The branch that is checked out; null when HEAD is detached.
    pub branch: Option<String>,
    /// The commit at HEAD; null on a branch without commits.
    pub head: Option<String>,
    /// Always `git`.
    pub kind: GitKind,
    /// An operation under way: `merge`, `rebase`, `cherry_pick`, `revert`, `bisect`, `apply`.
    pub operation: Option<String>,
}

/// Something unreadable or degraded, shown instead of hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Problem {
    /// What kind of problem.
    pub code: ProblemCode,
    /// The column, counted from 1, where it is known.
    pub column: Option<u32>,
    /// What to do about it, if there is something.
    pub hint: Option<String>,
    /// Always `problem`.
    pub kind: ProblemKind,
    /// The line, counted from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The path it is about, relative to the working tree.
    pub path: String,
    /// Whether something is missing from the board because of it.
    pub severity: Severity,
}

/// The kinds of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Not JSON, cut short, not UTF-8 or not an object.
    Unreadable,
    /// Larger than Hearsay reads.
    TooLarge,
    /// The system does not let us read it.
    Permission,
    /// A link or a configured path that leads out of the project.
    Outside,
    /// A directory, device or pipe where a file belongs.
    NotAFile,
    /// Conflict markers of a merge.
    ConflictMarkers,
    /// A file that names another id than its own name does.
    Identity,
    /// The configuration cannot be read, or says something that cannot be.
    Config,
    /// The configuration holds keys that nobody knows.
    ConfigKeys,
    /// A directory that the configuration names is not there.
    Missing,
    /// Git cannot say what is committed.
    Git,
    /// Something about the overlay: an entry that cannot be read, more than is kept, or Git would commit it.
    Overlay,
    /// The system failed to read it.
    Io,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something is missing from the board.
    Error,
    /// Everything is shown; something deserves a look.
    Warning,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
        pub enum $name {
            #[default]
            #[doc(hidden)]
            #[serde(rename = $text)]
            Is,
        }
    )+};
}

kinds! {
    /// The `kind` of a [`Card`].
    CardKind = "card",
    /// The `kind` of [`Meta`].
    MetaKind = "meta",
    /// The `kind` of [`GitState`].
    GitKind = "git",
    /// The `kind` of a [`Problem`].
    ProblemKind = "problem",
}
