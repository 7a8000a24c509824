//! Who holds what: leases as Kanbus reduces them from `coordination.*` records, heard or on disk.
//!
//! The rule is Kanbus's `reduce_coordination_events` (0.41). Not here: where the records lie (`hearsay-repo`).
//!
//! Invariant: the lease follows from the set of records and `now`, whatever order they came in.

use jiff::Timestamp;

use crate::moment::Moment;

/// How long a claim may be contended where it does not say so, in seconds: Kanbus's default.
const CONTENTION_WINDOW_S: u64 = 5;

/// What a record does to a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimKind {
    /// Somebody wants it.
    Claim,
    /// Who has it wants it for longer.
    Renew,
    /// Who has it lets it go.
    Release,
}

/// One record about a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it does.
    pub kind: ClaimKind,
    /// What is claimed: any name; `router:issue:<id>` for an issue.
    pub resource: Box<str>,
    /// Who claims it.
    pub owner: Box<str>,
    /// Tells one claim from another.
    pub claim_id: Box<str>,
    /// The record's own id.
    pub event_id: Box<str>,
    /// When.
    pub at: Moment,
    /// Until when; `None` for a release.
    pub expires_at: Option<Moment>,
    /// Its place in the order of records, 0 where it names none.
    pub sequence: u64,
    /// How long others may contend for it, in seconds, where the record says so.
    pub contention_window_s: Option<u64>,
}

impl Claim {
    /// The issue whose card the lease belongs to, where the resource names one.
    pub fn issue_id(&self) -> Option<&str> {
        issue_of(&self.resource)
    }
}

/// The issue that `resource` names: `router:issue:<id>`, `issue:<id>`, or the id itself.
pub fn issue_of(resource: &str) -> Option<&str> {
    let id = resource.strip_prefix("router:").unwrap_or(resource);
    let id = id.strip_prefix("issue:").unwrap_or(id);
    crate::envelope::is_file_name(id).then_some(id)
}

/// Who holds a resource, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub owner: Box<str>,
    /// Until when, unless it is renewed or released before.
    pub expires_at: Moment,
}

/// A run of claims from the first until the lease that came of it ends.
struct Epoch<'a> {
    started: Timestamp,
    window_s: u64,
    winner: &'a Claim,
    expires_at: &'a Moment,
}

impl Epoch<'_> {
    fn is_open_at(&self, at: Timestamp) -> bool {
        let window = i64::try_from(self.window_s).unwrap_or(i64::MAX);
        at.as_second().saturating_sub(self.started.as_second()) <= window
    }
}

/// The lease that `claims` on one resource come to at `now`: the last one there was, expired or not, unless it was
/// released.
pub fn reduce(claims: &[Claim], now: Timestamp) -> Option<Held> {
    let mut ordered: Vec<&Claim> = claims.iter().filter(|claim| claim.at.instant() <= now).collect();
    ordered.sort_by(|a, b| {
        (a.sequence, a.at.instant(), &a.event_id).cmp(&(b.sequence, b.at.instant(), &b.event_id))
    });
    let mut epoch: Option<Epoch<'_>> = None;
    for claim in ordered {
        let at = claim.at.instant();
        let live = epoch.as_mut().filter(|epoch| epoch.expires_at.instant() > at);
        let ours =
            |epoch: &Epoch<'_>| epoch.winner.owner == claim.owner && epoch.winner.claim_id == claim.claim_id;
        match (claim.kind, live, &claim.expires_at) {
            (ClaimKind::Claim, None, Some(expires_at)) => {
                let window_s = claim.contention_window_s.unwrap_or(CONTENTION_WINDOW_S);
                epoch = Some(Epoch { started: at, window_s, winner: claim, expires_at });
            }
            (ClaimKind::Claim, Some(epoch), Some(expires_at)) if epoch.is_open_at(at) => {
                let order =
                    |claim: &Claim| (claim.claim_id.clone(), claim.owner.clone(), claim.event_id.clone());
                if order(claim) < order(epoch.winner) {
                    epoch.winner = claim;
                    epoch.expires_at = expires_at;
                }
            }
            (ClaimKind::Renew, Some(epoch), Some(expires_at)) if ours(epoch) => epoch.expires_at = expires_at,
            (ClaimKind::Release, Some(live), _) if ours(live) => epoch = None,
            _ => {}
        }
    }
    epoch.map(|epoch| Held { owner: epoch.winner.owner.clone(), expires_at: epoch.expires_at.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment::parse(&Timestamp::from_second(1_800_000_000 + second).unwrap().to_string()).unwrap()
    }

    fn claim(kind: ClaimKind, owner: &str, when: i64, until: i64) -> Claim {
        Claim {
            kind,
            resource: "router:issue:k-1".into(),
            owner: owner.into(),
            claim_id: owner.into(),
            event_id: format!("{owner}-{when}").into(),
            at: at(when),
            expires_at: (kind != ClaimKind::Release).then(|| at(until)),
            sequence: 0,
            contention_window_s: None,
        }
    }

    fn held(claims: &[Claim], now: i64) -> Option<(String, Moment)> {
        let mut backwards = claims.to_vec();
        backwards.reverse();
        let lease = reduce(claims, at(now).instant());
        assert_eq!(lease, reduce(&backwards, at(now).instant()), "the order of arrival does not count");
        lease.map(|lease| (lease.owner.into(), lease.expires_at))
    }

    #[test]
    fn a_lease_is_won_renewed_and_released_as_kanbus_has_it() {
        use ClaimKind::{Claim, Release, Renew};
        let mut claims = vec![claim(Claim, "b", 0, 60)];
        assert_eq!(held(&claims, 1), Some(("b".into(), at(60))));
        claims.push(claim(Claim, "a", 3, 63));
        assert_eq!(held(&claims, 10), Some(("a".into(), at(63))), "within the window the smaller claim wins");
        claims.push(claim(Claim, "0", 20, 80));
        assert_eq!(held(&claims, 21), Some(("a".into(), at(63))), "after it nobody does");
        claims.push(claim(Renew, "a", 30, 120));
        claims.push(claim(Renew, "b", 31, 999));
        assert_eq!(held(&claims, 40), Some(("a".into(), at(120))), "only who has it renews it");
        assert_eq!(held(&claims, 500), Some(("a".into(), at(120))), "expired is told from never");
        claims.push(claim(Release, "a", 50, 0));
        assert_eq!(held(&claims, 51), None);
    }

    #[test]
    fn a_lease_belongs_to_an_issue_only_where_its_resource_names_one() {
        assert_eq!(issue_of("router:issue:k-1"), Some("k-1"));
        assert_eq!(issue_of("k-1"), Some("k-1"));
        assert_eq!(issue_of("router:package:k-1"), None);
        assert_eq!(issue_of("router:issue:../x"), None);
    }
}
