//! Writing issues and their events: under Kanbus's own locks, all or nothing, also when the process is killed.
//!
//! Not here: what is to be written and whether it may be (`hearsay_board`), who is told of it (`hearsay-live`).
//!
//! Invariants:
//! - Both or neither of a change and its events are there after the next write that takes a lock of one of its issues.
//! - No write of anybody who takes the locks is lost. Who takes none is noticed up to the rename: then nothing is
//!   written.
//! - An error leaves everything as it was, but for what the next write clears away and no reader sees. Where even the
//!   way back is barred, the next write takes that way, or completes the change if nothing else has changed.
//! - Nothing is written outside of the project's own directories: no link is followed that leads out of them.

mod change;
mod directory;
mod faults;
mod git;
mod ground;
#[cfg(not(unix))]
mod held_elsewhere;
#[cfg(unix)]
mod held_unix;
mod lock;
mod plan;
mod removal;
mod repair;
mod stage;
mod whose;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use hearsay_board::{Place, Source};

use crate::discovery::Repository;
use crate::error::WriteError;
use crate::file;
use crate::policies;
pub use change::{Change, Current, EventFile, History, Manner, Relocation, Removal, Target, Written};
use git::Git;
use ground::{Ground, Grounds};
use lock::Locks;
use repair::Settled;
use stage::Issue;

/// How often more locks are taken because what a kill left needs them.
const ROUNDS: usize = 8;

/// Writes the issues of one repository.
#[derive(Clone)]
pub struct Writer {
    repository: Repository,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    grounds: Arc<Grounds>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Writer").field("repository", &self.repository).finish_non_exhaustive()
    }
}

/// The locks of some issues, and where these lie.
struct Hold {
    ground: Ground,
    ids: BTreeSet<String>,
    _locks: Locks,
}

impl Writer {
    /// For `repository`, where `clock` says what time it is.
    pub fn new(repository: Repository, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { repository, clock: Arc::new(clock), grounds: Arc::default() }
    }

    /// Writes one issue: `decide` is told what its file holds, `None` where there is none, and answers what is to
    /// become of it. The issue stays locked while it decides.
    ///
    /// # Errors
    /// What `decide` answers; else why nothing was written. After [`WriteError::Changed`] the same may be tried again.
    pub fn write<E: From<WriteError>>(
        &self,
        target: Target<'_>,
        manner: Manner,
        decide: impl FnOnce(Option<&Current>) -> Result<Change, E>,
    ) -> Result<Written, E> {
        let Target { place: Place { project, source }, id } = target;
        change::check(std::iter::once(id), std::iter::empty())?;
        let hold = self.hold(project, std::iter::once(id), &manner)?;
        let ground = &hold.ground;
        let current = hold.read(*source, id)?;
        let issue = Issue { source: *source, id, current: current.as_ref() };
        let written = |changed, base| Written { changed, base, path: ground.shown(*source, id) };
        let base = || current.as_ref().map(|current| current.base.clone());
        match decide(current.as_ref())? {
            Change::Keep => Ok(written(false, base())),
            Change::Write { bytes, events } => {
                change::check(std::iter::empty(), names(&events))?;
                if events.is_empty() && current.as_ref().is_some_and(|current| current.bytes == bytes) {
                    return Ok(written(false, base()));
                }
                // With its name the file has all that it is to hold.
                hold.carry_out(|| stage::put(ground, issue, &bytes, &events), || Ok(true))?;
                Ok(written(true, Some(file::hex(&file::blob_id(&bytes)))))
            }
            Change::Remove(removal) => {
                hold.remove(vec![(issue, removal)])?;
                Ok(written(true, None))
            }
        }
    }

    /// Removes issues of `project`, all or none: `decide` is told what their files hold, in the order of `issues`, and
    /// answers how each of them is to go; `None` for one that stays. All of them stay locked while it decides.
    ///
    /// # Errors
    /// What `decide` answers; else why nothing was written.
    pub fn remove<E: From<WriteError>>(
        &self,
        project: &str,
        issues: &[(Source, String)],
        manner: Manner,
        decide: impl FnOnce(&[Option<Current>]) -> Result<Vec<Option<Removal>>, E>,
    ) -> Result<Vec<Written>, E> {
        change::check(issues.iter().map(|(_, id)| id.as_str()), std::iter::empty())?;
        let hold = self.hold(project, issues.iter().map(|(_, id)| id.as_str()), &manner)?;
        let read = |(source, id): &(Source, String)| hold.read(*source, id);
        let current = issues.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let removals = decide(&current)?;
        let issue = |((source, id), current)| Issue { source, id, current };
        let all =
            issues.iter().map(|(source, id)| (*source, id.as_str())).zip(current.iter().map(Option::as_ref));
        let going = all.zip(removals).filter_map(|(one, removal)| Some((issue(one), removal?)));
        let going: Vec<(Issue<'_>, Removal)> = going.collect();
        let written = |(issue, _): &(Issue<'_>, Removal)| Written {
            changed: true,
            base: None,
            path: hold.ground.shown(issue.source, issue.id),
        };
        let written = going.iter().map(written).collect();
        hold.remove(going)?;
        Ok(written)
    }

    /// Moves one issue from where it lies to the other of `project` and `project-local`: `decide` is told what its file
    /// holds, and answers what it is to hold there; `None` where it stays.
    ///
    /// # Errors
    /// What `decide` answers; else why nothing was written.
    pub fn relocate<E: From<WriteError>>(
        &self,
        target: Target<'_>,
        manner: Manner,
        decide: impl FnOnce(&Current) -> Result<Option<Relocation>, E>,
    ) -> Result<Written, E> {
        let Target { place: Place { project, source }, id } = target;
        change::check(std::iter::once(id), std::iter::empty())?;
        let hold = self.hold(project, std::iter::once(id), &manner)?;
        let ground = &hold.ground;
        let Some(current) = hold.read(*source, id)? else {
            return Err(WriteError::NotFound { id: id.to_owned() }.into());
        };
        let Some(relocation) = decide(&current)? else {
            let path = ground.shown(*source, id);
            return Ok(Written { changed: false, base: Some(current.base), path });
        };
        let along = relocation.along.iter().map(String::as_str);
        change::check(std::iter::empty(), names(&relocation.events).chain(along))?;
        let issue = Issue { source: *source, id, current: Some(&current) };
        let to = change::other(*source);
        let is_there = || Ok(hold.has(to, &stage::file_of(id))? && !hold.has(to, &stage::coming(id))?);
        hold.carry_out(|| stage::relocate(ground, issue, &relocation), is_there)?;
        let base = Some(file::hex(&file::blob_id(&relocation.bytes)));
        Ok(Written { changed: true, base, path: ground.shown(to, id) })
    }

    /// The event files in `place` of each of `ids`: what goes with them where they go, as far as it is no more than
    /// `most` bytes. Asked while they are locked, the answer holds.
    ///
    /// # Errors
    /// Where there is no such project, or its events cannot be listed.
    pub fn history_of(
        &self,
        place: &Place,
        ids: &BTreeSet<String>,
        most: usize,
    ) -> Result<BTreeMap<String, History>, WriteError> {
        let ground = self.grounds.find(&self.repository, &place.project, (self.clock)())?;
        let (directory, home) = ground.events_path(place.source);
        whose::history_of(&directory, home, ids, most)
    }

    /// Whether the configuration of the project with that label can be read as it stands in the working tree. What stands
    /// in for it on the board may lack what it refuses.
    ///
    /// # Errors
    /// Where it cannot, or there is no such project.
    pub fn stands(&self, project: &str) -> Result<(), WriteError> {
        self.grounds.find(&self.repository, project, (self.clock)())?.stands()
    }

    /// The policies that count in the project with that label: the names of their files and what these hold.
    ///
    /// # Errors
    /// Where they cannot be read, or there is no such project.
    pub fn policies(&self, project: &str) -> Result<Vec<(String, Vec<u8>)>, WriteError> {
        policies::read(self.grounds.find(&self.repository, project, (self.clock)())?.shared())
    }

    /// Whether something is there where the file of `target` is to be.
    ///
    /// # Errors
    /// Where there is no such project, or its issues cannot be looked at.
    pub fn holds(&self, target: Target<'_>) -> Result<bool, WriteError> {
        change::check(std::iter::once(target.id), std::iter::empty())?;
        let ground = self.grounds.find(&self.repository, &target.place.project, (self.clock)())?;
        let issues = ground.open(target.place.source)?.issues;
        issues.map_or(Ok(false), |issues| issues.has(&stage::file_of(target.id)))
    }

    /// Takes the locks of `ids` in `project` while Git is not at work.
    fn hold<'i>(
        &self,
        project: &str,
        ids: impl Iterator<Item = &'i str>,
        manner: &Manner,
    ) -> Result<Hold, WriteError> {
        let ids: BTreeSet<String> = ids.map(str::to_owned).collect();
        let git = Git::at(&self.repository.root, manner);
        for _ in 0..ROUNDS {
            git.wait()?;
            let ground = self.grounds.find(&self.repository, project, (self.clock)())?;
            if let Some(hold) = Hold::take(ground, ids.clone(), (&git, manner))? {
                return Ok(hold);
            }
        }
        Err(Git::busy())
    }
}

impl Hold {
    /// Takes the locks of `ids`, and settles what a kill left of them. `None` where Git has begun something meanwhile.
    fn take(
        ground: Ground,
        mut ids: BTreeSet<String>,
        (git, manner): (&Git<'_>, &Manner),
    ) -> Result<Option<Self>, WriteError> {
        let deadline = Instant::now() + manner.patience;
        for _ in 0..ROUNDS {
            let locks = Locks::take(&ground, &ids, deadline)?;
            // It may have been a while.
            if !git.is_free()? {
                return Ok(None);
            }
            let needed = match repair::settle(&ground, &ids)? {
                Settled::Done => return Ok(Some(Self { ground, ids, _locks: locks })),
                Settled::Needs(needed) => needed,
                Settled::Failed(failed) if failed.is_off => {
                    tracing::warn!(why = %failed.why, "what was left of a write is called off");
                    return Ok(Some(Self { ground, ids, _locks: locks }));
                }
                Settled::Failed(failed) => return Err(failed.why),
            };
            // Not while these are held: locks are taken in the order of the ids.
            drop(locks);
            ids.extend(needed);
        }
        Err(WriteError::Locked { id: ids.into_iter().next().unwrap_or_default() })
    }

    fn read(&self, source: Source, id: &str) -> Result<Option<Current>, WriteError> {
        let Some(issues) = self.ground.open(source)?.issues else { return Ok(None) };
        Ok(issues.read(&stage::file_of(id))?.map(Current::of))
    }

    fn has(&self, source: Source, name: &str) -> Result<bool, WriteError> {
        self.ground.open(source)?.issues.map_or(Ok(false), |issues| issues.has(name))
    }

    fn remove(&self, removals: Vec<(Issue<'_>, Removal)>) -> Result<(), WriteError> {
        if let Some((issue, _)) = removals.iter().find(|(issue, _)| issue.current.is_none()) {
            return Err(WriteError::NotFound { id: issue.id.to_owned() });
        }
        for (_, removal) in &removals {
            let gone = removal.gone.iter().map(String::as_str);
            change::check(std::iter::empty(), names(&removal.events).chain(gone))?;
        }
        let all: Vec<_> =
            removals.iter().map(|(issue, _)| (issue.source, stage::file_of(issue.id))).collect();
        let are_gone = || {
            let mut there = all.iter().map(|(source, name)| self.has(*source, name));
            there.try_fold(true, |gone, there| Ok(gone && !there?))
        };
        self.carry_out(|| stage::remove(&self.ground, removals), are_gone)
    }

    /// Lays a change down, has it come, and does what is left to do; where it cannot come, clears it away.
    /// `has_come` looks whether it is done but for what no reader sees.
    fn carry_out(
        &self,
        stage: impl FnOnce() -> Result<(), WriteError>,
        has_come: impl FnOnce() -> Result<bool, WriteError>,
    ) -> Result<(), WriteError> {
        let staged = stage();
        let done = match staged {
            Ok(()) => repair::settle(&self.ground, &self.ids),
            Err(_) => repair::discard(&self.ground, &self.ids).map(|()| Settled::Done),
        };
        match done {
            Ok(Settled::Failed(failed)) => return Err(failed.why),
            Ok(Settled::Done | Settled::Needs(_)) => {}
            // Nobody is told that all is done while a part of it waits.
            Err(error) if staged.is_ok() && !has_come().is_ok_and(|come| come) => return Err(error),
            // What is left of it the next write sees to.
            Err(error) => tracing::warn!(%error, "a write is not finished"),
        }
        staged
    }
}

fn names(events: &[EventFile]) -> impl Iterator<Item = &str> {
    events.iter().map(|event| event.name.as_str())
}

#[cfg(test)]
mod tests;
