//! What starting a broker promises, with a real Mosquitto where there is one.

use std::path::Path;

use super::*;
use crate::broker::trial::{self, Mosquitto, free_port, has_mosquitto, until};
use crate::mqtt::listens;

fn wanted() -> Broker {
    Broker { port: free_port(), ..Broker::auto(None) }
}

fn with_mosquitto(run_dir: &Path) -> Autostart {
    let path = std::env::var_os("PATH");
    Autostart { run_dir: run_dir.to_owned(), path, hear: None, keepalive: false }
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn port_of(found: &Found) -> u16 {
    Broker::parse(found.endpoint()).unwrap().port
}

#[tokio::test]
async fn mosquitto_is_started_announced_and_ended_with_whoever_started_it() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let found = ensure(&wanted(), &with_mosquitto(&run_dir), now()).await.unwrap();
    let Found::Started(started) = &found else { panic!("it was there: {found:?}") };
    let said = announcement::read(&run_dir).unwrap();
    assert_eq!(
        (said.kind.as_str(), said.pid, said.endpoint.as_str()),
        ("mosquitto", started.pid(), found.endpoint())
    );
    assert_eq!(said.conf_path, run_dir.join("mosquitto.conf").display().to_string());
    let port = port_of(&found);
    assert!(listens("127.0.0.1", port).await);
    drop(found);
    assert!(!listens("127.0.0.1", port).await, "it ends with us");
    assert_eq!(announcement::read(&run_dir), None);
}

#[tokio::test]
async fn several_who_start_a_broker_at_the_same_time_end_up_with_one() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    // Each wants another port, so only the announcement can bring them together.
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let autostart = with_mosquitto(&run_dir);
        tasks.spawn(async move { ensure(&wanted(), &autostart, now()).await.unwrap() });
    }
    let found = tasks.join_all().await;
    let started = found.iter().filter(|found| matches!(found, Found::Started(_))).count();
    assert_eq!(started, 1);
    let ports: std::collections::HashSet<_> = found.iter().map(port_of).collect();
    assert_eq!(ports.len(), 1);
}

#[tokio::test]
async fn one_that_is_to_outlive_us_does_and_is_found() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let autostart = Autostart { keepalive: true, ..with_mosquitto(&run_dir) };
    let found = ensure(&wanted(), &autostart, now()).await.unwrap();
    let port = port_of(&found);
    drop(found);
    let again = ensure(&wanted(), &autostart, now()).await.unwrap();
    assert!(matches!(&again, Found::There(_)) && port_of(&again) == port, "{again:?}");
    let pid = announcement::read(&run_dir).unwrap().pid;
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    until("an ended broker", async || !listens("127.0.0.1", port).await).await;
}

#[tokio::test]
async fn a_stale_announcement_is_replaced() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    // A process that lives, and a port at which nobody listens: a broker that ended, and its number given to another.
    let stale = format!("mqtt://127.0.0.1:{}", free_port());
    Announcement::new("mosquitto", stale.clone(), std::process::id(), now()).write(&run_dir).unwrap();
    let found = ensure(&wanted(), &with_mosquitto(&run_dir), now()).await.unwrap();
    assert!(matches!(found, Found::Started(_)));
    assert_eq!(announcement::read(&run_dir).unwrap().endpoint, found.endpoint());
    assert_ne!(found.endpoint(), stale);
}

#[tokio::test]
async fn a_broker_that_listens_is_used_and_a_port_that_is_named_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    if !has_mosquitto() {
        return;
    }
    let broker = Mosquitto::open(directory.path()).await;
    let named = Broker::at(Scheme::Mqtt, "127.0.0.1".to_owned(), broker.port);
    let nothing = Autostart { path: None, ..with_mosquitto(&directory.path().join("run")) };
    let found = ensure(&named, &nothing, now()).await.unwrap();
    assert!(matches!(&found, Found::There(_)) && port_of(&found) == broker.port);
    assert!(!nothing.run_dir.exists(), "nothing had to be written for that");
}

#[tokio::test]
async fn nothing_is_started_for_a_broker_elsewhere_or_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    for url in ["mqtt://broker.example", "mqtts://127.0.0.1"] {
        let ended = ensure(&Broker::parse(url).unwrap(), &with_mosquitto(&run_dir), now()).await;
        assert!(matches!(ended, Err(AutostartError::NotOurs(_))), "{url}");
    }
    assert!(!run_dir.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_no_broker_is_said_to_be_none() {
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let autostart = |program: &str| {
        let hear = Some(Hear { program: program.into(), arguments: Vec::new() });
        Autostart { path: None, hear, ..with_mosquitto(&run_dir) }
    };
    let ended = ensure(&wanted(), &autostart("/bin/false"), now()).await;
    assert!(matches!(ended, Err(AutostartError::Silent { .. })), "{ended:?}");
    let ended = ensure(&wanted(), &autostart("/nowhere/hear"), now()).await;
    assert!(matches!(ended, Err(AutostartError::Spawn { .. })), "{ended:?}");
    let ended = ensure(&wanted(), &Autostart { hear: None, ..autostart("") }, now()).await;
    assert!(matches!(ended, Err(AutostartError::NoProgram)), "{ended:?}");
    assert_eq!(announcement::read(&run_dir), None);
}

#[cfg(feature = "embedded-mqtt")]
#[tokio::test]
async fn without_mosquitto_our_own_broker_is_started_and_ends_with_us() {
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let hear = Some(trial::own(&run_dir));
    let autostart = Autostart { path: None, hear, ..with_mosquitto(&run_dir) };
    let found = ensure(&wanted(), &autostart, now()).await.unwrap();
    let Found::Started(started) = &found else { panic!("it was there: {found:?}") };
    until("the announcement", async || announcement::read(&run_dir).is_some()).await;
    let said = announcement::read(&run_dir).unwrap();
    assert_eq!(
        (said.kind.as_str(), said.pid, said.endpoint.as_str()),
        ("rumqttd", started.pid(), found.endpoint())
    );
    let port = port_of(&found);
    drop(found);
    assert!(!listens("127.0.0.1", port).await);
    assert_eq!(announcement::read(&run_dir), None);
}

#[tokio::test]
async fn whoever_listens_without_being_a_broker_is_passed_by_and_a_broker_is_started_beside_him() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // He may be gone by now.
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let named = Broker::at(Scheme::Mqtt, "127.0.0.1".to_owned(), port);
    let ended = ensure(&named, &with_mosquitto(&run_dir), now()).await;
    assert!(matches!(ended, Err(AutostartError::NoPort(_))), "that port or none: {ended:?}");
    // Announced or not.
    let endpoint = format!("mqtt://127.0.0.1:{port}");
    Announcement::new("mosquitto", endpoint, std::process::id(), now()).write(&run_dir).unwrap();
    let any = Broker { port, ..Broker::auto(None) };
    let found = ensure(&any, &with_mosquitto(&run_dir), now()).await.unwrap();
    assert!(matches!(found, Found::Started(_)) && port_of(&found) > port, "{found:?}");
    assert_eq!(announcement::read(&run_dir).unwrap().endpoint, found.endpoint());
}

/// What the next one starts as a process of its own, and kills. By itself it does nothing.
#[tokio::test]
async fn as_a_process() {
    let Some(run_dir) = std::env::args().next_back().filter(|last| last.starts_with('/')) else { return };
    let _found = ensure(&wanted(), &with_mosquitto(Path::new(&run_dir)), now()).await.unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn mosquitto_ends_with_whoever_started_it_even_if_they_are_killed() {
    if !has_mosquitto() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let run_dir = directory.path().join("run");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "broker::autostart::tests::as_a_process"]).arg(&run_dir);
    let mut starter = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    until("the broker", async || announcement::address(&run_dir).is_some()).await;
    let (host, port) = announcement::address(&run_dir).unwrap();
    assert!(listens(&host, port).await);
    starter.kill().unwrap();
    starter.wait().unwrap();
    until("its end", async || !listens(&host, port).await).await;
    until("the end of its announcement", async || announcement::address(&run_dir).is_none()).await;
}
