//! The handle of an open repository: what the doors hold.
//!
//! Not here: what the owner of the board does with a request (`owner`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::Board as Units;
use hearsay_board::attention::{EventSight, Me, Subject};
use hearsay_repo::watch::{self, Watch};
use hearsay_repo::{History, Repository, discover};
use jiff::tz::TimeZone;
use tokio::sync::watch::channel as progress_channel;
use tokio::sync::{mpsc, oneshot};

use crate::attention::{Attention, Driver, Outlets, Placing, Surface, ToAttention, Word, trial};
use crate::commands::Commands;
use crate::detail::Detail;
use crate::feed::{Place, Subscription};
use crate::hearing::Hearing;
use crate::owner::{Input, Located, Opening, Owner, Question, info};
use crate::settings::Kept;
use crate::surroundings::{Part, Surroundings};
use crate::wire::{self, Command, Done, EventPage, InboxList, IssueDetail, RepositoryInfo, Trial, WireError};

/// How many inputs wait for the owner at the most.
const QUEUE: usize = 64;

/// Says what time it is.
pub(crate) type Clock = fn() -> SystemTime;

/// Settings of a workspace.
#[derive(Debug, Clone)]
pub struct Options {
    /// Says what time it is.
    pub clock: fn() -> SystemTime,
    /// Whether to watch by what the system offers; else everything is polled.
    pub native_watch: bool,
    /// How far this process takes part in what is said.
    pub part: Part,
    /// What surrounds it.
    pub surroundings: Surroundings,
    /// Says by which clock the person lives.
    pub zone: fn() -> TimeZone,
    /// Whether there is a person whose inbox is kept.
    pub keeps_inbox: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: SystemTime::now,
            native_watch: true,
            part: Part::Alone,
            surroundings: Surroundings::default(),
            zone: || TimeZone::UTC,
            keeps_inbox: false,
        }
    }
}

/// An open repository. Clones share it; it closes when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Workspace {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    repository: Repository,
    history: History,
    commands: Commands,
    clock: Clock,
    inbox: Inbox,
    thread: Option<std::thread::JoinHandle<()>>,
    attention: ToAttention,
    outlets: Outlets,
    driver: Option<std::thread::JoinHandle<()>>,
    settings: Option<PathBuf>,
    name: String,
}

/// The way into the queue.
#[derive(Debug, Clone)]
pub(crate) struct Inbox(mpsc::Sender<Input>);

impl Inbox {
    async fn ask<T>(&self, input: impl FnOnce(oneshot::Sender<T>) -> Input) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.0.send(input(reply)).await.ok()?;
        answer.await.ok()
    }

    /// Puts `input` into the queue from a thread that may wait. `None` where nobody takes it out any more.
    pub(crate) fn blocking(&self, input: Input) -> Option<()> {
        self.0.blocking_send(input).ok()
    }

    /// Puts `input` into the queue, as soon as there is room. `None` where nobody takes it out any more.
    pub(crate) async fn send(&self, input: Input) -> Option<()> {
        self.0.send(input).await.ok()
    }

    /// Waits until nobody takes anything out any more.
    pub(crate) async fn closed(&self) {
        self.0.closed().await;
    }

    pub(crate) async fn subscribe(&self) -> Option<Place> {
        self.ask(Input::Subscribe).await
    }
}

impl Shared {
    fn detail(&self) -> Detail<'_> {
        Detail { repository: &self.repository, history: &self.history, now: (self.clock)() }
    }
}

impl Shared {
    fn try_rules(&self, rules: &str) -> Result<Trial, WireError> {
        let kept = Kept::read(self.settings.as_deref());
        let names = std::iter::once(&self.name).chain(&kept.settings().identity.names);
        let me = Me::called(names);
        trial(rules, &self.repository, self.clock, &me, |placings| {
            let (reply, answer) = std::sync::mpsc::sync_channel(1);
            let ask = move |board: &Units, _: &Hearing| {
                let placed = placings.into_iter().filter_map(|Placing { at, place, issue, event }| {
                    let sight = EventSight::of(board, place, &issue, event).ok().flatten()?;
                    Some((at, sight))
                });
                // Whoever asked may have gone.
                let _ = reply.send(placed.collect());
            };
            self.inbox.blocking(Input::Ask(Question(Box::new(ask)))).ok_or_else(WireError::closed)?;
            answer.recv().ok().ok_or_else(WireError::closed)
        })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // A full queue empties: the owner never waits for anybody.
        let inbox = self.inbox.0.clone();
        let stop = std::thread::spawn(move || inbox.blocking_send(Input::Stop));
        let ended = self.thread.take().map(std::thread::JoinHandle::join);
        if stop.join().is_err() || ended.is_some_and(|ended| ended.is_err()) {
            tracing::error!("the owner of the board ended in a panic");
        }
        let attention = self.attention.clone();
        let end = std::thread::spawn(move || attention.end());
        if end.join().is_err()
            || self.driver.take().map(std::thread::JoinHandle::join).is_some_and(|ended| ended.is_err())
        {
            tracing::error!("attention ended in a panic");
        }
    }
}

/// The repository that `path` is, or is inside of, as a person knows it. Nothing is opened.
///
/// # Errors
/// Where there is none.
pub fn repository_at(path: &Path) -> Result<RepositoryInfo, WireError> {
    Ok(info(&discover(path)?))
}

impl Workspace {
    /// Opens the repository that `path` is, or is inside of. `progress` hears how many issue files are read, and of
    /// how many.
    ///
    /// # Errors
    /// Where there is no repository, or the system has no thread left.
    pub async fn open(
        path: &Path,
        options: Options,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Self, WireError> {
        let repository = discover(path)?;
        let (inbox, inputs) = mpsc::channel(QUEUE);
        let ((read, mut reading), (done, mut opened)) = (progress_channel((0, 0)), oneshot::channel());
        let reports = inbox.clone();
        let Options { clock, native_watch, part, surroundings, zone, keeps_inbox } = options;
        let around_commands = surroundings.clone();
        let (attention, words) = ToAttention::new();
        let outlets = Outlets::default();
        let surface = Surface {
            owner: Inbox(inbox.clone()),
            outlets: outlets.clone(),
            clock,
            zone,
            repository: repository.clone(),
            name: surroundings.actor().name,
            settings: surroundings.settings.clone(),
            data: surroundings.data.clone(),
            keeps_inbox,
        };
        let (settings, name) = (surface.settings.clone(), surface.name.clone());
        let overlays = surroundings.overlays(&repository, part);
        let watch_options = watch::Options { clock, native: native_watch, overlays };
        let watch = Watch::start(repository.clone(), watch_options, move |report| {
            // An owner that is gone needs no report.
            let _ = reports.blocking_send(Input::Report(report));
        })
        .map_err(|error| WireError::internal(&error))?;
        let hearing = Hearing::new(&repository, surroundings, part, clock, watch.hearing());
        let owner = Owner::new(&repository, clock, hearing, attention.clone(), Opening { read, done });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| WireError::internal(&error))?;
        let thread = std::thread::Builder::new()
            .name("hearsay-board".to_owned())
            .spawn(move || runtime.block_on(owner.run(watch, inputs)))
            .map_err(|error| WireError::internal(&error))?;
        let driver = Driver::new(surface).spawn(words).map_err(|error| WireError::internal(&error))?;
        let shared = Shared {
            history: History::default(),
            commands: Commands::new(&repository, clock, around_commands, attention.clone()),
            repository,
            clock,
            inbox: Inbox(inbox),
            thread: Some(thread),
            attention,
            outlets,
            driver: Some(driver),
            settings,
            name,
        };
        let workspace = Self { shared: Arc::new(shared) };
        loop {
            tokio::select! {
                opened = &mut opened => {
                    // An owner that says nothing is gone.
                    return opened.unwrap_or_else(|_gone| Err(WireError::closed())).map(|()| workspace);
                }
                Ok(()) = reading.changed() => {
                    let (done, total) = *reading.borrow_and_update();
                    progress(done, total);
                }
            }
        }
    }

    /// Whether `other` is the same open repository.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// The repository, as a person knows it.
    pub fn info(&self) -> RepositoryInfo {
        info(&self.shared.repository)
    }

    /// Closes the repository for everybody: feeds end, questions are refused. The inbox is kept then.
    pub async fn close(&self) {
        // Closed already is closed.
        let _ = self.shared.inbox.0.send(Input::Stop).await;
        self.shared.attention.ended().await;
    }

    /// Takes a place in the feed: `hello`, the full board, then what happens.
    ///
    /// # Errors
    /// Where the repository has been closed.
    pub async fn subscribe(&self) -> Result<Subscription, WireError> {
        let place = self.shared.inbox.subscribe().await.ok_or_else(WireError::closed)?;
        Ok(Subscription::new(place, self.shared.inbox.clone()))
    }

    /// The board as `hear board` prints it, unless it is one of those that are `known` by their tags.
    ///
    /// # Errors
    /// Where the repository has been closed.
    pub async fn board(&self, known: Vec<String>) -> Result<Board, WireError> {
        self.shared.inbox.ask(|reply| Input::Board(known, reply)).await.ok_or_else(WireError::closed)
    }

    /// The issue of the unit `card:<key>` as a whole.
    ///
    /// # Errors
    /// Where there is no such issue, or its file cannot be read.
    pub async fn issue(&self, key: &str) -> Result<IssueDetail, WireError> {
        let Located { id, place, heard, legal } = self.locate(key).await?;
        let detail =
            self.blocking(move |shared| shared.detail().issue(&place, &id, heard.as_deref())).await?;
        Ok(IssueDetail { legal, ..detail })
    }

    /// Events of that issue before the cursor `before`, newest first.
    ///
    /// # Errors
    /// As for [`Workspace::issue`].
    pub async fn events(&self, key: &str, before: Option<String>) -> Result<EventPage, WireError> {
        let Located { id, place, .. } = self.locate(key).await?;
        self.blocking(move |shared| shared.detail().events(&place, &id, before.as_deref())).await
    }

    /// Does what the person wants.
    ///
    /// # Errors
    /// Where it cannot be done.
    pub async fn command(&self, command: Command) -> Result<Done, WireError> {
        let answered = match command {
            Command::Trust { digest } => self.shared.inbox.ask(|reply| Input::Agree(digest, reply)).await,
            Command::Distrust => self.shared.inbox.ask(Input::Disagree).await,
            Command::ChangeSettings { .. }
            | Command::RestoreSettings
            | Command::Inbox { .. }
            | Command::Watch { .. }
            | Command::Mute { .. } => self.shared.attention.ask(|reply| Word::Do(command, reply)).await,
            Command::DraftConflict { id, fields } => return self.draft_conflict(&id, fields).await,
            command => return self.blocking(move |shared| shared.commands.run(command, &shared.inbox)).await,
        };
        answered.ok_or_else(WireError::closed)?.map(|()| Done::default())
    }

    /// What a door is told of what is worth the person's attention.
    pub fn attention(&self) -> Attention {
        self.shared.outlets.listen()
    }

    /// A window that has the focus shows these cards, by their keys without `card:`; none where it has it no longer.
    pub fn looking(&self, viewer: &str, cards: Vec<String>) {
        self.shared.attention.tell(Word::Looking { viewer: viewer.to_owned(), cards });
    }

    /// Whether the system wants nobody disturbed.
    pub fn do_not_disturb(&self, on: bool) {
        self.shared.attention.tell(Word::DoNotDisturb(on));
    }

    /// The inbox.
    ///
    /// # Errors
    /// Where the repository has been closed.
    pub async fn inbox(&self) -> Result<InboxList, WireError> {
        self.shared.attention.ask(Word::List).await.ok_or_else(WireError::closed)
    }

    /// What `rules` would have made of the last day.
    ///
    /// # Errors
    /// Where they cannot be read, or the repository has been closed.
    pub async fn try_rules(&self, rules: String) -> Result<Trial, WireError> {
        self.blocking(move |shared| shared.try_rules(&rules)).await
    }

    async fn draft_conflict(&self, key: &str, fields: Vec<String>) -> Result<Done, WireError> {
        let Located { id, place, .. } = self.locate(key).await?;
        let (reply, answer) = oneshot::channel();
        let ask = move |board: &Units, _: &Hearing| {
            // Whoever asked may have gone.
            let _ = reply.send(Subject::of(board, &id, &place));
        };
        let asked = self.shared.inbox.0.send(Input::Ask(Question(Box::new(ask)))).await;
        asked.ok().ok_or_else(WireError::closed)?;
        if let Some(subject) = answer.await.ok().flatten() {
            self.shared.attention.tell(Word::Conflict(Box::new(subject), fields));
        }
        Ok(Done::default())
    }

    async fn locate(&self, key: &str) -> Result<Located, WireError> {
        let asked = self.shared.inbox.ask(|reply| Input::Locate(key.to_owned(), reply)).await;
        let found = asked.ok_or_else(WireError::closed)?;
        found.ok_or_else(|| {
            WireError::new(wire::ErrorCode::NotFound, format!("there is no issue {key} on the board"))
        })
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, WireError> + Send + 'static,
    ) -> Result<T, WireError> {
        let shared = self.shared.clone();
        let done = tokio::task::spawn_blocking(move || work(&shared)).await;
        done.map_err(|error| WireError::internal(&error))?
    }
}

/// The board of an open repository at some moment.
#[derive(Debug)]
pub struct Board {
    /// Its tag.
    pub tag: String,
    /// The board as one line of JSON; `None` where whoever asks has it already.
    pub json: Option<String>,
}

pub(crate) fn rfc3339(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).unwrap_or_default().to_string()
}
