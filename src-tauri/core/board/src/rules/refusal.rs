//! Why something is not done, in the words of the rule that refuses it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::document::SyntaxError;

/// What kind of refusal it is: some of the codes that every door knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// What it names is not there.
    NotFound,
    /// What is asked for makes no sense.
    Invalid,
    /// A rule of the project forbids it.
    Rule,
    /// Somebody has changed the same.
    Conflict,
    /// It is more than anybody reads.
    TooLarge,
    /// The file is not what an issue's file should be.
    Unreadable,
}

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind of refusal it is.
    pub code: Code,
    /// The rule's sentence: Kanbus's own where Kanbus has the rule.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What disagrees, where that is why.
    pub conflict: Option<Conflict>,
}

/// Fields that both sides changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Conflict {
    /// By name; a key of `custom` as `custom.KEY`, a comment as `comments.ID`.
    pub fields: BTreeMap<String, Sides>,
}

/// The three values of a field that both sides changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Sides {
    /// What it was when the edit began; null also where that is not known.
    #[ts(type = "unknown")]
    pub base: Value,
    /// What somebody has made of it.
    #[ts(type = "unknown")]
    pub theirs: Value,
    /// What it was to be.
    #[ts(type = "unknown")]
    pub mine: Value,
}

impl Refusal {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, conflict: None }
    }

    pub(crate) fn not_found(hint: impl Into<String>) -> Self {
        Self::new(Code::NotFound, "not found").hint(hint)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    pub(crate) fn rule(message: impl Into<String>) -> Self {
        Self::new(Code::Rule, message)
    }

    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(Code::Unreadable, message).hint("Mend the file in an editor.")
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<SyntaxError> for Refusal {
    fn from(error: SyntaxError) -> Self {
        Self::unreadable(error.to_string())
    }
}

impl From<Conflict> for Refusal {
    fn from(conflict: Conflict) -> Self {
        let names: Vec<&str> = conflict.fields.keys().map(String::as_str).collect();
        let message = format!("somebody has changed the same meanwhile: {}", names.join(", "));
        Self { conflict: Some(conflict), ..Self::new(Code::Conflict, message) }
            .hint("Look at both versions, then reload, overwrite or choose field by field.")
    }
}
