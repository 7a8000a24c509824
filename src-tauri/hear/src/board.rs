//! `hear board`: the board as one line of JSON.

use std::io::{BufWriter, ErrorKind, Write};
use std::time::SystemTime;

use hearsay_live::{Reading, Surroundings, read_board};

use crate::args::BoardArgs;
use crate::progress::Progress;

pub(crate) fn run(args: &BoardArgs) -> anyhow::Result<()> {
    let progress = Progress::start();
    let show = |done, total| progress.show(done, total);
    let surroundings = Surroundings::of(std::env::vars_os());
    let reading = read_board(&args.path, SystemTime::now, &surroundings, &show)?;
    let printed = print(&reading);
    // The process ends here: taking a large board apart first would only take time.
    std::mem::forget(reading);
    match printed {
        // Whoever closes the pipe has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}

fn print(reading: &Reading) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    serde_json::to_writer(&mut out, &reading.board())?;
    out.write_all(b"\n")?;
    out.flush()
}
