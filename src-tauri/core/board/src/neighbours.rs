//! The other issues of a board, as the rules and the policies ask for them.
//!
//! Not here: what they ask for (`rules`, `policy`).
//!
//! Invariant: they answer what the files say. What is only heard is no ground to refuse anything on.

use crate::board::{Board, Place};
use crate::holder::Standing;
use crate::issue::Issue;
use crate::policy::{Child, Kin};
use crate::rules::{Around, Known, Legal, folded, legal};
use crate::unit::Source;

/// The issues of one project, with those of others behind them.
#[derive(Debug, Clone, Copy)]
pub struct Neighbours<'a> {
    board: &'a Board,
    project: &'a str,
}

impl Board {
    /// The issues of `project`.
    pub fn neighbours<'a>(&'a self, project: &'a str) -> Neighbours<'a> {
        Neighbours { board: self, project }
    }
}

impl Board {
    /// What may become of the issue `id` in `place` next.
    pub fn legal(&self, id: &str, place: &Place) -> Legal {
        let neighbours = self.neighbours(&place.project);
        let issue = neighbours.issue(id, place.source);
        let known = issue.and_then(|issue| Some((issue, self.config(&place.project)?)));
        known.map(|(issue, config)| legal(id, issue, config, &neighbours)).unwrap_or_default()
    }
}

impl Board {
    /// Whether the file of `id` in `place` is known to hold what has the blob id `base`, or to be gone.
    pub fn has_seen(&self, id: &str, place: &Place, base: Option<&str>) -> bool {
        let standing = self.standings(id).iter().find(|standing| standing.place == *place);
        let file = standing.and_then(|standing| standing.file.as_ref());
        match (file, base) {
            (Some(file), Some(base)) => base.starts_with(&*file.content),
            (file, base) => file.is_none() && base.is_none(),
        }
    }
}

impl Neighbours<'_> {
    /// Visits the children of `id`.
    pub fn children_of(&self, id: &str, visit: &mut dyn FnMut(Known<'_>)) {
        Around::children(self, id, visit);
    }

    fn is_own(&self, place: &Place) -> bool {
        *place.project == *self.project
    }
}

fn written(standing: &Standing) -> Option<&Issue> {
    standing.file.as_ref().map(|file| &file.issue)
}

impl Around for Neighbours<'_> {
    fn issue(&self, id: &str, source: Source) -> Option<&Issue> {
        let mut own = self.board.standings(id).iter().filter(|standing| self.is_own(&standing.place));
        own.find(|standing| standing.place.source == source).and_then(written)
    }

    fn each(&self, visit: &mut dyn FnMut(Known<'_>)) {
        for (id, standing) in self.board.all_standings().filter(|(_, one)| self.is_own(&one.place)) {
            if let Some(issue) = written(standing) {
                visit(Known { id, source: standing.place.source, issue });
            }
        }
    }

    fn titled(&self, title: &str, visit: &mut dyn FnMut(Known<'_>)) {
        for (id, standing) in self.board.titled(title).filter(|(_, one)| self.is_own(&one.place)) {
            if let Some(issue) = written(standing).filter(|issue| folded(&issue.title) == title) {
                visit(Known { id, source: standing.place.source, issue });
            }
        }
    }

    fn anywhere(&self, id: &str) -> Option<&Issue> {
        let own = self.issue(id, Source::Shared).or_else(|| self.issue(id, Source::Local));
        own.or_else(|| self.board.standings(id).iter().find_map(written))
    }
}

impl Kin for Neighbours<'_> {
    fn status(&self, id: &str) -> Option<&str> {
        self.issue(id, Source::Shared)?.status.as_deref()
    }

    fn children(&self, id: &str) -> Vec<Child<'_>> {
        let own = self.board.all_standings().filter(|(_, one)| self.is_own(&one.place));
        let shared = own.filter(|(_, one)| one.place.source == Source::Shared);
        let children = shared.filter_map(|(child, standing)| {
            let issue = written(standing)?;
            let status = issue.status.as_deref().unwrap_or_default();
            (issue.parent.as_deref() == Some(id)).then_some(Child { id: child, status })
        });
        children.collect()
    }
}
