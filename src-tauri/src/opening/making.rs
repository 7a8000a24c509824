//! Putting a `.kanbus` document where the person can double-click it.
//!
//! Not here: what it says (`document`).
//!
//! Invariants:
//! - A file that is something else is never touched: the document gets a number.
//! - The document is there as a whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use hearsay_live::wire::{ErrorCode, RepositoryInfo, WireError};
use serde::Deserialize;

use super::document;

/// Where a document can be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// Into the repository itself, which it names by `.`: so it goes with the repository.
    Repository,
    /// Onto the person's desktop, from where it names the repository by its full path.
    Desktop,
}

/// As many names as are tried.
const NAMES: u32 = 100;
/// The longest name, in characters, before the number.
const LONGEST: usize = 80;

/// Puts a document that opens `repository` into `folder`, and answers where it is. One that says the same is left.
pub(crate) fn make(repository: &RepositoryInfo, folder: &Path, place: Place) -> Result<PathBuf, WireError> {
    let path = match place {
        Place::Repository => ".",
        Place::Desktop => &*repository.path,
    };
    let text = document::text_of(path);
    let failed = |error: std::io::Error| failure(folder, &error);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".hearsay-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    for number in 1..=NAMES {
        let path = folder.join(file_name(&repository.name, number));
        if document::says(&path, &text) {
            return Ok(path);
        }
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => file = taken.file,
            Err(error) => return Err(failed(error.error)),
        }
    }
    let message = format!("{}: all names for a document are taken", folder.display());
    Err(WireError::new(ErrorCode::Conflict, message).with_hint("remove the documents that you do not need"))
}

/// A name that every system takes.
fn file_name(repository: &str, number: u32) -> String {
    let plain = |char: char| match char {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
        char if char.is_control() => '-',
        char => char,
    };
    let name: String = repository.chars().map(plain).take(LONGEST).collect();
    let name = name.trim_matches(|char: char| char == '.' || char.is_whitespace());
    let name = if name.is_empty() { "board" } else { name };
    match number {
        1 => format!("{name}.{}", document::EXTENSION),
        number => format!("{name} {number}.{}", document::EXTENSION),
    }
}

fn failure(folder: &Path, error: &std::io::Error) -> WireError {
    let said = |code, hint: &str| {
        WireError::new(code, format!("no document can be put into {}: {error}", folder.display()))
            .with_hint(hint)
    };
    match error.kind() {
        ErrorKind::NotFound => said(ErrorCode::NotFound, "the folder is gone"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            said(ErrorCode::Io, "the disk is full: make room on it")
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            said(ErrorCode::Io, "the folder cannot be written to: put the document somewhere else")
        }
        _ => said(ErrorCode::Io, "put the document somewhere else"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opening::Asked;

    fn repository(home: &Path) -> RepositoryInfo {
        std::fs::write(home.join(".kanbus.yml"), "project_key: k\n").unwrap();
        RepositoryInfo { name: "app".into(), path: home.to_string_lossy().into() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_document_that_is_put_somewhere_opens_the_repository() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        let made = make(&repository(&root), &root, Place::Repository).unwrap();
        assert_eq!(made, root.join("app.kanbus"));
        let asked = Asked::of_word(&made.to_string_lossy(), &root).unwrap();
        assert!(!asked.is_strange());
        assert_eq!(asked.path, root);
        assert_eq!(std::fs::read_to_string(&made).unwrap(), "{\"hearsay\":1,\"path\":\".\"}\n");

        let desktop = tempfile::tempdir().unwrap();
        let made = make(&repository(&root), desktop.path(), Place::Desktop).unwrap();
        let asked = Asked::of_word(&made.to_string_lossy(), &root).unwrap();
        assert!(asked.is_strange(), "it may have come from anywhere");
        assert_eq!(asked.path, root);
    }

    #[test]
    fn what_is_there_already_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let repository = repository(home.path());
        let make = || make(&repository, home.path(), Place::Repository).unwrap();
        let first = make();
        assert_eq!(make(), first, "the same once is enough");
        std::fs::write(&first, "somebody's own").unwrap();
        std::fs::create_dir(home.path().join("app 2.kanbus")).unwrap();
        assert_eq!(make(), home.path().join("app 3.kanbus"));
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "somebody's own");
        assert_eq!(names(home.path()), [".kanbus.yml", "app 2.kanbus", "app 3.kanbus", "app.kanbus"]);
    }

    #[test]
    fn a_folder_that_takes_nothing_is_named() {
        let home = tempfile::tempdir().unwrap();
        let repository = repository(home.path());
        let error = make(&repository, &home.path().join("gone"), Place::Desktop).unwrap_err();
        assert_eq!(error.code, ErrorCode::NotFound);
        for (kind, hint) in
            [(ErrorKind::StorageFull, "full"), (ErrorKind::ReadOnlyFilesystem, "cannot be written")]
        {
            let error = failure(home.path(), &kind.into());
            assert_eq!(error.code, ErrorCode::Io);
            assert!(error.hint.as_deref().is_some_and(|said| said.contains(hint)), "{error:?}");
        }
    }

    #[test]
    fn names_are_those_that_every_system_takes() {
        assert_eq!(file_name("a/b:c\n", 1), "a-b-c-.kanbus");
        assert_eq!(file_name(" .. ", 2), "board 2.kanbus");
        assert!(file_name(&"x".repeat(500), 1).len() < 100);
    }
}
