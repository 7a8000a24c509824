//! Files of reports: `report-TIME-PID-N.txt`, and `seen-…` once a person has seen it.
//!
//! Invariant: a name sorts by its time.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::places;

/// How many are kept.
const KEPT: usize = 5;
/// How much of a message is told: it may hold what a stranger wrote.
const MESSAGE: usize = 2_000;
/// How much of a backtrace is told.
const BACKTRACE: usize = 64 * 1024;
/// More of a report nobody reads.
const LARGEST: u64 = 512 * 1024;

const UNSEEN: &str = "report-";
const SEEN: &str = "seen-";

/// What a report tells.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) at: SystemTime,
    pub(super) version: &'a str,
    pub(super) thread: &'a str,
    pub(super) place: String,
    pub(super) message: &'a str,
    pub(super) backtrace: String,
    pub(super) log: String,
}

/// Writes a report, the process's `number`th, and lets go of the oldest.
pub(super) fn leave(directory: &Path, told: &Told<'_>, number: usize) -> std::io::Result<()> {
    places::make(directory)?;
    let at = stamp(told.at);
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let text = format!(
        "Hearsay {} on {} {}\nat {at}, thread {}, {}\n\n{}\n\n{}\n\nWhat the log said last:\n{}\n",
        told.version,
        std::env::consts::OS,
        std::env::consts::ARCH,
        told.thread,
        told.place,
        cut(told.message, MESSAGE),
        cut(&told.backtrace, BACKTRACE),
        told.log,
    );
    let name = format!("{UNSEEN}{}-{}-{number}.txt", at.replace(':', "-"), std::process::id());
    std::fs::write(directory.join(name), text)?;
    prune(directory);
    Ok(())
}

/// The reports that nobody has seen, the newest last.
pub(super) fn unseen(directory: &Path) -> Vec<PathBuf> {
    let mut all = all(directory);
    all.retain(|path| name(path).starts_with(UNSEEN));
    all
}

/// When a report was left, and what it tells.
pub(super) fn read(path: &Path) -> Option<(String, String)> {
    let file = std::fs::File::open(path).ok()?;
    let at = stamp(file.metadata().ok()?.modified().ok()?);
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some((at, String::from_utf8_lossy(&bytes).into_owned()))
}

/// Marks a report as seen. One that is gone needs no mark.
pub(super) fn see(path: &Path) -> std::io::Result<()> {
    let seen = name(path).replacen(UNSEEN, SEEN, 1);
    match std::fs::rename(path, path.with_file_name(seen)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

fn prune(directory: &Path) {
    let all = all(directory);
    for old in all.iter().take(all.len().saturating_sub(KEPT)) {
        // What cannot be removed now goes with the next one.
        let _ = std::fs::remove_file(old);
    }
}

/// Every report, the newest last.
fn all(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let mut all: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| time(path).is_some()).collect();
    all.sort_by(|a, b| time(a).cmp(&time(b)));
    all
}

/// The part of a report's name that sorts it.
fn time(path: &Path) -> Option<&str> {
    let name = name(path).strip_suffix(".txt")?;
    name.strip_prefix(UNSEEN).or_else(|| name.strip_prefix(SEEN))
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// RFC 3339 to the second.
fn stamp(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    time.round(jiff::Unit::Second).unwrap_or(time).to_string()
}
