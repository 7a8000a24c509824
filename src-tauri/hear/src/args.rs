//! The command line of `hear`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use hearsay_live::Keeping;

/// A live board for Git repositories tracked with Kanbus, without a display.
///
/// PATH is a repository or anything inside one; without it, the current directory. Set HEARSAY_LOG (error, warn,
/// info, debug) to see more of what happens on standard error.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the board as one line of JSON, {"to":TAG,"board":{…}}, and exit.
    ///
    /// Only reads: nothing is written, watched or contacted.
    Board(BoardArgs),
    /// Follow the board: one JSON message a line, until interrupted.
    ///
    /// First `hello`, then `board_full`, then what happens: `board_delta`, `live`, `heartbeat`.
    Watch(WatchArgs),
    /// Serve the board to browsers and tools on this machine.
    ///
    /// Once ready, prints the address with the token that opens it. Everything asks for that token.
    Serve(ServeArgs),
    /// Run the brokers themselves in the foreground, until interrupted.
    ///
    /// Without options, the local bus at everybody's socket. A broker that others on the network can reach needs an
    /// address, and a password in HEARSAY_BROKER_PASSWORD.
    Broker(BrokerArgs),
    /// Show what a repository asks for that reaches beyond it, and trust exactly that.
    ///
    /// Until then no broker or socket that its files name is contacted, and none of its hooks run. A change of what it
    /// asks for asks again.
    Trust(TrustArgs),
    /// Sweep the overlay: the passing copy of what others say that the files do not say yet.
    #[command(subcommand)]
    Overlay(OverlayCommand),
    /// Check how a repository and your session are set up, and say what to mend.
    ///
    /// Only reads; the local bus and a broker are looked for, and nothing is said to them. What your session has for
    /// notifications, a tray and passwords is said as well. Exits with 1 where something is broken.
    Doctor(DoctorArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BrokerArgs {
    /// Host the local bus at this socket.
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Run an MQTT broker at this address; port 0 takes any that is free.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) mqtt: Option<SocketAddr>,
    /// End when standard input does: whoever started us is gone then.
    #[arg(long, hide = true)]
    pub(crate) until_stdin_ends: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TrustArgs {
    /// The repository, or anything inside it.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Only show it.
    #[arg(long, conflicts_with = "revoke")]
    pub(crate) show: bool,
    /// Take trust back.
    #[arg(long)]
    pub(crate) revoke: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OverlayCommand {
    /// Remove what the files have caught up with, what has ended, and what cannot be read.
    Gc(SweepArgs),
    /// Make each snapshot the fields in which it differs from its file.
    Reconcile(ReconcileArgs),
    /// Have Git do both after merges, checkouts and rewrites, beside any hooks that there are.
    InstallHooks(SweepArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SweepArgs {
    /// The repository, or anything inside it.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReconcileArgs {
    #[command(flatten)]
    pub(crate) sweep: SweepArgs,
    /// Let go of fields that the file has caught up with.
    #[arg(long)]
    pub(crate) prune: bool,
    /// Write nothing; say what would be done.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {
    /// The repository, or anything inside it.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BoardArgs {
    /// The repository, or anything inside it.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WatchArgs {
    /// The repository, or anything inside it.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Neither host the local bus nor write the overlay.
    #[arg(long)]
    pub(crate) read_only: bool,
    #[command(flatten)]
    pub(crate) overlay: OverlayArg,
}

/// For whom what is heard is written down.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct OverlayArg {
    /// Who reads what is heard: Kanbus's commands as well, or Hearsay alone.
    ///
    /// Kanbus shows what is heard, and refuses to change an issue of which something newer is heard. Without it, your
    /// settings say so; they begin with `shared`.
    #[arg(long, value_enum, env = "HEARSAY_OVERLAY")]
    overlay: Option<Readers>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Readers {
    Shared,
    Private,
}

impl OverlayArg {
    /// For whom, where that was said.
    pub(crate) fn keeping(self) -> Option<Keeping> {
        self.overlay.map(|readers| match readers {
            Readers::Shared => Keeping::Shared,
            Readers::Private => Keeping::Private,
        })
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// The repository, or anything inside it.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 4870)]
    pub(crate) port: u16,
    /// The token that requests must carry; a random one if not given.
    #[arg(long)]
    pub(crate) token: Option<String>,
    /// A further name by which this machine may be asked, beside the loopback ones.
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    #[command(flatten)]
    pub(crate) overlay: OverlayArg,
}
