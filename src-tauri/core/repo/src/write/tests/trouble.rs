//! What a write answers where it cannot be done, and that everything is as it was then.

use std::fs;
use std::process::Command;

use super::super::faults::{interrupt_at, was_interrupted};
use super::*;
use Source::{Local, Shared};

/// Says that this is a process with mounts of its own.
const NAMESPACE: &str = "HEARSAY_TEST_HAS_OWN_MOUNTS";

fn fixture() -> Project {
    Project::with(&[(Shared, "k-1"), (Local, "k-2")])
}

/// Runs the test again where it may mount what it likes, and nobody else sees it. Answers whether it is that run.
pub(super) fn has_own_mounts(module: &str, test: &str) -> bool {
    if std::env::var_os(NAMESPACE).is_some() {
        return true;
    }
    let unshare = |program: &std::ffi::OsStr| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]).arg(program).env(NAMESPACE, "1");
        command
    };
    if !unshare("true".as_ref()).status().is_ok_and(|status| status.success()) {
        println!("{test} is not run: this machine lets nobody mount anything");
        return false;
    }
    let program = std::env::current_exe().unwrap();
    let name = format!("write::tests::{module}::{test}");
    let run = unshare(program.as_os_str()).args([&name, "--exact", "--nocapture"]).status().unwrap();
    assert!(run.success());
    false
}

pub(super) fn mount(arguments: &[&str]) {
    assert!(Command::new("mount").args(arguments).status().unwrap().success());
}

#[test]
fn a_full_disk_is_said_and_nothing_else_changes() {
    if !has_own_mounts("trouble", "a_full_disk_is_said_and_nothing_else_changes") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    mount(&["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir.path().to_str().unwrap()]);
    let project = Project::at(dir).and(&[(Shared, "k-1")]);
    let (mut refused, mut written) = (0, 0);
    for pages in 0..12 {
        let filler = project.path("filler");
        let mut rest = fs::File::create(&filler).unwrap();
        while std::io::Write::write_all(&mut rest, &[0; 4096]).is_ok() {}
        let full = rest.metadata().unwrap().len();
        rest.set_len(full - pages * 4096).unwrap();
        let before = project.everything();
        match project.append(Shared, "k-1", &format!("new-{pages}")) {
            Err(WriteError::NoSpace { path, .. }) => {
                refused += 1;
                assert!(path.starts_with(project.dir.path()));
                assert_eq!(project.everything(), before);
                assert!(project.left().is_empty());
            }
            other => written += usize::from(other.unwrap().changed),
        }
        drop(rest);
        fs::remove_file(filler).unwrap();
        let marks: BTreeSet<String> = project.marks(Shared, "k-1").unwrap().into_iter().collect();
        assert_eq!(marks, project.told(Shared, "k-1"));
    }
    assert!(refused > 0 && written > 0, "{refused} {written}");
}

#[test]
fn a_read_only_directory_is_said_and_nothing_changes() {
    if !has_own_mounts("trouble", "a_read_only_directory_is_said_and_nothing_changes") {
        return;
    }
    for part in ["project", "project/issues", "project/events", "project/.overlay"] {
        let project = fixture();
        let (path, before) = (project.path(part), project.everything());
        let path = path.to_str().unwrap();
        mount(&["--bind", path, path]);
        mount(&["-o", "remount,ro,bind", path]);
        let refused = project.append(Shared, "k-1", "new");
        assert!(
            matches!(&refused, Err(WriteError::ReadOnly { path, .. }) if path.starts_with(project.path(part))),
            "{refused:?}"
        );
        assert_eq!(project.everything(), before);
        assert!(project.left().is_empty());
        assert!(Command::new("umount").arg(path).status().unwrap().success());
        project.append(Shared, "k-1", "new").unwrap();
    }
}

#[test]
fn more_than_can_be_held_or_read_back_is_refused() {
    let project = fixture();
    let before = project.everything();
    let issues: Vec<_> = (0..=lock::MOST).map(|number| (Shared, format!("k-{number}"))).collect();
    let refused = project.writer.remove("k", &issues, QUICK, |_| Ok::<_, WriteError>(Vec::new()));
    let count = issues.len();
    assert!(
        matches!(refused, Err(WriteError::TooMany { count: is, most: lock::MOST }) if is == count),
        "{refused:?}"
    );
    assert!(!project.path("project/.overlay/locks/k-0.lock").exists());
    let gone = (0..50_000).map(|number| format!("{number:0>190}.json")).collect();
    let removal = Removal { events: Vec::new(), gone };
    let target = Target { place: &place(Shared), id: "k-1" };
    let refused = project.writer.write(target, QUICK, |_| Ok(Change::Remove(removal)));
    assert!(matches!(refused, Err(WriteError::TooLarge { .. })), "{refused:?}");
    assert_eq!(project.everything(), before);
}

#[test]
fn git_that_begins_while_a_lock_is_waited_for_is_seen() {
    let project = fixture();
    let git = git2::Repository::init(project.dir.path()).unwrap();
    let before = project.marks(Shared, "k-1");
    let begun = git.path().join("index.lock");
    let begins = begun.clone();
    // Right before the lock file is opened.
    interrupt_at(0, move || fs::write(&begins, "").unwrap());
    let refused = project.append(Shared, "k-1", "new");
    assert!(matches!(&refused, Err(WriteError::GitBusy { what }) if what == "index"), "{refused:?}");
    assert!(was_interrupted() && project.marks(Shared, "k-1") == before && project.left().is_empty());
    fs::remove_file(&begun).unwrap();

    let merge = git.path().join("MERGE_HEAD");
    let merges = merge.clone();
    interrupt_at(0, move || fs::write(&merges, format!("{:040}\n", 1)).unwrap());
    let refused = project.append(Shared, "k-1", "new");
    assert!(matches!(&refused, Err(WriteError::GitBusy { what }) if what == "merge"), "{refused:?}");
    assert!(was_interrupted() && project.marks(Shared, "k-1") == before && project.left().is_empty());
    fs::remove_file(&merge).unwrap();

    // Nobody is kept waiting by a write that waits for Git itself.
    let lock = fs::File::options().write(true).open(project.path("project/.overlay/locks/k-1.lock")).unwrap();
    let (begins, ends) = (begun.clone(), begun.clone());
    interrupt_at(0, move || {
        fs::write(&begins, "").unwrap();
        std::thread::spawn(move || {
            lock.lock().unwrap();
            fs::remove_file(&ends).unwrap();
        });
    });
    append(&project.writer, (Shared, "k-1"), "late", Manner { git_patience: PATIENT.patience, ..PATIENT })
        .unwrap();
    assert!(was_interrupted() && !begun.exists());
    assert_eq!(project.marks(Shared, "k-1").unwrap(), ["k-1-made", "late"]);
}

#[test]
fn a_lock_that_is_held_is_waited_for_as_long_as_told() {
    let project = fixture();
    let before = project.everything();
    let lock = fs::File::options().write(true).open(project.path("project/.overlay/locks/k-1.lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(project.append(Shared, "k-1", "new"), Err(WriteError::Locked { id }) if id == "k-1"));
    let brief = Manner { patience: Duration::from_millis(20), ..QUICK };
    let refused = append(&project.writer, (Shared, "k-1"), "new", brief);
    assert!(matches!(refused, Err(WriteError::Locked { .. })));
    assert_eq!(project.everything(), before);
    project.append(Local, "k-2", "other").unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| append(&project.writer, (Shared, "k-1"), "new", PATIENT));
        drop(lock);
        waiting.join().unwrap().unwrap();
    });
    assert_eq!(project.marks(Shared, "k-1").unwrap(), ["k-1-made", "new"]);
}

#[test]
fn a_lock_file_that_is_removed_while_it_is_held_is_not_relied_upon() {
    let project = fixture();
    let locks = project.path("project/.overlay/locks");
    let lock = fs::File::options().write(true).open(locks.join("k-1.lock")).unwrap();
    lock.lock().unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| append(&project.writer, (Shared, "k-1"), "new", PATIENT));
        fs::remove_dir_all(project.path("project/.overlay")).unwrap();
        drop(lock);
        waiting.join().unwrap().unwrap();
    });
    assert!(locks.join("k-1.lock").is_file());
}

#[test]
fn a_project_that_is_deleted_meanwhile_is_gone_and_stays_gone() {
    for (source, id) in [(Shared, "k-1"), (Local, "k-2"), (Shared, "k-new")] {
        for steps in 0.. {
            let project = fixture();
            let home = project.home(source);
            let goes = home.clone();
            interrupt_at(steps, move || fs::remove_dir_all(&goes).unwrap());
            let written = project.append(source, id, "new");
            let was_interrupted = was_interrupted();
            match &written {
                Ok(_) => {}
                Err(error) => assert!(matches!(error, WriteError::Gone { .. }), "{steps} {error:?}"),
            }
            if !was_interrupted {
                written.unwrap();
                break;
            }
            let left = [home.join("issues"), home.join("events")]
                .map(|part| fs::read_dir(part).map_or(0, Iterator::count));
            // What went before it was read was never there, as far as can be told: this is a new issue.
            let is_new = written.is_ok() && source == Local && left == [1, 1];
            assert!(left == [0, 0] || is_new, "{steps} {left:?} {written:?}");
        }
    }
}

#[test]
fn who_saves_without_a_lock_is_noticed_up_to_the_rename() {
    let mut missed = 0;
    for steps in 0.. {
        let project = fixture();
        let path = project.file(Shared, "k-1");
        let theirs = marked(Some(&fs::read(&path).unwrap()), "k-1", "theirs");
        interrupt_at(steps, move || fs::write(&path, theirs).unwrap());
        let written = project.append(Shared, "k-1", "new");
        if !was_interrupted() {
            break;
        }
        let marks = project.marks(Shared, "k-1").unwrap();
        match written {
            Err(WriteError::Changed { .. }) => {
                assert_eq!(marks, ["k-1-made", "theirs"]);
                assert_eq!(project.told(Shared, "k-1").len(), 1);
                assert!(project.left().is_empty());
            }
            // Before it was read; or after the rename, which is theirs to answer for.
            other => {
                other.unwrap();
                missed += usize::from(!marks.contains(&"theirs".to_owned()));
            }
        }
    }
    assert_eq!(missed, 1, "nothing can be done between the comparison and the rename");
}

#[test]
#[cfg(unix)]
fn what_stands_in_the_way_is_said_and_no_link_is_followed() {
    let outside = tempfile::tempdir().unwrap();
    for kind in ["issues", "events", "locks"] {
        fs::create_dir(outside.path().join(kind)).unwrap();
    }
    fs::write(outside.path().join("file"), "theirs").unwrap();
    let places = [
        "project",
        "project/issues",
        "project/events",
        "project/.overlay",
        "project/.overlay/locks",
        "project/.overlay/locks/k-1.lock",
        "project/issues/k-1.json",
        "project/issues/.k-1.json.tmp",
        "project/issues/.k-1.json.old",
        "project/events/.k-1.change",
        "project/events/.k-1.change/plan",
    ];
    for place in places {
        for goal in ["", "file", "nothing"] {
            for in_the_middle in [false, true] {
                let project = fixture();
                let (path, goal) = (project.path(place), outside.path().join(goal));
                let swap = move || {
                    let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::os::unix::fs::symlink(&goal, &path).unwrap();
                };
                let written = write_around(&project, in_the_middle, swap);
                let whole = project.path("project").symlink_metadata().unwrap().is_dir();
                if whole && let Ok(written) = written {
                    assert!(written.changed);
                }
                let there = |part: &str| fs::read_dir(outside.path().join(part)).unwrap().count();
                assert_eq!(
                    [there("issues"), there("events"), there("locks"), there("")],
                    [0, 0, 0, 4],
                    "{place}"
                );
                assert_eq!(fs::read(outside.path().join("file")).unwrap(), b"theirs", "{place}");
            }
        }
    }
}

/// Writes the issue, with `swap` before that or after it was read.
fn write_around(project: &Project, in_the_middle: bool, swap: impl Fn()) -> Result<Written, WriteError> {
    if !in_the_middle {
        swap();
    }
    project.writer.write(Target { place: &place(Shared), id: "k-1" }, QUICK, |current| {
        if in_the_middle {
            swap();
        }
        let bytes = marked(current.map(|current| &*current.bytes), "k-1", "new");
        Ok(Change::Write { bytes, events: vec![event("k-1", "new", "field_updated")] })
    })
}

#[test]
fn a_file_replaced_by_a_directory_and_a_directory_by_a_file_are_said() {
    for in_the_middle in [false, true] {
        let project = fixture();
        let path = project.file(Shared, "k-1");
        let swap = || {
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
        };
        let refused = write_around(&project, in_the_middle, swap);
        assert!(
            matches!(&refused, Err(WriteError::NotAFile { path: wrong }) if *wrong == path),
            "{refused:?}"
        );
        assert!(project.left().is_empty() && project.told(Shared, "k-1").len() == 1);

        let project = fixture();
        let path = project.path("project/events");
        let swap = || {
            fs::remove_dir_all(&path).unwrap();
            fs::write(&path, "").unwrap();
        };
        let refused = write_around(&project, in_the_middle, swap);
        assert!(
            matches!(&refused, Err(WriteError::NotADirectory { path: wrong }) if *wrong == path),
            "{refused:?}"
        );
        assert!(project.left().is_empty());
        assert_eq!(project.marks(Shared, "k-1").unwrap(), ["k-1-made"]);
    }
    let project = fixture();
    fs::File::create(project.file(Shared, "k-1")).unwrap().set_len((8 << 20) + 1).unwrap();
    assert!(matches!(project.append(Shared, "k-1", "new"), Err(WriteError::Unreadable { .. })));
}

#[test]
fn git_at_work_is_waited_for_or_said_in_a_worktree_too() {
    let project = fixture();
    let git = git2::Repository::init(project.dir.path()).unwrap();
    let who = git2::Signature::now("somebody", "somebody@example.org").unwrap();
    let mut index = git.index().unwrap();
    index.add_all(["project/issues", ".kanbus.yml"], git2::IndexAddOption::DEFAULT, None).unwrap();
    let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
    let commit = git.commit(Some("HEAD"), &who, &who, "One", &tree, &[]).unwrap().to_string();
    let elsewhere = tempfile::tempdir().unwrap();
    let worktree = git.worktree("other", &elsewhere.path().join("other"), None).unwrap();
    let worktree = git2::Repository::open_from_worktree(&worktree).unwrap();
    for git in [&git, &worktree] {
        let writer = writer(git.workdir().unwrap());
        let write = |mark: &str, manner| append(&writer, (Shared, "k-1"), mark, manner);
        write("clean", QUICK).unwrap();
        for (path, what) in
            [("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry_pick"), ("REVERT_HEAD", "revert")]
        {
            fs::write(git.path().join(path), &commit).unwrap();
            assert!(matches!(write("busy", QUICK), Err(WriteError::GitBusy { what: is }) if is == what));
            write(what, Manner { anyway: true, ..QUICK }).unwrap();
            fs::remove_file(git.path().join(path)).unwrap();
        }
        fs::create_dir(git.path().join("rebase-merge")).unwrap();
        assert!(matches!(write("busy", QUICK), Err(WriteError::GitBusy { what }) if what == "rebase"));
        fs::remove_dir(git.path().join("rebase-merge")).unwrap();

        let lock = git.path().join("index.lock");
        fs::write(&lock, "").unwrap();
        assert!(matches!(write("busy", QUICK), Err(WriteError::GitBusy { what }) if what == "index"));
        std::thread::scope(|scope| {
            let waiting =
                scope.spawn(|| write("late", Manner { git_patience: Duration::from_secs(60), ..QUICK }));
            fs::remove_file(&lock).unwrap();
            waiting.join().unwrap().unwrap();
        });
    }
}
