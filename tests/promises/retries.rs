//! What is tried again without anybody asking, how often, and what is not.
//!
//! An attempt is counted by what it does first: it opens the lock file of its issue. Not here: what the answers say
//! (`trouble`, `writing`).

use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Project, Server, record};
use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
use rustix::io::Errno;
use serde_json::{Value, json};

/// A write is begun once, and then up to three times again.
const ATTEMPTS: usize = 4;

/// The lock file of an issue, and how often it is opened from now on.
pub(crate) struct Lock {
    file: File,
    watch: OwnedFd,
}

impl Lock {
    /// That of `id`, which has been written before.
    pub(crate) fn of(project: &Project, id: &str) -> Self {
        let path = project.at(&format!("project/.overlay/locks/{id}.lock"));
        let file = File::options().write(true).open(&path).expect("it has been written before");
        let watch = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).expect("inotify");
        add_watch(&watch, &path, WatchFlags::OPEN | WatchFlags::CLOSE_WRITE).expect("it is there");
        Self { file, watch }
    }

    /// Takes the lock; whoever drops what it answers lets go of it.
    pub(crate) fn hold(&self) -> Held<'_> {
        self.file.lock().expect("nobody holds it for long");
        Held(&self.file)
    }

    /// Waits until somebody opens it.
    pub(crate) fn is_wanted(&self) {
        until("the lock to be wanted", || (self.counts()[0] > 0).then_some(()));
    }

    /// How often it was opened, and closed, since this was last asked.
    fn counts(&self) -> [usize; 2] {
        let (mut buffer, mut counts) = ([MaybeUninit::uninit(); 4096], [0, 0]);
        let mut events = Reader::new(&self.watch, &mut buffer);
        loop {
            match events.next() {
                Ok(event) if event.events().contains(ReadFlags::OPEN) => counts[0] += 1,
                Ok(event) if event.events().contains(ReadFlags::CLOSE_WRITE) => counts[1] += 1,
                Ok(_) => {}
                Err(Errno::WOULDBLOCK) => return counts,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// A lock that is held.
pub(crate) struct Held<'a>(&'a File);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.unlock().expect("it was held");
    }
}

/// A project with an issue that was written once, so that its lock file is there.
fn served() -> (Project, Server, Lock) {
    let project = Project::with_issues(3);
    let server = project.caller().serve(project.root());
    server.command(&json!({"type": "set_fields", "id": "demo-1", "set": {"title": "Before"}}));
    let lock = Lock::of(&project, "demo-1");
    (project, server, lock)
}

fn read(project: &Project) -> Value {
    serde_json::from_str(&project.text(&record::path("demo-1"))).expect("no file is torn")
}

#[test]
fn a_file_that_an_editor_is_writing_is_read_again_until_it_is_whole() {
    let (project, server, lock) = served();
    let set = |priority: u64| json!({"type": "set_fields", "id": "demo-1", "set": {"priority": priority}});
    let mut in_time = false;
    for turn in 0..10 {
        let description = format!("\"description\": \"In turn {turn}. ");
        let whole = project.text(&record::path("demo-1")).replace("\"description\": \"", &description);
        project.write(&record::path("demo-1"), &whole[..whole.len() / 2]);
        lock.counts();
        let (door, command) = (server.door(), set(turn % 2));
        let asked = std::thread::spawn(move || door.tell("POST", "/api/commands", &command));
        // The first attempt has found it half written.
        until("the first attempt to be over", || (lock.counts()[1] > 0).then_some(()));
        project.write(&record::path("demo-1"), &whole);
        let answer = asked.join().expect("an answer comes");
        if answer.status == 200 {
            in_time = true;
            let now = read(&project);
            assert_eq!(now["priority"], turn % 2);
            assert!(
                now["description"]
                    .as_str()
                    .is_some_and(|text| text.starts_with(&format!("In turn {turn}. ")))
            );
            continue;
        }
        // This machine has kept the editor waiting longer than anybody who half writes a file keeps others waiting.
        assert_eq!(answer.json()["code"], "unreadable", "{}", answer.body);
        assert_eq!(project.text(&record::path("demo-1")), whole, "nothing is written");
    }
    assert!(in_time, "never once was a half written file read again");
}

#[test]
fn a_file_that_stays_half_written_is_read_four_times_and_said() {
    let (project, server, lock) = served();
    let whole = project.text(&record::path("demo-1"));
    project.write(&record::path("demo-1"), &whole[..whole.len() / 2]);
    lock.counts();
    let command = json!({"type": "set_fields", "id": "demo-1", "set": {"priority": 0}});
    let answer = server.tell("POST", "/api/commands", &command);
    assert_eq!(answer.json()["code"], "unreadable", "{}", answer.body);
    assert!(answer.json()["message"].as_str().is_some_and(|said| said.contains("demo-1")), "{}", answer.body);
    assert!(answer.json()["hint"].is_string(), "{}", answer.body);
    assert_eq!(lock.counts()[0], ATTEMPTS);
    assert_eq!(project.text(&record::path("demo-1")), whole[..whole.len() / 2], "nothing is written");
}

#[test]
fn what_is_refused_for_a_reason_is_not_tried_again() {
    let (project, server, lock) = served();
    project.write(
        "project/policies/claim.policy",
        "Feature: Policies\n  Scenario: Claimed before it begins\n    When transitioning to \"in_progress\"\n    Then the issue must have field \"assignee\"\n",
    );
    let base = server.get("/api/issues/demo-1").json()["base"].clone();
    project.put(&Issue::numbered(1).titled("Theirs").changed(9));
    let set = |set: Value| json!({"type": "set_fields", "id": "demo-1", "set": set});
    let stale = json!({"type": "set_fields", "id": "demo-1", "base": base, "set": {"title": "Mine"}, "was": {"title": "Before"}});
    for (command, code) in [
        (stale, "conflict"),
        (set(json!({"title": "Issue 2"})), "rule"),
        (set(json!({"status": "in_progress"})), "policy"),
        (set(json!({"status": "nowhere"})), "invalid"),
        (set(json!({"parent": "demo-1"})), "rule"),
        (json!({"type": "delete_comment", "id": "demo-1", "comment": "none"}), "not_found"),
    ] {
        lock.counts();
        let before = project.text(&record::path("demo-1"));
        let answer = server.tell("POST", "/api/commands", &command);
        assert_eq!(answer.json()["code"], code, "{command}: {}", answer.body);
        assert!(lock.counts()[0] <= 1, "{command} is tried again");
        assert_eq!(project.text(&record::path("demo-1")), before, "nothing is written");
    }
    // A lock that is held is waited for, once.
    let held = lock.hold();
    let answer = server.tell("POST", "/api/commands", &set(json!({"priority": 0})));
    drop(held);
    assert_eq!((answer.json()["code"].as_str(), lock.counts()[0]), (Some("locked"), 1), "{}", answer.body);
}
