//! The UI's packages and its built pages.
//!
//! Not here: the UI's tests and lints.
//!
//! Invariants: packages come from the lock file alone; neither step repeats work whose inputs have not
//! changed.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::house::House;
use crate::say;
use crate::shell::{command, npm, read, run};

/// `npm ci`, unless these very packages are there.
pub(crate) fn packages(house: &House) -> Result<()> {
    let ui = house.ui();
    let lock = fs::read(ui.join("package-lock.json")).context("ui/package-lock.json")?;
    // npm writes its own list there, so the folder is complete only if our copy of the lock file is in it
    // too.
    let stamp = ui.join("node_modules/.hearsay-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        say::note("the packages are there");
        return Ok(());
    }
    run(npm(&ui).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, lock).with_context(|| stamp.display().to_string())
}

/// `npm run build`, unless ui/dist was built from just these files.
pub(crate) fn build(house: &House) -> Result<()> {
    let ui = house.ui();
    let inputs = fingerprint(&ui)?;
    let stamp = house.target.join("xtask-ui-inputs");
    if ui.join("dist/index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|built| built == inputs) {
        say::note("ui/dist is up to date");
        return Ok(());
    }
    run(npm(&ui).args(["run", "build"]))?;
    fs::create_dir_all(&house.target)?;
    fs::write(&stamp, inputs).with_context(|| stamp.display().to_string())
}

/// A hash of the names and contents of the UI's files, as Git sees them: built files are ignored there.
fn fingerprint(ui: &Path) -> Result<String> {
    let files = read(command("git", ui).args(["ls-files", "-z", "-co", "--exclude-standard"]))?;
    let mut names: Vec<_> = files.split('\0').filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let mut hasher = DefaultHasher::new();
    for name in names {
        // A file that Git tracks and that is gone counts by its absence.
        if let Ok(bytes) = fs::read(ui.join(name)) {
            hasher.write(name.as_bytes());
            hasher.write_usize(bytes.len());
            hasher.write(&bytes);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_changed_or_removed_input_is_noticed_and_a_built_file_is_not() {
        let scratch = Scratch::repository("npm");
        scratch.write(".gitignore", "dist/\n");
        scratch.write("src/app.ts", "one");
        let first = fingerprint(scratch.root()).unwrap();

        scratch.write("dist/index.html", "built");
        assert_eq!(fingerprint(scratch.root()).unwrap(), first, "what was built is no input");

        scratch.write("src/app.ts", "two");
        let second = fingerprint(scratch.root()).unwrap();
        assert_ne!(second, first, "a change is noticed");

        fs::remove_file(scratch.root().join("src/app.ts")).unwrap();
        assert_ne!(fingerprint(scratch.root()).unwrap(), second, "a removal is noticed");
    }
}
