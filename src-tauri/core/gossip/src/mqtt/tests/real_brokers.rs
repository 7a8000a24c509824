//! The client with Debian's Mosquitto: passwords, TLS, restarts.

use std::path::{Path, PathBuf};
use std::process::Command;

use hearsay_board::envelope::LARGEST;
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;
use crate::broker::announcement::Announcement;
use crate::broker::trial::{Mosquitto, Subscriber, free_port, has_mosquitto, publish};
use crate::endpoint::{Credentials, Secret, Tls};

// Waiting for `mosquitto_sub` blocks a thread, and the client needs one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_say_is_heard_and_what_we_say_is_heard_by_others() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let broker = Mosquitto::open(directory.path()).await;
    let mut client = Client::at(broker.port);
    assert_eq!(client.next().await, Event::Connecting);
    assert_eq!(client.next().await, Event::Up);
    let subscriber = Subscriber::new(broker.port, TOPIC, &[]);
    publish(broker.port, TOPIC, b"{\"n\":1}", &[]);
    assert_eq!(client.heard().await, "{\"n\":1}");
    assert_eq!(subscriber.heard(), "{\"n\":1}");
    publish(broker.port, "another/topic", b"{\"n\":2}", &[]);
    client.say("{\"n\":3}").await;
    assert_eq!(client.heard().await, "{\"n\":3}");
    assert_eq!(subscriber.heard(), "{\"n\":3}");
    let late = Subscriber::new(broker.port, TOPIC, &[]);
    client.say("{\"n\":4}").await;
    assert_eq!(late.heard(), "{\"n\":4}", "nothing is retained");
}

#[tokio::test]
async fn an_absent_broker_is_said_once_and_found_when_it_comes() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut client = Client::at(port);
    assert_eq!(client.next().await, Event::Connecting);
    assert_eq!(client.down().await, format!("nobody listens at mqtt://127.0.0.1:{port}"));
    for n in 0..10 {
        client.say(&format!("{{\"n\":{n}}}")).await;
    }
    let _broker = Mosquitto::with(directory.path(), port, "allow_anonymous true\n").await;
    client.reconnect.try_now();
    assert_eq!(client.next().await, Event::Up);
    for n in 0..10 {
        assert_eq!(client.heard().await, format!("{{\"n\":{n}}}"), "what waited is sent on return");
    }
}

#[tokio::test]
async fn a_broker_that_is_killed_and_started_again_is_found_again_each_time() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut broker = Mosquitto::with(directory.path(), port, "allow_anonymous true\n").await;
    let mut client = Client::at(port);
    client.up().await;
    for turn in 0..5 {
        drop(broker);
        client.down().await;
        broker = Mosquitto::with(directory.path(), port, "allow_anonymous true\n").await;
        client.up().await;
        publish(port, TOPIC, format!("{{\"n\":{turn}}}").as_bytes(), &[]);
        assert_eq!(client.heard().await, format!("{{\"n\":{turn}}}"));
    }
}

#[tokio::test]
async fn starting_over_makes_a_new_session_at_once() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let broker = Mosquitto::open(directory.path()).await;
    let mut client = Client::at(broker.port);
    for _ in 0..3 {
        client.up().await;
        client.reconnect.start_over();
        assert_eq!(client.down().await, "the connection is being made anew");
    }
    client.up().await;
}

#[tokio::test]
async fn what_is_too_large_is_passed_over_and_never_ends_a_session_for_good() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let broker = Mosquitto::open(directory.path()).await;
    let mut client = Client::at(broker.port);
    client.up().await;
    let largest = "x".repeat(LARGEST);
    client.say(&largest).await;
    assert_eq!(client.heard().await, largest);
    client.say(&format!("{largest}x")).await;
    publish(broker.port, TOPIC, &vec![b'x'; 10_000_000], &[]);
    assert_eq!(client.next().await, Event::TooLarge(10_000_000));
    publish(broker.port, TOPIC, &vec![b'x'; 20_000_000], &[]);
    assert!(matches!(client.next().await, Event::TooLarge(size) if size > 20_000_000));
    assert!(client.down().await.contains("more than we read"));
    client.up().await;
    publish(broker.port, TOPIC, b"{\"n\":1}", &[]);
    assert_eq!(client.heard().await, "{\"n\":1}");
    // Kept by the broker, it is sent to each new subscriber.
    publish(broker.port, TOPIC, &vec![b'x'; 10_000_000], &["-r"]);
    assert_eq!(client.next().await, Event::TooLarge(10_000_000));
    client.reconnect.start_over();
    client.up().await;
    assert_eq!(client.next().await, Event::TooLarge(10_000_000));
    publish(broker.port, TOPIC, b"{\"n\":2}", &[]);
    assert_eq!(client.heard().await, "{\"n\":2}");
}

#[tokio::test]
async fn a_password_lets_in_and_a_wrong_one_is_said_to_be_wrong() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("passwords");
    let made = Command::new("mosquitto_passwd").args(["-b", "-c"]).arg(&file).args(["me", "secret"]).status();
    assert!(made.unwrap().success());
    let settings = format!("allow_anonymous false\npassword_file {}\n", file.display());
    let broker = Mosquitto::with(directory.path(), free_port(), &settings).await;
    let with = |credentials: Option<(&str, &str)>| {
        let credentials = credentials
            .map(|(user, secret)| Credentials { user: user.to_owned(), secret: Secret::new(secret) });
        let mut at = Broker::at(crate::endpoint::Scheme::Mqtt, "127.0.0.1".to_owned(), broker.port);
        at.credentials = credentials;
        Client::of(at)
    };
    with(Some(("me", "secret"))).up().await;
    let endpoint = format!("mqtt://127.0.0.1:{}", broker.port);
    let why = with(Some(("me", "wrong"))).down().await;
    assert_eq!(why, format!("the broker at {endpoint} refused the user name or password"));
    let why = with(None).down().await;
    assert_eq!(why, format!("the broker at {endpoint} wants a user name and a password"));
}

#[tokio::test]
async fn the_announced_broker_is_found_and_one_elsewhere_is_not_believed() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let broker = Mosquitto::open(directory.path()).await;
    let announce = |endpoint: String| {
        let announcement =
            Announcement::new("mosquitto", endpoint, std::process::id(), Timestamp::UNIX_EPOCH);
        announcement.write(&run_dir).unwrap();
    };
    // An address that is kept for documents: nobody is there.
    announce("mqtt://192.0.2.1:1883".to_owned());
    let port = free_port();
    let mut client = Client::of(Broker { port, ..Broker::auto(Some(run_dir.clone())) });
    assert_eq!(client.down().await, format!("nobody listens at mqtt://127.0.0.1:{port}"));
    announce(format!("mqtt://127.0.0.1:{}", broker.port));
    client.up().await;
    publish(broker.port, TOPIC, b"{\"n\":1}", &[]);
    assert_eq!(client.heard().await, "{\"n\":1}");
}

/// A certificate authority of the test's own, with files in a directory.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: PathBuf,
}

impl Authority {
    fn new(directory: &Path, name: &str) -> Self {
        let directory = directory.join(name);
        std::fs::create_dir(&directory).unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(directory.join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, directory }
    }

    fn ca(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// A certificate for `name`, and its key.
    fn certificate(&self, name: &str) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let files = ["pem", "key"].map(|kind| self.directory.join(format!("{name}.{kind}")));
        let [certificate_file, key_file] = files;
        std::fs::write(&certificate_file, certificate.pem()).unwrap();
        std::fs::write(&key_file, key.serialize_pem()).unwrap();
        (certificate_file, key_file)
    }

    /// A Mosquitto that shows a certificate for `name`.
    async fn broker(&self, name: &str, more: &str) -> Mosquitto {
        let (certificate, key) = self.certificate(name);
        let settings = format!(
            "allow_anonymous true\ncertfile {}\nkeyfile {}\n{more}",
            certificate.display(),
            key.display()
        );
        Mosquitto::with(&self.directory, free_port(), &settings).await
    }
}

fn over_tls(port: u16, tls: Tls) -> Client {
    let broker = Broker::at(crate::endpoint::Scheme::Mqtts, "localhost".to_owned(), port);
    Client::of(Broker { tls, ..broker })
}

fn trusting(authority: &Authority) -> Tls {
    Tls { ca: Some(authority.ca()), ..Tls::default() }
}

#[tokio::test]
async fn over_tls_only_a_broker_with_a_certificate_that_we_trust_is_spoken_to() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let ours = Authority::new(directory.path(), "ours");
    let theirs = Authority::new(directory.path(), "theirs");
    let broker = ours.broker("localhost", "").await;
    let mut client = over_tls(broker.port, trusting(&ours));
    client.up().await;
    client.say("{\"n\":1}").await;
    assert_eq!(client.heard().await, "{\"n\":1}");

    let mistrust = format!("the certificate of mqtts://localhost:{} is not trusted: ", broker.port);
    let why = over_tls(broker.port, trusting(&theirs)).down().await;
    assert_eq!(why, format!("{mistrust}it is signed by nobody whom we trust"));
    drop(broker);
    let broker = ours.broker("elsewhere.example", "").await;
    let why = over_tls(broker.port, trusting(&ours)).down().await;
    assert!(why.ends_with("is not trusted: it is for another name"), "{why}");
}

#[tokio::test]
async fn a_broker_that_wants_a_certificate_of_us_is_shown_ours() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let ours = Authority::new(directory.path(), "ours");
    let wants = format!("require_certificate true\ncafile {}\n", ours.ca().display());
    let broker = ours.broker("localhost", &wants).await;
    let (certificate, key) = ours.certificate("me");
    let mut client =
        over_tls(broker.port, Tls { certificate: Some(certificate), key: Some(key), ..trusting(&ours) });
    client.up().await;
    let why = over_tls(broker.port, trusting(&ours)).down().await;
    assert_eq!(why, format!("the broker at mqtts://localhost:{} wants a client certificate", broker.port));
}

#[tokio::test]
async fn a_broker_without_tls_is_said_to_have_none() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let ours = Authority::new(directory.path(), "ours");
    let broker = Mosquitto::open(directory.path()).await;
    let why = over_tls(broker.port, trusting(&ours)).down().await;
    assert!(why.contains("does not speak TLS") || why.contains("hung up"), "{why}");
}
