//! Issues that go together, and one that moves, where that is disturbed in the middle: what was not done is not said to be.

use std::fs;
use std::process::Command;

use super::super::faults::{interrupt_at, was_interrupted};
use super::trouble::{has_own_mounts, mount};
use super::*;
use Source::{Local, Shared};

/// The private one goes first.
pub(super) const FAMILY: [(Source, &str); 3] = [(Shared, "k-1"), (Local, "k-2"), (Shared, "k-3")];

pub(super) fn remove_family(project: &Project, manner: Manner) -> Result<Vec<Written>, WriteError> {
    let issues = FAMILY.map(|(source, id)| (source, id.to_owned()));
    project.writer.remove("k", &issues, manner, |_| {
        let removal = |id: &str| Removal {
            events: vec![event(id, &format!("{id}-deleted"), "issue_deleted")],
            gone: vec![event(id, &format!("{id}-made"), "").name],
        };
        Ok(FAMILY.iter().map(|(_, id)| Some(removal(id))).collect())
    })
}

#[test]
fn a_removal_that_cannot_be_carried_out_is_said_and_called_off() {
    if !has_own_mounts("together", "a_removal_that_cannot_be_carried_out_is_said_and_called_off") {
        return;
    }
    let project = Project::with(&FAMILY);
    let (path, before) = (project.path("project/issues"), project.everything());
    let path = path.to_str().unwrap();
    mount(&["--bind", path, path]);
    mount(&["-o", "remount,ro,bind", path]);
    let refused = remove_family(&project, QUICK);
    let first = project.file(Shared, "k-1");
    assert!(matches!(&refused, Err(WriteError::ReadOnly { path, .. }) if *path == first), "{refused:?}");
    assert_eq!(project.everything(), before);
    project.touch("k-1");
    assert!(Command::new("umount").arg(path).status().unwrap().success());
    project.append(Shared, "k-3", "new").unwrap();
    assert!(project.marks(Local, "k-2").is_some() && project.marks(Shared, "k-1").is_some());
    remove_family(&project, QUICK).unwrap();
    assert!(project.left().is_empty());
}

#[test]
fn what_is_not_said_to_be_done_is_whole_whenever_a_directory_becomes_read_only() {
    if !has_own_mounts(
        "together",
        "what_is_not_said_to_be_done_is_whole_whenever_a_directory_becomes_read_only",
    ) {
        return;
    }
    let mut refused = [0; 2];
    for (part, removes) in [
        ("project/issues", true),
        ("project-local/issues", true),
        ("project/issues", false),
        ("project-local/issues", false),
    ] {
        for steps in 0.. {
            let project = Project::with(&FAMILY);
            let path = project.path(part).to_str().unwrap().to_owned();
            let goal = path.clone();
            interrupt_at(steps, move || {
                mount(&["--bind", &goal, &goal]);
                mount(&["-o", "remount,ro,bind", &goal]);
            });
            let done = if removes { remove_family(&project, QUICK).map(drop) } else { localize(&project) };
            if !was_interrupted() {
                done.unwrap();
                break;
            }
            refused[usize::from(removes)] += usize::from(done.is_err());
            assert!(Command::new("umount").arg(&path).status().unwrap().success());
            ["k-1", "k-2", "k-3"].iter().for_each(|id| project.touch(id));
            assert!(project.left().is_empty());
            let told = |source, mark: &str| project.told(source, "k-1").contains(mark);
            let has_come = if removes {
                let there = FAMILY.map(|(source, id)| project.marks(source, id).is_some());
                assert!(there == [true; 3] || there == [false; 3], "{part} {steps} {there:?}");
                assert_eq!([told(Shared, "k-1-made"), told(Shared, "k-1-deleted")], [there[0], !there[0]]);
                !there[0]
            } else {
                let marks = project.marks(Local, "k-1");
                assert!(project.marks(Shared, "k-1").is_some() != marks.is_some(), "{part} {steps}");
                assert_eq!(
                    [told(Shared, "k-1-made"), told(Local, "moved")],
                    [marks.is_none(), marks.is_some()]
                );
                marks.is_some_and(|marks| marks.contains(&"moved".to_owned()))
            };
            assert!(has_come || done.is_err(), "{part} {steps}");
        }
    }
    assert!(refused.iter().all(|refused| *refused > 5), "{refused:?}");
}

fn localize(project: &Project) -> Result<(), WriteError> {
    let target = Target { place: &place(Shared), id: "k-1" };
    let moved = project.writer.relocate(target, QUICK, |current| {
        let bytes = marked(Some(&current.bytes), "k-1", "moved");
        let events = vec![event("k-1", "moved", "issue_localized")];
        Ok(Some(Relocation { bytes, events, along: vec![event("k-1", "k-1-made", "").name] }))
    });
    moved.map(drop)
}

#[test]
fn a_removal_is_not_said_to_be_done_where_its_plan_is_taken_away() {
    let mut refused = 0;
    for steps in 0.. {
        let project = Project::with(&FAMILY);
        let plan = project.path("project-local/events/.k-2.change/plan");
        interrupt_at(steps, move || {
            if fs::remove_file(&plan).is_ok() {
                fs::create_dir(&plan).unwrap();
            }
        });
        let removed = remove_family(&project, QUICK);
        if !was_interrupted() {
            removed.unwrap();
            break;
        }
        let stay = FAMILY.iter().filter(|(source, id)| project.marks(*source, id).is_some());
        assert!(removed.is_err() || stay.count() == 0, "{steps} {removed:?}");
        refused += usize::from(removed.is_err());
    }
    assert!(refused > 0);
}

#[test]
fn what_is_saved_without_a_lock_while_issues_go_is_never_lost() {
    for (source, id) in [(Local, "k-2"), (Shared, "k-3")] {
        let mut called_off = 0;
        // What is saved before the last lock is taken is read.
        for steps in 3.. {
            let project = Project::with(&FAMILY);
            let path = project.file(source, id);
            let theirs = marked(Some(&fs::read(&path).unwrap()), id, "theirs");
            let saved = theirs.clone();
            let goal = path.clone();
            interrupt_at(steps, move || fs::write(&goal, saved).unwrap());
            let removed = remove_family(&project, QUICK);
            if !was_interrupted() {
                removed.unwrap();
                break;
            }
            assert_eq!(fs::read(&path).unwrap(), theirs, "{id} {steps}");
            if let Err(error) = removed {
                assert!(matches!(&error, WriteError::Changed { path: is } if *is == path), "{error:?}");
                called_off += 1;
                for (source, id) in FAMILY {
                    assert!(project.marks(source, id).is_some(), "{id} {steps}");
                    assert_eq!(project.told(source, id), BTreeSet::from([format!("{id}-made")]));
                }
                assert!(project.left().is_empty());
            }
        }
        assert!(called_off > 10, "{called_off}");
    }
}
