//! Updates: whether there is a newer release, and putting it in place of this one.
//!
//! Off until `plugins.updater` in tauri.conf.json names a public key and an address; without a key nothing is asked of
//! anybody. Programs that a distribution builds and updates itself are built without the feature `updater`. Nothing is
//! looked for and nothing installed unless the person asks for it. Untried: there is no key and no address yet.

use hearsay_live::wire::WireError;
use serde::Serialize;
use tauri::AppHandle;

/// Whether there is a newer release.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(not(feature = "updater"), expect(dead_code, reason = "this program is updated by others"))]
pub(crate) enum Update {
    /// This program does not look for any.
    Off,
    /// There is none.
    Current,
    /// There is one.
    Available {
        /// Its version.
        version: String,
    },
}

/// Whether there is a newer release.
#[tauri::command]
pub(crate) async fn check_for_update(app: AppHandle) -> Result<Update, WireError> {
    signed::check(&app).await
}

/// Installs the newer release. The app starts anew with it.
#[tauri::command]
pub(crate) async fn install_update(app: AppHandle) -> Result<(), WireError> {
    signed::install(&app).await
}

/// Whether this program looks for updates when somebody asks for it.
pub(crate) fn is_on(app: &AppHandle) -> bool {
    cfg!(feature = "updater") && has_key(app)
}

/// Whether the configuration names a key.
fn has_key(app: &AppHandle) -> bool {
    let updater = app.config().plugins.0.get("updater");
    updater.and_then(|updater| updater.get("pubkey")?.as_str()).is_some_and(|key| !key.trim().is_empty())
}

/// Has the app look for updates, where it may.
///
/// # Errors
/// Where what the configuration says of them cannot be read.
#[cfg(feature = "updater")]
pub(crate) fn begin(app: &AppHandle) -> tauri::Result<()> {
    if has_key(app) { app.plugin(tauri_plugin_updater::Builder::new().build()) } else { Ok(()) }
}

#[cfg(not(feature = "updater"))]
pub(crate) fn begin(_: &AppHandle) -> tauri::Result<()> {
    Ok(())
}

#[cfg(feature = "updater")]
mod signed {
    use hearsay_live::wire::{ErrorCode, WireError};
    use tauri::AppHandle;
    use tauri_plugin_updater::{Error, UpdaterExt};

    use super::{Update, has_key};

    pub(super) async fn check(app: &AppHandle) -> Result<Update, WireError> {
        if !has_key(app) {
            return Ok(Update::Off);
        }
        let found =
            app.updater().map_err(|error| failed(&error))?.check().await.map_err(|error| failed(&error))?;
        Ok(found.map_or(Update::Current, |update| Update::Available { version: update.version }))
    }

    pub(super) async fn install(app: &AppHandle) -> Result<(), WireError> {
        if !has_key(app) {
            return Err(WireError::new(ErrorCode::Unavailable, "this program does not look for updates"));
        }
        let found =
            app.updater().map_err(|error| failed(&error))?.check().await.map_err(|error| failed(&error))?;
        let Some(update) = found else { return Ok(()) };
        update.download_and_install(|_, _| (), || ()).await.map_err(|error| failed(&error))?;
        app.restart()
    }

    fn failed(error: &Error) -> WireError {
        WireError::new(ErrorCode::Unavailable, format!("the update cannot be had: {error}"))
            .with_hint("Try again later, or install the release by hand.")
    }
}

#[cfg(not(feature = "updater"))]
mod signed {
    use hearsay_live::wire::{ErrorCode, WireError};
    use tauri::AppHandle;

    use super::Update;

    pub(super) async fn check(_: &AppHandle) -> Result<Update, WireError> {
        Ok(Update::Off)
    }

    pub(super) async fn install(_: &AppHandle) -> Result<(), WireError> {
        Err(WireError::new(ErrorCode::Unavailable, "this program does not look for updates"))
    }
}
