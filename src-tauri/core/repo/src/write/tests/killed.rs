//! What is left by a process that was killed in the middle.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::super::faults::{alive, kill_after};
use super::together::{FAMILY, remove_family};
use super::*;
use Source::{Local, Shared};

const ROOM: &str = "HEARSAY_TEST_WRITES_UNTIL_KILLED";

/// The next write that takes the lock of `id`. While another test starts a process, that holds the locks of this one
/// for a moment: it is waited for.
fn settled(project: &Project, id: &str) {
    let target = Target { place: &place(Shared), id };
    project.writer.write(target, PATIENT, |_| Ok::<_, WriteError>(Change::Keep)).unwrap();
}

/// Opens the board, which must have nothing to complain of.
fn opens(project: &Project) {
    let repository = crate::discover(project.dir.path()).unwrap();
    let now = SystemTime::now() + Duration::from_secs(5);
    let (mut tree, mut out) = crate::WorkingTree::new(repository, crate::Overlays::default(), now);
    tree.load(now, &|_, _| (), &mut out);
    // That the directory is no Git repository is said, and no matter here.
    let wrong = out.iter().filter(|one| matches!(one, hearsay_board::Observation::Problem { problem: Some(_), path } if !path.contains("git") && path != "."));
    assert_eq!(wrong.count(), 0, "{out:?}");
}

/// Kills `act` before each thing that it does to the disk; after each, and after `between`, kills the next write of
/// each of `ids` in the same way, and lets another one have its way. Then `check` must hold.
fn whatever_the_moment(
    issues: &[(Source, &str)],
    ids: &[&str],
    act: impl Fn(&Project) -> bool,
    between: impl Fn(&Project),
    check: impl Fn(&Project, bool),
) {
    let mut moments = 0;
    for first in 0.. {
        let mut was_alive = false;
        for second in 0.. {
            let id = ids[(first + second) % ids.len()];
            let project = Project::with(issues);
            kill_after(first);
            let acknowledged = act(&project);
            was_alive = alive();
            between(&project);
            kill_after(second);
            let target = Target { place: &place(Shared), id };
            let _ = project.writer.write(target, PATIENT, |_| Ok::<_, WriteError>(Change::Keep));
            let was_settled = alive();
            settled(&project, id);
            check(&project, acknowledged);
            // What never came may wait for the locks that it began with.
            ids.iter().for_each(|id| settled(&project, id));
            check(&project, acknowledged);
            assert!(project.left().is_empty(), "{first} {second} {id}: {:?}", project.left());
            moments += 1;
            if was_settled {
                break;
            }
        }
        if was_alive {
            break;
        }
    }
    println!("{moments} moments");
}

#[test]
fn both_or_neither_of_a_change_and_its_events_whenever_the_process_is_killed() {
    let act = |project: &Project| {
        let target = Target { place: &place(Shared), id: "k-1" };
        let written = project.writer.write(target, PATIENT, |current| {
            let bytes = marked(current.map(|current| &*current.bytes), "k-1", "new");
            let events = ["new", "new-too"].map(|mark| event("k-1", mark, "field_updated"));
            Ok::<_, WriteError>(Change::Write { bytes, events: events.to_vec() })
        });
        written.is_ok()
    };
    let both = |project: &Project, acknowledged: bool| {
        let has = project.marks(Shared, "k-1").unwrap().iter().any(|mark| mark == "new");
        let told = project.told(Shared, "k-1");
        assert_eq!(told.contains("new"), has);
        assert_eq!(told.contains("new-too"), has);
        assert!(has || !acknowledged);
    };
    let issues = [(Shared, "k-1")];
    whatever_the_moment(&issues, &["k-1"], act, |_| (), both);
    // Somebody else's change in between is kept, and changes nothing of that.
    let theirs = |project: &Project| {
        let path = project.file(Shared, "k-1");
        std::fs::write(&path, marked(Some(&std::fs::read(&path).unwrap()), "k-1", "theirs")).unwrap();
    };
    whatever_the_moment(&issues, &["k-1"], act, theirs, |project, acknowledged| {
        both(project, acknowledged);
        assert!(project.marks(Shared, "k-1").unwrap().contains(&"theirs".to_owned()));
    });
}

#[test]
fn a_new_issue_and_its_event_come_together_whenever_the_process_is_killed() {
    let act = |project: &Project| project.append(Local, "k-9", "made").is_ok();
    whatever_the_moment(
        &[],
        &["k-9"],
        act,
        |_| (),
        |project, acknowledged| {
            let told = project.told(Local, "k-9");
            assert_eq!(project.marks(Local, "k-9").is_some(), told.contains("made"));
            assert!(!acknowledged || told.contains("made"));
        },
    );
}

#[test]
fn all_or_none_of_several_issues_go_whenever_the_process_is_killed() {
    let check = |project: &Project, acknowledged: bool| {
        let there = FAMILY.map(|(source, id)| project.marks(source, id).is_some());
        assert!(there == [true; 3] || there == [false; 3], "{there:?}");
        for (source, id) in FAMILY {
            let told = project.told(source, id).into_iter().collect::<Vec<_>>();
            assert_eq!(told, [if there[0] { format!("{id}-made") } else { format!("{id}-deleted") }]);
        }
        assert!(!acknowledged || !there[0]);
    };
    whatever_the_moment(
        &FAMILY,
        &["k-1", "k-2", "k-3"],
        |project| remove_family(project, PATIENT).is_ok(),
        |_| (),
        check,
    );
}

#[test]
fn what_was_brought_back_or_changed_since_a_kill_is_never_removed() {
    let bring_back = |before: &[(PathBuf, Vec<u8>)]| {
        for (path, bytes) in before.iter().filter(|(path, _)| path.parent().unwrap().ends_with("issues")) {
            std::fs::write(path, bytes).unwrap();
        }
    };
    for all_are_brought_back in [true, false] {
        for steps in 0.. {
            let project = Project::with(&FAMILY);
            let before = project.everything();
            kill_after(steps);
            let _ = remove_family(&project, PATIENT);
            let is_over = alive();
            if is_over {
                break;
            }
            let path = project.file(Shared, "k-3");
            if all_are_brought_back {
                bring_back(&before);
            } else if !path.exists() {
                continue;
            }
            let theirs = marked(Some(&std::fs::read(&path).unwrap()), "k-3", "theirs");
            std::fs::write(&path, &theirs).unwrap();
            for id in ["k-1", "k-2", "k-3"] {
                settled(&project, id);
            }
            assert_eq!(std::fs::read(&path).unwrap(), theirs, "{steps}");
            for (source, id) in FAMILY {
                assert!(project.marks(source, id).is_some(), "{steps} {id}: all or none of them go");
                assert!(all_are_brought_back || project.told(source, id).contains(&format!("{id}-made")));
            }
            assert!(project.left().is_empty());
        }
    }
}

#[test]
fn a_plan_that_nobody_can_read_removes_nothing() {
    let project = Project::with(&[(Shared, "k-1"), (Shared, "k-2")]);
    let before = project.everything();
    let room = project.path("project/events/.k-1.change");
    std::fs::create_dir(&room).unwrap();
    let without_bytes = json!({ "remove": [
        { "source": "shared", "id": "k-1", "gone": [] }, { "source": "shared", "id": "k-2", "gone": [] },
    ] });
    std::fs::write(room.join("plan"), without_bytes.to_string()).unwrap();
    std::fs::rename(project.file(Shared, "k-1"), project.path("project/issues/.k-1.json.old")).unwrap();
    settled(&project, "k-1");
    assert_eq!(project.everything(), before);
}

#[test]
fn an_issue_that_moves_is_in_one_place_with_its_events_whenever_the_process_is_killed() {
    for (from, to) in [(Shared, Local), (Local, Shared)] {
        let act = |project: &Project| {
            let target = Target { place: &place(from), id: "k-1" };
            let moved = project.writer.relocate(target, PATIENT, |current| {
                let bytes = marked(Some(&current.bytes), "k-1", "moved");
                let events = vec![event("k-1", "moved", "issue_localized")];
                let along = vec![event("k-1", "k-1-made", "").name];
                Ok::<_, WriteError>(Some(Relocation { bytes, events, along }))
            });
            moved.is_ok()
        };
        let theirs = |project: &Project| {
            for path in [project.file(from, "k-1"), project.file(to, "k-1")] {
                if let Ok(bytes) = std::fs::read(&path) {
                    std::fs::write(&path, marked(Some(&bytes), "k-1", "theirs")).unwrap();
                }
            }
        };
        let check = |project: &Project, acknowledged: bool| {
            let (before, after) = (project.marks(from, "k-1"), project.marks(to, "k-1"));
            assert!(before.is_some() != after.is_some());
            let (empty, told) = match before {
                Some(_) => (project.told(to, "k-1"), project.told(from, "k-1")),
                None => (project.told(from, "k-1"), project.told(to, "k-1")),
            };
            assert!(empty.is_empty());
            assert!(told.contains("k-1-made"));
            assert_eq!(told.contains("moved"), after.is_some());
            assert!(!acknowledged || after.is_some());
        };
        whatever_the_moment(
            &[(from, "k-1")],
            &["k-1"],
            act,
            |_| (),
            |project, acknowledged| {
                check(project, acknowledged);
                let marks = project.marks(to, "k-1").unwrap_or_default();
                assert!(marks.is_empty() || marks.contains(&"moved".to_owned()));
            },
        );
        whatever_the_moment(&[(from, "k-1")], &["k-1"], act, theirs, |project, acknowledged| {
            check(project, acknowledged);
            let marks = project.marks(from, "k-1").or(project.marks(to, "k-1")).unwrap();
            assert!(marks.contains(&"theirs".to_owned()));
        });
    }
}

#[test]
fn readers_pass_over_what_a_kill_left() {
    for steps in 0.. {
        let project = Project::with(&FAMILY);
        kill_after(steps);
        let _ = remove_family(&project, PATIENT);
        let is_over = alive();
        let before = project.everything();
        opens(&project);
        assert_eq!(project.everything(), before, "reading changes nothing");
        if is_over {
            break;
        }
    }
}

/// Writes until it is killed, where a test has started it for that; says each acknowledged write.
#[test]
fn a_process_to_kill() {
    let Ok(root) = std::env::var(ROOM) else { return };
    let (root, seed) = root.rsplit_once('#').unwrap();
    let writer = writer(Path::new(root));
    for number in 0.. {
        let id = format!("k-{}", number % 3);
        let mark = format!("{seed}-{number}");
        append(&writer, (Shared, &id), &mark, PATIENT).unwrap();
        println!("\nwrote {id} {mark}");
    }
}

pub(super) fn spawn(test: &str, variable: &str, value: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([&format!("write::tests::{test}"), "--exact", "--nocapture", "--test-threads=1"])
        .env(variable, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn both_or_neither_after_a_real_kill_at_any_moment() {
    let project = Project::new();
    let mut chance = numbers(7);
    let (mut acknowledged, mut cut_off) = (Vec::new(), 0);
    let kills = count(200, 1000);
    for kill in 0..kills {
        let value = format!("{}#{kill}", project.dir.path().display());
        let mut child = spawn("killed::a_process_to_kill", ROOM, &value);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut writes = (&mut lines).map(Result::unwrap).filter(|line| line.starts_with("wrote"));
        acknowledged.extend(writes.next());
        for _ in 0..chance() % 4096 {
            std::hint::black_box(std::fs::metadata("/").ok());
        }
        child.kill().unwrap();
        acknowledged.extend(lines.map(Result::unwrap).filter(|line| line.starts_with("wrote")));
        child.wait().unwrap();
        cut_off += usize::from(!project.left().is_empty());
        opens(&project);
        for number in 0..3 {
            let id = format!("k-{number}");
            settled(&project, &id);
            let marks = project.marks(Shared, &id).unwrap_or_default();
            let once: BTreeSet<String> = marks.iter().cloned().collect();
            assert_eq!(marks.len(), once.len(), "{kill}: no change comes twice");
            assert_eq!(once, project.told(Shared, &id), "{kill}");
        }
        assert!(project.left().is_empty());
        opens(&project);
    }
    assert!(cut_off > kills / 20, "only {cut_off} of {kills} kills came in the middle of a write");
    println!("{cut_off} of {kills} kills left something behind");
    let all: BTreeSet<String> =
        (0..3).flat_map(|number| project.told(Shared, &format!("k-{number}"))).collect();
    for line in acknowledged {
        let mark = line.rsplit(' ').next().unwrap();
        assert!(all.contains(mark), "{line}");
    }
}

/// Numbers that nobody would think of, and the same each time.
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}
