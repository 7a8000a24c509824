//! The promises of Hearsay, kept end to end against real peers: `git`, the Kanbus client, `hear` itself.
//!
//! The one that all others lean on: once settled, what a subscriber holds equals a fresh `hear board`, to the byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is a failed test")]

mod accounts;
mod any_sequence;
mod attention;
mod attention_git;
mod attention_odd;
mod bad_envelopes;
mod bad_issues;
mod bad_links;
mod bad_overlays;
mod bad_repositories;
mod blind;
mod command_line;
mod desktop_peers;
mod flood;
mod following;
mod gates;
mod git_formats;
mod git_moves;
mod good_neighbour;
mod gossip_hosts;
mod gossip_mqtt;
mod gossip_uds;
mod hooks;
mod hostile_text;
mod hushed;
mod inbox;
mod kanbus_client;
mod kanbus_reads;
mod layouts;
mod leases;
mod lifecycle_hooks;
mod outages;
mod overlay_rules;
mod own_mounts;
mod packages;
mod party;
mod peers_alone;
mod policies;
mod reading;
mod real_data;
mod refusals;
mod retries;
mod same_as_kanbus;
mod saves;
mod serving;
mod settings;
mod streams;
mod taking_back;
mod trouble;
mod trust;
mod writers;
mod writing;
