//! What the overlay promises.

use super::*;
use serde_json::json;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn fields(value: Value) -> Fields {
    value.as_object().unwrap().clone()
}

fn issue(title: &str, status: &str, updated: i64) -> Fields {
    fields(json!({
        "id": "k-1", "title": title, "description": "", "type": "task", "status": status, "priority": 2,
        "assignee": null, "creator": null, "parent": null, "labels": [], "dependencies": [], "comments": [],
        "created_at": at(-1000).to_string(), "updated_at": at(updated).to_string(), "closed_at": null, "custom": {},
    }))
}

fn snapshot(issue: Fields, sent: i64) -> Entry {
    let what = Snapshot { at: Moment::of(at(sent)), event_id: Some("ev".into()), overrides: None, issue };
    Entry { snapshot: Some(Received { what, received: at(sent) }), tombstone: None }
}

fn tombstone(sent: i64) -> Entry {
    let what = Tombstone { at: Moment::of(at(sent)), event_id: None, ttl_s: TTL_S };
    Entry { snapshot: None, tombstone: Some(Received { what, received: at(sent) }) }
}

fn base(fields: &Fields, changed: i64) -> Option<Base<'_>> {
    Some(Base { fields, changed: at(changed) })
}

fn never(_: &str) -> bool {
    false
}

fn rules(now: i64) -> Rules<'static> {
    Rules { now: at(now), ttl_s: TTL_S, happened: &never }
}

fn shown(merged: &Merged) -> Vec<&str> {
    merged.heard.iter().flat_map(|heard| heard.mark.fields.iter().map(String::as_str)).collect()
}

#[test]
fn overlay_newer_than_base_wins_field_by_field() {
    let file = issue("T", "open", 0);
    let merged = snapshot(issue("T", "closed", 10), 11).merge(base(&file, 0), rules(12));
    assert_eq!(shown(&merged), ["status"]);
    let heard = merged.heard.unwrap();
    assert_eq!(heard.issue.unwrap().status.as_deref(), Some("closed"));
    assert!(merged.keep_snapshot && heard.refuses, "Kanbus refuses to write past it");
    assert_eq!(merged.until, Some(at(11 + 86_400)));
}

#[test]
fn what_the_file_has_is_caught_up_however_that_shows() {
    let heard = snapshot(issue("New", "open", 10), 11);
    let cases = [
        ("its time", issue("Other", "open", 10), rules(12)),
        ("a later time", issue("Other", "open", 20), rules(21)),
        ("its fields", issue("New", "open", 5), rules(12)),
        ("its event", issue("Old", "open", 0), Rules { happened: &|id| id == "ev", ..rules(12) }),
        ("its end", issue("Old", "open", 0), rules(11 + 86_400)),
    ];
    for (what, file, rules) in cases {
        let merged = heard.merge(base(&file, 30), rules);
        assert!(merged.heard.is_none() && !merged.keep_snapshot, "{what}");
    }
}

#[test]
fn spelling_and_view_tags_are_no_change() {
    let file = issue("T", "open", 0);
    let mut heard = issue("T", "open", 10);
    heard["created_at"] = json!(at(-1000).to_string().replace('Z', ".000000+00:00"));
    heard["custom"] = json!({"source": "shared", "project_label": "k"});
    heard.remove("closed_at");
    assert!(snapshot(heard, 11).merge(base(&file, 0), rules(12)).heard.is_none());
}

#[test]
fn an_issue_that_is_only_heard_is_shown_and_one_that_is_heard_deleted_is_marked() {
    let ghost = snapshot(issue("T", "open", 10), 11).merge(None, rules(12));
    assert_eq!(ghost.heard.unwrap().issue.unwrap().title.as_ref(), "T");
    let file = issue("T", "open", 0);
    let marked = tombstone(11).merge(base(&file, 0), rules(12));
    let heard = marked.heard.unwrap();
    assert!(
        heard.mark.deleted && heard.issue.is_none() && marked.keep_tombstone,
        "the file stays what it is"
    );
    let older = tombstone(-1).merge(base(&file, 0), rules(12));
    assert!(older.heard.is_none() && !older.keep_tombstone, "the file is newer");
    let gone = tombstone(11).merge(None, rules(12));
    assert!(gone.heard.is_none() && gone.keep_tombstone, "what is late shall not bring it back");
    assert_eq!(gone.until, Some(at(11 + 86_400)));
}

#[test]
fn what_is_late_does_not_bring_back_what_is_gone() {
    let mut entry = tombstone(20);
    entry.hear(snapshot(issue("Late", "open", 10), 11));
    let happened = |id: &str| id == "deleted";
    let merged = entry.merge(None, Rules { happened: &happened, ..rules(21) });
    assert!(merged.heard.is_none() && merged.keep_tombstone && !merged.keep_snapshot);
}

#[test]
fn a_file_whose_clock_was_ahead_is_as_old_as_when_it_was_written() {
    let file = issue("Of tomorrow", "open", 86_400);
    let heard = snapshot(issue("Heard", "open", 10), 11).merge(base(&file, 0), rules(12));
    assert_eq!(shown(&heard), ["title"]);
    let same = snapshot(issue("Other", "open", 86_400), 11).merge(base(&file, 0), rules(12));
    assert!(same.heard.is_none(), "one time is one change");
}

#[test]
fn what_no_event_tells_is_dropped_when_the_file_moves_past_it() {
    let mut entry = snapshot(issue("Heard", "open", 10), 11);
    let (before, after) = (issue("Old", "open", 0), issue("Old", "closed", 20));
    let base = Base { fields: &after, changed: at(20) };
    assert!(entry.rebase(&before, base, rules(21)).is_some());
    entry.snapshot.as_mut().unwrap().what.event_id = None;
    assert!(entry.rebase(&before, base, rules(21)).is_none());
}

#[test]
fn the_newer_of_a_snapshot_and_a_tombstone_counts() {
    let mut entry = snapshot(issue("T", "closed", 10), 11);
    assert!(entry.hear(tombstone(20)));
    let file = issue("T", "open", 0);
    assert!(entry.merge(base(&file, 0), rules(21)).heard.unwrap().mark.deleted);
    assert!(entry.merge(None, rules(21)).heard.is_none(), "a ghost that is heard deleted is gone");
    assert!(entry.hear(snapshot(issue("Back", "open", 30), 31)));
    assert!(!entry.merge(base(&file, 0), rules(32)).heard.unwrap().mark.deleted);
}

#[test]
fn older_news_and_the_same_news_are_no_news() {
    let mut entry = snapshot(issue("B", "open", 10), 11);
    assert!(!entry.hear(snapshot(issue("A", "open", 5), 12)), "a replay, however late");
    assert!(!entry.hear(snapshot(issue("B", "open", 10), 11)));
    assert!(entry.hear(snapshot(issue("C", "open", 20), 21)));
}

#[test]
fn a_clock_that_is_wrong_by_a_day_does_not_freeze_a_card() {
    const DAY: i64 = 86_400;
    let file = issue("T", "open", 0);
    let ahead = Snapshot {
        at: Moment::of(at(10)),
        event_id: None,
        overrides: None,
        issue: issue("T", "closed", DAY),
    };
    let mut entry = Entry { snapshot: Some(Received { what: ahead, received: at(10) }), tombstone: None };
    assert_eq!(shown(&entry.merge(base(&file, 0), rules(11))), ["status"], "it is shown");
    let own = issue("Mine", "open", 20);
    assert!(entry.merge(base(&own, 20), rules(21)).heard.is_none(), "what is written here after it wins");
    assert!(entry.hear(snapshot(issue("Next", "open", 30), 30)), "so does what others say after it");
    let behind = snapshot(issue("T", "closed", -DAY), 10);
    assert!(
        behind.merge(base(&file, 0), rules(11)).heard.is_none(),
        "what seems old is not shown, and freezes nothing"
    );
    let same_clock = issue("T", "open", DAY);
    let next = snapshot(issue("T", "closed", DAY + 5), 40);
    assert_eq!(
        shown(&next.merge(base(&same_clock, 30), rules(41))),
        ["status"],
        "one clock, wrong or not, has one order"
    );
}

#[test]
fn a_write_on_top_of_hearsay_keeps_what_is_still_only_heard() {
    let before = issue("T", "open", 0);
    let entry = snapshot(issue("Heard", "closed", 10), 11);
    let after = issue("T", "in_progress", 20);
    let left = entry.rebase(&before, base(&after, 20).unwrap(), rules(21)).unwrap();
    assert_eq!(left.what.overrides, Some(fields(json!({"title": "Heard"}))), "the status was written here");
    let entry = Entry { snapshot: Some(left), tombstone: None };
    let merged = entry.merge(base(&after, 20), rules(21));
    assert_eq!(shown(&merged), ["title"]);
    let heard = merged.heard.unwrap();
    assert_eq!(heard.issue.unwrap().status.as_deref(), Some("in_progress"));
    assert!(!heard.refuses, "Kanbus sees a file that is newer");
    let pulled = issue("Heard", "in_progress", 30);
    assert!(entry.merge(base(&pulled, 30), rules(31)).heard.is_none());
    assert!(entry.rebase(&after, base(&pulled, 30).unwrap(), rules(31)).is_none());
}

#[test]
fn entries_on_disk_are_read_back_as_they_were_and_strangers_are_refused() {
    let entry = snapshot(issue("T", "open", 10), 11).snapshot.unwrap();
    assert!(entry.what.is_kanbus_s());
    let bytes = entry.what.to_json().unwrap();
    assert_eq!(Snapshot::parse(&bytes, "k-1", at(11)).unwrap(), entry);
    assert_eq!(Snapshot::parse(&bytes, "k-2", at(11)), Err(EntryError::OtherIssue));
    let early = Snapshot::parse(&bytes, "k-1", at(5)).unwrap();
    assert_eq!(early.what.at.instant(), at(5), "nothing was sent after it came");
    let stone = tombstone(11).tombstone.unwrap();
    assert_eq!(Tombstone::parse(&stone.what.to_json("k", "k-1").unwrap(), "k-1", at(11)).unwrap(), stone);
    for bytes in [&b""[..], b"{}", b"[]", b"\xff", b"{\"overlay_ts\":1}"] {
        assert!(Snapshot::parse(bytes, "k-1", at(0)).is_err());
        assert!(Tombstone::parse(bytes, "k-1", at(0)).is_err());
    }
    let mut odd = entry.what;
    odd.issue.insert("priority".to_owned(), json!("high"));
    assert!(!odd.is_kanbus_s(), "Kanbus would fail on it");
}

#[test]
fn who_is_behind_it_is_told_by_the_newest_comment_or_the_agent() {
    let file = issue("T", "open", 0);
    let mut heard = issue("T", "closed", 10);
    heard.insert("agent".to_owned(), json!({"platform": "Codex", "name": "codex-3"}));
    let from = |heard: &Fields| {
        snapshot(heard.clone(), 11).merge(base(&file, 0), rules(12)).heard.unwrap().mark.from
    };
    assert_eq!(from(&heard).as_deref(), Some("codex-3"));
    heard["comments"] = json!([{"author": "ann", "text": "x", "created_at": "2026-01-01T00:00:00Z"}]);
    assert_eq!(from(&heard).as_deref(), Some("ann"));
}
