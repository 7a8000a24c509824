//! A private bus, a display and Debian's dunst; where dunst would have to misbehave, a daemon of our own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use tempfile::TempDir;

use super::super::{Answer, Opens};
use super::*;

const BUS_CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
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
/// What dunst needs to show everything that it is sent.
const DUNST_CONFIG: &str = "[global]\n    markup = full\n    format = \"%s\\n%b\"\n";
/// How long something may take that takes no time.
const DEADLINE: Duration = Duration::from_secs(30);

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A session: its bus, and what runs on it.
struct Desk {
    // In the order in which they end.
    daemon: Option<Running>,
    display: Option<(Running, String)>,
    bus: Option<Running>,
    home: TempDir,
}

/// The program `name`, where it is on the path. `None`, and said, where it is not.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|directory| directory.join(name)).find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var("HEARSAY_REQUIRE_ALL").is_ok_and(|value| value == "1");
        assert!(!required, "{name} is missing, and HEARSAY_REQUIRE_ALL is set");
        eprintln!("\n*** NOT RUN: {name} is missing; this promise was not tried ***\n");
    }
    found
}

/// Waits until `what` holds.
fn wait<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = holds() {
            return found;
        }
        assert!(start.elapsed() < DEADLINE, "waited for {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

impl Desk {
    /// A bus with nobody on it.
    fn bare() -> Option<Self> {
        let bus = program("dbus-daemon")?;
        let home = tempfile::tempdir().unwrap();
        let mut desk = Self { daemon: None, display: None, bus: None, home };
        desk.start_bus(&bus);
        Some(desk)
    }

    fn start_bus(&mut self, program: &Path) {
        let config = self.home.path().join("bus.conf");
        std::fs::write(&config, BUS_CONFIG.replace("SOCKET", &self.socket().to_string_lossy())).unwrap();
        let config = format!("--config-file={}", config.display());
        let bus = Command::new(program).args([&config, "--nofork", "--nopidfile"]).spawn().unwrap();
        self.bus = Some(Running(bus));
        wait("the bus", || std::os::unix::net::UnixStream::connect(self.socket()).ok());
    }

    /// A bus and a display with dunst.
    fn with_dunst() -> Option<Self> {
        let (display, _, _) = (program("Xvfb")?, program("dunst")?, program("dunstctl")?);
        let mut desk = Self::bare()?;
        let mut shown = Command::new(display)
            .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = std::io::BufReader::new(shown.stdout.take().unwrap());
        let mut number = String::new();
        std::io::BufRead::read_line(&mut said, &mut number).unwrap();
        desk.display = Some((Running(shown), format!(":{}", number.trim())));
        desk.start_dunst();
        Some(desk)
    }

    /// Starts dunst, in the place of the one that runs.
    fn start_dunst(&mut self) {
        self.daemon = None;
        let config = self.home.path().join("dunstrc");
        std::fs::write(&config, DUNST_CONFIG).unwrap();
        let dunst = self.command("dunst").arg("-conf").arg(&config).stderr(Stdio::null()).spawn().unwrap();
        self.daemon = Some(Running(dunst));
        wait("dunst", || {
            self.command("dunstctl").arg("count").output().unwrap().status.success().then_some(())
        });
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("bus.sock")
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.socket().display())
    }

    /// `name` in this session.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.env("DBUS_SESSION_BUS_ADDRESS", self.address()).env("HOME", self.home.path());
        command.env_remove("WAYLAND_DISPLAY").env_remove("XDG_CONFIG_HOME");
        if let Some((_, display)) = &self.display {
            command.env("DISPLAY", display);
        }
        command
    }

    fn dunstctl(&self, words: &[&str]) -> String {
        let output = self.command("dunstctl").args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn wait_for_shown(&self, count: &str) {
        wait("the banners", || (self.dunstctl(&["count", "displayed"]).trim() == count).then_some(()));
    }

    /// What dunst has shown and put away: the title and the body of the latest.
    fn latest(&self) -> (String, String) {
        self.dunstctl(&["close-all"]);
        let history: serde_json::Value = serde_json::from_str(&self.dunstctl(&["history"])).unwrap();
        let latest = &history["data"][0][0];
        let said = |field: &str| latest[field]["data"].as_str().unwrap_or_default().to_owned();
        (said("summary"), said("body"))
    }

    /// Our side, and the answers of the clicks.
    fn hearsay(&self, limit: Duration) -> (Daemon, Receiver<(Answer, Option<String>)>) {
        let (told, clicks) = channel();
        let told = Mutex::new(told);
        let on_answer: OnAnswer = Arc::new(move |answer, token| {
            // A test that is over listens no more.
            let _ = told.lock().unwrap().send((answer, token));
        });
        (Daemon::start(Some(self.address()), limit, on_answer), clicks)
    }
}

fn answer(card: &str) -> Answer {
    Answer::Open { repository: "/srv/app".to_owned(), opens: Opens::Issue(card.to_owned()) }
}

fn notice(title: &str, body: &str, tag: Option<&str>) -> Notice {
    Notice {
        title: title.to_owned(),
        body: body.to_owned(),
        urgent: false,
        tag: tag.map(str::to_owned),
        answer: answer(title),
    }
}

fn run<T>(call: impl Future<Output = T>) -> T {
    tauri::async_runtime::block_on(call)
}

/// The titles, bodies and actions that were asked for.
type Asked = Arc<Mutex<Vec<(String, String, Vec<String>)>>>;

/// A daemon of the test: it calls itself what it is told to, and answers or does not.
struct Puppet {
    answers: bool,
    asked: Asked,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Puppet {
    async fn get_capabilities(&self) -> Vec<String> {
        if !self.answers {
            std::future::pending::<()>().await;
        }
        vec!["body".to_owned()]
    }

    #[expect(clippy::too_many_arguments, reason = "the specification has that many")]
    async fn notify(
        &self,
        _app: String,
        _replaces: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _time: i32,
    ) -> u32 {
        self.asked.lock().unwrap().push((title, body, actions));
        7
    }

    #[zbus(property)]
    fn inhibited(&self) -> bool {
        true
    }
}

fn puppet(desk: &Desk, answers: bool) -> (Connection, Asked) {
    let asked = Asked::default();
    let serve = || {
        let puppet = Puppet { answers, asked: Arc::clone(&asked) };
        let builder = zbus::connection::Builder::address(desk.address().as_str())?;
        run(builder.serve_at(PATH, puppet)?.name(NAME)?.build())
    };
    // The bus may not have noticed yet that the one before is gone.
    (wait("the name to be free", || serve().ok()), asked)
}

#[test]
fn a_banner_reaches_the_screen_and_a_click_says_what_to_open() {
    let Some(desk) = Desk::with_dunst() else { return };
    let (hearsay, clicks) = desk.hearsay(LIMIT);
    run(hearsay.ability()).unwrap();
    run(hearsay.raise(notice("codex-3 moved k-1 to done", "Title of k-1", None))).unwrap();
    desk.wait_for_shown("1");
    desk.dunstctl(&["action", "0"]);
    assert_eq!(clicks.recv_timeout(DEADLINE).unwrap().0, answer("codex-3 moved k-1 to done"));
    let said = ("codex-3 moved k-1 to done".to_owned(), "Title of k-1".to_owned());
    assert_eq!(desk.latest(), said);
}

#[test]
fn a_banner_with_the_same_tag_takes_the_place_of_the_one_before() {
    let Some(desk) = Desk::with_dunst() else { return };
    let (hearsay, clicks) = desk.hearsay(LIMIT);
    for title in ["first", "second"] {
        run(hearsay.raise(notice(title, "", Some("digest")))).unwrap();
    }
    run(hearsay.raise(notice("other", "", None))).unwrap();
    desk.wait_for_shown("2");
    run(hearsay.withdraw("digest"));
    desk.wait_for_shown("1");
    desk.dunstctl(&["action", "0"]);
    assert_eq!(clicks.recv_timeout(DEADLINE).unwrap().0, answer("other"));
    run(hearsay.withdraw("digest"));
}

#[test]
fn markup_in_a_title_is_shown_as_it_is() {
    let Some(desk) = Desk::with_dunst() else { return };
    let (hearsay, _clicks) = desk.hearsay(LIMIT);
    run(hearsay.raise(notice("<b>R&D</b>", "<a href=\"x\">1 < 2</a> &amp; 'so'", None))).unwrap();
    desk.wait_for_shown("1");
    let (title, body) = desk.latest();
    assert_eq!(title, "<b>R&D</b>");
    // This is what dunst hands to what draws it.
    assert_eq!(body, text::escaped("<a href=\"x\">1 < 2</a> &amp; 'so'"));
}

#[test]
fn a_daemon_that_reads_no_markup_and_tells_no_click_gets_neither() {
    let Some(desk) = Desk::bare() else { return };
    let (_puppet, asked) = puppet(&desk, true);
    let (hearsay, _clicks) = desk.hearsay(LIMIT);
    run(hearsay.raise(notice("<b>R&D</b>", "1 < 2", None))).unwrap();
    assert_eq!(*asked.lock().unwrap(), [("<b>R&D</b>".to_owned(), "1 < 2".to_owned(), Vec::new())]);
}

#[test]
fn without_a_daemon_it_is_said_and_one_that_comes_later_is_used() {
    let Some(mut desk) = Desk::with_dunst() else { return };
    desk.daemon = None;
    let (hearsay, clicks) = desk.hearsay(LIMIT);
    let trouble = run(hearsay.raise(notice("nobody", "", None))).unwrap_err();
    assert_eq!((trouble.lack, trouble.hint.is_some()), (Lack::Missing, true), "{trouble}");
    assert_eq!(run(hearsay.ability()).unwrap_err().lack, Lack::Missing);
    desk.start_dunst();
    run(hearsay.raise(notice("somebody", "", None))).unwrap();
    desk.wait_for_shown("1");
    desk.dunstctl(&["action", "0"]);
    assert_eq!(clicks.recv_timeout(DEADLINE).unwrap().0, answer("somebody"));
}

#[test]
fn a_daemon_that_is_restarted_still_shows_and_clicks() {
    let Some(mut desk) = Desk::with_dunst() else { return };
    let (hearsay, clicks) = desk.hearsay(LIMIT);
    run(hearsay.raise(notice("before", "", Some("tag")))).unwrap();
    desk.wait_for_shown("1");
    desk.start_dunst();
    run(hearsay.raise(notice("after", "", Some("tag")))).unwrap();
    desk.wait_for_shown("1");
    desk.dunstctl(&["action", "0"]);
    assert_eq!(clicks.recv_timeout(DEADLINE).unwrap().0, answer("after"));
}

#[test]
fn a_click_that_another_daemon_tells_opens_nothing() {
    let Some(desk) = Desk::with_dunst() else { return };
    let (hearsay, clicks) = desk.hearsay(LIMIT);
    run(hearsay.raise(notice("ours", "", None))).unwrap();
    desk.wait_for_shown("1");
    let stranger = run(zbus::connection::Builder::address(desk.address().as_str()).unwrap().build()).unwrap();
    let ours = run(hearsay.inner.connection()).unwrap();
    for id in 0..4u32 {
        let to = ours.unique_name().map(|name| name.to_owned());
        run(stranger.emit_signal(to, PATH, NAME, "ActionInvoked", &(id, CLICK))).unwrap();
    }
    for title in ["ours", "ours as well"] {
        desk.dunstctl(&["action", "0"]);
        assert_eq!(clicks.recv_timeout(DEADLINE).unwrap().0, answer(title), "one click, one answer");
        desk.dunstctl(&["close-all"]);
        run(hearsay.raise(notice("ours as well", "", None))).unwrap();
        desk.wait_for_shown("1");
    }
}

#[test]
fn a_daemon_that_hangs_holds_nobody() {
    let Some(desk) = Desk::bare() else { return };
    let (hung, _) = puppet(&desk, false);
    let (hearsay, _clicks) = desk.hearsay(Duration::from_millis(200));
    for _ in 0..3 {
        let trouble = run(hearsay.raise(notice("nobody listens", "", None))).unwrap_err();
        assert_eq!(trouble.lack, Lack::Failed, "{trouble}");
    }
    run(hung.close()).unwrap();
    let (_puppet, asked) = puppet(&desk, true);
    run(hearsay.raise(notice("somebody", "", None))).unwrap();
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn that_the_person_wants_no_banners_is_heard() {
    let Some(desk) = Desk::with_dunst() else { return };
    let (hearsay, _clicks) = desk.hearsay(LIMIT);
    wait("dunst to tell", || hearsay.do_not_disturb().filter(|disturb| !disturb));
    desk.dunstctl(&["set-paused", "true"]);
    wait("the person to want none", || hearsay.do_not_disturb().filter(|disturb| *disturb));
    drop(desk.daemon);
    wait("nobody to tell", || hearsay.do_not_disturb().is_none().then_some(()));
}

#[test]
fn kde_tells_that_as_well() {
    let Some(desk) = Desk::bare() else { return };
    let (hearsay, _clicks) = desk.hearsay(LIMIT);
    assert_eq!(hearsay.do_not_disturb(), None);
    let _puppet = puppet(&desk, true);
    run(hearsay.raise(notice("any", "", None))).unwrap();
    wait("KDE to tell", || hearsay.do_not_disturb().filter(|disturb| *disturb));
}

#[test]
fn a_bus_that_ends_is_found_again() {
    let Some(mut desk) = Desk::bare() else { return };
    let (hearsay, _clicks) = desk.hearsay(LIMIT);
    assert_eq!(run(hearsay.ability()).unwrap_err().lack, Lack::Missing);
    desk.bus = None;
    wait("the bus to be missed", || {
        run(hearsay.ability()).unwrap_err().message.contains("no bus").then_some(())
    });
    desk.start_bus(&program("dbus-daemon").unwrap());
    let (_puppet, asked) = puppet(&desk, true);
    run(hearsay.raise(notice("again", "", None))).unwrap();
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn without_a_bus_it_is_said() {
    let on_answer: OnAnswer = Arc::new(|_, _| {});
    for bus in [None, Some("unix:path=/nowhere/at/all".to_owned()), Some("what:is this".to_owned())] {
        let hearsay = Daemon::start(bus, LIMIT, on_answer.clone());
        assert_eq!(run(hearsay.raise(notice("any", "", None))).unwrap_err().lack, Lack::Missing);
        assert_eq!(hearsay.do_not_disturb(), None);
    }
}

#[test]
fn the_session_bus_is_where_the_environment_says() {
    let of = |pairs: &'static [(&str, &str)]| {
        session_bus(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(
        of(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/a"), ("XDG_RUNTIME_DIR", "/b")]).unwrap(),
        "unix:path=/a"
    );
    assert_eq!(
        of(&[("DBUS_SESSION_BUS_ADDRESS", ""), ("XDG_RUNTIME_DIR", "/b")]).unwrap(),
        "unix:path=/b/bus"
    );
    assert_eq!(of(&[]), None);
}
