//! What a link tells of itself and of what it hears.
//!
//! Not here: how it finds out (`link`).
//!
//! Invariant: times are absolute; ages are counted where they are shown.

use std::collections::VecDeque;
use std::time::SystemTime;

use hearsay_board::Moment;
use hearsay_board::envelope::Envelope;
use jiff::Timestamp;

use crate::bus::Bus;

/// Over how many envelopes the lag is told.
const NEWEST: usize = 256;

/// What a link has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// An envelope that was not heard before, of one of the projects.
    Heard(Box<Heard>),
    /// How the link is: at once when a way changes, else at most once a second.
    State(State),
}

/// An envelope that was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Which of the settings' channels it belongs to.
    pub channel: usize,
    /// The envelope.
    pub envelope: Envelope,
    /// When it came, by the clock of this machine.
    pub received: SystemTime,
}

/// How a link is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// One a bus, the local one first; always both.
    pub ways: Vec<Way>,
    /// When something was heard last.
    pub last_heard: Option<SystemTime>,
    /// How late the newest 256 envelopes came, by the senders' clocks; `None` where none has.
    pub lag: Option<Lag>,
    /// How many envelopes were heard.
    pub heard: u64,
    /// How many were refused because of what they hold.
    pub refused: u64,
    /// How many were dropped because they are of another project.
    pub dropped_foreign: u64,
    /// How many were dropped because their project's label is not known here.
    pub dropped_unknown: u64,
    /// How many of our own were given up because they could not be sent.
    pub unsent: u64,
    /// Whether this process relays between the two buses, for any of the topics.
    pub relaying: bool,
}

/// One way on which gossip comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Which bus.
    pub bus: Bus,
    /// The socket or the broker, without credentials; empty where none is used.
    pub endpoint: String,
    /// Whether this process is the host of the local bus.
    pub hosting: bool,
    /// How it is.
    pub state: WayState,
    /// Since when.
    pub since: SystemTime,
    /// Why it is not as it should be.
    pub message: Option<String>,
}

/// How a way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WayState {
    /// Not there yet.
    Connecting,
    /// What is said is heard.
    Listening,
    /// It was there and is not any more, or was not to be had; it is looked for.
    Lost,
    /// Nobody wants it.
    Off,
}

/// How late envelopes came, in milliseconds. A sender whose clock is ahead counts as not late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Half of them were not later.
    pub p50_ms: i64,
    /// Nineteen of twenty were not later.
    pub p95_ms: i64,
}

/// How late the newest envelopes came.
#[derive(Debug, Default)]
pub(crate) struct Lags(VecDeque<i64>);

impl Lags {
    pub(crate) fn note(&mut self, sent: &Moment, received: SystemTime) {
        // A time that no calendar has is the clock's fault, and says nothing of the bus.
        let Ok(received) = Timestamp::try_from(received) else { return };
        if self.0.len() == NEWEST {
            self.0.pop_front();
        }
        let late = received.duration_since(sent.instant()).as_millis();
        self.0.push_back(i64::try_from(late).unwrap_or(i64::MAX).max(0));
    }

    pub(crate) fn lag(&self) -> Option<Lag> {
        let mut sorted: Vec<i64> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        let at = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1));
        Some(Lag { p50_ms: *at(50)?, p95_ms: *at(95)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_lag_is_that_of_the_newest_and_never_negative() {
        let sent = Moment::parse("2026-01-01T00:00:00Z").unwrap();
        let start = SystemTime::from(sent.instant());
        let mut lags = Lags::default();
        assert_eq!(lags.lag(), None);
        lags.note(&sent, start - Duration::from_secs(86_400));
        assert_eq!(lags.lag(), Some(Lag { p50_ms: 0, p95_ms: 0 }), "a clock that is ahead");
        for ms in 1..=1000 {
            lags.note(&sent, start + Duration::from_millis(ms));
        }
        assert_eq!(lags.lag(), Some(Lag { p50_ms: 872, p95_ms: 988 }));
    }
}
