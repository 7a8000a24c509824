//! What the person wants of the app as a whole, as the settings say.
//!
//! Not here: where that is kept (`hearsay_live::settings`), and what comes of it (`lifetime`).

use tauri::{AppHandle, Manager};
use tokio::sync::watch;

/// What the person wants.
#[derive(Debug)]
pub(crate) struct Wishes {
    /// Unknown until a repository that is open has read the settings.
    close_to_tray: watch::Sender<Option<bool>>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { close_to_tray: watch::Sender::new(None) }
    }
}

/// Whether the app stays in the tray when its last window is closed.
pub(crate) fn close_to_tray(app: &AppHandle) -> bool {
    app.state::<Wishes>().close_to_tray.borrow().unwrap_or_default()
}

/// The person wants that, or does not want it any more.
pub(crate) fn set_close_to_tray(app: &AppHandle, wanted: bool) {
    app.state::<Wishes>().close_to_tray.send_replace(Some(wanted));
}

/// Waits until it is known what they want.
pub(crate) async fn known(app: &AppHandle) {
    let mut wish = app.state::<Wishes>().close_to_tray.subscribe();
    // Who says it lives as long as the app.
    let _ = wish.wait_for(Option::is_some).await;
}
