//! Watching a working tree: when to look, and at what.
//!
//! One thread owns the [`WorkingTree`]. It hears of changes from the system, waits a moment where they come in
//! crowds, looks at what was touched, and reports what is so. Not here: what follows from a report (`hearsay-live`).
//!
//! Invariants:
//! - The first change after a lull is looked at at once; what comes within [`FOLD`] of a look is one later look.
//! - Directories are watched, not files: a rename over a file gives it another inode.
//! - No change is lost: watches stand before anything is read, and when the system or our own queue overflows, or a
//!   directory came back, everything is compared.
//! - The queue is bounded. Dropping the [`Watch`] ends the thread and waits for it.

mod due;
mod network_disk;
mod patrol;
mod plan;
mod report;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use notify::event::EventKindMask;
use notify::{RecommendedWatcher, Watcher};

use crate::discovery::Repository;
use crate::hearing::{Letterbox, Word};
use crate::touched::{Outcome, Touched};
use crate::tree::WorkingTree;
use due::Due;
use network_disk::network_disk;
use plan::Plan;
pub use report::{Mode, Options, Report};

/// What comes within this time of a look is folded into the next one.
const FOLD: Duration = Duration::from_millis(4);
/// When what is heard is written down, so that a flood of it is written once an issue.
const SAVE: Duration = Duration::from_millis(40);
/// When that is tried again where it could not be done.
const RETRY: Duration = Duration::from_secs(5);
/// How late a file may be noticed that Git has rewritten.
const AFTER_GIT: Duration = Duration::from_secs(2);
/// How often everything is compared where no watch can be had.
const POLL: Duration = Duration::from_secs(2);
/// The cause of a comparison that is nothing to speak of.
const POLLING: &str = "polling";
/// How many messages wait for the thread at the most; beyond that everything is compared instead.
const QUEUE: usize = 16_384;

/// A running watch. Dropping it ends it.
#[derive(Debug)]
pub struct Watch {
    queue: SyncSender<Signal>,
    letterbox: Arc<Letterbox>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Signal {
    System(notify::Result<notify::Event>),
    /// Something waits in the letterbox.
    Heard,
    Patrol,
    Stop,
}

impl Watch {
    /// Opens `repository`, and tells `sink` from the watch's own thread what is so, until the watch is dropped.
    ///
    /// # Errors
    /// Where the system has no thread for it.
    pub fn start(
        repository: Repository,
        options: Options,
        sink: impl Fn(Report) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let (queue, signals) = sync_channel(QUEUE);
        let (to_itself, letterbox) = (queue.clone(), Arc::<Letterbox>::default());
        let scout = Scout::new(repository, options, to_itself, Box::new(sink), letterbox.clone());
        let run = move || scout.run(&signals);
        let thread = std::thread::Builder::new().name("hearsay-watch".to_owned()).spawn(run)?;
        Ok(Self { queue, letterbox, thread: Some(thread) })
    }

    /// A way to tell the thread what was heard. It outlives the watch, and then leads nowhere.
    pub fn hearing(&self) -> Hearing {
        Hearing { letterbox: self.letterbox.clone(), queue: self.queue.clone() }
    }

    /// Compares everything with the directories, and says which source was blind where that finds something.
    pub fn patrol(&self) {
        // A full queue means that the thread is busy looking anyway.
        let _ = self.queue.try_send(Signal::Patrol);
    }
}

/// The way on which what is heard gets to a watch.
#[derive(Debug, Clone)]
pub struct Hearing {
    letterbox: Arc<Letterbox>,
    queue: SyncSender<Signal>,
}

impl Hearing {
    /// Passes on what was heard of the project with that label. Never waits.
    pub fn hear(&self, project: &Arc<str>, word: Word) {
        if self.letterbox.put(project, word) {
            // A thread with a full queue is awake, and looks into the box before it sleeps.
            let _ = self.queue.try_send(Signal::Heard);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.queue.send(Signal::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the watch ended in a panic");
        }
    }
}

type Sink = Box<dyn Fn(Report) + Send + Sync>;

struct Scout {
    repository: Repository,
    options: Options,
    queue: SyncSender<Signal>,
    overflow: Arc<AtomicBool>,
    sink: Sink,
    watcher: Option<RecommendedWatcher>,
    watched: HashSet<PathBuf>,
    plan: Plan,
    mode: Mode,
    letterbox: Arc<Letterbox>,
    /// When Git was last seen to hold its index.
    index_seen: Option<Instant>,
}

impl Drop for Scout {
    fn drop(&mut self) {
        (self.sink)(Report::Ended);
    }
}

impl Scout {
    fn new(
        repository: Repository,
        options: Options,
        queue: SyncSender<Signal>,
        sink: Sink,
        letterbox: Arc<Letterbox>,
    ) -> Self {
        Self {
            repository,
            options,
            queue,
            overflow: Arc::default(),
            sink,
            watcher: None,
            watched: HashSet::new(),
            plan: Plan::default(),
            mode: Mode::Native,
            letterbox,
            index_seen: None,
        }
    }

    fn run(mut self, signals: &Receiver<Signal>) {
        let (mut tree, mut out) =
            WorkingTree::new(self.repository.clone(), self.options.overlays, self.now());
        self.start_watcher();
        self.arm(&tree);
        // Something may have changed between reading it and standing the watches.
        while tree.look_around(self.now(), &mut out) {
            self.arm(&tree);
        }
        let progress = |done, total| (self.sink)(Report::Reading(done, total));
        let loaded = tree.load(self.now(), &progress, &mut out);
        // What was there is no news.
        drop(tree.take_news());
        (self.sink)(Report::Observed(out));
        (self.sink)(Report::Watching(self.mode.clone()));
        let mut due = Due::after(loaded.again);
        due.touched.structure |= loaded.rearm;
        due.end_at = self.end_at(&tree);
        while self.wait(signals, &mut tree, &mut due) {
            if Instant::now() >= due.again_at {
                due.touched.add(std::mem::take(&mut due.again));
            }
            if Instant::now() >= due.quiet_from && !(due.touched.is_empty() && self.letterbox.is_empty()) {
                let touched = std::mem::take(&mut due.touched);
                due.again.add(self.look(&mut tree, touched));
                due.looked(FOLD);
            }
            self.see_to_hearsay(&mut tree, &mut due);
        }
        // Nobody is told any more.
        tree.save(self.now(), &mut Vec::new());
    }

    fn now(&self) -> SystemTime {
        (self.options.clock)()
    }

    /// Writes down what was heard, and ends what has ended, once that is due.
    fn see_to_hearsay(&self, tree: &mut WorkingTree, due: &mut Due) {
        if due.save_at.is_some_and(|at| Instant::now() >= at) {
            let mut out = Vec::new();
            tree.save(self.now(), &mut out);
            (self.sink)(Report::Observed(out));
            due.save_at = tree.is_unsaved().then(|| Instant::now() + RETRY);
        } else if due.save_at.is_none() && tree.is_unsaved() {
            due.save_at = Some(Instant::now() + SAVE);
        }
        if due.end_at.is_some_and(|at| Instant::now() >= at) {
            let mut out = Vec::new();
            due.again.add(tree.end(self.now(), &mut out));
            (self.sink)(Report::Observed(out));
        }
        // What has ended while its file is being written is seen to when that is read again.
        let soonest = (!due.again.is_empty()).then_some(due.again_at);
        due.end_at = self.end_at(tree).map(|at| soonest.map_or(at, |soonest| at.max(soonest)));
    }

    /// When something that is heard ends by itself.
    fn end_at(&self, tree: &WorkingTree) -> Option<Instant> {
        let end = SystemTime::from(tree.until()?);
        Some(Instant::now() + end.duration_since(self.now()).unwrap_or_default().min(due::IDLE))
    }

    /// Waits for a signal or until something is due, and takes in what waits in the queue. Answers whether to go on.
    fn wait(&mut self, signals: &Receiver<Signal>, tree: &mut WorkingTree, due: &mut Due) -> bool {
        due.heard = !self.letterbox.is_empty();
        let until = due.at(if self.polls() { POLL } else { due::IDLE });
        match signals.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
            Ok(Signal::Patrol) if !self.patrol(tree, signals, due) => return false,
            Ok(Signal::Patrol | Signal::Heard) => {}
            Ok(Signal::System(event)) => self.classify(event, &mut due.touched),
            Err(RecvTimeoutError::Timeout) if self.polls() && due.is_idle() => {
                due.touched = Touched { structure: true, ..Touched::everything(POLLING) };
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let go_on = self.drain(signals, &mut due.touched);
        tree.pass_over_own(&mut due.touched);
        go_on
    }

    fn polls(&self) -> bool {
        matches!(self.mode, Mode::Polling(_))
    }

    /// Takes in what waits in the queue. Answers whether to go on.
    fn drain(&self, signals: &Receiver<Signal>, touched: &mut Touched) -> bool {
        while let Ok(signal) = signals.try_recv() {
            match signal {
                Signal::System(event) => self.classify(event, touched),
                // Whoever asks for a patrol gets a comparison; there is nothing to find out about blind sources now.
                Signal::Patrol => touched.add(Touched::everything("patrol")),
                Signal::Heard => {}
                Signal::Stop => return false,
            }
        }
        if self.overflow.swap(false, Ordering::Relaxed) {
            touched.add(Touched { structure: true, ..Touched::everything("queue overflow") });
        }
        true
    }

    fn look(&mut self, tree: &mut WorkingTree, touched: Touched) -> Touched {
        if let Some(cause) = touched.compare.filter(|cause| *cause != POLLING) {
            tracing::info!(cause, "comparing everything");
        }
        let mut out = Vec::new();
        let touched = Touched { index_held: self.git_is_at_it(tree, &touched), ..touched };
        let Outcome { mut again, rearm } = tree.look(touched, self.now(), &mut out);
        // What is heard is held against the files as they are now.
        again.add(tree.hear(self.letterbox.take(), self.now(), &mut out));
        if rearm {
            // What came between reading the layout and standing the new watches is found by looking once more.
            self.arm(tree);
            let everything = Touched { config: true, ..Touched::everything("watches renewed") };
            let Outcome { again: more, rearm } = tree.look(everything, self.now(), &mut out);
            again.add(more);
            again.structure |= rearm;
        }
        let news = tree.take_news();
        if !news.is_empty() {
            (self.sink)(Report::Happened(news));
        }
        (self.sink)(Report::Observed(out));
        again
    }

    /// Whether Git rewrites files, or did a moment ago.
    fn git_is_at_it(&mut self, tree: &WorkingTree, touched: &Touched) -> bool {
        if touched.index_held {
            self.index_seen = Some(Instant::now());
        }
        self.index_seen.is_some_and(|seen| seen.elapsed() < AFTER_GIT) || tree.is_index_held()
    }

    fn set_mode(&mut self, mode: Mode) {
        if self.mode != mode {
            self.mode = mode;
            (self.sink)(Report::Watching(self.mode.clone()));
        }
    }

    fn start_watcher(&mut self) {
        if !self.options.native {
            self.mode = Mode::Polling("as asked".to_owned());
            return;
        }
        // Opening and reading must not wake us: `kbs list` opens every issue there is.
        let config =
            notify::Config::default().with_event_kinds(EventKindMask::CORE).with_follow_symlinks(false);
        let (queue, overflow) = (self.queue.clone(), self.overflow.clone());
        let handler = move |event| match queue.try_send(Signal::System(event)) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => overflow.store(true, Ordering::Relaxed),
        };
        match RecommendedWatcher::new(handler, config) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => self.give_up_watching(&error),
        }
        if let Some(kind) = network_disk(&self.repository.root) {
            self.mode = Mode::Polling(format!("{kind} does not tell what other machines change"));
        }
    }

    fn give_up_watching(&mut self, error: &notify::Error) {
        tracing::warn!(%error, "no watch can be had; polling");
        self.set_mode(Mode::Polling(format!("no watch can be had: {error}")));
    }

    /// Watches the directories that matter now, from the start: one that went and came back is another one.
    fn arm(&mut self, tree: &WorkingTree) {
        self.plan = Plan::of(tree);
        let Some(watcher) = &mut self.watcher else { return };
        for path in self.watched.drain() {
            // The watch of a directory that is gone is gone with it.
            let _ = watcher.unwatch(&path);
        }
        let mut failed = None;
        // A directory that comes while its parent is not watched yet is found by the next pass, and one that comes
        // later by the parent's watch.
        while failed.is_none() {
            let before = self.watched.len();
            for (path, mode) in self.plan.watches() {
                if self.watched.contains(path) || !path.is_dir() {
                    continue;
                }
                match watcher.watch(path, mode) {
                    Ok(()) => drop(self.watched.insert(path.to_owned())),
                    Err(_) if !path.is_dir() => {}
                    Err(error) => failed = Some(error),
                }
            }
            if self.watched.len() == before {
                break;
            }
        }
        if let Some(error) = failed {
            self.give_up_watching(&error);
        }
    }

    /// Adds to `touched` what an event of the system touches.
    fn classify(&self, event: notify::Result<notify::Event>, touched: &mut Touched) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(%error, "the watcher failed; comparing everything");
                touched.add(Touched { structure: true, ..Touched::everything("watcher error") });
                return;
            }
        };
        if event.need_rescan() {
            touched.add(Touched { structure: true, ..Touched::everything("system overflow") });
        }
        for path in &event.paths {
            self.plan.classify(path, touched);
        }
    }
}
