//! Envelopes about the issues of a grown project, each with something new to say.
//!
//! Not here: how they travel (`hearing`, `mqtt`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use hearsay_tests::envelope::{just_now, mutated_as, with};
use hearsay_tests::growth::Chance;
use hearsay_tests::project::IDENTITY;
use serde_json::{Value, json};

use crate::latency::lull;

/// Somebody who changes the issues of a project elsewhere, and says so.
pub(crate) struct Speaker {
    label: String,
    paths: Vec<PathBuf>,
    chance: Chance,
    turn: usize,
}

/// What was said.
pub(crate) struct Said {
    /// The issue that it is about.
    pub(crate) id: String,
    /// The title that the issue has from now on, which no other has.
    pub(crate) title: String,
    /// The envelope.
    pub(crate) envelope: Value,
}

impl Speaker {
    /// Gives the project at `root` the usual identity, without which Kanbus is silent, and reads what it consists of.
    pub(crate) fn new(root: &Path, seed: u64) -> Result<Self> {
        let path = root.join(".kanbus.yml");
        let config = fs::read_to_string(&path)?;
        let label = config.lines().find_map(|line| line.strip_prefix("project_key:"));
        let label = label.context("a project has a key")?.trim().to_owned();
        let others = config.lines().filter(|line| !line.starts_with("project_id:"));
        let config: String = others.map(|line| format!("{line}\n")).collect();
        fs::write(path, format!("{config}project_id: {IDENTITY}\n"))?;
        let entries = fs::read_dir(root.join("project/issues"))?.flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        Ok(Self { label, paths, chance: Chance(seed), turn: 0 })
    }

    /// How many issues there are.
    pub(crate) fn issues(&self) -> usize {
        self.paths.len()
    }

    /// Says that some issue has another title.
    pub(crate) fn speak(&mut self) -> Result<Said> {
        let at = self.chance.below(self.paths.len() as u64);
        self.speak_of(at as usize)
    }

    /// Says that some issue is urgent all at once, which is worth everybody's attention.
    pub(crate) fn raise(&mut self) -> Result<Said> {
        let calm = |path: &PathBuf| -> Result<bool> {
            let issue: Value = serde_json::from_slice(&fs::read(path)?)?;
            Ok(issue["priority"] != json!(0))
        };
        for _ in 0..self.paths.len() {
            let at = self.chance.below(self.paths.len() as u64) as usize;
            if calm(&self.paths[at])? {
                return self.say_of(at, |issue| issue["priority"] = json!(0));
            }
        }
        bail!("every issue is urgent")
    }

    /// Says that the issue at that place has another title.
    pub(crate) fn speak_of(&mut self, at: usize) -> Result<Said> {
        self.say_of(at, |_| ())
    }

    fn say_of(&mut self, at: usize, change: impl FnOnce(&mut Value)) -> Result<Said> {
        self.turn += 1;
        let path = &self.paths[at];
        let mut issue: Value = serde_json::from_slice(&fs::read(path)?)?;
        let title = format!("Said in turn {}", self.turn);
        issue["title"] = json!(title);
        change(&mut issue);
        issue["updated_at"] = json!(just_now());
        let id = issue["id"].as_str().context("an issue has an id")?.to_owned();
        let envelope = with(mutated_as(&issue), "project", self.label.as_str());
        Ok(Said { id, title, envelope })
    }

    /// Lets a lull pass.
    pub(crate) fn rest(&mut self) {
        lull(&mut self.chance);
    }
}
