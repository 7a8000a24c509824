//! Repositories that were open before, kept in the app's data directory.
//!
//! Invariant: a list that cannot be read is an empty one, and is replaced by the next repository that is opened.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use hearsay_live::wire::RepositoryInfo;
use serde::{Deserialize, Serialize};

/// How many are kept.
const MOST: usize = 20;

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
        let Some(directory) = self.file.parent() else { return Ok(()) };
        std::fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(&serde_json::to_vec_pretty(&list)?)?;
        file.as_file().sync_all()?;
        file.persist(&self.file)?;
        Ok(())
    }

    fn read(&self) -> Vec<RecentRepository> {
        let text = std::fs::read(&self.file);
        text.ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }
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
}
