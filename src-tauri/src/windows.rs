//! Which repository each window shows or is to show, and what goes on for it.
//!
//! Not here: what a window is told (`bridge`), and which window that is (`launch`).
//!
//! Invariants:
//! - A window shows one repository at a time; opening another ends all that went on for the one before.
//! - What a window is asked for is kept until it shows something.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hearsay_live::wire::WireError;
use hearsay_live::{Keeping, Workspace};
use tauri::async_runtime::JoinHandle;

use crate::opening::Asked;

/// The window that there is from the start.
pub(crate) const FIRST: &str = "main";

/// The windows that show something.
#[derive(Debug)]
pub(crate) struct Windows {
    keeping: Keeping,
    shown: Mutex<HashMap<String, Shown>>,
    /// What the windows that show nothing yet are asked for; why not, where it is refused.
    asked: Mutex<HashMap<String, Result<Asked, WireError>>>,
    /// The issues that windows are to show once they have their board.
    issues: Mutex<HashMap<String, String>>,
    /// The paths of the repositories that windows are opening.
    opening: Mutex<HashMap<String, String>>,
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
    pub(crate) fn new(keeping: Keeping) -> Self {
        Self {
            keeping,
            shown: Mutex::default(),
            asked: Mutex::default(),
            issues: Mutex::default(),
            opening: Mutex::default(),
        }
    }

    /// For whom what is heard is written down.
    pub(crate) fn keeping(&self) -> Keeping {
        self.keeping
    }

    /// What the window `label` is asked for, as long as it shows nothing.
    pub(crate) fn asked(&self, label: &str) -> Option<Result<Asked, WireError>> {
        held(&self.asked).get(label).cloned()
    }

    /// The window `label` is to show that, or to say why not.
    pub(crate) fn ask(&self, label: &str, asked: Result<Asked, WireError>) {
        if let Ok(Asked { issue: Some(issue), .. }) = &asked {
            held(&self.issues).insert(label.to_owned(), issue.clone());
        }
        held(&self.asked).insert(label.to_owned(), asked);
    }

    /// The window `label` is to show that issue as well, once it has its board.
    pub(crate) fn ask_issue(&self, label: &str, issue: String) {
        held(&self.issues).insert(label.to_owned(), issue);
    }

    /// Sets `path` aside for the window `label`, or answers which other window has it.
    pub(crate) fn reserve(&self, label: &str, path: &str) -> Result<(), String> {
        let mut opening = held(&self.opening);
        let is_other =
            |(other, its): (&String, &String)| (other != label && its == path).then(|| other.clone());
        let other = opening.iter().find_map(is_other);
        match other.or_else(|| self.with(path).filter(|other| other != label)) {
            Some(other) => Err(other),
            None => {
                opening.insert(label.to_owned(), path.to_owned());
                Ok(())
            }
        }
    }

    /// The window `label` opens nothing any more.
    pub(crate) fn release(&self, label: &str) {
        held(&self.opening).remove(label);
    }

    /// The window `label` is asked for nothing any more.
    pub(crate) fn ask_no_more(&self, label: &str) {
        held(&self.asked).remove(label);
        held(&self.issues).remove(label);
    }

    /// The issue that the window `label` is to show, which is then no longer asked for.
    pub(crate) fn take_issue(&self, label: &str) -> Option<String> {
        held(&self.issues).remove(label)
    }

    /// The window that shows the repository with that path, or is about to.
    pub(crate) fn with(&self, path: &str) -> Option<String> {
        let is_it = |shown: &Shown| shown.workspace.info().path == path;
        let shown = self.lock().iter().find(|(_, shown)| is_it(shown)).map(|(label, _)| label.clone());
        let is_asked = |asked: &Result<Asked, WireError>| {
            asked.as_ref().is_ok_and(|asked| asked.path.as_os_str() == path)
        };
        let asked =
            || held(&self.asked).iter().find(|(_, asked)| is_asked(asked)).map(|(label, _)| label.clone());
        shown.or_else(asked)
    }

    /// Whether the window `label` shows a repository, or is about to.
    pub(crate) fn is_taken(&self, label: &str) -> bool {
        self.lock().contains_key(label) || held(&self.asked).get(label).is_some_and(Result::is_ok)
    }

    /// What the window `label` shows.
    pub(crate) fn workspace(&self, label: &str) -> Option<Workspace> {
        self.lock().get(label).map(|shown| shown.workspace.clone())
    }

    /// What is open.
    pub(crate) fn workspaces(&self) -> Vec<Workspace> {
        self.lock().values().map(|shown| shown.workspace.clone()).collect()
    }

    /// From now on the window `label` shows `workspace`.
    pub(crate) fn show(&self, label: &str, workspace: Workspace) {
        held(&self.asked).remove(label);
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
        self.ask_no_more(label);
        self.release(label);
        let before = self.lock().remove(label);
        close_aside(before);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        held(&self.shown)
    }
}

/// What the lock guards. Nobody who holds one can leave things half done.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Closing a repository waits for its threads, which is nothing for the thread of a window to do.
fn close_aside(shown: Option<Shown>) {
    if let Some(shown) = shown {
        tauri::async_runtime::spawn_blocking(move || drop(shown));
    }
}
