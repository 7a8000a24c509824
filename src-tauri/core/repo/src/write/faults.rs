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

#[cfg(test)]
pub(super) use killed::{alive, interrupt_at, kill_after, step, was_interrupted};

#[cfg(test)]
mod killed {
    use std::cell::{Cell, RefCell};
    use std::io;

    /// After how many more things, and what.
    type Interruption = (usize, Box<dyn FnOnce()>);

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
        static INTERRUPT: RefCell<Option<Interruption>> = const { RefCell::new(None) };
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
