//! The desktop's door: the app under tauri-driver and Debian's webkit2gtk-driver, with a bus and a display of its own.

use std::fs;
use std::path::PathBuf;

use hearsay_tests::{Project, peers};
use serde_json::json;

use crate::driver::Session;
use crate::group::{Group, free_port, program};
use crate::window::Window;

/// A bus that starts nothing by itself: the app needs none of a desktop's services, and a test leaves none behind.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Where the bus of a home listens.
const SOCKET: &str = "run/session.sock";
/// Where the name of its display is kept.
const DISPLAY: &str = "display";

/// How often the drivers are started with other ports where somebody took the first ones.
const ATTEMPTS: usize = 3;

/// What it takes to run the app under a driver.
#[derive(Debug)]
struct Programs {
    app: PathBuf,
    driver: PathBuf,
    native: PathBuf,
    display: PathBuf,
    bus: PathBuf,
}

impl Programs {
    fn find() -> Option<Self> {
        let named = std::env::var_os("TAURI_DRIVER").map(PathBuf::from).filter(|path| path.is_file());
        let app = peers::hear().with_file_name(format!("hearsay{}", std::env::consts::EXE_SUFFIX));
        Some(Self {
            app: found(Some(app).filter(|app| app.is_file()), "the desktop app (`cargo build -p hearsay`)")?,
            driver: found(named.or_else(|| program("tauri-driver")), "tauri-driver (TAURI_DRIVER)")?,
            native: found(program("WebKitWebDriver"), "Debian's webkit2gtk-driver")?,
            display: found(program("Xvfb"), "Xvfb")?,
            bus: found(program("dbus-run-session"), "dbus-run-session")?,
        })
    }
}

fn found(program: Option<PathBuf>, name: &str) -> Option<PathBuf> {
    program.or_else(|| peers::not_run(name))
}

/// Starts the app with `arguments`, in the home of `project`.
pub(crate) fn open(project: &Project, arguments: &[&str]) -> Option<Window> {
    let programs = Programs::find()?;
    let home = project.home();
    let mut display = project.machine().command(&programs.display);
    display.args(["-displayfd", "1", "-screen", "0", "1600x1100x24", "-nolisten", "tcp"]);
    let display = Group::start(&mut display, home.join("display.log"));
    let number: u32 = display.said("the number of the display", |line| line.trim().parse().ok());
    fs::write(home.join(DISPLAY), format!(":{number}")).expect("a home to write to");
    let (driver, port) = start_driver(&programs, project, number);
    let session = Session::start(
        port,
        &json!({
            "browserName": "wry",
            "tauri:options": {"application": programs.app, "args": arguments},
        }),
    );
    Some(Window::new(session, vec![driver, display], None))
}

/// Starts the app once more beside the one that runs in the home of `project`, and waits until it has ended.
pub(crate) fn open_again(project: &Project, arguments: &[&str]) {
    let programs = Programs::find().expect("the app runs");
    let home = project.home();
    let mut command = project.machine().command(&programs.app);
    command
        .args(arguments)
        .env("DISPLAY", fs::read_to_string(home.join(DISPLAY)).expect("there is a display"));
    command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", home.join(SOCKET).to_string_lossy()));
    let output = command.output().expect("the app starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Starts tauri-driver, and with it WebKit's, on a bus of their own.
fn start_driver(programs: &Programs, project: &Project, display: u32) -> (Group, u16) {
    let home = project.home();
    let bus = home.join("bus.conf");
    fs::write(&bus, BUS.replace("SOCKET", &home.join(SOCKET).to_string_lossy())).expect("a home to write to");
    let mut said = String::new();
    for _ in 0..ATTEMPTS {
        let (port, native) = (free_port(), free_port());
        let mut command = project.machine().command(&programs.bus);
        command.arg("--config-file").arg(&bus).arg("--").arg(&programs.driver);
        command.args(["--port", &port.to_string(), "--native-port", &native.to_string()]);
        command.arg("--native-driver").arg(&programs.native);
        command.env("DISPLAY", format!(":{display}")).env_remove("WAYLAND_DISPLAY");
        // Where there is no graphics card, nobody gains from looking for one.
        command.env("LIBGL_ALWAYS_SOFTWARE", "1").env("NO_AT_BRIDGE", "1");
        let mut driver = Group::start(&mut command, home.join("tauri-driver.log"));
        if driver.lives_until("the drivers to answer", || Session::is_ready(port)) {
            return (driver, port);
        }
        said = driver.errors();
    }
    panic!("tauri-driver does not start: {said}")
}
