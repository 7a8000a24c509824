//! What somebody asks to open: a path, a `.kanbus` document, or a `hearsay://` link.
//!
//! Not here: opening it, and asking the person (`windows`). Documents and links are strangers' words: they name a
//! directory and an issue, and nothing else comes of them.
//!
//! Invariants:
//! - What is refused is refused in words, with what to do instead.
//! - Nothing that a document or a link names is opened for the first time without the person's yes, unless it lies in
//!   the folder of the document itself.

mod document;
mod link;
pub(crate) mod making;

use std::path::{Path, PathBuf};

use hearsay_live::wire::{ErrorCode, WireError};
use url::Url;

/// The longest path that is taken, in bytes: what Linux takes as well.
const LONGEST_PATH: usize = 4096;
/// The longest name of an issue that is taken, in bytes.
const LONGEST_ISSUE: usize = 256;

/// What somebody asks to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The repository, or something inside it.
    pub(crate) path: PathBuf,
    /// The key of the issue to show there.
    pub(crate) issue: Option<String>,
    pub(crate) by: By,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// The person, who pointed at it.
    Person,
    /// A document that may lie anywhere.
    Document(PathBuf),
    /// A link from anywhere.
    Link,
}

impl Asked {
    /// What the person asks for by a word of the command line, a folder that is dropped, a file that is opened. A path
    /// that is relative is taken from `directory`.
    ///
    /// # Errors
    /// Where the word is a link or a document that names what it may not.
    pub(crate) fn of_word(word: &str, directory: &Path) -> Result<Self, WireError> {
        if link::is_link(word) {
            return link::read(word);
        }
        let path = local_file(word).unwrap_or_else(|| directory.join(word));
        if document::is_document(&path) {
            return document::read(&path);
        }
        Ok(Self { path, issue: None, by: By::Person })
    }

    /// Whether the person is to be asked before the repository is opened for the first time.
    pub(crate) fn is_strange(&self) -> bool {
        self.by != By::Person
    }
}

/// The path of an address of a file, as file managers may say it.
fn local_file(word: &str) -> Option<PathBuf> {
    let url = Url::parse(word).ok().filter(|url| url.scheme() == "file" && url.host().is_none())?;
    url.to_file_path().ok()
}

/// The path that a stranger names, if it is one that a stranger may name.
fn named(path: &str) -> Result<PathBuf, WireError> {
    let refuse = |why: &str| {
        let shown: String = path.chars().filter(|char| !char.is_control()).take(200).collect();
        WireError::new(ErrorCode::Invalid, format!("“{shown}” {why}"))
    };
    if path.is_empty() || path.len() > LONGEST_PATH {
        return Err(refuse("is no path that can be opened"));
    }
    if path.chars().any(char::is_control) {
        return Err(refuse("holds characters that no path needs"));
    }
    // Every spelling on every system: the document or the link may come from another one.
    if path.bytes().take_while(|byte| matches!(byte, b'/' | b'\\')).count() > 1 {
        return Err(refuse("is a network share or a device, which is not opened from a document or a link")
            .with_hint("open the folder yourself, if you know it"));
    }
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    if scheme
        .is_some_and(|scheme| scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    {
        return Err(refuse("is an address and no path"));
    }
    if path.split(['/', '\\']).any(|part| part == "..") {
        return Err(refuse("leads upwards").with_hint("name the folder by its full path"));
    }
    Ok(PathBuf::from(path))
}

/// The issue that a stranger names.
fn issue(name: String) -> Result<String, WireError> {
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.' | '/');
    if name.is_empty() || name.len() > LONGEST_ISSUE || !name.chars().all(is_plain) {
        return Err(WireError::new(ErrorCode::Invalid, "that is no name of an issue"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_from_where_the_person_stands() {
        let asked = Asked::of_word("here", Path::new("/srv")).unwrap();
        assert_eq!(asked, Asked { path: "/srv/here".into(), issue: None, by: By::Person });
        assert!(!asked.is_strange());
        assert_eq!(Asked::of_word("/there", Path::new("/srv")).unwrap().path, Path::new("/there"));
    }

    #[cfg(unix)]
    #[test]
    fn an_address_of_a_file_is_the_path_of_that_file() {
        let path = |word| Asked::of_word(word, Path::new("/srv")).unwrap().path;
        assert_eq!(path("file:///my%20app"), Path::new("/my app"));
        assert_eq!(path("file:here"), Path::new("/here"));
        assert_eq!(path("file://elsewhere/share"), Path::new("/srv/file://elsewhere/share"));
    }

    #[test]
    fn strangers_name_no_share_no_device_no_address_and_nothing_above() {
        for path in [
            "",
            r"\\server\share",
            "//server/share",
            r"/\server\share",
            r"\/server/share",
            r"\\.\COM1",
            "file:///etc",
            "smb://server/share",
            "hearsay://open?path=/a",
            "/srv/../secret",
            r"C:\srv\..\secret",
            "..",
            "/srv/\u{0}",
            "/srv/\n/x",
            &"x".repeat(5_000),
        ] {
            let error = named(path).expect_err(path);
            assert_eq!(error.code, ErrorCode::Invalid);
            assert!(error.message.len() < 1_000 && !error.message.contains('\n'), "{}", error.message);
        }
        for path in ["/srv/app", "app", ".", "/srv/a:b", r"C:\srv", "/srv/..app"] {
            assert_eq!(named(path).unwrap(), Path::new(path));
        }
    }
}
