//! A running process, `hear` above all: its lines as they come, its end, and `hear watch` with a follower.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::board::Board;
use crate::caller::Caller;
use crate::follower::{Feed, Follower, settle};
use crate::wait::until;

/// A running process. Dropping it ends it.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    lines: Receiver<(Instant, String)>,
    errors: Arc<Mutex<String>>,
}

impl Running {
    /// Starts `command`.
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::with_capacity(1 << 20, stdout).lines().map_while(Result::ok) {
                if sender.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let heard = errors.clone();
        std::thread::spawn(move || {
            let mut stderr = BufReader::new(stderr);
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stderr.read(&mut bytes) {
                heard.lock().expect("nobody panics").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        let name = command.get_program().to_string_lossy().into_owned();
        Self { name, child, lines, errors }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line and when it came; `None` where none comes within `patience`.
    ///
    /// # Panics
    /// Where standard output has ended.
    pub fn line(&self, patience: Duration) -> Option<(Instant, String)> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                panic!("{} has ended, saying: {}", self.name, self.errors())
            }
        }
    }

    /// What it has said on standard error so far.
    pub fn errors(&self) -> String {
        self.errors.lock().expect("nobody panics").clone()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("it is our child");
    }

    /// Whether it has ended.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_some()
    }

    /// Waits until it has ended of itself.
    pub fn ended(&mut self) -> ExitStatus {
        until(&format!("{} to end", self.name), || self.child.try_wait().expect("it is our child"))
    }

    /// Asks it to end, and answers how it did.
    pub fn stop(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.ended()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Feed for Running {
    fn next(&mut self, patience: Duration) -> Option<String> {
        self.line(patience).map(|(_, line)| line)
    }
}

/// `hear watch` and what a reader of it holds.
#[derive(Debug)]
pub struct Watching {
    /// The process.
    pub running: Running,
    /// What its reader holds.
    pub follower: Follower,
    caller: Caller,
    path: PathBuf,
}

impl Watching {
    /// Watches `path` for `caller`, up to the first full board; `words` go on the command line.
    pub fn new(caller: Caller, path: &Path, words: &[&str]) -> Self {
        let running = Running::start(caller.command().arg("watch").args(words).arg(path));
        let mut watching = Self { running, follower: Follower::default(), caller, path: path.to_owned() };
        watching.until("the first full board", |_| true);
        watching
    }

    /// Follows until what is held equals a fresh `hear board` to the byte, and answers that.
    pub fn settle(&mut self) -> Board {
        settle(&mut self.follower, &mut self.running, || self.caller.board(&self.path))
    }

    /// Follows until what is held satisfies `condition`.
    pub fn until(&mut self, what: &str, condition: impl Fn(&Board) -> bool) {
        self.follower.until(&mut self.running, what, condition);
    }

    /// Follows until what is held and what is live satisfy `condition`.
    pub fn until_all(&mut self, what: &str, condition: impl Fn(&Follower) -> bool) {
        self.follower.until_all(&mut self.running, what, condition);
    }

    /// Follows until the link is listening on `ways` ways (`uds`, `mqtt`), and answers it.
    pub fn listens(&mut self, ways: &[&str]) -> Value {
        let listening = |link: &Value, kind: &str| {
            let all = link["ways"].as_array().into_iter().flatten();
            all.clone().any(|way| way["kind"] == kind && way["state"] == "listening")
        };
        self.link(&format!("the link to listen on {ways:?}"), |link| {
            ways.iter().all(|kind| listening(link, kind))
        })
    }

    /// Follows until the live unit `link` satisfies `condition`, and answers it.
    pub fn link(&mut self, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
        self.until_all(what, |follower| follower.unit("link").is_some_and(|link| condition(&link)));
        self.follower.unit("link").expect("it was there just now")
    }

    /// Follows until there is a card `id` that satisfies `condition`, and answers it.
    pub fn sees(&mut self, id: &str, condition: impl Fn(&Value) -> bool) -> Value {
        self.until(&format!("{id} to be as expected"), |board| {
            board.has_card(id) && condition(&board.card(id))
        });
        self.follower.board.card(id)
    }

    /// Follows until something is heard of `id` that satisfies `condition`, and answers the card.
    pub fn hears(&mut self, id: &str, condition: impl Fn(&Value) -> bool) -> Value {
        self.sees(id, |card| !card["heard"].is_null() && condition(card))
    }

    /// Follows until nothing is heard of `id` beyond its file, and answers the card.
    pub fn is_fact(&mut self, id: &str) -> Value {
        self.sees(id, |card| card["heard"].is_null())
    }
}
