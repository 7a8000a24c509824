//! The owner of the board: takes one input after another from the queue, and tells the feed what came of it.
//!
//! Not here: who asks (`workspace`), and what an input means (`hearsay_board`).
//!
//! Invariants:
//! - Nobody else touches the board; it is only ever as it was after some input, whole.
//! - With nobody subscribed no patch is built.
//! - A tick does something only while somebody follows, but for the look whether trust was taken back.

use std::fmt;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use hearsay_board::attention::Change;
use hearsay_board::overlay::Heard;
use hearsay_board::rules::Legal;
use hearsay_board::{Board, Observation, Patch, Place as IssuePlace};
use hearsay_gossip::State;
use hearsay_repo::Repository;
use hearsay_repo::watch::{Mode, Report, Watch};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::attention::{Lookout, ToAttention, Word};
use crate::feed::{Frame, Place, QUEUE, frame, json, size};
use crate::hearing::Hearing;
use crate::link_words::LinkWords;
use crate::live_units::{LiveUnit, LiveUnits};
use crate::wire::{self, ErrorCode, Message, Notice, PROTOCOL, RepositoryInfo, WireError};
use crate::workspace::{self, Clock, rfc3339};

const HEARTBEAT: Duration = Duration::from_secs(15);
const PATROL: Duration = Duration::from_secs(60);
/// How soon it is noticed that the person has answered elsewhere, as with `hear trust`, or that a file of variables says
/// something else.
const REVIEW: Duration = Duration::from_secs(2);
/// More writes than this are waited for by nobody.
const MOST_AWAITED: usize = 1024;

/// What goes into the queue.
#[derive(Debug)]
pub(crate) enum Input {
    /// What the watch says.
    Report(Report),
    /// Somebody wants to follow.
    Subscribe(oneshot::Sender<Place>),
    /// Somebody wants the board, as `hear board` prints it, unless it is one of those whose tags are given.
    Board(Vec<String>, oneshot::Sender<workspace::Board>),
    /// Somebody asks where the issue of `card:<key>` lies.
    Locate(String, oneshot::Sender<Option<Located>>),
    /// Somebody waits until the board has seen a write.
    Await(Awaited),
    /// Somebody asks something of the board.
    Ask(Question),
    /// The person agrees to the asks with that digest.
    Agree(String, oneshot::Sender<Result<(), WireError>>),
    /// The person takes that back.
    Disagree(oneshot::Sender<Result<(), WireError>>),
    /// Attention shows what is live at that key.
    Show(&'static str, Option<Box<LiveUnit>>),
    /// Attention tells of changes, and which of them are worth the person's.
    Tell(Vec<Change>, Vec<Notice>),
    /// The repository is being closed.
    Stop,
}

/// A write that the board is to see, and who waits for that.
#[derive(Debug)]
pub(crate) struct Awaited {
    pub(crate) id: String,
    pub(crate) place: IssuePlace,
    /// The blob id of what was written; `None` where the file is gone.
    pub(crate) base: Option<String>,
    pub(crate) seen: SyncSender<()>,
}

impl Awaited {
    /// Whether there is nothing to wait for any more; who waits is told.
    fn is_over(&self, board: &Board) -> bool {
        // Whoever has turned away does not wait.
        board.has_seen(&self.id, &self.place, self.base.as_deref()) && {
            let _ = self.seen.try_send(());
            true
        }
    }
}

type Asking = dyn FnOnce(&Board, &Hearing) + Send;

/// What somebody asks of the board. Asking must be quick: everybody waits for it.
pub(crate) struct Question(pub(crate) Box<Asking>);

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").finish_non_exhaustive()
    }
}

/// Where an issue lies, and what is heard of it beyond its file.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) id: String,
    pub(crate) place: IssuePlace,
    pub(crate) heard: Option<Box<Heard>>,
    /// What may become of it next.
    pub(crate) legal: Legal,
}

/// Tells whoever opens the repository how far that is, and what came of it.
pub(crate) struct Opening {
    /// How many issue files are read, of how many.
    pub(crate) read: watch::Sender<(usize, usize)>,
    pub(crate) done: oneshot::Sender<Result<(), WireError>>,
}

pub(crate) struct Owner {
    board: Board,
    live: LiveUnits,
    info: RepositoryInfo,
    clock: Clock,
    subscribers: Vec<mpsc::Sender<Frame>>,
    opening: Option<Opening>,
    hearing: Hearing,
    link: LinkWords,
    awaited: Vec<Awaited>,
    lookout: Lookout,
    attention: ToAttention,
}

impl Owner {
    pub(crate) fn new(
        repository: &Repository,
        clock: Clock,
        hearing: Hearing,
        attention: ToAttention,
        opening: Opening,
    ) -> Self {
        Self {
            hearing,
            lookout: Lookout::new(attention.clone()),
            attention,
            link: LinkWords::default(),
            awaited: Vec::new(),
            board: Board::default(),
            live: LiveUnits::new(),
            info: info(repository),
            clock,
            subscribers: Vec::new(),
            opening: Some(opening),
        }
    }

    /// Works until the repository is closed. The queue comes last among the parameters, so that it goes first: a watch
    /// that waits for room in it must find it gone before it is waited for, even in a panic.
    pub(crate) async fn run(mut self, files: Watch, mut inbox: mpsc::Receiver<Input>) {
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        let mut patrol = interval_at(Instant::now() + PATROL, PATROL);
        let mut review = interval_at(Instant::now() + REVIEW, REVIEW);
        let mut link = self.hearing.state();
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        patrol.set_missed_tick_behavior(MissedTickBehavior::Delay);
        review.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let followed = !self.subscribers.is_empty();
            let done = tokio::select! {
                biased;
                input = inbox.recv() => match input {
                    None | Some(Input::Stop) => break,
                    Some(input) => self.take(input),
                },
                Ok(()) = link.changed() => {
                    let state = link.borrow_and_update().clone();
                    self.linked(state)
                }
                _ = heartbeat.tick(), if followed => self.beat(),
                _ = patrol.tick(), if followed => {
                    files.patrol();
                    Ok(())
                }
                _ = review.tick(), if self.hearing.is_listening() => {
                    if self.hearing.look() { self.show_trust() } else { Ok(()) }
                }
            };
            if let Err(error) = done {
                tracing::error!(%error, "an input could not be applied");
                self.opened(Err(WireError::internal(&error)));
            }
        }
        drop(inbox);
    }

    fn take(&mut self, input: Input) -> Result<(), serde_json::Error> {
        // Whoever asked may have gone; then the answer is for nobody.
        match input {
            Input::Report(report) => self.take_report(report)?,
            Input::Subscribe(reply) => drop(reply.send(self.subscribe()?)),
            Input::Board(known, reply) => drop(reply.send(self.board(&known)?)),
            Input::Locate(key, reply) => {
                let found = self.board.locate(&key).map(|(id, place)| Located {
                    id: id.to_owned(),
                    place: place.clone(),
                    heard: self.board.heard(id, place).cloned().map(Box::new),
                    legal: self.board.legal(id, place),
                });
                let _ = reply.send(found);
            }
            Input::Await(awaited) if awaited.is_over(&self.board) => {}
            Input::Await(awaited) => {
                // The oldest has waited long enough to have turned away.
                if self.awaited.len() >= MOST_AWAITED {
                    self.awaited.remove(0);
                }
                self.awaited.push(awaited);
            }
            Input::Ask(Question(ask)) => ask(&self.board, &self.hearing),
            Input::Agree(digest, reply) => {
                let done = self.hearing.agree(&digest);
                self.show_trust()?;
                let _ = reply.send(done);
            }
            Input::Disagree(reply) => {
                let done = self.hearing.disagree();
                self.show_trust()?;
                let _ = reply.send(done);
            }
            Input::Show(key, unit) => self.show(key, unit.map(|unit| *unit))?,
            Input::Tell(changes, notices) => self.tell(&changes, &notices)?,
            Input::Stop => {}
        }
        Ok(())
    }

    fn board(&self, known: &[String]) -> Result<workspace::Board, serde_json::Error> {
        let units = self.board.units();
        let tag = units.tag().to_string();
        let is_known = known.iter().any(|other| *other == tag || other == "*");
        let board = wire::Board { to: units.tag(), board: units };
        let json = (!is_known).then(|| json(&board, size(units))).transpose()?;
        Ok(workspace::Board { tag, json })
    }

    fn take_report(&mut self, report: Report) -> Result<(), serde_json::Error> {
        match report {
            Report::Reading(done, total) => {
                if let Some(opening) = &self.opening {
                    // The threads that read may overtake each other.
                    opening.read.send_if_modified(|read| {
                        let further = done > read.0;
                        *read = if further { (done, total) } else { *read };
                        further
                    });
                }
            }
            Report::Happened(news) => self.lookout.happened(news),
            Report::Observed(observations) => self.observe(observations)?,
            Report::Ended => {
                self.opened(Err(WireError::new(ErrorCode::Internal, "the working tree cannot be watched")));
                self.watching(Mode::Blind("the watch has ended; nothing is noticed any more".to_owned()))?;
            }
            Report::Watching(mode) => self.watching(mode)?,
        }
        Ok(())
    }

    fn watching(&mut self, mode: Mode) -> Result<(), serde_json::Error> {
        let watch = wire::Watch::new(mode, rfc3339((self.clock)()));
        self.show("watch", Some(LiveUnit::Watch(watch)))
    }

    fn linked(&mut self, state: Option<State>) -> Result<(), serde_json::Error> {
        let link = state.map(|state| self.link.of(&state, self.hearing.is_broker_optional()));
        self.attention.tell(Word::Link(link.clone().map(Box::new)));
        self.show("link", link.map(LiveUnit::Link))
    }

    fn show_trust(&mut self) -> Result<(), serde_json::Error> {
        self.show("trust", self.hearing.trust().cloned().map(LiveUnit::Trust))
    }

    /// Makes `unit` what is live at `key`, and says so where it is other than before.
    fn show(&mut self, key: &'static str, unit: Option<LiveUnit>) -> Result<(), serde_json::Error> {
        if self.live.get(key) == unit.as_ref() {
            return Ok(());
        }
        let (mut set, mut del) = (LiveUnits::new(), Vec::new());
        match unit {
            Some(unit) => {
                set.insert(key, unit);
            }
            None => {
                self.live.remove(key);
                del.push(key.to_owned());
            }
        }
        self.send(&frame("live", None, &Message::Live { set: &set, del })?);
        self.live.extend(set);
        Ok(())
    }

    /// Tells of changes that are from another.
    fn tell(&mut self, changes: &[Change], notices: &[Notice]) -> Result<(), serde_json::Error> {
        for change in changes {
            self.send(&frame("change", None, &Message::Change { change })?);
        }
        for notice in notices {
            self.send(&frame("notice", None, &Message::Notice(notice))?);
        }
        Ok(())
    }

    fn observe(&mut self, observations: Vec<Observation>) -> Result<(), serde_json::Error> {
        let before = self.lookout.before(&self.board, &observations);
        for observation in observations {
            if let Observation::Projects { projects, .. } = &observation {
                self.hearing.configure(projects);
            }
            self.board.apply(observation)?;
        }
        self.show_trust()?;
        self.board.settle()?;
        let board = &self.board;
        self.awaited.retain(|awaited| !awaited.is_over(board));
        self.subscribers.retain(|subscriber| !subscriber.is_closed());
        if self.subscribers.is_empty() {
            self.board.units_mut().skip_patch();
        } else if let Some(patch) = self.board.units_mut().take_patch() {
            let frame = self.smaller(&patch)?;
            self.send(&frame);
        }
        self.lookout.after(&self.board, before);
        self.opened(Ok(()));
        Ok(())
    }

    /// Says what came of the opening, once.
    fn opened(&mut self, done: Result<(), WireError>) {
        if let Some(opening) = self.opening.take() {
            // Whoever wanted it open may have turned away.
            let _ = opening.done.send(done);
        }
    }

    /// The patch or the full board, whichever is smaller.
    fn smaller(&self, patch: &Patch) -> Result<Frame, serde_json::Error> {
        if patch.weight() < self.board.units().weight() {
            frame("board_delta", Some(patch.to.to_string()), &Message::delta(patch))
        } else {
            self.full()
        }
    }

    fn full(&self) -> Result<Frame, serde_json::Error> {
        let units = self.board.units();
        let full = Message::BoardFull { to: units.tag(), board: units, live: &self.live };
        frame("board_full", Some(units.tag().to_string()), &full)
    }

    fn subscribe(&mut self) -> Result<Place, serde_json::Error> {
        let (subscriber, rest) = mpsc::channel(QUEUE);
        let server_time = rfc3339((self.clock)());
        let hello = Message::Hello { protocol: PROTOCOL, server_time, repository: &self.info };
        let place = Place { hello: frame("hello", None, &hello)?, full: self.full()?, rest };
        self.board.units_mut().skip_patch();
        self.subscribers.push(subscriber);
        Ok(place)
    }

    fn beat(&mut self) -> Result<(), serde_json::Error> {
        self.send(&frame("heartbeat", None, &Message::Heartbeat { server_time: rfc3339((self.clock)()) })?);
        Ok(())
    }

    /// Lets go of whoever has no room: it subscribes again.
    fn send(&mut self, frame: &Frame) {
        self.subscribers.retain(|subscriber| subscriber.try_send(frame.clone()).is_ok());
    }
}

pub(crate) fn info(repository: &Repository) -> RepositoryInfo {
    RepositoryInfo { name: repository.folder_name(), path: repository.root.to_string_lossy().into_owned() }
}
