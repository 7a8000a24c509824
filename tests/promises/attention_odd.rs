//! What interrupts, and what is odd: files that cannot be read, events that say nothing, a stranger's texts.

use hearsay_tests::envelope::just_now;
use hearsay_tests::{Issue, Listening, Project, record};
use serde_json::{Value, json};

/// An event of now, as Kanbus writes it. `number` makes it the only one.
fn event(project: &Project, number: u32, issue: &str, kind: &str, payload: Value) {
    let (id, at) = (format!("{number:08x}-1111-4000-8000-000000000000"), just_now());
    let text = json!({
        "schema_version": 1, "event_id": id, "issue_id": issue, "event_type": kind, "occurred_at": at,
        "actor_id": "grace", "payload": payload,
    });
    let path = format!("project/events/{}__{id}.json", at.replace(':', "-"));
    project.replace(&path, serde_json::to_string_pretty(&text).unwrap());
}

fn interrupt(listening: &mut Listening, id: &str) -> Value {
    let notice = listening.notice(id);
    assert_eq!((&notice["class"], &notice["hushed"]), (&json!("interrupt"), &Value::Null), "{notice}");
    notice["line"].clone()
}

#[test]
fn an_agent_that_waits_for_a_reply_interrupts_with_its_question() {
    let project = Project::with_issues(3);
    let mut listening = Listening::to(&project);
    let mut issue = Issue::numbered(1).changed(1);
    issue.comments = vec!["Which key shall I use?".into()];
    project.put(&issue);
    listening.notice("demo-1");
    listening.follower.notices.clear();
    let payload = json!({
        "action": "awaiting_reply", "provider": "codex", "lifecycle": "blocked", "claim_id": "c", "revision": "r",
        "session_id": "s", "worktree": "w", "branch": "b",
    });
    event(&project, 1, "router:demo-1", "router.conversation", payload);
    let line = interrupt(&mut listening, "demo-1");
    assert_eq!((&line["kind"], &line["agent"]), (&json!("awaiting_reply"), &json!(true)));
    assert_eq!(line["detail"], "Issue 1 — Which key shall I use?");
    assert!(line["said"].as_str().unwrap().ends_with("awaits your reply on demo-1"), "{line}");
    event(&project, 2, "router:demo-1", "router.conversation", json!({"action": "agent_turn"}));
    let (changes, _) = listening.told(&project);
    assert_eq!(changes.iter().filter(|change| change["what"]["kind"] == "awaiting_reply").count(), 1);
    listening.unit("inbox", "an interrupt", |inbox| inbox["counts"]["interrupts"] == 1);
}

#[test]
fn a_file_that_stays_unreadable_interrupts_once_and_one_that_was_torn_does_not() {
    let project = Project::with_issues(4);
    let mut listening = Listening::to(&project);
    let text = Issue::numbered(2).text();
    project.write(&record::path("demo-2"), &text[..40]);
    project.write(&record::path("demo-2"), &text);
    project.write(&record::path("demo-1"), "{ broken");
    let line = interrupt(&mut listening, "demo-1");
    assert_eq!((&line["kind"], &line["said"]), (&json!("unreadable"), &json!("demo-1 cannot be read")));
    let detail = line["detail"].as_str().unwrap();
    assert!(detail.starts_with("Issue 1 — project/issues/demo-1.json: "), "{detail}");
    project.write(&record::path("demo-1"), "{ broken otherwise");
    assert_eq!(listening.lines(&project), ["- unreadable demo-1"]);
    project.put(&Issue::numbered(1));
    assert_eq!(listening.lines(&project), [] as [String; 0], "it is what it was");
}

#[test]
fn a_draft_that_began_with_what_is_no_longer_there_interrupts() {
    let project = Project::with_issues(2);
    let mut listening = Listening::to(&project);
    let conflict = json!({"type": "draft_conflict", "id": "demo-1", "fields": ["title", "description"]});
    listening.server.command(&conflict);
    let line = interrupt(&mut listening, "demo-1");
    assert_eq!(
        (&line["kind"], &line["detail"]),
        (&json!("conflict"), &json!("Issue 1 — title, description"))
    );
    listening.counts(1, 1);
    let unknown = json!({"type": "draft_conflict", "id": "demo-9", "fields": []});
    assert_eq!(listening.server.tell("POST", "/api/commands", &unknown).status, 404);
}

/// That a text is one line, short, and nothing in it turns the direction of writing.
fn is_tame(text: &str, most: usize) {
    assert!(text.chars().count() <= most, "{} characters: {text:.200}", text.chars().count());
    let is_wild = |c: char| {
        c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    assert!(!text.contains(is_wild), "{text:?}");
}

#[test]
fn a_strangers_texts_are_told_in_one_short_line_and_the_json_is_whole() {
    let project = Project::with_issues(8);
    let mut listening = Listening::to(&project);
    let wild = "<b>x</b> \u{202e}&amp; \u{2066}\u{7}\r\n\t\u{1b}[31m \u{0}\"\\ ";
    let (long, title) = ("ü".repeat(10_240), wild.repeat(300));
    for (number, title) in (0..).zip([&title, &long, &"\n".repeat(9_000)]) {
        let mut issue = Issue::numbered(number).titled(title).in_status("closed").changed(1);
        issue.comments = vec![title.clone()];
        project.put(&issue);
        let id = format!("demo-{number}");
        let (agent, name) = (json!({"name": title}), json!(title));
        let payload = json!({"from_status": "open", "to_status": "closed", "agent": agent});
        event(&project, u32::try_from(number).unwrap(), &id, "state_transition", payload);
        let odd = json!({"changes": {"assignee": {"from": null, "to": name}}});
        event(&project, 100 + u32::try_from(number).unwrap(), &id, "field_updated", odd);
    }
    let (changes, notices) = listening.told(&project);
    assert!(changes.len() >= 6 && notices.len() >= 6, "{} {}", changes.len(), notices.len());
    let lines = notices.iter().map(|notice| notice["line"].clone());
    let items = listening.items();
    let kept = items.iter().flat_map(|item| item["lines"].as_array().unwrap().clone());
    for line in lines.chain(kept) {
        is_tame(line["said"].as_str().unwrap(), 200);
        is_tame(line["detail"].as_str().unwrap(), 300);
        is_tame(line["who"].as_str().unwrap_or_default(), 48);
    }
    assert!(listening.server.running.stop().success());
    let again = Listening::to(&project);
    assert_eq!(again.items(), items, "it is kept whole");
    assert!(again.follower.unit("inbox").unwrap()["trouble"].is_null());
}

#[test]
fn events_that_are_odd_tell_nothing_and_what_comes_after_them_is_told() {
    let project = Project::with_issues(3);
    let mut listening = Listening::to(&project);
    let odd: [&[u8]; 9] = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        br#"{"issue_id":"demo-1"}"#,
        br#"{"issue_id":"demo-1","event_type":"state_transition","payload":[]}"#,
        br#"{"issue_id":7,"event_type":"state_transition","payload":{}}"#,
        br#"{"issue_id":"../demo-1","event_id":"e","event_type":"issue_deleted","payload":{}}"#,
    ];
    for (number, bytes) in odd.iter().enumerate() {
        project
            .write(&format!("project/events/2026-05-04T10-00-00.00000{number}Z__odd-{number}.json"), bytes);
    }
    let (minute, twice) = (601, 2);
    for number in 0..twice {
        let (path, text) = record::event("demo-nowhere", "grace", minute, number);
        project.write(&path, text);
    }
    event(&project, 7, "demo-1", "a.later.release", json!({"x": 1}));
    event(&project, 8, "demo-1", "router.conversation", json!({"action": 9}));
    event(&project, 9, "demo-1", "field_updated", json!({"changes": "none"}));
    let (changes, _) = listening.told(&project);
    let of_nothing: Vec<&Value> = changes.iter().filter(|change| change["what"]["to"].is_null()).collect();
    assert!(changes.len() <= 1 && of_nothing.len() == changes.len(), "{changes:#?}");
    event(&project, 10, "demo-2", "state_transition", json!({"from_status": "open", "to_status": "closed"}));
    assert_eq!(listening.lines(&project), ["grace moved demo-2"]);
}

#[test]
fn a_thousand_events_at_once_are_one_line_and_what_comes_after_them_is_told() {
    let project = Project::with_issues(50);
    let mut listening = Listening::to(&project);
    for number in 0..1_000_u32 {
        let payload = json!({"comment_id": format!("c-{number}"), "comment_author": "grace"});
        event(&project, number, &format!("demo-{}", number % 50), "comment_added", payload);
    }
    listening.until("most of them to be told or summed up", |follower| {
        let many = follower.unit("inbox").is_some_and(|inbox| inbox["top"].to_string().contains("\"many\""));
        many || follower.changes.len() >= 1_000
    });
    let items = listening.items();
    let many = items.iter().find(|item| item["about"] == "many");
    if let Some(many) = many {
        let said = many["lines"][0]["said"].as_str().unwrap();
        assert!(said.ends_with("issues changed at once"), "{said}");
    }
    listening.told(&project);
    event(
        &project,
        5_000,
        "demo-7",
        "state_transition",
        json!({"from_status": "open", "to_status": "closed"}),
    );
    assert_eq!(listening.lines(&project), ["grace moved demo-7"]);
}
