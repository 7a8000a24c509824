//! An issue as a whole: its file, its texts rendered, its history.
//!
//! Not here: the card, which the board has.

use hearsay_board::{Place, event};
use hearsay_repo::{History, IssueFile, Repository};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::render::render;
use crate::wire::{CommentHtml, EventPage, IssueDetail, IssueHtml, WireError};

/// The issue `id` in `place`.
pub(crate) fn issue(
    repository: &Repository,
    history: &History,
    place: &Place,
    id: &str,
) -> Result<IssueDetail, WireError> {
    let file = IssueFile::read(repository, place, id)?;
    let page = history.page(&file.events, id, None);
    let comments = file.document.get("comments").and_then(|json| serde_json::from_str(json).ok());
    let comments: Vec<Value> = comments.unwrap_or_default();
    let description =
        file.document.get("description").and_then(|json| serde_json::from_str::<String>(json).ok());
    let html = IssueHtml {
        comments: comments.iter().map(comment).collect(),
        description: render(&description.unwrap_or_default()),
    };
    let issue = RawValue::from_string(file.document.text().to_owned());
    let issue = issue.map_err(|error| WireError::internal(&error))?;
    Ok(IssueDetail {
        base: file.base,
        events: page.events,
        events_next: page.next,
        heard: (),
        html,
        issue,
        path: file.path,
    })
}

/// Events of the issue `id` in `place` before the cursor.
pub(crate) fn events(
    repository: &Repository,
    history: &History,
    place: &Place,
    id: &str,
    before: Option<&str>,
) -> Result<EventPage, WireError> {
    let file = IssueFile::read(repository, place, id)?;
    let page = history.page(&file.events, id, before);
    Ok(EventPage { events: page.events, events_next: page.next })
}

fn comment(comment: &Value) -> CommentHtml {
    let text = |key: &str| comment[key].as_str().map(str::to_owned);
    CommentHtml {
        agent: event::agent_name(&comment["agent"]),
        author: text("author"),
        created_at: text("created_at"),
        html: render(comment["text"].as_str().unwrap_or_default()),
        id: text("id"),
    }
}
