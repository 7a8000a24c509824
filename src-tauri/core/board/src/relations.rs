//! Who is whose child, and who waits for whom: the links between issues, kept both ways.
//!
//! Not here: what a link means on a card (`card`).
//!
//! Invariants:
//! - An id that is only mentioned has a node as well, so that its coming is noticed by those who mention it.
//! - A change costs what hangs on the issue. Chains of parents are followed no further than [`LONGEST_CYCLE`].

use std::collections::HashMap;

/// Parent cycles longer than this are not looked for: Kanbus's hierarchy has four levels.
const LONGEST_CYCLE: usize = 32;

/// An interned issue id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Node(u32);

impl Node {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An issue that another one names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) node: Node,
    /// Whether it matters if that one is done, beyond whether it is there at all.
    pub(crate) awaits: bool,
}

/// The links of one issue, as its file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// Whether the issue counts as done.
    pub(crate) done: bool,
    pub(crate) parent: Option<Node>,
    /// Every issue that a card of this one says something about, each once.
    pub(crate) mentions: Vec<Mention>,
}

#[derive(Debug, Default)]
struct Linked {
    id: Box<str>,
    /// `None` where the id is only mentioned.
    links: Option<Links>,
    children: Vec<Node>,
    done_children: u32,
    mentioned_by: Vec<Mention>,
}

/// The links of every issue.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    by_id: HashMap<Box<str>, Node>,
    nodes: Vec<Linked>,
}

impl Relations {
    /// The node of `id`, made where there is none.
    pub(crate) fn node(&mut self, id: &str) -> Node {
        if let Some(node) = self.by_id.get(id) {
            return *node;
        }
        let node = Node(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Linked { id: id.into(), ..Linked::default() });
        self.by_id.insert(id.into(), node);
        node
    }

    /// The node of `id`, if anybody has named it.
    pub(crate) fn find(&self, id: &str) -> Option<Node> {
        self.by_id.get(id).copied()
    }

    /// Every node, in the order of their indices.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(Node)
    }

    pub(crate) fn id(&self, node: Node) -> &str {
        &self.at(node).id
    }

    fn at(&self, node: Node) -> &Linked {
        &self.nodes[node.index()]
    }

    fn at_mut(&mut self, node: Node) -> &mut Linked {
        &mut self.nodes[node.index()]
    }

    /// Whether there is an issue with that id.
    pub(crate) fn exists(&self, node: Node) -> bool {
        self.at(node).links.is_some()
    }

    /// Whether there is an issue with that id that is not done.
    pub(crate) fn is_open(&self, node: Node) -> bool {
        self.at(node).links.as_ref().is_some_and(|links| !links.done)
    }

    /// How many of the children are done, and how many there are.
    pub(crate) fn children(&self, node: Node) -> (u32, u32) {
        let linked = self.at(node);
        (linked.done_children, u32::try_from(linked.children.len()).unwrap_or(u32::MAX))
    }

    /// Sets the links of `node`, and adds to `dirty` every issue whose card may say something else now.
    pub(crate) fn set(&mut self, node: Node, links: Option<Links>, mut dirty: impl FnMut(Node)) {
        let old = self.at(node).links.clone();
        if old == links {
            return;
        }
        self.chain(node).for_each(&mut dirty);
        if let Some(old) = &old {
            self.detach(node, old, &mut dirty);
        }
        if let Some(new) = &links {
            self.attach(node, new, &mut dirty);
        }
        let (existed, was_done) = (old.is_some(), old.is_some_and(|links| links.done));
        let (exists, is_done) = (links.is_some(), links.as_ref().is_some_and(|links| links.done));
        self.at_mut(node).links = links;
        self.chain(node).for_each(&mut dirty);
        let came_or_went = existed != exists;
        if came_or_went || was_done != is_done {
            let touched = self.at(node).mentioned_by.iter().filter(|by| came_or_went || by.awaits);
            touched.for_each(|by| dirty(by.node));
        }
    }

    fn detach(&mut self, node: Node, links: &Links, dirty: &mut impl FnMut(Node)) {
        if let Some(parent) = links.parent {
            let family = self.at_mut(parent);
            if let Some(at) = family.children.iter().position(|child| *child == node) {
                family.children.swap_remove(at);
                family.done_children -= u32::from(links.done);
            }
            dirty(parent);
        }
        for mentioned in &links.mentions {
            let mentioned_by = &mut self.at_mut(mentioned.node).mentioned_by;
            if let Some(at) = mentioned_by.iter().position(|by| by.node == node) {
                mentioned_by.swap_remove(at);
            }
        }
    }

    fn attach(&mut self, node: Node, links: &Links, dirty: &mut impl FnMut(Node)) {
        if let Some(parent) = links.parent {
            let family = self.at_mut(parent);
            family.children.push(node);
            family.done_children += u32::from(links.done);
            dirty(parent);
        }
        for mentioned in &links.mentions {
            self.at_mut(mentioned.node).mentioned_by.push(Mention { node, awaits: mentioned.awaits });
        }
    }

    /// The issue, its parent, the parent's parent and so on, up to the bound.
    fn chain(&self, node: Node) -> impl Iterator<Item = Node> {
        let parent = |node: &Node| self.at(*node).links.as_ref().and_then(|links| links.parent);
        std::iter::successors(Some(node), parent).take(LONGEST_CYCLE + 1)
    }

    /// The cycle of parents that `node` is part of, from it and back to it.
    pub(crate) fn parent_cycle(&self, node: Node) -> Option<Vec<Node>> {
        let back = self.chain(node).skip(1).position(|ancestor| ancestor == node)?;
        Some(self.chain(node).take(back + 2).collect())
    }
}
