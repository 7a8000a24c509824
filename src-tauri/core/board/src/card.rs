//! From an issue to its card: the pure rule that says what the board shows of it.
//!
//! Not here: which cards must be made again after a change (`relations`), and where they go (`units`).

use crate::config::Config;
use crate::issue::{Fault, Issue};
use crate::key::short_key;
use crate::moment::Moment;
use crate::overlay::Heard;
use crate::rank::rank;
use crate::unit::{By, Card, CardKind, Children, Lease, Note, NoteCode, Source, Stage};

/// Dependency types that Kanbus gives a meaning to.
const BLOCKED_BY: &str = "blocked-by";
const RELATES_TO: &str = "relates-to";

/// More notes than this nobody reads on a card.
const MOST_NOTES: usize = 12;

/// What a card is made of.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The stem of the file's name.
    pub id: &'a str,
    /// The project's label.
    pub project: &'a str,
    /// Shared or local.
    pub source: Source,
    /// How far the file has come.
    pub stage: Stage,
    /// The file.
    pub issue: &'a Issue,
    /// What tells its bytes from any other.
    pub content: &'a str,
    /// The project's configuration.
    pub config: &'a Config,
    /// Who changed it last.
    pub by: Option<&'a By>,
    /// What is heard of it beyond the file.
    pub heard: Option<&'a Heard>,
    /// Who holds it for a time.
    pub lease: Option<&'a Lease>,
    /// What the rest of the board says of it.
    pub around: Around<'a>,
}

/// What the rest of the board says of an issue.
#[derive(Debug, Default)]
pub struct Around<'a> {
    /// Its direct children.
    pub children: Children,
    /// `blocked-by` targets that are still open.
    pub blocked_by: Vec<&'a str>,
    /// Dependencies on issues that are not there.
    pub missing: Vec<&'a str>,
    /// Whether the parent is named and not there.
    pub parent_is_missing: bool,
    /// The cycle of parents it is part of, from it and back to it.
    pub cycle: Vec<&'a str>,
    /// Another place that has the same id and comes first.
    pub duplicate_of: Option<String>,
}

/// Whether a dependency makes its issue wait.
pub fn blocks(kind: &str) -> bool {
    kind == BLOCKED_BY
}

/// The card.
pub fn card(facts: Facts<'_>) -> Card<'_> {
    let Facts { id, project, source, stage, issue, content, config, by, heard, lease, .. } = facts;
    let notes = notes(&facts);
    Card {
        assignee: issue.assignee.as_deref(),
        blocked_by: facts.around.blocked_by,
        by,
        children: facts.around.children,
        closed_at: issue.closed_at.as_ref().map(Moment::to_utc_text),
        comments: issue.comments,
        content,
        created_at: issue.created_at.as_ref().map(Moment::to_utc_text),
        heard: heard.map(|heard| &heard.mark),
        id,
        key: short_key(id),
        kind: CardKind::Is,
        labels: &issue.labels,
        lease,
        notes,
        parent: issue.parent.as_deref(),
        priority: issue.priority,
        project,
        rank: rank(issue, id, config.rules(issue.status.as_deref().unwrap_or_default())),
        source,
        stage,
        status: issue.status.as_deref(),
        title: &issue.title,
        issue_type: issue.issue_type.as_deref(),
        updated_at: issue.updated_at.as_ref().map(Moment::to_utc_text),
    }
}

/// What is odd about an issue, at most [`MOST_NOTES`] of it: the last one says how much more there is.
fn notes(facts: &Facts<'_>) -> Vec<Note> {
    let mut notes = all_notes(facts);
    let more = notes.len().saturating_sub(MOST_NOTES);
    notes.truncate(MOST_NOTES);
    if let Some(last) = notes.last_mut().filter(|_| more > 0) {
        last.message = format!("{} There are {more} more such notes.", last.message);
    }
    notes
}

fn all_notes(facts: &Facts<'_>) -> Vec<Note> {
    let (issue, config, around) = (facts.issue, facts.config, &facts.around);
    let mut notes = Vec::new();
    let mut note = |code, message: String| notes.push(Note { code, message });
    if facts.heard.is_some_and(|heard| heard.refuses) {
        let message = "Kanbus refuses to change it here until what is heard of it has been pulled.";
        note(NoteCode::KanbusRefuses, message.to_owned());
    }
    if let Some(status) = issue.status.as_deref().filter(|status| config.column(status).is_none()) {
        note(NoteCode::UnknownStatus, format!("No column is configured for the status “{status}”."));
    }
    if let Some(kind) =
        issue.issue_type.as_deref().filter(|kind| !config.types.iter().any(|known| known.key == *kind))
    {
        note(NoteCode::UnknownType, format!("The type “{kind}” is not configured."));
    }
    if let Some(priority) =
        issue.priority.filter(|value| !config.priorities.iter().any(|known| known.value == *value))
    {
        note(NoteCode::UnknownPriority, format!("The priority {priority} is not configured."));
    }
    for fault in &issue.faults {
        match fault {
            Fault::Missing(field) => note(NoteCode::MissingField, format!("The file has no `{field}`.")),
            Fault::WrongType(field) => {
                note(NoteCode::WrongType, format!("`{field}` in the file is not what Kanbus writes there."));
            }
        }
    }
    if let Some(inner) = issue.id.as_deref().filter(|inner| *inner != facts.id) {
        note(NoteCode::IdMismatch, format!("The file calls itself “{inner}”; its name says “{}”.", facts.id));
    }
    if let Some(place) = &around.duplicate_of {
        note(NoteCode::DuplicateId, format!("The same id stands in {place}."));
    }
    if let Some(parent) = issue.parent.as_deref().filter(|_| around.parent_is_missing) {
        note(NoteCode::MissingParent, format!("Its parent {parent} is not on the board."));
    }
    if !around.cycle.is_empty() {
        note(NoteCode::ParentCycle, format!("Its parents form a circle: {}.", around.cycle.join(" → ")));
    }
    for target in &around.missing {
        note(NoteCode::MissingDependency, format!("It depends on {target}, which is not on the board."));
    }
    let strange = |kind: &str| kind != BLOCKED_BY && kind != RELATES_TO;
    for dependency in issue.dependencies.iter().filter(|dependency| strange(&dependency.kind)) {
        let (kind, target) = (&dependency.kind, &dependency.target);
        note(NoteCode::UnknownDependency, format!("“{kind}” ({target}) is not a dependency Kanbus acts on."));
    }
    notes
}
