//! `hear watch`: the feed, one message a line.
//!
//! Invariant: a reader that does not read never keeps the process from ending when it is asked to. Lines are printed
//! by a thread of their own, which the end of the process takes with it.

use std::io::{ErrorKind, Write};

use hearsay_live::{Options, Part, Subscription, Surroundings, TimeZone, Workspace};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::args::WatchArgs;
use crate::progress::Progress;
use crate::shutdown;

pub(crate) async fn run(args: WatchArgs) -> anyhow::Result<()> {
    let WatchArgs { path, read_only, overlay } = args;
    let mut asked = std::pin::pin!(shutdown::asked()?);
    let surroundings = Surroundings::of(std::env::vars_os()).beside(std::env::current_exe().ok().as_deref());
    let part = match surroundings.participant(overlay.keeping()) {
        Part::Participant(_) if read_only => Part::Listener,
        part => part,
    };
    let options = Options { part, surroundings, zone: TimeZone::system, ..Options::default() };
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
async fn print(feed: Subscription) -> anyhow::Result<()> {
    let (ended, end) = oneshot::channel();
    let runtime = Handle::current();
    std::thread::Builder::new().name("hear-print".to_owned()).spawn(move || {
        // Nobody to tell means that the process ends anyway.
        let _ = ended.send(print_all(feed, &runtime));
    })?;
    match end.await? {
        // Whoever closes the pipe has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        ended => Ok(ended?),
    }
}

/// Takes the frames in the thread that prints them: passing them on would cost each a wake-up.
fn print_all(mut feed: Subscription, runtime: &Handle) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    while let Some(frame) = runtime.block_on(feed.next()) {
        out.write_all(frame.json.as_bytes())?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}
