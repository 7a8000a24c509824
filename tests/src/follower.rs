//! Following a feed: full boards and patches applied to a board, and the promise that it ends as a fresh reading.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use serde_json::value::RawValue;

use crate::board::Board;
use crate::wait::DEADLINE;

/// How long a follower waits for the next message before it reads the board afresh once more.
const LULL: Duration = Duration::from_millis(250);

/// Where messages come from.
pub trait Feed {
    /// The next message, as JSON; `None` where none comes within `patience`.
    ///
    /// # Panics
    /// Where the feed has ended.
    fn next(&mut self, patience: Duration) -> Option<String>;
}

/// What a subscriber holds, and what it took to get there.
#[derive(Debug, Default)]
pub struct Follower {
    /// The board.
    pub board: Board,
    /// Live units.
    pub live: BTreeMap<String, Box<RawValue>>,
    /// How many full boards came.
    pub fulls: usize,
    /// Keys that each patch set or removed.
    pub patches: Vec<Vec<String>>,
    /// Types of all messages, in order.
    pub types: Vec<String>,
    /// Changes by others that were told, in order.
    pub changes: Vec<Value>,
    /// What of that was said to be worth the person's attention.
    pub notices: Vec<Value>,
}

impl Follower {
    /// Takes in one message.
    ///
    /// # Panics
    /// Where a patch does not start from the board that is held, or anything comes before the full board.
    pub fn apply(&mut self, message: &str) {
        let mut members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(message).unwrap_or_else(|error| panic!("{error} in {message:.400}"));
        let mut take =
            |key: &str| members.remove(key).unwrap_or_else(|| panic!("no `{key}` in {message:.400}"));
        let kind: String = serde_json::from_str(take("type").get()).expect("a type is text");
        self.types.push(kind.clone());
        if self.types.len() == 1 {
            return assert_eq!(kind, "hello", "the first message says hello");
        }
        if self.types.len() == 2 {
            assert_eq!(kind, "board_full", "the second message is the full board");
        }
        let text = |raw: Box<RawValue>| serde_json::from_str::<String>(raw.get()).expect("a tag is text");
        let units = |raw: Box<RawValue>| serde_json::from_str(raw.get()).expect("units are an object");
        match kind.as_str() {
            "board_full" => {
                self.fulls += 1;
                self.board = Board { tag: text(take("to")), units: units(take("board")) };
                self.live = units(take("live"));
            }
            "board_delta" => {
                assert_eq!(text(take("from")), self.board.tag, "a patch starts from the board that is held");
                let set: BTreeMap<String, Box<RawValue>> = units(take("set"));
                let del: Vec<String> = serde_json::from_str(take("del").get()).expect("keys are a list");
                self.patches.push(set.keys().chain(&del).cloned().collect());
                del.iter().for_each(|key| drop(self.board.units.remove(key)));
                self.board.units.extend(set);
                self.board.tag = text(take("to"));
            }
            "live" => {
                self.live.extend(units(take("set")));
                let del: Vec<String> = serde_json::from_str(take("del").get()).expect("keys are a list");
                del.iter().for_each(|key| drop(self.live.remove(key)));
            }
            "change" => {
                self.changes.push(serde_json::from_str(take("change").get()).expect("a change is JSON"));
            }
            "notice" => self.notices.push(serde_json::from_str(message).expect("a notice is JSON")),
            _ => {}
        }
    }

    /// The live unit at `key`, if there is one.
    pub fn unit(&self, key: &str) -> Option<Value> {
        self.live.get(key).map(|unit| serde_json::from_str(unit.get()).expect("a unit is JSON"))
    }

    /// Takes in messages until what is held satisfies `condition`.
    ///
    /// # Panics
    /// At the deadline.
    pub fn until(&mut self, feed: &mut impl Feed, what: &str, condition: impl Fn(&Board) -> bool) {
        self.until_all(feed, what, |follower| condition(&follower.board));
    }

    /// The same for a condition that is about more than the board.
    ///
    /// # Panics
    /// At the deadline.
    pub fn until_all(&mut self, feed: &mut impl Feed, what: &str, condition: impl Fn(&Self) -> bool) {
        let started = Instant::now();
        while self.fulls == 0 || !condition(self) {
            let patience = DEADLINE.saturating_sub(started.elapsed());
            let Some(message) = feed.next(patience) else {
                let live: Vec<&str> = self.live.values().map(|unit| unit.get()).collect();
                panic!("waited {DEADLINE:?} for {what}; live is {}", live.join(", "))
            };
            self.apply(&message);
        }
    }
}

/// Follows `feed` until what is held equals a fresh reading, to the byte. Answers that board.
///
/// # Panics
/// At the deadline, with what differs.
pub fn settle(follower: &mut Follower, feed: &mut impl Feed, fresh: impl Fn() -> String) -> Board {
    let started = Instant::now();
    loop {
        let line = fresh();
        let read = Board::parse(&line);
        loop {
            if follower.fulls > 0 && follower.board.tag == read.tag {
                let held = follower.board.line();
                assert!(
                    held == line.trim_end(),
                    "one tag, two boards: {}",
                    follower.board.differences(&read)
                );
                return read;
            }
            let Some(message) = feed.next(LULL) else { break };
            follower.apply(&message);
        }
        let differences = || follower.board.differences(&read);
        assert!(started.elapsed() < DEADLINE, "never settled: {}", differences());
    }
}
