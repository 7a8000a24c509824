//! Changing one issue that is there.
//!
//! Not here: what a change comes to (`judge`), new and gone issues (`create`, `delete`).

use hearsay_board::envelope::Draft;
use hearsay_board::rules::{Edit, FieldSet, Seen, merge};
use hearsay_board::{Board, Document, Envelope, Place, Source};
use hearsay_repo::write::{Change, Current, EventFile, Relocation, Target, Written};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::{Refused, of_file};
use super::judge::{Judged, fields};
use super::own::ids;
use super::stack::Inverse;
use super::undo::born;
use super::{Subject, Work, again, fresh};
use crate::hearing::Hearing;
use crate::owner::{Input, Question};
use crate::wire::{Done, ErrorCode, LabelChange, WireError};

/// Fields to set, with what the edit began with.
#[derive(Debug)]
pub(super) struct FieldEdit {
    pub(super) set: Map<String, Value>,
    pub(super) was: Map<String, Value>,
    pub(super) base: Option<String>,
    pub(super) labels: LabelChange,
}

impl Work<'_> {
    /// Sets fields, where nobody has set them otherwise since the edit began.
    pub(super) fn set_fields(&self, key: &str, edit: FieldEdit) -> Result<Done, Refused> {
        let mut set = FieldSet::from_json(&edit.set)?;
        (set.add_labels, set.remove_labels) = (edit.labels.add, edit.labels.remove);
        let subject = self.subject(key)?;
        let known = edit.base.as_deref().and_then(|base| hearsay_repo::blob(&self.commands.repository, base));
        let known = known.and_then(|bytes| Document::parse(bytes).ok());
        let was = (!edit.was.is_empty()).then_some(&edit.was);
        let mut merged = Vec::new();
        let hooked = self.before_edit(&subject, &Edit::Set(set.clone()))?;
        let mut done = self.change(&subject, |document, base| {
            // An edit that says nothing of what it began with is about whatever is there.
            if (edit.base.is_some() || was.is_some()) && edit.base.as_deref() != Some(base) {
                let seen = Seen { base: known.as_ref(), was };
                merged = merge(seen, document, &set).map_err(|refusal| of_file(refusal, base))?;
            }
            Ok(Edit::Set(set.clone()))
        })?;
        done.merged = Some(merged);
        Ok(self.after(hooked, done))
    }

    /// Does `edit`, whatever has changed meanwhile.
    pub(super) fn edit(&self, key: &str, edit: Edit) -> Result<Done, Refused> {
        let subject = self.subject(key)?;
        self.edit_subject(&subject, &edit, |_| Ok(()))
    }

    /// Does `edit` where `allows` lets it be done to the document as it is under the lock.
    pub(super) fn edit_subject(
        &self,
        subject: &Subject,
        edit: &Edit,
        allows: impl Fn(&Document) -> Result<(), Refused>,
    ) -> Result<Done, Refused> {
        let hooked = self.before_edit(subject, edit)?;
        let done = self.change(subject, |document, _| allows(document).map(|()| edit.clone()))?;
        Ok(self.after(hooked, done))
    }

    /// Does what `wanted` makes of the document as it is and its blob id.
    pub(super) fn change(
        &self,
        subject: &Subject,
        mut wanted: impl FnMut(&Document, &str) -> Result<Edit, Refused>,
    ) -> Result<Done, Refused> {
        again(|| self.try_change(subject, &mut wanted))
    }

    fn try_change(
        &self,
        subject: &Subject,
        wanted: &mut impl FnMut(&Document, &str) -> Result<Edit, Refused>,
    ) -> Result<Done, Refused> {
        let target = Target { place: &subject.place, id: &subject.id };
        let mut judged: Option<Judged> = None;
        let written = self.commands.writer.write(target, self.manner(), |current| {
            let current = current.ok_or_else(|| only_heard(&subject.id))?;
            let document = document(&subject.id, current)?;
            let edit = wanted(&document, &current.base)?;
            let one = judged.insert(self.judge(subject, (&document, &current.base), edit)?);
            if one.edited.changed.is_empty() {
                return Ok(Change::Keep);
            }
            let events = one.edited.events.iter().map(event_file).collect::<Result<_, Refused>>()?;
            Ok::<_, Refused>(Change::Write { bytes: one.edited.document.text().as_bytes().to_vec(), events })
        })?;
        let judged = judged.ok_or_else(|| only_heard(&subject.id))?;
        self.finish(subject, judged, written)
    }

    /// Tells of a change that was written, and answers it.
    fn finish(&self, subject: &Subject, judged: Judged, written: Written) -> Result<Done, Refused> {
        let Judged { edited, guidance } = judged;
        let (is_changed, born) = (written.changed, born(&edited.document));
        if is_changed {
            let event = edited.events.first().map(|event| event.event_id.as_str());
            self.note_own(&subject.id, Some(&edited.document), ids(&edited.events));
            self.tell(&subject.place, &subject.id, event, Some(&edited.document));
        }
        let done = self.answer(&subject.id, &subject.place, written, &edited.document)?;
        let done = Done { guidance, ..done };
        if !is_changed {
            return Ok(done);
        }
        let (place, id, edit) = (subject.place.clone(), subject.id.clone(), Box::new(edited.inverse));
        Ok(self.keep(vec![Inverse::Edit { place, id, edit, born }], done))
    }

    /// Moves an issue between what is shared and what is local.
    pub(super) fn relocate(&self, key: &str, to: Source) -> Result<Done, Refused> {
        let subject = self.subject(key)?;
        self.relocate_subject(&subject, to)
    }

    pub(super) fn relocate_subject(&self, subject: &Subject, to: Source) -> Result<Done, Refused> {
        let hooked = self.before_edit(subject, &Edit::Transfer { to })?;
        let done = again(|| self.try_relocate(subject, to))?;
        Ok(self.after(hooked, done))
    }

    fn try_relocate(&self, subject: &Subject, to: Source) -> Result<Done, Refused> {
        let target = Target { place: &subject.place, id: &subject.id };
        let (mut judged, mut was): (Option<Judged>, Option<Document>) = (None, None);
        let written = self.commands.writer.relocate(target, self.manner(), |current| {
            let document = document(&subject.id, current)?;
            let one =
                judged.insert(self.judge(subject, (&document, &current.base), Edit::Transfer { to })?);
            was = Some(document);
            if one.edited.to.is_none() {
                return Ok(None);
            }
            let ids = [subject.id.clone()].into();
            let mut along = self.commands.writer.history_of(&subject.place, &ids, 0)?;
            let events = one.edited.events.iter().map(event_file).collect::<Result<_, Refused>>()?;
            let bytes = one.edited.document.text().as_bytes().to_vec();
            let along = along.remove(&subject.id).unwrap_or_default().names;
            Ok::<_, Refused>(Some(Relocation { bytes, events, along }))
        })?;
        let Judged { edited, .. } = judged.ok_or_else(|| only_heard(&subject.id))?;
        let was = was.ok_or_else(|| only_heard(&subject.id))?;
        let place = Place { source: to, project: subject.place.project.clone() };
        let is_changed = written.changed;
        if is_changed {
            self.commands.wrote(&subject.id, &subject.place, None);
            self.note_own(&subject.id, Some(&edited.document), ids(&edited.events));
            // Somebody who looks in the middle sees it gone, or elsewhere as it was.
            self.note_own(&subject.id, None, Vec::new());
            self.note_own(&subject.id, Some(&was), Vec::new());
            // Others see it come or go: of what is private they hear nothing.
            let event = edited.events.first().map(|event| event.event_id.as_str());
            self.tell(&subject.place, &subject.id, event, None);
            self.tell(&place, &subject.id, event, Some(&edited.document));
        }
        let done = self.answer(&subject.id, &place, written, &edited.document)?;
        let inverse = Inverse::Move { place, id: subject.id.clone() };
        Ok(if is_changed { self.keep(vec![inverse], done) } else { done })
    }

    /// What a written issue is answered with.
    pub(super) fn answer(
        &self,
        id: &str,
        place: &Place,
        written: Written,
        document: &Document,
    ) -> Result<Done, Refused> {
        if written.changed {
            self.commands.wrote(id, place, written.base.clone());
        }
        let (wanted, there) = (id.to_owned(), place.clone());
        let key = self.ask(move |board, _| board.key_of(&wanted, &there))?;
        let issue = RawValue::from_string(document.text().to_owned());
        let issue = issue.map_err(|error| WireError::internal(&error))?;
        Ok(Done { id: Some(key), base: written.base, issue: Some(issue), ..Done::default() })
    }

    /// Says on the bus what an issue is now; that it is gone, where there is no document. Private issues are nobody
    /// else's.
    pub(super) fn tell(&self, place: &Place, id: &str, event: Option<&str>, document: Option<&Document>) {
        if place.source == Source::Local {
            return;
        }
        let (place, id, event) = (place.clone(), id.to_owned(), event.map(str::to_owned));
        let at = self.now().to_string();
        let issue = match document.map(fields).transpose() {
            Ok(issue) => issue,
            Err(_unreadable) => return tracing::warn!(id, "what nobody can read is not told to others"),
        };
        let tell = move |board: &Board, hearing: &Hearing| {
            let (Some(config), Some(label)) = (board.config(&place.project), hearing.label(&place.project))
            else {
                return;
            };
            let envelope = Envelope::write(&Draft {
                id: &fresh(),
                at: &at,
                project: &label,
                project_identity: config.project_id.as_deref(),
                producer: hearing.producer(),
                issue_id: &id,
                event_id: event.as_deref(),
                issue: issue.as_ref(),
            });
            match envelope {
                Ok(envelope) => hearing.publish(envelope),
                Err(error) => tracing::warn!(%error, id, "a change is not told to others"),
            }
        };
        // A repository that is being closed has nobody to tell any more.
        let _ = self.inbox.blocking(Input::Ask(Question(Box::new(tell))));
    }
}

/// The document that the file of `id` holds.
pub(super) fn document(id: &str, current: &Current) -> Result<Document, Refused> {
    Document::parse(current.bytes.clone()).map_err(|error| {
        match Refused::from(hearsay_board::rules::Refusal::from(error)) {
            Refused::Said(mut error) => {
                error.message = format!("{id}: {}", error.message);
                Refused::Passing(error)
            }
            refused => refused,
        }
    })
}

/// An event as a file.
pub(super) fn event_file(event: &hearsay_board::rules::EventDraft) -> Result<EventFile, Refused> {
    let text = event.text().map_err(|error| WireError::internal(&error))?;
    Ok(EventFile { name: event.file_name(), bytes: text.into_bytes() })
}

pub(super) fn only_heard(id: &str) -> Refused {
    WireError::new(ErrorCode::NotFound, format!("there is no file of {id} here"))
        .with_hint(
            "It is only heard of, or was deleted a moment ago; it can be changed once it has been pulled.",
        )
        .into()
}
