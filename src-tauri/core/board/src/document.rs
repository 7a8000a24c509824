//! A JSON record as a lossless document: its bytes, and where each top-level member stands in them.
//!
//! Not here: what the members mean (`issue`, `event`).
//!
//! Invariants:
//! - What is not set is never touched: unknown keys, key order, white space, number spelling, duplicate keys.
//! - A document is always valid JSON with an object at its top.

mod edit;

use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use serde_json::value::RawValue;

pub use edit::Step;

/// Why bytes are not a document. Line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line}, column {column}")]
pub struct SyntaxError {
    /// What is wrong, without the position.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// Whether the text is what is left by a merge: both sides between conflict markers.
    pub conflict_markers: bool,
}

impl SyntaxError {
    /// From what serde_json says of `bytes`, with the position taken out of the message.
    pub fn from_json(bytes: &[u8], error: &serde_json::Error) -> Self {
        let (line, column) = (clamp(error.line()), clamp(error.column()));
        let whole = error.to_string();
        let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
        let message = match error.classify() {
            Category::Eof => "the text is cut short".to_owned(),
            Category::Syntax => format!("this is not JSON ({message})"),
            Category::Data | Category::Io => message.to_owned(),
        };
        Self { message, line, column, conflict_markers: has_conflict_markers(bytes) }
    }

    /// For bytes that are not UTF-8 from `valid` on.
    pub fn not_utf8(bytes: &[u8], valid: usize) -> Self {
        let before = &bytes[..valid.min(bytes.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        Self {
            message: "not UTF-8".to_owned(),
            line: clamp(line),
            column: clamp(column),
            conflict_markers: has_conflict_markers(bytes),
        }
    }
}

fn clamp(position: usize) -> u32 {
    u32::try_from(position.max(1)).unwrap_or(u32::MAX)
}

fn has_conflict_markers(bytes: &[u8]) -> bool {
    let line_starts_with =
        |marker: &[u8]| bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(marker));
    line_starts_with(b"<<<<<<< ") && line_starts_with(b">>>>>>> ")
}

/// A JSON object as text, with the spans of its top-level members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    text: String,
    members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    key: String,
    value: Range<usize>,
}

impl Document {
    /// Parses `bytes`.
    ///
    /// # Errors
    /// Where they are not UTF-8, not JSON or not an object.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, SyntaxError> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            SyntaxError::not_utf8(error.as_bytes(), valid)
        })?;
        let mut json = serde_json::Deserializer::from_str(&text);
        let members = Spans { text: &text }
            .deserialize(&mut json)
            .and_then(|members| json.end().map(|()| members))
            .map_err(|error| SyntaxError::from_json(text.as_bytes(), &error))?;
        Ok(Self { text, members })
    }

    /// The document's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document's bytes, as they go to the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// The value of the top-level member `key` as JSON text; of the last one where several have that key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let member = self.members.iter().rev().find(|member| member.key == key)?;
        self.text.get(member.value.clone())
    }

    /// Top-level keys in the order of the text.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.key.as_str())
    }

    /// Replaces the value of the existing top-level member `key`, and nothing else. Answers whether there was one.
    ///
    /// # Errors
    /// Where `value` cannot be written as JSON.
    pub fn replace<T: Serialize>(&mut self, key: &str, value: &T) -> Result<bool, serde_json::Error> {
        let json = indented(value)?;
        let Some(at) = self.members.iter().rposition(|member| member.key == key) else { return Ok(false) };
        let old = self.members[at].value.clone();
        self.text.replace_range(old.clone(), &json);
        let shift = |position: usize| position - old.len() + json.len();
        self.members[at].value = old.start..shift(old.end);
        for later in &mut self.members[at + 1..] {
            later.value = shift(later.value.start)..shift(later.value.end);
        }
        Ok(true)
    }
}

/// `value` as Kanbus writes it one level down: two-space pretty JSON.
fn indented<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(value)?.replace('\n', "\n  "))
}

struct Spans<'a> {
    text: &'a str,
}

impl<'de> DeserializeSeed<'de> for Spans<'de> {
    type Value = Vec<Member>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Spans<'de> {
    type Value = Vec<Member>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        struct Borrowed<'a>(#[serde(borrow)] &'a RawValue);
        let mut members = Vec::new();
        while let Some((key, Borrowed(raw))) = map.next_entry::<String, Borrowed<'de>>()? {
            // A raw value borrows from the text, so its address says where it stands.
            let start = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
            members.push(Member { key, value: start..start + raw.get().len() });
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ODD: &str =
        "{\n  \"id\" : \"a-1\",\n\t\"n\":1.50e+3, \"x\":{\"deep\":[ 1,2 ]},\"title\":\"T\"\n}\n";

    #[test]
    fn parse_then_write_is_the_identity() {
        let document = Document::parse(ODD.into()).unwrap();
        assert_eq!(document.text(), ODD);
        assert_eq!(document.get("n"), Some("1.50e+3"), "the spelling of a number is kept");
        assert_eq!(document.keys().collect::<Vec<_>>(), ["id", "n", "x", "title"]);
    }

    #[test]
    fn replacing_one_member_changes_its_value_alone() {
        let mut document = Document::parse(ODD.into()).unwrap();
        assert!(document.replace("n", &"longer than before").unwrap());
        assert!(document.replace("title", &["a"]).unwrap());
        assert_eq!(
            document.text(),
            ODD.replace("1.50e+3", "\"longer than before\"").replace("\"T\"", "[\n    \"a\"\n  ]")
        );
        assert_eq!(document.get("x"), Some("{\"deep\":[ 1,2 ]}"), "spans behind the change move with it");
        assert!(!document.replace("nowhere", &1).unwrap());
    }

    #[test]
    fn errors_say_where() {
        let error = |text: &[u8]| Document::parse(text.to_vec()).unwrap_err();
        let cut = error(b"{\n  \"id\": \"a");
        assert_eq!((cut.line, cut.conflict_markers), (2, false));
        assert!(!cut.message.contains("line"), "the position stands beside the message, not in it");
        let bytes = error(b"{\n \"a\": \"\xff\"}");
        assert_eq!((bytes.message.as_str(), bytes.line, bytes.column), ("not UTF-8", 2, 8));
        assert!(error(b"{\n<<<<<<< HEAD\n\"a\":1\n=======\n\"a\":2\n>>>>>>> b\n}").conflict_markers);
        assert!(error(b"[]").message.contains("an object"));
    }

    proptest! {
        #[test]
        fn replacing_a_member_by_any_value_reads_back_as_that_value(
            keys in prop::collection::btree_set("[a-z]{1,6}", 1..6),
            pick in any::<prop::sample::Index>(),
            value in "\\PC*",
        ) {
            let text = format!("{{{}}}", keys.iter().map(|k| format!("\"{k}\": [1, {{}}]")).collect::<Vec<_>>().join(",\n"));
            let mut document = Document::parse(text.into_bytes()).unwrap();
            let key = pick.get(&keys.iter().cloned().collect::<Vec<_>>()).clone();
            document.replace(&key, &value).unwrap();
            let again = Document::parse(document.text().to_owned().into_bytes()).unwrap();
            prop_assert_eq!(&again, &document);
            for name in &keys {
                let expected = if *name == key { serde_json::to_string(&value).unwrap() } else { "[1, {}]".to_owned() };
                prop_assert_eq!(again.get(name), Some(expected.as_str()));
            }
        }
    }
}
