//! What waits to be sent on a bus: while it is down, or while it does not keep up.
//!
//! Not here: sending (`link`).
//!
//! Invariants:
//! - Of one issue only the newest word waits; it waits in the place of the newest.
//! - It is bounded in number and in bytes. What has waited longest goes first, and is counted.

use std::collections::{BTreeMap, HashMap};

use crate::bus::Outgoing;

/// How many wait at the most.
const MOST: usize = 1024;
/// How many bytes they have at the most.
const LARGEST: usize = 16 << 20;

/// What waits.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    next: u64,
    waiting: BTreeMap<u64, (Option<Key>, Outgoing)>,
    /// Where the word on an issue stands.
    places: HashMap<Key, u64>,
    bytes: usize,
    given_up: u64,
}

type Key = (String, Box<str>);

impl Outbox {
    /// Puts `outgoing`, a word on the issue `about`, behind all others, and takes away an older word on it.
    pub(crate) fn push(&mut self, about: Option<&str>, outgoing: Outgoing) {
        let key = about.map(|id| (outgoing.topic.clone(), Box::from(id)));
        if let Some(place) = key.as_ref().and_then(|key| self.places.get(key).copied()) {
            self.take(place);
        }
        self.bytes += outgoing.text.len();
        if let Some(key) = &key {
            self.places.insert(key.clone(), self.next);
        }
        self.waiting.insert(self.next, (key, outgoing));
        self.next += 1;
        while self.waiting.len() > MOST || (self.bytes > LARGEST && self.waiting.len() > 1) {
            self.pop();
            self.given_up += 1;
        }
    }

    /// Takes what has waited longest.
    pub(crate) fn pop(&mut self) -> Option<Outgoing> {
        let oldest = *self.waiting.first_key_value()?.0;
        self.take(oldest)
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many were given up because others had to wait as well.
    pub(crate) fn given_up(&self) -> u64 {
        self.given_up
    }

    fn take(&mut self, place: u64) -> Option<Outgoing> {
        let (key, outgoing) = self.waiting.remove(&place)?;
        self.bytes -= outgoing.text.len();
        if let Some(key) = key {
            self.places.remove(&key);
        }
        Some(outgoing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Outgoing {
        Outgoing { topic: "t".to_owned(), text: text.into() }
    }

    fn all(outbox: &mut Outbox) -> Vec<String> {
        std::iter::from_fn(|| outbox.pop()).map(|outgoing| outgoing.text.into()).collect()
    }

    #[test]
    fn the_newest_word_on_an_issue_waits_in_the_place_of_the_newest() {
        let mut outbox = Outbox::default();
        for (about, text) in
            [(Some("a"), "a1"), (Some("b"), "b1"), (None, "x"), (Some("a"), "a2"), (None, "y")]
        {
            outbox.push(about, said(text));
        }
        let elsewhere = Outgoing { topic: "u".to_owned(), text: "a of u".into() };
        outbox.push(Some("a"), elsewhere);
        assert_eq!(all(&mut outbox), ["b1", "x", "a2", "y", "a of u"]);
        assert_eq!((outbox.given_up(), outbox.bytes, outbox.places.len()), (0, 0, 0));
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_in_bytes() {
        let mut outbox = Outbox::default();
        for id in 0..MOST + 5 {
            outbox.push(Some(&id.to_string()), said(&id.to_string()));
        }
        assert_eq!((outbox.waiting.len(), outbox.given_up()), (MOST, 5));
        assert_eq!(outbox.pop().map(|oldest| oldest.text), Some("5".into()));
        let large = "x".repeat(1 << 20);
        for _ in 0..40 {
            outbox.push(None, said(&large));
        }
        assert!(outbox.bytes <= LARGEST, "{}", outbox.bytes);
        assert_eq!(outbox.waiting.len(), 16, "the newest are what is left");
    }
}
