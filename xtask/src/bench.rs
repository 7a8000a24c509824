//! Builds the release programs and runs the benchmarks on them.
//!
//! Not here: the benchmarks; they are the program `bench` of the package `hearsay-tests`.
//!
//! Invariant: what is measured is the release build of this very checkout.

use std::path;

use anyhow::Result;

use crate::cli::Bench;
use crate::house::{House, Profile};
use crate::setup::packages::{self, Need};
use crate::setup::{kanbus, npm, tools};
use crate::shell::{cargo, run as run_command};
use crate::steps::Steps;

/// `cargo xtask bench`.
pub(crate) fn run(house: &House, bench: &Bench) -> Result<()> {
    let mut steps = Steps::default();
    let outcome = all(house, bench, &mut steps);
    steps.finish(outcome)
}

fn all(house: &House, bench: &Bench, steps: &mut Steps) -> Result<()> {
    let mut program = cargo(&house.root);
    program.args(["run", "--release", "-p", "hearsay-tests", "--bin", "bench", "--"]);
    if let Some(sizes) = &bench.sizes {
        program.args(["--sizes", sizes]);
    }
    if let Some(json) = &bench.json {
        // The person means their own directory, the program runs in ours.
        program.arg("--json").arg(path::absolute(json)?);
    }
    program.args(&bench.rest);
    program.env("HEARSAY_BIN_DIR", house.programs(Profile::Release));
    program.env("HEARSAY_KANBUS", kanbus::client(house));
    if let Some(shared) = house.shared() {
        program.env("HEARSAY_SHARED", shared);
    }

    steps.must("tools", || tools::ensure(&house.root))?;
    steps.must("system packages", || packages::ensure(&[Need::Build, Need::Test]))?;
    steps.must("npm packages", || npm::packages(house))?;
    steps.must("ui build", || npm::build(house))?;
    steps.must("kanbus client", || kanbus::ensure(house))?;
    steps.must("cargo build --release", || {
        run_command(cargo(&house.root).args(["build", "--release", "-p", "hear"]))?;
        let desktop = ["build", "--release", "-p", "hearsay", "--features"];
        run_command(cargo(&house.root).args(desktop).arg("custom-protocol"))?;
        // What the app's window is held against.
        let empty = ["custom-protocol,empty-window", "--example", "empty_window"];
        run_command(cargo(&house.root).args(desktop).args(empty))
    })?;
    steps.must("benchmarks", || run_command(&mut program))
}
