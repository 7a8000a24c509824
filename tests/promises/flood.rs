//! One client that says far too much: memory stays bounded, and everybody else is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hearsay_tests::bus::said;
use hearsay_tests::envelope::{fresh_id, mutated, topic};
use hearsay_tests::{Bus, Issue, peers};
use serde_json::{Value, json};

use crate::party::Party;

/// Envelopes a second.
const RATE: u64 = 10_000;
/// How many of them are sent in one go.
const BATCH: u64 = 100;
/// How many issues they are about.
const ISSUES: usize = 50;
/// How many envelopes others say meanwhile.
const OTHERS: u32 = 200;
/// How much more memory the host may have had for it, in MiB.
const MEMORY: u64 = 192;

/// The most memory that the process has had resident, in MiB; `None` where the system does not say.
fn peak_memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
}

/// Lines that publish snapshots, each with an id and a time of its own: made once, as making them takes longer than
/// sending them.
fn line(number: u64, template: &str) -> String {
    let (second, micro) = (number / 1_000_000 % 60, number % 1_000_000);
    template
        .replace("ENVELOPE", &format!("flood-{number}"))
        .replace("demo-NN", &format!("demo-{}", number % ISSUES as u64))
        .replace("TITLE", &format!("Flood {number}"))
        .replace("UPDATED", &format!("2026-05-04T20:00:{second:02}.{micro:06}Z"))
}

fn template() -> String {
    let mut issue: Value = serde_json::from_str(&Issue::new("demo-NN", "TITLE").text()).unwrap();
    issue["updated_at"] = json!("UPDATED");
    let mut envelope = mutated(&Issue::new("demo-NN", "TITLE"));
    envelope["id"] = json!("ENVELOPE");
    envelope["event_id"] = json!("event-of-ENVELOPE");
    envelope["issue"] = issue;
    format!("{}\n", said(&topic(), &envelope))
}

/// Says [`RATE`] envelopes a second for so long, or as many as the bus takes in. Answers how many.
fn flood(mut bus: Bus, length: Duration, over: Arc<AtomicBool>, sent: Arc<AtomicU64>) {
    let (template, started) = (template(), Instant::now());
    let mut number = 0;
    while started.elapsed() < length {
        let batch: String = (number..number + BATCH).map(|number| line(number, &template)).collect();
        bus.send(batch.as_bytes()).expect("the bus takes what it can, at its own pace");
        number += BATCH;
        sent.store(number, Ordering::Relaxed);
        let due = Duration::from_micros(number * 1_000_000 / RATE);
        // A pace, not a wait: this is how often somebody says something.
        std::thread::sleep(due.saturating_sub(started.elapsed()));
    }
    bus.sync();
    over.store(true, Ordering::Relaxed);
}

#[test]
fn a_flood_from_one_client_leaves_memory_bounded_and_others_served() {
    let mut party = Party::new(ISSUES + 2);
    let length = Duration::from_secs(if peers::is_soak() { 60 } else { 10 });
    let socket = party.project.machine().socket();
    let pid = party.watching.running.id();
    let before = peak_memory(pid);
    let (over, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let flooding = {
        let (bus, over, sent) = (Bus::connect(&socket), over.clone(), sent.clone());
        std::thread::spawn(move || flood(bus, length, over, sent))
    };
    let mut listener = Bus::connect(&socket);
    let apart = format!("projects/{}/events", fresh_id());
    listener.subscribe(&apart);
    let mut speaker = Bus::connect(&socket);
    let (first, second) = (format!("demo-{ISSUES}"), format!("demo-{}", ISSUES + 1));
    let mut turn = 0;
    while turn < OTHERS || !over.load(Ordering::Relaxed) {
        turn += 1;
        let envelope = json!({"id": format!("other-{turn}"), "n": turn});
        speaker.publish(&apart, &envelope);
        assert_eq!(listener.hears(&envelope["id"]), (envelope, 0), "nothing of another connection is lost");
        if turn % 20 == 0 {
            let title = format!("Said beside the flood {turn}");
            speaker.say(&mutated(&Issue::numbered(ISSUES).titled(&title).changed(1 + turn / 20)));
            party.watching.hears(&first, |card| card["title"] == title.as_str());
            let title = format!("Written beside the flood {turn}");
            party.project.put(&Issue::numbered(ISSUES + 1).titled(&title));
            party
                .watching
                .until("the file to be seen", |board| board.card(&second)["title"] == title.as_str());
        }
    }
    flooding.join().expect("the flood ends");
    let sent = sent.load(Ordering::Relaxed);
    eprintln!("{sent} envelopes in {length:?}, {turn} others beside them");
    for number in sent - ISSUES as u64..sent {
        let (id, title) = (format!("demo-{}", number % ISSUES as u64), format!("Flood {number}"));
        party.watching.hears(&id, |card| card["title"] == title.as_str());
    }
    party.settle();
    if let (Some(before), Some(after)) = (before, peak_memory(pid)) {
        assert!(after < before + MEMORY, "{before} MiB before, {after} MiB at the most");
    }
}

#[test]
fn a_subscriber_that_does_not_read_is_let_go_and_holds_nobody_up() {
    let mut party = Party::new(2);
    let socket = party.project.machine().socket();
    let mut deaf = Bus::listening(&socket);
    let mut speaker = Bus::connect(&socket);
    let template = template();
    for number in 0..20_000 {
        speaker.send(line(number, &template).as_bytes()).expect("the bus takes it");
        if number % 1000 == 0 {
            let title = format!("Heard while somebody does not read {number}");
            let minute = 1 + u32::try_from(number / 1000).unwrap();
            speaker.say(&mutated(&Issue::numbered(1).titled(&title).changed(1300 + minute)));
            party.watching.hears("demo-1", |card| card["title"] == title.as_str());
        }
    }
    speaker.sync();
    assert!(deaf.is_closed(), "it is let go");
    party.settle();
}

#[test]
fn a_storm_of_fresh_ids_does_not_fill_the_disk() {
    let mut party = Party::new(3);
    let mut speaker = Bus::connect(&party.project.machine().socket());
    for number in 0..12_000 {
        let envelope = mutated(&Issue::new(&format!("demo-storm-{number}"), "One of a storm"));
        speaker.say(&envelope);
    }
    speaker.sync();
    // What is known already is heard all the same.
    party.say(&mutated(&Issue::numbered(1).titled("Heard in the storm").changed(5)));
    let board = party.watching.settle();
    let entries = party.project.overlay().len();
    assert!(entries <= 5_000, "{entries} entries");
    assert!((0..3).all(|number| board.has_card(&format!("demo-{number}"))), "nothing is hidden");
    assert!(board.cards().len() <= 5_003, "{} cards", board.cards().len());
    party.project.put(&Issue::numbered(2).titled("Written in the storm"));
    party.watching.sees("demo-2", |card| card["title"] == "Written in the storm");
    party.watching.settle();
}
