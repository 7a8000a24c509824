//! A directory where the system holds none: by its path, and each is looked at before it is gone through.
//!
//! Not here: what failing means (`directory`).
//!
//! Invariant: nothing that is opened is a link, as far as a look before can tell.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Held(PathBuf);

impl Held {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if !std::fs::symlink_metadata(path)?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        Ok(Self(path.to_owned()))
    }

    pub(super) fn down(&self, name: &str) -> io::Result<Self> {
        Self::open(&self.0.join(name))
    }

    pub(super) fn make(&self, name: &str) -> io::Result<()> {
        std::fs::create_dir(self.0.join(name))
    }

    fn own(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        match std::fs::symlink_metadata(&path) {
            Ok(metadata) if !metadata.is_file() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            _ => Ok(path),
        }
    }

    pub(super) fn file(&self, name: &str) -> io::Result<File> {
        File::open(self.own(name)?)
    }

    pub(super) fn lock_file(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(self.own(name)?)
    }

    pub(super) fn create(&self, name: &str, _mode: u32) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(self.0.join(name))
    }

    pub(super) fn rename(&self, from: &str, directory: &Self, to: &str) -> io::Result<()> {
        std::fs::rename(self.0.join(from), directory.0.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.0.join(name))
    }

    pub(super) fn remove_directory(&self, name: &str) -> io::Result<()> {
        std::fs::remove_dir(self.0.join(name))
    }

    pub(super) fn has(&self, name: &str) -> io::Result<bool> {
        match std::fs::symlink_metadata(self.0.join(name)) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.0)? {
            names.extend(entry?.file_name().to_str().map(str::to_owned));
        }
        Ok(names)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn is_at(&self, path: &Path) -> io::Result<bool> {
        Ok(std::fs::symlink_metadata(path)?.is_dir())
    }

    pub(super) fn is_file(&self, _file: &File, name: &str) -> io::Result<bool> {
        self.has(name)
    }
}

pub(super) fn mode(_metadata: &Metadata) -> u32 {
    0
}

pub(super) fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

pub(super) fn is_link(_error: &io::Error) -> bool {
    false
}
