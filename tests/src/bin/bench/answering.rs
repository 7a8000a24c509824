//! From a command to its acknowledgement, through the API of `hear serve`, beside the bare file operations that it takes.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hearsay_tests::{Caller, Machine, peers};
use serde_json::{Value, json};

use crate::report::Report;

/// How many issues are written, again and again: their locks are there, as they are after the first day.
const ISSUES: usize = 50;
/// How many of them Kanbus's own commands write too.
const COMMANDS: usize = 20;

pub(crate) fn measure(report: &mut Report, machine: &Machine, root: &Path, writes: usize) -> Result<()> {
    let server = Caller::new(machine.clone()).serve(root);
    let door = server.door();
    let ids = ids(root)?;
    let answer = |id: &str, set: Value| -> Result<Duration> {
        let command = json!({"type": "set_fields", "id": id, "set": set});
        let started = Instant::now();
        let answer = door.tell("POST", "/api/commands", &command);
        ensure!(answer.status == 200, "{id}: {}", answer.body);
        Ok(started.elapsed())
    };
    for id in &ids {
        answer(id, json!({"title": format!("Written by the benchmark: {id}"), "priority": 0}))?;
    }
    let (mut titles, mut others, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for (turn, id) in ids.iter().cycle().take(writes).enumerate() {
        // No two issues may have one title, so that is looked at in all of them; of another field nobody asks.
        titles.push(answer(id, json!({"title": format!("Turn {turn} of {id}")}))?);
        bare.push(bare_write(root, id, 2 * turn)?);
        others.push(answer(id, json!({"priority": (turn / ids.len() + 1) % 4}))?);
        bare.push(bare_write(root, id, 2 * turn + 1)?);
    }
    report.put_spread("bare: two files synced and renamed", &mut bare);
    for (what, times) in [("a title", &mut titles), ("a priority", &mut others)] {
        report.put_spread(&format!("{what} → acknowledged"), times);
        report.put_ratio(&format!("{what} → acknowledged, of the bare"), times, &mut bare);
    }
    for (name, client) in clients() {
        let mut times = by_kanbus((name, &client), root, machine, &ids)?;
        report.put_spread(&format!("the same by {name} update"), &mut times);
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

/// Kanbus's own commands, as far as they are installed: `kanbus`, where the other benches have it from, and `kbs`.
fn clients() -> Vec<(&'static str, PathBuf)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let kbs = std::env::split_paths(&path).map(|dir| dir.join("kbs")).find(|kbs| kbs.is_file());
    let all = [("kanbus", peers::kanbus()), ("kbs", kbs)];
    all.into_iter().filter_map(|(name, client)| Some((name, client?))).collect()
}

/// How long it takes for that, from its start to its end.
fn by_kanbus(
    (name, client): (&str, &Path),
    root: &Path,
    machine: &Machine,
    ids: &[String],
) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for id in ids.iter().take(COMMANDS) {
        let mut command: Command = machine.command(client);
        command.args(["update", id, "--title", &format!("By {name}: {id}")]).current_dir(root);
        let started = Instant::now();
        let output = command.output().with_context(|| format!("{name} runs"))?;
        times.push(started.elapsed());
        ensure!(output.status.success(), "{name} update {id}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(times)
}
