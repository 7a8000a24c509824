//! An open repository: every source puts its input on one queue, one owner applies it to the board, every door
//! follows one feed.
//!
//! Not here: files and Git (`hearsay-repo`), what a board is (`hearsay-board`), HTTP and windows (the doors).
//!
//! Invariants:
//! - The board is handed out together with the feed of what changes after it, so no change falls between the two.
//! - A subscriber that cannot follow gets a full board, never a gap.
//! - Queues are bounded. Dropping a [`Workspace`] ends everything it started.
#![deny(missing_docs)]

mod attention;
mod commands;
mod descriptors;
mod detail;
mod feed;
mod hearing;
mod lifecycle_hooks;
mod link_words;
mod live_units;
mod owner;
mod patient_lock;
mod reading;
mod render;
pub mod session;
pub mod settings;
mod surroundings;
mod trust;
mod upkeep;
pub mod wire;
mod workspace;

pub use attention::{Attention, Standing};
pub use descriptors::allow_many_files;
pub use feed::{Frame, Subscription};
pub use hearsay_board::attention::inbox::Counts;
pub use hearsay_board::attention::{Banner, Class, Line, Opens};
pub use hearsay_gossip::Settings as Gossip;
pub use hearsay_repo::Keeping;
pub use jiff::tz::TimeZone;
pub use reading::{Reading, read_board};
pub use render::render;
pub use surroundings::{Part, Surroundings};
pub use trust::legible;
pub use upkeep::{Hooks, Swept, Upkeep};
pub use workspace::{Board, Options, Workspace, repository_at};
