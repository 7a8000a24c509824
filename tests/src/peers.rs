//! Where the real peers of this machine are: `hear`, the Kanbus client, the real project.
//!
//! `HEARSAY_BIN_DIR`, `HEARSAY_KANBUS` and `HEARSAY_SHARED` name them. With `HEARSAY_REQUIRE_ALL=1` what is missing
//! fails the test that needs it; otherwise that test says on standard error that it did not run. Real data that are
//! missing are stood in for, and that is said too.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The directory that cargo builds into, for this test program: `target/debug`, say.
fn built() -> PathBuf {
    let own = env::current_exe().expect("this program has a path");
    let dir = own.parent().expect("a program stands in a directory");
    if dir.ends_with("deps") { dir.parent().unwrap_or(dir).to_owned() } else { dir.to_owned() }
}

/// The program `hear`.
pub fn hear() -> PathBuf {
    let dir = env::var_os("HEARSAY_BIN_DIR").map_or_else(built, PathBuf::from);
    let program = dir.join(format!("hear{}", env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is not there: build it with `cargo build -p hear`", program.display());
    program
}

/// The real Kanbus client, if this machine has one.
pub fn kanbus() -> Option<PathBuf> {
    let beside = || built().parent().map(|target| target.join("kanbus-venv/bin/kanbus"));
    let program = env::var_os("HEARSAY_KANBUS").map(PathBuf::from).or_else(beside);
    program.filter(|program| program.is_file()).or_else(|| not_run("the Kanbus client (HEARSAY_KANBUS)"))
}

/// What is shared beside the checkout: `HEARSAY_SHARED`, else `../shared`.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let dir = env::var_os("HEARSAY_SHARED").map_or_else(beside, PathBuf::from);
    Some(dir.join("data").join(name)).filter(|path| path.exists())
}

/// The archive of the real project with its 654 issues, if it is there.
pub fn real_project() -> Option<PathBuf> {
    shared("kanbus-project.tar.gz")
}

/// The real configurations, if they are there.
pub fn real_configs() -> Vec<PathBuf> {
    let Some(dir) = shared("configs") else { return Vec::new() };
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension() == Some(OsStr::new("yml")));
    paths.sort();
    paths
}

/// Whether the long counts are asked for.
pub fn is_soak() -> bool {
    env::var("HEARSAY_COUNTS").is_ok_and(|counts| counts == "soak")
}

/// Says that a test does not run for want of `what`.
///
/// # Panics
/// Where nothing may be left out.
pub fn not_run<T>(what: &str) -> Option<T> {
    let required = env::var("HEARSAY_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required, "{what} is missing, and HEARSAY_REQUIRE_ALL is set");
    eprintln!("\n*** NOT RUN: {what} is missing; this promise was not tried ***\n");
    None
}

/// Says that made-up data stand in for `what`. Data are no tool: a machine without them has missed nothing.
pub fn stands_in(what: &str) {
    eprintln!("\n*** {what} is not on this machine: made-up data stand in ***\n");
}

/// The program `name`, where it is on the path of this machine, where only root looks, or where cargo installs. `None`,
/// and said, where it is not; `package` is what Debian calls it.
pub fn program(name: &str, package: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let further = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let installed = env::home_dir().map(|home| home.join(".cargo/bin"));
    let dirs = env::split_paths(&path).chain(further).chain(installed);
    let found = dirs.map(|dir| dir.join(name)).find(|path| path.is_file());
    found.or_else(|| not_run(&format!("{name} (Debian's {package})")))
}

/// The desktop app, if it is built.
pub fn app() -> Option<PathBuf> {
    let program = hear().with_file_name(format!("hearsay{}", env::consts::EXE_SUFFIX));
    Some(program)
        .filter(|program| program.is_file())
        .or_else(|| not_run("the desktop app (`cargo build -p hearsay`)"))
}

/// tauri-driver, which `TAURI_DRIVER` names.
pub fn tauri_driver() -> Option<PathBuf> {
    let named = env::var_os("TAURI_DRIVER").map(PathBuf::from).filter(|path| path.is_file());
    named.or_else(|| program("tauri-driver", "none; TAURI_DRIVER names it"))
}
