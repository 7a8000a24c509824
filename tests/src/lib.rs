//! What the promises stand on: a temporary project, `hear` as a child process, and a follower of its feed.
//!
//! Not here: the promises (`promises/`) and the benchmark (`src/bin/bench`).
//!
//! Invariants:
//! - Everything happens in temporary directories, with a home and a Git configuration of their own.
//! - Nobody sleeps for a guess: whoever waits, waits for a condition, and fails at a deadline.
//! - A process is ended by whoever started it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a failure is a failed test"
)]
#![allow(clippy::print_stderr, reason = "what did not run is said loudly")]

pub mod attention;
pub mod board;
pub mod broker;
pub mod bus;
pub mod caller;
pub mod desktop;
pub mod envelope;
pub mod follower;
pub mod group;
pub mod growth;
pub mod hosts;
pub mod http;
pub mod machine;
pub mod overlay;
pub mod peers;
pub mod project;
pub mod record;
pub mod running;
pub mod server;
pub mod snapshot;
pub mod wait;

pub use attention::Listening;
pub use board::Board;
pub use broker::Mosquitto;
pub use bus::Bus;
pub use caller::Caller;
pub use desktop::Desktop;
pub use follower::{Feed, Follower, settle};
pub use group::Group;
pub use machine::Machine;
pub use project::Project;
pub use record::Issue;
pub use running::{Running, Watching};
pub use server::{Server, Stream};
