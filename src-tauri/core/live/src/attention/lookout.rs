//! What the owner of the board sees for attention: issues before and after, events, what Git does.
//!
//! Not here: what it means (`driver`).
//!
//! Invariant: what was there when the board was opened is not seen.

use hearsay_board::attention::{Before, EventSight, Seen};
use hearsay_board::{Board, Observation};
use hearsay_repo::News;

use super::{Git, ToAttention, Word};

/// How many events wait for their issues at the most.
const MOST_WAITING: usize = 256;
/// For how many observations an event waits for its issue.
const PATIENCE: u8 = 8;

/// Sees what is applied to a board.
#[derive(Debug)]
pub(crate) struct Lookout {
    to: ToAttention,
    has_started: bool,
    news: Vec<(News, u8)>,
    /// What Git is busy with.
    operation: Option<String>,
}

impl Lookout {
    pub(crate) fn new(to: ToAttention) -> Self {
        Self { to, has_started: false, news: Vec::new(), operation: None }
    }

    /// What has happened; it is seen with the next observation.
    pub(crate) fn happened(&mut self, news: Vec<News>) {
        self.news.extend(news.into_iter().map(|news| (news, 0)));
    }

    /// Looks at `board` before `observations` are applied to it.
    pub(crate) fn before(&self, board: &Board, observations: &[Observation]) -> Before {
        if self.has_started { Before::of(board, observations) } else { Before::default() }
    }

    /// What Git says is so.
    pub(crate) fn git(&mut self, operation: Option<&str>) {
        if self.operation.as_deref() == operation {
            return;
        }
        self.operation = operation.map(str::to_owned);
        if self.has_started {
            self.to.tell(Word::Git(if operation.is_some() { Git::Begins } else { Git::Ends }));
        }
    }

    /// Looks at `board` after that.
    pub(crate) fn after(&mut self, board: &Board, before: Before) {
        if !self.has_started {
            self.has_started = true;
            self.news.clear();
            self.to.tell(Word::Started);
            if self.operation.is_some() {
                self.to.tell(Word::Git(Git::Begins));
            }
            return;
        }
        // First what the files say: an event adds who it was.
        let mut seen = before.seen(board);
        for (news, waited) in std::mem::take(&mut self.news) {
            match news {
                News::HeadMoved => self.to.tell(Word::Git(Git::Moved)),
                News::Event { place, issue, event } => {
                    match EventSight::of(board, place.clone(), &issue, event) {
                        Ok(sight) => seen.extend(sight.map(|sight| Seen::Event(Box::new(sight)))),
                        Err(event) if waited < PATIENCE && self.news.len() < MOST_WAITING => {
                            self.news.push((News::Event { place, issue, event }, waited + 1));
                        }
                        // Of an issue that is not there, its end is told by its file.
                        Err(_) => {}
                    }
                }
            }
        }
        if !seen.is_empty() {
            self.to.tell(Word::Seen(seen));
        }
    }
}
