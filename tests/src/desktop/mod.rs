//! A desktop session of a test: a bus and a display that nobody else is on.
//!
//! What shows banners and tray icons is started on it where a test wants that: `dunst`, or a daemon of our own
//! (`daemon`); a host of tray icons (`tray`); a window manager. Not here: the page inside of a window, which a driver
//! sees (`webdriver/`).
//!
//! Invariant: a session has nothing that a test did not start, and ends with it.

pub mod banners;
pub mod daemon;
pub mod dunst;
pub mod screen;
pub mod tray;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

use crate::group::Group;
use crate::machine::Machine;
use crate::peers;
use crate::wait::{DEADLINE, until};

pub use banners::{Banner, Banners};
pub use daemon::Daemon;
pub use dunst::{Dunst, Shown};
pub use screen::{Frame, Screen};
pub use tray::{Icon, TrayHost};

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

/// The size of a display, where a test does not say.
const SIZE: (u16, u16) = (1600, 1100);

/// A bus and a display on `machine`. Dropping it ends both.
#[derive(Debug)]
pub struct Desktop {
    machine: Machine,
    display: String,
    _groups: [Group; 2],
}

impl Desktop {
    /// Starts both; `None` where this machine lacks a program, which is said.
    pub fn start(machine: &Machine) -> Option<Self> {
        Self::sized(machine, SIZE)
    }

    /// The same with a display of that size.
    pub fn sized(machine: &Machine, (width, height): (u16, u16)) -> Option<Self> {
        let (bus, display) = (peers::program("dbus-daemon", "dbus")?, peers::program("Xvfb", "xvfb")?);
        let home = machine.home();
        let settings = home.join("bus.conf");
        fs::write(&settings, BUS.replace("SOCKET", &socket(home).to_string_lossy())).expect("a home");
        let mut bus = machine.command(bus);
        bus.arg("--config-file").arg(settings).args(["--nofork", "--nopidfile", "--print-address=1"]);
        let bus = Group::start(&mut bus, home.join("bus.log"));
        let mut screen = machine.command(display);
        let size = format!("{width}x{height}x24");
        screen.args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp"]);
        let screen = Group::start(&mut screen, home.join("display.log"));
        bus.said("its address", |line| line.starts_with("unix:").then_some(()));
        let number: u32 = screen.said("the number of the display", |line| line.trim().parse().ok());
        let display = format!(":{number}");
        fs::write(named_in(home), &display).expect("a home to write to");
        Some(Self { machine: machine.clone(), display, _groups: [bus, screen] })
    }

    /// A command in this session.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        command(&self.machine, &self.display, program)
    }

    /// The machine that it is on.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The display.
    pub fn screen(&self) -> Screen {
        Screen::connect(&self.display)
    }

    /// Starts the desktop app without a driver, as a person's desktop does.
    pub fn app(&self, arguments: &[&str]) -> Option<Group> {
        let mut command = self.command(peers::app()?);
        command.args(arguments);
        Some(Group::start(&mut command, self.machine.home().join("hearsay.log")))
    }

    /// Runs the app once more, to its end: it finds the one that runs.
    pub fn launch_again(&self, arguments: &[&str]) -> Output {
        launch_again(&self.machine, arguments)
    }

    /// Starts Debian's `openbox`, so that windows have frames, the focus, and a place to be minimised to.
    pub fn manage_windows(&self) -> Option<Group> {
        let mut command = self.command(peers::program("openbox", "openbox")?);
        let mut group = Group::start(&mut command, self.machine.home().join("openbox.log"));
        let screen = self.screen();
        assert!(group.lives_until("a window manager", || screen.is_managed()), "{}", group.errors());
        Some(group)
    }

    /// A connection to its bus.
    ///
    /// # Panics
    /// Where the bus is gone.
    pub fn connect(&self) -> Connection {
        self.builder().build().expect("the bus of the session answers")
    }

    fn builder(&self) -> Builder<'static> {
        let builder = Builder::address(address(self.machine.home()).as_str()).expect("an address");
        builder.method_timeout(DEADLINE)
    }

    /// Waits until somebody on the bus is called `name`, or nobody.
    pub fn knows(&self, name: &'static str, there: bool) {
        let bus = DBusProxy::new(&self.connect()).expect("a bus");
        let name = BusName::try_from(name).expect("a name");
        until(&format!("{name} to be there: {there}"), || {
            (bus.name_has_owner(name.clone()).expect("the bus answers") == there).then_some(())
        });
    }
}

/// Runs the app once more in the session that lives at the home of `machine`, to its end: it finds the one that runs.
pub fn launch_again(machine: &Machine, arguments: &[&str]) -> Output {
    let display = fs::read_to_string(named_in(machine.home())).expect("there is a display");
    let program = peers::app().expect("the app runs");
    command(machine, &display, program).args(arguments).output().expect("the app starts")
}

fn command(machine: &Machine, display: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = machine.command(program);
    command.env("DBUS_SESSION_BUS_ADDRESS", address(machine.home()));
    command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
    // Where there is no graphics card, nobody gains from looking for one.
    command.env("LIBGL_ALWAYS_SOFTWARE", "1").env("NO_AT_BRIDGE", "1");
    command
}

/// Where the bus of a home listens.
fn socket(home: &Path) -> PathBuf {
    home.join("run/session.sock")
}

fn address(home: &Path) -> String {
    format!("unix:path={}", socket(home).to_string_lossy())
}

/// Where the name of the display of a home is kept.
fn named_in(home: &Path) -> PathBuf {
    home.join("display")
}
