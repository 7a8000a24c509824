//! Judging a change: the rules, then the policies, with what the board knows of the other issues.
//!
//! Not here: the rules and the steps of policies (`hearsay_board`), reading policies from disk (`hearsay-repo`).
//!
//! Invariant: a policy that cannot be read or understood refuses.

use hearsay_board::overlay::Fields;
use hearsay_board::policy::{Context as Policied, Operation, Policies, Source as PolicySource};
use hearsay_board::rules::{Context, Edit, Edited};
use hearsay_board::{Board, Document, Place};

use super::answer::{Refused, of_file};
use super::{Subject, Work, fresh};
use crate::wire::{ErrorCode, WireError};

/// The policies of a project, as they are on disk.
pub(super) struct PolicyFiles(Vec<(String, Vec<u8>)>);

/// A change that nobody refuses, and what the policies say of it all the same.
pub(super) struct Judged {
    pub(super) edited: Edited,
    pub(super) guidance: Vec<String>,
}

impl PolicyFiles {
    /// Whether `after` may follow upon `before`. Answers what is said of it all the same.
    pub(super) fn judge(
        &self,
        (operation, id): (Operation, &str),
        (before, after): (Option<&Fields>, &Fields),
        board: &Board,
        place: &Place,
    ) -> Result<Vec<String>, Refused> {
        if self.0.is_empty() || !operation.is_enforced() {
            return Ok(Vec::new());
        }
        let files: Vec<PolicySource<'_>> =
            self.0.iter().map(|(name, bytes)| PolicySource { name, bytes }).collect();
        let refuse = |sentence: String, (file, line): (&str, Option<u32>)| {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            WireError::new(ErrorCode::Policy, sentence).with_hint(format!("See policies/{file}{line}."))
        };
        let policies = Policies::read(&files).map_err(|error| refuse(error.sentence(id), error.place()))?;
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
    pub(super) fn policies(&self, place: &Place) -> Result<PolicyFiles, Refused> {
        let now = (self.commands.clock)();
        Ok(PolicyFiles(hearsay_repo::policies(&self.commands.repository, place, now)?))
    }

    /// What `edit` comes to on `document`, which has the blob id `base`.
    pub(super) fn judge(
        &self,
        subject: &Subject,
        (document, base): (&Document, &str),
        edit: Edit,
    ) -> Result<Judged, Refused> {
        let policies = self.policies(&subject.place)?;
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
            let mut guidance = Vec::new();
            // Kanbus asks no policy about comments, links and moves between what is shared and what is local.
            if !edited.changed.is_empty()
                && !policies.0.is_empty()
                && matches!(edit, Edit::Set(_) | Edit::Claim | Edit::Undo(_))
            {
                let (before, after) = (fields(&document)?, fields(&edited.document)?);
                let what = (Operation::Update, &*id);
                guidance = policies.judge(what, (Some(&before), &after), board, &place)?;
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
