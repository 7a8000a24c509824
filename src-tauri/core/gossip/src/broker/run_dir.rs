//! The directory in which brokers of this user announce themselves, and the lock of those who start one.
//!
//! Not here: what is announced (`announcement`).
//!
//! Invariants:
//! - A directory that others may write to is not used, and not changed either.
//! - Nothing in it is waited for but the lock.

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
    #[error("{} is not a directory that this user alone may write to; `chmod 700` makes yours one", .0.display())]
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

/// Makes `path` where there is nothing, and sees to it that it is a directory of ours that nobody else may write to. What
/// is there is left as it is: it may be a link to something that others are to see.
pub(super) fn secure(path: &Path) -> Result<(), RunDirError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(RunDirError::io(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(path).map_err(RunDirError::io(path))?;
        if metadata.uid() != rustix::process::geteuid().as_raw() || metadata.mode() & 0o022 != 0 {
            return Err(RunDirError::NotOurs(path.to_owned()));
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
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // A pipe would be waited for, and a link may lead anywhere.
            let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
            options.mode(0o600).custom_flags(flags.bits().cast_signed());
        }
        let file = options.open(&path).map_err(RunDirError::io(&path))?;
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_directory_that_others_may_write_to_is_said_to_be_one_and_none_is_changed() {
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::create_dir(&real).unwrap();
        symlink(&real, &link).unwrap();
        for (mode, is_used) in [(0o777, false), (0o1777, false), (0o770, false), (0o755, true), (0o700, true)]
        {
            fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
            for path in [&real, &link] {
                let taken = Lock::try_take(path);
                assert_eq!(matches!(taken, Ok(Some(_))), is_used, "{mode:o}: {taken:?}");
                assert!(is_used || matches!(taken, Err(RunDirError::NotOurs(_))), "{taken:?}");
            }
            assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o7777, mode);
        }
    }

    #[test]
    fn a_lock_that_is_a_pipe_or_a_link_is_an_error_and_holds_nobody_up() {
        let directory = tempfile::tempdir().unwrap();
        let (run_dir, elsewhere) = (directory.path().join("run"), directory.path().join("elsewhere"));
        secure(&run_dir).unwrap();
        let lock = run_dir.join(Lock::NAME);
        let made = std::process::Command::new("mkfifo").arg(&lock).status().unwrap();
        assert!(made.success());
        assert!(matches!(Lock::try_take(&run_dir), Err(RunDirError::Io { .. })));
        fs::remove_file(&lock).unwrap();
        symlink(&elsewhere, &lock).unwrap();
        assert!(matches!(Lock::try_take(&run_dir), Err(RunDirError::Io { .. })));
        assert!(!elsewhere.exists(), "nothing is made where it leads");
    }
}
