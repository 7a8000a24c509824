//! Whatever is said of issues, Kanbus's own commands go on reading the overlay.

use hearsay_tests::envelope::mutated_as;
use hearsay_tests::wait::until;
use serde_json::{Value, json};

use crate::party::{Party, retitled};

/// What somebody may say of an issue, and whether Kanbus reads that.
fn said_of_issues() -> Vec<(&'static str, Value, bool)> {
    let comment = |key: &str, value: Value| {
        let mut comment = json!({"author": "ann", "text": "Words", "created_at": "2026-01-01T00:00:00Z"});
        comment[key] = value;
        json!([comment])
    };
    let agent = |key: &str, value: Value| {
        let mut agent = json!({"platform": "codex", "model": "m-1"});
        agent[key] = value;
        agent
    };
    let mut deep = json!(0);
    for _ in 0..110 {
        deep = json!([deep]);
    }
    vec![
        ("title", json!("An ordinary one"), true),
        ("title", json!(""), false),
        ("title", json!("\u{0} \u{7f} \u{202e} \u{1f600}\n"), true),
        ("type", json!(""), false),
        ("type", json!("no-such-type"), true),
        ("status", json!(""), false),
        ("status", json!("no-such-status"), true),
        ("description", json!(null), false),
        ("priority", json!(-7), true),
        ("priority", json!(2.5), false),
        ("priority", json!(1_u64 << 40), false),
        ("assignee", json!(["ann"]), false),
        ("parent", json!(""), true),
        ("parent", json!("demo-nobody"), true),
        ("labels", json!(["a", ""]), true),
        ("labels", json!([null]), false),
        ("labels", json!(null), false),
        ("dependencies", json!([{"target": "demo-nobody", "type": "no-such-type", "more": 1}]), true),
        ("dependencies", json!([{"target": "", "type": "blocked-by"}]), false),
        ("dependencies", json!([["demo-1", "blocked-by"]]), false),
        ("comments", comment("text", json!("More words")), true),
        ("comments", comment("text", json!(" ")), false),
        ("comments", comment("text", json!(null)), false),
        ("comments", comment("author", json!("")), false),
        ("comments", comment("id", json!(5)), false),
        ("comments", comment("created_at", json!("2026-01-01")), false),
        ("comments", comment("comment_type", json!(null)), false),
        ("comments", comment("comment_type", json!("summary")), true),
        ("comments", comment("data", json!([1])), false),
        ("comments", comment("agent", json!({})), false),
        ("comments", json!([["ann", "Words"]]), false),
        ("created_at", json!("0001-01-01T00:00:00Z"), false),
        ("created_at", json!("2026-01-01T00:00:00.123456789+05:30"), true),
        ("created_at", json!("2026-01-01 00:00:00Z"), false),
        ("created_at", json!("2026-01-01T00:00:00Z[UTC]"), false),
        ("created_at", json!("2026-01-01T00:00Z"), false),
        ("created_at", json!("20260101T000000Z"), false),
        ("closed_at", json!(""), false),
        ("closed_at", json!("2026-06-30T23:59:60Z"), false),
        ("right_now_summary", json!(5), false),
        ("right_now_summary", json!("Busy"), true),
        ("right_now_updated_at", json!("garbage"), false),
        ("agent", agent("name", json!("codex-3")), true),
        ("agent", agent("settings", json!({"any": [1]})), true),
        ("agent", agent("settings", json!(null)), false),
        ("agent", agent("more", json!(1)), false),
        ("agent", agent("platform", json!("p".repeat(65))), false),
        ("agent", json!([]), false),
        ("agent_assignment", json!({"kind": 5}), false),
        ("custom", json!(null), false),
        ("custom", json!({"source": 5}), false),
        ("custom", json!({"project_path": 5}), false),
        ("custom", json!({"last_event_id": 5, "deep": deep}), true),
        ("no_such_field", json!({"a": [1]}), true),
    ]
}

#[test]
fn whatever_is_said_of_issues_either_kanbus_reads_it_or_it_is_kept_from_kanbus() {
    let all = said_of_issues();
    let mut party = Party::new(all.len());
    for (number, (field, value, _)) in all.iter().enumerate() {
        // Half of them are of issues that nobody has a file of.
        let mut issue: Value = serde_json::from_str(&retitled(number, "Heard").text()).unwrap();
        if number % 2 == 1 {
            issue["id"] = json!(format!("demo-heard-{number}"));
        }
        issue[*field] = value.clone();
        party.say(&mutated_as(&issue));
    }
    party.fence();
    let kept = until("all to be written", || {
        Some(party.overlay())
            .filter(|kept| kept.iter().filter(|path| path.contains("issues/")).count() == all.len())
    });
    for (number, (field, value, is_kanbus_s)) in all.iter().enumerate() {
        let id = format!("demo-{}{number}", if number % 2 == 1 { "heard-" } else { "" });
        assert_eq!(kept.contains(&format!("issues/{id}.json")), *is_kanbus_s, "{field}: {value:.200}");
    }
    if let Some(client) = hearsay_tests::peers::kanbus() {
        for command in [
            &["list"][..],
            &["overlay", "reconcile", "--all", "--prune"],
            &["list", "--full-ids"],
            &["overlay", "gc", "--all"],
        ] {
            party.project.kanbus(&client, command);
        }
    }
}
