//! What the owner of the board sees for attention: issues before and after, events, what Git does.
//!
//! Not here: what it means (`driver`).
//!
//! Invariant: what was there when the board was opened is not seen.

use hearsay_board::attention::{Before, EventSight, Seen, Sight};
use hearsay_board::event::EventEntry;
use hearsay_board::{Board, Observation, Place};
use hearsay_repo::News;

use super::{ToAttention, Word};

/// How many events wait for their issues at the most.
const MOST_WAITING: usize = 256;
/// For how many observations an event waits for its issue.
const PATIENCE: u8 = 8;

/// An event: where, what it names as the issue, what it tells, and whether Git has brought it.
type Told = (Place, Box<str>, Box<EventEntry>, bool);

/// Sees what is applied to a board.
#[derive(Debug)]
pub(crate) struct Lookout {
    to: ToAttention,
    has_started: bool,
    news: Vec<(News, u8)>,
    /// The issues that went last, and how many observations ago.
    gone: Vec<(Sight, u8)>,
}

impl Lookout {
    pub(crate) fn new(to: ToAttention) -> Self {
        Self { to, has_started: false, news: Vec::new(), gone: Vec::new() }
    }

    /// What has happened; it is seen with the next observation.
    pub(crate) fn happened(&mut self, news: Vec<News>) {
        self.news.extend(news.into_iter().map(|news| (news, 0)));
    }

    /// Looks at `board` before `observations` are applied to it.
    pub(crate) fn before(&self, board: &Board, observations: &[Observation]) -> Before {
        if self.has_started { Before::of(board, observations) } else { Before::default() }
    }

    /// Looks at `board` after that.
    pub(crate) fn after(&mut self, board: &Board, before: Before) {
        if !self.has_started {
            self.has_started = true;
            self.news.clear();
            self.to.tell(Word::Started);
            return;
        }
        // First what the files say: an event adds who it was.
        let mut seen = before.seen(board);
        self.remember_gone(&seen);
        for (news, waited) in std::mem::take(&mut self.news) {
            match news {
                News::HeadMoved => self.to.tell(Word::GitMoved),
                News::ByGit { place, id } => {
                    let is_it = |seen: &&mut Seen| seen.issue() == Some((&place, &*id));
                    seen.iter_mut().filter(is_it).for_each(Seen::mark_by_git);
                }
                News::Event { place, issue, event, by_git } => {
                    seen.extend(self.event(board, (place, issue, event, by_git), waited));
                }
            }
        }
        if !seen.is_empty() {
            self.to.tell(Word::Seen(seen));
        }
    }

    fn remember_gone(&mut self, seen: &[Seen]) {
        self.gone.retain_mut(|(_, ago)| {
            *ago += 1;
            *ago < PATIENCE
        });
        let gone = seen.iter().filter_map(|seen| match seen {
            Seen::Issue(sight) if sight.is_gone() => Some((Sight::clone(sight), 0)),
            _ => None,
        });
        self.gone.extend(gone.take(MOST_WAITING));
        let more = self.gone.len().saturating_sub(MOST_WAITING);
        self.gone.drain(..more);
    }

    /// What an event is seen as, unless it waits for its issue.
    fn event(&mut self, board: &Board, event: Told, waited: u8) -> Option<Seen> {
        let (place, issue, event, by_git) = event;
        match EventSight::of(board, place.clone(), &issue, event) {
            Ok(sight) => Some(seen_event(sight?, by_git)),
            Err(event) => self.of_gone((place, issue, event, by_git), waited),
        }
    }

    /// The same of an issue that the board does not show: it has just gone, or is about to come.
    fn of_gone(&mut self, event: Told, waited: u8) -> Option<Seen> {
        let (place, issue, mut event, by_git) = event;
        for (gone, _) in &self.gone {
            event = match EventSight::of_end(gone, &place, &issue, event) {
                Ok(sight) => return Some(seen_event(sight, by_git)),
                Err(event) => event,
            };
        }
        // Of an issue that never comes nothing can be said.
        if waited < PATIENCE && self.news.len() < MOST_WAITING {
            self.news.push((News::Event { place, issue, event, by_git }, waited + 1));
        }
        None
    }
}

fn seen_event(sight: EventSight, by_git: bool) -> Seen {
    let mut seen = Seen::Event(Box::new(sight));
    if by_git {
        seen.mark_by_git();
    }
    seen
}
