//! `hear overlay install-hooks`: our lines run, and what a person has set up works as it did, or is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Output;

use hearsay_tests::snapshot::{Entry, snapshot};
use hearsay_tests::wait::until;
use hearsay_tests::{Project, peers};

const HOOKS: [&str; 3] = ["post-merge", "post-checkout", "post-rewrite"];

/// A repository with two issues, on a machine where a stand-in for `hear` says when it has run.
fn project() -> Project {
    let project = Project::gossiping(2);
    let (bin, ran) = (project.outside("bin"), project.outside("ran"));
    fs::create_dir_all(&bin).expect("a directory");
    let path = std::env::var("PATH").expect("there is a PATH");
    let path = format!("{}:{path}", bin.display());
    script(&bin.join("hear"), &format!("#!/bin/sh\necho \"$@\" >>'{}'\ncat >/dev/null\n", ran.display()));
    project.on(|machine| machine.with("PATH", &path))
}

/// Writes a program.
fn script(path: &Path, text: &str) {
    fs::write(path, text).expect("it is written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// Writes a hook that Git runs.
fn hook(project: &Project, name: &str, text: &str) {
    fs::create_dir_all(project.at(".git/hooks")).expect("a directory");
    script(&project.at(&format!(".git/hooks/{name}")), text);
}

/// What `hear overlay install-hooks` comes to, which must end.
fn install(project: &Project, words: &[&str]) -> Output {
    let mut command = project.caller().command();
    command.args(["overlay", "install-hooks"]).args(words).arg(project.root());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut process = command.spawn().expect("hear runs");
    until("it to end", || process.try_wait().expect("it is ours"));
    process.wait_with_output().expect("it has ended")
}

/// What it prints where it succeeds.
fn installs(project: &Project) -> String {
    let output = install(project, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What it says where it refuses, having changed nothing but what `meanwhile` allows.
fn refuses(project: &Project) -> String {
    let before = everything(project);
    let output = install(project, &[]);
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(everything(project) == before, "nothing is written where not all can be");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Everything in the repository and beside it.
fn everything(project: &Project) -> BTreeMap<std::path::PathBuf, Entry> {
    snapshot(project.room())
}

/// How often our lines have run since this was asked last: each time they call `hear` twice.
fn runs(project: &Project) -> usize {
    let ran = project.outside("ran");
    let said = fs::read_to_string(&ran).unwrap_or_default();
    let _ = fs::remove_file(&ran);
    said.lines().filter(|line| line.starts_with("overlay reconcile")).count()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn the_hooks_of_both_are_installed_once_and_beside_what_was_there() {
    let Some(client) = peers::kanbus() else { return };
    for ours_first in [true, false] {
        let project = project();
        hook(&project, "post-merge", "#!/bin/sh\necho mine\n");
        if ours_first {
            installs(&project);
        }
        for _ in 0..2 {
            project.kanbus(&client, &["overlay", "install-hooks"]);
            installs(&project);
        }
        for name in HOOKS {
            let text = project.text(&format!(".git/hooks/{name}"));
            assert_eq!(text.matches("# Hearsay overlay maintenance").count(), 1, "{name}: {text}");
            assert_eq!(text.matches("# Kanbus overlay cache maintenance").count(), 1, "{name}: {text}");
            assert_eq!(text.matches("echo mine").count(), usize::from(name == "post-merge"), "{text}");
        }
        let before = everything(&project);
        assert!(installs(&project).contains("already"));
        assert!(everything(&project) == before, "twice is as once");
        project.git(&["checkout", "-q", "-b", "other"]);
        assert_eq!(runs(&project), 1, "ours first: {ours_first}");
    }
}

#[test]
fn where_there_is_no_hook_yet_git_runs_ours() {
    let project = project();
    installs(&project);
    project.git(&["checkout", "-q", "-b", "other"]);
    assert_eq!(runs(&project), 1, "after a checkout");
    project.git(&["commit", "-q", "--amend", "-m", "Amended"]);
    assert_eq!(runs(&project), 1, "after a rewrite");
    project.git(&["checkout", "-q", "-b", "third", "main"]);
    project.git(&["merge", "-q", "--no-ff", "-m", "Merged", "other"]);
    assert_eq!(runs(&project), 2, "after a checkout and a merge");
}

#[test]
fn our_lines_run_however_a_person_s_hook_ends_and_its_status_stays_its_own() {
    for (what, text, succeeds) in [
        ("a failure at its end", "#!/bin/sh\nfalse\n", false),
        ("an exit with success", "#!/bin/sh\nexit 0\n", true),
        ("an exit with failure", "#!/usr/bin/env bash\nset -eu\nexit 3", false),
        ("another program", "#!/bin/sh -e\nexec false\n", false),
        ("a line that goes on", "#!/bin/sh\ntrue \\", true),
        ("an open text", "#!/bin/sh\ncat <<'END' >/dev/null\nhi\nEND", true),
        ("nothing but its first line", "#!/bin/sh", true),
    ] {
        let project = project();
        hook(&project, "post-checkout", text);
        let checkout = |name: &str| project.try_git_in(project.root(), &["checkout", "-q", "-b", name]);
        let before = checkout("before");
        assert_eq!(before.status.success(), succeeds, "{what}");
        installs(&project);
        let after = checkout("after");
        assert_eq!(
            (before.status, &before.stdout, &before.stderr),
            (after.status, &after.stdout, &after.stderr),
            "{what}"
        );
        assert_eq!(runs(&project), 1, "{what}");
    }
}

#[test]
fn what_git_tells_a_person_s_hook_still_reaches_it() {
    let project = project();
    let told = project.outside("told");
    let text = format!("#!/bin/sh\necho \"$# $1 $?\" >>'{0}'\ncat >>'{0}'\n", told.display());
    hook(&project, "post-rewrite", &text);
    let amend = |title: &str| {
        let _ = fs::remove_file(&told);
        project.git(&["commit", "-q", "--amend", "-m", title]);
        let said = fs::read_to_string(&told).expect("it was told");
        (said.lines().next().map(str::to_owned), said.lines().count(), said)
    };
    let (words, lines, _) = amend("Before");
    installs(&project);
    let old = project.git(&["rev-parse", "HEAD"]);
    let (words_after, lines_after, said) = amend("After");
    assert_eq!((words, lines), (words_after, lines_after));
    assert!(said.contains(old.trim()), "the commit that was rewritten: {said}");
    assert_eq!(runs(&project), 1);
}

#[test]
fn a_hook_that_git_ignores_or_that_others_share_is_left_alone_and_said() {
    let project = project();
    let hooks = project.at(".git/hooks");
    fs::create_dir_all(&hooks).expect("a directory");
    let shared = project.outside("shared-hook");
    script(&shared, "#!/bin/sh\necho shared\n");
    symlink(&shared, hooks.join("post-merge")).expect("a link");
    fs::write(hooks.join("post-checkout"), "#!/bin/sh\nexit 1\n").expect("it is written");
    fs::set_permissions(hooks.join("post-checkout"), fs::Permissions::from_mode(0o644)).expect("it is ours");
    let left = ["post-merge", "post-checkout"].map(|name| hooks.join(name));
    let said = installs(&project);
    for name in ["post-merge", "post-checkout"] {
        assert!(said.lines().any(|line| line.starts_with(&format!("{name} is left alone"))), "{said}");
    }
    assert!(fs::symlink_metadata(&left[0]).expect("it is there").is_symlink(), "it is still shared");
    assert_eq!(fs::read_to_string(&shared).expect("it is there"), "#!/bin/sh\necho shared\n");
    assert_eq!(fs::read_to_string(&left[1]).expect("it is there"), "#!/bin/sh\nexit 1\n");
    assert_eq!(mode(&left[1]), 0o644, "it is still switched off");
    project.git(&["checkout", "-q", "-b", "other"]);
    project.git(&["commit", "-q", "--amend", "-m", "Amended"]);
    assert_eq!(runs(&project), 1, "the third one is ours");

    let output = install(&project, &["--json"]);
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("--json is JSON");
    assert_eq!(found["written"], serde_json::json!([]));
    assert_eq!(found["left"].as_array().map(Vec::len), Some(2), "{found}");

    fs::hard_link(&shared, project.outside("twin")).expect("a hard link");
    fs::remove_file(&left[0]).expect("it is ours");
    fs::hard_link(&shared, &left[0]).expect("a hard link");
    assert!(installs(&project).contains("post-merge is left alone"), "it has two names");
}

#[test]
fn a_hook_that_reads_its_own_lines_is_left_alone_and_said() {
    let project = project();
    let polyglot = "#!/bin/sh\n''':'\nexec python3 \"$0\" \"$@\"\n'''\nprint('hi')\n";
    hook(&project, "post-merge", polyglot);
    hook(&project, "post-checkout", "#!/bin/sh\ntail -n +4 \"$0\" | sh\nexit 0\necho later\n");
    hook(&project, "post-rewrite", "#!/bin/sh\nexec \"$(dirname \"$0\")/more/post-rewrite\" \"$@\"\n");
    let said = installs(&project);
    assert!(
        said.contains("post-merge is left alone") && said.contains("post-checkout is left alone"),
        "{said}"
    );
    assert!(said.contains("post-rewrite in"), "that one only asks where it is: {said}");
    assert_eq!(project.text(".git/hooks/post-merge"), polyglot);
}

#[test]
fn where_one_hook_cannot_be_added_to_none_is() {
    for (what, why) in [
        ("python", "no shell script"),
        ("binary", "no shell script"),
        ("fifo", "no file"),
        ("directory", "no file"),
        ("large", "too large"),
    ] {
        let project = project();
        let path = project.at(".git/hooks/post-rewrite");
        hook(&project, "post-rewrite", "#!/usr/bin/env python3\n");
        match what {
            "binary" => script(&path, "\u{7f}ELF"),
            "large" => script(&path, &format!("#!/bin/sh\n{}", "# x\n".repeat(5 << 20))),
            "fifo" => {
                fs::remove_file(&path).expect("it is ours");
                let made = project.machine().command("mkfifo").arg(&path).status().expect("mkfifo runs");
                assert!(made.success());
            }
            "directory" => {
                fs::remove_file(&path).expect("it is ours");
                fs::create_dir(&path).expect("a directory");
            }
            _ => {}
        }
        let said = refuses(&project);
        assert!(said.contains("post-rewrite") && said.contains(why), "{what}: {said}");
    }
}

#[test]
fn no_hook_is_written_through_a_link() {
    let project = project();
    let outside = project.outside("their-hooks");
    fs::create_dir_all(&outside).expect("a directory");
    symlink(&outside, project.at(".githooks")).expect("a link");
    for path in [".githooks", ".githooks/deeper", "../their-hooks", "/dev/null", ".kanbus.yml"] {
        project.git(&["config", "core.hooksPath", path]);
        refuses(&project);
    }
    fs::remove_file(project.at(".githooks")).expect("it is ours");
    symlink(project.outside("nowhere"), project.at(".githooks")).expect("a link to nothing");
    project.git(&["config", "core.hooksPath", ".githooks"]);
    refuses(&project);

    fs::remove_file(project.at(".githooks")).expect("it is ours");
    fs::create_dir(project.at(".githooks")).expect("a directory");
    let precious = project.outside("precious");
    fs::write(&precious, "precious").expect("it is written");
    fs::set_permissions(&precious, fs::Permissions::from_mode(0o600)).expect("it is ours");
    for name in HOOKS {
        symlink(&precious, project.at(&format!(".githooks/{name}.hearsay"))).expect("a link");
    }
    installs(&project);
    assert_eq!(fs::read_to_string(&precious).expect("it is there"), "precious");
    assert_eq!(mode(&precious), 0o600);
    project.git(&["checkout", "-q", "-b", "other"]);
    assert_eq!(runs(&project), 1, "in a directory of the repository they are installed");
}

#[test]
fn the_hooks_of_a_linked_working_tree_are_those_of_its_repository() {
    let project = project();
    let linked = project.outside("linked");
    project.git(&["worktree", "add", "-q", &linked.to_string_lossy()]);
    let output = project.caller().run(&["overlay", "install-hooks", &linked.to_string_lossy()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    project.git_in(&linked, &["checkout", "-q", "-b", "other"]);
    assert_eq!(runs(&project), 1);
    assert!(project.text(".git/hooks/post-checkout").contains("hear overlay"));
}
