//! Which repository each window shows, and what goes on for it.
//!
//! Not here: what a window is told (`bridge`).
//!
//! Invariant: a window shows one repository at a time; opening another ends all that went on for the one before.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hearsay_live::{Keeping, Workspace};
use tauri::async_runtime::JoinHandle;

/// The windows that show something.
#[derive(Debug)]
pub(crate) struct Windows {
    keeping: Keeping,
    shown: Mutex<HashMap<String, Shown>>,
    /// What the command line asks for, until something is open.
    wanted: Mutex<Option<PathBuf>>,
}

#[derive(Debug)]
struct Shown {
    workspace: Workspace,
    pump: Option<JoinHandle<()>>,
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(pump) = self.pump.take() {
            pump.abort();
        }
    }
}

impl Windows {
    pub(crate) fn new(keeping: Keeping, wanted: Option<PathBuf>) -> Self {
        Self { keeping, shown: Mutex::default(), wanted: Mutex::new(wanted) }
    }

    /// For whom what is heard is written down.
    pub(crate) fn keeping(&self) -> Keeping {
        self.keeping
    }

    /// What the command line asked for, as long as nothing has been opened.
    pub(crate) fn wanted(&self) -> Option<PathBuf> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the window `label` shows.
    pub(crate) fn workspace(&self, label: &str) -> Option<Workspace> {
        self.lock().get(label).map(|shown| shown.workspace.clone())
    }

    /// From now on the window `label` shows `workspace`.
    pub(crate) fn show(&self, label: &str, workspace: Workspace) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let before = self.lock().insert(label.to_owned(), Shown { workspace, pump: None });
        close_aside(before);
    }

    /// `pump` brings the feed of `workspace` to the window `label`, in place of the one before, if that is what the
    /// window still shows.
    pub(crate) fn pump(&self, label: &str, workspace: &Workspace, pump: JoinHandle<()>) {
        match self.lock().get_mut(label).filter(|shown| shown.workspace.is(workspace)) {
            Some(shown) => {
                if let Some(before) = shown.pump.replace(pump) {
                    before.abort();
                }
            }
            _ => pump.abort(),
        }
    }

    /// The window `label` is gone.
    pub(crate) fn close(&self, label: &str) {
        let before = self.lock().remove(label);
        close_aside(before);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closing a repository waits for its threads, which is nothing for the thread of a window to do.
fn close_aside(shown: Option<Shown>) {
    if let Some(shown) = shown {
        tauri::async_runtime::spawn_blocking(move || drop(shown));
    }
}
