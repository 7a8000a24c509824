//! Whoever runs `hear`: with which program, as which user, on which machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::board::Board;
use crate::machine::Machine;
use crate::peers;
use crate::project::Project;
use crate::running::{Running, Watching};
use crate::server::Server;

/// The user and group `nobody`.
const NOBODY: &str = "65534";

/// Somebody who runs `hear`.
#[derive(Debug, Clone)]
pub struct Caller {
    program: PathBuf,
    before: Vec<String>,
    machine: Machine,
}

impl Caller {
    /// Whoever runs the tests.
    pub fn new(machine: Machine) -> Self {
        Self { program: peers::hear(), before: Vec::new(), machine }
    }

    /// An ordinary user, to whom modes of files mean something: for root, `nobody`, who is given `project` and a copy
    /// of the program; else whoever runs the tests. `None` where root cannot step down.
    pub fn ordinary(project: &Project) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return Some(project.caller());
        }
        let program = project.outside("hear");
        fs::copy(peers::hear(), &program).expect("a copy that nobody may run");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let dir = project.root().parent().expect("a temporary directory");
        let given = Command::new("chown").args(["-R", &format!("{NOBODY}:{NOBODY}")]).arg(dir).status();
        assert!(given.is_ok_and(|status| status.success()), "root gives the project to nobody");
        let user = format!("--reuid={NOBODY}");
        let before = ["setpriv", &user, &format!("--regid={NOBODY}"), "--clear-groups"].map(str::to_owned);
        let can = Command::new(&before[0]).args(&before[1..]).arg("true").status();
        if !can.is_ok_and(|status| status.success()) {
            return peers::not_run("setpriv, to step down from root,");
        }
        Some(Self { program, before: before.to_vec(), machine: project.machine().clone() })
    }

    /// A command that runs `hear`.
    pub fn command(&self) -> Command {
        let Some((first, rest)) = self.before.split_first() else {
            return self.machine.command(&self.program);
        };
        let mut command = self.machine.command(first);
        command.args(rest).arg(&self.program);
        command
    }

    /// Runs `hear` to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().expect("hear runs")
    }

    /// What `hear board` prints of `path`.
    pub fn board(&self, path: &Path) -> String {
        let output = self.command().arg("board").arg(path).output().expect("hear runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "hear board {} failed: {said}", path.display());
        String::from_utf8(output.stdout).expect("a board is UTF-8")
    }

    /// The same, parsed.
    pub fn read(&self, path: &Path) -> Board {
        Board::parse(&self.board(path))
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The same on another machine, or with another environment.
    #[must_use]
    pub fn on(mut self, machine: Machine) -> Self {
        self.machine = machine;
        self
    }

    /// `hear watch` of `path`.
    pub fn watch(&self, path: &Path) -> Watching {
        self.watch_with(path, &[])
    }

    /// The same with further words on the command line.
    pub fn watch_with(&self, path: &Path, words: &[&str]) -> Watching {
        Watching::new(self.clone(), path, words)
    }

    /// `hear serve` of `path` on any free port.
    pub fn serve(&self, path: &Path) -> Server {
        Server::new(Running::start(self.command().args(["serve", "--port", "0"]).arg(path)))
    }
}
