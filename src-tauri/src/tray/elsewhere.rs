//! The panel on macOS and Windows: there always is one.

use tokio::sync::watch;

use super::host::{Hosting, Panel};

/// Whether a tray can be made at all.
pub(super) fn is_possible() -> bool {
    true
}

/// Tells how the panel is. On macOS the picture is a template, which the system colours; the taskbar of Windows is dark
/// unless somebody changed that.
pub(super) fn follow(panel: watch::Sender<Panel>) {
    panel.send_replace(Panel { host: Hosting::Hosted, dark: true });
}
