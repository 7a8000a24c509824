//! The hooks around a command: those before it, and those after it.
//!
//! Not here: running them (`lifecycle_hooks`).
//!
//! Invariants:
//! - As in Kanbus, they are called once for a command, before its lock is taken and after it is given back, and what
//!   they are told of the issue before is what lay there when they were called.
//! - Which hooks there are and whether they are trusted is asked for at once: nothing comes between.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hearsay_board::Place;
use hearsay_board::overlay::Fields;
use hearsay_board::rules::Edit;
use hearsay_repo::IssueFile;

use super::answer::Refused;
use super::judge::fields;
use super::{Subject, Work};
use crate::lifecycle_hooks::{Hooks, Occasion, Stage, are_off, environment};
use crate::wire::{Done, ErrorCode, WireError};

/// A command whose hooks before it have run.
#[derive(Debug, Default)]
pub(super) struct Hooked {
    /// What is to come after it; nothing where there are no hooks, or none that may run.
    rest: Option<Rest>,
    said: Vec<String>,
}

#[derive(Debug)]
struct Rest {
    hooks: Hooks,
    occasion: Occasion,
    /// The id of the issue; empty while it has none.
    id: String,
    before: Option<Fields>,
    root: PathBuf,
    environment: BTreeMap<String, String>,
}

impl Work<'_> {
    /// Runs what comes before `edit` of `subject`.
    pub(super) fn before_edit(&self, subject: &Subject, edit: &Edit) -> Result<Hooked, Refused> {
        let occasion = match edit {
            Edit::Undo(_) if subject.config.hooks.is_empty() => None,
            Edit::Undo(_) => self.undoing(subject, edit)?,
            edit => Occasion::of(edit, &self.commands.actor.name),
        };
        let Some(occasion) = occasion else { return Ok(Hooked::default()) };
        self.before(&subject.place, &subject.id, occasion)
    }

    /// Runs what comes before `occasion`, which is about the issue `id` in `place`.
    pub(super) fn before(&self, place: &Place, id: &str, occasion: Occasion) -> Result<Hooked, Refused> {
        let (hooks, is_trusted) = self.hooks(place, occasion.event())?;
        if hooks.is_empty() {
            return Ok(Hooked::default());
        }
        let environment = environment(&self.commands.surroundings, &self.commands.repository);
        if are_off(&environment) {
            return Ok(Hooked::default());
        }
        if !is_trusted {
            return Ok(Hooked { rest: None, said: vec![hooks.not_trusted()?] });
        }
        let root = self.workplace(place)?;
        let before = self.file(place, id).map(|file| fields(&file.document)).transpose()?;
        let rest = Rest { hooks, occasion, id: id.to_owned(), before, root, environment };
        let (event, told) = (rest.occasion.event(), rest.occasion.before(id, rest.before.as_ref()));
        let said = rest.hooks.run_before(event, told, &self.stage(&rest), || self.inbox.closed())?;
        Ok(Hooked { rest: Some(rest), said })
    }

    /// Runs what comes after what was `done`.
    pub(super) fn after(&self, hooked: Hooked, mut done: Done) -> Done {
        done.guidance.extend(hooked.said);
        if let Some(rest) = hooked.rest {
            let after =
                done.issue.as_ref().and_then(|issue| serde_json::from_str::<Fields>(issue.get()).ok());
            let told = rest.occasion.after(&rest.id, (rest.before.as_ref(), after.as_ref()));
            let event = rest.occasion.event();
            let said = rest.hooks.run_after(event, told, &self.stage(&rest), || self.inbox.closed());
            done.guidance.extend(said);
        }
        done
    }

    fn stage<'a>(&'a self, rest: &'a Rest) -> Stage<'a> {
        let actor = &self.commands.actor.name;
        Stage { root: &rest.root, environment: &rest.environment, actor, now: self.now() }
    }

    /// The directory of the configuration that the project in `place` comes from.
    fn workplace(&self, place: &Place) -> Result<PathBuf, Refused> {
        let now = (self.commands.clock)();
        let found = hearsay_repo::workplace(&self.commands.repository, &place.project, now);
        found.ok_or_else(|| {
            let message = format!("there is no project {} any more", place.project);
            WireError::new(ErrorCode::NotFound, message).into()
        })
    }

    /// The hooks of the project in `place` that are for `event`, and whether they may run.
    fn hooks(&self, place: &Place, event: &'static str) -> Result<(Hooks, bool), Refused> {
        let project = place.project.clone();
        self.ask(move |board, hearing| {
            let hooks = board.config(&project).map(|config| Hooks::of(&config.hooks, event));
            (hooks.unwrap_or_default(), hearing.is_trusted())
        })
    }

    /// What undoing comes to, as it looks now. What cannot be undone is refused here already.
    fn undoing(&self, subject: &Subject, edit: &Edit) -> Result<Option<Occasion>, Refused> {
        let Some(file) = self.file(&subject.place, &subject.id) else { return Ok(None) };
        let (document, base) = (file.document, file.base.unwrap_or_default());
        let judged = self.judge(subject, (&document, &base), edit.clone())?;
        Ok(Occasion::between(&fields(&document)?, &fields(&judged.edited.document)?))
    }

    /// The issue as its file has it. What cannot be read is nothing, as for Kanbus: the write says why.
    pub(super) fn file(&self, place: &Place, id: &str) -> Option<IssueFile> {
        IssueFile::read(&self.commands.repository, place, id, (self.commands.clock)()).ok()
    }
}
