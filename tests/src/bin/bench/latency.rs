//! From a file that is written to the patch on standard output of `hear watch`, by one clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use hearsay_board::Document;
use hearsay_tests::Watching;
use hearsay_tests::growth::Chance;

use crate::report::Report;

/// What lies between two changes, so that each is the first after a lull: of 8 to 24 ms.
const LULL: (u64, u64) = (8, 16);
/// How long a patch may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn measure(
    report: &mut Report,
    watching: &mut Watching,
    root: &Path,
    writes: usize,
) -> Result<()> {
    let full = watching.follower.board.line().len();
    let mut sizes = Vec::new();
    let mut writer = Writer::new(root, 11)?;
    for (what, in_place) in [("renamed over → patch out", false), ("written in place → patch out", true)]
    {
        let mut times = Vec::new();
        for _ in 0..writes {
            let (id, started) = writer.write(in_place)?;
            let (came, bytes) = patch_of(watching, &id)?;
            times.push(came.duration_since(started));
            sizes.push(bytes);
            writer.rest();
        }
        report.put_spread(what, &mut times);
    }
    sizes.sort_unstable();
    report.put("a patch of one field, median", "bytes", sizes[sizes.len() / 2] as f64);
    report.put("a patch of one field, largest", "bytes", sizes[sizes.len() - 1] as f64);
    report.put("a full board", "bytes", full as f64);
    Ok(())
}

/// Waits for the patch with the card of `id`: when it came, and how long it is.
fn patch_of(watching: &mut Watching, id: &str) -> Result<(Instant, usize)> {
    let key = format!("card:{id}");
    loop {
        let Some((came, line)) = watching.running.line(PATIENCE) else { bail!("no patch for {id} came") };
        let before = watching.follower.patches.len();
        watching.follower.apply(&line);
        if let Some(keys) = watching.follower.patches.get(before) {
            ensure!(keys.contains(&key), "a patch for {keys:?} came, not for {id}");
            return Ok((came, line.len()));
        }
    }
}

/// Changes one field of one issue after another.
pub(crate) struct Writer {
    paths: Vec<PathBuf>,
    temporary: PathBuf,
    chance: Chance,
    turn: usize,
}

impl Writer {
    pub(crate) fn new(root: &Path, seed: u64) -> Result<Self> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(root.join("project/issues"))?.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        Ok(Self { paths, temporary: root.join("project/issues/.bench.tmp"), chance: Chance(seed), turn: 0 })
    }

    /// Changes the title of some issue. Answers which, and the moment before the change could be seen.
    pub(crate) fn write(&mut self, in_place: bool) -> Result<(String, Instant)> {
        self.turn += 1;
        let path = &self.paths[self.chance.below(self.paths.len() as u64) as usize];
        let mut document = Document::parse(fs::read(path)?)?;
        document.replace("title", &format!("Benchmark, turn {} of {in_place}", self.turn))?;
        let id = path.file_stem().context("an issue file has a name")?.to_string_lossy().into_owned();
        if in_place {
            let started = Instant::now();
            fs::write(path, document.text())?;
            return Ok((id, started));
        }
        fs::write(&self.temporary, document.text())?;
        let started = Instant::now();
        fs::rename(&self.temporary, path)?;
        Ok((id, started))
    }

    /// Lets a lull pass.
    pub(crate) fn rest(&mut self) {
        lull(&mut self.chance);
    }
}

/// Lets a lull pass. A pace, not a wait: this is how often somebody changes something.
pub(crate) fn lull(chance: &mut Chance) {
    std::thread::sleep(Duration::from_millis(LULL.0 + chance.below(LULL.1)));
}
