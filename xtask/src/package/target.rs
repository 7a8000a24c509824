//! The kinds of packages, and which system makes which.
//!
//! Not here: making them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::say;

/// A kind of package, by the name that Tauri knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    Deb,
    Rpm,
    /// Downloads what it packs itself with
    Appimage,
    App,
    Dmg,
    /// Downloads WiX
    Msi,
    /// Downloads NSIS
    Nsis,
}

impl Target {
    /// Those that are made if none is named: on Linux the ones that download nothing.
    pub(super) fn usual(system: &str) -> Vec<Self> {
        match system {
            "macos" => vec![Self::Dmg],
            "windows" => vec![Self::Nsis, Self::Msi],
            _ => vec![Self::Deb, Self::Rpm],
        }
    }

    /// The system that makes it.
    fn system(self) -> &'static str {
        match self {
            Self::Deb | Self::Rpm | Self::Appimage => "linux",
            Self::App | Self::Dmg => "macos",
            Self::Msi | Self::Nsis => "windows",
        }
    }

    /// What Tauri calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Appimage => "appimage",
            Self::App => "app",
            Self::Dmg => "dmg",
            Self::Msi => "msi",
            Self::Nsis => "nsis",
        }
    }

    /// Where Tauri puts it, among all bundles.
    fn folder(self, bundles: &Path) -> PathBuf {
        bundles.join(if self == Self::App { "macos" } else { self.name() })
    }

    /// The end of its file's name.
    fn extension(self) -> &'static str {
        match self {
            Self::Appimage => "AppImage",
            Self::Nsis => "exe",
            other => other.name(),
        }
    }

    /// Removes those of before, so that what is there afterwards is new.
    pub(super) fn clear(self, bundles: &Path) -> Result<()> {
        let folder = self.folder(bundles);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        Ok(())
    }

    /// The packages of this kind that were made.
    pub(super) fn made(self, bundles: &Path) -> Result<Vec<PathBuf>> {
        let folder = self.folder(bundles);
        let named = || folder.display().to_string();
        let mut made = Vec::new();
        for entry in fs::read_dir(&folder).with_context(named)? {
            let path = entry.with_context(named)?.path();
            if path.extension().is_some_and(|extension| extension == self.extension()) {
                made.push(path);
            }
        }
        if made.is_empty() {
            bail!("there is no .{} in {}", self.extension(), folder.display());
        }
        Ok(made)
    }
}

/// What is to be made on `system`.
pub(super) fn wanted(named: &[Target], system: &str) -> Result<Vec<Target>> {
    if named.is_empty() {
        return Ok(Target::usual(system));
    }
    if let Some(target) = named.iter().find(|target| target.system() != system) {
        bail!("{} is made on {}, and this is {system}", target.name(), target.system());
    }
    Ok(named.to_vec())
}

/// Says where a package is and how large it is.
pub(super) fn say_made(path: &Path) -> Result<()> {
    let size = size(path).with_context(|| path.display().to_string())?;
    // To one decimal, without a float.
    let tenths = (size * 10 + 500_000) / 1_000_000;
    say::line(&format!("{:>4}.{} MB  {}", tenths / 10, tenths % 10, path.display()));
    Ok(())
}

/// Of a file, or of all files in a folder.
fn size(path: &Path) -> Result<u64> {
    if !path.is_dir() {
        return Ok(fs::symlink_metadata(path)?.len());
    }
    let mut sum = 0;
    for entry in fs::read_dir(path)? {
        sum += size(&entry?.path())?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_another_system_makes_is_refused_by_name() {
        assert_eq!(wanted(&[], "linux").unwrap(), [Target::Deb, Target::Rpm]);
        assert_eq!(wanted(&[Target::Rpm], "linux").unwrap(), [Target::Rpm]);
        let fault = wanted(&[Target::Deb, Target::Msi], "linux").unwrap_err();
        assert_eq!(fault.to_string(), "msi is made on windows, and this is linux");
    }

    #[test]
    fn only_what_was_made_just_now_is_found() {
        let scratch = Scratch::folder("bundles");
        scratch.write("deb/Hearsay_0.0.9_amd64.deb", "old");
        Target::Deb.clear(scratch.root()).unwrap();
        assert!(Target::Deb.made(scratch.root()).is_err());
        scratch.write("deb/Hearsay_0.1.0_amd64/control/control", "");
        scratch.write("deb/Hearsay_0.1.0_amd64.deb", "new");
        let made = Target::Deb.made(scratch.root()).unwrap();
        assert_eq!(made, [scratch.root().join("deb/Hearsay_0.1.0_amd64.deb")]);
        assert_eq!(size(scratch.root()).unwrap(), 3);
    }
}
