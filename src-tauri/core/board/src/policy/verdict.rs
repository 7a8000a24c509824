//! What policies say of a change: refusals and remarks, and how Kanbus's Rust client spells them.
//!
//! Not here: how they come about (`judge`).

use std::collections::HashSet;

/// How urgent a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A warning.
    Warning,
    /// A suggestion.
    Suggestion,
}

/// A remark on a change, which refuses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guidance {
    /// How urgent it is.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// What it says further.
    pub explanations: Vec<String>,
    /// The file's name.
    pub file: String,
    /// The line of the step, from 1.
    pub line: u32,
    /// The scenario, after its rule where it has one.
    pub scenario: String,
    /// The step, with its keyword.
    pub step: String,
}

impl Guidance {
    /// As Kanbus prints it: what it says, then each explanation.
    pub fn lines(&self) -> Vec<String> {
        let kind = match self.severity {
            Severity::Warning => "WARNING",
            Severity::Suggestion => "SUGGESTION",
        };
        let explanations = self.explanations.iter().map(|words| format!("Explanation: {words}"));
        std::iter::once(format!("GUIDANCE {kind}: {}", self.message)).chain(explanations).collect()
    }

    /// The place of the remark among others. The line is no part of it: Kanbus knows of none.
    fn order(&self) -> (Severity, &str, &str, &str, &str) {
        (self.severity, &self.file, &self.scenario, &self.step, &self.message)
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The file's name.
    pub file: String,
    /// The line of the step, from 1.
    pub line: u32,
    /// The scenario, after its rule where it has one.
    pub scenario: String,
    /// The step, with its keyword.
    pub step: String,
    /// Why the step is not satisfied.
    pub message: String,
    /// What the policy says further.
    pub explanations: Vec<String>,
    /// Remarks of the same scenario.
    pub guidance: Vec<Guidance>,
}

impl Violation {
    /// The refusal of a change to the issue `id`, as Kanbus prints it.
    pub fn sentence(&self, id: &str) -> String {
        let Self { file, scenario, step, message, .. } = self;
        let mut text = format!(
            "policy violation in {file} for issue {id}\n  Rule: {scenario}\n  Failed: {step}\n  {message}"
        );
        for words in &self.explanations {
            text.push_str("\n  Explanation: ");
            text.push_str(words);
        }
        if !self.guidance.is_empty() {
            text.push_str("\n  Guidance:");
        }
        for line in self.guidance.iter().flat_map(Guidance::lines) {
            text.push_str("\n    ");
            text.push_str(&line);
        }
        text
    }
}

/// What all policies of a repository say of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Refusals in the order of files and scenarios. Kanbus prints the first one only. Of very many, some.
    pub violations: Vec<Violation>,
    /// Remarks of the scenarios that refuse nothing: warnings first.
    pub guidance: Vec<Guidance>,
}

impl Verdict {
    /// Whether the change is refused by nothing.
    pub fn is_allowed(&self) -> bool {
        self.violations.is_empty()
    }
}

/// Remarks in the order in which Kanbus prints them, each once.
pub(super) fn in_order(mut guidance: Vec<Guidance>) -> Vec<Guidance> {
    let mut seen = HashSet::new();
    let fresh: Vec<bool> =
        guidance.iter().map(|item| seen.insert((item.order(), item.explanations.as_slice()))).collect();
    let mut fresh = fresh.into_iter();
    guidance.retain(|_| fresh.next().unwrap_or(true));
    guidance.sort_by(|one, other| one.order().cmp(&other.order()));
    guidance
}
