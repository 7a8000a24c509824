//! Where things are: the repository root, the UI and cargo's output.
//!
//! Not here: what is done in those places.
//!
//! Invariant: every path is absolute, so a child may run in any directory.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The places of one checkout.
#[derive(Debug, Clone)]
pub(crate) struct House {
    /// The repository root.
    pub(crate) root: PathBuf,
    /// Cargo's target directory.
    pub(crate) target: PathBuf,
}

impl House {
    /// Finds the checkout that this program was built from.
    pub(crate) fn find() -> Result<Self> {
        // Cargo sets the variable for `cargo run`; the compiled-in value serves a binary that is started by
        // hand.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().context("xtask lies in no repository")?.to_path_buf();
        // This binary lies in <target>/<profile>/; asking it respects every way to move the target directory.
        let program = env::current_exe().context("this program does not know where it lies")?;
        let target = match program.ancestors().find(|place| place.join("CACHEDIR.TAG").is_file()) {
            Some(target) => target.to_path_buf(),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The UI's directory.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// Where cargo puts the programs of a profile.
    pub(crate) fn programs(&self, profile: Profile) -> PathBuf {
        self.target.join(match profile {
            Profile::Debug => "debug",
            Profile::Release => "release",
        })
    }

    /// The reference material that is laid beside the checkout on some machines.
    pub(crate) fn shared(&self) -> Option<PathBuf> {
        let shared = self.root.parent()?.join("shared");
        shared.is_dir().then_some(shared)
    }
}

/// Which of cargo's two usual profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

/// True in `.ci/run`, where nothing may be skipped and nobody can be asked.
pub(crate) fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// The path of a program inside a folder of programs: Windows adds an extension.
pub(crate) fn program_in(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}
