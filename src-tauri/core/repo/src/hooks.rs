//! Git hooks that sweep the overlay after Git has changed the working tree.
//!
//! Beside Kanbus's own (`kbs overlay install-hooks`), and before whatever else stands there. Not here: sweeping
//! (`overlay::sweep`).
//!
//! Invariants:
//! - Only a hook of this repository that Git runs and a shell reads is added to, once; nothing in it is changed.
//! - What stands there works as before: it has the same arguments and input, and its status is Git's.
//! - Hooks that several repositories share are left alone, and nothing is written through a link.
//! - Every hook is looked at before the first is written.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::committed::Committed;
use crate::discovery::Repository;
use crate::error::RepoError;
use crate::file::{self, Unread};

/// The hooks after which the working tree may be another one.
const HOOKS: [&str; 3] = ["post-merge", "post-checkout", "post-rewrite"];
/// Tells that our lines stand in a hook already.
const MARK: &str = "# Hearsay overlay maintenance";
/// They come first, since a script may end anywhere. The input is not theirs: Git tells it to what follows.
const LINES: &str = "# Hearsay overlay maintenance
if command -v hear >/dev/null 2>&1; then
  hear overlay reconcile --prune </dev/null >/dev/null 2>&1 || true
  hear overlay gc </dev/null >/dev/null 2>&1 || true
fi
";
/// The shells that read those lines.
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "zsh", "ksh"];
/// How many names are tried for a file that is not whole yet.
const NAMES: u32 = 16;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// Where Git keeps them.
    pub directory: PathBuf,
    /// Those that were written or added to.
    pub written: Vec<&'static str>,
    /// Those that are not ours to add to, and why.
    pub left: Vec<(&'static str, &'static str)>,
}

/// What there is to do about one hook.
enum Plan {
    /// Nothing: our lines stand in it.
    Done,
    /// Nothing: it is not ours to add to.
    Leave(&'static str),
    /// To write it, with the permissions of the one it replaces.
    Write(String, Option<Permissions>),
}

/// A file that is whole, under a name that it will not keep. It goes where it is not put in place.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        // What was put in place is not there any more.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Adds our lines to the hooks of `repository`.
///
/// # Errors
/// Where there is no Git, the hooks are not this repository's own, or one of them is no shell's. Nothing is written
/// then.
pub fn install_hooks(repository: &Repository) -> Result<Hooks, RepoError> {
    let directory = Committed::hooks(&repository.root).ok_or_else(|| RepoError::NoHooks {
        why: "Git does not say where they are, or they are not this repository's own".to_owned(),
    })?;
    std::fs::create_dir_all(&directory).map_err(failed(&directory))?;
    let mut hooks = Hooks { directory: directory.clone(), written: Vec::new(), left: Vec::new() };
    let mut plans = Vec::new();
    for name in HOOKS {
        match plan(&directory, name)? {
            Plan::Done => {}
            Plan::Leave(why) => hooks.left.push((name, why)),
            Plan::Write(text, permissions) => plans.push((name, text, permissions)),
        }
    }
    if hooks.left.len() == HOOKS.len() {
        let left: Vec<String> = hooks.left.iter().map(|(name, why)| format!("{name}: {why}")).collect();
        return Err(RepoError::NoHooks { why: left.join("; ") });
    }
    let mut passing = Vec::new();
    for (name, text, permissions) in plans {
        let path = directory.join(name);
        passing.push((name, write(&path, &text, permissions).map_err(failed(&path))?));
    }
    for (name, file) in passing {
        let path = directory.join(name);
        std::fs::rename(&file.0, &path).map_err(failed(&path))?;
        hooks.written.push(name);
    }
    Ok(hooks)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> RepoError {
    let path = path.to_owned();
    move |source| RepoError::Io { path, source }
}

/// What there is to do about the hook `name` in `directory`.
fn plan(directory: &Path, name: &'static str) -> Result<Plan, RepoError> {
    let path = directory.join(name);
    let no = |why: &str| RepoError::NoHooks { why: format!("{name} is {why}") };
    let there = match std::fs::symlink_metadata(&path) {
        Ok(there) => there,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Plan::Write(format!("#!/bin/sh\n{LINES}"), None));
        }
        Err(error) => return Err(failed(&path)(error)),
    };
    if there.is_symlink() || has_other_names(&there) {
        return Ok(Plan::Leave("it is a link, and others may share it"));
    }
    if !there.is_file() {
        return Err(no("no file"));
    }
    if !is_run(&path) {
        return Ok(Plan::Leave("Git ignores it, for it is not executable"));
    }
    let mut bytes = Vec::new();
    match file::read(&path, directory, &mut bytes) {
        Ok(_) => {}
        Err(Unread::TooLarge(_)) => return Err(no("too large")),
        Err(Unread::Io(error)) => return Err(failed(&path)(error)),
        Err(Unread::Outside | Unread::NotAFile) => return Err(no("no file")),
    }
    let old = String::from_utf8(bytes).ok().ok_or_else(|| no("no shell script"))?;
    if old.contains(MARK) {
        return Ok(Plan::Done);
    }
    let text = with_our_lines(&old).ok_or_else(|| no("no shell script"))?;
    if old.lines().any(reads_itself) {
        return Ok(Plan::Leave("it reads its own lines, which are not to move"));
    }
    Ok(Plan::Write(text, Some(there.permissions())))
}

#[cfg(unix)]
fn has_other_names(there: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    there.is_file() && there.nlink() > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Whether Git runs the hook at `path`.
#[cfg(unix)]
fn is_run(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_run(_: &Path) -> bool {
    true
}

/// A hook with our lines before whatever it does; `None` where no shell reads it.
fn with_our_lines(old: &str) -> Option<String> {
    if old.trim().is_empty() {
        return Some(format!("#!/bin/sh\n{LINES}"));
    }
    let (first, rest) = old.split_once('\n').unwrap_or((old, ""));
    is_shell(first).then(|| format!("{first}\n{LINES}\n{rest}"))
}

/// Whether a script with that first line is read by one of those shells, and by nothing else.
fn is_shell(first: &str) -> bool {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let Some(line) = first.strip_prefix("#!").filter(|line| !line.ends_with('\r')) else { return false };
    let mut words = line.split_whitespace();
    let mut program = words.next().map(name);
    if program.as_deref() == Some("env") {
        program = words.find(|word| !word.starts_with('-') && !word.contains('=')).map(name);
    }
    program.is_some_and(|program| SHELLS.contains(&program.as_str()))
        && words.all(|word| word.starts_with(['-', '+']))
}

/// Whether a line of a script hands the script itself to another program, or reads from its own n-th line.
fn reads_itself(line: &str) -> bool {
    let reader = |word: &str| matches!(word, "exec" | "tail" | "head" | "sed");
    let asks_where = |before: &str| {
        let before = before.trim_end_matches(['"', '{', '-', ' ']);
        before.ends_with("dirname") || before.ends_with("basename")
    };
    let own = |name: &str| line.match_indices(name).any(|(at, _)| !asks_where(&line[..at]));
    line.split(|c: char| !c.is_ascii_alphanumeric()).any(reader)
        && ["$0", "${0}", "$BASH_SOURCE", "${BASH_SOURCE}", "${BASH_SOURCE["].into_iter().any(own)
}

/// Writes `text` beside `path`, for whoever could run the hook before.
fn write(path: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<Passing> {
    let (passing, mut file) = new_file(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()?;
    Ok(passing)
}

/// A file beside `path` that nobody else has.
fn new_file(path: &Path) -> io::Result<(Passing, File)> {
    let mut options = OpenOptions::new();
    // Nothing that stands there is opened, be it a link.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o777);
    let mut taken = io::Error::from(ErrorKind::AlreadyExists);
    for number in 0..NAMES {
        let passing = path.with_extension(format!("hearsay-{}-{number}", std::process::id()));
        match options.open(&passing) {
            Ok(file) => return Ok((Passing(passing), file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_lines_come_first_in_a_shell_s_hook_and_in_no_other() {
        assert!(with_our_lines("").unwrap().starts_with("#!/bin/sh\n# Hearsay"));
        let added = with_our_lines("#!/usr/bin/env bash\necho hi\n").unwrap();
        assert!(added.starts_with("#!/usr/bin/env bash\n# Hearsay") && added.ends_with("\nfi\n\necho hi\n"));
        for first in ["#!/bin/sh -e", "#! /bin/dash", "#!/usr/bin/env -S A=b bash -eu", "#!/usr/bin/zsh +x"] {
            assert!(with_our_lines(&format!("{first}\n:\n")).is_some(), "{first}");
        }
        for text in [
            "#!/usr/bin/python3\n",
            "#!/usr/bin/env -S python3 /x/sh\n",
            "#!/bin/bash /usr/local/bin/wrapper\n",
            "#!/bin/sh\r\n:\r\n",
            "#!/x=/fish\n",
            "#!\n",
            "echo hi\n",
            "\u{7f}ELF",
        ] {
            assert_eq!(with_our_lines(text), None, "{text}");
        }
    }

    #[test]
    fn asking_for_its_own_place_is_not_reading_itself() {
        for line in ["exec python3 \"$0\" \"$@\"", "tail -n +3 ${0} | sh", "sed 1,3d \"$BASH_SOURCE\""] {
            assert!(reads_itself(line), "{line}");
        }
        for line in ["exec \"$(dirname -- \"$0\")/x\" \"$@\"", "echo \"$0: done\"", "exec git lfs \"$@\""] {
            assert!(!reads_itself(line), "{line}");
        }
    }
}
