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
        let other = other_place(place);
        let key = |place: &Place| (Box::from(id), place.clone());
        let came = |place: &Place| {
            let was = self.issues.get(&key(place)).is_some_and(|was| was.issue.is_some());
            (was, shown(board, id, place).is_some())
        };
        let (here, there) = (came(place), came(&other));
        self.issues.contains_key(&key(&other)) && here.0 != here.1 && here.0 == there.1 && here.1 == there.0
    }
}

/// The other place of its project.
fn other_place(place: &Place) -> Place {
    let source = match place.source {
        Source::Shared => Source::Local,
        Source::Local => Source::Shared,
    };
    Place { project: place.project.clone(), source }
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

    /// Heeds that `event` tells of this end, where somebody brought it about and not Git.
    pub fn heed(&mut self, event: &EventSight) {
        let is_end = event.event.event_type == "issue_deleted" && self.is_gone();
        if is_end
            && !event.by_git
            && event.place == self.place
            && event.around.subject.id == self.around.subject.id
        {
            self.by_git = false;
        }
    }

    /// Whether the issue was not there before.
    pub fn is_new(&self) -> bool {
        self.before.is_none()
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
    /// The event that was told of the issue `id` in `place`, or that has gone to the other place of its project by now.
    /// `Err` gives it back where the board does not show the issue:
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
        let there = |place: Place| Some((Subject::of(board, id, &place)?, place));
        let other = other_place(&place);
        let Some((subject, place)) = there(place).or_else(|| there(other)) else { return Err(event) };
        let issue = shown(board, id, &place);
        let around = Around::of(board, subject, &place, issue);
        Ok(around.map(|around| Self { around, place, event, by_git: false }))
    }

    /// The event that was told of the issue `id` in `place` where `end` is the end of that, and the event tells it.
    ///
    /// # Errors
    /// Gives the event back where it is not so.
    pub fn of_end(
        end: &Sight,
        place: &Place,
        id: &str,
        event: Box<EventEntry>,
    ) -> Result<Self, Box<EventEntry>> {
        let is_it =
            end.is_gone() && end.place == *place && issue_of(id) == Some(end.around.subject.id.as_str());
        if !is_it || event.event_type != "issue_deleted" {
            return Err(event);
        }
        Ok(Self { around: end.around.clone(), place: place.clone(), event, by_git: false })
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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    use crate::attention::Me;
    use crate::attention::change::Kind;
    use crate::board::Holder;
    use crate::unit::{self, ProblemCode, ProblemKind, Stage};

    fn place(source: Source) -> Place {
        Place { project: "k".into(), source }
    }

    const SHARED: Source = Source::Shared;

    fn document(id: &str, title: &str, status: &str) -> Fields {
        let value = serde_json::json!({"id": id, "title": title, "status": status, "comments": []});
        value.as_object().unwrap().clone()
    }

    fn parsed(fields: &Fields) -> Issue {
        Issue::parse(serde_json::to_string(fields).unwrap().as_bytes()).unwrap()
    }

    fn file(id: &str, source: Source, title: &str, status: &str) -> Observation {
        let issue = parsed(&document(id, title, status));
        let holder = Holder {
            place: place(source),
            issue,
            content: format!("{title} {status}").into(),
            stage: Stage::Written,
        };
        Observation::Issue { id: id.into(), holder: Box::new(holder) }
    }

    fn gone(id: &str, source: Source) -> Observation {
        Observation::Gone { id: id.into(), place: place(source) }
    }

    fn heard(id: &str, said: Option<(&str, &str)>) -> Observation {
        let heard = said.map(|(title, status)| {
            let fields = document(id, title, status);
            let mark = unit::Heard { at: String::new(), deleted: false, fields: Vec::new(), from: None };
            let issue = Some(parsed(&fields));
            Box::new(crate::overlay::Heard { mark, issue, fields, refuses: false })
        });
        Observation::Heard { id: id.into(), place: place(SHARED), heard }
    }

    fn problem(id: &str, message: Option<&str>, severity: Severity) -> Observation {
        let path = format!("project/issues/{id}.json");
        let problem = message.map(|message| {
            Box::new(Problem {
                code: ProblemCode::Unreadable,
                column: None,
                hint: None,
                kind: ProblemKind::Is,
                line: None,
                message: message.to_owned(),
                path: path.clone(),
                severity,
            })
        });
        Observation::Problem { path, problem }
    }

    fn laid_out(labels: &[&str]) -> Observation {
        let projects = labels.iter().map(|label| ((*label).into(), String::new(), Arc::default())).collect();
        Observation::Projects { name: "B".to_owned(), projects }
    }

    /// A board with a project and two issues.
    fn board() -> Board {
        let mut board = Board::default();
        for observation in
            [laid_out(&["k"]), file("k-1", SHARED, "T", "open"), file("k-2", SHARED, "U", "open")]
        {
            board.apply(observation).unwrap();
        }
        board.settle().unwrap();
        board
    }

    fn observe(board: &mut Board, observations: Vec<Observation>) -> Vec<Seen> {
        let before = Before::of(board, &observations);
        observations.into_iter().for_each(|observation| board.apply(observation).unwrap());
        board.settle().unwrap();
        before.seen(board)
    }

    /// How each change that is seen became known, of which kind it is, and of which issue.
    fn told(board: &mut Board, observations: Vec<Observation>) -> Vec<(Told, Kind, String)> {
        let me = Me::called(["ann"]);
        let telling = Telling { at: Timestamp::UNIX_EPOCH, me: &me, document: None };
        let seen = observe(board, observations);
        let changes = seen.iter().flat_map(|seen| seen.changes(telling));
        changes.map(|change| (change.told, change.what.kind(), change.subject.id)).collect()
    }

    fn one(told: Told, kind: Kind) -> Vec<(Told, Kind, String)> {
        vec![(told, kind, "k-1".to_owned())]
    }

    #[test]
    fn a_file_that_comes_changes_and_goes_is_seen_as_that() {
        let mut board = board();
        assert_eq!(told(&mut board, vec![file("k-1", SHARED, "T", "done")]), one(Told::Written, Kind::Moved));
        assert_eq!(told(&mut board, vec![file("k-1", SHARED, "T", "done")]), [], "said twice is said once");
        assert_eq!(told(&mut board, vec![gone("k-1", SHARED)]), one(Told::Written, Kind::Deleted));
        assert_eq!(told(&mut board, vec![gone("k-1", SHARED)]), []);
        assert_eq!(
            told(&mut board, vec![file("k-1", SHARED, "T", "open")]),
            one(Told::Written, Kind::Created)
        );
        let there_and_back = vec![file("k-1", SHARED, "X", "open"), file("k-1", SHARED, "T", "open")];
        assert_eq!(told(&mut board, there_and_back), [], "what is observed at once is seen at once");
    }

    #[test]
    fn what_is_heard_is_seen_once_and_its_end_is_no_change() {
        let mut board = board();
        assert_eq!(told(&mut board, vec![heard("k-1", Some(("T", "done")))]), one(Told::Heard, Kind::Moved));
        let written = vec![file("k-1", SHARED, "T", "done"), heard("k-1", None)];
        assert_eq!(told(&mut board, written), [], "the file says the same");
        assert_eq!(told(&mut board, vec![heard("k-1", Some(("V", "done")))]), one(Told::Heard, Kind::Edited));
        assert_eq!(told(&mut board, vec![heard("k-1", None)]), [], "it was never written");
        told(&mut board, vec![heard("k-1", Some(("W", "done")))]);
        let otherwise = told(&mut board, vec![heard("k-1", None), file("k-1", SHARED, "T", "open")]);
        assert_eq!(otherwise.len(), 2, "the file came to something else than was heard: {otherwise:?}");
        let new = told(&mut board, vec![heard("k-3", Some(("N", "open")))]);
        assert_eq!(new, [(Told::Heard, Kind::Created, "k-3".to_owned())]);
    }

    #[test]
    fn an_issue_that_goes_to_the_other_place_of_its_project_has_neither_gone_nor_come() {
        let mut board = board();
        let to_local = vec![gone("k-1", SHARED), file("k-1", Source::Local, "T", "open")];
        assert_eq!(told(&mut board, to_local), []);
        let back = vec![file("k-1", SHARED, "T", "open"), gone("k-1", Source::Local)];
        assert_eq!(told(&mut board, back), []);
        let copied =
            told(&mut board, vec![file("k-1", Source::Local, "T", "open"), file("k-1", SHARED, "T", "open")]);
        assert_eq!(copied, one(Told::Written, Kind::Created), "it stands in both now");
    }

    #[test]
    fn a_file_that_cannot_be_read_any_more_is_seen_once() {
        let mut board = board();
        let broken = |message| problem("k-1", Some(message), Severity::Error);
        assert_eq!(told(&mut board, vec![broken("cut short")]), one(Told::Written, Kind::Unreadable));
        assert_eq!(told(&mut board, vec![broken("cut shorter")]), [], "it is known to be unreadable");
        assert_eq!(told(&mut board, vec![problem("k-1", None, Severity::Error)]), []);
        assert_eq!(told(&mut board, vec![problem("k-1", Some("odd"), Severity::Warning)]), []);
        assert_eq!(told(&mut board, vec![problem("k-9", Some("x"), Severity::Error)]), [], "nobody knows it");
    }

    #[test]
    fn a_board_that_is_laid_out_anew_tells_nothing_and_the_same_layout_says_nothing() {
        let mut board = board();
        let anew = vec![laid_out(&["k", "l"]), file("k-1", SHARED, "T", "done"), gone("k-2", SHARED)];
        assert_eq!(told(&mut board, anew), []);
        let same = vec![laid_out(&["k", "l"]), file("k-1", SHARED, "T", "open")];
        assert_eq!(told(&mut board, same), one(Told::Written, Kind::Moved));
    }

    #[test]
    fn only_what_was_observed_is_looked_at() {
        let mut board = board();
        for number in 10..200 {
            board.apply(file(&format!("k-{number}"), SHARED, "T", "open")).unwrap();
        }
        let observations = [file("k-1", SHARED, "T", "done"), gone("k-2", SHARED), heard("k-2", None)];
        let before = Before::of(&board, &observations);
        let looked_at: Vec<&str> = before.issues.keys().map(|(id, _)| &**id).collect();
        assert_eq!(looked_at, ["k-1", "k-2"]);
    }

    #[test]
    fn an_event_finds_its_issue_and_the_end_of_one_the_issue_that_is_gone() {
        let mut board = board();
        let event = |kind: &str| {
            let record = serde_json::json!({"event_id": "e", "issue_id": "k-1", "event_type": kind, "actor_id": "bob"});
            Box::new(EventEntry::parse(record.to_string().as_bytes()).unwrap())
        };
        let here = place(SHARED);
        assert!(EventSight::of(&board, here.clone(), "router:k-1", event("x")).unwrap().is_some());
        assert!(EventSight::of(&board, here.clone(), "../k-1", event("x")).unwrap().is_none());
        observe(&mut board, vec![gone("k-1", SHARED), file("k-1", Source::Local, "T", "open")]);
        let moved = EventSight::of(&board, here.clone(), "k-1", event("issue_localized")).unwrap().unwrap();
        assert_eq!(moved.place.source, Source::Local, "it is told where it was");
        observe(&mut board, vec![file("k-1", SHARED, "T", "open"), gone("k-1", Source::Local)]);
        let seen = observe(&mut board, vec![gone("k-1", SHARED)]);
        let [Seen::Issue(end)] = seen.as_slice() else { panic!("{seen:?}") };
        assert!(EventSight::of(&board, here.clone(), "k-1", event("issue_deleted")).is_err());
        let found = EventSight::of_end(end, &here, "k-1", event("issue_deleted")).unwrap();
        let me = Me::called(["ann"]);
        let telling = Telling { at: Timestamp::UNIX_EPOCH, me: &me, document: None };
        let changes = Seen::Event(Box::new(found)).changes(telling);
        assert_eq!((changes[0].by.who.as_deref(), changes[0].what.kind()), (Some("bob"), Kind::Deleted));
        for (place, id, kind) in [
            (&here, "k-2", "issue_deleted"),
            (&here, "k-1", "state_transition"),
            (&place(Source::Local), "k-1", "issue_deleted"),
        ] {
            assert!(EventSight::of_end(end, place, id, event(kind)).is_err(), "{id} {kind}");
        }
    }
}
