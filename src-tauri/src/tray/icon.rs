//! The picture of the tray.
//!
//! Not here: the drawings (`icons/`).

use tauri::image::Image;

/// The picture for a dark or a light panel, with a mark where something is unread.
pub(super) fn picture(dark: bool, unread: bool) -> Image<'static> {
    match (dark, unread) {
        (true, false) => tauri::include_image!("../icons/tray-dark.png"),
        (true, true) => tauri::include_image!("../icons/tray-dark-unread.png"),
        (false, false) => tauri::include_image!("../icons/tray-light.png"),
        (false, true) => tauri::include_image!("../icons/tray-light-unread.png"),
    }
}
