//! What may become of an issue next: for menus, and for where a card may be dropped.

use serde::Serialize;
use ts_rs::TS;

use super::around::Around;
use super::hierarchy::{check_type_change, check_types, no_loop, type_of};
use crate::config::Config;
use crate::issue::Issue;
use crate::unit::Source;

/// What may become of an issue next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Legal {
    /// The statuses that it may come to, in the order of the columns.
    pub statuses: Vec<Move>,
    /// The types that it may change to.
    pub types: Vec<String>,
    /// The issues that may become its parent, by id.
    pub parents: Vec<String>,
}

/// A status to come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Move {
    /// What the move is called, if the configuration says so.
    pub label: Option<String>,
    /// The status key.
    pub status: String,
}

/// What may become of `issue`, whose id is `id`.
pub fn legal(id: &str, issue: &Issue, config: &Config, around: &dyn Around) -> Legal {
    let (issue_type, status) = (type_of(issue), issue.status.as_deref().unwrap_or_default());
    let fits = |kind: &str| {
        kind != issue_type && check_type_change(config, around, (id, issue.parent.as_deref()), kind).is_ok()
    };
    let types = config.types.iter().filter(|kind| fits(&kind.key)).map(|kind| kind.key.clone());
    let mut parents = Vec::new();
    around.each(&mut |known| {
        let is_other = issue.parent.as_deref() != Some(known.id) && known.source == Source::Shared;
        if is_other && fits_below(id, issue_type, (known.id, known.issue), config, around) {
            parents.push(known.id.to_owned());
        }
    });
    parents.sort();
    Legal { statuses: moves(config, issue_type, status), types: types.collect(), parents }
}

/// The statuses that an issue of that type may come to from `status`, in the order of the columns.
pub fn moves(config: &Config, issue_type: &str, status: &str) -> Vec<Move> {
    let targets = config.workflows.of(issue_type).and_then(|flow| flow.get(status));
    let targets = targets.map(Vec::as_slice).unwrap_or_default();
    let keys = config.columns.iter().map(|column| &column.key);
    let next = keys.filter(|key| *key != status && targets.contains(key));
    let label = |key: &str| config.workflows.label(issue_type, status, key).map(str::to_owned);
    next.map(|key| Move { label: label(key), status: key.clone() }).collect()
}

/// Whether `parent` may become the parent of `issue`.
pub fn may_be_parent(id: &str, issue: &Issue, parent: &str, config: &Config, around: &dyn Around) -> bool {
    let candidate = around.issue(parent, Source::Shared);
    candidate.is_some_and(|candidate| fits_below(id, type_of(issue), (parent, candidate), config, around))
}

fn fits_below(
    id: &str,
    issue_type: &str,
    (parent, candidate): (&str, &Issue),
    config: &Config,
    around: &dyn Around,
) -> bool {
    check_types(config, type_of(candidate), issue_type).is_ok() && no_loop(around, id, parent).is_ok()
}
