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
    /// Issues that are to come back, parents first.
    Restore(Vec<(Place, Document)>),
    /// An issue that is to go to where it was; it is in `place` now.
    Move { place: Place, id: String },
    /// Several, the last first.
    Together(Vec<Inverse>),
}

/// What was done and can be taken back, by token, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Undone(VecDeque<(String, Inverse)>);

impl Inverse {
    /// The steps it is made of, in the order in which they are taken: each may fail by itself.
    fn apart(self) -> Vec<Self> {
        match self {
            Self::Together(steps) => steps.into_iter().flat_map(Self::apart).collect(),
            Self::Restore(issues) => issues.into_iter().map(|issue| Self::Restore(vec![issue])).collect(),
            one => vec![one],
        }
    }
}

impl Undone {
    /// Keeps what undoes a step. Answers its token.
    pub(super) fn keep(&mut self, inverse: Inverse, token: String) -> String {
        self.0.push_back((token.clone(), inverse));
        while self.0.len() > STEPS {
            self.0.pop_front();
        }
        token
    }

    /// Makes one step of those with these tokens.
    pub(super) fn together<'a>(
        &mut self,
        tokens: impl Iterator<Item = &'a str>,
        token: String,
    ) -> Option<String> {
        let mut steps: Vec<Inverse> = tokens.filter_map(|one| self.take(one)).collect();
        steps.reverse();
        let steps: Vec<Inverse> = steps.into_iter().flat_map(Inverse::apart).collect();
        (!steps.is_empty()).then(|| self.keep(Inverse::Together(steps), token))
    }

    fn take(&mut self, token: &str) -> Option<Inverse> {
        let at = self.0.iter().position(|(known, _)| known == token)?;
        self.0.remove(at).map(|(_, inverse)| inverse)
    }
}

impl Work<'_> {
    /// Takes back the step with that token.
    pub(super) fn undo(&self, token: &str) -> Result<Done, Refused> {
        let Some(inverse) = self.commands.undone().take(token) else {
            let error = WireError::new(ErrorCode::NotFound, "there is nothing to take back any more");
            return Err(error.with_hint("It was taken back already, or is too long ago.").into());
        };
        let steps = inverse.apart();
        if let [one] = &steps[..] {
            return self.invert(one.clone()).inspect_err(|_| {
                // It may be possible later.
                self.commands.undone().keep(one.clone(), token.to_owned());
            });
        }
        let (mut done, mut left) = (Vec::new(), Vec::new());
        for step in steps {
            let one = self.invert(step.clone());
            left.extend(one.is_err().then_some(step));
            done.push(one);
        }
        if !left.is_empty() {
            self.commands.undone().keep(Inverse::Together(left), token.to_owned());
        }
        if done.iter().all(Result::is_err)
            && let Some(refused) = done.pop()
        {
            return refused;
        }
        self.gather(done)
    }

    fn invert(&self, inverse: Inverse) -> Result<Done, Refused> {
        self.catch_up();
        match inverse {
            Inverse::Edit { place, id, edit } => {
                let subject = self.subject_at(&place, id)?;
                self.edit_subject(&subject, &edit)
            }
            Inverse::Delete { place, id, base } => {
                let subject = self.subject_at(&place, id)?;
                if self.has_children(&subject)? {
                    return Err(changed_since());
                }
                self.remove(&subject, false, Some(&base))
            }
            Inverse::Restore(issues) => {
                let restored = issues.iter().map(|(place, document)| self.restore(place, document));
                let mut restored: Vec<_> = restored.collect();
                match restored.pop() {
                    Some(only) if restored.is_empty() => only,
                    last => self.gather(restored.into_iter().chain(last).collect()),
                }
            }
            Inverse::Move { place, id } => {
                let subject = self.subject_at(&place, id)?;
                let to = match place.source {
                    Source::Shared => Source::Local,
                    Source::Local => Source::Shared,
                };
                self.relocate_subject(&subject, to)
            }
            Inverse::Together(steps) => {
                self.gather(steps.into_iter().map(|step| self.invert(step)).collect())
            }
        }
    }

    /// Makes one answer of several, and one step of theirs.
    fn gather(&self, done: Vec<Result<Done, Refused>>) -> Result<Done, Refused> {
        let outcomes: Vec<Outcome> = done
            .into_iter()
            .map(|one| one.map_or_else(|refused| Outcome::Error(refused.into_wire()), Outcome::Done))
            .collect();
        let tokens: Vec<String> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Done(done) => done.undo.clone(),
                Outcome::Error(_) => None,
            })
            .collect();
        let undo = self.commands.undone().together(tokens.iter().map(String::as_str), fresh());
        Ok(Done { results: Some(outcomes), undo, ..Done::default() })
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
