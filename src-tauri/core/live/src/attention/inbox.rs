//! Where the inbox of a repository is kept: a file in the app's data directory.
//!
//! Of several processes that have the repository open one writes it, the one that holds a lock. The others read it when it
//! has changed, and leave what the person does in a journal that the one takes in. Not here: what an inbox is
//! (`hearsay_board::attention::inbox`).
//!
//! Invariants:
//! - What the person did to an item is lost by no other process's writing.
//! - A file that cannot be read is put aside, not overwritten, and said.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hearsay_board::attention::inbox::Item;
use hearsay_board::attention::{About, Inbox};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::patient_lock::{lock, make_private, private};
use crate::surroundings::Stamp;
use crate::wire::Mark;

const DIRECTORY: &str = "inbox";
/// How long what the person does waits for another process at the journal.
const PATIENCE: Duration = Duration::from_millis(500);
/// The largest file that is read, in bytes: a full inbox takes a part of that.
const LARGEST: u64 = 32 << 20;

/// Something that the person did to the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// They marked an item, as it was at that time: what happened later they have not seen.
    Mark {
        /// Which.
        about: About,
        /// As what.
        to: Mark,
        /// When something had happened to it last.
        #[serde(with = "hearsay_board::attention::stamp")]
        seen: Timestamp,
        /// What that was, in words: two processes see the same at different times.
        last: Option<String>,
    },
    /// They watch an issue, or no longer.
    Watch(About, bool),
    /// They want no banner of an issue, or again.
    Mute(About, bool),
}

impl Deed {
    /// Marking `about`, or all there is, as it is in `inbox`.
    pub(crate) fn marks(inbox: &Inbox, about: Option<&About>, to: Mark) -> Vec<Self> {
        let wanted = inbox.items().into_iter().filter(|item| about.is_none_or(|about| item.about == *about));
        let mark =
            |item: &Item| Self::Mark { about: item.about.clone(), to, seen: item.at, last: last(item) };
        wanted.map(mark).collect()
    }

    /// Does it.
    pub(crate) fn apply(&self, inbox: &mut Inbox, now: Timestamp) {
        match self {
            // Nothing is kept of an issue of which nothing is wanted.
            Self::Watch(about, false) | Self::Mute(about, false) if inbox.get(about).is_none() => {}
            Self::Watch(about, on) => inbox.watch(about, *on, now),
            Self::Mute(about, on) => inbox.mute(about, *on, now),
            Self::Mark { about, to, seen, last: words } => {
                if inbox.get(about).is_some_and(|item| item.at <= *seen || last(item) == *words) {
                    apply(inbox, about, *to);
                }
            }
        }
    }
}

fn last(item: &Item) -> Option<String> {
    item.lines.last().map(|line| line.said.clone())
}

fn apply(inbox: &mut Inbox, about: &About, mark: Mark) {
    match mark {
        Mark::Read => inbox.read(about),
        Mark::Done => inbox.done(about),
        Mark::Unread => inbox.unread(about),
        Mark::Snoozed { until } => inbox.snooze(about, until),
    }
}

/// The file of one repository's inbox.
#[derive(Debug, Default)]
pub(crate) struct InboxFile {
    /// Without its ending; `None` where it is not kept.
    stem: Option<PathBuf>,
    /// Held where this process is the one that writes.
    lock: Option<File>,
    stamp: Option<Stamp>,
    trouble: Option<String>,
    /// What of the journal was taken in and is not kept yet, in bytes.
    taken: u64,
}

impl InboxFile {
    /// That of `repository` in the data directory `data`.
    pub(crate) fn new(data: Option<&Path>, repository: &Path) -> Self {
        let name = blake3::hash(repository.as_os_str().as_encoded_bytes()).to_hex();
        let stem = data.map(|data| data.join(DIRECTORY).join(&name.as_str()[..32]));
        Self { stem, ..Self::default() }
    }

    /// Why it is not kept, where it should be.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What is kept. One that cannot be read is put aside.
    pub(crate) fn load(&mut self) -> Inbox {
        let Some(file) = self.file("json") else { return Inbox::default() };
        self.become_writer();
        self.stamp = Stamp::of(&file);
        match read(&file) {
            Ok(inbox) => inbox,
            // Where there is no directory for it there is no inbox either, which is said.
            Err(_) if self.trouble.is_some() => Inbox::default(),
            Err(why) => {
                let aside = aside(&file);
                let moved = self.lock.is_some().then(|| std::fs::rename(&file, &aside));
                tracing::warn!(why, path = %file.display(), "the inbox cannot be read; beginning with an empty one");
                self.trouble = Some(match moved {
                    Some(Ok(())) => {
                        format!("The inbox could not be read ({why}); it lies in {} now.", aside.display())
                    }
                    _ => format!("The inbox cannot be read: {why}."),
                });
                Inbox::default()
            }
        }
    }

    /// Keeps `inbox`, where this process is the one that does. Answers whether the trouble is another one now.
    pub(crate) fn save(&mut self, inbox: &Inbox) -> bool {
        let Some(file) = self.file("json").filter(|_| self.lock.is_some()) else { return false };
        let written = write(&file, inbox);
        let trouble = written.err().map(|error| not_kept(&file, &error));
        if let Some(trouble) = &trouble {
            tracing::warn!(trouble, path = %file.display(), "the inbox is not kept");
        }
        if trouble.is_none() && self.taken > 0 {
            self.clear_journal();
        }
        self.stamp = Stamp::of(&file);
        std::mem::replace(&mut self.trouble, trouble) != self.trouble
    }

    /// Forgets what of the journal is kept now.
    fn clear_journal(&mut self) {
        let Some(path) = self.file("journal") else { return };
        match cut(&path, self.taken) {
            Ok(()) => self.taken = 0,
            Err(error) => tracing::warn!(%error, "the journal of the inbox cannot be cleared"),
        }
    }

    /// Leaves what the person did for the one that writes.
    pub(crate) fn leave(&self, deeds: &[Deed]) -> io::Result<()> {
        let Some(path) = self.file("journal").filter(|_| self.lock.is_none()) else { return Ok(()) };
        let mut lines = String::new();
        for deed in deeds {
            lines.push_str(&serde_json::to_string(deed)?);
            lines.push('\n');
        }
        let mut journal = private().append(true).open(&path)?;
        let _held = lock(&path.with_extension("journal.lock"), PATIENCE)?;
        journal.write_all(lines.as_bytes())
    }

    /// Looks what other processes did: what the person did there where this one writes, else the inbox as it is kept now.
    pub(crate) fn look(&mut self, now: SystemTime) -> Looked {
        let was_reader = self.lock.is_none();
        self.become_writer();
        let Some(file) = self.file("json") else { return Looked::Nothing };
        if self.lock.is_some() && !was_reader {
            return match self.file("journal").map_or_else(|| Ok(Vec::new()), |path| self.take(&path)) {
                Ok(deeds) if deeds.is_empty() => Looked::Nothing,
                Ok(deeds) => Looked::Deeds(deeds),
                Err(error) => {
                    tracing::warn!(%error, "what was done to the inbox elsewhere cannot be read");
                    Looked::Nothing
                }
            };
        }
        let stamp = Stamp::of(&file);
        let is_sure = stamp.as_ref().is_none_or(|stamp| stamp.is_sure(now));
        // Whoever wrote before may have written last.
        if is_sure && stamp == self.stamp && self.lock.is_none() {
            return Looked::Nothing;
        }
        self.stamp = stamp;
        // Half of it is never there: it is replaced as a whole.
        read(&file).map_or(Looked::Nothing, Looked::Inbox)
    }

    /// What stands in the journal and was not taken in yet.
    fn take(&mut self, path: &Path) -> io::Result<Vec<Deed>> {
        let mut journal = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened?,
        };
        if journal.metadata()?.len() <= self.taken {
            return Ok(Vec::new());
        }
        journal.seek(SeekFrom::Start(self.taken))?;
        let mut text = String::new();
        journal.take(LARGEST).read_to_string(&mut text)?;
        // The end of a line that is being written is taken the next time.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.taken += whole as u64;
        // A line that a later release has left says nothing to this one.
        Ok(text[..whole].lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// Takes the lock, where nobody has it.
    fn become_writer(&mut self) {
        let Some(path) = self.file("lock").filter(|_| self.lock.is_none()) else { return };
        let opened =
            path.parent().map_or(Ok(()), make_private).and_then(|()| private().append(true).open(&path));
        match opened.map(|lock| (lock.try_lock(), lock)) {
            Ok((Ok(()), lock)) => self.lock = Some(lock),
            Ok((Err(TryLockError::WouldBlock), _)) => self.trouble = None,
            Ok((Err(TryLockError::Error(error)), _)) | Err(error) => {
                self.trouble = Some(not_kept(&path, &error));
            }
        }
    }

    fn file(&self, ending: &str) -> Option<PathBuf> {
        Some(self.stem.as_ref()?.with_extension(ending))
    }
}

/// Where a file that cannot be read is put, beside others that could not.
fn aside(file: &Path) -> PathBuf {
    let first = file.with_extension("broken.json");
    let more = (2..100).map(|number| file.with_extension(format!("{number}.broken.json")));
    std::iter::once(first.clone()).chain(more).find(|name| !name.exists()).unwrap_or(first)
}

/// What other processes did.
#[derive(Debug, PartialEq)]
pub(crate) enum Looked {
    /// Nothing.
    Nothing,
    /// The person did that there.
    Deeds(Vec<Deed>),
    /// The inbox is that.
    Inbox(Inbox),
}

fn not_kept(file: &Path, error: &io::Error) -> String {
    format!("The inbox cannot be kept in {}: {error}.", file.parent().unwrap_or(file).display())
}

fn read(file: &Path) -> Result<Inbox, String> {
    let mut text = String::new();
    match File::open(file).and_then(|file| file.take(LARGEST).read_to_string(&mut text)) {
        Ok(_) => Inbox::parse(&text).map_err(|error| error.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Inbox::default()),
        Err(error) => Err(error.to_string()),
    }
}

fn write(file: &Path, inbox: &Inbox) -> io::Result<()> {
    let mut passing = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    passing.write_all(inbox.text()?.as_bytes())?;
    passing.persist(file)?;
    Ok(())
}

/// Takes the first `bytes` out of the journal at `path`.
fn cut(path: &Path, bytes: u64) -> io::Result<()> {
    let _held = lock(&path.with_extension("journal.lock"), PATIENCE)?;
    let mut journal = File::options().read(true).write(true).open(path)?;
    journal.seek(SeekFrom::Start(bytes))?;
    let mut rest = Vec::new();
    (&journal).take(LARGEST).read_to_end(&mut rest)?;
    journal.set_len(0)?;
    journal.seek(SeekFrom::Start(0))?;
    journal.write_all(&rest)
}

#[cfg(test)]
mod tests {
    use hearsay_board::attention::inbox::State;

    use super::*;

    fn about(id: &str) -> About {
        About::Issue { project: "kbs".to_owned(), id: id.to_owned() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn watching(id: &str) -> Inbox {
        let mut inbox = Inbox::default();
        inbox.watch(&about(id), true, at(0));
        inbox
    }

    #[test]
    fn of_two_processes_one_writes_and_what_is_done_in_the_other_is_not_lost() {
        let home = tempfile::tempdir().unwrap();
        let open = || InboxFile::new(Some(home.path()), Path::new("/r"));
        let (mut one, mut other) = (open(), open());
        assert_eq!(one.load(), Inbox::default());
        one.save(&watching("k-1"));
        assert_eq!(other.load(), watching("k-1"));
        other.save(&Inbox::default());
        let deeds = Deed::marks(&watching("k-1"), Some(&about("k-1")), Mark::Snoozed { until: at(60) });
        let [deed] = &deeds[..] else { panic!("{deeds:?}") };
        other.leave(&deeds).unwrap();
        assert_eq!(one.look(SystemTime::now()), Looked::Deeds(deeds.clone()));
        assert_eq!(one.look(SystemTime::now()), Looked::Nothing, "it is taken in once");
        let mut inbox = watching("k-1");
        deed.apply(&mut inbox, at(0));
        assert_eq!(inbox.get(&about("k-1")).unwrap().state, State::Snoozed { until: at(60) });
        one.save(&inbox);
        assert_eq!(other.look(SystemTime::now()), Looked::Inbox(inbox.clone()));
        other.leave(&deeds).unwrap();
        one.save(&watching("k-3"));
        drop(one);
        assert_eq!(other.look(SystemTime::now()), Looked::Inbox(watching("k-3")), "what was written last");
        assert_eq!(other.look(SystemTime::now()), Looked::Deeds(deeds.clone()), "and what was not taken in");
        other.save(&watching("k-2"));
        assert_eq!(open().load(), watching("k-2"), "the other writes when the one is gone");
    }

    #[test]
    fn a_file_that_is_no_inbox_is_put_aside_and_said() {
        let home = tempfile::tempdir().unwrap();
        let mut file = InboxFile::new(Some(home.path()), Path::new("/r"));
        let path = file.file("json").unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, r#"{"version":9}"#).unwrap();
        assert_eq!(file.load(), Inbox::default());
        assert!(file.trouble().unwrap().contains("version 9"), "{:?}", file.trouble());
        assert_eq!(std::fs::read_to_string(path.with_extension("broken.json")).unwrap(), r#"{"version":9}"#);
        assert!(file.save(&watching("k-1")) && file.trouble().is_none());
    }

    #[test]
    fn an_inbox_that_cannot_be_kept_is_said_and_works() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(DIRECTORY), "").unwrap();
        let mut file = InboxFile::new(Some(home.path()), Path::new("/r"));
        assert_eq!(file.load(), Inbox::default());
        assert!(file.trouble().unwrap().contains("cannot be kept"));
        let mut none = InboxFile::new(None, Path::new("/r"));
        assert_eq!((none.load(), none.trouble()), (Inbox::default(), None));
    }
}
