//! How a failed command says so: `error[CODE]: message`, a `hint:` line, exit code 1.

use std::io::Write;
use std::process::ExitCode;

use hearsay_live::wire::{ErrorCode, WireError};

/// Says on standard error what went wrong.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let said = match error.downcast_ref::<WireError>() {
        Some(error) => error.clone(),
        None if error.is::<std::io::Error>() => WireError::new(ErrorCode::Io, format!("{error:#}")),
        None => WireError::new(ErrorCode::Internal, format!("{error:#}")),
    };
    let mut text = format!("error[{}]: {}\n", said.code.name(), said.message);
    if let Some(hint) = said.hint {
        text.push_str(&format!("hint: {hint}\n"));
    }
    // Where even standard error is closed, the exit code says it alone.
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::FAILURE
}
