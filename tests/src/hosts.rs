//! Two hosts on one computer: network namespaces with a cable between them.
//!
//! Not here: what runs on them.
//!
//! Invariant: what is made here is taken away again, also when a test panics.

use std::net::Ipv4Addr;
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::machine::Machine;
use crate::peers;

/// Two hosts and the cable between them. Dropping them takes them away.
#[derive(Debug)]
pub struct Hosts {
    names: [String; 2],
}

/// Addresses of the two.
const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 99, 0, 1), Ipv4Addr::new(10, 99, 0, 2)];

impl Hosts {
    /// Lays them out; `None`, and said, where this computer does not let us.
    pub fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        peers::program("ip", "iproute2")?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = |side: &str| format!("hearsay-{}-{number}{side}", process::id());
        // From here on whatever is there already is taken away again.
        let hosts = Self { names: [name("a"), name("b")] };
        let [a, b] = &hosts.names;
        if !ip(&["netns", "add", a]) || !ip(&["netns", "add", b]) {
            return peers::not_run("the right to make network namespaces (ip netns, as root)");
        }
        assert!(ip(&[
            "link", "add", "cable", "netns", a, "type", "veth", "peer", "name", "cable", "netns", b
        ]));
        for (name, address) in hosts.names.iter().zip(ADDRESSES) {
            assert!(ip(&["-n", name, "addr", "add", &format!("{address}/24"), "dev", "cable"]));
            assert!(ip(&["-n", name, "link", "set", "lo", "up"]));
        }
        hosts.mend();
        Some(hosts)
    }

    /// The address of the first (0) or second (1) host.
    pub fn address(&self, host: usize) -> Ipv4Addr {
        ADDRESSES[host]
    }

    /// `machine` on the network of the first (0) or second (1) host.
    pub fn connect(&self, machine: Machine, host: usize) -> Machine {
        machine.behind(&["ip", "netns", "exec", &self.names[host]])
    }

    /// Pulls the cable.
    pub fn cut(&self) {
        assert!(ip(&["-n", &self.names[0], "link", "set", "cable", "down"]), "the cable can be pulled");
    }

    /// Plugs it in.
    pub fn mend(&self) {
        for name in &self.names {
            assert!(ip(&["-n", name, "link", "set", "cable", "up"]), "the cable can be plugged in");
        }
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for name in &self.names {
            ip(&["netns", "del", name]);
        }
    }
}

fn ip(words: &[&str]) -> bool {
    let output = Command::new("ip").args(words).output();
    output.is_ok_and(|output| output.status.success())
}
