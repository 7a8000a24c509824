//! `hear watch`: the feed, one message a line.
//!
//! Invariant: a reader that does not read never keeps the process from ending when it is asked to. Lines are printed
//! by a thread of their own, which the end of the process takes with it.

use std::io::{ErrorKind, Write};

use hearsay_live::{Frame, Options, Part, Subscription, Surroundings, Workspace};
use tokio::sync::{mpsc, oneshot};

use crate::args::WatchArgs;
use crate::progress::Progress;
use crate::shutdown;

/// How many lines wait for a slow reader here; the feed itself holds more, and starts over where that is not enough.
const WAITING: usize = 4;

pub(crate) async fn run(args: WatchArgs) -> anyhow::Result<()> {
    let WatchArgs { path, read_only, overlay } = args;
    let mut asked = std::pin::pin!(shutdown::asked()?);
    let part = if read_only { Part::Listener } else { overlay.participant() };
    let options = Options {
        part,
        surroundings: Surroundings::of(std::env::vars_os()).beside(std::env::current_exe().ok().as_deref()),
        ..Options::default()
    };
    let unread = shutdown::unread();
    let progress = Progress::start();
    let opened = tokio::select! {
        opened = Workspace::open(&path, options, |done, total| progress.show(done, total)) => opened?,
        () = &mut asked => return Ok(()),
    };
    let feed = opened.subscribe().await?;
    tokio::select! {
        printed = print(feed) => printed,
        () = &mut asked => Ok(()),
        _ = unread => Ok(()),
    }
}

/// Prints the feed, until it ends or nobody reads any more.
async fn print(mut feed: Subscription) -> anyhow::Result<()> {
    let (lines, waiting) = mpsc::channel(WAITING);
    let (ended, end) = oneshot::channel();
    std::thread::Builder::new().name("hear-print".to_owned()).spawn(move || {
        // Nobody to tell means that the process ends anyway.
        let _ = ended.send(print_all(waiting));
    })?;
    while let Some(frame) = feed.next().await {
        if lines.send(frame).await.is_err() {
            break;
        }
    }
    drop(lines);
    match end.await? {
        // Whoever closes the pipe has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        ended => Ok(ended?),
    }
}

fn print_all(mut lines: mpsc::Receiver<Frame>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    while let Some(frame) = lines.blocking_recv() {
        out.write_all(frame.json.as_bytes())?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}
