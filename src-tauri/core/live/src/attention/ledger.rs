//! The file of this person's own writes, which all processes of theirs append to and read.
//!
//! Not here: what a line means (`hearsay_board::attention::ledger`).
//!
//! Invariants:
//! - A line is appended whole; what another process appended is known before anything is judged by it.
//! - Bounded: what is too old or too much is left out when the file is written anew.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use std::time::Duration;

use hearsay_board::attention::Ledger;
use hearsay_board::attention::ledger::{MOST, Write};
use jiff::Timestamp;

use crate::patient_lock::{lock, make_private, private};

const FILE: &str = "own-writes.ndjson";
const LOCK: &str = "own-writes.lock";
/// How long a write waits for whoever writes the file anew.
const PATIENCE: Duration = Duration::from_millis(100);
/// What many more lines than [`MOST`] take; then the file is written anew.
const LARGEST: u64 = MOST as u64 * 2 * 512;

/// The ledger, as far as the file was read.
#[derive(Debug, Default)]
pub(crate) struct LedgerFile {
    directory: Option<PathBuf>,
    ledger: Ledger,
    /// How far it was read, and of which file.
    read: u64,
    inode: u64,
}

impl LedgerFile {
    /// That in `directory`. Without one, only this process knows what it wrote.
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, ..Self::default() }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Takes in a write of this process.
    pub(crate) fn record(&mut self, write: Write, now: Timestamp) {
        self.ledger.record(write, now);
    }

    /// Takes in what was appended since.
    pub(crate) fn look(&mut self, now: Timestamp) {
        let Some(path) = self.directory.as_ref().map(|directory| directory.join(FILE)) else { return };
        let Ok(metadata) = std::fs::metadata(&path) else { return };
        let inode = inode(&metadata);
        if inode == self.inode && metadata.len() == self.read {
            return;
        }
        let from = if inode == self.inode && metadata.len() > self.read { self.read } else { 0 };
        match tail(&path, from) {
            Ok(text) => {
                // The end of a line that is being appended is read the next time.
                let whole = text.rfind('\n').map_or(0, |end| end + 1);
                self.ledger.read(&text[..whole], now);
                (self.read, self.inode) = (from + whole as u64, inode);
            }
            Err(error) => tracing::warn!(%error, path = %path.display(), "own writes cannot be read"),
        }
    }
}

/// Appends `write` to the file in `directory`, for all processes of this person.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn append(directory: &Path, write: &Write, now: Timestamp) -> io::Result<()> {
    make_private(directory)?;
    let lock = lock(&directory.join(LOCK), PATIENCE)?;
    let path = directory.join(FILE);
    let mut file = private().append(true).open(&path)?;
    // A line is appended whole also without the lock; only who writes the file anew needs it.
    file.write_all(format!("{}\n", write.line()?).as_bytes())?;
    if lock.is_some() && file.metadata()?.len() > LARGEST {
        begin_anew(directory, &path, now)?;
    }
    Ok(())
}

fn begin_anew(directory: &Path, path: &Path, now: Timestamp) -> io::Result<()> {
    let mut ledger = Ledger::default();
    ledger.read(&tail(path, 0)?, now);
    let mut passing = tempfile::NamedTempFile::new_in(directory)?;
    for write in ledger.writes() {
        passing.write_all(format!("{}\n", write.line()?).as_bytes())?;
    }
    passing.persist(path)?;
    Ok(())
}

fn tail(path: &Path, from: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(LARGEST * 2).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(unix)]
fn inode(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use hearsay_board::attention::Content;

    use super::*;

    fn write(event: &str) -> Write {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        Write { at, content: Content::GONE, events: vec![event.to_owned()], issue: "k-1".to_owned() }
    }

    fn known(ledger: &LedgerFile) -> Vec<String> {
        ledger.ledger().writes().flat_map(|write| write.events.clone()).collect()
    }

    #[test]
    fn what_one_process_writes_all_others_know() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("data");
        let now = write("").at;
        let mut other = LedgerFile::new(Some(directory.clone()));
        other.look(now);
        for event in ["e1", "e2"] {
            append(&directory, &write(event), now).unwrap();
            other.look(now);
        }
        assert_eq!(known(&other), ["e1", "e2"]);
        let mut file = File::options().append(true).open(directory.join(FILE)).unwrap();
        let line = write("e3").line().unwrap();
        let (one, rest) = line.split_at(20);
        file.write_all(one.as_bytes()).unwrap();
        other.look(now);
        file.write_all(format!("{rest}\n").as_bytes()).unwrap();
        other.look(now);
        assert_eq!(known(&other), ["e1", "e2", "e3"], "a line is read once it is whole");
    }

    #[test]
    fn the_file_does_not_grow_without_end() {
        let home = tempfile::tempdir().unwrap();
        let now = write("").at;
        let mut other = LedgerFile::new(Some(home.path().to_owned()));
        let line = format!("{}\n", write(&"e".repeat(4_000)).line().unwrap());
        let lines = line.repeat(usize::try_from(LARGEST).unwrap() / line.len() + 1);
        std::fs::write(home.path().join(FILE), lines).unwrap();
        other.look(now);
        append(home.path(), &write("last"), now).unwrap();
        assert!(std::fs::metadata(home.path().join(FILE)).unwrap().len() < LARGEST / 2);
        other.look(now);
        assert_eq!(known(&other).last().unwrap(), "last", "a file that is another one is read anew");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        append(home.path(), &write("e1"), write("").at).unwrap();
        let mode = std::fs::metadata(home.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
