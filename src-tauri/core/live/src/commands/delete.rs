//! Deleting an issue, alone or with everything below it.
//!
//! Not here: which issues those are (`hearsay_board::rules`).
//!
//! Invariant: what goes is what lay there under the locks, and that is what an undo brings back.

use hearsay_board::rules::{Context, Doomed, delete};
use hearsay_board::{Document, Place, Source};
use hearsay_repo::write::{Current, Removal};

use super::answer::Refused;
use super::edit::event_file;
use super::undo::Inverse;
use super::{Subject, Work, fresh};
use crate::lifecycle_hooks::Occasion;
use crate::wire::{Done, ErrorCode, WireError};

impl Work<'_> {
    /// Deletes the issue with the card `card:<key>`.
    pub(super) fn delete(&self, key: &str, descendants: bool) -> Result<Done, Refused> {
        let subject = self.subject(key)?;
        let done = self.remove(&subject, descendants, None)?;
        Ok(Done { id: Some(key.to_owned()), ..done })
    }

    /// Removes `subject`; where `as_made` says which bytes it was made with, only while it holds these.
    pub(super) fn remove(
        &self,
        subject: &Subject,
        descendants: bool,
        as_made: Option<&str>,
    ) -> Result<Done, Refused> {
        let doomed = self.doomed(subject, descendants)?;
        let below = doomed.iter().map(|one| one.id.clone()).filter(|id| *id != subject.id).collect();
        let occasion = Occasion::Delete { recursive: descendants, descendants: below };
        let hooked = self.before(&subject.place, &subject.id, occasion)?;
        let project = subject.place.project.clone();
        let issues: Vec<(Source, String)> = doomed.iter().map(|one| (one.source, one.id.clone())).collect();
        let place = |source| Place { source, project: project.clone() };
        let mut kept: Vec<(Place, Document)> = Vec::new();
        self.commands.writer.remove(&project, &issues, self.manner(), |current| {
            let other = |current: &Current| as_made.is_some_and(|base| current.base != base);
            if current.iter().flatten().any(other) {
                return Err(changed_since());
            }
            kept = doomed
                .iter()
                .zip(current)
                .filter_map(|(one, current)| {
                    let document = Document::parse(current.as_ref()?.bytes.clone()).ok()?;
                    Some((place(one.source), document))
                })
                .collect();
            doomed
                .iter()
                .zip(current)
                .map(|(one, current)| self.removal(one, &place(one.source), current))
                .collect()
        })?;
        for one in &doomed {
            let event = one.event.as_ref().map(|event| event.event_id.as_str());
            self.tell(&place(one.source), &one.id, event, None);
        }
        for one in &doomed {
            self.commands.wrote(&one.id, &place(one.source), None);
        }
        // Parents first.
        kept.reverse();
        let undo = Some(self.commands.undone().keep(Inverse::Restore(kept), fresh()));
        Ok(self.after(hooked, Done { undo, ..Done::default() }))
    }

    /// Whether anything stands below `subject`.
    pub(super) fn has_children(&self, subject: &Subject) -> Result<bool, Refused> {
        let (id, project) = (subject.id.clone(), subject.place.project.clone());
        self.ask(move |board, _| {
            let mut any = false;
            board.neighbours(&project).children_of(&id, &mut |_| any = true);
            any
        })
    }

    fn removal(
        &self,
        doomed: &Doomed,
        place: &Place,
        current: &Option<Current>,
    ) -> Result<Option<Removal>, Refused> {
        if current.is_none() {
            return Ok(None);
        }
        let mut gone = self.commands.writer.events_of(place, &[doomed.id.clone()].into())?;
        let events = doomed.event.iter().map(event_file).collect::<Result<_, Refused>>()?;
        Ok(Some(Removal { events, gone: gone.remove(&doomed.id).unwrap_or_default() }))
    }

    fn doomed(&self, subject: &Subject, descendants: bool) -> Result<Vec<Doomed>, Refused> {
        let (id, place, config) = (subject.id.clone(), subject.place.clone(), subject.config.clone());
        let (actor, now) = (self.commands.actor.clone(), self.now());
        let doomed = self.ask(move |board, _| {
            let neighbours = board.neighbours(&place.project);
            let mut fresh = fresh;
            let mut context =
                Context { config: &config, around: &neighbours, now, actor: &actor, fresh: &mut fresh };
            delete((&id, place.source), descendants, &mut context)
        })?;
        Ok(doomed?)
    }
}

/// Why the making of an issue is not taken back.
pub(super) fn changed_since() -> Refused {
    WireError::new(ErrorCode::Conflict, "it has been changed since it was made")
        .with_hint("Delete it, if that is what you mean.")
        .into()
}
