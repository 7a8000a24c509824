//! Making an issue, and bringing back one that was deleted.
//!
//! Not here: what a new issue may be (`hearsay_board::rules`).

use std::sync::Arc;

use hearsay_board::overlay::Fields;
use hearsay_board::policy::Operation;
use hearsay_board::rules::{Context, Created, NewIssue, create, restore};
use hearsay_board::{Config, Document, Place, Source};
use hearsay_repo::write::{Change, EventFile, Target};
use serde_json::{Map, Value};

use super::answer::Refused;
use super::edit::event_file;
use super::judge::fields;
use super::stack::{Inverse, Restore};
use super::{Work, again, fresh};
use crate::lifecycle_hooks::Occasion;
use crate::wire::{Done, ErrorCode, WireError};

/// What makes an issue of what the rules know.
type Make = dyn Fn(&mut Context<'_>) -> Result<Created, hearsay_board::rules::Refusal> + Send;

impl Work<'_> {
    /// Makes an issue with these fields.
    pub(super) fn create(
        &self,
        issue: &Map<String, Value>,
        project: Option<String>,
    ) -> Result<Done, Refused> {
        let new = NewIssue::from_json(issue)?;
        let (place, config) = self.project(project, new.source)?;
        let hooked = self.before(&place, "", Occasion::Create(new.clone()))?;
        let make = move |context: &mut Context<'_>| create(&new, context);
        let done = self.put((&place, config), Vec::new(), Box::new(make))?;
        Ok(self.after(hooked, done))
    }

    /// Brings back an issue as its file was, with its events.
    pub(super) fn restore(&self, gone: Restore) -> Result<Done, Refused> {
        let Restore { place, id, document, history, lost } = gone;
        let (place, config) = self.project(Some(place.project.to_string()), place.source)?;
        let source = place.source;
        let hooked = self.before(&place, "", Occasion::restoring(&readable(&document), source))?;
        let file = id.clone();
        let make = move |context: &mut Context<'_>| restore((*document).clone(), (&file, source), context);
        let mut done = self.put((&place, config), history, Box::new(make))?;
        if lost > 0 {
            done.guidance
                .push(format!("{id} is back without its {lost} events: they were more than is kept."));
        }
        Ok(self.after(hooked, done))
    }

    /// Writes what `make` makes, with the events of a time before.
    fn put(
        &self,
        (place, config): (&Place, Arc<Config>),
        history: Vec<EventFile>,
        make: Box<Make>,
    ) -> Result<Done, Refused> {
        self.stands(place)?;
        let gate = self.gate(place)?;
        let (there, now, actor) = (place.clone(), self.now(), self.commands.actor.clone());
        let judged = self.ask(move |board, _| {
            let neighbours = board.neighbours(&there.project);
            let mut fresh = fresh;
            let mut context =
                Context { config: &config, around: &neighbours, now, actor: &actor, fresh: &mut fresh };
            let created = make(&mut context)?;
            let mut guidance = created.remarks.clone();
            if !gate.is_open() {
                let after = fields(&created.document)?;
                let what = (Operation::Create, &*created.id);
                guidance.extend(gate.judge(what, (None, &after), board, &there)?);
            }
            Ok::<_, Refused>((created, guidance))
        })?;
        let (created, guidance) = judged?;
        let target = Target { place, id: &created.id };
        let mut events = history;
        events.extend(created.event.as_ref().map(event_file).transpose()?);
        let written = again(|| {
            self.commands.writer.write(target, self.manner(), |current| {
                if current.is_some() {
                    let message = format!("requested id '{}' already exists", created.id);
                    let error = WireError::new(ErrorCode::Rule, message);
                    return Err(error.with_hint("Somebody has made it meanwhile. Look at that one.").into());
                }
                let (bytes, events) = (created.document.text().as_bytes().to_vec(), events.clone());
                Ok::<_, Refused>(Change::Write { bytes, events })
            })
        })?;
        let event = created.event.as_ref().map(|event| event.event_id.as_str());
        self.note_own(&created.id, Some(&created.document), event.map(str::to_owned).into_iter().collect());
        self.tell(place, &created.id, event, Some(&created.document));
        let base = written.base.clone().unwrap_or_default();
        let inverse = Inverse::Delete { place: place.clone(), id: created.id.clone(), base };
        let done = self.answer(&created.id, place, written, &created.document)?;
        Ok(self.keep(vec![inverse], Done { guidance, ..done }))
    }

    /// The project with that label, else the first.
    fn project(&self, label: Option<String>, source: Source) -> Result<(Place, Arc<Config>), Refused> {
        let wanted = label.clone();
        let found = self.ask(move |board, _| {
            let project = match wanted {
                Some(label) => label.into(),
                None => board.first_project()?.clone(),
            };
            let config = board.config(&project)?.clone();
            Some((Place { project, source }, config))
        })?;
        found.ok_or_else(|| {
            let message = match label {
                Some(label) => format!("there is no project {}", label.escape_debug()),
                None => "there is no project".to_owned(),
            };
            let hint = "A project is named by its label, as its cards name it.";
            WireError::new(ErrorCode::NotFound, message).with_hint(hint).into()
        })
    }
}

/// The fields of a document as far as they can be read: what is to come back comes back with what cannot.
fn readable(document: &Document) -> Fields {
    let value = |key: &str| serde_json::from_str(document.get(key)?).ok();
    document.keys().filter_map(|key| Some((key.to_owned(), value(key)?))).collect()
}
