//! Whether the local bus and the broker answer. Nothing is said to them.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use hearsay_live::Gossip;

use super::findings::Findings;

/// How long a broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn look(gossip: &Gossip, findings: &mut Findings) {
    gossip.warnings.iter().for_each(|warning| findings.note("gossip", warning.clone(), ""));
    look_at_socket(gossip, findings);
    look_at_broker(gossip, findings);
}

#[cfg(unix)]
fn look_at_socket(gossip: &Gossip, findings: &mut Findings) {
    let Some(socket) = &gossip.socket else {
        return findings.well("bus", "the local bus is not used");
    };
    let shown = socket.display();
    match std::os::unix::net::UnixStream::connect(socket) {
        Ok(_) => findings.well("bus", format!("somebody hosts the local bus at {shown}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => findings.note(
            "bus",
            format!("nobody hosts the local bus at {shown}: what Kanbus does here is not said"),
            "start `hear watch`, `hear serve` or the app",
        ),
        Err(error) => findings.note(
            "bus",
            format!("the local bus at {shown} does not answer: {error}"),
            "start `hear watch`, `hear serve` or the app; a stale socket is replaced",
        ),
    }
    look_at_directory(socket, findings);
}

#[cfg(unix)]
fn look_at_directory(socket: &Path, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt;
    let Some(directory) = socket.parent() else { return };
    let Ok(metadata) = std::fs::metadata(directory) else { return };
    if metadata.permissions().mode() & 0o077 != 0 {
        findings.broken(
            "bus",
            format!("others may enter {}, so the bus is not hosted there", directory.display()),
            format!("chmod 700 {}", directory.display()),
        );
    }
}

#[cfg(not(unix))]
fn look_at_socket(_: &Gossip, findings: &mut Findings) {
    findings.well("bus", "this system has no local bus");
}

fn look_at_broker(gossip: &Gossip, findings: &mut Findings) {
    let Some(broker) = &gossip.broker else {
        return findings.well("broker", "no broker is used");
    };
    let endpoint = broker.endpoint();
    if broker.auto {
        return findings.well("broker", "a broker on this machine is used where there is one");
    }
    if let Err(error) = broker.covered() {
        return findings.broken("broker", error.to_string(), "name it with mqtts://, or without a password");
    }
    let addresses = (broker.host.as_str(), broker.contacted_port()).to_socket_addrs();
    let addresses: Vec<SocketAddr> = addresses.map(Iterator::collect).unwrap_or_default();
    let answers = |address: &SocketAddr| TcpStream::connect_timeout(address, PATIENCE).is_ok();
    if addresses.iter().take(2).any(answers) {
        findings.well("broker", format!("{endpoint} answers"));
    } else {
        findings.broken("broker", format!("{endpoint} does not answer"), "check the address and the network");
    }
}
