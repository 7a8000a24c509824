//! Invariant 4: after any sequence of inputs, full board + patches = what a fresh process reads, to the byte.
//!
//! Here against the library itself, so that many sequences are cheap; the other promises try the process.

use std::fs;
use std::path::PathBuf;

use hearsay_live::{Keeping, Options, Part, Surroundings};
use hearsay_tests::{Follower, Issue, Project, overlay, peers, record, settle};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::following::{Following, fresh};

/// How many issues the steps choose from: few, so that they meet.
const ISSUES: u8 = 8;

/// Something that somebody does to the working tree.
#[derive(Debug, Clone)]
enum Step {
    /// Writes an issue: which, its title, its status, its parent, whether in place.
    Put(u8, u8, u8, Option<u8>, bool),
    /// Writes a private issue, or removes it.
    Local(u8, bool),
    Delete(u8),
    Rename(u8, u8),
    /// Leaves a file cut short: which, and at which hundredth.
    Break(u8, u8),
    /// Puts back what is committed, if anything.
    Restore(u8),
    /// An event: of which issue, by whom, when.
    Event(u8, u8, u8),
    DropEvent(u8),
    /// One of a few configurations, one of them broken.
    Configure(u8),
    /// Somebody hears of an issue: which, its title, how new.
    Hear(u8, u8, u8),
    /// Somebody hears that an issue is gone, and how new that is.
    HearGone(u8, u8),
    /// An entry of the overlay that is none.
    Garble(u8),
    DropOverlay,
    Commit,
    Checkout(bool),
    DropProject,
    RestoreProject,
    /// Waits until all of it is seen, and compares.
    Settle,
}

/// What the configurations add to the usual one; one of them is broken.
const CONFIGURATIONS: [&str; 4] = [
    "",
    "statuses:\n  - {name: Open, key: open}\n",
    "statuses: [\n",
    "name: Another\nsort_order: {open: recently-updated}\n",
];

fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    let id = || 0..ISSUES;
    let put = (id(), any::<u8>(), 0..3u8, prop::option::of(id()), any::<bool>());
    let step = prop_oneof![
        8 => put.prop_map(|(id, title, status, parent, place)| Step::Put(id, title, status, parent, place)),
        2 => (id(), any::<bool>()).prop_map(|(id, there)| Step::Local(id, there)),
        2 => id().prop_map(Step::Delete),
        1 => (id(), id()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => (id(), 0..100u8).prop_map(|(id, at)| Step::Break(id, at)),
        1 => id().prop_map(Step::Restore),
        3 => (id(), 0..4u8, 0..60u8).prop_map(|(id, who, when)| Step::Event(id, who, when)),
        1 => (0..60u8).prop_map(Step::DropEvent),
        1 => (0..4u8).prop_map(Step::Configure),
        4 => (id(), any::<u8>(), 0..4u8).prop_map(|(id, title, minute)| Step::Hear(id, title, minute)),
        2 => (id(), 0..4u8).prop_map(|(id, minute)| Step::HearGone(id, minute)),
        1 => id().prop_map(Step::Garble),
        1 => Just(Step::DropOverlay),
        2 => Just(Step::Commit),
        2 => any::<bool>().prop_map(Step::Checkout),
        1 => Just(Step::DropProject),
        1 => Just(Step::RestoreProject),
        2 => Just(Step::Settle),
    ];
    prop::collection::vec(step, count)
}

fn name(id: u8) -> String {
    format!("demo-{id}")
}

fn issue(id: u8, title: u8, status: u8, parent: Option<u8>) -> Issue {
    let mut issue = Issue::new(&name(id), &format!("Title {title}"));
    issue.status = ["open", "in_progress", "someday"][usize::from(status)].to_owned();
    issue.parent = parent.map(name);
    issue.dependencies = parent.map(|parent| (name(parent), "blocked-by".to_owned())).into_iter().collect();
    issue
}

/// An event file: its path and its text. What is of one time is one file.
fn event(id: u8, who: u8, when: u8) -> (String, String) {
    record::event(&name(id), &format!("actor-{who}"), when.into(), when.into())
}

/// Git, which may have nothing to do.
fn git(project: &Project, arguments: &[&str]) {
    let _ = project.try_git_in(project.root(), arguments);
}

fn take(project: &Project, step: &Step) {
    let file = |id: u8| project.at(&record::path(&name(id)));
    let private = |id: u8| format!("project-local/issues/{}.json", name(id));
    // What is not there cannot be removed, renamed or cut: then the step does nothing.
    let remove = |path: PathBuf| drop(fs::remove_file(path));
    match *step {
        Step::Put(id, title, status, parent, in_place) => {
            let issue = issue(id, title, status, parent);
            if in_place { project.write(&issue.path(), issue.text()) } else { project.put(&issue) }
        }
        Step::Local(id, true) => project.write(&private(id), issue(id, 0, 0, None).text()),
        Step::Local(id, false) => remove(project.at(&private(id))),
        Step::Delete(id) => remove(file(id)),
        Step::Rename(from, to) => drop(fs::rename(file(from), file(to))),
        Step::Break(id, at) => {
            let text = issue(id, 0, 0, None).text();
            project.write(&record::path(&name(id)), &text[..text.len() * usize::from(at) / 100]);
        }
        Step::Restore(id) => git(project, &["checkout", "-q", "--", &record::path(&name(id))]),
        Step::Event(id, who, when) => {
            let (path, text) = event(id, who, when);
            project.replace(&path, text);
        }
        Step::DropEvent(when) => remove(project.at(&event(0, 0, when).0)),
        Step::Configure(which) => {
            let more = CONFIGURATIONS[usize::from(which)];
            project.write(".kanbus.yml", format!("{}{more}", hearsay_tests::project::CONFIG));
        }
        Step::Hear(id, title, minute) => {
            let said = issue(id, title, 0, None).changed(minute.into());
            project.put_snapshot(&name(id), &overlay::snapshot(&said));
        }
        Step::HearGone(id, minute) => {
            let mut gone = overlay::tombstone(&name(id));
            gone["ts"] = record::time(minute.into()).into();
            project.put_tombstone(&name(id), &gone);
        }
        Step::Garble(id) => project.write(&overlay::snapshot_path(&name(id)), "garbage"),
        Step::DropOverlay => drop(fs::remove_dir_all(project.at(overlay::SHARED))),
        Step::Commit => {
            git(project, &["add", "-A"]);
            git(project, &["commit", "-q", "-m", "a step"]);
        }
        Step::Checkout(side) => git(project, &["checkout", "-q", "-f", if side { "side" } else { "main" }]),
        Step::DropProject => drop(fs::remove_dir_all(project.at("project"))),
        Step::RestoreProject => git(project, &["checkout", "-q", "--", "project"]),
        Step::Settle => {}
    }
}

/// Takes `steps` while somebody follows as that `part`, and compares at every `Settle` and at the end.
fn follow(steps: &[Step], part: Part) {
    let project = Project::with_issues(4);
    project.git(&["checkout", "-q", "-b", "side"]);
    project.put(&issue(1, 200, 1, Some(2)));
    project.commit("side");
    let (mut following, mut follower) = (Following::open(&project, options(part)), Follower::default());
    for step in steps.iter().chain([&Step::Settle]) {
        take(&project, step);
        if matches!(step, Step::Settle) {
            settle(&mut follower, &mut following, || fresh(&project));
        }
    }
}

/// For one who takes that `part`, and reaches nobody.
fn options(part: Part) -> Options {
    let vars = [("KANBUS_REALTIME_TRANSPORT", "mqtt"), ("KANBUS_REALTIME_BROKER", "off")];
    let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Options { part, surroundings: Surroundings { vars, ..Surroundings::default() }, ..Options::default() }
}

#[test]
fn after_any_sequence_of_changes_full_board_and_patches_are_what_a_fresh_reading_says() {
    let (cases, length) = if peers::is_soak() { (400, 40) } else { (10, 25) };
    // A sequence that fails takes a whole deadline, and so does every attempt to shorten it.
    let config = Config { cases, max_shrink_iters: 10, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    // Who takes part tidies the overlay meanwhile; who only looks touches nothing.
    let part = prop_oneof![Just(Part::Alone), Just(Part::Participant(Keeping::Shared))];
    let run = runner.run(&(steps(length), part), |(steps, part)| {
        follow(&steps, part);
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
}
