//! What the system says of a running process.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The most memory that the process has had resident, in MiB.
pub(crate) fn peak_memory(pid: u32) -> Result<f64> {
    mebibytes(pid, "status", "VmHWM:")
}

/// The memory that the process has resident, in MiB.
pub(crate) fn memory(pid: u32) -> Result<f64> {
    mebibytes(pid, "status", "VmRSS:")
}

/// The same with what several processes have in common shared out among them.
pub(crate) fn shared_out_memory(pid: u32) -> Result<f64> {
    mebibytes(pid, "smaps_rollup", "Pss:")
}

fn mebibytes(pid: u32, file: &str, name: &'static str) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).context("the process is there")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).context(name)?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().context("a number of kB")?;
    Ok(kib / 1024.0)
}

/// The processes that it has started, and those that they have.
pub(crate) fn below(pid: u32) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("children"))?;
        for child in text.split_whitespace().filter_map(|child| child.parse().ok()) {
            all.push(child);
            all.extend(below(child)?);
        }
    }
    Ok(all)
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
