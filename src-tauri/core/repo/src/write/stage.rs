//! What is laid down before a change comes, and the one rename with which it comes.
//!
//! Of issue `x`, in the directory of the issues: `.x.json.tmp`, the bytes to come; `.x.json.old`, the bytes that went.
//! In that of the events: `.x.change/`, where each event waits under its name and the hash of the bytes to come, and
//! where a plan lies if more is to be done than that. None of these names is read by Kanbus or by a board.
//!
//! Not here: what is done once a change has come, and what is left of one that never came (`repair`): whether the
//! process was killed or not makes no difference there.
//!
//! Invariants:
//! - What is laid down is on the disk before the rename, and so are the names that it has in its directories.
//! - What tells that a change has not come is on the disk first: the bytes to come, or the plan.
//! - Right before the rename the files are what they were when the change was made.

use hearsay_board::Source;

use super::change::{Current, EventFile, Relocation, Removal, other};
use super::directory::Directory;
use super::ground::Ground;
use super::plan::{Member, Plan};
use crate::error::WriteError;
use crate::file;

/// The name of a plan.
pub(super) const PLAN: &str = "plan";
/// What the name begins with that leads to the issue that has the plan.
pub(super) const PART_OF: &str = "of.";

/// The name of the issue's file.
pub(super) fn file_of(id: &str) -> String {
    format!("{id}.json")
}

/// The name of the bytes to come.
pub(super) fn coming(id: &str) -> String {
    format!(".{id}.json.tmp")
}

/// The name of the bytes that went.
pub(super) fn going(id: &str) -> String {
    format!(".{id}.json.old")
}

/// The name of the directory where its events wait.
pub(super) fn waiting(id: &str) -> String {
    format!(".{id}.change")
}

/// The name of the event that waits as `name`.
pub(super) fn event_of(name: &str) -> Option<&str> {
    let (event, hash) = name.rsplit_once('.')?;
    Some(event).filter(|_| hash.len() == 40)
}

/// An issue that is to change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issue<'a> {
    pub(super) source: Source,
    pub(super) id: &'a str,
    /// What its file holds.
    pub(super) current: Option<&'a Current>,
}

impl Issue<'_> {
    /// Where its file lies. One that was there is not made again for a file that went with it.
    fn directory(&self, ground: &Ground) -> Result<Directory, WriteError> {
        match self.current {
            None => ground.issues(self.source),
            Some(_) => ground.open(self.source)?.issues.ok_or_else(|| ground.gone(self.source)),
        }
    }

    fn is_unchanged(&self, issues: &Directory) -> Result<(), WriteError> {
        issues.is_in_its_place()?;
        let name = file_of(self.id);
        let now = issues.read(&name)?;
        if now.map(|now| now.bytes).as_ref() != self.current.map(|current| &current.bytes) {
            return Err(WriteError::Changed { path: issues.path_of(&name) });
        }
        Ok(())
    }
}

/// Has the file of `issue` hold `bytes`.
pub(super) fn put(
    ground: &Ground,
    issue: Issue<'_>,
    bytes: &[u8],
    events: &[EventFile],
) -> Result<(), WriteError> {
    let issues = issue.directory(ground)?;
    issues.create(&coming(issue.id), bytes, issue.current.map(|current| current.mode))?;
    if !events.is_empty() {
        issues.sync()?;
        wait(&room(&ground.events(issue.source)?, issue.id)?, events, Some(bytes))?;
    }
    issue.is_unchanged(&issues)?;
    issues.rename(&coming(issue.id), &issues, &file_of(issue.id))?;
    synced(&issues);
    Ok(())
}

/// Has all of `removals` go.
pub(super) fn remove(ground: &Ground, mut removals: Vec<(Issue<'_>, Removal)>) -> Result<(), WriteError> {
    // A plan that touches what is private is private: the first has it.
    removals.sort_by_key(|(issue, _)| issue.source == Source::Shared);
    let member = |(issue, removal): &(Issue<'_>, Removal)| {
        let id = issue.id.to_owned();
        let Some(current) = issue.current else { return Err(WriteError::NotFound { id }) };
        let (before, gone) = (current.base.clone(), removal.gone.clone());
        Ok(Member { source: issue.source, id, before, gone })
    };
    let plan = Plan::Remove(removals.iter().map(member).collect::<Result<_, _>>()?);
    let Some((first, _)) = removals.first() else { return Ok(()) };
    for (at, (issue, removal)) in removals.iter().enumerate() {
        let room = room(&ground.events(issue.source)?, issue.id)?;
        match at {
            0 => room.create(PLAN, &plan.to_json(), None)?,
            _ => room.create(&format!("{PART_OF}{}", first.id), b"", None)?,
        }
        room.sync()?;
        wait(&room, &removal.events, None)?;
    }
    for (issue, _) in &removals {
        issue.is_unchanged(&issue.directory(ground)?)?;
    }
    let issues = first.directory(ground)?;
    issues.rename(&file_of(first.id), &issues, &going(first.id))?;
    synced(&issues);
    Ok(())
}

/// Has `issue` move to the other one of the two.
pub(super) fn relocate(ground: &Ground, issue: Issue<'_>, relocation: &Relocation) -> Result<(), WriteError> {
    let Some(current) = issue.current else { return Err(WriteError::NotFound { id: issue.id.to_owned() }) };
    let to = other(issue.source);
    let (from, issues) = (issue.directory(ground)?, ground.issues(to)?);
    issues.create(&coming(issue.id), &relocation.bytes, Some(current.mode))?;
    ground.events(to)?;
    // It waits where nobody but the person looks, wherever it goes.
    let room = room(&ground.events(Source::Local)?, issue.id)?;
    let plan = Plan::Move { to, before: current.base.clone(), along: relocation.along.clone() };
    room.create(PLAN, &plan.to_json(), None)?;
    room.sync()?;
    wait(&room, &relocation.events, Some(&relocation.bytes))?;
    issue.is_unchanged(&from)?;
    let name = file_of(issue.id);
    if issues.has(&name)? {
        return Err(WriteError::Exists { path: issues.path_of(&name) });
    }
    // First it moves as it is, so that it is never in both, and never in neither.
    from.rename(&name, &issues, &name)?;
    synced(&issues);
    synced(&from);
    Ok(())
}

/// Where the events of `id` wait: a directory that is on the disk by then.
fn room(events: &Directory, id: &str) -> Result<Directory, WriteError> {
    let gone = || WriteError::Gone { path: events.path_of(&waiting(id)) };
    events.down(&waiting(id), true)?.ok_or_else(gone)
}

/// Lays `events` down until the file of their issue holds `bytes`.
fn wait(room: &Directory, events: &[EventFile], bytes: Option<&[u8]>) -> Result<(), WriteError> {
    let hash = file::hex(&bytes.map_or([0; 20], file::blob_id));
    for event in events {
        room.create(&format!("{}.{hash}", event.name), &event.bytes, None)?;
    }
    if events.is_empty() { Ok(()) } else { room.sync() }
}

/// After the rename there is no way back: whoever reads has the change already.
fn synced(directory: &Directory) {
    if let Err(error) = directory.sync() {
        tracing::warn!(%error, "a change may not outlive a power failure");
    }
}
