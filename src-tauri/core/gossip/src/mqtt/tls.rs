//! TLS: whom we trust, and what we show.
//!
//! Not here: the words for what goes wrong in a handshake (`words`).
//!
//! Invariant: a certificate is always checked. There is no switch against it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::endpoint::Tls;

/// The protocol that AWS IoT wants to hear of when a custom authorizer is used.
const AWS_PROTOCOL: &[u8] = b"mqtt";

/// Why there can be no TLS.
#[derive(Debug, thiserror::Error)]
pub(super) enum TlsError {
    #[error("{} holds no certificate: {source}", path.display())]
    Certificate { path: PathBuf, source: pem::Error },
    #[error("{} holds no private key: {source}", path.display())]
    Key { path: PathBuf, source: pem::Error },
    #[error("a client certificate needs both HEARSAY_MQTT_CERTIFICATE and HEARSAY_MQTT_KEY")]
    Half,
    #[error("this machine trusts no certificate authority; HEARSAY_MQTT_CA may name a file with one")]
    NoRoots,
    #[error("TLS cannot be prepared: {0}")]
    Config(#[from] rustls::Error),
}

/// How TLS is spoken. Where `authorizer`, AWS IoT is told that it is MQTT.
pub(super) fn config(tls: &Tls, authorizer: bool) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = builder.with_root_certificates(roots(tls.ca.as_deref())?);
    let mut config = match (&tls.certificate, &tls.key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|source| TlsError::Key { path: key.clone(), source })?;
            builder.with_client_auth_cert(certificates(certificate)?, key)?
        }
        _ => return Err(TlsError::Half),
    };
    if authorizer {
        config.alpn_protocols.push(AWS_PROTOCOL.to_vec());
    }
    Ok(config)
}

/// Those in the file at `ca`, and they alone; else the system's.
fn roots(ca: Option<&Path>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in certificates(path)? {
                roots.add(certificate)?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            // Systems carry a few that cannot be read; they are missed only where a broker needs one of them.
            for error in found.errors {
                tracing::debug!(%error, "a root of the system cannot be read");
            }
            roots.add_parsable_certificates(found.certs);
        }
    }
    if roots.is_empty() { Err(TlsError::NoRoots) } else { Ok(roots) }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |source| TlsError::Certificate { path: path.to_owned(), source };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(wrong)?.collect();
    let found = found.map_err(wrong)?;
    if found.is_empty() { Err(wrong(pem::Error::NoItemsFound)) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_or_holds_no_certificate_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let ca = directory.path().join("ca.pem");
        for text in [None, Some("rubbish"), Some("")] {
            if let Some(text) = text {
                std::fs::write(&ca, text).unwrap();
            }
            let error = config(&Tls { ca: Some(ca.clone()), ..Tls::default() }, false).unwrap_err();
            assert!(error.to_string().contains("ca.pem holds no certificate"), "{error}");
        }
    }

    #[test]
    fn half_of_a_client_certificate_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let ca = directory.path().join("ca.pem");
        std::fs::write(&ca, own.cert.pem()).unwrap();
        let tls = Tls { ca: Some(ca.clone()), certificate: Some(ca), key: None };
        assert!(matches!(config(&tls, false), Err(TlsError::Half)));
    }

    #[test]
    fn the_protocol_is_named_for_the_custom_authorizer_alone() {
        let directory = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let ca = directory.path().join("ca.pem");
        std::fs::write(&ca, own.cert.pem()).unwrap();
        let tls = Tls { ca: Some(ca), ..Tls::default() };
        assert_eq!(config(&tls, true).unwrap().alpn_protocols, [b"mqtt".to_vec()]);
        assert!(config(&tls, false).unwrap().alpn_protocols.is_empty());
    }
}
