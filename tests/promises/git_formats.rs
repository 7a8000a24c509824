//! Repositories that Git keeps in less usual ways: what is committed is known, or said not to be.

use hearsay_tests::{Board, Issue, Project, Watching, peers};

fn stages(board: &Board) -> (usize, usize) {
    let count = |stage: &str| board.cards().iter().filter(|card| board.card(card)["stage"] == stage).count();
    (count("committed"), count("written"))
}

/// One change and its commit, seen live: how many of five are committed and written after each.
fn change_and_commit(project: &Project, root: &std::path::Path, watching: &mut Watching) {
    assert_eq!(stages(&watching.settle()), (5, 0));
    let issue = Issue::new("demo-1", "Changed");
    std::fs::write(root.join(issue.path()), issue.text()).unwrap();
    assert_eq!(stages(&watching.settle()), (4, 1));
    project.git_in(root, &["commit", "-q", "-a", "-m", "changed"]);
    let board = watching.settle();
    assert_eq!(stages(&board), (5, 0));
    assert!(board.problems().is_empty());
    assert_eq!(board.unit("git").unwrap()["head"], project.git_in(root, &["rev-parse", "HEAD"]).trim());
}

#[test]
fn a_reftable_repository_knows_what_is_committed() {
    let probe = Project::empty();
    if !probe.try_git_in(probe.root(), &["init", "-q", "--ref-format=reftable", "probe"]).status.success() {
        return peers::not_run("a git that knows reftable").unwrap_or(());
    }
    let project = Project::with_init(&["init", "-q", "-b", "main", "--ref-format=reftable"]);
    project.add_issues(5);
    project.commit("issues");
    let mut watching = project.caller().watch(project.root());
    change_and_commit(&project, project.root(), &mut watching);
    assert_eq!(watching.settle().unit("git").unwrap()["branch"], "main");
    project.git(&["checkout", "-q", "-b", "side"]);
    assert_eq!(watching.settle().unit("git").unwrap()["branch"], "side");
}

#[test]
fn split_and_sparse_indexes_do_not_matter() {
    for commands in [
        &[&["update-index", "--split-index"][..]][..],
        &[&["sparse-checkout", "init", "--cone", "--sparse-index"], &["sparse-checkout", "set", "project"]],
        &[&["update-index", "--index-version", "4"], &["update-index", "--untracked-cache"]],
    ] {
        let project = Project::with_issues(5);
        project.write("elsewhere/deep/file", "not of the project\n");
        project.commit("more than a project");
        for command in commands {
            project.git(command);
        }
        let mut watching = project.caller().watch(project.root());
        change_and_commit(&project, project.root(), &mut watching);
    }
}

#[test]
fn a_sparse_checkout_without_the_project_says_that_it_is_not_there() {
    let project = Project::with_issues(5);
    project.write("elsewhere/file", "not of the project\n");
    project.commit("more than a project");
    let mut watching = project.caller().watch(project.root());
    project.git(&["sparse-checkout", "set", "elsewhere"]);
    let board = watching.settle();
    assert_eq!(board.problem("project")["code"], "missing");
    project.git(&["sparse-checkout", "disable"]);
    assert_eq!(stages(&watching.settle()), (5, 0));
}

#[test]
fn shallow_and_partial_clones_know_what_is_committed() {
    let project = Project::with_issues(5);
    project.git(&["config", "uploadpack.allowFilter", "true"]);
    let source = format!("file://{}", project.root().display());
    for (name, how) in [("shallow", "--depth=1"), ("partial", "--filter=blob:none")] {
        let clone = project.outside(name);
        project.git(&["clone", "-q", how, &source, &clone.to_string_lossy()]);
        let mut watching = project.caller().watch(&clone);
        change_and_commit(&project, &clone, &mut watching);
    }
}

#[test]
fn packed_refs_and_packed_objects_do_not_matter() {
    let project = Project::with_issues(5);
    let mut watching = project.caller().watch(project.root());
    project.git(&["gc", "-q"]);
    change_and_commit(&project, project.root(), &mut watching);
    project.git(&["pack-refs", "--all"]);
    project.git(&["repack", "-q", "-a", "-d"]);
    assert_eq!(stages(&watching.settle()), (5, 0));
}

#[test]
fn a_sha256_repository_is_shown_and_git_is_a_problem_of_its_own() {
    let project = Project::with_init(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    project.add_issues(5);
    project.commit("issues");
    let mut watching = project.caller().watch(project.root());
    let board = watching.settle();
    assert_eq!(board.cards().len(), 5, "the board is shown");
    let problem = board.problem(".git");
    assert_eq!((&problem["code"], &problem["severity"]), (&"git".into(), &"warning".into()));
    project.put(&Issue::new("demo-1", "Changed"));
    assert_eq!(watching.settle().card("demo-1")["title"], "Changed", "and followed");
}

#[test]
fn line_ends_that_git_turns_do_not_make_a_file_uncommitted() {
    let project = Project::with_issues(5);
    project.write(".gitattributes", "*.json text eol=crlf\n");
    project.commit("line ends");
    project.remove("project/issues");
    project.git(&["checkout", "-q", "--", "project/issues"]);
    assert!(project.text("project/issues/demo-0.json").contains("\r\n"), "this checkout has other line ends");
    assert_eq!(stages(&project.caller().read(project.root())), (5, 0));
}

#[test]
fn a_git_directory_that_is_damaged_is_a_problem_of_its_own() {
    let project = Project::with_issues(5);
    project.write(".git/HEAD", "garbage\n");
    let board = project.caller().read(project.root());
    assert_eq!(board.cards().len(), 5, "the board is shown");
    assert_eq!(board.problem(".git")["code"], "git");
}

#[test]
fn nothing_that_a_repository_configures_is_run() {
    for init in [&["init", "-q", "-b", "main"][..], &["init", "-q", "-b", "main", "--ref-format=reftable"]] {
        let project = Project::with_init(init);
        project.add_issues(3);
        project.write(".gitattributes", "*.json filter=spy diff=spy\n");
        project.commit("issues");
        let ran = project.outside("ran");
        let spy = project.outside("spy");
        std::fs::write(&spy, format!("#!/bin/sh\necho \"$0 $*\" >> {}\ncat\n", ran.display())).unwrap();
        std::fs::set_permissions(&spy, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let program = spy.display().to_string();
        for key in [
            "core.fsmonitor",
            "core.pager",
            "core.editor",
            "core.sshCommand",
            "core.gitProxy",
            "credential.helper",
            "filter.spy.clean",
            "filter.spy.smudge",
            "filter.spy.process",
            "diff.spy.textconv",
            "diff.external",
            "alias.rev-parse",
            "gpg.program",
            "uploadpack.packObjectsHook",
        ] {
            project.git(&["config", key, &program]);
        }
        for hook in ["post-index-change", "post-checkout", "reference-transaction", "pre-auto-gc"] {
            std::fs::copy(&spy, project.at(&format!(".git/hooks/{hook}"))).unwrap();
        }
        let mut watching = project.caller().watch(project.root());
        project.put(&Issue::new("demo-1", "Changed"));
        watching.settle();
        let server = project.caller().serve(project.root());
        assert_eq!(server.get("/api/issues/demo-1").status, 200);
        let said = std::fs::read_to_string(&ran).unwrap_or_default();
        assert_eq!(said, "", "a program of the repository was run");
    }
}

#[test]
fn without_the_git_program_the_board_is_the_same() {
    let project = Project::with_issues(3);
    let whole = project.caller().board(project.root());
    let mut command = project.caller().command();
    let output = command.env("PATH", "/nonexistent").arg("board").arg(project.root()).output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), whole);
}
