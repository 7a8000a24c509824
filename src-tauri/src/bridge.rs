//! The bridge from the feed to a page: the full board as one answer, what follows by the channel that the page brought
//! along with its question, so that nothing falls between the two.
//!
//! Not here: what the messages say (`hearsay_live::wire`).
//!
//! Invariant: a page that cannot follow is told to subscribe again, and gets its full board as an answer.

use hearsay_live::wire::WireError;
use hearsay_live::{Frame, Keeping, Options, Subscription, Surroundings, TimeZone, Workspace};
use serde::Serialize;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{AppHandle, Emitter, EventTarget, WebviewWindow};

/// The event that has a page ask again what its window shows.
const LOOK_AGAIN: &str = "look_again";
/// The event that says how far the opening of a repository is.
const OPENING: &str = "opening";

/// What a new follower gets: `[hello, board_full]`.
pub(crate) async fn first(feed: &mut Subscription) -> Result<String, WireError> {
    let (hello, full) = (next(feed).await?, next(feed).await?);
    Ok(format!("[{},{}]", hello.json, full.json))
}

async fn next(feed: &mut Subscription) -> Result<Frame, WireError> {
    feed.next().await.ok_or_else(WireError::closed)
}

/// Brings what follows to the page, until it is to subscribe again or the repository is closed.
pub(crate) async fn pump(mut feed: Subscription, page: Channel) {
    while let Some(frame) = feed.next().await {
        if frame.kind == "board_full" {
            return resync(&page);
        }
        if let Err(error) = page.send(InvokeResponseBody::Json(frame.json.to_string())) {
            tracing::error!(%error, "a window cannot be told");
            return;
        }
    }
}

/// Has the page subscribe again, if it still listens here.
pub(crate) fn resync(page: &Channel) {
    // A page that is gone asks for nothing.
    let _ = page.send(InvokeResponseBody::Json(r#"{"type":"resync"}"#.to_owned()));
}

/// Has the window ask again what it shows.
pub(crate) fn look_again(window: &WebviewWindow) {
    if let Err(error) = window.emit_to(EventTarget::webview_window(window.label()), LOOK_AGAIN, ()) {
        tracing::error!(%error, "a window cannot be told");
    }
}

#[derive(Debug, Clone, Serialize)]
struct Opening<'a> {
    path: &'a str,
    done: usize,
    total: usize,
}

/// Opens the repository at `path`, and tells the window `label` how far that is, once it listens.
pub(crate) async fn open(
    app: &AppHandle,
    label: &str,
    path: &std::path::Path,
    keeping: Option<Keeping>,
) -> Result<Workspace, WireError> {
    let shown = path.to_string_lossy().into_owned();
    let mut told = 0;
    Workspace::open(path, options(keeping), |done, total| {
        // A hundred steps are as many as a bar can show.
        if done == total || done >= told + total.div_ceil(100) {
            told = done;
            let target = EventTarget::webview_window(label);
            // A window that cannot be told how far it is gets the board all the same.
            let _ = app.emit_to(target, OPENING, Opening { path: &shown, done, total });
        }
    })
    .await
}

/// Opens the repository at `path` for nobody to look at.
pub(crate) async fn open_unseen(
    path: &std::path::Path,
    keeping: Option<Keeping>,
) -> Result<Workspace, WireError> {
    Workspace::open(path, options(keeping), |_, _| {}).await
}

fn options(keeping: Option<Keeping>) -> Options {
    let surroundings = Surroundings::of(std::env::vars_os()).beside(std::env::current_exe().ok().as_deref());
    let part = surroundings.participant(keeping);
    Options { part, surroundings, zone: TimeZone::system, keeps_inbox: true, ..Options::default() }
}
