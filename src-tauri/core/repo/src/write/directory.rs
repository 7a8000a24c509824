//! A directory that is held, so that nobody's link leads what is read, written or removed there elsewhere.
//!
//! Not here: which directories there are (`ground`), and in what order something is done to them (`stage`).
//!
//! Invariants:
//! - Every directory on the way from the project's own is opened for what it is: a link on the way is an error.
//! - What is created is whole on the disk, or is not answered for, and can be read back; nothing that stands there already is opened.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::faults::{note, step};
#[cfg(not(unix))]
use super::held_elsewhere as sys;
#[cfg(unix)]
use super::held_unix as sys;
use crate::error::WriteError;
use crate::file::LARGEST;

/// A directory, and the path that it had when it was opened.
#[derive(Debug)]
pub(super) struct Directory {
    held: sys::Held,
    path: PathBuf,
}

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// Its permission bits.
    pub(super) mode: u32,
}

/// The mode of a new file, less the umask.
pub(super) const NEW: u32 = 0o644;

impl Directory {
    /// The one at `path`, which is no link; `None` where there is nothing.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, WriteError> {
        let held = sys::Held::open(path);
        Self::opened(held, path.to_owned())
    }

    /// The one at `way` below this one. Where it is to be made, so are those on the way.
    pub(super) fn below(self, way: &Path, make: bool) -> Result<Option<Self>, WriteError> {
        let mut directory = self;
        for part in way.components() {
            let name = match part {
                Component::Normal(name) => name.to_str(),
                _ => None,
            };
            let path = || directory.path.join(way);
            let Some(next) =
                directory.down(name.ok_or_else(|| WriteError::NotADirectory { path: path() })?, make)?
            else {
                return Ok(None);
            };
            directory = next;
        }
        Ok(Some(directory))
    }

    /// The one called `name` in this one.
    pub(super) fn down(&self, name: &str, make: bool) -> Result<Option<Self>, WriteError> {
        let path = self.path.join(name);
        let mut opened = Self::opened(self.held.down(name), path.clone())?;
        if make && opened.is_none() {
            match step().and_then(|()| self.held.make(name)) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(WriteError::at(path, error));
                }
                _ => {}
            }
            // What is made in it is on the disk no sooner than it is.
            self.sync()?;
            opened = Self::opened(self.held.down(name), path.clone())?;
            if opened.is_none() {
                return Err(WriteError::Gone { path });
            }
        }
        Ok(opened)
    }

    fn opened(held: io::Result<sys::Held>, path: PathBuf) -> Result<Option<Self>, WriteError> {
        match held {
            Ok(held) => Ok(Some(Self { held, path })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if sys::is_link(&error) => Err(WriteError::NotADirectory { path }),
            Err(error) => Err(WriteError::at(path, error)),
        }
    }

    /// The path of what is called `name` in it.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether its path still leads to it: neither removed nor moved.
    pub(super) fn is_in_its_place(&self) -> Result<(), WriteError> {
        match self.held.is_at(&self.path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(WriteError::Gone { path: self.path.clone() }),
            Err(error) => Err(WriteError::at(self.path.clone(), error)),
        }
    }

    /// What the file `name` holds; `None` where there is nothing.
    pub(super) fn read(&self, name: &str) -> Result<Option<Content>, WriteError> {
        let path = || self.path_of(name);
        let mut file = match self.held.file(name) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if sys::is_link(&error) || error.kind() == ErrorKind::IsADirectory => {
                return Err(WriteError::NotAFile { path: path() });
            }
            Err(source) => return Err(WriteError::Unreadable { path: path(), source }),
        };
        let unreadable = |source| WriteError::Unreadable { path: path(), source };
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(WriteError::NotAFile { path: path() });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(LARGEST)).unwrap_or_default());
        (&mut file).take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(unreadable(io::Error::from(ErrorKind::FileTooLarge)));
        }
        Ok(Some(Content { bytes, mode: sys::mode(&metadata) }))
    }

    /// Makes the file `name` of `bytes`, whole and on the disk. `mode` is that of the file whose place it is to take.
    pub(super) fn create(&self, name: &str, bytes: &[u8], mode: Option<u32>) -> Result<(), WriteError> {
        if bytes.len() as u64 > LARGEST {
            return Err(WriteError::TooLarge { path: self.path_of(name) });
        }
        self.fill(name, bytes, mode).map_err(|error| WriteError::at(self.path_of(name), error))?;
        note("create", Path::new(name));
        Ok(())
    }

    fn fill(&self, name: &str, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
        step()?;
        // Nobody but the file's owner may read it before it has the mode of the one it replaces.
        let mut file = self.held.create(name, mode.map_or(NEW, |_| 0o600))?;
        let (first, rest) = bytes.split_at(bytes.len() / 2);
        file.write_all(first)?;
        step()?;
        file.write_all(rest)?;
        if let Some(mode) = mode {
            sys::set_mode(&file, mode)?;
        }
        file.sync_all()
    }

    /// Gives what is called `from` the name `to` in `directory`, over a file that has it.
    pub(super) fn rename(&self, from: &str, directory: &Self, to: &str) -> Result<(), WriteError> {
        let renamed = step().and_then(|()| self.held.rename(from, &directory.held, to));
        // Of two names, the one is said that a person knows.
        let known = || if to.starts_with('.') { self.path_of(from) } else { directory.path_of(to) };
        renamed.map_err(|error| WriteError::at(known(), error))?;
        note("rename to", Path::new(to));
        Ok(())
    }

    /// Removes the file `name`; that it is not there is as good.
    pub(super) fn remove(&self, name: &str) -> Result<(), WriteError> {
        absent_is_fine(step().and_then(|()| self.held.remove(name)))
            .map_err(|error| WriteError::at(self.path_of(name), error))
    }

    /// Removes the empty directory `name`; that it is not there is as good.
    pub(super) fn remove_directory(&self, name: &str) -> Result<(), WriteError> {
        absent_is_fine(step().and_then(|()| self.held.remove_directory(name)))
            .map_err(|error| WriteError::at(self.path_of(name), error))
    }

    /// Whether something is called `name`, whatever it is.
    pub(super) fn has(&self, name: &str) -> Result<bool, WriteError> {
        self.held.has(name).map_err(|error| WriteError::at(self.path_of(name), error))
    }

    /// The names in it.
    pub(super) fn names(&self) -> Result<Vec<String>, WriteError> {
        self.held.names().map_err(|source| WriteError::Unreadable { path: self.path.clone(), source })
    }

    /// Has the names in it on the disk.
    pub(super) fn sync(&self) -> Result<(), WriteError> {
        step().and_then(|()| self.held.sync()).map_err(|error| WriteError::at(self.path.clone(), error))?;
        note("sync", &self.path);
        Ok(())
    }

    /// The file `name` to be locked, made where there is none.
    pub(super) fn lock_file(&self, name: &str) -> Result<File, WriteError> {
        let path = || self.path_of(name);
        let file =
            step().and_then(|()| self.held.lock_file(name)).map_err(|error| match sys::is_link(&error) {
                true => WriteError::NotAFile { path: path() },
                false => WriteError::at(path(), error),
            })?;
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(file),
            Ok(_) => Err(WriteError::NotAFile { path: path() }),
            Err(error) => Err(WriteError::at(path(), error)),
        }
    }

    /// Whether `file` is what is called `name` there now.
    pub(super) fn is_file(&self, file: &File, name: &str) -> Result<bool, WriteError> {
        self.held.is_file(file, name).map_err(|error| WriteError::at(self.path_of(name), error))
    }
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
