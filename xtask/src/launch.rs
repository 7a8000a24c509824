//! Opening the desktop app, built or with hot reload.
//!
//! Not here: what the app does with the path.
//!
//! Invariants: a relative path is the person's, not ours; what we start besides the app ends with us.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::{self, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail};

use crate::cli::{Open, Run};
use crate::house::House;
use crate::setup::packages::{self, Need};
use crate::setup::{npm, tools};
use crate::shell::{cargo, command, describe, run as run_command};
use crate::{sample, say};

/// Where tauri.conf.json looks for the pages in development.
const PORT: u16 = 5173;
/// Ends the server when its standard input does: so it goes with us even if we are killed.
const END_WITH_US: &str = "data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()";
const PATIENCE: Duration = Duration::from_secs(60);

/// `cargo xtask run`.
pub(crate) fn run(house: &House, run: &Run) -> Result<()> {
    let path = prepare(house, &run.open)?;
    say::step("ui build");
    npm::build(house)?;
    say::step("the desktop app");
    let mut app = app(house);
    if run.release {
        app.arg("--release");
    }
    app.args(["--features", "custom-protocol", "--"]).arg(path);
    run_command(&mut app)
}

/// `cargo xtask dev`.
pub(crate) fn dev(house: &House, open: &Open) -> Result<()> {
    let path = prepare(house, open)?;
    say::step("the UI's development server");
    let _pages = Pages::start(house)?;
    say::step("the desktop app");
    run_command(app(house).arg("--").arg(path))
}

fn prepare(house: &House, open: &Open) -> Result<PathBuf> {
    let path = match &open.path {
        Some(path) => {
            let path = path::absolute(path)?;
            if !path.exists() {
                bail!("there is no {}", path.display());
            }
            path
        }
        None => {
            say::step("sample repository");
            sample::ensure(&house.target.join("sample"), SystemTime::now(), open.fresh_sample)?
        }
    };
    say::step("set-up");
    tools::ensure(&house.root)?;
    packages::ensure(&[Need::Build])?;
    npm::packages(house)?;
    let displays = ["DISPLAY", "WAYLAND_DISPLAY"];
    if cfg!(target_os = "linux") && displays.iter().all(|name| std::env::var_os(name).is_none()) {
        say::note("There is no display here: the window may not open. Without one, use the browser:");
        say::note(&format!("cargo run -p hear -- serve {}", path.display()));
    }
    Ok(path)
}

fn app(house: &House) -> Command {
    let mut app = cargo(&house.root);
    app.args(["run", "-p", "hearsay"]);
    app
}

/// The running development server; ends when dropped.
struct Pages(Child);

impl Pages {
    /// Starts it and waits until it answers.
    fn start(house: &House) -> Result<Self> {
        let ui = house.ui();
        if answers() {
            bail!("something answers on port {PORT} already: another `cargo xtask dev`?");
        }
        // Vite itself and not `npm run dev`, whose process is only the parent of the one that serves.
        let mut vite = command("node", &ui);
        vite.args(["--import", END_WITH_US]).arg(ui.join("node_modules/vite/bin/vite.js"));
        vite.args(["--port", &PORT.to_string(), "--strictPort"]);
        vite.stdin(Stdio::piped());
        let child = vite.spawn().with_context(|| format!("cannot start: {}", describe(&vite)))?;
        let mut pages = Self(child);
        let begun = Instant::now();
        while !answers() {
            if let Some(status) = pages.0.try_wait()? {
                bail!("the development server ended ({status})");
            }
            if begun.elapsed() > PATIENCE {
                bail!("the development server does not answer on port {PORT}");
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(pages)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody left to tell either way.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn answers() -> bool {
    // `localhost` is one address for one program and another for the next; any of them will do.
    let Ok(mut addresses) = ("localhost", PORT).to_socket_addrs() else { return false };
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok())
}
