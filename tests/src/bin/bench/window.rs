//! From the start of the app to a board on the screen, beside an empty window of the same engine; and the memory that
//! it holds in the tray.
//!
//! What is painted is seen from outside, on the display: in the strip of it that has the most to see once nothing moves
//! any more, it is waited for nearly all that stands out there. The empty window is one colour, and all of it counts.
//!
//! Not here: banners (`banner`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use hearsay_tests::desktop::{Screen, TrayHost};
use hearsay_tests::{Desktop, Group, Machine, peers};

use crate::proc;
use crate::report::Report;
use crate::say;

/// The size of the display, which a window fills.
const SIZE: (u16, u16) = (1440, 900);
/// The size of a strip of it.
const STRIP: (u16, u16) = (48, 400);
/// Of what stands out, how much has to be there: a mark may come or go.
const NEARLY: f64 = 0.95;
/// What stands out differs by more than that from the ground, in red, green or blue.
const PLAIN: u8 = 64;
/// What is there differs by no more than that from what is waited for: edges of letters are not always painted alike.
const ALIKE: u8 = 32;
/// How often it is looked.
const STEP: Duration = Duration::from_millis(2);
/// For how long nothing moves once everything is there.
const STILL: Duration = Duration::from_secs(2);
/// How long anything may take before it is left out.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at the memory, of which the second finds no more than this above the first or below it.
const LULL: (Duration, f64) = (Duration::from_secs(2), 0.01);

/// Whether this machine can show a window and has the programs; says what it lacks.
pub(crate) fn programs() -> Option<(PathBuf, PathBuf)> {
    let app = peers::app()?;
    let empty = app.with_file_name("examples").join("empty_window");
    if !empty.is_file() {
        return peers::not_run(
            "the empty window (`cargo build -p hearsay --example empty_window`, with features)",
        );
    }
    Some((app, empty))
}

/// From the start to what is painted, in turn with the empty window.
pub(crate) fn start(report: &mut Report, machine: &Machine, root: &Path, times: usize) -> Result<()> {
    let Some((app, empty)) = programs() else { return Ok(()) };
    let Some(desktop) = Desktop::sized(machine, SIZE) else { return Ok(()) };
    let screen = desktop.screen();
    let mut board = Start::new(&desktop, &app, Some(root));
    let mut bare = Start::new(&desktop, &empty, None);
    for start in [&mut board, &mut bare] {
        // The first fills the caches, the second is looked at.
        start.settle(&screen)?;
        start.settle(&screen)?;
    }
    let (mut boards, mut bares) = (Vec::new(), Vec::new());
    for _ in 0..times {
        bares.push(bare.painted(&screen)?);
        boards.push(board.painted(&screen)?);
    }
    report.put_median("bare: launch → painted empty window", &mut bares);
    report.put_median("launch → painted board", &mut boards);
    report.put_middle_ratio("launch → painted board, of the bare", &mut boards, &mut bares);
    Ok(())
}

/// A program that shows a window, and how that looks in the end.
struct Start<'a> {
    desktop: &'a Desktop,
    program: &'a Path,
    path: Option<&'a Path>,
    picture: Option<Picture>,
}

/// What of the display is waited for.
struct Picture {
    place: (i16, i16, u16, u16),
    pixels: Vec<u32>,
    /// The places in it that stand out.
    ink: Vec<usize>,
}

impl<'a> Start<'a> {
    fn new(desktop: &'a Desktop, program: &'a Path, path: Option<&'a Path>) -> Self {
        Self { desktop, program, path, picture: None }
    }

    fn run(&self) -> Group {
        let mut command: Command = self.desktop.command(self.program);
        command.args(self.path);
        Group::start(&mut command, self.desktop.machine().home().join("window.log"))
    }

    /// Starts it, waits until nothing moves any more, and keeps what is to be seen then.
    fn settle(&mut self, screen: &Screen) -> Result<()> {
        let whole = (0, 0, SIZE.0, SIZE.1);
        let black = screen.pixels(whole);
        let (_group, started) = (self.run(), Instant::now());
        let (mut last, mut since) = (black.clone(), Instant::now());
        while last == black || since.elapsed() < STILL {
            ensure!(started.elapsed() < PATIENCE, "{} does not come to rest", self.program.display());
            std::thread::sleep(STILL / 20);
            let now = screen.pixels(whole);
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
        self.picture = Picture::of(&last);
        Ok(())
    }

    /// How long it takes until that is to be seen.
    fn painted(&self, screen: &Screen) -> Result<Duration> {
        let picture = self.picture.as_ref().context("it has been looked at")?;
        ensure!(!picture.is_in(screen), "the window before is still to be seen");
        let started = Instant::now();
        let group = self.run();
        while !picture.is_in(screen) {
            ensure!(started.elapsed() < PATIENCE, "nothing is painted: {}", group.errors());
            std::thread::sleep(STEP);
        }
        Ok(started.elapsed())
    }
}

impl Picture {
    /// The strip of the display that has the most to see.
    fn of(display: &[u32]) -> Option<Self> {
        let (width, height) = STRIP;
        let lefts = (0..SIZE.0 - width).step_by(usize::from(width));
        let tops = (0..SIZE.1 - height).step_by(usize::from(height / 4));
        let strips = lefts.flat_map(|left| tops.clone().map(move |top| (left, top)));
        let pictures = strips.map(|(left, top)| {
            let rows =
                (top..top + height).map(|row| usize::from(row) * usize::from(SIZE.0) + usize::from(left));
            let pixels: Vec<u32> =
                rows.flat_map(|at| &display[at..at + usize::from(width)]).copied().collect();
            let ink = ink(&pixels);
            Self { place: (left.cast_signed(), top.cast_signed(), width, height), pixels, ink }
        });
        let mut best = pictures.max_by_key(|picture| picture.ink.len())?;
        if best.ink.is_empty() {
            best.ink = (0..best.pixels.len()).collect();
        }
        Some(best)
    }

    fn is_in(&self, screen: &Screen) -> bool {
        let now = screen.pixels(self.place);
        let there = self.ink.iter().filter(|&&at| difference(now[at], self.pixels[at]) <= ALIKE).count();
        there as f64 >= NEARLY * self.ink.len() as f64
    }
}

/// The places of all pixels that stand out from the colour of most.
fn ink(pixels: &[u32]) -> Vec<usize> {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let ground = counts.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(pixel, _)| pixel);
    (0..pixels.len()).filter(|&at| difference(pixels[at], ground) > PLAIN).collect()
}

/// By how much two colours differ: in red, green or blue, whichever is most.
fn difference(one: u32, other: u32) -> u8 {
    let parts = one.to_ne_bytes().into_iter().zip(other.to_ne_bytes());
    parts.map(|(one, other)| one.abs_diff(other)).max().unwrap_or_default()
}

/// The person wants the app to stay in the tray, and had that repository open last.
fn stays(machine: &Machine, root: &Path) -> Result<()> {
    let (config, data) = (machine.home().join("config/hearsay"), machine.home().join("data/dev.hearsay.app"));
    std::fs::create_dir_all(&config)?;
    std::fs::create_dir_all(&data)?;
    std::fs::write(config.join("settings.json"), r#"{"version":1,"tray":{"close_to_tray":true}}"#)?;
    std::fs::write(data.join("open.json"), serde_json::json!({"version": 1, "paths": [root]}).to_string())?;
    Ok(())
}

/// What the app holds in the tray, without a window.
pub(crate) fn tray(report: &mut Report, machine: &Machine, root: &Path) -> Result<()> {
    let Some(desktop) = Desktop::sized(machine, SIZE) else { return Ok(()) };
    let tray = TrayHost::start(&desktop);
    stays(machine, root)?;
    let Some(mut app) = desktop.app(&["--background"]) else { return Ok(()) };
    let started = Instant::now();
    while tray.icons().is_empty() {
        if app.outcome().is_some() || started.elapsed() > PATIENCE {
            say(&format!("left out: memory in the tray, where nothing came; {}", app.errors().trim()));
            return Ok(());
        }
        std::thread::sleep(STEP);
    }
    let windows = desktop.screen().frames();
    ensure!(windows.iter().all(|frame| !frame.shown), "there are windows: {windows:?}");
    let mut before = 0.0;
    let (pid, started) = (app.id(), Instant::now());
    loop {
        let now = proc::shared_out_memory(pid)?;
        if (now - before).abs() <= now * LULL.1 {
            break;
        }
        ensure!(started.elapsed() < PATIENCE, "the memory does not come to rest");
        before = now;
        std::thread::sleep(LULL.0);
    }
    report.put("in the tray, no window: resident (RSS) of our process", "MiB", proc::memory(pid)?);
    report.put("in the tray, no window: its share (PSS)", "MiB", proc::shared_out_memory(pid)?);
    let below = proc::below(pid)?;
    report.put("in the tray, no window: processes that it started", "processes", below.len() as f64);
    if !below.is_empty() {
        let shares = below.into_iter().map(proc::shared_out_memory).collect::<Result<Vec<_>>>()?;
        report.put("in the tray, no window: their share (PSS)", "MiB", shares.into_iter().sum());
    }
    Ok(())
}
