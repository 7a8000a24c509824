//! The file of the log: a few files, each of them small, the newest lines in `hearsay.log`.
//!
//! Written here because no crate that rotates by size stands a second process on the same file, nor a disk that is full.
//!
//! Invariants:
//! - All files together are bounded, and so is a line.
//! - One process moves files on; another one only appends, as long as there is room.
//! - A file that cannot be written is said once, and holds nobody up.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use tracing_subscriber::fmt::MakeWriter;

use crate::places;

/// How large a file may be.
const FULL: u64 = 1024 * 1024;
/// How many files there are.
const FILES: u32 = 5;
/// The longest line.
const LINE: usize = 8 * 1024;
/// How many lines are kept in memory, for a report of a crash.
const KEPT: usize = 200;
/// The longest line in memory.
const KEPT_LINE: usize = 500;
/// How much of the end of a file is read.
const TAIL: u64 = 256 * 1024;

/// The log's files. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    directory: Option<PathBuf>,
    full: u64,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    file: Option<File>,
    /// Held by the one process that moves files on.
    alone: Option<File>,
    kept: VecDeque<String>,
    is_told: bool,
}

impl Log {
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, full: FULL, state: Arc::default() }
    }

    /// Where the files lie.
    pub(crate) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// The newest lines, as many as [`KEPT`], of this process and those before it.
    pub(crate) fn newest(&self) -> Vec<String> {
        let files = self.directory.iter().flat_map(|directory| [named(directory, 1), named(directory, 0)]);
        let text: String = files.filter_map(|file| end(&file).ok()).collect();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return self.state().kept.iter().cloned().collect();
        }
        lines[lines.len().saturating_sub(KEPT)..].to_vec()
    }

    /// What this process said last. Never waits: whoever panics may be the one who writes.
    pub(crate) fn kept(&self) -> Vec<String> {
        match self.state.try_lock() {
            Ok(state) => state.kept.iter().cloned().collect(),
            Err(TryLockError::Poisoned(state)) => state.into_inner().kept.iter().cloned().collect(),
            Err(TryLockError::WouldBlock) => Vec::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, line: &[u8]) {
        let mut state = self.state();
        let text = String::from_utf8_lossy(line);
        state.kept.push_back(text.trim_end().chars().take(KEPT_LINE).collect());
        if state.kept.len() > KEPT {
            state.kept.pop_front();
        }
        let Some(directory) = &self.directory else { return };
        let written = if line.len() > LINE {
            let cut: String = text.chars().take(LINE / 4).collect();
            state.append(directory, self.full, format!("{cut} …\n").as_bytes())
        } else {
            state.append(directory, self.full, line)
        };
        if let Err(error) = written {
            state.file = None;
            if !std::mem::replace(&mut state.is_told, true) {
                complain(&format!("the log cannot be written to {}: {error}", directory.display()));
            }
        }
    }
}

impl State {
    fn append(&mut self, directory: &Path, full: u64, line: &[u8]) -> std::io::Result<()> {
        let is_full =
            |file: &File, full| Ok::<_, std::io::Error>(file.metadata()?.len() + line.len() as u64 > full);
        let mut file = match self.file.take() {
            Some(file) => file,
            None => open(directory)?,
        };
        if is_full(&file, full)? {
            // Another process may have moved files on meanwhile.
            file = open(directory)?;
            if is_full(&file, full)? && self.is_alone(directory)? {
                drop(file);
                move_on(directory)?;
                file = open(directory)?;
            }
        }
        if !is_full(&file, 2 * full)? {
            file.write_all(line)?;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Whether it is this process that moves files on; once it is, it is to its end.
    fn is_alone(&mut self, directory: &Path) -> std::io::Result<bool> {
        if self.alone.is_none() {
            let lock =
                OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(".lock"))?;
            match lock.try_lock() {
                Ok(()) => self.alone = Some(lock),
                Err(std::fs::TryLockError::WouldBlock) => {}
                Err(std::fs::TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(self.alone.is_some())
    }
}

fn open(directory: &Path) -> std::io::Result<File> {
    places::make(directory)?;
    OpenOptions::new().create(true).append(true).open(named(directory, 0))
}

fn named(directory: &Path, number: u32) -> PathBuf {
    directory.join(if number == 0 { "hearsay.log".to_owned() } else { format!("hearsay.{number}.log") })
}

/// Makes room for a new file; the oldest goes.
fn move_on(directory: &Path) -> std::io::Result<()> {
    for number in (1..FILES).rev() {
        match std::fs::rename(named(directory, number - 1), named(directory, number)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved?,
        }
    }
    Ok(())
}

/// The last lines of a file.
fn end(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(if from > 0 {
        text.split_once('\n').map_or(text.clone(), |(_, whole)| whole.to_owned())
    } else {
        text
    })
}

/// Says on standard error what the log cannot say.
pub(crate) fn complain(text: &str) {
    // Where even standard error is closed, nobody is there to hear it.
    let _ = writeln!(std::io::stderr(), "hearsay: {text}");
}

/// One line, on its way into the file.
#[derive(Debug)]
pub(crate) struct Line<'a>(&'a Log);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.write(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(directory: &Path, full: u64) -> Log {
        Log { full, ..Log::new(Some(directory.join("logs"))) }
    }

    fn text(directory: &Path, number: u32) -> String {
        std::fs::read_to_string(named(&directory.join("logs"), number)).unwrap_or_default()
    }

    fn sizes(directory: &Path) -> Vec<u64> {
        let files = std::fs::read_dir(directory.join("logs")).unwrap();
        files.map(|file| file.unwrap().metadata().unwrap().len()).collect()
    }

    #[test]
    fn the_files_are_few_and_small_and_the_newest_line_is_the_last() {
        let home = tempfile::tempdir().unwrap();
        let log = log(home.path(), 100);
        for number in 0..500 {
            log.write(format!("line {number}\n").as_bytes());
        }
        assert_eq!(sizes(home.path()).len(), FILES as usize + 1, "and a lock");
        assert!(sizes(home.path()).iter().all(|size| *size <= 100), "{:?}", sizes(home.path()));
        assert!(text(home.path(), 0).ends_with("line 499\n"));
        assert_eq!(log.newest().last().unwrap(), "line 499");
        assert_eq!(log.kept().len(), KEPT);
        log.write(&[b'x'; 3 * LINE]);
        assert!(log.newest().iter().all(|line| line.len() < LINE));
    }

    #[test]
    fn two_processes_do_not_spoil_each_others_lines() {
        let home = tempfile::tempdir().unwrap();
        let (one, other) = (log(home.path(), 2_000), log(home.path(), 2_000));
        std::thread::scope(|scope| {
            for (name, log) in [("one", &one), ("other", &other)] {
                scope.spawn(move || {
                    for number in 0..2_000 {
                        log.write(format!("{name} {number} .\n").as_bytes());
                    }
                });
            }
        });
        for number in 0..FILES {
            let whole = |line: &str| line.starts_with('o') && line.ends_with('.');
            assert!(text(home.path(), number).lines().all(whole), "{}", text(home.path(), number));
        }
        assert!(sizes(home.path()).iter().all(|size| *size <= 4_100));
    }

    #[test]
    fn a_place_that_cannot_be_written_holds_nobody_up() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("logs"), "a file").unwrap();
        let log = log(home.path(), 100);
        log.write(b"one\n");
        log.write(b"two\n");
        assert_eq!(log.newest(), ["one", "two"], "they are kept in memory");
        assert!(log.state().is_told);
        std::fs::remove_file(home.path().join("logs")).unwrap();
        log.write(b"three\n");
        assert_eq!(text(home.path(), 0), "three\n", "it is written as soon as it can be");
        assert_eq!(Log::new(None).newest(), [""; 0]);
    }
}
