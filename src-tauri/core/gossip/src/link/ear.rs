//! Which of what is said is news to this repository.
//!
//! The rules are Kanbus's (0.41), with the way before 0.40 where a channel has no identity. Not here: where it came from.
//!
//! Invariant: only what is accepted is remembered, so that a stranger's storm on another project makes nobody forget.

use std::time::Instant;

use hearsay_board::Envelope;
use hearsay_board::envelope::News;

use crate::dedupe::Seen;
use crate::settings::Channel;

/// What hears.
#[derive(Debug)]
pub(super) struct Ear {
    channels: Vec<Channel>,
    producer: String,
    seen: Seen,
}

/// What becomes of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is news to this channel.
    News(usize),
    /// It is our own.
    Own,
    /// It has been heard before.
    Repeated,
    /// It is of another project.
    Foreign,
    /// Its project's label is not known here.
    UnknownLabel,
}

impl Ear {
    pub(super) fn new(channels: Vec<Channel>, producer: String) -> Self {
        Self { channels, producer, seen: Seen::default() }
    }

    /// The topics to listen to, each once.
    pub(super) fn topics(&self) -> Vec<String> {
        let mut topics: Vec<String> = self.channels.iter().map(|channel| channel.topic.clone()).collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    }

    /// The topic on which `envelope`, one of our own, is to be said.
    pub(super) fn topic_of(&self, envelope: &Envelope) -> Option<&str> {
        let fits = |channel: &&Channel| {
            channel.identity.as_deref() == envelope.project_identity.as_deref() && knows(channel, envelope)
        };
        self.channels.iter().find(fits).map(|channel| channel.topic.as_str())
    }

    /// What becomes of `envelope`, which was said on `topic`.
    pub(super) fn judge(&mut self, topic: &str, envelope: &Envelope, now: Instant) -> Verdict {
        if *envelope.producer == *self.producer {
            return Verdict::Own;
        }
        let mut verdict = Verdict::Foreign;
        for (index, channel) in self.channels.iter().enumerate() {
            if channel.topic != topic || !is_of(channel, envelope) {
                continue;
            }
            if knows(channel, envelope) {
                let new = self.seen.note(&envelope.id, now);
                return if new { Verdict::News(index) } else { Verdict::Repeated };
            }
            verdict = Verdict::UnknownLabel;
        }
        verdict
    }
}

fn knows(channel: &Channel, envelope: &Envelope) -> bool {
    channel.labels.iter().any(|label| **label == *envelope.project)
}

/// Some of Kanbus's coordination envelopes carry no identity; everything else must carry the channel's exactly.
fn is_of(channel: &Channel, envelope: &Envelope) -> bool {
    match (&envelope.project_identity, &envelope.news) {
        (None, News::Coordination(_)) => true,
        (identity, _) => channel.identity.as_deref() == identity.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn channel(topic: &str, identity: Option<&str>, labels: &[&str]) -> Channel {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Channel { topic: topic.to_owned(), identity: identity.map(ToOwned::to_owned), labels }
    }

    fn ear() -> Ear {
        let channels = vec![
            channel("projects/p/events", Some("p"), &["a", "b"]),
            channel("projects/old/events", None, &["old"]),
            channel("shared", Some("x"), &["x"]),
            channel("shared", Some("y"), &["y"]),
        ];
        Ear::new(channels, "us".to_owned())
    }

    fn envelope(id: &str, project: &str, identity: Option<&str>) -> Value {
        let mut envelope = json!({
            "id": id, "ts": "2026-01-01T00:00:00Z", "project": project, "type": "issue.deleted", "issue_id": "i",
            "producer_id": "them",
        });
        if let Some(identity) = identity {
            envelope["project_identity"] = json!(identity);
        }
        envelope
    }

    fn judge(ear: &mut Ear, topic: &str, envelope: &Value) -> Verdict {
        let envelope = Envelope::parse(&envelope.to_string()).unwrap();
        ear.judge(topic, &envelope, Instant::now())
    }

    #[test]
    fn a_repeated_id_and_ones_own_producer_are_not_news() {
        let (mut ear, topic) = (ear(), "projects/p/events");
        let mut own = envelope("2", "a", Some("p"));
        own["producer_id"] = json!("us");
        assert_eq!(judge(&mut ear, topic, &envelope("1", "a", Some("p"))), Verdict::News(0));
        assert_eq!(judge(&mut ear, topic, &envelope("1", "a", Some("p"))), Verdict::Repeated);
        assert_eq!(judge(&mut ear, topic, &own), Verdict::Own);
    }

    #[test]
    fn another_projects_identity_and_an_unknown_label_are_dropped_and_not_remembered() {
        let (mut ear, topic) = (ear(), "projects/p/events");
        for (project, identity, verdict) in [
            ("a", Some("q"), Verdict::Foreign),
            ("a", None, Verdict::Foreign),
            ("c", Some("p"), Verdict::UnknownLabel),
            ("b", Some("p"), Verdict::News(0)),
        ] {
            assert_eq!(judge(&mut ear, topic, &envelope("1", project, identity)), verdict);
        }
        let elsewhere = judge(&mut ear, "another/topic", &envelope("2", "a", Some("p")));
        assert_eq!(elsewhere, Verdict::Foreign, "a topic that nobody asked for");
    }

    #[test]
    fn without_a_project_id_it_is_the_way_before_0_40() {
        let (mut ear, topic) = (ear(), "projects/old/events");
        assert_eq!(judge(&mut ear, topic, &envelope("1", "old", None)), Verdict::News(1));
        assert_eq!(judge(&mut ear, topic, &envelope("2", "old", Some("p"))), Verdict::Foreign);
    }

    #[test]
    fn coordination_may_carry_no_identity_but_not_anothers() {
        let (mut ear, topic) = (ear(), "projects/p/events");
        let mut claim = envelope("1", "a", Some("q"));
        for (key, value) in [
            ("type", json!("coordination.claim")),
            ("event_id", json!("e")),
            ("resource", json!("router:issue:i")),
            ("owner", json!("o")),
            ("claim_id", json!("c")),
            ("lease_ttl_s", json!(60)),
        ] {
            claim[key] = value;
        }
        assert_eq!(judge(&mut ear, topic, &claim), Verdict::Foreign);
        claim["project_identity"] = Value::Null;
        assert_eq!(judge(&mut ear, topic, &claim), Verdict::News(0));
    }

    #[test]
    fn two_projects_may_share_a_topic_which_is_listened_to_once() {
        let mut ear = ear();
        assert_eq!(ear.topics(), ["projects/old/events", "projects/p/events", "shared"]);
        assert_eq!(judge(&mut ear, "shared", &envelope("1", "y", Some("y"))), Verdict::News(3));
        let own = Envelope::parse(&envelope("2", "y", Some("y")).to_string()).unwrap();
        assert_eq!(ear.topic_of(&own), Some("shared"));
        let nobodys = Envelope::parse(&envelope("3", "y", Some("z")).to_string()).unwrap();
        assert_eq!(ear.topic_of(&nobodys), None);
    }
}
