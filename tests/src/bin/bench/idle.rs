//! What it costs to have a repository open while nothing happens.

use std::time::{Duration, Instant};

use anyhow::Result;
use hearsay_tests::Watching;

use crate::proc;
use crate::report::Report;

pub(crate) fn measure(report: &mut Report, watching: &Watching, seconds: u64) -> Result<()> {
    if seconds == 0 {
        return Ok(());
    }
    let pid = watching.running.id();
    let before = (proc::processor_time(pid)?, proc::scheduled_time(pid)?);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut messages = 0;
    // The subscriber reads what comes, as one would: heartbeats.
    while let left @ 1.. = until.saturating_duration_since(Instant::now()).as_nanos() {
        messages += usize::from(watching.running.line(Duration::from_nanos(u64::try_from(left)?)).is_some());
    }
    let ticks = proc::processor_time(pid)?.saturating_sub(before.0);
    let scheduled = proc::scheduled_time(pid)?.saturating_sub(before.1);
    let share = |time: Duration| time.as_secs_f64() / seconds as f64 * 100.0;
    report.put(format!("idle {seconds} s, user and system time"), "% of a core", share(ticks));
    report.put(format!("idle {seconds} s, by the scheduler's count"), "% of a core", share(scheduled));
    report.put(format!("idle {seconds} s, messages"), "messages", messages as f64);
    Ok(())
}
