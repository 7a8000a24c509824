//! The `.kanbus` document: `{"hearsay":1,"path":"."}`, which opens a repository by a double click.
//!
//! `hearsay` is the version of the format, `path` the repository, `issue` the key of an issue to show there, if there is
//! one; other keys are passed over. Not here: where documents are put (`making`).
//!
//! Invariant: a relative path stays inside the document's folder, links resolved, and so does the repository it opens.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use hearsay_live::repository_at;
use hearsay_live::wire::{ErrorCode, WireError};
use serde::Deserialize;

use super::{Asked, By};

/// How a document is called.
pub(super) const EXTENSION: &str = "kanbus";
/// The version of the format.
const VERSION: u64 = 1;
/// The largest document that is read, in bytes.
const LARGEST: u64 = 64 << 10;

#[derive(Debug, Deserialize)]
struct Document {
    hearsay: u64,
    path: String,
    issue: Option<String>,
}

/// Whether `path` is that of a document. A directory may be called so as well.
pub(super) fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION)) && !path.is_dir()
}

/// What the document at `path` asks for.
pub(super) fn read(path: &Path) -> Result<Asked, WireError> {
    let shown = path.display();
    let refuse = |why: String| {
        WireError::new(ErrorCode::Invalid, format!("{shown}: {why}"))
            .with_hint(r#"a document that opens its own folder says {"hearsay":1,"path":"."}"#)
    };
    let text = text(path)?.ok_or_else(|| refuse("it is no document of Hearsay's".to_owned()))?;
    let document: Document = serde_json::from_slice(&text)
        .map_err(|error| refuse(format!("it is no document of Hearsay's: {error}")))?;
    if document.hearsay != VERSION {
        return Err(refuse(format!(
            "it is of version {}, which this Hearsay does not know",
            document.hearsay
        )));
    }
    let named = super::named(&document.path)?;
    let issue = document.issue.map(super::issue).transpose()?;
    if named.is_absolute() {
        return Ok(Asked { path: named, issue, by: By::Document(path.to_owned()) });
    }
    let (folder, inside) = inside(path, &named)?;
    // The repository that a folder is in may lie above it: that one the document does not speak for.
    let is_own = repository_at(&inside).is_ok_and(|info| Path::new(&info.path).starts_with(&folder));
    let by = if is_own { By::Person } else { By::Document(path.to_owned()) };
    Ok(Asked { path: inside, issue, by })
}

/// The text of a document that opens `path`.
pub(super) fn text_of(path: &str) -> String {
    // Keys and their order are those that people read in the manual.
    format!("{{\"hearsay\":{VERSION},\"path\":{}}}\n", serde_json::Value::from(path))
}

/// Whether the document at `path` says just that already.
pub(super) fn says(path: &Path, said: &str) -> bool {
    text(path).is_ok_and(|text| text.is_some_and(|text| text == said.as_bytes()))
}

/// The text of the document; `None` where that is no file, or one that is too large.
fn text(path: &Path) -> Result<Option<Vec<u8>>, WireError> {
    let failed = |error: std::io::Error| {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => ErrorCode::NotFound,
            _ => ErrorCode::Io,
        };
        WireError::new(code, format!("{}: {error}", path.display()))
    };
    // Opening a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Ok(None);
    }
    let mut text = Vec::new();
    File::open(path).map_err(failed)?.take(LARGEST + 1).read_to_end(&mut text).map_err(failed)?;
    Ok(Some(text).filter(|text| text.len() as u64 <= LARGEST))
}

/// The folder of the document, and `named` in it, if it stays there.
fn inside(document: &Path, named: &Path) -> Result<(PathBuf, PathBuf), WireError> {
    let failed = |error: std::io::Error| {
        WireError::new(ErrorCode::NotFound, format!("{}: {}: {error}", document.display(), named.display()))
    };
    let folder = document.canonicalize().map_err(failed)?.parent().map(Path::to_owned).unwrap_or_default();
    let path = folder.join(named).canonicalize().map_err(failed)?;
    if path.starts_with(&folder) {
        return Ok((folder, path));
    }
    let message = format!("{}: “{}” leads out of the document's folder", document.display(), named.display());
    Err(WireError::new(ErrorCode::Invalid, message).with_hint("name the folder by its full path"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<Asked, WireError> {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("board.kanbus");
        std::fs::create_dir(home.path().join("inner")).unwrap();
        for repository in ["", "inner"] {
            let path = home.path().join(repository).join(".kanbus.yml");
            std::fs::write(path, "project_key: k\n").unwrap();
        }
        std::fs::write(&path, text).unwrap();
        let asked = Asked::of_word("board.kanbus", home.path())?;
        let home = home.path().canonicalize().unwrap();
        Ok(Asked { path: asked.path.strip_prefix(home).map(Path::to_owned).unwrap_or(asked.path), ..asked })
    }

    #[test]
    fn a_document_opens_its_own_folder_and_what_is_inside() {
        let person = |path: &str, issue: Option<&str>| Asked {
            path: path.into(),
            issue: issue.map(str::to_owned),
            by: By::Person,
        };
        assert_eq!(asked(r#"{"hearsay":1,"path":"."}"#).unwrap(), person("", None));
        let text = r#"{"hearsay":1,"path":"inner","issue":"app-1","later":true}"#;
        assert_eq!(asked(text).unwrap(), person("inner", Some("app-1")));
    }

    #[test]
    fn a_document_does_not_speak_for_the_repository_above_it() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".kanbus.yml"), "project_key: k\n").unwrap();
        std::fs::create_dir(home.path().join("downloads")).unwrap();
        let text = r#"{"hearsay":1,"path":"."}"#;
        std::fs::write(home.path().join("downloads/board.kanbus"), text).unwrap();
        assert!(Asked::of_word("downloads/board.kanbus", home.path()).unwrap().is_strange());
    }

    #[test]
    fn what_a_document_names_elsewhere_is_asked_about() {
        let asked = asked(r#"{"hearsay":1,"path":"/srv/app"}"#).unwrap();
        assert!(asked.is_strange());
        assert_eq!(asked.path, Path::new("/srv/app"));
    }

    #[test]
    fn what_is_no_document_or_leads_elsewhere_is_refused_in_words() {
        for text in [
            "",
            "not json",
            "[]",
            r#"{"path":"."}"#,
            r#"{"hearsay":2,"path":"."}"#,
            r#"{"hearsay":1,"path":".."}"#,
            r#"{"hearsay":1,"path":"inner/../.."}"#,
            r#"{"hearsay":1,"path":"\\\\server\\share"}"#,
            r#"{"hearsay":1,"path":"//server/share"}"#,
            r#"{"hearsay":1,"path":"missing"}"#,
            r#"{"hearsay":1,"path":".","issue":"a b"}"#,
            &format!(r#"{{"hearsay":1,"path":".","more":"{}"}}"#, "x".repeat(70_000)),
        ] {
            let error = asked(text).expect_err(text);
            assert!(matches!(error.code, ErrorCode::Invalid | ErrorCode::NotFound), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_and_a_device_are_refused() {
        let home = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", home.path().join("out")).unwrap();
        std::fs::write(home.path().join("a.kanbus"), r#"{"hearsay":1,"path":"out"}"#).unwrap();
        let error = Asked::of_word("a.kanbus", home.path()).unwrap_err();
        assert!(error.message.contains("leads out"), "{}", error.message);
        std::os::unix::fs::symlink("/dev/zero", home.path().join("b.kanbus")).unwrap();
        assert_eq!(Asked::of_word("b.kanbus", home.path()).unwrap_err().code, ErrorCode::Invalid);
        assert_eq!(Asked::of_word("c.kanbus", home.path()).unwrap_err().code, ErrorCode::NotFound);
    }
}
