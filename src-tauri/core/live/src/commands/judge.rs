//! Judging a change: the rules, then the policies, with what the board knows of the other issues.
//!
//! Not here: the rules and the steps of policies (`hearsay_board`), reading policies from disk (`hearsay-repo`).
//!
//! Invariant: a policy that cannot be read or understood refuses.

use hearsay_board::overlay::Fields;
use hearsay_board::policy::{Context as Policied, Operation, Policies, PolicyError, Source};
use hearsay_board::rules::{Context, Edit, Edited};
use hearsay_board::{Board, Document, Place};

use super::answer::{Refused, of_file};
use super::{Subject, Work, fresh};
use crate::wire::{ErrorCode, WireError};

/// The policies of a project, as they were on disk when they were read; what is wrong with them, where they cannot be
/// understood. They are read by the command's own thread: that may take long.
pub(super) struct Gate(Result<Policies, PolicyError>);

/// A change that nobody refuses, and what the policies say of it all the same.
pub(super) struct Judged {
    pub(super) edited: Edited,
    pub(super) guidance: Vec<String>,
}

impl Gate {
    /// Whether nothing is ever refused or said.
    pub(super) fn is_open(&self) -> bool {
        self.0.as_ref().is_ok_and(Policies::is_empty)
    }

    /// Whether `after` may follow upon `before`. Answers what is said of it all the same.
    pub(super) fn judge(
        &self,
        (operation, id): (Operation, &str),
        (before, after): (Option<&Fields>, &Fields),
        board: &Board,
        place: &Place,
    ) -> Result<Vec<String>, Refused> {
        let refuse = |sentence: String, (file, line): (&str, Option<u32>)| {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            WireError::new(ErrorCode::Policy, sentence).with_hint(format!("See policies/{file}{line}."))
        };
        let policies = self.0.as_ref().map_err(|error| refuse(error.sentence(id), error.place()))?;
        let neighbours = board.neighbours(&place.project);
        let context = Policied { operation, before, after, kin: &neighbours };
        let verdict = policies.enforce(&context);
        if let Some(violation) = verdict.violations.first() {
            return Err(refuse(violation.sentence(id), (&violation.file, Some(violation.line))).into());
        }
        Ok(policies.guide(&context).iter().flat_map(|remark| remark.lines()).collect())
    }
}

impl Work<'_> {
    /// The policies of the project in `place`, as they are now.
    pub(super) fn gate(&self, place: &Place) -> Result<Gate, Refused> {
        let files = self.commands.writer.policies(&place.project)?;
        let sources: Vec<Source<'_>> = files.iter().map(|(name, bytes)| Source { name, bytes }).collect();
        Ok(Gate(Policies::read(&sources)))
    }

    /// Whether the configuration of the project in `place` can be read: where not, nobody knows what it refuses.
    pub(super) fn stands(&self, place: &Place) -> Result<(), Refused> {
        Ok(self.commands.writer.stands(&place.project)?)
    }

    /// What `edit` comes to on `document`, which has the blob id `base`.
    pub(super) fn judge(
        &self,
        subject: &Subject,
        (document, base): (&Document, &str),
        edit: Edit,
    ) -> Result<Judged, Refused> {
        self.stands(&subject.place)?;
        // Kanbus asks no policy about comments, links and moves between what is shared and what is local.
        let is_asked = matches!(edit, Edit::Set(_) | Edit::Claim | Edit::Undo(_));
        let gate = if is_asked { self.gate(&subject.place)? } else { Gate(Ok(Policies::default())) };
        let (place, actor, now) = (subject.place.clone(), self.commands.actor.clone(), self.now());
        let (id, document, base) = (subject.id.clone(), document.clone(), base.to_owned());
        let config = subject.config.clone();
        self.ask(move |board, _| {
            let neighbours = board.neighbours(&place.project);
            let mut fresh = fresh;
            let mut context =
                Context { config: &config, around: &neighbours, now, actor: &actor, fresh: &mut fresh };
            let edited = hearsay_board::rules::edit(&document, &edit, &mut context)
                .map_err(|refusal| of_file(refusal, &base))?;
            let mut guidance = edited.remarks.clone();
            if !edited.changed.is_empty() && !gate.is_open() {
                let (before, after) = (fields(&document)?, fields(&edited.document)?);
                let what = (Operation::Update, &*id);
                guidance.extend(gate.judge(what, (Some(&before), &after), board, &place)?);
            }
            Ok(Judged { edited, guidance })
        })?
    }
}

/// The fields of a document. JSON may hold what no program here can: a number beyond all bounds, half a character.
pub(super) fn fields(document: &Document) -> Result<Fields, Refused> {
    serde_json::from_str(document.text()).map_err(|error| {
        WireError::new(ErrorCode::Unreadable, format!("the issue holds what cannot be read: {error}"))
            .with_hint("Mend the file in an editor.")
            .into()
    })
}
