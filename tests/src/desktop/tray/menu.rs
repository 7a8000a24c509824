//! `com.canonical.dbusmenu`: the menu of an icon, as a tree of what a person reads.

use std::collections::HashMap;

use zbus::blocking::Proxy;
use zbus::zvariant::{OwnedValue, Structure, Value};

/// The interface.
pub(super) const INTERFACE: &str = "com.canonical.dbusmenu";

/// Whether an entry is a switch, and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggle {
    /// It is none.
    None,
    /// It is on, or off.
    Is(bool),
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    id: i32,
    /// What it says, without the mark of a key; `---` for a line between entries.
    pub label: String,
    /// Whether it may be chosen.
    pub enabled: bool,
    /// Whether it is a switch.
    pub toggle: Toggle,
    /// What is below it.
    pub below: Vec<Entry>,
}

/// An entry as it is told: its id, its properties, and what is below.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// The entries that are to be seen.
pub(super) fn read(menu: &Proxy<'_>) -> zbus::Result<Vec<Entry>> {
    // Some fill a menu when it opens. Whoever does not may refuse to be told.
    let _ = menu.call_method("AboutToShow", &0_i32);
    let nothing: &[&str] = &[];
    let answer = menu.call_method("GetLayout", &(0_i32, -1_i32, nothing))?;
    let body = answer.body();
    let (_, (_, _, below)): (u32, Layout) = body.deserialize()?;
    Ok(below.iter().filter_map(|value| entry(value)).collect())
}

/// All of them, what is below an entry behind it.
pub(super) fn flat(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().flat_map(|entry| std::iter::once(entry).chain(flat(&entry.below))).collect()
}

/// Chooses it.
pub(super) fn choose(menu: &Proxy<'_>, entry: &Entry) {
    let nothing = Value::from(0_i32);
    menu.call_method("Event", &(entry.id, "clicked", nothing, 0_u32))
        .unwrap_or_else(|error| panic!("{:?} cannot be chosen: {error}", entry.label));
}

/// An id, properties, and what is below, each within a variant. `None` for what is not to be seen.
fn entry(value: &Value<'_>) -> Option<Entry> {
    let value = match value {
        Value::Value(inner) => inner,
        other => other,
    };
    let Value::Structure(parts) = value else { return None };
    let parts: &Structure<'_> = parts;
    let [Value::I32(id), Value::Dict(properties), Value::Array(below)] = parts.fields() else { return None };
    let properties: HashMap<String, OwnedValue> = properties.try_clone().ok()?.try_into().ok()?;
    let property = |name: &str| properties.get(name).map(|value| &**value);
    let flag = |name: &str| !matches!(property(name), Some(Value::Bool(false)));
    let text = |name: &str| match property(name) {
        Some(Value::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    if !flag("visible") {
        return None;
    }
    let toggle = match (text("toggle-type").as_str(), property("toggle-state")) {
        ("", _) => Toggle::None,
        (_, state) => Toggle::Is(matches!(state, Some(Value::I32(1)))),
    };
    let label = if text("type") == "separator" { "---".to_owned() } else { unmarked(&text("label")) };
    let below = below.iter().filter_map(entry).collect();
    Some(Entry { id: *id, label, enabled: flag("enabled"), toggle, below })
}

/// A single `_` marks a key, two of them are one.
fn unmarked(label: &str) -> String {
    label.split("__").map(|part| part.replace('_', "")).collect::<Vec<_>>().join("_")
}
