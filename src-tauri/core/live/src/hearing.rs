//! Hearing: the link of an open repository, and the way of what it hears to the watch.
//!
//! Not here: the buses (`hearsay-gossip`), what becomes of what is heard (`hearsay-repo`), who is told (`owner`).
//!
//! Invariants:
//! - Whatever changes in what the repository or the person wants makes a new link; the old one ends first.
//! - What only the repository names is used once the person has trusted exactly that, and for as long as they do.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::envelope::News;
use hearsay_board::overlay::{Entry, Received, Snapshot, TTL_S, Tombstone, clamped};
use hearsay_board::{Config, Envelope};
use hearsay_gossip::settings::{Settings, Wish};
use hearsay_gossip::{Heard, Link, Programs, Report, State};
use hearsay_repo::watch::Hearing as ToTheWatch;
use hearsay_repo::{HeardClaim, Repository, Word};
use tokio::sync::watch;

use crate::surroundings::{Part, Stamp, Surroundings};
use crate::trust::{TrustStore, asked};
use crate::wire::{ErrorCode, Trust, WireError};
use crate::workspace::{Clock, rfc3339};

/// The longest that the end of an issue counts where it ends at all, in seconds: a century. Kanbus fails on a time that
/// no calendar has.
const LONGEST_S: u64 = 100 * 365 * 86_400;

/// A project, its display name and its configuration, as the board has them.
pub(crate) type Project = (Arc<str>, String, Arc<Config>);

/// The link of an open repository.
#[derive(Debug)]
pub(crate) struct Hearing {
    repository: Repository,
    surroundings: Surroundings,
    part: Part,
    clock: Clock,
    store: TrustStore,
    to_the_watch: ToTheWatch,
    /// What tells what this process says from what others say.
    producer: String,
    configs: Vec<Configured>,
    trust: Option<Trust>,
    /// The files that hold the rest of the answer, as they were when they were read last; `None` before that.
    seen: Option<[Option<Stamp>; 3]>,
    /// What the link was made for, and the link.
    linked: Option<(Wanted, Link)>,
    state: watch::Sender<Option<State>>,
}

/// A configuration with the labels of its projects: Kanbus's, and ours where that one was taken.
#[derive(Debug, Clone, PartialEq)]
struct Configured {
    config: Arc<Config>,
    /// Kanbus's label of each project, and ours.
    labels: Vec<(Box<str>, Arc<str>)>,
}

/// What a link is made for.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    settings: Settings,
    /// For how many seconds the end of an issue counts, by project, where not for the usual time.
    lasting: HashMap<Arc<str>, u64>,
}

impl Hearing {
    pub(crate) fn new(
        repository: &Repository,
        surroundings: Surroundings,
        part: Part,
        clock: Clock,
        to_the_watch: ToTheWatch,
    ) -> Self {
        let store = TrustStore::new(surroundings.settings.as_deref());
        Self {
            repository: repository.clone(),
            surroundings,
            part,
            clock,
            store,
            to_the_watch,
            producer: uuid::Uuid::new_v4().to_string(),
            configs: Vec::new(),
            trust: None,
            seen: None,
            linked: None,
            state: watch::Sender::new(None),
        }
    }

    /// What the link says of itself.
    pub(crate) fn state(&self) -> watch::Receiver<Option<State>> {
        self.state.subscribe()
    }

    /// What the repository asks for, if anything.
    pub(crate) fn trust(&self) -> Option<&Trust> {
        self.trust.as_ref()
    }

    /// Takes in what the configurations say now.
    pub(crate) fn configure(&mut self, projects: &[Project]) {
        let configs = configured(projects);
        if configs != self.configs {
            self.configs = configs;
            self.review();
        }
    }

    /// Whether there are files to keep an eye on.
    pub(crate) fn is_listening(&self) -> bool {
        self.seen.is_some()
    }

    /// Reviews where one of the files has changed since, as `hear trust` and an editor leave them. Answers as
    /// [`Hearing::review`].
    pub(crate) fn look(&mut self) -> bool {
        let (stamps, now) = (self.stamps(), (self.clock)());
        let is_sure = stamps.iter().flatten().all(|stamp| stamp.is_sure(now));
        let is_same = is_sure && self.seen.as_ref() == Some(&stamps);
        !is_same && self.review()
    }

    fn stamps(&self) -> [Option<Stamp>; 3] {
        let [of_the_person, of_the_repository] = self.surroundings.stamps(&self.repository);
        [of_the_person, of_the_repository, self.store.stamp(&self.repository.root)]
    }

    /// Looks again what is asked for and what is trusted. Answers whether the answer is another one.
    pub(crate) fn review(&mut self) -> bool {
        if self.part == Part::Alone {
            return false;
        }
        self.seen = Some(self.stamps());
        let (settings, trust) = wanted(&self.repository, &self.configs, &self.surroundings, &self.store);
        let wanted = Wanted { settings, lasting: self.lasting() };
        if self.linked.as_ref().is_none_or(|(old, _)| *old != wanted) {
            self.link(wanted);
        }
        let other = self.trust != trust;
        self.trust = trust;
        other
    }

    /// Whether nobody named a broker, so that none is missed.
    pub(crate) fn is_broker_optional(&self) -> bool {
        let broker = self.linked.as_ref().and_then(|(wanted, _)| wanted.settings.broker.as_ref());
        broker.is_some_and(|broker| broker.auto && !broker.autostart)
    }

    /// Whether what the repository asks for may be had: nothing is asked for, or the person has agreed. It may not
    /// where nobody has looked, as in a process that listens to nobody.
    pub(crate) fn is_trusted(&self) -> bool {
        self.seen.is_some() && self.trust.as_ref().is_none_or(|trust| trust.trusted)
    }

    /// The label by which Kanbus knows the project that is called `project` here.
    pub(crate) fn label(&self, project: &str) -> Option<Box<str>> {
        let mut labels = self.configs.iter().flat_map(|one| &one.labels);
        labels.find(|(_, ours)| **ours == *project).map(|(theirs, _)| theirs.clone())
    }

    /// What tells what this process says from what others say.
    pub(crate) fn producer(&self) -> &str {
        &self.producer
    }

    /// Tells who listens, if anybody does.
    pub(crate) fn publish(&self, envelope: Envelope) {
        if let Some((_, link)) = &self.linked {
            link.publish(envelope);
        }
    }

    /// Agrees to the asks with that digest.
    pub(crate) fn agree(&mut self, digest: &str) -> Result<(), WireError> {
        self.review();
        let Some(trust) = self.trust.as_ref().filter(|trust| trust.digest == digest) else {
            let message = "what the repository asks for is not what you have agreed to";
            return Err(WireError::new(ErrorCode::Conflict, message).with_hint("look at it again"));
        };
        self.store.trust(&self.repository.root, trust, rfc3339((self.clock)()))?;
        self.review();
        Ok(())
    }

    /// Takes that back.
    pub(crate) fn disagree(&mut self) -> Result<(), WireError> {
        self.store.distrust(&self.repository.root)?;
        self.review();
        Ok(())
    }

    /// As Kanbus has it: what the environment says counts over what the configurations say.
    fn lasting(&self) -> HashMap<Arc<str>, u64> {
        let (_, by_environment) = self.surroundings.environment(&self.repository).overlay();
        let of =
            |one: &Configured| by_environment.or(one.config.overlay.ttl_s).map(|ttl_s| ttl_s.min(LONGEST_S));
        let lasting = self.configs.iter().filter_map(|one| Some((one, of(one)?)));
        lasting
            .flat_map(|(one, ttl_s)| one.labels.iter().map(move |(_, ours)| (ours.clone(), ttl_s)))
            .collect()
    }

    fn link(&mut self, wanted: Wanted) {
        // The old one ends first: it may host the socket that the new one wants.
        self.linked = None;
        let settings = &wanted.settings;
        for warning in &settings.warnings {
            tracing::warn!("gossip: {warning}");
        }
        let options = hearsay_gossip::Options {
            producer: self.producer.clone(),
            hosts: matches!(self.part, Part::Participant(_)),
            clock: self.clock,
            autostart: Some(Programs {
                path: self.surroundings.vars.get("PATH").map(Into::into),
                hear: self.surroundings.hear.clone(),
            }),
        };
        let labels: Vec<_> = self.configs.iter().map(|one| one.labels.clone()).collect();
        let (ears, state) = (Ears::new(&wanted, labels, self.to_the_watch.clone()), self.state.clone());
        let sink = move |report| match report {
            Report::Heard(heard) => ears.hear(*heard),
            Report::State(now) => drop(state.send_replace(Some(now))),
        };
        match Link::start(settings.clone(), options, sink) {
            Ok(link) => self.linked = Some((wanted, link)),
            Err(error) => tracing::error!(%error, "there is no link: the system has no thread for it"),
        }
    }
}

/// What the configurations and the person want of gossip, and what of it needs trust.
fn wanted(
    repository: &Repository,
    configs: &[Configured],
    surroundings: &Surroundings,
    store: &TrustStore,
) -> (Settings, Option<Trust>) {
    let environment = surroundings.environment(repository);
    let wishes: Vec<Wish> = configs.iter().map(Configured::wish).collect();
    let (untrusted, named) = Settings::resolve(&wishes, &environment, false);
    let configs: Vec<Arc<Config>> = configs.iter().map(|one| one.config.clone()).collect();
    let mut trust = asked(named, &configs);
    if let Some(trust) = &mut trust {
        trust.trusted = store.trusts(&repository.root, &trust.digest);
    }
    match trust.as_ref().is_some_and(|trust| trust.trusted) {
        true => (Settings::resolve(&wishes, &environment, true).0, trust),
        false => (untrusted, trust),
    }
}

/// What the repository with `projects` wants of gossip as things are, and what of it needs trust.
pub(crate) fn wanted_by(
    repository: &Repository,
    projects: &[Project],
    surroundings: &Surroundings,
) -> (Settings, Option<Trust>) {
    let store = TrustStore::new(surroundings.settings.as_deref());
    wanted(repository, &configured(projects), surroundings, &store)
}

impl Configured {
    fn wish(&self) -> Wish {
        Wish {
            project_id: self.config.project_id.clone(),
            labels: self.labels.iter().map(|(label, _)| label.to_string()).collect(),
            realtime: self.config.realtime.clone(),
        }
    }
}

/// Projects by their configurations, in the order of the board, each with the label that Kanbus knows it by.
fn configured(projects: &[Project]) -> Vec<Configured> {
    let mut all: Vec<Configured> = Vec::new();
    for (ours, _, config) in projects {
        let at = all.iter().position(|known| Arc::ptr_eq(&known.config, config)).unwrap_or_else(|| {
            all.push(Configured { config: config.clone(), labels: Vec::new() });
            all.len() - 1
        });
        let known = &mut all[at];
        let theirs = match known.labels.len() {
            0 => Some(&config.project_key),
            further => config.virtual_projects.get(further - 1).map(|project| &project.label),
        };
        let theirs = theirs.map_or(&**ours, String::as_str);
        known.labels.push((theirs.into(), ours.clone()));
    }
    all
}

/// From what is heard to what the watch is told.
struct Ears {
    /// By channel: Kanbus's label and ours.
    labels: Vec<HashMap<Box<str>, Arc<str>>>,
    lasting: HashMap<Arc<str>, u64>,
    to_the_watch: ToTheWatch,
}

impl Ears {
    fn new(wanted: &Wanted, configured: Vec<Vec<(Box<str>, Arc<str>)>>, to_the_watch: ToTheWatch) -> Self {
        let of = |labels: &[String]| {
            let known = configured
                .iter()
                .find(|known| labels.iter().all(|label| known.iter().any(|(theirs, _)| **theirs == **label)));
            known.into_iter().flatten().cloned().collect()
        };
        let labels = wanted.settings.channels.iter().map(|channel| of(&channel.labels)).collect();
        Self { labels, lasting: wanted.lasting.clone(), to_the_watch }
    }

    fn hear(&self, heard: Heard) {
        let Heard { channel, envelope, received } = heard;
        let project = self.labels.get(channel).and_then(|labels| labels.get(&*envelope.project));
        let Some(project) = project else { return };
        let ttl_s = self.lasting.get(project).copied().unwrap_or(TTL_S);
        if let Some(word) = word(envelope, received, ttl_s) {
            self.to_the_watch.hear(project, word);
        }
    }
}

/// What an envelope says of an issue or a lease, if it does. That an issue is gone counts for so many seconds.
fn word(envelope: Envelope, received: SystemTime, ttl_s: u64) -> Option<Word> {
    let received = jiff::Timestamp::try_from(received).ok()?;
    let at = clamped(&envelope.at.to_utc_text(), received)?;
    let text: Box<str> = envelope.text().into();
    Some(match envelope.news {
        News::Mutated { issue_id: id, event_id, issue } => {
            let what = Snapshot { at, event_id, overrides: None, issue };
            let snapshot = Some(Received { what, received });
            Word::Issue { id, entry: Entry { snapshot, tombstone: None } }
        }
        News::Deleted { issue_id: id, event_id } => {
            let tombstone = Some(Received { what: Tombstone { at, event_id, ttl_s }, received });
            Word::Issue { id, entry: Entry { snapshot: None, tombstone } }
        }
        News::Coordination(claim) => Word::Claim(HeardClaim { claim, envelope: envelope.id, text }),
        News::Unknown => return None,
    })
}
