//! Deleting an issue, alone or with everything below it.

use super::Context;
use super::events::{EventDraft, Payload, draft};
use super::refusal::Refusal;
use crate::unit::Source;

/// An issue that goes, and its event files with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Doomed {
    /// The stem of its file's name.
    pub id: String,
    /// Where its file lies.
    pub source: Source,
    /// The event to leave. Kanbus leaves none where it deletes what is below as well.
    pub event: Option<EventDraft>,
}

/// Deletes `id`, with everything below it if `recursive`: in the order in which the files go, the deepest first.
/// What undoes it is [`restore`](super::restore) on the bytes of each.
///
/// # Errors
/// Where there is no such issue in `source`.
pub fn delete(
    (id, source): (&str, Source),
    recursive: bool,
    context: &mut Context<'_>,
) -> Result<Vec<Doomed>, Refusal> {
    let around = context.around;
    if around.issue(id, source).is_none() {
        return Err(Refusal::not_found(format!("There is no issue `{id}`.")));
    }
    let mut doomed = vec![Doomed { id: id.to_owned(), source, event: None }];
    if recursive {
        add_descendants(&mut doomed, context);
    } else if context.config.events
        && let Some(issue) = around.issue(id, source)
    {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let payload = Payload::Deleted {
            title: issue.title.clone().into(),
            issue_type: text(issue.issue_type.as_deref()),
            status: text(issue.status.as_deref()),
        };
        doomed[0].event = Some(draft(id, "issue_deleted", payload, context));
    }
    doomed.reverse();
    Ok(doomed)
}

/// Adds level after level, each issue once whatever circle its parents make.
fn add_descendants(doomed: &mut Vec<Doomed>, context: &Context<'_>) {
    let mut seen = std::collections::BTreeSet::from([(doomed[0].id.clone(), doomed[0].source)]);
    let mut at = 0;
    while let Some(parent) = doomed.get(at).map(|doomed| doomed.id.clone()) {
        let mut children = Vec::new();
        context.around.children(&parent, &mut |child| children.push((child.id.to_owned(), child.source)));
        // The last one first, as the whole is turned round in the end.
        children.sort_by(|left, right| right.cmp(left));
        for (id, source) in children {
            if seen.insert((id.clone(), source)) {
                doomed.push(Doomed { id, source, event: None });
            }
        }
        at += 1;
    }
}
