//! What a write does where nobody disturbs it, and what it refuses.

use super::*;
use Source::{Local, Shared};

fn target(place: &Place) -> Target<'_> {
    Target { place, id: "k-1" }
}

#[test]
fn an_issue_is_written_as_told_with_its_events() {
    let project = Project::with(&[(Shared, "k-1")]);
    let (mut seen, mut made) = (None, Vec::new());
    let written = project.writer.write(target(&place(Shared)), QUICK, |current| {
        seen = current.cloned();
        made = marked(current.map(|current| &*current.bytes), "k-1", "new");
        let events = vec![event("k-1", "new", "field_updated")];
        Ok::<_, WriteError>(Change::Write { bytes: made.clone(), events })
    });
    let written = written.unwrap();
    let bytes = std::fs::read(project.file(Shared, "k-1")).unwrap();
    assert_eq!(bytes, made);
    let base = Some(file::hex(&file::blob_id(&made)));
    assert_eq!(written, Written { changed: true, base, path: "project/issues/k-1.json".to_owned() });
    assert_eq!(marks(&seen.unwrap().bytes), ["k-1-made"]);
    assert_eq!(project.told(Shared, "k-1").len(), 2);
    assert!(project.left().is_empty());
}

#[test]
#[cfg(unix)]
fn the_mode_of_a_file_stays_and_a_new_one_is_for_all_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::with(&[(Shared, "k-1")]);
    let path = project.file(Shared, "k-1");
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let probe = project.path("probe");
    std::fs::write(&probe, "").unwrap();
    let umask = !std::fs::metadata(&probe).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o644 & !umask | mode() & 0o111 & umask);
    for wanted in [0o600, 0o640, 0o666, 0o755] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(wanted)).unwrap();
        project.append(Shared, "k-1", &format!("{wanted:o}")).unwrap();
        assert_eq!(mode(), wanted);
    }
}

#[test]
fn nothing_is_touched_where_nothing_changes_or_the_answer_is_no() {
    let project = Project::with(&[(Shared, "k-1"), (Local, "k-2")]);
    let before = project.everything();
    let stamp = std::fs::metadata(project.file(Shared, "k-1")).unwrap().modified().unwrap();
    let kept = project.writer.write(target(&place(Shared)), QUICK, |_| Ok::<_, WriteError>(Change::Keep));
    assert!(!kept.unwrap().changed);
    let same = project.writer.write(target(&place(Shared)), QUICK, |current| {
        Ok::<_, WriteError>(Change::Write { bytes: current.unwrap().bytes.clone(), events: Vec::new() })
    });
    assert!(!same.unwrap().changed);
    let refused = project.writer.write(target(&place(Shared)), QUICK, |_| {
        Err::<Change, _>(WriteError::NotFound { id: "rule".to_owned() })
    });
    assert!(matches!(refused, Err(WriteError::NotFound { id }) if id == "rule"));
    let stays = project.writer.relocate(target(&place(Shared)), QUICK, |_| Ok::<_, WriteError>(None));
    assert!(!stays.unwrap().changed);
    let issues = [(Shared, "k-1".to_owned()), (Local, "k-2".to_owned())];
    let stay = project.writer.remove("k", &issues, QUICK, |all| {
        assert!(all.iter().all(Option::is_some));
        Ok::<_, WriteError>(vec![None, None])
    });
    assert_eq!(stay.unwrap(), []);
    assert_eq!(project.everything(), before);
    assert_eq!(std::fs::metadata(project.file(Shared, "k-1")).unwrap().modified().unwrap(), stamp);
}

#[test]
fn an_issue_goes_with_its_events_and_leaves_one() {
    let project = Project::with(&[(Shared, "k-1"), (Shared, "k-2")]);
    let gone = vec![event("k-1", "k-1-made", "").name, "not-there.json".to_owned()];
    let events = vec![event("k-1", "deleted", "issue_deleted")];
    let removal = Removal { events, gone };
    let written = project
        .writer
        .write(target(&place(Shared)), QUICK, |_| Ok::<_, WriteError>(Change::Remove(removal.clone())));
    assert_eq!(written.unwrap().base, None);
    assert_eq!(project.marks(Shared, "k-1"), None);
    assert_eq!(project.told(Shared, "k-1"), BTreeSet::from(["deleted".to_owned()]));
    assert_eq!(project.told(Shared, "k-2").len(), 1);
    assert!(project.left().is_empty());
    let again =
        project.writer.write(target(&place(Shared)), QUICK, |_| Ok::<_, WriteError>(Change::Remove(removal)));
    assert!(matches!(again, Err(WriteError::NotFound { id }) if id == "k-1"));
}

#[test]
fn an_issue_moves_to_a_private_place_and_back_but_over_no_other() {
    let project = Project::with(&[(Shared, "k-1")]);
    let relocate = |from, mark: &str, along: &str| {
        project.writer.relocate(target(&place(from)), QUICK, |current| {
            let bytes = marked(Some(&current.bytes), "k-1", mark);
            let events = vec![event("k-1", mark, "issue_localized")];
            let along = vec![event("k-1", along, "").name];
            Ok::<_, WriteError>(Some(Relocation { bytes, events, along }))
        })
    };
    assert_eq!(relocate(Shared, "there", "k-1-made").unwrap().path, "project-local/issues/k-1.json");
    assert_eq!(project.marks(Shared, "k-1"), None);
    assert_eq!(project.told(Local, "k-1").len(), 2);
    assert_eq!(relocate(Local, "back", "k-1-made").unwrap().path, "project/issues/k-1.json");
    assert_eq!(project.marks(Shared, "k-1").unwrap(), ["k-1-made", "there", "back"]);
    assert_eq!(project.told(Shared, "k-1"), ["back", "k-1-made"].map(str::to_owned).into());

    std::fs::copy(project.file(Shared, "k-1"), project.file(Local, "k-1")).unwrap();
    let before = project.everything();
    assert!(matches!(relocate(Shared, "over", "k-1-made"), Err(WriteError::Exists { .. })));
    assert_eq!(project.everything(), before);
    assert!(matches!(
        project
            .writer
            .relocate(Target { place: &place(Shared), id: "k-0" }, QUICK, |_| Ok::<_, WriteError>(None)),
        Err(WriteError::NotFound { .. })
    ));
}

#[test]
fn the_locks_are_kanbus_s_own_for_private_issues_too() {
    let project = Project::with(&[(Shared, "k-1"), (Local, "k-2")]);
    for id in ["k-1", "k-2"] {
        assert!(project.path(&format!("project/.overlay/locks/{id}.lock")).is_file());
    }
    assert!(!project.path("project-local/.overlay").exists());
}

#[test]
fn no_name_leads_elsewhere() {
    let project = Project::with(&[(Shared, "k-1")]);
    let before = project.everything();
    let long = "x".repeat(201);
    for id in ["", "..", ".k-1", "../k-1", "a/b", "a\\b", "a\0b", &long] {
        let asked = project
            .writer
            .write(Target { place: &place(Shared), id }, QUICK, |_| Ok::<_, WriteError>(Change::Keep));
        assert!(matches!(asked, Err(WriteError::BadName { name }) if name == id));
    }
    for name in ["e", ".e.json", "../e.json", "a/e.json", "e.json\0"] {
        let events = vec![EventFile { name: name.to_owned(), bytes: Vec::new() }];
        let write = Change::Write { bytes: b"{}".to_vec(), events };
        let gone = Change::Remove(Removal { gone: vec![name.to_owned()], ..Removal::default() });
        for change in [write, gone] {
            let asked = project.writer.write(target(&place(Shared)), QUICK, |_| Ok::<_, WriteError>(change));
            assert!(matches!(asked, Err(WriteError::BadName { .. })));
        }
    }
    let nowhere = Place { project: "other".into(), source: Shared };
    let asked = project.writer.write(target(&nowhere), QUICK, |_| Ok::<_, WriteError>(Change::Keep));
    assert!(matches!(asked, Err(WriteError::NotFound { id }) if id == "other"));
    assert_eq!(project.everything(), before);
}

#[test]
fn a_plan_that_somebody_committed_touches_nothing_private() {
    let project = Project::with(&[(Shared, "k-1"), (Local, "k-2")]);
    let room = project.path("project/events/.k-1.change");
    std::fs::create_dir(&room).unwrap();
    let member = |source, id: &str, gone| {
        let before = file::hex(&file::blob_id(&std::fs::read(project.file(source, id)).unwrap()));
        plan::Member { source, id: id.to_owned(), before, gone }
    };
    let plan = plan::Plan::Remove(vec![
        member(Shared, "k-1", Vec::new()),
        member(Local, "k-2", vec![event("k-2", "k-2-made", "").name]),
    ]);
    std::fs::write(room.join("plan"), plan.to_json()).unwrap();
    std::fs::write(project.path("project/issues/.k-1.json.old"), "{}").unwrap();
    project.touch("k-1");
    assert!(project.marks(Shared, "k-1").is_some());
    assert_eq!(project.told(Local, "k-2").len(), 1);
    assert!(project.marks(Local, "k-2").is_some() && project.left().is_empty());
}

#[test]
fn whose_an_event_is_can_be_asked() {
    let project = Project::with(&[(Shared, "k-1"), (Shared, "k-2"), (Local, "k-3")]);
    project.append(Shared, "k-1", "later").unwrap();
    std::fs::write(project.path("project/events/torn.json"), "{").unwrap();
    let ids = ["k-1", "k-3", "k-4"].map(str::to_owned).into();
    let long = format!("project/events/{}.json", "x".repeat(230));
    std::fs::copy(project.path("project/events").join(event("", "later", "").name), project.path(&long))
        .unwrap();
    let of = |source, most| project.writer.history_of(&place(source), &ids, most).unwrap();
    let names = |marks: &[&str]| marks.iter().map(|mark| event("", mark, "").name).collect::<Vec<_>>();
    let shared = of(Shared, 1 << 20);
    assert_eq!(shared["k-1"].names, names(&["k-1-made", "later"]));
    let held: Vec<_> = ["k-1-made", "later"].map(|mark| event("k-1", mark, "field_updated")).into();
    assert_eq!(shared["k-1"].files.as_ref(), Some(&held), "as they are, to the byte");
    assert!(shared["k-3"].names.is_empty() && shared["k-4"].names.is_empty() && shared.len() == 3);
    assert_eq!(of(Local, 0)["k-3"].names, names(&["k-3-made"]));
    let less = held[0].bytes.len() + held[1].bytes.len() - 1;
    assert_eq!((&of(Shared, less)["k-1"].files, of(Shared, 0)["k-1"].names.len()), (&None, 2));
}

#[test]
fn whether_an_issue_is_there_can_be_asked() {
    let project = Project::with(&[(Shared, "k-1")]);
    let holds = |source, id| project.writer.holds(Target { place: &place(source), id });
    assert!(holds(Shared, "k-1").unwrap() && !holds(Local, "k-1").unwrap() && !holds(Shared, "k-2").unwrap());
    assert!(matches!(holds(Shared, "../k-1"), Err(WriteError::BadName { .. })));
}

#[test]
fn an_event_that_is_there_already_stays_as_it_is() {
    let project = Project::with(&[(Shared, "k-1")]);
    let theirs = project.path("project/events").join(event("", "back", "").name);
    std::fs::write(&theirs, "{\"issue_id\": \"k-1\", \"event_id\": \"back\", \"theirs\": 1}").unwrap();
    let before = std::fs::read(&theirs).unwrap();
    project.append(Shared, "k-1", "back").unwrap();
    assert_eq!(std::fs::read(&theirs).unwrap(), before);
    assert!(project.left().is_empty() && project.marks(Shared, "k-1").unwrap().contains(&"back".to_owned()));
}

/// What `act` does to the disk, but for what it removes. A name without the hash behind it.
fn done<T>(act: impl FnOnce() -> Result<T, WriteError>) -> Vec<String> {
    faults::noted();
    act().unwrap();
    let short = |one: String| match one.split_once(".json.") {
        Some((name, hash)) if hash.len() == 40 => format!("{name}.json"),
        _ => one,
    };
    faults::noted().into_iter().map(short).collect()
}

#[test]
fn what_is_laid_down_is_on_the_disk_before_the_change_comes() {
    let project = Project::with(&[(Shared, "k-1"), (Local, "k-2")]);
    let coming = |mark: &str| format!("create {}", event("", mark, "").name);
    let noted = done(|| project.append(Shared, "k-1", "new"));
    let come = format!("rename to {}", event("", "new", "").name);
    // That it has not come is on the disk before any event waits there.
    let laid_down =
        ["create .k-1.json.tmp", "sync issues", "sync events", &coming("new"), "sync .k-1.change"];
    let has_come = ["rename to k-1.json", "sync issues", &come, "sync events"];
    assert_eq!(noted, [&laid_down[..], &has_come[..]].concat());
    let events = vec![event("k-1", "gone", "issue_deleted")];
    let removal = Change::Remove(Removal { events, gone: Vec::new() });
    let noted = done(|| project.writer.write(target(&place(Shared)), QUICK, |_| Ok(removal)));
    let laid_down = [
        "sync events",
        "create plan",
        "sync .k-1.change",
        &coming("gone"),
        "sync .k-1.change",
        "rename to .k-1.json.old",
    ];
    assert_eq!(noted[..6], laid_down);
    let noted = done(|| {
        project.writer.relocate(Target { place: &place(Local), id: "k-2" }, QUICK, |current| {
            let events = vec![event("k-2", "moved", "issue_promoted")];
            Ok(Some(Relocation { bytes: current.bytes.clone(), events, along: Vec::new() }))
        })
    });
    let laid_down = [
        "sync events",
        "create plan",
        "sync .k-2.change",
        &coming("moved"),
        "sync .k-2.change",
        "rename to k-2.json",
    ];
    assert_eq!(noted[1..7], laid_down);
}

#[test]
fn what_is_private_is_passed_over_by_git_before_it_is_there() {
    for (before, after) in [
        (None, "project-local/\n"),
        (Some("target"), "target\nproject-local/\n"),
        (Some("/project-*/\n"), "/project-*/\n"),
    ] {
        let project = Project::new();
        git2::Repository::init(project.dir.path()).unwrap();
        let ignored = project.path(".gitignore");
        if let Some(before) = before {
            std::fs::write(&ignored, before).unwrap();
        }
        project.append(Local, "k-1", "made").unwrap();
        assert_eq!(std::fs::read_to_string(&ignored).unwrap(), after);
    }
}

#[test]
fn a_project_that_moves_is_followed_as_the_configuration_says() {
    let project = Project::with(&[(Shared, "k-1")]);
    project.append(Shared, "k-1", "first").unwrap();
    std::fs::rename(project.path("project"), project.path("elsewhere")).unwrap();
    let lost = project.append(Shared, "k-1", "lost");
    assert!(matches!(lost, Err(WriteError::Gone { path }) if path == project.path("project")));
    std::fs::write(project.path(".kanbus.yml"), "project_key: k\nproject_directory: elsewhere\n").unwrap();
    let written = project.append(Shared, "k-1", "second").unwrap();
    assert_eq!(written.path, "elsewhere/issues/k-1.json");
    assert!(!project.path("project").exists());
}
