//! The browser's door: Debian's Chromium on `hear serve`.

use std::path::PathBuf;

use hearsay_tests::{Group, Project, Server, peers};
use serde_json::json;

use crate::driver::Session;
use crate::window::Window;

/// Debian's Chromium and its driver, if both are here.
fn programs() -> Option<(PathBuf, PathBuf)> {
    Some((peers::program("chromium", "chromium")?, peers::program("chromedriver", "chromium-driver")?))
}

/// Opens the address that `hear serve` prints for `project`.
pub(crate) fn open(project: &Project) -> Option<Window> {
    programs()?;
    show(project, project.caller().serve(project.root()))
}

/// Opens the address that `server` has printed, in the one profile that the person of `project` has.
pub(crate) fn show(project: &Project, server: Server) -> Option<Window> {
    let (browser, driver) = programs()?;
    let log = project.home().join("chromedriver.log");
    let mut command = project.machine().command(driver);
    // The handler of crashes detaches itself and may outlive the project by a moment: it writes elsewhere.
    command.arg("--port=0").env("BREAKPAD_DUMP_LOCATION", concat!(env!("CARGO_TARGET_TMPDIR"), "/crashes"));
    let group = Group::start(&mut command, log);
    let port = group.said("the driver's port", |line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    let data = format!("--user-data-dir={}", project.home().join("chromium").display());
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--force-device-scale-factor=1",
        "--window-size=1440,1000",
        &data,
    ];
    let session = Session::start(
        port,
        &json!({
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": browser, "args": arguments},
        }),
    );
    session.go(&format!("http://{}/?token={}", server.host(), server.token));
    Some(Window::new(session, group, Some(server)))
}
