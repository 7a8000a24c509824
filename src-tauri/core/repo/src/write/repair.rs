//! What is to be done after the rename with which a change comes, and what is left of a change that did not come.
//!
//! A write ends with it, and each later one on the same issue begins with it: so what a kill left is completed or
//! removed by whoever takes the lock next, and in one and the same way. Readers never do. Not here: what is laid down
//! (`stage`), how issues go together (`removal`).
//!
//! What decides:
//! - A change of one issue has come when its bytes to come are no longer there under their passing name, and the issue
//!   is. Whether somebody has changed it again since makes no difference, for what its events tell did happen.
//! - A removal has come when the first of its issues has got the name of bytes that went.
//! - A move has come when the issue is where it goes.
//!
//! Invariants:
//! - All locks of a plan are held. Doing it twice, or once more from any point at which it was cut off, comes to the
//!   same.
//! - What decides is removed last. Bytes that somebody else has written are never written over, and never removed.
//! - A plan that cannot be carried out is called off, as long as nothing has been told of it.

use std::collections::BTreeSet;

use hearsay_board::Source;

use super::change::{is_event, is_plain, other};
use super::directory::Directory;
use super::ground::{Ground, Home};
use super::lock::MOST;
use super::plan::Plan;
use super::removal::{self, Failure};
use super::stage::{PART_OF, PLAN, coming, event_of, file_of, going, waiting};
use crate::error::WriteError;
use crate::file;

/// Both homes of a project.
pub(super) struct Homes {
    shared: Home,
    local: Home,
}

/// What came of settling.
pub(super) enum Settled {
    /// Nothing is left.
    Done,
    /// Nothing was done: these locks are needed as well.
    Needs(BTreeSet<String>),
    /// A plan was not carried out.
    Failed(Failure),
}

impl Homes {
    fn open(ground: &Ground) -> Result<Self, WriteError> {
        Ok(Self { shared: ground.open(Source::Shared)?, local: ground.open(Source::Local)? })
    }

    pub(super) fn at(&self, source: Source) -> &Home {
        match source {
            Source::Shared => &self.shared,
            Source::Local => &self.local,
        }
    }
}

/// What waits of one issue.
enum Waiting {
    /// Events of a change of this issue alone.
    Events,
    /// A plan; `None` where it is not whole, and nothing has come of it.
    Plan(Option<Plan>),
    /// What the plan of another issue has to do with this one.
    Part(String),
}

/// Completes or removes what is left of earlier changes of `ids`, whose locks are held.
///
/// An error says nothing of whether a change has come: mostly it is about what is left only.
pub(super) fn settle(ground: &Ground, ids: &BTreeSet<String>) -> Result<Settled, WriteError> {
    let homes = Homes::open(ground)?;
    let (mut needed, mut plans, mut others) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (source, id) in both(ids) {
        match look(homes.at(source), source, id)? {
            None => {}
            Some(Waiting::Plan(plan)) => {
                if let Some(Plan::Remove(members)) = &plan {
                    needed.extend(members.iter().map(|member| member.id.clone()));
                }
                plans.push((source, id, plan));
            }
            Some(Waiting::Part(of)) => {
                needed.insert(of);
                others.push((source, id));
            }
            Some(Waiting::Events) => others.push((source, id)),
        }
    }
    needed.retain(|id| !ids.contains(id));
    if !needed.is_empty() {
        return Ok(Settled::Needs(needed));
    }
    let mut failure = None;
    for (source, id, plan) in plans {
        match settle_plan(&homes, source, id, plan)? {
            Some(failed) if !failed.is_off => return Ok(Settled::Failed(failed)),
            failed => failure = failure.or(failed),
        }
    }
    let rest = || {
        others.iter().try_for_each(|(source, id)| settle_one(&homes, *source, id))?;
        sweep(&homes, ids)
    };
    match (rest(), failure) {
        (done, None) => done.map(|()| Settled::Done),
        (Ok(()), Some(failed)) => Ok(Settled::Failed(failed)),
        (Err(error), Some(failed)) => {
            tracing::warn!(%error, "what is left of a write cannot be cleared away yet");
            Ok(Settled::Failed(Failure { is_off: false, ..failed }))
        }
    }
}

/// Removes what was laid down for `ids`, whose locks are held, and is known not to have come.
pub(super) fn discard(ground: &Ground, ids: &BTreeSet<String>) -> Result<(), WriteError> {
    let homes = Homes::open(ground)?;
    for (source, id) in both(ids) {
        clear(homes.at(source), id)?;
    }
    sweep(&homes, ids)
}

/// Removes the passing files of `ids`, after all that they decide about.
fn sweep(homes: &Homes, ids: &BTreeSet<String>) -> Result<(), WriteError> {
    for (source, id) in both(ids) {
        let Some(issues) = &homes.at(source).issues else { continue };
        for name in [coming(id), going(id)] {
            if issues.has(&name)? {
                issues.remove(&name)?;
            }
        }
    }
    Ok(())
}

fn both(ids: &BTreeSet<String>) -> impl Iterator<Item = (Source, &str)> {
    ids.iter().flat_map(|id| [Source::Shared, Source::Local].map(|source| (source, id.as_str())))
}

fn look(home: &Home, source: Source, id: &str) -> Result<Option<Waiting>, WriteError> {
    let Some(room) = room(home, id)? else { return Ok(None) };
    if let Some(plan) = room.read(PLAN)? {
        let plan = Plan::parse(&plan.bytes, source);
        let is_its_own = |plan: &Plan| match plan {
            // Nobody could hold the locks of more.
            Plan::Remove(members) => {
                members.len() <= MOST
                    && members.first().is_some_and(|first| first.source == source && first.id == id)
            }
            Plan::Move { .. } => true,
        };
        return Ok(Some(Waiting::Plan(plan.filter(is_its_own))));
    }
    let of = room.names()?.iter().find_map(|name| name.strip_prefix(PART_OF).map(str::to_owned));
    Ok(Some(of.filter(|of| is_plain(of)).map_or(Waiting::Events, Waiting::Part)))
}

fn room(home: &Home, id: &str) -> Result<Option<Directory>, WriteError> {
    home.events.as_ref().map_or(Ok(None), |events| events.down(&waiting(id), false))
}

/// Settles a change of one issue alone. What was part of a plan that is no more goes.
fn settle_one(homes: &Homes, source: Source, id: &str) -> Result<(), WriteError> {
    let home = homes.at(source);
    let (Some(issues), Some(events)) = (&home.issues, &home.events) else { return clear(home, id) };
    let is_part_or_gone = !matches!(look(home, source, id)?, Some(Waiting::Events));
    if !is_part_or_gone && !issues.has(&coming(id))? && issues.has(&file_of(id))? {
        let_come(home, id, events)?;
        events.sync()?;
    }
    clear(home, id)
}

fn settle_plan(
    homes: &Homes,
    source: Source,
    id: &str,
    plan: Option<Plan>,
) -> Result<Option<Failure>, WriteError> {
    let home = homes.at(source);
    match plan {
        Some(Plan::Remove(members)) => return removal::settle(homes, &members),
        Some(Plan::Move { to, before, along }) => {
            let has_come =
                homes.at(to).issues.as_ref().map_or(Ok(false), |issues| issues.has(&file_of(id)))?;
            if has_come {
                if let Err(why) = bring_bytes(homes, id, to, &before) {
                    let off = call_off_move(homes, id, to).and_then(|()| clear(home, id));
                    if let Err(error) = &off {
                        tracing::warn!(%error, "a move cannot be called off yet");
                    }
                    return Ok(Some(Failure { why, is_off: off.is_ok() }));
                }
                finish_move(homes, id, to, &along)?;
            }
        }
        // What nobody can read has moved nothing, but may have set something aside in words of its own.
        None => home.issues.as_ref().map_or(Ok(()), |issues| removal::put_back(issues, id))?,
    }
    clear(home, id).map(|()| None)
}

/// Has the issue that has moved to `to` hold the bytes to come, where it still holds those of `before`.
fn bring_bytes(homes: &Homes, id: &str, to: Source, before: &str) -> Result<(), WriteError> {
    let Some(issues) = &homes.at(to).issues else { return Ok(()) };
    if issues.has(&coming(id))?
        && issues.read(&file_of(id))?.is_some_and(|file| file::hex(&file::blob_id(&file.bytes)) == before)
    {
        issues.rename(&coming(id), issues, &file_of(id))?;
    }
    Ok(())
}

/// Has the issue that has moved to `to`, as it was, move back.
fn call_off_move(homes: &Homes, id: &str, to: Source) -> Result<(), WriteError> {
    let (Some(there), Some(here)) = (&homes.at(to).issues, &homes.at(other(to)).issues) else {
        return Ok(());
    };
    if !here.has(&file_of(id))? {
        there.rename(&file_of(id), here, &file_of(id))?;
    }
    sync(homes, |home| home.issues.as_ref())
}

fn finish_move(homes: &Homes, id: &str, to: Source, along: &[String]) -> Result<(), WriteError> {
    let (there, here) = (homes.at(to), homes.at(other(to)));
    let Some(events) = &there.events else { return Ok(()) };
    sync(homes, |home| home.issues.as_ref())?;
    if let Some(from) = &here.events {
        for name in along {
            if from.has(name)? && !events.has(name)? {
                from.rename(name, events, name)?;
            }
        }
    }
    let_come(homes.at(Source::Local), id, events)?;
    sync(homes, |home| home.events.as_ref())
}

pub(super) fn sync(homes: &Homes, part: impl Fn(&Home) -> Option<&Directory>) -> Result<(), WriteError> {
    [&homes.shared, &homes.local].into_iter().filter_map(part).try_for_each(Directory::sync)
}

/// Gives the events that wait of `id` their names in `events`. One that is there already, as Git may have brought it, is
/// left alone.
pub(super) fn let_come(home: &Home, id: &str, events: &Directory) -> Result<(), WriteError> {
    let Some(room) = room(home, id)? else { return Ok(()) };
    for name in room.names()? {
        if let Some(event) = event_of(&name).filter(|event| is_event(event)) {
            match events.has(event)? {
                true => room.remove(&name)?,
                false => room.rename(&name, events, event)?,
            }
        }
    }
    Ok(())
}

/// Removes what waits of `id`; what says how to take it goes last.
pub(super) fn clear(home: &Home, id: &str) -> Result<(), WriteError> {
    let (Some(room), Some(events)) = (room(home, id)?, &home.events) else { return Ok(()) };
    let mut names = room.names()?;
    names.sort_by_key(|name| name == PLAN || name.starts_with(PART_OF));
    for name in names {
        room.remove(&name)?;
    }
    events.remove_directory(&waiting(id))
}
