//! One issue file as a whole, for the person who opens it.
//!
//! Not here: the summary that the board keeps of every file (`folder`).

use std::path::PathBuf;
use std::time::SystemTime;

use hearsay_board::overlay::Fields;
use hearsay_board::{Document, Place};

use crate::committed::Committed;
use crate::configuration::Source;
use crate::discovery::Repository;
use crate::error::RepoError;
use crate::file::{self, LARGEST, Unread};
use crate::layout::{Home, Layout};

/// An issue file with all that is in it.
#[derive(Debug)]
pub struct IssueFile {
    /// The file's path, relative to the root of the working tree.
    pub path: String,
    /// What is in it; what HEAD has of it where the file itself cannot be read.
    pub document: Document,
    /// The Git blob id of the file's bytes; `None` where the file itself cannot be read.
    pub base: Option<String>,
    /// The directory of its events.
    pub events: PathBuf,
}

impl IssueFile {
    /// Reads the file of `id` in `place`.
    ///
    /// # Errors
    /// Where there is no such file, and none in HEAD either.
    pub fn read(
        repository: &Repository,
        place: &Place,
        id: &str,
        now: SystemTime,
    ) -> Result<Self, RepoError> {
        let no_such = || RepoError::NoSuchIssue { id: id.to_owned() };
        let plain = !id.is_empty() && !id.starts_with('.') && !id.contains(['/', '\\', '\0']);
        let committed = Committed::open(&repository.root).ok();
        let home = home(repository, committed.as_ref(), place, now).filter(|_| plain).ok_or_else(no_such)?;
        let path = home.shown_below(&format!("issues/{id}.json"));
        let absolute = home.issues().join(format!("{id}.json"));
        let mut bytes = Vec::new();
        let failed = match file::read(&absolute, &home.dir, &mut bytes) {
            Ok(_) => {
                let base = Some(file::hex(&file::blob_id(&bytes)));
                match Document::parse(bytes) {
                    Ok(document) => return Ok(Self { path, document, base, events: home.events() }),
                    Err(_) => None,
                }
            }
            Err(Unread::Io(source)) if source.kind() == std::io::ErrorKind::NotFound => return Err(no_such()),
            Err(Unread::Io(source)) => Some(RepoError::Io { path: absolute, source }),
            Err(_) => None,
        };
        // The board says what is wrong with the file; here is what HEAD has of it.
        let bytes = committed.and_then(|committed| committed.read(&path, LARGEST));
        match bytes.and_then(|bytes| Document::parse(bytes).ok()) {
            Some(document) => Ok(Self { path, document, base: None, events: home.events() }),
            None => Err(failed.unwrap_or_else(no_such)),
        }
    }

    /// An issue that is only heard, as if it had a file.
    ///
    /// # Errors
    /// Where the project is not there, or `fields` cannot be written as JSON.
    pub fn heard_only(
        repository: &Repository,
        place: &Place,
        id: &str,
        fields: &Fields,
        now: SystemTime,
    ) -> Result<Self, RepoError> {
        let no_such = || RepoError::NoSuchIssue { id: id.to_owned() };
        let committed = Committed::open(&repository.root).ok();
        let home = home(repository, committed.as_ref(), place, now).ok_or_else(no_such)?;
        let document = serde_json::to_vec_pretty(fields).ok().and_then(|bytes| Document::parse(bytes).ok());
        let path = home.shown_below(&format!("issues/{id}.json"));
        Ok(Self { path, document: document.ok_or_else(no_such)?, base: None, events: home.events() })
    }
}

/// Where `place` lies, as the configurations say now.
fn home(
    repository: &Repository,
    committed: Option<&Committed>,
    place: &Place,
    now: SystemTime,
) -> Option<Home> {
    let repository = repository.again();
    let source = Source { root: &repository.root, committed, now };
    let (layout, _) = Layout::read(&repository, source);
    layout.folders.into_iter().find(|home| home.place == *place)
}
