//! Which lease records that were heard count, and until when.
//!
//! Not here: reading, writing and removing them (`leases`).
//!
//! Invariants:
//! - It follows from the records, the events and `now` alone: a fresh process and one that sweeps count the same.
//! - However long a lease is claimed for, what is heard of it counts for a day; its event, once pulled, for longer.
//! - However many records there are, the newest count: first the newest of each resource, then the resources that were
//!   heard of last, each with all of that, because a renewal without its claim, or a claim without its release, says
//!   what is not so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hearsay_board::lease::{Claim, ClaimKind};
use hearsay_board::overlay::TTL_S;
use jiff::{SignedDuration, Timestamp};

use super::{Key, Record};

/// How many records count at the most: some thirty agents that work, and renew, at once.
pub(super) const MOST: usize = 4096;
/// Of how many resources at the most.
const MOST_RESOURCES: usize = 1024;
/// How many of one resource at the most: more than a day's renewals of a lease of Kanbus's own length.
const MOST_OF_ONE: usize = 1024;

/// What counts.
#[derive(Debug, Default)]
pub(super) struct Kept<'a> {
    pub(super) records: BTreeSet<&'a Key>,
    /// When less will.
    pub(super) until: Option<Timestamp>,
    /// Whether there was more than is kept.
    pub(super) is_crowded: bool,
}

/// A record that counts as far as its age goes.
struct Living<'a> {
    key: &'a Key,
    received: Timestamp,
    until: Timestamp,
}

impl<'a> Kept<'a> {
    /// What counts of `records` at `now`, where events claim each resource until what `claimed` says.
    pub(super) fn of(
        records: &'a BTreeMap<Key, Record>,
        claimed: &HashMap<&'a str, Timestamp>,
        now: Timestamp,
    ) -> Self {
        let all = || records.iter().filter_map(|(key, record)| Some((key, record, record.claim.as_ref()?)));
        let mut claims = claimed.clone();
        for (_, record, claim) in all().filter(|(.., claim)| claim.kind == ClaimKind::Claim) {
            let until = until(claim, record.received);
            if until > now {
                claims.entry(&claim.resource).and_modify(|known| *known = until.max(*known)).or_insert(until);
            }
        }
        let mut resources: BTreeMap<&str, Vec<Living<'_>>> = BTreeMap::new();
        for (key, record, claim) in all() {
            let own = until(claim, record.received);
            // A claim that is kept longer than its release would be back.
            let claimed = claims.get(&*claim.resource).filter(|_| claim.kind == ClaimKind::Release);
            let until = claimed.map_or(own, |claimed| own.max(*claimed));
            if until > now {
                let living = Living { key, received: record.received, until };
                resources.entry(&claim.resource).or_default().push(living);
            }
        }
        Self::bounded(resources)
    }

    fn bounded(resources: BTreeMap<&str, Vec<Living<'a>>>) -> Self {
        let mut kept = Self::default();
        let mut newest: Vec<_> = resources
            .into_iter()
            .map(|(resource, mut living)| {
                living.sort_unstable_by(|a, b| (b.received, b.key).cmp(&(a.received, a.key)));
                kept.is_crowded |= living.len() > MOST_OF_ONE;
                living.truncate(MOST_OF_ONE);
                (living.first().map(|living| living.received), resource, living)
            })
            .collect();
        newest.sort_unstable_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)));
        for (number, (.., living)) in newest.into_iter().enumerate() {
            if number >= MOST_RESOURCES || kept.records.len() + living.len() > MOST {
                kept.is_crowded = true;
                break;
            }
            let soonest = living.iter().map(|living| living.until).min();
            kept.until = kept.until.into_iter().chain(soonest).min();
            kept.records.extend(living.into_iter().map(|living| living.key));
        }
        kept
    }
}

/// Until when a record counts by itself: Kanbus's rule, for a day at the most after it was received.
fn until(claim: &Claim, received: Timestamp) -> Timestamp {
    let day = SignedDuration::from_secs(i64::try_from(TTL_S).unwrap_or(i64::MAX));
    let after = |at: Timestamp| at.checked_add(day).unwrap_or(Timestamp::MAX);
    let expires = claim.expires_at.as_ref().map(|expires| expires.instant().min(after(received)));
    after(claim.at.instant()).max(expires.unwrap_or(Timestamp::MIN))
}
