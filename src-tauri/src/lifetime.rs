//! How long the app lives: when it stays without a window, how it starts without one, and how it ends.
//!
//! Not here: whether there is a tray (`tray`), what the person wants (`wishes`).
//!
//! Invariants:
//! - The app never vanishes: without a window it stays only while somebody shows its tray; if they stop, a window comes.
//! - Whatever ends it, repositories are closed first, as long as that does not take too long.

use std::path::PathBuf;
use std::time::Duration;

use tauri::{AppHandle, Manager, RunEvent};

use crate::recent::Recent;
use crate::tray::{self, Hosting, Tray};
use crate::windows::{FIRST, Windows};
use crate::{bridge, following, launch, wishes};

/// How long a panel may take to come up after we were started at login.
const PANEL: Duration = Duration::from_secs(10);
/// How long the settings may take to be read.
const SETTINGS: Duration = Duration::from_secs(3);
/// How long a panel may be away, because it starts again, before a window comes in its place.
const AWAY: Duration = Duration::from_secs(2);
/// How long closing may take.
const CLOSING: Duration = Duration::from_secs(3);

/// Whether the app stays when its windows are closed.
pub(crate) fn stays(app: &AppHandle) -> bool {
    wishes::close_to_tray(app) && app.state::<Tray>().is_seen()
}

/// Begins: with a window, or in the `background`.
pub(crate) fn start(app: &AppHandle, background: bool) {
    if !background {
        launch::make(app, FIRST);
    }
    tauri::async_runtime::spawn(following::follow(app.clone()));
    tray::start(app);
    tauri::async_runtime::spawn(end_on_signal(app.clone()));
    tauri::async_runtime::spawn(remember_open(app.clone()));
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if background {
            start_unseen(&app).await;
        }
        bring_back(&app).await;
    });
}

/// What happens to the app as a whole.
pub(crate) fn heard(app: &AppHandle, event: RunEvent) {
    match event {
        // Without a code it is the last window that was closed; with one, somebody said so.
        RunEvent::ExitRequested { code: None, api, .. } if stays(app) => api.prevent_exit(),
        RunEvent::Exit => end(app),
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            for url in urls {
                launch::open_url(app, &url);
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { has_visible_windows: false, .. } => launch::bring(app),
        _ => {}
    }
}

/// Ends the app, whatever stays otherwise.
pub(crate) fn quit(app: &AppHandle) {
    app.exit(0);
}

/// Closes everything, if that does not take too long.
fn end(app: &AppHandle) {
    tray::end(app);
    let closing = app.state::<Windows>().end();
    let closed = async {
        for one in closing {
            // One that ended in a panic is closed as well.
            let _ = one.await;
        }
    };
    let in_time = tauri::async_runtime::block_on(async { tokio::time::timeout(CLOSING, closed).await });
    if in_time.is_err() {
        tracing::warn!("not all repositories are closed yet, and the app ends all the same");
    }
}

#[cfg(unix)]
async fn end_on_signal(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = || Ok((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?));
    match listen() {
        Ok::<_, std::io::Error>((mut interrupt, mut terminate)) => {
            for again in [false, true] {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if again {
                    // Whoever says it twice does not want to wait.
                    std::process::exit(1);
                }
                quit(&app);
            }
        }
        Err(error) => tracing::warn!(%error, "a signal ends the app at once"),
    }
}

#[cfg(not(unix))]
async fn end_on_signal(app: AppHandle) {
    if tokio::signal::ctrl_c().await.is_ok() {
        quit(&app);
    }
}

/// Keeps in mind what is open, for the next start in the background.
async fn remember_open(app: AppHandle) {
    let mut changes = app.state::<Windows>().changes();
    while changes.changed().await.is_ok() {
        if app.webview_windows().is_empty() && !stays(&app) {
            // The app ends, or has not begun: what is open now is not what there was.
            continue;
        }
        let app = app.clone();
        let written = tauri::async_runtime::spawn_blocking(move || {
            let open = app.state::<Windows>().repositories().into_iter().map(|info| PathBuf::from(info.path));
            app.state::<Recent>().remember_open(open.collect())
        });
        if let Ok(Err(error)) = written.await {
            tracing::warn!(%error, "what is open is not remembered");
        }
    }
}

/// Brings a window back when nobody shows the tray any more and there is none.
async fn bring_back(app: &AppHandle) {
    let mut panel = app.state::<Tray>().panel();
    loop {
        if is_lost(app) {
            tokio::time::sleep(AWAY).await;
            if is_lost(app) {
                tracing::warn!("nobody shows the tray any more: a window is back");
                launch::bring(app);
            }
        }
        if panel.changed().await.is_err() {
            return;
        }
    }
}

/// Whether the person has no way to the app.
fn is_lost(app: &AppHandle) -> bool {
    app.webview_windows().is_empty() && !app.state::<Tray>().is_seen()
}

/// Opens what was open last, without a window if the person wants that and somebody shows the tray; else with one each.
async fn start_unseen(app: &AppHandle) {
    let windows = app.state::<Windows>();
    let list = {
        let app = app.clone();
        tauri::async_runtime::spawn_blocking(move || app.state::<Recent>().open_last())
    };
    // What is gone meanwhile is nothing to speak about at login.
    for path in list.await.unwrap_or_default() {
        match bridge::open_unseen(&path, windows.keeping()).await {
            Ok(workspace) => windows.keep(workspace),
            Err(error) => tracing::warn!(error = error.message, "a repository is not followed"),
        }
    }
    // Whoever is not there by then is not waited for.
    let _ = tokio::time::timeout(SETTINGS, wishes::known(app)).await;
    if wishes::close_to_tray(app) {
        let mut panel = app.state::<Tray>().panel();
        let decided = panel.wait_for(|panel| matches!(panel.host, Hosting::Hosted | Hosting::NoLibrary));
        let _ = tokio::time::timeout(PANEL, decided).await;
    }
    if stays(app) {
        return;
    }
    for info in windows.repositories() {
        launch::show_issue(app, &info.path, None);
    }
    if app.webview_windows().is_empty() {
        launch::bring(app);
    }
}
