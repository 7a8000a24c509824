//! The icons in the formats that systems want, drawn from the SVGs in `icons/`.
//!
//! Not here: the drawings, and where packages put the icons.
//!
//! Invariant: only what a plain build needs lies in the repository; all else is drawn when a package is made.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::house::House;
use crate::say;
use crate::setup::tauri_cli::TauriCli;
use crate::setup::tools;
use crate::shell::read;

/// The sizes that icon themes on Linux have folders for.
pub(super) const SIZES: [u32; 9] = [16, 22, 24, 32, 48, 64, 128, 256, 512];
/// Twice what panels show, for dense screens.
const TRAY_SIZE: u32 = 44;
/// Named after the panel they stand on.
const TRAY: [&str; 4] = ["tray-dark", "tray-dark-unread", "tray-light", "tray-light-unread"];

/// Where the drawn icons are.
#[derive(Debug)]
pub(super) struct Icons {
    pub(super) folder: PathBuf,
}

impl Icons {
    /// Draws those of the app and of its documents.
    pub(super) fn draw(house: &House, cli: &TauriCli) -> Result<Self> {
        let icons = Self { folder: house.target.join("package/icons") };
        for name in ["icon", "document"] {
            draw(house, cli, name, &icons.folder.join(name), None)?;
            draw(house, cli, name, &icons.folder.join(name), Some(&SIZES))?;
        }
        Ok(icons)
    }

    pub(super) fn png(&self, name: &str, size: u32) -> PathBuf {
        self.folder.join(name).join(format!("{size}x{size}.png"))
    }

    /// With all sizes in it, for Windows.
    pub(super) fn ico(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("icon.ico")
    }

    /// With all sizes in it, for macOS.
    pub(super) fn icns(&self, name: &str) -> PathBuf {
        self.folder.join(name).join("icon.icns")
    }
}

/// `cargo xtask icons`: the ones that a build needs, where it looks for them.
pub(crate) fn write(house: &House) -> Result<()> {
    tools::ensure(&house.root)?;
    let cli = TauriCli::ensure(house)?;
    let icons = Icons::draw(house, &cli)?;
    put(house, &icons.png("icon", 512), "icon.png")?;
    put(house, &icons.ico("icon"), "icon.ico")?;
    for name in TRAY {
        let folder = icons.folder.join("tray").join(name);
        draw(house, &cli, name, &folder, Some(&[TRAY_SIZE]))?;
        put(house, &folder.join(format!("{TRAY_SIZE}x{TRAY_SIZE}.png")), &format!("{name}.png"))?;
    }
    Ok(())
}

/// One drawing in these sizes, or in all formats that there are.
fn draw(house: &House, cli: &TauriCli, name: &str, folder: &Path, sizes: Option<&[u32]>) -> Result<()> {
    let mut call = cli.call();
    call.arg("icon").arg(house.root.join("icons").join(format!("{name}.svg"))).arg("--output").arg(folder);
    for size in sizes.unwrap_or_default() {
        call.args(["--png", &size.to_string()]);
    }
    read(&mut call).map(drop)
}

fn put(house: &House, from: &Path, name: &str) -> Result<()> {
    fs::copy(from, house.root.join("icons").join(name)).with_context(|| from.display().to_string())?;
    say::note(&format!("written: icons/{name}"));
    Ok(())
}
