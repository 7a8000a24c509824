//! The desktop's door: the app under tauri-driver and Debian's webkit2gtk-driver, with a bus and a display of its own.

use std::path::PathBuf;

use hearsay_tests::desktop::launch_again;
use hearsay_tests::group::free_port;
use hearsay_tests::{Desktop, Group, Project, peers};
use serde_json::json;

use crate::driver::Session;
use crate::window::Window;

/// How often the drivers are started with other ports where somebody took the first ones.
const ATTEMPTS: usize = 3;

/// What it takes to run the app under a driver.
#[derive(Debug)]
struct Programs {
    app: PathBuf,
    driver: PathBuf,
    native: PathBuf,
}

impl Programs {
    fn find() -> Option<Self> {
        Some(Self {
            app: peers::app()?,
            driver: peers::tauri_driver()?,
            native: peers::program("WebKitWebDriver", "webkit2gtk-driver")?,
        })
    }
}

/// Starts the app with `arguments`, in the home of `project`, in a session of its own.
pub(crate) fn open(project: &Project, arguments: &[&str]) -> Option<Window> {
    Programs::find()?;
    let desktop = Desktop::start(project.machine())?;
    let window = open_in(&desktop, arguments)?;
    Some(window.on(desktop))
}

/// Starts the app with `arguments` in that session, which must outlive it.
pub(crate) fn open_in(desktop: &Desktop, arguments: &[&str]) -> Option<Window> {
    let programs = Programs::find()?;
    let (driver, port) = start_driver(&programs, desktop);
    let session = Session::start(
        port,
        &json!({
            "browserName": "wry",
            "tauri:options": {"application": programs.app, "args": arguments},
        }),
    );
    Some(Window::new(session, driver, None))
}

/// Starts the app once more beside the one that runs in the home of `project`, and waits until it has ended.
pub(crate) fn open_again(project: &Project, arguments: &[&str]) {
    let output = launch_again(project.machine(), arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Starts tauri-driver, and with it WebKit's.
fn start_driver(programs: &Programs, desktop: &Desktop) -> (Group, u16) {
    let log = desktop.machine().home().join("tauri-driver.log");
    let mut said = String::new();
    for _ in 0..ATTEMPTS {
        let (port, native) = (free_port(), free_port());
        let mut command = desktop.command(&programs.driver);
        command.args(["--port", &port.to_string(), "--native-port", &native.to_string()]);
        command.arg("--native-driver").arg(&programs.native);
        let mut driver = Group::start(&mut command, log.clone());
        if driver.lives_until("the drivers to answer", || Session::is_ready(port)) {
            return (driver, port);
        }
        said = driver.errors();
    }
    panic!("tauri-driver does not start: {said}")
}
