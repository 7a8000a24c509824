//! The arrows between crates, read from cargo's own metadata.
//!
//! Not here: what modules inside one crate may use.
//!
//! Invariant: a new crate must be added to the map before it may use or be used.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::tree::Finding;
use crate::shell::{cargo, read};

/// Which of our crates each may use. Nothing points back.
const ARROWS: [(&str, &[&str]); 9] = [
    ("hearsay-board", &[]),
    ("hearsay-repo", &["hearsay-board"]),
    ("hearsay-gossip", &["hearsay-board"]),
    ("hearsay-live", &["hearsay-board", "hearsay-repo", "hearsay-gossip"]),
    ("hear", &["hearsay-board", "hearsay-repo", "hearsay-gossip", "hearsay-live"]),
    ("hearsay", &["hearsay-board", "hearsay-repo", "hearsay-gossip", "hearsay-live"]),
    ("hearsay-tests", &["hearsay-board", "hearsay-repo", "hearsay-gossip", "hearsay-live"]),
    ("xtask", &[]),
    ("hearsay-manual", &["hearsay-live"]),
];
const CORE: &str = "src-tauri/core/";

/// What cargo knows of the workspace's own packages.
pub(super) fn metadata(root: &Path) -> Result<Value> {
    let text = read(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_str(&text).context("cargo metadata")
}

pub(super) fn look(metadata: &Value, root: &Path) -> Vec<Finding> {
    let packages: Vec<_> =
        list(metadata, "packages").filter_map(|package| Package::read(package, root)).collect();
    let ours: Vec<_> = packages.iter().map(|package| package.name).collect();
    packages.iter().flat_map(|package| package.look(&ours)).collect()
}

struct Package<'a> {
    name: &'a str,
    manifest: String,
    /// Name and kind; a normal dependency has no kind.
    uses: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Package<'a> {
    fn read(package: &'a Value, root: &Path) -> Option<Self> {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        let manifest = manifest.strip_prefix(root).unwrap_or(manifest);
        let uses = list(package, "dependencies")
            .filter_map(|dependency| Some((dependency["name"].as_str()?, dependency["kind"].as_str())))
            .collect();
        Some(Self {
            name: package["name"].as_str()?,
            manifest: manifest.to_string_lossy().replace('\\', "/"),
            uses,
        })
    }

    fn look(&self, ours: &[&str]) -> Vec<Finding> {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == self.name) else {
            return vec![self.finding("is not in the map of crates (xtask/src/tidy/layers.rs)".to_owned())];
        };
        let core = self.manifest.starts_with(CORE);
        let mut found = Vec::new();
        for (name, kind) in &self.uses {
            if ours.contains(name) && !allowed.contains(name) && *name != self.name {
                found.push(self.finding(format!("must not use {name}: no arrow points there")));
            }
            if core && (*name == "tauri" || name.starts_with("tauri-") || *name == "axum") {
                found.push(self.finding(format!("names {name}: the core knows no Tauri and no HTTP")));
            }
            if core && *name == "anyhow" && *kind != Some("dev") {
                found.push(self.finding("names anyhow: crates of the core use thiserror".to_owned()));
            }
        }
        found
    }

    fn finding(&self, what: String) -> Finding {
        Finding { path: self.manifest.clone(), line: 0, what: format!("{} {what}", self.name) }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, folder: &str, uses: &[(&str, Option<&str>)]) -> Value {
        let uses: Vec<_> = uses.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
        json!({"name": name, "manifest_path": format!("/house/{folder}/Cargo.toml"), "dependencies": uses})
    }

    fn found(packages: &[Value]) -> Vec<String> {
        let metadata = json!({"packages": packages});
        look(&metadata, Path::new("/house")).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_arrows_of_the_house_are_allowed() {
        assert_eq!(
            found(&[
                package("hearsay-board", "src-tauri/core/board", &[("serde", None)]),
                package(
                    "hearsay-live",
                    "src-tauri/core/live",
                    &[("hearsay-board", None), ("anyhow", Some("dev"))]
                ),
                package(
                    "hear",
                    "src-tauri/hear",
                    &[("hearsay-live", None), ("axum", None), ("anyhow", None)]
                ),
                package("hearsay", "src-tauri", &[("tauri", None), ("hearsay-live", None)]),
            ]),
            [""; 0]
        );
    }

    #[test]
    fn an_arrow_that_points_back_is_found() {
        let back = found(&[
            package("hearsay-board", "src-tauri/core/board", &[("hearsay-repo", Some("dev"))]),
            package("hearsay-repo", "src-tauri/core/repo", &[("hearsay-board", None)]),
        ]);
        assert_eq!(back.len(), 1);
        assert!(
            back[0].starts_with("src-tauri/core/board/Cargo.toml:1: hearsay-board must not use hearsay-repo")
        );
    }

    #[test]
    fn the_core_knows_no_door() {
        let uses = [("tauri-plugin-dialog", None), ("axum", Some("dev")), ("anyhow", None)];
        assert_eq!(found(&[package("hearsay-live", "src-tauri/core/live", &uses)]).len(), 3);
    }

    #[test]
    fn a_stranger_must_be_introduced() {
        assert_eq!(found(&[package("hearsay-extra", "src-tauri/core/extra", &[])]).len(), 1);
    }
}
