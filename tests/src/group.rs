//! A process with all that it starts, as one group that ends with it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::wait::{DEADLINE, until};

/// How long a group may take to end of itself.
const FAREWELL: Duration = Duration::from_secs(5);
/// How often it is looked whether it has.
const STEP: Duration = Duration::from_millis(2);

/// A process group. Dropping it ends it, also when a test panics.
#[derive(Debug)]
pub struct Group {
    child: Child,
    lines: Receiver<String>,
    log: PathBuf,
}

impl Group {
    /// Starts `command` as the head of a new group; what it says on standard error goes to `log`.
    pub fn start(command: &mut Command, log: PathBuf) -> Self {
        let errors = File::create(&log).expect("a log");
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = child.stdout.take().expect("piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Read on where nobody listens any more, or the process stops at a full pipe.
                let _ = sender.send(line);
            }
        });
        Self { child, lines, log }
    }

    /// What `pick` finds in the next line that has it.
    pub fn said<T>(&self, what: &str, pick: impl Fn(&str) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            match self.lines.recv_timeout(DEADLINE.saturating_sub(started.elapsed())) {
                Ok(line) => match pick(&line) {
                    Some(found) => return found,
                    None => continue,
                },
                Err(RecvTimeoutError::Timeout) => panic!("waited {DEADLINE:?} for {what}: {}", self.errors()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended without {what}: {}", self.errors()),
            }
        }
    }

    /// What it said on standard error so far.
    pub fn errors(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until `condition` holds; `false` where the process ends before.
    pub fn lives_until(&mut self, what: &str, condition: impl Fn() -> bool) -> bool {
        until(what, || {
            let ended = self.outcome().is_some();
            (ended || condition()).then_some(!ended)
        })
    }

    /// Waits until no process of the group is called `name`, whose first 15 letters count.
    pub fn is_rid_of(&self, name: &str) {
        until(&format!("{name} to end"), || {
            let entries = std::fs::read_dir("/proc").expect("processes are listed").flatten();
            let stats = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
            let own = self.child.id().to_string();
            (!stats.into_iter().any(|stat| is_member(&stat, &own, name))).then_some(())
        });
    }

    /// The process at its head.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, where it has.
    pub fn outcome(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it is our child")
    }

    /// Waits until it has ended of itself.
    pub fn ended(&mut self) -> ExitStatus {
        until("a process to end", || self.outcome())
    }

    /// Ends it and all that it has started at once, as nobody can refuse.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }

    fn signal(&self, signal: Signal) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        // A group without members is what is wanted.
        let _ = kill_process_group(group, signal);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let started = Instant::now();
        // Standard output closes with the last of them, or before; an end that takes too long is cut short.
        while self.lines.recv_timeout(FAREWELL.saturating_sub(started.elapsed())).is_ok() {}
        while started.elapsed() < FAREWELL && self.child.try_wait().is_ok_and(|status| status.is_none()) {
            std::thread::sleep(STEP);
        }
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Whether a line of `/proc/*/stat` is about a living process of `group` that is called `name`.
fn is_member(stat: &str, group: &str, name: &str) -> bool {
    let Some((called, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else {
        return false;
    };
    let mut rest = rest.split_whitespace();
    let lives = rest.next() != Some("Z");
    lives && rest.nth(1) == Some(group) && called == &name[..name.len().min(15)]
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
