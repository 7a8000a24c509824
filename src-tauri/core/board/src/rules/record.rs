//! The members of an issue's document: read leniently, written where Kanbus has them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::refusal::Refusal;
use crate::document::{Document, Step};
use crate::moment::Moment;

/// The order in which Kanbus writes an issue.
const ORDER: [&str; 19] = [
    "id",
    "title",
    "description",
    "type",
    "status",
    "priority",
    "assignee",
    "creator",
    "parent",
    "labels",
    "dependencies",
    "comments",
    "created_at",
    "updated_at",
    "closed_at",
    "agent",
    "right_now_summary",
    "right_now_updated_at",
    "custom",
];

/// The value of `key`; null where it is not there.
pub(super) fn value(document: &Document, key: &str) -> Value {
    parsed(document.get(key))
}

/// What `text` says; null where it is not there, or deeper than anybody writes.
pub(super) fn parsed(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The text of `key`, if it is one.
pub(super) fn text(document: &Document, key: &str) -> Option<String> {
    match value(document, key) {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The id, as the file says it.
pub(super) fn id(document: &Document) -> Result<String, Refusal> {
    text(document, "id").ok_or_else(|| Refusal::unreadable("the file does not say its `id`"))
}

pub(super) fn moment(document: &Document, key: &str) -> Option<Timestamp> {
    Moment::parse(&text(document, key)?).map(|moment| moment.instant())
}

/// Sets `key`, unless it says so already.
pub(super) fn put(document: &mut Document, key: &str, new: &Value) -> Result<(), Refusal> {
    if value(document, key) != *new {
        document.set(&[Step::Key(key)], new, &ORDER)?;
    }
    Ok(())
}

/// Sets `key`, whatever it says.
pub(super) fn put_as<T: Serialize>(document: &mut Document, key: &str, new: &T) -> Result<(), Refusal> {
    document.set(&[Step::Key(key)], new, &ORDER)?;
    Ok(())
}

/// Sets the value at the end of `path` to the text that stood there, behind the keys behind which it stood, or takes it
/// out where none did.
pub(super) fn put_back(
    document: &mut Document,
    path: &[Step<'_>],
    text: Option<&str>,
    order: &[String],
) -> Result<(), Refusal> {
    let order: Vec<&str> = order.iter().map(String::as_str).collect();
    match text {
        Some(text) => document.set_text(path, text, &order)?,
        None => document.remove(path)?,
    };
    Ok(())
}

/// The elements of the list `key`, as text.
pub(super) fn list<'a>(document: &'a Document, key: &str) -> Result<Vec<&'a str>, Refusal> {
    let Some(text) = document.get(key).filter(|text| *text != "null") else { return Ok(Vec::new()) };
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(elements) => Ok(elements.into_iter().map(RawValue::get).collect()),
        Err(_no_list) => Err(Refusal::unreadable(format!("`{key}` is not a list"))),
    }
}

/// Makes room for elements of the list `key`, where there is no list.
pub(super) fn make_list(document: &mut Document, key: &str) -> Result<(), Refusal> {
    list(document, key)?;
    if document.get(key).is_none_or(|text| text == "null") {
        document.set(&[Step::Key(key)], &[] as &[Value; 0], &ORDER)?;
    }
    Ok(())
}

/// Whether both say the same, however they spell it.
pub(super) fn same(left: Option<&str>, right: Option<&str>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => {
            left == right || (parsed(Some(left)) == parsed(Some(right)) && !deep(left))
        }
        (None, None) => true,
        _ => false,
    }
}

/// Whether `text` is deeper than can be compared.
fn deep(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_err()
}
