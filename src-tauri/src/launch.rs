//! Bringing what is asked for to a window: the one that shows it already, else one that shows nothing, else a new one.
//!
//! Not here: what may be asked for (`opening`), reading the repository (`bridge`).
//!
//! Invariant: a repository has one window.

use std::path::{Path, PathBuf};

use clap::Parser;
use hearsay_live::wire::{ErrorCode, WireError};
use hearsay_live::{legible, repository_at};
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Emitter, EventTarget, Manager, WebviewWindow, WebviewWindowBuilder};

use crate::args::Args;
use crate::notify::{Click, Opens};
use crate::opening::{Asked, By};
use crate::windows::{FIRST, Windows};
use crate::{bridge, on_screen, show};

/// The event that has a page ask which issue it is to show.
const SHOW_ISSUE: &str = "show_issue";
/// The event that has a page ask whether it is to show the inbox.
const SHOW_INBOX: &str = "show_inbox";

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
        // Whoever started it has no terminal that we could answer on: a window says so.
        Err(error) => {
            tracing::warn!(%error, "a second launch is not understood");
            return open(app, Err(not_understood(words)));
        }
    };
    if args.background {
        // What it asks for is there already.
        return;
    }
    match asked(&args, directory) {
        Some(asked) => open(app, asked),
        None if args.new_window => make(app, &free_label(app)),
        None => bring(app),
    }
}

/// Two copies of the app need not be of one version.
fn not_understood(words: &[String]) -> WireError {
    let shown: String = legible(&words.get(1..).unwrap_or_default().join(" ")).chars().take(200).collect();
    let message =
        format!("Hearsay {} runs already, and does not understand: {shown}", env!("CARGO_PKG_VERSION"));
    WireError::new(ErrorCode::Invalid, message)
        .with_hint("if Hearsay was updated meanwhile, quit it and start it again")
}

/// Brings a window: the one that the person turned to last, else one for what is open without, else the first.
pub(crate) fn bring(app: &AppHandle) {
    if let Some(window) = latest(app) {
        return to_front(&window);
    }
    match app.state::<Windows>().last_kept() {
        Some(info) => open(app, Ok(of_person(info.path.into(), None))),
        None => make(app, FIRST),
    }
}

fn latest(app: &AppHandle) -> Option<WebviewWindow> {
    let latest = app.get_webview_window(&app.state::<Windows>().latest());
    latest.or_else(|| app.webview_windows().into_values().next())
}

/// Shows the issue of the card `card` of the repository at `path`, in its window, wherever that is; the repository
/// alone where no card is named.
pub(crate) fn show_issue(app: &AppHandle, path: &str, card: Option<&str>) {
    open(app, Ok(of_person(path.into(), card.map(str::to_owned))));
}

/// Shows the inbox of the repository at `path`; without it, that of the window that is there.
pub(crate) fn show_inbox(app: &AppHandle, path: Option<&str>) {
    match path {
        Some(path) => show_issue(app, path, None),
        None => bring(app),
    }
    let windows = app.state::<Windows>();
    let label = match path {
        Some(path) => windows.with(path),
        None => latest(app).map(|window| window.label().to_owned()),
    };
    let Some(window) = label.and_then(|label| app.get_webview_window(&label)) else { return };
    windows.ask_inbox(window.label());
    tell(&window, SHOW_INBOX);
}

fn of_person(path: PathBuf, issue: Option<String>) -> Asked {
    Asked { path, issue, by: By::Person }
}

/// macOS tells what was opened by an address: a file's, or a link's.
#[cfg(target_os = "macos")]
pub(crate) fn open_url(app: &AppHandle, url: &tauri::Url) {
    let file = (url.scheme() == "file").then(|| url.to_file_path().ok()).flatten();
    let word = file.map_or_else(|| url.to_string(), |path| path.to_string_lossy().into_owned());
    open(app, Asked::of_word(&word, Path::new("/")).map(found));
}

/// Brings what a click on a banner opens to a window. The person has had the repository open: only then are there banners
/// of it.
pub(crate) fn clicked(app: &AppHandle, click: &Click) {
    match &click.opens {
        Opens::Issue(card) => show_issue(app, &click.repository, Some(card)),
        Opens::Inbox => show_inbox(app, Some(&click.repository)),
    }
}

/// Brings what is asked for to a window.
pub(crate) fn open(app: &AppHandle, asked: Result<Asked, WireError>) {
    let windows = app.state::<Windows>();
    let known = asked.as_ref().ok().and_then(|asked| windows.with(&asked.path.to_string_lossy()));
    if let Some(window) = known.and_then(|label| app.get_webview_window(&label)) {
        if let Ok(Asked { issue: Some(issue), .. }) = asked {
            windows.ask_issue(window.label(), issue);
            tell(&window, SHOW_ISSUE);
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

/// A page that does not listen yet asks once it has its board.
fn tell(window: &WebviewWindow, what: &str) {
    let target = EventTarget::webview_window(window.label());
    if let Err(error) = window.emit_to(target, what, ()) {
        tracing::warn!(%error, "a window cannot be told what to show");
    }
}

fn free_label(app: &AppHandle) -> String {
    let numbered = (2..).map(|number| format!("board-{number}"));
    let mut labels = std::iter::once(FIRST.to_owned()).chain(numbered);
    labels.find(|label| app.get_webview_window(label).is_none()).unwrap_or_default()
}

/// Makes a window as the configuration describes the first.
pub(crate) fn make(app: &AppHandle, label: &str) {
    let Some(first) = app.config().app.windows.first() else { return };
    show::begin(app, label);
    let config = tauri::utils::config::WindowConfig { label: label.to_owned(), ..first.clone() };
    let made = WebviewWindowBuilder::from_config(app, &config).and_then(|builder| {
        let builder = builder.on_page_load(|window, page| {
            // Only now it is where the person left it.
            if page.event() == PageLoadEvent::Finished {
                on_screen::keep(&window);
            }
        });
        // The page knows what it shows.
        let builder = builder.on_document_title_changed(|window, title| {
            if let Err(error) = window.set_title(&title) {
                tracing::warn!(%error, "the window has no title");
            }
        });
        builder.build()
    });
    if let Err(error) = made {
        tracing::error!(%error, "there is no window to show it in");
        app.state::<Windows>().ask_no_more(label);
    }
}
