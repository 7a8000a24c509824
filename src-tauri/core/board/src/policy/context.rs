//! What a policy is asked about: one change of one issue, and the issues around it.
//!
//! Not here: what a step makes of it (`scene`).

use serde_json::Value;

use crate::overlay::Fields;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// An issue is created.
    Create,
    /// An issue is changed. Kanbus closes and claims an issue by changing it.
    Update,
    /// An issue was closed by the command of that name.
    Close,
    /// An issue is deleted.
    Delete,
    /// An issue is shown.
    View,
    /// Issues are listed.
    List,
    /// Issues that can be begun are listed.
    Ready,
}

impl Operation {
    /// Whether Kanbus lets policies refuse it. All others, and comments, dependencies and moves between projects, it
    /// does without asking them, even where they cannot be read.
    pub fn is_enforced(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }
}

/// A child of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its status.
    pub status: &'a str,
}

/// The issues around the one that changes, as their files stand before the change. Kanbus looks at those of the shared
/// project alone, whose policies count for private issues as well; around a new private issue, at the private ones alone.
pub trait Kin {
    /// The status of the issue `id`, if there is one.
    fn status(&self, id: &str) -> Option<&str>;

    /// The issues whose parent is `id`, in any order.
    fn children(&self, id: &str) -> Vec<Child<'_>>;
}

/// One change of one issue.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What is being done.
    pub operation: Operation,
    /// The issue as its file has it; `None` for a new one.
    pub before: Option<&'a Fields>,
    /// The issue as it is to be; as it is, where it does not change.
    pub after: &'a Fields,
    /// The issues around it.
    pub kin: &'a dyn Kin,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("operation", &self.operation)
            .field("before", &self.before)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

impl<'a> Context<'a> {
    /// The statuses that the change leads from and to, where it changes the status.
    pub(super) fn transition(&self) -> Option<(&'a str, &'a str)> {
        let from = text(self.before?, "status")?;
        let to = text(self.after, "status")?;
        (from != to).then_some((from, to))
    }
}

/// The text of a field; `None` where it is absent or something else.
pub(super) fn text<'a>(fields: &'a Fields, key: &str) -> Option<&'a str> {
    fields.get(key).and_then(Value::as_str)
}
