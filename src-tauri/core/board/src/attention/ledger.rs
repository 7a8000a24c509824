//! The ledger of this person's own writes: what is in it is not from another.
//!
//! One file a user, shared by desktop and `serve`: a line a write, so that two processes can append. Not here: where it
//! lies and who reads it.
//!
//! Invariants:
//! - A write is known by its events and by what the issue came to, never by when it was.
//! - Bounded in number and in age; a line that cannot be read is counted and costs no other.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::{Change, What};
use super::content::Content;

/// The most writes that are kept.
pub const MOST: usize = 4_096;
/// For how long a write is kept: gossip that comes later than that is not of today.
pub const AGE: SignedDuration = SignedDuration::from_hours(24);

/// One write of this person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// When.
    #[serde(with = "super::stamp")]
    pub at: Timestamp,
    /// What the issue came to; [`Content::GONE`] where it was deleted.
    pub content: Content,
    /// The ids of the events that tell it.
    #[serde(default)]
    pub events: Vec<String>,
    /// The issue's id.
    pub issue: String,
}

impl Write {
    /// The line of the file that says so, without its end.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// The writes of the last day.
#[derive(Debug, Default)]
pub struct Ledger {
    writes: VecDeque<Write>,
    /// How many of the writes name it.
    events: HashMap<String, usize>,
    contents: HashMap<(String, Content), usize>,
}

impl Ledger {
    /// Takes in a write. One that is known already is not taken twice.
    pub fn record(&mut self, write: Write, now: Timestamp) {
        self.forget(now);
        let key = (write.issue.clone(), write.content);
        let known = self.contents.contains_key(&key)
            && write.events.iter().all(|event| self.events.contains_key(event));
        if known || now.duration_since(write.at) > AGE {
            return;
        }
        *self.contents.entry(key).or_default() += 1;
        for event in &write.events {
            *self.events.entry(event.clone()).or_default() += 1;
        }
        self.writes.push_back(write);
        while self.writes.len() > MOST {
            self.forget_oldest();
        }
    }

    /// Takes in the lines of a file. Answers how many of them say nothing that can be read.
    pub fn read(&mut self, text: &str, now: Timestamp) -> usize {
        let mut odd = 0;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(write) => self.record(write, now),
                // Another process may be in the middle of writing it.
                Err(_) => odd += 1,
            }
        }
        odd
    }

    /// Lets go of what is too old at `now`.
    pub fn forget(&mut self, now: Timestamp) {
        while self.writes.front().is_some_and(|oldest| now.duration_since(oldest.at) > AGE) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.writes.pop_front() else { return };
        for event in &oldest.events {
            less(&mut self.events, event);
        }
        less(&mut self.contents, &(oldest.issue, oldest.content));
    }

    /// The writes, the oldest first: what a new file would hold.
    pub fn writes(&self) -> impl ExactSizeIterator<Item = &Write> {
        self.writes.iter()
    }

    /// Whether this person did it. A conflict with their draft, or a file that cannot be read, nobody did.
    pub fn is_own(&self, change: &Change) -> bool {
        let told = change.event_id.as_ref().is_some_and(|event| self.events.contains_key(event));
        told || self.came_to(&change.subject.id, change)
    }

    fn came_to(&self, issue: &str, change: &Change) -> bool {
        let content = match (&change.what, change.content) {
            (What::Conflict { .. } | What::Unreadable { .. }, _) | (_, None) => return false,
            (_, Some(content)) => content,
        };
        self.contents.contains_key(&(issue.to_owned(), content))
    }
}

fn less<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::tests::{at, change, moved};
    use crate::issue::Issue;

    fn content(title: &str) -> Content {
        Content::of(&Issue { title: title.into(), ..Issue::default() })
    }

    fn write(issue: &str, title: &str, event: &str, second: i64) -> Write {
        let events = vec![event.to_owned()];
        Write { at: at(second), content: content(title), events, issue: issue.to_owned() }
    }

    fn seen(issue: &str, title: Option<&str>, event: Option<&str>) -> Change {
        let mut change = change(issue, moved("done"));
        change.content = title.map(content);
        change.event_id = event.map(str::to_owned);
        change
    }

    #[test]
    fn what_this_person_wrote_is_known_by_event_or_by_content() {
        let mut ledger = Ledger::default();
        ledger.record(write("k-1", "T", "e1", 0), at(0));
        assert!(ledger.is_own(&seen("k-1", None, Some("e1"))), "the event file");
        assert!(ledger.is_own(&seen("k-1", Some("T"), None)), "the issue's file");
        assert!(!ledger.is_own(&seen("k-2", Some("T"), None)), "another issue that comes to the same");
        assert!(!ledger.is_own(&seen("k-1", Some("U"), Some("e2"))), "somebody wrote after it");
        assert!(!ledger.is_own(&seen("k-1", None, None)));
        let mut conflict = seen("k-1", Some("T"), None);
        conflict.what = What::Conflict { fields: Vec::new() };
        assert!(!ledger.is_own(&conflict), "a conflict is news even so");
    }

    #[test]
    fn the_ledger_is_bounded_in_number_and_in_age() {
        let mut ledger = Ledger::default();
        for number in 0..MOST + 10 {
            ledger.record(write("k-1", &number.to_string(), &format!("e{number}"), 0), at(0));
        }
        assert_eq!((ledger.writes().len(), ledger.events.len(), ledger.contents.len()), (MOST, MOST, MOST));
        assert!(
            !ledger.is_own(&seen("k-1", Some("9"), None)) && ledger.is_own(&seen("k-1", Some("10"), None))
        );
        ledger.forget(at(24 * 3_600));
        assert_eq!(ledger.writes().len(), MOST);
        ledger.forget(at(24 * 3_600 + 1));
        assert_eq!((ledger.writes().len(), ledger.events.len(), ledger.contents.len()), (0, 0, 0));
    }

    #[test]
    fn two_processes_read_each_others_lines_and_a_torn_one_costs_no_other() {
        let (one, two) = (write("k-1", "T", "e1", 0), write("k-2", "U", "e2", 1));
        let text = format!("{}\n{}\n{{\"at\":\"2026", one.line().unwrap(), two.line().unwrap());
        let mut ledger = Ledger::default();
        assert_eq!(ledger.read(&text, at(2)), 1);
        assert_eq!(ledger.read(&text, at(2)), 1, "what is read twice is there once");
        assert_eq!(ledger.writes().cloned().collect::<Vec<_>>(), [one, two]);
    }
}
