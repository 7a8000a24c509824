//! Why a command is not done, in the words of every door.
//!
//! Not here: the sentences themselves, which belong to the rules, the policies and the files.

use hearsay_board::rules::{Code, Refusal};
use hearsay_repo::{RepoError, WriteError};

use crate::wire::{ErrorCode, WireError};

/// Why a command is not done.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Nothing was written because of the files, the locks or Git.
    Write(WriteError),
    /// It may be otherwise in a moment: a file is half written, or somebody is moving it.
    Passing(Box<WireError>),
    /// Somebody has a reason.
    Said(Box<WireError>),
}

impl Refused {
    /// Whether the same may be tried again: somebody who takes no lock changes the file, or is about to have done so.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Passing(_) | Self::Write(WriteError::Changed { .. }))
    }

    pub(crate) fn into_wire(self) -> WireError {
        match self {
            Self::Said(error) | Self::Passing(error) => *error,
            Self::Write(error) => of_write(&error),
        }
    }
}

impl From<WriteError> for Refused {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<WireError> for Refused {
    fn from(error: WireError) -> Self {
        Self::Said(Box::new(error))
    }
}

impl From<RepoError> for Refused {
    fn from(error: RepoError) -> Self {
        WireError::from(error).into()
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            Code::NotFound => ErrorCode::NotFound,
            Code::Invalid => ErrorCode::Invalid,
            Code::Rule => ErrorCode::Rule,
            Code::Conflict => ErrorCode::Conflict,
            Code::TooLarge => ErrorCode::TooLarge,
            Code::Unreadable => ErrorCode::Unreadable,
        };
        let error = WireError::new(code, refusal.message);
        let fields = refusal.conflict.map(|conflict| Box::new(conflict.fields));
        WireError { hint: refusal.hint, fields, ..error }.into()
    }
}

/// A refusal over a file that now has that blob id.
pub(super) fn of_file(refusal: Refusal, base: &str) -> Refused {
    let is_conflict = refusal.code == Code::Conflict;
    match Refused::from(refusal) {
        Refused::Said(mut error) if is_conflict => {
            error.base = Some(base.to_owned());
            Refused::Said(error)
        }
        refused => refused,
    }
}

fn of_write(error: &WriteError) -> WireError {
    let (code, hint) = match error {
        WriteError::Locked { .. } => (ErrorCode::Locked, "Try again in a moment."),
        WriteError::GitBusy { what } => (ErrorCode::GitBusy, of_git(what)),
        WriteError::NotFound { .. } => (ErrorCode::NotFound, "It may have been moved or deleted meanwhile."),
        WriteError::BrokenConfig { .. } => (ErrorCode::Unreadable, "Mend the configuration, and save."),
        WriteError::BadName { .. } => (ErrorCode::Invalid, "Rename the file first."),
        WriteError::Unreadable { .. } => (ErrorCode::Unreadable, "Make it readable, then try again."),
        WriteError::NoSpace { .. } => (ErrorCode::Io, "Make room on the disk, then try again."),
        WriteError::ReadOnly { .. } => (ErrorCode::Io, "Make it writable, then try again."),
        WriteError::Changed { .. } => (ErrorCode::Locked, "Something writes it without end. Try again."),
        WriteError::NotADirectory { .. } | WriteError::NotAFile { .. } => {
            (ErrorCode::Io, "Put away what stands there, then try again.")
        }
        WriteError::Gone { .. } => (ErrorCode::Io, "Bring the project back, then try again."),
        WriteError::TooMany { .. } => (ErrorCode::TooLarge, "Delete what is below in several steps."),
        WriteError::TooLarge { .. } => (ErrorCode::TooLarge, "Make it smaller, or do it in several steps."),
        WriteError::Exists { .. } => (ErrorCode::Io, "Move that one first."),
        WriteError::Io { .. } => (ErrorCode::Io, "See what the system says, then try again."),
    };
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let error = WireError::new(code, format!("{error}{cause}"));
    error.with_hint(hint)
}

/// What to do while Git is busy with that. While it rewrites the files, a write is never right; where it waits for the
/// person to put files in order, it may be what they need.
fn of_git(what: &str) -> &'static str {
    match what {
        "merge" | "rebase" | "cherry_pick" | "revert" | "apply" => {
            "Finish that, or write anyway: resolving it may need the change."
        }
        "index" => {
            "Git is rewriting the files. Try again in a moment; if no Git is running, remove its `index.lock`."
        }
        _ => "Finish that, then try again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_resolving_may_need_it_is_writing_anyway_spoken_of() {
        let hint = |what: &str| of_write(&WriteError::GitBusy { what: what.to_owned() }).hint.unwrap();
        for what in ["merge", "rebase", "cherry_pick", "revert", "apply"] {
            assert!(hint(what).contains("write anyway"), "{what}");
        }
        for what in ["index", "bisect"] {
            assert!(!hint(what).contains("anyway") && hint(what).contains("ry again"), "{what}");
        }
    }
}
