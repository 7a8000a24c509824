//! The menu of the tray, changed in place.
//!
//! Not here: what it shows (`view`), and what differs (`steps`).
//!
//! Invariant: only what differs is touched. All of it runs on the main thread.

use tauri::menu::{IsMenuItem, Menu, MenuItemBuilder, MenuItemKind, PredefinedMenuItem, SubmenuBuilder};
use tauri::{AppHandle, Wry};

use super::steps::Step;
use super::view::{Kind, Row};
use super::words::unmarked;

/// What holds rows.
trait Rows {
    fn put(&self, row: &dyn IsMenuItem<Wry>, at: usize) -> tauri::Result<()>;
    fn take(&self, at: usize) -> tauri::Result<()>;
    fn all(&self) -> tauri::Result<Vec<MenuItemKind<Wry>>>;
}

impl Rows for Menu<Wry> {
    fn put(&self, row: &dyn IsMenuItem<Wry>, at: usize) -> tauri::Result<()> {
        self.insert(row, at)
    }
    fn take(&self, at: usize) -> tauri::Result<()> {
        self.remove_at(at).map(drop)
    }
    fn all(&self) -> tauri::Result<Vec<MenuItemKind<Wry>>> {
        self.items()
    }
}

impl Rows for tauri::menu::Submenu<Wry> {
    fn put(&self, row: &dyn IsMenuItem<Wry>, at: usize) -> tauri::Result<()> {
        self.insert(row, at)
    }
    fn take(&self, at: usize) -> tauri::Result<()> {
        self.remove_at(at).map(drop)
    }
    fn all(&self) -> tauri::Result<Vec<MenuItemKind<Wry>>> {
        self.items()
    }
}

/// Takes the steps.
pub(super) fn take(app: &AppHandle, menu: &Menu<Wry>, steps: &[Step<'_>]) -> tauri::Result<()> {
    take_in(app, menu, steps)
}

fn take_in(app: &AppHandle, rows: &dyn Rows, steps: &[Step<'_>]) -> tauri::Result<()> {
    for step in steps {
        match step {
            Step::Remove(at) => rows.take(*at)?,
            Step::Insert(at, row) => put(app, rows, *at, row)?,
            Step::Say(at, text) => match rows.all()?.get(*at) {
                Some(MenuItemKind::MenuItem(item)) => item.set_text(unmarked(text))?,
                Some(MenuItemKind::Submenu(under)) => under.set_text(unmarked(text))?,
                _ => {}
            },
            Step::Under(at, steps) => {
                if let Some(MenuItemKind::Submenu(under)) = rows.all()?.get(*at) {
                    take_in(app, under, steps)?;
                }
            }
        }
    }
    Ok(())
}

fn put(app: &AppHandle, rows: &dyn Rows, at: usize, row: &Row) -> tauri::Result<()> {
    match &row.kind {
        Kind::Rule => rows.put(&PredefinedMenuItem::separator(app)?, at),
        Kind::Item | Kind::Word => {
            let item = MenuItemBuilder::with_id(&*row.id, unmarked(&row.text));
            rows.put(&item.enabled(row.kind == Kind::Item).build(app)?, at)
        }
        Kind::Under(held) => {
            let under = SubmenuBuilder::with_id(app, &*row.id, unmarked(&row.text)).build()?;
            for (at, row) in held.iter().enumerate() {
                put(app, &under, at, row)?;
            }
            rows.put(&under, at)
        }
    }
}
