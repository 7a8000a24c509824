//! What Kanbus reads as an issue: both its clients, which differ in what they refuse.
//!
//! The models are its `IssueData`, `IssueComment`, `DependencyLink` and `AgentMetadata` (0.41, Rust and Python). Not
//! here: what Hearsay reads as an issue, which is any object (`issue`).
//!
//! Invariant: what fits here is read by both. Where that is in doubt, it does not fit.

use serde_json::{Map, Value};

use crate::moment::Moment;

/// The years that every calendar has, in every time zone.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=9998;
/// The longest platform of an agent, in characters.
const LONGEST_PLATFORM: usize = 64;
/// The longest model or name of an agent, in characters.
const LONGEST_NAME: usize = 128;

/// The fields of some record.
type Fields = Map<String, Value>;
/// What a field has to be.
type Test = fn(&Value) -> bool;

/// Whether both clients read `issue`.
pub(super) fn is_issue(issue: &Fields) -> bool {
    needs(
        issue,
        &[
            ("id", is_name),
            ("title", is_name),
            ("description", Value::is_string),
            ("type", is_name),
            ("status", is_name),
            ("priority", is_priority),
            ("created_at", is_time),
            ("updated_at", is_time),
        ],
    ) && may_be_null(
        issue,
        &[
            ("assignee", Value::is_string),
            ("creator", Value::is_string),
            ("parent", Value::is_string),
            ("closed_at", is_time),
            ("right_now_summary", Value::is_string),
            ("right_now_updated_at", is_time),
            ("agent", is_agent),
            // A view of the console, which nobody has to say.
            ("agent_assignment", Value::is_null),
        ],
    ) && may_be_absent(
        issue,
        &[
            ("labels", |value| is_list_of(value, Value::is_string)),
            ("dependencies", |value| is_list_of(value, is_dependency)),
            ("comments", |value| is_list_of(value, is_comment)),
            ("custom", is_custom),
        ],
    )
}

/// Whether `text` is a time as RFC 3339 spells it, which is less than is understood here.
pub(super) fn is_time_text(text: &str) -> bool {
    let Some((date_time, rest)) = text.split_at_checked(19) else { return false };
    let pattern = "dddd-dd-ddTdd:dd:dd";
    let without_fraction = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    let number = |text: &str| text.parse::<u32>().ok();
    let offset = without_fraction;
    let is_offset = offset == "Z"
        || ((looks_like(offset, "+dd:dd") || looks_like(offset, "-dd:dd"))
            && number(&offset[1..3]).is_some_and(|hours| hours < 24)
            && number(&offset[4..6]).is_some_and(|minutes| minutes < 60));
    looks_like(date_time, pattern)
        && is_offset
        && number(&date_time[..4]).is_some_and(|year| YEARS.contains(&year))
        && number(&date_time[11..13]).is_some_and(|hour| hour < 24)
        // A leap second is none for Python.
        && number(&date_time[17..]).is_some_and(|second| second < 60)
        && Moment::parse(text).is_some()
}

/// Whether `text` has a digit wherever `pattern` has a `d`, and is the same elsewhere.
fn looks_like(text: &str, pattern: &str) -> bool {
    let fits = |(byte, wanted): (u8, u8)| if wanted == b'd' { byte.is_ascii_digit() } else { byte == wanted };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits)
}

fn needs(fields: &Fields, tests: &[(&str, Test)]) -> bool {
    tests.iter().all(|(key, fits)| fields.get(*key).is_some_and(fits))
}

fn may_be_null(fields: &Fields, tests: &[(&str, Test)]) -> bool {
    tests.iter().all(|(key, fits)| fields.get(*key).is_none_or(|value| value.is_null() || fits(value)))
}

fn may_be_absent(fields: &Fields, tests: &[(&str, Test)]) -> bool {
    tests.iter().all(|(key, fits)| fields.get(*key).is_none_or(fits))
}

fn is_list_of(value: &Value, fits: Test) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(fits))
}

fn is_name(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(is_time_text)
}

fn is_priority(value: &Value) -> bool {
    value.as_i64().is_some_and(|priority| i32::try_from(priority).is_ok())
}

fn is_dependency(value: &Value) -> bool {
    value.as_object().is_some_and(|link| needs(link, &[("target", is_name), ("type", is_name)]))
}

/// Kanbus shows `project_path` as text.
fn is_custom(value: &Value) -> bool {
    let shown = ["project_path", "project_label", "source"];
    value
        .as_object()
        .is_some_and(|custom| shown.iter().all(|key| custom.get(*key).is_none_or(Value::is_string)))
}

fn is_comment(value: &Value) -> bool {
    let Some(comment) = value.as_object() else { return false };
    needs(comment, &[("author", is_name), ("created_at", is_time)])
        && may_be_null(comment, &[("id", Value::is_string), ("text", Value::is_string), ("agent", is_agent)])
        && may_be_absent(comment, &[("comment_type", Value::is_string), ("data", Value::is_object)])
        && says_something(comment)
}

/// Python wants words in every comment, or in the data of a summary.
fn says_something(comment: &Fields) -> bool {
    let has_words = |text: &str| text.chars().any(|c| !c.is_whitespace() && !c.is_control());
    let in_data = |key: &str| comment.get("data").and_then(|data| data.get(key)).is_some_and(is_name);
    let is_summary = comment.get("comment_type").and_then(Value::as_str) == Some("summary");
    comment.get("text").and_then(Value::as_str).is_some_and(has_words)
        || (is_summary && in_data("rewritten_description") && in_data("activity_summary"))
}

/// Neither client passes over a field of an agent that it does not know.
fn is_agent(value: &Value) -> bool {
    let Some(agent) = value.as_object() else { return false };
    let known = ["platform", "model", "name", "settings"];
    let at_most = |key: &str, most: usize| {
        let text = agent.get(key).and_then(Value::as_str);
        text.is_none_or(|text| text.chars().count() <= most)
    };
    agent.keys().all(|key| known.contains(&key.as_str()))
        && needs(agent, &[("platform", is_name), ("model", is_name)])
        && may_be_null(agent, &[("name", is_name)])
        && may_be_absent(agent, &[("settings", Value::is_object)])
        && at_most("platform", LONGEST_PLATFORM)
        && at_most("model", LONGEST_NAME)
        && at_most("name", LONGEST_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn issue() -> Value {
        json!({
            "id": "k-1", "title": "T", "description": "", "type": "task", "status": "open", "priority": 2,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00.123456789+02:00",
        })
    }

    fn fits(issue: &Value) -> bool {
        is_issue(issue.as_object().unwrap())
    }

    fn with(key: &str, value: Value) -> Value {
        let mut issue = issue();
        issue[key] = value;
        issue
    }

    #[test]
    fn an_issue_needs_what_one_client_or_the_other_needs() {
        assert!(fits(&issue()));
        for key in ["id", "title", "description", "type", "status", "priority", "created_at", "updated_at"] {
            let mut without = issue();
            without.as_object_mut().unwrap().remove(key);
            assert!(!fits(&without), "{key} is missing");
            assert!(!fits(&with(key, json!(null))), "{key} is null");
            assert!(!fits(&with(key, json!(["x"]))), "{key} is a list");
            assert_eq!(fits(&with(key, json!(""))), key == "description", "{key} is empty");
        }
        for key in ["assignee", "creator", "parent", "right_now_summary"] {
            assert!(fits(&with(key, json!(null))) && fits(&with(key, json!(""))), "{key}");
            assert!(!fits(&with(key, json!(5))), "{key} is a number");
        }
        for key in ["closed_at", "right_now_updated_at"] {
            assert!(fits(&with(key, json!(null))) && !fits(&with(key, json!("soon"))), "{key}");
        }
        for key in ["labels", "dependencies", "comments"] {
            assert!(fits(&with(key, json!([]))) && !fits(&with(key, json!(null))), "{key}");
            assert!(!fits(&with(key, json!([1]))) && !fits(&with(key, json!([["a", "b"]]))), "{key}");
        }
        assert!(fits(&with("custom", json!({"any": [1, {"thing": null}]}))));
        assert!(!fits(&with("custom", json!(null))) && !fits(&with("custom", json!({"project_path": 5}))));
        for priority in [json!(2.0), json!(1_u64 << 40), json!(true), json!("2")] {
            assert!(!fits(&with("priority", priority.clone())), "{priority}");
        }
        assert!(!fits(&with("dependencies", json!([{"target": "", "type": "x"}]))));
        assert!(!fits(&with("agent_assignment", json!({}))));
    }

    #[test]
    fn a_comment_says_something_and_its_agent_is_known_in_full() {
        let comment = json!({"author": "ann", "text": "x", "created_at": "2026-01-01T00:00:00Z"});
        let fits_with = |key: &str, value: Value| {
            let mut comment = comment.clone();
            comment[key] = value;
            fits(&with("comments", json!([comment])))
        };
        for (key, value, good) in [
            ("text", json!("words"), true),
            ("text", json!(null), false),
            ("text", json!(" \u{1f}\u{a0}"), false),
            ("author", json!(""), false),
            ("id", json!(5), false),
            ("id", json!(null), true),
            ("comment_type", json!(null), false),
            ("data", json!(null), false),
            ("data", json!([1]), false),
            ("data", json!({"a": 1}), true),
            ("agent", json!(null), true),
            ("agent", json!({"platform": "p", "model": "m"}), true),
            ("agent", json!({"platform": "p", "model": "m", "name": null, "settings": {"a": 1}}), true),
            ("agent", json!({"platform": "p", "model": "m", "more": 1}), false),
            ("agent", json!({"platform": "p", "model": "m", "settings": null}), false),
            ("agent", json!({"platform": "p".repeat(65), "model": "m"}), false),
            ("agent", json!({"platform": "p", "model": "m", "name": ""}), false),
            ("agent", json!({"platform": "p"}), false),
        ] {
            assert_eq!(fits_with(key, value.clone()), good, "{key}: {value}");
        }
        let mut summary = comment.clone();
        summary["comment_type"] = json!("summary");
        summary["text"] = json!("");
        assert!(!fits(&with("comments", json!([summary]))));
        summary["data"] = json!({"rewritten_description": "a", "activity_summary": "b"});
        assert!(fits(&with("comments", json!([summary]))));
    }

    #[test]
    fn a_time_is_spelled_as_both_clients_spell_it() {
        for text in
            ["2026-01-01T00:00:00Z", "2026-01-01T23:59:59.1+05:30", "1999-12-31T00:00:00.000000-00:00"]
        {
            assert!(is_time_text(text), "{text}");
        }
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00Z",
            "20260101T000000Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01t00:00:00z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.0123456789Z",
            "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00:00Z[UTC]",
            "2026-01-01T00:00:00+0200",
            "2026-01-01T00:00:00+25:00",
            "2026-01-01T24:00:00Z",
            "2026-06-30T23:59:60Z",
            "2026-02-30T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "+002026-01-01T00:00:00Z",
            "2026-01-01T00:00:0\u{661}Z",
        ] {
            assert!(!is_time_text(text), "{text}");
        }
    }
}
