//! What keeps a repository from being opened. What merely degrades it is a problem on the board instead.

use std::io;
use std::path::PathBuf;

/// Why a repository cannot be opened or a file in it cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RepoError {
    /// There is nothing at that path.
    #[error("there is nothing at {}", path.display())]
    NoSuchPath {
        /// The path that was asked for.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// No `.kanbus.yml` at the path, above it, or below the working tree it is in.
    #[error("{} is not in a Kanbus repository: there is no .kanbus.yml", path.display())]
    NoConfig {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// There is no such issue.
    #[error("there is no issue {id}")]
    NoSuchIssue {
        /// The id that was asked for.
        id: String,
    },
    /// Git's hooks cannot be added to.
    #[error("the hooks of this repository cannot be added to: {why}")]
    NoHooks {
        /// Why.
        why: String,
    },
}
