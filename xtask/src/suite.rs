//! Everything that CI runs, in the order that finds faults soonest.
//!
//! Not here: the tests, and what each check looks at.
//!
//! Invariants: every cargo call names the same packages and features, so nothing is built twice; in CI
//! nothing is skipped; the runner's own summary is the last that any runner prints.

use std::process::Command;

use anyhow::Result;

use crate::house::{House, Profile, in_ci};
use crate::setup::packages::{self, Need};
use crate::setup::{kanbus, npm, tauri_driver, tools};
use crate::shell::{self, cargo, run as run_command, succeeds};
use crate::steps::Steps;
use crate::{gate, say};

/// How much the tests repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    Usual,
    Soak,
}

/// `cargo xtask test` and `cargo xtask soak`.
pub(crate) fn run(house: &House, filters: &[String], counts: Counts) -> Result<()> {
    let mut steps = Steps::default();
    let outcome = all(house, filters, counts, &mut steps);
    steps.finish(outcome)
}

fn all(house: &House, filters: &[String], counts: Counts, steps: &mut Steps) -> Result<()> {
    steps.must("tools", || tools::ensure(&house.root))?;
    steps.must("system packages", || packages::ensure(&[Need::Build, Need::Test]))?;
    steps.must("npm packages", || npm::packages(house))?;
    steps.must("ui build", || npm::build(house))?;
    steps.must("kanbus client", || kanbus::ensure(house))?;
    let mut driver = None;
    steps.must("tauri-driver", || {
        driver = Some(tauri_driver::ensure(house)?);
        Ok(())
    })?;
    if filters.is_empty() && counts == Counts::Usual {
        steps.must("rustfmt and clippy", || tools::ensure_rust_parts(&house.root))?;
        gate::checks(house, steps);
        steps.should("ui tests", || run_command(shell::npm(&house.ui()).args(["test"]).env("CI", "true")));
    }
    steps.must("cargo build", || run_command(cargo(&house.root).arg("build").args(whole_workspace())))?;
    let prepare = |command: &mut Command| {
        if let Some(driver) = &driver {
            command.env("TAURI_DRIVER", driver);
        }
        environment(house, counts, command);
    };
    let nextest = succeeds(cargo(&house.root).args(["nextest", "--version"]));
    if filters.is_empty() {
        steps.should("cargo test --doc", || {
            let mut doc = cargo(&house.root);
            doc.args(["test", "--quiet", "--doc", "--no-fail-fast"]).args(whole_workspace());
            prepare(&mut doc);
            run_command(&mut doc)
        });
    }
    let name = if nextest { "cargo nextest run" } else { "cargo test" };
    steps.should(name, || {
        let mut tests = runner(house, nextest, filters);
        prepare(&mut tests);
        run_command(&mut tests)
    });
    Ok(())
}

/// The packages and features of every call: the desktop with its pages built in.
pub(crate) fn whole_workspace() -> Vec<&'static str> {
    let mut words = vec!["--workspace", "--features", "hearsay/custom-protocol"];
    if cfg!(windows) {
        // Windows does not let cargo replace the program that is running.
        words.extend(["--exclude", "xtask"]);
    }
    words
}

/// nextest if the machine has it, else cargo's own runner: a fresh machine must pass without.
fn runner(house: &House, nextest: bool, filters: &[String]) -> Command {
    let mut tests = cargo(&house.root);
    if nextest {
        tests.args(["nextest", "run"]);
    } else {
        say::note("cargo-nextest is not installed: using cargo test, which is slower");
        tests.args(["test", "--lib", "--bins", "--tests"]);
    }
    tests.args(whole_workspace()).arg("--no-fail-fast").arg("--").args(filters);
    tests
}

/// What the end-to-end tests are told about this machine.
fn environment(house: &House, counts: Counts, command: &mut Command) {
    command.env("HEARSAY_BIN_DIR", house.programs(Profile::Debug));
    command.env("HEARSAY_KANBUS", kanbus::client(house));
    if in_ci() {
        command.env("HEARSAY_REQUIRE_ALL", "1");
    }
    if counts == Counts::Soak {
        command.env("HEARSAY_COUNTS", "soak");
    }
    if let Some(shared) = house.shared() {
        command.env("HEARSAY_SHARED", shared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_are_told_where_the_programs_are() {
        let house = House::find().unwrap();
        let mut command = Command::new("true");
        environment(&house, Counts::Soak, &mut command);
        let value = |name: &str| {
            let found = command.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value);
            found.map(|value| value.to_string_lossy().into_owned())
        };
        let programs = value("HEARSAY_BIN_DIR").unwrap();
        assert!(programs.ends_with("debug"), "{programs}");
        assert!(value("HEARSAY_KANBUS").unwrap().contains("kanbus-venv"));
        assert_eq!(value("HEARSAY_COUNTS").as_deref(), Some("soak"));
    }
}
