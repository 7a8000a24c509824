//! The overlay: what is heard of an issue, and how that merges with what its file says.
//!
//! The records are Kanbus's `OverlayIssueRecord` and `OverlayTombstone` (0.41). Not here: where they lie and when they
//! are written (`hearsay-repo`), and how they are heard (`hearsay-gossip`).
//!
//! Invariants:
//! - What is shown follows from the file, the entry and `now`, whatever order they came in.
//! - Hearsay never hides a file: a tombstone marks it, a snapshot overrides fields of it, and both end by themselves.
//! - No clock but our own decides how long: what a sender says of the future counts from when it reached us.

mod record;
mod same;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::event::agent_name;
use crate::issue::Issue;
use crate::moment::Moment;
use crate::unit;
pub use record::EntryError;
use same::{same, same_field};

/// By how much a file may say that it is newer than it is before its clock counts as wrong: file systems tell the time
/// more coarsely than programs do.
const SLACK: SignedDuration = SignedDuration::from_secs(2);

/// The fields of an issue, as JSON has them.
pub type Fields = Map<String, Value>;

/// How long an entry counts where no configuration says so, in seconds: Kanbus's default.
pub const TTL_S: u64 = 86_400;

/// An issue as somebody else has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When it was sent, never after it was received.
    pub at: Moment,
    /// The event that tells the change, if one does.
    pub event_id: Option<Box<str>>,
    /// The fields that count, where not all of them do.
    pub overrides: Option<Fields>,
    /// The whole issue.
    pub issue: Fields,
}

/// Word that an issue is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Tombstone {
    /// When it was sent, never after it was received.
    pub at: Moment,
    /// The event that tells the deletion, if one does.
    pub event_id: Option<Box<str>>,
    /// For how many seconds it counts.
    pub ttl_s: u64,
}

/// Something, and when it reached this machine by its own clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Received<T> {
    /// What.
    pub what: T,
    /// When.
    pub received: Timestamp,
}

/// Everything that is heard of one issue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// The newest snapshot.
    pub snapshot: Option<Received<Snapshot>>,
    /// The newest word that it is gone.
    pub tombstone: Option<Received<Tombstone>>,
}

/// An issue as its file has it.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// What the file says.
    pub fields: &'a Fields,
    /// When the file changed last by this machine's clock.
    pub changed: Timestamp,
}

/// What a merge depends on beside the file and the entry.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The time.
    pub now: Timestamp,
    /// For how many seconds a snapshot counts; 0 for ever.
    pub ttl_s: u64,
    /// Whether the working tree has the event of that id.
    pub happened: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Rules<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").field("now", &self.now).field("ttl_s", &self.ttl_s).finish_non_exhaustive()
    }
}

/// What an entry comes to.
#[derive(Debug, Default)]
pub struct Merged {
    /// What is heard beyond the file, if anything is.
    pub heard: Option<Box<Heard>>,
    /// Whether the snapshot still has something to say.
    pub keep_snapshot: bool,
    /// Whether the tombstone has.
    pub keep_tombstone: bool,
    /// When that changes by itself.
    pub until: Option<Timestamp>,
}

/// What is heard of an issue beyond its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// What a card says of it.
    pub mark: unit::Heard,
    /// The issue as it is heard; `None` where only its end is.
    pub issue: Option<Issue>,
    /// The same as a document.
    pub fields: Fields,
    /// Whether Kanbus's own commands refuse to change the issue because of it, should they read the entry.
    pub refuses: bool,
}

impl Snapshot {
    /// When the issue changed, as the snapshot itself says.
    fn said(&self) -> Timestamp {
        instant(&self.issue, "updated_at").unwrap_or_else(|| self.at.instant())
    }
}

impl Received<Snapshot> {
    /// When the issue changed: one that comes from the future is as old as it is here.
    fn order(&self) -> Timestamp {
        self.what.said().min(self.received)
    }

    /// Orders snapshots of one issue. Of two of one time the one that was sent later counts.
    fn rank(&self) -> (Timestamp, Timestamp) {
        (self.order(), self.what.at.instant())
    }

    /// The time to compare the file's with. A file that changed after we had heard is newer than what was said of the
    /// future; else a sender whose clock runs ahead would freeze the card.
    fn against(&self, base: Base<'_>) -> Timestamp {
        if base.changed > self.received { self.order() } else { self.what.said() }
    }
}

impl Entry {
    /// Whether nothing is heard.
    pub fn is_empty(&self) -> bool {
        self.snapshot.is_none() && self.tombstone.is_none()
    }

    /// Takes in what else was heard. Answers whether that is news.
    pub fn hear(&mut self, more: Self) -> bool {
        let mut news = false;
        if let Some(snapshot) = more.snapshot
            && self
                .snapshot
                .as_ref()
                .is_none_or(|old| old.rank() <= snapshot.rank() && old.what != snapshot.what)
        {
            self.snapshot = Some(snapshot);
            news = true;
        }
        if let Some(tombstone) = more.tombstone
            && self.tombstone.as_ref().is_none_or(|old| {
                old.what.at.instant() <= tombstone.what.at.instant() && old.what != tombstone.what
            })
        {
            self.tombstone = Some(tombstone);
            news = true;
        }
        news
    }

    /// What of it is newer than what `other` has instead.
    #[must_use]
    pub fn newer_than(self, other: &Self) -> Self {
        let newer = |snapshot: &Received<Snapshot>| {
            other.snapshot.as_ref().is_some_and(|theirs| snapshot.rank() > theirs.rank())
        };
        let later = |stone: &Received<Tombstone>| {
            let at = |stone: &Received<Tombstone>| stone.what.at.instant();
            other.tombstone.as_ref().is_some_and(|theirs| at(stone) > at(theirs))
        };
        Self { snapshot: self.snapshot.filter(newer), tombstone: self.tombstone.filter(later) }
    }

    /// Whether Kanbus can read all of it, and there is something to read.
    pub fn is_kanbus_s(&self) -> bool {
        !self.is_empty() && self.snapshot.as_ref().is_none_or(|snapshot| snapshot.what.is_kanbus_s())
    }

    /// The events that the entry names.
    pub fn event_ids(&self) -> impl Iterator<Item = &str> {
        let snapshot = self.snapshot.as_ref().and_then(|entry| entry.what.event_id.as_deref());
        let tombstone = self.tombstone.as_ref().and_then(|entry| entry.what.event_id.as_deref());
        snapshot.into_iter().chain(tombstone)
    }

    /// What the entry comes to over `base`.
    pub fn merge(&self, base: Option<Base<'_>>, rules: Rules<'_>) -> Merged {
        let stone = self.tombstone.as_ref().filter(|stone| !stone.is_over(rules));
        let snapshot = self.snapshot.as_ref().filter(|entry| {
            let buried = |stone: &Received<Tombstone>| stone.what.at.instant() >= entry.order();
            entry.is_live(rules) && !stone.is_some_and(buried)
        });
        let mut merged = Merged::default();
        if let Some((entry, over)) = snapshot.and_then(|entry| Some((entry, entry.over(base)?))) {
            merged.keep_snapshot = true;
            merged.until = expiry(entry.what.at.instant(), rules.ttl_s);
            merged.heard = Some(Box::new(entry.what.heard(base, over)));
        }
        let Some(stone) = stone else { return merged };
        match base {
            Some(base) if merged.heard.is_none() && stone.marks(base, rules) => {
                merged.heard = Some(Box::new(stone.what.heard(base)));
                merged.keep_tombstone = true;
            }
            Some(_) => {}
            // What is late and older than the end shall not bring the issue back.
            None => merged.keep_tombstone = true,
        }
        if merged.keep_tombstone {
            let end = expiry(stone.what.at.instant(), stone.what.ttl_s);
            merged.until = merged.until.into_iter().chain(end).min();
        }
        merged
    }

    /// What is left of the snapshot after the file has moved past it, from `before` to `base`: the fields that the
    /// file did not touch are still only heard. `None` where nothing is left, or nothing has moved, or no event tells
    /// the change: then nobody could say whether the file has it and moved on.
    pub fn rebase(&self, before: &Fields, base: Base<'_>, rules: Rules<'_>) -> Option<Received<Snapshot>> {
        let told = |entry: &&Received<Snapshot>| entry.what.event_id.is_some() && entry.is_live(rules);
        let entry = self.snapshot.as_ref().filter(told)?;
        let passed = base_said(base) >= entry.against(base);
        let was_over = entry.what.differing(before);
        let base_has = |field: &String| base.fields.get(field).unwrap_or(&Value::Null);
        let left: Fields = was_over
            .into_iter()
            .filter(|(field, _)| passed && same(before.get(field).unwrap_or(&Value::Null), base_has(field)))
            .collect();
        if left.is_empty() {
            return None;
        }
        let issue = with(base.fields, &left);
        let what = Snapshot { overrides: Some(left), issue, ..entry.what.clone() };
        // It is about the file as it is now, whenever it was heard.
        Some(Received { what, received: rules.now })
    }
}

impl Received<Snapshot> {
    fn is_live(&self, rules: Rules<'_>) -> bool {
        let expired = expiry(self.what.at.instant(), rules.ttl_s).is_some_and(|at| at <= rules.now);
        !expired && !self.what.event_id.as_deref().is_some_and(rules.happened)
    }

    /// The fields in which the snapshot is ahead of `base`; `None` where it is not.
    fn over(&self, base: Option<Base<'_>>) -> Option<Fields> {
        let Some(base) = base else { return Some(Fields::new()) };
        Some(self.what.differing(base.fields)).filter(|fields| self.is_ahead(base) && !fields.is_empty())
    }

    fn is_ahead(&self, base: Base<'_>) -> bool {
        let newer = self.against(base) > base_said(base);
        // One time is one change, also where the clock that told it is wrong.
        let of_one_time = instant(base.fields, "updated_at") == Some(self.what.said());
        if self.what.overrides.is_some() {
            newer || of_one_time || self.against(base) == base_said(base)
        } else {
            newer && !of_one_time
        }
    }

    /// The snapshot as the fields in which it differs from `base`, as Kanbus reconciles it: `None` where none is left,
    /// or the file is newer. Where it is not pruned, fields that were told apart before stay, though the file has caught
    /// up with them.
    pub fn reconciled(&self, base: Base<'_>, prune: bool) -> Option<Snapshot> {
        let overrides = match &self.what.overrides {
            Some(overrides) if !prune => overrides.clone(),
            _ => self.what.differing(base.fields),
        };
        if overrides.is_empty() || !self.is_ahead(base) {
            return None;
        }
        let mut issue = with(base.fields, &overrides);
        // It stays as new as it was: the file's time would make it of one time with whatever the file says.
        issue.extend(self.what.issue.get_key_value("updated_at").map(|(key, at)| (key.clone(), at.clone())));
        Some(Snapshot { overrides: Some(overrides), issue, ..self.what.clone() })
    }
}

impl Snapshot {
    /// The fields that the snapshot has otherwise than `base`. When an issue changed is not a change of it.
    fn differing(&self, base: &Fields) -> Fields {
        let counts = self.overrides.as_ref().unwrap_or(&self.issue);
        let other = counts.iter().filter(|(field, value)| {
            *field != "updated_at" && !same_field(field, base.get(*field).unwrap_or(&Value::Null), value)
        });
        other.map(|(field, value)| (field.clone(), value.clone())).collect()
    }

    fn heard(&self, base: Option<Base<'_>>, over: Fields) -> Heard {
        let mut fields = match base {
            Some(base) => with(base.fields, &over),
            None => self.issue.clone(),
        };
        if self.overrides.is_none()
            && let Some(updated_at) = self.issue.get("updated_at")
        {
            fields.insert("updated_at".to_owned(), updated_at.clone());
        }
        let from = self.author(base.map(|base| base.fields));
        let refuses = base.is_some_and(|base| self.at.instant() > written(base));
        let names = over.keys().cloned().collect();
        let mark =
            unit::Heard { at: self.at.to_utc_text().into_owned(), deleted: false, fields: names, from };
        Heard { mark, issue: issue_of(&fields), fields, refuses }
    }

    /// Who, as far as the snapshot tells: whoever wrote its newest comment, if that is new; else its agent.
    fn author(&self, base: Option<&Fields>) -> Option<String> {
        let count = |fields: &Fields| fields.get("comments").and_then(Value::as_array).map_or(0, Vec::len);
        let newest = self.issue.get("comments").and_then(Value::as_array).and_then(|all| all.last());
        let newest = newest.filter(|_| base.is_none_or(|base| count(base) < count(&self.issue)));
        let author = |comment: &Value| {
            agent_name(&comment["agent"]).or_else(|| Some(comment["author"].as_str()?.to_owned()))
        };
        newest.and_then(author).or_else(|| agent_name(self.issue.get("agent").unwrap_or(&Value::Null)))
    }
}

impl Received<Tombstone> {
    fn is_over(&self, rules: Rules<'_>) -> bool {
        expiry(self.what.at.instant(), self.what.ttl_s).is_some_and(|end| end <= rules.now)
    }

    /// Whether the file is one that somebody has deleted, and that is not known here yet.
    fn marks(&self, base: Base<'_>, rules: Rules<'_>) -> bool {
        let happened = self.what.event_id.as_deref().is_some_and(rules.happened);
        !happened && self.what.at.instant() >= base_said(base)
    }
}

impl Tombstone {
    fn heard(&self, base: Base<'_>) -> Heard {
        let at = self.at.to_utc_text().into_owned();
        let mark = unit::Heard { at, deleted: true, fields: Vec::new(), from: None };
        Heard { mark, issue: None, fields: base.fields.clone(), refuses: true }
    }
}

/// The time that `text` spells, or `received` where that is before it.
pub fn clamped(text: &str, received: Timestamp) -> Option<Moment> {
    let moment = Moment::parse(text)?;
    Some(if moment.instant() > received { Moment::of(received) } else { moment })
}

fn expiry(at: Timestamp, ttl_s: u64) -> Option<Timestamp> {
    let ttl = i64::try_from(ttl_s).ok().filter(|ttl| *ttl > 0)?;
    at.checked_add(SignedDuration::from_secs(ttl)).ok()
}

/// When the file says that the issue changed, by this machine's clock: what is written here cannot have changed later.
fn base_said(base: Base<'_>) -> Timestamp {
    let said = written(base);
    if said.duration_since(base.changed) > SLACK { base.changed } else { said }
}

/// When the file says that the issue changed, whatever the clock was.
fn written(base: Base<'_>) -> Timestamp {
    instant(base.fields, "updated_at").unwrap_or(base.changed)
}

fn instant(fields: &Fields, key: &str) -> Option<Timestamp> {
    Some(Moment::parse(fields.get(key)?.as_str()?)?.instant())
}

fn with(base: &Fields, over: &Fields) -> Fields {
    let mut fields = base.clone();
    fields.extend(over.iter().map(|(field, value)| (field.clone(), value.clone())));
    fields
}

fn issue_of(fields: &Fields) -> Option<Issue> {
    Issue::parse(&serde_json::to_vec(fields).ok()?).ok()
}

#[cfg(test)]
mod tests;
