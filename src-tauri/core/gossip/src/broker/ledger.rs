//! What the router of our own broker holds, reckoned beside it.
//!
//! `rumqttd` never lets go of a filter that somebody once subscribed to, of the messages in its log, nor of the name of a
//! topic; and it counts neither names nor what a small message takes up beside itself. So it is reckoned here, and a broker
//! that holds too much ends (`embedded`): nothing less gives the memory back.
//!
//! Not here: what is handed to the router (`front`).
//!
//! Invariants:
//! - The reckoning is never less than what is held.
//! - The logs are reckoned as the router keeps them: by segments, of which the oldest goes when there are too many.

use std::collections::{HashMap, HashSet, VecDeque};

use rumqttd::protocol::matches;

/// What is kept of each filter for subscribers that lag: so many segments of so many bytes.
pub(super) const SEGMENTS: (usize, usize) = (4, 1 << 20);
/// The most that the router may hold, in bytes.
pub(super) const MOST: usize = 256 << 20;
/// What a segment takes up before there is anything in it.
const SEGMENT: usize = 256 << 10;
/// What a message takes up beside its topic and its payload.
const MESSAGE: usize = 640;
/// What a name takes up beside itself.
const NAME: usize = 256;

/// What is held.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    filters: HashMap<Box<str>, Log>,
    topics: HashSet<Box<str>>,
    held: usize,
}

/// The messages of one filter. There is always a segment.
#[derive(Debug)]
struct Log(VecDeque<Segment>);

#[derive(Debug)]
struct Segment {
    /// As the router counts.
    counted: usize,
    held: usize,
}

impl Segment {
    const EMPTY: Self = Self { counted: 0, held: SEGMENT };
}

/// What is held for one connection. It is given back when the connection ends.
#[derive(Debug, Default)]
pub(super) struct Share {
    filters: HashSet<Box<str>>,
    topics: HashSet<Box<str>>,
    held: usize,
}

impl Ledger {
    /// Notes that a connection subscribes to `filter`.
    pub(super) fn subscribe(&mut self, filter: &str, share: &mut Share) {
        let name = name(filter);
        if share.filters.insert(filter.into()) {
            share.held += name;
            self.held += name;
        }
        if !self.filters.contains_key(filter) {
            // The router lists the filter with each topic that it matches.
            self.held += name + SEGMENT + size_of::<usize>() * self.topics.len();
            self.filters.insert(filter.into(), Log(VecDeque::from([Segment::EMPTY])));
        }
    }

    /// Notes that a connection says so many `bytes` on `topic`.
    pub(super) fn publish(&mut self, topic: &str, bytes: usize, share: &mut Share) {
        let name = name(topic);
        if share.topics.insert(topic.into()) {
            share.held += name;
            self.held += name;
        }
        if !self.topics.contains(topic) {
            self.held += name + size_of::<usize>() * self.filters.len();
            self.topics.insert(topic.into());
        }
        for log in self.filters.iter_mut().filter(|(filter, _)| matches(topic, filter)).map(|(_, log)| log) {
            let (more, less) = log.append(topic.len() + bytes);
            self.held = (self.held + more).saturating_sub(less);
        }
    }

    /// Notes that a connection has ended.
    pub(super) fn end(&mut self, share: &mut Share) {
        self.held = self.held.saturating_sub(std::mem::take(share).held);
    }

    /// Whether it is too much.
    pub(super) fn is_full(&self) -> bool {
        self.held > MOST
    }
}

impl Log {
    /// Adds a message of so many bytes; answers how many bytes are held more, and how many less.
    fn append(&mut self, bytes: usize) -> (usize, usize) {
        let (most, largest) = SEGMENTS;
        let (mut more, mut less) = (bytes + MESSAGE, 0);
        if self.0.back().is_none_or(|active| active.counted >= largest) {
            if self.0.len() >= most {
                less = self.0.pop_front().map_or(0, |oldest| oldest.held);
            }
            self.0.push_back(Segment::EMPTY);
            more += SEGMENT;
        }
        if let Some(active) = self.0.back_mut() {
            active.counted += bytes;
            active.held += bytes + MESSAGE;
        }
        (more, less)
    }
}

/// What `text` takes up as a name: the router has it in two places.
fn name(text: &str) -> usize {
    NAME + 2 * text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_lets_go_of_its_oldest_holds_no_more_than_its_segments() {
        let (mut ledger, mut share) = (Ledger::default(), Share::default());
        ledger.subscribe("a/#", &mut share);
        for _ in 0..1000 {
            ledger.publish("a/b", 1 << 20, &mut share);
        }
        let most = SEGMENTS.0 * (SEGMENT + SEGMENTS.1 + (1 << 20) + MESSAGE);
        assert!(ledger.held > SEGMENTS.0 << 20 && ledger.held < most + (16 << 10), "{}", ledger.held);
        assert!(!ledger.is_full());
        ledger.publish("elsewhere", 1 << 20, &mut share);
        assert!(ledger.held < most + (16 << 10), "what nobody has subscribed to is not kept");
    }

    #[test]
    fn filters_topics_and_the_smallest_messages_count() {
        let subscribing = |ledger: &mut Ledger, share: &mut Share, turn: usize| {
            ledger.subscribe(&format!("f/{turn}"), share);
        };
        let naming = |ledger: &mut Ledger, share: &mut Share, turn: usize| {
            ledger.publish(&format!("t/{turn}"), 0, share);
        };
        let whispering = |ledger: &mut Ledger, share: &mut Share, _: usize| {
            ledger.subscribe("w", share);
            ledger.publish("w", 0, share);
        };
        type Turn<'a> = &'a dyn Fn(&mut Ledger, &mut Share, usize);
        for (turn, most) in
            [(&subscribing as Turn<'_>, 1200), (&naming as Turn<'_>, 600_000), (&whispering, 600_000)]
        {
            let (mut ledger, mut share) = (Ledger::default(), Share::default());
            let full = (0..most).find(|number| {
                turn(&mut ledger, &mut share, *number);
                ledger.is_full()
            });
            assert!(full.is_some(), "{} bytes", ledger.held);
        }
    }

    #[test]
    fn what_is_held_for_a_connection_goes_with_it() {
        let mut ledger = Ledger::default();
        let connect = |ledger: &mut Ledger| {
            let mut share = Share::default();
            ledger.subscribe("a", &mut share);
            ledger.publish("b", 1, &mut share);
            ledger.subscribe("a", &mut share);
            ledger.end(&mut share);
        };
        connect(&mut ledger);
        let held = ledger.held;
        for _ in 0..1000 {
            connect(&mut ledger);
        }
        assert_eq!(ledger.held, held);
    }
}
