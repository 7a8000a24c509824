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
        WriteError::Locked { .. } => (ErrorCode::Locked, Some("Try again in a moment.")),
        WriteError::GitBusy { .. } => {
            (ErrorCode::GitBusy, Some("Finish that, or write anyway: resolving it may need the change."))
        }
        WriteError::NotFound { .. } => (ErrorCode::NotFound, None),
        WriteError::BadName { .. } => (ErrorCode::Invalid, None),
        WriteError::Unreadable { .. } => (ErrorCode::Unreadable, None),
        WriteError::NoSpace { .. } => (ErrorCode::Io, Some("Make room on the disk, then try again.")),
        WriteError::ReadOnly { .. } => (ErrorCode::Io, Some("Make it writable, then try again.")),
        WriteError::Changed { .. } => {
            (ErrorCode::Locked, Some("Something writes it without end. Try again."))
        }
        WriteError::NotADirectory { .. }
        | WriteError::NotAFile { .. }
        | WriteError::Gone { .. }
        | WriteError::Exists { .. }
        | WriteError::Io { .. } => (ErrorCode::Io, None),
    };
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let error = WireError::new(code, format!("{error}{cause}"));
    WireError { hint: hint.map(str::to_owned), ..error }
}
