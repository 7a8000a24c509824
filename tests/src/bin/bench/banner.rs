//! From a change that is heard to the banner on the session's bus, by one clock.
//!
//! Changes of one moment are one banner, so the app waits for a while after each: that while is designed and said
//! beside the figure. Not here: who shows banners.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hearsay_board::attention::grouping::QUIET;
use hearsay_tests::desktop::{Banners, Daemon};
use hearsay_tests::{Bus, Desktop, Machine, peers};

use crate::report::Report;
use crate::say;
use crate::saying::Speaker;

/// How many banners the app raises in ten minutes: what comes then waits for a digest.
const BANNERS: usize = 6;
/// How often it is started anew, so that there are more.
const STARTS: usize = 3;
/// How long a banner may take before it is left out.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked.
const STEP: Duration = Duration::from_millis(2);
/// How long it is waited for something to be heard before another is said.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the app may take until it hears.
const OPENING: Duration = Duration::from_secs(60);

pub(crate) fn measure(report: &mut Report, machine: &Machine, root: &Path) -> Result<()> {
    if peers::app().is_none() {
        return Ok(());
    }
    let mut speaker = Speaker::new(root, 31)?;
    let (mut times, mut beyond) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let Some(desktop) = Desktop::start(machine) else { return Ok(()) };
        let _daemon = Daemon::start(&desktop, &["actions", "body"]);
        let banners = Banners::of(&desktop);
        let Some(app) = desktop.app(&[&root.to_string_lossy()]) else { return Ok(()) };
        let mut bus = Bus::connect(&machine.socket());
        await_hearing(&mut bus, &mut speaker, root)?;
        for turn in 0..BANNERS {
            let word = speaker.raise()?;
            let started = Instant::now();
            bus.say(&word.envelope);
            let Some(came) = banner(&banners, turn) else {
                say(&format!("left out: heard → banner, where none came; {}", app.errors().trim()));
                return Ok(());
            };
            let time = came.duration_since(started);
            times.push(time);
            beyond.push(time.saturating_sub(QUIET));
        }
    }
    // What was only said is no matter of whoever measures next.
    fs::remove_dir_all(root.join("project/.overlay"))?;
    report.put_spread("heard → banner on the bus", &mut times);
    let quiet = QUIET.as_secs();
    report.put_spread(&format!("heard → banner, beyond the {quiet} s that it waits for more"), &mut beyond);
    Ok(())
}

/// Waits until what is said is heard: in words that are worth nobody's attention.
fn await_hearing(bus: &mut Bus, speaker: &mut Speaker, root: &Path) -> Result<()> {
    let started = Instant::now();
    loop {
        let word = speaker.speak()?;
        bus.say(&word.envelope);
        let entry = root.join(format!("project/.overlay/issues/{}.json", word.id));
        let said = Instant::now();
        while said.elapsed() < PAUSE {
            if fs::read_to_string(&entry).is_ok_and(|text| text.contains(&word.title)) {
                return Ok(());
            }
            std::thread::sleep(STEP);
        }
        ensure!(started.elapsed() < OPENING, "the app does not hear");
    }
}

/// When the banner of that number came.
fn banner(banners: &Banners, number: usize) -> Option<Instant> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(banner) = banners.all().get(number) {
            return Some(banner.at);
        }
        std::thread::sleep(STEP);
    }
    None
}
