//! From an envelope that is said to the patch on standard output of `hear watch`, by one clock.
//!
//! Not here: many at once (`sustained`).

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hearsay_tests::bus::said;
use hearsay_tests::envelope::topic;
use hearsay_tests::{Caller, Watching};

use crate::mqtt::{Bare, Broker};
use crate::report::Report;
use crate::saying::{Said, Speaker};

/// How many envelopes are said before any is counted.
const WARM_UP: usize = 50;
/// How long a patch may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Over the local bus, which `hear watch` hosts; whoever says it has long been connected.
pub(crate) fn over_the_bus(report: &mut Report, caller: &Caller, root: &Path, count: usize) -> Result<()> {
    let mut speaker = Speaker::new(root, 21)?;
    let mut watching = watch(caller, root, "uds")?;
    let mut bus = speaking(caller)?;
    let mut times = Vec::new();
    for turn in 0..WARM_UP + count {
        let word = speaker.speak()?;
        let line = said(&topic(), &word.envelope) + "\n";
        let started = Instant::now();
        bus.write_all(line.as_bytes())?;
        let came = patch_of(&mut watching, &word)?;
        if turn >= WARM_UP {
            times.push(came.duration_since(started));
        }
        speaker.rest();
    }
    report.put_spread("local bus: said → patch out", &mut times);
    Ok(())
}

/// Over `broker`, and beside it what the same publisher needs to reach a bare subscriber: turn by turn, the same bytes.
pub(crate) fn over_a_broker(
    report: &mut Report,
    caller: &Caller,
    broker: &Broker,
    root: &Path,
    count: usize,
) -> Result<()> {
    let url = format!("mqtt://{}", broker.address);
    let caller = caller.clone().on(caller.machine().clone().on_the_broker(&url));
    let mut speaker = Speaker::new(root, 22)?;
    let mut watching = watch(&caller, root, "mqtt")?;
    let bare = Bare::connect(broker)?;
    let (mut alone, mut whole) = (Vec::new(), Vec::new());
    for turn in 0..WARM_UP + count {
        let word = speaker.speak()?;
        let text = word.envelope.to_string();
        let time = bare.sample(&text)?;
        speaker.rest();
        let started = bare.publish(&topic(), &text)?;
        let came = patch_of(&mut watching, &word)?;
        if turn >= WARM_UP {
            alone.push(time);
            whole.push(came.duration_since(started));
        }
        speaker.rest();
    }
    let name = broker.name;
    report.put_spread(&format!("bare: {name}, rumqttc to rumqttc"), &mut alone);
    report.put_spread(&format!("{name}: said → patch out"), &mut whole);
    report.put_ratio(&format!("{name}: said → patch out, to bare"), &mut whole, &mut alone);
    Ok(())
}

/// `hear watch` once it listens on `way`, with nothing heard before.
pub(crate) fn watch(caller: &Caller, root: &Path, way: &str) -> Result<Watching> {
    let overlay = root.join("project/.overlay");
    if overlay.exists() {
        std::fs::remove_dir_all(overlay)?;
    }
    let mut watching = caller.watch(root);
    watching.listens(&[way]);
    Ok(watching)
}

/// A connection to the local bus for somebody who only speaks.
pub(crate) fn speaking(caller: &Caller) -> Result<UnixStream> {
    let stream = UnixStream::connect(caller.machine().socket())?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Waits for the patch that shows `word`: when it came.
fn patch_of(watching: &mut Watching, word: &Said) -> Result<Instant> {
    let started = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(started.elapsed());
        let next = watching.running.line(left);
        let (came, line) = next.with_context(|| format!("no patch for {} came", word.id))?;
        watching.follower.apply(&line);
        if watching.follower.board.card(&word.id)["title"] == word.title.as_str() {
            return Ok(came);
        }
    }
}
