//! `hooks:`, programs that the configuration wants to be run before and after changes.
//!
//! Not here: whether they are trusted, and running them (`hearsay-live`).
//!
//! Invariants:
//! - Everything here is a stranger's wish. Nothing is run because it stands here.
//! - A hook that may refuse a change and cannot be understood is kept as one that cannot be run: it refuses.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Reading, scalar};

/// The changes before which a hook refuses by failing, unless it says otherwise.
const CHANGES: [&str; 8] = [
    "issue.create",
    "issue.update",
    "issue.close",
    "issue.delete",
    "issue.comment",
    "issue.dependency",
    "issue.promote",
    "issue.localize",
];
/// What Kanbus has hooks for besides. Reading here is no such event.
const READINGS: [&str; 3] = ["issue.show", "issue.list", "issue.ready"];
/// How long a hook may run where nothing is said, in milliseconds.
const TIMEOUT_MS: u64 = 5_000;

/// A program that the configuration wants to be run before or after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Whether it runs before the change.
    pub before: bool,
    /// The change, in Kanbus's words.
    pub event: String,
    /// Its name.
    pub id: String,
    /// The program and its arguments; empty where nobody can say what is to be run.
    pub command: Vec<String>,
    /// Whether its failure keeps the change from being made.
    pub blocking: bool,
    /// How long it may run, in milliseconds; at least one.
    pub timeout_ms: u64,
    /// Where it runs, absolute or relative to the file; beside the file where nothing is said.
    pub cwd: Option<String>,
    /// Variables that it gets beside those that are there.
    pub env: BTreeMap<String, String>,
}

impl Reading {
    /// The programs that `hooks:` names, in the order in which they run; none where it is switched off.
    pub(super) fn hooks(&mut self) -> Vec<Hook> {
        let section = self.entries("hooks").unwrap_or_default();
        if section.get("enabled").and_then(Value::as_bool) == Some(false) {
            return Vec::new();
        }
        let timeout_ms = section.get("default_timeout_ms").and_then(Value::as_u64).unwrap_or(TIMEOUT_MS);
        let mut hooks = Vec::new();
        for (when, before) in [("before", true), ("after", false)] {
            match section.get(when) {
                None | Some(Value::Null) => {}
                Some(Value::Object(events)) => {
                    for (event, entries) in events {
                        hooks.extend(self.of_event((when, before), event, (entries, timeout_ms)));
                    }
                }
                Some(_) => self.faults.push(format!("`hooks.{when}` is not a mapping")),
            }
        }
        hooks
    }

    fn of_event(
        &mut self,
        (when, before): (&str, bool),
        event: &str,
        (entries, timeout_ms): (&Value, u64),
    ) -> Vec<Hook> {
        if !CHANGES.contains(&event) && !READINGS.contains(&event) {
            self.faults.push(format!("`hooks.{when}` has the unknown event `{event}`"));
        }
        let entries = entries.as_array().map_or_else(|| std::slice::from_ref(entries), Vec::as_slice);
        if entries.is_empty() {
            self.faults.push(format!("`hooks.{when}.{event}` names no hook"));
        }
        let mut hooks: Vec<Hook> = Vec::with_capacity(entries.len());
        for entry in entries {
            let hook = hook(before, event, (entry, timeout_ms));
            if hook.command.is_empty() {
                self.faults.push(format!("a hook of `hooks.{when}.{event}` has no `command`"));
            }
            if hooks.iter().any(|other| other.id == hook.id) {
                self.faults.push(format!("the hook `{}` stands in `hooks.{when}.{event}` twice", hook.id));
            }
            hooks.push(hook);
        }
        hooks
    }
}

fn hook(before: bool, event: &str, (entry, timeout_ms): (&Value, u64)) -> Hook {
    let text = |key: &str| entry.get(key).and_then(scalar);
    let command = match entry.get("command") {
        Some(Value::Array(words)) => words.iter().map(scalar).collect::<Option<Vec<_>>>(),
        other => other.and_then(scalar).map(|word| vec![word]),
    };
    let blocking = entry.get("blocking").and_then(Value::as_bool);
    Hook {
        before,
        event: event.to_owned(),
        id: text("id").unwrap_or_default(),
        command: command.unwrap_or_default(),
        blocking: before && blocking.unwrap_or_else(|| CHANGES.contains(&event)),
        timeout_ms: entry.get("timeout_ms").and_then(Value::as_u64).unwrap_or(timeout_ms).max(1),
        cwd: text("cwd"),
        env: entry.get("env").and_then(Value::as_object).map(variables).unwrap_or_default(),
    }
}

fn variables(entries: &Map<String, Value>) -> BTreeMap<String, String> {
    entries.iter().filter_map(|(name, value)| Some((name.clone(), scalar(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(hooks: &str) -> (Vec<Hook>, Vec<String>) {
        let config = Config::parse(&format!("hooks:\n{hooks}"), None).unwrap();
        (config.hooks, config.faults)
    }

    #[test]
    fn hooks_are_read_as_kanbus_reads_them() {
        let text = "  default_timeout_ms: 700
  before:
    issue.update:
      - {id: gate, command: [./gate.sh, '1'], cwd: tools, env: {A: b, N: 3}, timeout_ms: 50}
      - {id: tell, command: [tell], blocking: false}
    issue.show:
      - {id: look, command: [look]}
  after:
    issue.update:
      - {id: note, command: [note], blocking: true}
";
        let (hooks, faults) = read(text);
        assert_eq!(faults, Vec::<String>::new());
        let env = [("A", "b"), ("N", "3")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let gate = Hook {
            before: true,
            event: "issue.update".to_owned(),
            id: "gate".to_owned(),
            command: vec!["./gate.sh".to_owned(), "1".to_owned()],
            blocking: true,
            timeout_ms: 50,
            cwd: Some("tools".to_owned()),
            env: env.into(),
        };
        assert_eq!(hooks.iter().find(|hook| hook.id == "gate"), Some(&gate));
        let mut rest: Vec<_> = hooks
            .iter()
            .filter(|hook| hook.id != "gate")
            .map(|hook| (hook.id.as_str(), hook.before, hook.blocking, hook.timeout_ms))
            .collect();
        rest.sort_unstable();
        // What runs after a change, and what only looks, refuses nothing, whatever it says of itself.
        let expected = [("look", true, false, 700), ("note", false, false, 700), ("tell", true, false, 700)];
        assert_eq!(rest, expected);
    }

    #[test]
    fn hooks_that_are_switched_off_are_none() {
        assert_eq!(read("  enabled: false\n  before: {issue.update: [{id: a, command: [a]}]}\n").0, []);
    }

    #[test]
    fn a_hook_that_cannot_be_understood_still_refuses() {
        for entries in ["[{id: gate}]", "[{id: gate, command: [[a], b]}]", "{id: gate}", "gate", "[3]"] {
            let (hooks, faults) = read(&format!("  before: {{issue.update: {entries}}}\n"));
            assert_eq!(hooks.len(), 1, "{entries}");
            assert!(hooks[0].blocking && hooks[0].command.is_empty(), "{entries}: {hooks:?}");
            assert_eq!(faults.len(), 1, "{entries}: {faults:?}");
        }
        let (_, faults) = read("  before: {issue.udpate: [{id: a, command: [a]}, {id: a, command: [a]}]}\n");
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
