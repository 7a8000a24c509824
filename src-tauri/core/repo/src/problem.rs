//! What is wrong with a file, as the board shows it: one sentence, a place, a next step.

use std::io;

use hearsay_board::{Problem, ProblemCode, Severity, SyntaxError};

use crate::file::{LARGEST, Unread};

/// A problem at `path` that takes something off the board.
pub(crate) fn error(
    code: ProblemCode,
    path: &str,
    message: impl Into<String>,
    hint: Option<&str>,
) -> Problem {
    Problem {
        code,
        column: None,
        hint: hint.map(str::to_owned),
        kind: Default::default(),
        line: None,
        message: message.into(),
        path: path.to_owned(),
        severity: Severity::Error,
    }
}

/// A problem at `path` that deserves a look; everything is shown.
pub(crate) fn warning(
    code: ProblemCode,
    path: &str,
    message: impl Into<String>,
    hint: Option<&str>,
) -> Problem {
    Problem { severity: Severity::Warning, ..error(code, path, message, hint) }
}

/// Text that does not parse.
pub(crate) fn syntax(path: &str, syntax: &SyntaxError) -> Problem {
    let problem = if syntax.conflict_markers {
        error(
            ProblemCode::ConflictMarkers,
            path,
            "The file holds both sides of a merge, between conflict markers.",
            Some("Resolve it in an editor or with git, and save."),
        )
    } else {
        error(
            ProblemCode::Unreadable,
            path,
            format!("The file is not a readable issue: {}.", syntax.message),
            Some("Open it at that place, or restore it with git."),
        )
    };
    Problem { line: Some(syntax.line), column: Some(syntax.column), ..problem }
}

/// A file that could not be had.
pub(crate) fn unread(path: &str, unread: &Unread) -> Problem {
    match unread {
        Unread::TooLarge(size) => error(
            ProblemCode::TooLarge,
            path,
            format!(
                "The file has {} MB; no issue larger than {} MB is read.",
                size.div_ceil(1 << 20),
                LARGEST >> 20
            ),
            Some("Move large texts out of the issue."),
        ),
        Unread::Outside => error(
            ProblemCode::Outside,
            path,
            "The file is a link that leads out of the project; it is not followed.",
            Some("Replace the link by a file."),
        ),
        Unread::NotAFile => {
            error(ProblemCode::NotAFile, path, "There is no file at that path, but something else.", None)
        }
        Unread::Io(source) if source.kind() == io::ErrorKind::PermissionDenied => error(
            ProblemCode::Permission,
            path,
            "The system does not let Hearsay read the file.",
            Some("Check who owns it and its mode."),
        ),
        Unread::Io(source) => {
            error(ProblemCode::Io, path, format!("The file cannot be read: {source}."), None)
        }
    }
}
