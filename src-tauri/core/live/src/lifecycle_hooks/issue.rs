//! An issue as Kanbus gives it to hooks: every field that it knows, with its defaults, and none that it does not.
//!
//! Not here: what the fields mean (`hearsay_board`).

use hearsay_board::overlay::Fields;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Fields as they are; null where they are not there.
const PLAIN: [&str; 10] = [
    "id",
    "title",
    "description",
    "type",
    "status",
    "priority",
    "assignee",
    "creator",
    "parent",
    "right_now_summary",
];
const TIMES: [&str; 4] = ["created_at", "updated_at", "closed_at", "right_now_updated_at"];

/// The issue that has `fields` in its file.
pub(super) fn as_kanbus_has_it(fields: &Fields) -> Value {
    let mut issue = Map::new();
    for key in PLAIN {
        issue.insert(key.to_owned(), fields.get(key).cloned().unwrap_or_default());
    }
    for key in TIMES {
        issue.insert(key.to_owned(), time(fields.get(key)));
    }
    issue.insert("labels".to_owned(), fields.get("labels").cloned().unwrap_or_else(|| json!([])));
    issue.insert("dependencies".to_owned(), elements(fields, "dependencies", link));
    issue.insert("comments".to_owned(), elements(fields, "comments", comment));
    issue.insert("custom".to_owned(), fields.get("custom").cloned().unwrap_or_else(|| json!({})));
    if let Some(agent) = fields.get("agent").filter(|agent| !agent.is_null()) {
        issue.insert("agent".to_owned(), agent.clone());
    }
    Value::Object(issue)
}

fn elements(fields: &Fields, key: &str, one: impl Fn(&Value) -> Value) -> Value {
    let elements = fields.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().map(one).collect()
}

fn link(link: &Value) -> Value {
    json!({"target": link["target"], "type": link["type"]})
}

fn comment(comment: &Value) -> Value {
    let kind = comment.get("comment_type").cloned().unwrap_or_else(|| json!("default"));
    let mut told = json!({
        "author": comment["author"],
        "created_at": time(comment.get("created_at")),
        "comment_type": kind,
    });
    for key in ["id", "text", "data", "agent"] {
        let is_empty = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
        if let Some(value) = comment.get(key).filter(|value| !is_empty(value)) {
            told[key] = value.clone();
        }
    }
    told
}

/// A time in UTC, spelled as Kanbus's Rust client spells it: in groups of three digits, and none that are zero.
fn time(value: Option<&Value>) -> Value {
    let Some(value) = value else { return Value::Null };
    let Some(at) = value.as_str().and_then(|text| text.parse::<Timestamp>().ok()) else {
        // Nobody can say what it is; the hook may.
        return value.clone();
    };
    Value::String(match at.subsec_nanosecond() {
        0 => format!("{at:.0}"),
        nanos if nanos % 1_000_000 == 0 => format!("{at:.3}"),
        nanos if nanos % 1_000 == 0 => format!("{at:.6}"),
        _ => format!("{at:.9}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_has_what_kanbus_knows_and_nothing_else() {
        let fields = json!({
            "id": "demo-1",
            "created_at": "2026-05-04T12:00:00.120000+02:00",
            "comments": [{"author": "ada", "created_at": "2026-05-04T10:00:00Z", "data": {}, "mine": 1}],
            "dependencies": [{"target": "demo-2", "type": "blocked-by", "mine": 1}],
            "mine": 1,
        });
        let issue = as_kanbus_has_it(fields.as_object().unwrap());
        assert_eq!(issue["created_at"], "2026-05-04T10:00:00.120Z");
        let comment =
            json!({"author": "ada", "created_at": "2026-05-04T10:00:00Z", "comment_type": "default"});
        assert_eq!(issue["comments"], json!([comment]));
        assert_eq!(issue["dependencies"], json!([{"target": "demo-2", "type": "blocked-by"}]));
        assert_eq!(
            (&issue["labels"], &issue["custom"], &issue["parent"]),
            (&json!([]), &json!({}), &Value::Null)
        );
        assert!(issue.get("mine").is_none() && issue.get("agent").is_none());
    }
}
