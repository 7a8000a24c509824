//! Taking back what was done.
//!
//! Not here: what is kept for that (`stack`), and what undoes an edit (`hearsay_board::rules`).
//!
//! Invariants:
//! - What was taken back can be taken back again, and nothing is taken back twice.
//! - `not_found` says that nothing is kept under that token, and nothing else.
//! - What somebody has changed since is not overwritten: that is a conflict. Where somebody has moved an issue since, it
//!   is taken back there.

use hearsay_board::{Document, Place, Source};
use hearsay_repo::write::Target;
use jiff::Timestamp;

use super::answer::Refused;
use super::delete::changed_since;
use super::stack::{Inverse, Kept};
use super::{Subject, Work, fresh};
use crate::wire::{Done, ErrorCode, Outcome, WireError};

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
            self.patience.heed(&one);
            left.extend(one.is_err().then_some(step));
            done.push(one.map_err(still_kept));
        }
        let is_left = !left.is_empty();
        let remark = is_left.then(|| self.commands.undone().keep(left, token.to_owned()).remark).flatten();
        // One answer says it all: there was one step, or none of them could be taken.
        if (done.len() == 1 || done.iter().all(Result::is_err))
            && let Some(only) = done.pop()
        {
            return only.map_err(|refused| with_remark(refused, remark));
        }
        let mut done = self.gather(done);
        done.guidance.extend(remark);
        Ok(done)
    }

    /// Keeps the steps that undo what was `done`, and says what of it cannot be.
    pub(super) fn keep(&self, steps: Vec<Inverse>, mut done: Done) -> Done {
        let Kept { token, remark } = self.commands.undone().keep(steps, fresh());
        done.guidance.extend(remark);
        Done { undo: token, ..done }
    }

    fn invert(&self, inverse: Inverse) -> Result<Done, Refused> {
        self.catch_up()?;
        match inverse {
            Inverse::Edit { place, id, edit, born } => {
                let now = self.whereabouts(&place, &id)?;
                let is_other = |document: &Document| self::born(document) != born;
                // Before the hooks, which another issue is nothing to.
                if self.file(&now, &id).is_some_and(|file| is_other(&file.document)) {
                    return Err(gone_since(&id));
                }
                let subject = self.subject_at(&now, id)?;
                self.edit_subject(&subject, &edit, |document| {
                    if is_other(document) { Err(gone_since(&subject.id)) } else { Ok(()) }
                })
            }
            Inverse::Delete { place, id, base } => {
                let now = self.whereabouts(&place, &id)?;
                let subject = self.subject_at(&now, id)?;
                if self.has_children(&subject)? {
                    return Err(changed_since());
                }
                self.remove(&subject, false, Some(&base))
            }
            Inverse::Restore(gone) => self.restore(gone),
            Inverse::Move { place, id } => {
                let now = self.whereabouts(&place, &id)?;
                self.relocate_subject(&self.subject_at(&now, id)?, other(place.source))
            }
        }
    }

    /// Where the file of `id` lies now: in `place`, where it lay, or in the other of the two.
    fn whereabouts(&self, place: &Place, id: &str) -> Result<Place, Refused> {
        for source in [place.source, other(place.source)] {
            let place = Place { source, project: place.project.clone() };
            if self.commands.writer.holds(Target { place: &place, id })? {
                return Ok(place);
            }
        }
        Err(gone_since(id))
    }

    /// Makes one answer of several, and one step of theirs.
    fn gather(&self, done: Vec<Result<Done, Refused>>) -> Done {
        let outcomes: Vec<Outcome> = done
            .into_iter()
            .map(|one| one.map_or_else(|refused| Outcome::Error(refused.into_wire()), Outcome::Done))
            .collect();
        let Kept { token, remark } = self.commands.undone().together(tokens(&outcomes), fresh());
        let said = outcomes.iter().flat_map(|outcome| match outcome {
            Outcome::Done(done) => done.guidance.as_slice(),
            Outcome::Error(_) => &[],
        });
        let guidance = said.cloned().chain(remark).collect();
        Done { results: Some(outcomes), undo: token, guidance, ..Done::default() }
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

/// When the issue was made, as exactly as every client writes it.
pub(super) fn born(document: &Document) -> Option<i64> {
    let text: String = serde_json::from_str(document.get("created_at")?).ok()?;
    text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

fn other(source: Source) -> Source {
    match source {
        Source::Shared => Source::Local,
        Source::Local => Source::Shared,
    }
}

fn gone_since(id: &str) -> Refused {
    WireError::new(ErrorCode::Unavailable, format!("{id} is not there any more"))
        .with_hint("It has been deleted since. Bring it back first.")
        .into()
}

/// Why a step was not taken back that is kept: what is missing is not the step.
fn still_kept(refused: Refused) -> Refused {
    let error = refused.into_wire();
    let code = if error.code == ErrorCode::NotFound { ErrorCode::Unavailable } else { error.code };
    WireError { code, ..error }.into()
}

/// The same, and what is no longer kept as it was.
fn with_remark(refused: Refused, remark: Option<String>) -> Refused {
    let error = refused.into_wire();
    let said = error.hint.iter().chain(&remark).map(String::as_str);
    let hint = said.collect::<Vec<_>>().join(" ");
    WireError { hint: (!hint.is_empty()).then_some(hint), ..error }.into()
}
