//! Showing a repository in a window. What a new window is asked for is read while its page loads.
//!
//! Not here: which window that is (`launch`), what the page is told (`bridge`).
//!
//! Invariants:
//! - Nothing is read that the person has yet to be asked about.
//! - What is read for a window that shows something else in the end is closed.

use std::path::{Path, PathBuf};

use hearsay_live::wire::{RepositoryInfo, WireError};
use hearsay_live::{Workspace, repository_at};
use tauri::{AppHandle, Manager, WebviewWindow};

use crate::opening::Asked;
use crate::recent::Recent;
use crate::windows::Windows;
use crate::{bridge, launch, lifetime};

/// Whether the person has to say first that they want it.
pub(crate) fn is_open_question(asked: &Asked, recent: &Recent) -> bool {
    asked.is_strange() && !recent.knows(&asked.path)
}

/// Begins to read what the window `label`, which is about to be made, is asked for.
pub(crate) fn begin(app: &AppHandle, label: &str) {
    // Somebody may start the app again before it is set up.
    let Some(recent) = app.try_state::<Recent>() else { return };
    let windows = app.state::<Windows>();
    let Some(Ok(asked)) = windows.asked(label) else { return };
    if is_open_question(&asked, &recent) {
        return;
    }
    // Where there is none, the page says so when it asks.
    let Ok(found) = repository_at(&asked.path) else { return };
    if windows.kept_at(&found.path).is_some() || windows.reserve(label, &found.path).is_err() {
        return;
    }
    let (app, to, keeping) = (app.clone(), label.to_owned(), windows.keeping());
    let path = found.path.clone();
    let reading =
        tauri::async_runtime::spawn(async move { bridge::open(&app, &to, path.as_ref(), keeping).await });
    windows.begin(label, found.path, reading);
}

/// Opens the repository at `path`, or that it is inside of, in `window`; nothing where another window shows it, which
/// then comes to the front.
///
/// # Errors
/// Where there is none, or it cannot be opened.
pub(crate) async fn open(window: &WebviewWindow, path: PathBuf) -> Result<Option<RepositoryInfo>, WireError> {
    let (label, app) = (window.label(), window.app_handle());
    let windows = app.state::<Windows>();
    // What is open without a window is taken over even where its files are gone: it says so itself.
    let found = windows.kept_at(&path.to_string_lossy()).map_or_else(|| repository_at(&path), Ok)?;
    if let Err(other) = windows.reserve(label, &found.path) {
        windows.ask_no_more(label);
        if let Some(other) = app.get_webview_window(&other) {
            launch::to_front(&other);
        }
        return Ok(None);
    }
    if !windows.asked(label).is_some_and(|asked| asked.is_ok_and(|asked| is_in(&asked, &found))) {
        // The issue that somebody wants to see is in another repository.
        windows.take_issue(label);
        windows.take_inbox(label);
    }
    let opened = match windows.take_kept(&found.path) {
        Some(kept) => Ok(kept),
        None => read(app, label, &path, &found.path).await,
    };
    let shown = opened.map(|workspace| {
        let info = workspace.info();
        windows.show(label, workspace);
        info
    });
    windows.close_begun(label);
    windows.release(label);
    let info = shown?;
    if app.get_webview_window(label).is_none() {
        // It was closed meanwhile, and it goes as it would have gone.
        windows.close(label, lifetime::stays(app));
        return Ok(None);
    }
    if let Err(error) = app.state::<Recent>().remember(&info) {
        tracing::warn!(%error, "the repository is not remembered");
    }
    Ok(Some(info))
}

/// What was begun, if that came to something; else it is read now, which says why it did not.
async fn read(app: &AppHandle, label: &str, path: &Path, found: &str) -> Result<Workspace, WireError> {
    let windows = app.state::<Windows>();
    let begun = match windows.take_begun(label, found) {
        Some(reading) => reading.await.ok().and_then(Result::ok),
        None => None,
    };
    match begun {
        Some(workspace) => Ok(workspace),
        None => bridge::open(app, label, path, windows.keeping()).await,
    }
}

/// Whether it is that repository that is asked for.
fn is_in(asked: &Asked, repository: &RepositoryInfo) -> bool {
    asked.path.as_os_str() == &*repository.path
        || repository_at(&asked.path).is_ok_and(|info| info == *repository)
}
