//! `hearsay-manual DIRECTORY`: writes the man pages and shell completions of `hear` and `hearsay`.
//!
//! Not here: where packages put them (`xtask`), and the command lines, which are the programs' own files.
//!
//! Invariant: a program of its own, so that neither the shipped ones nor xtask carry what makes these pages.

#[allow(dead_code, reason = "only what it looks like is asked for, never what it says")]
#[path = "../../../src-tauri/hear/src/args.rs"]
mod hear;
#[allow(dead_code, reason = "only what it looks like is asked for, never what it says")]
#[path = "../../../src-tauri/src/args.rs"]
mod hearsay;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate_to};

fn main() -> Result<()> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from);
    write(&directory.context("say which directory to write to")?)
}

/// Both programs under the names that people type, which clap would take from this package.
fn programs() -> [(&'static str, Command); 2] {
    [("hear", hear::Args::command().name("hear")), ("hearsay", hearsay::Args::command().name("hearsay"))]
}

fn write(directory: &Path) -> Result<()> {
    let pages = directory.join("man");
    let completions = directory.join("completions");
    for place in [&pages, &completions] {
        fs::create_dir_all(place).with_context(|| place.display().to_string())?;
    }
    for (name, program) in programs() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            generate_to(shell, &mut program.clone(), name, &completions)?;
        }
        clap_mangen::generate_to(without_help(program), &pages)?;
    }
    Ok(())
}

/// Without the commands named `help`: each would have a page that says nothing.
fn without_help(program: Command) -> Command {
    program.disable_help_subcommand(true).mut_subcommands(without_help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_page() {
        let home = std::env::temp_dir().join(format!("hearsay-manual-{}", std::process::id()));
        write(&home).unwrap();
        let page = |name: &str| fs::read_to_string(home.join("man").join(name)).unwrap();
        for (name, program) in programs() {
            assert!(page(&format!("{name}.1")).contains(&format!(".TH {name} 1")));
            for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
                assert!(page(&format!("{name}-{}.1", command.get_name())).contains("SYNOPSIS"));
            }
            assert!(!home.join(format!("man/{name}-help.1")).exists());
            for file in [format!("{name}.bash"), format!("_{name}"), format!("{name}.fish")] {
                assert!(home.join("completions").join(file).is_file());
            }
        }
        fs::remove_dir_all(home).unwrap();
    }
}
