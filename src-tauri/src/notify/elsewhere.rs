//! A plain banner through `tauri-plugin-notification`: on a Windows where the app is not installed, and on systems
//! that have no file of their own.
//!
//! Untried: nothing here runs on the system that Hearsay is built on. Not here: clicks. The plugin reports none that
//! comes late, so a banner of this kind says what it says and opens nothing.

use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt;

use super::{Lack, Notice, Pending, Screen, Trouble};

/// The plugin, which `main` has to have set up.
pub(super) struct Plain {
    app: AppHandle,
}

impl Plain {
    pub(super) fn new(app: AppHandle) -> Self {
        Self { app }
    }
}

impl Screen for Plain {
    fn raise(&self, notice: Notice) -> Pending<'_, Result<(), Trouble>> {
        Box::pin(async move {
            let banner = self.app.notification().builder().title(notice.title).body(notice.body);
            banner.show().map_err(|error| Trouble::new(Lack::Failed, error.to_string(), None))
        })
    }

    /// The plugin takes none away.
    fn withdraw<'a>(&'a self, _: &'a str) -> Pending<'a, ()> {
        Box::pin(async {})
    }

    fn ability(&self) -> Pending<'_, Result<(), Trouble>> {
        Box::pin(async { Ok(()) })
    }

    fn do_not_disturb(&self) -> Option<bool> {
        None
    }
}
