//! How issues go together once the first of them has got the name of bytes that went, or come back where they cannot.
//!
//! Not here: when a removal has come, and who holds the locks (`repair`); what is laid down before (`stage`).
//!
//! Invariants:
//! - A file goes only while it holds the bytes that were judged. It is set aside first, so that it can come back.
//! - All of them go, or none: where one has changed, or cannot go, the others come back and nothing is told. So they
//!   do where the first is there again, for whoever brought it back had seen none of this.
//! - Where all are set aside there is no way back: what is brought back since is left alone.

use super::directory::Directory;
use super::plan::Member;
use super::repair::{Homes, clear, let_come, sync};
use super::stage::{file_of, going};
use crate::error::WriteError;
use crate::file;

/// Why a plan was not carried out.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) why: WriteError,
    /// Whether nothing is left of it. Else it is still to be completed or called off.
    pub(super) is_off: bool,
}

/// Completes the removal of `members`, or calls it off.
pub(super) fn settle(homes: &Homes, members: &[Member]) -> Result<Option<Failure>, WriteError> {
    let Some((first, rest)) = members.split_first() else { return Ok(None) };
    let Some(issues) = issues_of(homes, first) else { return clear_all(homes, members).map(|()| None) };
    if issues.has(&going(&first.id))? {
        if let Err(why) = set_aside(homes, (first, issues), rest) {
            let off = call_off(homes, members);
            if let Err(error) = &off {
                tracing::warn!(%error, "a removal cannot be called off yet");
            }
            return Ok(Some(Failure { why, is_off: off.is_ok() }));
        }
        tell(homes, members)?;
        // From here on nothing is left to do but to clear away, whatever comes back.
        issues.remove(&going(&first.id))?;
        issues.sync()?;
    }
    clear_all(homes, members).map(|()| None)
}

/// Has what was set aside of `id` come back, where nobody has brought it back.
pub(super) fn put_back(issues: &Directory, id: &str) -> Result<(), WriteError> {
    if issues.has(&going(id))? && !issues.has(&file_of(id))? {
        issues.rename(&going(id), issues, &file_of(id))?;
        issues.sync()?;
    }
    Ok(())
}

fn issues_of<'a>(homes: &'a Homes, member: &Member) -> Option<&'a Directory> {
    homes.at(member.source).issues.as_ref()
}

fn set_aside(homes: &Homes, first: (&Member, &Directory), rest: &[Member]) -> Result<(), WriteError> {
    let (first, issues) = first;
    if issues.has(&file_of(&first.id))? {
        return Err(WriteError::Changed { path: issues.path_of(&file_of(&first.id)) });
    }
    is_as_judged(issues, first, &going(&first.id))?;
    for member in rest {
        let Some(issues) = issues_of(homes, member) else { continue };
        let (file, aside) = (file_of(&member.id), going(&member.id));
        // What has its name although it was set aside has come since.
        if issues.has(&aside)? || !issues.has(&file)? {
            continue;
        }
        is_as_judged(issues, member, &file)?;
        issues.rename(&file, issues, &aside)?;
        // Somebody who takes no lock may have saved it in between.
        is_as_judged(issues, member, &aside)?;
    }
    Ok(())
}

fn is_as_judged(issues: &Directory, member: &Member, name: &str) -> Result<(), WriteError> {
    let now = issues.read(name)?;
    if now.is_none_or(|now| file::hex(&file::blob_id(&now.bytes)) != member.before) {
        return Err(WriteError::Changed { path: issues.path_of(&file_of(&member.id)) });
    }
    Ok(())
}

/// Has the events come that tell of it, and those go that go along.
fn tell(homes: &Homes, members: &[Member]) -> Result<(), WriteError> {
    sync(homes, |home| home.issues.as_ref())?;
    for member in members {
        let home = homes.at(member.source);
        let (Some(issues), Some(events)) = (&home.issues, &home.events) else { continue };
        // It is there again, so it keeps what tells of it.
        if issues.has(&file_of(&member.id))? {
            continue;
        }
        for name in &member.gone {
            events.remove(name)?;
        }
        let_come(home, &member.id, events)?;
    }
    sync(homes, |home| home.events.as_ref())
}

/// The first comes back last: until then the plan can be taken up again.
fn call_off(homes: &Homes, members: &[Member]) -> Result<(), WriteError> {
    for member in members.iter().rev() {
        issues_of(homes, member).map_or(Ok(()), |issues| put_back(issues, &member.id))?;
    }
    clear_all(homes, members)
}

/// The first has the plan, which goes last.
fn clear_all(homes: &Homes, members: &[Member]) -> Result<(), WriteError> {
    members.iter().rev().try_for_each(|member| clear(homes.at(member.source), &member.id))
}
