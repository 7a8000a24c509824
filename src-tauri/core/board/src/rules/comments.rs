//! Comments: added, changed, deleted.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::agent::Agent;
use super::record::{id, list, make_list, parsed};
use super::refusal::{Code, Conflict, Refusal, Sides};
use super::{Context, bounds, fences, spelling};
use crate::document::{Document, Step};
use crate::moment::Moment;

/// The order in which Kanbus writes a comment.
const ORDER: [&str; 7] = ["id", "author", "text", "created_at", "comment_type", "data", "agent"];

/// A comment as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comment<'a> {
    /// Its id; the one that Kanbus would give it where the file says none.
    pub(super) id: String,
    pub(super) author: String,
    pub(super) text: Option<String>,
    pub(super) agent: Option<Agent>,
    /// What stands in the file.
    pub(super) raw: &'a str,
}

#[derive(Serialize)]
struct New<'a> {
    id: String,
    author: &'a str,
    text: &'a str,
    created_at: String,
    comment_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a Agent>,
}

/// The comments of an issue.
pub(super) fn all(document: &Document) -> Result<Vec<Comment<'_>>, Refusal> {
    let issue = id(document)?;
    let elements = list(document, "comments")?;
    Ok(elements.into_iter().enumerate().map(|(at, raw)| comment(&issue, at, raw)).collect())
}

fn comment<'a>(issue: &str, at: usize, raw: &'a str) -> Comment<'a> {
    let mut value = parsed(Some(raw));
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let (id, author, text, created) =
        (text("id"), text("author").unwrap_or_default(), text("text"), text("created_at"));
    let id = id.filter(|id| !id.is_empty());
    let id = id.unwrap_or_else(|| derived_id(issue, at, &created.unwrap_or_default(), &author));
    let agent = value.get_mut("agent").map(Value::take).and_then(Agent::read);
    Comment { id, author, text, agent, raw }
}

/// The id that Kanbus's Rust client gives a comment of an older release.
fn derived_id(issue: &str, at: usize, created: &str, author: &str) -> String {
    let created =
        Moment::parse(created).map(|moment| spelling::spelled(moment.instant()).replace('Z', "+00:00"));
    let seed = format!("{issue}:{at}:{}:{author}", created.unwrap_or_default());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, seed.as_bytes()).to_string()
}

/// Adds a comment of the actor's.
pub(super) fn add(current: &Document, text: &str, context: &mut Context<'_>) -> Result<Document, Refusal> {
    check(text)?;
    let mut after = current.clone();
    let count = list(current, "comments")?.len();
    make_list(&mut after, "comments")?;
    let new = New {
        id: (context.fresh)(),
        author: &context.actor.name,
        text,
        created_at: spelling::spelled(context.now),
        comment_type: "default",
        agent: context.actor.agent.as_ref(),
    };
    after.insert(&[Step::Key("comments")], count, &new)?;
    Ok(after)
}

/// Changes what a comment says.
pub(super) fn edit(
    current: &Document,
    prefix: &str,
    text: &str,
    was: Option<&str>,
    context: &Context<'_>,
) -> Result<Document, Refusal> {
    check(text)?;
    let comments = all(current)?;
    let at = find(&comments, prefix)?;
    let comment = &comments[at];
    let theirs = comment.text.as_deref().unwrap_or_default();
    let is_new = theirs != text;
    if let Some(was) = was
        && is_new
        && was != theirs
    {
        let sides = Sides { base: Value::from(was), theirs: Value::from(theirs), mine: Value::from(text) };
        let fields = [(format!("comments.{}", comment.id), sides)].into();
        return Err(Conflict { fields }.into());
    }
    let agent = Agent::assigned(comment.agent.clone(), context.actor.agent.as_ref())?;
    let mut after = current.clone();
    let path = |key| [Step::Key("comments"), Step::At(at), Step::Key(key)];
    if is_new {
        after.set(&path("text"), text, &ORDER)?;
    }
    if agent != comment.agent {
        after.set(&path("agent"), &agent, &ORDER)?;
    }
    // The event names the comment, so the file has to name it as well.
    if after != *current && after.at(&path("id")).is_none_or(|id| matches!(id, "null" | "\"\"")) {
        after.set(&path("id"), &comment.id, &ORDER)?;
    }
    Ok(after)
}

/// Deletes a comment.
pub(super) fn delete(current: &Document, prefix: &str) -> Result<Document, Refusal> {
    let at = find(&all(current)?, prefix)?;
    let mut after = current.clone();
    after.remove(&[Step::Key("comments"), Step::At(at)])?;
    Ok(after)
}

fn check(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid("comment text is required").hint("Say something."));
    }
    bounds::text("the comment", text)?;
    fences::check(text)
}

/// Where the comment stands whose id begins with `prefix`.
fn find(comments: &[Comment<'_>], prefix: &str) -> Result<usize, Refusal> {
    let wanted = prefix.trim().to_ascii_lowercase();
    if wanted.is_empty() {
        return Err(Refusal::invalid("comment id is required").hint("Say which comment."));
    }
    bounds::name("the comment's id", &wanted)?;
    let begins = |comment: &Comment<'_>| comment.id.to_ascii_lowercase().starts_with(&wanted);
    let matches: Vec<usize> = (0..comments.len()).filter(|at| begins(&comments[*at])).collect();
    match matches[..] {
        [at] => Ok(at),
        [] => Err(Refusal::new(Code::NotFound, "comment not found").hint("Somebody may have deleted it.")),
        _ => {
            let short = |at: &usize| comments[*at].id.chars().take(6).collect::<String>();
            let ids: Vec<String> = matches.iter().map(short).collect();
            let message = format!("comment id prefix is ambiguous; matches: {}", ids.join(", "));
            Err(Refusal::invalid(message).hint("Give the full id."))
        }
    }
}
