//! What holds a banner back: the notice says why, and the inbox counts all the same.

use hearsay_tests::attention::about;
use hearsay_tests::{Issue, Listening, Project, record};
use serde_json::{Value, json};

/// The agent `agent` closes the issue of that number, as Kanbus writes it.
fn closed_by(project: &Project, agent: &str, number: u32) {
    let id = format!("demo-{number}");
    project.put(&Issue::new(&id, &format!("Issue {number}")).in_status("closed").changed(number + 1));
    let (path, text) = record::event(&id, "grace", 600 + number, number);
    let mut event: Value = serde_json::from_str(&text).unwrap();
    event["payload"] = json!({"from_status": "open", "to_status": "closed", "agent": {"name": agent}});
    project.replace(&path, event.to_string());
}

/// What the notice of that issue says: its class, and why no banner is raised.
fn said(listening: &mut Listening, number: u32) -> (String, Value) {
    let notice = listening.notice(&format!("demo-{number}"));
    assert_eq!((&notice["line"]["who"], &notice["line"]["kind"]), (&json!("codex-3"), &json!("moved")));
    (notice["class"].as_str().unwrap().to_owned(), notice["hushed"].clone())
}

fn notice(hushed: impl Into<Value>) -> (String, Value) {
    ("notice".to_owned(), hushed.into())
}

#[test]
fn whatever_is_muted_paused_or_quiet_says_so_and_is_counted() {
    let project = Project::with_issues(20);
    let mut listening = Listening::to(&project);
    closed_by(&project, "codex-3", 0);
    assert_eq!(said(&mut listening, 0), notice(Value::Null), "nothing is held back yet");
    let repository = project.root().to_string_lossy().into_owned();
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let always = json!([{"days": days, "from": "00:00", "to": "00:00"}]);
    let later = "2999-01-01T00:00:00Z";
    let mutes = |of: Value| json!({"mutes": [{"of": of}]});
    let ways = [
        (mutes(json!({"agent": "codex-3"})), json!("muted")),
        (mutes(json!({"agent": "codex-4"})), Value::Null),
        (mutes(json!({"issue": {"project": "demo", "id": "demo-3"}})), json!("muted")),
        (mutes(json!({"kind": "moved"})), json!("muted")),
        (mutes(json!({"kind": "commented"})), Value::Null),
        (mutes(json!({"repository": repository})), json!("muted")),
        (mutes(json!({"repository": "/elsewhere"})), Value::Null),
        (json!({"mutes": [{"of": {"kind": "moved"}, "until": later}]}), json!("snoozed")),
        (json!({"mutes": [{"of": {"kind": "moved"}, "until": "2020-01-01T00:00:00Z"}]}), Value::Null),
        (json!({"paused_until": later}), json!("paused")),
        (json!({"enabled": false}), json!("paused")),
        (json!({"quiet": {"spans": always}}), json!("quiet_hours")),
        (json!({"rules": "agent:codex-* -> mute"}), json!("rule")),
    ];
    let count = u32::try_from(ways.len()).unwrap();
    for (number, (set, hushed)) in (1..).zip(ways) {
        listening.set(&json!({"notifications": null}));
        listening.set(&json!({"notifications": set}));
        closed_by(&project, "codex-3", number);
        assert_eq!(said(&mut listening, number), notice(hushed), "{set}");
    }
    listening.counts(u64::from(count) + 1, u64::from(count) + 1);
    assert_eq!(listening.told(&project).1.len(), usize::try_from(count).unwrap() + 1, "each of them once");
}

#[test]
fn rules_change_the_class_and_an_interrupt_passes_quiet_hours_unless_told_otherwise() {
    let project = Project::with_issues(8);
    let mut listening = Listening::to(&project);
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let spans = json!([{"days": days, "from": "00:00", "to": "00:00"}]);
    let interrupt = "# mine\nkind:moved agent:codex-3 -> interrupt\n";
    listening.set(&json!({"notifications": {"rules": interrupt, "quiet": {"spans": spans}}}));
    closed_by(&project, "codex-3", 1);
    assert_eq!(said(&mut listening, 1), ("interrupt".to_owned(), Value::Null));
    listening.set(&json!({"notifications": {"quiet": {"interrupts_pass": false}}}));
    closed_by(&project, "codex-3", 2);
    assert_eq!(said(&mut listening, 2), ("interrupt".to_owned(), json!("quiet_hours")));
    listening.set(&json!({"notifications": {"rules": "kind:moved -> inbox"}}));
    closed_by(&project, "codex-3", 3);
    assert_eq!(said(&mut listening, 3), ("inbox".to_owned(), Value::Null), "it has no banner anyway");
    let counts = listening.follower.unit("inbox").unwrap()["counts"].clone();
    listening.set(&json!({"notifications": {"rules": "kind:moved -> feed"}}));
    closed_by(&project, "codex-3", 4);
    let (changes, notices) = listening.told(&project);
    assert_eq!((changes.len(), notices.len()), (4, 3), "activity alone is no notice: {counts}");
    listening.counts(3, 3);
}

#[test]
fn an_issue_that_is_muted_or_snoozed_in_the_inbox_is_counted_without_a_banner() {
    let project = Project::with_issues(8);
    let mut listening = Listening::to(&project);
    listening.server.command(&json!({"type": "mute", "about": about("demo-1"), "on": true}));
    closed_by(&project, "codex-3", 1);
    assert_eq!(said(&mut listening, 1), notice("muted"));
    listening.unit("inbox", "the muted item to be counted", |inbox| {
        let counts = &inbox["counts"];
        (&counts["items"], &counts["muted"]) == (&json!(1), &json!(1)) && inbox["top"] == json!([])
    });
    closed_by(&project, "codex-3", 2);
    assert_eq!(said(&mut listening, 2), notice(Value::Null));
    listening.mark(&about("demo-2"), &json!({"is": "snoozed", "until": "2999-01-01T00:00:00Z"}));
    listening.follower.notices.clear();
    project.put(&Issue::new("demo-2", "Issue 2").changed(700));
    assert_eq!(listening.notice("demo-2")["hushed"], Value::Null, "a move back raises none anyway");
    listening.follower.notices.clear();
    project.put(&Issue::new("demo-2", "Issue 2").in_status("closed").changed(701));
    assert_eq!(listening.notice("demo-2")["hushed"], "snoozed");
    let item = listening.item("demo-2").unwrap();
    assert_eq!((&item["state"]["is"], &item["unread"]), (&json!("snoozed"), &json!(3)), "all are counted");
    listening.server.command(&json!({"type": "mute", "about": about("demo-1"), "on": false}));
    listening.follower.notices.clear();
    project.put(&Issue::new("demo-1", "Issue 1").changed(800));
    listening.notice("demo-1");
    listening.follower.notices.clear();
    project.put(&Issue::new("demo-1", "Issue 1").in_status("closed").changed(801));
    assert_eq!(listening.notice("demo-1")["hushed"], Value::Null, "it is wanted again");
}

#[test]
fn an_issue_that_is_watched_interrupts_when_it_is_blocked() {
    let project = Project::with_issues(4);
    let mut listening = Listening::to(&project);
    listening.server.command(&json!({"type": "watch", "about": about("demo-1"), "on": true}));
    for (number, class) in [(1, "interrupt"), (2, "inbox")] {
        project.put(&Issue::numbered(number).in_status("blocked").changed(1));
        assert_eq!(listening.notice(&format!("demo-{number}"))["class"], class);
    }
}
