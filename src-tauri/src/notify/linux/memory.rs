//! What is remembered of the banners that were raised, and of the daemon that shows them.
//!
//! Not here: the bus.
//!
//! Invariant: bounded, whatever is raised and whatever is said on the bus.

use std::collections::VecDeque;

use super::super::Answer;
use super::Abilities;

/// The most banners whose click is waited for.
const RAISED: usize = 64;
/// The most clicks that nobody waits for yet.
const EARLY: usize = 16;
/// The longest token that is passed on, in bytes.
const TOKEN: usize = 1024;
/// The reason of a closing by time. Daemons with a history let it be clicked there all the same.
const EXPIRED: u32 = 1;

#[derive(Debug, Default)]
pub(super) struct Memory {
    raised: VecDeque<Raised>,
    /// Clicks on what is not known, by whom they were told: the answer that names the banner may still be on its way.
    early: VecDeque<(String, u32)>,
    pub(super) abilities: Option<Abilities>,
    /// Whether the person wants to be left alone, if anybody tells.
    pub(super) disturb: Option<bool>,
}

#[derive(Debug)]
struct Raised {
    owner: String,
    id: u32,
    tag: Option<String>,
    answer: Answer,
    token: Option<String>,
}

impl Memory {
    /// The id of the banner with that tag, if it is this daemon's.
    pub(super) fn id(&self, owner: &str, tag: &str) -> Option<u32> {
        let is_it = |raised: &&Raised| raised.owner == owner && raised.tag.as_deref() == Some(tag);
        self.raised.iter().find(is_it).map(|raised| raised.id)
    }

    /// Remembers the banner; answers whether it was clicked already.
    pub(super) fn keep(&mut self, owner: &str, id: u32, tag: Option<String>, answer: Answer) -> bool {
        self.raised.retain(|raised| {
            let same_tag = tag.is_some() && raised.tag == tag;
            !(same_tag || raised.id == id && raised.owner == owner)
        });
        if self.raised.len() == RAISED {
            self.raised.pop_front();
        }
        self.raised.push_back(Raised { owner: owner.to_owned(), id, tag, answer, token: None });
        let before = self.early.len();
        self.early.retain(|(by, early)| *early != id || by != owner);
        self.early.len() < before
    }

    /// Forgets the banner with that tag; answers whose it is, and its id.
    pub(super) fn take(&mut self, tag: &str) -> Option<(String, u32)> {
        let at = self.raised.iter().position(|raised| raised.tag.as_deref() == Some(tag))?;
        self.raised.remove(at).map(|raised| (raised.owner, raised.id))
    }

    /// A click that follows may bring a window to the front with that token.
    pub(super) fn token(&mut self, owner: &str, id: u32, token: String) {
        if let Some(raised) = self.find(owner, id).filter(|_| token.len() <= TOKEN) {
            raised.token = Some(token);
        }
    }

    /// The answer of a click, and its token.
    pub(super) fn clicked(&mut self, owner: &str, id: u32) -> Option<(Answer, Option<String>)> {
        if let Some(raised) = self.find(owner, id) {
            // A token is good for one time.
            return Some((raised.answer.clone(), raised.token.take()));
        }
        if self.early.len() == EARLY {
            self.early.pop_front();
        }
        self.early.push_back((owner.to_owned(), id));
        None
    }

    /// The banner is gone, if it does not wait in a history.
    pub(super) fn closed(&mut self, owner: &str, id: u32, reason: u32) {
        if reason != EXPIRED {
            self.raised.retain(|raised| raised.id != id || raised.owner != owner);
        }
    }

    /// Another daemon is there, or none: what was known of the one before holds no more.
    pub(super) fn daemon_is_another(&mut self) {
        self.abilities = None;
        self.disturb = None;
    }

    fn find(&mut self, owner: &str, id: u32) -> Option<&mut Raised> {
        self.raised.iter_mut().find(|raised| raised.id == id && raised.owner == owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_that_is_faster_than_the_answer_counts() {
        let mut memory = Memory::default();
        assert_eq!(memory.clicked(":1.5", 3), None);
        assert!(!memory.keep(":1.6", 3, None, Answer::Trial), "another daemon's banner has the same id");
        assert!(memory.keep(":1.5", 3, None, Answer::Trial));
        assert!(!memory.keep(":1.5", 3, None, Answer::Trial), "one click is one click");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut memory = Memory::default();
        for id in 0..10_000 {
            memory.keep(":1.5", id, Some(id.to_string()), Answer::Trial);
            memory.clicked(":1.9", id);
            memory.token(":1.5", id, "x".repeat(2_000));
        }
        assert_eq!((memory.raised.len(), memory.early.len()), (RAISED, EARLY));
        assert_eq!(memory.clicked(":1.5", 9_999), Some((Answer::Trial, None)));
    }

    #[test]
    fn a_banner_that_waits_in_the_history_is_clicked_there() {
        let mut memory = Memory::default();
        memory.keep(":1.5", 1, Some("tag".to_owned()), Answer::Trial);
        memory.token(":1.5", 1, "token".to_owned());
        memory.closed(":1.5", 1, EXPIRED);
        assert_eq!(memory.clicked(":1.5", 1), Some((Answer::Trial, Some("token".to_owned()))));
        assert_eq!((memory.id(":1.5", "tag"), memory.id(":1.6", "tag")), (Some(1), None));
        memory.closed(":1.5", 1, 2);
        assert_eq!((memory.id(":1.5", "tag"), memory.take("tag")), (None, None));
    }
}
