//! The directory in which brokers of this user announce themselves, and the lock of those who start one.
//!
//! Not here: what is announced (`announcement`).
//!
//! Invariant: it is ours alone. A directory that others may write to is not used.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunDirError {
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Others may write there.
    #[error("{} can be written to by others; `chmod 700` makes it yours", .0.display())]
    NotOurs(PathBuf),
    /// Somebody else holds the lock and does not let go.
    #[error("{} is held by somebody who does not let go", .0.display())]
    Locked(PathBuf),
}

impl RunDirError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Io { path: path.to_owned(), source }
    }
}

/// Makes sure that `path` is a directory of ours alone.
pub(super) fn secure(path: &Path) -> Result<(), RunDirError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(RunDirError::io(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let metadata = fs::metadata(path).map_err(RunDirError::io(path))?;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(RunDirError::NotOurs(path.to_owned()));
        }
        // Kanbus makes it 0700, but an older umask may have left it open.
        if metadata.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(RunDirError::io(path))?;
        }
    }
    Ok(())
}

/// Replaces the file `name` in `directory` as a whole.
pub(super) fn write(directory: &Path, name: &str, text: &str) -> Result<(), RunDirError> {
    secure(directory)?;
    let path = directory.join(name);
    let written = (|| {
        let mut file = tempfile::Builder::new().prefix(name).tempfile_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.persist(&path)?;
        Ok(())
    })();
    written.map_err(RunDirError::io(&path))
}

/// The lock of those who start a broker or take its announcement away. Let go when dropped.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing it is what lets go")] File);

impl Lock {
    const NAME: &str = "broker.lock";

    /// Takes the lock if nobody has it.
    pub(super) fn try_take(directory: &Path) -> Result<Option<Self>, RunDirError> {
        secure(directory)?;
        let path = directory.join(Self::NAME);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(RunDirError::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(source)) => Err(RunDirError::Io { path, source }),
        }
    }

    /// Waits for the lock, at most for `patience`.
    pub(super) async fn take(directory: &Path, patience: Duration) -> Result<Self, RunDirError> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(lock) = Self::try_take(directory)? {
                return Ok(lock);
            }
            if Instant::now() >= deadline {
                return Err(RunDirError::Locked(directory.join(Self::NAME)));
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}
