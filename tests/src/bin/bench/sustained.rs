//! How many envelopes a second go through the whole of `hear watch`, over the local bus.
//!
//! What comes faster than it is shown is folded, newest per issue, so it counts from the first envelope that is said to the
//! patch with which every issue shows the last that was said of it.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use hearsay_tests::bus::said;
use hearsay_tests::envelope::topic;
use hearsay_tests::{Caller, Watching};

use crate::hearing::{speaking, watch};
use crate::proc;
use crate::report::Report;
use crate::saying::Speaker;

/// How many issues the envelopes are about: few, and about as many as Hearsay holds words of.
const ISSUES: [usize; 2] = [50, 4_000];
/// How long the last patch may take before what has not come counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn measure(report: &mut Report, caller: &Caller, root: &Path, count: usize) -> Result<()> {
    for issues in ISSUES {
        one(report, caller, root, (count, issues))?;
    }
    Ok(())
}

/// Says `count` envelopes about so many issues in turn, as fast as the bus takes them.
fn one(report: &mut Report, caller: &Caller, root: &Path, (count, issues): (usize, usize)) -> Result<()> {
    let mut speaker = Speaker::new(root, 23)?;
    let issues = issues.min(speaker.issues());
    let (mut lines, mut last) = (Vec::with_capacity(count), HashMap::new());
    for turn in 0..count {
        let word = speaker.speak_of(turn % issues)?;
        lines.push(said(&topic(), &word.envelope) + "\n");
        last.insert(word.id, word.title);
    }
    let mut watching = watch(caller, root, "uds")?;
    let mut bus = speaking(caller)?;
    let started = Instant::now();
    for line in &lines {
        bus.write_all(line.as_bytes())?;
    }
    let taken = started.elapsed();
    let before = watching.follower.patches.len();
    let settled = settle(&mut watching, &mut last).map_or(PATIENCE, |at| at.duration_since(started));
    let what = format!("{count} envelopes about {issues} issues");
    report.put(format!("{what}, taken"), "a second", count as f64 / taken.as_secs_f64());
    report.put(format!("{what}, shown"), "a second", count as f64 / settled.as_secs_f64());
    report.put(format!("{what}, in"), "patches", (watching.follower.patches.len() - before) as f64);
    report.put(format!("{what}, lost"), "issues", last.len() as f64);
    report.put(format!("{what}, peak memory"), "MiB", proc::peak_memory(watching.running.id())?);
    Ok(())
}

/// Waits until every issue shows the last that was said of it, and takes out of `last` those that do. Answers when the
/// last of them came.
fn settle(watching: &mut Watching, last: &mut HashMap<String, String>) -> Option<Instant> {
    let (started, mut settled) = (Instant::now(), None);
    while !last.is_empty() {
        let (came, line) = watching.running.line(PATIENCE.saturating_sub(started.elapsed()))?;
        let before = (watching.follower.patches.len(), watching.follower.fulls);
        watching.follower.apply(&line);
        let follower = &watching.follower;
        let shows = |id: &str, title: &str| follower.board.card(id)["title"] == title;
        let left = last.len();
        if follower.fulls > before.1 {
            last.retain(|id, title| !shows(id, title));
        }
        for id in follower.patches.iter().skip(before.0).flatten().filter_map(|key| key.strip_prefix("card:"))
        {
            if last.get(id).is_some_and(|title| shows(id, title)) {
                last.remove(id);
            }
        }
        if last.len() < left {
            settled = Some(came);
        }
    }
    settled
}
