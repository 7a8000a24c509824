//! Where settings are kept: `settings.json` beside the other files of the person's own.
//!
//! Not here: what they mean.
//!
//! Invariants:
//! - Two processes that change them do so one after the other, each on top of what the other wrote.
//! - The file is replaced as a whole.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use super::patch::{LARGEST, patched};
use super::{Settings, VERSION};
use crate::patient_lock::{lock, make_private};
use crate::surroundings::Stamp;
use crate::wire::{ErrorCode, WireError};

/// How long a change waits for another.
const PATIENCE: Duration = Duration::from_secs(1);
const FILE: &str = "settings.json";
const LOCK: &str = "settings.lock";
/// What a file that is no settings is called once it was put away.
const ASIDE: &str = "settings.broken.json";

/// The person's settings as they were read last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    directory: Option<PathBuf>,
    stamp: Option<Stamp>,
    settings: Settings,
    trouble: Option<String>,
}

impl Kept {
    /// Those in `directory`, as they are now.
    pub(crate) fn read(directory: Option<&Path>) -> Self {
        let mut kept = Self { directory: directory.map(Path::to_owned), ..Self::default() };
        kept.read_again();
        kept
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Why they are not what the file says, where it cannot be read.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    pub(crate) fn path(&self) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join(FILE))
    }

    /// Reads them again where the file is another one than before. Answers whether they are others now.
    pub(crate) fn look(&mut self, now: std::time::SystemTime) -> bool {
        let stamp = self.path().and_then(|path| Stamp::of(&path));
        let is_sure = stamp.as_ref().is_none_or(|stamp| stamp.is_sure(now));
        if is_sure && stamp == self.stamp {
            return false;
        }
        let before = (self.settings.clone(), self.trouble.clone());
        self.read_again();
        before != (self.settings.clone(), self.trouble.clone())
    }

    /// Changes them by a merge patch.
    ///
    /// # Errors
    /// Where that comes to no settings, the file is not one of ours, or it cannot be written.
    pub(crate) fn change(&mut self, patch: Map<String, Value>) -> Result<(), WireError> {
        let directory = self.place()?;
        let _lock = hold(&directory)?;
        self.read_again();
        if let Some(trouble) = &self.trouble {
            return Err(WireError::new(ErrorCode::Unreadable, trouble.clone())
                .with_hint("Mend the file, or have it put away in the settings."));
        }
        let settings = patched(&self.settings, patch)?;
        self.write(&directory, settings)
    }

    /// Puts a file that is no settings away, and begins anew.
    ///
    /// # Errors
    /// Where it cannot be moved or written.
    pub(crate) fn begin_anew(&mut self) -> Result<(), WireError> {
        let directory = self.place()?;
        let _lock = hold(&directory)?;
        self.read_again();
        if self.trouble.is_some() {
            let (from, to) = (directory.join(FILE), directory.join(ASIDE));
            std::fs::rename(&from, &to).map_err(|error| not_written(&from, &error))?;
        }
        self.write(&directory, Settings::default())
    }

    fn place(&self) -> Result<PathBuf, WireError> {
        let nowhere = || {
            WireError::new(ErrorCode::Io, "there is no place for your settings")
                .with_hint("set HOME or XDG_CONFIG_HOME to a directory")
        };
        let directory = self.directory.clone().ok_or_else(nowhere)?;
        make_private(&directory).map_err(|error| not_written(&directory, &error))?;
        Ok(directory)
    }

    fn write(&mut self, directory: &Path, settings: Settings) -> Result<(), WireError> {
        let file = directory.join(FILE);
        // A person may keep it elsewhere, and have a link here.
        let file = file.canonicalize().unwrap_or(file);
        let text = serde_json::to_vec_pretty(&settings).map_err(|error| WireError::internal(&error))?;
        let written =
            tempfile::NamedTempFile::new_in(file.parent().unwrap_or(directory)).and_then(|mut passing| {
                passing.write_all(&text)?;
                passing.write_all(b"\n")?;
                passing.as_file().sync_all()?;
                passing.persist(&file)?;
                Ok(())
            });
        written.map_err(|error| not_written(&file, &error))?;
        self.read_again();
        Ok(())
    }

    /// What cannot be read leaves what was known; where nothing was, nobody is spoken to and nothing raised.
    fn read_again(&mut self) {
        let Some(path) = self.path() else { return };
        let is_first = self.stamp.is_none() && self.trouble.is_none();
        self.stamp = Stamp::of(&path);
        match read(&path) {
            Ok((settings, trouble)) => {
                self.settings = settings;
                self.trouble = trouble.map(|why| format!("{} {why}", path.display()));
            }
            Err(why) => {
                if is_first {
                    self.settings = Settings::cautious();
                }
                self.trouble = Some(format!("{} {why}", path.display()));
            }
        }
    }
}

/// What the file at `path` says, and what is wrong in it all the same; the usual where there is none.
fn read(path: &Path) -> Result<(Settings, Option<String>), String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Settings::default(), None)),
        Err(error) => return Err(format!("cannot be read: {error}")),
    };
    if bytes.len() > LARGEST {
        return Err("is too large to be settings".to_owned());
    }
    let settings: Settings =
        serde_json::from_slice(&bytes).map_err(|error| format!("is no settings of Hearsay's: {error}"))?;
    if settings.version != VERSION {
        return Err(format!("is of version {}, and this release reads {VERSION}", settings.version));
    }
    // All else in it counts.
    let wrong = settings.notifications.rules().err();
    Ok((settings, wrong.map(|error| format!("has rules that cannot be read: {error}"))))
}

/// Held as long as the file lives.
fn hold(directory: &Path) -> Result<File, WireError> {
    let path = directory.join(LOCK);
    let held = lock(&path, PATIENCE).map_err(|error| not_written(&path, &error))?;
    held.ok_or_else(|| {
        WireError::new(ErrorCode::Locked, "another Hearsay is changing the settings")
            .with_hint("Try again in a moment.")
    })
}

fn not_written(path: &Path, error: &std::io::Error) -> WireError {
    WireError::new(ErrorCode::Io, format!("{} cannot be written: {error}", path.display()))
        .with_hint("Make room on the disk, or make it writable, then try again.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::Theme;

    fn dark() -> Map<String, Value> {
        json!({"appearance": {"theme": "dark"}}).as_object().unwrap().clone()
    }

    #[test]
    fn two_processes_change_settings_on_top_of_each_other() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("hearsay");
        let [mut one, mut other] = [Kept::read(Some(&directory)), Kept::read(Some(&directory))];
        one.change(dark()).unwrap();
        other.change(json!({"tray": {"close_to_tray": true}}).as_object().unwrap().clone()).unwrap();
        assert!(one.look(std::time::SystemTime::now()));
        assert_eq!(one.settings().appearance.theme, Theme::Dark);
        assert!(one.settings().tray.close_to_tray);
    }

    #[test]
    fn a_file_that_is_no_settings_is_said_and_never_overwritten_unasked() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(FILE);
        for (text, said) in [
            ("{", "is no settings"),
            ("[]", "is no settings"),
            (r#"{"version":2}"#, "is of version 2"),
            (r#"{"version":1,"notifications":{"rules":"x"}}"#, "Line 1"),
        ] {
            std::fs::write(&file, text).unwrap();
            let mut kept = Kept::read(Some(home.path()));
            assert!(kept.trouble().unwrap().contains(said), "{text}: {:?}", kept.trouble());
            assert_eq!(kept.change(dark()).unwrap_err().code, ErrorCode::Unreadable);
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
            kept.begin_anew().unwrap();
            assert_eq!(std::fs::read_to_string(home.path().join(ASIDE)).unwrap(), text);
            assert!(kept.trouble().is_none() && kept.change(dark()).is_ok());
        }
    }

    #[test]
    fn settings_that_cannot_be_kept_are_refused_in_words() {
        assert_eq!(Kept::read(None).change(dark()).unwrap_err().code, ErrorCode::Io);
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Kept::read(Some(&file)).change(dark()).unwrap_err();
        assert!(error.message.contains("cannot be written"), "{error}");
    }
}
