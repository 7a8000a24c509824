//! The socket's place on disk: whose directory it is, what stands there, and the locks beside it.
//!
//! Not here: what is spoken over the socket.
//!
//! Invariants:
//! - Nothing is made, locked or unlinked in a directory that is not ours alone.
//! - What is not a socket of ours is never touched.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tokio::net::UnixStream;

/// Why the local bus cannot be hosted at a place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    /// The path has no directory.
    #[error("{0} is no path for a socket")]
    NoDirectory(PathBuf),
    /// The directory is somebody else's, or open to others.
    #[error("{0} is not a directory that belongs to this user alone (mode 0700), so no bus is hosted there")]
    NotOurs(PathBuf),
    /// Something stands there that is not a socket of ours.
    #[error("{0} is not a socket of this user; it is left as it is, and no bus is hosted there")]
    NotASocket(PathBuf),
    /// The system failed.
    #[error("{path}: {source}")]
    Io {
        /// With what.
        path: PathBuf,
        /// How.
        source: io::Error,
    },
}

impl Unfit {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_path_buf(), source }
    }
}

/// What tells one file at a path from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
    /// File systems give an inode number to the next file at once.
    changed: (i64, i64),
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Self { device: metadata.dev(), inode: metadata.ino(), changed }
    }

    /// What a client reaches at `path`, links followed; `None` where nothing is there.
    pub(super) fn reached(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().map(|metadata| Self::of(&metadata))
    }

    /// What stands at `path` itself; `None` where nothing does.
    pub(super) fn at(path: &Path) -> Option<Self> {
        std::fs::symlink_metadata(path).ok().map(|metadata| Self::of(&metadata))
    }
}

/// Makes the directory of `socket` where there is none, and answers it if it is ours alone.
pub(super) fn directory(socket: &Path) -> Result<PathBuf, Unfit> {
    let parent = socket.parent().filter(|parent| parent.is_absolute());
    let parent = parent.ok_or_else(|| Unfit::NoDirectory(socket.to_path_buf()))?;
    DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(Unfit::io(parent))?;
    let metadata = std::fs::metadata(parent).map_err(Unfit::io(parent))?;
    let ours = metadata.is_dir() && is_ours(&metadata) && metadata.mode() & 0o077 == 0;
    if ours { Ok(parent.to_path_buf()) } else { Err(Unfit::NotOurs(parent.to_path_buf())) }
}

/// Whether `directory` is ours, and nobody else may write to it. Nothing is made.
pub(super) fn is_sheltered(directory: &Path) -> io::Result<bool> {
    let metadata = std::fs::metadata(directory)?;
    if !metadata.is_dir() || !is_ours(&metadata) {
        return Ok(false);
    }
    // Within a directory that is ours alone, the permissions of others lead nowhere.
    let is_within_ours_alone = || {
        let above = std::fs::canonicalize(directory).ok()?.parent()?.metadata().ok()?;
        Some(is_ours(&above) && above.mode() & 0o077 == 0)
    };
    Ok(metadata.mode() & 0o022 == 0 || is_within_ours_alone().unwrap_or(false))
}

pub(super) fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}

/// What stands where the socket is to be.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A socket of ours that nobody listens to.
    Stale,
    /// A socket that somebody listens to; a connection to it, unless they are too busy for one.
    Live(Option<UnixStream>),
}

/// Looks what stands at `socket`.
pub(super) async fn look(socket: &Path) -> Result<Found, Unfit> {
    let metadata = match std::fs::symlink_metadata(socket) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(Unfit::io(socket)(error)),
    };
    if !metadata.file_type().is_socket() || !is_ours(&metadata) {
        return Err(Unfit::NotASocket(socket.to_path_buf()));
    }
    match UnixStream::connect(socket).await {
        Ok(stream) => Ok(Found::Live(Some(stream))),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(Found::Stale),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Found::Live(None)),
        Err(error) => Err(Unfit::io(socket)(error)),
    }
}

/// Takes away the stale socket at `socket`, whose directory is ours.
pub(super) fn unlink(socket: &Path) -> Result<(), Unfit> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Unfit::io(socket)(error)),
        _ => Ok(()),
    }
}

/// An exclusive lock that ends with the process at the latest.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    file: File,
    /// Whether its file goes with it.
    is_passing: bool,
}

impl Lock {
    /// Takes the lock `<socket><suffix>`, if nobody holds it.
    pub(crate) fn try_take(socket: &Path, suffix: &str) -> Result<Option<Self>, Unfit> {
        let directory = directory(socket)?;
        let mut name = socket.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        let path = directory.join(name);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
            .open(&path)
            .map_err(Unfit::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(Unfit::io(&path)(error)),
        }
        let lock = Self { path, file, is_passing: false };
        // Somebody may have put another file there between opening and locking.
        Ok(lock.holds().then_some(lock))
    }

    /// The same lock, whose file goes with it. Whoever has opened that file meanwhile finds that it is not the lock that
    /// others would ask for.
    pub(crate) fn passing(mut self) -> Self {
        self.is_passing = true;
        self
    }

    /// Whether it still is the lock that others would ask for.
    pub(crate) fn holds(&self) -> bool {
        let here = self.file.metadata().map(|metadata| (metadata.dev(), metadata.ino()));
        let there = std::fs::symlink_metadata(&self.path).map(|metadata| (metadata.dev(), metadata.ino()));
        matches!((here, there), (Ok(here), Ok(there)) if here == there)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Nobody but the one who holds it takes its file away.
        if self.is_passing
            && self.holds()
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::debug!(%error, "the file of a lock stays behind");
        }
    }
}
