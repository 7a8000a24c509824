//! An issue as a whole: its file, its texts rendered, its history.
//!
//! Not here: the card, which the board has.

use std::time::SystemTime;

use hearsay_board::overlay::{Fields, Heard};
use hearsay_board::rules::Legal;
use hearsay_board::{Place, event};
use hearsay_repo::{History, IssueFile, RepoError, Repository};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::render::Renderer;
use crate::wire::{CommentHtml, EventPage, HeardDetail, HeardField, IssueDetail, IssueHtml, WireError};

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
    pub(crate) fn issue(
        &self,
        place: &Place,
        id: &str,
        heard: Option<&Heard>,
    ) -> Result<IssueDetail, WireError> {
        let file = match (IssueFile::read(self.repository, place, id, self.now), heard) {
            (Err(RepoError::NoSuchIssue { .. }), Some(heard)) => {
                IssueFile::heard_only(self.repository, place, id, &heard.fields, self.now)?
            }
            (read, _) => read?,
        };
        let page = self.history.page(&file.events, id, None, self.now);
        let fields: Fields = serde_json::from_str(file.document.text()).unwrap_or_default();
        let mut renderer = Renderer::default();
        let html = texts(&fields, &mut renderer);
        let heard = heard.map(|heard| heard_beyond(&fields, heard, &mut renderer));
        let issue = RawValue::from_string(file.document.text().to_owned());
        Ok(IssueDetail {
            base: file.base,
            events: page.events,
            events_next: page.next,
            heard,
            html,
            // The board says that.
            legal: Legal::default(),
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

fn texts(fields: &Fields, renderer: &mut Renderer) -> IssueHtml {
    let description = fields.get("description").and_then(Value::as_str).unwrap_or_default();
    let description = renderer.render(description);
    let comments = fields.get("comments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    IssueHtml { comments: comments.iter().map(|json| comment(json, renderer)).collect(), description }
}

/// What `heard` says beyond `file`.
fn heard_beyond(file: &Fields, heard: &Heard, renderer: &mut Renderer) -> HeardDetail {
    let value = |fields: &Fields, field: &str| fields.get(field).cloned().unwrap_or_default();
    let fields = heard.mark.fields.iter().map(|field| HeardField {
        base: value(file, field),
        field: field.clone(),
        heard: value(&heard.fields, field),
    });
    HeardDetail {
        at: heard.mark.at.clone(),
        deleted: heard.mark.deleted,
        fields: fields.collect(),
        from: heard.mark.from.clone(),
        html: texts(&heard.fields, renderer),
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
