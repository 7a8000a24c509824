//! Settings: one file of the person's, seen by every process of theirs, never overwritten where it cannot be read; and
//! rules, tried on what was before they are kept.

use std::fs;
use std::path::PathBuf;

use hearsay_tests::http::Answer;
use hearsay_tests::wait::until;
use hearsay_tests::{Issue, Listening, Project, peers, record};
use serde_json::{Value, json};

fn file(project: &Project) -> PathBuf {
    project.home().join("config/hearsay/settings.json")
}

fn kept(project: &Project) -> Value {
    serde_json::from_str(&fs::read_to_string(file(project)).expect("settings are kept")).expect("JSON")
}

fn change(listening: &Listening, set: &Value) -> Answer {
    listening.server.tell("POST", "/api/commands", &json!({"type": "change_settings", "set": set}))
}

fn theme(theme: &str) -> Value {
    json!({"appearance": {"theme": theme}})
}

fn sees_theme(listening: &mut Listening, theme: &str) {
    listening.unit("settings", &format!("the theme {theme}"), |unit| {
        unit["settings"]["appearance"]["theme"] == theme
    });
}

#[test]
fn what_one_process_changes_another_sees_and_it_is_there_after_a_restart() {
    let project = Project::with_issues(1);
    let mut one = Listening::to(&project);
    let mut other = Listening::to(&project.clone_as("clone"));
    let settings = one.follower.unit("settings").unwrap();
    assert_eq!((&settings["me"], &settings["trouble"]), (&json!(["ada"]), &Value::Null));
    assert_eq!(settings["path"], *file(&project).to_string_lossy());
    assert!(!file(&project).exists(), "what is usual is not kept");
    one.set(&theme("dark"));
    sees_theme(&mut one, "dark");
    sees_theme(&mut other, "dark");
    other.set(&json!({"identity": {"names": ["ada.l"]}, "tray": {"close_to_tray": true}}));
    one.unit("settings", "the other's name", |unit| unit["me"] == json!(["ada", "ada.l"]));
    for listening in [one, other] {
        assert!(listening.server.running.stop().success());
    }
    let again = Listening::to(&project).follower.unit("settings").unwrap();
    assert_eq!(again["settings"], kept(&project));
    assert_eq!(again["settings"]["appearance"]["theme"], "dark");
    assert_eq!(
        (&again["me"], &again["settings"]["tray"]["close_to_tray"]),
        (&json!(["ada", "ada.l"]), &json!(true))
    );
    let mut last = Listening::to(&project);
    last.set(&json!({"appearance": null, "identity": {"names": null}}));
    last.unit("settings", "what is usual", |unit| unit["me"] == json!(["ada"]));
    sees_theme(&mut last, "system");
}

#[test]
fn two_processes_that_change_settings_at_once_have_both_changes() {
    let project = Project::with_issues(1);
    let [one, other] = [Listening::to(&project), Listening::to(&project)];
    std::thread::scope(|scope| {
        for (name, door) in [("one", one.server.door()), ("other", other.server.door())] {
            scope.spawn(move || {
                for turn in 0..20 {
                    let set = json!({"shortcuts": {(format!("{name}-{turn}")): [turn.to_string()]}});
                    let command = json!({"type": "change_settings", "set": set});
                    let answer = door.tell("POST", "/api/commands", &command);
                    assert_eq!(answer.status, 200, "{}", answer.body);
                }
            });
        }
    });
    let shortcuts = kept(&project)["shortcuts"].as_object().unwrap().clone();
    assert_eq!(shortcuts.len(), 40, "{shortcuts:?}");
    for mut listening in [one, other] {
        listening.unit("settings", "all of them", |unit| unit["settings"]["shortcuts"] == json!(shortcuts));
    }
}

#[test]
fn a_file_that_is_edited_by_hand_is_noticed_and_what_is_not_known_in_it_is_kept() {
    let project = Project::with_issues(1);
    let mut listening = Listening::to(&project);
    fs::create_dir_all(file(&project).parent().unwrap()).unwrap();
    let text =
        r#"{"version": 1, "appearance": {"theme": "light", "density": "high"}, "panes": [1, {"x": null}]}"#;
    fs::write(file(&project), text).unwrap();
    sees_theme(&mut listening, "light");
    listening
        .set(&json!({"appearance": {"theme": "dark"}, "notifications": {"rules": "kind:deleted -> notice"}}));
    let kept = kept(&project);
    assert_eq!(kept["appearance"], json!({"theme": "dark", "density": "high"}));
    assert_eq!((&kept["panes"], &kept["version"]), (&json!([1, {"x": null}]), &json!(1)));
    fs::remove_file(file(&project)).unwrap();
    sees_theme(&mut listening, "system");
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_not_overwritten_until_the_person_has_it_put_aside() {
    let project = Project::with_issues(1);
    let mut listening = Listening::to(&project);
    fs::create_dir_all(file(&project).parent().unwrap()).unwrap();
    let broken = [
        "{ broken",
        "[]",
        r#"{"version":9}"#,
        r#"{"version":1,"notifications":{"rules":"kind:moved ->"}}"#,
        "",
    ];
    // What was known counts on.
    let mut known = "system";
    for text in broken {
        fs::write(file(&project), text).unwrap();
        let path = file(&project).to_string_lossy().into_owned();
        let unit = listening.unit("settings", "the trouble", |unit| unit["trouble"].is_string());
        assert!(unit["trouble"].as_str().unwrap().contains(&path), "{unit}");
        // Where only the rules are wrong, all else in the file counts, which says nothing of a theme.
        let counts = if text.contains("rules") { "system" } else { known };
        assert_eq!(unit["settings"]["appearance"]["theme"], counts, "what was known counts: {text}");
        let refused = change(&listening, &theme("dark"));
        assert_eq!(
            (refused.status >= 400, &refused.json()["code"]),
            (true, &json!("unreadable")),
            "{}",
            refused.body
        );
        assert!(refused.json()["hint"].is_string());
        assert_eq!(fs::read_to_string(file(&project)).unwrap(), text, "it is as it was");
        listening.server.command(&json!({"type": "restore_settings"}));
        let aside = file(&project).with_file_name("settings.broken.json");
        assert_eq!(fs::read_to_string(aside).unwrap(), text);
        listening.unit("settings", "no trouble", |unit| unit["trouble"].is_null());
        assert_eq!(change(&listening, &theme("dark")).status, 200);
        sees_theme(&mut listening, "dark");
        known = "dark";
    }
    // One that was mended by hand is read again.
    fs::write(file(&project), "{").unwrap();
    listening.unit("settings", "the trouble", |unit| unit["trouble"].is_string());
    fs::write(file(&project), r#"{"version":1,"appearance":{"theme":"light"}}"#).unwrap();
    sees_theme(&mut listening, "light");
    assert!(listening.follower.unit("settings").unwrap()["trouble"].is_null());
}

#[test]
fn what_is_no_setting_and_no_rule_is_refused_with_where_and_nothing_changes() {
    let project = Project::with_issues(1);
    let listening = Listening::to(&project);
    listening.set(&theme("dark"));
    let before = kept(&project);
    let rules = "kind:moved -> notice\n\nkind:mvoed -> inbox";
    for (set, said) in [
        (json!({"appearence": {}}), "appearence"),
        (json!({"appearance": {"theme": "pink"}}), "pink"),
        (json!({"appearance": 7}), ""),
        (json!({"notifications": {"rules": rules}}), "Line 3, column 6"),
        (json!({"notifications": {"rules": "-> notice"}}), "Line 1, column 1"),
        (
            json!({"notifications": {"quiet": {"spans": [{"days": ["mon"], "from": "25:00", "to": "1"}]}}}),
            "25:00",
        ),
        (json!({"notifications": {"mutes": [{"of": {"planet": "x"}}]}}), "planet"),
        (json!({"shortcuts": {"x": ["y".repeat(300_000)]}}), ""),
    ] {
        let answer = change(&listening, &set);
        let refusal = answer.json();
        assert!((400..500).contains(&answer.status), "{said}: {}", answer.body);
        assert!(
            refusal["message"].as_str().is_some_and(|text| text.contains(said)),
            "{said}: {}",
            answer.body
        );
        assert_eq!(kept(&project), before);
    }
}

#[test]
fn settings_without_a_place_are_refused_in_words_and_the_board_works() {
    let project = Project::with_issues(2);
    fs::create_dir_all(file(&project).parent().unwrap().parent().unwrap()).unwrap();
    fs::write(file(&project).parent().unwrap(), "in the way").unwrap();
    let listening = Listening::to(&project);
    let answer = change(&listening, &theme("dark"));
    assert_eq!((answer.status >= 400, &answer.json()["code"]), (true, &json!("io")), "{}", answer.body);
    assert!(answer.json()["hint"].is_string());
    listening.server.command(&json!({"type": "comment", "id": "demo-1", "text": "The board works."}));
}

#[test]
fn rules_are_tried_on_the_events_of_the_last_day_and_an_error_says_where() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::with_issues(4);
    let agent = ["--agent-name", "codex-3", "--agent-platform", "Codex", "--agent-model", "m"];
    project.kanbus_as("grace", &client, &["update", "demo-1", "--status", "in_progress"]);
    project.kanbus_as("grace", &client, &["close", "demo-1"]);
    project.kanbus_as(
        "grace",
        &client,
        &[&["comment", "demo-2", "The data loss is back."], &agent[..]].concat(),
    );
    // What happened long ago, and what the person did themselves, is not tried.
    let (path, text) = record::event("demo-3", "grace", 10, 1);
    project.write(&path, text);
    let listening = Listening::to(&project);
    listening.server.command(&json!({"type": "set_fields", "id": "demo-3", "set": {"status": "closed"}}));
    let rules = "# mine\nagent:codex-* -> interrupt\nkind:moved status:closed by:grace -> mute\nkind:deleted -> notice";
    let answer = listening.server.tell("POST", "/api/rules/try", &json!({"rules": rules}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let trial = answer.json();
    let run = &trial["run"];
    assert_eq!(run["hits"][0], 1, "{trial:#}");
    assert_eq!(run["hits"][2], 0, "{trial:#}");
    let lines: Vec<&str> =
        trial["lines"].as_array().unwrap().iter().map(|line| line["said"].as_str().unwrap()).collect();
    assert_eq!(
        lines,
        ["codex-3 commented on demo-2", "grace moved demo-1 to closed", "grace moved demo-1 to in_progress"]
    );
    let tried = run["tried"].as_array().unwrap();
    assert_eq!(tried.len(), 3);
    assert_eq!((&tried[0]["rule"], &tried[0]["class"]), (&json!(2), &json!("interrupt")));
    assert_eq!((&tried[1]["rule"], &tried[1]["muted"]), (&json!(3), &json!(true)));
    let word = json!({"rules": "\"data loss\" -> notice"});
    let by_word = listening.server.tell("POST", "/api/rules/try", &word).json();
    assert_eq!(by_word["run"]["hits"], json!([1]), "words of a comment are looked for: {by_word:#}");
    for (rules, said) in
        [("kind:moved -> notice\nkind:mvoed -> inbox", "Line 2, column 6"), ("x", "Line 1, column")]
    {
        let answer = listening.server.tell("POST", "/api/rules/try", &json!({"rules": rules}));
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("invalid")), "{}", answer.body);
        assert!(answer.json()["message"].as_str().unwrap().contains(said), "{}", answer.body);
        assert!(answer.json()["hint"].is_string());
    }
    until("nothing of it to be kept", || (!file(&project).exists()).then_some(()));
}

#[test]
fn a_name_that_the_person_also_signs_with_is_theirs_and_so_is_a_call_by_it() {
    let project = Project::with_issues(4);
    let mut listening = Listening::to(&project);
    listening.set(&json!({"identity": {"names": ["ada.l"]}}));
    let mut issue = Issue::numbered(1).changed(2);
    issue.comments = vec!["Have you seen it, @ada.l?".into()];
    project.put(&issue);
    let notice = listening.notice("demo-1");
    assert_eq!((&notice["class"], &notice["line"]["kind"]), (&json!("notice"), &json!("mentioned")));
}
