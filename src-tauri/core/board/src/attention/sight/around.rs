//! What a change of an issue depends on beside what has changed, looked up while the board is at hand.
//!
//! Not here: what has changed (`super`).

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::attention::attribution::{Attribution, Me};
use crate::attention::change::{Change, Scene, Told, What};
use crate::attention::subject::Subject;
use crate::board::{Board, Place};
use crate::config::Config;
use crate::issue::Issue;

/// What a change of an issue depends on beside what has changed.
#[derive(Debug, Clone)]
pub(super) struct Around {
    pub(super) config: Arc<Config>,
    pub(super) lease: Option<String>,
    /// The issues that it waits for and that are open.
    pub(super) open: Vec<String>,
    pub(super) subject: Subject,
}

/// When and to whom something is told, and what is at hand.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// When it became known.
    pub at: Timestamp,
    /// The person.
    pub me: &'a Me,
    /// The whole issue, where it is at hand.
    pub document: Option<&'a Map<String, Value>>,
}

impl Around {
    pub(super) fn of(board: &Board, subject: Subject, place: &Place, issue: Option<&Issue>) -> Option<Self> {
        let dependencies = issue.map(|issue| issue.dependencies.as_slice()).unwrap_or_default();
        let targets = dependencies.iter().map(|dependency| dependency.target.to_string());
        Some(Self {
            config: board.config(&place.project)?.clone(),
            lease: board.lease(&subject.id, &place.project).map(|lease| lease.owner.clone()),
            open: targets.filter(|target| board.is_open(target)).collect(),
            subject,
        })
    }

    /// What `whats` finds, each by whom `by` says.
    pub(super) fn changes(
        &self,
        told: &Telling<'_>,
        whats: impl FnOnce(&Scene<'_>) -> Vec<What>,
        by: impl Fn(&What) -> Attribution,
    ) -> Vec<Change> {
        let is_open = |id: &str| self.open.iter().any(|open| open == id);
        let scene = Scene { config: &self.config, me: told.me, document: told.document, is_open: &is_open };
        let change = |what: What| Change {
            at: told.at,
            by: by(&what),
            by_git: false,
            content: None,
            event_id: None,
            subject: self.subject.clone(),
            told: Told::Event,
            what,
        };
        whats(&scene).into_iter().map(change).collect()
    }
}
