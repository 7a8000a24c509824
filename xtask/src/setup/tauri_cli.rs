//! Tauri's own command line, which draws icons and makes packages.
//!
//! Not here: what it is told to do.
//!
//! Invariants: the version is pinned; what npm brings lies in the target directory, and nothing of it runs before it is
//! called.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::house::House;
use crate::say;
use crate::shell::{command, npm, run};

/// The version of the program; it must fit the library's.
const PINNED: &str = "2.12.5";

/// The program, where it is.
#[derive(Debug)]
pub(crate) struct TauriCli {
    script: PathBuf,
    /// It looks there for the configuration.
    folder: PathBuf,
}

impl TauriCli {
    /// Brings the program if it is not there.
    pub(crate) fn ensure(house: &House) -> Result<Self> {
        let place = house.target.join("tools").join(format!("tauri-cli-{PINNED}"));
        let script = place.join("node_modules/@tauri-apps/cli/tauri.js");
        let stamp = place.join("hearsay-stamp");
        if stamp.is_file() && script.is_file() {
            say::note("Tauri's command line is there");
        } else {
            say::note(&format!("Fetching Tauri's command line {PINNED} from npm, 20 MB."));
            fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
            let mut install = npm(&place);
            install.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
            run(install.arg(&place).arg(format!("@tauri-apps/cli@{PINNED}")))?;
            fs::write(&stamp, PINNED).with_context(|| stamp.display().to_string())?;
        }
        Ok(Self { script, folder: house.root.join("src-tauri") })
    }

    /// A call of it.
    pub(crate) fn call(&self) -> Command {
        let mut call = command("node", &self.folder);
        call.arg(&self.script);
        call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_fits_the_library() {
        let lock = fs::read_to_string(House::find().unwrap().root.join("Cargo.lock")).unwrap();
        let version = lock.split("name = \"tauri\"\nversion = \"").nth(1).unwrap();
        let minor = |version: &str| version.split('.').take(2).collect::<Vec<_>>().join(".");
        assert_eq!(minor(PINNED), minor(version.split('"').next().unwrap()));
    }
}
