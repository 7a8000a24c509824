//! A window like the app's with nothing in it: what `cargo xtask bench` holds the app's start against.
//!
//! Invariant: the same settings, the same engine and the same way to the page as in the app, and nothing else.

use std::borrow::Cow;

use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{Assets, Runtime};

/// One colour, so that it can be told from outside when it is painted.
const PAGE: &str = "<!doctype html><title>Empty</title><body style=\"background: #2f6fdf\">";

/// Answers every path with the page.
struct Empty;

impl<R: Runtime> Assets<R> for Empty {
    fn get(&self, _: &AssetKey) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Borrowed(PAGE.as_bytes()))
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(std::iter::empty())
    }

    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}

fn main() -> tauri::Result<()> {
    let mut context = tauri::generate_context!(assets = Empty);
    for window in &mut context.config_mut().app.windows {
        (window.create, window.visible) = (true, true);
    }
    tauri::Builder::default().run(context)
}
