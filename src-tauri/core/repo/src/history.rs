//! The whole history of one issue, newest first, in pages.
//!
//! Event names do not say whose they are, so the first question reads every event file once for its `issue_id`; later
//! ones read only files that have come since. Opening a board pays nothing for it. Not here: the newest events of the
//! board (`events`).
//!
//! Invariant: an answer is what the directory holds at the time of the question, where files are only added and
//! removed, as Kanbus does it: whose an event is, is not asked again when its file is overwritten.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use hearsay_board::EventRecord;
use hearsay_board::event::EventEntry;

use crate::file::{self, Stamp};
use crate::folder::is_record;
use crate::parallel;

/// How many events a page holds.
const PAGE: usize = 50;

/// Whose each event of some directories is.
#[derive(Debug, Default)]
pub struct History {
    directories: Mutex<BTreeMap<PathBuf, Index>>,
}

#[derive(Debug, Default)]
struct Index {
    listed: Option<Stamp>,
    names: BTreeSet<Box<str>>,
    by_issue: HashMap<Box<str>, BTreeSet<Box<str>>>,
}

/// Some of an issue's events, newest first.
#[derive(Debug)]
pub struct EventPage {
    /// The events.
    pub events: Vec<EventEntry>,
    /// What to ask for next; `None` at the end.
    pub next: Option<String>,
}

impl History {
    /// The events of `issue` in the directory `events`, older than `before` if that is given.
    pub fn page(&self, events: &Path, issue: &str, before: Option<&str>, now: SystemTime) -> EventPage {
        let names = {
            let mut directories = self.directories.lock().unwrap_or_else(PoisonError::into_inner);
            let index = directories.entry(events.to_owned()).or_default();
            index.refresh(events, now);
            index.newest(issue, before)
        };
        let next = (names.len() > PAGE).then(|| names[PAGE - 1].to_string());
        let entries = names.iter().take(PAGE).filter_map(|name| {
            let mut bytes = Vec::new();
            file::read(&events.join(&**name), events, &mut bytes).ok()?;
            EventEntry::parse(&bytes).ok()
        });
        EventPage { events: entries.collect(), next }
    }
}

impl Index {
    fn refresh(&mut self, directory: &Path, now: SystemTime) {
        let listed = Stamp::of_directory(directory, now);
        if listed.is_some() && listed == self.listed {
            return;
        }
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let there: BTreeSet<Box<str>> = entries
            .filter_map(|entry| entry.file_name().to_str().filter(|name| is_record(name)).map(Box::from))
            .collect();
        let gone: BTreeSet<Box<str>> = self.names.difference(&there).cloned().collect();
        if !gone.is_empty() {
            self.by_issue.values_mut().for_each(|names| names.retain(|name| !gone.contains(name)));
        }
        let new: Vec<String> = there.difference(&self.names).map(|name| name.to_string()).collect();
        let whose = |name: &String, bytes: &mut Vec<u8>| {
            file::read(&directory.join(name), directory, bytes).ok()?;
            EventRecord::issue_id(bytes)
        };
        let issues = parallel::map(&new, whose, &|_| ());
        // A file that tells nothing now may be half written: it is asked again next time.
        let mut untold = BTreeSet::new();
        for (name, issue) in new.into_iter().map(String::into_boxed_str).zip(issues) {
            match issue {
                Some(issue) => drop(self.by_issue.entry(issue).or_default().insert(name)),
                None => drop(untold.insert(name)),
            }
        }
        self.listed = listed.filter(|_| untold.is_empty());
        self.names = there.difference(&untold).cloned().collect();
    }

    /// The newest names of `issue` before `before`: a page, and one more where there are more.
    fn newest(&self, issue: &str, before: Option<&str>) -> Vec<Box<str>> {
        let Some(names) = self.by_issue.get(issue) else { return Vec::new() };
        let older = names.iter().rev().filter(|name| before.is_none_or(|before| &***name < before));
        older.take(PAGE + 1).cloned().collect()
    }
}
