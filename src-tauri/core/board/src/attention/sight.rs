//! From what is observed to changes: what an issue was before an observation, and what it is after.
//!
//! What a change depends on beside the issue is looked up while the board is at hand, so that what it means can be found
//! out elsewhere. Not here: what becomes of changes (`desk`).
//!
//! Invariants:
//! - The cost is that of what was observed.
//! - That what was heard has ended, or stands in the file by now, is no change.
//! - An issue that goes from one place of its project to another in one observation has neither gone nor come.

mod around;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attribution::{Attribution, Clues};
use super::change::{Change, Scene, Told, What, between, comment_agent, issue_of, told};
use super::content::Content;
use super::subject::{Subject, shown};
use crate::board::{Board, Place};
use crate::config::Config;
use crate::event::EventEntry;
use crate::issue::Issue;
use crate::observation::Observation;
use crate::overlay::Fields;
use crate::unit::{Problem, Severity, Source};
use around::Around;
pub use around::Telling;

/// How the issue files of a project end, below `issues/`.
const FILE: (&str, &str) = ("/issues/", ".json");

/// An issue before and after an observation.
#[derive(Debug, Clone)]
pub struct Sight {
    around: Around,
    place: Place,
    before: Option<Issue>,
    after: Option<Issue>,
    told: Told,
    /// Who is behind it, as far as what is heard tells.
    from: Option<String>,
    /// The whole issue, where it is heard.
    fields: Option<Fields>,
    by_git: bool,
}

/// An event, with the issue that it is about.
#[derive(Debug, Clone)]
pub struct EventSight {
    around: Around,
    place: Place,
    event: Box<EventEntry>,
    by_git: bool,
}

/// A file that cannot be read any more.
#[derive(Debug, Clone)]
pub struct Unread {
    subject: Subject,
    path: String,
    message: String,
}

/// What was seen.
#[derive(Debug, Clone)]
pub enum Seen {
    /// An issue is other than it was.
    Issue(Box<Sight>),
    /// An event has come.
    Event(Box<EventSight>),
    /// A file cannot be read.
    Unread(Box<Unread>),
}

/// What issues are before observations that are about to be applied.
#[derive(Debug, Default)]
pub struct Before {
    issues: BTreeMap<(Box<str>, Place), Was>,
    unread: Vec<(String, String)>,
    /// Other projects or other configurations: all that follows is how they have it.
    laid_out_anew: bool,
}

#[derive(Debug)]
struct Was {
    subject: Option<Subject>,
    issue: Option<Issue>,
    by_file: bool,
}

impl Before {
    /// What is so before `observations` are applied to `board`.
    pub fn of(board: &Board, observations: &[Observation]) -> Self {
        let mut before = Self::default();
        for observation in observations {
            match observation {
                Observation::Projects { projects, .. } => {
                    let is_same = |label: &str, config: &Arc<Config>| {
                        board.config(label).is_some_and(|known| **known == **config)
                    };
                    before.laid_out_anew |= !projects.iter().all(|(label, _, config)| is_same(label, config));
                }
                Observation::Issue { id, holder } => before.look(board, id, &holder.place, true),
                Observation::Gone { id, place } => before.look(board, id, place, true),
                Observation::Heard { id, place, .. } => before.look(board, id, place, false),
                Observation::Problem { path, problem: Some(problem) } => before.problem(board, path, problem),
                _ => {}
            }
        }
        before
    }

    fn look(&mut self, board: &Board, id: &str, place: &Place, by_file: bool) {
        let was = self.issues.entry((id.into(), place.clone())).or_insert_with(|| Was {
            subject: Subject::of(board, id, place),
            issue: shown(board, id, place).cloned(),
            by_file: false,
        });
        was.by_file |= by_file;
    }

    fn problem(&mut self, board: &Board, path: &str, problem: &Problem) {
        let is_news = problem.severity == Severity::Error && !board.has_problem_at(path);
        if is_news && path.contains(FILE.0) {
            self.unread.push((path.to_owned(), problem.message.clone()));
        }
    }

    /// What was seen, now that they are applied.
    pub fn seen(self, board: &Board) -> Vec<Seen> {
        if self.laid_out_anew {
            return Vec::new();
        }
        let mut seen: Vec<Seen> = Vec::new();
        for ((id, place), was) in &self.issues {
            if !self.has_moved(board, id, place) {
                seen.extend(sight(board, id, place, was).map(|sight| Seen::Issue(Box::new(sight))));
            }
        }
        seen.extend(self.unread.into_iter().filter_map(|unread| unread_file(board, unread)));
        seen
    }

    /// Whether the issue stands in the other place of its project by the same observations, and no longer in this one,
    /// or the reverse.
    fn has_moved(&self, board: &Board, id: &str, place: &Place) -> bool {
        let other = match place.source {
            Source::Shared => Source::Local,
            Source::Local => Source::Shared,
        };
        let other = Place { project: place.project.clone(), source: other };
        let key = |place: &Place| (Box::from(id), place.clone());
        let came = |place: &Place| {
            let was = self.issues.get(&key(place)).is_some_and(|was| was.issue.is_some());
            (was, shown(board, id, place).is_some())
        };
        let (here, there) = (came(place), came(&other));
        self.issues.contains_key(&key(&other)) && here.0 != here.1 && here.0 == there.1 && here.1 == there.0
    }
}

fn sight(board: &Board, id: &str, place: &Place, was: &Was) -> Option<Sight> {
    let after = shown(board, id, place);
    let heard = board.heard(id, place);
    if !was.by_file && heard.is_none() {
        return None;
    }
    let content = |issue: Option<&Issue>| issue.map(Content::of);
    if content(was.issue.as_ref()) == content(after) {
        return None;
    }
    let subject = Subject::of(board, id, place).or_else(|| was.subject.clone())?;
    let around = Around::of(board, subject, place, after)?;
    let heard = heard.filter(|_| !was.by_file);
    Some(Sight {
        around,
        place: place.clone(),
        before: was.issue.clone(),
        after: after.cloned(),
        told: if was.by_file { Told::Written } else { Told::Heard },
        from: heard.and_then(|heard| heard.mark.from.clone()),
        fields: heard.map(|heard| heard.fields.clone()),
        by_git: false,
    })
}

fn unread_file(board: &Board, (path, message): (String, String)) -> Option<Seen> {
    let (_, id) = path.rsplit_once(FILE.0)?;
    let id = id.strip_suffix(FILE.1)?;
    let (_, place) = board.locate(id)?;
    let subject = Subject::of(board, id, place)?;
    Some(Seen::Unread(Box::new(Unread { subject, path, message })))
}

impl Sight {
    /// Whether the issue is not there any more.
    pub fn is_gone(&self) -> bool {
        self.after.is_none()
    }

    /// Whether it has come, and `gone` went: writers may put a file away before they write it anew, in one place or in the
    /// other of the project.
    pub fn brings_back(&self, gone: &Self) -> bool {
        let is_same =
            self.place.project == gone.place.project && self.around.subject.id == gone.around.subject.id;
        is_same && self.before.is_none()
    }

    /// What came of an issue that was `gone` for a moment; `None` where that is nothing, or its event tells of it.
    pub fn instead_of(self, gone: Self) -> Option<Self> {
        let content = |issue: &Option<Issue>| issue.as_ref().map(Content::of);
        let is_same = self.place != gone.place || content(&self.after) == content(&gone.before);
        (!is_same).then_some(Self { before: gone.before, ..self })
    }

    /// The event that tells of an issue that is gone.
    pub fn event(&self, event: Box<EventEntry>) -> EventSight {
        EventSight { around: self.around.clone(), place: self.place.clone(), event, by_git: self.by_git }
    }

    /// Whether an event in `place` that names `issue` is about it.
    pub fn is_of(&self, place: &Place, issue: &str) -> bool {
        self.place.project == place.project && issue_of(issue) == Some(self.around.subject.id.as_str())
    }

    /// Whether the whole issue says more of it: what was said in a comment, say.
    pub fn wants_document(&self) -> bool {
        let comments = |issue: &Option<Issue>| issue.as_ref().map_or(0, |issue| issue.comments);
        self.fields.is_none()
            && self.after.is_some()
            && (self.before.is_none() || comments(&self.after) != comments(&self.before))
    }

    fn changes(&self, telling: Telling<'_>) -> Vec<Change> {
        let telling = Telling { document: telling.document.or(self.fields.as_ref()), ..telling };
        let content = self.after.as_ref().map_or(Content::GONE, Content::of);
        let by = |what: &What| {
            let said = said_by(what);
            let actor = said.actor.or(self.from.as_deref());
            let lease_owner = self.around.lease.as_deref();
            Attribution::from(Clues { actor, lease_owner, ..said }, telling.me)
        };
        let whats = |scene: &Scene<'_>| between(self.before.as_ref(), self.after.as_ref(), scene);
        let mut changes = self.around.changes(&telling, whats, by);
        for change in &mut changes {
            (change.told, change.content, change.by_git) = (self.told, Some(content), self.by_git);
        }
        changes
    }
}

/// Who a comment says that it is by.
fn said_by(what: &What) -> Clues<'_> {
    match what {
        What::Commented { comment } | What::Mentioned { comment: Some(comment) } => Clues {
            comment_agent: comment.agent.as_deref(),
            actor: comment.author.as_deref(),
            ..Clues::default()
        },
        _ => Clues::default(),
    }
}

impl EventSight {
    /// The event that was told of the issue `id` in `place`. `Err` gives it back where the board does not show the issue:
    /// its file may be about to come.
    ///
    /// # Errors
    /// As said.
    pub fn of(
        board: &Board,
        place: Place,
        id: &str,
        event: Box<EventEntry>,
    ) -> Result<Option<Self>, Box<EventEntry>> {
        let Some(id) = issue_of(id) else { return Ok(None) };
        let Some(subject) = Subject::of(board, id, &place) else { return Err(event) };
        let issue = shown(board, id, &place);
        let around = Around::of(board, subject, &place, issue);
        Ok(around.map(|around| Self { around, place, event, by_git: false }))
    }

    fn changes(&self, telling: Telling<'_>) -> Vec<Change> {
        let event = &self.event;
        let comment = event.payload["comment_id"].as_str();
        let agent = telling.document.zip(comment).and_then(|(document, id)| comment_agent(document, id));
        let clues = Clues {
            event_agent: event.agent.as_deref(),
            comment_agent: agent.as_deref(),
            lease_owner: self.around.lease.as_deref(),
            actor: event.actor_id.as_deref(),
            ..Clues::default()
        };
        let by = Attribution::from(clues, telling.me);
        let mut changes = self.around.changes(&telling, |scene| told(event, scene), |_| by.clone());
        let id = Some(&event.event_id).filter(|id| !id.is_empty());
        changes.iter_mut().for_each(|change| (change.event_id, change.by_git) = (id.cloned(), self.by_git));
        changes
    }
}

impl Seen {
    /// Marks it as Git's doing.
    pub fn mark_by_git(&mut self) {
        match self {
            Self::Issue(sight) => sight.by_git = true,
            Self::Event(sight) => sight.by_git = true,
            Self::Unread(_) => {}
        }
    }

    /// Whether it may have been so before, and is only known since: a file that could not be read then.
    pub fn may_have_been_there(&self) -> bool {
        match self {
            Self::Issue(sight) => sight.told == Told::Written && sight.before.is_none(),
            Self::Event(_) => false,
            Self::Unread(_) => true,
        }
    }

    /// The place and the id of the issue that is other than it was; `None` for an event and a file.
    pub fn issue(&self) -> Option<(&Place, &str)> {
        match self {
            Self::Issue(sight) => Some((&sight.place, sight.around.subject.id.as_str())),
            Self::Event(_) | Self::Unread(_) => None,
        }
    }

    /// The place and the id of the issue, where its whole document says more.
    pub fn wants(&self) -> Option<(&Place, &str)> {
        match self {
            Self::Issue(sight) => {
                sight.wants_document().then_some((&sight.place, sight.around.subject.id.as_str()))
            }
            Self::Event(sight) => {
                let tells =
                    matches!(sight.event.event_type.as_str(), "comment_added" | "router.conversation");
                tells.then_some((&sight.place, sight.around.subject.id.as_str()))
            }
            Self::Unread(_) => None,
        }
    }

    /// The changes that it comes to.
    pub fn changes(&self, telling: Telling<'_>) -> Vec<Change> {
        match self {
            Self::Issue(sight) => sight.changes(telling),
            Self::Event(sight) => sight.changes(telling),
            Self::Unread(unread) => vec![Change {
                at: telling.at,
                by: Attribution::NOBODY,
                by_git: false,
                content: None,
                event_id: None,
                subject: unread.subject.clone(),
                told: Told::Written,
                what: What::Unreadable { path: unread.path.clone(), message: unread.message.clone() },
            }],
        }
    }
}
