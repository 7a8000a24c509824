//! The fields that a person sets, and what they are set to.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::bounds;
use super::refusal::Refusal;

/// Kanbus's own marks in `custom`, which it writes by itself.
const MARKS: [&str; 4] = ["source", "project_label", "project_path", "agent_assignment"];

/// The fields to set, and the labels to add and to remove. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldSet {
    /// The title.
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The type.
    pub issue_type: Option<String>,
    /// The status.
    pub status: Option<String>,
    /// The priority.
    pub priority: Option<i64>,
    /// Who holds it; `Some(None)` for nobody.
    pub assignee: Option<Option<String>>,
    /// The parent, by id or short form; `Some(None)` for none.
    pub parent: Option<Option<String>>,
    /// Keys of `custom`; null takes one away.
    pub custom: BTreeMap<String, Value>,
    /// Labels to add, before any is removed.
    pub add_labels: Vec<String>,
    /// Labels to remove.
    pub remove_labels: Vec<String>,
}

impl FieldSet {
    /// The fields that a JSON object sets, by Kanbus's names; a key of `custom` also as `custom.KEY`.
    ///
    /// # Errors
    /// Where one is unknown, cannot be set, or is of another type.
    pub fn from_json(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut set = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "title" => set.title = Some(text(name, value)?),
                "description" => set.description = Some(text(name, value)?),
                "type" => set.issue_type = Some(text(name, value)?),
                "status" => set.status = Some(text(name, value)?),
                "priority" => {
                    let number = value.as_i64().ok_or_else(|| wrong(name, "a whole number"))?;
                    set.priority = Some(number);
                }
                "assignee" => set.assignee = Some(optional(name, value)?),
                "parent" => set.parent = Some(optional(name, value)?),
                "custom" => {
                    let keys = value.as_object().ok_or_else(|| wrong(name, "an object"))?;
                    set.custom.extend(keys.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
                "labels" | "comments" | "dependencies" => {
                    return Err(Refusal::invalid(format!("`{name}` cannot be set"))
                        .hint("They are added and removed one by one."));
                }
                _ => match name.strip_prefix("custom.") {
                    Some(key) => {
                        set.custom.insert(key.to_owned(), value.clone());
                    }
                    None => return Err(unknown(name)),
                },
            }
        }
        Ok(set)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Each field with its value as it will be written; not the labels.
    pub(super) fn entries(&self) -> Vec<(String, Value)> {
        let text = |text: &Option<String>| text.as_deref().map(|text| Value::from(text.trim()));
        let named = |name: &Option<Option<String>>| name.clone().map(Value::from);
        let single = [
            ("title", text(&self.title)),
            ("description", text(&self.description)),
            ("type", text(&self.issue_type)),
            ("status", self.status.clone().map(Value::from)),
            ("priority", self.priority.map(Value::from)),
            ("assignee", named(&self.assignee)),
            ("parent", named(&self.parent)),
        ];
        let single = single.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let custom = self.custom.iter().map(|(key, value)| (format!("custom.{key}"), value.clone()));
        single.chain(custom).collect()
    }

    /// Refuses what no field may hold.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if let Some(title) = &self.title {
            bounds::title(title)?;
        }
        if let Some(description) = &self.description {
            bounds::text("the description", description)?;
        }
        if let Some(Some(assignee)) = &self.assignee {
            bounds::name("the assignee", assignee)?;
        }
        let parent = self.parent.as_ref().and_then(Option::as_deref);
        for (what, word) in [("the type", &self.issue_type), ("the status", &self.status)] {
            bounds::name(what, word.as_deref().unwrap_or_default().trim())?;
        }
        bounds::name("the parent", parent.unwrap_or_default().trim())?;
        bounds::many("labels", self.add_labels.len() + self.remove_labels.len())?;
        bounds::many("keys of `custom`", self.custom.len())?;
        for label in &self.add_labels {
            bounds::label(label)?;
        }
        for (key, value) in &self.custom {
            if key.trim().is_empty() {
                return Err(Refusal::invalid("a key of `custom` is empty").hint("Give it a name."));
            }
            bounds::name("a key of `custom`", key)?;
            if MARKS.contains(&key.as_str()) {
                return Err(Refusal::invalid(format!("`custom.{key}` cannot be set"))
                    .hint("Kanbus keeps it for its own views."));
            }
            bounds::json(&format!("`custom.{key}`"), value)?;
        }
        Ok(())
    }
}

fn text(name: &str, value: &Value) -> Result<String, Refusal> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong(name, "text"))
}

/// A name, or nobody: null and blanks.
fn optional(name: &str, value: &Value) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        _ => Err(wrong(name, "text or null")),
    }
}

fn wrong(name: &str, expected: &str) -> Refusal {
    Refusal::invalid(format!("`{name}` is not {expected}")).hint(format!("Give {expected}."))
}

fn unknown(name: &str) -> Refusal {
    let name = name.escape_debug();
    Refusal::invalid(format!("`{name}` is no field that can be set")).hint(
        "These can: title, description, type, status, priority, assignee, parent, and the keys of custom.",
    )
}
