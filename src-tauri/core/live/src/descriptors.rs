//! How many files this process may have open at once.
//!
//! Not here: who opens them. A board of many issues takes a lock for each that a command is about, and the usual limit,
//! 256 on macOS and 1,024 on Linux, is a shell's and no server's.

/// As many as we ask for; macOS has no more than that for one process.
#[cfg(unix)]
const ENOUGH: u64 = 10_240;

/// Asks the system for more open files than the usual, as far as that is allowed. To be called once, at the start.
#[cfg(unix)]
pub fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = ENOUGH.min(maximum.unwrap_or(ENOUGH));
    if current.is_some_and(|current| current < wanted)
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        tracing::warn!(%error, "no more files than usual may be open");
    }
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub fn allow_many_files() {}
