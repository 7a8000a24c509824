//! Rules: which changes are worth more or less than usual, or no banner at all, in the person's own words.
//!
//! One rule a line, the first that matches counts. Blank lines and lines that begin with `#` say nothing.
//!
//! ```text
//! rule  = term { term } "->" ( interrupt | notice | inbox | feed | mute )
//! term  = [ "-" ] ( field ":" value { "," value }  |  value )
//! field = status | label | assignee | agent | by | type | parent | epic | project | priority | kind
//! value = a word, or anything between double quotes, where \" and \\ stand for " and \
//! ```
//!
//! All terms of a rule have to match, one value of each; `-` turns a term round. A value alone is looked for in the
//! title, the id and the comment. Case does not count. A word that ends in `*` matches what begins with it; `me` is this
//! person and `none` a field that is empty, unless they stand in quotes. `agent:` is who did it, where it was an agent;
//! `by:` whoever did it. `parent:` and `epic:` take a full id or the short one. A rule that mutes keeps the class, and
//! keeps the banner back.
//!
//! ```text
//! status:review,blocked label:release -> interrupt
//! agent:codex-* kind:commented -> mute
//! type:bug assignee:me -kind:edited -> notice
//! "data loss" -> interrupt
//! ```
//!
//! Not here: what a change means without a rule (`class`).
//!
//! Invariant: a text is a set of rules as a whole, or an error that says where and what was expected.

mod dry_run;
mod syntax;
mod term;

use std::fmt;

use super::attribution::Me;
use super::change::Change;
use super::class::Class;
pub use dry_run::{DryRun, Tried, dry_run};
use term::Term;

/// The most rules that are read.
pub const MOST_RULES: usize = 200;
/// The most characters of a rule.
pub const LONGEST_RULE: usize = 1_000;

/// The most characters that an error repeats.
const LONGEST_FOUND: usize = 40;

/// What a rule makes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is of that class.
    Class(Class),
    /// No banner is wanted.
    Mute,
}

impl Outcome {
    /// How a rule says so.
    pub fn name(self) -> &'static str {
        match self {
            Self::Class(class) => class.name(),
            Self::Mute => "mute",
        }
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    terms: Vec<Term>,
    outcome: Outcome,
    line: usize,
}

impl Rule {
    /// The line of the text that it stands in, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What it makes of a change that it matches.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether it matches `change`.
    pub fn matches(&self, change: &Change, me: &Me) -> bool {
        self.terms.iter().all(|term| term.matches(change, me))
    }
}

/// The person's rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads `text`.
    ///
    /// # Errors
    /// Where a line is no rule: the first of them.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let mut rules = Vec::new();
        for (line, text) in text.lines().enumerate() {
            let begin = text.trim_start();
            if begin.is_empty() || begin.starts_with('#') {
                continue;
            }
            let error = |expected: String, found: &str| RuleError::new(line + 1, 1, expected, found);
            if rules.len() == MOST_RULES {
                return Err(error(format!("at most {MOST_RULES} rules"), "one more"));
            }
            if text.chars().count() > LONGEST_RULE {
                return Err(error(format!("a rule of at most {LONGEST_RULE} characters"), "a longer one"));
            }
            rules.push(syntax::rule(text, line + 1)?);
        }
        Ok(Self(rules))
    }

    /// The rules in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.0.iter()
    }

    /// The first rule that matches `change`, counted from 0, and what it makes of it.
    pub fn first_for(&self, change: &Change, me: &Me) -> Option<(usize, Outcome)> {
        let found = self.0.iter().enumerate().find(|(_, rule)| rule.matches(change, me));
        found.map(|(at, rule)| (at, rule.outcome))
    }
}

/// Why a text is no rule. Line and column count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RuleError {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// What would have been a rule.
    pub expected: String,
    /// What stands there instead; empty at the end of the line.
    pub found: String,
}

impl RuleError {
    fn new(line: usize, column: usize, expected: String, found: &str) -> Self {
        // The person's own words, so they are shown as they are.
        Self { line, column, expected, found: found.chars().take(LONGEST_FOUND).collect() }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, expected, found } = self;
        write!(f, "Line {line}, column {column}: expected {expected}, ")?;
        match found.as_str() {
            "" => write!(f, "and the line ends."),
            found => write!(f, "found “{found}”."),
        }
    }
}
