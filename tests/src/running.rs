//! `hear` as a running process: its lines as they come, its end, and `hear watch` with a follower.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::board::Board;
use crate::caller::Caller;
use crate::follower::{Feed, Follower, settle};
use crate::wait::until;

/// A running `hear`. Dropping it ends it.
#[derive(Debug)]
pub struct Running {
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
        Self { child, lines, errors }
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
            Err(RecvTimeoutError::Disconnected) => panic!("hear has ended, saying: {}", self.errors()),
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

    /// Waits until it has ended of itself.
    pub fn ended(&mut self) -> ExitStatus {
        until("hear to end", || self.child.try_wait().expect("it is our child"))
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
    /// Watches `path` for `caller`, up to the first full board.
    pub fn new(caller: Caller, path: &Path) -> Self {
        let running = Running::start(caller.command().arg("watch").arg(path));
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
}
