//! When two values of an issue mean the same, however they are spelled.
//!
//! Not here: which fields count (`overlay`).

use serde_json::{Map, Value};

use super::Fields;
use crate::moment::Moment;

/// What Kanbus writes into `custom` for its own views.
const VIEW_TAGS: [&str; 2] = ["source", "project_label"];

/// Whether `field` is the same in both. Kanbus's own view tags are no part of an issue.
pub(super) fn same_field(field: &str, a: &Value, b: &Value) -> bool {
    match (field, a, b) {
        ("custom", a, b) => same(&without_view_tags(a), &without_view_tags(b)),
        (_, a, b) => same(a, b),
    }
}

fn without_view_tags(custom: &Value) -> Value {
    let Value::Object(entries) = custom else { return Value::Object(Map::new()) };
    let kept = entries.iter().filter(|(key, _)| !VIEW_TAGS.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// Whether two values mean the same: times are compared as instants, and what is null may as well be left out.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a == b || same_instant(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let has =
                |map: &Fields, key: &String, value: &Value| same(map.get(key).unwrap_or(&Value::Null), value);
            a.iter().all(|(key, value)| has(b, key, value)) && b.iter().all(|(key, value)| has(a, key, value))
        }
        (a, b) => a == b,
    }
}

fn same_instant(a: &str, b: &str) -> bool {
    let looks_like_time = |text: &str| text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T');
    let moment = |text: &str| looks_like_time(text).then(|| Moment::parse(text)).flatten();
    matches!((moment(a), moment(b)), (Some(a), Some(b)) if a.instant() == b.instant())
}
