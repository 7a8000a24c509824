//! What the settings show of the desktop around us: who shows banners and icons, who keeps passwords, whether we start
//! at login.
//!
//! Not here: finding that out (`hearsay_live::session`), and starting at login.

use hearsay_live::Surroundings;
use hearsay_live::session::{Part, PartState, Session};
use hearsay_live::wire::{ErrorCode, WireError};
use serde::Serialize;
use tauri::{AppHandle, Manager, State};
use tauri_plugin_autostart::AutoLaunchManager;
use tauri_plugin_opener::OpenerExt;

use crate::log::Log;
use crate::notify::{Lack, Notifications, Trouble};
use crate::tray::{Hosting, Tray};
use crate::update;

/// How it is with the desktop.
#[derive(Debug, Serialize)]
pub(crate) struct DesktopState {
    notifications: Part,
    tray: Part,
    keyring: Part,
    start_at_login: bool,
    /// Whether newer releases are looked for when somebody asks for it.
    updates: bool,
    version: String,
    /// The directory of the log.
    logs: String,
}

/// Looks at the desktop, which may take two seconds.
#[tauri::command]
pub(crate) async fn desktop_state(
    app: AppHandle,
    log: State<'_, Log>,
    notifications: State<'_, Notifications>,
) -> Result<DesktopState, WireError> {
    let logs = log.directory().map(|directory| directory.to_string_lossy().into_owned());
    let version = app.package_info().version.to_string();
    let looked = tauri::async_runtime::spawn_blocking(move || {
        let Session { notifications, tray, keyring } = Session::look(&Surroundings::of(std::env::vars_os()));
        let tray = missing_library(&app).unwrap_or(tray);
        let start_at_login = starts_at_login(&app);
        let logs = logs.unwrap_or_default();
        let updates = update::is_on(&app);
        DesktopState { notifications, tray, keyring, start_at_login, updates, version, logs }
    });
    let mut looked = looked.await.map_err(|error| WireError::internal(&error))?;
    // Elsewhere only asking tells.
    if looked.notifications.state == PartState::Unknown && cfg!(not(target_os = "linux")) {
        looked.notifications = permission(notifications.ability().await);
    }
    Ok(looked)
}

/// Whether the system lets us show banners, as it says itself.
fn permission(ability: Result<(), Trouble>) -> Part {
    match ability {
        Ok(()) => {
            Part { state: PartState::Ready, message: "The system shows banners.".to_owned(), hint: None }
        }
        Err(Trouble { lack, message, hint }) => {
            let state = match lack {
                Lack::Missing => PartState::Missing,
                Lack::Refused => PartState::Refused,
                Lack::Failed => PartState::Unknown,
            };
            Part { state, message, hint: hint.map(str::to_owned) }
        }
    }
}

/// That no tray can be made for want of a library, whoever would show it.
fn missing_library(app: &AppHandle) -> Option<Part> {
    (app.state::<Tray>().panel().borrow().host == Hosting::NoLibrary).then(|| Part {
        state: PartState::Missing,
        message: "The library for trays is not installed.".to_owned(),
        hint: Some("Install libayatana-appindicator3, and start Hearsay again.".to_owned()),
    })
}

fn starts_at_login(app: &AppHandle) -> bool {
    let Some(starting) = app.try_state::<AutoLaunchManager>() else { return false };
    starting.is_enabled().unwrap_or_else(|error| {
        tracing::warn!(%error, "whether Hearsay starts at login cannot be known");
        false
    })
}

/// Shows the directory of the log where the person looks at files.
#[tauri::command]
pub(crate) fn open_logs(app: AppHandle, log: State<'_, Log>) -> Result<(), WireError> {
    let Some(directory) = log.directory().filter(|directory| directory.is_dir()) else {
        return Err(WireError::new(ErrorCode::NotFound, "there is no log: its directory cannot be made"));
    };
    let shown = app.opener().open_path(directory.to_string_lossy(), None::<&str>);
    shown.map_err(|error| WireError::new(ErrorCode::Io, error.to_string()))
}
