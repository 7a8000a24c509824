//! What the system says of a running process.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The most memory that the process has had resident, in MiB.
pub(crate) fn peak_memory(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process is there")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().context("a number of kB")?;
    Ok(kib / 1024.0)
}

/// The processor time that the process has had: user and system, in ticks of the system.
pub(crate) fn processor_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is there")?;
    // The name in parentheses may hold anything; what follows it is numbers.
    let (_, rest) = stat.rsplit_once(") ").context("a name in parentheses")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).context("ticks");
    let ticks = ticks(11)? + ticks(12)?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// The same by the scheduler's own count, which is finer; of the threads that live.
pub(crate) fn scheduled_time(pid: u32) -> Result<Duration> {
    let mut nanos = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += text.split(' ').next().and_then(|first| first.parse::<u64>().ok()).context("nanoseconds")?;
    }
    Ok(Duration::from_nanos(nanos))
}
