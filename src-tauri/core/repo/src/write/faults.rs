//! Where a process may be killed in the middle of a write: before each thing that it does to the disk.
//!
//! Outside of tests there is nothing to it. Not here: what a write does (`stage`), and what comes after (`repair`).

#[cfg(not(test))]
use std::io;

/// Comes before each thing that is done to the disk. Where a test has had the process killed, it fails, and so does all
/// that comes after: nothing is cleaned up.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
pub(super) fn step() -> io::Result<()> {
    Ok(())
}

/// Notes what is done to the disk, for tests that ask in which order it was.
#[cfg(not(test))]
pub(super) fn note(_what: &str, _path: &std::path::Path) {}

#[cfg(test)]
pub(super) use killed::{alive, interrupt_at, kill_after, note, noted, step, was_interrupted};

#[cfg(test)]
mod killed {
    use std::cell::{Cell, RefCell};
    use std::io;
    use std::path::Path;

    /// After how many more things, and what.
    type Interruption = (usize, Box<dyn FnOnce()>);

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
        static INTERRUPT: RefCell<Option<Interruption>> = const { RefCell::new(None) };
        static NOTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub(in super::super) fn note(what: &str, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        NOTED.with_borrow_mut(|noted| noted.push(format!("{what} {name}")));
    }

    /// What was done to the disk since that was asked for last.
    pub(in super::super) fn noted() -> Vec<String> {
        NOTED.take()
    }

    /// Has somebody else do something once `steps` more things are done.
    pub(in super::super) fn interrupt_at(steps: usize, what: impl FnOnce() + 'static) {
        INTERRUPT.set(Some((steps, Box::new(what))));
    }

    /// Calls that off. Answers whether it has been done.
    pub(in super::super) fn was_interrupted() -> bool {
        INTERRUPT.take().is_none()
    }

    /// As if this thread's process were killed once `steps` more things are done.
    pub(in super::super) fn kill_after(steps: usize) {
        LEFT.set(Some(steps));
    }

    /// Begins a new process. Answers whether the old one was still alive.
    pub(in super::super) fn alive() -> bool {
        LEFT.take().is_none_or(|left| left > 0)
    }

    pub(in super::super) fn step() -> io::Result<()> {
        match INTERRUPT.take() {
            Some((0, what)) => what(),
            Some((left, what)) => INTERRUPT.set(Some((left - 1, what))),
            None => {}
        }
        match LEFT.get() {
            Some(0) => Err(io::Error::other("killed")),
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}
