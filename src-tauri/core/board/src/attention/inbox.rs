//! The inbox: what happened to which issue since the person looked, and what they made of it.
//!
//! One item an issue, and one for what many changes came to. Kept for each repository in the app's data directory,
//! never in the repository. Not here: where that is, and how often it is written.
//!
//! Invariants:
//! - Every change that is worth it is counted exactly once, whether or not a banner was raised.
//! - Bounded: what is done gives way first, then what is read, then the lowest class, the oldest of each before others;
//!   what was unread when it gave way is counted.
//! - A text of another version is refused; what is not known in one of this version is kept.

mod kept;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::class::Class;
use super::line::{About, Line};
use super::subject::Subject;
pub use kept::{InboxError, VERSION};

/// The most items that are kept.
pub const MOST: usize = 1_000;
/// The most lines that are kept of an item, the newest.
pub const MOST_LINES: usize = 8;

/// How an item stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
pub enum State {
    /// Something happened since the person looked.
    Unread,
    /// They have looked.
    #[default]
    Read,
    /// They are done with it.
    Done,
    /// It is unread again at that time.
    Snoozed {
        /// When.
        #[serde(with = "super::stamp")]
        #[ts(type = "string")]
        until: Timestamp,
    },
}

/// What happened to one issue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Item {
    /// What it is about.
    pub about: About,
    /// The highest class of what is unread.
    pub class: Class,
    /// The newest lines, the newest last.
    pub lines: Vec<Line>,
    /// Whether no banner of it is wanted.
    #[serde(default)]
    pub muted: bool,
    /// How it stands.
    pub state: State,
    /// How many changes there were since the person looked.
    #[ts(type = "number")]
    pub unread: u64,
    /// Whether the person watches it.
    #[serde(default)]
    pub watched: bool,
    /// When something happened last.
    #[serde(with = "super::stamp")]
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What a later release has written.
    #[serde(flatten)]
    #[ts(skip)]
    rest: BTreeMap<String, serde_json::Value>,
}

/// How an issue stands in the inbox, as a verdict asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the person watches it.
    pub watched: bool,
    /// Whether no banner of it is wanted.
    pub muted: bool,
    /// Whether that is so for a time.
    pub snoozed: bool,
}

/// What the inbox counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
pub struct Counts {
    /// Items that are unread: the badge.
    pub items: usize,
    /// Changes in them.
    #[ts(type = "number")]
    pub changes: u64,
    /// Items among them of which something interrupts.
    pub interrupts: usize,
    /// Items among them of which no banner is wanted.
    pub muted: usize,
    /// Items that come back later.
    pub snoozed: usize,
    /// Changes that were unread when their item had to give way.
    #[ts(type = "number")]
    pub left_out: u64,
}

/// The inbox of one repository.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inbox {
    items: BTreeMap<About, Item>,
    left_out: u64,
    rest: BTreeMap<String, serde_json::Value>,
}

impl Item {
    fn new(about: About, at: Timestamp) -> Self {
        Self {
            about,
            class: Class::Feed,
            lines: Vec::new(),
            muted: false,
            state: State::Read,
            unread: 0,
            watched: false,
            at,
            rest: BTreeMap::new(),
        }
    }

    fn is_unread(&self) -> bool {
        self.state == State::Unread
    }

    fn look(&mut self, state: State) {
        self.state = state;
        self.unread = 0;
        self.class = Class::Feed;
    }
}

/// The item of an issue.
pub fn about(subject: &Subject) -> About {
    About::Issue { project: subject.project.clone(), id: subject.id.clone() }
}

impl Inbox {
    /// Counts what `line` tells. What is of no more than activity is left out.
    pub fn count(&mut self, line: Line) {
        if !line.class.is_counted() {
            return;
        }
        let item = self.item(&line.about, line.at);
        item.unread = item.unread.saturating_add(1);
        item.class = item.class.max(line.class);
        item.at = item.at.max(line.at);
        if !matches!(item.state, State::Snoozed { .. }) {
            item.state = State::Unread;
        }
        item.lines.push(line);
        let more = item.lines.len().saturating_sub(MOST_LINES);
        item.lines.drain(..more);
        let about = item.about.clone();
        self.give_way(&about);
    }

    fn item(&mut self, about: &About, at: Timestamp) -> &mut Item {
        self.items.entry(about.clone()).or_insert_with(|| Item::new(about.clone(), at))
    }

    /// Lets items go while there are too many, but not that of `newest`.
    fn give_way(&mut self, newest: &About) {
        while self.items.len() > MOST {
            let others = self.items.values().filter(|item| item.about != *newest);
            let order = |item: &&Item| {
                let state = match item.state {
                    State::Done => 0,
                    State::Read => 1,
                    State::Snoozed { .. } | State::Unread => 2,
                };
                (item.watched || item.muted, state, item.class, item.at)
            };
            let Some(first) = others.min_by_key(order).map(|item| item.about.clone()) else { break };
            if let Some(gone) = self.items.remove(&first) {
                self.left_out = self.left_out.saturating_add(gone.unread);
            }
        }
    }

    /// The items: what is unread first, then by class, the newest first.
    pub fn items(&self) -> Vec<&Item> {
        let mut items: Vec<_> = self.items.values().collect();
        items.sort_by_key(|item| std::cmp::Reverse((item.is_unread(), item.class, item.at)));
        items
    }

    /// The item about that.
    pub fn get(&self, about: &About) -> Option<&Item> {
        self.items.get(about)
    }

    /// The unread items that need the person most, at most `most` of them.
    pub fn top(&self, most: usize) -> Vec<&Item> {
        let mut items = self.items();
        items.retain(|item| item.is_unread() && !item.muted);
        items.truncate(most);
        items
    }

    /// What it counts.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { left_out: self.left_out, ..Counts::default() };
        for item in self.items.values() {
            counts.snoozed += usize::from(matches!(item.state, State::Snoozed { .. }));
            if item.is_unread() {
                counts.items += 1;
                counts.changes = counts.changes.saturating_add(item.unread);
                counts.interrupts += usize::from(item.class == Class::Interrupt);
                counts.muted += usize::from(item.muted);
            }
        }
        counts
    }

    /// How the issue stands.
    pub fn standing(&self, subject: &Subject) -> Standing {
        let Some(item) = self.items.get(&about(subject)) else { return Standing::default() };
        let snoozed = matches!(item.state, State::Snoozed { .. });
        Standing { watched: item.watched, muted: item.muted, snoozed }
    }

    /// The person has looked. What is snoozed or done stays so.
    pub fn read(&mut self, about: &About) {
        if let Some(item) = self.items.get_mut(about).filter(|item| item.is_unread()) {
            item.look(State::Read);
        }
    }

    /// They are done with it, until something else happens.
    pub fn done(&mut self, about: &About) {
        if let Some(item) = self.items.get_mut(about) {
            item.look(State::Done);
        }
    }

    /// They want to look again.
    pub fn unread(&mut self, about: &About) {
        if let Some(item) = self.items.get_mut(about) {
            item.state = State::Unread;
            // What its class was, its lines still know.
            let known = item.lines.iter().map(|line| line.class).max();
            item.class = item.class.max(known.unwrap_or(Class::Inbox));
        }
    }

    /// They want to be asked again at `until`.
    pub fn snooze(&mut self, about: &About, until: Timestamp) {
        if let Some(item) = self.items.get_mut(about) {
            item.state = State::Snoozed { until };
        }
    }

    /// They watch it, or no longer.
    pub fn watch(&mut self, about: &About, watched: bool, now: Timestamp) {
        self.item(about, now).watched = watched;
        self.give_way(about);
    }

    /// They want no banner of it, or again.
    pub fn mute(&mut self, about: &About, muted: bool, now: Timestamp) {
        self.item(about, now).muted = muted;
        self.give_way(about);
    }

    /// Wakes what was snoozed until `now`. Answers what is unread again.
    pub fn wake(&mut self, now: Timestamp) -> Vec<About> {
        let mut woken = Vec::new();
        for item in self.items.values_mut() {
            if matches!(item.state, State::Snoozed { until } if until <= now) {
                item.state = State::Unread;
                item.class = item.class.max(Class::Inbox);
                woken.push(item.about.clone());
            }
        }
        woken
    }

    /// When [`Inbox::wake`] has something next.
    pub fn deadline(&self) -> Option<Timestamp> {
        let until = |item: &Item| match item.state {
            State::Snoozed { until } => Some(until),
            _ => None,
        };
        self.items.values().filter_map(until).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::attention::attribution::Me;
    use crate::attention::tests::{at, change, moved};

    fn line(id: &str, class: Class, second: i64) -> Line {
        let mut change = change(id, moved("done"));
        change.at = at(second);
        Line::of(&change, class, &Me::default())
    }

    fn issue(id: &str) -> About {
        About::Issue { project: "kbs".to_owned(), id: id.to_owned() }
    }

    fn states(inbox: &Inbox) -> Vec<(State, u64)> {
        inbox.items().iter().map(|item| (item.state, item.unread)).collect()
    }

    #[test]
    fn an_item_is_unread_again_when_something_else_happens() {
        let mut inbox = Inbox::default();
        inbox.count(line("k-1", Class::Interrupt, 0));
        inbox.count(line("k-1", Class::Inbox, 1));
        inbox.count(line("k-1", Class::Feed, 2));
        assert_eq!(inbox.counts(), Counts { items: 1, changes: 2, interrupts: 1, ..Counts::default() });
        inbox.done(&issue("k-1"));
        assert_eq!((states(&inbox), inbox.counts()), (vec![(State::Done, 0)], Counts::default()));
        inbox.read(&issue("k-1"));
        assert_eq!(states(&inbox), [(State::Done, 0)]);
        inbox.count(line("k-1", Class::Inbox, 3));
        assert_eq!(inbox.counts(), Counts { items: 1, changes: 1, ..Counts::default() });
        inbox.read(&issue("k-1"));
        inbox.unread(&issue("k-1"));
        assert_eq!((states(&inbox), inbox.counts().interrupts), (vec![(State::Unread, 0)], 1));
    }

    #[test]
    fn what_is_snoozed_counts_on_and_comes_back_at_its_time() {
        let mut inbox = Inbox::default();
        inbox.count(line("k-1", Class::Notice, 0));
        inbox.snooze(&issue("k-1"), at(60));
        inbox.count(line("k-1", Class::Notice, 1));
        let subject = change("k-1", moved("done")).subject;
        assert!(inbox.standing(&subject).snoozed);
        assert_eq!(inbox.counts(), Counts { snoozed: 1, ..Counts::default() });
        assert_eq!((inbox.deadline(), inbox.wake(at(59))), (Some(at(60)), Vec::new()));
        assert_eq!(inbox.wake(at(60)), [issue("k-1")]);
        assert_eq!(
            (inbox.counts().changes, inbox.deadline(), inbox.standing(&subject).snoozed),
            (2, None, false)
        );
    }

    #[test]
    fn what_is_muted_is_counted_and_needs_nobody() {
        let mut inbox = Inbox::default();
        inbox.mute(&issue("k-1"), true, at(0));
        inbox.watch(&issue("k-2"), true, at(0));
        for number in 1..9 {
            inbox.count(line(&format!("k-{number}"), Class::Notice, number));
        }
        inbox.count(line("k-3", Class::Interrupt, 3));
        let counts = inbox.counts();
        assert_eq!((counts.items, counts.changes, counts.muted), (8, 9, 1));
        let top: Vec<_> = inbox.top(3).iter().map(|item| item.about.clone()).collect();
        assert_eq!(top, [issue("k-3"), issue("k-8"), issue("k-7")]);
        assert!(!inbox.top(99).iter().any(|item| item.muted));
        assert!(inbox.standing(&change("k-2", moved("x")).subject).watched);
    }

    #[test]
    fn what_gives_way_is_done_before_read_and_read_before_unread() {
        let mut inbox = Inbox::default();
        inbox.watch(&issue("watched"), true, at(0));
        for number in 0..MOST - 1 {
            inbox.count(line(&format!("k-{number}"), Class::Notice, i64::try_from(number).unwrap()));
        }
        inbox.done(&issue("k-500"));
        inbox.read(&issue("k-600"));
        let news = [("new-1", "k-500"), ("new-2", "k-600"), ("new-3", "k-0"), ("new-4", "k-1")];
        for (more, gone) in news {
            assert!(inbox.get(&issue(gone)).is_some());
            inbox.count(line(more, Class::Interrupt, 5_000));
            assert!(inbox.get(&issue(gone)).is_none(), "{gone}");
        }
        assert_eq!(inbox.items.len(), MOST);
        assert!(inbox.get(&issue("watched")).is_some(), "what the person has said is kept longest");
        assert_eq!(inbox.counts().left_out, 2, "what was done or read was not unread");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn every_change_counts_exactly_once(
            steps in prop::collection::vec((0u16..1_500, 0usize..4, any::<bool>()), 0..3_000)
        ) {
            let mut inbox = Inbox::default();
            let mut counted = 0;
            for (second, (number, class, mute)) in (0..).zip(steps) {
                if mute {
                    inbox.mute(&issue(&format!("k-{number}")), true, at(second));
                }
                counted += u64::from(Class::ALL[class].is_counted());
                inbox.count(line(&format!("k-{number}"), Class::ALL[class], second));
            }
            let counts = inbox.counts();
            prop_assert_eq!(counts.changes + counts.left_out, counted);
            prop_assert!(inbox.items.len() <= MOST);
            prop_assert!(inbox.items.values().all(|item| item.lines.len() <= MOST_LINES));
        }
    }
}
