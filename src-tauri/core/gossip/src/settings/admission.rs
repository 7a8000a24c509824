//! With what a broker lets one in, and who may be shown what is the person's own.
//!
//! Not here: sending it, and the cover that it needs on the way (`endpoint`, `mqtt`).
//!
//! Invariants:
//! - The person's own is shown to brokers that they named, and to brokers of their own. A repository that names another,
//!   or under what name it is shown, asks first.
//! - What is asked for does not depend on the answer, and never holds a secret.

use std::path::PathBuf;

use super::environment::Origin;
use super::{NamedKind, Resolving};
use crate::endpoint::{Authorizer, Broker, Credentials, Scheme, Secret, Tls, host_and_port};

/// The longest name that AWS has for an authorizer, in bytes.
const LONGEST_NAME: usize = 128;

/// Whether a broker may be shown what is the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Showing {
    /// They said so themselves.
    Freely,
    /// To the one that announces itself, because it is theirs.
    ToTheAnnounced,
    /// Once they agree, because a file of the repository names the broker.
    IfTrusted(Origin),
    /// It is meant for somebody else, or would go in the clear.
    Never,
}

impl Resolving<'_> {
    /// Gives `broker` what it is let in with. `named_by` is who named it, if anybody did.
    pub(super) fn admit(&mut self, broker: &mut Broker, named_by: Option<Origin>) {
        let in_its_url = broker.credentials.is_some();
        if let (true, Some(origin)) = (in_its_url, named_by) {
            let what = format!("a user and a password for {}", broker.endpoint());
            if !self.may_use_credentials(what, origin) {
                broker.credentials = None;
            }
        }
        broker.clear_is_meant = named_by.is_some_and(|by| by.file_of_the_repository().is_none());
        let showing = self.showing(broker, named_by);
        broker.announced_only = showing == Showing::ToTheAnnounced;
        let authorizer = self.authorizer(broker, showing);
        // Whoever names a broker with a password needs no other.
        let is_let_in = in_its_url && matches!(showing, Showing::IfTrusted(_));
        if let Some(user) = self.own("HEARSAY_MQTT_USER").filter(|_| !is_let_in)
            && self.may_show("user and password", broker, showing)
        {
            let secret = Secret::new(self.own("HEARSAY_MQTT_PASSWORD").unwrap_or_default());
            broker.credentials = Some(Credentials { user, secret });
        }
        broker.tls = self.tls(broker, showing);
        if broker.clear_is_meant && broker.is_in_the_clear() && broker.credentials.is_some() {
            let message = format!(
                "{} is spoken to in the clear; your password can be read on the way",
                broker.endpoint()
            );
            self.warnings.push(message);
        }
        // Last, because it moves the endpoint: what is asked for must not depend on the answer.
        broker.authorizer = authorizer;
    }

    fn own(&self, name: &str) -> Option<String> {
        self.environment.of_the_person(name).map(ToOwned::to_owned)
    }

    fn showing(&mut self, broker: &Broker, named_by: Option<Origin>) -> Showing {
        if let Some(place) = self.own("HEARSAY_MQTT_HOST") {
            let Ok((host, port)) = host_and_port(place.trim()) else {
                let message =
                    "HEARSAY_MQTT_HOST is neither HOST nor HOST:PORT; your own password is shown to nobody";
                self.warnings.push(message.to_owned());
                return Showing::Never;
            };
            return if broker.is_at(&host, port) { Showing::Freely } else { Showing::Never };
        }
        match named_by {
            None => Showing::ToTheAnnounced,
            Some(origin) if origin.file_of_the_repository().is_none() => Showing::Freely,
            Some(_) if broker.is_in_the_clear() => {
                let own = ["HEARSAY_MQTT_USER", "KANBUS_REALTIME_MQTT_API_TOKEN"];
                if own.iter().any(|name| self.own(name).is_some()) {
                    self.warnings.push(format!(
                        "{} is spoken to in the clear, so it is not shown your own password or token",
                        broker.endpoint()
                    ));
                }
                Showing::Never
            }
            Some(origin) => Showing::IfTrusted(origin),
        }
    }

    /// Whether the person's own `what` may be shown to `broker`. Notes it where that is the repository's wish.
    fn may_show(&mut self, what: &str, broker: &Broker, showing: Showing) -> bool {
        match showing {
            Showing::Freely | Showing::ToTheAnnounced => true,
            Showing::Never => false,
            Showing::IfTrusted(origin) => {
                let what = format!("your own {what} for {}", broker.endpoint());
                self.may_use(NamedKind::Credentials, what, origin)
            }
        }
    }

    fn authorizer(&mut self, broker: &Broker, showing: Showing) -> Option<Authorizer> {
        let name = self.said(
            "KANBUS_REALTIME_MQTT_CUSTOM_AUTHORIZER_NAME",
            self.realtime.mqtt_custom_authorizer_name.as_ref(),
        );
        let name = name.filter(|(name, _)| {
            let is_name = is_name(name);
            if !is_name {
                self.warnings.push("the custom authorizer's name is none; no token is shown".to_owned());
            }
            is_name
        });
        let token = self.said("KANBUS_REALTIME_MQTT_API_TOKEN", self.realtime.mqtt_api_token.as_ref());
        let (token, token_by) = token?;
        let shown_as = name.as_ref().map_or_else(String::new, |(name, _)| format!(" as {name}"));
        let may_show = if token_by.file_of_the_repository().is_some() {
            let what = format!("a token for {}{shown_as}", broker.endpoint());
            self.may_use_credentials(what, token_by)
        } else {
            // To the person's own broker as well: the repository must not say under what name their token is shown.
            let showing = match (showing, name.as_ref()?.1) {
                (Showing::Never, _) => Showing::Never,
                (_, name_by) if name_by.file_of_the_repository().is_some() => Showing::IfTrusted(name_by),
                _ => showing,
            };
            self.may_show(&format!("token{shown_as}"), broker, showing)
        };
        let (name, _) = name.filter(|_| may_show)?;
        Some(Authorizer { name, token: Secret::new(token) })
    }

    fn tls(&mut self, broker: &Broker, showing: Showing) -> Tls {
        let file = |name: &str| self.own(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let ca = file("HEARSAY_MQTT_CA");
        let (certificate, key) = (file("HEARSAY_MQTT_CERTIFICATE"), file("HEARSAY_MQTT_KEY"));
        let has_any = certificate.is_some() || key.is_some();
        if broker.scheme == Scheme::Mqtts && has_any && self.may_show("certificate", broker, showing) {
            Tls { ca, certificate, key }
        } else {
            Tls { ca, ..Tls::default() }
        }
    }

    fn may_use_credentials(&mut self, what: String, origin: Origin) -> bool {
        if let Some(file) = origin.file_of_the_repository() {
            self.warnings.push(format!(
                "{what} lies in {file}, where everybody who has the repository can read it; \
                 the environment or ~/.kanbus.env is the place for it"
            ));
        }
        self.may_use(NamedKind::Credentials, what, origin)
    }
}

/// Whether AWS would have it for an authorizer's name. What is pasted in its place by mistake is not repeated.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_=,@-".contains(&byte);
    name.len() <= LONGEST_NAME && name.bytes().all(allowed)
}
