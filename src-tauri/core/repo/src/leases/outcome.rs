//! Who holds which issue, as the records that were heard and the events come to at one moment.
//!
//! Not here: saying it, and removing what no longer counts (`leases`).
//!
//! Invariants:
//! - It follows from the records, the events and `now` alone, and names the moment when it changes by itself.
//! - A lease that has run out is shown for [`LINGER`] seconds more.

use std::collections::{BTreeMap, HashMap, HashSet};

use hearsay_board::lease::{Claim, ClaimKind, Held, issue_of, reduce};
use jiff::{SignedDuration, Timestamp};

use super::kept::Kept;
use super::{Key, Record};

/// For how many seconds a lease that has run out is still worth a word.
const LINGER: i64 = 3600;

/// Who holds what.
#[derive(Debug)]
pub(super) struct Outcome {
    /// By issue.
    pub(super) leases: BTreeMap<Box<str>, Held>,
    /// When that changes by itself.
    pub(super) until: Option<Timestamp>,
    /// Whether there are more records than count.
    pub(super) is_crowded: bool,
    /// Records that no longer count.
    pub(super) over: Vec<Key>,
}

/// Who holds an issue, by one of the resources that name it.
struct Holding<'a> {
    held: Held,
    resource: &'a str,
}

impl Holding<'_> {
    fn end(&self) -> Timestamp {
        lingers(self.held.expires_at.instant())
    }

    /// Of several the greatest is shown.
    fn rank(&self) -> (Timestamp, &str, &str) {
        (self.held.expires_at.instant(), &self.held.owner, self.resource)
    }
}

impl Outcome {
    /// What `records` and `events`, which are all about issues, come to at `now`.
    pub(super) fn of(records: &BTreeMap<Key, Record>, events: &[&Claim], now: Timestamp) -> Self {
        let kept = Kept::of(records, &claimed(events), now);
        let claims = by_resource(records, events, &kept);
        let mut best: BTreeMap<&str, Holding<'_>> = BTreeMap::new();
        for (resource, claims) in &claims {
            let reduced = issue_of(resource).zip(reduce(claims.iter().copied(), now));
            let Some((id, held)) = reduced else { continue };
            let holding = Holding { held, resource };
            if holding.end() > now && best.get(id).is_none_or(|other| other.rank() < holding.rank()) {
                best.insert(id, holding);
            }
        }
        let to_come = claims.values().flatten().map(|claim| claim.at.instant()).filter(|at| *at > now);
        let ends = best.values().map(Holding::end);
        let is_over = |key: &Key, record: &Record| record.claim.is_some() && !kept.records.contains(key);
        let over = records.iter().filter(|(key, record)| is_over(key, record));
        Self {
            until: to_come.chain(ends).chain(kept.until).min(),
            is_crowded: kept.is_crowded,
            over: over.map(|(key, _)| key.clone()).collect(),
            leases: best.into_iter().map(|(id, holding)| (id.into(), holding.held)).collect(),
        }
    }
}

/// Until when events claim each resource, as far as that is worth a word.
fn claimed<'a>(events: &[&'a Claim]) -> HashMap<&'a str, Timestamp> {
    let mut claimed: HashMap<&str, Timestamp> = HashMap::new();
    for claim in events.iter().filter(|claim| claim.kind == ClaimKind::Claim) {
        let end = claim.expires_at.as_ref().map_or(Timestamp::MIN, |end| lingers(end.instant()));
        claimed.entry(&claim.resource).and_modify(|known| *known = end.max(*known)).or_insert(end);
    }
    claimed
}

/// The records that count and the events, by resource. An event counts before what was heard of it, as in Kanbus.
fn by_resource<'a>(
    records: &'a BTreeMap<Key, Record>,
    events: &[&'a Claim],
    kept: &Kept<'_>,
) -> BTreeMap<&'a str, Vec<&'a Claim>> {
    let mut claims: BTreeMap<&str, Vec<&Claim>> = BTreeMap::new();
    let mut happened: HashSet<(&str, &str)> = HashSet::new();
    for claim in events {
        happened.insert((&claim.resource, &claim.event_id));
        claims.entry(&claim.resource).or_default().push(claim);
    }
    for claim in kept.records.iter().filter_map(|key| records.get(*key)?.claim.as_ref()) {
        if happened.insert((&claim.resource, &claim.event_id)) {
            claims.entry(&claim.resource).or_default().push(claim);
        }
    }
    claims
}

/// When a lease that ends then is no longer worth a word.
fn lingers(end: Timestamp) -> Timestamp {
    end.checked_add(SignedDuration::from_secs(LINGER)).unwrap_or(Timestamp::MAX)
}
