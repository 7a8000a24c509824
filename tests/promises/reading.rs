//! Invariant 1: reading writes nothing.

use hearsay_tests::snapshot::snapshot;
use hearsay_tests::wait::DEADLINE;
use hearsay_tests::{Issue, Project, record};

/// A project in which there is something of everything to read.
fn varied() -> Project {
    let project = Project::with_issues(10);
    let (path, text) = record::event("demo-0", "grace", 3, 1);
    project.write(&path, text);
    project.commit("an event");
    project.put(&Issue::new("demo-0", "Not committed"));
    project.write(&record::path("demo-1"), "cut short {");
    project.write("project-local/issues/demo-mine.json", Issue::new("demo-mine", "Mine").text());
    project.write("project/.overlay/issues/demo-2.json", "garbage");
    project.git(&["stash", "list"]);
    project
}

#[test]
fn reading_writes_nothing() {
    let project = varied();
    let before = snapshot(project.root());
    let caller = project.caller();

    caller.board(project.root());
    assert!(snapshot(project.root()) == before, "hear board leaves everything as it was");

    let root = project.root().to_string_lossy().into_owned();
    for words in [&["doctor"][..], &["trust", "--show"], &["overlay", "reconcile", "--prune", "--dry-run"]] {
        caller.run(&[words, &[root.as_str()]].concat());
        assert!(snapshot(project.root()) == before, "hear {} leaves everything as it was", words.join(" "));
    }

    let mut watching = caller.watch(project.root());
    watching.settle();
    assert!(watching.running.stop().success());
    assert!(snapshot(project.root()) == before, "hear watch leaves everything as it was");

    let server = caller.serve(project.root());
    let mut stream = server.stream("/api/board/stream?mode=delta");
    for _ in 0..2 {
        assert!(stream.event(DEADLINE).is_some());
    }
    for path in ["/", "/api/board", "/api/issues/demo-0", "/api/issues/demo-1", "/api/issues/demo-0/events"] {
        server.get(path);
    }
    assert!(server.running.stop().success());
    assert!(snapshot(project.root()) == before, "hear serve leaves everything as it was");
}
