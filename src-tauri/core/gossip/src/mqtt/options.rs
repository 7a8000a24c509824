//! What a session starts with: who we are, with what we are let in, and over what.
//!
//! Not here: the roots and certificates of TLS (`tls`), and where passwords come from (`passwords`).
//!
//! Invariants:
//! - Each connection has a client id of its own. A broker ends the older of two connections with the same.
//! - No secret leaves this machine in the clear: then there is no connection.

use std::sync::Arc;
use std::time::Duration;

use hearsay_board::envelope::LARGEST;
use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use uuid::Uuid;

use super::{Lost, tls};
use crate::broker::announcement;
use crate::endpoint::{Broker, Scheme};

/// The largest packet that goes out: an envelope, the longest topic, and what stands before them.
const LARGEST_OUT: usize = LARGEST + (1 << 17);
/// The largest packet that is read, only to be passed over where it is larger than an envelope may be. What is still
/// larger costs the session, which would never last where a broker keeps such a message for each subscriber.
const LARGEST_IN: usize = 16 << 20;

/// What `rumqttc` is to be told for a session with `broker`.
pub(super) async fn of(broker: &Broker, keep_alive: Duration) -> Result<MqttOptions, Lost> {
    // It is of more use to a stranger than gossip is to us.
    broker.covered().map_err(|error| Lost::because(error.to_string()))?;
    let mut options =
        MqttOptions::new(Uuid::new_v4().to_string(), broker.host.clone(), broker.contacted_port());
    options.set_keep_alive(keep_alive.max(Duration::from_secs(1)));
    options.set_max_packet_size(LARGEST_IN, LARGEST_OUT);
    if let Some((user, password)) = admission(broker) {
        options.set_credentials(user, password);
    }
    if broker.scheme == Scheme::Mqtts {
        let (files, authorizer) = (broker.tls.clone(), broker.authorizer.is_some());
        // It reads files, the system's roots among them.
        let config = tokio::task::spawn_blocking(move || tls::config(&files, authorizer)).await;
        let config = config.map_err(|error| Lost::because(format!("TLS cannot be prepared: {error}")))?;
        let config = config.map_err(|error| Lost::because(error.to_string()))?;
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::new(config))));
    }
    Ok(options)
}

/// The user name and password that `broker` is shown.
fn admission(broker: &Broker) -> Option<(String, String)> {
    if broker.announced_only && !is_announced(broker) {
        return None;
    }
    match (&broker.authorizer, &broker.credentials) {
        (Some(authorizer), _) => Some((
            format!("?x-amz-customauthorizer-name={}", authorizer.name),
            authorizer.token.reveal().to_owned(),
        )),
        (None, Some(credentials)) => Some((credentials.user.clone(), credentials.secret.reveal().to_owned())),
        (None, None) => None,
    }
}

/// Whether a broker of this user announces itself there.
fn is_announced(broker: &Broker) -> bool {
    let announced = broker.run_dir.as_deref().and_then(announcement::address);
    announced.is_some_and(|(host, port)| host == broker.host && port == broker.port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::announcement::Announcement;
    use crate::endpoint::{Authorizer, Secret};

    #[tokio::test]
    async fn each_connection_has_an_id_of_its_own() {
        let broker = Broker::parse("mqtt://127.0.0.1").unwrap();
        let id = async || of(&broker, Duration::from_secs(30)).await.unwrap().client_id();
        assert_ne!(id().await, id().await);
    }

    fn with_authorizer(url: &str) -> Broker {
        let authorizer = Some(Authorizer { name: "gate".to_owned(), token: Secret::new("token") });
        Broker { authorizer, ..Broker::parse(url).unwrap() }
    }

    #[test]
    fn the_custom_authorizer_takes_the_place_of_the_password() {
        let shown = ("?x-amz-customauthorizer-name=gate".to_owned(), "token".to_owned());
        assert_eq!(admission(&with_authorizer("mqtts://me:secret@broker.example")), Some(shown));
        let plain = Broker::parse("mqtts://me:secret@broker.example").unwrap();
        assert_eq!(admission(&plain), Some(("me".to_owned(), "secret".to_owned())));
    }

    #[tokio::test]
    async fn no_secret_leaves_this_machine_in_the_clear_and_that_is_said() {
        let mine = Broker::parse("mqtt://me:secret@192.0.2.1").unwrap();
        for broker in [mine, with_authorizer("mqtt://192.0.2.1")] {
            let lost = of(&broker, Duration::from_secs(30)).await.unwrap_err();
            assert!(lost.why.contains("in the clear") && !lost.why.contains("secret"), "{}", lost.why);
        }
        for url in ["mqtt://me:secret@127.0.0.1", "mqtt://192.0.2.1"] {
            let broker = Broker::parse(url).unwrap();
            assert!(of(&broker, Duration::from_secs(30)).await.is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_meant_for_who_announces_himself_is_shown_to_nobody_else() {
        let run_dir = tempfile::tempdir().unwrap();
        let credentials = Broker::parse("mqtt://me:secret@localhost").unwrap().credentials;
        let run = run_dir.path().to_owned();
        let broker = Broker { credentials, announced_only: true, ..Broker::auto(Some(run)) };
        assert_eq!(admission(&broker), None, "whoever listens at the usual port");
        let endpoint = "mqtt://127.0.0.1:2883".to_owned();
        let announcement =
            Announcement::new("test", endpoint, std::process::id(), jiff::Timestamp::UNIX_EPOCH);
        let text = serde_json::to_string(&announcement).unwrap();
        std::fs::write(run_dir.path().join("broker.json"), text).unwrap();
        assert_eq!(admission(&broker), None, "he is not who is announced");
        assert!(admission(&Broker { port: 2883, ..broker }).is_some());
    }
}
