//! Noting what the person has written, so that it is not told to them as another's.
//!
//! Not here: what the note means (`hearsay_board::attention::ledger`).
//!
//! Invariant: it is noted before anybody is told of the write.

use hearsay_board::attention::Content;
use hearsay_board::attention::ledger::Write;
use hearsay_board::rules::EventDraft;
use hearsay_board::{Document, Issue};

use super::Work;
use crate::attention::{Word, append};

impl Work<'_> {
    /// Notes that the person has made `document` of the issue `id`, or deleted it, and by which events that is told.
    pub(super) fn note_own(&self, id: &str, document: Option<&Document>, events: Vec<String>) {
        let issue = document.map(|document| Issue::parse(document.text().as_bytes()));
        let content = match issue.transpose() {
            Ok(issue) => issue.as_ref().map_or(Content::GONE, Content::of),
            Err(error) => {
                return tracing::error!(%error, "what was just written cannot be read");
            }
        };
        let write = Write { at: self.now(), content, events, issue: id.to_owned() };
        self.commands.attention.tell(Word::Own(write.clone()));
        if let Some(directory) = &self.commands.surroundings.data
            && let Err(error) = append(directory, &write, write.at)
        {
            // This process knows all the same.
            tracing::warn!(%error, path = %directory.display(), "other processes do not hear of an own write");
        }
    }
}

/// The ids of `events`.
pub(super) fn ids(events: &[EventDraft]) -> Vec<String> {
    events.iter().map(|event| event.event_id.clone()).collect()
}
