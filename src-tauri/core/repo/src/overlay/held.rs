//! A directory of the overlay, held so that nobody's link leads what is written or removed there elsewhere.
//!
//! Not here: which directories there are (`shelf`).
//!
//! Invariants:
//! - Every directory on the way from the project's own is opened for what it is: a link on the way is an error.
//! - A file appears whole or not at all, and nothing that stands there already is opened.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Component, Path};
use std::time::SystemTime;

use crate::file::Stamp;
use crate::layout::Home;

/// How many names are tried for a file that is not whole yet.
const NAMES: u32 = 16;

/// A directory.
#[derive(Debug)]
pub(super) struct Held(sys::Directory);

impl Held {
    /// The one at `directory`, which lies below that of `home`. Where it is to be made, so are those on the way.
    pub(super) fn open(home: &Home, directory: &Path, make: bool) -> io::Result<Self> {
        let elsewhere = || io::Error::other("the way leads elsewhere");
        let way = directory.strip_prefix(&home.dir).ok().ok_or_else(elsewhere)?;
        let mut held = sys::Directory::open(&home.dir)?;
        for part in way.components() {
            let Component::Normal(name) = part else { return Err(elsewhere()) };
            held = held.down(Path::new(name), make)?;
        }
        Ok(Self(held))
    }

    /// Puts `bytes` there as `name`, as of `modified`. Answers the stamp of what was put there, whatever stands there now.
    pub(super) fn replace(&self, name: &str, bytes: &[u8], modified: SystemTime) -> io::Result<Stamp> {
        let (passing, mut file) = self.new_file(name)?;
        let filled = file.write_all(bytes).and_then(|()| {
            // The time of the file is when it was heard, whenever it is written.
            file.set_modified(modified)?;
            Ok(Stamp::of(&file.metadata()?))
        });
        let written = filled.and_then(|stamp| self.0.rename(&passing, name).map(|()| stamp));
        if written.is_err() {
            // What could not be put in its place is nobody's.
            let _ = self.0.remove(&passing);
        }
        written
    }

    /// A file that nobody else has, and its name.
    fn new_file(&self, name: &str) -> io::Result<(String, File)> {
        let stem = name.strip_suffix(".json").unwrap_or(name);
        let mut taken = None;
        for number in 0..NAMES {
            let passing = format!(".{stem}.{}.{number}.tmp", std::process::id());
            match self.0.create(&passing) {
                Ok(file) => return Ok((passing, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(taken.unwrap_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists)))
    }

    /// Removes what is called `name` there, which must not be a directory.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }
}

#[cfg(unix)]
mod sys {
    use std::fs::File;
    use std::io;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, open, openat, renameat, unlinkat};
    use rustix::io::Errno;

    const DIRECTORY: OFlags =
        OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
    const NEW: OFlags = OFlags::WRONLY
        .union(OFlags::CREATE)
        .union(OFlags::EXCL)
        .union(OFlags::NOFOLLOW)
        .union(OFlags::CLOEXEC);

    #[derive(Debug)]
    pub(super) struct Directory(OwnedFd);

    impl Directory {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(open(path, DIRECTORY, Mode::empty())?))
        }

        pub(super) fn down(&self, name: &Path, make: bool) -> io::Result<Self> {
            if make {
                match mkdirat(&self.0, name, Mode::from_raw_mode(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(Self(openat(&self.0, name, DIRECTORY, Mode::empty())?))
        }

        pub(super) fn create(&self, name: &str) -> io::Result<File> {
            Ok(openat(&self.0, name, NEW, Mode::from_raw_mode(0o666))?.into())
        }

        pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            Ok(renameat(&self.0, from, &self.0, to)?)
        }

        pub(super) fn remove(&self, name: &str) -> io::Result<()> {
            Ok(unlinkat(&self.0, name, AtFlags::empty())?)
        }
    }
}

/// Where directories cannot be held, each is looked at before it is gone through.
#[cfg(not(unix))]
mod sys {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::path::{Path, PathBuf};

    #[derive(Debug)]
    pub(super) struct Directory(PathBuf);

    impl Directory {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            if !std::fs::symlink_metadata(path)?.is_dir() {
                return Err(io::Error::other("a link on the way leads elsewhere"));
            }
            Ok(Self(path.to_owned()))
        }

        pub(super) fn down(&self, name: &Path, make: bool) -> io::Result<Self> {
            let path = self.0.join(name);
            match if make { std::fs::create_dir(&path) } else { Ok(()) } {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => Self::open(&path),
            }
        }

        pub(super) fn create(&self, name: &str) -> io::Result<File> {
            OpenOptions::new().write(true).create_new(true).open(self.0.join(name))
        }

        pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            std::fs::rename(self.0.join(from), self.0.join(to))
        }

        pub(super) fn remove(&self, name: &str) -> io::Result<()> {
            std::fs::remove_file(self.0.join(name))
        }
    }
}
