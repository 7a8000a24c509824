//! Windows stay where the person can reach them.
//!
//! Not here: where the person left them (`tauri-plugin-window-state`).
//!
//! Invariant: enough of a window's upper edge lies on some screen to drag it by.

use tauri::{PhysicalPosition, PhysicalRect, PhysicalSize, WebviewWindow};

/// As much of the upper edge as a hand finds, in pixels.
const GRIP: i64 = 120;

/// A window that lies elsewhere, because a screen is gone, comes back; one that is larger than its screen shrinks.
pub(crate) fn keep(window: &WebviewWindow) {
    if let Err(error) = keep_in_sight(window) {
        tracing::warn!(%error, "a window may lie off the screens");
    }
}

fn keep_in_sight(window: &WebviewWindow) -> tauri::Result<()> {
    if window.is_maximized()? {
        return Ok(());
    }
    let screens: Vec<Area> = window.available_monitors()?.iter().map(|screen| *screen.work_area()).collect();
    let (position, size) = (window.outer_position()?, window.outer_size()?);
    if let Some(fitting) = fitting(size, &screens) {
        window.set_size(fitting)?;
    }
    if !is_reachable(position, size, &screens) {
        window.center()?;
    }
    Ok(())
}

type Area = PhysicalRect<i32, u32>;

/// The size in place of `size` where no screen is large enough for that.
fn fitting(size: PhysicalSize<u32>, screens: &[Area]) -> Option<PhysicalSize<u32>> {
    let fits = |screen: &&Area| size.width <= screen.size.width && size.height <= screen.size.height;
    let largest = screens
        .iter()
        .map(|screen| screen.size)
        .max_by_key(|size| u64::from(size.width) * u64::from(size.height))?;
    let fitting = PhysicalSize::new(size.width.min(largest.width), size.height.min(largest.height));
    screens.iter().find(fits).is_none().then_some(fitting)
}

/// Whether enough of the upper edge lies on one of the screens; so it does where nobody says which there are.
fn is_reachable(position: PhysicalPosition<i32>, size: PhysicalSize<u32>, screens: &[Area]) -> bool {
    let (left, top) = (i64::from(position.x), i64::from(position.y));
    let right = left + i64::from(size.width);
    let is_on = |screen: &Area| {
        let (x, y) = (i64::from(screen.position.x), i64::from(screen.position.y));
        let (width, height) = (i64::from(screen.size.width), i64::from(screen.size.height));
        let shown = right.min(x + width) - left.max(x);
        shown >= GRIP.min(right - left) && top >= y && top < y + height - GRIP.min(height) / 2
    };
    screens.is_empty() || screens.iter().any(is_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(x: i32, width: u32) -> Area {
        Area { position: PhysicalPosition::new(x, 0), size: PhysicalSize::new(width, 1000) }
    }

    #[test]
    fn a_window_that_the_hand_does_not_find_is_out_of_reach() {
        let screens = [screen(0, 1600), screen(1600, 1600)];
        let size = PhysicalSize::new(800, 600);
        let is_there = |x, y| is_reachable(PhysicalPosition::new(x, y), size, &screens);
        assert!(is_there(0, 0) && is_there(-600, 300) && is_there(1200, 900) && is_there(3000, 10));
        assert!(!is_there(-700, 0) && !is_there(3100, 0) && !is_there(0, 960) && !is_there(0, -20));
        assert!(
            is_reachable(PhysicalPosition::new(-5000, 0), size, &[]),
            "nobody says which screens there are"
        );
    }

    #[test]
    fn a_window_that_no_screen_has_room_for_shrinks() {
        let screens = [screen(0, 800), screen(800, 1600)];
        assert_eq!(fitting(PhysicalSize::new(1500, 900), &screens), None);
        assert_eq!(fitting(PhysicalSize::new(2000, 900), &screens), Some(PhysicalSize::new(1600, 900)));
        assert_eq!(fitting(PhysicalSize::new(2000, 2000), &[]), None);
    }
}
