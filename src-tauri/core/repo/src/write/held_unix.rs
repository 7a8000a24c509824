//! A directory as this system holds it: by a descriptor, which stays on it wherever its path leads meanwhile.
//!
//! Not here: what failing means (`directory`).
//!
//! Invariant: nothing that is opened is a link.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{
    AtFlags, Dir, Mode, OFlags, RawMode, fstat, fsync, mkdirat, open, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// A file is opened without following a link and without waiting for the other end of a pipe.
const FILE: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);
const PERMISSIONS: u32 = 0o777;

#[derive(Debug)]
pub(super) struct Held(OwnedFd);

impl Held {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(open(path, DIRECTORY, Mode::empty())?))
    }

    pub(super) fn down(&self, name: &str) -> io::Result<Self> {
        Ok(Self(openat(&self.0, name, DIRECTORY, Mode::empty())?))
    }

    pub(super) fn make(&self, name: &str) -> io::Result<()> {
        Ok(mkdirat(&self.0, name, Mode::from_raw_mode(0o777))?)
    }

    pub(super) fn file(&self, name: &str) -> io::Result<File> {
        Ok(openat(&self.0, name, OFlags::RDONLY | FILE, Mode::empty())?.into())
    }

    pub(super) fn lock_file(&self, name: &str) -> io::Result<File> {
        Ok(openat(&self.0, name, OFlags::RDWR | OFlags::CREATE | FILE, mode_of(0o666))?.into())
    }

    pub(super) fn create(&self, name: &str, mode: u32) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | FILE;
        Ok(openat(&self.0, name, flags, mode_of(mode))?.into())
    }

    pub(super) fn rename(&self, from: &str, directory: &Self, to: &str) -> io::Result<()> {
        Ok(renameat(&self.0, from, &directory.0, to)?)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    pub(super) fn remove_directory(&self, name: &str) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    pub(super) fn has(&self, name: &str) -> io::Result<bool> {
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            // What is not text is not ours.
            let entry = entry?;
            let name = entry.file_name().to_str().ok().filter(|name| *name != "." && *name != "..");
            names.extend(name.map(str::to_owned));
        }
        Ok(names)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        match fsync(&self.0) {
            // Some file systems have nothing to sync in a directory.
            Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            synced => Ok(synced?),
        }
    }

    pub(super) fn is_at(&self, path: &Path) -> io::Result<bool> {
        let held = fstat(&self.0)?;
        let there = std::fs::symlink_metadata(path)?;
        Ok(there.dev() == held.st_dev as u64 && there.ino() == held.st_ino as u64)
    }

    pub(super) fn is_file(&self, file: &File, name: &str) -> io::Result<bool> {
        let held = fstat(file)?;
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(there) => Ok(there.st_dev == held.st_dev && there.st_ino == held.st_ino),
            Err(Errno::NOENT) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn mode_of(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as RawMode)
}

pub(super) fn mode(metadata: &Metadata) -> u32 {
    metadata.mode() & PERMISSIONS
}

pub(super) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

pub(super) fn is_link(error: &io::Error) -> bool {
    // A socket or a pipe without another end says NXIO, and is as little what it should be.
    let codes = [Errno::LOOP, Errno::NXIO].map(Errno::raw_os_error);
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}
