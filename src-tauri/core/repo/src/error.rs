//! What keeps a repository from being opened, and an issue from being written. What merely degrades a repository is a
//! problem on the board instead.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

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

/// Why nothing was written. Everything is as it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else holds the lock of an issue, and did for as long as was waited.
    #[error("{id} is being written by somebody else")]
    Locked {
        /// The issue.
        id: String,
    },
    /// Git is at work: `index` while it holds its index, else the name of what is under way.
    #[error("Git is busy: {what}")]
    GitBusy {
        /// What it is busy with.
        what: String,
    },
    /// There is no such issue, or no such project.
    #[error("there is no {id}")]
    NotFound {
        /// What was asked for.
        id: String,
    },
    /// A configuration cannot be read as it stands: what it would refuse is not known.
    #[error("the configuration cannot be read, so it is not known what it refuses: {why}")]
    BrokenConfig {
        /// Which, and why.
        why: Arc<str>,
    },
    /// What cannot name a file of a project.
    #[error("“{name}” cannot be the name of a file")]
    BadName {
        /// The name.
        name: String,
    },
    /// What is there cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The disk or the quota is full.
    #[error("there is no space for {}", path.display())]
    NoSpace {
        /// What was to be written.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Nothing may be written there.
    #[error("{} may not be written", path.display())]
    ReadOnly {
        /// What was to be written.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Something else stands where a directory is to be: a file, or a link, which is not followed.
    #[error("{} is not a directory of the project", path.display())]
    NotADirectory {
        /// What stands there.
        path: PathBuf,
    },
    /// Something else stands where a file is to be: a directory, a device, or a link, which is not followed.
    #[error("{} is not a file", path.display())]
    NotAFile {
        /// What stands there.
        path: PathBuf,
    },
    /// The project went away meanwhile.
    #[error("{} is gone", path.display())]
    Gone {
        /// What is gone.
        path: PathBuf,
    },
    /// Somebody who takes no lock changed the file meanwhile.
    #[error("{} was changed meanwhile", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// There is such an issue already where one was to be moved.
    #[error("there is a {} already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// More issues than can be locked at once.
    #[error("{count} issues are more than the {most} that can change in one step")]
    TooMany {
        /// How many they are.
        count: usize,
        /// How many they may be.
        most: usize,
    },
    /// A file that would hold more than is ever read back.
    #[error("{} would hold more than can be read back", path.display())]
    TooLarge {
        /// What was to be written.
        path: PathBuf,
    },
    /// The system failed otherwise.
    #[error("cannot write {}", path.display())]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl WriteError {
    /// What it means that the system says `source` of `path`, in a directory that was there.
    pub(crate) fn at(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path, source },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { path, source }
            }
            io::ErrorKind::NotADirectory => Self::NotADirectory { path },
            io::ErrorKind::IsADirectory => Self::NotAFile { path },
            io::ErrorKind::NotFound => Self::Gone { path },
            _ => Self::Io { path, source },
        }
    }
}
