//! The local bus and its host, over real sockets.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is a failed test")]

mod peers;

use std::io::Write;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hearsay_gossip::uds::Hosting;
use peers::{Peer, host, hosting, private, until};
use serde_json::json;

#[test]
fn a_broker_fans_out_to_the_subscribers_of_a_topic_what_is_said_as_it_is_said() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let (mut first, mut second) = (Peer::subscribed(&socket, "a"), Peer::subscribed(&socket, "a"));
    let mut other = Peer::subscribed(&socket, "b");
    let mut publisher = Peer::connect(&socket);
    let msg = r#"{ "n": 1.50e+3, "unknown":[1, {}], "text":"\u00e9" }"#;
    publisher.say(&format!(r#"{{"op":"pub","topic":"a","msg":{msg}}}"#));
    publisher.say(r#"{"op":"pub","topic":"b"}"#);
    for peer in [&mut first, &mut second] {
        assert_eq!(peer.line().unwrap(), format!("{{\"topic\":\"a\",\"msg\":{msg}}}\n"));
    }
    assert_eq!(
        other.hear(),
        Some(json!({"topic": "b", "msg": null})),
        "an exact topic alone, and null where Kanbus has it"
    );
}

#[test]
fn what_is_no_request_is_passed_over_and_a_line_that_is_too_long_ends_that_connection_alone() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let mut peer = Peer::subscribed(&socket, "a");
    let deep = format!(r#"{{"op":"pub","topic":"a","msg":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    for line in
        ["", "no json", "[]", "7", r#"{"op":"dance","topic":"a"}"#, r#"{"op":7}"#, r#"{"op":"pub"}"#, &deep]
    {
        peer.say(line);
    }
    peer.write(b"\xff\xfe\n").unwrap();
    peer.publish("a", &json!("still here"));
    assert_eq!(peer.hear().unwrap()["msg"], "still here");

    let mut greedy = Peer::subscribed(&socket, "a");
    let mut line = vec![b'x'; 10 << 20];
    line.push(b'\n');
    // It may be cut off before it has said all.
    let _ = greedy.write(&line);
    assert_eq!(greedy.line(), None);
    peer.publish("a", &json!("and still"));
    assert_eq!(peer.hear().unwrap()["msg"], "and still");
}

#[test]
fn the_largest_envelope_passes() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let mut peer = Peer::subscribed(&socket, "a");
    let text = "x".repeat((1 << 20) - 100);
    let mut publisher = Peer::connect(&socket);
    publisher.publish("a", &json!(text));
    assert_eq!(peer.hear().unwrap()["msg"], *text);
}

#[test]
fn a_stale_socket_is_replaced_and_a_live_one_left_alone() {
    let (_directory, socket) = private();
    drop(UnixListener::bind(&socket).unwrap());
    let ours = host(&socket);
    Peer::subscribed(&socket, "a");
    drop(ours);
    assert!(!socket.exists(), "the host takes its own socket with it");

    let live = UnixListener::bind(&socket).unwrap();
    let (_host, told) = hosting(&socket);
    let (_probe, _) = live.accept().unwrap();
    assert!(told.try_recv().is_err(), "it does not host");
    assert!(UnixStream::connect(&socket).is_ok(), "the live one is still there");
    drop((live, _probe));
    until("the host to follow", || (told.try_recv() == Ok(Hosting::Yes)).then_some(()));
}

#[test]
fn somebody_s_file_is_never_touched_and_a_directory_that_is_open_to_others_is_not_hosted_in() {
    let (directory, socket) = private();
    std::fs::write(&socket, "mine").unwrap();
    let why = |told: &std::sync::mpsc::Receiver<Hosting>| {
        until("a refusal", || match told.try_recv() {
            Ok(Hosting::Cannot(why)) => Some(why),
            _ => None,
        })
    };
    let (file, told) = hosting(&socket);
    assert!(why(&told).contains("is not a socket of this user"));
    drop(file);
    assert_eq!(std::fs::read(&socket).unwrap(), b"mine");

    std::fs::remove_file(&socket).unwrap();
    let elsewhere = directory.path().join("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, &socket).unwrap();
    let (link, told) = hosting(&socket);
    assert!(why(&told).contains("is not a socket of this user"), "a link, wherever it leads");
    drop(link);

    std::fs::remove_file(&socket).unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::remove_file(directory.path().join("bus.sock.lock")).unwrap();
    let (_open, told) = hosting(&socket);
    assert!(why(&told).contains("mode 0700"));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is made there");
}

#[test]
fn the_directory_and_the_socket_are_this_user_s_alone() {
    let (directory, _) = private();
    let socket = directory.path().join("run/kanbus/bus.sock");
    let _host = host(&socket);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(socket.parent().unwrap()), mode(&socket)), (0o700, 0o600));
    assert!(std::fs::metadata(&socket).unwrap().file_type().is_socket());
}

#[test]
fn one_of_several_hosts_and_another_follows_when_it_goes() {
    let (_directory, socket) = private();
    let first = host(&socket);
    let (_second, told) = hosting(&socket);
    Peer::subscribed(&socket, "a");
    assert!(told.try_recv().is_err(), "one host is enough");
    drop(first);
    until("the other", || (told.try_recv() == Ok(Hosting::Yes)).then_some(()));
    Peer::subscribed(&socket, "a");
}

#[test]
fn a_socket_that_is_unlinked_is_bound_anew_and_who_was_there_stays() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let mut before = Peer::subscribed(&socket, "a");
    for round in 0..3 {
        std::fs::remove_file(&socket).unwrap();
        until("a new socket", || socket.exists().then_some(()));
        Peer::connect(&socket).publish("a", &json!(round));
        assert_eq!(before.hear().unwrap()["msg"], round);
    }
}

#[test]
fn whoever_replaces_the_socket_gets_everybody_and_the_host_comes_back_after_them() {
    let (_directory, socket) = private();
    let (_host, told) = hosting(&socket);
    until("a host", || (told.try_recv() == Ok(Hosting::Yes)).then_some(()));
    let mut before = Peer::subscribed(&socket, "a");
    // As `kbs gossip broker` does it.
    std::fs::remove_file(&socket).unwrap();
    let theirs = UnixListener::bind(&socket).unwrap();
    assert_eq!(before.line(), None, "let go, so that it looks for the new bus");
    until("the host to see it", || (told.try_recv() == Ok(Hosting::No)).then_some(()));
    drop(theirs);
    until("the host again", || (told.try_recv() == Ok(Hosting::Yes)).then_some(()));
    Peer::subscribed(&socket, "a");
}

#[test]
fn a_flood_from_one_connection_loses_nothing_of_another_and_nobody_is_let_go() {
    const OTHERS: u32 = 300;
    let (_directory, socket) = private();
    let _host = host(&socket);
    let (mut ear, mut second) = (Peer::subscribed(&socket, "a"), Peer::subscribed(&socket, "a"));
    let over = Arc::new(AtomicBool::new(false));
    let flood = {
        let (socket, over) = (socket.clone(), Arc::clone(&over));
        std::thread::spawn(move || {
            let mut stream = UnixStream::connect(socket).unwrap();
            let line = json!({"op": "pub", "topic": "a", "msg": "x".repeat(400)}).to_string() + "\n";
            let crowd = line.repeat(50);
            let mut said = 0_u32;
            while !over.load(Ordering::Relaxed) {
                stream.write_all(crowd.as_bytes()).unwrap();
                said += 50;
            }
            said
        })
    };
    let quiet = std::thread::spawn(move || {
        // One connection each, as a command has.
        for number in 0..OTHERS {
            Peer::connect(&socket).publish("a", &json!(number));
        }
    });
    let count = |peer: &mut Peer| {
        let (mut quiet, mut flooded) = (0, 0_u32);
        while quiet < OTHERS {
            let said = peer.hear().expect("a subscriber that listens is not let go");
            if said["msg"].is_u64() {
                assert_eq!(said["msg"], quiet, "in the order of the commands");
                quiet += 1;
            } else {
                flooded += 1;
            }
        }
        flooded
    };
    let (first, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| count(&mut second));
        (count(&mut ear), other.join().unwrap())
    });
    over.store(true, Ordering::Relaxed);
    quiet.join().unwrap();
    drop((ear, second));
    assert!(flood.join().unwrap() > 0 && first > 0 && other > 0, "there was a flood");
}

#[test]
fn a_subscriber_that_does_not_listen_is_let_go_and_the_others_hear_everything() {
    const ALL: u32 = 4000;
    let (_directory, socket) = private();
    let _host = host(&socket);
    let mut deaf = Peer::subscribed(&socket, "a");
    let mut ear = Peer::subscribed(&socket, "a");
    let publishing = {
        let mut publisher = Peer::connect(&socket);
        std::thread::spawn(move || {
            for number in 0..ALL {
                publisher.publish("a", &json!({"number": number, "text": "x".repeat(500)}));
            }
            publisher
        })
    };
    for number in 0..ALL {
        assert_eq!(ear.hear().unwrap()["msg"]["number"], number);
    }
    drop(publishing.join().unwrap());
    let mut heard = 0;
    while deaf.line().is_some_and(|line| line.ends_with('\n')) {
        heard += 1;
    }
    assert!(heard < ALL, "what it had not taken is not kept for it");
}

#[test]
fn who_has_nothing_more_to_say_still_hears() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let stream = UnixStream::connect(&socket).unwrap();
    (&stream).write_all(b"{\"op\":\"sub\",\"topic\":\"a\"}\n").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut reader = std::io::BufReader::new(stream);
    let mut publisher = Peer::subscribed(&socket, "a");
    let mut line = String::new();
    let told = Arc::new(AtomicBool::new(false));
    let hearing = {
        let told = Arc::clone(&told);
        std::thread::spawn(move || {
            std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
            told.store(true, Ordering::Relaxed);
        })
    };
    until("a word", || {
        publisher.publish("a", &json!(1));
        told.load(Ordering::Relaxed).then_some(())
    });
    hearing.join().unwrap();
}

/// The most connections that a host has at a time.
const PLACES: usize = 256;

/// That as many fit as there are places.
fn assert_all_places_are_free(socket: &std::path::Path) {
    let mut crowd: Vec<Peer> = (0..PLACES).map(|_| Peer::subscribed(socket, "crowd")).collect();
    crowd[0].publish("crowd", &json!("all here"));
    for peer in &mut crowd {
        assert_eq!(peer.hear().unwrap()["msg"], "all here");
    }
}

#[test]
fn connections_that_are_closed_half_by_half_leave_their_places() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let mut other = Peer::subscribed(&socket, "other");
    for _ in 0..PLACES + 10 {
        let stream = UnixStream::connect(&socket).unwrap();
        let sub_and_pub =
            concat!(r#"{"op":"sub","topic":"a"}"#, "\n", r#"{"op":"pub","topic":"a","msg":1}"#, "\n");
        (&stream).write_all(sub_and_pub.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        stream.set_read_timeout(Some(peers::DEADLINE)).unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(&stream), &mut line).unwrap();
        assert_eq!(line, "{\"topic\":\"a\",\"msg\":1}\n", "it still hears");
        // By now the host has seen that nothing more will be said.
        other.settle();
    }
    drop(other);
    assert_all_places_are_free(&socket);
}

#[test]
fn connections_that_do_nothing_shut_nobody_out() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let mut ear = Peer::subscribed(&socket, "a");
    let idle: Vec<UnixStream> =
        (0..2 * PLACES).map(|_| until("a connection", || UnixStream::connect(&socket).ok())).collect();
    Peer::connect(&socket).publish("a", &json!("from the door"));
    assert_eq!(ear.hear().unwrap()["msg"], "from the door", "and who has subscribed is not let go");
    drop(idle);
    drop(ear);
    assert_all_places_are_free(&socket);
}

#[test]
fn the_topics_of_one_connection_are_bounded_and_enough_for_a_thousand_projects() {
    let (_directory, socket) = private();
    let _host = host(&socket);
    let (mut greedy, mut modest) = (Peer::connect(&socket), Peer::connect(&socket));
    let long = |number: usize| format!("{}/{number:03}", "x".repeat(1000));
    let usual = |number: usize| format!("projects/01890a5d-ac96-774b-bcce-b302099a8057-{number:04}/events");
    for number in 0..500 {
        greedy.say(&json!({"op": "sub", "topic": long(number)}).to_string());
    }
    greedy.say(&json!({"op": "pub", "topic": long(499), "msg": "beyond"}).to_string());
    greedy.say(&json!({"op": "pub", "topic": long(0), "msg": "within"}).to_string());
    assert_eq!(greedy.hear().unwrap()["msg"], "within");
    for number in 0..1000 {
        modest.say(&json!({"op": "sub", "topic": usual(number)}).to_string());
    }
    modest.say(&json!({"op": "pub", "topic": usual(999), "msg": "all of them"}).to_string());
    assert_eq!(modest.hear().unwrap()["msg"], "all of them");
}

#[test]
fn a_listener_that_hangs_up_at_once_is_not_asked_without_pause() {
    let (_directory, socket) = private();
    let rude = UnixListener::bind(&socket).unwrap();
    rude.set_nonblocking(true).unwrap();
    let (_host, told) = hosting(&socket);
    let (start, mut asked) = (std::time::Instant::now(), 0);
    until("a second", || {
        while rude.accept().is_ok() {
            asked += 1;
        }
        (start.elapsed() > std::time::Duration::from_secs(1)).then_some(())
    });
    assert!((1..20).contains(&asked), "asked {asked} times in a second");
    drop(rude);
    until("the host", || (told.try_recv() == Ok(Hosting::Yes)).then_some(()));
}
