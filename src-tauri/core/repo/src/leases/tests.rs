//! What the leases of a project promise, on a real directory.

use std::path::{Path, PathBuf};

use hearsay_board::lease::ClaimKind;
use hearsay_board::{Moment, Place, Source};
use serde_json::{Value, json};

use super::*;

const RESOURCE: &str = "router:issue:k-1";
const DAY: i64 = 86_400;

struct Project {
    dir: tempfile::TempDir,
    leases: Leases,
    events: Vec<Claim>,
    now: i64,
    told: BTreeMap<String, String>,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn home(dir: &Path) -> Home {
    let place = Place { project: "k".into(), source: Source::Shared };
    Home { place, dir: dir.canonicalize().unwrap(), shown: "project".to_owned() }
}

/// An envelope about a lease, as Kanbus spells it.
fn said(kind: &str, id: &str, owner: &str, second: i64) -> Value {
    json!({
        "id": id, "ts": at(second).to_string(), "project": "k", "type": format!("coordination.{kind}"),
        "event_id": format!("event-{id}"), "producer_id": "them", "resource": RESOURCE, "owner": owner, "claim_id": owner,
    })
}

fn claim(id: &str, owner: &str, second: i64, ttl_s: i64) -> Value {
    with(said("claim", id, owner, second), "lease_ttl_s", json!(ttl_s))
}

fn with(mut envelope: Value, field: &str, value: Value) -> Value {
    envelope[field] = value;
    envelope
}

fn event(kind: ClaimKind, resource: &str, owner: &str, second: i64, until: i64) -> Claim {
    Claim {
        kind,
        resource: resource.into(),
        owner: owner.into(),
        claim_id: owner.into(),
        event_id: format!("{owner}-{second}").into(),
        at: Moment::of(at(second)),
        expires_at: (kind != ClaimKind::Release).then(|| Moment::of(at(until))),
        sequence: 0,
        contention_window_s: None,
    }
}

impl Project {
    fn new(keeping: Keeping) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let leases = Leases::new(home(dir.path()), keeping);
        Self { dir, leases, events: Vec::new(), now: 0, told: BTreeMap::new() }
    }

    fn hear(&mut self, envelope: &Value) {
        let read = Envelope::parse(&envelope.to_string()).unwrap();
        let News::Coordination(claim) = read.news.clone() else { panic!("no lease record") };
        self.leases.hear(HeardClaim { claim, envelope: read.id.clone(), text: read.text().into() });
    }

    /// What is said at that time.
    fn tell(&mut self, now: i64) -> &BTreeMap<String, String> {
        self.now = now;
        let mut out = Vec::new();
        self.leases.tell(self.events.iter(), at(now), &mut out);
        for observation in out {
            let Observation::Lease { id, lease, .. } = observation else { panic!("no lease") };
            self.told.remove(&*id);
            self.told.extend(lease.map(|lease| (id.into(), format!("{} {}", lease.owner, lease.expires_at))));
        }
        assert!(self.leases.until().is_none_or(|until| until > at(now)), "what is over is not waited for");
        &self.told
    }

    fn save(&mut self) {
        self.leases.save(at(self.now).into());
        self.leases.list_again();
    }

    /// What a fresh process says at that time.
    fn fresh(&self, now: i64) -> BTreeMap<String, String> {
        let mut leases = Leases::new(home(self.dir.path()), Keeping::Nothing);
        let mut out = Vec::new();
        leases.list_again();
        leases.tell(self.events.iter(), at(now), &mut out);
        out.into_iter().fold(BTreeMap::new(), |mut told, observation| {
            let Observation::Lease { id, lease, .. } = observation else { panic!("no lease") };
            told.extend(lease.map(|lease| (id.into(), format!("{} {}", lease.owner, lease.expires_at))));
            told
        })
    }

    fn owner(&mut self, now: i64) -> Option<String> {
        let told = self.tell(now).get("k-1")?;
        Some(told.split(' ').next().unwrap().to_owned())
    }

    /// Puts an envelope where Kanbus keeps it, as of then.
    fn put(&self, envelope: &Value, second: i64) -> PathBuf {
        let [resource, id] = ["resource", "id"].map(|field| sha256(envelope[field].as_str().unwrap()));
        let path = self.dir.path().join(format!(".overlay/coordination/{resource}/{id}.json"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, serde_json::to_vec_pretty(envelope).unwrap()).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(at(second).into()).unwrap();
        path
    }

    fn files(&self) -> Vec<PathBuf> {
        fn below(directory: &Path, files: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
                match entry.file_type().unwrap().is_dir() {
                    true => below(&entry.path(), files),
                    false => files.push(entry.path()),
                }
            }
        }
        let mut files = Vec::new();
        below(self.dir.path(), &mut files);
        let files = files.iter().map(|path| path.strip_prefix(self.dir.path()).unwrap().to_owned());
        files.collect()
    }
}

#[test]
fn a_claim_from_the_future_is_shown_once_its_time_has_come() {
    let mut project = Project::new(Keeping::Nothing);
    project.events.push(event(ClaimKind::Claim, RESOURCE, "bob", 3, 600));
    assert_eq!(project.owner(0), None);
    assert_eq!(project.leases.until(), Some(at(3)), "it is waited for");
    assert_eq!(project.owner(3).as_deref(), Some("bob"));
}

#[test]
fn a_claim_that_is_heard_is_of_when_it_was_heard_at_the_latest() {
    let mut project = Project::new(Keeping::Shared);
    project.hear(&claim("1", "ann", 3, 600));
    assert_eq!(project.owner(0).as_deref(), Some("ann"), "whoever says so has claimed it");
    project.save();
    assert_eq!(project.fresh(0), *project.tell(0));
    assert_eq!(project.fresh(2), *project.tell(2));
    // And so it is with what Kanbus has written down.
    let mut other = Project::new(Keeping::Shared);
    other.put(&claim("1", "ann", 3, 600), 0);
    other.leases.list_again();
    assert_eq!(other.owner(0).as_deref(), Some("ann"));
}

#[test]
fn of_two_resources_that_name_one_issue_always_the_same_one_counts() {
    let mut project = Project::new(Keeping::Nothing);
    project.events.push(event(ClaimKind::Claim, RESOURCE, "ann", -60, 600));
    project.events.push(event(ClaimKind::Claim, "k-1", "bob", -60, 600));
    let first = project.owner(0);
    for _ in 0..32 {
        project.events.reverse();
        let mut again = Project::new(Keeping::Nothing);
        again.events.clone_from(&project.events);
        assert_eq!(again.owner(0), first);
    }
}

#[test]
fn an_event_counts_before_what_was_heard_of_it() {
    let mut project = Project::new(Keeping::Shared);
    project.hear(&with(claim("1", "bob", -30, 60), "event_id", json!("bob--30")));
    project.events.push(event(ClaimKind::Claim, RESOURCE, "bob", -30, 900));
    assert_eq!(project.tell(0)["k-1"], format!("bob {}", at(900)));
}

#[test]
fn a_renewal_that_is_heard_is_no_copy_of_the_claim_whose_event_it_names() {
    let mut project = Project::new(Keeping::Shared);
    project.events.push(event(ClaimKind::Claim, RESOURCE, "bob", -30, 60));
    let renewal = with(said("lease", "2", "bob", 0), "expires_at", json!(at(900).to_string()));
    project.hear(&with(with(renewal, "lease_ttl_s", json!(930)), "event_id", json!("bob--30")));
    assert_eq!(project.tell(0)["k-1"], format!("bob {}", at(900)));
}

#[test]
fn what_kanbus_holds_for_no_lease_record_is_none_heard_or_written() {
    let renewal = with(said("lease", "2", "ann", -5), "expires_at", json!(at(900).to_string()));
    let release = said("release", "3", "ann", -5);
    for envelope in [
        renewal.clone(),
        with(renewal, "lease_ttl_s", json!(0)),
        with(release.clone(), "lease_ttl_s", json!(60)),
        with(release, "expires_at", json!(at(900).to_string())),
        with(claim("4", "0", -9, 900), "expires_at", json!(at(900).to_string())),
    ] {
        for heard in [true, false] {
            let mut project = Project::new(Keeping::Shared);
            project.put(&claim("1", "ann", -10, 60), 0);
            if heard {
                project.hear(&envelope);
            } else {
                project.put(&envelope, 0);
            }
            project.leases.list_again();
            assert_eq!(project.tell(0)["k-1"], format!("ann {:.3}", at(50)), "{envelope}");
        }
    }
}

#[test]
fn claims_that_are_heard_are_contended_for_as_long_as_is_configured() {
    let mut project = Project::new(Keeping::Shared);
    project.hear(&claim("1", "zed", -60, 600));
    project.hear(&claim("2", "ann", -53, 600));
    assert_eq!(project.owner(0).as_deref(), Some("zed"), "seven seconds are more than five");
    project.leases.contended_for(Some(7));
    assert_eq!(project.owner(0).as_deref(), Some("ann"));
    project.hear(&claim("3", "abe", -53, 600));
    assert_eq!(project.owner(0).as_deref(), Some("abe"));
}

#[test]
fn a_release_is_kept_as_long_as_a_claim_of_its_resource() {
    let mut project = Project::new(Keeping::Shared);
    project.put(&claim("1", "ann", -100_000, 7 * DAY), 0);
    project.put(&said("release", "2", "ann", -90_000), 0);
    project.leases.list_again();
    assert_eq!(project.owner(0), None);
    assert_eq!(project.files().len(), 2);
    assert_eq!(project.fresh(0), BTreeMap::new());

    // The claim may be an event.
    let mut project = Project::new(Keeping::Shared);
    project.put(&said("release", "2", "ann", -90_000), 0);
    project.events.push(event(ClaimKind::Claim, RESOURCE, "ann", -100_000, 7 * DAY));
    project.leases.list_again();
    assert_eq!(project.owner(0), None);
    assert_eq!(project.owner(DAY + 1), None);
    assert_eq!(project.fresh(DAY + 1), BTreeMap::new());
    project.tell(8 * DAY);
    assert_eq!(project.files(), [] as [PathBuf; 0], "and then no longer");
}

#[test]
fn what_is_heard_of_a_lease_is_kept_for_a_day_however_long_it_is_claimed_for() {
    let mut project = Project::new(Keeping::Shared);
    project.hear(&claim("1", "ann", 0, 100_000_000));
    assert_eq!(project.owner(0).as_deref(), Some("ann"));
    project.save();
    assert_eq!(project.files().len(), 1);
    assert_eq!(project.leases.until(), Some(at(DAY)), "then it ends by itself");
    assert_eq!(project.owner(DAY - 1).as_deref(), Some("ann"));
    assert_eq!(project.fresh(DAY), BTreeMap::new(), "a fresh reading says the same as one that sweeps");
    assert_eq!(project.owner(DAY), None);
    assert_eq!(project.files(), [] as [PathBuf; 0]);
    let directories = std::fs::read_dir(project.dir.path().join(".overlay/coordination")).unwrap();
    assert_eq!(directories.count(), 0, "nor does an empty directory stay");
}

#[test]
fn of_resources_that_name_no_issue_nothing_is_kept() {
    let mut project = Project::new(Keeping::Shared);
    for (number, resource) in
        ["router:package:k-1", "the whole repository", "../../x"].into_iter().enumerate()
    {
        let envelope = claim(&number.to_string(), "ann", 0, 600);
        project.hear(&with(envelope, "resource", json!(resource)));
    }
    project.tell(0);
    project.save();
    assert_eq!(project.files(), [] as [PathBuf; 0]);
    // What Kanbus keeps of them is Kanbus's to remove.
    let old = with(claim("9", "ann", -9 * DAY, 60), "resource", json!("router:package:k-1"));
    let path = project.put(&old, -9 * DAY);
    project.leases.list_again();
    project.tell(0);
    assert!(path.exists());
}

#[test]
fn of_too_many_claims_the_oldest_give_way() {
    let mut project = Project::new(Keeping::Shared);
    for number in 0..4200 {
        let envelope = claim(&number.to_string(), "eve", -5, 100_000_000);
        project.hear(&with(envelope, "resource", json!(format!("x-{number}"))));
    }
    project.tell(0);
    project.hear(&claim("real", "ann", 1, 600));
    assert_eq!(project.owner(1).as_deref(), Some("ann"));
    project.save();
    assert!(project.files().len() <= kept::MOST, "{}", project.files().len());
    let told = project.tell(1).clone();
    assert_eq!(project.fresh(1), told);

    // And so it is with the records of one resource.
    let mut project = Project::new(Keeping::Shared);
    project.put(&with(claim("quiet", "bob", -9, 600), "resource", json!("k-2")), -9);
    project.leases.list_again();
    for number in 0..4200 {
        project.hear(&claim(&number.to_string(), "eve", -5, 600));
    }
    assert_eq!(project.tell(0).len(), 2, "one resource does not drive another out");
    project.save();
    assert_eq!(project.fresh(0), *project.tell(0));
}

#[test]
fn only_what_is_needed_of_an_envelope_is_written() {
    let mut project = Project::new(Keeping::Shared);
    project.hear(&with(claim("1", "ann", 0, 600), "pad", json!("p".repeat(100_000))));
    project.tell(0);
    project.save();
    let path = project.dir.path().join(&project.files()[0]);
    assert!(path.metadata().unwrap().len() < 1000);
    let written: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(written, claim("1", "ann", 0, 600), "all that Kanbus reads");
    assert_eq!(project.fresh(0), *project.tell(0));
}

#[test]
fn what_is_kept_private_lies_where_kanbus_does_not_read() {
    let mut project = Project::new(Keeping::Private);
    let theirs = project.put(&claim("1", "ann", -10, 60), -10);
    project.leases.list_again();
    let renewal = with(said("lease", "2", "ann", 0), "expires_at", json!(at(900).to_string()));
    project.hear(&with(renewal, "lease_ttl_s", json!(900)));
    assert_eq!(project.tell(0)["k-1"], format!("ann {}", at(900)), "both are read");
    project.save();
    let files = project.files();
    let private = Path::new(".overlay/hearsay/coordination");
    assert_eq!(files.iter().filter(|path| path.starts_with(private)).count(), 1, "{files:?}");
    assert_eq!(files.len(), 2);
    assert_eq!(project.fresh(0), *project.tell(0));
    project.tell(9 * DAY);
    assert_eq!(project.files().len(), 1, "what is Kanbus's stays Kanbus's");
    assert!(theirs.exists());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_or_removed_through_a_link() {
    let mut project = Project::new(Keeping::Shared);
    let outside = tempfile::tempdir().unwrap();
    let old = claim("1", "ann", -9 * DAY, 60);
    let path = project.put(&old, -9 * DAY);
    let directory = path.parent().unwrap();
    let victim = outside.path().join(path.file_name().unwrap());
    // Known before the link is there, so that sweeping comes to it.
    let mut leases = Leases::new(home(project.dir.path()), Keeping::Shared);
    leases.list_again();
    std::fs::rename(&path, &victim).unwrap();
    std::fs::remove_dir(directory).unwrap();
    std::os::unix::fs::symlink(outside.path(), directory).unwrap();
    leases.tell([].iter(), at(0), &mut Vec::new());
    assert!(victim.exists(), "what is elsewhere stays");
    project.hear(&claim("2", "ann", 0, 600));
    project.tell(0);
    project.leases.save(at(0).into());
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1, "and nothing is written there");
}

#[test]
fn what_is_written_by_two_participants_at_once_is_the_same_to_both() {
    let mut one = Project::new(Keeping::Shared);
    one.hear(&claim("1", "ann", 30, 600));
    one.tell(0);
    one.save();
    // Another one heard it a moment later, and wrote last.
    one.put(&claim("1", "ann", 30, 600), 2);
    one.leases.list_again();
    assert_eq!(one.tell(2).clone(), one.fresh(2));
}
