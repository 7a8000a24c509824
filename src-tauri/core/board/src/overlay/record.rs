//! Entries of the overlay on disk, as Kanbus writes and reads them.
//!
//! Not here: what an entry means (`overlay`), and where its file lies (`hearsay-repo`).
//!
//! Invariant: what is written can be read again.

mod kanbus;

use std::io::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fields, Received, Snapshot, Tombstone, clamped, with};
use crate::document::{Document, SyntaxError};
use crate::moment::Moment;

/// The largest entry that is written, in bytes: as much as is read of a file.
const LARGEST: usize = 8 << 20;

/// An entry on disk: `.overlay/issues/<id>.json`.
#[derive(Serialize, Deserialize)]
struct SnapshotRecord {
    overlay_ts: Box<str>,
    #[serde(default)]
    overlay_event_id: Option<Box<str>>,
    #[serde(default)]
    overrides: Option<Fields>,
    issue: Fields,
}

/// An entry on disk: `.overlay/tombstones/<id>.json`.
#[derive(Serialize, Deserialize)]
struct TombstoneRecord {
    op: Box<str>,
    project: Box<str>,
    id: Box<str>,
    #[serde(default)]
    event_id: Option<Box<str>>,
    ts: Box<str>,
    ttl_s: u64,
}

/// Why bytes are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// They are not JSON of that shape.
    #[error(transparent)]
    Syntax(SyntaxError),
    /// A time in it is none.
    #[error("`{0}` is no time")]
    Time(&'static str),
    /// It is of another issue than its name says.
    #[error("it is of another issue than its name says")]
    OtherIssue,
}

impl Snapshot {
    /// Reads the entry of `id`, received at that time.
    ///
    /// # Errors
    /// Where `bytes` are no such entry.
    pub fn parse(bytes: &[u8], id: &str, received: Timestamp) -> Result<Received<Self>, EntryError> {
        let record: SnapshotRecord = read(bytes)?;
        if record.issue.get("id").and_then(Value::as_str) != Some(id) {
            return Err(EntryError::OtherIssue);
        }
        let at = clamped(&record.overlay_ts, received).ok_or(EntryError::Time("overlay_ts"))?;
        let SnapshotRecord { overlay_event_id, overrides, issue, .. } = record;
        Ok(Received { what: Self { at, event_id: overlay_event_id, overrides, issue }, received })
    }

    /// The entry as Kanbus writes it, over many lines, unless that would make it much larger.
    ///
    /// # Errors
    /// Where it cannot be written as JSON, or would be too large to be read again.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let record = SnapshotRecord {
            overlay_ts: self.at.to_utc_text().into(),
            overlay_event_id: self.event_id.clone(),
            overrides: self.overrides.clone(),
            issue: self.issue.clone(),
        };
        let compact = serde_json::to_vec(&record)?;
        if compact.len() > LARGEST {
            return Err(serde_json::Error::io(io::Error::other("the entry is too large to be read again")));
        }
        // What is deeply nested is mostly white space over many lines, up to a hundred times as much.
        let mut lines = Bounded { most: LARGEST.min(compact.len().saturating_mul(2)), bytes: Vec::new() };
        let in_lines = serde_json::to_writer_pretty(&mut lines, &record);
        Ok(if in_lines.is_ok() { lines.bytes } else { compact })
    }

    /// Whether Kanbus can read the entry: one that it cannot read makes its commands fail.
    pub fn is_kanbus_s(&self) -> bool {
        let id = self.issue.get("id");
        let reads_over = |over: &Fields| {
            over.get("id").is_none_or(|other| Some(other) == id) && kanbus::is_issue(&with(&self.issue, over))
        };
        kanbus::is_time_text(&self.at.to_utc_text())
            && kanbus::is_issue(&self.issue)
            && self.overrides.as_ref().is_none_or(reads_over)
    }
}

/// Bytes that do not become more than so many.
struct Bounded {
    most: usize,
    bytes: Vec<u8>,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Tombstone {
    /// Reads the entry of `id`, received at that time.
    ///
    /// # Errors
    /// Where `bytes` are no such entry.
    pub fn parse(bytes: &[u8], id: &str, received: Timestamp) -> Result<Received<Self>, EntryError> {
        let record: TombstoneRecord = read(bytes)?;
        if &*record.id != id {
            return Err(EntryError::OtherIssue);
        }
        let at = clamped(&record.ts, received).ok_or(EntryError::Time("ts"))?;
        let what = Self { at, event_id: record.event_id, ttl_s: record.ttl_s };
        Ok(Received { what, received })
    }

    /// The entry of `id` in `project` as Kanbus writes it.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn to_json(&self, project: &str, id: &str) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec_pretty(&TombstoneRecord {
            op: "delete".into(),
            project: project.into(),
            id: id.into(),
            event_id: self.event_id.clone(),
            ts: spelled(&self.at),
            ttl_s: self.ttl_s,
        })
    }
}

/// A time as Kanbus can read it, which takes what it cannot read for no time.
fn spelled(at: &Moment) -> Box<str> {
    let text = at.to_utc_text();
    if kanbus::is_time_text(&text) { text.into() } else { at.instant().to_string().into() }
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, EntryError> {
    // serde reads an array as a struct, field by field; Kanbus writes no such thing.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        Document::parse(bytes.to_vec()).map_err(EntryError::Syntax)?;
    }
    serde_json::from_slice(bytes).map_err(|error| EntryError::Syntax(SyntaxError::from_json(bytes, &error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn snapshot(issue: Value) -> Snapshot {
        let issue = issue.as_object().unwrap().clone();
        Snapshot { at: at("2026-01-01T00:00:00Z"), event_id: None, overrides: None, issue }
    }

    fn plain() -> Value {
        json!({
            "id": "k-1", "title": "T", "description": "", "type": "task", "status": "open", "priority": 2,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        })
    }

    /// `count` zeros, a hundred lists deep.
    fn deep(count: usize) -> Value {
        let mut value = Value::Array(vec![json!(0); count]);
        for _ in 0..100 {
            value = json!([value]);
        }
        value
    }

    #[test]
    fn an_entry_is_written_over_many_lines_unless_that_makes_it_much_larger() {
        let usual = snapshot(plain()).to_json().unwrap();
        assert!(usual.starts_with(b"{\n  \"overlay_ts\": "), "as Kanbus writes it");
        let mut issue = plain();
        issue["custom"] = json!({"deep": deep(400_000)});
        let odd = snapshot(issue);
        let bytes = odd.to_json().unwrap();
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        let received = at("2026-01-02T00:00:00Z").instant();
        assert_eq!(Snapshot::parse(&bytes, "k-1", received).unwrap().what, odd);
    }

    #[test]
    fn an_entry_that_could_not_be_read_again_is_not_written() {
        let mut issue = plain();
        issue["description"] = json!("x".repeat(LARGEST - 100));
        assert!(snapshot(issue.clone()).to_json().is_err());
        issue["description"] = json!("x".repeat(LARGEST - 1000));
        assert!(snapshot(issue).to_json().unwrap().len() <= LARGEST);
    }

    #[test]
    fn an_array_is_no_entry() {
        let received = at("2026-01-02T00:00:00Z").instant();
        let array = json!(["2026-01-01T00:00:00Z", null, null, plain()]).to_string();
        assert!(Snapshot::parse(format!(" \n{array}").as_bytes(), "k-1", received).is_err());
        let array = json!(["delete", "k", "k-1", null, "2026-01-01T00:00:00Z", 60]).to_string();
        assert!(Tombstone::parse(array.as_bytes(), "k-1", received).is_err());
    }

    #[test]
    fn what_is_to_override_and_when_it_was_sent_is_kanbus_s_as_well() {
        let with_overrides = |overrides: Value| Snapshot {
            overrides: Some(overrides.as_object().unwrap().clone()),
            ..snapshot(plain())
        };
        assert!(with_overrides(json!({"title": "New"})).is_kanbus_s());
        for overrides in [json!({"priority": "high"}), json!({"id": "k-2"}), json!({"comments": [{}]})] {
            assert!(!with_overrides(overrides.clone()).is_kanbus_s(), "{overrides}");
        }
        let odd = Snapshot { at: at("20260101T000000Z"), ..snapshot(plain()) };
        assert!(!odd.is_kanbus_s());
        let stone = Tombstone { at: at("20260101T000000Z"), event_id: None, ttl_s: 60 };
        let text = String::from_utf8(stone.to_json("k", "k-1").unwrap()).unwrap();
        assert!(text.contains("\"2026-01-01T00:00:00Z\""), "{text}");
    }
}
