//! The contract of `hear board` and `hear watch`: what is printed, where, and how they end.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use hearsay_tests::wait::{DEADLINE, until};
use hearsay_tests::{Issue, Project, Running};
use rustix::process::Signal;
use serde_json::Value;

#[test]
fn board_prints_one_line_and_nothing_else() {
    let project = Project::with_issues(3);
    let root = project.root().to_string_lossy().into_owned();
    let output = project.caller().run(&["board", &root]);
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!((text.lines().count(), text.ends_with('\n')), (1, true));
    let value: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 2, "to and board: {keys:?}");
    assert!(value["to"].is_string() && value["board"]["meta"]["kind"] == "meta");
    assert_eq!(project.caller().board(project.root()), text, "asked twice, it says the same");
}

#[test]
fn watch_says_hello_then_the_full_board_then_what_happens() {
    let project = Project::with_issues(20);
    let mut watching = project.caller().watch(project.root());
    assert_eq!(&watching.follower.types[..2], ["hello", "board_full"]);
    project.put(&Issue::new("demo-1", "Changed"));
    watching.settle();
    assert!(
        watching.follower.types.iter().any(|kind| kind == "board_delta"),
        "{:?}",
        watching.follower.types
    );
    let watch: Value = serde_json::from_str(watching.follower.live["watch"].get()).unwrap();
    assert_eq!(watch["mode"], "native", "{watch}");
}

#[test]
fn hello_says_who_speaks() {
    let project = Project::with_issues(1);
    let running = Running::start(project.caller().command().arg("watch").arg(project.root()));
    let (_, line) = running.line(DEADLINE).expect("hello");
    let hello: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&hello["type"], &hello["protocol"]), (&"hello".into(), &1.into()));
    assert_eq!(hello["repository"]["path"], *project.root().to_string_lossy());
    assert!(hello["server_time"].as_str().is_some_and(|time| time.ends_with('Z')), "{hello}");
}

#[test]
fn an_interrupt_and_a_termination_end_watch_and_serve_well() {
    let project = Project::with_issues(3);
    for signal in [Signal::INT, Signal::TERM] {
        let mut watching = project.caller().watch(project.root());
        watching.settle();
        watching.running.signal(signal);
        let status = watching.running.ended();
        assert_eq!(status.code(), Some(0), "{signal:?}: {status} {}", watching.running.errors());
        let mut server = project.caller().serve(project.root());
        server.running.signal(signal);
        let status = server.running.ended();
        assert_eq!(status.code(), Some(0), "{signal:?}: {status} {}", server.running.errors());
    }
}

#[test]
fn watch_ends_by_itself_when_nobody_reads_any_more() {
    let project = Project::with_issues(3);
    let mut command = project.caller().command();
    let mut child = command
        .arg("watch")
        .arg(project.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    // As `head -1` does: one line, then the pipe is closed. Nothing happens in the project meanwhile.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.contains("\"hello\""), "{first}");
    let status = until("hear watch to notice that nobody reads", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "", "and says nothing about it");
}

#[test]
fn board_takes_a_closed_output_for_enough() {
    let project = Project::with_issues(400);
    let mut command = project.caller().command();
    let command = command.arg("board").arg(project.root()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}

#[test]
fn wrong_usage_exits_2_and_says_how_it_goes() {
    let project = Project::with_issues(1);
    for words in [
        &["frobnicate"][..],
        &[],
        &["board", "--no-such-flag"],
        &["serve", "--port", "notaport"],
        &["board", "a", "b"],
    ] {
        let output = project.caller().run(words);
        assert_eq!(output.status.code(), Some(2), "hear {}", words.join(" "));
        assert!(output.stdout.is_empty(), "hear {}", words.join(" "));
        assert!(String::from_utf8_lossy(&output.stderr).contains("--help"), "hear {}", words.join(" "));
    }
    for words in [&["--help"][..], &["--version"], &["watch", "--help"]] {
        let output = project.caller().run(words);
        assert!(output.status.success() && !output.stdout.is_empty(), "hear {}", words.join(" "));
    }
}

#[test]
fn a_read_only_watch_follows_all_the_same() {
    let project = Project::with_issues(2);
    let mut running =
        Running::start(project.caller().command().args(["watch", "--read-only"]).arg(project.root()));
    let mut follower = hearsay_tests::Follower::default();
    project.put(&Issue::new("demo-1", "Changed"));
    let caller = project.caller();
    hearsay_tests::settle(&mut follower, &mut running, || caller.board(project.root()));
    assert_eq!(follower.board.card("demo-1")["title"], "Changed");
}
