//! The other issues: who answers for them, and how one is found by what a person calls it.

use super::refusal::{Code, Refusal};
use crate::issue::Issue;
use crate::key::short_key;
use crate::unit::Source;

/// An issue among the others.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The stem of its file's name.
    pub id: &'a str,
    /// Where its file lies.
    pub source: Source,
    /// What it says.
    pub issue: &'a Issue,
}

/// Answers for the issues of the project as they are on disk, the edited one among them.
pub trait Around {
    /// The issue `id` of this project, where its file lies in `source`.
    fn issue(&self, id: &str, source: Source) -> Option<&Issue>;

    /// Visits every issue of this project.
    fn each(&self, visit: &mut dyn FnMut(Known<'_>));

    /// Visits the children of `id` in this project.
    fn children(&self, id: &str, visit: &mut dyn FnMut(Known<'_>)) {
        self.each(&mut |known| {
            if known.issue.parent.as_deref() == Some(id) {
                visit(known);
            }
        });
    }

    /// Visits the issues of this project whose titles [`folded`] are `title`.
    fn titled(&self, title: &str, visit: &mut dyn FnMut(Known<'_>)) {
        self.each(&mut |known| {
            if folded(&known.issue.title) == title {
                visit(known);
            }
        });
    }

    /// The issue `id`, wherever it is: in this project first, then in any other that the board holds.
    fn anywhere(&self, id: &str) -> Option<&Issue> {
        self.issue(id, Source::Shared).or_else(|| self.issue(id, Source::Local))
    }
}

/// The full id that `name` means among the issues in `source`.
pub(super) fn resolve(around: &dyn Around, name: &str, source: Source) -> Result<String, Refusal> {
    if around.issue(name, source).is_some() {
        return Ok(name.to_owned());
    }
    let mut matches = matching(around, name, Some(source));
    match (matches.len(), matches.pop()) {
        (1, Some(id)) => Ok(id),
        (0, _) => Err(Refusal::not_found(format!("There is no issue `{name}` here."))),
        _ => Err(Refusal::invalid("ambiguous short id").hint("Give the full id.")),
    }
}

/// The full id that `name` means: an id, Kanbus's short form of one, or the beginning of one.
///
/// # Errors
/// Where it means none, or several.
pub fn resolve_anywhere(around: &dyn Around, name: &str) -> Result<String, Refusal> {
    if around.anywhere(name).is_some() {
        return Ok(name.to_owned());
    }
    let mut matches = matching(around, name, None);
    match (matches.len(), matches.pop()) {
        (1, Some(id)) => Ok(id),
        (0, _) => Err(Refusal::not_found(format!("There is no issue `{name}`."))),
        (_, last) => {
            matches.extend(last);
            let message = format!("ambiguous identifier, matches: {}", matches.join(", "));
            Err(Refusal::new(Code::Invalid, message).hint("Give the full id."))
        }
    }
}

fn matching(around: &dyn Around, name: &str, source: Option<Source>) -> Vec<String> {
    let mut matches = Vec::new();
    // Kanbus takes nothing at all for the beginning of every id.
    if name.is_empty() {
        return matches;
    }
    around.each(&mut |known| {
        if source.is_none_or(|source| source == known.source) && is_meant(name, known.id) {
            matches.push(known.id.to_owned());
        }
    });
    matches.sort();
    matches
}

/// Kanbus's rule: the short key with or without the project's prefix, or the beginning of the id.
fn is_meant(name: &str, id: &str) -> bool {
    let key = short_key(id);
    let bare = match id.split_once('-') {
        Some((prefix, rest)) if !prefix.is_empty() && !rest.is_empty() => {
            key.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'))
        }
        _ => Some(key.as_str()),
    };
    key == name || bare == Some(name) || (name.len() < id.len() && id.starts_with(name))
}

/// What of a title tells it from others, by Kanbus's rule.
pub fn folded(title: &str) -> String {
    title.trim().to_lowercase()
}

/// Refuses a title that another issue in `source` has.
pub(super) fn no_duplicate(
    around: &dyn Around,
    title: &str,
    source: Source,
    own: Option<&str>,
) -> Result<(), Refusal> {
    let mut other: Option<String> = None;
    around.titled(&folded(title), &mut |known| {
        let is_other = known.source == source && Some(known.id) != own;
        // The first by id, so that the sentence is the same each time.
        if is_other && other.as_deref().is_none_or(|other| known.id < other) {
            other = Some(known.id.to_owned());
        }
    });
    match other {
        None => Ok(()),
        Some(other) => {
            let message = format!("duplicate title: \"{title}\" already exists as {other}");
            Err(Refusal::rule(message).hint("Say in the title what is different."))
        }
    }
}
