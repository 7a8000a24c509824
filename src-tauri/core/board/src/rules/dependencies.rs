//! Links to other issues: added and removed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::around::{Around, resolve_anywhere};
use super::record::{id, list, make_list, parsed, text};
use super::refusal::Refusal;
use super::{Context, bounds};
use crate::document::{Document, Step};
use crate::unit::Source;

pub(super) const BLOCKED_BY: &str = "blocked-by";
const RELATES_TO: &str = "relates-to";

/// A link, in Kanbus's order of keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    pub(super) target: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// The links of an issue; what is no link is one to nowhere.
pub(super) fn all(document: &Document) -> Result<Vec<Link>, Refusal> {
    let elements = list(document, "dependencies")?;
    Ok(elements.into_iter().map(link).collect())
}

pub(super) fn link(raw: &str) -> Link {
    let value = parsed(Some(raw));
    let text = |key: &str| value.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    Link { target: text("target"), kind: text("type") }
}

/// Adds a link.
pub(super) fn add(
    current: &Document,
    target: &str,
    kind: &str,
    context: &Context<'_>,
) -> Result<Document, Refusal> {
    check_kind(kind)?;
    let own = id(current)?;
    let target = resolve_anywhere(context.around, bounds::name("the other issue", target)?)?;
    if kind == BLOCKED_BY {
        check_family(current, &own, &target, context.around)?;
        no_cycle(context.around, &own, [target.as_str()])?;
    }
    let links = all(current)?;
    let new = Link { target, kind: kind.to_owned() };
    if links.contains(&new) {
        return Ok(current.clone());
    }
    let mut after = current.clone();
    make_list(&mut after, "dependencies")?;
    after.insert(&[Step::Key("dependencies")], links.len(), &new)?;
    Ok(after)
}

/// Removes a link. One that the file has goes, even where Kanbus would not let it come.
pub(super) fn remove(
    current: &Document,
    target: &str,
    kind: &str,
    context: &Context<'_>,
) -> Result<Document, Refusal> {
    let links = all(current)?;
    let mut gone = Link { target: target.to_owned(), kind: kind.to_owned() };
    if !links.contains(&gone) {
        check_kind(kind)?;
        gone.target = resolve_anywhere(context.around, bounds::name("the other issue", target)?)?;
    }
    let mut after = current.clone();
    for at in (0..links.len()).rev().filter(|at| links[*at] == gone) {
        after.remove(&[Step::Key("dependencies"), Step::At(at)])?;
    }
    Ok(after)
}

fn check_kind(kind: &str) -> Result<(), Refusal> {
    if [BLOCKED_BY, RELATES_TO].contains(&kind) {
        return Ok(());
    }
    Err(Refusal::invalid("invalid dependency type").hint(format!("It is {BLOCKED_BY} or {RELATES_TO}.")))
}

fn check_family(current: &Document, own: &str, target: &str, around: &dyn Around) -> Result<(), Refusal> {
    let relative = if text(current, "parent").as_deref() == Some(target) {
        "parent"
    } else if around.anywhere(target).and_then(|issue| issue.parent.as_deref()) == Some(own) {
        "child"
    } else {
        return Ok(());
    };
    Err(Refusal::rule(format!("circular dependency: cannot block on {relative}"))
        .hint(format!("They may relate to each other: {RELATES_TO}.")))
}

/// Refuses links that would make `own` wait for itself, or for others that wait for themselves.
pub(super) fn no_cycle<'a>(
    around: &dyn Around,
    own: &str,
    targets: impl IntoIterator<Item = &'a str>,
) -> Result<(), Refusal> {
    let mut waits: BTreeMap<String, Vec<String>> = BTreeMap::new();
    around.each(&mut |known| {
        if known.source == Source::Shared {
            let blocked = known.issue.dependencies.iter().filter(|link| &*link.kind == BLOCKED_BY);
            let targets: Vec<String> = blocked.map(|link| link.target.to_string()).collect();
            if !targets.is_empty() {
                waits.insert(known.id.to_owned(), targets);
            }
        }
    });
    waits.entry(own.to_owned()).or_default().extend(targets.into_iter().map(str::to_owned));
    if !reaches_a_cycle(&waits, own) {
        return Ok(());
    }
    Err(Refusal::rule("cycle detected").hint("Whatever waits for the other waits for this one already."))
}

/// Whether a way from `start` comes twice to the same issue. Without recursion: a chain may be as long as the project.
fn reaches_a_cycle(waits: &BTreeMap<String, Vec<String>>, start: &str) -> bool {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut on_the_way: BTreeSet<&str> = BTreeSet::from([start]);
    let mut way: Vec<(&str, usize)> = vec![(start, 0)];
    while let Some((node, next)) = way.last_mut() {
        let target = waits.get(*node).and_then(|targets| targets.get(*next));
        *next += 1;
        match target.map(String::as_str) {
            None => {
                on_the_way.remove(*node);
                done.insert(*node);
                way.pop();
            }
            Some(target) if on_the_way.contains(target) => return true,
            Some(target) if done.contains(target) => {}
            Some(target) => {
                on_the_way.insert(target);
                way.push((target, 0));
            }
        }
    }
    false
}
