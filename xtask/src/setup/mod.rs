//! Everything a fresh machine lacks beyond Rust, Node and Git.
//!
//! Not here: building and testing.
//!
//! Invariant: each part is quick when its work is already done, and says what it is about to change before it
//! does.

pub(crate) mod kanbus;
pub(crate) mod npm;
mod os_release;
pub(crate) mod packages;
pub(crate) mod tauri_cli;
pub(crate) mod tauri_driver;
pub(crate) mod tools;
