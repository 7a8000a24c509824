//! `hear watch`: the feed, one message a line.

use std::io::{ErrorKind, Write};

use hearsay_live::{Frame, Options, Workspace};

use crate::args::WatchArgs;
use crate::progress::Progress;
use crate::shutdown;

pub(crate) async fn run(args: WatchArgs) -> anyhow::Result<()> {
    let WatchArgs { path, read_only } = args;
    tracing::debug!(read_only, "only files are watched so far: nothing is hosted or written either way");
    let mut unread = shutdown::unread();
    let mut asked = std::pin::pin!(shutdown::asked());
    let progress = Progress::start();
    let opened = tokio::select! {
        opened = Workspace::open(&path, Options::default(), |done, total| progress.show(done, total)) => opened?,
        asked = &mut asked => return Ok(asked?),
    };
    let mut feed = opened.subscribe().await?;
    loop {
        tokio::select! {
            frame = feed.next() => match frame {
                Some(frame) => if !print(&frame)? { return Ok(()) },
                None => return Ok(()),
            },
            asked = &mut asked => return Ok(asked?),
            _ = &mut unread => return Ok(()),
        }
    }
}

/// Prints a frame. Answers whether anybody still reads.
fn print(frame: &Frame) -> std::io::Result<bool> {
    let mut out = std::io::stdout().lock();
    let printed =
        out.write_all(frame.json.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    match printed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}
