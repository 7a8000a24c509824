//! Overlays that are not as they should be: each is said, at its path, and nothing is hidden, followed or lost.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use hearsay_tests::envelope::{at, changed_now, mutated, with};
use hearsay_tests::overlay::{snapshot, snapshot_path, tombstone, tombstone_path};
use hearsay_tests::snapshot as files;
use hearsay_tests::wait::until;
use hearsay_tests::{Board, Bus, Issue, Project, peers};
use serde_json::{Value, json};

use crate::party::{Party, retitled};

const ISSUES: usize = 4;
const SECRET: &str = "xyzzy-nobody-may-see-this";

/// A project whose overlay is spoiled by `spoil`, both opened afresh and while somebody follows: what both say.
fn with_bad(what: &str, spoil: impl Fn(&Project)) -> Board {
    let project = Project::gossiping(ISSUES);
    fs::create_dir_all(project.at("project/.overlay/issues")).unwrap();
    fs::create_dir_all(project.at("project/.overlay/tombstones")).unwrap();
    let mut watching = project.watch();
    watching.listens(&["uds"]);
    spoil(&project);
    let board = watching.settle();
    let afresh = project.watch().settle();
    assert_eq!(afresh.line(), board.line(), "{what}");
    for number in 0..ISSUES {
        let card = board.card(&format!("demo-{number}"));
        assert_eq!(card["title"], format!("Issue {number}"), "{what}: nothing is hidden or changed");
    }
    assert!(watching.running.stop().success(), "{what}");
    board
}

#[test]
fn entries_that_cannot_be_read_are_problems_at_their_paths() {
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(20 << 20));
    let deep = format!("{{\"issue\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let whole = snapshot(&retitled(1, "Cut")).to_string();
    for (what, bytes) in [
        ("garbage", b"garbage".to_vec()),
        ("an empty file", Vec::new()),
        ("a cut file", whole.as_bytes()[..whole.len() / 2].to_vec()),
        ("zeros", vec![0; 4096]),
        ("no text", b"\xff\xfe".to_vec()),
        ("a list", b"[]".to_vec()),
        ("another object", b"{}".to_vec()),
        ("nesting", deep.into_bytes()),
        ("20 MB", large.into_bytes()),
        (
            "a time that is none",
            with(snapshot(&retitled(1, "When")), "overlay_ts", "yesterday").to_string().into_bytes(),
        ),
        ("another issue", snapshot(&retitled(2, "Of another")).to_string().into_bytes()),
    ] {
        let board = with_bad(what, |project| project.write(&snapshot_path("demo-1"), &bytes));
        assert_eq!(board.problem(&snapshot_path("demo-1"))["code"], "overlay", "{what}");
        let board = with_bad(what, |project| project.write(&tombstone_path("demo-1"), &bytes));
        assert_eq!(board.problem(&tombstone_path("demo-1"))["code"], "overlay", "{what}");
    }
}

#[test]
fn a_directory_a_pipe_and_a_link_out_in_place_of_an_entry_are_problems_and_are_not_followed() {
    let board = with_bad("no files", |project| {
        fs::create_dir(project.at(&snapshot_path("demo-0"))).unwrap();
        assert!(Command::new("mkfifo").arg(project.at(&snapshot_path("demo-1"))).status().unwrap().success());
        fs::write(project.outside("secret.json"), snapshot(&retitled(2, SECRET)).to_string()).unwrap();
        symlink(project.outside("secret.json"), project.at(&snapshot_path("demo-2"))).unwrap();
        symlink("/dev/zero", project.at(&snapshot_path("demo-3"))).unwrap();
    });
    for number in 0..ISSUES {
        assert_eq!(board.problem(&snapshot_path(&format!("demo-{number}")))["code"], "overlay");
    }
    assert!(!board.line().contains(SECRET));
}

#[test]
fn names_that_are_no_ids_are_never_cards() {
    let board = with_bad("names", |project| {
        for name in [
            "..json",
            ".hidden.json",
            "a..b.json",
            "ä.json",
            "with space.json",
            "demo-1.json.tmp",
            "notes.txt",
        ] {
            project.write(
                &format!("project/.overlay/issues/{name}"),
                snapshot(&retitled(1, "Misnamed")).to_string(),
            );
        }
        let long = format!("project/.overlay/issues/{}.json", "x".repeat(240));
        project.write(&long, snapshot(&Issue::new(&"x".repeat(240), "Long")).to_string());
    });
    assert_eq!(board.cards().len(), ISSUES);
}

#[test]
fn an_entry_of_the_future_is_shown_until_the_file_moves_on() {
    let mut party = Party::new(ISSUES);
    let mut issue: Value = serde_json::from_str(&retitled(1, "Of the future").text()).unwrap();
    issue["updated_at"] = json!(at(400 * 86_400));
    let mut entry = snapshot(&retitled(1, "Of the future"));
    entry["issue"] = issue;
    party.project.put_snapshot("demo-1", &with(entry, "overlay_ts", at(400 * 86_400)));
    party.watching.hears("demo-1", |card| card["title"] == "Of the future");
    party.settle();
    let after = Issue::numbered(1).titled("Written after");
    party.project.replace(&after.path(), format!("{:#}", changed_now(&after)));
    party.watching.sees("demo-1", |card| card["title"] == "Written after");
    party.settle();
    party.project.put_tombstone("demo-2", &with(tombstone("demo-2"), "ts", at(400 * 86_400)));
    party.watching.hears("demo-2", |card| card["heard"]["deleted"] == true);
    party.project.put(&Issue::numbered(2).titled("Alive").changed(6));
    assert!(party.settle().has_card("demo-2"), "it is never hidden");
}

#[test]
fn a_problem_is_gone_with_what_it_was_about() {
    let mut party = Party::new(ISSUES);
    party.project.write(&snapshot_path("demo-1"), "garbage");
    party.watching.until("the problem", |board| !board.problems().is_empty());
    party.settle();
    party.project.put_snapshot("demo-1", &snapshot(&retitled(1, "Mended")));
    party.watching.hears("demo-1", |card| card["title"] == "Mended");
    assert_eq!(party.settle().problems(), [] as [Value; 0]);
    party.project.write(&snapshot_path("demo-2"), "garbage");
    party.watching.until("the problem", |board| !board.problems().is_empty());
    // What is heard of the same issue takes its place.
    party.hears(&retitled(2, "Heard over garbage"));
    party.settle();
    party.project.remove("project/.overlay");
    party.watching.until("no problem", |board| board.problems().is_empty());
    party.watching.settle();
}

/// Whether everything at `path` is as before.
fn unharmed(path: &Path, act: impl FnOnce()) {
    let before = files::snapshot(path);
    act();
    assert!(files::snapshot(path) == before, "{} is unharmed", path.display());
}

#[test]
fn an_overlay_that_is_a_link_out_is_said_and_nothing_is_written_through_it() {
    for link in [
        "project/.overlay",
        "project/.overlay/issues",
        "project/.overlay/tombstones",
        "project/.overlay/coordination",
    ] {
        let project = Project::gossiping(ISSUES);
        let secret = project.outside("secret");
        fs::create_dir_all(secret.join("issues")).unwrap();
        fs::write(secret.join("issues/demo-1.json"), snapshot(&retitled(1, SECRET)).to_string()).unwrap();
        fs::write(secret.join("demo-2.json"), snapshot(&retitled(2, SECRET)).to_string()).unwrap();
        let path = project.at(link);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(&secret, &path).unwrap();
        unharmed(&secret, || {
            let mut watching = project.watch();
            watching.listens(&["uds"]);
            let mut bus = Bus::listening(&project.machine().socket());
            bus.say(&mutated(&retitled(3, "Heard all the same")));
            bus.say(&hearsay_tests::envelope::deleted("demo-0"));
            bus.say(&hearsay_tests::envelope::claim("router:issue:demo-1", "codex-3", 300));
            watching.hears("demo-3", |card| card["title"] == "Heard all the same");
            // A fresh reading cannot know what could not be kept, so this is what can be asked of it.
            let board = project.caller().read(project.root());
            assert!(!board.line().contains(SECRET), "{link}: nothing outside is shown");
            assert_eq!(board.cards().len(), ISSUES, "{link}");
            assert!(!watching.follower.board.line().contains(SECRET), "{link}");
            assert!(watching.running.stop().success());
        });
        assert!(path.symlink_metadata().unwrap().is_symlink(), "{link}: the link is left as it is");
    }
}

#[test]
fn an_overlay_that_is_a_file_or_may_not_be_written_costs_nothing_but_itself() {
    let mut party = Party::new(ISSUES);
    party.project.write("project/.overlay", "a file");
    party.say(&mutated(&retitled(1, "Heard all the same")));
    party.watching.hears("demo-1", |card| card["title"] == "Heard all the same");
    assert_eq!(party.project.text("project/.overlay"), "a file", "it is somebody's");
    party.project.put(&Issue::numbered(2).titled("Written"));
    party.watching.sees("demo-2", |card| card["title"] == "Written");
}

#[test]
fn an_overlay_that_git_would_commit_is_said_with_the_line_to_add() {
    let mut party = Party::new(ISSUES);
    party.project.write(".gitignore", "project-local/\n");
    party.project.commit("without the line");
    party.hears(&retitled(1, "Git would commit this"));
    let overlay = |board: &Board| board.problems().into_iter().find(|problem| problem["code"] == "overlay");
    party.watching.until("the problem", |board| overlay(board).is_some());
    let problem = overlay(&party.settle()).expect("it is said afresh as well");
    assert_eq!(problem["path"], "project/.overlay", "{problem}");
    assert!(problem["hint"].as_str().is_some_and(|hint| hint.contains("project/.overlay/")), "{problem}");
    party.project.write(".gitignore", "project-local/\nproject/.overlay/\n");
    party.watching.until("the problem to be gone", |board| overlay(board).is_none());
    party.settle();
}

#[test]
fn more_entries_than_are_kept_settle_all_the_same() {
    let mut party = Party::new(ISSUES);
    for number in 0..6_000 {
        let id = format!("demo-many-{number}");
        party.project.put_snapshot(&id, &snapshot(&Issue::new(&id, "One of many")));
    }
    party.project.put(&Issue::numbered(2).titled("Written beside them"));
    party.watching.sees("demo-2", |card| card["title"] == "Written beside them");
    let board = party.watching.settle();
    assert!((0..ISSUES).all(|number| board.has_card(&format!("demo-{number}"))));
    let again = party.project.caller().board(party.project.root());
    assert_eq!(again.trim_end(), board.line(), "asked twice, it says the same");
}

#[test]
fn a_garbage_entry_that_kanbus_would_fail_on_is_taken_away_by_gc() {
    let project = Project::gossiping(ISSUES);
    project.write(&snapshot_path("demo-1"), "garbage");
    let root = project.root().to_string_lossy().into_owned();
    let client = peers::kanbus();
    if let Some(client) = &client {
        assert!(!project.try_kanbus(client, &["list"]).status.success(), "Kanbus fails on it");
    }
    let output = project.caller().run(&["doctor", &root]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("demo-1"), "hear doctor names it: {said}");
    assert!(project.caller().run(&["overlay", "gc", &root]).status.success());
    assert!(project.overlay().is_empty());
    if let Some(client) = &client {
        project.kanbus(client, &["list"]);
    }
}

#[test]
fn a_socket_path_that_is_somebodys_file_is_left_alone() {
    let project = Project::gossiping(ISSUES);
    let file = project.outside("precious.txt");
    fs::write(&file, "somebody's work").unwrap();
    let told = file.to_string_lossy().into_owned();
    let project = project.on(|machine| machine.with("KANBUS_REALTIME_UDS_SOCKET_PATH", &told));
    let mut watching = project.watch();
    watching.link("the link to say so", |link| link["state"] == "lost" && link["message"].is_string());
    project.put(&Issue::numbered(2).titled("Files flow"));
    watching.sees("demo-2", |card| card["title"] == "Files flow");
    watching.settle();
    assert!(watching.running.stop().success());
    assert_eq!(fs::read_to_string(&file).unwrap(), "somebody's work");
}

#[test]
fn a_stale_socket_in_a_directory_for_everybody_is_left_alone() {
    let project = Project::gossiping(ISSUES);
    let dir = project.outside("everybodys");
    fs::create_dir_all(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
    let socket = dir.join("bus.sock");
    drop(UnixListener::bind(&socket).unwrap());
    let told = socket.to_string_lossy().into_owned();
    let project = project.on(|machine| machine.with("KANBUS_REALTIME_UDS_SOCKET_PATH", &told));
    unharmed(&dir, || {
        let mut watching = project.watch();
        let said = watching
            .link("the link to say so", |link| link["state"] == "lost" && link["message"].is_string());
        assert!(said["message"].as_str().is_some_and(|message| message.len() > 10), "{said}");
        assert!(watching.running.stop().success());
    });
    until("the directory to be as it was", || {
        (dir.metadata().ok()?.permissions().mode() & 0o777 == 0o777).then_some(())
    });
}
