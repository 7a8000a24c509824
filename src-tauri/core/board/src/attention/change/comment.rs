//! Comments as a change tells of them.
//!
//! Not here: the whole of what they say, which stays in the file.

use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::attention::attribution::Me;
use crate::attention::text::one_line;
use crate::event::agent_name;

/// The most characters of a comment that are kept.
const EXCERPT: usize = 200;

/// A comment, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Comment {
    /// The agent that it names.
    pub agent: Option<String>,
    /// Who says it.
    pub author: Option<String>,
    /// Its id; older files have none.
    pub id: Option<String>,
    /// Whether it calls this person by name.
    pub mentions_me: bool,
    /// How it begins, in one line.
    pub text: Option<String>,
}

impl Comment {
    pub(super) fn read(value: &Value, me: &Me) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        Self {
            agent: agent_name(&value["agent"]),
            author: text("author").map(str::to_owned),
            id: text("id").map(str::to_owned),
            mentions_me: text("text").is_some_and(|text| me.is_mentioned_in(text)),
            text: text("text").map(|text| one_line(text, EXCERPT)).filter(|text| !text.is_empty()),
        }
    }
}

/// The comments of `document` from the `before`th on: Kanbus appends.
pub(super) fn new_comments<'a>(
    document: &'a Map<String, Value>,
    before: usize,
    me: &'a Me,
) -> impl Iterator<Item = Comment> + 'a {
    all(document).iter().skip(before).map(|comment| Comment::read(comment, me))
}

/// The comment `id` of `document`.
pub(super) fn comment(document: &Map<String, Value>, id: &str, me: &Me) -> Option<Comment> {
    Some(Comment::read(find(document, id)?, me))
}

/// The agent of the comment `id` of `document`: a clue to who is behind an event of that comment.
pub fn comment_agent(document: &Map<String, Value>, id: &str) -> Option<String> {
    agent_name(&find(document, id)?["agent"])
}

fn all(document: &Map<String, Value>) -> &[Value] {
    document.get("comments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn find<'a>(document: &'a Map<String, Value>, id: &str) -> Option<&'a Value> {
    all(document).iter().rev().find(|comment| comment["id"] == *id)
}
