//! What a repository wants of gossip, with the environment's word over the files': channels, socket, broker.
//!
//! The rules are Kanbus's (0.41). Not here: reading files, asking the person (`hearsay-live`), contacting anybody.
//!
//! Invariants:
//! - What the repository alone names (`.kanbus.yml`, `.env`) is not in the settings until it is trusted.
//! - What the person's own environment names needs no trust.
//! - A value that makes no sense is not repeated: it may be a password in the wrong place.
//! - A topic is one that can be subscribed to and published to: never a wildcard, never a broker's own.

mod admission;
mod environment;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use hearsay_board::config::Realtime;

use crate::endpoint::{Broker, Scheme};
pub use environment::{Environment, parse_dotenv};
use environment::{Origin, flag};

/// Kanbus's topic where nobody names another.
const TOPIC: &str = "projects/{project}/events";
/// The longest topic, in bytes.
const LONGEST_TOPIC: usize = 1024;
/// The most channels of one link.
const MOST_CHANNELS: usize = 1024;

/// One topic, and what of it is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The topic.
    pub topic: String,
    /// The `project_id`; `None` where the configuration has none and speaks as before Kanbus 0.40.
    pub identity: Option<String>,
    /// The labels of the projects that are known here.
    pub labels: Vec<String>,
}

/// What one configuration wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its `project_id`.
    pub project_id: Option<String>,
    /// The labels of its projects.
    pub labels: Vec<String>,
    /// Its `realtime:`.
    pub realtime: Realtime,
}

/// Which kinds of bus are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// Both.
    #[default]
    Auto,
    /// The local one alone.
    Uds,
    /// A broker's alone.
    Mqtt,
}

/// What a link needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// What is listened to.
    pub channels: Vec<Channel>,
    /// Which kinds of bus are used. Follows from `socket` and `broker`, and says why one of them is `None`.
    pub transport: Transport,
    /// The socket of the local bus, if it is used.
    pub socket: Option<PathBuf>,
    /// The broker, if one is used.
    pub broker: Option<Broker>,
    /// What is not as it should be, each in words for a person.
    pub warnings: Vec<String>,
}

/// The kinds of things that a repository can name and that need trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NamedKind {
    /// A broker to contact.
    Broker,
    /// A socket to join or to host.
    Socket,
    /// That a broker is started where there is none.
    Autostart,
    /// A user, a password, a token: the repository's, or the person's own.
    Credentials,
    /// A topic other than Kanbus's own.
    Topic,
}

/// One thing that the repository names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Named {
    /// What kind of thing.
    pub kind: NamedKind,
    /// What: a URL without its user, a path, what a secret is for. Never a secret.
    pub what: String,
    /// The file that names it: `.kanbus.yml` or `.env`.
    pub from: String,
}

impl Settings {
    /// What `projects`, the configurations of one repository, want in `environment`. Each has its channels; how they are
    /// reached is what the first one says. Answers also what the repository names, whether it is `trusted` or not.
    pub fn resolve(projects: &[Wish], environment: &Environment, trusted: bool) -> (Self, Vec<Named>) {
        let nothing = Realtime::default();
        let realtime = projects.first().map_or(&nothing, |first| &first.realtime);
        let mut resolving =
            Resolving { environment, trusted, realtime, named: Vec::new(), warnings: Vec::new() };
        let transport = resolving.transport();
        let socket = (transport != Transport::Mqtt).then(|| resolving.socket()).flatten();
        let broker = (transport != Transport::Uds).then(|| resolving.broker()).flatten();
        let channels = resolving.channels(projects);
        let Resolving { named, warnings, .. } = resolving;
        (Self { channels, transport, socket, broker, warnings }, named)
    }
}

struct Resolving<'a> {
    environment: &'a Environment,
    trusted: bool,
    realtime: &'a Realtime,
    named: Vec<Named>,
    warnings: Vec<String>,
}

impl Resolving<'_> {
    /// What is said under `name`: by the environment, else by the configuration.
    fn said(&self, name: &str, configured: Option<&String>) -> Option<(String, Origin)> {
        self.environment
            .get(name)
            .map(|(value, origin)| (value.to_owned(), origin))
            .or_else(|| Some((configured?.clone(), Origin::Configuration)))
    }

    fn said_flag(&self, name: &str, configured: Option<bool>) -> Option<(bool, Origin)> {
        self.environment
            .get(name)
            .and_then(|(value, origin)| Some((flag(value)?, origin)))
            .or_else(|| Some((configured?, Origin::Configuration)))
    }

    /// Notes that the repository names something, and answers whether it may be used.
    fn may_use(&mut self, kind: NamedKind, what: String, origin: Origin) -> bool {
        let Some(from) = origin.file_of_the_repository() else { return true };
        self.named.push(Named { kind, what, from: from.to_owned() });
        self.trusted
    }

    fn transport(&mut self) -> Transport {
        let said = self.said("KANBUS_REALTIME_TRANSPORT", self.realtime.transport.as_ref());
        match said.as_ref().map(|(text, _)| text.trim()) {
            None | Some("auto") => Transport::Auto,
            Some("uds") => Transport::Uds,
            Some("mqtt") => Transport::Mqtt,
            Some(_) => {
                self.warnings.push("the transport is none of auto, uds and mqtt; auto is used".to_owned());
                Transport::Auto
            }
        }
    }

    fn socket(&mut self) -> Option<PathBuf> {
        if !cfg!(unix) {
            return None;
        }
        if let Some((path, origin)) =
            self.said("KANBUS_REALTIME_UDS_SOCKET_PATH", self.realtime.uds_socket_path.as_ref())
        {
            if path.contains('\0') || path.contains("://") {
                self.warnings.push("the socket's path is not a path; the default one is used".to_owned());
            } else if self.may_use(NamedKind::Socket, path.clone(), origin) {
                return Some(self.environment.repository.join(path));
            }
        }
        let runtime = self.environment.directory("XDG_RUNTIME_DIR");
        let home = || self.environment.directory("HOME");
        runtime
            .map(|directory| directory.join("kanbus/bus.sock"))
            .or_else(|| home().map(|directory| directory.join(".kanbus/run/bus.sock")))
    }

    /// Everything that is named is noted, whether it may be used or not: what is asked for is one thing, whatever the
    /// answer.
    fn broker(&mut self) -> Option<Broker> {
        let said = self.said("KANBUS_REALTIME_BROKER", self.realtime.broker.as_ref());
        let run_dir = self.environment.directory("HOME").map(|home| home.join(".kanbus/run"));
        let (mut broker, named_by) = match said.as_ref().map(|(text, origin)| (text.trim(), *origin)) {
            None | Some(("auto", _)) => (Broker::auto(run_dir), None),
            Some(("off", _)) => return None,
            Some((url, origin)) => (Broker { run_dir, ..self.parsed(url)? }, Some(origin)),
        };
        let may_contact =
            named_by.is_none_or(|origin| self.may_use(NamedKind::Broker, broker.endpoint(), origin));
        self.admit(&mut broker, named_by);
        let autostart = self.said_flag("KANBUS_REALTIME_AUTOSTART", self.realtime.autostart);
        if let Some((true, origin)) = autostart.filter(|_| broker.scheme == Scheme::Mqtt && broker.is_local())
        {
            broker.autostart = self.may_use(NamedKind::Autostart, broker.endpoint(), origin);
            let keepalive = self.said_flag("KANBUS_REALTIME_KEEPALIVE", self.realtime.keepalive);
            if let Some((true, origin)) = keepalive {
                let what = format!("{}, and to leave it running", broker.endpoint());
                broker.keepalive = self.may_use(NamedKind::Autostart, what, origin);
            }
        }
        may_contact.then_some(broker)
    }

    fn parsed(&mut self, url: &str) -> Option<Broker> {
        Broker::parse(url).inspect_err(|error| self.warnings.push(format!("{error}; no broker is used"))).ok()
    }

    /// A topic reaches nobody by itself, and is used without trust; where the repository asks to reach somebody, it is
    /// part of what is asked for.
    fn channels(&mut self, projects: &[Wish]) -> Vec<Channel> {
        let asks = !self.named.is_empty();
        let mut channels = Vec::new();
        for wish in projects {
            let said =
                self.said("KANBUS_REALTIME_TOPICS_PROJECT_EVENTS", wish.realtime.project_events.as_ref());
            let is_own = |text: &str| text != TOPIC && fit(text, "p").is_some();
            if let Some((template, origin)) = said.as_ref().filter(|(text, _)| asks && is_own(text)) {
                self.may_use(NamedKind::Topic, template.clone(), *origin);
            }
            let template = said.map_or_else(|| TOPIC.to_owned(), |(template, _)| template);
            match wish.project_id.as_ref().filter(|id| !id.is_empty()) {
                Some(id) => channels.extend(self.topic(&template, id).map(|topic| Channel {
                    topic,
                    identity: Some(id.clone()),
                    labels: wish.labels.clone(),
                })),
                None => channels.extend(wish.labels.iter().filter_map(|label| {
                    let topic = self.topic(&template, label)?;
                    Some(Channel { topic, identity: None, labels: vec![label.clone()] })
                })),
            }
        }
        if channels.len() > MOST_CHANNELS {
            self.warnings.push(format!("only {MOST_CHANNELS} topics are listened to"));
            channels.truncate(MOST_CHANNELS);
        }
        channels
    }

    /// The topic for `name`: as `template` has it, else Kanbus's own, else none.
    fn topic(&mut self, template: &str, name: &str) -> Option<String> {
        if let Some(topic) = fit(template, name) {
            return Some(topic);
        }
        let own = fit(TOPIC, name);
        self.warnings.push(match &own {
            Some(_) => "the topic for project events is none that can be used; Kanbus's own is".to_owned(),
            None => {
                let name: String = name.chars().take(80).collect();
                format!("{name:?} cannot stand in a topic; nothing is heard of it")
            }
        });
        own
    }
}

/// `template` with `name` in its place, where that is a topic that can be both listened to and spoken on.
fn fit(template: &str, name: &str) -> Option<String> {
    if name.len() > LONGEST_TOPIC {
        return None;
    }
    let topic = template.replace("{project}", name);
    let fits = !topic.is_empty()
        && topic.len() <= LONGEST_TOPIC
        && !topic.starts_with('$')
        && !topic.contains("://")
        && !topic.contains(['+', '#'])
        && !topic.contains(char::is_control);
    fits.then_some(topic)
}

impl Environment {
    /// The directory that `name` stands for; `None` where it is none, or relative to nobody knows what.
    fn directory(&self, name: &str) -> Option<PathBuf> {
        self.vars.get(name).map(Path::new).filter(|path| path.is_absolute()).map(Path::to_path_buf)
    }
}
