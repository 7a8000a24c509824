//! From nothing to the full board: as a process, and inside of one.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hearsay_live::{Options, Workspace};
use hearsay_tests::Caller;

use crate::proc;
use crate::report::Report;

pub(crate) fn measure(report: &mut Report, caller: &Caller, root: &Path, times: usize) -> Result<()> {
    let mut whole = Vec::new();
    for _ in 0..times {
        let started = Instant::now();
        let bytes = run(caller, root, |_| Ok(()))?;
        whole.push(started.elapsed());
        ensure!(bytes > 0, "hear board printed nothing");
    }
    report.put_median("hear board, process start to exit", &mut whole);

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut inside = Vec::new();
    for _ in 0..times {
        inside.push(runtime.block_on(open(root))?);
    }
    report.put_median("open to full board, in process", &mut inside);

    let mut peak = 0.0;
    run(caller, root, |pid| {
        peak = proc::peak_memory(pid)?;
        Ok(())
    })?;
    report.put("peak memory of hear board", "MiB", peak);
    Ok(())
}

/// Runs `hear board` and reads what it prints. `midway` is called when the first of it is there and the rest cannot be
/// written yet: the board stands whole in memory then.
fn run(caller: &Caller, root: &Path, midway: impl FnOnce(u32) -> Result<()>) -> Result<usize> {
    let mut child = caller.command().arg("board").arg(root).stdout(Stdio::piped()).spawn()?;
    let mut stdout = child.stdout.take().context("a pipe")?;
    let mut bytes = vec![0; 1 << 16];
    let mut count = stdout.read(&mut bytes[..1])?;
    midway(child.id())?;
    loop {
        match stdout.read(&mut bytes)? {
            0 => break,
            more => count += more,
        }
    }
    ensure!(child.wait()?.success(), "hear board failed");
    Ok(count)
}

async fn open(root: &Path) -> Result<Duration> {
    let started = Instant::now();
    let workspace = Workspace::open(root, Options::default(), |_, _| ()).await?;
    let mut subscription = workspace.subscribe().await?;
    loop {
        let frame = subscription.next().await.context("the feed goes on")?;
        if frame.kind == "board_full" {
            return Ok(started.elapsed());
        }
    }
}
