//! The app as somebody has it at work, without a driver: what stands above its windows, the banners that it raises, and a
//! colleague who works on the same files with the real Kanbus.
//!
//! Not here: what is inside of a window (`window`), and the promises.

use std::fs;
use std::path::{Path, PathBuf};

use hearsay_tests::desktop::{Banner, Banners, Dunst, Frame, Screen, TrayHost};
use hearsay_tests::record::event;
use hearsay_tests::wait::until;
use hearsay_tests::{Desktop, Group, Issue, Machine, Project, peers};
use serde_json::{Value, json};

/// Where the app keeps what is its own, below the home of a machine.
const DATA: &str = "data/dev.hearsay.app";

/// A desktop with a project on it, before the app is started.
pub(crate) struct Desk {
    pub(crate) desktop: Desktop,
    pub(crate) project: Project,
}

/// A running app, with `dunst` and a record of every banner. The app ends before its desktop.
pub(crate) struct AtWork {
    pub(crate) app: Group,
    pub(crate) dunst: Dunst,
    pub(crate) banners: Banners,
    pub(crate) desk: Desk,
}

impl Desk {
    /// Sets it up for `project`; `None` where this machine lacks a tool, which is said.
    pub(crate) fn of(project: Project) -> Option<Self> {
        peers::kanbus()?;
        peers::app()?;
        Some(Self { desktop: Desktop::start(project.machine())?, project })
    }

    /// The same where the person has chosen `settings`.
    pub(crate) fn with_settings(project: Project, settings: &Value) -> Option<Self> {
        choose(project.machine(), settings);
        Self::of(project)
    }

    /// Starts `dunst`, and the app with the project in its window, and waits until it is there.
    pub(crate) fn at_work(self) -> Option<AtWork> {
        let dunst = Dunst::start(&self.desktop)?;
        let banners = Banners::of(&self.desktop);
        let app = self.open()?;
        Some(AtWork { app, dunst, banners, desk: self })
    }

    /// Starts the app alone with the project in its window, and waits until that is there.
    pub(crate) fn open(&self) -> Option<Group> {
        let app = self.desktop.app(&[&self.root()])?;
        self.shows("repo — Hearsay");
        self.look_away();
        Some(app)
    }

    /// The person does something else: no window has the keyboard, so nobody looks at what they show.
    pub(crate) fn look_away(&self) {
        self.screen().focus_nothing();
    }

    /// The path of the project.
    pub(crate) fn root(&self) -> String {
        self.project.root().to_string_lossy().into_owned()
    }

    /// The display.
    pub(crate) fn screen(&self) -> Screen {
        self.desktop.screen()
    }

    /// Waits for a window whose title has `words`.
    pub(crate) fn shows(&self, words: &str) -> Frame {
        self.screen().shows(words)
    }

    /// Closes the one window there is, and waits until none is to be seen.
    pub(crate) fn close_window(&self) {
        let screen = self.screen();
        screen.close(&screen.shows("Hearsay"));
        screen.shows_none();
    }

    /// A colleague does something with Kanbus, in the same files.
    pub(crate) fn bob(&self, words: &[&str]) {
        as_user(&self.project, "bob", words);
    }

    /// What the app has written to its log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(data(self.project.machine()).join("logs/hearsay.log")).unwrap_or_default()
    }

    /// Waits until so many lines of the log have all of `words`.
    pub(crate) fn logs(&self, count: usize, words: &[&str]) {
        until(&format!("{count} lines with {words:?} in {}", self.log()), || {
            (self.logged(words) == count).then_some(())
        });
    }

    /// How many lines of the log have all of `words`.
    pub(crate) fn logged(&self, words: &[&str]) -> usize {
        self.log().lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
    }
}

impl AtWork {
    /// Opens `project` in the app.
    pub(crate) fn on(project: Project) -> Option<Self> {
        Desk::of(project)?.at_work()
    }

    /// Waits for the next banner, which says that.
    pub(crate) fn raises(&mut self, title: &str, body: &str) -> Banner {
        let banner = self.banners.take();
        assert_eq!((banner.title.as_str(), banner.body.as_str()), (title, body));
        banner
    }

    /// Clicks `banner`, waits for a window whose title has `words`, and then does something else.
    pub(crate) fn clicks(&self, banner: &Banner, words: &str) -> Frame {
        self.dunst.click(banner);
        let screen = self.desk.screen();
        let window = screen.shows(words);
        screen.has_focus(&window);
        self.desk.look_away();
        window
    }

    /// That there was no banner beyond those that were taken.
    pub(crate) fn raised_no_more(&mut self) {
        let rest = self.banners.rest();
        assert!(rest.is_empty(), "{rest:?}");
    }
}

/// Somebody does something with Kanbus, which must succeed.
pub(crate) fn as_user(project: &Project, user: &str, words: &[&str]) {
    let client = peers::kanbus().expect("it was there");
    let mut command = project.machine().clone().with("KANBUS_USER", user).command(client);
    let output = command.args(words).current_dir(project.root()).output().expect("the client runs");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// `who` closes `issue`, in files as Kanbus writes them.
pub(crate) fn finish_as(project: &Project, who: &str, issue: &Issue) {
    let number = issue.id.rsplit('-').next().and_then(|number| number.parse().ok()).expect("a number");
    project.put(&issue.in_status("closed").changed(60));
    let (path, text) = event(&issue.id, who, 60, number);
    let mut record: Value = serde_json::from_str(&text).expect("an event is JSON");
    record["payload"] = json!({"from_status": "open", "to_status": "closed"});
    project.replace(&path, serde_json::to_string_pretty(&record).expect("a value is JSON"));
}

/// The person chooses `settings` from now on, all others as usual.
pub(crate) fn choose(machine: &Machine, settings: &Value) {
    let mut settings = settings.clone();
    settings["version"] = json!(1);
    write_settings(machine, &settings.to_string());
}

/// Writes the file of the settings as it is.
pub(crate) fn write_settings(machine: &Machine, text: &str) {
    let path = settings_file(machine);
    fs::create_dir_all(path.parent().expect("a file stands in a directory")).expect("a home");
    let new = path.with_extension("new");
    fs::write(&new, text).expect("a home");
    fs::rename(new, path).expect("a home");
}

/// The file of the settings.
pub(crate) fn settings_file(machine: &Machine) -> PathBuf {
    machine.home().join("config/hearsay/settings.json")
}

/// What the file of the settings says.
pub(crate) fn settings(machine: &Machine) -> Value {
    let text = fs::read_to_string(settings_file(machine)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The directory in which the app keeps what is its own.
pub(crate) fn data(machine: &Machine) -> PathBuf {
    machine.home().join(DATA)
}

/// That the app stays in the tray.
pub(crate) fn in_the_tray() -> Value {
    json!({"tray": {"close_to_tray": true}})
}

/// A tray, and the app with the project in a window, which stays in the tray when that is closed.
pub(crate) fn with_tray(project: Project) -> Option<(TrayHost, AtWork)> {
    let desk = Desk::with_settings(project, &in_the_tray())?;
    let tray = TrayHost::start(&desk.desktop);
    let work = desk.at_work()?;
    tray.offers("the local bus");
    Some((tray, work))
}

/// A path as an argument.
pub(crate) fn word(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
