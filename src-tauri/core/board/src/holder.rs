//! What is known of an issue in one place: what its file says, and what is heard beyond it.
//!
//! Not here: how the two merge (`overlay`), and the places of all issues (`board`).
//!
//! Invariant: hearsay stands beside the file and never replaces it; when it goes, the file is what it was.

use std::sync::Arc;

use crate::issue::Issue;
use crate::overlay::Heard;
use crate::unit::{Source, Stage};

/// Where an issue file lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The project's label.
    pub project: Arc<str>,
    /// Shared or local.
    pub source: Source,
}

/// An issue in its place.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Where it lies.
    pub place: Place,
    /// What its file says; what HEAD says where the file is unreadable.
    pub issue: Issue,
    /// What tells the bytes it was read from from any other.
    pub content: Box<str>,
    /// How far the file has come.
    pub stage: Stage,
}

/// What is known of an issue in one place: a file, word of it, or both.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) place: Place,
    pub(crate) file: Option<File>,
    pub(crate) heard: Option<Box<Heard>>,
}

/// What a file says.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) issue: Issue,
    pub(crate) content: Box<str>,
    pub(crate) stage: Stage,
}

impl Standing {
    pub(crate) fn nothing_at(place: Place) -> Self {
        Self { place, file: None, heard: None }
    }

    /// Whether nothing is known any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.issue().is_none()
    }

    /// The issue as it is shown.
    pub(crate) fn issue(&self) -> Option<&Issue> {
        let heard = self.heard.as_ref().and_then(|heard| heard.issue.as_ref());
        heard.or_else(|| Some(&self.file.as_ref()?.issue))
    }

    /// How far the newest change has come.
    pub(crate) fn stage(&self) -> Stage {
        match &self.file {
            Some(file) if self.heard.is_none() => file.stage,
            _ => Stage::Heard,
        }
    }

    /// What tells the file's bytes from any other; empty where there is no file.
    pub(crate) fn content(&self) -> &str {
        self.file.as_ref().map_or("", |file| &file.content)
    }
}
