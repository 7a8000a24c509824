//! What the promises of the desktop take for granted of what is around it, without Hearsay: who shows banners, who
//! shows tray icons, and the display.

use std::path::PathBuf;

use hearsay_tests::desktop::tray::Toggle;
use hearsay_tests::desktop::{Banners, Daemon, Dunst, Icon, Shown, TrayHost};
use hearsay_tests::{Desktop, Group, Project, peers};

/// An icon with a menu, and a window that opens from there, by the library that the app's tray is made with.
const INDICATOR: &str = r#"
import gi
gi.require_version("Gtk", "3.0")
gi.require_version("AyatanaAppIndicator3", "0.1")
from gi.repository import AyatanaAppIndicator3 as tray, Gtk
icon = tray.Indicator.new("peer", "mail-unread", tray.IndicatorCategory.APPLICATION_STATUS)
icon.set_title("A peer")
icon.set_status(tray.IndicatorStatus.ACTIVE)
window = Gtk.Window(title="Window of a peer")
window.connect("delete-event", lambda *_: window.hide() or True)
below = Gtk.Menu()
below.append(Gtk.MenuItem(label="An hour"))
pause = Gtk.MenuItem(label="Pause")
pause.set_submenu(below)
menu = Gtk.Menu()
show = Gtk.MenuItem(label="Show the window")
show.connect("activate", lambda _: window.present())
off = Gtk.MenuItem(label="Not now", sensitive=False)
switch = Gtk.CheckMenuItem(label="A switch", active=True)
end = Gtk.MenuItem(label="Quit")
end.connect("activate", Gtk.main_quit)
for entry in [show, off, switch, pause, Gtk.SeparatorMenuItem(), end]:
    menu.append(entry)
menu.show_all()
icon.set_menu(menu)
Gtk.main()
"#;

/// Starts it; `None`, and said, where this machine cannot.
fn indicator(desktop: &Desktop) -> Option<Group> {
    // The system's packages are for the system's Python, which need not be the first there is.
    let pythons = [Some(PathBuf::from("/usr/bin/python3")), peers::program("python3", "python3")];
    let import = "import gi; gi.require_version('AyatanaAppIndicator3', '0.1')";
    let can = |python: &PathBuf| {
        let tried = desktop.command(python).args(["-c", import]).output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    let Some(python) = pythons.into_iter().flatten().find(can) else {
        return peers::not_run(
            "AyatanaAppIndicator3 for Python (gir1.2-ayatanaappindicator3-0.1, python3-gi)",
        );
    };
    let mut command = desktop.command(python);
    Some(Group::start(command.args(["-c", INDICATOR]), desktop.machine().home().join("indicator.log")))
}

/// Raises a banner with something to click, and waits for what is done with it.
fn raise(desktop: &Desktop, title: &str, body: &str) -> Option<Group> {
    let mut command = desktop.command(peers::program("notify-send", "libnotify-bin")?);
    command.args(["--app-name=Peer", "--urgency=critical", "--action=default=Open", title, body]);
    Some(Group::start(&mut command, desktop.machine().home().join(format!("{title}.log"))))
}

#[test]
fn banners_are_recorded_shown_and_clicked_one_by_one() {
    let project = Project::empty();
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let Some(dunst) = Dunst::start(&desktop) else { return };
    let mut banners = Banners::of(&desktop);
    let Some(first) = raise(&desktop, "First", "<b>bold</b> & more") else { return };
    let one = banners.take();
    assert_eq!((one.app.as_str(), one.title.as_str(), one.replaces), ("Peer", "First", 0));
    assert_eq!(one.actions, [("default".to_owned(), "Open".to_owned())]);
    assert_eq!(one.hints["urgency"], "2");
    let second = raise(&desktop, "Second", "").expect("it was there before");
    let two = banners.take();
    dunst.displays(2);
    dunst.click(&two);
    second.said("the click", |line| (line == "default").then_some(()));
    assert_eq!(banners.closed(one.id.unwrap()), 3, "what is older is not clicked");
    first.is_rid_of("notify-send");

    dunst.pause(true);
    let _third = raise(&desktop, "Third", "");
    banners.take();
    assert_eq!((dunst.displayed(), dunst.waiting()), (0, 1));
    dunst.pause(false);
    dunst.displays(1);
    let shown: Vec<String> = dunst.shown().into_iter().map(|shown| shown.title).collect();
    assert_eq!(shown, ["First", "Second", "Third"]);
    assert_eq!(banners.rest().len(), 0);
    let Shown { body, laid_out, .. } = dunst.shown().swap_remove(0);
    assert!(body == "<b>bold</b> & more" && laid_out.contains("<b>bold</b> &amp; more"), "{body} {laid_out}");
    dunst.die();
    desktop.knows("org.freedesktop.Notifications", false);
}

#[test]
fn a_plain_daemon_takes_banners_and_passes_on_what_is_done_with_them() {
    let project = Project::empty();
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let daemon = Daemon::start(&desktop, &["body", "actions"]);
    let mut banners = Banners::of(&desktop);
    let Some(raised) = raise(&desktop, "Plain", "") else { return };
    let id = banners.take().id.unwrap();
    daemon.does(id, "default");
    raised.said("the click", |line| (line == "default").then_some(()));
}

#[test]
fn a_tray_shows_an_icon_with_its_menu_for_as_long_as_its_process_lives() {
    let project = Project::empty();
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let tray = TrayHost::start(&desktop);
    let Some(mut program) = indicator(&desktop) else { return };
    let Icon { id, title, status, icon, .. } = tray.icon();
    assert_eq!([id, title, status, icon], ["peer", "A peer", "Active", "mail-unread"]);
    let labels = ["Show the window", "Not now", "A switch", "Pause", "An hour", "---", "Quit"];
    tray.offers("Quit");
    assert_eq!(tray.labels(), labels);
    assert!(!tray.offers("Not now").enabled);
    assert_eq!(tray.offers("A switch").toggle, Toggle::Is(true));

    let screen = desktop.screen();
    screen.shows_none();
    tray.choose("Show the window");
    let window = screen.shows("Window of a peer");
    assert_eq!(window.pid, program.id());
    screen.close(&window);
    screen.shows_none();
    assert!(program.outcome().is_none(), "a window that is asked to close may stay");
    tray.choose("Quit");
    assert!(program.ended().success());
    tray.is_empty();
}

#[test]
fn a_panel_that_comes_back_finds_the_icon_again() {
    let project = Project::empty();
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let tray = TrayHost::start(&desktop);
    let Some(_program) = indicator(&desktop) else { return };
    tray.icon();
    tray.die();
    desktop.knows("org.kde.StatusNotifierWatcher", false);
    TrayHost::start(&desktop).offers("Show the window");
}

#[test]
fn a_window_manager_gives_windows_the_focus_and_a_place_to_be_minimised_to() {
    let project = Project::empty();
    let Some(desktop) = Desktop::start(project.machine()) else { return };
    let Some(_manager) = desktop.manage_windows() else { return };
    let tray = TrayHost::start(&desktop);
    let Some(_program) = indicator(&desktop) else { return };
    tray.choose("Show the window");
    let screen = desktop.screen();
    let window = screen.shows("Window of a peer");
    screen.has_focus(&window);
    screen.minimise(&window);
    screen.shows_none();
    tray.choose("Show the window");
    screen.has_focus(&screen.shows("Window of a peer"));
    screen.focus_nothing();
    screen.close(&window);
    screen.shows_none();
}
