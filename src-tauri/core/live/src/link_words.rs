//! What the link says of itself, as the person sees it.
//!
//! Not here: finding it out (`hearsay-gossip`).
//!
//! Invariant: a broker that nobody named and that never was there is not missed.

use hearsay_gossip::bus::Bus;
use hearsay_gossip::{State, WayState};

use crate::live_units::{Lag, Link, LinkState, Way, WayKind};
use crate::trust::legible;
use crate::workspace::rfc3339;

/// From states of a link to what is shown.
#[derive(Debug, Default)]
pub(crate) struct LinkWords {
    /// Whether there ever was a broker.
    had_broker: bool,
    last: Option<(LinkState, String)>,
}

impl LinkWords {
    /// What to show of `state`; `optional` where nobody named the broker.
    pub(crate) fn of(&mut self, state: &State, optional: bool) -> Link {
        let is_broker = |way: &hearsay_gossip::Way| way.bus == Bus::Mqtt && way.state == WayState::Listening;
        self.had_broker |= state.ways.iter().any(is_broker);
        let local = state.ways.iter().any(|way| way.bus == Bus::Uds && way.state == WayState::Listening);
        let had_broker = self.had_broker;
        let missed = |way: &hearsay_gossip::Way| way.bus == Bus::Uds || !(local && optional && !had_broker);
        let ways: Vec<Way> = state.ways.iter().map(|way| shown(way, missed(way))).collect();
        let of = |wanted: LinkState| ways.iter().find(|way| way.state == wanted);
        let leading = [LinkState::Listening, LinkState::Connecting, LinkState::Lost].into_iter().find_map(of);
        let whole = leading.map_or(LinkState::Off, |way| way.state);
        let lost = of(LinkState::Lost).and_then(|way| way.message.clone());
        let now = leading.or(ways.first()).map_or_else(String::new, |way| way.since.clone());
        let since = match self.last.take() {
            Some((state, since)) if state == whole => since,
            _ => now,
        };
        self.last = Some((whole, since.clone()));
        Link {
            lag: state.lag.map(|lag| Lag { p50_ms: lag.p50_ms, p95_ms: lag.p95_ms }),
            last_heard: state.last_heard.map(rfc3339),
            message: lost,
            refused: state.refused,
            since,
            state: whole,
            ways,
        }
    }
}

fn shown(way: &hearsay_gossip::Way, missed: bool) -> Way {
    let state = match way.state {
        WayState::Listening => LinkState::Listening,
        WayState::Off => LinkState::Off,
        _ if !missed => LinkState::Off,
        WayState::Connecting => LinkState::Connecting,
        WayState::Lost => LinkState::Lost,
    };
    Way {
        endpoint: legible(&way.endpoint),
        hosting: way.hosting,
        kind: match way.bus {
            Bus::Uds => WayKind::Uds,
            Bus::Mqtt => WayKind::Mqtt,
        },
        message: way.message.clone(),
        since: rfc3339(way.since),
        state,
    }
}
