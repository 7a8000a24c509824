//! What the system does not tell is found all the same, and said.

use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};

use hearsay_board::Observation;
use hearsay_live::Options;
use hearsay_repo::watch::{self, Mode, Report, Watch};
use hearsay_repo::{Overlays, discover};
use hearsay_tests::{Follower, Issue, Project, record, settle};

use crate::following::{Following, fresh};

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_board_that_can_only_be_polled_follows_all_the_same() {
    let project = Project::with_issues(3);
    let options = Options { native_watch: false, ..Options::default() };
    let (mut following, mut follower) = (Following::open(&project, options), Follower::default());
    settle(&mut follower, &mut following, || fresh(&project));
    project.put(&Issue::new("demo-1", "Found by looking"));
    project.write("project-local/issues/demo-9.json", Issue::new("demo-9", "Private").text());
    project.commit("elsewhere");
    settle(&mut follower, &mut following, || fresh(&project));
}

/// Python is here because the Kanbus client is: it writes through a mapping, of which the system tells no watcher.
const WRITE_UNSEEN: &str = "
import mmap, sys
with open(sys.argv[1], 'r+b') as file, mmap.mmap(file.fileno(), 0) as mapped:
    at = mapped.find(b'Issue 1')
    mapped[at:at + 7] = b'Unseen!'
    mapped.flush()
";

#[test]
fn the_patrol_finds_what_no_watcher_reported_and_says_so() {
    let project = Project::with_issues(3);
    let (tell, told) = channel();
    let options = watch::Options { clock: SystemTime::now, native: true, overlays: Overlays::default() };
    let watch =
        Watch::start(discover(project.root()).unwrap(), options, move |report| drop(tell.send(report)));
    let watch = watch.unwrap();
    wait(&told, |report| matches!(report, Report::Watching(Mode::Native)));

    let file = project.at(&record::path("demo-1"));
    let wrote = Command::new("python3").args(["-c", WRITE_UNSEEN]).arg(&file).status().unwrap();
    assert!(wrote.success() && project.text(&record::path("demo-1")).contains("Unseen!"));
    watch.patrol();
    wait(&told, |report| matches!(report, Report::Watching(Mode::Blind(_))));
    wait(&told, |report| match report {
        Report::Observed(observations) => observations.iter().any(is_unseen),
        _ => false,
    });
    watch.patrol();
    wait(&told, |report| matches!(report, Report::Watching(Mode::Native)));
}

fn is_unseen(observation: &Observation) -> bool {
    matches!(observation, Observation::Issue { holder, .. } if &*holder.issue.title == "Unseen!")
}

fn wait(told: &Receiver<Report>, wanted: impl Fn(&Report) -> bool) {
    let mut seen = Vec::new();
    while let Ok(report) = told.recv_timeout(PATIENCE) {
        if wanted(&report) {
            return;
        }
        seen.push(report);
    }
    panic!("what was waited for was not reported; this was: {seen:#?}");
}
