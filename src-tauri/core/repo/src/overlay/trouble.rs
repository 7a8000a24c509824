//! What is wrong with an overlay, as problems of the board.
//!
//! Not here: finding it out.
//!
//! Invariants:
//! - What was said to be wrong is taken back once it is not.
//! - But for what cannot be written now, a fresh process says the same.

use std::collections::BTreeSet;
use std::path::Path;

use hearsay_board::{Observation, Problem, ProblemCode};

use super::Overlay;
use super::bounds::MOST;
use super::shelf::{self, Kind, Shelf};
use crate::problem;

/// What is known to be wrong.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// Paths of which a problem has been said.
    said: BTreeSet<String>,
    /// Why what is heard cannot be written down.
    pub(super) unwritten: Option<String>,
    /// Whether Git would commit the overlay.
    committed: bool,
    /// What was said last of what changes by itself: why nothing can be written, and whether it is full.
    told: (Option<String>, bool),
}

impl Trouble {
    /// Says what is wrong at `path`, if anything is.
    pub(super) fn say(&mut self, path: String, problem: Option<Problem>, out: &mut Vec<Observation>) {
        let told = match &problem {
            Some(_) => {
                self.said.insert(path.clone());
                true
            }
            None => self.said.remove(&path),
        };
        if told {
            out.push(Observation::Problem { path, problem: problem.map(Box::new) });
        }
    }

    /// Takes back everything.
    pub(super) fn clear(&mut self, out: &mut Vec<Observation>) {
        let said = std::mem::take(self).said;
        out.extend(said.into_iter().map(|path| Observation::Problem { path, problem: None }));
    }
}

impl Overlay {
    /// The path of the overlay, as it is shown.
    pub(crate) fn shown(&self) -> String {
        self.home.shown_below(shelf::OVERLAY)
    }

    /// Notes whether Git would commit the overlay, and says what is wrong with its directories.
    pub(crate) fn look_at_directories(&mut self, committed: bool, out: &mut Vec<Observation>) {
        self.trouble.committed = committed;
        let root = self.home.dir.join(shelf::OVERLAY);
        let entries = shelf::directory(&self.home, Shelf::Shared, Kind::Snapshot);
        let leases = [Shelf::Shared, Shelf::Private].map(|shelf| shelf::coordination(&self.home, shelf));
        let directories = shelf::directories(&self.home).into_iter().chain(leases);
        for directory in directories.filter(|directory| *directory != root && *directory != entries) {
            let below = directory.strip_prefix(&self.home.dir).unwrap_or(&directory).to_string_lossy();
            let path = self.home.shown_below(&below);
            let problem = misplaced(&directory, &path);
            self.trouble.say(path, problem, out);
        }
        self.tell_trouble(out);
    }

    /// Says what is wrong with the overlay as a whole.
    pub(crate) fn tell_trouble(&mut self, out: &mut Vec<Observation>) {
        let root = self.shown();
        let there = self.home.dir.join(shelf::OVERLAY);
        let warning =
            |message: &str, hint: &str| problem::warning(ProblemCode::Overlay, &root, message, Some(hint));
        let problem = misplaced(&there, &root)
            .or_else(|| {
                let why = self.trouble.unwritten.as_deref()?;
                let message =
                    format!("What is heard cannot be written down, and is lost with this process: {why}.");
                Some(warning(&message, "It is tried again every few seconds."))
            })
            .or_else(|| {
                let message = "Git does not ignore the overlay, which is a passing copy of what others say.";
                let hint = format!("Add the line `{root}/` to .gitignore.");
                (self.trouble.committed && there.is_dir()).then(|| warning(message, &hint))
            });
        self.trouble.say(root, problem, out);
        let entries = self.home.shown_below(&shelf::below(Shelf::Shared, Kind::Snapshot));
        let there = shelf::directory(&self.home, Shelf::Shared, Kind::Snapshot);
        let problem = misplaced(&there, &entries).or_else(|| {
            let message = format!(
                "More is heard of issues that are not here than is kept ({MOST} of them, or 64 MB); no more of them is."
            );
            let hint = format!("`{}` is a passing copy and may be removed.", self.shown());
            let full = || problem::warning(ProblemCode::Overlay, &entries, message, Some(&hint));
            self.load.is_full().then(full)
        });
        self.trouble.say(entries, problem, out);
        self.trouble.told = self.state();
    }

    /// The same where it is otherwise than when it was said last.
    pub(crate) fn tell_other_trouble(&mut self, out: &mut Vec<Observation>) {
        if self.trouble.told != self.state() {
            self.tell_trouble(out);
        }
    }

    fn state(&self) -> (Option<String>, bool) {
        (self.trouble.unwritten.clone(), self.load.is_full())
    }
}

/// That a directory of the overlay is something else, or lies elsewhere.
fn misplaced(directory: &Path, shown: &str) -> Option<Problem> {
    let metadata = std::fs::symlink_metadata(directory).ok()?;
    if metadata.is_dir() {
        return None;
    }
    let what = if metadata.is_symlink() { "a link" } else { "not a directory" };
    let message = format!("What is heard is neither read nor kept here: this is {what}.");
    Some(problem::warning(
        ProblemCode::Overlay,
        shown,
        message,
        Some("Remove it; what is heard is a passing copy."),
    ))
}
