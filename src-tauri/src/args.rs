//! The command line of `hearsay`.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use hearsay_live::Keeping;

/// A live board for Git repositories tracked with Kanbus.
///
/// Set HEARSAY_LOG (error, warn, info, debug) to see more of what happens on standard error.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    /// The repository to open, or anything inside it; a .kanbus document, or a hearsay:// link. Without it, a list of
    /// recent ones is shown.
    path: Option<PathBuf>,
    /// Open one more window, also where the app runs already.
    #[arg(long)]
    pub(crate) new_window: bool,
    /// Start in the tray and follow the repositories that were open last; with a window where there is no tray, or
    /// where the settings do not let the app stay in it.
    #[arg(long, conflicts_with_all = ["path", "new_window"])]
    pub(crate) background: bool,
    /// Who reads what is heard: Kanbus's commands as well, or Hearsay alone. Without it, your settings say so.
    #[arg(long, value_enum, env = "HEARSAY_OVERLAY")]
    overlay: Option<Readers>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Readers {
    Shared,
    Private,
}

impl Args {
    /// What is to be opened.
    pub(crate) fn word(&self) -> Option<String> {
        self.path.as_ref().map(|path| path.to_string_lossy().into_owned())
    }

    /// For whom what is heard is written down, where that was said.
    pub(crate) fn keeping(&self) -> Option<Keeping> {
        self.overlay.map(|readers| match readers {
            Readers::Shared => Keeping::Shared,
            Readers::Private => Keeping::Private,
        })
    }
}
