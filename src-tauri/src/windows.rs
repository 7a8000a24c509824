//! Which repository each window shows, and what goes on for it.
//!
//! Not here: what a window is told (`bridge`).
//!
//! Invariant: a window shows one repository at a time; opening another ends all that went on for the one before.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hearsay_live::Workspace;
use tauri::async_runtime::JoinHandle;

/// The windows that show something.
#[derive(Debug)]
pub(crate) struct Windows {
    shown: Mutex<HashMap<String, Shown>>,
    /// What the command line asks for; the first window that asks takes it.
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
    pub(crate) fn new(wanted: Option<PathBuf>) -> Self {
        Self { shown: Mutex::default(), wanted: Mutex::new(wanted) }
    }

    /// What the command line asked for, once.
    pub(crate) fn take_wanted(&self) -> Option<PathBuf> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What the window `label` shows.
    pub(crate) fn workspace(&self, label: &str) -> Option<Workspace> {
        self.lock().get(label).map(|shown| shown.workspace.clone())
    }

    /// From now on the window `label` shows `workspace`.
    pub(crate) fn show(&self, label: &str, workspace: Workspace) {
        let before = self.lock().insert(label.to_owned(), Shown { workspace, pump: None });
        // Closing a repository waits for its threads; the lock need not be held for that.
        drop(before);
    }

    /// `pump` brings the feed to the window `label`, in place of the one before.
    pub(crate) fn pump(&self, label: &str, pump: JoinHandle<()>) {
        match self.lock().get_mut(label) {
            Some(shown) => {
                if let Some(before) = shown.pump.replace(pump) {
                    before.abort();
                }
            }
            None => pump.abort(),
        }
    }

    /// The window `label` is gone.
    pub(crate) fn close(&self, label: &str) {
        let before = self.lock().remove(label);
        drop(before);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
