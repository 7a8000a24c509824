//! What has happened, beside what is so: events that were not there before, and moves of HEAD.
//!
//! A fresh process knows nothing of it: no unit follows from news. Not here: what is so (`Observation`).
//!
//! Invariant: what was there when a directory was listed first is no news.

use hearsay_board::Place;
use hearsay_board::event::EventEntry;

/// Something that has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// An event has come.
    Event {
        /// Where.
        place: Place,
        /// What its record names as the issue.
        issue: Box<str>,
        /// What it tells.
        event: Box<EventEntry>,
        /// Whether Git has brought it.
        by_git: bool,
    },
    /// Git has made the file of that issue what it is, or has removed it.
    ByGit {
        /// Where.
        place: Place,
        /// The issue.
        id: Box<str>,
    },
    /// HEAD has moved, other than by a commit of what was written here.
    HeadMoved,
}
