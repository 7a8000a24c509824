//! The inbox as text, to be kept.
//!
//! Invariant: what was kept reads back as it was; a text of another version is refused and named, never half read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Inbox, Item, MOST, MOST_LINES};

/// The version of the text.
pub const VERSION: u64 = 1;

/// Why a text is no inbox.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// It was written by another release.
    #[error("the inbox is of version {0}, and this release reads version {VERSION}")]
    Version(u64),
    /// It is no inbox at all.
    #[error("this is no inbox of Hearsay's")]
    Syntax(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    version: u64,
    #[serde(default)]
    left_out: u64,
    items: Vec<std::borrow::Cow<'a, Item>>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl Inbox {
    /// The inbox that `text` holds.
    ///
    /// # Errors
    /// Where it holds none, or one of another version.
    pub fn parse(text: &str) -> Result<Self, InboxError> {
        let head: Head = serde_json::from_str(text).map_err(InboxError::Syntax)?;
        if head.version != VERSION {
            return Err(InboxError::Version(head.version));
        }
        let kept: Kept<'_> = serde_json::from_str(text).map_err(InboxError::Syntax)?;
        let mut inbox = Self { items: BTreeMap::new(), left_out: kept.left_out, rest: kept.rest };
        for item in kept.items {
            let mut item = item.into_owned();
            item.lines.drain(..item.lines.len().saturating_sub(MOST_LINES));
            let about = item.about.clone();
            inbox.items.insert(about.clone(), item);
            if inbox.items.len() > MOST {
                inbox.give_way(&about);
            }
        }
        Ok(inbox)
    }

    /// The text that holds it.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let items = self.items.values().map(std::borrow::Cow::Borrowed).collect();
        serde_json::to_string(&Kept {
            version: VERSION,
            left_out: self.left_out,
            items,
            rest: self.rest.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::attention::attribution::Me;
    use crate::attention::class::Class;
    use crate::attention::line::{About, Line};
    use crate::attention::once::{Cause, Summary};
    use crate::attention::tests::{at, change, moved};

    fn sample() -> Inbox {
        let mut inbox = Inbox::default();
        for number in 0..5 {
            let line =
                Line::of(&change(&format!("k-{number}"), moved("done")), Class::Notice, &Me::default());
            inbox.count(line);
        }
        let summary = Summary { cause: Cause::Git, changes: 9, issues: 9, created: 1, deleted: 0, moved: 8 };
        inbox.count(Line::summary(&summary, at(1)));
        let issue = |number: usize| About::Issue { project: "kbs".to_owned(), id: format!("k-{number}") };
        inbox.done(&issue(0));
        inbox.read(&issue(1));
        inbox.snooze(&issue(2), at(60));
        inbox.mute(&issue(3), true, Timestamp::UNIX_EPOCH);
        inbox.watch(&issue(7), true, at(0));
        inbox
    }

    #[test]
    fn an_inbox_reads_back_as_it_was() {
        let inbox = sample();
        assert_eq!(Inbox::parse(&inbox.text().unwrap()).unwrap(), inbox);
        assert_eq!(Inbox::parse(&Inbox::default().text().unwrap()).unwrap(), Inbox::default());
    }

    #[test]
    fn what_a_later_release_has_added_is_kept() {
        let mut value: Value = serde_json::from_str(&sample().text().unwrap()).unwrap();
        value["pinned"] = json!(["k-1"]);
        value["items"][0]["colour"] = json!("red");
        let again: Value =
            serde_json::from_str(&Inbox::parse(&value.to_string()).unwrap().text().unwrap()).unwrap();
        assert_eq!(again, value);
    }

    #[test]
    fn what_is_no_inbox_is_refused_plainly() {
        let said = |text: &str| Inbox::parse(text).unwrap_err().to_string();
        assert_eq!(
            said(r#"{"version":2,"items":{}}"#),
            "the inbox is of version 2, and this release reads version 1"
        );
        for text in
            ["", "[]", "{}", r#"{"version":"1"}"#, r#"{"version":1}"#, r#"{"version":1,"items":[{}]}"#]
        {
            assert_eq!(said(text), "this is no inbox of Hearsay's", "{text}");
        }
    }
}
