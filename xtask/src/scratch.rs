//! A folder for one test, gone when the test ends.
//!
//! Not here: anything outside tests.
//!
//! Invariant: no two tests share a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use crate::shell::{command, read};

/// A folder that is removed when dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: PathBuf,
}

impl Scratch {
    /// An empty folder; `name` must be the caller's alone.
    pub(crate) fn folder(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("hearsay-xtask-{name}-{}", process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        Self { root }
    }

    /// The same with an empty Git repository in it.
    pub(crate) fn repository(name: &str) -> Self {
        let scratch = Self::folder(name);
        read(command("git", &scratch.root).args(["init", "-q"])).unwrap();
        scratch
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file, and the folders that it lies in.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}
