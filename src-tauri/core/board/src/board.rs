//! The board: what every source has said so far, and the units that follow from it.
//!
//! Not here: reading files, Git, time, subscribers. Inputs are applied in any order; [`Board::settle`] makes the
//! units again that they touched.
//!
//! Invariants:
//! - The units depend on what was said last of each place, not on the order or number of inputs.
//! - An id is one card at `card:<id>`; where it stands in several places, the first by project label, shared before
//!   local, has that key and the others carry their place in theirs.

mod questions;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZero;
use std::sync::{Arc, OnceLock};

use crate::card::{Around, Facts, blocks, card};
use crate::config::Config;
use crate::holder::{File, Standing};
pub use crate::holder::{Holder, Place};
use crate::issue::Issue;
use crate::meta::{Project, meta};
use crate::overlay::Heard;
use crate::relations::{Links, Mention, Node, Relations};
use crate::titles::Titles;
use crate::unit::{By, Children, GitState, Lease, Problem, Semantic, Source, Stage};
use crate::units::{Made, Units};

/// The cards of one id, written.
type Cards = Result<Vec<Made>, serde_json::Error>;

/// From so many issues on, other processors help: at opening, and when a checkout changes everything.
const MANY: usize = 1024;

/// The board and its units.
#[derive(Debug, Default)]
pub struct Board {
    name: String,
    projects: BTreeMap<Arc<str>, Project>,
    relations: Relations,
    /// Per node, where the id stands, in the order of places.
    holders: Vec<Vec<Standing>>,
    by: HashMap<(Place, Node), By>,
    leases: HashMap<(Arc<str>, Node), Lease>,
    /// The keys of the cards of ids that stood in several places at some time.
    crowded: HashMap<Node, Vec<Box<str>>>,
    dirty: HashSet<Node>,
    titles: OnceLock<Titles>,
    units: Units,
}

impl Board {
    /// The units as of the last [`Board::settle`].
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The units, to take or skip a patch.
    pub fn units_mut(&mut self) -> &mut Units {
        &mut self.units
    }

    /// Names the board and its projects, each by label with a display name and a configuration. Issues of projects
    /// that are not among them must have been removed.
    ///
    /// # Errors
    /// Where a unit cannot be written as JSON.
    pub fn set_projects(
        &mut self,
        name: String,
        projects: impl IntoIterator<Item = (Arc<str>, String, Arc<Config>)>,
    ) -> Result<(), serde_json::Error> {
        self.name = name;
        self.projects =
            projects.into_iter().map(|(label, name, config)| (label, Project { name, config })).collect();
        self.touch_all();
        self.units.set("meta", &meta(&self.name, &self.projects))
    }

    fn touch_all(&mut self) {
        let nodes: Vec<Node> = self.relations.nodes().take(self.holders.len()).collect();
        for node in nodes {
            self.relink(node);
            self.dirty.insert(node);
        }
    }

    /// Says what the file of `id` in its place holds now.
    pub fn put(&mut self, id: &str, holder: Holder) {
        let Holder { place, issue, content, stage } = holder;
        self.change(id, &place, |standing| standing.file = Some(File { issue, content, stage }));
    }

    /// Says that there is no file of `id` in `place`.
    pub fn remove(&mut self, id: &str, place: &Place) {
        self.change(id, place, |standing| standing.file = None);
    }

    /// Says what is heard of `id` in `place` beyond its file.
    pub fn set_heard(&mut self, id: &str, place: &Place, heard: Option<Box<Heard>>) {
        self.change(id, place, |standing| standing.heard = heard);
    }

    /// Changes what is known of `id` in `place`.
    fn change(&mut self, id: &str, place: &Place, change: impl FnOnce(&mut Standing)) {
        let node = self.slot(id);
        let holders = &mut self.holders[node.index()];
        let at = match holders.binary_search_by(|other| other.place.cmp(place)) {
            Ok(at) => at,
            Err(at) => {
                holders.insert(at, Standing::nothing_at(place.clone()));
                at
            }
        };
        if let Some(titles) = self.titles.get_mut() {
            titles.remove(node, holders);
        }
        change(&mut holders[at]);
        if holders[at].is_empty() {
            holders.remove(at);
        }
        if let Some(titles) = self.titles.get_mut() {
            titles.add(node, holders);
        }
        if holders.len() > 1 {
            self.crowded.entry(node).or_default();
        }
        self.relink(node);
        self.dirty.insert(node);
    }

    /// Says how far the file of `id` in `place` has come, where there is one.
    pub fn set_stage(&mut self, id: &str, place: &Place, stage: Stage) {
        let Some(node) = self.relations.find(id) else { return };
        let Some(holders) = self.holders.get_mut(node.index()) else { return };
        let standing = holders.iter_mut().find(|standing| standing.place == *place);
        if let Some(file) = standing.and_then(|standing| standing.file.as_mut()) {
            file.stage = stage;
            self.dirty.insert(node);
        }
    }

    /// Says who holds `id` of `project` for a time, if anybody does.
    pub fn set_lease(&mut self, id: &str, project: &Arc<str>, lease: Option<Lease>) {
        let node = self.slot(id);
        let key = (project.clone(), node);
        match lease {
            Some(lease) => drop(self.leases.insert(key, lease)),
            None => drop(self.leases.remove(&key)),
        }
        self.dirty.insert(node);
    }

    /// Says who changed `id` in `place` last, or that the newest events do not tell.
    pub fn set_by(&mut self, id: &str, place: &Place, by: Option<By>) {
        let node = self.slot(id);
        let key = (place.clone(), node);
        let changed = match by {
            Some(by) => self.by.insert(key, by.clone()).is_none_or(|old| old != by),
            None => self.by.remove(&key).is_some(),
        };
        if changed {
            self.dirty.insert(node);
        }
    }

    /// Says what is wrong at `path`, if anything.
    ///
    /// # Errors
    /// Where the unit cannot be written as JSON.
    pub fn set_problem(&mut self, path: &str, problem: Option<&Problem>) -> Result<(), serde_json::Error> {
        let key = format!("problem:{path}");
        match problem {
            Some(problem) => self.units.set(&key, problem),
            None => {
                self.units.remove(&key);
                Ok(())
            }
        }
    }

    /// Says what Git says of the working tree, if there is a Git.
    ///
    /// # Errors
    /// Where the unit cannot be written as JSON.
    pub fn set_git(&mut self, git: Option<&GitState>) -> Result<(), serde_json::Error> {
        match git {
            Some(git) => self.units.set("git", git),
            None => {
                self.units.remove("git");
                Ok(())
            }
        }
    }

    /// Makes every unit again that an input has touched.
    ///
    /// # Errors
    /// Where a unit cannot be written as JSON.
    pub fn settle(&mut self) -> Result<(), serde_json::Error> {
        let dirty: Vec<Node> = std::mem::take(&mut self.dirty).into_iter().collect();
        for (node, cards) in dirty.iter().zip(self.make_all(&dirty)) {
            let cards = cards?;
            self.drop_stale_keys(*node, &cards);
            cards.into_iter().for_each(|card| self.units.put(card));
        }
        Ok(())
    }

    /// Makes the cards of `nodes`, with all processors where there are many.
    fn make_all(&self, nodes: &[Node]) -> Vec<Cards> {
        let threads = match nodes.len() {
            0..MANY => 1,
            _ => std::thread::available_parallelism().map_or(1, NonZero::get),
        };
        let make = |nodes: &[Node]| nodes.iter().map(|node| self.make_cards(*node)).collect::<Vec<_>>();
        let mut shares = nodes.chunks(nodes.len().div_ceil(threads).max(1));
        let own = shares.next().unwrap_or_default();
        std::thread::scope(|scope| {
            let others: Vec<_> = shares.map(|share| (share, scope.spawn(move || make(share)))).collect();
            let mut made = make(own);
            for (share, other) in others {
                // A thread that panicked has made nothing; its share is made here, where a panic is seen.
                made.extend(other.join().unwrap_or_else(|_| make(share)));
            }
            made
        })
    }

    fn slot(&mut self, id: &str) -> Node {
        let node = self.relations.node(id);
        if self.holders.len() <= node.index() {
            self.holders.resize_with(node.index() + 1, Vec::new);
        }
        node
    }

    /// Tells the relations what the files of `node` say now. What the first place says is what others see.
    fn relink(&mut self, node: Node) {
        let holders = &self.holders[node.index()];
        let named = holders.iter().filter_map(Standing::issue).flat_map(mentioned);
        let mut mentions: Vec<Mention> =
            named.map(|(id, awaits)| Mention { node: self.relations.node(id), awaits }).collect();
        mentions.sort_unstable_by_key(|mention| (mention.node, !mention.awaits));
        mentions.dedup_by_key(|mention| mention.node);
        let first = holders.first().and_then(|first| Some((&first.place.project, first.issue()?)));
        let links = first.map(|(project, issue)| {
            let config = self.projects.get(project).map(|project| &*project.config);
            let status = issue.status.as_deref().unwrap_or_default();
            let done = config.is_some_and(|config| config.semantic(status) == Semantic::Done);
            let parent = issue.parent.as_deref().map(|id| self.relations.node(id));
            Links { done, parent, mentions }
        });
        let dirty = &mut self.dirty;
        self.relations.set(node, links, |touched| {
            dirty.insert(touched);
        });
    }

    /// Makes the cards of one id, one a place.
    fn make_cards(&self, node: Node) -> Cards {
        let Some(holders) = self.holders.get(node.index()) else { return Ok(Vec::new()) };
        let id = self.relations.id(node);
        let places = holders.iter().enumerate().filter_map(|(at, holder)| {
            let (project, issue) = (self.projects.get(&holder.place.project)?, holder.issue()?);
            let facts = Facts {
                id,
                project: &holder.place.project,
                source: holder.place.source,
                stage: holder.stage(),
                issue,
                content: holder.content(),
                config: &project.config,
                by: self.by.get(&(holder.place.clone(), node)),
                heard: holder.heard.as_deref(),
                lease: self.leases.get(&(holder.place.project.clone(), node)),
                around: self.around(node, issue, (at > 0).then(|| &holders[0].place)),
            };
            Some(Made::new(card_key(id, holders, at).into(), &card(facts)))
        });
        places.collect()
    }

    /// Removes the cards that `node` had under other keys than those of `cards`.
    fn drop_stale_keys(&mut self, node: Node, cards: &[Made]) {
        let id = self.relations.id(node);
        let plain = format!("card:{id}");
        if !cards.iter().any(|card| *card.key == *plain) {
            self.units.remove(&plain);
        }
        if let Some(keys) = self.crowded.get_mut(&node) {
            let now = cards.iter().map(|card| card.key.clone()).collect();
            for key in std::mem::replace(keys, now) {
                if !keys.contains(&key) {
                    self.units.remove(&key);
                }
            }
        }
    }

    fn around<'a>(&'a self, node: Node, issue: &'a Issue, first: Option<&Place>) -> Around<'a> {
        let (done, total) = self.relations.children(node);
        let mut around = Around { children: Children { done, total }, ..Around::default() };
        for dependency in &issue.dependencies {
            let target = self.relations.find(&dependency.target);
            if target.is_none_or(|target| !self.relations.exists(target)) {
                around.missing.push(&dependency.target);
            } else if blocks(&dependency.kind) && target.is_some_and(|target| self.relations.is_open(target))
            {
                around.blocked_by.push(&dependency.target);
            }
        }
        let parent = issue.parent.as_deref().map(|id| self.relations.find(id));
        around.parent_is_missing =
            parent.is_some_and(|node| node.is_none_or(|node| !self.relations.exists(node)));
        let cycle = self.relations.parent_cycle(node).unwrap_or_default();
        around.cycle = cycle.into_iter().map(|node| self.relations.id(node)).collect();
        around.duplicate_of = first.map(|place| match place.source {
            Source::Shared => format!("the project “{}”", place.project),
            Source::Local => format!("project-local of “{}”", place.project),
        });
        around
    }
}

/// The ids that an issue names, and whether it matters to it if they are done: its parent, and what it depends on.
fn mentioned(issue: &Issue) -> impl Iterator<Item = (&str, bool)> {
    let targets = issue.dependencies.iter().map(|link| (&*link.target, blocks(&link.kind)));
    issue.parent.as_deref().map(|parent| (parent, false)).into_iter().chain(targets)
}

fn card_key(id: &str, holders: &[Standing], at: usize) -> String {
    let Some(holder) = holders.get(at).filter(|_| at > 0) else { return format!("card:{id}") };
    let Place { project, source } = &holder.place;
    let shared_too =
        holders.iter().any(|other| other.place.project == *project && other.place.source != *source);
    if *source == Source::Local && shared_too {
        format!("card:{project}/local/{id}")
    } else {
        format!("card:{project}/{id}")
    }
}

#[cfg(test)]
mod tests;
