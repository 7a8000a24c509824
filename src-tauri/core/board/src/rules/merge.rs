//! Three versions of an issue: what the edit began with, what somebody has made of it since, and what it is to be.

use serde_json::{Map, Value};

use super::difference::Difference;
use super::fields::FieldSet;
use super::record::{parsed, value};
use super::refusal::{Conflict, Refusal, Sides};
use crate::document::{Document, Step};

/// What whoever edits has seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen<'a> {
    /// The document that the edit began with, if it is still to be found.
    pub base: Option<&'a Document>,
    /// The values that the edit began with, by name, for when it is not.
    pub was: Option<&'a Map<String, Value>>,
}

/// Whether `mine` may be set on `theirs`: the names of what others have changed since, where none of it is what `mine`
/// sets to something else. Labels are added and removed, so they merge always.
///
/// # Errors
/// A refusal with the three values of each field that both have changed, or where a file cannot be read.
pub fn merge(seen: Seen<'_>, theirs: &Document, mine: &FieldSet) -> Result<Vec<String>, Refusal> {
    let mut conflict = Conflict::default();
    let mut merged = match seen.base {
        Some(base) => Difference::between(base, theirs)?.names(),
        None => Vec::new(),
    };
    for (name, mine) in mine.entries() {
        let now = held(theirs, &name);
        let before = match seen.base {
            Some(base) => Some(held(base, &name)),
            None => seen.was.and_then(|was| seen_value(was, &name)),
        };
        if before.as_ref() == Some(&now) || now == mine {
            continue;
        }
        conflict.fields.insert(name, Sides { base: before.unwrap_or_default(), theirs: now, mine });
    }
    if !conflict.fields.is_empty() {
        return Err(conflict.into());
    }
    if seen.base.is_none() {
        for (name, before) in seen.was.into_iter().flatten() {
            if name != "custom" && name != "labels" && held(theirs, name) != *before {
                merged.push(name.clone());
            }
        }
    }
    Ok(merged)
}

/// The value of the field `name` in `document`.
fn held(document: &Document, name: &str) -> Value {
    match name.strip_prefix("custom.") {
        Some(key) => parsed(document.at(&[Step::Key("custom"), Step::Key(key)])),
        None => value(document, name),
    }
}

fn seen_value(was: &Map<String, Value>, name: &str) -> Option<Value> {
    let inside = || was.get("custom")?.get(name.strip_prefix("custom.")?).cloned();
    was.get(name).cloned().or_else(inside)
}
