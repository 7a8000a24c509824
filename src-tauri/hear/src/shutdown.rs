//! When to end: an interrupt, a termination, or nobody left to print for.

use tokio::sync::oneshot;

/// Ends when the process is asked to. From the call on a signal does not end it otherwise.
pub(crate) fn asked() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "an interrupt would not be noticed");
            std::future::pending().await
        }
    })
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
