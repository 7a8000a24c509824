//! What tells two versions of an issue apart: the fields, and the elements of its lists.
//!
//! Not here: `updated_at`, which every change moves; the white space around them (`splice`).

use std::collections::BTreeSet;

use super::comments;
use super::record::{list, same};
use super::refusal::Refusal;
use super::splice::Splice;
use crate::document::Document;

/// The fields that an edit may change.
const FIELDS: [&str; 9] =
    ["title", "description", "type", "status", "priority", "assignee", "parent", "closed_at", "agent"];
/// The lists, whose elements come and go one by one.
const LISTS: [&str; 3] = ["labels", "dependencies", "comments"];

/// What an earlier edit changed, as JSON text: enough to bring back exactly what stood there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    pub(super) fields: Vec<Was>,
    pub(super) lists: Vec<ListWas>,
    /// `custom` as a whole, where it was an object and is one.
    pub(super) custom: Option<Splice>,
    /// What the rules had against it even then: no reason against it later.
    pub(super) stood: Vec<String>,
}

impl Undo {
    /// About how many bytes it takes to keep it.
    pub fn weight(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let keys = |keys: &[String]| keys.iter().map(|key| key.len() + size_of::<String>()).sum::<usize>();
        let field = |was: &Was| {
            size_of::<Was>()
                + was.key.len()
                + text(&was.custom)
                + text(&was.before)
                + text(&was.after)
                + keys(&was.order)
        };
        let list = |was: &ListWas| {
            let taken = was.taken.iter().map(|(_, raw)| raw.len());
            let edited = was.edited.iter().map(|(id, before, after)| id.len() + before.len() + after.len());
            size_of::<ListWas>() + taken.chain(edited).sum::<usize>() + keys(&was.added) + was.splice.weight()
        };
        let custom = self.custom.as_ref().map_or(0, Splice::weight);
        let lists = self.lists.iter().map(list).sum::<usize>();
        size_of::<Self>() + self.fields.iter().map(field).sum::<usize>() + lists + custom + keys(&self.stood)
    }
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Was {
    /// Its key, and the key in `custom` where it is that.
    pub(super) key: String,
    pub(super) custom: Option<String>,
    /// What it was before; `None` where it was not there.
    pub(super) before: Option<String>,
    /// What the edit made of it.
    pub(super) after: Option<String>,
    /// The keys up to it, in the order in which they stood.
    pub(super) order: Vec<String>,
}

/// A list that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListWas {
    pub(super) key: &'static str,
    /// What the edit took out, and where it stood.
    pub(super) taken: Vec<(usize, String)>,
    /// What it put in.
    pub(super) added: Vec<String>,
    /// What it changed: an id, the element before and after.
    pub(super) edited: Vec<(String, String, String)>,
    /// The list as a whole.
    pub(super) splice: Splice,
}

impl Was {
    /// The name that it has in answers.
    pub(super) fn name(&self) -> String {
        match &self.custom {
            Some(key) => format!("custom.{key}"),
            None => self.key.clone(),
        }
    }
}

/// What tells two versions apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Difference(pub(super) Undo);

impl Difference {
    pub(super) fn between(before: &Document, after: &Document) -> Result<Self, Refusal> {
        let mut undo = Undo::default();
        let order: Vec<String> = before.keys().map(str::to_owned).collect();
        for key in FIELDS {
            push_field(&mut undo, (key, None), (before.get(key), after.get(key)), &order);
        }
        push_custom(&mut undo, before.get("custom"), after.get("custom"));
        for key in LISTS {
            let (old, new) = (list(before, key)?, list(after, key)?);
            if before.get(key) != after.get(key) {
                let splice = Splice::between(before.get(key), after.get(key));
                undo.lists.push(match key {
                    "comments" => comments_apart(before, after, splice)?,
                    _ => elements_apart(key, (&old, &new), splice),
                });
            }
        }
        undo.lists.retain(|list| !(list.taken.is_empty() && list.added.is_empty() && list.edited.is_empty()));
        Ok(Self(undo))
    }

    /// The names of what changed.
    pub(super) fn names(&self) -> Vec<String> {
        let lists = self.0.lists.iter().map(|list| list.key.to_owned());
        self.0.fields.iter().map(Was::name).chain(lists).collect()
    }

    /// What undoes it.
    pub(super) fn inverse(self) -> Undo {
        self.0
    }
}

/// Adds a field, if the two texts of it do not say the same.
fn push_field(
    undo: &mut Undo,
    (key, custom): (&str, Option<&str>),
    (before, after): (Option<&str>, Option<&str>),
    order: &[String],
) {
    if same(before, after) {
        return;
    }
    let own = custom.unwrap_or(key);
    let place = order.iter().position(|other| other == own).map_or(0, |place| place + 1);
    undo.fields.push(Was {
        key: key.to_owned(),
        custom: custom.map(str::to_owned),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
        order: order[..place].to_vec(),
    });
}

fn push_custom(undo: &mut Undo, before: Option<&str>, after: Option<&str>) {
    let members = |text: Option<&str>| Document::parse(text?.as_bytes().to_vec()).ok();
    let (Some(old), Some(new)) = (members(before), members(after)) else {
        // It came with the edit, or is no object.
        return push_field(undo, ("custom", None), (before, after), &[]);
    };
    let order: Vec<String> = old.keys().map(str::to_owned).collect();
    undo.custom = Some(Splice::between(before, after)).filter(|_| before != after);
    let all: BTreeSet<&str> = old.keys().chain(new.keys()).collect();
    for key in all {
        push_field(undo, ("custom", Some(key)), (old.get(key), new.get(key)), &order);
    }
}

fn elements_apart(key: &'static str, (old, new): (&[&str], &[&str]), splice: Splice) -> ListWas {
    let mut left: Vec<&str> = new.to_vec();
    let mut taken = Vec::new();
    for (at, element) in old.iter().enumerate() {
        match left.iter().position(|other| same(Some(element), Some(other))) {
            Some(found) => {
                left.remove(found);
            }
            None => taken.push((at, (*element).to_owned())),
        }
    }
    let added = left.into_iter().map(str::to_owned).collect();
    ListWas { key, taken, added, edited: Vec::new(), splice }
}

fn comments_apart(before: &Document, after: &Document, splice: Splice) -> Result<ListWas, Refusal> {
    let (old, new) = (comments::all(before)?, comments::all(after)?);
    let (taken, added, edited) = (Vec::new(), Vec::new(), Vec::new());
    let mut apart = ListWas { key: "comments", taken, added, edited, splice };
    // A comment of an older release has no id but its place, which moves when one before it goes.
    let mut left: Vec<&comments::Comment<'_>> = new.iter().collect();
    let mut missing = Vec::new();
    for (at, comment) in old.iter().enumerate() {
        match left.iter().position(|other| other.raw == comment.raw) {
            Some(found) => {
                left.remove(found);
            }
            None => missing.push((at, comment)),
        }
    }
    for (at, comment) in missing {
        match left.iter().position(|other| other.id == comment.id) {
            Some(found) => {
                let other = left.remove(found);
                apart.edited.push((comment.id.clone(), comment.raw.to_owned(), other.raw.to_owned()));
            }
            None => apart.taken.push((at, comment.raw.to_owned())),
        }
    }
    apart.added = left.into_iter().map(|comment| comment.raw.to_owned()).collect();
    Ok(apart)
}
