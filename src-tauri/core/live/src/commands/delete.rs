//! Deleting an issue, alone or with everything below it.
//!
//! Not here: which issues those are (`hearsay_board::rules`).
//!
//! Invariant: what goes is what lay there under the locks, and that is what an undo brings back.

use std::collections::{BTreeMap, BTreeSet};

use hearsay_board::rules::{Context, Doomed, delete};
use hearsay_board::{Document, Place, Source};
use hearsay_repo::write::Removal;

use super::answer::Refused;
use super::edit::{document, event_file};
use super::judge::fields;
use super::undo::Inverse;
use super::{Subject, Work, again, fresh};
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
        self.stands(&subject.place)?;
        let doomed = self.doomed(subject, descendants)?;
        let below = doomed.iter().map(|one| one.id.clone()).filter(|id| *id != subject.id).collect();
        let occasion = Occasion::Delete { recursive: descendants, descendants: below };
        let hooked = self.before(&subject.place, &subject.id, occasion)?;
        let (doomed, kept) = again(|| {
            let doomed = self.doomed(subject, descendants)?;
            let kept = self.try_remove(subject, &doomed, as_made)?;
            Ok((doomed, kept))
        })?;
        let place = |source| Place { source, project: subject.place.project.clone() };
        for one in &doomed {
            let event = one.event.as_ref().map(|event| event.event_id.as_str());
            self.tell(&place(one.source), &one.id, event, None);
            self.commands.wrote(&one.id, &place(one.source), None);
        }
        // Parents first: what went last comes back first.
        let back = kept.into_iter().rev();
        let steps = back.map(|(source, document)| Inverse::Restore { place: place(source), document });
        let undo = Some(self.commands.undone().keep(steps.collect(), fresh()));
        Ok(self.after(hooked, Done { undo, ..Done::default() }))
    }

    /// Removes `doomed` as they lie under the locks. Answers what they held, in that order.
    fn try_remove(
        &self,
        subject: &Subject,
        doomed: &[Doomed],
        as_made: Option<&str>,
    ) -> Result<Vec<(Source, Box<Document>)>, Refused> {
        let project = &subject.place.project;
        let issues: Vec<(Source, String)> = doomed.iter().map(|one| (one.source, one.id.clone())).collect();
        let mut kept = Vec::new();
        self.commands.writer.remove(project, &issues, self.manner(), |current| {
            let mut events = BTreeMap::new();
            for source in [Source::Shared, Source::Local] {
                let of_it = doomed.iter().filter(|one| one.source == source);
                let ids: BTreeSet<String> = of_it.map(|one| one.id.clone()).collect();
                if !ids.is_empty() {
                    let place = Place { source, project: project.clone() };
                    events.insert(source, self.commands.writer.events_of(&place, &ids)?);
                }
            }
            let mut removals = Vec::new();
            for (one, current) in doomed.iter().zip(current) {
                let Some(current) = current else {
                    removals.push(None);
                    continue;
                };
                if as_made.is_some_and(|base| current.base != base) {
                    return Err(changed_since());
                }
                let document = document(current)?;
                still_below(one, subject, &document, doomed)?;
                kept.push((one.source, Box::new(document)));
                let gone = events.get_mut(&one.source).and_then(|events| events.remove(&one.id));
                let told = one.event.iter().map(event_file).collect::<Result<_, Refused>>()?;
                removals.push(Some(Removal { events: told, gone: gone.unwrap_or_default() }));
            }
            Ok(removals)
        })?;
        Ok(kept)
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

/// Refuses to take along what somebody has put elsewhere since the board has seen it.
fn still_below(
    one: &Doomed,
    subject: &Subject,
    document: &Document,
    doomed: &[Doomed],
) -> Result<(), Refused> {
    let parent = fields(document)?.get("parent").and_then(|parent| parent.as_str().map(str::to_owned));
    let is_below = parent.is_some_and(|parent| doomed.iter().any(|other| other.id == parent));
    if is_below || (one.id == subject.id && one.source == subject.place.source) {
        return Ok(());
    }
    let message = format!("{} has been moved out from below {}", one.id, subject.id);
    let error = WireError::new(ErrorCode::Conflict, message).with_hint("Look at what is there now.");
    Err(Refused::Passing(Box::new(error)))
}

/// Why the making of an issue is not taken back.
pub(super) fn changed_since() -> Refused {
    WireError::new(ErrorCode::Conflict, "it has been changed since it was made")
        .with_hint("Delete it, if that is what you mean.")
        .into()
}
