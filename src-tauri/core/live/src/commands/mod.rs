//! Doing what a person wants: the one way of every write, whichever door it comes from.
//!
//! A command is worked off on a thread of its own. The hooks before it run; then, under the issue's lock, the bytes on disk
//! go, with what the board knows of the other issues, through the rules and the policies, and are written; then who listens
//! is told, and the hooks after it run.
//! Not here: the rules (`hearsay_board::rules`), files and locks (`hearsay_repo::write`).
//!
//! Invariants:
//! - What is judged is what is on disk under the lock, never what a client has seen.
//! - Nothing is written that a rule, a policy or a blocking hook refuses, and nothing at all where one cannot be asked.
//! - Telling others never delays or fails a write.

mod answer;
mod create;
mod delete;
mod edit;
mod hooked;
mod judge;
mod own;
mod patience;
mod stack;
mod undo;
mod unseen;

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hearsay_board::rules::{Actor, Edit};
use hearsay_board::{Board, Config, Place};
use hearsay_repo::Repository;
use hearsay_repo::write::{Manner, Writer};
use jiff::Timestamp;

use crate::attention::ToAttention;
use crate::hearing::Hearing;
use crate::owner::{Input, Question};
use crate::surroundings::Surroundings;
use crate::wire::{Command, Done, ErrorCode, Outcome, WireError};
use crate::workspace::{Clock, Inbox};
use answer::Refused;
use patience::Patience;
use stack::{Kept, Undone};
use unseen::Unseen;

/// More commands than this at once are no person's.
const MOST: usize = 1000;
/// How often a write is begun again because somebody who takes no lock changed the file meanwhile.
const ATTEMPTS: u32 = 4;
/// How long to wait before that, the first time; somebody who writes in place is done by then.
const PAUSE: Duration = Duration::from_millis(50);
/// How long the board may take to see what was written before the next is judged all the same.
const SEEN: Duration = Duration::from_millis(500);

/// Does what a person wants with the issues of one repository.
#[derive(Debug)]
pub(crate) struct Commands {
    repository: Repository,
    writer: Writer,
    clock: Clock,
    actor: Actor,
    surroundings: Surroundings,
    attention: ToAttention,
    done: Mutex<Undone>,
    unseen: Unseen,
}

/// One command being worked off.
struct Work<'a> {
    commands: &'a Commands,
    inbox: &'a Inbox,
    /// That of the whole run.
    patience: &'a Patience,
    anyway: bool,
}

/// An issue that a command is about.
struct Subject {
    id: String,
    place: Place,
    config: Arc<Config>,
}

impl Commands {
    pub(crate) fn new(
        repository: &Repository,
        clock: Clock,
        surroundings: Surroundings,
        attention: ToAttention,
    ) -> Self {
        let (writer, actor) = (Writer::new(repository.clone(), clock), surroundings.actor());
        Self {
            repository: repository.clone(),
            writer,
            clock,
            actor,
            surroundings,
            attention,
            done: Mutex::default(),
            unseen: Unseen::default(),
        }
    }

    /// Does `command`, which is none about trust. Takes as long as that takes.
    pub(crate) fn run(&self, command: Command, inbox: &Inbox) -> Result<Done, WireError> {
        match command {
            Command::Bulk { commands } => self.bulk(commands, inbox),
            one => self.one(one, inbox, &Patience::default()).map_err(Refused::into_wire),
        }
    }

    fn bulk(&self, commands: Vec<Command>, inbox: &Inbox) -> Result<Done, WireError> {
        let nested = commands.iter().any(|command| {
            matches!(command, Command::Bulk { .. } | Command::Trust { .. } | Command::Distrust)
        });
        if nested || commands.len() > MOST {
            let message = format!("at most {MOST} commands about issues go together");
            let hint = "Send each of the others on its own.";
            return Err(WireError::new(ErrorCode::Invalid, message).with_hint(hint));
        }
        let patience = Patience::default();
        let outcomes: Vec<Outcome> = commands
            .into_iter()
            .map(|command| match self.one(command, inbox, &patience) {
                Ok(done) => Outcome::Done(done),
                Err(refused) => Outcome::Error(refused.into_wire()),
            })
            .collect();
        let Kept { token, remark } = self.undone().together(undo::tokens(&outcomes), fresh());
        let guidance = remark.into_iter().collect();
        Ok(Done { results: Some(outcomes), undo: token, guidance, ..Done::default() })
    }

    fn one(&self, command: Command, inbox: &Inbox, patience: &Patience) -> Result<Done, Refused> {
        let work = Work { commands: self, inbox, patience, anyway: false };
        let done = work.catch_up().and_then(|()| work.begin(command));
        patience.heed(&done);
        done
    }

    /// What can be taken back.
    fn undone(&self) -> MutexGuard<'_, Undone> {
        held(&self.done)
    }

    /// Notes that a file was written, or is gone, which the board is to see before anything else is asked of it.
    fn wrote(&self, id: &str, place: &Place, base: Option<String>) {
        self.unseen.note(id, place, base);
    }
}

/// What is in `mutex`, which is whole after every step, also after one that panicked.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Work<'_> {
    fn begin(&self, command: Command) -> Result<Done, Refused> {
        let work = |anyway| Work { anyway, ..*self };
        match command {
            Command::Create { issue, project, anyway } => work(anyway).create(&issue, project),
            Command::SetFields { id, set, was, base, labels, anyway } => {
                work(anyway).set_fields(&id, edit::FieldEdit { set, was, base, labels })
            }
            Command::Delete { id, descendants, anyway } => work(anyway).delete(&id, descendants),
            Command::Move { id, to, anyway } => work(anyway).relocate(&id, to),
            Command::Undo { token, anyway } => work(anyway).undo(&token),
            Command::Claim { id, anyway } => work(anyway).edit(&id, Edit::Claim),
            Command::Comment { id, text, anyway } => work(anyway).edit(&id, Edit::Comment { text }),
            Command::EditComment { id, comment, text, was, anyway } => {
                work(anyway).edit(&id, Edit::EditComment { comment, text, was })
            }
            Command::DeleteComment { id, comment, anyway } => {
                work(anyway).edit(&id, Edit::DeleteComment { comment })
            }
            Command::AddDependency { id, target, kind, anyway } => {
                work(anyway).edit(&id, Edit::AddDependency { target, kind })
            }
            Command::RemoveDependency { id, target, kind, anyway } => {
                work(anyway).edit(&id, Edit::RemoveDependency { target, kind })
            }
            Command::Trust { .. }
            | Command::Distrust
            | Command::ChangeSettings { .. }
            | Command::RestoreSettings
            | Command::Inbox { .. }
            | Command::Watch { .. }
            | Command::Mute { .. }
            | Command::DraftConflict { .. }
            | Command::Bulk { .. } => {
                let error = WireError::new(ErrorCode::Invalid, "that is not done to an issue");
                Err(error.with_hint("Send it on its own.").into())
            }
        }
    }

    fn manner(&self) -> Manner {
        self.patience.manner(self.anyway)
    }

    fn now(&self) -> Timestamp {
        Timestamp::try_from((self.commands.clock)()).unwrap_or_default()
    }

    /// Asks the owner of the board.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Board, &Hearing) -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let (reply, answer) = sync_channel(1);
        let ask = move |board: &Board, hearing: &Hearing| {
            // Whoever asked waits for nothing else.
            let _ = reply.send(question(board, hearing));
        };
        self.inbox.blocking(Input::Ask(Question(Box::new(ask)))).ok_or_else(WireError::closed)?;
        Ok(answer.recv().ok().ok_or_else(WireError::closed)?)
    }

    /// Waits until the board has seen what was written here before: what is asked next is asked of that. Refuses where the
    /// repository was closed: what is left of a run is not begun any more.
    fn catch_up(&self) -> Result<(), Refused> {
        self.commands.unseen.wait(SEEN, |awaited| self.inbox.blocking(Input::Await(awaited)));
        self.ask(|_, _| ())
    }

    /// The issue with the card `card:<key>`.
    fn subject(&self, key: &str) -> Result<Subject, Refused> {
        let wanted = key.to_owned();
        let found = self.ask(move |board, _| {
            let (id, place) = board.locate(&wanted)?;
            let config = board.config(&place.project)?.clone();
            Some(Subject { id: id.to_owned(), place: place.clone(), config })
        })?;
        found.ok_or_else(|| {
            let message = format!("there is no issue {} on the board", key.escape_debug());
            let hint = "Somebody may have deleted it, or it is in another repository.";
            WireError::new(ErrorCode::NotFound, message).with_hint(hint).into()
        })
    }
}

/// Tries `work` again for a while, after pauses that double, where what refuses it may pass.
fn again<T>(mut work: impl FnMut() -> Result<T, Refused>) -> Result<T, Refused> {
    for attempt in 1..ATTEMPTS {
        match work() {
            Err(refused) if refused.is_passing() => std::thread::sleep(PAUSE * (1 << (attempt - 1))),
            done => return done,
        }
    }
    work()
}

fn fresh() -> String {
    uuid::Uuid::new_v4().to_string()
}
