//! Git hooks that sweep the overlay after Git has changed the working tree.
//!
//! Beside Kanbus's own (`kbs overlay install-hooks`), and after whatever stands there already. Not here: sweeping
//! (`overlay::sweep`).
//!
//! Invariants:
//! - Only a hook of this repository that a shell reads is added to, once; nothing in it is changed.
//! - Hooks that several repositories share are left alone.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::committed::Committed;
use crate::discovery::Repository;
use crate::error::RepoError;

/// The hooks after which the working tree may be another one.
const HOOKS: [&str; 3] = ["post-merge", "post-checkout", "post-rewrite"];
/// Tells that our lines stand in a hook already.
const MARK: &str = "# Hearsay overlay maintenance";
const LINES: &str = "# Hearsay overlay maintenance
if command -v hear >/dev/null 2>&1; then
  hear overlay reconcile --prune >/dev/null 2>&1 || true
  hear overlay gc >/dev/null 2>&1 || true
fi
";
/// The shells that read those lines.
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "zsh", "ksh"];

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// Where Git keeps them.
    pub directory: PathBuf,
    /// Those that were written or added to; the others had our lines.
    pub written: Vec<&'static str>,
}

/// Adds our lines to the hooks of `repository`.
///
/// # Errors
/// Where there is no Git, the hooks are not this repository's own, or one of them is no shell's.
pub fn install_hooks(repository: &Repository) -> Result<Hooks, RepoError> {
    let directory = Committed::hooks(&repository.root).ok_or(RepoError::NoHooks {
        why: "Git does not say where they are, or they are not this repository's own",
    })?;
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| RepoError::Io { path, source }
    };
    std::fs::create_dir_all(&directory).map_err(io(&directory))?;
    let mut hooks = Hooks { directory: directory.clone(), written: Vec::new() };
    for name in HOOKS {
        let path = directory.join(name);
        let old = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(io(&path)(error)),
        };
        if old.contains(MARK) {
            continue;
        }
        let text =
            with_our_lines(&old).ok_or(RepoError::NoHooks { why: "one of them is no shell script" })?;
        replace(&path, &text).map_err(io(&path))?;
        hooks.written.push(name);
    }
    Ok(hooks)
}

fn with_our_lines(old: &str) -> Option<String> {
    if old.trim().is_empty() {
        return Some(format!("#!/bin/sh\n{LINES}"));
    }
    let shell =
        old.lines().next()?.strip_prefix("#!")?.split(['/', ' ']).rfind(|word| !word.starts_with('-'))?;
    SHELLS.contains(&shell.trim()).then(|| format!("{}\n\n{LINES}", old.trim_end()))
}

/// Puts `text` in place as a whole, for everybody to run who could before.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let passing = path.with_extension("hearsay");
    let mut file = std::fs::File::create(&passing)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o755, |old| old.permissions().mode() | 0o111);
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    drop(file);
    std::fs::rename(&passing, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_lines_follow_what_stands_in_a_shell_s_hook_and_no_other() {
        assert!(with_our_lines("").unwrap().starts_with("#!/bin/sh\n# Hearsay"));
        let added = with_our_lines("#!/usr/bin/env bash\necho hi\n").unwrap();
        assert!(added.starts_with("#!/usr/bin/env bash\necho hi\n\n# Hearsay"));
        assert!(with_our_lines("#!/bin/sh -e\n:\n").is_some());
        assert_eq!(with_our_lines("#!/usr/bin/python3\n"), None);
        assert_eq!(with_our_lines("\u{7f}ELF"), None);
    }
}
