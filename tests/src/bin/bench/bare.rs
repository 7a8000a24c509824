//! The bare limits: what the machine itself needs, without a board.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hearsay_board::Issue;
use notify::event::EventKindMask;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::latency::Writer;
use crate::report::Report;

/// Two threads that read and parse every issue into its summary.
pub(crate) fn reading(report: &mut Report, root: &Path, times: usize) -> Result<()> {
    let mut all = Vec::new();
    for _ in 0..times {
        let started = Instant::now();
        let entries = fs::read_dir(root.join("project/issues"))?.flatten();
        let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        let (next, read) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut issues = Vec::new();
                    while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                        issues.extend(fs::read(path).ok().and_then(|bytes| Issue::parse(&bytes).ok()));
                    }
                    read.fetch_add(issues.len(), Ordering::Relaxed);
                });
            }
        });
        all.push(started.elapsed());
        ensure!(read.into_inner() == paths.len(), "some issue cannot be read");
    }
    report.put_median("bare: two threads read and parse", &mut all);
    Ok(())
}

/// A rename, the system's word of it, and the file read and parsed.
pub(crate) fn noticing(report: &mut Report, root: &Path, writes: usize) -> Result<()> {
    let (sender, parsed) = channel();
    let notice = move |event: notify::Result<notify::Event>| {
        for path in event.into_iter().flat_map(|event| event.paths) {
            let is_issue = path.extension().is_some_and(|extension| extension == "json");
            if is_issue && fs::read(&path).is_ok_and(|bytes| Issue::parse(&bytes).is_ok()) {
                // Whoever waits may have what it waits for.
                let _ = sender.send((path, Instant::now()));
            }
        }
    };
    // Reading must not be noticed: it would never end.
    let config = notify::Config::default().with_event_kinds(EventKindMask::CORE);
    let mut watcher = RecommendedWatcher::new(notice, config)?;
    watcher.watch(&root.join("project/issues"), RecursiveMode::NonRecursive)?;
    let mut writer = Writer::new(root, 5)?;
    let mut times = Vec::new();
    for _ in 0..writes {
        let (id, started) = writer.write(false)?;
        let came = loop {
            let (path, came) = parsed.recv_timeout(Duration::from_secs(10))?;
            if path.file_stem().is_some_and(|stem| *stem == *id) && came > started {
                break came;
            }
        };
        times.push(came.duration_since(started));
        writer.rest();
        while parsed.try_recv().is_ok() {}
    }
    report.put_spread("bare: renamed over → read and parsed", &mut times);
    Ok(())
}
