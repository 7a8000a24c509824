//! Packing a .deb anew, in half the size: the bundler knows gzip only. With a window as large as both programs, what
//! they share is packed once.
//!
//! Not here: what is in it.
//!
//! Invariant: where there is no `dpkg-deb`, the package stays as it is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::say;
use crate::shell::{command, read, succeeds};

/// Packs each of them anew, in its place.
pub(super) fn squeeze(packages: &[PathBuf]) -> Result<()> {
    if !succeeds(command("dpkg-deb", Path::new("/")).arg("--version")) {
        say::note("There is no dpkg-deb here: the package stays larger than it needs to be.");
        return Ok(());
    }
    for package in packages {
        let folder = package.with_extension("unpacked");
        let dpkg = |words: &[&str]| {
            let mut dpkg = command("dpkg-deb", Path::new("/"));
            dpkg.args(words);
            dpkg
        };
        read(dpkg(&["--raw-extract"]).arg(package).arg(&folder))?;
        // Whoever builds it, its files belong to root.
        read(dpkg(&["--root-owner-group", "-Zxz", "-z9", "--build"]).arg(&folder).arg(package))?;
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}
