//! The bridge from the feed to a window: the full board as one binary answer, what follows as events.
//!
//! The page listens for [`FEED`] before it asks to subscribe, so nothing falls between the two. Not here: what the
//! messages say (`hearsay_live::wire`).
//!
//! Invariant: a window that cannot follow is told to subscribe again, and gets its full board as an answer, never as
//! an event: events are text that the page has to parse on its own thread.

use hearsay_live::wire::WireError;
use hearsay_live::{Frame, Keeping, Options, Subscription, Surroundings, TimeZone, Workspace};
use serde::Serialize;
use serde_json::value::RawValue;
use tauri::{AppHandle, Emitter, EventTarget, WebviewWindow};

/// The event that carries every message of the feed.
const FEED: &str = "feed";
/// The event that says how far the opening of a repository is.
const OPENING: &str = "opening";

/// What a new follower gets: `[hello, board_full]`.
pub(crate) async fn first(feed: &mut Subscription) -> Result<Vec<u8>, WireError> {
    let (hello, full) = (next(feed).await?, next(feed).await?);
    let mut bytes = Vec::with_capacity(hello.json.len() + full.json.len() + 3);
    bytes.push(b'[');
    bytes.extend_from_slice(hello.json.as_bytes());
    bytes.push(b',');
    bytes.extend_from_slice(full.json.as_bytes());
    bytes.push(b']');
    Ok(bytes)
}

async fn next(feed: &mut Subscription) -> Result<Frame, WireError> {
    feed.next().await.ok_or_else(WireError::closed)
}

/// Brings what follows to the window `label`, until it is to subscribe again or the repository is closed.
pub(crate) async fn pump(mut feed: Subscription, app: AppHandle, label: String) {
    let target = EventTarget::webview_window(label);
    while let Some(frame) = feed.next().await {
        let resync = frame.kind == "board_full";
        let json = if resync { r#"{"type":"resync"}"#.to_owned() } else { frame.json.to_string() };
        let sent = RawValue::from_string(json)
            .map_err(tauri::Error::from)
            .and_then(|message| app.emit_to(target.clone(), FEED, message));
        if let Err(error) = sent {
            tracing::error!(%error, "a window cannot be told");
            return;
        }
        if resync {
            return;
        }
    }
}

/// Has the window ask again what it shows.
pub(crate) fn look_again(window: &WebviewWindow) {
    let target = EventTarget::webview_window(window.label());
    if let Err(error) = window.emit_to(target, FEED, Resync { kind: "resync" }) {
        tracing::error!(%error, "a window cannot be told");
    }
}

#[derive(Debug, Clone, Serialize)]
struct Resync {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Opening<'a> {
    path: &'a str,
    done: usize,
    total: usize,
}

/// Opens the repository at `path`, and tells the window how far that is.
pub(crate) async fn open(
    window: &WebviewWindow,
    path: &std::path::Path,
    keeping: Option<Keeping>,
) -> Result<Workspace, WireError> {
    let shown = path.to_string_lossy().into_owned();
    let mut told = 0;
    Workspace::open(path, options(keeping), |done, total| {
        // A hundred steps are as many as a bar can show.
        if done == total || done >= told + total.div_ceil(100) {
            told = done;
            let target = EventTarget::webview_window(window.label());
            // A window that cannot be told how far it is gets the board all the same.
            let _ = window.emit_to(target, OPENING, Opening { path: &shown, done, total });
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
