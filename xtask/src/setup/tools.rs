//! The tools a newcomer brings: Git, Node, and the parts of the Rust toolchain.
//!
//! Not here: installing them; only rustup's own parts are added.
//!
//! Invariant: a missing tool is named here, before a later step fails in a riddle.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::say;
use crate::shell::{cargo, command, npm, read, run, succeeds};

/// The oldest Node that the UI's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Git and Node are there and new enough.
pub(crate) fn ensure(root: &Path) -> Result<()> {
    read(command("git", root).arg("--version")).context("Git is needed: please install it")?;
    let node = read(command("node", root).arg("--version"))
        .with_context(|| format!("Node {}.{} or newer is needed: please install it", NODE.0, NODE.1))?;
    if version(&node).is_none_or(|found| found < NODE) {
        bail!("Node {}.{} or newer is needed; here it is {}", NODE.0, NODE.1, node.trim());
    }
    read(npm(root).arg("--version")).context("npm is needed: it comes with Node")?;
    Ok(())
}

/// rustfmt and clippy, which a minimal toolchain lacks.
pub(crate) fn ensure_rust_parts(root: &Path) -> Result<()> {
    for part in ["fmt", "clippy"] {
        if succeeds(cargo(root).args([part, "--version"])) {
            continue;
        }
        let name = if part == "fmt" { "rustfmt" } else { part };
        say::note(&format!("Missing: {name}. Adding it with rustup."));
        run(command("rustup", root).args(["component", "add", name]))
            .with_context(|| format!("{name} is needed: add it to the Rust toolchain"))?;
    }
    Ok(())
}

/// Major and minor of `v20.19.1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_compare_as_numbers() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v9.99.0") < Some(NODE));
        assert!(version("v24.0.0") > Some(NODE));
        assert_eq!(version("twenty"), None);
    }
}
