//! What a crash leaves, and what the next start makes of it.

use std::time::Duration;

use super::*;

fn told(second: u64, message: &str) -> Told<'_> {
    Told {
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(second),
        version: "0.1.0",
        thread: "main",
        place: "src/x.rs:1:2".to_owned(),
        message,
        backtrace: "0: somewhere".to_owned(),
        log: "the last line".to_owned(),
    }
}

#[test]
fn a_panic_leaves_a_report_that_the_next_start_offers_once() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("crash");
    let first = Crashes::of(Some(directory.clone()));
    assert_eq!(first.newest(), None);
    first.watch(crate::log::Log::new(None));
    let panics = std::thread::Builder::new().name("worker".to_owned());
    let ended = panics.spawn(|| std::panic::panic_any("the sky fell: password=hunter2".to_owned())).unwrap();
    assert!(ended.join().is_err());
    assert_eq!(first.newest(), None, "who crashed does not offer it");

    let next = Crashes::of(Some(directory.clone()));
    let report = next.newest().expect("a report");
    for word in ["Hearsay ", "thread worker", "crash/tests.rs", "the sky fell", "What the log said last"] {
        assert!(report.text.contains(word), "{word} in {}", report.text);
    }
    assert!(!report.text.contains("hunter2"), "{}", report.text);
    assert!(report.at.parse::<jiff::Timestamp>().is_ok(), "{}", report.at);
    assert_eq!(next.newest().as_ref(), Some(&report), "until the person has seen it");
    next.dismiss().unwrap();
    assert_eq!(next.newest(), None);
    assert_eq!(Crashes::of(Some(directory)).newest(), None, "nor does any later start");
}

#[test]
fn the_newest_reports_are_kept_and_each_is_bounded() {
    let home = tempfile::tempdir().unwrap();
    let long = "x".repeat(1_000_000);
    for second in 0..20 {
        report::leave(home.path(), &told(second, &long), 0).unwrap();
    }
    let kept = report::unseen(home.path());
    assert_eq!(kept.len(), 5);
    assert!(kept[4].to_string_lossy().contains("00-00-19"), "{kept:?}");
    let (_, text) = report::read(&kept[4]).unwrap();
    assert!(text.len() < 5_000, "{}", text.len());
    report::see(&kept[4]).unwrap();
    assert_eq!(report::unseen(home.path()).len(), 4);
    report::see(&kept[4]).unwrap();
}

#[test]
fn an_end_that_was_none_is_known_and_a_second_process_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let begin = || Running::begin(home.path(), SystemTime::UNIX_EPOCH).unwrap();
    let first = begin().expect("nobody runs");
    assert_eq!(first.unended(), None);
    assert!(begin().is_none(), "another one runs");
    drop(first);
    let second = begin().expect("the first is gone");
    assert!(second.unended().unwrap().contains("since 1970-01-01"), "{second:?}");
    second.end().unwrap();
    assert_eq!(begin().expect("nobody runs").unended(), None);
}

#[test]
fn a_place_that_cannot_be_written_is_no_crash_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("crash");
    std::fs::write(&file, "a file").unwrap();
    assert!(report::leave(&file, &told(0, "x"), 0).is_err());
    let crashes = Crashes::of(Some(file));
    crashes.begin();
    crashes.end();
    assert_eq!(crashes.newest(), None);
    crashes.dismiss().unwrap();
}
