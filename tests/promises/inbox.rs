//! The inbox: kept over restarts, by several processes at once, and said where it cannot be kept.

use std::fs;
use std::path::PathBuf;

use hearsay_tests::attention::about;
use hearsay_tests::envelope::at;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Listening, Project};
use serde_json::{Value, json};

use crate::own_mounts::{has_own_mounts, mount};

/// The app's data on the machine of `project`.
fn data(project: &Project) -> PathBuf {
    project.home().join("data/dev.hearsay.app")
}

/// The one file of an inbox that ends so.
fn file(project: &Project, ending: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(data(project).join("inbox")).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ending)))
}

/// Somebody changes these issues, and it is counted.
fn changed(project: &Project, listening: &mut Listening, numbers: std::ops::Range<usize>) {
    for number in numbers.clone() {
        project.put(&Issue::numbered(number).in_status("closed").changed(1));
    }
    for number in numbers {
        listening.notice(&format!("demo-{number}"));
    }
}

fn state(listening: &Listening, id: &str) -> Value {
    listening.item(id).map_or(Value::Null, |item| item["state"].clone())
}

#[test]
fn it_is_kept_over_a_restart_with_all_that_the_person_has_made_of_it() {
    let project = Project::with_issues(8);
    let mut listening = Listening::to(&project);
    changed(&project, &mut listening, 0..6);
    let (soon, is) = (at(3_600), |state: &str| json!({"is": state}));
    listening.mark(&about("demo-1"), &is("read"));
    listening.mark(&about("demo-2"), &is("done"));
    listening.mark(&about("demo-3"), &is("read"));
    listening.mark(&about("demo-3"), &is("unread"));
    listening.mark(&about("demo-4"), &json!({"is": "snoozed", "until": soon}));
    for kind in ["watch", "mute"] {
        listening.server.command(&json!({"type": kind, "about": about("demo-5"), "on": true}));
        listening.server.command(&json!({"type": kind, "about": about("demo-7"), "on": kind == "watch"}));
    }
    listening.unit("inbox", "the marks to be counted", |inbox| {
        let counts = &inbox["counts"];
        (&counts["items"], &counts["snoozed"], &counts["muted"]) == (&json!(3), &json!(1), &json!(1))
    });
    let before = listening.server.get("/api/inbox").body;
    assert!(listening.server.running.stop().success());
    let again = Listening::to(&project);
    assert_eq!(again.server.get("/api/inbox").body, before, "to the byte");
    let inbox = again.follower.unit("inbox").unwrap();
    assert_eq!(inbox["counts"]["items"], 3);
    assert_eq!((state(&again, "demo-2"), state(&again, "demo-3")), (is("done"), is("unread")));
    again.server.command(&json!({"type": "inbox", "to": {"is": "read"}}));
    assert!(again.items().iter().all(|item| item["state"]["is"] != "unread"), "all of them are read");
}

#[test]
fn marks_by_two_processes_at_once_are_all_there_and_in_both() {
    let project = Project::with_issues(12);
    let mut one = Listening::to(&project);
    let mut other = Listening::to(&project);
    changed(&project, &mut one, 0..12);
    changed(&project, &mut other, 0..12);
    std::thread::scope(|scope| {
        for (part, door) in [(0, one.server.door()), (1, other.server.door())] {
            let marks = move || {
                for number in (part..12).step_by(2) {
                    let about = about(&format!("demo-{number}"));
                    let marked = |state: &str| json!({"type": "inbox", "about": about, "to": {"is": state}});
                    let command = match number / 2 % 3 {
                        0 => marked("read"),
                        1 => marked("done"),
                        _ => json!({"type": "mute", "about": about, "on": true}),
                    };
                    assert_eq!(door.tell("POST", "/api/commands", &command).status, 200);
                }
            };
            scope.spawn(marks);
        }
    });
    let is_so = |listening: &Listening| {
        (0..12).all(|number| {
            let Some(item) = listening.item(&format!("demo-{number}")) else { return false };
            match number / 2 % 3 {
                0 => item["state"]["is"] == "read",
                1 => item["state"]["is"] == "done",
                _ => item["muted"] == true && item["state"]["is"] == "unread" && item["unread"] == 1,
            }
        })
    };
    // Both come to it and stay there: what one of them keeps, the other reads.
    until("all marks to be in both", || (is_so(&one) && is_so(&other)).then_some(()));
    until("all marks to be kept", || {
        let text = fs::read_to_string(file(&project, ".json")?).ok()?;
        (text.matches("\"read\"").count() == 4 && text.matches("\"done\"").count() == 4).then_some(())
    });
    until("the journal to be taken in", || {
        file(&project, ".journal")
            .is_none_or(|path| fs::metadata(path).is_ok_and(|it| it.len() == 0))
            .then_some(())
    });
    until("all marks to be in both", || (is_so(&one) && is_so(&other)).then_some(()));
    for listening in [one, other] {
        assert!(listening.server.running.stop().success());
    }
    assert!(is_so(&Listening::to(&project)), "and after a restart");
}

#[test]
fn what_was_marked_last_before_a_process_ends_is_known_to_the_one_that_goes_on() {
    let project = Project::with_issues(4);
    let mut one = Listening::to(&project);
    let mut other = Listening::to(&project);
    changed(&project, &mut one, 0..3);
    changed(&project, &mut other, 0..3);
    until("the inbox to be kept", || file(&project, ".json"));
    one.mark(&about("demo-0"), &json!({"is": "done"}));
    one.server.command(&json!({"type": "mute", "about": about("demo-1"), "on": true}));
    assert!(one.server.running.stop().success());
    other.has_item("demo-0", "done", |item| item["state"]["is"] == "done");
    other.has_item("demo-1", "muted", |item| item["muted"] == true);
    // It keeps it from now on.
    other.mark(&about("demo-2"), &json!({"is": "read"}));
    assert!(other.server.running.stop().success());
    let again = Listening::to(&project);
    let states = ["demo-0", "demo-1", "demo-2"].map(|id| state(&again, id)["is"].clone());
    assert_eq!(states, ["done", "unread", "read"]);
}

#[test]
fn an_inbox_that_cannot_be_read_is_put_aside_and_said() {
    for text in ["{ broken", "", "[]", r#"{"version":99,"items":[]}"#, "\u{0}\u{0}"] {
        let project = Project::with_issues(3);
        let mut listening = Listening::to(&project);
        changed(&project, &mut listening, 1..2);
        assert!(listening.server.running.stop().success());
        let path = file(&project, ".json").expect("it is kept");
        fs::write(&path, text).unwrap();
        let mut again = Listening::to(&project);
        let inbox = again.unit("inbox", "the trouble to be said", |inbox| inbox["trouble"].is_string());
        let trouble = inbox["trouble"].as_str().unwrap();
        assert!(trouble.contains("could not be read"), "{text}: {trouble}");
        let aside = file(&project, "broken.json").expect("it is put aside");
        assert!(trouble.contains(&*aside.to_string_lossy()), "{trouble}");
        assert_eq!(fs::read_to_string(aside).unwrap(), text);
        changed(&project, &mut again, 2..3);
        again.has_item("demo-2", "unread", |item| item["unread"] == 1);
        until("the new inbox to be kept", || {
            fs::read_to_string(&path).is_ok_and(|text| text.contains("demo-2")).then_some(())
        });
    }
}

#[test]
fn an_inbox_without_a_place_is_said_and_the_board_and_the_inbox_work() {
    let project = Project::with_issues(4);
    fs::create_dir_all(data(&project)).unwrap();
    fs::write(data(&project).join("inbox"), "in the way").unwrap();
    let mut listening = Listening::to(&project);
    let said = |inbox: &Value| inbox["trouble"].as_str().is_some_and(|text| text.contains("cannot be kept"));
    listening.unit("inbox", "the trouble to be said", said);
    changed(&project, &mut listening, 1..3);
    listening.counts(2, 2);
    let command = json!({"type": "inbox", "about": about("demo-1"), "to": {"is": "done"}});
    let answer = listening.server.tell("POST", "/api/commands", &command);
    assert!(answer.status == 200 || answer.json()["code"] == "io", "{}", answer.body);
    listening.counts(1, 1);
    listening.server.command(&json!({"type": "comment", "id": "demo-3", "text": "The board works."}));
    assert_eq!(listening.lines(&project).len(), 2, "nothing own");
}

#[test]
fn a_full_disk_under_the_inbox_is_said_and_the_board_works() {
    if !has_own_mounts("inbox::a_full_disk_under_the_inbox_is_said_and_the_board_works") {
        return;
    }
    let project = Project::with_issues(12);
    let place = project.home().join("data");
    fs::create_dir_all(&place).unwrap();
    mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs", &place.to_string_lossy()]);
    let mut listening = Listening::to(&project);
    changed(&project, &mut listening, 0..1);
    until("the inbox to be kept", || file(&project, ".json"));
    let mut filler = fs::File::create(place.join("filler")).unwrap();
    while std::io::Write::write_all(&mut filler, &[0; 512]).is_ok() {}
    changed(&project, &mut listening, 1..10);
    let said = |inbox: &Value| inbox["trouble"].as_str().is_some_and(|text| text.contains("cannot be kept"));
    listening.unit("inbox", "the trouble to be said", said);
    listening.counts(10, 10);
    listening.server.command(&json!({"type": "comment", "id": "demo-11", "text": "The board works."}));
    listening.told(&project);
    let own = listening.follower.changes.iter().filter(|change| change["subject"]["id"] == "demo-11");
    assert_eq!(own.count(), 0, "the process knows what it wrote although the ledger has no room");
    drop(filler);
    fs::remove_file(place.join("filler")).unwrap();
    changed(&project, &mut listening, 10..11);
    listening.unit("inbox", "the trouble to be over", |inbox| inbox["trouble"].is_null());
    until("all of it to be kept", || {
        let text = fs::read_to_string(file(&project, ".json")?).ok()?;
        (0..11).all(|number| text.contains(&format!("\"demo-{number}\""))).then_some(())
    });
}

#[test]
fn a_read_only_place_for_the_inbox_is_said_and_the_board_works() {
    if !has_own_mounts("inbox::a_read_only_place_for_the_inbox_is_said_and_the_board_works") {
        return;
    }
    let project = Project::with_issues(4);
    let place = project.home().join("data");
    fs::create_dir_all(&place).unwrap();
    mount(&["-t", "tmpfs", "-o", "ro", "tmpfs", &place.to_string_lossy()]);
    let mut listening = Listening::to(&project);
    let said = |inbox: &Value| inbox["trouble"].as_str().is_some_and(|text| text.contains("cannot be kept"));
    listening.unit("inbox", "the trouble to be said", said);
    listening.server.command(&json!({"type": "comment", "id": "demo-3", "text": "The board works."}));
    changed(&project, &mut listening, 1..2);
    listening.counts(1, 1);
    assert!(
        listening.follower.changes.iter().all(|change| change["subject"]["id"] == "demo-1"),
        "nothing own"
    );
}

#[test]
fn what_is_snoozed_comes_back_when_its_time_is_over() {
    let project = Project::with_issues(3);
    let mut listening = Listening::to(&project);
    changed(&project, &mut listening, 1..2);
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(400);
    listening.mark(&about("demo-1"), &json!({"is": "snoozed", "until": until.to_string()}));
    listening.unit("inbox", "it to be snoozed", |inbox| inbox["counts"]["snoozed"] == 1);
    listening.unit("inbox", "it to be back", |inbox| {
        (&inbox["counts"]["snoozed"], &inbox["counts"]["items"]) == (&json!(0), &json!(1))
    });
    assert_eq!(state(&listening, "demo-1"), json!({"is": "unread"}));
}

#[test]
fn two_repositories_have_inboxes_of_their_own() {
    let project = Project::with_issues(3);
    let clone = project.clone_as("clone");
    let (mut one, mut other) = (Listening::to(&project), Listening::to(&clone));
    changed(&project, &mut one, 1..2);
    other.counts(0, 0);
    changed(&clone, &mut other, 2..3);
    assert!(one.item("demo-2").is_none() && other.item("demo-1").is_none());
    let inside = [&project, &clone].map(|project| project.git(&["status", "--porcelain"]));
    assert!(
        inside.iter().all(|status| status.lines().all(|line| line.contains("project/issues/"))),
        "{inside:?}"
    );
}
