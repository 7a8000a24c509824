//! A directory as it is, to the last time stamp: what a reader must leave as it found it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What there is of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    mode: u32,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    content: Vec<u8>,
}

/// Everything at and below `root`, Git's own directory included.
pub fn snapshot(root: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut entries = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(path) = waiting.pop() {
        let metadata = fs::symlink_metadata(&path).expect("nobody else works here");
        let content = if metadata.is_file() { fs::read(&path).expect("readable") } else { Vec::new() };
        if metadata.is_dir() {
            waiting
                .extend(fs::read_dir(&path).expect("readable").map(|entry| entry.expect("an entry").path()));
        }
        let entry = Entry {
            mode: metadata.mode(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            content,
        };
        entries.insert(path, entry);
    }
    entries
}
