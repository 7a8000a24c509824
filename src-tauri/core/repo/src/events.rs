//! The event files of one directory: their names, and what the newest of them say of who did what.
//!
//! Kanbus names an event `<time>__<event id>.json`, so the order of names is the order of time, and opening a board
//! needs to read only the newest. Not here: the whole history of one issue (`history`).
//!
//! Invariants:
//! - Exactly the newest [`NEWEST`] names are read, whatever came and went before: a fresh process knows the same.
//! - The newest of an issue's events in that window says who changed it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hasher};
use std::ops::Bound::{Excluded, Unbounded};
use std::path::PathBuf;
use std::time::SystemTime;

use hearsay_board::event::EventEntry;
use hearsay_board::lease::Claim;
use hearsay_board::{By, EventRecord, Observation, ProblemCode};

use crate::committed::Committed;
use crate::file::{self, ObjectId, Stamp};
use crate::folder::{PATIENCE, is_record};
use crate::layout::Home;
use crate::news::News;
use crate::parallel;
use crate::problem;

/// How many event files are read to say who changed what.
const NEWEST: usize = 1000;

/// The events of one directory.
#[derive(Debug)]
pub(crate) struct EventLog {
    home: Home,
    path: PathBuf,
    names: BTreeSet<Box<str>>,
    /// Hashes of the ids of all events.
    ids: HashSet<u64>,
    /// The newest names.
    window: BTreeMap<Box<str>, Seen>,
    /// Names of which a problem has been said.
    troubled: HashSet<Box<str>>,
    /// What the directory said when it was listed last: a directory that did not change has no new names.
    listed: Option<Stamp>,
    /// Names that have come since the first listing and are still to be read; `None` before that.
    came: Option<HashSet<Box<str>>>,
    news: Vec<News>,
}

/// An event file as it was read last.
#[derive(Debug)]
struct Seen {
    /// `None` where there was no file any more.
    stamp: Option<Stamp>,
    /// `None` where the file tells nothing.
    event: Option<EventRecord>,
}

impl Seen {
    fn issue(self) -> Option<Box<str>> {
        self.event.map(|event| event.issue_id)
    }
}

/// What reading one event file came to.
enum Read {
    /// With all that it tells, where it has just come.
    Event(EventRecord, Option<(Box<EventEntry>, ObjectId)>),
    /// It does not parse, and was written a moment ago.
    Torn,
    /// There is no such file any more.
    Absent,
    Unreadable(String),
}

impl EventLog {
    pub(crate) fn new(home: Home) -> Self {
        Self {
            path: home.events(),
            home,
            names: BTreeSet::new(),
            ids: HashSet::new(),
            window: BTreeMap::new(),
            troubled: HashSet::new(),
            listed: None,
            came: None,
            news: Vec::new(),
        }
    }

    /// Whether there is an event of that id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.contains(&hash(id))
    }

    /// Whether an event of that id is among the newest and was written a moment before `now`.
    pub(crate) fn has_just_got(&self, id: &str, now: SystemTime) -> bool {
        let is_it = |name: &str| name.strip_suffix(".json").is_some_and(|stem| stem.ends_with(id));
        let is_young = |stamp: Stamp| stamp.is_younger_than(PATIENCE, now);
        self.has(id) && self.window.iter().any(|(name, seen)| is_it(name) && seen.stamp.is_some_and(is_young))
    }

    /// What the newest events say of leases.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.window.values().filter_map(|seen| seen.event.as_ref()?.claim.as_deref())
    }

    /// Looks again at files that came, went or changed. `git` is given where Git may have brought them. Answers which are
    /// to be read once more: they may be half written.
    pub(crate) fn look(
        &mut self,
        touched: &[&str],
        (now, git): (SystemTime, Option<&Committed>),
        out: &mut Vec<Observation>,
    ) -> Vec<Box<str>> {
        let mut issues = HashSet::new();
        for name in touched {
            if Stamp::at(&self.path.join(name)).is_ok() {
                if self.names.insert((*name).into())
                    && let Some(came) = &mut self.came
                {
                    came.insert((*name).into());
                }
                self.ids.extend(hash_of(name));
            } else if self.names.remove(*name)
                && let Some(hash) = hash_of(name)
            {
                self.ids.remove(&hash);
            }
            // Whatever was known of it is read again, if it still is among the newest.
            issues.extend(self.window.remove(*name).and_then(Seen::issue));
        }
        let torn = self.read_newest((now, git), &mut issues, out);
        self.tell(issues, out);
        torn
    }

    /// Lists the directory, and reads what is new among the newest. Answers which are to be read once more.
    pub(crate) fn list_again(&mut self, now: SystemTime, out: &mut Vec<Observation>) -> Vec<Box<str>> {
        let listed = Stamp::of_directory(&self.path, now);
        if listed.is_none() || listed != self.listed {
            self.listed = listed;
            let names = self.list();
            let before = std::mem::replace(&mut self.names, names);
            match &mut self.came {
                Some(came) => came.extend(self.names.difference(&before).cloned()),
                None => self.came = Some(HashSet::new()),
            }
            self.ids = self.names.iter().filter_map(|name| hash_of(name)).collect();
        }
        let mut issues = HashSet::new();
        for name in self.otherwise() {
            issues.extend(self.window.remove(&name).and_then(Seen::issue));
        }
        let torn = self.read_newest((now, None), &mut issues, out);
        self.tell(issues, out);
        torn
    }

    /// Names in the window whose files are gone, or are not what they were when they were read.
    fn otherwise(&self) -> Vec<Box<str>> {
        let is = |name: &str| Stamp::at(&self.path.join(name)).ok();
        let other =
            self.window.iter().filter(|(name, seen)| !self.names.contains(*name) || is(name) != seen.stamp);
        other.map(|(name, _)| name.clone()).collect()
    }

    /// Makes the window the newest names again, and reads what is new in it.
    fn read_newest(
        &mut self,
        (now, git): (SystemTime, Option<&Committed>),
        issues: &mut HashSet<Box<str>>,
        out: &mut Vec<Observation>,
    ) -> Vec<Box<str>> {
        let unread = self.unread();
        let reads = parallel::map(&unread, |name, bytes: &mut Vec<u8>| self.read(name, now, bytes), &|_| ());
        let mut torn = Vec::new();
        for (name, (stamp, read)) in unread.into_iter().zip(reads) {
            let event = match read {
                Read::Event(event, told) => {
                    self.tell_news(&event, told, git);
                    if self.troubled.remove(&name) {
                        out.push(self.problem(&name, None));
                    }
                    Some(event)
                }
                Read::Torn => {
                    torn.push(name.clone());
                    None
                }
                Read::Absent => None,
                Read::Unreadable(why) => {
                    out.push(self.problem(&name, Some(&why)));
                    self.troubled.insert(name.clone());
                    None
                }
            };
            issues.extend(event.as_ref().map(|event| event.issue_id.clone()));
            // What may be half written is still to come.
            if let Some(came) = self.came.as_mut().filter(|_| torn.last() != Some(&name)) {
                came.remove(&name);
            }
            self.window.insert(name, Seen { stamp, event });
        }
        // One that is older than the newest is not read at all.
        if torn.is_empty()
            && let Some(came) = &mut self.came
        {
            came.clear();
        }
        while self.window.len() > NEWEST
            && let Some((_, seen)) = self.window.pop_first()
        {
            issues.extend(seen.issue());
        }
        // What is no longer among the newest is nobody's trouble.
        let window = &self.window;
        let over: Vec<Box<str>> = self.troubled.extract_if(|name| !window.contains_key(name)).collect();
        out.extend(over.iter().map(|name| self.problem(name, None)));
        torn
    }

    /// The names that belong to the window and are not in it. Costs what is missing, not what is there: the newest
    /// names that are in the window already are passed over, and the walk ends where the window is full.
    fn unread(&self) -> Vec<Box<str>> {
        if self.window.len() < NEWEST {
            let newest = self.names.iter().rev().take(NEWEST);
            return newest.filter(|name| !self.window.contains_key(*name)).cloned().collect();
        }
        let oldest = self.window.keys().next().cloned();
        let newer = self.names.range::<str, _>((oldest.as_deref().map_or(Unbounded, Excluded), Unbounded));
        newer.rev().take(NEWEST).filter(|name| !self.window.contains_key(*name)).cloned().collect()
    }

    /// Compares with the directory: names that came or went, and newest ones whose files are other than they were.
    pub(crate) fn compare(&mut self, now: SystemTime) -> Vec<Box<str>> {
        let mut differing = self.otherwise();
        let listed = Stamp::of_directory(&self.path, now);
        if listed.is_none() || listed != self.listed {
            let there = self.list();
            if there == self.names {
                self.listed = listed;
            }
            differing.extend(there.symmetric_difference(&self.names).cloned());
        }
        differing
    }

    fn tell_news(
        &mut self,
        event: &EventRecord,
        told: Option<(Box<EventEntry>, ObjectId)>,
        git: Option<&Committed>,
    ) {
        let (place, issue) = (self.home.place.clone(), event.issue_id.clone());
        self.news.extend(told.map(|(event, blob)| {
            let by_git = git.is_some_and(|git| git.has(&blob));
            News::Event { place, issue, event, by_git }
        }));
    }

    /// What has come since this was asked last.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Forgets every event.
    pub(crate) fn clear(&mut self, out: &mut Vec<Observation>) {
        let issues = std::mem::take(&mut self.window).into_values().filter_map(Seen::issue).collect();
        let troubled = std::mem::take(&mut self.troubled);
        out.extend(troubled.iter().map(|name| self.problem(name, None)));
        self.names.clear();
        self.ids.clear();
        self.came = None;
        self.news.clear();
        self.tell(issues, out);
    }

    fn list(&self) -> BTreeSet<Box<str>> {
        let entries = std::fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str().filter(|name| is_record(name)).map(Box::from))
            .collect()
    }

    fn read(&self, name: &str, now: SystemTime, bytes: &mut Vec<u8>) -> (Option<Stamp>, Read) {
        let path = self.path.join(name);
        match file::read(&path, &self.home.dir, bytes) {
            Ok(stamp) => {
                let read = match EventRecord::parse(bytes) {
                    Ok(event) => {
                        let came = self.came.as_ref().is_some_and(|came| came.contains(name));
                        let told = came.then(|| EventEntry::parse(bytes).ok()).flatten();
                        Read::Event(event, told.map(|told| (Box::new(told), file::blob_id(bytes))))
                    }
                    Err(_) if stamp.is_younger_than(PATIENCE, now) => Read::Torn,
                    Err(error) => Read::Unreadable(error.message),
                };
                (Some(stamp), read)
            }
            Err(unread) if unread.is_absent() => (None, Read::Absent),
            Err(unread) => (Stamp::at(&path).ok(), Read::Unreadable(problem::unread("", &unread).message)),
        }
    }

    fn problem(&self, name: &str, wrong: Option<&str>) -> Observation {
        let path = self.home.shown_below(&format!("events/{name}"));
        let problem = wrong.map(|wrong| {
            let message = format!("The event cannot be read: {wrong}.");
            Box::new(problem::warning(ProblemCode::Unreadable, &path, message, Some("Restore it with git.")))
        });
        Observation::Problem { path, problem }
    }

    /// Says who changed each of `issues` last, as far as the window tells.
    fn tell(&self, issues: HashSet<Box<str>>, out: &mut Vec<Observation>) {
        let mut told: BTreeMap<Box<str>, (Option<&EventRecord>, String)> =
            issues.into_iter().map(|id| (id, (None, String::new()))).collect();
        for (name, seen) in &self.window {
            let event = seen.event.as_ref();
            if let Some((event, (newest, names))) =
                event.and_then(|event| Some((event, told.get_mut(&event.issue_id)?)))
            {
                *newest = Some(event);
                names.push_str(name);
            }
        }
        out.extend(told.into_iter().map(|(id, (newest, names))| {
            let by = newest.and_then(|event| {
                let trail = file::short(&file::blob_id(names.as_bytes())).into();
                Some(By { agent: event.agent.clone(), name: event.actor.clone()?, trail })
            });
            Observation::By { id, place: self.home.place.clone(), by }
        }));
    }
}

/// The hash of the event id in the name of its file.
fn hash_of(name: &str) -> Option<u64> {
    let (_, id) = name.strip_suffix(".json")?.rsplit_once("__")?;
    Some(hash(id))
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(id.as_bytes());
    hasher.finish()
}
