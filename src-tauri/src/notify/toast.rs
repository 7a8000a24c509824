//! What a toast of Windows says: its XML, and the link that a click on it follows.
//!
//! Not here: showing it (`windows`), and reading the link (`opening`).
//!
//! Invariant: whatever a banner says stands in it as text.

use url::Url;

use super::{Answer, Notice, Opens, text};

/// The toast as Windows reads it.
pub(super) fn xml(notice: &Notice) -> String {
    let launch = match &notice.answer {
        Answer::Open { repository, opens } => {
            format!(r#" activationType="protocol" launch="{}""#, text::escaped(&link(repository, opens)))
        }
        Answer::Trial => String::new(),
    };
    // One for which somebody waits stays a little longer.
    let duration = if notice.urgent { "long" } else { "short" };
    format!(
        r#"<toast{launch} duration="{duration}"><visual><binding template="ToastGeneric"><text>{}</text><text>{}</text></binding></visual><audio silent="true"/></toast>"#,
        text::escaped(&notice.title),
        text::escaped(&notice.body),
    )
}

/// The link that opens it. One that names no issue opens the board, where the inbox is.
fn link(repository: &str, opens: &Opens) -> String {
    let Ok(mut link) = Url::parse("hearsay://open") else { return String::new() };
    link.query_pairs_mut().append_pair("path", repository);
    match opens {
        Opens::Issue(card) => link.query_pairs_mut().append_pair("issue", card),
        Opens::Inbox => link.query_pairs_mut().append_pair("show", "inbox"),
    };
    link.into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::opening::Asked;

    fn notice(title: &str, answer: Answer) -> Notice {
        Notice { title: title.to_owned(), body: String::new(), urgent: false, tag: None, answer }
    }

    #[cfg(unix)]
    #[test]
    fn the_link_of_a_toast_opens_what_the_toast_is_about() {
        let followed = |opens: &Opens| {
            let asked = Asked::of_word(&link("/srv/my app&issue=x", opens), Path::new("/")).unwrap();
            (asked.path, asked.issue)
        };
        let path = Path::new("/srv/my app&issue=x").to_owned();
        assert_eq!(followed(&Opens::Issue("app-1".to_owned())), (path.clone(), Some("app-1".to_owned())));
        assert_eq!(followed(&Opens::Inbox), (path, None));
    }

    #[test]
    fn nothing_that_a_toast_says_ends_what_it_stands_in() {
        let opens = Opens::Issue("\"/><actions>".to_owned());
        let xml = xml(&notice("</text><x a='1'>&", Answer::Open { repository: "/\"><".to_owned(), opens }));
        assert!(xml.contains("<text>&lt;/text&gt;&lt;x a=&#39;1&#39;&gt;&amp;</text>"), "{xml}");
        assert!(!xml.contains("<x") && !xml.contains("<actions"), "{xml}");
        assert!(xml.contains(r#"activationType="protocol" launch="hearsay://open?path="#), "{xml}");
    }

    #[test]
    fn a_trial_is_answered_by_the_process_that_raised_it() {
        assert!(!xml(&notice("any", Answer::Trial)).contains("launch"));
    }
}
