//! Which issues have a title: what keeps the question whether another one has it from costing a look at all of them.
//!
//! Not here: what a title that is taken means (`rules`).
//!
//! Invariant: it is made when it is first asked for, and follows every change from then on.

use std::collections::HashMap;

use crate::holder::Standing;
use crate::relations::Node;
use crate::rules::folded;

/// Issues by their folded titles.
#[derive(Debug, Default)]
pub(crate) struct Titles(HashMap<String, Vec<Node>>);

impl Titles {
    /// Those of all these issues.
    pub(crate) fn of<'a>(all: impl Iterator<Item = (Node, &'a [Standing])>) -> Self {
        let mut titles = Self::default();
        all.for_each(|(node, standings)| titles.add(node, standings));
        titles
    }

    /// The issues that have that folded title in some place.
    pub(crate) fn get(&self, folded: &str) -> &[Node] {
        self.0.get(folded).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files of `node` are those of `standings` now.
    pub(crate) fn add(&mut self, node: Node, standings: &[Standing]) {
        for title in standings.iter().filter_map(title) {
            let nodes = self.0.entry(title).or_default();
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
    }

    /// The files of `node` are no longer those of `standings`.
    pub(crate) fn remove(&mut self, node: Node, standings: &[Standing]) {
        for title in standings.iter().filter_map(title) {
            if let Some(nodes) = self.0.get_mut(&title) {
                nodes.retain(|other| *other != node);
                if nodes.is_empty() {
                    self.0.remove(&title);
                }
            }
        }
    }
}

fn title(standing: &Standing) -> Option<String> {
    standing.file.as_ref().map(|file| folded(&file.issue.title))
}
