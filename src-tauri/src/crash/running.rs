//! The mark of the process that is the app: a file it holds a lock on, removed when it ends by itself.
//!
//! Invariant: a process that finds the lock held leaves the mark alone. So a second launch says nothing, and a number of
//! a process that somebody else has by now is not taken for ours.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::places;

/// How much of a mark is read: it is one line.
const LINE: u64 = 200;

#[derive(Debug)]
pub(super) struct Running {
    path: PathBuf,
    /// Held, so that it stays locked.
    file: File,
    unended: Option<String>,
}

impl Running {
    /// Sets the mark; nothing where another process has it.
    pub(super) fn begin(directory: &Path, now: SystemTime) -> std::io::Result<Option<Self>> {
        places::make(directory)?;
        let path = directory.join("running");
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut bytes = Vec::new();
        (&file).take(LINE).read_to_end(&mut bytes)?;
        let line = String::from_utf8_lossy(&bytes).trim().to_owned();
        file.set_len(0)?;
        file.rewind()?;
        let started = jiff::Timestamp::try_from(now).unwrap_or_default();
        writeln!(file, "process {} since {started}", std::process::id())?;
        Ok(Some(Self { path, file, unended: Some(line).filter(|line| !line.is_empty()) }))
    }

    /// What the mark said of a process that did not end by itself.
    pub(super) fn unended(&self) -> Option<&str> {
        self.unended.as_deref()
    }

    /// Takes the mark away.
    pub(super) fn end(self) -> std::io::Result<()> {
        // Emptied first: elsewhere a file that is open may not go.
        self.file.set_len(0)?;
        drop(self.file);
        std::fs::remove_file(self.path)
    }
}
