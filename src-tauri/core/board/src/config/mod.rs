//! `.kanbus.yml` as the board reads it: columns, types, priorities, sort rules, projects.
//!
//! The format and its defaults are Kanbus's `ProjectConfiguration` (0.41): a key that stands in the file replaces the
//! default as a whole. Not here: where the file lies, and whether a path it names may be read (`hearsay-repo`).
//!
//! Invariants:
//! - Any YAML mapping gives a configuration. What cannot be used falls back to Kanbus's default and is named in
//!   [`Config::faults`]; keys that nobody knows are named in [`Config::unknown_keys`].

mod defaults;
mod hooks;
mod realtime;
mod semantic;
mod sort;
mod workflow;
mod yaml;

use serde_json::{Map, Value};

use crate::unit::{Column, IssueType, Priority, Semantic};
pub use hooks::Hook;
pub use realtime::{Overlay, Realtime};
pub use semantic::derive_semantic;
pub use sort::{Direction, Field, Rule, SortOrder};
pub(crate) use workflow::statuses;
pub use workflow::{Defaults, Workflow, Workflows};
pub use yaml::ConfigError;

/// Top-level keys that Kanbus 0.41 or an earlier release gives a meaning to.
const KNOWN_KEYS: [&str; 38] = [
    "ai",
    "assignee",
    "beads_compatibility",
    "categories",
    "console_port",
    "coordination",
    "default_priority",
    "events",
    "external_projects",
    "github_security",
    "hierarchy",
    "hooks",
    "ignore_paths",
    "initial_status",
    "jira",
    "methodologies",
    "name",
    "new_issue_project",
    "overlay",
    "priorities",
    "project_directory",
    "project_id",
    "project_key",
    "project_management_template",
    "realtime",
    "right_now",
    "router",
    "snyk",
    "sort_order",
    "standup",
    "statuses",
    "time_zone",
    "transition_labels",
    "type_colors",
    "types",
    "virtual_projects",
    "wiki_directory",
    "workflows",
];

/// A configuration, with Kanbus's defaults where the file is silent.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The project directory, relative to the file. A stranger's input: check it before reading there.
    pub project_directory: String,
    /// The prefix of new ids, and the label of the project.
    pub project_key: String,
    /// The board's name, if the file gives one.
    pub name: Option<String>,
    /// What tells the project's gossip from any other's, if the file gives one.
    pub project_id: Option<String>,
    /// How the file wants gossip to go. A stranger's input.
    pub realtime: Realtime,
    /// How the file wants what is heard to be kept.
    pub overlay: Overlay,
    /// How long claims that are heard may be contended for, in seconds, if the file says so.
    pub contention_window_s: Option<u64>,
    /// Programs that the file wants to be run. A stranger's input.
    pub hooks: Vec<Hook>,
    /// Further projects, by label. Their paths are a stranger's input.
    pub virtual_projects: Vec<VirtualProject>,
    /// Paths that discovery passes over.
    pub ignore_paths: Vec<String>,
    /// Columns in the file's order.
    pub columns: Vec<Column>,
    /// Priorities, ascending.
    pub priorities: Vec<Priority>,
    /// Types: the hierarchy from the top, then the rest.
    pub types: Vec<IssueType>,
    /// How columns are sorted.
    pub sort: SortOrder,
    /// Which status may follow which.
    pub workflows: Workflows,
    /// What a new issue begins with.
    pub defaults: Defaults,
    /// Whether a change leaves an event file.
    pub events: bool,
    /// Top-level keys that no release of Kanbus knows.
    pub unknown_keys: Vec<String>,
    /// What could not be used, each in words.
    pub faults: Vec<String>,
}

/// A project that the configuration adds to the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualProject {
    /// Its label.
    pub label: String,
    /// Its directory, absolute or relative to the file.
    pub path: String,
    /// The name to show, if the file gives one.
    pub display_name: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self::from_mapping(Map::new())
    }
}

impl Config {
    /// Parses the text of `.kanbus.yml`, and of `.kanbus.override.yml` where there is one.
    ///
    /// # Errors
    /// Where one of them is not YAML, or not a mapping.
    pub fn parse(text: &str, overriding: Option<&str>) -> Result<Self, ConfigError> {
        let mut mapping = yaml::mapping(text)?;
        if let Some(text) = overriding {
            overlay(&mut mapping, yaml::mapping(text)?);
        }
        Ok(Self::from_mapping(mapping))
    }

    fn from_mapping(mut mapping: Map<String, Value>) -> Self {
        // `external_projects` is what `virtual_projects` was called.
        if let Some(projects) = mapping.remove("external_projects")
            && !mapping.contains_key("virtual_projects")
        {
            mapping.insert("virtual_projects".to_owned(), projects);
        }
        let unknown_keys =
            mapping.keys().filter(|key| !KNOWN_KEYS.contains(&key.as_str())).cloned().collect();
        let mut read = Reading { mapping, faults: Vec::new() };
        let type_colors = read.colors("type_colors");
        Self {
            project_directory: read.text("project_directory").unwrap_or_else(|| "project".to_owned()),
            project_key: read.text("project_key").unwrap_or_else(|| "kanbus".to_owned()),
            name: read.text("name").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            project_id: read.text("project_id").filter(|id| !id.trim().is_empty()),
            realtime: Realtime::read(&read.entries("realtime").unwrap_or_default()),
            overlay: Overlay::read(&read.entries("overlay").unwrap_or_default()),
            contention_window_s: realtime::contention_window_s(
                &read.entries("coordination").unwrap_or_default(),
            ),
            hooks: read.hooks(),
            virtual_projects: read.virtual_projects(),
            ignore_paths: read.texts("ignore_paths").unwrap_or_default(),
            columns: read.columns(),
            priorities: read.priorities(),
            types: read.types(&type_colors),
            sort: read.sort(),
            workflows: read.workflows(),
            defaults: read.defaults(),
            events: read.flag("events").unwrap_or(true),
            unknown_keys,
            faults: read.faults,
        }
    }

    /// The column of `status`, if one is configured.
    pub fn column(&self, status: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.key == status)
    }

    /// What `status` means, configured or not.
    pub fn semantic(&self, status: &str) -> Semantic {
        self.column(status).map_or_else(|| derive_semantic(status, ""), |column| column.semantic)
    }

    /// The rules that sort the column of `status`.
    pub fn rules(&self, status: &str) -> &[Rule] {
        self.sort.rules(status, self.column(status).and_then(|column| column.category.as_deref()))
    }
}

/// As Kanbus merges an override: key by key, `virtual_projects` entry by entry.
fn overlay(base: &mut Map<String, Value>, overriding: Map<String, Value>) {
    for (key, value) in overriding {
        match (base.get_mut(&key), value) {
            (Some(Value::Object(projects)), Value::Object(more)) if key == "virtual_projects" => {
                projects.extend(more);
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Takes typed values out of a mapping, and notes what does not fit.
struct Reading {
    mapping: Map<String, Value>,
    faults: Vec<String>,
}

impl Reading {
    fn present(&self, key: &str) -> Option<&Value> {
        self.mapping.get(key).filter(|value| !value.is_null())
    }

    fn fault<T>(&mut self, what: String) -> Option<T> {
        self.faults.push(what);
        None
    }

    fn text(&mut self, key: &str) -> Option<String> {
        match self.present(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => self.fault(format!("`{key}` is not text")),
        }
    }

    fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        match self.present(key)? {
            Value::Array(items) => Some(items.iter().filter_map(scalar).collect()),
            _ => self.fault(format!("`{key}` is not a list")),
        }
    }

    fn entries(&mut self, key: &str) -> Option<Map<String, Value>> {
        match self.present(key)? {
            Value::Object(entries) => Some(entries.clone()),
            // Older files write an empty list where newer ones write an empty mapping.
            Value::Array(items) if items.is_empty() => Some(Map::new()),
            _ => self.fault(format!("`{key}` is not a mapping")),
        }
    }

    fn colors(&mut self, key: &str) -> Map<String, Value> {
        self.entries(key).unwrap_or_else(defaults::type_colors)
    }

    fn virtual_projects(&mut self) -> Vec<VirtualProject> {
        let entries = self.entries("virtual_projects").unwrap_or_default();
        let mut projects = Vec::new();
        for (label, value) in entries {
            let display_name = value.get("display_name").and_then(scalar);
            match value.get("path").or(Some(&value)).and_then(scalar) {
                Some(path) => projects.push(VirtualProject { label, path, display_name }),
                None => self.faults.push(format!("`virtual_projects.{label}` has no `path`")),
            }
        }
        projects
    }

    fn columns(&mut self) -> Vec<Column> {
        let categories: Vec<(String, Option<String>)> = match self.present("categories") {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(|item| Some((scalar(item.get("name")?)?, item.get("color").and_then(scalar))))
                .collect(),
            _ => defaults::categories(),
        };
        let statuses = match self.present("statuses") {
            None => defaults::statuses(),
            Some(Value::Array(items)) => items.clone(),
            Some(_) => {
                self.faults.push("`statuses` is not a list".to_owned());
                defaults::statuses()
            }
        };
        let mut columns: Vec<Column> = Vec::with_capacity(statuses.len());
        for (index, status) in statuses.iter().enumerate() {
            match column(status, &categories) {
                Some(column) if columns.iter().any(|other| other.key == column.key) => {
                    self.faults.push(format!("the status `{}` stands in `statuses` twice", column.key));
                }
                Some(column) => columns.push(column),
                None => self.faults.push(format!("`statuses[{index}]` has neither `key` nor `name`")),
            }
        }
        columns
    }

    fn priorities(&mut self) -> Vec<Priority> {
        let entries = self.entries("priorities").unwrap_or_else(defaults::priorities);
        let mut priorities = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Ok(number) = key.parse() else {
                self.faults.push(format!("the priority `{key}` is not a number"));
                continue;
            };
            let name = value.get("name").or(Some(&value)).and_then(scalar).unwrap_or(key);
            let color = value.get("color").and_then(scalar);
            priorities.push(Priority { color, name, value: number });
        }
        priorities.sort_by_key(|priority| priority.value);
        priorities
    }

    fn types(&mut self, colors: &Map<String, Value>) -> Vec<IssueType> {
        let hierarchy = self.texts("hierarchy").unwrap_or_else(defaults::hierarchy);
        let others = self.texts("types").unwrap_or_else(defaults::types);
        let levels = hierarchy.into_iter().zip(0..).map(|(key, level)| (key, Some(level)));
        levels
            .chain(others.into_iter().map(|key| (key, None)))
            .map(|(key, level)| IssueType { color: colors.get(&key).and_then(scalar), key, level })
            .collect()
    }

    fn sort(&mut self) -> SortOrder {
        let entries = self.entries("sort_order").unwrap_or_default();
        let (order, mut faults) = SortOrder::from_entries(&entries);
        self.faults.append(&mut faults);
        order
    }
}

fn column(status: &Value, categories: &[(String, Option<String>)]) -> Option<Column> {
    let text = |key: &str| status.get(key).and_then(scalar).filter(|text| !text.trim().is_empty());
    let key = text("key").or_else(|| text("name")).or_else(|| scalar(status))?;
    let name = text("name").unwrap_or_else(|| key.clone());
    let category = text("category");
    let category_color = || {
        let (_, color) = categories.iter().find(|(name, _)| Some(name) == category.as_ref())?;
        color.clone()
    };
    let semantic = match text("semantic_category").as_deref() {
        Some("todo") => Semantic::Todo,
        Some("in_progress") => Semantic::InProgress,
        Some("done") => Semantic::Done,
        _ => derive_semantic(&key, &name),
    };
    Some(Column {
        collapsed: status.get("collapsed").and_then(Value::as_bool).unwrap_or_default(),
        color: text("color").or_else(category_color),
        category,
        key,
        name,
        semantic,
    })
}

/// A scalar as text: YAML reads `007` or `yes` as a number or a boolean where Kanbus's users mean a name.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
