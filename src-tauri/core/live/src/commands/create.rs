//! Making an issue, and bringing back one that was deleted.
//!
//! Not here: what a new issue may be (`hearsay_board::rules`).

use std::sync::Arc;

use hearsay_board::policy::Operation;
use hearsay_board::rules::{Context, Created, NewIssue, create, restore};
use hearsay_board::{Config, Document, Place, Source};
use hearsay_repo::write::{Change, Target};
use serde_json::{Map, Value};

use super::answer::Refused;
use super::edit::event_file;
use super::judge::fields;
use super::undo::Inverse;
use super::{Work, fresh};
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
        let done = self.put(&place, config, Box::new(make))?;
        Ok(self.after(hooked, done))
    }

    /// Brings back an issue as its file was.
    pub(super) fn restore(&self, place: &Place, document: &Document) -> Result<Done, Refused> {
        let (place, config) = self.project(Some(place.project.to_string()), place.source)?;
        let (source, document) = (place.source, document.clone());
        let hooked = self.before(&place, "", Occasion::restoring(&fields(&document)?, source))?;
        let make = move |context: &mut Context<'_>| restore(document.clone(), source, context);
        let done = self.put(&place, config, Box::new(make))?;
        Ok(self.after(hooked, done))
    }

    fn put(&self, place: &Place, config: Arc<Config>, make: Box<Make>) -> Result<Done, Refused> {
        self.stands(place)?;
        let gate = self.gate(place)?;
        let (there, now, actor) = (place.clone(), self.now(), self.commands.actor.clone());
        let judged = self.ask(move |board, _| {
            let neighbours = board.neighbours(&there.project);
            let mut fresh = fresh;
            let mut context =
                Context { config: &config, around: &neighbours, now, actor: &actor, fresh: &mut fresh };
            let created = make(&mut context)?;
            let after = fields(&created.document)?;
            let guidance = gate.judge((Operation::Create, &created.id), (None, &after), board, &there)?;
            Ok::<_, Refused>((created, guidance))
        })?;
        let (created, guidance) = judged?;
        let target = Target { place, id: &created.id };
        let written = self.commands.writer.write(target, self.manner(), |current| {
            if current.is_some() {
                let message = format!("requested id '{}' already exists", created.id);
                return Err(WireError::new(ErrorCode::Rule, message).into());
            }
            let events = created.event.iter().map(event_file).collect::<Result<_, Refused>>()?;
            Ok::<_, Refused>(Change::Write { bytes: created.document.text().as_bytes().to_vec(), events })
        })?;
        let event = created.event.as_ref().map(|event| event.event_id.as_str());
        self.tell(place, &created.id, event, Some(&created.document));
        let base = written.base.clone().unwrap_or_default();
        let inverse = Inverse::Delete { place: place.clone(), id: created.id.clone(), base };
        let undo = Some(self.commands.undone().keep(vec![inverse], fresh()));
        let done = self.answer(&created.id, place, written, &created.document)?;
        Ok(Done { guidance, undo, ..done })
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
                Some(label) => format!("there is no project {label}"),
                None => "there is no project".to_owned(),
            };
            WireError::new(ErrorCode::NotFound, message).into()
        })
    }
}
