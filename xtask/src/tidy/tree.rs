//! The text files of the checkout, and a finding in one of them.
//!
//! Not here: any rule.
//!
//! Invariant: paths are relative to the root and use `/` on every system.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::shell::{command, read};

/// One text file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// The extension, empty if there is none.
    pub(super) fn extension(&self) -> &str {
        extension(&self.path)
    }

    /// The file's own name.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// True if a program wrote it: nobody reads it as prose, so the gates for people do not hold.
    pub(super) fn generated(&self) -> bool {
        let name = self.name();
        let stem = name.split('.').next().unwrap_or(name);
        let head = || self.text.lines().take(3).any(|line| line.contains("@generated"));
        stem == "generated" || name == "package-lock.json" || name == "Cargo.lock" || head()
    }

    /// Lines with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    pub(super) fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, what: what.into() }
    }
}

/// The extension of a path, empty if there is none.
pub(super) fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// All text files.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    /// Every listed path, also of files that are not text.
    pub(super) paths: Vec<String>,
}

impl Tree {
    /// Reads what Git tracks or would track.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let list = read(command("git", root).args(["ls-files", "-z", "-co", "--exclude-standard"]))?;
        let mut tree = Self { files: Vec::new(), paths: Vec::new() };
        let mut paths: Vec<_> = list.split('\0').filter(|path| !path.is_empty()).collect();
        // A path in conflict is listed once for each side.
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            // A tracked file that is gone is Git's business.
            let Ok(bytes) = fs::read(root.join(path)) else { continue };
            tree.paths.push(path.to_owned());
            if let Ok(text) = String::from_utf8(bytes) {
                tree.files.push(File { path: path.to_owned(), text });
            }
        }
        Ok(tree)
    }

    /// True if the path is a file here, or a folder with files in it.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.paths.iter().any(|have| have == path || have.starts_with(&folder))
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self {
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            files: files
                .iter()
                .map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() })
                .collect(),
        }
    }
}

/// Something against a rule. Line 0 means the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line.max(1), self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_git_ignores_is_not_read() {
        let scratch = Scratch::repository("tree");
        scratch.write(".gitignore", "target/\n");
        scratch.write("src/a.rs", "//! A\n");
        scratch.write("target/b.rs", "anything");
        fs::write(scratch.root().join("icon.png"), [0xff, 0xfe, 0x00]).unwrap();
        let tree = Tree::read(scratch.root()).unwrap();
        let read: Vec<_> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(read, [".gitignore", "src/a.rs"], "neither ignored nor binary files are read");
        assert!(tree.has("icon.png") && tree.has("src/") && tree.has("src"));
        assert!(!tree.has("target/"));
    }
}
