//! Locks on files of the person's own, waited for a while and no longer: whoever holds one may have been stopped.
//!
//! Not here: Kanbus's locks (`hearsay_repo::write`).

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How soon it is tried again.
const AGAIN: Duration = Duration::from_millis(10);

/// Takes the lock on the file at `path`, which is made where it is not there; `None` where somebody else has it for as long
/// as `patience`. It is held as long as the file lives.
///
/// # Errors
/// Where the file cannot be opened or locked.
pub(crate) fn lock(path: &Path, patience: Duration) -> io::Result<Option<File>> {
    let file = private().append(true).open(path)?;
    let until = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Ok(None),
            Err(TryLockError::WouldBlock) => std::thread::sleep(AGAIN),
        }
    }
}

/// To make a file that nobody else can read.
pub(crate) fn private() -> OpenOptions {
    let mut options = File::options();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the directory at `path`, and those it lies in, for nobody else to look into.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
