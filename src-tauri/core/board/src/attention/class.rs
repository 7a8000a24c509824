//! The classes of attention, and which change is of which where no rule says otherwise.
//!
//! Not here: rules (`rule`), and what keeps a banner back (`hush`).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::attribution::Me;
use super::change::{Change, Obstacle, Reached, What};

/// How much of the person's attention a change is worth, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Activity only.
    Feed,
    /// Counted, and no banner.
    Inbox,
    /// A banner, grouped with others.
    Notice,
    /// A banner that is never folded into a lower class, and may pass quiet hours.
    Interrupt,
}

impl Class {
    /// Every class, in rising order.
    pub const ALL: [Self; 4] = [Self::Feed, Self::Inbox, Self::Notice, Self::Interrupt];

    /// How rules name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Inbox => "inbox",
            Self::Notice => "notice",
            Self::Interrupt => "interrupt",
        }
    }

    /// The class that rules name so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name().eq_ignore_ascii_case(name))
    }

    /// Whether changes of it are counted in the inbox.
    pub fn is_counted(self) -> bool {
        self >= Self::Inbox
    }

    /// Whether changes of it come with a banner.
    pub fn has_banner(self) -> bool {
        self >= Self::Notice
    }
}

/// The class of `change` where no rule says otherwise. `watched` says whether the person watches the issue.
pub fn usual(change: &Change, me: &Me, watched: bool) -> Class {
    let mine = |name: &Option<String>| name.as_deref().is_some_and(|name| me.is(name));
    match &change.what {
        What::AwaitingReply { .. } | What::Conflict { .. } | What::Unreadable { .. } => Class::Interrupt,
        What::Blocked { by: Obstacle::Status { .. } | Obstacle::Issue(_) } => match watched {
            true => Class::Interrupt,
            false => Class::Inbox,
        },
        What::Moved { reached: Reached::Review | Reached::Done, .. } | What::Mentioned { .. } => {
            Class::Notice
        }
        What::Created { top, mentions_me } if *top || *mentions_me => Class::Notice,
        What::Priority { top: true, .. } => Class::Notice,
        What::Assigned { to, .. } if mine(to) => Class::Notice,
        What::Assigned { from, .. } if mine(from) => Class::Inbox,
        What::Moved { .. }
        | What::Created { .. }
        | What::Commented { .. }
        | What::Dependency { .. }
        | What::Deleted => Class::Inbox,
        What::Assigned { .. } | What::Priority { .. } | What::Edited { .. } | What::Leased { .. } => {
            Class::Feed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::change::Comment;
    use crate::attention::tests::change;

    #[test]
    fn every_example_of_the_table_has_its_class() {
        let me = Me::called(["ann"]);
        let named = |name: &str| Some(name.to_owned());
        let moved = |reached| What::Moved { from: named("a"), to: named("b"), reached };
        let usual = |what, watched| usual(&change("k-1", what), &me, watched);
        let blocked = || What::Blocked { by: Obstacle::Issue("k-2".to_owned()) };
        for (what, class) in [
            (What::AwaitingReply { agent: None, question: None }, Class::Interrupt),
            (What::Conflict { fields: Vec::new() }, Class::Interrupt),
            (What::Unreadable { path: String::new(), message: String::new() }, Class::Interrupt),
            (moved(Reached::Review), Class::Notice),
            (moved(Reached::Done), Class::Notice),
            (What::Mentioned { comment: None }, Class::Notice),
            (What::Created { top: true, mentions_me: false }, Class::Notice),
            (What::Priority { from: Some(2), to: Some(0), top: true }, Class::Notice),
            (What::Assigned { from: None, to: named("ann") }, Class::Notice),
            (What::Assigned { from: named("ann"), to: named("bob") }, Class::Inbox),
            (moved(Reached::Elsewhere), Class::Inbox),
            (What::Commented { comment: Comment::default() }, Class::Inbox),
            (What::Created { top: false, mentions_me: false }, Class::Inbox),
            (What::Edited { fields: Vec::new() }, Class::Feed),
            (What::Assigned { from: None, to: named("bob") }, Class::Feed),
            (What::Leased { owner: None }, Class::Feed),
        ] {
            let name = format!("{what:?}");
            assert_eq!(usual(what, false), class, "{name}");
        }
        assert_eq!(usual(blocked(), true), Class::Interrupt);
        assert_eq!(usual(blocked(), false), Class::Inbox);
    }

    #[test]
    fn classes_rise_and_read_back_by_name() {
        assert!(Class::ALL.is_sorted());
        assert!(Class::ALL.into_iter().all(|class| Class::named(class.name()) == Some(class)));
        assert_eq!(Class::named("loud"), None);
    }
}
