//! Entries of the overlay on disk, as Kanbus writes and reads them.
//!
//! Not here: what an entry means (`overlay`), and where its file lies (`hearsay-repo`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fields, Received, Snapshot, Tombstone, clamped};
use crate::document::SyntaxError;
use crate::moment::Moment;

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

    /// The entry as Kanbus writes it.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec_pretty(&SnapshotRecord {
            overlay_ts: self.at.to_utc_text().into(),
            overlay_event_id: self.event_id.clone(),
            overrides: self.overrides.clone(),
            issue: self.issue.clone(),
        })
    }

    /// Whether Kanbus can read the issue: one entry that it cannot read makes its commands fail.
    pub fn is_kanbus_s(&self) -> bool {
        let field = |key: &str| self.issue.get(key).unwrap_or(&Value::Null);
        let text = |key: &str| field(key).is_string();
        let text_or_null = |key: &str| field(key).is_null() || field(key).is_string();
        let time = |value: &Value| value.as_str().is_some_and(|text| Moment::parse(text).is_some());
        let list = |key: &str, fits: &dyn Fn(&Value) -> bool| {
            field(key).as_array().is_some_and(|items| items.iter().all(fits))
        };
        let dependency = |item: &Value| item["target"].is_string() && item["type"].is_string();
        let comment = |item: &Value| {
            item["author"].is_string()
                && time(&item["created_at"])
                && (item["text"].is_null() || item["text"].is_string())
        };
        ["id", "title", "description", "type", "status"].into_iter().all(text)
            && ["assignee", "creator", "parent"].into_iter().all(text_or_null)
            && field("priority").as_i64().is_some_and(|priority| i32::try_from(priority).is_ok())
            && list("labels", &Value::is_string)
            && list("dependencies", &dependency)
            && list("comments", &comment)
            && time(field("created_at"))
            && time(field("updated_at"))
            && (field("closed_at").is_null() || time(field("closed_at")))
            && (field("custom").is_null() || field("custom").is_object())
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
            ts: self.at.to_utc_text().into(),
            ttl_s: self.ttl_s,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, EntryError> {
    serde_json::from_slice(bytes).map_err(|error| EntryError::Syntax(SyntaxError::from_json(bytes, &error)))
}
