//! What a writer is told, and what it answers.
//!
//! Not here: what an issue or an event says (`hearsay_board`), and how they come to the disk (`stage`).

use std::time::Duration;

use hearsay_board::{Place, Source};

use super::directory::Content;
use crate::error::WriteError;
use crate::file;

/// The longest name of an issue or an event, in bytes: what is added to it must fit into a file name too.
const LONGEST: usize = 200;

/// An issue in its place.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Where it lies.
    pub place: &'a Place,
    /// Its full id.
    pub id: &'a str,
}

/// How long to wait for others, and what to pass over.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How long to wait for the locks of the issues, all together.
    pub patience: Duration,
    /// How long to wait for Git to let go of its index.
    pub git_patience: Duration,
    /// Whether to write although a merge, a rebase or the like is under way.
    pub anyway: bool,
}

impl Default for Manner {
    /// What a person waits for.
    fn default() -> Self {
        Self { patience: Duration::from_secs(5), git_patience: Duration::from_secs(5), anyway: false }
    }
}

/// What an issue's file holds, under its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The name that Git gives to them as a blob.
    pub base: String,
    pub(super) mode: u32,
}

impl Current {
    pub(super) fn of(content: Content) -> Self {
        let base = file::hex(&file::blob_id(&content.bytes));
        Self { bytes: content.bytes, base, mode: content.mode }
    }
}

/// An event file that is to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFile {
    /// Its name, `<time>__<event id>.json`.
    pub name: String,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// What is to become of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Keep,
    /// Its file is to hold these bytes, and these events are to come with that.
    Write {
        /// The bytes of the file.
        bytes: Vec<u8>,
        /// The events that tell of it.
        events: Vec<EventFile>,
    },
    /// It is to go.
    Remove(Removal),
}

/// How an issue is to go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removal {
    /// The events that tell of it.
    pub events: Vec<EventFile>,
    /// The names of the event files that go with it.
    pub gone: Vec<String>,
}

/// How an issue is to move between `project` and `project-local`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relocation {
    /// What its file is to hold there.
    pub bytes: Vec<u8>,
    /// The events that tell of it; they come to be where the issue goes.
    pub events: Vec<EventFile>,
    /// The names of the event files that go along.
    pub along: Vec<String>,
}

/// The event files of an issue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Their names, in order.
    pub names: Vec<String>,
    /// They themselves; `None` where that is more than was asked for.
    pub files: Option<Vec<EventFile>>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Whether anything was.
    pub changed: bool,
    /// The Git blob id of what the file holds now; `None` where there is none.
    pub base: Option<String>,
    /// The path of the file, relative to the root of the working tree.
    pub path: String,
}

/// The other one of the two.
pub(super) fn other(source: Source) -> Source {
    match source {
        Source::Shared => Source::Local,
        Source::Local => Source::Shared,
    }
}

/// Whether `name` is that of one file in a directory, and none that is passed over there.
pub(super) fn is_plain(name: &str) -> bool {
    let no_path = !name.contains(['/', '\\', '\0']);
    !name.is_empty() && name.len() <= LONGEST && !name.starts_with('.') && no_path
}

pub(super) fn is_event(name: &str) -> bool {
    is_plain(name) && name.ends_with(".json")
}

/// Refuses names that would lead elsewhere.
pub(super) fn check<'a>(
    mut ids: impl Iterator<Item = &'a str>,
    mut events: impl Iterator<Item = &'a str>,
) -> Result<(), WriteError> {
    let bad = ids.find(|id| !is_plain(id)).or_else(|| events.find(|name| !is_event(name)));
    bad.map_or(Ok(()), |name| Err(WriteError::BadName { name: name.to_owned() }))
}
