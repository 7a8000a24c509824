//! Repositories that were open before, and those that were open last, kept in the app's data directory.
//!
//! Invariants:
//! - A list that cannot be read is an empty one, and is replaced by the next repository that is opened. What another
//!   version says beyond ours is passed over.
//! - A list is bounded, and is replaced as a whole or not at all.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use hearsay_live::wire::RepositoryInfo;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How many are kept.
const MOST: usize = 20;
/// The largest list that is read, in bytes.
const LARGEST: u64 = 1 << 20;
/// The version of the list of those that were open last.
const VERSION: u32 = 1;

/// The list of recent repositories.
#[derive(Debug)]
pub(crate) struct Recent {
    file: PathBuf,
    writing: Mutex<()>,
}

/// A repository that was open before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecentRepository {
    path: String,
    name: String,
    opened_at: String,
}

impl Recent {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { file: directory.join("recent.json"), writing: Mutex::default() }
    }

    /// The list, the latest first, without those that are gone.
    pub(crate) fn list(&self) -> Vec<RecentRepository> {
        let mut list = self.read();
        list.retain(|repository| PathBuf::from(&repository.path).is_dir());
        list
    }

    /// Whether the repository at `path` was open before, and is still remembered.
    pub(crate) fn knows(&self, path: &Path) -> bool {
        self.read().iter().any(|repository| Path::new(&repository.path) == path)
    }

    /// Puts a repository at the head of the list.
    pub(crate) fn remember(&self, info: &RepositoryInfo) -> std::io::Result<()> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let opened_at = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default().to_string();
        let mut list = self.read();
        list.retain(|repository| repository.path != info.path);
        list.insert(0, RecentRepository { path: info.path.clone(), name: info.name.clone(), opened_at });
        list.truncate(MOST);
        replace(&self.file, &list)
    }

    fn read(&self) -> Vec<RecentRepository> {
        let list: Vec<serde_json::Value> = read(&self.file).unwrap_or_default();
        let one = |value| serde_json::from_value(value).ok();
        list.into_iter().filter_map(one).take(MOST).collect()
    }

    /// The repositories that were open last, and are still there.
    pub(crate) fn open_last(&self) -> Vec<PathBuf> {
        let last: OpenLast = read(&self.open_file()).unwrap_or_default();
        last.paths.into_iter().take(MOST).filter(|path| path.is_dir()).collect()
    }

    /// These are open now. When the last is closed, the list stays: the next start begins with what there was.
    pub(crate) fn remember_open(&self, paths: Vec<PathBuf>) -> std::io::Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        replace(&self.open_file(), &OpenLast { version: VERSION, paths })
    }

    fn open_file(&self) -> PathBuf {
        self.file.with_file_name("open.json")
    }
}

impl RecentRepository {
    /// The repository, as a person knows it.
    pub(crate) fn info(&self) -> RepositoryInfo {
        RepositoryInfo { name: self.name.clone(), path: self.path.clone() }
    }
}

/// The repositories that were open last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct OpenLast {
    version: u32,
    paths: Vec<PathBuf>,
}

fn read<T: DeserializeOwned>(file: &Path) -> Option<T> {
    let mut text = Vec::new();
    File::open(file).ok()?.take(LARGEST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

fn replace(file: &Path, list: &impl Serialize) -> std::io::Result<()> {
    let Some(directory) = file.parent() else { return Ok(()) };
    std::fs::create_dir_all(directory)?;
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(&serde_json::to_vec_pretty(list)?)?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_comes_first_and_each_only_once() {
        let home = tempfile::tempdir().unwrap();
        let recent = Recent::new(home.path().join("data"));
        assert_eq!(recent.list(), []);
        for name in ["a", "b", "a"] {
            let path = home.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            recent
                .remember(&RepositoryInfo { name: name.into(), path: path.to_string_lossy().into() })
                .unwrap();
        }
        let names: Vec<_> = recent.list().into_iter().map(|repository| repository.name).collect();
        assert_eq!(names, ["a", "b"]);
        std::fs::remove_dir(home.path().join("b")).unwrap();
        assert_eq!(recent.list().len(), 1, "what is gone is not offered");
    }

    #[test]
    fn what_another_version_says_beyond_ours_is_passed_over() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_string_lossy();
        let ours = format!(r#"{{"path":{path:?},"name":"a","opened_at":"x","later":1}}"#);
        let list = format!(r#"[{{"link":"ssh://elsewhere"}},{ours},7]"#);
        std::fs::write(home.path().join("recent.json"), list).unwrap();
        let last = format!(r#"{{"version":2,"paths":[{path:?}],"windows":[]}}"#);
        std::fs::write(home.path().join("open.json"), last).unwrap();
        let recent = Recent::new(home.path().to_owned());
        assert_eq!(recent.list().len(), 1);
        assert_eq!(recent.open_last(), [home.path()]);
    }

    #[test]
    fn what_was_open_last_is_remembered_when_all_is_closed() {
        let home = tempfile::tempdir().unwrap();
        let recent = Recent::new(home.path().join("data"));
        assert_eq!(recent.open_last(), Vec::<PathBuf>::new());
        recent.remember_open(vec![home.path().to_owned(), home.path().join("gone")]).unwrap();
        recent.remember_open(vec![]).unwrap();
        assert_eq!(recent.open_last(), [home.path()]);
        std::fs::write(home.path().join("data/open.json"), "torn").unwrap();
        assert_eq!(recent.open_last(), Vec::<PathBuf>::new());
    }
}
