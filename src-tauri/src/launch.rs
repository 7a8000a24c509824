//! Bringing what is asked for to a window: the one that shows it already, else one that shows nothing, else a new one.
//!
//! Not here: what may be asked for (`opening`), reading the repository (`bridge`).
//!
//! Invariant: a repository has one window.

use std::path::Path;

use clap::Parser;
use hearsay_live::repository_at;
use hearsay_live::wire::WireError;
use tauri::{AppHandle, Emitter, EventTarget, Manager, WebviewWindow, WebviewWindowBuilder};

use crate::args::Args;
use crate::bridge;
use crate::notify::{Click, Opens};
use crate::opening::{Asked, By};
use crate::windows::{FIRST, Windows};

/// The event that names an issue to show in a window that has its board.
const SHOW_ISSUE: &str = "show_issue";

/// What a command line asks for; nothing where it only calls for the app.
pub(crate) fn asked(args: &Args, directory: &Path) -> Option<Result<Asked, WireError>> {
    args.word().map(|word| Asked::of_word(&word, directory).map(found))
}

/// The same with the path of the repository itself, so that it is known which window it has. What a stranger names is
/// not even looked at before the person has said yes: it may lie on somebody's server.
fn found(asked: Asked) -> Asked {
    if asked.is_strange() {
        return asked;
    }
    // Where there is none, the window says so when it opens it.
    let path = repository_at(&asked.path).map_or(asked.path, |info| info.path.into());
    Asked { path, ..asked }
}

/// Somebody started the app again with `words`: brings what they ask for to a window, and that window to the front.
pub(crate) fn again(app: &AppHandle, words: &[String], directory: &Path) {
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        // Whoever started it has no terminal that we could answer on.
        Err(error) => return tracing::warn!(%error, "a second launch is not understood"),
    };
    match asked(&args, directory) {
        Some(asked) => open(app, asked),
        None => match app.webview_windows().into_values().next() {
            Some(window) if !args.new_window => to_front(&window),
            Some(_) => make(app, &free_label(app)),
            None => make(app, FIRST),
        },
    }
}

/// macOS tells what was opened by an address: a file's, or a link's.
#[cfg(target_os = "macos")]
pub(crate) fn open_url(app: &AppHandle, url: &tauri::Url) {
    let file = (url.scheme() == "file").then(|| url.to_file_path().ok()).flatten();
    let word = file.map_or_else(|| url.to_string(), |path| path.to_string_lossy().into_owned());
    open(app, Asked::of_word(&word, Path::new("/")).map(found));
}

/// Brings what a click on a banner opens to a window.
pub(crate) fn clicked(app: &AppHandle, click: Click) {
    let issue = match click.opens {
        Opens::Issue(card) => Some(card),
        Opens::Inbox => None,
    };
    // The person has had it open: only then are there banners of it.
    open(app, Ok(Asked { path: click.repository.into(), issue, by: By::Person }));
}

/// Brings what is asked for to a window.
pub(crate) fn open(app: &AppHandle, asked: Result<Asked, WireError>) {
    let windows = app.state::<Windows>();
    let known = asked.as_ref().ok().and_then(|asked| windows.with(&asked.path.to_string_lossy()));
    if let Some(window) = known.and_then(|label| app.get_webview_window(&label)) {
        if let Ok(Asked { issue: Some(issue), .. }) = asked {
            match windows.workspace(window.label()) {
                Some(_) => tell(&window, &issue),
                // It asks once it has its board.
                None => windows.ask_issue(window.label(), issue),
            }
        }
        return to_front(&window);
    }
    let all = app.webview_windows();
    match all.into_values().find(|window| !windows.is_taken(window.label())) {
        Some(window) => {
            windows.ask(window.label(), asked);
            bridge::look_again(&window);
            to_front(&window);
        }
        None => {
            let label = free_label(app);
            windows.ask(&label, asked);
            make(app, &label);
        }
    }
}

/// Shows the window, wherever it is.
pub(crate) fn to_front(window: &WebviewWindow) {
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "a window does not come to the front");
    }
}

fn tell(window: &WebviewWindow, issue: &str) {
    let target = EventTarget::webview_window(window.label());
    if let Err(error) = window.emit_to(target, SHOW_ISSUE, issue) {
        tracing::warn!(%error, "a window cannot be told which issue to show");
    }
}

fn free_label(app: &AppHandle) -> String {
    let mut numbers = 2..;
    let free = numbers.find(|number| app.get_webview_window(&format!("board-{number}")).is_none());
    format!("board-{}", free.unwrap_or_default())
}

/// Makes a window like the first.
fn make(app: &AppHandle, label: &str) {
    let Some(first) = app.config().app.windows.first() else { return };
    let config = tauri::utils::config::WindowConfig { label: label.to_owned(), ..first.clone() };
    let made = WebviewWindowBuilder::from_config(app, &config).and_then(WebviewWindowBuilder::build);
    if let Err(error) = made {
        tracing::error!(%error, "there is no window to show it in");
        app.state::<Windows>().ask_no_more(label);
    }
}
