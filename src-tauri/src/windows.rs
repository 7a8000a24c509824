//! Which repository each window shows or is to show, and what goes on for it; and which repositories stay open without
//! a window.
//!
//! Not here: what a window is told (`bridge`), which window that is (`launch`), and when one stays open without
//! (`lifetime`).
//!
//! Invariants:
//! - A window shows one repository at a time; opening another ends all that went on for the one before.
//! - A repository is open once: a window takes over what is kept without one.
//! - What a window is asked for is kept until it shows something.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hearsay_live::wire::{RepositoryInfo, WireError};
use hearsay_live::{Keeping, Subscription, Workspace};
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tokio::sync::watch;

use crate::bridge;
use crate::opening::Asked;

/// The window that there is from the start.
pub(crate) const FIRST: &str = "main";

/// A repository on its way to a window.
pub(crate) type Reading = JoinHandle<Result<Workspace, WireError>>;

/// The windows that show something.
#[derive(Debug)]
pub(crate) struct Windows {
    keeping: Option<Keeping>,
    shown: Mutex<HashMap<String, Shown>>,
    /// What the windows that show nothing yet are asked for; why not, where it is refused.
    asked: Mutex<HashMap<String, Result<Asked, WireError>>>,
    /// The issues that windows are to show once they have their board.
    issues: Mutex<HashMap<String, String>>,
    /// The windows that are to show the inbox once they have their board.
    inboxes: Mutex<HashSet<String>>,
    /// The paths of the repositories that windows are opening.
    opening: Mutex<HashMap<String, String>>,
    /// What is read for windows whose page has not asked yet, and the path of that repository.
    begun: Mutex<HashMap<String, (String, Reading)>>,
    /// The repositories that are open without a window, the latest last.
    kept: Mutex<Vec<Workspace>>,
    /// The repositories that are being closed.
    closing: Mutex<Vec<JoinHandle<()>>>,
    changes: watch::Sender<()>,
    /// The window that the person turned to last.
    latest: Mutex<String>,
}

#[derive(Debug)]
struct Shown {
    workspace: Workspace,
    pump: Option<Pump>,
}

/// What brings the feed to a page. A page whose feed ends before it asked for another is told to ask again.
pub(crate) struct Pump {
    task: JoinHandle<()>,
    page: Channel,
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pump").field("page", &self.page.id()).finish_non_exhaustive()
    }
}

impl Pump {
    pub(crate) fn start(feed: Subscription, page: Channel) -> Self {
        Self { task: tauri::async_runtime::spawn(bridge::pump(feed, page.clone())), page }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.task.abort();
        bridge::resync(&self.page);
    }
}

impl Windows {
    pub(crate) fn new(keeping: Option<Keeping>) -> Self {
        Self {
            keeping,
            shown: Mutex::default(),
            asked: Mutex::default(),
            issues: Mutex::default(),
            inboxes: Mutex::default(),
            opening: Mutex::default(),
            begun: Mutex::default(),
            kept: Mutex::default(),
            closing: Mutex::default(),
            changes: watch::Sender::new(()),
            latest: Mutex::default(),
        }
    }

    /// For whom what is heard is written down, where that was said.
    pub(crate) fn keeping(&self) -> Option<Keeping> {
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

    /// The window `label` is to show the inbox, once it has its board.
    pub(crate) fn ask_inbox(&self, label: &str) {
        held(&self.inboxes).insert(label.to_owned());
    }

    /// Whether the window `label` is to show the inbox, which is then no longer asked for.
    pub(crate) fn take_inbox(&self, label: &str) -> bool {
        held(&self.inboxes).remove(label)
    }

    /// The person turned to the window `label`.
    pub(crate) fn turned_to(&self, label: &str) {
        label.clone_into(&mut held(&self.latest));
    }

    /// The person looks at nothing in the window `label` any more.
    pub(crate) fn turned_away(&self, label: &str) {
        if let Some(workspace) = self.workspace(label) {
            workspace.looking(label, Vec::new());
        }
    }

    /// The window that the person turned to last, which may be gone.
    pub(crate) fn latest(&self) -> String {
        held(&self.latest).clone()
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

    /// `reading` brings the repository at `path`, for which the window `label` has yet to ask.
    pub(crate) fn begin(&self, label: &str, path: String, reading: Reading) {
        let before = held(&self.begun).insert(label.to_owned(), (path, reading));
        self.close_unasked(before);
    }

    /// What brings the repository at `path` to the window `label`, if that has begun. Another one is not wanted then.
    pub(crate) fn take_begun(&self, label: &str, path: &str) -> Option<Reading> {
        let (begun, reading) = held(&self.begun).remove(label)?;
        if begun == path {
            return Some(reading);
        }
        self.close_unasked(Some((begun, reading)));
        None
    }

    /// The window `label` wants nothing that was begun for it.
    pub(crate) fn close_begun(&self, label: &str) {
        let Some(begun) = held(&self.begun).remove(label) else { return };
        self.release(label);
        self.close_unasked([begun]);
    }

    /// The window `label` opens nothing any more.
    pub(crate) fn release(&self, label: &str) {
        held(&self.opening).remove(label);
    }

    /// The window `label` is asked for nothing any more.
    pub(crate) fn ask_no_more(&self, label: &str) {
        held(&self.asked).remove(label);
        self.close_begun(label);
        held(&self.issues).remove(label);
        held(&self.inboxes).remove(label);
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

    /// Everything that is open, with a window or without.
    pub(crate) fn workspaces(&self) -> Vec<Workspace> {
        self.by_path().into_values().collect()
    }

    /// From now on the window `label` shows `workspace`.
    pub(crate) fn show(&self, label: &str, workspace: Workspace) {
        held(&self.asked).remove(label);
        let before = self.lock().insert(label.to_owned(), Shown { workspace, pump: None });
        self.close_aside(before);
        self.changes.send_replace(());
    }

    /// `pump` brings the feed of `workspace` to the window `label`, in place of the one before, if that is what the
    /// window still shows.
    pub(crate) fn pump(&self, label: &str, workspace: &Workspace, pump: Pump) {
        let mut all = self.lock();
        let unwanted = match all.get_mut(label).filter(|shown| shown.workspace.is(workspace)) {
            Some(shown) => shown.pump.replace(pump),
            None => Some(pump),
        };
        drop(all);
        // It tells its page, which is nothing to do under a lock.
        drop(unwanted);
    }

    /// The window `label` is gone; what it showed stays open without one if that is to be `kept`.
    pub(crate) fn close(&self, label: &str, kept: bool) {
        self.ask_no_more(label);
        self.release(label);
        self.turned_away(label);
        let before = self.lock().remove(label);
        if let Some(shown) = before.as_ref().filter(|_| kept) {
            held(&self.kept).push(shown.workspace.clone());
        }
        self.close_aside(before);
        self.changes.send_replace(());
    }

    /// `workspace` stays open without a window, unless a window shows the same repository or is about to.
    pub(crate) fn keep(&self, workspace: Workspace) {
        let path = workspace.info().path;
        // Held throughout: a window that has set the path aside meanwhile looks here next, and finds it.
        let mut kept = held(&self.kept);
        let is_opening = held(&self.opening).values().any(|its| *its == path);
        if is_opening || kept.iter().any(|other| other.info().path == path) || self.with(&path).is_some() {
            return self.close_aside(workspace);
        }
        kept.push(workspace);
        drop(kept);
        self.changes.send_replace(());
    }

    /// The repository at `path`, if it is open without a window: it is kept no longer.
    pub(crate) fn take_kept(&self, path: &str) -> Option<Workspace> {
        let mut kept = held(&self.kept);
        let at = kept.iter().position(|workspace| workspace.info().path == path)?;
        Some(kept.remove(at))
    }

    /// The repository at `path`, if it is open without a window.
    pub(crate) fn kept_at(&self, path: &str) -> Option<RepositoryInfo> {
        held(&self.kept).iter().map(Workspace::info).find(|info| info.path == path)
    }

    /// The repository that was last left open without a window.
    pub(crate) fn last_kept(&self) -> Option<RepositoryInfo> {
        held(&self.kept).last().map(Workspace::info)
    }

    /// The same by path.
    pub(crate) fn by_path(&self) -> BTreeMap<String, Workspace> {
        let mut all: Vec<Workspace> = self.lock().values().map(|shown| shown.workspace.clone()).collect();
        all.extend(held(&self.kept).iter().cloned());
        all.into_iter().map(|workspace| (workspace.info().path, workspace)).collect()
    }

    /// The open repositories, by path.
    pub(crate) fn repositories(&self) -> Vec<RepositoryInfo> {
        self.by_path().values().map(Workspace::info).collect()
    }

    /// Tells whenever something is opened or closed.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Closes everything, and answers with what goes on until that is done.
    pub(crate) fn end(&self) -> Vec<JoinHandle<()>> {
        let shown: Vec<Shown> = self.lock().drain().map(|(_, shown)| shown).collect();
        let kept = std::mem::take(&mut *held(&self.kept));
        self.close_aside(shown);
        self.close_aside(kept);
        let begun: Vec<_> = held(&self.begun).drain().map(|(_, begun)| begun).collect();
        self.close_unasked(begun);
        std::mem::take(&mut *held(&self.closing))
    }

    /// What was read for nobody is closed as soon as it is there.
    fn close_unasked(&self, begun: impl IntoIterator<Item = (String, Reading)>) {
        for (_, reading) in begun {
            let closing = tauri::async_runtime::spawn(async move {
                if let Ok(Ok(workspace)) = reading.await {
                    workspace.close().await;
                }
            });
            held(&self.closing).push(closing);
        }
    }

    /// Closing a repository waits for its threads, which is nothing for the thread of a window to do.
    fn close_aside(&self, what: impl Send + 'static) {
        let mut closing = held(&self.closing);
        closing.retain(|one| !one.inner().is_finished());
        closing.push(tauri::async_runtime::spawn_blocking(move || drop(what)));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Shown>> {
        held(&self.shown)
    }
}

/// What the lock guards. Nobody who holds one can leave things half done.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use hearsay_live::Options;

    use super::*;

    async fn opened(home: &std::path::Path) -> Workspace {
        std::fs::create_dir_all(home.join("project/issues")).unwrap();
        std::fs::write(home.join(".kanbus.yml"), "project_key: k\n").unwrap();
        Workspace::open(home, Options::default(), |_, _| {}).await.unwrap()
    }

    fn paths(windows: &Windows) -> Vec<String> {
        windows.repositories().into_iter().map(|info| info.path).collect()
    }

    #[test]
    fn a_repository_that_lost_its_window_is_taken_over_by_the_next() {
        let home = tempfile::tempdir().unwrap();
        tauri::async_runtime::block_on(async {
            let (windows, workspace) = (Windows::new(Some(Keeping::Private)), opened(home.path()).await);
            let path = workspace.info().path;
            let mut changes = windows.changes();
            windows.show("main", workspace.clone());
            windows.close("main", true);
            assert!(changes.has_changed().unwrap());
            changes.mark_unchanged();
            assert_eq!(paths(&windows), [&*path], "it is open without a window");
            assert_eq!(windows.with(&path), None);
            windows.reserve("board-2", &path).unwrap();
            assert!(windows.take_kept(&path).unwrap().is(&workspace));
            assert_eq!(windows.last_kept(), None);
            windows.show("board-2", workspace);
            windows.release("board-2");
            windows.close("board-2", false);
            assert_eq!(paths(&windows), Vec::<String>::new(), "nobody wanted it to stay");
        });
    }

    #[test]
    fn what_is_read_ahead_is_for_its_window_and_path_alone_and_closed_where_nobody_asks() {
        let home = tempfile::tempdir().unwrap();
        tauri::async_runtime::block_on(async {
            let windows = Windows::new(Some(Keeping::Private));
            let (wanted, left) = (opened(home.path()).await, opened(home.path()).await);
            let path = wanted.info().path;
            let begin = |label: &str, workspace: &Workspace| {
                let workspace = workspace.clone();
                windows.begin(label, path.clone(), tauri::async_runtime::spawn(async { Ok(workspace) }));
            };
            begin("main", &wanted);
            begin("board-2", &left);
            assert!(windows.take_begun("board-3", &path).is_none());
            let reading = windows.take_begun("main", &path).unwrap();
            assert!(reading.await.unwrap().unwrap().is(&wanted));
            assert!(windows.take_begun("main", &path).is_none(), "it is taken once");
            assert!(windows.take_begun("board-2", "/elsewhere").is_none());
            windows.reserve("board-4", &path).unwrap();
            begin("board-4", &left);
            windows.ask_no_more("board-4");
            assert_eq!(windows.reserve("board-5", &path), Ok(()), "it is nobody's any more");
            for closing in windows.end() {
                closing.await.unwrap();
            }
            assert!(wanted.subscribe().await.is_ok());
            assert!(left.subscribe().await.is_err(), "nobody asked for it");
        });
    }

    #[test]
    fn a_repository_is_open_once() {
        let home = tempfile::tempdir().unwrap();
        tauri::async_runtime::block_on(async {
            let (windows, workspace) = (Windows::new(Some(Keeping::Private)), opened(home.path()).await);
            let path = workspace.info().path;
            windows.reserve("main", &path).unwrap();
            windows.keep(workspace.clone());
            assert_eq!(windows.last_kept(), None, "a window is opening it");
            windows.release("main");
            windows.keep(workspace.clone());
            windows.keep(workspace.clone());
            assert_eq!(paths(&windows), [path]);
            for closing in windows.end() {
                closing.await.unwrap();
            }
            assert_eq!(paths(&windows), Vec::<String>::new());
        });
    }
}
