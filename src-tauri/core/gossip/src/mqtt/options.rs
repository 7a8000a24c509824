//! What a session starts with: who we are, with what we are let in, and over what.
//!
//! Not here: the roots and certificates of TLS (`tls`), and where passwords come from (`passwords`).
//!
//! Invariant: each connection has a client id of its own. A broker ends the older of two connections with the same.

use std::sync::Arc;
use std::time::Duration;

use hearsay_board::envelope::LARGEST;
use rumqttc::{MqttOptions, TlsConfiguration, Transport};
use uuid::Uuid;

use super::{Lost, tls};
use crate::endpoint::{Broker, Scheme};

/// The largest packet that goes out: an envelope, the longest topic, and what stands before them.
const LARGEST_OUT: usize = LARGEST + (1 << 17);
/// The largest packet that is read, only to be passed over where it is larger than an envelope may be. What is still
/// larger costs the session, which would never last where a broker keeps such a message for each subscriber.
const LARGEST_IN: usize = 16 << 20;

/// What `rumqttc` is to be told for a session with `broker`.
pub(super) async fn of(broker: &Broker, keep_alive: Duration) -> Result<MqttOptions, Lost> {
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
    // A token is of more use to a stranger than gossip is to us: never in the clear across a network.
    let covered = broker.scheme == Scheme::Mqtts || broker.is_local();
    match (&broker.authorizer, &broker.credentials) {
        (Some(authorizer), _) if covered => Some((
            format!("?x-amz-customauthorizer-name={}", authorizer.name),
            authorizer.token.reveal().to_owned(),
        )),
        (None, Some(credentials)) => Some((credentials.user.clone(), credentials.secret.reveal().to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Authorizer, Secret};

    #[tokio::test]
    async fn each_connection_has_an_id_of_its_own() {
        let broker = Broker::parse("mqtt://127.0.0.1").unwrap();
        let id = async || of(&broker, Duration::from_secs(30)).await.unwrap().client_id();
        assert_ne!(id().await, id().await);
    }

    #[test]
    fn the_custom_authorizer_takes_the_place_of_the_password_and_is_not_told_in_the_clear() {
        let authorizer = Some(Authorizer { name: "gate".to_owned(), token: Secret::new("token") });
        let admitted =
            |url: &str| admission(&Broker { authorizer: authorizer.clone(), ..Broker::parse(url).unwrap() });
        let shown = ("?x-amz-customauthorizer-name=gate".to_owned(), "token".to_owned());
        assert_eq!(admitted("mqtts://me:secret@broker.example"), Some(shown));
        assert_eq!(admitted("mqtt://me:secret@broker.example"), None);
        let plain = Broker::parse("mqtt://me:secret@broker.example").unwrap();
        assert_eq!(admission(&plain), Some(("me".to_owned(), "secret".to_owned())));
    }
}
