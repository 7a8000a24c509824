//! Kanbus's lifecycle hooks: other people's programs, run before and after our own writes as Kanbus runs them.
//!
//! Not here: reading them from a configuration (`hearsay_board::config`), whether the person trusts them (`trust`,
//! `hearing`), and when a command comes to them (`commands`).
//!
//! Invariants:
//! - Nothing runs that the person has not trusted.
//! - A change whose blocking hooks may not run is not made; one whose other hooks may not run is, and that is said.
//! - Hooks run while no lock is held and nobody but the command waits: they may call Kanbus, and they may be slow.

mod issue;
mod occasion;
mod program;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;

use hearsay_board::config::Hook;
use hearsay_repo::Repository;
use serde_json::{Map, Value, json};

pub(crate) use occasion::Occasion;

use crate::surroundings::Surroundings;
use crate::trust::{legible, shown};
use crate::wire::{ErrorCode, WireError};

/// What says to a hook how it is spoken to.
const SCHEMA: &str = "kanbus.hooks.v1";
/// Whose `operation` it is: Kanbus's two clients differ there, and this is the one that is followed.
const RUNTIME: &str = "rust";
/// The variable that switches all hooks off.
const OFF: &str = "KANBUS_NO_HOOKS";
/// What is ours alone, by how the names begin.
const OURS: &str = "HEARSAY_";
/// More programs than these are not listed one by one.
const MOST_SHOWN: usize = 10;

/// The hooks that are for one change, in the order in which they run.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    before: Vec<Hook>,
    after: Vec<Hook>,
}

/// What the hooks of one change run in, and what all of them are told.
pub(crate) struct Stage<'a> {
    /// The directory of the configuration.
    pub(crate) root: &'a Path,
    /// The environment: see [`environment`].
    pub(crate) environment: &'a BTreeMap<String, String>,
    /// Who makes the change.
    pub(crate) actor: &'a str,
    /// The time.
    pub(crate) now: jiff::Timestamp,
}

/// The environment of every hook: as in Kanbus, the process's own with what the person's and the repository's files
/// of variables add to it. What is ours alone stays with us.
pub(crate) fn environment(surroundings: &Surroundings, repository: &Repository) -> BTreeMap<String, String> {
    let said = surroundings.environment(repository);
    let mut all = said.repository_file;
    all.extend(said.person_file);
    all.extend(said.vars);
    all.retain(|name, value| {
        let can_be_passed = !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0');
        can_be_passed && !name.starts_with(OURS)
    });
    all
}

/// Whether `environment` switches all hooks off.
pub(crate) fn are_off(environment: &BTreeMap<String, String>) -> bool {
    let said = environment.get(OFF).map(|value| value.trim().to_ascii_lowercase());
    said.is_some_and(|said| ["1", "true", "yes", "on"].contains(&said.as_str()))
}

impl Hooks {
    /// Those of `hooks` that are for `event`.
    pub(crate) fn of(hooks: &[Hook], event: &str) -> Self {
        let of = |before| {
            hooks.iter().filter(|hook| hook.before == before && hook.event == event).cloned().collect()
        };
        Self { before: of(true), after: of(false) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// What is said of a change where none of them may run.
    ///
    /// # Errors
    /// Where one of them could have refused it.
    pub(crate) fn not_trusted(&self) -> Result<String, WireError> {
        let blocking: Vec<&Hook> = self.before.iter().filter(|hook| hook.blocking).collect();
        if blocking.is_empty() {
            let all: Vec<&Hook> = self.before.iter().chain(&self.after).collect();
            return Ok(format!("hooks were not run, as the repository is not trusted: {}", listed(&all)));
        }
        let message = format!("this repository is to run, and is not trusted to: {}", listed(&blocking));
        let hint = "Look at what it asks for and trust it: on the board, or with `hear trust`.";
        Err(WireError::new(ErrorCode::Untrusted, message).with_hint(hint))
    }

    /// Runs those that come before the change. Answers what is said of it all the same.
    ///
    /// # Errors
    /// Where a blocking one fails, in Kanbus's words.
    pub(crate) fn run_before<Closed: Future<Output = ()>>(
        &self,
        event: &str,
        operation: Map<String, Value>,
        stage: &Stage<'_>,
        closed: impl Fn() -> Closed,
    ) -> Result<Vec<String>, WireError> {
        let told = stage.told(("before", event), operation);
        let mut warnings = Vec::new();
        for hook in &self.before {
            match program::run(hook, &stage.setting(), &told, closed()) {
                Ok(()) => {}
                Err(why) if hook.blocking => {
                    let id = legible(&hook.id);
                    let message = format!("blocking hook '{id}' failed for {event}: {why}");
                    let hint = "The hook stands in .kanbus.yml.";
                    return Err(WireError::new(ErrorCode::Policy, message).with_hint(hint));
                }
                Err(why) => warnings.push(warning(("before", event), hook, &why)),
            }
        }
        Ok(warnings)
    }

    /// Runs those that come after the change. Answers which failed, and why.
    pub(crate) fn run_after<Closed: Future<Output = ()>>(
        &self,
        event: &str,
        operation: Map<String, Value>,
        stage: &Stage<'_>,
        closed: impl Fn() -> Closed,
    ) -> Vec<String> {
        let told = stage.told(("after", event), operation);
        let run = |hook: &Hook| {
            let why = program::run(hook, &stage.setting(), &told, closed()).err()?;
            Some(warning(("after", event), hook, &why))
        };
        self.after.iter().filter_map(run).collect()
    }
}

impl Stage<'_> {
    fn setting(&self) -> program::Setting<'_> {
        program::Setting { root: self.root, environment: self.environment }
    }

    fn told(&self, (phase, event): (&str, &str), operation: Map<String, Value>) -> Vec<u8> {
        let root = self.root.to_string_lossy();
        let told = json!({
            "schema_version": SCHEMA,
            "phase": phase,
            "event": event,
            "timestamp": format!("{:.3}", self.now),
            "actor": self.actor,
            "mode": {
                "beads_mode": false,
                "project_root": root,
                // Nobody stands anywhere: as if Kanbus had been called where the configuration is.
                "working_directory": root,
                "runtime": RUNTIME,
            },
            "operation": operation,
        });
        told.to_string().into_bytes()
    }
}

fn warning((phase, event): (&str, &str), hook: &Hook, why: &str) -> String {
    format!("Hook warning ({event}/{phase}/{}): {why}", legible(&hook.id))
}

fn listed(hooks: &[&Hook]) -> String {
    let mut all: Vec<String> = hooks.iter().take(MOST_SHOWN).map(|hook| shown(hook)).collect();
    if hooks.len() > MOST_SHOWN {
        all.push(format!("and {} more", hooks.len() - MOST_SHOWN));
    }
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks(text: &str) -> Vec<Hook> {
        hearsay_board::Config::parse(&format!("hooks: {text}"), None).unwrap().hooks
    }

    #[test]
    fn what_is_not_trusted_is_listed_and_refuses_where_it_could_have() {
        let both = hooks(
            "{before: {issue.update: [{id: gate, command: [./gate, 'a b'], cwd: x, env: {A: b}}]},
              after: {issue.update: [{id: note, command: [note]}]}}",
        );
        let refused = Hooks::of(&both, "issue.update").not_trusted().unwrap_err();
        assert_eq!(refused.code, ErrorCode::Untrusted);
        let gate = "before issue.update in \"x\" with \"A=b\": ./gate \"a b\"";
        assert!(refused.message.ends_with(gate), "{}", refused.message);
        assert!(refused.hint.unwrap().contains("hear trust"));
        assert!(Hooks::of(&both, "issue.create").is_empty());
        let notes = Hooks::of(&both[1..], "issue.update").not_trusted().unwrap();
        assert!(notes.ends_with("after issue.update: note"), "{notes}");
    }

    #[test]
    fn hooks_are_switched_off_by_the_words_that_kanbus_takes() {
        let with = |value: &str| [(OFF.to_owned(), value.to_owned())].into();
        for on in ["1", " True ", "YES", "on"] {
            assert!(are_off(&with(on)), "{on}");
        }
        for off in ["", "0", "no", "2"] {
            assert!(!are_off(&with(off)), "{off}");
        }
        assert!(!are_off(&BTreeMap::new()));
    }
}
