//! What our own broker promises, in a process of its own, with Mosquitto's clients and Hearsay's.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::broker::trial::{self, Mosquitto, Subscriber, free_port, has_mosquitto, publish, until};
use crate::mqtt::listens;

/// What `trial::own` starts as a process of its own. By itself it does nothing.
#[tokio::test]
async fn as_a_process() {
    let mut arguments = std::env::args().rev();
    let (Some(address), Some(run_dir)) = (arguments.next(), arguments.next()) else { return };
    let Ok(address) = address.parse::<SocketAddr>() else { return };
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = end.send(());
    });
    let password = std::env::var("HEARSAY_BROKER_PASSWORD").ok().map(Secret::new);
    let embedded = Embedded { address, password, run_dir: Some(run_dir.into()) };
    run(&embedded, Timestamp::UNIX_EPOCH, async { drop(ended.await) }).await.unwrap();
}

/// Our own broker in a process of its own, killed when dropped.
struct Own {
    child: Child,
    port: u16,
    directory: tempfile::TempDir,
}

impl Own {
    async fn start(password: Option<&str>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (hear, port) = (trial::own(&directory.path().join("run")), free_port());
        let mut command = Command::new(hear.program);
        command.args(hear.arguments).arg(format!("127.0.0.1:{port}"));
        command.envs(password.map(|password| ("HEARSAY_BROKER_PASSWORD", password)));
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let own = Self { child: command.spawn().unwrap(), port, directory };
        until("our own broker", async || listens("127.0.0.1", port).await).await;
        own
    }

    fn run_dir(&self) -> PathBuf {
        self.directory.path().join("run")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_broker_that_the_network_can_reach_needs_a_password() {
    for password in [None, Some(""), Some("short")] {
        let embedded = Embedded {
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            password: password.map(Secret::new),
            run_dir: None,
        };
        let ended = run(&embedded, Timestamp::UNIX_EPOCH, std::future::pending()).await;
        assert!(matches!(ended, Err(EmbeddedError::Open(_))), "{password:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_said_to_be() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let embedded = Embedded { address, password: None, run_dir: None };
    let ended = run(&embedded, Timestamp::UNIX_EPOCH, std::future::pending()).await;
    assert!(matches!(ended, Err(EmbeddedError::Listen { .. })), "{ended:?}");
}

#[tokio::test]
async fn the_clients_of_mosquitto_hear_each_other_and_who_says_too_much_ends_alone() {
    if !has_mosquitto() {
        return;
    }
    let own = Own::start(None).await;
    let subscribers = [0; 3].map(|_| Subscriber::new(own.port, "projects/p/events", &[]));
    publish(own.port, "nobody/listens", b"{}", &[]);
    publish(own.port, "projects/p/events", b"{\"n\":1}", &[]);
    let large = format!("{{{}}}", "x".repeat(LARGEST - 2));
    publish(own.port, "projects/p/events", large.as_bytes(), &[]);
    let mut greedy = TcpStream::connect(("127.0.0.1", own.port)).await.unwrap();
    // A publish of 10 MB, of which it sends the beginning only.
    greedy.write_all(&introduction(None)).await.unwrap();
    greedy.write_all(&[0x30, 0x80, 0xad, 0xe2, 0x04, 0, 1, b't']).await.unwrap();
    let mut answer = Vec::new();
    greedy.read_to_end(&mut answer).await.unwrap_or_default();
    assert_eq!(answer, [0x20, 2, 0, 0], "it is let in, and thrown out");
    publish(own.port, "projects/p/events", b"{\"n\":2}", &["-q", "1"]);
    for subscriber in &subscribers {
        assert_eq!(subscriber.heard(), "{\"n\":1}");
        assert_eq!(subscriber.heard().len(), LARGEST);
        assert_eq!(subscriber.heard(), "{\"n\":2}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_with_a_word_and_the_right_one_lets_in() {
    if !has_mosquitto() {
        return;
    }
    let own = Own::start(Some("long enough")).await;
    assert_eq!(announcement::read(&own.run_dir()), None, "who has no password is not sent here");
    for (shown, answer) in [(None, 4), (Some("long enougH"), 4), (Some(""), 4), (Some("long enough"), 0)] {
        let mut stream = TcpStream::connect(("127.0.0.1", own.port)).await.unwrap();
        stream.write_all(&introduction(shown)).await.unwrap();
        let mut said = [0; 4];
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(said, [0x20, 2, 0, answer], "{shown:?}");
    }
    let subscriber = Subscriber::new(own.port, "t", &["-u", "anybody", "-P", "long enough"]);
    publish(own.port, "t", b"{\"n\":1}", &["-u", "me", "-P", "long enough"]);
    assert_eq!(subscriber.heard(), "{\"n\":1}");
}

#[tokio::test]
async fn it_announces_itself_and_takes_that_back_when_it_is_told_to_end() {
    let mut own = Own::start(None).await;
    let run_dir = own.run_dir();
    until("the announcement", async || announcement::address(&run_dir).is_some()).await;
    let said = announcement::read(&run_dir).unwrap();
    assert_eq!((said.pid, said.endpoint), (own.child.id(), format!("mqtt://127.0.0.1:{}", own.port)));
    drop(own.child.stdin.take());
    until("its end", async || own.child.try_wait().unwrap().is_some()).await;
    assert_eq!(announcement::read(&run_dir), None);
}

#[tokio::test]
async fn the_announcement_of_a_broker_that_lives_is_left_alone_and_that_of_another_is_replaced() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let living = Mosquitto::open(directory.path()).await;
    let port = living.port;
    // It only has to be a process that lives and is not this one.
    let endpoint = format!("mqtt://127.0.0.1:{port}");
    let there =
        Announcement::new("mosquitto", endpoint, std::os::unix::process::parent_id(), Timestamp::UNIX_EPOCH);
    there.write(&run_dir).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let embedded = Embedded { address, password: None, run_dir: Some(run_dir.clone()) };
    announce(&embedded, address, Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(announcement::read(&run_dir), Some(there));
    drop(living);
    announce(&embedded, address, Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(announcement::read(&run_dir).unwrap().pid, std::process::id());
}

#[tokio::test]
async fn strangers_who_talk_rubbish_or_come_and_go_do_not_disturb_others() {
    if !has_mosquitto() {
        return;
    }
    let own = Own::start(None).await;
    let subscriber = Subscriber::new(own.port, "t", &[]);
    // More than there are names for connections, one after the other.
    for turn in 0..1500_u32 {
        let mut stream = TcpStream::connect(("127.0.0.1", own.port)).await.unwrap();
        match turn % 3 {
            0 => stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap(),
            1 => {
                stream.write_all(&introduction(None)).await.unwrap();
                stream.read_exact(&mut [0; 4]).await.unwrap();
            }
            _ => {
                stream.write_all(&introduction(None)).await.unwrap();
                // A subscription cut short.
                stream.write_all(&[0x82, 0x7f, 0, 1]).await.unwrap();
            }
        }
    }
    publish(own.port, "t", b"{\"n\":1}", &[]);
    assert_eq!(subscriber.heard(), "{\"n\":1}");
}

#[tokio::test]
async fn a_subscriber_that_takes_nothing_in_does_not_hold_up_others() {
    if !has_mosquitto() {
        return;
    }
    let own = Own::start(None).await;
    let mut stuck = TcpStream::connect(("127.0.0.1", own.port)).await.unwrap();
    stuck.write_all(&introduction(None)).await.unwrap();
    stuck.write_all(&[0x82, 6, 0, 1, 0, 1, b't', 0]).await.unwrap();
    let mut said = [0; 9];
    stuck.read_exact(&mut said).await.unwrap();
    assert_eq!(said[4], 0x90, "subscribed");
    let subscriber = Subscriber::new(own.port, "t", &[]);
    for n in 0..60 {
        let text = format!("{{\"n\":{n},{}}}", "x".repeat(1_000_000));
        publish(own.port, "t", text.as_bytes(), &[]);
        assert!(subscriber.heard().starts_with(&format!("{{\"n\":{n},")));
    }
}

/// A client that has been let in and says what it likes.
async fn rude(own: &Own) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", own.port)).await.unwrap();
    stream.write_all(&introduction(None)).await.unwrap();
    stream.read_exact(&mut [0; 4]).await.unwrap();
    stream
}

/// What the broker says until it hangs up.
async fn until_the_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    let end = tokio::time::timeout(trial::PATIENCE, stream.read_to_end(&mut said)).await;
    // Cut off in the middle is as good.
    end.expect("it hangs up").unwrap_or_default();
    said
}

/// The broker serves who behaves.
fn assert_well(own: &Own) {
    let subscriber = Subscriber::new(own.port, "well", &[]);
    publish(own.port, "well", b"{\"n\":1}", &[]);
    assert_eq!(subscriber.heard(), "{\"n\":1}");
}

#[tokio::test]
async fn nothing_is_retained_whatever_is_asked() {
    if !has_mosquitto() {
        return;
    }
    let own = Own::start(None).await;
    let before = Subscriber::new(own.port, "t", &[]);
    publish(own.port, "t", b"{\"n\":1}", &["-r"]);
    assert_eq!(before.heard(), "{\"n\":1}");
    let after = Subscriber::new(own.port, "t", &[]);
    publish(own.port, "t", b"{\"n\":2}", &["-r", "-q", "2"]);
    publish(own.port, "t", b"{\"n\":3}", &[]);
    assert_eq!(after.heard(), "{\"n\":2}");
    assert_eq!(after.heard(), "{\"n\":3}");
}

#[tokio::test]
async fn a_broker_that_was_made_to_hold_too_much_ends() {
    let mut own = Own::start(None).await;
    let mut greedy = rude(&own).await;
    let mut sent = 0_u16;
    until("its end", async || {
        for _ in 0..20 {
            sent += 1;
            // It hangs up in the middle.
            let _ = greedy.write_all(&subscription(sent, &format!("f/{sent}"))).await;
            let _ = greedy.try_read(&mut [0; 1024]);
        }
        own.child.try_wait().unwrap().is_some()
    })
    .await;
    assert!(sent > 200, "{sent} filters are not too much");
}

#[tokio::test]
async fn names_that_the_router_falls_over_are_refused_and_harm_nobody() {
    if !has_mosquitto() {
        return;
    }
    let own = Own::start(None).await;
    let _everything = Subscriber::new(own.port, "#", &[]);
    let long = "x".repeat(1025);
    for topic in ["\u{e9}/t", "", "a/+", "#", &long] {
        let mut client = rude(&own).await;
        client.write_all(&publication(0x30, topic, None)).await.unwrap();
        assert_eq!(until_the_end(&mut client).await, b"", "{topic:.10}");
    }
    let mut client = rude(&own).await;
    for (pkid, filter) in (1..).zip(["$share/g/t", "$share/g/t", "$SYS/#", "a#", "\u{e9}/#", &long]) {
        client.write_all(&subscription(pkid, filter)).await.unwrap();
        let mut said = [0; 5];
        client.read_exact(&mut said).await.unwrap();
        assert_eq!(said, [0x90, 3, 0, pkid as u8, 0x80], "{filter:.10}");
    }
    for pkid in 10..20 {
        client.write_all(&subscription(pkid, "t")).await.unwrap();
        client.read_exact(&mut [0; 5]).await.unwrap();
    }
    assert_well(&own);
}

#[tokio::test]
async fn of_a_stranger_little_is_read_before_he_is_let_in() {
    let own = Own::start(Some("long enough")).await;
    let mut stranger = TcpStream::connect(("127.0.0.1", own.port)).await.unwrap();
    // An introduction of a megabyte, of which it sends the beginning only. It need not be waited for.
    stranger.write_all(&[0x10, 0xff, 0xff, 0x3f]).await.unwrap();
    let mut said = Vec::new();
    let end = tokio::time::timeout(crate::broker::wire::PATIENCE / 2, stranger.read_to_end(&mut said)).await;
    end.expect("it hangs up at once").unwrap_or_default();
    assert_eq!(said, b"");
}

#[tokio::test]
async fn messages_that_are_never_released_are_not_gathered() {
    if !has_mosquitto() {
        return;
    }
    let own = Own::start(None).await;
    let mut client = rude(&own).await;
    for pkid in 1..=100 {
        // It hangs up in the middle.
        let _ = client.write_all(&publication(0x34, "t", Some(pkid))).await;
    }
    assert!(until_the_end(&mut client).await.len() < 4 * 100, "not all of them are taken");
    assert_well(&own);
}

/// A subscription to `filter`.
fn subscription(pkid: u16, filter: &str) -> Vec<u8> {
    let mut rest = pkid.to_be_bytes().to_vec();
    rest.extend((filter.len() as u16).to_be_bytes());
    rest.extend(filter.as_bytes());
    rest.push(0);
    packet(0x82, &rest)
}

/// A message on `topic`.
fn publication(flags: u8, topic: &str, pkid: Option<u16>) -> Vec<u8> {
    let mut rest = (topic.len() as u16).to_be_bytes().to_vec();
    rest.extend(topic.as_bytes());
    rest.extend(pkid.into_iter().flat_map(u16::to_be_bytes));
    rest.extend(b"{}");
    packet(flags, &rest)
}

/// A packet with `rest` behind its length.
fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
    let low = (rest.len() % 128) as u8;
    let mut packet = match rest.len() / 128 {
        0 => vec![first, low],
        high => vec![first, low | 0x80, high as u8],
    };
    packet.extend(rest);
    packet
}

/// The first packet of a client that names itself `c`.
fn introduction(password: Option<&str>) -> Vec<u8> {
    let mut rest = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 1, b'c'];
    if let Some(password) = password {
        rest[7] |= 0b1100_0000;
        rest.extend([0, 1, b'u', 0, password.len() as u8]);
        rest.extend(password.as_bytes());
    }
    packet(0x10, &rest)
}
