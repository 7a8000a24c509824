//! Crashes: a panic leaves a report on this machine, which the next start offers to show, once.
//!
//! Not here: whether the last run ended by itself (`running`). A signal leaves no report; that it came is in the log.
//!
//! Invariants:
//! - Reports are few, and each is bounded: the newest are kept, and a process that panics without end leaves its first.
//! - Whoever panics is held up by nobody: the hook takes no lock that they may hold, and does not panic.
//! - A report stays on this machine. What a person may copy of it names no secret and not their home.
//!
//! To try it in a debug build: `HEARSAY_CRASH=main` panics before there is a window, `HEARSAY_CRASH=thread` on a
//! thread while the app goes on.

mod report;
mod running;

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use hearsay_live::Surroundings;
use hearsay_live::wire::{ErrorCode, WireError};
use serde::Serialize;
use tauri::plugin::{Builder, PluginApi, TauriPlugin};
use tauri::{AppHandle, Manager, RunEvent, State, Wry};

use self::report::Told;
use self::running::Running;
use crate::diagnostics::private;
use crate::log::{Log, complain};

/// How many reports one process leaves: the first panic is the one that matters.
const FROM_ONE: usize = 3;

/// The reports, and the mark of a process that runs. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Crashes {
    directory: Option<PathBuf>,
    /// Reports of earlier processes that nobody has seen yet, the newest last.
    unseen: Arc<Mutex<Vec<PathBuf>>>,
    running: Arc<Mutex<Option<Running>>>,
}

/// A report, as it is offered.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CrashReport {
    /// When, RFC 3339.
    at: String,
    text: String,
}

impl Crashes {
    /// The reports that earlier processes have left in `directory`.
    pub(crate) fn of(directory: Option<PathBuf>) -> Self {
        let unseen = directory.as_deref().map(report::unseen).unwrap_or_default();
        Self { directory, unseen: Arc::new(Mutex::new(unseen)), running: Arc::default() }
    }

    /// From now on a panic leaves a report.
    pub(crate) fn watch(&self, log: Log) {
        let Some(directory) = self.directory.clone() else { return };
        let before = std::panic::take_hook();
        let count = AtomicUsize::new(0);
        std::panic::set_hook(Box::new(move |info| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            if number < FROM_ONE {
                leave(&directory, info, &log, number);
            }
            before(info);
            let place = info.location().map(|place| in_short(place.file(), place.line())).unwrap_or_default();
            tracing::error!(place, "a panic");
        }));
    }

    /// This process is the app now. Says in the log where the one before did not end by itself.
    fn begin(&self) {
        let Some(directory) = &self.directory else { return };
        match Running::begin(directory, SystemTime::now()) {
            Ok(running) => {
                if let Some(before) = running.as_ref().and_then(Running::unended) {
                    tracing::info!(before, "Hearsay did not end by itself last time");
                }
                *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
            }
            Err(error) => tracing::warn!(%error, "whether Hearsay ends by itself will not be known"),
        }
    }

    /// The app ends by itself.
    fn end(&self) {
        if let Some(running) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
            && let Err(error) = running.end()
        {
            tracing::warn!(%error, "the next start will take this end for a crash");
        }
    }

    /// The newest report that nobody has seen yet.
    fn newest(&self) -> Option<CrashReport> {
        let unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        unseen.iter().rev().find_map(|path| {
            let (at, text) = report::read(path)?;
            let text = private(&Surroundings::of(std::env::vars_os())).lightly(&text);
            Some(CrashReport { at, text })
        })
    }

    /// The person has seen what there is to see.
    fn dismiss(&self) -> std::io::Result<()> {
        let mut unseen = self.unseen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(path) = unseen.last() {
            report::see(path)?;
            unseen.pop();
        }
        Ok(())
    }
}

/// Hands the app its reports, and knows when it begins and ends. For after the plugin that ends a second process.
pub(crate) fn plugin(crashes: Crashes) -> TauriPlugin<Wry> {
    let begin = move |app: &AppHandle, _: PluginApi<Wry, ()>| {
        crashes.begin();
        app.manage(crashes);
        #[cfg(debug_assertions)]
        on_purpose();
        Ok(())
    };
    let on_event = |app: &AppHandle, event: &RunEvent| {
        if let RunEvent::Exit = event {
            app.state::<Crashes>().end();
        }
    };
    Builder::new("crashes").setup(begin).on_event(on_event).build()
}

/// A place in the source that is not taken for a path of the person's.
fn in_short(file: &str, line: u32) -> String {
    let parts: Vec<&str> = file.rsplit(['/', '\\']).take(3).collect();
    let parts: Vec<&str> = parts.into_iter().rev().collect();
    format!("{}:{line}", parts.join("::"))
}

fn leave(directory: &Path, info: &PanicHookInfo<'_>, log: &Log, number: usize) {
    let payload = info.payload();
    let message = payload.downcast_ref::<&str>().copied();
    let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let thread = std::thread::current();
    let scrub = private(&Surroundings::of(std::env::vars_os()));
    let told = Told {
        at: SystemTime::now(),
        version: env!("CARGO_PKG_VERSION"),
        thread: thread.name().unwrap_or("without a name"),
        place: info.location().map(ToString::to_string).unwrap_or_default(),
        message: message.unwrap_or("without a message"),
        backtrace: Backtrace::force_capture().to_string(),
        log: scrub.fully(&log.kept().join("\n")),
    };
    if let Err(error) = report::leave(directory, &told, number) {
        complain(&format!("the report of a crash cannot be written: {error}"));
    }
}

/// What an earlier start left when it crashed, if nobody has seen it yet.
#[tauri::command]
pub(crate) fn crash_report(crashes: State<'_, Crashes>) -> Option<CrashReport> {
    crashes.newest()
}

/// The person has seen the report.
#[tauri::command]
pub(crate) fn dismiss_crash_report(crashes: State<'_, Crashes>) -> Result<(), WireError> {
    let dismissed = crashes.dismiss();
    dismissed
        .map_err(|error| WireError::new(ErrorCode::Io, format!("the report cannot be put away: {error}")))
}

/// Crashes, where a debug build is asked to.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "it is what is asked for")]
fn on_purpose() {
    let crash = || panic!("HEARSAY_CRASH asks for it");
    match std::env::var("HEARSAY_CRASH").as_deref() {
        Ok("main") => crash(),
        Ok("thread") => {
            let thread = std::thread::Builder::new().name("crash".to_owned());
            if let Err(error) = thread.spawn(crash) {
                tracing::error!(%error, "no thread to crash on");
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
