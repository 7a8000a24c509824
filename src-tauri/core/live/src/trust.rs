//! Trust: what a repository asks for that reaches beyond it, and whether the person has agreed to exactly that.
//!
//! Not here: what is done with it (`hearing`), and how the person is asked (the doors).
//!
//! Invariants:
//! - Trust is the person's, kept in their own settings, by repository and by the digest of what was shown.
//! - Whatever changes in what is asked for asks again.
//! - What is shown hides nothing: no character that is not seen, none that turns the others around.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hearsay_board::Config;
use hearsay_board::config::Hook;
use hearsay_gossip::settings::{Named, NamedKind};
use serde::{Deserialize, Serialize};

use crate::surroundings::Stamp;
use crate::wire::{Ask, AskKind, ErrorCode, Trust, WireError};

/// What the person has agreed to, one file a repository.
#[derive(Debug, Clone)]
pub(crate) struct TrustStore {
    directory: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    repository: String,
    digest: String,
    /// When, RFC 3339.
    at: String,
    /// For people who look into the file.
    asks: Vec<String>,
}

impl TrustStore {
    /// The store below the person's settings.
    pub(crate) fn new(settings: Option<&Path>) -> Self {
        Self { directory: settings.map(|settings| settings.join("trust")) }
    }

    /// Whether the person has agreed to the asks with that digest.
    pub(crate) fn trusts(&self, repository: &Path, digest: &str) -> bool {
        let record = self.file(repository).and_then(|file| std::fs::read(file).ok());
        let record = record.and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
        record.is_some_and(|record| Path::new(&record.repository) == repository && record.digest == digest)
    }

    /// What tells whether the answer about `repository` is still what it was.
    pub(crate) fn stamp(&self, repository: &Path) -> Option<Stamp> {
        Stamp::of(&self.file(repository)?)
    }

    /// Keeps that the person has agreed to `trust`.
    pub(crate) fn trust(&self, repository: &Path, trust: &Trust, at: String) -> Result<(), WireError> {
        let file = self.file(repository).ok_or_else(nowhere)?;
        let record = Record {
            repository: repository.to_string_lossy().into_owned(),
            digest: trust.digest.clone(),
            at,
            asks: trust.asks.iter().map(|ask| format!("{}: {}", ask.from, ask.what)).collect(),
        };
        let written = file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
            let mut passing = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
            passing.write_all(&serde_json::to_vec_pretty(&record)?)?;
            passing.persist(&file)?;
            Ok(())
        });
        written.map_err(|error| not_kept(&file, &error))
    }

    /// Forgets what the person has agreed to.
    pub(crate) fn distrust(&self, repository: &Path) -> Result<(), WireError> {
        let file = self.file(repository).ok_or_else(nowhere)?;
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(not_kept(&file, &error)),
            _ => Ok(()),
        }
    }

    fn file(&self, repository: &Path) -> Option<PathBuf> {
        let name = blake3::hash(repository.as_os_str().as_encoded_bytes()).to_hex();
        Some(self.directory.as_ref()?.join(format!("{name}.json")))
    }
}

fn nowhere() -> WireError {
    WireError::new(ErrorCode::Io, "there is no place for your settings")
        .with_hint("set HOME or XDG_CONFIG_HOME to a directory")
}

fn not_kept(file: &Path, error: &std::io::Error) -> WireError {
    WireError::new(ErrorCode::Io, format!("{} cannot be written: {error}", file.display()))
}

/// What `named` and the hooks of `configs` come to; `None` where nothing is asked for.
pub(crate) fn asked(named: Vec<Named>, configs: &[Arc<Config>]) -> Option<Trust> {
    let mut asks: Vec<Ask> = named.into_iter().map(ask).collect();
    asks.extend(configs.iter().flat_map(|config| &config.hooks).map(|hook| {
        let kind = if hook.blocking { AskKind::BlockingHook } else { AskKind::Hook };
        Ask { from: ".kanbus.yml".to_owned(), kind, what: of_hook(hook) }
    }));
    asks.sort_by(|a, b| (a.kind, &a.from, &a.what).cmp(&(b.kind, &b.from, &b.what)));
    asks.dedup();
    let mut hasher = blake3::Hasher::new();
    for ask in &asks {
        for part in [&*format!("{:?}", ask.kind), &ask.from, &ask.what] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    let digest = hasher.finalize().to_hex().to_string();
    // Only now: two things that differ must not look the same to the digest.
    asks.iter_mut().for_each(|ask| ask.what = legible(&ask.what));
    (!asks.is_empty()).then_some(Trust { asks, digest, trusted: false })
}

fn ask(named: Named) -> Ask {
    let kind = match named.kind {
        NamedKind::Broker => AskKind::Broker,
        NamedKind::Socket => AskKind::Socket,
        NamedKind::Autostart => AskKind::Autostart,
        NamedKind::Credentials => AskKind::Credentials,
        NamedKind::Topic => AskKind::Topic,
    };
    Ask { from: named.from, kind, what: named.what }
}

/// All that decides what a hook runs. No two that differ come to the same text.
fn of_hook(hook: &Hook) -> String {
    let mut text = format!("{} {}", if hook.before { "before" } else { "after" }, quoted(&hook.event));
    if let Some(cwd) = &hook.cwd {
        text.push_str(&format!(" in {cwd:?}"));
    }
    for (name, value) in &hook.env {
        text.push_str(&format!(" with {:?}", format!("{name}={value}")));
    }
    let command: Vec<String> = hook.command.iter().map(|word| quoted(word)).collect();
    format!("{text}: {}", command.join(" "))
}

/// What is said of a hook to a person.
pub(crate) fn shown(hook: &Hook) -> String {
    legible(&of_hook(hook))
}

/// A word of a command line, so that one word cannot look like two, nor hide what it holds.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("{word:?}") }
}

/// `text` with everything escaped that a person does not see, and everything that moves what they do see: a stranger
/// must not be able to hide what he asks for.
pub fn legible(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '"' | '\'' | '\\' => vec![c],
            // Letters and a symbol, by name, and blanks to look at.
            '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => c.escape_unicode().collect(),
            _ => c.escape_debug().collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(what: &str) -> Option<Trust> {
        let named = Named { kind: NamedKind::Broker, what: what.to_owned(), from: ".kanbus.yml".to_owned() };
        let hooks = "hooks: {before: {issue.update: [{id: gate, command: [sh, -c, 'rm -rf ~']}]}}";
        asked(vec![named], &[Arc::new(Config::parse(hooks, None).unwrap())])
    }

    #[test]
    fn trust_is_of_exactly_what_was_shown_and_of_one_repository() {
        let settings = tempfile::tempdir().unwrap();
        let store = TrustStore::new(Some(settings.path()));
        let (here, there) = (Path::new("/a"), Path::new("/b"));
        let trust = broker("mqtt://broker.example:1883").unwrap();
        assert!(!store.trusts(here, &trust.digest));
        store.trust(here, &trust, "2026-01-01T00:00:00Z".to_owned()).unwrap();
        assert!(store.trusts(here, &trust.digest) && !store.trusts(there, &trust.digest));
        assert!(
            !store.trusts(here, &broker("mqtt://other.example:1883").unwrap().digest),
            "a change asks again"
        );
        store.distrust(here).unwrap();
        store.distrust(here).unwrap();
        assert!(!store.trusts(here, &trust.digest));
        assert!(TrustStore::new(None).trust(here, &trust, String::new()).is_err());
    }

    #[test]
    fn a_hook_is_shown_word_by_word() {
        let trust = broker("mqtt://h:1").unwrap();
        let hook = trust.asks.iter().find(|ask| ask.kind == AskKind::BlockingHook).unwrap();
        assert_eq!(hook.what, "before issue.update: sh -c \"rm -rf ~\"");
        assert_eq!(asked(Vec::new(), &[Arc::new(Config::default())]), None);
    }

    #[test]
    fn what_is_asked_for_is_shown_with_what_cannot_be_seen_and_is_told_from_what_looks_like_it() {
        let hidden = broker("mqtt://h:1/\u{202e}gpj.exe\u{200b}\u{3164}\u{1b}[2K").unwrap();
        let shown = hidden.asks.iter().find(|ask| ask.kind == AskKind::Broker).unwrap().what.clone();
        assert_eq!(shown, "mqtt://h:1/\\u{202e}gpj.exe\\u{200b}\\u{3164}\\u{1b}[2K");
        assert_ne!(broker(&shown).unwrap().digest, hidden.digest);
        assert_eq!(legible("C:\\Users\\Zoë \"x\" 'y'"), "C:\\Users\\Zoë \"x\" 'y'");
    }
}
