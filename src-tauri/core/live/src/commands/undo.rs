//! Taking back what was done.
//!
//! Not here: what undoes an edit (`hearsay_board::rules`).
//!
//! Invariants:
//! - So many steps are kept, and the oldest goes first.
//! - What was taken back can be taken back again, and nothing is taken back twice.
//! - What somebody has changed since is not overwritten: that is a conflict.

use std::collections::VecDeque;

use hearsay_board::rules::Edit;
use hearsay_board::{Document, Place, Source};

use super::answer::Refused;
use super::delete::changed_since;
use super::{Subject, Work, fresh};
use crate::wire::{Done, ErrorCode, Outcome, WireError};

/// How many steps are kept.
const STEPS: usize = 200 + super::MOST;

/// What undoes something.
#[derive(Debug, Clone)]
pub(super) enum Inverse {
    /// An edit of an issue.
    Edit { place: Place, id: String, edit: Box<Edit> },
    /// An issue that is to go.
    Delete {
        place: Place,
        id: String,
        /// The blob id that it was made with: what others have made of it is not theirs to lose.
        base: String,
    },
    /// An issue that is to come back.
    Restore { place: Place, document: Box<Document> },
    /// An issue that is to go to where it was; it is in `place` now.
    Move { place: Place, id: String },
}

/// What was done and can be taken back, by token, the oldest first: for each the steps in the order in which they are
/// taken.
#[derive(Debug, Default)]
pub(super) struct Undone(VecDeque<(String, Vec<Inverse>)>);

impl Undone {
    /// Keeps the steps that undo something. Answers their token.
    pub(super) fn keep(&mut self, steps: Vec<Inverse>, token: String) -> String {
        self.0.push_back((token.clone(), steps));
        while self.0.len() > STEPS {
            self.0.pop_front();
        }
        token
    }

    /// Makes one of those with these tokens: what was done last is taken back first.
    pub(super) fn together<'a>(
        &mut self,
        tokens: impl Iterator<Item = &'a str>,
        token: String,
    ) -> Option<String> {
        let mut all: Vec<Vec<Inverse>> = tokens.filter_map(|one| self.take(one)).collect();
        all.reverse();
        (!all.is_empty()).then(|| self.keep(all.into_iter().flatten().collect(), token))
    }

    fn take(&mut self, token: &str) -> Option<Vec<Inverse>> {
        let at = self.0.iter().position(|(known, _)| known == token)?;
        self.0.remove(at).map(|(_, steps)| steps)
    }
}

impl Work<'_> {
    /// Takes back what has that token. What cannot be taken back now keeps it: it may be possible later.
    pub(super) fn undo(&self, token: &str) -> Result<Done, Refused> {
        let Some(steps) = self.commands.undone().take(token) else {
            let error = WireError::new(ErrorCode::NotFound, "there is nothing to take back any more");
            return Err(error.with_hint("It was taken back already, or is too long ago.").into());
        };
        let (mut done, mut left) = (Vec::new(), Vec::new());
        for step in steps {
            let one = self.invert(step.clone());
            left.extend(one.is_err().then_some(step));
            done.push(one);
        }
        if !left.is_empty() {
            self.commands.undone().keep(left, token.to_owned());
        }
        // One answer says it all: there was one step, or none of them could be taken.
        if (done.len() == 1 || done.iter().all(Result::is_err))
            && let Some(only) = done.pop()
        {
            return only;
        }
        Ok(self.gather(done))
    }

    fn invert(&self, inverse: Inverse) -> Result<Done, Refused> {
        self.catch_up();
        match inverse {
            Inverse::Edit { place, id, edit } => self.edit_subject(&self.subject_at(&place, id)?, &edit),
            Inverse::Delete { place, id, base } => {
                let subject = self.subject_at(&place, id)?;
                if self.has_children(&subject)? {
                    return Err(changed_since());
                }
                self.remove(&subject, false, Some(&base))
            }
            Inverse::Restore { place, document } => self.restore(&place, &document),
            Inverse::Move { place, id } => {
                let to = match place.source {
                    Source::Shared => Source::Local,
                    Source::Local => Source::Shared,
                };
                self.relocate_subject(&self.subject_at(&place, id)?, to)
            }
        }
    }

    /// Makes one answer of several, and one step of theirs.
    fn gather(&self, done: Vec<Result<Done, Refused>>) -> Done {
        let outcomes: Vec<Outcome> = done
            .into_iter()
            .map(|one| one.map_or_else(|refused| Outcome::Error(refused.into_wire()), Outcome::Done))
            .collect();
        let undo = self.commands.undone().together(tokens(&outcomes), fresh());
        Done { results: Some(outcomes), undo, ..Done::default() }
    }

    fn subject_at(&self, place: &Place, id: String) -> Result<Subject, Refused> {
        let project = place.project.clone();
        let config = self.ask(move |board, _| board.config(&project).cloned())?;
        let config = config.ok_or_else(|| {
            WireError::new(ErrorCode::NotFound, format!("there is no project {}", place.project))
        })?;
        Ok(Subject { id, place: place.clone(), config })
    }
}

/// What takes back those of several that were done.
pub(super) fn tokens(outcomes: &[Outcome]) -> impl Iterator<Item = &str> {
    outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Done(done) => done.undo.as_deref(),
        Outcome::Error(_) => None,
    })
}
