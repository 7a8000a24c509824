//! What "Copy diagnostics" copies: made to be pasted where everybody reads it.
//!
//! Invariant: no path, no name of a person, a repository, a host or an issue, no text of an issue, no secret.

use std::collections::BTreeMap;
use std::fmt::Write;

use hearsay_live::session::{Part, Session};
use serde_json::Value;

use super::scrub::Scrub;

/// What is so.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) version: String,
    /// The system with its version.
    pub(super) system: String,
    /// The desktop and the kind of session, as far as they are known.
    pub(super) desktop: String,
    pub(super) webview: String,
    pub(super) session: Session,
    /// `board_full` messages of the repositories that are open.
    pub(super) boards: Vec<Value>,
    /// The newest lines of the log.
    pub(super) log: Vec<String>,
}

/// All of it as a text, by `scrub`, which knows what else is private.
pub(super) fn compose(facts: &Facts, scrub: &mut Scrub) -> String {
    for board in &facts.boards {
        hide(board, scrub);
    }
    let mut text = String::new();
    let mut line = |words: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{words}");
    };
    line(format!("Hearsay {}", facts.version));
    line(format!("System: {}", plain(&facts.system)));
    line(format!("Desktop: {}", plain(&facts.desktop)));
    line(format!("Web view: {}", plain(&facts.webview)));
    let Session { notifications, tray, keyring } = &facts.session;
    for (name, part) in [("Notifications", notifications), ("Tray", tray), ("Keyring", keyring)] {
        line(format!("{name}: {}", of_part(part, scrub)));
    }
    for (number, board) in (1..).zip(&facts.boards) {
        line(String::new());
        line(format!("Repository {number}"));
        of_repository(board).into_iter().for_each(&mut line);
    }
    line(String::new());
    line(format!("Log, the newest {} lines", facts.log.len()));
    line(scrub.fully(&facts.log.join("\n")));
    text
}

/// A word or two that somebody else chose, without anything that could be a path or an address.
fn plain(text: &str) -> String {
    let kept = |c: &char| c.is_ascii_alphanumeric() || " .,:_-+()/".contains(*c);
    text.chars().filter(kept).take(100).collect()
}

fn of_part(part: &Part, scrub: &Scrub) -> String {
    let state = name(&serde_json::to_value(part.state).unwrap_or_default());
    format!("{state}, {}", scrub.fully(&part.message))
}

/// What a board and its live side name goes wherever it stands.
fn hide(board: &Value, scrub: &mut Scrub) {
    let texts = |key: &'static str, instead: &'static str, scrub: &mut Scrub| {
        let found = units(board).filter_map(|unit| unit[key].as_str()).map(str::to_owned);
        scrub.add_all(found, instead);
    };
    texts("title", "<title>", scrub);
    texts("assignee", "<person>", scrub);
    let repository = &board["repository"];
    scrub.add(repository["path"].as_str().unwrap_or_default(), "<repository>");
    scrub.add(repository["name"].as_str().unwrap_or_default(), "<repository>");
    let ways = board["live"]["link"]["ways"].as_array();
    for endpoint in ways.into_iter().flatten().filter_map(|way| way["endpoint"].as_str()) {
        scrub.add(endpoint, "<address>");
        let host = endpoint.split("://").last().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        if !matches!(host, "localhost" | "") {
            scrub.add(host, "<address>");
        }
    }
}

fn units(board: &Value) -> impl Iterator<Item = &Value> {
    board["board"].as_object().into_iter().flat_map(|units| units.values())
}

/// How many of what there are: only names of a closed set are told.
fn of_repository(board: &Value) -> Vec<String> {
    let of_kind = |kind: &'static str| units(board).filter(move |unit| unit["kind"] == kind);
    let mut lines = vec![
        format!("  cards: {}", counts(of_kind("card").map(|card| name(&card["stage"])))),
        format!("  problems: {}", counts(of_kind("problem").map(|problem| name(&problem["code"])))),
        format!("  notes: {}", counts(notes(board))),
    ];
    let live = &board["live"];
    let link = &live["link"];
    lines.push(format!(
        "  link: {}, {} refused",
        name(&link["state"]),
        link["refused"].as_u64().unwrap_or(0)
    ));
    for way in link["ways"].as_array().into_iter().flatten() {
        let hosting = if way["hosting"] == true { ", hosting" } else { "" };
        lines.push(format!("    {}: {}{hosting}", name(&way["kind"]), name(&way["state"])));
    }
    lines.push(format!("  watch: {}", name(&live["watch"]["mode"])));
    let trust = &live["trust"];
    if let Some(asks) = trust["asks"].as_array() {
        let trusted = if trust["trusted"] == true { "trusted" } else { "not trusted" };
        lines.push(format!("  asks for: {}, {trusted}", counts(asks.iter().map(|ask| name(&ask["kind"])))));
    }
    lines
}

fn notes(board: &Value) -> impl Iterator<Item = String> {
    let notes = units(board).filter_map(|unit| unit["notes"].as_array()).flatten();
    notes.map(|note| name(&note["code"]))
}

/// The name of a member of a closed set, as the wire has it.
fn name(value: &Value) -> String {
    let is_name = |name: &&str| name.len() < 40 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    value.as_str().filter(is_name).unwrap_or("unknown").to_owned()
}

fn counts(names: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    let total: usize = counts.values().sum();
    let each: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if each.is_empty() { "none".to_owned() } else { format!("{total} ({})", each.join(", ")) }
}

#[cfg(test)]
mod tests {
    use hearsay_live::session::PartState;
    use serde_json::json;

    use super::*;

    fn facts() -> Facts {
        let part = |message: &str| Part { hint: None, message: message.to_owned(), state: PartState::Ready };
        let board = json!({
            "repository": {"name": "moonshot", "path": "/srv/customers/moonshot"},
            "board": {
                "card:moon-1": {"kind": "card", "title": "Sell the company", "stage": "committed",
                    "assignee": "grace", "notes": [{"code": "kanbus_refuses"}]},
                "card:moon-2": {"kind": "card", "title": "Pay ada", "stage": "heard"},
                "problem:x": {"kind": "problem", "code": "overlay", "path": "x/y", "message": "Sell the company"},
            },
            "live": {
                "link": {"state": "listening", "refused": 3, "ways": [
                    {"kind": "uds", "state": "listening", "hosting": true, "endpoint": "/run/user/1000/kanbus/bus.sock"},
                    {"kind": "mqtt", "state": "lost", "hosting": false, "endpoint": "mqtts://bunker:8883"},
                ]},
                "watch": {"mode": "native"},
                "trust": {"asks": [{"kind": "broker", "what": "mqtts://bunker:8883"}], "trusted": false},
            },
        });
        let log = [
            "2026-11-21T22:48:27.1Z  WARN hearsay_repo::discovery: too many in /home/ada/Big Client/x",
            "2026-11-21T22:48:28.1Z  WARN hearsay_live: about 'Sell the company' by grace in moonshot",
            "2026-11-21T22:48:29.1Z ERROR hearsay_gossip: bunker refused password=hunter2 from ada@laptop7",
            "2026-11-21T22:48:30.1Z  INFO hearsay: on laptop7, ada",
        ];
        Facts {
            version: "0.1.0".to_owned(),
            system: "Debian GNU/Linux 12 (x86_64)".to_owned(),
            desktop: "GNOME, wayland".to_owned(),
            webview: "2.48.1".to_owned(),
            session: Session {
                keyring: part("the keyring of /home/ada is there"),
                notifications: part("dunst 1.9 shows banners"),
                tray: part("an icon in the tray is shown"),
            },
            boards: vec![board],
            log: log.map(str::to_owned).to_vec(),
        }
    }

    #[test]
    fn diagnostics_hold_no_secret_path_or_title() {
        let mut scrub = Scrub::default();
        for (word, instead) in [("/home/ada", "~"), ("ada", "<person>"), ("laptop7", "<host>")] {
            scrub.add(word, instead);
        }
        let text = compose(&facts(), &mut scrub);
        let private = [
            "hunter2",
            "/home",
            "/srv",
            "/run",
            "Big Client",
            "Sell",
            "Pay",
            "grace",
            "ada",
            "moonshot",
            "moon-1",
            "bunker",
            "8883",
            "laptop7",
        ];
        for word in private {
            assert!(!text.contains(word), "{word} in {text}");
        }
        for word in [
            "Hearsay 0.1.0",
            "System: Debian GNU/Linux 12 (x86_64)",
            "Desktop: GNOME, wayland",
            "Notifications: ready, dunst 1.9 shows banners",
            "cards: 2 (1 committed, 1 heard)",
            "problems: 1 (1 overlay)",
            "notes: 1 (1 kanbus_refuses)",
            "link: listening, 3 refused",
            "mqtt: lost",
            "uds: listening, hosting",
            "watch: native",
            "asks for: 1 (1 broker), not trusted",
            "hearsay_repo::discovery: too many in",
        ] {
            assert!(text.contains(word), "{word} not in {text}");
        }
    }
}
