//! When to end: an interrupt, a termination, or nobody left to print for.

use tokio::sync::oneshot;

/// Ends when the process is asked to.
pub(crate) async fn asked() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Ends when whoever reads our standard output has closed it. Without this, `hear watch | head -1` would live on
/// until it next had something to say.
pub(crate) fn unread() -> oneshot::Receiver<()> {
    let (closed, unread) = oneshot::channel();
    #[cfg(unix)]
    std::thread::spawn(move || {
        use rustix::event::{PollFd, PollFlags, poll};
        let stdout = std::io::stdout();
        // Asked for nothing, poll still reports a hang-up or an error, and waits for one without end.
        let mut waiting = [PollFd::new(&stdout, PollFlags::empty())];
        while poll(&mut waiting, None).is_err_and(|error| error == rustix::io::Errno::INTR) {}
        closed.send(())
    });
    #[cfg(not(unix))]
    std::mem::forget(closed);
    unread
}
