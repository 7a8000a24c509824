//! The command line of `hearsay`.

use std::path::PathBuf;

use clap::Parser;

/// A live board for Git repositories tracked with Kanbus.
///
/// Set HEARSAY_LOG (error, warn, info, debug) to see more of what happens on standard error.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The repository to open, or anything inside it. Without it, a list of recent ones is shown.
    pub(crate) path: Option<PathBuf>,
}
