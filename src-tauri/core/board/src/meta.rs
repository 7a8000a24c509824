//! What every view of the board needs to know once, from the configurations of its projects.
//!
//! Not here: reading a configuration (`config`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Config;
use crate::rules;
use crate::unit::{Column, Initial, IssueType, Meta, MetaKind, ProjectMeta};

/// A project on the board.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) config: Arc<Config>,
}

/// What the projects of a board come to.
pub(crate) fn meta(name: &str, projects: &BTreeMap<Arc<str>, Project>) -> Meta {
    let mut meta = Meta {
        columns: Vec::new(),
        kind: MetaKind::Is,
        name: name.to_owned(),
        priorities: Vec::new(),
        projects: Vec::new(),
        types: Vec::new(),
    };
    for (label, project) in projects {
        meta.projects.push(project_meta(label, project));
        merge(&mut meta.columns, &project.config.columns, |column: &Column| column.key.clone());
        merge(&mut meta.priorities, &project.config.priorities, |priority| priority.value);
        merge(&mut meta.types, &project.config.types, |kind| kind.key.clone());
    }
    meta.priorities.sort_by_key(|priority| priority.value);
    meta
}

fn project_meta(label: &str, project: &Project) -> ProjectMeta {
    let config = &*project.config;
    let from = |kind: &str| {
        let statuses = config.columns.iter().map(|column| column.key.clone());
        let moves = statuses.map(|status| (status.clone(), rules::moves(config, kind, &status)));
        moves.filter(|(_, next)| !next.is_empty()).collect()
    };
    let below = |kind: &IssueType| config.child_types(&kind.key).map(str::to_owned).collect::<Vec<_>>();
    let below = config.types.iter().map(|kind| (kind.key.clone(), below(kind)));
    ProjectMeta {
        below: below.filter(|(_, below)| !below.is_empty()).collect(),
        initial: Initial { priority: config.defaults.priority, status: config.defaults.status.clone() },
        label: label.to_owned(),
        moves: config.workflows.names().map(|kind| (kind.to_owned(), from(kind))).collect(),
        name: project.name.clone(),
    }
}

/// Adds what `into` does not have yet: where projects disagree, the first by label has its way.
fn merge<T: Clone, K: PartialEq>(into: &mut Vec<T>, more: &[T], key: impl Fn(&T) -> K) {
    for item in more {
        if !into.iter().any(|other| key(other) == key(item)) {
            into.push(item.clone());
        }
    }
}
