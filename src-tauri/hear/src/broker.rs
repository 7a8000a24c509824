//! `hear broker`: the brokers themselves, in the foreground.
//!
//! Not here: what they do (`hearsay-gossip`). The MQTT one cannot be stopped within a process, so it is one.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use hearsay_gossip::broker::embedded::{self, Embedded, EmbeddedError};
use hearsay_gossip::endpoint::Secret;
use hearsay_gossip::settings::{Environment, Settings};
use hearsay_live::Surroundings;
use hearsay_live::wire::{ErrorCode, WireError};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::args::BrokerArgs;
use crate::shutdown;

pub(crate) async fn run(args: BrokerArgs) -> anyhow::Result<()> {
    let mut asked = std::pin::pin!(shutdown::asked()?);
    let surroundings = Surroundings::of(std::env::vars_os());
    let (unfit, mut why_unfit) = mpsc::channel(1);
    let bus = match (args.socket, args.mqtt) {
        (None, Some(_)) => None,
        (socket, _) => Some(host(socket, &surroundings, unfit)?),
    };
    let orphaned = orphaned(args.until_stdin_ends);
    let mut failure = None;
    let end = async {
        tokio::select! {
            () = &mut asked => {}
            () = orphaned => {}
            Some(why) = why_unfit.recv() => failure = Some(why),
        }
    };
    match args.mqtt {
        Some(address) => mqtt(address, &surroundings, end).await?,
        None => end.await,
    }
    drop(bus);
    match failure {
        Some(why) => Err(WireError::new(ErrorCode::Io, why)
            .with_hint("name a socket in a directory of yours that nobody else may enter with --socket")
            .into()),
        None => Ok(()),
    }
}

async fn mqtt(
    address: SocketAddr,
    surroundings: &Surroundings,
    until: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let address = if address.port() == 0 { with_free_port(address).await? } else { address };
    let password = surroundings.vars.get("HEARSAY_BROKER_PASSWORD").map(|text| Secret::new(text.as_str()));
    let run_dir = surroundings.vars.get("HOME").map(|home| PathBuf::from(home).join(".kanbus/run"));
    let embedded = Embedded { address, password, run_dir };
    // It is asked when to end only once it listens.
    let until = async {
        if let Err(error) = say(&format!("an MQTT broker listens at {address}")) {
            tracing::debug!(%error, "nobody reads what is said");
        }
        until.await;
    };
    let now = jiff::Timestamp::try_from(SystemTime::now()).unwrap_or_default();
    embedded::run(&embedded, now, until).await.map_err(|error| {
        let hint = match error {
            EmbeddedError::Full | EmbeddedError::Broken => "start it again",
            _ => "choose another address with --mqtt; 127.0.0.1:0 takes any port that is free",
        };
        WireError::new(ErrorCode::Io, error.to_string()).with_hint(hint)
    })?;
    Ok(())
}

/// `address` with a port that was free a moment ago.
async fn with_free_port(address: SocketAddr) -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(address).await?.local_addr()?)
}

#[cfg(unix)]
fn host(
    socket: Option<PathBuf>,
    surroundings: &Surroundings,
    unfit: mpsc::Sender<String>,
) -> anyhow::Result<hearsay_gossip::uds::Host> {
    use hearsay_gossip::uds::{Host, Hosting};
    let environment = Environment { vars: surroundings.vars.clone(), ..Environment::default() };
    let usual = || Settings::resolve(&[], &environment, false).0.socket;
    let socket = socket.map(std::path::absolute).transpose()?.or_else(usual).ok_or_else(|| {
        WireError::new(ErrorCode::Invalid, "there is no place for a socket")
            .with_hint("name one with --socket")
    })?;
    let shown = socket.display().to_string();
    let host = Host::start(socket, move |hosting| {
        let said = match hosting {
            Hosting::Yes => say(&format!("the local bus is hosted at {shown}")),
            Hosting::No => Ok(()),
            Hosting::Cannot(why) => {
                // One reason is enough to end.
                let _ = unfit.try_send(format!("the local bus cannot be hosted at {shown}: {why}"));
                Ok(())
            }
        };
        if let Err(error) = said {
            tracing::debug!(%error, "nobody reads what is said");
        }
    })?;
    Ok(host)
}

#[cfg(not(unix))]
fn host(_: Option<PathBuf>, _: &Surroundings, _: mpsc::Sender<String>) -> anyhow::Result<()> {
    Err(WireError::new(ErrorCode::Unavailable, "this system has no local bus")
        .with_hint("run an MQTT broker with --mqtt 127.0.0.1:1883")
        .into())
}

/// Waits until standard input ends, where that matters.
async fn orphaned(matters: bool) {
    if !matters {
        return std::future::pending().await;
    }
    let (mut stdin, mut passed_over) = (tokio::io::stdin(), [0; 64]);
    // An input that cannot be read has ended, as far as we are concerned.
    while stdin.read(&mut passed_over).await.is_ok_and(|count| count > 0) {}
}

fn say(what: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what}")?;
    out.flush()
}
