//! Which status may follow which, by type, and what a new issue begins with.
//!
//! Not here: the rules that refuse a move (`rules`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Config, Reading, defaults, scalar};

/// The moves from each status.
pub type Workflow = BTreeMap<String, Vec<String>>;

/// The words for a move, by the status it leaves and the one it comes to.
type Labels = BTreeMap<String, BTreeMap<String, String>>;

/// Every workflow, and what its moves are called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workflows {
    moves: BTreeMap<String, Workflow>,
    labels: BTreeMap<String, Labels>,
}

/// What a new issue begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// Its status.
    pub status: String,
    /// Its priority.
    pub priority: i64,
    /// Who holds it, if the file says so.
    pub assignee: Option<String>,
}

impl Workflows {
    /// The workflow of `issue_type`: its own, else the one called `default`.
    pub fn of(&self, issue_type: &str) -> Option<&Workflow> {
        self.moves.get(issue_type).or_else(|| self.moves.get("default"))
    }

    /// The names of workflows: types, and `default`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.moves.keys().map(String::as_str)
    }

    /// What a move is called, if the file says so.
    pub fn label(&self, issue_type: &str, from: &str, to: &str) -> Option<&str> {
        let name = if self.moves.contains_key(issue_type) { issue_type } else { "default" };
        self.labels.get(name)?.get(from)?.get(to).map(String::as_str)
    }
}

/// Every status that a workflow names, sorted.
pub(crate) fn statuses(workflow: &Workflow) -> BTreeSet<&str> {
    workflow.iter().flat_map(|(from, to)| std::iter::once(from).chain(to)).map(String::as_str).collect()
}

impl Config {
    /// The types that stand one above another, from the top.
    pub fn hierarchy(&self) -> impl Iterator<Item = &str> {
        self.types.iter().filter(|kind| kind.level.is_some()).map(|kind| kind.key.as_str())
    }

    /// The types that a child of a `parent` may have: the one below it, and those outside of the hierarchy.
    pub fn child_types(&self, parent: &str) -> impl Iterator<Item = &str> {
        let level = self.types.iter().find(|kind| kind.level.is_some() && kind.key == parent);
        let below = level.and_then(|kind| kind.level).map(|level| level + 1);
        let has_below = below.is_some() && self.types.iter().any(|kind| kind.level == below);
        self.types
            .iter()
            .filter(move |kind| has_below && (kind.level == below || kind.level.is_none()))
            .map(|kind| kind.key.as_str())
    }
}

impl Reading {
    pub(super) fn workflows(&mut self) -> Workflows {
        let moves = self.entries("workflows").unwrap_or_else(defaults::workflows);
        let labels = self.entries("transition_labels").unwrap_or_else(defaults::transition_labels);
        let mut read = BTreeMap::new();
        for (name, moves) in moves {
            match moves {
                Value::Object(moves) => {
                    read.insert(name, moves.iter().map(|(from, to)| (from.clone(), targets(to))).collect());
                }
                // A workflow without a move.
                Value::Null => {
                    read.insert(name, Workflow::new());
                }
                _ => self.faults.push(format!("`workflows.{name}` is not a mapping")),
            }
        }
        Workflows {
            moves: read,
            labels: labels.iter().map(|(name, labels)| (name.clone(), words(labels))).collect(),
        }
    }

    pub(super) fn defaults(&mut self) -> Defaults {
        let priority = match self.present("default_priority") {
            None => None,
            Some(value) => {
                let number = scalar(value).and_then(|text| text.parse().ok());
                number.or_else(|| self.fault("`default_priority` is not a number".to_owned()))
            }
        };
        Defaults {
            status: self.text("initial_status").unwrap_or_else(|| "open".to_owned()),
            priority: priority.unwrap_or(2),
            assignee: self.text("assignee").filter(|name| !name.trim().is_empty()),
        }
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.present(key)? {
            Value::Bool(flag) => Some(*flag),
            _ => self.fault(format!("`{key}` is neither true nor false")),
        }
    }
}

/// A list of statuses; one alone may stand for a list.
fn targets(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(scalar).collect(),
        other => scalar(other).into_iter().collect(),
    }
}

fn words(labels: &Value) -> Labels {
    let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let inner = |labels: &Map<String, Value>| {
        labels.iter().filter_map(|(to, words)| Some((to.clone(), scalar(words)?))).collect()
    };
    entries(labels).iter().map(|(from, labels)| (from.clone(), inner(&entries(labels)))).collect()
}
