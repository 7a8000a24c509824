//! Showing a repository in a window. What a new window is asked for is read while its page loads.
//!
//! Not here: which window that is (`launch`), what the page is told (`bridge`).
//!
//! Invariants:
//! - Nothing is read that the person has yet to be asked about.
//! - What is read for a window that shows something else in the end is closed.

use std::path::PathBuf;

use hearsay_live::repository_at;
use hearsay_live::wire::{RepositoryInfo, WireError};
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
    let (windows, recent) = (app.state::<Windows>(), app.state::<Recent>());
    let Some(Ok(asked)) = windows.asked(label) else { return };
    if is_open_question(&asked, &recent) || windows.kept_at(&asked.path.to_string_lossy()).is_some() {
        return;
    }
    let (app, to, path, keeping) = (app.clone(), label.to_owned(), asked.path.clone(), windows.keeping());
    let reading = tauri::async_runtime::spawn(async move { bridge::open(&app, &to, &path, keeping).await });
    windows.begin(label, asked.path, reading);
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
    let opened = match (windows.take_kept(&found.path), windows.take_begun(label, &path)) {
        (Some(kept), _) => Ok(kept),
        (None, Some(reading)) => reading.await.unwrap_or_else(|error| Err(WireError::internal(&error))),
        (None, None) => bridge::open(app, label, &path, windows.keeping()).await,
    };
    let shown = opened.map(|workspace| {
        let info = workspace.info();
        windows.show(label, workspace);
        info
    });
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

/// Whether it is that repository that is asked for.
fn is_in(asked: &Asked, repository: &RepositoryInfo) -> bool {
    asked.path.as_os_str() == &*repository.path
        || repository_at(&asked.path).is_ok_and(|info| info == *repository)
}
