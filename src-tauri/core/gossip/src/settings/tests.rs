//! What is promised of settings.

use super::*;

fn environment() -> Environment {
    let vars = [("HOME", "/home/me"), ("XDG_RUNTIME_DIR", "/run/me")];
    Environment {
        vars: vars.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        repository: "/somewhere/clone".into(),
        ..Environment::default()
    }
}

fn wish(realtime: Realtime) -> Wish {
    Wish { project_id: Some("p-1".to_owned()), labels: vec!["a".to_owned(), "b".to_owned()], realtime }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn resolve(realtime: Realtime, environment: &Environment, trusted: bool) -> (Settings, Vec<Named>) {
    Settings::resolve(&[wish(realtime)], environment, trusted)
}

fn kinds(named: &[Named]) -> Vec<NamedKind> {
    named.iter().map(|named| named.kind).collect()
}

fn whats(named: &[Named]) -> Vec<&str> {
    named.iter().map(|named| named.what.as_str()).collect()
}

#[test]
fn without_a_word_it_is_kanbus_own_defaults_and_nothing_needs_trust() {
    let (settings, named) = resolve(Realtime::default(), &environment(), false);
    assert_eq!(named, []);
    assert_eq!(settings.warnings, Vec::<String>::new());
    assert_eq!(settings.transport, Transport::Auto);
    assert_eq!(settings.socket.as_deref(), Some(Path::new("/run/me/kanbus/bus.sock")));
    let broker = settings.broker.unwrap();
    assert_eq!((broker.endpoint().as_str(), broker.auto), ("mqtt://127.0.0.1:1883", true));
    assert_eq!(broker.run_dir.as_deref(), Some(Path::new("/home/me/.kanbus/run")));
    assert!(!broker.autostart && !broker.keepalive && broker.credentials.is_none());
    let channel = Channel {
        topic: "projects/p-1/events".to_owned(),
        identity: some("p-1"),
        labels: vec!["a".to_owned(), "b".to_owned()],
    };
    assert_eq!(settings.channels, [channel]);
}

#[test]
fn the_process_comes_before_the_person_s_file_before_the_repository_s_before_the_configuration() {
    let mut environment = environment();
    let realtime = Realtime { broker: some("mqtt://four"), ..Realtime::default() };
    let endpoint = |environment: &Environment| {
        resolve(realtime.clone(), environment, true).0.broker.map(|broker| broker.host)
    };
    let name = "KANBUS_REALTIME_BROKER".to_owned();
    assert_eq!(endpoint(&environment), some("four"));
    environment.repository_file.insert(name.clone(), "mqtt://three".to_owned());
    assert_eq!(endpoint(&environment), some("three"));
    environment.person_file.insert(name.clone(), "mqtt://two".to_owned());
    assert_eq!(endpoint(&environment), some("two"));
    environment.vars.insert(name.clone(), "mqtt://one".to_owned());
    assert_eq!(endpoint(&environment), some("one"));
    environment.vars.insert(name, "  ".to_owned());
    assert_eq!(
        endpoint(&environment),
        some("four"),
        "Kanbus: what is set blank hides the files and says nothing"
    );
}

#[test]
fn what_the_repository_names_is_not_used_until_it_is_trusted_and_always_told() {
    let realtime = Realtime {
        broker: some("mqtts://me:hunter2@broker.example"),
        uds_socket_path: some("run/bus.sock"),
        mqtt_custom_authorizer_name: some("gate"),
        mqtt_api_token: some("hunter3"),
        ..Realtime::default()
    };
    let (untrusted, asked) = resolve(realtime.clone(), &environment(), false);
    assert_eq!(untrusted.socket.as_deref(), Some(Path::new("/run/me/kanbus/bus.sock")), "the default one");
    assert_eq!(untrusted.broker, None);
    let (trusted, asked_again) = resolve(realtime, &environment(), true);
    assert_eq!(asked, asked_again, "what is asked for does not depend on the answer");
    let expected = [NamedKind::Socket, NamedKind::Broker, NamedKind::Credentials, NamedKind::Credentials];
    assert_eq!(kinds(&asked), expected);
    assert_eq!(asked[0].what, "run/bus.sock");
    assert_eq!(asked[1].what, "mqtts://broker.example:8883");
    assert!(asked.iter().all(|named| named.from == ".kanbus.yml"));
    assert_eq!(trusted.socket.as_deref(), Some(Path::new("/somewhere/clone/run/bus.sock")));
    let broker = trusted.broker.unwrap();
    assert_eq!(broker.endpoint(), "mqtts://broker.example:443");
    assert_eq!(broker.credentials.unwrap().secret.reveal(), "hunter2");
    assert_eq!(broker.authorizer.unwrap().token.reveal(), "hunter3");
    assert_eq!(trusted.warnings.len(), 2, "secrets lie in the repository: {:?}", trusted.warnings);
    assert!(!format!("{asked:?} {:?}", trusted.warnings).contains("hunter"));
}

#[test]
fn what_the_person_names_needs_no_trust_and_what_the_repository_s_env_names_does() {
    let token = "KANBUS_REALTIME_MQTT_API_TOKEN".to_owned();
    let mut environment = environment();
    environment.person_file.insert("KANBUS_REALTIME_BROKER".to_owned(), "mqtt://localhost:2883".to_owned());
    environment.vars.insert("KANBUS_REALTIME_AUTOSTART".to_owned(), "yes".to_owned());
    environment.repository_file.insert(token.clone(), "hunter2".to_owned());
    let realtime = Realtime { mqtt_custom_authorizer_name: some("gate"), ..Realtime::default() };
    let (settings, named) = resolve(realtime.clone(), &environment, false);
    let broker = settings.broker.unwrap();
    assert_eq!((broker.endpoint().as_str(), broker.autostart), ("mqtt://localhost:2883", true));
    assert_eq!(broker.authorizer, None);
    assert_eq!((kinds(&named), named[0].from.as_str()), (vec![NamedKind::Credentials], ".env"));
    assert_eq!(settings.warnings.len(), 1);

    environment.vars.insert(token, "mine".to_owned());
    let (settings, named) = resolve(realtime.clone(), &environment, false);
    assert_eq!(
        settings.broker.unwrap().authorizer,
        None,
        "the repository must not say under what name my token is shown"
    );
    assert_eq!(whats(&named), ["your own token as gate for mqtt://localhost:2883"]);
    assert!(resolve(realtime, &environment, true).0.broker.unwrap().authorizer.is_some());
}

/// The person has a password, a certificate and a token.
fn with_own(more: &[(&str, &str)]) -> Environment {
    let mut environment = environment();
    let own = [
        ("HEARSAY_MQTT_USER", "me"),
        ("HEARSAY_MQTT_PASSWORD", "hunter2"),
        ("HEARSAY_MQTT_CERTIFICATE", "/home/me/own.pem"),
        ("HEARSAY_MQTT_KEY", "/home/me/own.key"),
        ("KANBUS_REALTIME_MQTT_API_TOKEN", "hunter3"),
    ];
    let own = own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    environment.vars.extend(own);
    environment
}

/// What of the person's own `broker` may be shown: password, certificate, token.
fn shown(broker: Option<Broker>) -> [bool; 3] {
    let broker = broker.unwrap();
    let password = broker.credentials.is_some_and(|known| known.secret.reveal() == "hunter2");
    let token = broker.authorizer.is_some_and(|known| known.token.reveal() == "hunter3");
    [password, broker.tls.certificate.is_some() && broker.tls.key.is_some(), token]
}

#[test]
fn the_person_s_own_is_for_the_broker_that_they_named_and_for_others_once_they_agree() {
    let there = "mqtts://broker.example";
    let realtime = Realtime { broker: some(there), ..Realtime::default() };
    let gate = ("KANBUS_REALTIME_MQTT_CUSTOM_AUTHORIZER_NAME", "gate");
    let environment = with_own(&[gate]);
    let (_, named) = resolve(realtime.clone(), &environment, false);
    let asks = [
        "mqtts://broker.example:8883",
        "your own token as gate for mqtts://broker.example:8883",
        "your own user and password for mqtts://broker.example:8883",
        "your own certificate for mqtts://broker.example:8883",
    ];
    assert_eq!(whats(&named), asks);
    let (settings, again) = resolve(realtime.clone(), &environment, true);
    assert_eq!((shown(settings.broker), again), ([true; 3], named), "once they agree");

    let by_me = with_own(&[gate, ("KANBUS_REALTIME_BROKER", there)]);
    let (settings, named) = resolve(Realtime::default(), &by_me, false);
    assert_eq!((shown(settings.broker), whats(&named).len()), ([true; 3], 0), "I named it");

    for (host, is_there) in [
        ("broker.example", true),
        (" BROKER.example:8883 ", true),
        ("broker.example:1", false),
        ("other.example", false),
        ("mqtts://broker.example", false),
    ] {
        let (settings, named) =
            resolve(realtime.clone(), &with_own(&[gate, ("HEARSAY_MQTT_HOST", host)]), true);
        assert_eq!(whats(&named), asks[..1], "{host}: whom it is for is said");
        assert_eq!(shown(settings.broker), [is_there; 3], "{host}");
        assert_eq!(settings.warnings.len(), usize::from(host.contains("//")), "{host}");
    }
}

#[test]
fn without_a_named_broker_the_person_s_own_is_for_the_one_that_announces_itself() {
    let (settings, named) = resolve(Realtime::default(), &with_own(&[]), false);
    let broker = settings.broker.unwrap();
    assert!(broker.auto && broker.announced_only && broker.credentials.is_some() && named.is_empty());
    for place in ["127.0.0.1:1883", "localhost"] {
        let broker = resolve(Realtime::default(), &with_own(&[("HEARSAY_MQTT_HOST", place)]), false).0.broker;
        assert!(
            broker.is_some_and(|broker| !broker.announced_only && broker.credentials.is_some()),
            "{place}"
        );
    }
    let elsewhere = with_own(&[("HEARSAY_MQTT_HOST", "broker.example")]);
    assert_eq!(shown(resolve(Realtime::default(), &elsewhere, false).0.broker), [false; 3]);
}

#[test]
fn the_person_s_own_is_not_asked_for_where_it_would_go_in_the_clear_or_is_not_needed() {
    let realtime = |url: &str| Realtime { broker: some(url), ..Realtime::default() };
    let (settings, named) = resolve(realtime("mqtt://broker.example"), &with_own(&[]), true);
    assert_eq!(whats(&named), ["mqtt://broker.example:1883"]);
    assert_eq!(shown(settings.broker), [false; 3]);
    assert!(settings.warnings[0].contains("in the clear"), "{:?}", settings.warnings);
    let mut environment = environment();
    environment.vars.insert("HEARSAY_MQTT_USER".to_owned(), "me".to_owned());
    let (settings, named) = resolve(realtime("mqtts://team:hunter4@broker.example"), &environment, true);
    assert_eq!(kinds(&named), [NamedKind::Broker, NamedKind::Credentials]);
    assert_eq!(settings.broker.unwrap().credentials.unwrap().secret.reveal(), "hunter4");
}

#[test]
fn a_broker_in_the_clear_that_the_person_named_gets_their_password_with_a_warning() {
    let environment = with_own(&[("KANBUS_REALTIME_BROKER", "mqtt://192.0.2.7")]);
    let (settings, named) = resolve(Realtime::default(), &environment, false);
    assert_eq!(whats(&named), <[&str; 0]>::default());
    let broker = settings.broker.unwrap();
    assert!(broker.credentials.is_some() && broker.covered().is_ok() == broker.authorizer.is_none());
    assert!(
        settings.warnings.iter().any(|warning| warning.contains("in the clear")),
        "{:?}",
        settings.warnings
    );
}

#[test]
fn everything_that_is_asked_for_is_named() {
    let asked = |change: fn(&mut Realtime)| {
        let mut realtime = Realtime { autostart: Some(true), ..Realtime::default() };
        change(&mut realtime);
        resolve(realtime, &environment(), false).1
    };
    let plain = asked(|_| {});
    assert_eq!(whats(&plain), ["mqtt://127.0.0.1:1883"]);
    let changes: [fn(&mut Realtime); 3] = [
        |realtime| realtime.keepalive = Some(true),
        |realtime| realtime.project_events = some("other/{project}/x"),
        |realtime| realtime.uds_socket_path = some("/tmp/own.sock"),
    ];
    for change in changes {
        assert_eq!(asked(change).len(), 2, "{:?}", asked(change));
    }
    let topic = Realtime { project_events: some("other/{project}/x"), ..Realtime::default() };
    let (settings, named) = resolve(topic, &environment(), false);
    assert_eq!((settings.channels[0].topic.as_str(), named.len()), ("other/p-1/x", 0), "it reaches nobody");
}

#[test]
fn a_value_in_the_wrong_place_is_not_repeated() {
    let url = || some("mqtts://me:hunter2@broker.example");
    let realtime = Realtime {
        transport: url(),
        uds_socket_path: url(),
        mqtt_custom_authorizer_name: url(),
        mqtt_api_token: some("hunter3"),
        project_events: url(),
        ..Realtime::default()
    };
    let (settings, named) = resolve(realtime, &environment(), true);
    assert_eq!(settings.socket.as_deref(), Some(Path::new("/run/me/kanbus/bus.sock")), "the default one");
    assert_eq!(settings.channels[0].topic, "projects/p-1/events");
    assert_eq!(settings.warnings.len(), 5, "{:?}", settings.warnings);
    assert!(!format!("{:?} {named:?}", settings.warnings).contains("hunter"));
}

#[test]
fn a_broker_is_started_only_on_this_machine_in_the_clear_and_with_trust() {
    let autostart = |broker: &str, trusted| {
        let realtime = Realtime {
            broker: some(broker),
            autostart: Some(true),
            keepalive: Some(true),
            ..Realtime::default()
        };
        let (settings, named) = resolve(realtime, &environment(), trusted);
        let started = settings.broker.is_some_and(|broker| broker.autostart && broker.keepalive);
        (started, kinds(&named).contains(&NamedKind::Autostart))
    };
    assert_eq!(autostart("auto", true), (true, true));
    assert_eq!(autostart("auto", false), (false, true));
    assert_eq!(autostart("mqtt://127.0.0.1:2883", true), (true, true));
    assert_eq!(autostart("mqtts://127.0.0.1", true), (false, false));
    assert_eq!(autostart("mqtt://broker.example", true), (false, false));
}

#[test]
fn the_transport_says_which_buses_are_used() {
    for (transport, socket, broker, warnings) in [
        ("auto", true, true, 0),
        ("uds", true, false, 0),
        ("mqtt", false, true, 0),
        ("pigeon", true, true, 1),
    ] {
        let realtime = Realtime { transport: some(transport), ..Realtime::default() };
        let (settings, _) = resolve(realtime, &environment(), false);
        let used = (settings.socket.is_some(), settings.broker.is_some(), settings.warnings.len());
        assert_eq!(used, (socket, broker, warnings), "{transport}");
    }
    let off = Realtime { broker: some("off"), ..Realtime::default() };
    let (settings, _) = resolve(off, &environment(), false);
    assert!(settings.broker.is_none() && settings.socket.is_some(), "off is about the broker alone");
    let bad = Realtime { broker: some("not-a-url"), ..Realtime::default() };
    let (settings, named) = resolve(bad, &environment(), true);
    assert_eq!((settings.broker, named, settings.warnings.len()), (None, vec![], 1));
}

#[test]
fn the_socket_is_where_kanbus_has_it() {
    let socket = |environment: &Environment| resolve(Realtime::default(), environment, false).0.socket;
    let mut environment = environment();
    environment.vars.remove("XDG_RUNTIME_DIR");
    assert_eq!(socket(&environment), Some("/home/me/.kanbus/run/bus.sock".into()));
    environment.vars.insert("XDG_RUNTIME_DIR".to_owned(), "relative".to_owned());
    assert_eq!(
        socket(&environment),
        Some("/home/me/.kanbus/run/bus.sock".into()),
        "relative to nobody knows what"
    );
    environment.vars.clear();
    assert_eq!(socket(&environment), None);
    environment.vars.insert("KANBUS_REALTIME_UDS_SOCKET_PATH".to_owned(), "/tmp/own.sock".to_owned());
    assert_eq!(socket(&environment), Some("/tmp/own.sock".into()), "named by the person");
}

#[test]
fn without_a_project_id_each_label_has_its_topic_as_before_0_40() {
    let wishes = [
        Wish { project_id: None, ..wish(Realtime::default()) },
        Wish {
            project_id: some("q"),
            labels: vec!["c".to_owned()],
            realtime: Realtime { project_events: some("team/{project}"), ..Realtime::default() },
        },
    ];
    let (settings, _) = Settings::resolve(&wishes, &environment(), false);
    let read: Vec<_> = settings
        .channels
        .iter()
        .map(|channel| (channel.topic.as_str(), channel.identity.as_deref(), channel.labels.join(" ")))
        .collect();
    let expected = [
        ("projects/a/events", None, "a".to_owned()),
        ("projects/b/events", None, "b".to_owned()),
        ("team/q", Some("q"), "c".to_owned()),
    ];
    assert_eq!(read, expected);
}

#[test]
fn a_topic_never_is_a_wildcard_or_a_broker_s_own() {
    for template in ["#", "projects/+/events", "$SYS/x", "", "a\nb", &"x".repeat(2000)] {
        let realtime = Realtime { project_events: some(template), ..Realtime::default() };
        let (settings, _) = resolve(realtime, &environment(), true);
        assert_eq!(settings.channels[0].topic, "projects/p-1/events", "{template:.20}");
        assert_eq!(settings.warnings.len(), 1);
    }
    let wildcard = Wish { project_id: some("#"), ..wish(Realtime::default()) };
    let (settings, _) = Settings::resolve(&[wildcard], &environment(), true);
    assert_eq!((settings.channels.len(), settings.warnings.len()), (0, 1));
}

#[test]
fn a_dotenv_is_read_as_kanbus_reads_it() {
    let text = "\n# comment\nA=1\nexport B = \"two words\" \nC='x'\nA=2\nno equals\n=nothing\nD=\"\nE=a=b\n";
    let read = parse_dotenv(text);
    let read: Vec<_> = read.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(read, [("A", "1"), ("B", "two words"), ("C", "x"), ("D", "\""), ("E", "a=b")]);
}
