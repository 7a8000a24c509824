//! The environment of a repository: the process's own, the person's file, the repository's file.
//!
//! Not here: reading the files, and what the values mean.
//!
//! Invariant: as in Kanbus, a value that is set earlier is not overwritten by a later file, not even an empty one.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What the environment says, as texts that somebody else has read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// The variables of the process.
    pub vars: BTreeMap<String, String>,
    /// Those in `~/.kanbus.env`.
    pub person_file: BTreeMap<String, String>,
    /// Those in the `.env` beside `.kanbus.yml`.
    pub repository_file: BTreeMap<String, String>,
    /// The directory that relative paths are relative to.
    pub repository: PathBuf,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The person: the process's environment or `~/.kanbus.env`.
    Person,
    /// The repository's `.env`.
    RepositoryFile,
    /// `.kanbus.yml`.
    Configuration,
}

impl Origin {
    /// The file of the repository that said it, if it was one.
    pub(super) fn file_of_the_repository(self) -> Option<&'static str> {
        match self {
            Self::Person => None,
            Self::RepositoryFile => Some(".env"),
            Self::Configuration => Some(".kanbus.yml"),
        }
    }
}

impl Environment {
    /// The value of `name`, and who gave it. A blank one is none.
    pub(super) fn get(&self, name: &str) -> Option<(&str, Origin)> {
        let person = self.vars.get(name).or_else(|| self.person_file.get(name));
        person
            .map(|value| (value, Origin::Person))
            .or_else(|| Some((self.repository_file.get(name)?, Origin::RepositoryFile)))
            .map(|(value, origin)| (value.as_str(), origin))
            .filter(|(value, _)| !value.trim().is_empty())
    }

    /// What it says of the overlay: whether it is on, and for how many seconds an entry counts.
    pub fn overlay(&self) -> (Option<bool>, Option<u64>) {
        let enabled = self.get("KANBUS_OVERLAY_ENABLED").and_then(|(value, _)| flag(value));
        let ttl_s = self.get("KANBUS_OVERLAY_TTL_S").and_then(|(value, _)| value.trim().parse().ok());
        (enabled, ttl_s)
    }

    /// The value that the person gave to `name`.
    pub(super) fn of_the_person(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|(_, origin)| *origin == Origin::Person).map(|(value, _)| value)
    }
}

/// The variables that `text` sets, read as Kanbus reads its `.env` files. The first of several counts.
pub fn parse_dotenv(text: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (key, value) in text.lines().filter_map(line) {
        variables.entry(key.to_owned()).or_insert_with(|| value.to_owned());
    }
    variables
}

fn line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let unquoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    (!key.is_empty()).then_some((key, unquoted.unwrap_or(value)))
}

/// What Kanbus takes for yes and no.
pub(super) fn flag(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}
