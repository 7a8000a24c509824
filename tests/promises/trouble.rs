//! Trouble with the disk, the files and the locks under a write: what is answered, and that nothing else changes.
//!
//! A disk that is full or may not be written is mounted, so those promises run again in a process whose mounts nobody
//! else sees. Not here: Git at work (`writing`), what is tried again (`retries`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use hearsay_tests::growth::Chance;
use hearsay_tests::http::Answer;
use hearsay_tests::wait::until;
use hearsay_tests::{Project, Server, peers, record};
use serde_json::{Value, json};

use crate::accounts;
use crate::own_mounts::{has_own_mounts, mount};
use crate::retries::Lock;

/// Names and contents of everything in the working tree, but for what is disposable.
fn tree(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut all, mut waiting) = (BTreeMap::new(), vec![project.root().to_owned()]);
    while let Some(dir) = waiting.pop() {
        for entry in fs::read_dir(dir).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.ends_with(".overlay") {
                continue;
            }
            let is_dir = path.symlink_metadata().expect("nobody else works here").is_dir();
            if is_dir {
                waiting.push(path.clone());
            }
            let content = if is_dir { Vec::new() } else { fs::read(&path).expect("readable") };
            all.insert(path, content);
        }
    }
    all
}

/// That the working tree is as it was.
fn unchanged(project: &Project, before: &BTreeMap<PathBuf, Vec<u8>>) {
    let after = tree(project);
    let paths = before.keys().chain(after.keys());
    let other: BTreeSet<&PathBuf> = paths.filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(other.is_empty(), "nothing else changes, but these do: {other:?}");
}

fn retitle(id: &str, title: &str) -> Value {
    json!({"type": "set_fields", "id": id, "set": {"title": title}})
}

fn tell(server: &Server, command: &Value) -> Answer {
    server.tell("POST", "/api/commands", command)
}

fn title(project: &Project, id: &str) -> Value {
    serde_json::from_str::<Value>(&project.text(&record::path(id))).expect("no file is torn")["title"].clone()
}

/// That it is refused with this code, with a message that says `what` and names a path below `place`, and a hint.
fn says(answer: &Answer, code: &str, what: &str, place: &Path) {
    let said = answer.json();
    let is = |key: &str, part: &str| said[key].as_str().is_some_and(|text| text.contains(part));
    assert_eq!(said["code"], code, "{}", answer.body);
    assert!(is("message", what) && is("message", &place.to_string_lossy()), "{}", answer.body);
    assert!(said["hint"].as_str().is_some_and(|hint| hint.len() > 5), "no hint: {}", answer.body);
}

#[test]
fn a_full_disk_is_said_and_nothing_else_changes_and_with_room_the_same_command_is_done() {
    if !has_own_mounts(
        "trouble::a_full_disk_is_said_and_nothing_else_changes_and_with_room_the_same_command_is_done",
    ) {
        return;
    }
    let project = Project::with_issues(2);
    let place = project.at("project");
    mount(&["-t", "tmpfs", "-o", "size=256k", "tmpfs", &place.to_string_lossy()]);
    project.add_issues(2);
    let server = project.caller().serve(project.root());
    let (mut refused, mut done) = (0, 0);
    for pages in 0..6 {
        let filler = place.join("filler");
        let mut file = File::create(&filler).expect("an empty file fits");
        while file.write_all(&[0; 4096]).is_ok() {}
        file.set_len(file.metadata().expect("it is there").len() - pages * 4096).expect("shorter");
        drop(file);
        let before = tree(&project);
        let command = retitle("demo-1", &format!("With {pages} pages"));
        let answer = tell(&server, &command);
        if answer.status == 200 {
            done += 1;
        } else {
            refused += 1;
            says(&answer, "io", "no space", &place);
            unchanged(&project, &before);
            assert_eq!(server.get("/api/board").status, 200, "it is still shown");
        }
        fs::remove_file(filler).expect("it is ours");
        if answer.status != 200 {
            server.command(&command);
        }
        assert_eq!(title(&project, "demo-1"), format!("With {pages} pages"));
        let events = fs::read_dir(place.join("events")).expect("events").count();
        assert_eq!(events as u64, pages + 1, "each change has its event, and nothing is left over");
    }
    assert!(refused > 0 && done > 0, "{refused} refused, {done} done");
    project.watch().settle();
}

#[test]
fn a_file_that_may_grow_no_further_is_said_and_nothing_else_changes() {
    let project = Project::with_issues(2);
    // As where a quota is used up: the system lets no file grow.
    let small = ["sh", "-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"];
    let server = project.caller().on(project.machine().clone().behind(&small)).serve(project.root());
    let before = tree(&project);
    let answer = tell(&server, &retitle("demo-1", "Not here"));
    says(&answer, "io", "", &project.at("project"));
    unchanged(&project, &before);
    drop(server);
    project.caller().serve(project.root()).command(&retitle("demo-1", "Here"));
    assert_eq!(title(&project, "demo-1"), "Here");
}

#[test]
fn a_read_only_directory_is_said_and_nothing_else_changes() {
    if !has_own_mounts("trouble::a_read_only_directory_is_said_and_nothing_else_changes") {
        return;
    }
    let project = Project::with_issues(2);
    let server = project.caller().serve(project.root());
    server.command(&retitle("demo-1", "Before"));
    for part in ["project", "project/issues", "project/events", "project/.overlay"] {
        let place = project.at(part);
        let path = place.to_string_lossy();
        mount(&["--bind", &path, &path]);
        mount(&["-o", "remount,ro,bind", &path]);
        let before = tree(&project);
        let title_now = title(&project, "demo-1");
        // Of an issue whose lock file is there, and of one that has none yet.
        for id in ["demo-0", "demo-1"] {
            let answer = tell(&server, &retitle(id, part));
            // A lock that is there can be taken where nothing can be made beside it.
            if answer.status == 200 && part == "project/.overlay" && id == "demo-1" {
                continue;
            }
            says(&answer, "io", "may not be written", &place);
            unchanged(&project, &before);
            assert_eq!(title(&project, "demo-1"), title_now);
        }
        assert!(Command::new("umount").arg(&place).status().is_ok_and(|status| status.success()));
        server.command(&retitle("demo-1", &format!("{part} is writable again")));
    }
    project.watch().settle();
}

/// A process that holds the lock of an issue until it is dropped, as Kanbus holds it.
struct Holder(Child);

impl Holder {
    fn of(project: &Project, id: &str) -> Option<Self> {
        let flock = peers::program("flock", "util-linux")?;
        let lock = project.at(&format!("project/.overlay/locks/{id}.lock"));
        // It ends when its standard input does.
        let mut command = Command::new(flock);
        command.arg("--exclusive").arg(&lock).arg("cat").stdin(Stdio::piped()).stdout(Stdio::null());
        let holder = Self(command.spawn().expect("flock starts"));
        until("the lock to be held", || File::open(&lock).ok()?.try_lock().err().map(drop));
        Some(holder)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // One that has ended already is as good.
        let _ = self.0.wait();
    }
}

#[test]
fn a_lock_that_is_held_on_and_on_is_waited_for_a_while_and_said_and_harms_no_other_issue() {
    let project = Project::with_issues(2);
    let server = project.caller().serve(project.root());
    server.command(&retitle("demo-1", "Before"));
    let Some(holder) = Holder::of(&project, "demo-1") else { return };
    let before = tree(&project);
    let command = retitle("demo-1", "After");
    let (door, waiting) = (server.door(), command.clone());
    let asked = std::thread::spawn(move || door.tell("POST", "/api/commands", &waiting));
    assert_eq!(server.get("/api/board").status, 200, "the board is shown meanwhile");
    // Whoever holds it does so until the answer is there: the wait has an end of its own.
    let answer = asked.join().expect("an answer comes");
    let said = answer.json();
    assert_eq!(said["code"], "locked", "{}", answer.body);
    assert!(said["message"].as_str().is_some_and(|text| text.contains("demo-1")), "{}", answer.body);
    assert!(said["hint"].is_string(), "{}", answer.body);
    unchanged(&project, &before);
    server.command(&retitle("demo-0", "Another"));
    drop(holder);
    server.command(&command);
    assert_eq!(title(&project, "demo-1"), "After");
}

#[test]
fn a_file_replaced_by_a_directory_is_said_and_nothing_else_changes() {
    let project = Project::with_issues(2);
    let server = project.caller().serve(project.root());
    server.command(&retitle("demo-1", "Before"));
    let path = project.at(&record::path("demo-1"));
    let lock = Lock::of(&project, "demo-1");
    let text = project.text(&record::path("demo-1"));
    // The command is under way when it happens.
    let held = lock.hold();
    let (door, command) = (server.door(), retitle("demo-1", "After"));
    let asked = std::thread::spawn(move || door.tell("POST", "/api/commands", &command));
    lock.is_wanted();
    fs::remove_file(&path).expect("it is ours");
    fs::create_dir(&path).expect("a directory");
    fs::write(path.join("inside"), "somebody's").expect("a file in it");
    let before = tree(&project);
    drop(held);
    says(&asked.join().expect("an answer comes"), "io", "is not a file", &path);
    unchanged(&project, &before);
    // And once the board has seen it too.
    project.watch().settle();
    let answer = tell(&server, &retitle("demo-1", "Later"));
    assert!(answer.status >= 400 && answer.json()["message"].is_string(), "{}", answer.body);
    unchanged(&project, &before);
    server.command(&retitle("demo-0", "Another"));
    fs::remove_dir_all(&path).expect("it is ours");
    project.replace(&record::path("demo-1"), text);
    until("it to be on the board again", || {
        (tell(&server, &retitle("demo-1", "Again")).status == 200).then_some(())
    });
}

#[test]
fn a_project_that_is_deleted_in_the_middle_of_a_write_is_said_and_stays_deleted() {
    let project = Project::with_issues(3);
    let server = project.caller().serve(project.root());
    server.command(&retitle("demo-1", "Before"));
    let lock = Lock::of(&project, "demo-1");
    let held = lock.hold();
    let (door, command) = (server.door(), retitle("demo-1", "After"));
    let asked = std::thread::spawn(move || door.tell("POST", "/api/commands", &command));
    lock.is_wanted();
    project.remove("project");
    let before = tree(&project);
    drop(held);
    let answer = asked.join().expect("an answer comes");
    says(&answer, "io", "is gone", &project.at("project"));
    unchanged(&project, &before);
    project.git(&["checkout", "-q", "--", "project"]);
    until("the issues to be back", || {
        (tell(&server, &retitle("demo-1", "Again")).status == 200).then_some(())
    });
    assert_eq!(title(&project, "demo-1"), "Again");
    project.watch().settle();
}

/// Says one thing after another about the first issues, until the server is no more. Answers what was acknowledged.
fn chatter(port: u16, token: &str, who: usize, told: &AtomicUsize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for turn in 0.. {
        let word = format!("{who}-{turn}");
        let body = json!({"type": "comment", "id": format!("demo-{}", turn % 3), "text": word}).to_string();
        let head = format!(
            "POST /api/commands HTTP/1.1\r\nConnection: close\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let ask = || -> std::io::Result<String> {
            let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            socket.write_all((head + &body).as_bytes())?;
            let mut answer = Vec::new();
            // Killed, it may have answered all the same.
            let _ = socket.read_to_end(&mut answer);
            Ok(String::from_utf8_lossy(&answer).into_owned())
        };
        match ask() {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => {
                acknowledged.push(word);
                told.fetch_add(1, Ordering::SeqCst);
            }
            Ok(answer) => assert!(answer.is_empty(), "{answer}"),
            Err(_gone) => break,
        }
    }
    acknowledged
}

#[test]
fn a_server_that_is_killed_leaves_both_or_neither_of_a_change_and_its_event_and_the_board_opens() {
    let project = Project::with_issues(3);
    let (mut chance, mut acknowledged, mut cut_off) = (Chance(5), Vec::new(), 0);
    let kills: usize = if peers::is_soak() { 100 } else { 20 };
    for kill in 0..kills {
        let mut server = project.caller().serve(project.root());
        // The next write of each issue settles what the kill before has left.
        (0..3).for_each(|number| {
            server.command(&retitle(&format!("demo-{number}"), &format!("{kill} {number}")));
        });
        for number in 0..3 {
            let id = format!("demo-{number}");
            let issue = accounts::issue(&project, &id);
            let comments =
                issue["comments"].as_array().expect("comments").iter().map(|one| one["id"].clone());
            let events = accounts::events(&project).into_iter();
            let events = events
                .filter(|event| event["event_type"] == "comment_added" && event["issue_id"] == id.as_str());
            let mut said: Vec<String> =
                events.map(|event| event["payload"]["comment_id"].to_string()).collect();
            let mut held: Vec<String> = comments.map(|id| id.to_string()).collect();
            said.sort();
            held.sort();
            assert_eq!(held, said, "{kill} {id}: both or neither");
        }
        let told = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (port, token, told) = (server.port, &*server.token, &told);
            let talk = |who| scope.spawn(move || chatter(port, token, kill * 3 + who, told));
            let talking: Vec<_> = (0..3).map(talk).collect();
            let until_then = usize::try_from(chance.below(12)).expect("small");
            until("some writes", || (told.load(Ordering::SeqCst) >= until_then).then_some(()));
            (0..chance.below(4096)).for_each(|_| drop(fs::metadata("/")));
            server.running.signal(rustix::process::Signal::KILL);
            server.running.ended();
            acknowledged.extend(talking.into_iter().flat_map(|one| one.join().expect("nobody panics")));
        });
        let dirs = ["issues", "events"].map(|part| fs::read_dir(project.at("project").join(part)));
        let mut names = dirs.into_iter().flatten().flatten().flatten().map(|entry| entry.file_name());
        cut_off += usize::from(names.any(|name| name.to_string_lossy().starts_with('.')));
        let board = project.caller().read(project.root());
        let problem = board.units.keys().find(|key| key.starts_with("problem:"));
        assert!(
            problem.is_none() && (0..3).all(|number| board.has_card(&format!("demo-{number}"))),
            "{problem:?}"
        );
    }
    println!("{cut_off} of {kills} kills left something behind");
    assert!(cut_off > 0, "none of {kills} kills came in the middle of a write");
    let all = (0..3).flat_map(|number| {
        let issue = accounts::issue(&project, &format!("demo-{number}"));
        let comments = issue["comments"].as_array().expect("comments").clone();
        comments.into_iter().map(|one| one["text"].as_str().expect("text").to_owned())
    });
    let all: BTreeSet<String> = all.collect();
    let lost = acknowledged.iter().find(|word| !all.contains(*word));
    assert_eq!(lost, None, "what was acknowledged is there");
}
