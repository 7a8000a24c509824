//! The generated TypeScript of the wire types: compared or written anew by one test of `hearsay-live`.
//!
//! Not here: the types, and how they become TypeScript.
//!
//! Invariant: the comparison and the writing are the same code, so they cannot disagree.

use std::process::Command;

use anyhow::{Result, bail};

use crate::house::House;
use crate::shell::{cargo, output, run};
use crate::{say, shell};

const GENERATED: &str = "ui/src/wire/generated.ts";

/// `cargo xtask types`.
pub(crate) fn write(house: &House) -> Result<()> {
    run(drift(house).env("HEARSAY_BLESS", "1"))?;
    let changed = output(shell::command("git", &house.root).args(["status", "--short", GENERATED]))?;
    say::note(if changed.stdout.is_empty() { "no change" } else { "written: ui/src/wire/generated.ts" });
    Ok(())
}

/// Fails if the committed file is not what the types say.
pub(crate) fn compare(house: &House) -> Result<()> {
    if !house.root.join(GENERATED).is_file() {
        bail!("{GENERATED} is missing; cargo xtask types writes it");
    }
    run(drift(house).env_remove("HEARSAY_BLESS"))
}

fn drift(house: &House) -> Command {
    let mut test = cargo(&house.root);
    test.args(["test", "--quiet", "-p", "hearsay-live", "--lib", "wire"]);
    test
}
