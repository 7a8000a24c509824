//! The real Kanbus client, in a virtual environment of its own, for the end-to-end tests.
//!
//! Not here: using it.
//!
//! Invariants: the versions are pinned; the environment is remade when they or its place change.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::house::{House, program_in};
use crate::say;
use crate::shell::{command, run, succeeds};

/// What is installed: the client, and what it needs besides once a project has a policy.
const PINNED: [&str; 2] = ["kanbus==0.41.0", "gherkin-official==42.0.1"];

/// Makes the environment if it is not there.
pub(crate) fn ensure(house: &House) -> Result<()> {
    let place = house.target.join("kanbus-venv");
    // The scripts inside name their interpreter by its full path, so a moved checkout needs a new one.
    let wanted = format!("{} in {}\n", PINNED.join(" "), place.display());
    let stamp = place.join("hearsay-stamp");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) && client(house).is_file() {
        say::note("the Kanbus client is there");
        return Ok(());
    }
    if place.exists() {
        fs::remove_dir_all(&place).with_context(|| place.display().to_string())?;
    }
    say::note(&format!("Making a Python environment with {}.", PINNED.join(" and ")));
    run(command(python(&house.root), &house.root).args(["-m", "venv"]).arg(&place))
        .context("Python 3 with its venv module is needed")?;
    run(command(program_in(&scripts(&place), "python"), &house.root)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PINNED))?;
    fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())
}

/// The client's program.
pub(crate) fn client(house: &House) -> PathBuf {
    program_in(&scripts(&house.target.join("kanbus-venv")), "kanbus")
}

fn scripts(place: &Path) -> PathBuf {
    place.join(if cfg!(windows) { "Scripts" } else { "bin" })
}

fn python(folder: &Path) -> &'static str {
    if succeeds(command("python3", folder).arg("--version")) { "python3" } else { "python" }
}
