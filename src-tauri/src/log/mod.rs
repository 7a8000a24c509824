//! The log: warnings on standard error, and more than that in a file that a person can look into afterwards.
//!
//! Not here: the file and its bounds (`file`).
//!
//! Invariants:
//! - `HEARSAY_LOG` says how much of it, for both; without it, standard error has warnings and the file also what our
//!   own crates say of their work.
//! - The file has nothing below a warning from crates that are not ours: they may print what they carry. Ours name no
//!   title, text or secret.

mod file;

use std::path::PathBuf;

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

pub(crate) use self::file::{Log, complain};

/// What standard error has where nobody says otherwise.
const ON_THE_TERMINAL: &str = "warn";
/// What the file has where nobody says otherwise; all our crates have names that begin like this.
const IN_THE_FILE: &str = "warn,hearsay=info";

/// Starts the log, with its file in `directory`.
pub(crate) fn start(directory: Option<PathBuf>) -> Log {
    let log = Log::new(directory);
    let is_ours = |metadata: &tracing::Metadata<'_>| {
        *metadata.level() <= Level::WARN || metadata.target().starts_with("hearsay")
    };
    let file = fmt::layer().with_ansi(false).with_writer(log.clone());
    let terminal = fmt::layer().with_writer(std::io::stderr);
    registry()
        .with(terminal.with_filter(filter(ON_THE_TERMINAL)))
        .with(file.with_filter(filter(IN_THE_FILE).and(filter_fn(is_ours))))
        .init();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "Hearsay starts");
    log
}

fn filter(otherwise: &str) -> EnvFilter {
    EnvFilter::try_from_env("HEARSAY_LOG").unwrap_or_else(|_| EnvFilter::new(otherwise))
}
