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
use std::time::SystemTime;

use hearsay_board::attention::{About, Inbox};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::surroundings::Stamp;
use crate::wire::Mark;

const DIRECTORY: &str = "inbox";
/// The largest file that is read, in bytes: a full inbox takes a part of that.
const LARGEST: u64 = 32 << 20;

/// Something that the person did to the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// They marked an item; all where none is named.
    Mark(Option<About>, Mark),
    /// They watch an issue, or no longer.
    Watch(About, bool),
    /// They want no banner of an issue, or again.
    Mute(About, bool),
}

impl Deed {
    /// Does it.
    pub(crate) fn apply(&self, inbox: &mut Inbox, now: Timestamp) {
        match self {
            Self::Watch(about, on) => inbox.watch(about, *on, now),
            Self::Mute(about, on) => inbox.mute(about, *on, now),
            Self::Mark(Some(about), mark) => apply(inbox, about, *mark),
            Self::Mark(None, mark) => {
                let all: Vec<About> = inbox.items().into_iter().map(|item| item.about.clone()).collect();
                all.iter().for_each(|about| apply(inbox, about, *mark));
            }
        }
    }
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
                let aside = file.with_extension("broken.json");
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
        let trouble = written.err().map(|error| format!("The inbox cannot be kept: {error}."));
        if let Some(trouble) = &trouble {
            tracing::warn!(trouble, path = %file.display(), "the inbox is not kept");
        }
        self.stamp = Stamp::of(&file);
        std::mem::replace(&mut self.trouble, trouble) != self.trouble
    }

    /// Leaves what the person did for the one that writes.
    pub(crate) fn leave(&self, deed: &Deed) -> io::Result<()> {
        let Some(path) = self.file("journal").filter(|_| self.lock.is_none()) else { return Ok(()) };
        let mut journal = File::options().create(true).append(true).open(path)?;
        journal.lock()?;
        journal.write_all(format!("{}\n", serde_json::to_string(deed)?).as_bytes())
    }

    /// Looks what other processes did: what the person did there where this one writes, else the inbox as it is kept now.
    pub(crate) fn look(&mut self, now: SystemTime) -> Looked {
        self.become_writer();
        if self.lock.is_some() {
            let deeds = self.file("journal").map(|path| take(&path)).unwrap_or_else(|| Ok(Vec::new()));
            return match deeds {
                Ok(deeds) if deeds.is_empty() => Looked::Nothing,
                Ok(deeds) => Looked::Deeds(deeds),
                Err(error) => {
                    tracing::warn!(%error, "what was done to the inbox elsewhere cannot be read");
                    Looked::Nothing
                }
            };
        }
        let Some(file) = self.file("json") else { return Looked::Nothing };
        let stamp = Stamp::of(&file);
        let is_sure = stamp.as_ref().is_none_or(|stamp| stamp.is_sure(now));
        if is_sure && stamp == self.stamp {
            return Looked::Nothing;
        }
        self.stamp = stamp;
        // Half of it is never there: it is replaced as a whole.
        read(&file).map_or(Looked::Nothing, Looked::Inbox)
    }

    /// Takes the lock, where nobody has it.
    fn become_writer(&mut self) {
        let Some(path) = self.file("lock").filter(|_| self.lock.is_none()) else { return };
        let opened = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| File::options().create(true).append(true).open(&path));
        match opened.map(|lock| (lock.try_lock(), lock)) {
            Ok((Ok(()), lock)) => self.lock = Some(lock),
            Ok((Err(TryLockError::WouldBlock), _)) => self.trouble = None,
            Ok((Err(TryLockError::Error(error)), _)) | Err(error) => {
                self.trouble = Some(format!("The inbox cannot be kept: {error}."));
            }
        }
    }

    fn file(&self, ending: &str) -> Option<PathBuf> {
        Some(self.stem.as_ref()?.with_extension(ending))
    }
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

/// What stands in the journal, which is empty then.
fn take(path: &Path) -> io::Result<Vec<Deed>> {
    let mut journal = match File::options().read(true).write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened?,
    };
    if journal.metadata()?.len() == 0 {
        return Ok(Vec::new());
    }
    journal.lock()?;
    let mut text = String::new();
    (&journal).take(LARGEST).read_to_string(&mut text)?;
    journal.set_len(0)?;
    journal.seek(SeekFrom::Start(0))?;
    // A line that a later release has left says nothing to this one.
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
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
        let deed = Deed::Mark(Some(about("k-1")), Mark::Snoozed { until: at(60) });
        other.leave(&deed).unwrap();
        assert_eq!(one.look(SystemTime::now()), Looked::Deeds(vec![deed.clone()]));
        assert_eq!(one.look(SystemTime::now()), Looked::Nothing, "it is taken in once");
        let mut inbox = watching("k-1");
        deed.apply(&mut inbox, at(0));
        assert_eq!(inbox.get(&about("k-1")).unwrap().state, State::Snoozed { until: at(60) });
        one.save(&inbox);
        assert_eq!(other.look(SystemTime::now()), Looked::Inbox(inbox.clone()));
        drop(one);
        assert_eq!(other.look(SystemTime::now()), Looked::Nothing);
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
