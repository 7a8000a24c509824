//! What a person does to a repository now and then, without following it: trusting it, sweeping its overlay, checking
//! how it is set up.
//!
//! Not here: an open repository (`workspace`).
//!
//! Invariant: nothing is contacted, and nothing is written but what was asked for.

use std::path::Path;
use std::time::SystemTime;

use hearsay_board::{Config, Observation};
use hearsay_gossip::Settings;
use hearsay_repo::{Keeping, Overlays, Repository, WorkingTree, discover};
use std::sync::Arc;

pub use hearsay_repo::{Hooks, Swept};

use crate::hearing::{Project, wanted_by};
use crate::reading::{AGAIN, PATIENCE};
use crate::surroundings::{Part, Surroundings};
use crate::trust::TrustStore;
use crate::wire::{Trust, WireError};
use crate::workspace::rfc3339;

/// A repository that is looked at once.
#[derive(Debug)]
pub struct Upkeep {
    repository: Repository,
    projects: Vec<Project>,
    surroundings: Surroundings,
    clock: fn() -> SystemTime,
}

impl Upkeep {
    /// Looks at the repository that `path` is, or is inside of: its configurations, and nothing else yet.
    ///
    /// # Errors
    /// Where there is none.
    pub fn of(path: &Path, clock: fn() -> SystemTime, surroundings: Surroundings) -> Result<Self, WireError> {
        let repository = discover(path)?;
        let (_, observations) = WorkingTree::new(repository.clone(), Overlays::default(), clock());
        let projects = observations.into_iter().filter_map(|observation| match observation {
            Observation::Projects { projects, .. } => Some(projects),
            _ => None,
        });
        Ok(Self { repository, projects: projects.last().unwrap_or_default(), surroundings, clock })
    }

    /// The root of its working tree.
    pub fn root(&self) -> &Path {
        &self.repository.root
    }

    /// Its configurations, in the order of the board.
    pub fn configs(&self) -> impl Iterator<Item = &Arc<Config>> {
        self.projects.iter().map(|(_, _, config)| config)
    }

    /// How gossip goes for it as things are.
    pub fn gossip(&self) -> Settings {
        wanted_by(&self.repository, &self.projects, &self.surroundings).0
    }

    /// What it asks for, if anything.
    pub fn asks(&self) -> Option<Trust> {
        wanted_by(&self.repository, &self.projects, &self.surroundings).1
    }

    /// Trusts exactly what it asks for.
    ///
    /// # Errors
    /// Where the person has no place for settings, or it cannot be written.
    pub fn trust(&self, asks: &Trust) -> Result<(), WireError> {
        self.store().trust(&self.repository.root, asks, rfc3339((self.clock)()))
    }

    /// Takes that back.
    ///
    /// # Errors
    /// As for [`Upkeep::trust`].
    pub fn distrust(&self) -> Result<(), WireError> {
        self.store().distrust(&self.repository.root)
    }

    fn store(&self) -> TrustStore {
        TrustStore::new(self.surroundings.settings.as_deref())
    }

    /// Removes from its overlays what the files have caught up with, what has ended and what cannot be read.
    pub fn collect(&self) -> Swept {
        self.read(Keeping::Shared).collect()
    }

    /// Makes its snapshots the fields in which they differ from the files. In a dry run nothing is written.
    pub fn reconcile(&self, prune: bool, dry_run: bool) -> Swept {
        self.read(Keeping::Nothing).reconcile(prune, dry_run, (self.clock)())
    }

    /// Has Git sweep the overlays after merges, checkouts and rewrites. Answers which hooks were written.
    ///
    /// # Errors
    /// Where Git does not say where its hooks are, or one of them cannot be added to.
    pub fn install_hooks(&self) -> Result<Hooks, WireError> {
        Ok(hearsay_repo::install_hooks(&self.repository)?)
    }

    fn read(&self, keeping: Keeping) -> WorkingTree {
        let clock = self.clock;
        let part = if keeping == Keeping::Nothing { Part::Alone } else { Part::Participant(keeping) };
        let overlays = self.surroundings.overlays(&self.repository, part);
        let (mut tree, mut observations) = WorkingTree::new(self.repository.clone(), overlays, clock());
        let mut again = tree.load(clock(), &|_, _| (), &mut observations).again;
        let patient_until = clock() + PATIENCE;
        while !again.is_empty() {
            std::thread::sleep(AGAIN);
            let now = clock();
            let now = if now < patient_until { now } else { now + PATIENCE };
            again = tree.look(again, now, &mut observations).again;
        }
        tree
    }
}
