//! An open issue that a person edits, and the file that it comes to.
//!
//! Not here: what becomes of an edit (`answer`, `conflict`), and cards that are carried (`carry`).

use hearsay_tests::Project;
use hearsay_tests::record::path;
use hearsay_tests::wait::until;
use serde_json::{Value, json};

use crate::window::{ENTER, Window, card};

/// The open issue.
pub(crate) const INSPECTOR: &str = "[data-testid=inspector]";
/// Its title while nobody edits it.
pub(crate) const TITLE: &str = "[data-testid=inspector] h2";
/// The title while it is edited.
pub(crate) const TITLE_TEXT: &str = "textarea[data-testid=title-text]";
/// What was just done, with the way back.
pub(crate) const NOTICE: &str = "[data-testid=notice]";
/// Why something was not done.
pub(crate) const REFUSED: &str = "[data-testid=refused]";
/// What waits to be written.
pub(crate) const DRAFT: &str = "[data-testid=draft]";
/// Two versions of one field.
pub(crate) const MERGE: &str = "dialog[data-testid=merge]";

/// What the file of `id` has in `field`.
pub(crate) fn filed(project: &Project, id: &str, field: &str) -> Value {
    let mut issue: Value = serde_json::from_str(&project.text(&path(id))).expect("an issue is JSON");
    issue[field].take()
}

/// Waits until the file of `id` has `value` in `field`.
pub(crate) fn is_filed(project: &Project, id: &str, field: &str, value: &Value) {
    until(&format!("{field} of {id} to be {value}, and not {}", filed(project, id, field)), || {
        (filed(project, id, field) == *value).then_some(())
    });
}

/// Waits until the refusal at `place` says all of `words`.
pub(crate) fn is_refused(window: &Window, place: &str, words: &[&str]) {
    let said = window.reads(&format!("{REFUSED}[data-place='{place}']"), words[0]);
    for words in words {
        assert!(said.contains(words), "it says {words:?}: {said}");
    }
}

impl Window {
    /// Clicks what has that `data-testid`.
    pub(crate) fn push(&self, testid: &str) {
        self.click(&format!("[data-testid={testid}]"));
    }

    /// Opens the card `id` and waits until its file has been read.
    pub(crate) fn open_issue(&self, id: &str) {
        self.click_card(id);
        self.shows(&format!("{INSPECTOR}[data-key='card:{id}'] [data-testid=comment-box-text]"));
    }

    /// Types another title for the open issue, over the one that is there; sends nothing.
    pub(crate) fn type_title(&self, title: &str) {
        self.click("[data-testid=edit-title] button");
        self.retype_title(title);
    }

    /// Types another title where one is being typed.
    pub(crate) fn retype_title(&self, title: &str) {
        self.shows(&format!("{TITLE_TEXT}:focus"));
        self.session.press(title);
        until(&format!("{title:?} to stand there"), || (self.value(TITLE_TEXT) == title).then_some(()));
    }

    /// Types `text` in the box that `selector` finds, after what is there.
    pub(crate) fn types(&self, selector: &str, text: &str) {
        self.click(selector);
        self.shows(&format!("{selector}:focus"));
        self.session.press(&text.replace('\n', ENTER));
        until(&format!("{text:?} to stand there"), || self.value(selector).ends_with(text).then_some(()));
    }

    /// What stands in the box that `selector` finds.
    pub(crate) fn value(&self, selector: &str) -> String {
        let value =
            self.session.run("return document.querySelector(arguments[0])?.value ?? '';", &[json!(selector)]);
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the card `id` is in the column `to`.
    pub(crate) fn moves(&self, id: &str, to: &str) {
        until(&format!("{id} in {to}"), || (self.column_of(id).as_deref() == Some(to)).then_some(()));
    }

    /// From now on the page notes what the card `id` says and where it stands, whenever either changes.
    pub(crate) fn watch_card(&self, id: &str) {
        self.session.run(
            "const look = () => {
               const card = document.querySelector(arguments[0]);
               const now = card === null ? null
                 : [card.closest('[data-testid=column]').dataset.key, card.querySelector('.title').textContent.trim()];
               if (now !== null && JSON.stringify(now) !== JSON.stringify(window.looks.at(-1))) window.looks.push(now);
             };
             window.looks = [];
             look();
             new MutationObserver(look).observe(document.querySelector('[data-testid=board]'),
               {subtree: true, childList: true, characterData: true});",
            &[json!(card(id))],
        );
    }

    /// What the page noted of the card since: pairs of a column and a title.
    pub(crate) fn looks(&self) -> Value {
        self.ask("return window.looks;")
    }
}
