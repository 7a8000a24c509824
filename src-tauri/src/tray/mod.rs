//! The tray: what is unread, how the links are, what needs the person, and what they can do without a window.
//!
//! Not here: when the app stays without a window (`lifetime`), what is worth the person's attention (`hearsay_live`).
//!
//! Invariants:
//! - What is shown follows from what stands now (`view`), a moment late, and however much changes, seldom.
//! - Where no tray can be made, none is, and everything else goes on.

mod host;
mod icon;
mod menu;
mod steps;
mod view;
mod words;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hearsay_live::wire::{Command, RepositoryInfo};
use jiff::{SignedDuration, Timestamp};
use tauri::menu::Menu;
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::watch;

pub(crate) use self::host::{Hosting, Panel};
use self::view::{Act, Scene, Standing, TrayView};
use crate::opening::{Asked, By};
use crate::recent::{Recent, RecentRepository};
use crate::windows::Windows;
use crate::{launch, lifetime};

/// How the tray is called where trays are listed. Desktops remember by it who is hidden.
const ID: &str = "hearsay";
/// How long what changes is gathered before it is shown.
const MOMENT: Duration = Duration::from_millis(300);
/// The longest wait that is worth a timer.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The tray.
#[derive(Debug)]
pub(crate) struct Tray {
    standings: watch::Sender<HashMap<String, Standing>>,
    panel: watch::Sender<Panel>,
    shown: Mutex<Option<Shown>>,
}

/// What is shown now.
struct Shown {
    icon: TrayIcon<Wry>,
    menu: Menu<Wry>,
    view: TrayView,
    dark: bool,
    /// Where the system reads the picture from.
    _pictures: Option<tempfile::TempDir>,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown").field("view", &self.view).finish_non_exhaustive()
    }
}

impl Default for Tray {
    fn default() -> Self {
        Self {
            standings: watch::Sender::new(HashMap::new()),
            panel: watch::Sender::new(Panel::default()),
            shown: Mutex::default(),
        }
    }
}

impl Tray {
    /// So it stands with the repository at `path` from now on; `None` where that is not known any more.
    pub(crate) fn stand(&self, path: &str, standing: Option<Standing>) {
        self.standings.send_if_modified(|standings| match standing {
            Some(standing) => {
                let differs = standings.get(path) != Some(&standing);
                standings.insert(path.to_owned(), standing);
                differs
            }
            None => standings.remove(path).is_some(),
        });
    }

    /// The panel, and whenever that changes.
    pub(crate) fn panel(&self) -> watch::Receiver<Panel> {
        self.panel.subscribe()
    }

    /// Whether the person sees the tray: it is made, and somebody shows it.
    pub(crate) fn is_seen(&self) -> bool {
        self.panel.borrow().host == Hosting::Hosted
            && self.shown.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// Makes the tray, if there can be one, and has it follow what stands.
pub(crate) fn start(app: &AppHandle) {
    let tray = app.state::<Tray>();
    if !system::is_possible() {
        tracing::warn!(
            "there is no tray: neither libayatana-appindicator3 nor libappindicator3 is installed"
        );
        tray.panel.send_modify(|panel| panel.host = Hosting::NoLibrary);
        return;
    }
    match make(app) {
        Ok(shown) => *tray.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown),
        Err(error) => return tracing::warn!(%error, "there is no tray"),
    }
    system::follow(tray.panel.clone());
    tauri::async_runtime::spawn(follow(app.clone()));
}

fn make(app: &AppHandle) -> tauri::Result<Shown> {
    let view = TrayView::of(&scene(app, &[]));
    let panel = Panel::default();
    let menu = Menu::new(app)?;
    menu::take(app, &menu, &steps::steps(&[], &view.rows))?;
    let builder = TrayIconBuilder::with_id(ID)
        .icon(icon::picture(panel.dark, view.unread))
        .icon_as_template(true)
        .tooltip(&view.tooltip)
        .menu(&menu)
        .show_menu_on_left_click(true)
        .on_menu_event(|app, event| {
            if let Some(act) = Act::of(&event.id().0) {
                // A window that is made on the main thread would wait for itself on Windows.
                let app = app.clone();
                tauri::async_runtime::spawn(async move { carry_out(&app, act) });
            }
        });
    let pictures = pictures();
    let builder = match &pictures {
        Some(pictures) => builder.temp_dir_path(pictures.path()),
        None => builder,
    };
    let icon = builder.build(app)?;
    Ok(Shown { icon, menu, view, dark: panel.dark, _pictures: pictures })
}

/// A folder of our own for the pictures, because that of the library belongs to whoever came first.
fn pictures() -> Option<tempfile::TempDir> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(std::path::PathBuf::from);
    let mut places = runtime.into_iter().chain([std::env::temp_dir()]);
    places.find_map(|place| {
        let made = tempfile::Builder::new().prefix("hearsay-tray-").tempdir_in(place);
        made.inspect_err(|error| tracing::warn!(%error, "no picture of the tray can be put there")).ok()
    })
}

/// What the tray is to show follows from this.
fn scene(app: &AppHandle, recent: &[RepositoryInfo]) -> Scene {
    let standings = app.state::<Tray>().standings.borrow().clone();
    let open = app.state::<Windows>().repositories();
    let known = |info: RepositoryInfo| {
        let standing = standings.get(&info.path).cloned();
        (info, standing)
    };
    Scene { open: open.into_iter().map(known).collect(), recent: recent.to_vec(), now: Timestamp::now() }
}

/// Shows what stands, a moment after it changes, until the app ends.
async fn follow(app: AppHandle) {
    let tray = app.state::<Tray>();
    let (mut standings, mut panel) = (tray.standings.subscribe(), tray.panel.subscribe());
    let mut open = app.state::<Windows>().changes();
    let mut recent = recent(&app).await;
    let mut last = None;
    loop {
        let scene = scene(&app, &recent);
        let ends = scene.pause_ends().map(|until| until.duration_since(scene.now));
        let wanted = (TrayView::of(&scene), panel.borrow_and_update().dark);
        if last.as_ref() != Some(&wanted) {
            show(&app, wanted.0.clone(), wanted.1);
            last = Some(wanted);
        }
        let ends = ends.and_then(|ends| Duration::try_from(ends).ok()).map_or(DAY, |ends| ends.min(DAY));
        let changed = tokio::select! {
            changed = standings.changed() => changed,
            changed = panel.changed() => changed,
            changed = open.changed() => changed,
            () = tokio::time::sleep(ends) => Ok(()),
        };
        if changed.is_err() {
            return;
        }
        tokio::time::sleep(MOMENT).await;
        // What came meanwhile is shown with it.
        standings.mark_unchanged();
        open.mark_unchanged();
        recent = self::recent(&app).await;
    }
}

/// The repositories that were open before. Looking for them may take its time on a disk that is far away.
async fn recent(app: &AppHandle) -> Vec<RepositoryInfo> {
    let app = app.clone();
    let list = move || app.state::<Recent>().list().iter().map(RecentRepository::info).collect();
    tauri::async_runtime::spawn_blocking(list).await.unwrap_or_default()
}

/// Has the main thread show `view`, if that differs from what is shown.
fn show(app: &AppHandle, view: TrayView, dark: bool) {
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || {
        let tray = handle.state::<Tray>();
        let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(shown) = shown.as_mut() else { return };
        if let Err(error) = shown.become_like(&handle, view, dark) {
            tracing::warn!(%error, "the tray does not show what stands");
        }
    });
    if let Err(error) = asked {
        tracing::debug!(%error, "the app ends");
    }
}

impl Shown {
    fn become_like(&mut self, app: &AppHandle, view: TrayView, dark: bool) -> tauri::Result<()> {
        if (self.view.unread, self.dark) != (view.unread, dark) {
            self.icon.set_icon_with_as_template(Some(icon::picture(dark, view.unread)), true)?;
        }
        if self.view.tooltip != view.tooltip {
            self.icon.set_tooltip(Some(&view.tooltip))?;
        }
        let before = std::mem::replace(&mut self.view, view);
        self.dark = dark;
        menu::take(app, &self.menu, &steps::steps(&before.rows, &self.view.rows))
    }
}

/// Does what a click means.
fn carry_out(app: &AppHandle, act: Act) {
    match act {
        Act::Issue { path, card } => launch::show_issue(app, &path, Some(&card)),
        Act::Inbox { path } => launch::show_inbox(app, path.or_else(|| fullest(app)).as_deref()),
        Act::Open { path } => launch::show_issue(app, &path, None),
        Act::Pick => {
            let app = app.clone();
            app.clone().dialog().file().set_title("Open a repository").pick_folder(move |picked| {
                if let Some(path) = picked.and_then(|picked| picked.into_path().ok()) {
                    // The dialog answers on the main thread.
                    tauri::async_runtime::spawn(async move {
                        launch::open(&app, Ok(Asked { path, issue: None, by: By::Person }));
                    });
                }
            });
        }
        Act::Pause => pause(app, Timestamp::now().checked_add(SignedDuration::from_hours(1)).ok()),
        Act::Resume => pause(app, None),
        Act::Show => launch::bring(app),
        Act::Quit => lifetime::quit(app),
    }
}

/// No banners until then; `None` ends a pause. One repository writes it into the settings, and all follow those.
fn pause(app: &AppHandle, until: Option<Timestamp>) {
    let until = until.map(|until| until.to_string());
    let set = serde_json::json!({ "notifications": { "paused_until": until } });
    let (Some((_, workspace)), serde_json::Value::Object(set)) =
        (app.state::<Windows>().by_path().pop_first(), set)
    else {
        return;
    };
    tauri::async_runtime::spawn(async move {
        if let Err(error) = workspace.command(Command::ChangeSettings { set }).await {
            tracing::warn!(error = error.message, "notifications are not paused");
        }
    });
}

/// The open repository with the fullest inbox, if anything is unread.
fn fullest(app: &AppHandle) -> Option<String> {
    let standings = app.state::<Tray>().standings.borrow().clone();
    let open = app.state::<Windows>().repositories().into_iter().map(|info| info.path);
    let unread = |path: &String| standings.get(path).map_or(0, |standing| standing.unread);
    open.filter(|path| unread(path) > 0).max_by_key(unread)
}

/// Takes the tray away, and its pictures with it: the app ends.
pub(crate) fn end(app: &AppHandle) {
    *app.state::<Tray>().shown.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
