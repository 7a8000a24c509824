//! Live units: what only a running process knows, outside of the board and its tag.
//!
//! Not here: anything that follows from files (`hearsay_board::unit`).

use std::collections::BTreeMap;

use hearsay_repo::watch::Mode;
use serde::Serialize;
use ts_rs::TS;

use crate::wire::{InboxUnit, SettingsUnit};

/// Live units by key.
pub type LiveUnits = BTreeMap<&'static str, LiveUnit>;

/// Something that only this process knows.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LiveUnit {
    /// `inbox`: what the inbox counts.
    Inbox(InboxUnit),
    /// `link`: how gossip is heard.
    Link(Link),
    /// `settings`: what the person has chosen.
    Settings(Box<SettingsUnit>),
    /// `trust`: what the repository asks for that nobody has agreed to, or has.
    Trust(Trust),
    /// `watch`: how changes of files are noticed.
    Watch(Watch),
}

/// How gossip is heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Link {
    /// How late the newest of what was heard came, by the senders' clocks; null where nothing was.
    pub lag: Option<Lag>,
    /// When something was heard last, RFC 3339.
    pub last_heard: Option<String>,
    /// Why it is not as it should be.
    pub message: Option<String>,
    /// How many envelopes were refused because of what they hold.
    #[ts(type = "number")]
    pub refused: u64,
    /// Since when it is so, RFC 3339.
    pub since: String,
    /// How it is altogether.
    pub state: LinkState,
    /// One a bus, the local one first.
    pub ways: Vec<Way>,
}

/// How it is with the link, or with one of its ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Not there yet.
    Connecting,
    /// What is said is heard.
    Listening,
    /// It was there, and is not any more.
    Lost,
    /// Nobody wants it.
    Off,
}

/// One way on which gossip comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Way {
    /// The socket or the broker, without credentials.
    pub endpoint: String,
    /// Whether this process is the host of the local bus.
    pub hosting: bool,
    /// Which.
    pub kind: WayKind,
    /// Why it is not as it should be.
    pub message: Option<String>,
    /// Since when, RFC 3339.
    pub since: String,
    /// How it is.
    pub state: LinkState,
}

/// The ways there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WayKind {
    /// The local bus, a socket.
    Uds,
    /// A broker.
    Mqtt,
}

/// How late envelopes came, in milliseconds, over the newest few hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct Lag {
    /// Half of them were not later.
    #[ts(type = "number")]
    pub p50_ms: i64,
    /// Nineteen of twenty were not later.
    #[ts(type = "number")]
    pub p95_ms: i64,
}

/// What the files of a repository ask for that reaches beyond it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Trust {
    /// What exactly.
    pub asks: Vec<Ask>,
    /// Tells this set of asks from any other; trusting names it.
    pub digest: String,
    /// Whether the person has agreed to exactly this.
    pub trusted: bool,
}

/// One thing that a repository asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Ask {
    /// The file that asks, relative to the working tree.
    pub from: String,
    /// What kind of thing.
    pub kind: AskKind,
    /// What it is: an address, a path, a command line. What a person would not see in it is escaped.
    pub what: String,
}

/// The kinds of things a repository can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// To connect to a broker.
    Broker,
    /// To use a socket elsewhere than where everybody's is.
    Socket,
    /// To start a broker on this machine.
    Autostart,
    /// To sign in: with credentials that lie in the repository, or with the person's own.
    Credentials,
    /// To say and hear things on a topic of its own.
    Topic,
    /// To run a program before a change, which may refuse it.
    BlockingHook,
    /// To run a program.
    Hook,
}

/// How changes of files are noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Watch {
    /// Why it is not as it should be.
    pub message: Option<String>,
    /// How.
    pub mode: WatchMode,
    /// Since when, RFC 3339.
    pub since: String,
}

/// The ways in which changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WatchMode {
    /// The system says so.
    Native,
    /// By looking every now and then.
    Polling,
    /// The system should say so and did not, at least once.
    Blind,
}

impl Watch {
    /// From what the watch says of itself.
    pub fn new(mode: Mode, since: String) -> Self {
        let (mode, message) = match mode {
            Mode::Native => (WatchMode::Native, None),
            Mode::Polling(why) => (WatchMode::Polling, Some(why)),
            Mode::Blind(what) => (WatchMode::Blind, Some(what)),
        };
        Self { message, mode, since }
    }
}
