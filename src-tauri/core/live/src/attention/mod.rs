//! Attention, driven: what is seen of issues goes to the desk of `hearsay_board::attention`, in time and with what the
//! person has said; what comes out is shown, counted, kept and raised.
//!
//! It works on a thread of its own, because it reads and keeps files. Not here: what a change means (`hearsay_board`), and
//! how a banner reaches a screen (the doors).
//!
//! Invariants:
//! - The owner of the board never waits for it: what it cannot take in is left out and said in the log.
//! - It ends with the workspace, and keeps the inbox before.

mod absences;
mod driver;
mod hour;
mod inbox;
mod ledger;
mod lookout;
mod obeying;
mod shown;
mod trial;

use hearsay_board::attention::inbox::Counts;
use hearsay_board::attention::ledger::Write;
use hearsay_board::attention::{Banner, Line, Seen, Subject};
use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::settings::Theme;
use crate::wire::{Command, InboxList, Link, WireError};
pub(crate) use driver::{Driver, Surface};
pub(crate) use ledger::append;
pub(crate) use lookout::Lookout;
pub(crate) use trial::{Placing, trial};

/// How many words wait for it at the most. What is seen at once is one word.
const QUEUE: usize = 1024;
/// How many banners wait for a door at the most: more than are raised in an hour.
const BANNERS: usize = 64;

/// What goes to it.
#[derive(Debug)]
pub(crate) enum Word {
    /// What was seen, in its order.
    Seen(Vec<Seen>),
    /// What was there is over: from now on what is seen is news.
    Started,
    /// HEAD has moved, other than by a commit of what was written here.
    GitMoved,
    /// This person has written something.
    Own(Write),
    /// What a window that has the focus shows.
    Looking {
        /// Which window.
        viewer: String,
        /// The keys of its cards, without `card:`.
        cards: Vec<String>,
    },
    /// Whether the system wants nobody disturbed.
    DoNotDisturb(bool),
    /// How the link is.
    Link(Option<Box<Link>>),
    /// Somebody asks for the inbox.
    List(oneshot::Sender<InboxList>),
    /// The person wants something done to the inbox or the settings.
    Do(Command, oneshot::Sender<Result<(), WireError>>),
    /// A draft of the person's began with what is no longer there.
    Conflict(Box<Subject>, Vec<String>),
    /// The workspace is closing; whoever waits for it hears when what there is to keep is kept.
    End(Option<oneshot::Sender<()>>),
}

/// The way to it.
#[derive(Debug, Clone)]
pub(crate) struct ToAttention(mpsc::Sender<Word>);

impl ToAttention {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Word>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Tells it `word` without waiting.
    pub(crate) fn tell(&self, word: Word) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.0.try_send(word) {
            tracing::warn!("attention cannot follow; something is left out of the inbox");
        }
    }

    /// Has it end once it has taken in what it was told, from a thread that may wait.
    pub(crate) fn end(&self) {
        // One that has ended needs not be told.
        let _ = self.0.blocking_send(Word::End(None));
    }

    /// The same, and waits until it has ended.
    pub(crate) async fn ended(&self) {
        // One that has ended before answers nothing.
        let _ = self.ask(|reply| Word::End(Some(reply))).await;
    }

    /// Asks it something. `None` where it has ended.
    pub(crate) async fn ask<T>(&self, word: impl FnOnce(oneshot::Sender<T>) -> Word) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.0.send(word(reply)).await.ok()?;
        answer.await.ok()
    }
}

/// How it stands with one repository: what a tray shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Whether it is known yet.
    pub is_known: bool,
    /// What the inbox counts.
    pub counts: Counts,
    /// The newest line of each of the few items that need the person most.
    pub top: Vec<Line>,
    /// Until when no banner is raised; `None` where they are.
    pub paused_until: Option<Timestamp>,
    /// How gossip is heard; `None` where nobody listens.
    pub link: Option<Link>,
    /// Whether the person wants the app to stay in the tray.
    pub close_to_tray: bool,
    /// Which theme they want.
    pub theme: Theme,
}

/// What a door is told of attention.
#[derive(Debug)]
pub struct Attention {
    /// Banners to raise.
    pub banners: broadcast::Receiver<Banner>,
    /// How it stands.
    pub standing: watch::Receiver<Standing>,
}

/// The ends that doors listen at.
#[derive(Debug, Clone)]
pub(crate) struct Outlets {
    pub(crate) banners: broadcast::Sender<Banner>,
    pub(crate) standing: watch::Sender<Standing>,
}

impl Default for Outlets {
    fn default() -> Self {
        Self { banners: broadcast::Sender::new(BANNERS), standing: watch::Sender::default() }
    }
}

impl Outlets {
    pub(crate) fn listen(&self) -> Attention {
        Attention { banners: self.banners.subscribe(), standing: self.standing.subscribe() }
    }
}
