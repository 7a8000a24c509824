//! Which process of this machine relays a topic between the local bus and the broker.
//!
//! A Kanbus command that reaches the socket does not also tell the broker, and who listens to the broker does not hear the
//! socket. So one process relays each topic: the one that holds its lock beside the socket. Not here: what is relayed
//! (`owner`).
//!
//! Invariants:
//! - One process a topic and a machine.
//! - Who can do it comes before who cannot: a relay that has lost one of its buses lets others have a go.
//! - Where there never was a broker nothing is made, and what is made is taken away again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::uds::Lock;

/// How long a relay may be without one of its buses before it lets others have a go.
const GRACE: Duration = Duration::from_secs(10);
/// How long they have for it.
const REST: Duration = Duration::from_secs(2);

/// The topics that this process relays.
#[derive(Debug)]
pub(super) struct Relay {
    socket: PathBuf,
    topics: Vec<String>,
    held: BTreeMap<String, Lock>,
    /// Whether both buses have ever been up.
    was_whole: bool,
    /// Since when one of the buses is not up.
    halved: Option<Instant>,
    rests_until: Option<Instant>,
}

impl Relay {
    pub(super) fn new(socket: PathBuf, topics: Vec<String>) -> Self {
        Self { socket, topics, held: BTreeMap::new(), was_whole: false, halved: None, rests_until: None }
    }

    /// Whether `topic` is relayed here.
    pub(super) fn carries(&self, topic: &str) -> bool {
        self.held.contains_key(topic)
    }

    /// Whether any topic is.
    pub(super) fn is_at_work(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes the locks that nobody holds. `whole` says whether both buses are up.
    pub(super) fn elect(&mut self, whole: bool, now: Instant) {
        self.was_whole |= whole;
        if !self.was_whole {
            return;
        }
        self.held.retain(|_, lock| lock.holds());
        if whole {
            self.halved = None;
            self.rests_until = None;
        } else {
            let since = *self.halved.get_or_insert(now);
            if now.duration_since(since) > GRACE {
                self.held.clear();
                self.rests_until = Some(now + REST);
                self.halved = Some(now);
            }
            // Without both buses others come first; where there are none, it is better to keep what is said for later.
            if self.rests_until.is_some_and(|until| now < until) || now.duration_since(since) < REST {
                return;
            }
        }
        for topic in &self.topics {
            if self.held.contains_key(topic) {
                continue;
            }
            match Lock::try_take(&self.socket, &suffix(topic)) {
                Ok(Some(lock)) => {
                    self.held.insert(topic.clone(), lock.passing());
                }
                Ok(None) => {}
                // The host says so in words; where no bus can be hosted none is relayed.
                Err(error) => return tracing::debug!(%error, "no lock for relaying"),
            }
        }
    }
}

fn suffix(topic: &str) -> String {
    let hash = blake3::hash(topic.as_bytes()).to_hex();
    format!(".relay-{}.lock", hash.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn relay(directory: &std::path::Path) -> Relay {
        Relay::new(directory.join("bus.sock"), vec!["a".to_owned(), "b".to_owned()])
    }

    fn private() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        directory
    }

    #[test]
    fn one_process_relays_a_topic_and_another_follows_when_it_ends() {
        let (directory, now) = (private(), Instant::now());
        let (mut first, mut second) = (relay(directory.path()), relay(directory.path()));
        first.elect(true, now);
        second.elect(true, now);
        assert!(first.carries("a") && first.carries("b") && !second.is_at_work());
        drop(first);
        second.elect(true, now);
        assert!(second.carries("a") && second.carries("b") && !second.carries("c"));
    }

    #[test]
    fn a_relay_that_has_lost_one_of_its_buses_lets_others_have_a_go() {
        let (directory, start) = (private(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let (mut first, mut second) = (relay(directory.path()), relay(directory.path()));
        first.elect(true, at(0));
        first.elect(false, at(1));
        second.elect(true, at(1));
        assert!(first.carries("a"), "a moment is not enough");
        first.elect(false, at(12));
        second.elect(true, at(12));
        assert!(second.carries("a") && !first.is_at_work());
        drop(second);
        first.elect(false, at(15));
        assert!(first.carries("a"), "where nobody else is, what is said is kept for later");
    }

    #[test]
    fn locks_are_made_where_there_was_a_broker_and_go_with_who_held_them() {
        let (directory, start) = (private(), Instant::now());
        let files = || std::fs::read_dir(directory.path()).unwrap().count();
        let mut relay = relay(directory.path());
        for seconds in [0, 5, 20, 60] {
            relay.elect(false, start + Duration::from_secs(seconds));
        }
        assert_eq!((relay.is_at_work(), files()), (false, 0), "nothing to relay to, and nothing made for it");
        relay.elect(true, start + Duration::from_secs(61));
        assert_eq!((relay.is_at_work(), files()), (true, 2));
        drop(relay);
        assert_eq!(files(), 0);
    }
}
