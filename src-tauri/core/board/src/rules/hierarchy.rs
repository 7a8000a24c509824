//! Which issue may stand below which.

use super::Context;
use super::around::{Around, resolve};
use super::refusal::Refusal;
use crate::config::Config;
use crate::issue::Issue;
use crate::unit::Source;

/// Refuses a child of a type that a parent of that type may not have.
pub(super) fn check_types(config: &Config, parent: &str, child: &str) -> Result<(), Refusal> {
    if config.child_types(parent).any(|kind| kind == child) {
        return Ok(());
    }
    let message = format!("invalid parent-child relationship: '{parent}' cannot have child '{child}'");
    let below: Vec<&str> = config.child_types(parent).collect();
    Err(Refusal::rule(message).hint(match &below[..] {
        [] => format!("Nothing can stand below '{parent}'."),
        below => format!("Below '{parent}' can stand: {}.", below.join(", ")),
    }))
}

/// The full id of the parent that `name` means, where a child of that type may stand below it.
pub(super) fn parent(
    config: &Config,
    around: &dyn Around,
    (name, source): (&str, Source),
    child_type: &str,
) -> Result<String, Refusal> {
    let id = resolve(around, name, source)?;
    let Some(parent) = around.issue(&id, source) else {
        return Err(Refusal::not_found(format!("There is no issue `{id}`.")));
    };
    check_types(config, type_of(parent), child_type)?;
    Ok(id)
}

/// Refuses a parent that stands below `id` already, or is it.
pub(super) fn no_loop(around: &dyn Around, id: &str, parent: &str) -> Result<(), Refusal> {
    let mut above = Some(parent.to_owned());
    let mut seen = Vec::new();
    while let Some(ancestor) = above {
        if ancestor == id {
            return Err(Refusal::rule(format!("circular parent: {id} would stand below itself"))
                .hint("Choose a parent that does not stand below it."));
        }
        // The file may have a loop of its own, which is not this edit's.
        if seen.contains(&ancestor) {
            break;
        }
        above = around.anywhere(&ancestor).and_then(|issue| issue.parent.as_deref()).map(str::to_owned);
        seen.push(ancestor);
    }
    Ok(())
}

/// Refuses a type that is not configured.
pub(super) fn check_known(config: &Config, issue_type: &str) -> Result<(), Refusal> {
    if config.types.iter().any(|kind| kind.key == issue_type) {
        return Ok(());
    }
    let known: Vec<&str> = config.types.iter().map(|kind| kind.key.as_str()).collect();
    Err(Refusal::invalid("unknown issue type").hint(format!("These are known: {}.", known.join(", "))))
}

/// Refuses a type that does not fit between the parent and the children.
pub(super) fn check_type_change(
    config: &Config,
    around: &dyn Around,
    (id, parent): (&str, Option<&str>),
    issue_type: &str,
) -> Result<(), Refusal> {
    check_known(config, issue_type)?;
    if let Some(parent) = parent {
        let Some(parent) = around.issue(parent, Source::Shared) else {
            return Err(Refusal::not_found(format!("Its parent `{parent}` is not there.")));
        };
        check_types(config, type_of(parent), issue_type)?;
    }
    let mut refusal = None;
    around.children(id, &mut |child| {
        if child.source == Source::Shared && refusal.is_none() {
            refusal = check_types(config, issue_type, type_of(child.issue)).err();
        }
    });
    refusal.map_or(Ok(()), Err)
}

/// What is against an issue of type `kind` below `parent`, when it comes back there; nothing where it has none.
pub(super) fn above(context: &Context<'_>, id: &str, (parent, kind): (Option<&str>, &str)) -> Vec<Refusal> {
    let Some(parent) = parent else { return Vec::new() };
    let Some(issue) = context.around.anywhere(parent) else {
        return vec![Refusal::not_found(format!("Its parent `{parent}` is not there any more."))];
    };
    let types = check_types(context.config, type_of(issue), kind);
    types.err().into_iter().chain(no_loop(context.around, id, parent).err()).collect()
}

/// What is against the issue `id` being of type `kind`, when it becomes that again.
pub(super) fn below(context: &Context<'_>, id: &str, kind: &str) -> Vec<Refusal> {
    let mut against: Vec<Refusal> = check_known(context.config, kind).err().into_iter().collect();
    context.around.children(id, &mut |child| {
        let refusal = check_types(context.config, kind, type_of(child.issue)).err();
        // Once for all children of a type.
        let is_new = |refusal: &Refusal| against.iter().all(|known| known.message != refusal.message);
        if child.source == Source::Shared
            && let Some(refusal) = refusal.filter(is_new)
        {
            against.push(refusal);
        }
    });
    against
}

pub(super) fn type_of(issue: &Issue) -> &str {
    issue.issue_type.as_deref().unwrap_or_default()
}
