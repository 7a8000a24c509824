//! An issue as a whole: its file, its texts rendered, its history.
//!
//! Not here: the card, which the board has.

use std::time::SystemTime;

use hearsay_board::{Place, event};
use hearsay_repo::{History, IssueFile, Repository};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::render::Renderer;
use crate::wire::{CommentHtml, EventPage, IssueDetail, IssueHtml, WireError};

/// Where the answers come from.
#[derive(Debug)]
pub(crate) struct Detail<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) history: &'a History,
    /// The time of the question.
    pub(crate) now: SystemTime,
}

impl Detail<'_> {
    /// The issue `id` in `place`.
    pub(crate) fn issue(&self, place: &Place, id: &str) -> Result<IssueDetail, WireError> {
        let file = IssueFile::read(self.repository, place, id, self.now)?;
        let page = self.history.page(&file.events, id, None, self.now);
        let comments = file.document.get("comments").and_then(|json| serde_json::from_str(json).ok());
        let comments: Vec<Value> = comments.unwrap_or_default();
        let description =
            file.document.get("description").and_then(|json| serde_json::from_str::<String>(json).ok());
        let mut renderer = Renderer::default();
        let description = renderer.render(&description.unwrap_or_default());
        let comments = comments.iter().map(|json| comment(json, &mut renderer)).collect();
        let issue = RawValue::from_string(file.document.text().to_owned());
        Ok(IssueDetail {
            base: file.base,
            events: page.events,
            events_next: page.next,
            heard: None,
            html: IssueHtml { comments, description },
            issue: issue.map_err(|error| WireError::internal(&error))?,
            path: file.path,
        })
    }

    /// Events of the issue `id` in `place` before the cursor.
    pub(crate) fn events(
        &self,
        place: &Place,
        id: &str,
        before: Option<&str>,
    ) -> Result<EventPage, WireError> {
        let file = IssueFile::read(self.repository, place, id, self.now)?;
        let page = self.history.page(&file.events, id, before, self.now);
        Ok(EventPage { events: page.events, events_next: page.next })
    }
}

fn comment(comment: &Value, renderer: &mut Renderer) -> CommentHtml {
    let text = |key: &str| comment[key].as_str().map(str::to_owned);
    CommentHtml {
        agent: event::agent_name(&comment["agent"]),
        author: text("author"),
        created_at: text("created_at"),
        html: renderer.render(comment["text"].as_str().unwrap_or_default()),
        id: text("id"),
    }
}
