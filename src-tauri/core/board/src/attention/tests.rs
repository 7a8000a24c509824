//! The way of a change as a whole, and what the tests of its parts share.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::change::{Comment, Reached};
use super::hush::Hour;
use super::inbox::Counts;
use super::ledger::Write;
use super::quiet::{Day, WeekMinute};
use super::*;
use crate::issue::Issue;
use crate::unit::Source;

/// So many seconds after the tests begin.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(super) fn moved(to: &str) -> What {
    let reached = if to == "done" { Reached::Done } else { Reached::Elsewhere };
    What::Moved { from: Some("open".to_owned()), to: Some(to.to_owned()), reached }
}

pub(super) fn commented(text: &str) -> What {
    What::Commented { comment: Comment { text: Some(text.to_owned()), ..Comment::default() } }
}

pub(super) fn change(id: &str, what: What) -> Change {
    let subject = Subject {
        assignee: None,
        card: id.to_owned(),
        epic: None,
        id: id.to_owned(),
        issue_type: None,
        labels: Vec::new(),
        parent: None,
        priority: None,
        project: "kbs".to_owned(),
        source: Source::Shared,
        status: None,
        title: format!("Title of {id}"),
    };
    Change {
        at: at(0),
        by: Attribution::NOBODY,
        by_git: false,
        content: None,
        event_id: None,
        subject,
        told: Told::Event,
        what,
    }
}

pub(super) fn by_agent(id: &str, agent: &str, what: What) -> Change {
    let by = Attribution::from(Clues { event_agent: Some(agent), ..Clues::default() }, &Me::default());
    Change { by, ..change(id, what) }
}

/// One who drives the desk as `live` does, by clocks of their own.
struct Driver {
    desk: Desk,
    ledger: Ledger,
    hush: Hush,
    rules: Rules,
    looks: bool,
    second: u64,
    told: usize,
    raises: Vec<Raise>,
}

impl Driver {
    fn starting() -> Self {
        let (ledger, hush, rules) = (Ledger::default(), Hush::default(), Rules::default());
        let desk = Desk::starting(Inbox::default());
        Self { desk, ledger, hush, rules, looks: false, second: 0, told: 0, raises: Vec::new() }
    }

    fn started() -> Self {
        let mut driver = Self::starting();
        driver.desk.once().started();
        driver
    }

    fn step(&mut self, since: Duration, change: Option<Change>) {
        let me = Me::called(["ann"]);
        let looks = self.looks;
        let wishes = Wishes {
            hush: &self.hush,
            is_looked_at: &|_| looks,
            ledger: &self.ledger,
            me: &me,
            repository: "/r",
            rules: &self.rules,
        };
        let second = i64::try_from(since.as_secs()).unwrap();
        let hour = Hour { now: at(second), local: WeekMinute::new(Day::Mon, 0), do_not_disturb: false };
        let now = Now { hour, since };
        let outcome = match change {
            Some(change) => self.desk.tell(change, &wishes, now),
            None => self.desk.due(&wishes, now),
        };
        self.told += outcome.told.len();
        self.raises.extend(outcome.raises);
    }

    /// Tells `change` so many seconds after the start, when all that was due before is done.
    fn tell(&mut self, second: u64, change: Change) {
        self.wait(Duration::from_secs(second));
        self.second = second;
        self.step(Duration::from_secs(second), Some(change));
    }

    fn wait(&mut self, until: Duration) {
        while let Some(deadline) = self.desk.deadline().filter(|deadline| *deadline <= until) {
            self.step(deadline, None);
        }
    }

    /// The titles of all banners, when nothing more comes.
    fn titles(mut self) -> (Vec<String>, Counts) {
        self.wait(Duration::from_secs(self.second + 100_000));
        (self.raises.iter().map(|raise| Banner::of(raise).title).collect(), self.desk.inbox().counts())
    }
}

#[test]
fn a_change_crosses_the_wire_with_its_kind() {
    let told = by_agent("k-1", "codex-3", What::Assigned { from: None, to: Some("ann".to_owned()) });
    let value = serde_json::to_value(&told).unwrap();
    let expected = json!({
        "at": "2027-01-15T08:00:00Z", "event_id": null, "told": "event",
        "by": {"who": "codex-3", "rung": "event", "sure": "said"},
        "what": {"kind": "assigned", "from": null, "to": "ann"},
        "subject": {
            "assignee": null, "card": "k-1", "epic": null, "id": "k-1", "type": null, "labels": [], "parent": null,
            "priority": null, "project": "kbs", "source": "shared", "status": null, "title": "Title of k-1",
        },
    });
    assert_eq!(value, expected);
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name(), "rules and the wire name it alike");
    }
}

fn counts(items: usize, changes: u64) -> Counts {
    Counts { items, changes, ..Counts::default() }
}

/// `change` as its issue's file tells it, which comes to something of its own.
fn written(mut change: Change, told: Told) -> Change {
    let title = format!("{:?}", change.what.trace());
    change.content = Some(Content::of(&Issue { title: title.into(), ..Issue::default() }));
    change.told = told;
    change
}

#[test]
fn a_change_by_another_is_one_banner_whoever_tells_it() {
    let mut driver = Driver::started();
    let mut event = by_agent("k-1", "codex-3", moved("done"));
    event.event_id = Some("e1".to_owned());
    let state = |told| written(change("k-1", moved("done")), told);
    driver.tell(1, state(Told::Written));
    driver.tell(1, event.clone());
    driver.tell(20, state(Told::Heard));
    driver.tell(40, event);
    assert_eq!(driver.titles(), (vec!["codex-3 moved k-1 to done".to_owned()], counts(1, 1)));
}

#[test]
fn what_the_person_did_is_neither_raised_nor_counted() {
    let mut driver = Driver::started();
    let own = written(change("k-1", moved("done")), Told::Written);
    let content = own.content.unwrap();
    let events = vec!["e1".to_owned()];
    driver.tell(1, own);
    // The answer to the command may come after the file was seen.
    driver.ledger.record(Write { at: at(1), content, events, issue: "k-1".to_owned() }, at(1));
    let mut event = change("k-1", moved("done"));
    event.event_id = Some("e1".to_owned());
    driver.tell(2, event);
    assert_eq!(driver.told, 0);
    assert_eq!(driver.titles(), (Vec::new(), Counts::default()));
}

#[test]
fn what_the_person_did_is_known_by_its_event_though_the_file_came_to_something_else() {
    for event_first in [false, true] {
        let mut driver = Driver::started();
        let events = vec!["e1".to_owned()];
        driver
            .ledger
            .record(Write { at: at(0), content: Content::GONE, events, issue: "k-1".to_owned() }, at(0));
        let mut event = change("k-1", moved("done"));
        event.event_id = Some("e1".to_owned());
        let mut tellings = [written(change("k-1", moved("done")), Told::Written), event];
        if event_first {
            tellings.reverse();
        }
        tellings.into_iter().for_each(|change| driver.tell(1, change));
        assert_eq!(driver.titles(), (Vec::new(), Counts::default()));
    }
}

#[test]
fn nothing_is_raised_at_start_and_one_line_for_a_checkout() {
    let mut driver = Driver::starting();
    for number in 0..50 {
        driver.tell(
            0,
            by_agent(&format!("k-{number}"), "codex-3", What::AwaitingReply { agent: None, question: None }),
        );
    }
    driver.desk.once().started();
    for number in 0..200 {
        driver.tell(10, written(change(&format!("k-{number}"), moved("done")), Told::Written));
    }
    driver.desk.once().git_moved(Duration::from_secs(10));
    assert_eq!(driver.titles(), (vec!["Git changed 200 issues".to_owned()], counts(1, 1)));
}

#[test]
fn what_is_hushed_is_counted_all_the_same() {
    let hushes: [fn(&mut Driver); 5] = [
        |driver| driver.looks = true,
        |driver| driver.rules = Rules::parse("agent:codex-3 -> mute").unwrap(),
        |driver| driver.hush.mutes.push(Mute { of: Muted::Kind(Kind::Moved), until: None }),
        |driver| driver.hush.paused_until = Some(at(3_600)),
        |driver| {
            let about = inbox::about(&change("k-1", What::Deleted).subject);
            driver.desk.inbox_mut().mute(&about, true, at(0));
        },
    ];
    for (number, hush) in hushes.into_iter().enumerate() {
        let mut driver = Driver::started();
        hush(&mut driver);
        driver.tell(1, by_agent("k-1", "codex-3", moved("done")));
        let (titles, counts) = driver.titles();
        assert_eq!((titles.len(), counts.items, counts.changes), (0, 1, 1), "hush {number}");
    }
}

proptest! {
    #[test]
    fn every_change_is_counted_once_and_every_interrupt_raised(
        steps in prop::collection::vec((0u64..40, 0usize..30, 0usize..4, any::<bool>()), 0..120)
    ) {
        let mut driver = Driver::started();
        let (mut second, mut counted, mut interrupts) = (0, 0, 0);
        for (number, (wait, issue, kind, twice)) in steps.into_iter().enumerate() {
            second += wait;
            let what = match kind {
                0 => What::AwaitingReply { agent: None, question: None },
                1 => moved("done"),
                2 => commented("words"),
                _ => What::Edited { fields: Vec::new() },
            };
            counted += u64::from(kind < 3);
            interrupts += u64::from(kind == 0);
            let mut change = by_agent(&format!("k-{issue}"), "codex-3", what);
            change.event_id = Some(format!("e{number}"));
            driver.tell(second, change.clone());
            if twice {
                driver.tell(second, change);
            }
        }
        driver.wait(Duration::from_secs(second + 100_000));
        let raised: u64 = driver.raises.iter().map(|raise| raise.group.interrupts).sum();
        let counts = driver.desk.inbox().counts();
        prop_assert_eq!(counts.changes, counted);
        prop_assert_eq!(raised, interrupts);
    }
}
