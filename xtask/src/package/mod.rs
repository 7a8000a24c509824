//! `cargo xtask package`: the packages of this system, from a release build of this very checkout.
//!
//! Not here: what is in them whatever the build: `src-tauri/tauri.conf.json` and the folders beside it say that.
//!
//! Invariants: everything that is made on the way lies in the target directory; what is listed at the end was made by
//! this run.

mod deb;
pub(crate) mod icons;
mod settings;
mod target;

use std::env::consts::OS;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use self::icons::Icons;
use self::settings::Made;
pub(crate) use self::target::Target;
use crate::cli::Package;
use crate::house::{House, Profile, program_in};
use crate::setup::packages::{self, Need};
use crate::setup::tauri_cli::TauriCli;
use crate::setup::{npm, tools};
use crate::shell::{cargo, command, read, run as run_command};
use crate::steps::Steps;

/// `cargo xtask package`.
pub(crate) fn run(house: &House, package: &Package) -> Result<()> {
    let targets = target::wanted(&package.targets, OS)?;
    let mut steps = Steps::default();
    let outcome = all(house, &targets, &mut steps);
    steps.finish(outcome)?;
    for target in &targets {
        for path in target.made(&bundles(house))? {
            target::say_made(&path)?;
        }
    }
    Ok(())
}

fn all(house: &House, targets: &[Target], steps: &mut Steps) -> Result<()> {
    let manual = house.target.join("package/manual");
    let (mut cli, mut icons) = (None, None);
    steps.must("tools", || tools::ensure(&house.root))?;
    steps.must("system packages", || packages::ensure(&[Need::Build]))?;
    steps.must("npm packages", || npm::packages(house))?;
    steps.must("ui build", || npm::build(house))?;
    steps.must("tauri command line", || {
        cli = Some(TauriCli::ensure(house)?);
        Ok(())
    })?;
    let cli = cli.context("there is no command line of Tauri's")?;
    steps.must("icons", || {
        icons = Some(Icons::draw(house, &cli)?);
        Ok(())
    })?;
    let icons = icons.context("there are no icons")?;
    steps.must("cargo build --release", || build(house))?;
    steps.must("man pages and completions", || write_manual(house, &manual))?;
    steps.must("packages", || {
        let hear = beside(house)?;
        let settings = Made { icons: &icons, hear: &hear, manual: &manual }.settings()?;
        bundle(house, &cli, targets, &settings.to_string())
    })?;
    if targets.contains(&Target::Deb) {
        steps.must("smaller .deb", || deb::squeeze(&Target::Deb.made(&bundles(house))?))?;
    }
    Ok(())
}

/// The two doors one after the other: together each would be built with what only the other one needs.
fn build(house: &House) -> Result<()> {
    let mut hear = cargo(&house.root);
    hear.args(["build", "--release", "-p", "hear", "-p", "hearsay-manual"]);
    run_command(&mut hear)?;
    let mut app = cargo(&house.root);
    app.args(["build", "--release", "-p", "hearsay", "--features", "custom-protocol"]);
    run_command(&mut app)
}

/// The man pages and completions of both programs, and none of a command that is gone.
fn write_manual(house: &House, manual: &Path) -> Result<()> {
    if manual.exists() {
        fs::remove_dir_all(manual).with_context(|| manual.display().to_string())?;
    }
    let writer = program_in(&house.programs(Profile::Release), "hearsay-manual");
    run_command(command(writer, &house.root).arg(manual))?;
    if OS == "linux" {
        // As packages have them there; and without a time, so that the same pages are the same files.
        run_command(command("gzip", &manual.join("man")).args(["--recursive", "--best", "--no-name", "."]))?;
    }
    Ok(())
}

/// Lays `hear` where the bundler looks for a program to go beside the app's: under a name that ends in the system's.
fn beside(house: &House) -> Result<PathBuf> {
    let about = read(command("rustc", &house.root).arg("-vV"))?;
    let triple = about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let folder = house.target.join("package/programs");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let from = program_in(&house.programs(Profile::Release), "hear");
    let to = program_in(&folder, &format!("hear-{triple}"));
    fs::copy(&from, &to).with_context(|| from.display().to_string())?;
    Ok(folder.join("hear"))
}

fn bundle(house: &House, cli: &TauriCli, targets: &[Target], settings: &str) -> Result<()> {
    for target in targets {
        target.clear(&bundles(house))?;
    }
    let file = house.target.join("package/tauri.conf.json");
    fs::write(&file, settings).with_context(|| file.display().to_string())?;
    let names: Vec<_> = targets.iter().map(|target| target.name()).collect();
    let mut call = cli.call();
    call.args(["bundle", "--features", "custom-protocol", "--bundles", &names.join(",")]);
    run_command(call.arg("--config").arg(&file))
}

/// Where Tauri puts what it makes.
fn bundles(house: &House) -> PathBuf {
    house.programs(Profile::Release).join("bundle")
}
