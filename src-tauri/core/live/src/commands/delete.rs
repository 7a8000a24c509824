//! Deleting an issue, alone or with everything below it.
//!
//! Not here: which issues those are (`hearsay_board::rules`).
//!
//! Invariant: what goes is what lay there under the locks, and that is what an undo brings back.

use std::collections::{BTreeMap, BTreeSet};

use hearsay_board::rules::{Context, Doomed, delete};
use hearsay_board::{Document, Place, Source};
use hearsay_repo::write::{History, Removal};

use super::answer::Refused;
use super::edit::{document, event_file, only_heard};
use super::stack::{HISTORY, Inverse, Restore};
use super::{Subject, Work, again, fresh};
use crate::lifecycle_hooks::Occasion;
use crate::wire::{Done, ErrorCode, WireError};

/// The event files of issues, by where these lie.
type Histories = BTreeMap<(Source, String), History>;

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
        // What was not there any more has not gone by this.
        let gone: BTreeSet<(Source, &str)> = kept.iter().map(|one| (one.place.source, &*one.id)).collect();
        for one in doomed.iter().filter(|one| gone.contains(&(one.source, &*one.id))) {
            let event = one.event.as_ref().map(|event| event.event_id.as_str());
            self.note_own(&one.id, None, event.map(str::to_owned).into_iter().collect());
            self.tell(&place(one.source), &one.id, event, None);
            self.commands.wrote(&one.id, &place(one.source), None);
        }
        // Parents first: what went last comes back first.
        let done = self.keep(kept.into_iter().rev().map(Inverse::Restore).collect(), Done::default());
        Ok(self.after(hooked, done))
    }

    /// Removes `doomed` as they lie under the locks. Answers what they held, in that order.
    fn try_remove(
        &self,
        subject: &Subject,
        doomed: &[Doomed],
        as_made: Option<&str>,
    ) -> Result<Vec<Restore>, Refused> {
        let project = &subject.place.project;
        let issues: Vec<(Source, String)> = doomed.iter().map(|one| (one.source, one.id.clone())).collect();
        let mut kept = Vec::new();
        self.commands.writer.remove(project, &issues, self.manner(), |current| {
            let mut histories = self.histories(project, doomed)?;
            let mut removals = Vec::new();
            for (one, current) in doomed.iter().zip(current) {
                let is_subject = one.id == subject.id && one.source == subject.place.source;
                let Some(current) = current else {
                    if is_subject {
                        return Err(only_heard(&one.id));
                    }
                    removals.push(None);
                    continue;
                };
                if as_made.is_some_and(|base| current.base != base) {
                    return Err(changed_since());
                }
                let document = Box::new(document(&one.id, current)?);
                if !is_subject {
                    still_below(one, subject, &document, doomed)?;
                }
                let history = histories.remove(&(one.source, one.id.clone())).unwrap_or_default();
                let events = one.event.iter().map(event_file).collect::<Result<_, Refused>>()?;
                let lost = if history.files.is_some() { 0 } else { history.names.len() };
                let place = Place { source: one.source, project: project.clone() };
                let (id, files) = (one.id.clone(), history.files.unwrap_or_default());
                kept.push(Restore { place, id, document, history: files, lost });
                removals.push(Some(Removal { events, gone: history.names }));
            }
            Ok(removals)
        })?;
        Ok(kept)
    }

    /// The event files of `doomed`, as far as they are kept.
    fn histories(&self, project: &str, doomed: &[Doomed]) -> Result<Histories, Refused> {
        let (mut found, mut left) = (Histories::new(), HISTORY);
        for source in [Source::Shared, Source::Local] {
            let of_it = doomed.iter().filter(|one| one.source == source);
            let ids: BTreeSet<String> = of_it.map(|one| one.id.clone()).collect();
            if ids.is_empty() {
                continue;
            }
            let place = Place { source, project: project.into() };
            for (id, history) in self.commands.writer.history_of(&place, &ids, left)? {
                let files = history.files.iter().flatten();
                left = left.saturating_sub(files.map(|file| file.bytes.len()).sum());
                found.insert((source, id), history);
            }
        }
        Ok(found)
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
    let parent = document.get("parent").and_then(|parent| serde_json::from_str::<String>(parent).ok());
    if parent.is_some_and(|parent| doomed.iter().any(|other| other.id == parent)) {
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
