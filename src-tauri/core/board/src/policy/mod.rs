//! Policies: a repository's own rules for its issues (`policies/*.policy`, Gherkin), as Kanbus 0.41 enforces them.
//!
//! The steps, what they mean and how a refusal reads are Kanbus's. Where its Rust client and its Python client differ,
//! the Rust client is followed. Not here: where the files lie and when they are read again (`hearsay-repo`), and the
//! rules that every repository has (`rules`).
//!
//! Invariants:
//! - What Kanbus refuses is refused, with the same sentence. What cannot be read or is not known refuses too, and names
//!   the file.
//! - Any bytes and any issue give an answer: nothing here panics, and nothing takes more time than its bounds allow.
//! - The same texts and the same change give the same answer, in whatever order the files come.

mod context;
mod judge;
mod reading;
mod scene;
mod step;
mod text;
mod verdict;

pub use context::{Child, Context, Kin, Operation};
pub use reading::{Policies, PolicyError, Source, is_policy};
pub use verdict::{Guidance, Severity, Verdict, Violation};

#[cfg(test)]
mod tests;
