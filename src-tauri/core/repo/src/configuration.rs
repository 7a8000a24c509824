//! One `.kanbus.yml`, with what overrides it and what stands in for it.
//!
//! Not here: what it comes to in directories (`layout`).
//!
//! Invariants:
//! - A configuration that cannot be read stands in for itself as HEAD has it, else as Kanbus's defaults: a fresh
//!   process and a long-running one agree on what the board is.
//! - One that was written a moment ago and says nothing, or does not parse, is taken for half written.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::{Config, ConfigError, Problem, ProblemCode, SyntaxError};

use crate::committed::Committed;
use crate::discovery::{CONFIG, OVERRIDE};
use crate::file::{self, LARGEST, Stamp};
use crate::folder::PATIENCE;
use crate::problem;

/// What a configuration comes to.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) config: Config,
    pub(crate) problems: Vec<Problem>,
    /// What keeps it, or a part of it, from being read as it stands, and what stands in for that counts.
    pub(crate) broken: Option<Arc<str>>,
    /// Whether it may be half written.
    pub(crate) torn: bool,
    /// The files that it is read from, links resolved.
    pub(crate) files: Vec<PathBuf>,
}

/// Where to read from, and against what.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The root of the working tree.
    pub(crate) root: &'a Path,
    /// What HEAD has.
    pub(crate) committed: Option<&'a Committed>,
    /// The time that files' own times are compared with.
    pub(crate) now: SystemTime,
}

impl Configuration {
    /// Reads the configuration in `dir`; `shown` is how its path is shown.
    pub(crate) fn read(dir: &Path, shown: &str, source: Source<'_>) -> Self {
        let (path, override_path) = (dir.join(CONFIG), dir.join(OVERRIDE));
        let base = text(&path, source.root);
        let read = base.as_deref().map_err(Clone::clone).and_then(|text| Config::parse(text, None));
        let files = [&path, &override_path].into_iter().filter_map(|path| path.canonicalize().ok()).collect();
        let half =
            |text: &Result<String, ConfigError>| text.as_ref().is_ok_and(|text| text.trim().is_empty());
        let young =
            |path: &Path| Stamp::at(path).is_ok_and(|stamp| stamp.is_younger_than(PATIENCE, source.now));
        let mut this =
            Self { config: Config::default(), problems: Vec::new(), broken: None, torn: false, files };
        match (read, base) {
            (Ok(config), Ok(text)) => {
                this.torn = text.trim().is_empty() && young(&path);
                this.config = config;
                if override_path.exists() {
                    this.read_override(&text, &override_path, &shown.replace(CONFIG, OVERRIDE), source);
                    this.torn |= young(&override_path) && half(&self::text(&override_path, source.root));
                }
                // Kanbus does nothing at all with such a configuration.
                if let Some(fault) = this.config.faults.first() {
                    this.broken.get_or_insert_with(|| format!("{shown}: {fault}").into());
                }
                this.problems.extend(what_is_odd(shown, &this.config));
            }
            (Err(error), _) | (_, Err(error)) => {
                let before = committed_version(shown, source.committed);
                this.torn = young(&path);
                this.broken = Some(format!("{shown}: {}", error.message).into());
                this.problems.push(broken(shown, &error, before.is_some()));
                this.config = before.unwrap_or_default();
            }
        }
        this
    }

    /// Reads the override over `base`; where it cannot be read, the base counts alone.
    fn read_override(&mut self, base: &str, path: &Path, shown: &str, source: Source<'_>) {
        match text(path, source.root).and_then(|text| Config::parse(base, Some(&text))) {
            Ok(config) => self.config = config,
            Err(error) => {
                self.torn |= Stamp::at(path).is_ok_and(|stamp| stamp.is_younger_than(PATIENCE, source.now));
                self.broken = Some(format!("{shown}: {}", error.message).into());
                let message = format!("The override cannot be read and does not count: {}.", error.message);
                let hint = Some("Mend it at that place, and save.");
                self.problems.push(Problem {
                    line: error.line,
                    column: error.column,
                    ..problem::error(ProblemCode::Config, shown, message, hint)
                });
            }
        }
    }
}

fn committed_version(shown: &str, committed: Option<&Committed>) -> Option<Config> {
    let text = String::from_utf8(committed?.read(shown, LARGEST)?).ok()?;
    Config::parse(&text, None).ok()
}

fn text(path: &Path, within: &Path) -> Result<String, ConfigError> {
    let mut bytes = Vec::new();
    let said = |message: String| ConfigError { message, line: None, column: None };
    file::read(path, within, &mut bytes).map_err(|unread| said(problem::unread("", &unread).message))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = SyntaxError::not_utf8(error.as_bytes(), error.utf8_error().valid_up_to());
        ConfigError { message: at.message, line: Some(at.line), column: Some(at.column) }
    })
}

fn broken(path: &str, error: &ConfigError, committed: bool) -> Problem {
    let used = if committed { "The committed version is used." } else { "Kanbus's defaults are used." };
    let message = format!("The configuration cannot be read: {}. {used}", error.message);
    Problem {
        line: error.line,
        column: error.column,
        ..problem::error(ProblemCode::Config, path, message, Some("Mend it at that place, and save."))
    }
}

fn what_is_odd(path: &str, config: &Config) -> Option<Problem> {
    let unknown = config.unknown_keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    if !config.faults.is_empty() {
        let faults = config.faults.join("; ");
        let also = if unknown.is_empty() { String::new() } else { format!("; not understood: {unknown}") };
        return Some(problem::warning(
            ProblemCode::Config,
            path,
            format!("Parts of the configuration cannot be used, defaults stand in: {faults}{also}."),
            None,
        ));
    }
    (!unknown.is_empty()).then(|| {
        let message = format!("The configuration has keys that are not understood: {unknown}.");
        problem::warning(
            ProblemCode::ConfigKeys,
            path,
            message,
            Some("Kanbus refuses keys that it does not know."),
        )
    })
}
