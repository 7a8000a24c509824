//! What was found, and how it is shown: for a person, or as JSON.

use std::io::Write;

use hearsay_live::legible;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Well,
    Note,
    Broken,
}

#[derive(Debug, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    message: String,
    verdict: Verdict,
}

/// The findings so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn well(&mut self, check: &'static str, message: impl Into<String>) {
        self.0.push(Finding { check, hint: None, message: message.into(), verdict: Verdict::Well });
    }

    pub(super) fn note(&mut self, check: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        self.0.push(Finding { check, hint, message: message.into(), verdict: Verdict::Note });
    }

    pub(super) fn broken(
        &mut self,
        check: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        self.0.push(Finding { check, hint, message: message.into(), verdict: Verdict::Broken });
    }

    /// Whether something is broken.
    pub(super) fn are_bad(&self) -> bool {
        self.0.iter().any(|finding| finding.verdict == Verdict::Broken)
    }

    /// Shows them on standard output.
    pub(super) fn print(&self, json: bool) -> anyhow::Result<()> {
        print(&self.0, json)
    }
}

fn print(findings: &[Finding], json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, findings)?;
        writeln!(out)?;
        return Ok(());
    }
    for finding in findings {
        let mark = match finding.verdict {
            Verdict::Well => "ok    ",
            Verdict::Note => "note  ",
            Verdict::Broken => "broken",
        };
        writeln!(out, "{mark} {}: {}", finding.check, legible(&finding.message))?;
        if let Some(hint) = &finding.hint {
            writeln!(out, "       hint: {}", legible(hint))?;
        }
    }
    Ok(())
}
