//! The thread that drives attention: takes in words, asks the desk what is due, and brings out what comes of it.
//!
//! Not here: what the owner sees (`lookout`), the files (`inbox`, `ledger`, `settings`).
//!
//! Invariants:
//! - Own writes that any process of this person has noted are known before anything is judged.
//! - Whatever is raised was counted before.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use hearsay_board::attention::hush::Hour;
use hearsay_board::attention::{
    Attribution, Banner, Change, Desk, Hush, Line, Me, Now, Outcome, Rules, Seen, Subject, Telling, Told,
    Verdict, What, Wishes,
};
use hearsay_board::overlay::Fields;
use hearsay_repo::{IssueFile, Repository};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::absences::Absences;
use super::hour::{timestamp, week_minute};
use super::inbox::{InboxFile, Looked};
use super::ledger::LedgerFile;
use super::{Outlets, Word};
use crate::owner::Input;
use crate::settings::Kept;
use crate::wire::{InboxList, Link, Notice};
use crate::workspace::{Clock, Inbox as ToOwner};

/// How soon what changed is shown, so that many changes are shown once.
const SHOW: Duration = Duration::from_millis(50);
/// For how long after the start a file may still be half written.
const SETTLING: Duration = Duration::from_secs(1);
/// How soon what changed is kept.
const SAVE: Duration = Duration::from_millis(300);
/// How soon it is noticed what other processes did.
const LOOK: Duration = Duration::from_secs(2);
/// Of more issues than these at once nobody reads what was said.
const MOST_DOCUMENTS: usize = 50;

/// Where what comes out is shown, and what is known of around it.
#[derive(Debug)]
pub(crate) struct Surface {
    pub(crate) owner: ToOwner,
    pub(crate) outlets: Outlets,
    pub(crate) clock: Clock,
    pub(crate) zone: fn() -> TimeZone,
    pub(crate) repository: Repository,
    /// The name that the environment gives the person.
    pub(crate) name: String,
    /// Where the person's settings lie.
    pub(crate) settings: Option<std::path::PathBuf>,
    /// Where the app keeps its data.
    pub(crate) data: Option<std::path::PathBuf>,
    /// Whether the inbox is kept.
    pub(crate) keeps_inbox: bool,
}

/// Drives the attention of one repository.
pub(crate) struct Driver {
    pub(super) surface: Surface,
    pub(super) desk: Desk,
    pub(super) inbox: InboxFile,
    pub(super) ledger: LedgerFile,
    pub(super) settings: Kept,
    said: Said,
    /// What each window that has the focus shows.
    pub(super) looking: HashMap<String, HashSet<String>>,
    absences: Absences,
    /// Until then a file that was half written at the start may only now be read.
    settled_at: Instant,
    pub(super) do_not_disturb: bool,
    pub(super) link: Option<Box<Link>>,
    pub(super) began: Instant,
    pub(super) show_at: Option<Instant>,
    pub(super) save_at: Option<Instant>,
    pub(super) look_at: Instant,
    /// What is to be shown and told.
    pub(super) out: Vec<Input>,
}

/// What the settings come to.
#[derive(Debug, Default)]
struct Said {
    hush: Hush,
    me: Me,
    rules: Rules,
}

impl Driver {
    pub(crate) fn new(surface: Surface) -> Self {
        let settings = Kept::read(surface.settings.as_deref());
        let data = surface.data.as_deref();
        let mut inbox = InboxFile::new(data.filter(|_| surface.keeps_inbox), &surface.repository.root);
        let mut driver = Self {
            desk: Desk::starting(inbox.load()),
            inbox,
            ledger: LedgerFile::new(surface.data.clone()),
            said: Said::default(),
            settings,
            looking: HashMap::new(),
            absences: Absences::default(),
            settled_at: Instant::now(),
            do_not_disturb: false,
            link: None,
            began: Instant::now(),
            show_at: None,
            save_at: None,
            look_at: Instant::now() + LOOK,
            out: Vec::new(),
            surface,
        };
        driver.heed_settings();
        driver
    }

    /// Has it work on a thread of its own.
    ///
    /// # Errors
    /// Where the system has no thread left.
    pub(crate) fn spawn(self, words: mpsc::Receiver<Word>) -> std::io::Result<std::thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let work = move || runtime.block_on(self.run(words));
        std::thread::Builder::new().name("hearsay-attention".to_owned()).spawn(work)
    }

    /// Works until it is told to end.
    async fn run(mut self, mut words: mpsc::Receiver<Word>) {
        self.show_settings();
        self.show();
        let waiting = loop {
            for input in self.out.drain(..) {
                // A workspace that is closing shows nothing any more.
                let _ = self.surface.owner.send(input).await;
            }
            let until = self.next();
            tokio::select! {
                biased;
                word = words.recv() => match word {
                    None => break None,
                    Some(Word::End(waiting)) => break waiting,
                    Some(word) => self.take(word),
                },
                () = tokio::time::sleep_until(until) => {}
            }
            self.see_to_what_is_due();
        };
        if self.save_at.is_some() {
            self.inbox.save(self.desk.inbox());
        }
        // Whoever waited may have gone.
        let _ = waiting.map(|waiting| waiting.send(()));
    }

    fn next(&self) -> Instant {
        let desk = self.desk.deadline().map(|since| self.began + since);
        [desk, self.absences.deadline(), self.show_at, self.save_at]
            .into_iter()
            .flatten()
            .fold(self.look_at, Instant::min)
    }

    fn take(&mut self, word: Word) {
        match word {
            Word::End(_) => {}
            Word::Seen(seen) => self.see(seen),
            Word::Started => {
                self.desk.once().started();
                self.settled_at = Instant::now() + SETTLING;
            }
            Word::GitMoved => self.desk.once().git_moved(self.began.elapsed()),
            Word::Own(write) => self.ledger.record(write, self.now().hour.now),
            Word::Looking { viewer, cards } if cards.is_empty() => drop(self.looking.remove(&viewer)),
            Word::Looking { viewer, cards } => {
                self.looking.insert(viewer, cards.into_iter().collect());
            }
            Word::DoNotDisturb(on) => self.do_not_disturb = on,
            Word::Link(link) => {
                self.link = link;
                self.show_soon();
            }
            Word::List(reply) => {
                let items = self.desk.inbox().items().into_iter().cloned().collect();
                // Whoever asked may have gone.
                let _ = reply.send(InboxList { items });
            }
            Word::Do(command, reply) => {
                let _ = reply.send(self.obey(command));
            }
            Word::Conflict(subject, fields) => {
                let what = What::Conflict { fields };
                let change = Change {
                    at: self.now().hour.now,
                    by: Attribution::NOBODY,
                    by_git: false,
                    content: None,
                    event_id: None,
                    subject: *subject,
                    told: Told::Here,
                    what,
                };
                self.tell(change);
            }
        }
    }

    fn see(&mut self, seen: Vec<Seen>) {
        self.ledger.look(self.now().hour.now);
        let reads = seen.len() <= MOST_DOCUMENTS;
        for seen in
            seen.into_iter().filter_map(|seen| self.absences.take(seen, Instant::now())).collect::<Vec<_>>()
        {
            let document = if reads { self.document(&seen) } else { None };
            self.see_one(&seen, document.as_ref());
        }
    }

    fn see_one(&mut self, seen: &Seen, document: Option<&Fields>) {
        let telling = Telling { at: self.now().hour.now, me: &self.said.me, document };
        for change in seen.changes(telling) {
            self.tell(change);
        }
    }

    /// The whole issue, where it says more and its file can be read.
    fn document(&self, seen: &Seen) -> Option<Fields> {
        let (place, id) = seen.wants()?;
        let file = IssueFile::read(&self.surface.repository, place, id, (self.surface.clock)()).ok()?;
        serde_json::from_str(file.document.text()).ok()
    }

    fn tell(&mut self, change: Change) {
        let outcome = self.ask_desk(|desk, wishes, now| desk.tell(change, wishes, now));
        self.bring_out(outcome);
    }

    fn ask_desk(&mut self, ask: impl FnOnce(&mut Desk, &Wishes<'_>, Now) -> Outcome) -> Outcome {
        let now = self.now();
        let looking = &self.looking;
        let is_looked_at =
            |subject: &Subject| looking.values().any(|cards| cards.contains(subject.card.as_str()));
        let repository = self.surface.repository.root.to_string_lossy();
        let wishes = Wishes {
            hush: &self.said.hush,
            is_looked_at: &is_looked_at,
            ledger: self.ledger.ledger(),
            me: &self.said.me,
            repository: &repository,
            rules: &self.said.rules,
        };
        ask(&mut self.desk, &wishes, now)
    }

    fn see_to_what_is_due(&mut self) {
        for gone in self.absences.due(Instant::now()) {
            self.see_one(&gone, None);
        }
        if self.desk.deadline().is_some_and(|deadline| deadline <= self.began.elapsed()) {
            self.ledger.look(self.now().hour.now);
            let outcome = self.ask_desk(Desk::due);
            self.bring_out(outcome);
        }
        let now = Instant::now();
        if self.look_at <= now {
            self.look_at = now + LOOK;
            self.look();
        }
        if self.show_at.is_some_and(|at| at <= now) {
            self.show();
        }
        if self.save_at.is_some_and(|at| at <= now) {
            self.save_at = None;
            if self.inbox.save(self.desk.inbox()) {
                self.show_soon();
            }
        }
    }

    fn bring_out(&mut self, outcome: Outcome) {
        if outcome.changes_the_inbox() {
            self.counted();
        }
        let me = &self.said.me;
        let notice = |(change, verdict): &(Change, Verdict)| {
            let line = Line::of(change, verdict.class, me);
            verdict.class.is_counted().then_some(Notice {
                class: verdict.class,
                hushed: verdict.hushed,
                line,
            })
        };
        let notices: Vec<Notice> = outcome.told.iter().filter_map(notice).collect();
        let changes: Vec<Change> = outcome.told.into_iter().map(|(change, _)| change).collect();
        if !changes.is_empty() {
            self.out.push(Input::Tell(changes, notices));
        }
        for raise in &outcome.raises {
            let banner = Banner::of(raise);
            tracing::debug!(class = banner.class.name(), changes = raise.group.count, "a banner");
            // Nobody may be there to raise it; the inbox has it.
            let _ = self.surface.outlets.banners.send(banner);
        }
    }

    /// The inbox is another one now.
    pub(super) fn counted(&mut self) {
        self.show_soon();
        self.save_at.get_or_insert(Instant::now() + SAVE);
    }

    fn show_soon(&mut self) {
        self.show_at.get_or_insert(Instant::now() + SHOW);
    }

    /// What other processes did, and what ends by the calendar.
    fn look(&mut self) {
        let now = (self.surface.clock)();
        if self.settings.look(now) {
            self.heed_settings();
            self.show_settings();
        }
        match self.inbox.look(now) {
            Looked::Nothing => {}
            Looked::Deeds(deeds) => {
                let at = timestamp(now);
                deeds.iter().for_each(|deed| deed.apply(self.desk.inbox_mut(), at));
                self.counted();
            }
            Looked::Inbox(inbox) => {
                *self.desk.inbox_mut() = inbox;
                self.show_soon();
            }
        }
        if !self.desk.inbox_mut().wake(timestamp(now)).is_empty() {
            self.counted();
        }
        if self.said.hush.tidy(timestamp(now)) {
            self.show_soon();
        }
    }

    pub(super) fn heed_settings(&mut self) {
        let settings = self.settings.settings();
        let notifications = &settings.notifications;
        let mut hush = notifications.hush();
        if !notifications.enabled {
            hush.paused_until = Some(Timestamp::MAX);
        }
        self.said = Said {
            hush,
            me: Me::called(self.names()),
            // A file with rules that cannot be read is none that was taken.
            rules: notifications.rules().unwrap_or_default(),
        };
        self.show_soon();
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names = vec![self.surface.name.clone()];
        names.extend(self.settings.settings().identity.names.iter().cloned());
        names
    }

    pub(super) fn now(&self) -> Now {
        let now = timestamp((self.surface.clock)());
        let local = week_minute(now, &(self.surface.zone)());
        let hour = Hour { now, local, do_not_disturb: self.do_not_disturb };
        Now { hour, since: self.began.elapsed() }
    }
}
