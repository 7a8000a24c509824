//! A link over the local bus, from end to end.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is a failed test")]

mod peers;

use std::os::unix::net::UnixListener;
use std::time::Duration;

use hearsay_board::envelope::News;
use hearsay_gossip::bus::Bus;
use hearsay_gossip::settings::Channel;
use hearsay_gossip::{Settings, WayState};
use peers::{Ear, Peer, channel_of, envelope, host, options, parsed, private, settings, until};
use serde_json::json;

#[test]
fn what_one_link_publishes_another_hears_once_and_itself_not() {
    let (_directory, socket) = private();
    let mut first = Ear::up(&socket, "one", true);
    let mut second = Ear::up(&socket, "two", true);
    let said = parsed(&envelope("e-1", "one", "kbs-1"));
    first.link.publish(said.clone());
    first.link.publish(said.clone());
    second.link.publish(parsed(&envelope("e-2", "two", "kbs-1")));
    let heard = second.hear();
    assert_eq!((heard.channel, heard.envelope), (0, said));
    assert_eq!(&*first.hear().envelope.id, "e-2", "its own words are no news to it");
    let state = second.until_state("a count", |state| state.heard == 1);
    assert_eq!(state.refused + state.dropped_foreign + state.dropped_unknown + state.unsent, 0);
    assert!(state.last_heard.is_some() && state.lag.is_some());
}

#[test]
fn one_link_hosts_and_says_so_and_the_way_that_nobody_wants_is_off() {
    let (_directory, socket) = private();
    let mut first = Ear::up(&socket, "one", true);
    let state = first.until_state("a host", |state| state.ways[0].hosting);
    assert_eq!((state.ways[0].bus, state.ways[0].endpoint.as_str()), (Bus::Uds, socket.to_str().unwrap()));
    assert_eq!((state.ways[1].bus, state.ways[1].state), (Bus::Mqtt, WayState::Off));
    let second = Ear::up(&socket, "two", true);
    assert!(!second.state.as_ref().unwrap().ways[0].hosting);
    drop(first);
    let mut second = second;
    second.until_state("the other to follow", |state| {
        state.ways[0].hosting && state.ways[0].state == WayState::Listening
    });
}

#[test]
fn one_that_may_not_host_writes_nothing_and_joins_who_does() {
    let (directory, socket) = private();
    let mut ear = Ear::start(settings(&socket), options("reader", false));
    let lost = ear.until_state("the loss", |state| state.ways[0].state == WayState::Lost);
    assert_eq!(lost.ways[0].message.as_deref(), Some("nothing is there"));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    let _host = host(&socket);
    ear.until_state("the bus", |state| state.ways[0].state == WayState::Listening);
    Peer::connect(&socket).publish("projects/p/events", &envelope("e", "them", "kbs-1"));
    assert_eq!(&*ear.hear().envelope.id, "e");
}

#[test]
fn what_is_published_while_there_is_no_bus_is_sent_on_return_and_of_an_issue_only_the_newest() {
    let (_directory, socket) = private();
    let mut ear = Ear::start(settings(&socket), options("one", false));
    ear.until_state("the loss", |state| state.ways[0].state == WayState::Lost);
    for (id, issue) in [("e-1", "kbs-1"), ("e-2", "kbs-2"), ("e-3", "kbs-1")] {
        ear.link.publish(parsed(&envelope(id, "one", issue)));
    }
    // A broker that is there before the link finds it, with somebody who listens.
    let (_elsewhere, theirs) = private();
    let _host = host(&theirs);
    let mut peer = Peer::subscribed(&theirs, "projects/p/events");
    std::os::unix::fs::symlink(&theirs, &socket).unwrap();
    let mut next = || peer.hear().unwrap()["msg"]["id"].as_str().unwrap().to_owned();
    assert_eq!([next(), next()], ["e-2", "e-3"]);
}

#[test]
fn a_link_follows_who_replaces_the_socket_and_hosts_again_after_them() {
    let (_directory, socket) = private();
    let mut ear = Ear::up(&socket, "one", true);
    ear.until_state("a host", |state| state.ways[0].hosting);
    // As `kbs gossip broker` does it.
    std::fs::remove_file(&socket).unwrap();
    let theirs = UnixListener::bind(&socket).unwrap();
    theirs.set_nonblocking(true).unwrap();
    let mut streams = Vec::new();
    until("the link to come over", || {
        streams.extend(theirs.accept());
        let mut said = [0; 4096];
        streams.iter().find(|(stream, _)| {
            stream.set_nonblocking(true).unwrap();
            std::io::Read::read(&mut &*stream, &mut said)
                .is_ok_and(|read| said[..read].starts_with(b"{\"op\":\"sub\""))
        })?;
        Some(())
    });
    ear.until_state("the host to give way", |state| !state.ways[0].hosting);
    drop((theirs, streams));
    ear.until_state("its own bus again", |state| {
        state.ways[0].hosting && state.ways[0].state == WayState::Listening
    });
    Peer::connect(&socket).publish("projects/p/events", &envelope("e", "them", "kbs-1"));
    assert_eq!(&*ear.hear().envelope.id, "e");
}

#[test]
fn a_broker_that_does_not_answer_is_not_a_bus() {
    let (_directory, socket) = private();
    let _silent = UnixListener::bind(&socket).unwrap();
    let mut ear = Ear::start(settings(&socket), options("one", true));
    let lost = ear.until_state("the loss", |state| state.ways[0].state == WayState::Lost);
    assert_eq!(lost.ways[0].message.as_deref(), Some("whoever hosts it does not answer"));
}

#[test]
fn a_socket_path_that_is_somebody_s_file_is_said_in_words_and_left_as_it_is() {
    let (_directory, socket) = private();
    std::fs::write(&socket, "mine").unwrap();
    let mut ear = Ear::start(settings(&socket), options("one", true));
    ear.until_state("the reason", |state| {
        state.ways[0].message.as_deref().is_some_and(|why| why.contains("is not a socket of this user"))
    });
    drop(ear);
    assert_eq!(std::fs::read(&socket).unwrap(), b"mine");
}

#[test]
fn what_a_stranger_says_wrongly_is_counted_and_harms_nobody() {
    let (_directory, socket) = private();
    let mut ear = Ear::up(&socket, "one", true);
    let mut stranger = Peer::connect(&socket);
    let topic = "projects/p/events";
    let with = |key: &str, value: serde_json::Value| {
        let mut envelope = envelope("bad", "them", "kbs-1");
        envelope[key] = value;
        envelope
    };
    let refused = [
        json!(null),
        json!([1, 2]),
        with("issue_id", json!("../../x")),
        with("id", json!("x".repeat(10_000))),
        with("ts", json!("before time")),
        with("issue", json!({"id": "kbs-2"})),
    ];
    for msg in &refused {
        stranger.publish(topic, msg);
    }
    stranger.publish(topic, &with("project_identity", json!("another")));
    stranger.publish(topic, &with("project", json!("unheard-of")));
    stranger.publish(topic, &with("type", json!("issue.sung")));
    let heard = ear.hear();
    assert_eq!(heard.envelope.news, News::Unknown, "a type that is not known is passed on");
    let state = ear.until_state("the counts", |state| state.heard == 1);
    let counts = (state.refused, state.dropped_foreign, state.dropped_unknown);
    assert_eq!(counts, (refused.len() as u64, 1, 1));
}

#[test]
fn a_link_listens_to_many_topics_at_once() {
    let (_directory, socket) = private();
    let channels =
        (0..1000).map(|number| Channel { topic: format!("projects/{number}/events"), ..channel_of("p") });
    let settings = Settings { channels: channels.collect(), ..settings(&socket) };
    let mut ear = Ear::start(settings, options("one", true));
    ear.until_state("listening", |state| state.ways[0].state == WayState::Listening);
    let mut peer = Peer::connect(&socket);
    for number in [0_usize, 500, 999] {
        peer.publish(
            &format!("projects/{number}/events"),
            &envelope(&format!("e-{number}"), "them", "kbs-1"),
        );
        assert_eq!(ear.hear().channel, number);
    }
}

#[test]
fn a_flood_does_not_keep_a_link_from_hearing_others() {
    let (_directory, socket) = private();
    let mut ear = Ear::up(&socket, "one", true);
    let flooding = {
        let mut flooder = Peer::connect(&socket);
        std::thread::spawn(move || {
            for number in 0..20_000 {
                flooder.publish("projects/p/events", &envelope(&format!("flood-{number}"), "them", "kbs-1"));
            }
        })
    };
    for number in 0..50 {
        let id = format!("quiet-{number}");
        Peer::connect(&socket).publish("projects/p/events", &envelope(&id, "others", "kbs-2"));
        while *ear.hear().envelope.id != *id {}
    }
    flooding.join().unwrap();
    let state = ear.until_state("all of it", |state| state.heard == 20_050);
    assert_eq!(state.ways[0].state, WayState::Listening);
}

#[test]
fn dropping_a_link_ends_its_bus_and_takes_its_socket_along() {
    let (_directory, socket) = private();
    let ear = Ear::up(&socket, "one", true);
    let mut peer = Peer::subscribed(&socket, "a");
    drop(ear);
    assert!(!socket.exists());
    assert_eq!(peer.line(), None);
}

#[test]
fn waking_looks_for_the_bus_at_once() {
    let (_directory, socket) = private();
    let mut ear = Ear::start(settings(&socket), options("one", false));
    ear.until_state("the loss", |state| state.ways[0].state == WayState::Lost);
    let _host = host(&socket);
    ear.link.wake();
    let state = ear.until_state("the bus", |state| state.ways[0].state == WayState::Listening);
    assert!(state.ways[0].since.elapsed().unwrap() < Duration::from_secs(60));
    ear.link.wake();
    Peer::connect(&socket).publish("projects/p/events", &envelope("e", "them", "kbs-1"));
    assert_eq!(&*ear.hear().envelope.id, "e", "a bus that is up stays up");
}

#[test]
fn a_bus_where_others_may_write_is_not_joined_and_one_where_they_may_only_look_is() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, theirs) = private();
    let _host = host(&theirs);
    let open_to = |mode| {
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (_here, link) = private();
    std::os::unix::fs::symlink(&theirs, &link).unwrap();
    for socket in [&theirs, &link] {
        for mode in [0o777, 0o1777, 0o720] {
            open_to(mode);
            let mut ear = Ear::start(settings(socket), options("one", false));
            let lost = ear.until_state("the loss", |state| state.ways[0].state == WayState::Lost);
            let why = lost.ways[0].message.clone().unwrap();
            assert!(why.contains("nobody else may write to"), "{mode:o}: {why}");
            open_to(0o755);
            ear.until_state("the bus", |state| state.ways[0].state == WayState::Listening);
        }
    }
    // Only root can give a file away; for anybody else there is nothing to try.
    if std::os::unix::fs::chown(&theirs, Some(65_534), None).is_ok() {
        let mut ear = Ear::start(settings(&theirs), options("one", false));
        let lost = ear.until_state("the loss", |state| state.ways[0].state == WayState::Lost);
        assert_eq!(lost.ways[0].message.as_deref(), Some("the socket is somebody else's"));
    }
}
