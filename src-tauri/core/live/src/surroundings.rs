//! What surrounds a process: the person's environment, and where their settings lie. Doors pass it in.
//!
//! Not here: what a repository says (`hearsay-repo`), and what the variables mean (`hearsay-gossip`).
//!
//! Invariant: nothing of the core asks the system for its environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hearsay_board::rules::Actor;
use hearsay_gossip::settings::{Environment, parse_dotenv};
use hearsay_repo::{Keeping, Overlays, Repository};

use crate::settings::{Kept, Readers};

/// The person's file of variables, in their home.
const PERSON_FILE: &str = ".kanbus.env";
/// The repository's file of variables.
const REPOSITORY_FILE: &str = ".env";

/// The app's identifier, as the desktop's configuration has it: every door keeps its data in one place.
const IDENTIFIER: &str = "dev.hearsay.app";

/// A file that changed so shortly ago may change again and look the same.
const YOUNG: Duration = Duration::from_secs(1);

/// What tells whether a file is still what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    inode: u64,
    is_link: bool,
}

impl Stamp {
    /// Of what stands at `path`; `None` where nothing does. A link is not followed: it may lead anywhere.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::symlink_metadata(path).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        let (modified, size) = (metadata.modified().ok(), metadata.len());
        Some(Self { modified, size, inode, is_link: metadata.is_symlink() })
    }

    /// Whether the file is surely the same where its stamp is, looked at `now`.
    pub(crate) fn is_sure(&self, now: SystemTime) -> bool {
        let age = |modified: SystemTime| match now.duration_since(modified) {
            Ok(age) => age,
            Err(ahead) => ahead.duration(),
        };
        !self.is_link && self.modified.is_some_and(|modified| age(modified) >= YOUNG)
    }
}

/// How far a process takes part in what is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// It reads files and listens to nobody.
    #[default]
    Alone,
    /// It listens, and neither hosts nor writes down what it hears.
    Listener,
    /// It listens, hosts where nobody else does, and writes down what it hears.
    Participant(Keeping),
}

impl Part {
    /// Whether and for whom what is heard is written down.
    pub(crate) fn keeping(self) -> Keeping {
        match self {
            Self::Alone | Self::Listener => Keeping::Nothing,
            Self::Participant(keeping) => keeping,
        }
    }
}

/// What surrounds a process.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The variables of the process.
    pub vars: BTreeMap<String, String>,
    /// Where the person's settings lie, if they have a place for them.
    pub settings: Option<PathBuf>,
    /// Where the app keeps its data, if there is a place for it: inboxes, and what the person wrote themselves.
    pub data: Option<PathBuf>,
    /// `hear`, which has a broker built in, if it is at hand.
    pub hear: Option<PathBuf>,
}

impl Surroundings {
    /// From the variables of the process. One that is not Unicode is none that anybody here reads.
    pub fn of(vars: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let text =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let vars: BTreeMap<String, String> = vars.filter_map(text).collect();
        let absolute = |name: &str| vars.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let settings = if cfg!(windows) {
            absolute("APPDATA")
        } else if cfg!(target_os = "macos") {
            absolute("HOME").map(|home| home.join("Library/Application Support"))
        } else {
            absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))
        };
        let data = if cfg!(any(windows, target_os = "macos")) {
            settings.clone()
        } else {
            absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local").join("share")))
        };
        Self {
            settings: settings.map(|directory| directory.join("hearsay")),
            data: data.map(|directory| directory.join(IDENTIFIER)),
            vars,
            hear: None,
        }
    }

    /// Who acts, by Kanbus's own rule.
    pub(crate) fn actor(&self) -> Actor {
        let said = |name: &str| self.vars.get(name).map(|name| name.trim()).filter(|name| !name.is_empty());
        let name = said("KANBUS_USER").or_else(|| said("USER")).unwrap_or("unknown");
        Actor { name: name.to_owned(), agent: None }
    }

    /// The same with `hear` beside the program at `program`, where it is there.
    #[must_use]
    pub fn beside(self, program: Option<&Path>) -> Self {
        let name = if cfg!(windows) { "hear.exe" } else { "hear" };
        let hear = program.and_then(|program| Some(program.parent()?.join(name)));
        Self { hear: hear.filter(|hear| hear.is_file()), ..self }
    }

    /// How far a door takes part that listens: with `said` where the person has said so on its command line, else as their
    /// settings have it.
    pub fn participant(&self, said: Option<Keeping>) -> Part {
        let settings = Kept::read(self.settings.as_deref());
        let realtime = &settings.settings().realtime;
        if !realtime.listen {
            return Part::Alone;
        }
        Part::Participant(said.unwrap_or(match realtime.overlay {
            Readers::Shared => Keeping::Shared,
            Readers::Private => Keeping::Private,
        }))
    }

    /// What the environment says of the repository at `repository`, with the files that supply variables.
    pub(crate) fn environment(&self, repository: &Repository) -> Environment {
        let home = self.vars.get("HOME").map(Path::new);
        let of_the_person = home.and_then(|home| std::fs::read_to_string(home.join(PERSON_FILE)).ok());
        let of_the_repository = repository.text(REPOSITORY_FILE);
        let parse = |text: Option<String>| text.map(|text| parse_dotenv(&text)).unwrap_or_default();
        Environment {
            vars: self.vars.clone(),
            person_file: parse(of_the_person),
            repository_file: parse(of_the_repository),
            repository: repository.root.clone(),
        }
    }

    /// The files that [`Surroundings::environment`] reads, as they are now.
    pub(crate) fn stamps(&self, repository: &Repository) -> [Option<Stamp>; 2] {
        let home = self.vars.get("HOME").map(Path::new);
        let of_the_person = home.and_then(|home| Stamp::of(&home.join(PERSON_FILE)));
        [of_the_person, Stamp::of(&repository.root.join(REPOSITORY_FILE))]
    }

    /// What the environment says of overlays.
    pub(crate) fn overlays(&self, repository: &Repository, part: Part) -> Overlays {
        let (enabled, ttl_s) = self.environment(repository).overlay();
        Overlays { enabled, ttl_s, keeping: part.keeping() }
    }
}
