//! What went wrong between us and a broker, in words for a person.
//!
//! Not here: what is done about it (`mqtt`).
//!
//! Invariant: no words hold a user's name, a password or what a stranger sent, nor what only a programmer would read.

use std::io::{self, ErrorKind};

use rumqttc::mqttbytes;
use rumqttc::{ConnectReturnCode, ConnectionError, StateError, TlsError};
use rustls::{AlertDescription, CertificateError};

use super::Lost;

/// What was so when it went wrong.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) endpoint: &'a str,
    /// Whether the broker had let us in.
    pub(super) connected: bool,
    /// Whether it had been shown a user name.
    pub(super) has_credentials: bool,
}

/// Why there is no session.
pub(super) fn lost(error: &ConnectionError, told: Told<'_>) -> Lost {
    let Told { endpoint, .. } = told;
    let why = match error {
        ConnectionError::ConnectionRefused(code) => return refused(*code, told),
        ConnectionError::Io(error) => io(error, told),
        ConnectionError::Tls(TlsError::Io(error)) => io(error, told),
        ConnectionError::Tls(TlsError::TLS(error)) => tls(error, endpoint),
        ConnectionError::NetworkTimeout => format!("the broker at {endpoint} does not answer"),
        ConnectionError::FlushTimeout | ConnectionError::MqttState(StateError::AwaitPingResp) => {
            format!("the broker at {endpoint} has fallen silent")
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => closed(told),
        ConnectionError::MqttState(StateError::Io(error)) => io(error, told),
        ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::Io(error))) => {
            io(error, told)
        }
        ConnectionError::MqttState(StateError::Deserialization(
            mqttbytes::Error::PayloadSizeLimitExceeded(size),
        )) if told.connected => format!("{endpoint} passed on a message of {size} bytes, more than we read"),
        ConnectionError::NotConnAck(_) => no_mqtt(endpoint),
        ConnectionError::MqttState(_) if !told.connected => no_mqtt(endpoint),
        ConnectionError::MqttState(error) => {
            tracing::debug!(%error, "a broker broke the rules of MQTT");
            format!("the broker at {endpoint} broke the rules of MQTT")
        }
        error => {
            tracing::debug!(%error, "a connection failed");
            format!("the connection with {endpoint} failed")
        }
    };
    // Some brokers, `rumqttd` among them, hang up on whom they do not let in without a word.
    let refused = !told.connected && told.has_credentials;
    Lost { why, refused }
}

fn refused(code: ConnectReturnCode, told: Told<'_>) -> Lost {
    use ConnectReturnCode as Code;
    let Told { endpoint, has_credentials, .. } = told;
    let why = match code {
        Code::BadUserNamePassword | Code::NotAuthorized if has_credentials => {
            format!("the broker at {endpoint} refused the user name or password")
        }
        Code::BadUserNamePassword | Code::NotAuthorized => {
            format!("the broker at {endpoint} wants a user name and a password")
        }
        Code::ServiceUnavailable => format!("the broker at {endpoint} is out of service"),
        Code::RefusedProtocolVersion => format!("the broker at {endpoint} does not speak MQTT 3.1.1"),
        Code::BadClientId | Code::Success => format!("the broker at {endpoint} refused the connection"),
    };
    Lost { why, refused: true }
}

fn io(error: &io::Error, told: Told<'_>) -> String {
    let endpoint = told.endpoint;
    if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls(error, endpoint);
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => format!("nobody listens at {endpoint}"),
        ErrorKind::TimedOut => format!("the broker at {endpoint} does not answer"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            format!("there is no way to {endpoint}: {error}")
        }
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => closed(told),
        // Something came, and then the end, before there was a whole packet.
        ErrorKind::Other if !told.connected => no_mqtt(endpoint),
        _ => format!("the connection with {endpoint} failed: {error}"),
    }
}

fn closed(told: Told<'_>) -> String {
    let endpoint = told.endpoint;
    match (told.connected, told.has_credentials) {
        (true, _) => format!("the broker at {endpoint} closed the connection"),
        (false, true) => {
            format!("the broker at {endpoint} hung up; it may not like the user name or password")
        }
        (false, false) => format!("the broker at {endpoint} hung up; it may want a user name and a password"),
    }
}

fn no_mqtt(endpoint: &str) -> String {
    format!("what listens at {endpoint} does not speak MQTT")
}

fn tls(error: &rustls::Error, endpoint: &str) -> String {
    use AlertDescription as Alert;
    match error {
        rustls::Error::InvalidCertificate(error) => {
            format!("the certificate of {endpoint} is not trusted: {}", untrusted(error))
        }
        rustls::Error::InvalidMessage(_) => format!("what listens at {endpoint} does not speak TLS"),
        rustls::Error::AlertReceived(Alert::CertificateRequired) => {
            format!("the broker at {endpoint} wants a client certificate")
        }
        rustls::Error::AlertReceived(
            Alert::BadCertificate
            | Alert::UnknownCA
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::CertificateRevoked
            | Alert::UnsupportedCertificate
            | Alert::AccessDenied,
        ) => format!("the broker at {endpoint} refused the client certificate"),
        error => {
            tracing::debug!(%error, "a TLS handshake failed");
            match error {
                rustls::Error::AlertReceived(_) => {
                    format!("the broker at {endpoint} broke off the TLS handshake")
                }
                rustls::Error::PeerIncompatible(_) => {
                    format!("the broker at {endpoint} speaks TLS in no way that is safe enough for us")
                }
                _ => format!("TLS with {endpoint} failed"),
            }
        }
    }
}

/// What is wrong with a certificate.
fn untrusted(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer => "it is signed by nobody whom we trust",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet, or this machine's clock is wrong"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name"
        }
        CertificateError::Revoked => "it has been revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not meant for a server"
        }
        CertificateError::BadSignature => "its signature is wrong",
        CertificateError::BadEncoding => "it cannot be read",
        // `rustls` has no word of its own for this, and it is what the usual recipe for a self-signed one makes.
        CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => {
            "it is an authority's own, with which no server may speak"
        }
        other => {
            tracing::debug!(error = %other, "a certificate is not trusted");
            "it is not as a server's has to be"
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::{OtherError, PeerIncompatible};

    use super::*;

    /// As `webpki` words it.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Verdict(&'static str);

    #[test]
    fn what_is_wrong_with_a_handshake_is_said_without_a_programmers_words() {
        let told = Told { endpoint: "mqtts://h:8883", connected: false, has_credentials: false };
        let other = |verdict| CertificateError::Other(OtherError(Arc::new(Verdict(verdict))));
        for error in [
            rustls::Error::InvalidCertificate(other("CaUsedAsEndEntity")),
            rustls::Error::InvalidCertificate(other("RequiredEkuNotFound")),
            rustls::Error::InvalidCertificate(CertificateError::UnhandledCriticalExtension),
            rustls::Error::InvalidCertificate(CertificateError::BadSignature),
            rustls::Error::AlertReceived(AlertDescription::HandshakeFailure),
            rustls::Error::PeerIncompatible(PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon),
            rustls::Error::DecryptError,
        ] {
            let error = ConnectionError::Io(io::Error::new(ErrorKind::InvalidData, error));
            let why = lost(&error, told).why;
            let is_a_word = |word: &str| !word.chars().skip(1).any(char::is_uppercase) || word == "TLS";
            assert!(why.split(' ').all(is_a_word) && !why.contains(['(', '{', '"']), "{why}");
            assert!(why.contains("mqtts://h:8883"), "{why}");
        }
        let authority = rustls::Error::InvalidCertificate(other("CaUsedAsEndEntity"));
        assert!(tls(&authority, "mqtts://h:8883").contains("it is an authority's own"));
    }
}
