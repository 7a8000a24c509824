//! What may be done to an issue, and what follows from it: Kanbus 0.41's rules, on documents and without any I/O.
//!
//! An edit goes in with the issue's document as it is now; out come the new document, the events and the inverse, or a
//! [`Refusal`] in Kanbus's own words. Not here: policies (`policy`), hooks, locks and files (`hearsay-repo`), ids and
//! the time, which are passed in.
//!
//! Invariants:
//! - Where Kanbus refuses, we refuse, with the same sentence; what Kanbus lets pass and must not be is refused as well.
//! - An edit that changes nothing gives the document as it was, no event, and no new `updated_at`.
//! - Events and inverse follow from the two documents alone, so that they cannot say something else; the inverse knows
//!   besides what the rules had against the older one, so that it is not held against its return.
//! - The inverse brings back the very text that stood there, and refuses where somebody has changed it since.

mod agent;
mod around;
mod bounds;
mod comments;
mod create;
mod delete;
mod dependencies;
mod difference;
mod events;
mod fences;
mod fields;
mod hierarchy;
mod legal;
mod merge;
mod record;
mod refusal;
mod set;
mod spelling;
mod splice;
mod transfer;
mod undo;
mod workflow;

use jiff::Timestamp;
use serde_json::Value;

use crate::config::Config;
use crate::document::Document;
use crate::unit::Source;

pub use agent::Agent;
pub use around::{Around, Known, folded, resolve_anywhere as find};
pub use create::{Created, NewIssue, create, restore};
pub use delete::{Doomed, delete};
pub use difference::Undo;
pub use events::{Changes, EventDraft, FromTo, Payload};
pub use fields::FieldSet;
pub use legal::{Legal, Move, legal, may_be_parent, moves};
pub use merge::{Seen, merge};
pub use refusal::{Code, Conflict, Refusal, Sides};

/// Who does it, as Kanbus writes it down.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Actor {
    /// The name in `actor_id`, in a comment's author and in a claim.
    pub name: String,
    /// The agent that does it, if it is one.
    pub agent: Option<Agent>,
}

/// What a rule needs to know beyond the issue.
pub struct Context<'a> {
    /// The project's configuration.
    pub config: &'a Config,
    /// The other issues of the project.
    pub around: &'a dyn Around,
    /// The time.
    pub now: Timestamp,
    /// Who does it.
    pub actor: &'a Actor,
    /// Gives a new UUID, version 4, at each call.
    pub fresh: &'a mut dyn FnMut() -> String,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("now", &self.now).field("actor", &self.actor).finish_non_exhaustive()
    }
}

/// Something to do to one issue.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Set fields, and add and remove labels.
    Set(FieldSet),
    /// Take it: the actor becomes its assignee, and it goes to the first status under way.
    Claim,
    /// Add a comment of the actor's.
    Comment {
        /// What it says.
        text: String,
    },
    /// Change what a comment says.
    EditComment {
        /// The comment's id, or the beginning of it.
        comment: String,
        /// What it is to say.
        text: String,
        /// What it said when the edit began, if that is known.
        was: Option<String>,
    },
    /// Delete a comment.
    DeleteComment {
        /// The comment's id, or the beginning of it.
        comment: String,
    },
    /// Link it to another issue.
    AddDependency {
        /// The other issue's id, or Kanbus's short form of it.
        target: String,
        /// `blocked-by` or `relates-to`.
        kind: String,
    },
    /// Take such a link away.
    RemoveDependency {
        /// The other issue's id, or Kanbus's short form of it.
        target: String,
        /// `blocked-by` or `relates-to`.
        kind: String,
    },
    /// Move its file between the project and `project-local`.
    Transfer {
        /// Where it goes.
        to: Source,
    },
    /// Bring back what an earlier edit changed.
    Undo(Undo),
}

/// What an edit comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// The issue as it is to be written; as it was where nothing changes.
    pub document: Document,
    /// Where its file goes, if it moves.
    pub to: Option<Source>,
    /// The events to write beside it; none where the configuration wants none.
    pub events: Vec<EventDraft>,
    /// What undoes it.
    pub inverse: Edit,
    /// The fields that change, but for `updated_at`; a key of `custom` as `custom.KEY`.
    pub changed: Vec<String>,
    /// What is to be said of it though nothing is refused: what is asked for and is not done.
    pub remarks: Vec<String>,
}

impl Edit {
    /// About how many bytes it takes to keep what undoes something.
    pub fn weight(&self) -> usize {
        let kept = if let Self::Undo(undo) = self { undo.weight() } else { 0 };
        size_of::<Self>() + kept
    }
}

/// Does `edit` to the issue that `current` holds.
///
/// # Errors
/// Where a rule refuses it.
pub fn edit(current: &Document, edit: &Edit, context: &mut Context<'_>) -> Result<Edited, Refusal> {
    let after = match edit {
        Edit::Set(fields) => set::set(current, fields, context)?,
        Edit::Claim => set::claim(current, context)?,
        Edit::Comment { text } => comments::add(current, text, context)?,
        Edit::EditComment { comment, text, was } => {
            comments::edit(current, comment, text, was.as_deref(), context)?
        }
        Edit::DeleteComment { comment } => comments::delete(current, comment)?,
        Edit::AddDependency { target, kind } => dependencies::add(current, target, kind, context)?,
        Edit::RemoveDependency { target, kind } => dependencies::remove(current, target, kind, context)?,
        Edit::Transfer { to } => return transfer::transfer(current, *to, context),
        Edit::Undo(undo) => undo::undo(current, undo, context)?,
    };
    let remark = if let Edit::Set(fields) = edit { set::remark(current, fields) } else { None };
    Ok(Edited { remarks: remark.into_iter().collect(), ..finish(current, after, context)? })
}

fn finish(current: &Document, mut after: Document, context: &mut Context<'_>) -> Result<Edited, Refusal> {
    let difference = difference::Difference::between(current, &after)?;
    let changed = difference.names();
    let mut inverse = difference.inverse();
    if changed.is_empty() {
        let (document, events, inverse) = (current.clone(), Vec::new(), Edit::Undo(inverse));
        return Ok(Edited { document, to: None, events, inverse, changed, remarks: Vec::new() });
    }
    let against = undo::objections(&after, current, context)?;
    inverse.stood = against.into_iter().map(|refusal| refusal.message).collect();
    bounds::whole(after.text().len(), current.text().len())?;
    let events = events::of_change(current, &after, context)?;
    touch(&mut after, current, context)?;
    let inverse = Edit::Undo(inverse);
    Ok(Edited { document: after, to: None, events, inverse, changed, remarks: Vec::new() })
}

/// Sets `updated_at` to a time that is later than the one it was at, unless that is of a clock gone wrong.
fn touch(after: &mut Document, before: &Document, context: &Context<'_>) -> Result<(), Refusal> {
    let last = record::moment(before, "updated_at");
    // Kanbus tells one version from another by this time alone.
    let day = jiff::SignedDuration::from_hours(24);
    let ahead = last.filter(|last| *last >= context.now && last.duration_since(context.now) < day);
    let now = ahead.map_or(context.now, spelling::just_after);
    record::put(after, "updated_at", &Value::from(spelling::spelled(now)))
}

#[cfg(test)]
mod tests;
