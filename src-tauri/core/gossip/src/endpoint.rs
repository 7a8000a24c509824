//! Where a broker is, and with what one is let in.
//!
//! Not here: which broker a project wants and whether it may be contacted (`settings`), and how it is spoken to (`mqtt`).
//!
//! Invariants:
//! - No secret is ever printed. [`Secret`] hides itself, errors never repeat what they were given, and
//!   [`Broker::endpoint`] has no user in it.
//! - No secret leaves this machine in the clear. See [`Broker::covered`].

use std::fmt;
use std::path::PathBuf;

/// The port of `mqtt://` where none is named.
pub const PORT: u16 = 1883;
/// The port of `mqtts://` where none is named.
pub const TLS_PORT: u16 = 8883;
/// Where AWS IoT takes the place of [`TLS_PORT`] for clients with a custom authorizer.
const AUTHORIZER_PORT: u16 = 443;
/// The longest URL that is looked at, in bytes.
const LONGEST: usize = 2048;

/// How a broker is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Mqtt,
    /// Over TLS.
    Mqtts,
}

impl Scheme {
    /// As in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mqtt => "mqtt",
            Self::Mqtts => "mqtts",
        }
    }
}

/// Something that is not to be seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for the one who asks for it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A user and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password.
    pub secret: Secret,
}

/// AWS IoT's custom authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// Its name.
    pub name: String,
    /// The token that it is shown.
    pub token: Secret,
}

/// What TLS needs beyond the system's own roots. All files are PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Roots that are trusted instead of the system's.
    pub ca: Option<PathBuf>,
    /// The client's certificate.
    pub certificate: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
}

/// A broker, and with what one is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// The host: a name, or an address without brackets.
    pub host: String,
    /// The port that was named. See [`Broker::contacted_port`].
    pub port: u16,
    /// A user and a password, if there are any.
    pub credentials: Option<Credentials>,
    /// The custom authorizer, if one is named and there is a token for it. It takes the place of `credentials`.
    pub authorizer: Option<Authorizer>,
    /// Whether `credentials` and `authorizer` are for the broker that announces itself alone, and not for whoever else
    /// listens at `host` and `port`.
    pub announced_only: bool,
    /// Whether the person named it themselves: then their password goes where they said, also in the clear. A token of an
    /// authorizer never does: who takes those speaks TLS.
    pub clear_is_meant: bool,
    /// What TLS needs.
    pub tls: Tls,
    /// Whether the broker that `broker.json` in `run_dir` announces comes before `host` and `port`.
    pub auto: bool,
    /// Where brokers of this user announce themselves; `None` where the user has no home.
    pub run_dir: Option<PathBuf>,
    /// Whether to start a broker where there is none. Only for one in the clear on this machine.
    pub autostart: bool,
    /// Whether such a broker outlives who started it.
    pub keepalive: bool,
}

/// Why a URL names no broker. It says what is wrong, never what was given: that may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It is too long to be one.
    #[error("the broker's URL is longer than {LONGEST} bytes")]
    TooLong,
    /// It starts neither with `mqtt://` nor with `mqtts://`.
    #[error("the broker's URL must start with mqtt:// or mqtts://")]
    Scheme,
    /// It names no host, or one that cannot be.
    #[error("the broker's URL names no host that can be contacted")]
    Host,
    /// The port is no port.
    #[error("the port in the broker's URL is not a number from 1 to 65535")]
    Port,
    /// The user or password is not encoded as in URLs.
    #[error("the user or password in the broker's URL is not encoded as in URLs")]
    User,
}

/// A password or a token would be sent where others can read it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{endpoint} is spoken to in the clear, so the password or token for it could be read on the way; it is not \
     contacted"
)]
pub struct InTheClear {
    endpoint: String,
}

impl Broker {
    /// The broker that is had without naming one: the one in `broker.json`, else `127.0.0.1:1883`.
    pub fn auto(run_dir: Option<PathBuf>) -> Self {
        Self { auto: true, run_dir, ..Self::at(Scheme::Mqtt, "127.0.0.1".to_owned(), PORT) }
    }

    /// The broker at `host` and `port`, without credentials, and never started by us.
    pub fn at(scheme: Scheme, host: String, port: u16) -> Self {
        Self {
            scheme,
            host,
            port,
            credentials: None,
            authorizer: None,
            announced_only: false,
            clear_is_meant: false,
            tls: Tls::default(),
            auto: false,
            run_dir: None,
            autostart: false,
            keepalive: false,
        }
    }

    /// Reads `mqtt[s]://[USER[:PASSWORD]@]HOST[:PORT][/…]`. As Kanbus does, what follows the port is passed over.
    ///
    /// # Errors
    /// Where that names no broker.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        if url.len() > LONGEST {
            return Err(BadUrl::TooLong);
        }
        let (scheme, rest) = url.trim().split_once("://").ok_or(BadUrl::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "mqtt" => Scheme::Mqtt,
            "mqtts" => Scheme::Mqtts,
            _ => return Err(BadUrl::Scheme),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (host, port) = host_and_port(place)?;
        let default = if scheme == Scheme::Mqtts { TLS_PORT } else { PORT };
        let mut broker = Self::at(scheme, host, port.unwrap_or(default));
        broker.credentials = user.map(credentials).transpose()?.flatten();
        Ok(broker)
    }

    /// The URL without anybody's name or password, for people to read.
    pub fn endpoint(&self) -> String {
        let (scheme, port) = (self.scheme.as_str(), self.contacted_port());
        if self.host.contains(':') {
            format!("{scheme}://[{}]:{port}", self.host)
        } else {
            format!("{scheme}://{}:{port}", self.host)
        }
    }

    /// The port to contact: AWS IoT listens for custom authorizers elsewhere.
    pub fn contacted_port(&self) -> u16 {
        let moved = self.scheme == Scheme::Mqtts && self.authorizer.is_some() && self.port == TLS_PORT;
        if moved { AUTHORIZER_PORT } else { self.port }
    }

    /// Whether it is named to be at `host`, and at `port` if there is one.
    pub(crate) fn is_at(&self, host: &str, port: Option<u16>) -> bool {
        let bare = |host: &str| match host.trim_end_matches('.').to_ascii_lowercase().as_str() {
            "127.0.0.1" | "::1" => "localhost".to_owned(),
            host => host.to_owned(),
        };
        bare(&self.host) == bare(host) && port.is_none_or(|port| port == self.port)
    }

    /// Whether others can read what is said to it on the way.
    pub fn is_in_the_clear(&self) -> bool {
        self.scheme == Scheme::Mqtt && !self.is_local()
    }

    /// Whether it may be shown what one is let in with.
    ///
    /// # Errors
    /// Where that is a secret, and others could read it on the way.
    pub fn covered(&self) -> Result<(), InTheClear> {
        let password = self.credentials.as_ref().is_some_and(|known| !known.secret.reveal().is_empty());
        let uncovered = password && !self.clear_is_meant;
        match self.is_in_the_clear() && (uncovered || self.authorizer.is_some()) {
            true => Err(InTheClear { endpoint: self.endpoint() }),
            false => Ok(()),
        }
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        let host = self.host.trim_end_matches('.');
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// The parts of `HOST[:PORT]`.
pub(crate) fn host_and_port(place: &str) -> Result<(String, Option<u16>), BadUrl> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or(BadUrl::Host)?;
            host.parse::<std::net::Ipv6Addr>().ok().ok_or(BadUrl::Host)?;
            let port =
                if after.is_empty() { None } else { Some(after.strip_prefix(':').ok_or(BadUrl::Port)?) };
            (host, port)
        }
        None => {
            let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            if host.is_empty() || host.len() > 253 || !host.bytes().all(allowed) {
                return Err(BadUrl::Host);
            }
            (host, port)
        }
    };
    let port = port.map(|port| port.parse().ok().filter(|port| *port != 0).ok_or(BadUrl::Port));
    Ok((host.to_owned(), port.transpose()?))
}

fn credentials(user_info: &str) -> Result<Option<Credentials>, BadUrl> {
    if user_info.is_empty() {
        return Ok(None);
    }
    let (user, secret) = user_info.split_once(':').unwrap_or((user_info, ""));
    Ok(Some(Credentials { user: decoded(user)?, secret: Secret::new(decoded(secret)?) }))
}

/// `text` with `%XX` taken for the byte that it stands for.
fn decoded(text: &str) -> Result<String, BadUrl> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = after.first_chunk::<2>().ok_or(BadUrl::User)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(BadUrl::User);
        let byte = digit(digits[0])? * 16 + digit(digits[1])?;
        bytes.push(u8::try_from(byte).ok().ok_or(BadUrl::User)?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok().ok_or(BadUrl::User)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_broker_and_the_ports_have_their_defaults() {
        for (url, endpoint) in [
            ("mqtt://host", "mqtt://host:1883"),
            ("mqtts://host", "mqtts://host:8883"),
            ("MQTT://10.0.0.1:2883/any/path", "mqtt://10.0.0.1:2883"),
            ("mqtt://[::1]:1884", "mqtt://[::1]:1884"),
            (" mqtts://a:b@broker.example ", "mqtts://broker.example:8883"),
        ] {
            assert_eq!(Broker::parse(url).unwrap().endpoint(), endpoint);
        }
        let broker = Broker::parse("mqtt://us%40er:p%3Aw:d@h").unwrap();
        let credentials = broker.credentials.unwrap();
        assert_eq!((credentials.user.as_str(), credentials.secret.reveal()), ("us@er", "p:w:d"));
    }

    #[test]
    fn what_names_no_broker_is_refused_without_being_repeated() {
        let long = format!("mqtt://{}", "h".repeat(3000));
        for (url, error) in [
            ("not-a-url", BadUrl::Scheme),
            ("http://host", BadUrl::Scheme),
            ("mqtt://", BadUrl::Host),
            ("mqtt://:1883", BadUrl::Host),
            ("mqtt://ho st", BadUrl::Host),
            ("mqtt://h\u{0}", BadUrl::Host),
            ("mqtt://[::1", BadUrl::Host),
            ("mqtt://host:port", BadUrl::Port),
            ("mqtt://host:0", BadUrl::Port),
            ("mqtt://host:70000", BadUrl::Port),
            ("mqtt://a:%zz@host", BadUrl::User),
            (&long, BadUrl::TooLong),
        ] {
            assert_eq!(Broker::parse(url), Err(error), "{url:.40}");
        }
    }

    #[test]
    fn no_secret_is_printed() {
        let mut broker = Broker::parse("mqtts://me:hunter2@host").unwrap();
        broker.authorizer = Some(Authorizer { name: "gate".to_owned(), token: Secret::new("hunter2") });
        assert!(!format!("{broker:?} {}", broker.endpoint()).contains("hunter2"));
    }

    #[test]
    fn a_custom_authorizer_moves_the_default_port_of_tls_alone() {
        let authorizer = Some(Authorizer { name: "gate".to_owned(), token: Secret::new("t") });
        for (url, port) in [("mqtts://h", 443), ("mqtts://h:9999", 9999), ("mqtt://h:8883", 8883)] {
            let broker = Broker { authorizer: authorizer.clone(), ..Broker::parse(url).unwrap() };
            assert_eq!(broker.contacted_port(), port, "{url}");
        }
    }

    #[test]
    fn a_secret_is_covered_on_this_machine_and_over_tls_alone() {
        let covered = |url: &str| Broker::parse(url).unwrap().covered();
        for url in [
            "mqtts://me:hunter2@broker.example",
            "mqtt://me:hunter2@127.0.0.1",
            "mqtt://me@broker.example",
            "mqtt://broker.example",
        ] {
            assert_eq!(covered(url), Ok(()), "{url}");
        }
        let why = covered("mqtt://me:hunter2@broker.example").unwrap_err().to_string();
        assert!(why.starts_with("mqtt://broker.example:1883 is spoken to in the clear"), "{why}");
        assert!(!why.contains("hunter2"));
        let mut meant = Broker::parse("mqtt://me:hunter2@broker.example").unwrap();
        meant.clear_is_meant = true;
        assert_eq!(meant.covered(), Ok(()), "the person said so");
        let authorizer = Some(Authorizer { name: "gate".to_owned(), token: Secret::new("t") });
        let broker = Broker { authorizer, ..meant };
        assert!(broker.covered().is_err());
    }

    #[test]
    fn this_machine_is_told_from_others() {
        let local = |url: &str| Broker::parse(url).unwrap().is_local();
        assert!(local("mqtt://localhost") && local("mqtt://127.0.0.9") && local("mqtt://[::1]"));
        assert!(!local("mqtt://localhost.evil.example") && !local("mqtt://10.0.0.1"));
    }
}
