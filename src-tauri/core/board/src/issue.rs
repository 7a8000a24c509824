//! An issue file as the board reads it: the summary fields, and what is odd about them.
//!
//! The format is Kanbus's `IssueData` (0.41). Not here: descriptions and comment bodies, which stay in the file, and
//! what the fields mean on a board (`card`).
//!
//! Invariants:
//! - Any JSON object gives an issue: a field that is missing or of another type becomes a [`Fault`], not an error.
//! - The usual file is read in one pass without building a tree.

use serde::Deserialize;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;

use crate::document::{Document, SyntaxError};
use crate::moment::Moment;

/// The summary fields of one issue file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issue {
    /// The id inside the file, which should be the stem of its name.
    pub id: Option<Box<str>>,
    /// The title; empty where the file has none.
    pub title: Box<str>,
    /// The issue type.
    pub issue_type: Option<Box<str>>,
    /// The status key.
    pub status: Option<Box<str>>,
    /// The priority number.
    pub priority: Option<i64>,
    /// Who holds it.
    pub assignee: Option<Box<str>>,
    /// The parent's id.
    pub parent: Option<Box<str>>,
    /// Labels in the file's order.
    pub labels: Vec<String>,
    /// Links to other issues.
    pub dependencies: Vec<Dependency>,
    /// How many comments there are.
    pub comments: usize,
    /// When it was created.
    pub created_at: Option<Moment>,
    /// When it changed last.
    pub updated_at: Option<Moment>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// What is missing or of the wrong type.
    pub faults: Vec<Fault>,
}

/// A link to another issue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Dependency {
    /// The other issue's id.
    pub target: Box<str>,
    /// The type as the file spells it: Kanbus writes `blocked-by` and `relates-to`.
    #[serde(rename = "type")]
    pub kind: Box<str>,
}

/// Something the file should hold and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A field that every issue has is not there.
    Missing(&'static str),
    /// A field holds a value of another type.
    WrongType(&'static str),
}

impl Issue {
    /// Reads the summary fields of `bytes`.
    ///
    /// # Errors
    /// Where `bytes` are not a JSON object in UTF-8.
    pub fn parse(bytes: &[u8]) -> Result<Self, SyntaxError> {
        let text =
            std::str::from_utf8(bytes).map_err(|error| SyntaxError::not_utf8(bytes, error.valid_up_to()))?;
        // serde reads an array as a struct, field by field; Kanbus writes no such thing.
        if text.trim_start().starts_with('[') {
            return Document::parse(bytes.to_vec()).map(|_| Self::default());
        }
        match serde_json::from_str::<Strict>(text) {
            Ok(strict) => Ok(strict.into_issue()),
            Err(error) if error.is_data() => lenient(text),
            Err(error) => Err(SyntaxError::from_json(bytes, &error)),
        }
    }
}

/// The shape Kanbus writes.
#[derive(Deserialize)]
struct Strict {
    id: Option<Box<str>>,
    title: Option<Box<str>>,
    description: Option<IgnoredAny>,
    #[serde(rename = "type")]
    issue_type: Option<Box<str>>,
    status: Option<Box<str>>,
    priority: Option<i64>,
    assignee: Option<Box<str>>,
    parent: Option<Box<str>>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    dependencies: Vec<Dependency>,
    #[serde(default)]
    comments: Count,
    created_at: Option<Box<str>>,
    updated_at: Option<Box<str>>,
    closed_at: Option<Box<str>>,
}

impl Strict {
    fn into_issue(self) -> Issue {
        let mut faults = Vec::new();
        let mut need = |name, there: bool| {
            if !there {
                faults.push(Fault::Missing(name));
            }
        };
        need("id", self.id.is_some());
        need("title", self.title.is_some());
        need("description", self.description.is_some());
        need("type", self.issue_type.is_some());
        need("status", self.status.is_some());
        need("priority", self.priority.is_some());
        need("created_at", self.created_at.is_some());
        need("updated_at", self.updated_at.is_some());
        let mut moment = |name, text: Option<Box<str>>| {
            let parsed = text.as_deref().map(Moment::parse)?;
            if parsed.is_none() {
                faults.push(Fault::WrongType(name));
            }
            parsed
        };
        let (created_at, updated_at, closed_at) = (
            moment("created_at", self.created_at),
            moment("updated_at", self.updated_at),
            moment("closed_at", self.closed_at),
        );
        Issue {
            id: self.id,
            title: self.title.unwrap_or_default(),
            issue_type: self.issue_type,
            status: self.status,
            priority: self.priority,
            assignee: self.assignee,
            parent: self.parent,
            labels: self.labels,
            dependencies: self.dependencies,
            comments: self.comments.0,
            created_at,
            updated_at,
            closed_at,
            faults,
        }
    }
}

/// The length of a JSON array, read without keeping its elements.
#[derive(Default)]
struct Count(usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counting;
        impl<'de> Visitor<'de> for Counting {
            type Value = Count;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
                let mut count = 0;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Count(count))
            }
        }
        deserializer.deserialize_seq(Counting)
    }
}

/// Reads field by field what [`Strict`] refused: each one that fits is kept, each other is a fault.
fn lenient(text: &str) -> Result<Issue, SyntaxError> {
    let mut fields: serde_json::Map<String, Value> =
        serde_json::from_str(text).map_err(|error| SyntaxError::from_json(text.as_bytes(), &error))?;
    let mut faults = Vec::new();
    let mut wrong = Vec::new();
    let mut take = |name: &'static str| fields.remove(name).filter(|value| !value.is_null());
    let mut text_of = |name: &'static str, value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text.into_boxed_str()),
        Some(_) => {
            wrong.push(Fault::WrongType(name));
            None
        }
        None => None,
    };
    let strict = Strict {
        id: text_of("id", take("id")),
        title: text_of("title", take("title")),
        description: take("description").map(|_| IgnoredAny),
        issue_type: text_of("type", take("type")),
        status: text_of("status", take("status")),
        assignee: text_of("assignee", take("assignee")),
        parent: text_of("parent", take("parent")),
        created_at: text_of("created_at", take("created_at")),
        updated_at: text_of("updated_at", take("updated_at")),
        closed_at: text_of("closed_at", take("closed_at")),
        priority: typed("priority", take("priority"), &mut faults),
        labels: typed("labels", take("labels"), &mut faults).unwrap_or_default(),
        dependencies: typed("dependencies", take("dependencies"), &mut faults).unwrap_or_default(),
        comments: typed("comments", take("comments"), &mut faults).unwrap_or_default(),
    };
    faults.append(&mut wrong);
    let mut issue = strict.into_issue();
    // A field of the wrong type is there: it is not missing as well.
    issue
        .faults
        .retain(|fault| !matches!(fault, Fault::Missing(name) if faults.contains(&Fault::WrongType(name))));
    issue.faults.append(&mut faults);
    Ok(issue)
}

fn typed<T: serde::de::DeserializeOwned>(
    name: &'static str,
    value: Option<Value>,
    faults: &mut Vec<Fault>,
) -> Option<T> {
    let read = serde_json::from_value(value?).ok();
    if read.is_none() {
        faults.push(Fault::WrongType(name));
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kanbus_writes_is_read_without_a_fault() {
        let issue = Issue::parse(
            br#"{"id":"k-1","title":"T","description":"","type":"task","status":"open","priority":2,"assignee":null,
                "creator":null,"parent":"k-0","labels":["a"],"dependencies":[{"target":"k-2","type":"blocked-by"}],
                "comments":[{"author":"x","created_at":"2026-01-01T00:00:00Z"},{}],
                "created_at":"2026-11-21T00:01:35.416150Z","updated_at":"2026-11-21T00:01:35.416479Z",
                "closed_at":null,"right_now_summary":null,"custom":{"new":1}}"#,
        )
        .unwrap();
        assert_eq!(issue.faults, []);
        assert_eq!((issue.comments, issue.priority, issue.parent.as_deref()), (2, Some(2), Some("k-0")));
        assert_eq!(&*issue.dependencies[0].target, "k-2");
    }

    #[test]
    fn wrong_types_and_missing_fields_are_faults_and_the_rest_is_kept() {
        let issue = Issue::parse(
            br#"{"id":7,"title":["x"],"priority":"high","labels":"one","status":"open","comments":{},
                "created_at":"yesterday","updated_at":5,"dependencies":[{"target":"a"}]}"#,
        )
        .unwrap();
        assert_eq!(issue.status.as_deref(), Some("open"));
        for fault in [
            Fault::WrongType("id"),
            Fault::WrongType("title"),
            Fault::WrongType("priority"),
            Fault::WrongType("labels"),
            Fault::WrongType("comments"),
            Fault::WrongType("created_at"),
            Fault::WrongType("updated_at"),
            Fault::WrongType("dependencies"),
            Fault::Missing("type"),
            Fault::Missing("description"),
        ] {
            assert!(issue.faults.contains(&fault), "{fault:?} is missing in {:?}", issue.faults);
        }
        assert!(!issue.faults.contains(&Fault::Missing("priority")), "a wrong value is not a missing one");
    }

    #[test]
    fn only_an_object_is_an_issue() {
        for bytes in [&b"[]"[..], b"", b"null", b"3", b"{", b"\xff", b"{} {}"] {
            assert!(Issue::parse(bytes).is_err(), "{:?} is not an issue", String::from_utf8_lossy(bytes));
        }
        let deep = |key: &str| format!("{{\"{key}\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Issue::parse(deep("unknown").as_bytes()).is_ok(), "what is passed over may be deep");
        assert!(Issue::parse(deep("title").as_bytes()).is_err(), "a hostile depth is an error, not a crash");
    }
}
