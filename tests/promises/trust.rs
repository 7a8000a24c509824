//! Trust: nothing that a repository names is contacted or run before the person has agreed to exactly that.

use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::net::UnixListener;

use hearsay_tests::envelope::mutated;
use hearsay_tests::wait::{DEADLINE, until};
use hearsay_tests::{Bus, Issue, Machine, Project, Watching, broker};
use serde_json::{Value, json};

use crate::party::retitled;

/// Somebody who listens and must hear nothing.
struct Ear(TcpListener);

impl Ear {
    fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn url(&self) -> String {
        format!("mqtt://{}", self.0.local_addr().unwrap())
    }

    /// Whether somebody has come.
    fn hears(&self) -> bool {
        self.caller().is_some()
    }

    /// Who has come, if anybody has.
    fn caller(&self) -> Option<TcpStream> {
        match self.0.accept() {
            Ok((caller, _)) => Some(caller),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Who has come and speaks, with what they say first. Whoever only looks whether somebody listens says nothing.
    fn introduction(&self) -> (TcpStream, Vec<u8>) {
        until("somebody to introduce themselves", || {
            let mut caller = self.caller()?;
            caller.set_nonblocking(false).unwrap();
            caller.set_read_timeout(Some(DEADLINE)).unwrap();
            let mut said = vec![0; 1024];
            let length = caller.read(&mut said).ok().filter(|length| *length > 0)?;
            said.truncate(length);
            Some((caller, said))
        })
    }
}

/// Whether `secret` stands in `said`.
fn tells(said: &[u8], secret: &str) -> bool {
    said.windows(secret.len()).any(|part| part == secret.as_bytes())
}

/// A project whose own files say `more`, on a machine whose environment says nothing of gossip.
fn asking(more: &str) -> Project {
    let project = Project::gossiping(3).on(Machine::as_configured);
    project.configure(more);
    project.git(&["commit", "-q", "--allow-empty", "-a", "-m", "what it asks for"]);
    project
}

fn trust(watching: &mut Watching) -> Value {
    watching.until_all("what the repository asks for", |follower| follower.unit("trust").is_some());
    watching.follower.unit("trust").unwrap()
}

/// Gossip and files go through the whole of it, so that whatever it contacts it has contacted.
fn works(project: &Project, watching: &mut Watching, round: u32) {
    watching.listens(&["uds"]);
    let title = format!("Heard in round {round}");
    Bus::listening(&project.machine().socket()).say(&mutated(&retitled(1, &title).changed(10 + round)));
    watching.hears("demo-1", |card| card["title"] == title.as_str());
    let title = format!("Written in round {round}");
    project.put(&Issue::numbered(2).titled(&title));
    watching.sees("demo-2", |card| card["title"] == title.as_str());
    watching.settle();
}

fn run(project: &Project, words: &[&str]) -> String {
    let root = project.root().to_string_lossy().into_owned();
    let output = project.caller().run(&[words, &[root.as_str()]].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "hear {words:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[test]
fn a_broker_that_a_repository_names_is_contacted_after_it_is_trusted_and_not_before() {
    let ear = Ear::new();
    let project = asking(&format!("realtime:\n  broker: {}\n", ear.url()));
    let mut watching = project.watch();
    let asked = trust(&mut watching);
    assert_eq!(asked["trusted"], false);
    let ask = json!([{"from": ".kanbus.yml", "kind": "broker", "what": ear.url()}]);
    assert_eq!(asked["asks"], ask);
    works(&project, &mut watching, 0);
    let shown = run(&project, &["trust", "--show"]);
    assert!(shown.contains(&ear.url()) && shown.contains(".kanbus.yml"), "{shown}");
    assert!(!ear.hears(), "showing is not trusting");
    drop(watching);
    works(&project, &mut project.watch(), 1);
    assert!(!ear.hears(), "nothing is contacted, however often it is opened");

    let shown = run(&project, &["trust"]);
    assert!(shown.contains(&ear.url()), "it says what it trusts: {shown}");
    let mut watching = project.watch();
    until("the broker to be contacted", || ear.hears().then_some(()));
    assert_eq!(trust(&mut watching)["trusted"], true);
    drop(watching);

    run(&project, &["trust", "--revoke"]);
    while ear.hears() {}
    works(&project, &mut project.watch(), 2);
    assert!(!ear.hears(), "trust can be taken back");
}

#[test]
fn what_a_repository_asks_for_anew_is_asked_about_again() {
    let (first, second) = (Ear::new(), Ear::new());
    let project = asking(&format!("realtime:\n  broker: {}\n", first.url()));
    run(&project, &["trust"]);
    let mut watching = project.watch();
    until("the broker to be contacted", || first.hears().then_some(()));
    let before = trust(&mut watching);
    assert_eq!(before["trusted"], true);
    project.configure(&format!("realtime:\n  broker: {}\n", second.url()));
    watching.until_all("to be asked again", |follower| {
        follower
            .unit("trust")
            .is_some_and(|trust| trust["trusted"] == false && trust["digest"] != before["digest"])
    });
    works(&project, &mut watching, 0);
    assert!(!second.hears(), "the other broker is not contacted");
    project.configure(&format!("realtime:\n  broker: {}\n", first.url()));
    watching.until_all("what was trusted to be trusted", |follower| {
        follower
            .unit("trust")
            .is_some_and(|trust| trust["trusted"] == true && trust["digest"] == before["digest"])
    });
    assert!(!second.hears());
}

#[test]
fn a_trust_that_is_given_while_somebody_watches_counts_at_once() {
    let ear = Ear::new();
    let project = asking(&format!("realtime:\n  broker: {}\n", ear.url()));
    let mut watching = project.watch();
    assert_eq!(trust(&mut watching)["trusted"], false);
    works(&project, &mut watching, 0);
    assert!(!ear.hears());
    run(&project, &["trust"]);
    watching.until_all("the trust", |follower| {
        follower.unit("trust").is_some_and(|trust| trust["trusted"] == true)
    });
    until("the broker to be contacted", || ear.hears().then_some(()));
}

#[test]
fn a_trust_that_is_taken_back_while_somebody_watches_ends_what_it_allowed() {
    let ear = Ear::new();
    let project = asking(&format!("realtime:\n  broker: {}\n", ear.url()));
    run(&project, &["trust"]);
    let mut watching = project.watch();
    let (mut caller, _) = ear.introduction();
    run(&project, &["trust", "--revoke"]);
    watching.until_all("the trust to be gone", |follower| {
        follower.unit("trust").is_some_and(|trust| trust["trusted"] == false)
    });
    assert_eq!(caller.read(&mut [0; 64]).unwrap(), 0, "the connection is ended");
    while ear.hears() {}
    works(&project, &mut watching, 0);
    assert!(!ear.hears(), "and none is made anew");
}

#[test]
fn a_file_of_variables_that_changes_while_somebody_watches_is_asked_about_again() {
    let (first, second, own) = (Ear::new(), Ear::new(), Ear::new());
    let names = |ear: &Ear| format!("KANBUS_REALTIME_BROKER={}\n", ear.url());
    let project = asking("");
    project.write(".env", names(&first));
    run(&project, &["trust"]);
    let mut watching = project.watch();
    let (mut caller, _) = first.introduction();
    project.write(".env", names(&second));
    let ask = json!([{"from": ".env", "kind": "broker", "what": second.url()}]);
    watching.until_all("to be asked again", |follower| {
        follower.unit("trust").is_some_and(|trust| trust["trusted"] == false && trust["asks"] == ask)
    });
    assert_eq!(caller.read(&mut [0; 64]).unwrap(), 0, "the connection is ended");
    while first.hears() {}
    works(&project, &mut watching, 0);
    assert!(!first.hears() && !second.hears());
    // What the person says themselves counts at once, and needs no trust.
    std::fs::write(project.home().join(".kanbus.env"), names(&own)).unwrap();
    own.introduction();
    watching.until_all("nothing to be asked", |follower| follower.unit("trust").is_none());
}

#[test]
fn a_persons_own_password_is_shown_to_whom_they_named_and_to_others_once_they_agree() {
    let ear = Ear::new();
    let with_own = |machine: Machine| {
        machine.with("HEARSAY_MQTT_USER", "ada").with("HEARSAY_MQTT_PASSWORD", "nobody-may-see-this")
    };
    let host = ear.url().replace("mqtt://", "");
    for (said_by_the_person, asks) in [
        (None, vec!["broker", "credentials"]),
        (Some(("KANBUS_REALTIME_BROKER", ear.url())), vec![]),
        (Some(("HEARSAY_MQTT_HOST", host)), vec!["broker"]),
    ] {
        let said = |machine| {
            said_by_the_person.iter().fold(machine, |m: Machine, (name, value)| m.with(name, value))
        };
        let project = asking(&format!("realtime:\n  broker: {}\n", ear.url())).on(with_own).on(said);
        let asked: Value = serde_json::from_str(&run(&project, &["trust", "--show", "--json"])).unwrap();
        let kinds: Vec<&str> = asked["asks"]
            .as_array()
            .map_or_else(Vec::new, |asks| asks.iter().filter_map(|ask| ask["kind"].as_str()).collect());
        assert_eq!(kinds, asks, "{asked}");
        assert!(!asked.to_string().contains("nobody-may-see-this"));
        run(&project, &["trust"]);
        let _watching = project.watch();
        assert!(tells(&ear.introduction().1, "nobody-may-see-this"), "{said_by_the_person:?}");
    }
    let elsewhere = |machine: Machine| with_own(machine).with("HEARSAY_MQTT_HOST", "broker.example");
    let project = asking(&format!("realtime:\n  broker: {}\n", ear.url())).on(elsewhere);
    run(&project, &["trust"]);
    while ear.hears() {}
    let _watching = project.watch();
    assert!(!tells(&ear.introduction().1, "nobody-may-see-this"), "it is meant for somebody else");
}

#[test]
fn an_authorizer_that_is_named_after_the_trust_is_asked_about_before_it_is_shown_a_token() {
    let ear = Ear::new();
    let own = |machine: Machine| machine.with("KANBUS_REALTIME_MQTT_API_TOKEN", "nobody-may-see-this");
    let realtime = format!("realtime:\n  broker: {}\n", ear.url());
    let project = asking(&realtime).on(own);
    run(&project, &["trust"]);
    let mut watching = project.watch();
    assert!(!tells(&ear.introduction().1, "nobody-may-see-this"));
    project.configure(&format!("{realtime}  mqtt_custom_authorizer_name: gate\n"));
    watching.until_all("to be asked about the token", |follower| {
        let trust = follower.unit("trust").unwrap_or_default();
        let asks = trust["asks"].as_array().cloned().unwrap_or_default();
        let gate = |ask: &Value| ask["kind"] == "credentials" && ask["what"].to_string().contains("gate");
        trust["trusted"] == false && asks.iter().any(gate)
    });
    while ear.hears() {}
    works(&project, &mut watching, 0);
    assert!(!ear.hears());
    run(&project, &["trust"]);
    assert!(tells(&ear.introduction().1, "nobody-may-see-this"), "then it is shown");
}

#[test]
fn what_is_asked_for_cannot_hide_behind_characters_that_are_not_seen() {
    let project = asking("realtime:\n  uds_socket_path: \"/tmp/\\u202egpj.exe\\u200b\"\n");
    for words in [&["trust", "--show"][..], &["trust", "--show", "--json"], &["trust"]] {
        let said = run(&project, words);
        assert!(said.contains("202e}gpj.exe"), "{words:?}: {said:?}");
        assert!(!said.contains(['\u{202e}', '\u{200b}']), "{words:?}: {said:?}");
    }
}

#[test]
fn a_url_in_the_wrong_place_is_not_repeated() {
    let url = "mqtt://me:nobody-may-see-this@broker.example";
    for line in [
        format!("uds_socket_path: {url}"),
        format!("transport: {url}"),
        format!("mqtt_api_token: t\n  mqtt_custom_authorizer_name: {url}"),
        format!("topics: {{project_events: \"{url}\"}}"),
    ] {
        let project = asking(&format!("realtime:\n  broker: off\n  {line}\n"));
        let root = project.root().to_string_lossy().into_owned();
        for words in [&["trust"][..], &["trust", "--json"], &["doctor"]] {
            let output = project.caller().run(&[words, &[root.as_str()]].concat());
            let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
            assert!(!said.contains("nobody-may"), "{line}, {words:?}: {said}");
        }
        let mut watching = project.watch();
        works(&project, &mut watching, 0);
        let said: String = watching.follower.live.values().map(|unit| unit.get()).collect();
        assert!(!format!("{said}{}", watching.running.errors()).contains("nobody-may"), "{line}");
    }
}

#[test]
fn a_file_of_variables_in_the_repository_is_the_repositorys_word() {
    let ear = Ear::new();
    let project = asking("");
    project.write(".env", format!("KANBUS_REALTIME_BROKER={}\n", ear.url()));
    let mut watching = project.watch();
    let asked = trust(&mut watching);
    assert_eq!(asked["asks"], json!([{"from": ".env", "kind": "broker", "what": ear.url()}]));
    works(&project, &mut watching, 0);
    assert!(!ear.hears());
    drop(watching);
    // The same in the person's own home is the person's word.
    project.remove(".env");
    std::fs::write(project.home().join(".kanbus.env"), format!("KANBUS_REALTIME_BROKER={}\n", ear.url()))
        .unwrap();
    let _watching = project.watch();
    until("the broker to be contacted", || ear.hears().then_some(()));
}

#[test]
fn a_socket_that_a_repository_names_is_neither_joined_nor_made_before_it_is_trusted() {
    let project = asking("");
    let (there, nowhere) = (project.outside("there.sock"), project.outside("nowhere/bus.sock"));
    let listener = UnixListener::bind(&there).unwrap();
    listener.set_nonblocking(true).unwrap();
    for path in [&there, &nowhere] {
        project.configure(&format!("realtime:\n  broker: off\n  uds_socket_path: {}\n", path.display()));
        let mut watching = project.watch();
        let asked = trust(&mut watching);
        let ask = json!([{"from": ".kanbus.yml", "kind": "socket", "what": path.to_string_lossy()}]);
        assert_eq!((&asked["asks"], &asked["trusted"]), (&ask, &false.into()));
        works(&project, &mut watching, 0);
        assert!(listener.accept().is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
        assert!(!nowhere.parent().unwrap().exists(), "nothing is made");
    }
    project.configure(&format!("realtime:\n  broker: off\n  uds_socket_path: {}\n", there.display()));
    run(&project, &["trust"]);
    let _watching = project.watch();
    until("the socket to be joined", || listener.accept().ok());
}

#[test]
fn credentials_in_a_repository_are_asked_about_and_never_shown() {
    let port = broker::free_port();
    let project = asking(&format!("realtime:\n  broker: mqtt://ada:nobody-may-see-this@127.0.0.1:{port}\n"));
    let mut watching = project.watch();
    let asked = trust(&mut watching);
    let kinds: Vec<&str> =
        asked["asks"].as_array().unwrap().iter().filter_map(|ask| ask["kind"].as_str()).collect();
    assert!(kinds.contains(&"broker") && kinds.contains(&"credentials"), "{asked}");
    works(&project, &mut watching, 0);
    let shown = format!("{}{}", run(&project, &["trust", "--show"]), run(&project, &["trust"]));
    let said: String = watching.follower.live.values().map(|unit| unit.get()).collect();
    assert!(!shown.contains("nobody-may-see-this") && !said.contains("nobody-may-see-this"), "{shown}{said}");
    assert!(!watching.running.errors().contains("nobody-may-see-this"));
}

#[test]
fn hooks_are_listed_and_never_run_by_looking() {
    let project = asking("");
    let mark = project.outside("a-hook-ran");
    let touch = format!("[touch, {}]", mark.display());
    project.configure(&format!(
        "realtime:\n  broker: off\nhooks:\n  enabled: true\n  before:\n    issue.update:\n      - {{id: gate, command: {touch}, blocking: true}}\n  \
         after:\n    issue.update:\n      - {{id: tell, command: {touch}, blocking: false}}\n"
    ));
    let mut watching = project.watch();
    let asked = trust(&mut watching);
    let kinds: Vec<&str> =
        asked["asks"].as_array().unwrap().iter().filter_map(|ask| ask["kind"].as_str()).collect();
    assert_eq!((kinds.contains(&"blocking_hook"), kinds.contains(&"hook")), (true, true), "{asked}");
    assert!(asked.to_string().contains("touch"), "it says what would run: {asked}");
    works(&project, &mut watching, 0);
    let shown = run(&project, &["trust", "--show"]);
    assert!(shown.contains("touch") && shown.contains(&*mark.to_string_lossy()), "{shown}");
    run(&project, &["trust"]);
    works(&project, &mut watching, 1);
    assert!(!mark.exists(), "nothing has run");
}

#[test]
fn a_repository_that_asks_for_nothing_asks_nothing() {
    let project = Project::gossiping(3);
    let mut watching = project.watch();
    works(&project, &mut watching, 0);
    let asked = watching.follower.unit("trust");
    let silent = |trust: &Value| trust["asks"].as_array().is_some_and(Vec::is_empty);
    assert!(asked.as_ref().is_none_or(silent), "{asked:?}");
    run(&project, &["trust", "--show"]);
}

#[test]
fn trust_is_the_persons_own_and_lies_with_nobody_else() {
    let ear = Ear::new();
    let project = asking(&format!("realtime:\n  broker: {}\n", ear.url()));
    run(&project, &["trust"]);
    assert_eq!(project.git(&["status", "--porcelain"]), "", "nothing of it is in the repository");
    assert!(project.home().join("config/hearsay").is_dir(), "it lies with the person's settings");
    let somebody_else = Machine::new(project.outside("else")).as_configured();
    let other = project.on(|_| somebody_else);
    let mut watching = other.watch();
    assert_eq!(trust(&mut watching)["trusted"], false, "another person has not been asked");
    works(&other, &mut watching, 0);
    assert!(!ear.hears());
}
