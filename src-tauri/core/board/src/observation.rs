//! What a source has to say about the working tree: the input of the board.
//!
//! Not here: how it is found out (`hearsay-repo`).
//!
//! Invariant: an observation says what *is*, never what changed, so that saying it twice is saying it once.

use std::sync::Arc;

use crate::board::{Board, Holder, Place};
use crate::config::Config;
use crate::overlay::Heard;
use crate::unit::{By, GitState, Lease, Problem, Stage};

/// One thing that is so.
#[derive(Debug, Clone)]
pub enum Observation {
    /// The board's name, and its projects: label, display name, configuration.
    Projects {
        /// The board's name.
        name: String,
        /// Label, display name and configuration of each.
        projects: Vec<(Arc<str>, String, Arc<Config>)>,
    },
    /// An issue stands in its place.
    Issue {
        /// The stem of its file's name.
        id: Box<str>,
        /// What it is, where, and how far it has come.
        holder: Box<Holder>,
    },
    /// No issue `id` stands there.
    Gone {
        /// The stem of its file's name.
        id: Box<str>,
        /// Where it does not stand.
        place: Place,
    },
    /// How far the issue there has come.
    Stage {
        /// The stem of its file's name.
        id: Box<str>,
        /// Where it stands.
        place: Place,
        /// How far.
        stage: Stage,
    },
    /// Who changed the issue there last, as far as the newest events tell.
    By {
        /// The issue.
        id: Box<str>,
        /// Where the event stands.
        place: Place,
        /// Who.
        by: Option<By>,
    },
    /// What is heard of the issue there beyond its file.
    Heard {
        /// The issue.
        id: Box<str>,
        /// Where it stands, or would.
        place: Place,
        /// What; `None` where nothing is.
        heard: Option<Box<Heard>>,
    },
    /// Who holds an issue for a time.
    Lease {
        /// The issue.
        id: Box<str>,
        /// The label of its project.
        project: Arc<str>,
        /// Who, and until when; `None` where nobody does.
        lease: Option<Lease>,
    },
    /// What is wrong at a path.
    Problem {
        /// The path, relative to the working tree.
        path: String,
        /// What; `None` where all is well.
        problem: Option<Box<Problem>>,
    },
    /// What Git says of the whole; `None` where there is no Git.
    Git(Option<GitState>),
}

impl Board {
    /// Takes in one observation. The units follow at the next [`Board::settle`].
    ///
    /// # Errors
    /// Where a unit cannot be written as JSON.
    pub fn apply(&mut self, observation: Observation) -> Result<(), serde_json::Error> {
        match observation {
            Observation::Projects { name, projects } => self.set_projects(name, projects)?,
            Observation::Issue { id, holder } => self.put(&id, *holder),
            Observation::Gone { id, place } => self.remove(&id, &place),
            Observation::Stage { id, place, stage } => self.set_stage(&id, &place, stage),
            Observation::By { id, place, by } => self.set_by(&id, &place, by),
            Observation::Heard { id, place, heard } => self.set_heard(&id, &place, heard),
            Observation::Lease { id, project, lease } => self.set_lease(&id, &project, lease),
            Observation::Problem { path, problem } => self.set_problem(&path, problem.as_deref())?,
            Observation::Git(git) => self.set_git(git.as_ref())?,
        }
        Ok(())
    }
}
