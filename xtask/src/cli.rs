//! What a person can type after `cargo xtask`.
//!
//! Not here: doing it.
//!
//! Invariant: each command says in its help what it is for and what it leaves out.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::package::Target;

/// Hearsay's developer commands.
///
/// A fresh machine needs only Rust, Node 20.19 or newer and Git: each command sets up what it lacks. On
/// Debian and Ubuntu that includes system packages, installed with sudo after they have been named; elsewhere
/// they are named.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Build and open the desktop app
    Run(Run),
    /// Open the desktop app with hot reload of the UI
    Dev(Open),
    /// Everything that CI runs: set-up, checks, UI tests, build, all Rust and end-to-end tests
    Test(Test),
    /// The fast gate: format, lints, tidy, types. Runs no tests but the one that compares types
    Check,
    /// The tests again with the long counts of the soak tests
    Soak(Test),
    /// The benchmarks, on a release build
    Bench(Bench),
    /// The house rules alone, without compilers: takes a second
    Tidy,
    /// Write the generated TypeScript of the wire types anew
    Types,
    /// Make the packages that people install, from a release build
    ///
    /// .deb and .rpm on Linux, .dmg on macOS, an installer and an .msi on Windows. Both programs are in them, the app and
    /// `hear`, with icons, file types, man pages and completions. Nothing is signed or uploaded.
    Package(Package),
    /// Draw the icons that a build needs anew from the SVGs in icons/
    Icons,
}

#[derive(Debug, Args)]
pub(crate) struct Open {
    /// A repository, or anything inside one; without it, a sample repository is made and opened
    pub(crate) path: Option<PathBuf>,
    /// Make the sample repository anew, even if there is one
    #[arg(long, conflicts_with = "path")]
    pub(crate) fresh_sample: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) open: Open,
    /// An optimised build: takes longer to make
    #[arg(long)]
    pub(crate) release: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Run only the Rust tests whose names contain one of these, and skip the checks and the UI's tests
    pub(crate) filters: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// How many issues, as a list: 1000,10000,100000
    #[arg(long)]
    pub(crate) sizes: Option<String>,
    /// Write the results to this file as JSON
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Passed on to the benchmark program as they are
    #[arg(last = true)]
    pub(crate) rest: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Which ones, as a list: deb,rpm,appimage; without it, those of this system that need no further downloads here
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST")]
    pub(crate) targets: Vec<Target>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_path_and_a_fresh_sample_exclude_each_other() {
        assert!(Cli::try_parse_from(["cargo xtask", "run", "--fresh-sample", "somewhere"]).is_err());
    }
}
