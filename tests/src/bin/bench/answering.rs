//! From a command to its acknowledgement, through the API of `hear serve`, beside the bare file operations that it takes.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hearsay_tests::{Caller, Machine};
use serde_json::json;

use crate::report::Report;

/// How many issues are written, again and again: their locks are there, as they are after the first day.
const ISSUES: usize = 50;

pub(crate) fn measure(report: &mut Report, machine: &Machine, root: &Path, writes: usize) -> Result<()> {
    let server = Caller::new(machine.clone()).serve(root);
    let door = server.door();
    let ids = ids(root)?;
    let answer = |id: &str, title: &str| -> Result<Duration> {
        let command = json!({"type": "set_fields", "id": id, "set": {"title": title}});
        let started = Instant::now();
        let answer = door.tell("POST", "/api/commands", &command);
        ensure!(answer.status == 200, "{id}: {}", answer.body);
        Ok(started.elapsed())
    };
    for id in &ids {
        answer(id, &format!("Written by the benchmark: {id}"))?;
    }
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for (turn, id) in ids.iter().cycle().take(writes).enumerate() {
        ours.push(answer(id, &format!("Turn {turn} of {id}"))?);
        bare.push(bare_write(root, id, turn)?);
    }
    report.put_spread("command → acknowledged", &mut ours);
    report.put_spread("bare: two files synced and renamed", &mut bare);
    report.put_ratio("command → acknowledged, of the bare", &mut ours, &mut bare);
    if let Some(times) = by_kanbus(root, machine, &ids)? {
        let mut times = times;
        report.put_spread("the same by kbs update", &mut times);
    }
    for id in &ids {
        // What the bare writes left is no issue's.
        let _ = fs::remove_file(root.join(format!("project/issues/.{id}.bare")));
    }
    Ok(())
}

fn ids(root: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(root.join("project/issues"))?.flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut ids: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
    ids.sort();
    ids.truncate(ISSUES);
    Ok(ids)
}

/// What any safe write of an issue and its event takes: each laid down and synced, renamed, and its directory synced.
fn bare_write(root: &Path, id: &str, turn: usize) -> Result<Duration> {
    let text = fs::read(root.join(format!("project/issues/{id}.json")))?;
    let started = Instant::now();
    for (directory, name) in
        [("project/issues", format!(".{id}.bare")), ("project/events", ".bare".to_owned())]
    {
        let directory = root.join(directory);
        let passing = directory.join(format!(".{turn}.passing"));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&passing)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&passing, directory.join(name))?;
        File::open(&directory)?.sync_all()?;
    }
    Ok(started.elapsed())
}

/// How long the Rust client takes for it; `None` where it is not installed.
fn by_kanbus(root: &Path, machine: &Machine, ids: &[String]) -> Result<Option<Vec<Duration>>> {
    let Some(path) = std::env::var_os("PATH") else { return Ok(None) };
    let Some(kbs) = std::env::split_paths(&path).map(|dir| dir.join("kbs")).find(|kbs| kbs.is_file()) else {
        return Ok(None);
    };
    let mut times = Vec::new();
    for id in ids.iter().take(20) {
        let mut command: Command = machine.command(&kbs);
        command.args(["update", id, "--title", &format!("By kbs: {id}")]).current_dir(root);
        let started = Instant::now();
        let output = command.output().context("kbs runs")?;
        times.push(started.elapsed());
        ensure!(output.status.success(), "kbs update {id}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(Some(times))
}
