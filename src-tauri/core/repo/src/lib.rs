//! The working tree as Hearsay reads it: where its projects lie, what their files say, what Git has of them, and
//! when any of that changes.
//!
//! Not here: what the files mean on a board (`hearsay-board`), who is told (`hearsay-live`).
//!
//! Invariants:
//! - Reading writes nothing; what is heard is written below `.overlay/` alone. Both stay inside the directories of the project.
//! - No file of a repository is executed, and no path that it names is opened outside of the working tree.
//! - The cost of a change is the cost of what changed. Only a comparison with the directory (at opening, after an
//!   overflow, in the patrol) costs a `stat` per issue.
#![deny(missing_docs)]

mod committed;
mod configuration;
mod discovery;
mod error;
mod events;
mod file;
mod folder;
mod head_log;
mod hearing;
mod history;
mod hooks;
mod issue_file;
mod layout;
mod leases;
mod news;
mod overlay;
mod parallel;
mod policies;
mod problem;
mod recent_events;
mod touched;
mod tree;
pub mod watch;
mod workplace;
pub mod write;

pub use committed::blob;
pub use discovery::{Repository, discover};
pub use error::{RepoError, WriteError};
pub use hearing::{HeardClaim, Waiting, Word};
pub use history::{EventPage, History};
pub use hooks::{Hooks, install_hooks};
pub use issue_file::IssueFile;
pub use news::News;
pub use overlay::sweep::Swept;
pub use overlay::{Keeping, Overlays};
pub use recent_events::recent_events;
pub use touched::{Outcome, Touched};
pub use tree::{Progress, WorkingTree};
pub use workplace::workplace;
