//! "Copy diagnostics": gathers what is so.
//!
//! Not here: what of it is told (`text`), and what is taken out (`scrub`).

mod scrub;
mod text;

use std::path::Path;

use hearsay_live::session::Session;
use hearsay_live::wire::WireError;
use hearsay_live::{Surroundings, Workspace};
use serde_json::{Value, json};
use tauri::{AppHandle, State};

pub(crate) use self::scrub::Scrub;
use self::text::Facts;
use crate::log::Log;
use crate::windows::Windows;

/// A text that tells whoever mends Hearsay how it is, and nobody anything about the person's work.
#[tauri::command]
pub(crate) async fn diagnostics(
    app: AppHandle,
    windows: State<'_, Windows>,
    log: State<'_, Log>,
) -> Result<String, WireError> {
    let mut boards = Vec::new();
    for workspace in windows.workspaces() {
        // One that is closed meanwhile is not open.
        boards.extend(board(&workspace).await);
    }
    let (version, log) = (app.package_info().version.to_string(), log.inner().clone());
    let made = tauri::async_runtime::spawn_blocking(move || {
        let surroundings = Surroundings::of(std::env::vars_os());
        let facts = Facts {
            version,
            system: system(),
            desktop: desktop(&surroundings),
            webview: tauri::webview_version().unwrap_or_else(|_unknown| "unknown".to_owned()),
            session: Session::look(&surroundings),
            boards,
            log: log.newest(),
        };
        text::compose(&facts, &mut private(&surroundings))
    });
    made.await.map_err(|error| WireError::internal(&error))
}

/// What the surroundings of this process know of the person.
pub(crate) fn private(surroundings: &Surroundings) -> Scrub {
    let mut scrub = Scrub::default();
    let said = |name: &str| surroundings.vars.get(name).map(String::as_str).unwrap_or_default();
    for home in ["HOME", "USERPROFILE"] {
        scrub.add(said(home).trim_end_matches(['/', '\\']), "~");
    }
    for person in ["USER", "LOGNAME", "USERNAME", "KANBUS_USER"] {
        scrub.add(said(person), "<person>");
    }
    for (name, value) in &surroundings.vars {
        let name = name.to_ascii_uppercase();
        if ["TOKEN", "PASSWORD", "SECRET", "_KEY"].iter().any(|kind| name.contains(kind)) && value.len() >= 6
        {
            scrub.add(value, "<secret>");
        }
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    for host in [host.trim(), said("HOSTNAME"), said("COMPUTERNAME")] {
        scrub.add(host, "<host>");
    }
    scrub
}

/// The first two messages of a repository's feed: what it is, and all that is on its board.
async fn board(workspace: &Workspace) -> Option<Value> {
    let mut feed = workspace.subscribe().await.ok()?;
    let (hello, full) = (feed.next().await?, feed.next().await?);
    let (hello, full): (Value, Value) =
        (serde_json::from_str(&hello.json).ok()?, serde_json::from_str(&full.json).ok()?);
    Some(json!({"repository": hello["repository"], "board": full["board"], "live": full["live"]}))
}

/// The system's name and version, as far as it has a file that says so.
fn system() -> String {
    let release = std::fs::read_to_string(Path::new("/etc/os-release")).unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let name = name.map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    format!("{name}, {} {}", kernel.trim(), std::env::consts::ARCH)
}

fn desktop(surroundings: &Surroundings) -> String {
    let said = |name: &str| surroundings.vars.get(name).map_or("unknown", String::as_str);
    format!("{}, {}", said("XDG_CURRENT_DESKTOP"), said("XDG_SESSION_TYPE"))
}
