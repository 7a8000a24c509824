//! Who holds what: leases as Kanbus reduces them from `coordination.*` records, heard or on disk.
//!
//! The rule is Kanbus's `reduce_coordination_events` (0.41), to the letter: whoever looks at both sees one lease. Not
//! here: what a record that is heard comes to (`said`), where the records lie (`hearsay-repo`).
//!
//! Invariant: the lease follows from the set of records and `now`, whatever order they came in.

mod said;

use jiff::{SignedDuration, Timestamp};

use crate::moment::Moment;
pub use said::Said;

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
    /// Until when; `None` for a release, and where it does not say.
    pub expires_at: Option<Moment>,
    /// Its place in the order of records, 0 where it names none; a record that names 0 itself is none.
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
    /// Whether a record came after its end, whatever a later record says of its own time.
    over: bool,
}

impl Epoch<'_> {
    fn is_open_at(&self, at: Timestamp) -> bool {
        let window = SignedDuration::from_secs(i64::try_from(self.window_s).unwrap_or(i64::MAX));
        at.duration_since(self.started) <= window
    }
}

/// The lease that `claims` on one resource come to at `now`: the last one there was, expired or not, unless it was
/// released.
pub fn reduce<'a>(claims: impl IntoIterator<Item = &'a Claim>, now: Timestamp) -> Option<Held> {
    let mut ordered: Vec<&Claim> = claims.into_iter().filter(|claim| claim.at.instant() <= now).collect();
    // Kanbus compares how the times are spelled, so half a second past comes before the full second.
    ordered.sort_by(|a, b| {
        let sequence = a.sequence.cmp(&b.sequence);
        sequence
            .then_with(|| a.at.to_utc_text().cmp(&b.at.to_utc_text()))
            .then_with(|| a.event_id.cmp(&b.event_id))
    });
    let mut epoch: Option<Epoch<'_>> = None;
    for claim in ordered {
        let at = claim.at.instant();
        if let Some(epoch) = &mut epoch {
            epoch.over |= epoch.expires_at.instant() <= at;
        }
        let live = epoch.as_mut().filter(|epoch| !epoch.over);
        let ours =
            |epoch: &Epoch<'_>| epoch.winner.owner == claim.owner && epoch.winner.claim_id == claim.claim_id;
        match (claim.kind, live, &claim.expires_at) {
            (ClaimKind::Claim, None, Some(expires_at)) => {
                let window_s = claim.contention_window_s.unwrap_or(CONTENTION_WINDOW_S);
                epoch = Some(Epoch { started: at, window_s, winner: claim, expires_at, over: false });
            }
            (ClaimKind::Claim, Some(epoch), Some(expires_at)) if epoch.is_open_at(at) => {
                if order(claim) < order(epoch.winner) {
                    epoch.winner = claim;
                    epoch.expires_at = expires_at;
                } else if let Some(expires_at) = &epoch.winner.expires_at {
                    // Whoever wins again holds it for as long as was claimed, and what was renewed meanwhile is void.
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

/// Of claims in one window the smallest wins.
fn order(claim: &Claim) -> (&str, &str, &str) {
    (&claim.claim_id, &claim.owner, &claim.event_id)
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
    fn the_window_of_a_claim_closes_to_the_fraction_of_a_second() {
        use ClaimKind::Claim;
        let at = |text| Moment::parse(text).unwrap();
        let mut claims = vec![claim(Claim, "zed", 0, 600), claim(Claim, "ann", 0, 900)];
        claims[0].at = at("2027-01-15T08:00:00.900Z");
        claims[1].at = at("2027-01-15T08:00:05.950Z");
        assert_eq!(held(&claims, 60).map(|(owner, _)| owner), Some("zed".into()), "5.05 s are more than 5");
        claims[1].at = at("2027-01-15T08:00:05.900Z");
        assert_eq!(held(&claims, 60).map(|(owner, _)| owner), Some("ann".into()));
    }

    #[test]
    fn another_claim_in_the_window_takes_a_renewal_back() {
        use ClaimKind::{Claim, Renew};
        let claims = [claim(Claim, "a", 0, 60), claim(Renew, "a", 2, 999), claim(Claim, "b", 3, 63)];
        assert_eq!(held(&claims, 10), Some(("a".into(), at(60))), "Kanbus takes the winner's own time again");
    }

    #[test]
    fn a_lease_that_was_over_once_stays_over() {
        use ClaimKind::{Claim, Renew};
        let mut claims = [claim(Claim, "a", 0, 60), claim(Renew, "a", 70, 200), claim(Renew, "a", 50, 300)];
        claims.iter_mut().zip(1..).for_each(|(claim, sequence)| claim.sequence = sequence);
        assert_eq!(held(&claims, 100), Some(("a".into(), at(60))), "the sequence counts, and not the time");
    }

    #[test]
    fn records_of_one_sequence_are_ordered_by_the_spelling_of_their_times() {
        use ClaimKind::{Claim, Release};
        let mut claims = [claim(Claim, "a", 0, 60), claim(Release, "a", 0, 0)];
        claims[0].at = Moment::parse("2027-01-15T08:00:00Z").unwrap();
        claims[1].at = Moment::parse("2027-01-15T08:00:00.500Z").unwrap();
        assert_eq!(
            held(&claims, 10),
            Some(("a".into(), at(60))),
            "Kanbus compares text: the release is before the claim"
        );
    }

    #[test]
    fn a_lease_belongs_to_an_issue_only_where_its_resource_names_one() {
        assert_eq!(issue_of("router:issue:k-1"), Some("k-1"));
        assert_eq!(issue_of("k-1"), Some("k-1"));
        assert_eq!(issue_of("router:package:k-1"), None);
        assert_eq!(issue_of("router:issue:../x"), None);
    }
}
