//! What the bundler is told beyond `tauri.conf.json`: where the things are that were made for this package.
//!
//! Not here: making them, and what is the same for every package.
//!
//! Invariant: only names what was made; the bundler merges it over `tauri.conf.json`, key by key.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use super::icons::{Icons, SIZES};

/// Where the things are.
#[derive(Debug)]
pub(super) struct Made<'a> {
    pub(super) icons: &'a Icons,
    /// `hear`, without the system's name that the bundler expects at its end.
    pub(super) hear: &'a Path,
    /// What `hearsay-manual` wrote.
    pub(super) manual: &'a Path,
}

impl Made<'_> {
    /// The settings for the system we run on.
    pub(super) fn settings(&self) -> Result<Value> {
        let mut bundle = json!({ "icon": self.app_icons(), "externalBin": [self.hear] });
        if cfg!(target_os = "linux") {
            bundle["linux"] = json!({
                "deb": { "files": self.files("zsh/vendor-completions")? },
                "rpm": { "files": self.files("zsh/site-functions")? },
            });
        } else if cfg!(target_os = "macos") {
            bundle["macOS"] = json!({ "files": { "Resources/document.icns": self.icons.icns("document") } });
        } else {
            let icon = self.icons.ico("document").to_string_lossy().into_owned();
            bundle["resources"] = json!({ icon: "document.ico" });
        }
        Ok(json!({ "bundle": bundle }))
    }

    fn app_icons(&self) -> Vec<PathBuf> {
        let pngs = SIZES.iter().map(|size| self.icons.png("icon", *size));
        pngs.chain([self.icons.ico("icon"), self.icons.icns("icon")]).collect()
    }

    /// What a Linux package brings besides, by the place that it goes to; zsh's is not the same everywhere.
    fn files(&self, zsh: &str) -> Result<Map<String, Value>> {
        let mut files = Map::new();
        let mut put = |place: String, file: PathBuf| files.insert(format!("/usr/share/{place}"), json!(file));
        for (name, page) in list(&self.manual.join("man"))? {
            put(format!("man/man1/{name}"), page);
        }
        for (name, file) in list(&self.manual.join("completions"))? {
            let place = match name.rsplit_once('.') {
                Some((program, "bash")) => format!("bash-completion/completions/{program}"),
                Some((_, "fish")) => format!("fish/vendor_completions.d/{name}"),
                _ => format!("{zsh}/{name}"),
            };
            put(place, file);
        }
        for size in SIZES {
            let icon = "mimetypes/application-vnd.hearsay.kanbus+json.png";
            put(format!("icons/hicolor/{size}x{size}/{icon}"), self.icons.png("document", size));
        }
        Ok(files)
    }
}

/// The files of a folder with their names.
fn list(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let named = || folder.display().to_string();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(named)? {
        let entry = entry.with_context(named)?;
        files.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn each_shell_finds_its_completions_and_man_its_pages() {
        let scratch = Scratch::folder("package");
        for name in ["man/hear.1.gz", "completions/hear.bash", "completions/_hear", "completions/hear.fish"] {
            scratch.write(name, "");
        }
        let icons = Icons { folder: scratch.root().join("icons") };
        let made = Made { icons: &icons, hear: Path::new("hear"), manual: scratch.root() };
        let files = made.files("zsh/site-functions").unwrap();
        for (place, from) in [
            ("man/man1/hear.1.gz", "man/hear.1.gz"),
            ("bash-completion/completions/hear", "completions/hear.bash"),
            ("fish/vendor_completions.d/hear.fish", "completions/hear.fish"),
            ("zsh/site-functions/_hear", "completions/_hear"),
        ] {
            assert_eq!(files[&format!("/usr/share/{place}")], json!(scratch.root().join(from)), "{place}");
        }
        assert_eq!(files.len(), 4 + SIZES.len());
    }
}
