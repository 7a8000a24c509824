//! The system packages that building and testing need, and their installation on Debian and Ubuntu.
//!
//! Not here: what comes from npm, PyPI or crates.io.
//!
//! Invariants: nothing is installed before its name has been said; where we cannot install we name, and go
//! on.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::os_release::System;
use crate::house::in_ci;
use crate::say;
use crate::shell::{command, output, read, run, succeeds};

/// What the packages are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Build,
    Test,
}

const BUILD_DEBIAN: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libssl-dev",
];
const BUILD_FEDORA: &[&str] = &[
    "gcc",
    "gcc-c++",
    "make",
    "pkgconf-pkg-config",
    "webkit2gtk4.1-devel",
    "libappindicator-gtk3-devel",
    "librsvg2-devel",
    "libxdo-devel",
    "openssl-devel",
];
const BUILD_ARCH: &[&str] =
    &["base-devel", "pkgconf", "webkit2gtk-4.1", "libappindicator-gtk3", "librsvg", "xdotool", "openssl"];
const BUILD_MACOS: &[&str] = &["the Xcode command line tools (xcode-select --install)"];
const BUILD_WINDOWS: &[&str] =
    &["the Visual Studio C++ build tools", "the WebView2 runtime (part of Windows 11)"];

const TEST_COMMON: &[&str] = &[
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "webkit2gtk-driver",
    "dunst",
    "libnotify-bin",
    "openbox",
    "libayatana-appindicator3-1",
    "gir1.2-ayatanaappindicator3-0.1",
    "python3-gi",
    "mosquitto",
    "mosquitto-clients",
    "iproute2",
    "openssl",
    "python3",
    "python3-venv",
    "imagemagick",
    "desktop-file-utils",
    "appstream",
];
const BROWSER_DEBIAN: &[&str] = &["chromium", "chromium-driver"];
const BROWSER_UBUNTU: &[&str] = &["chromium-browser", "chromium-chromedriver"];
const TEST_FEDORA: &[&str] = &[
    "xorg-x11-server-Xvfb",
    "xorg-x11-xauth",
    "dbus-daemon",
    "dbus-x11",
    "chromium",
    "chromedriver",
    "dunst",
    "libnotify",
    "openbox",
    "libayatana-appindicator-gtk3",
    "python3-gobject",
    "mosquitto",
    "iproute",
    "python3",
    "ImageMagick",
    "desktop-file-utils",
    "appstream",
];
const TEST_ARCH: &[&str] = &[
    "xorg-server-xvfb",
    "xorg-xauth",
    "dbus",
    "chromium",
    "dunst",
    "libnotify",
    "openbox",
    "libayatana-appindicator",
    "python-gobject",
    "mosquitto",
    "iproute2",
    "openssl",
    "python",
    "imagemagick",
    "desktop-file-utils",
    "appstream",
];
const TEST_ELSEWHERE: &[&str] = &["Chromium and ChromeDriver", "Python 3", "mosquitto"];

/// The names of what is needed, as the system calls it.
fn names(system: System, need: Need) -> Vec<&'static str> {
    let parts: &[&[&str]] = match (system, need) {
        (System::Debian | System::Ubuntu | System::Other, Need::Build) => &[BUILD_DEBIAN],
        (System::Debian | System::Other, Need::Test) => &[TEST_COMMON, BROWSER_DEBIAN],
        (System::Ubuntu, Need::Test) => &[TEST_COMMON, BROWSER_UBUNTU],
        (System::Fedora, Need::Build) => &[BUILD_FEDORA],
        (System::Fedora, Need::Test) => &[TEST_FEDORA],
        (System::Arch, Need::Build) => &[BUILD_ARCH],
        (System::Arch, Need::Test) => &[TEST_ARCH],
        (System::MacOs, Need::Build) => &[BUILD_MACOS],
        (System::Windows, Need::Build) => &[BUILD_WINDOWS],
        (System::MacOs | System::Windows, Need::Test) => &[TEST_ELSEWHERE],
    };
    parts.concat()
}

/// Installs what is missing where we can, names it where we cannot.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let system = System::here();
    let wanted: Vec<_> = needs.iter().flat_map(|need| names(system, *need)).collect();
    match system {
        System::Debian | System::Ubuntu => {
            let missing = missing_on_debian(&wanted)?;
            if missing.is_empty() {
                say::note("all system packages are there");
                return Ok(());
            }
            install(&missing)
        }
        System::Fedora => name_missing("dnf install", &missing_by(&wanted, "rpm", &["-q", "--whatprovides"])),
        System::Arch => name_missing("pacman -S", &missing_by(&wanted, "pacman", &["-T"])),
        System::MacOs | System::Windows => name_all("This needs", &wanted),
        System::Other => name_all("This needs what Debian calls", &wanted),
    }
}

fn missing_on_debian(wanted: &[&'static str]) -> Result<Vec<&'static str>> {
    let mut query = command("dpkg-query", Path::new("/"));
    query.args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"]).args(wanted);
    // It ends with an error as soon as it does not know one of the names, and prints the others all the same.
    let listed = output(&mut query)?;
    Ok(missing(wanted, &String::from_utf8_lossy(&listed.stdout)))
}

/// Those of `wanted` that a listing of `name status` lines does not show as installed.
fn missing(wanted: &[&'static str], listed: &str) -> Vec<&'static str> {
    let there = |name: &str| listed.lines().any(|line| line.split_once(' ') == Some((name, "installed")));
    wanted.iter().copied().filter(|name| !there(name)).collect()
}

fn missing_by(wanted: &[&'static str], program: &str, question: &[&str]) -> Vec<&'static str> {
    let there = |name: &str| succeeds(command(program, Path::new("/")).args(question).arg(name));
    wanted.iter().copied().filter(|name| !there(name)).collect()
}

fn name_missing(how: &str, missing: &[&str]) -> Result<()> {
    if !missing.is_empty() {
        say::note(&format!("Missing, please install: {how} {}", missing.join(" ")));
        say::note("Going on: it may work without.");
    }
    Ok(())
}

fn name_all(what: &str, wanted: &[&str]) -> Result<()> {
    say::note(&format!("{what}: {}. Going on as if it were there.", wanted.join(", ")));
    Ok(())
}

fn install(missing: &[&str]) -> Result<()> {
    say::note(&format!("Missing system packages: {}", missing.join(" ")));
    let root = read(command("id", Path::new("/")).arg("-u")).context("who runs this?")?.trim() == "0";
    if !root && !succeeds(command("sudo", Path::new("/")).arg("--version")) {
        bail!("neither root nor sudo; as root, run: apt-get install {}", missing.join(" "));
    }
    say::note(if root { "Installing them with apt-get." } else { "Installing them with sudo apt-get." });
    // A stale list still installs, so a failed update is told and not fatal.
    if let Err(fault) = run(apt_get(root).args(["update", "-q"])) {
        say::note(&format!("{fault:#}"));
    }
    run(apt_get(root).args(["install", "-q", "-y", "--no-install-recommends"]).args(missing))?;
    if missing.contains(&"mosquitto") && Path::new("/run/systemd/system").is_dir() {
        say::note("Debian starts mosquitto as a service. The tests start their own; to stop that one:");
        say::note("sudo systemctl disable --now mosquitto");
    }
    Ok(())
}

/// `apt-get` with the right to install. Standard input stays ours: sudo may ask for a password.
fn apt_get(root: bool) -> Command {
    let mut apt = command(if root { "env" } else { "sudo" }, Path::new("/"));
    if !root {
        // Where nobody can answer, fail rather than wait.
        apt.args(if in_ci() { &["-n", "env"][..] } else { &["env"] });
    }
    // Another installation may be under way; it ends.
    apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]);
    apt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::describe;

    #[test]
    fn only_what_is_not_installed_is_missing() {
        let listed = "xvfb installed\ndunst config-files\nxvfb-extra installed\n";
        assert_eq!(missing(&["xvfb", "dunst", "mosquitto"], listed), ["dunst", "mosquitto"]);
    }

    #[test]
    fn building_needs_no_test_packages() {
        let build = names(System::Debian, Need::Build);
        assert!(build.contains(&"libwebkit2gtk-4.1-dev"));
        assert!(names(System::Debian, Need::Test).iter().all(|name| !build.contains(name)));
    }

    #[test]
    fn ubuntu_calls_the_browser_otherwise() {
        let ubuntu = names(System::Ubuntu, Need::Test);
        assert!(ubuntu.contains(&"chromium-chromedriver") && !ubuntu.contains(&"chromium-driver"));
    }

    #[test]
    fn every_system_is_told_what_it_needs() {
        let systems = [
            System::Debian,
            System::Ubuntu,
            System::Fedora,
            System::Arch,
            System::MacOs,
            System::Windows,
            System::Other,
        ];
        for system in systems {
            for need in [Need::Build, Need::Test] {
                assert!(!names(system, need).is_empty(), "{system:?} {need:?}");
            }
        }
    }

    #[test]
    fn an_ordinary_user_installs_through_sudo() {
        assert!(describe(&apt_get(false)).starts_with("sudo "));
        assert!(describe(&apt_get(true)).starts_with("env DEBIAN_FRONTEND=noninteractive apt-get"));
    }
}
