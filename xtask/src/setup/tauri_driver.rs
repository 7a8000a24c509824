//! `tauri-driver`, through which the WebDriver suite reaches the desktop app.
//!
//! Not here: the browser's own driver, which is a system package.
//!
//! Invariant: a driver that the person has on the PATH is used as it is; ours lies in the target directory.

use std::path::PathBuf;

use anyhow::Result;

use crate::house::{House, program_in};
use crate::say;
use crate::shell::{cargo, run};

/// The driver's path, after building it if there is none.
pub(crate) fn ensure(house: &House) -> Result<PathBuf> {
    let tools = house.target.join("tools");
    let ours = program_in(&tools.join("bin"), "tauri-driver");
    if let Some(theirs) = on_path("tauri-driver") {
        say::note(&format!("using {}", theirs.display()));
        return Ok(theirs);
    }
    if !ours.is_file() {
        // It only passes requests on: an unoptimised build is as good, and made in half the time.
        run(cargo(&house.root)
            .args(["install", "--debug", "--locked", "tauri-driver", "--version", "^2", "--root"])
            .arg(&tools))?;
    }
    Ok(ours)
}

/// The first program of that name on the PATH.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| program_in(&folder, name)).find(|program| program.is_file())
}
