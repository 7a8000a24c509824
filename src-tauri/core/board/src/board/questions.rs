//! What a board is asked: where an issue lies, what is known of it, who has a title.
//!
//! Not here: what the rules and the policies ask (`neighbours`), and anything that changes a board.

use std::sync::Arc;

use super::{Board, card_key};
use crate::board::Place;
use crate::config::Config;
use crate::holder::Standing;
use crate::overlay::Heard;
use crate::relations::Node;
use crate::titles::Titles;
use crate::unit::Lease;

impl Board {
    /// What is heard of `id` in `place` beyond its file.
    pub fn heard(&self, id: &str, place: &Place) -> Option<&Heard> {
        let holders = self.holders.get(self.relations.find(id)?.index())?;
        holders.iter().find(|standing| standing.place == *place)?.heard.as_deref()
    }

    /// Where the issue with unit key `card:<key>` lies: its id and its place.
    pub fn locate(&self, key: &str) -> Option<(&str, &Place)> {
        let whole =
            self.relations.find(key).and_then(|node| Some((node, self.holders.get(node.index())?.first()?)));
        if let Some((node, holder)) = whole {
            return Some((self.relations.id(node), &holder.place));
        }
        let (_, id) = key.split_once('/')?;
        let id = id.strip_prefix("local/").unwrap_or(id);
        let node = self.relations.find(id)?;
        let holders = self.holders.get(node.index())?;
        let at =
            (0..holders.len()).find(|at| card_key(id, holders, *at).strip_prefix("card:") == Some(key))?;
        Some((self.relations.id(node), &holders[at].place))
    }

    /// Every issue on the board: its id and its place.
    pub fn issues(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.relations.nodes().zip(&self.holders).flat_map(|(node, holders)| {
            let id = self.relations.id(node);
            holders.iter().map(move |holder| (id, &holder.place))
        })
    }

    /// Everything that is known of `id`, a place each.
    pub(crate) fn standings(&self, id: &str) -> &[Standing] {
        let at = self.relations.find(id).map(Node::index);
        at.and_then(|at| self.holders.get(at)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same of every issue.
    pub(crate) fn all_standings(&self) -> impl Iterator<Item = (&str, &Standing)> {
        self.relations.nodes().zip(&self.holders).flat_map(|(node, holders)| {
            let id = self.relations.id(node);
            holders.iter().map(move |standing| (id, standing))
        })
    }

    /// The same of the issues that have that folded title in some place.
    pub(crate) fn titled(&self, folded: &str) -> impl Iterator<Item = (&str, &Standing)> {
        let all = || self.relations.nodes().zip(self.holders.iter().map(Vec::as_slice));
        let titles = self.titles.get_or_init(|| Titles::of(all()));
        titles.get(folded).iter().flat_map(|node| {
            let id = self.relations.id(*node);
            self.holders[node.index()].iter().map(move |standing| (id, standing))
        })
    }

    /// Who holds the issue `id` of that project for a time.
    pub fn lease(&self, id: &str, project: &Arc<str>) -> Option<&Lease> {
        self.leases.get(&(project.clone(), self.relations.find(id)?))
    }

    /// Whether the issue `id` is there and not done.
    pub fn is_open(&self, id: &str) -> bool {
        self.relations.find(id).is_some_and(|node| self.relations.is_open(node))
    }

    /// Whether something is wrong at `path`.
    pub fn has_problem_at(&self, path: &str) -> bool {
        self.units.get(&format!("problem:{path}")).is_some()
    }

    /// The configuration of the project with that label.
    pub fn config(&self, project: &str) -> Option<&Arc<Config>> {
        self.projects.get(project).map(|project| &project.config)
    }

    /// The label of the first project.
    pub fn first_project(&self) -> Option<&Arc<str>> {
        self.projects.keys().next()
    }

    /// The key of the card of `id` in `place`, without `card:`.
    pub fn key_of(&self, id: &str, place: &Place) -> String {
        let holders = self.standings(id);
        let at = holders.iter().position(|standing| standing.place == *place).unwrap_or_default();
        card_key(id, holders, at).trim_start_matches("card:").to_owned()
    }
}
