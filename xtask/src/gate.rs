//! The fast gate: format, lints, tidy, types.
//!
//! Not here: running tests, except the one that compares generated types.
//!
//! Invariants: changes no tracked file; one run shows all faults.

use anyhow::Result;

use crate::house::House;
use crate::setup::packages::{self, Need};
use crate::setup::{npm, tools};
use crate::shell::{self, cargo};
use crate::steps::Steps;
use crate::suite::whole_workspace;
use crate::{tidy, types};

/// `cargo xtask check`.
pub(crate) fn run(house: &House) -> Result<()> {
    let mut steps = Steps::default();
    let outcome = prepare(house, &mut steps);
    if outcome.is_ok() {
        checks(house, &mut steps);
        steps.should("generated types", || types::compare(house));
    }
    steps.finish(outcome)
}

fn prepare(house: &House, steps: &mut Steps) -> Result<()> {
    steps.must("tools", || {
        tools::ensure(&house.root)?;
        tools::ensure_rust_parts(&house.root)
    })?;
    steps.must("system packages", || packages::ensure(&[Need::Build]))?;
    steps.must("npm packages", || npm::packages(house))?;
    steps.must("ui build", || npm::build(house))
}

/// The checks themselves, quickest first; the set-up is the caller's.
pub(crate) fn checks(house: &House, steps: &mut Steps) {
    let ui = house.ui();
    steps.should("tidy", || tidy::run(house));
    steps.should("cargo fmt", || shell::run(cargo(&house.root).args(["fmt", "--all", "--check"])));
    steps.should("ui format", || shell::run(shell::npm(&ui).args(["run", "--silent", "format:check"])));
    steps.should("ui lint", || shell::run(shell::npm(&ui).args(["run", "--silent", "lint"])));
    steps.should("ui types", || shell::run(shell::npm(&ui).args(["run", "--silent", "check"])));
    steps.should("cargo clippy", || {
        let mut clippy = cargo(&house.root);
        clippy.arg("clippy").args(whole_workspace()).args(["--all-targets", "--", "-D", "warnings"]);
        shell::run(&mut clippy)
    });
}
