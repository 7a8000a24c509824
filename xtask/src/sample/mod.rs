//! The sample repository that `cargo xtask run` opens when it is given no path.
//!
//! Not here: the product's own demonstration with moving agents, which is `hear demo`.
//!
//! Invariants: every file is spelled as Kanbus spells it, so the real client accepts the whole; the same
//! `now` makes the same files; nothing of the person's Git configuration gets in.

mod record;
mod stamp;
mod story;
mod tale;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use crate::say;
use crate::shell::{command, run};
use record::Project;
use stamp::Moment;

/// Events younger than this are left uncommitted, so that the board has a change of that stage to show.
const UNCOMMITTED_MINUTES: u64 = 15;

/// The sample at `place`; made if it is not there, or if it is to be fresh.
pub(crate) fn ensure(place: &Path, now: SystemTime, fresh: bool) -> Result<PathBuf> {
    if !fresh && place.join(".git").is_dir() {
        say::note(&format!("{} (made earlier; --fresh-sample makes it anew)", place.display()));
        return Ok(place.to_path_buf());
    }
    // Made beside and then moved, so that an interruption leaves no half of one.
    let draft = place.with_extension("draft");
    for old in [&draft, &place.to_path_buf()] {
        if old.exists() {
            fs::remove_dir_all(old).with_context(|| old.display().to_string())?;
        }
    }
    make(&draft, now)?;
    fs::rename(&draft, place).with_context(|| place.display().to_string())?;
    say::note(&place.display().to_string());
    Ok(place.to_path_buf())
}

fn make(place: &Path, now: SystemTime) -> Result<()> {
    let now = Moment::of(now)?;
    write(place, ".kanbus.yml", story::CONFIG)?;
    write(place, ".gitignore", "project/.overlay/\nproject-local/\n")?;
    write(place, "README.md", story::README)?;
    // The first commit holds what was true a while ago, the working tree what is true now.
    let committed = now.minutes_before(UNCOMMITTED_MINUTES);
    write_project(place, &Project::tell(story::ISSUES, now, committed))?;
    commit(place, committed)?;
    write_project(place, &Project::tell(story::ISSUES, now, now))
}

fn write_project(place: &Path, project: &Project) -> Result<()> {
    for (path, text) in project.files()? {
        write(place, &path, &text)?;
    }
    Ok(())
}

fn write(place: &Path, path: &str, text: &str) -> Result<()> {
    let path = place.join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(&path, text).with_context(|| path.display().to_string())
}

fn commit(place: &Path, at: Moment) -> Result<()> {
    run(git(place).args(["init", "--quiet"]))?;
    // Older Gits cannot be told the branch's name at once.
    run(git(place).args(["symbolic-ref", "HEAD", "refs/heads/main"]))?;
    run(git(place).args(["add", "--all"]))?;
    let date = at.seconds();
    let mut commit = git(place);
    commit.args(["-c", "user.name=Maya Lind", "-c", "user.email=maya@tidewater.example"]);
    commit.args(["commit", "--quiet", "--message", "The season's plan"]);
    commit.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
    run(&mut commit)
}

/// Git without the person's and the machine's settings: no signing, no hooks, no other line ends.
fn git(place: &Path) -> Command {
    let mut git = command("git", place);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    git.args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false"]);
    git
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::house::House;
    use crate::scratch::Scratch;
    use crate::setup::kanbus;
    use crate::shell::read;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_000_000_123)
    }

    #[test]
    fn the_real_client_accepts_the_sample() {
        // The test command tells where the client is; without it, one that was made earlier is as good.
        let told = std::env::var_os("HEARSAY_KANBUS").map(PathBuf::from);
        let client = told.unwrap_or_else(|| kanbus::client(&House::find().unwrap()));
        if !client.is_file() {
            let required = std::env::var_os("HEARSAY_REQUIRE_ALL").is_some();
            assert!(!required, "the Kanbus client must be there: {}", client.display());
            say::note("SKIPPED: no Kanbus client here; cargo xtask test makes one");
            return;
        }
        let scratch = Scratch::folder("sample-client");
        let place = ensure(&scratch.root().join("sample"), now(), false).unwrap();
        let kanbus = |words: &[&str]| {
            let mut kanbus = command(&client, &place);
            read(kanbus.args(words).env("KANBUS_NO_DAEMON", "1").env("HOME", scratch.root())).unwrap()
        };
        kanbus(&["validate"]);
        let list = kanbus(&["list", "--status", "blocked"]);
        assert!(list.contains("Show delays within ten seconds"), "{list}");
        let all = kanbus(&["list", "--limit", "100"]);
        let open = story::ISSUES.iter().filter(|issue| all.contains(issue.title)).count();
        assert_eq!(open, story::ISSUES.len(), "the client lists every issue:\n{all}");
    }

    #[test]
    fn the_same_moment_makes_the_same_files() {
        let scratch = Scratch::folder("sample-same");
        let [one, two] = ["one", "two"].map(|name| ensure(&scratch.root().join(name), now(), false).unwrap());
        let head = |place: &Path| read(command("git", place).args(["rev-parse", "HEAD"])).unwrap();
        let open = |place: &Path| read(command("git", place).args(["status", "--short", "-uall"])).unwrap();
        assert_eq!(head(&one), head(&two), "one commit id");
        assert_eq!(open(&one), open(&two));
        assert!(open(&one).contains("project/issues/"), "a change is left uncommitted");
    }

    #[test]
    fn a_sample_that_is_there_is_kept_unless_a_fresh_one_is_wanted() {
        let scratch = Scratch::folder("sample-kept");
        let place = scratch.root().join("sample");
        ensure(&place, now(), false).unwrap();
        fs::write(place.join("mine.txt"), "mine").unwrap();
        ensure(&place, now(), false).unwrap();
        assert!(place.join("mine.txt").exists());
        ensure(&place, now(), true).unwrap();
        assert!(!place.join("mine.txt").exists());
    }
}
