//! Bringing back what an earlier edit changed.
//!
//! What stood there once needs no workflow to come back. But it must not meet what has come since: a title taken by
//! another, a parent that is gone or of another type, a circle closed elsewhere. Only what has come since counts: what
//! the rules had against it when it was changed, as files of older releases give cause to, does not keep it away.
//!
//! Invariant: white space comes back as well, where nobody has changed the same list since.

use super::around::no_duplicate;
use super::comments;
use super::dependencies::{BLOCKED_BY, link, no_cycle};
use super::difference::{Difference, ListWas, Undo, Was};
use super::record::{id, list, make_list, parsed, put_back, same, text};
use super::refusal::{Conflict, Refusal, Sides};
use super::{Context, hierarchy};
use crate::document::{Document, Step};
use crate::unit::Source;

pub(super) fn undo(current: &Document, undo: &Undo, context: &Context<'_>) -> Result<Document, Refusal> {
    let mut after = current.clone();
    let mut conflict = Conflict::default();
    let status = undo.fields.iter().find(|was| was.key == "status");
    let is_ours = status.is_none_or(|was| same(current.get("status"), was.after.as_deref()));
    for was in &undo.fields {
        // `closed_at` belongs to the status, and comes back with it alone.
        match was.key.as_str() {
            "closed_at" if is_ours => {
                put_back(&mut after, &[Step::Key("closed_at")], was.before.as_deref(), &was.order)?;
            }
            "closed_at" => {}
            _ => field(&mut after, was, &mut conflict)?,
        }
    }
    for was in &undo.lists {
        elements(&mut after, was, &mut conflict)?;
    }
    if !conflict.fields.is_empty() {
        return Err(conflict.into());
    }
    as_it_stood(current, &mut after, undo)?;
    let mut against = objections(current, &after, context)?.into_iter();
    match against.find(|refusal| !undo.stood.contains(&refusal.message)) {
        Some(refusal) => Err(refusal),
        None => Ok(after),
    }
}

/// Gives the lists and `custom` the white space that they had, where what they hold is the same with it.
fn as_it_stood(current: &Document, after: &mut Document, undo: &Undo) -> Result<(), Refusal> {
    for was in &undo.lists {
        let Some(stood) = was.splice.undo(current.get(was.key)) else { continue };
        let mut other = after.clone();
        put_back(
            &mut other,
            &[Step::Key(was.key)],
            Some(stood.as_str()).filter(|text| !text.is_empty()),
            &[],
        )?;
        if list(&other, was.key)? == list(after, was.key)? {
            *after = other;
        }
    }
    let members = |text: &str| {
        let custom = Document::parse(text.as_bytes().to_vec()).ok()?;
        let member = |key: &str| (key.to_owned(), custom.get(key).map(str::to_owned));
        Some(custom.keys().map(member).collect::<Vec<_>>())
    };
    let stood = undo.custom.as_ref().and_then(|splice| splice.undo(current.get("custom")));
    if let Some(stood) = stood
        && members(&stood)
            .is_some_and(|stood| members(after.get("custom").unwrap_or_default()) == Some(stood))
    {
        put_back(after, &[Step::Key("custom")], Some(&stood), &[])?;
    }
    Ok(())
}

fn field(after: &mut Document, was: &Was, conflict: &mut Conflict) -> Result<(), Refusal> {
    let mut path = vec![Step::Key(&was.key)];
    path.extend(was.custom.as_deref().map(Step::Key));
    let now = after.at(&path);
    if same(now, was.after.as_deref()) {
        return put_back(after, &path, was.before.as_deref(), &was.order);
    }
    if !same(now, was.before.as_deref()) {
        let sides = sides(was.after.as_deref(), now, was.before.as_deref());
        conflict.fields.insert(was.name(), sides);
    }
    Ok(())
}

fn sides(base: Option<&str>, theirs: Option<&str>, mine: Option<&str>) -> Sides {
    Sides { base: parsed(base), theirs: parsed(theirs), mine: parsed(mine) }
}

fn elements(after: &mut Document, was: &ListWas, conflict: &mut Conflict) -> Result<(), Refusal> {
    let key = was.key;
    for (id, before, made) in &was.edited {
        let comments = comments::all(after)?;
        let Some(at) = comments.iter().position(|comment| comment.id == *id) else { continue };
        let now = comments[at].raw;
        if same(Some(now), Some(made)) {
            put_back(after, &[Step::Key(key), Step::At(at)], Some(before), &[])?;
        } else if !same(Some(now), Some(before)) {
            conflict.fields.insert(format!("{key}.{id}"), sides(Some(made), Some(now), Some(before)));
        }
    }
    for added in &was.added {
        let now = list(after, key)?;
        if let Some(at) = now.iter().rposition(|element| same(Some(element), Some(added))) {
            after.remove(&[Step::Key(key), Step::At(at)])?;
        } else if key == "comments" {
            let id = parsed(Some(added))["id"].clone();
            let edited = now.iter().find(|element| !id.is_null() && parsed(Some(element))["id"] == id);
            if let Some(edited) = edited {
                let name = format!("{key}.{}", id.as_str().unwrap_or_default());
                conflict.fields.insert(name, sides(Some(added), Some(edited), None));
            }
        }
    }
    for (at, taken) in &was.taken {
        make_list(after, key)?;
        let is_there = list(after, key)?.iter().any(|element| same(Some(element), Some(taken)));
        // A label may stand twice in a file; whoever took out both gets both back.
        let twice = was.taken.iter().filter(|(_, other)| same(Some(other), Some(taken))).count() > 1;
        if !is_there || twice {
            after.insert_text(&[Step::Key(key)], *at, taken)?;
        }
    }
    Ok(())
}

/// What the rules have against `after` that `current` does not bring about already.
pub(super) fn objections(
    current: &Document,
    after: &Document,
    context: &Context<'_>,
) -> Result<Vec<Refusal>, Refusal> {
    let own = id(current)?;
    let difference = Difference::between(current, after)?;
    let is_new = |name: &str| difference.0.fields.iter().any(|was| was.key == name);
    let mut against = Vec::new();
    if is_new("title") {
        let title = text(after, "title").unwrap_or_default();
        against.extend(no_duplicate(context.around, &title, Source::Shared, Some(&own)).err());
    }
    let (parent, kind) = (text(after, "parent"), text(after, "type").unwrap_or_default());
    if is_new("type") {
        against.extend(hierarchy::below(context, &own, &kind));
    }
    if is_new("type") || is_new("parent") {
        against.extend(hierarchy::above(context, &own, (parent.as_deref(), &kind)));
    }
    let links = difference.0.lists.iter().filter(|list| list.key == "dependencies");
    let new: Vec<String> = links
        .flat_map(|list| &list.added)
        .map(|raw| link(raw))
        .filter(|link| link.kind == BLOCKED_BY)
        .map(|link| link.target)
        .collect();
    if !new.is_empty() {
        against.extend(no_cycle(context.around, &own, new.iter().map(String::as_str)).err());
    }
    Ok(against)
}
