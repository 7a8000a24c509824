//! Setting fields, as Kanbus's `update` and `move` do.
//!
//! The checks stand in Kanbus's order, so that an edit with several faults is refused for the same one.

use serde_json::Value;

use super::agent::Agent;
use super::around::no_duplicate;
use super::fields::FieldSet;
use super::record::{id, list, make_list, parsed, put, text, value};
use super::refusal::Refusal;
use super::{Context, bounds, fences, hierarchy, spelling, workflow};
use crate::document::{Document, Step};
use crate::unit::Source;

/// The status that sets `closed_at`, whatever the configuration calls done.
const CLOSED: &str = "closed";

/// Takes the issue for the actor.
pub(super) fn claim(current: &Document, context: &Context<'_>) -> Result<Document, Refusal> {
    let fields = FieldSet {
        assignee: Some(Some(context.actor.name.clone())),
        status: Some(workflow::claimed(context.config)?.to_owned()),
        ..FieldSet::default()
    };
    set(current, &fields, context)
}

/// Sets `fields`.
pub(super) fn set(current: &Document, fields: &FieldSet, context: &Context<'_>) -> Result<Document, Refusal> {
    if fields.is_empty() {
        return Err(Refusal::invalid("no updates requested").hint("Say which field is to be what."));
    }
    fields.check()?;
    if let Some(description) = &fields.description {
        fences::check(description)?;
    }
    let mut after = current.clone();
    let id = id(current)?;
    let old_type = text(current, "type").unwrap_or_default();
    let new_type =
        fields.issue_type.as_deref().map(str::trim).filter(|kind| !kind.is_empty() && *kind != old_type);
    let issue_type = new_type.unwrap_or(&old_type);

    if let Some(title) = &fields.title {
        set_title(&mut after, &id, bounds::title(title)?, context)?;
    }
    if let Some(description) = &fields.description {
        set_description(&mut after, description.trim())?;
    }
    if let Some(assignee) = &fields.assignee {
        let assignee = assignee.as_deref().filter(|name| !name.trim().is_empty());
        put(&mut after, "assignee", &Value::from(assignee))?;
    }
    if let Some(priority) = fields.priority {
        check_priority(priority, context)?;
        put(&mut after, "priority", &Value::from(priority))?;
    }
    set_labels(&mut after, fields)?;
    if let Some(parent) = &fields.parent {
        set_parent(&mut after, &id, parent.as_deref(), issue_type, context)?;
    }
    if let Some(new_type) = new_type {
        // Kanbus looks at the parent that it has, also where it gets another. It knows no way to have none.
        let parent = text(current, "parent").filter(|_| value(&after, "parent") != Value::Null);
        hierarchy::check_type_change(context.config, context.around, (&id, parent.as_deref()), new_type)?;
        put(&mut after, "type", &Value::from(new_type))?;
    } else {
        // Kanbus's `move` signs nothing; its `update` does.
        sign(&mut after, context)?;
    }
    if let Some(status) = &fields.status {
        set_status(&mut after, &id, status, issue_type, context)?;
    }
    set_custom(&mut after, fields)?;
    Ok(after)
}

/// What is to be said of a title that is asked for and not written.
pub(super) fn remark(current: &Document, fields: &FieldSet) -> Option<String> {
    let (old, new) = (text(current, "title").unwrap_or_default(), fields.title.as_deref()?.trim());
    let is_kept = new != old.trim() && new.to_lowercase() == old.trim().to_lowercase();
    is_kept.then(|| format!("The title stays \"{old}\": for Kanbus other capitals are no other title."))
}

fn set_title(after: &mut Document, id: &str, title: &str, context: &Context<'_>) -> Result<(), Refusal> {
    let old = text(after, "title").unwrap_or_default();
    // Kanbus: other capitals are no other title.
    if title.to_lowercase() == old.trim().to_lowercase() {
        return Ok(());
    }
    no_duplicate(context.around, title, Source::Shared, Some(id))?;
    put(after, "title", &Value::from(title))
}

fn set_description(after: &mut Document, description: &str) -> Result<(), Refusal> {
    if description.is_empty() && value(after, "description").is_null() {
        return Ok(());
    }
    put(after, "description", &Value::from(description))
}

pub(super) fn check_priority(priority: i64, context: &Context<'_>) -> Result<(), Refusal> {
    let known = &context.config.priorities;
    if known.iter().any(|known| known.value == priority) {
        return Ok(());
    }
    let known: Vec<String> = known.iter().map(|known| known.value.to_string()).collect();
    Err(Refusal::invalid("invalid priority").hint(format!("These are configured: {}.", known.join(", "))))
}

fn set_labels(after: &mut Document, fields: &FieldSet) -> Result<(), Refusal> {
    let labels = |document: &Document| -> Result<Vec<String>, Refusal> {
        let elements = list(document, "labels")?;
        Ok(elements.iter().map(|text| parsed(Some(text)).as_str().unwrap_or_default().to_owned()).collect())
    };
    let mut held = labels(after)?;
    for label in &fields.add_labels {
        let Some(label) = bounds::label(label)? else { continue };
        if held.iter().any(|held| held.eq_ignore_ascii_case(label)) {
            continue;
        }
        make_list(after, "labels")?;
        after.insert(&[Step::Key("labels")], held.len(), label)?;
        held.push(label.to_owned());
    }
    let is_unwanted =
        |held: &str| fields.remove_labels.iter().any(|label| held.eq_ignore_ascii_case(label.trim()));
    for at in (0..held.len()).rev() {
        if is_unwanted(&held[at]) {
            after.remove(&[Step::Key("labels"), Step::At(at)])?;
        }
    }
    Ok(())
}

fn set_parent(
    after: &mut Document,
    id: &str,
    parent: Option<&str>,
    issue_type: &str,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let Some(name) = parent.map(str::trim).filter(|name| !name.is_empty()) else {
        return put(after, "parent", &Value::Null);
    };
    // What is there already is not judged again.
    if text(after, "parent").as_deref() == Some(name) {
        return Ok(());
    }
    let parent = hierarchy::parent(context.config, context.around, (name, Source::Shared), issue_type)?;
    hierarchy::no_loop(context.around, id, &parent)?;
    put(after, "parent", &Value::from(parent))
}

fn sign(after: &mut Document, context: &Context<'_>) -> Result<(), Refusal> {
    let existing = Agent::read(value(after, "agent"));
    let assigned = Agent::assigned(existing.clone(), context.actor.agent.as_ref())?;
    if assigned != existing {
        super::record::put_as(after, "agent", &assigned)?;
    }
    Ok(())
}

fn set_status(
    after: &mut Document,
    id: &str,
    status: &str,
    issue_type: &str,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let old = text(after, "status").unwrap_or_default();
    if status == old {
        return Ok(());
    }
    workflow::check_value(context.config, issue_type, status, Some(id))?;
    workflow::check_move(context.config, issue_type, &old, status)?;
    put(after, "status", &Value::from(status))?;
    if status == CLOSED {
        put(after, "closed_at", &Value::from(spelling::spelled(context.now)))?;
    } else if old == CLOSED {
        put(after, "closed_at", &Value::Null)?;
    }
    Ok(())
}

fn set_custom(after: &mut Document, fields: &FieldSet) -> Result<(), Refusal> {
    for (key, new) in &fields.custom {
        let path = [Step::Key("custom"), Step::Key(key)];
        if new.is_null() {
            after.remove(&path)?;
            continue;
        }
        // By its text: what this program cannot read is not nothing.
        if after.get("custom").is_none_or(|custom| custom.trim() == "null") {
            super::record::put_as(after, "custom", &serde_json::Map::new())?;
        }
        if after.at(&path).is_some() && parsed(after.at(&path)) == *new {
            continue;
        }
        // Kanbus writes these sorted.
        let custom = after.get("custom").unwrap_or_default().as_bytes().to_vec();
        let custom =
            Document::parse(custom).ok().ok_or_else(|| Refusal::unreadable("`custom` is not an object"))?;
        let mut order: Vec<&str> = custom.keys().collect();
        order.push(key);
        order.sort_unstable();
        if !after.set(&path, new, &order)? {
            return Err(Refusal::unreadable("`custom` is not an object"));
        }
    }
    Ok(())
}
