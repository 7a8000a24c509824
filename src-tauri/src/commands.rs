//! What a page may ask: each question is decoded, passed on once, and its answer encoded.

use std::path::PathBuf;

use hearsay_live::Workspace;
use hearsay_live::wire::{
    Command, Done, ErrorCode, EventPage, InboxList, IssueDetail, RepositoryInfo, Trial, WireError,
};
use serde::Serialize;
use tauri::ipc::{Channel, Response};
use tauri::{AppHandle, Manager, State, WebviewWindow};
use tauri_plugin_autostart::ManagerExt as _;
use tauri_plugin_dialog::DialogExt;
use tauri_plugin_opener::OpenerExt;

use crate::opening::By;
use crate::opening::making::{self, Place};
use crate::recent::{Recent, RecentRepository};
use crate::windows::{Pump, Windows};
use crate::{bridge, show};

type Answer<T> = Result<T, WireError>;

fn shown(windows: &Windows, window: &WebviewWindow) -> Answer<Workspace> {
    let none = || WireError::new(ErrorCode::NotFound, "no repository is open in this window");
    windows.workspace(window.label()).ok_or_else(none)
}

/// What the person is asked before a repository is opened for the first time.
#[derive(Debug, Serialize)]
pub(crate) struct OpeningQuestion {
    path: PathBuf,
    /// The document that asks for it; null where a link does.
    document: Option<PathBuf>,
}

/// What the person is to be asked before the window shows anything.
#[tauri::command]
pub(crate) fn opening_question(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    recent: State<'_, Recent>,
) -> Option<OpeningQuestion> {
    let asked = windows.asked(window.label())?.ok().filter(|asked| show::is_open_question(asked, &recent))?;
    let document = match asked.by {
        By::Document(document) => Some(document),
        By::Person | By::Link => None,
    };
    Some(OpeningQuestion { path: asked.path, document })
}

/// The person does not want what the window is asked for.
#[tauri::command]
pub(crate) fn decline_opening(window: WebviewWindow, windows: State<'_, Windows>) {
    windows.ask_no_more(window.label());
}

/// The issue that the window is to show now that it has its board.
#[tauri::command]
pub(crate) fn issue_to_show(window: WebviewWindow, windows: State<'_, Windows>) -> Option<String> {
    windows.take_issue(window.label())
}

/// The view that the window is to show now that it has its board: `"inbox"`, or none in particular.
#[tauri::command]
pub(crate) fn view_to_show(window: WebviewWindow, windows: State<'_, Windows>) -> Option<&'static str> {
    windows.take_inbox(window.label()).then_some("inbox")
}

/// Opens the repository at `path`, or that it is inside of, in this window; nothing where another window shows it,
/// which then comes to the front.
#[tauri::command]
pub(crate) async fn open_repository(window: WebviewWindow, path: PathBuf) -> Answer<Option<RepositoryInfo>> {
    show::open(&window, path).await
}

/// Asks the person for a directory, and opens it.
#[tauri::command]
pub(crate) async fn pick_repository(window: WebviewWindow) -> Answer<Option<RepositoryInfo>> {
    let dialog = window.dialog().file().set_parent(&window).set_title("Open a repository");
    let (told, picked) = tauri::async_runtime::channel(1);
    dialog.pick_folder(move |picked| {
        // A window that closes meanwhile no longer waits for the answer.
        let _ = told.try_send(picked);
    });
    let mut picked = picked;
    let Some(path) = picked.recv().await.flatten() else { return Ok(None) };
    let path = path.into_path().map_err(|error| WireError::new(ErrorCode::Invalid, error.to_string()))?;
    show::open(&window, path).await
}

/// Repositories that were open before, the latest first.
#[tauri::command]
pub(crate) fn recent_repositories(recent: State<'_, Recent>) -> Vec<RecentRepository> {
    recent.list()
}

/// Puts a document that opens the repository of this window there, and answers where it is.
#[tauri::command]
pub(crate) async fn make_document(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    place: Place,
) -> Answer<PathBuf> {
    let info = shown(&windows, &window)?.info();
    let folder = match place {
        Place::Repository => PathBuf::from(&info.path),
        Place::Desktop => desktop(window.app_handle()).ok_or_else(|| {
            WireError::new(ErrorCode::NotFound, "there is no folder that the desktop shows")
                .with_hint("put the document into the repository")
        })?,
    };
    let made = tauri::async_runtime::spawn_blocking(move || making::make(&info, &folder, place)).await;
    made.map_err(|error| WireError::internal(&error))?
}

/// The folder that the person's desktop shows. Not every system is told where it is.
fn desktop(app: &AppHandle) -> Option<PathBuf> {
    let usual = || app.path().home_dir().ok().map(|home| home.join("Desktop"));
    app.path().desktop_dir().ok().or_else(usual).filter(|folder| folder.is_dir())
}

/// Whether the app starts in the background when the person logs in.
#[tauri::command]
pub(crate) async fn set_start_at_login(app: AppHandle, on: bool) -> Answer<()> {
    let autolaunch = app.autolaunch();
    let done = if on { autolaunch.enable() } else { autolaunch.disable() };
    done.map_err(|error| {
        WireError::new(ErrorCode::Io, format!("starting at login cannot be changed: {error}"))
            .with_hint("your system's own settings have a list of what starts at login")
    })
}

/// `[hello, board_full]` of what the window shows, and by `page` what follows; null where it shows nothing. What it is
/// asked for is shown from now on, unless the person is to be asked first.
#[tauri::command]
pub(crate) async fn subscribe(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    recent: State<'_, Recent>,
    page: Channel,
) -> Answer<Response> {
    if windows.workspace(window.label()).is_none()
        && let Some(asked) = windows.asked(window.label()).transpose()?
        && !show::is_open_question(&asked, &recent)
    {
        show::open(&window, asked.path).await?;
    }
    let Some(workspace) = windows.workspace(window.label()) else {
        return Ok(Response::new("null".to_owned()));
    };
    let mut feed = workspace.subscribe().await?;
    let first = bridge::first(&mut feed).await?;
    windows.pump(window.label(), &workspace, Pump::start(feed, page));
    Ok(Response::new(first))
}

/// The issue of the unit `card:<key>` as a whole.
#[tauri::command]
pub(crate) async fn issue_detail(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    key: String,
) -> Answer<IssueDetail> {
    shown(&windows, &window)?.issue(&key).await
}

/// Events of that issue before the cursor `before`.
#[tauri::command]
pub(crate) async fn issue_events(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    key: String,
    before: Option<String>,
) -> Answer<EventPage> {
    shown(&windows, &window)?.events(&key, before).await
}

/// Does what the person wants.
#[tauri::command]
pub(crate) async fn command(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    command: Command,
) -> Answer<Done> {
    shown(&windows, &window)?.command(command).await
}

/// The inbox of what the window shows.
#[tauri::command]
pub(crate) async fn inbox(window: WebviewWindow, windows: State<'_, Windows>) -> Answer<InboxList> {
    shown(&windows, &window)?.inbox().await
}

/// What rules would have made of the last day.
#[tauri::command]
pub(crate) async fn try_rules(
    window: WebviewWindow,
    windows: State<'_, Windows>,
    rules: String,
) -> Answer<Trial> {
    shown(&windows, &window)?.try_rules(rules).await
}

/// The cards that the window shows while it has the focus; none where it has not.
#[tauri::command]
pub(crate) fn looking(window: WebviewWindow, windows: State<'_, Windows>, cards: Vec<String>) {
    if let Some(workspace) = windows.workspace(window.label()) {
        workspace.looking(window.label(), cards);
    }
}

/// What Markdown will look like once it is written.
#[tauri::command]
pub(crate) async fn render(text: String) -> Answer<String> {
    let rendered = tauri::async_runtime::spawn_blocking(move || hearsay_live::render(&text)).await;
    rendered.map_err(|error| WireError::internal(&error))
}

/// Opens a link of an issue where the person opens links. The address is a stranger's.
#[tauri::command]
pub(crate) fn open_external(app: AppHandle, url: String) -> Answer<()> {
    let known = ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
    if !known || url.chars().any(char::is_control) {
        return Err(WireError::new(ErrorCode::Invalid, "only web and mail addresses are opened"));
    }
    app.opener().open_url(url, None::<&str>).map_err(|error| WireError::new(ErrorCode::Io, error.to_string()))
}
