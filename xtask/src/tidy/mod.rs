//! The house rules that no compiler knows: `cargo xtask tidy`, part of `check`.
//!
//! Not here: what rustfmt, clippy, svelte-check and eslint already hold.
//!
//! Invariants: reads only, and only files that Git tracks or would; each finding names its file, and its line
//! where there is one.

mod citations;
mod layers;
mod marks;
mod names;
mod shape;
mod tree;

use anyhow::{Result, bail};

use crate::house::House;
use crate::say;
use tree::{Finding, Tree};

/// Looks at the whole checkout and fails if anything was found.
pub(crate) fn run(house: &House) -> Result<()> {
    let tree = Tree::read(&house.root)?;
    let mut findings = look(&tree);
    findings.extend(layers::look(&layers::metadata(&house.root)?, &house.root));
    findings.sort();
    for finding in &findings {
        say::line(&finding.to_string());
    }
    if !findings.is_empty() {
        bail!("tidy found {}", findings.len());
    }
    say::note(&format!("nothing found in {} files", tree.files.len()));
    Ok(())
}

/// The rules that look at files alone.
fn look(tree: &Tree) -> Vec<Finding> {
    [shape::look, names::look, marks::look, citations::look].into_iter().flat_map(|rule| rule(tree)).collect()
}
