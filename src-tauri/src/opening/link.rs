//! Links: `hearsay://open?path=…&issue=…`, which only ever open a board.
//!
//! Not here: telling the system who opens them (the packages).

use hearsay_live::wire::{ErrorCode, WireError};
use url::Url;

use super::{Asked, By};

/// The scheme of the links.
const SCHEME: &str = "hearsay";
/// The longest link that is read, in bytes.
const LONGEST: usize = 16 << 10;

/// Whether `word` claims to be a link.
pub(super) fn is_link(word: &str) -> bool {
    word.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
}

/// What the link asks for.
pub(super) fn read(link: &str) -> Result<Asked, WireError> {
    let refuse = |why: &str| {
        WireError::new(ErrorCode::Invalid, format!("a link to Hearsay cannot be followed: {why}"))
            .with_hint("a link says hearsay://open?path=FOLDER&issue=ISSUE")
    };
    if link.len() > LONGEST {
        return Err(refuse("it is too long"));
    }
    let url = Url::parse(link).map_err(|error| refuse(&error.to_string()))?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    if url.host_str() != Some("open") || !is_plain || !matches!(url.path(), "" | "/") {
        return Err(refuse("it asks for something else than to open a board"));
    }
    let (mut path, mut issue) = (None, None);
    for (key, value) in url.query_pairs() {
        let slot = match &*key {
            "path" => &mut path,
            "issue" => &mut issue,
            // Links may say more one day.
            _ => continue,
        };
        if slot.replace(value.into_owned()).is_some() {
            return Err(refuse("it says the same thing twice"));
        }
    }
    let path = super::named(&path.ok_or_else(|| refuse("it names no folder"))?)?;
    if !path.is_absolute() {
        return Err(refuse("it does not name the folder by its full path"));
    }
    Ok(Asked { path, issue: issue.map(super::issue).transpose()?, by: By::Link })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_names_a_folder_and_an_issue() {
        let asked = read("hearsay://open?path=%2Fsrv%2Fmy%20app&issue=app-1&later=x").unwrap();
        assert_eq!((&*asked.path, asked.issue.as_deref()), (Path::new("/srv/my app"), Some("app-1")));
        assert!(asked.is_strange());
        assert!(Asked::of_word("HEARSAY://open?path=/srv", Path::new("/")).unwrap().is_strange());
    }

    #[test]
    fn a_link_that_asks_for_anything_else_is_refused() {
        for link in [
            "hearsay:",
            "hearsay://",
            "hearsay://open",
            "hearsay://run?path=/srv",
            "hearsay://open/more?path=/srv",
            "hearsay://me@open?path=/srv",
            "hearsay://open:80?path=/srv",
            "hearsay://open?path=work",
            "hearsay://open?path=",
            "hearsay://open?path=/a&path=/b",
            "hearsay://open?path=/srv/../secret",
            "hearsay://open?path=/srv/%2e%2e/secret",
            "hearsay://open?path=%5C%5Cserver%5Cshare",
            "hearsay://open?path=%2F%2Fserver%2Fshare",
            "hearsay://open?path=file:///etc",
            "hearsay://open?path=hearsay://open?path=/srv",
            "hearsay://open?path=/srv%00",
            "hearsay://open?path=/srv&issue=a%20b",
            &format!("hearsay://open?path=/{}", "x".repeat(20_000)),
        ] {
            assert_eq!(read(link).expect_err(link).code, ErrorCode::Invalid);
        }
    }
}
