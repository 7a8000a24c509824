//! Policy files: from bytes to scenarios whose steps are all known.
//!
//! Not here: how Gherkin is spelled (`text`), and which steps there are (`step`).
//!
//! Invariants:
//! - Files count in the order of their names. Kanbus takes them as the directory lists them, which is no order.
//! - As in Kanbus, backgrounds, examples, tags, tables and texts below a step are read over: an outline is one scenario,
//!   and its placeholders are taken literally.

use std::collections::HashSet;
use std::path::Path;
use std::str::Utf8Error;
use std::sync::Arc;

use gherkin::{ParseError, StepType};

use super::step::{Demand, Step};
use super::text::{Room, Text};
use super::verdict::Violation;

/// How many patterns there may be: one can take a tenth of a second.
const MOST_PATTERNS: usize = 128;

/// A policy file.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name, without the directory.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// Whether a file of that name in `policies/` is a policy to Kanbus.
pub fn is_policy(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "policy")
}

/// Why policies cannot be asked. As long as that is so, Kanbus refuses whatever they could refuse.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file is not text.
    #[error("failed to parse {file}: it is not UTF-8")]
    NotText {
        /// The file's name.
        file: String,
        /// Where it stops being text.
        #[source]
        source: Utf8Error,
    },
    /// A file is not Gherkin.
    #[error("failed to parse {file}: line {line} is not Gherkin")]
    Syntax {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: u32,
        /// What the parser says.
        #[source]
        source: ParseError,
    },
    /// A step is not one of Kanbus's, or explains nothing.
    #[error("{} in line {} of {}", .0.message, .0.line, .0.file)]
    Step(Box<Violation>),
    /// There is more than can be read in a reasonable time.
    #[error("failed to parse {file}: {what}, more than the {most} that can be read")]
    TooLarge {
        /// The file with which it becomes too much.
        file: String,
        /// Of what there is too much.
        what: &'static str,
        /// How much there may be.
        most: usize,
    },
}

impl PolicyError {
    /// The refusal of a change to the issue `id`: as Kanbus prints it, where Kanbus refuses for the same reason.
    pub fn sentence(&self, id: &str) -> String {
        match self {
            Self::Step(fault) => fault.sentence(id),
            other => other.to_string(),
        }
    }

    /// The file at fault, and the line where it is known.
    pub fn place(&self) -> (&str, Option<u32>) {
        match self {
            Self::NotText { file, .. } | Self::TooLarge { file, .. } => (file, None),
            Self::Syntax { file, line, .. } => (file, Some(*line)),
            Self::Step(fault) => (&fault.file, Some(fault.line)),
        }
    }
}

/// All policies of a repository.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    pub(super) scenarios: Vec<Scenario>,
}

/// A scenario.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) file: Arc<str>,
    pub(super) name: String,
    pub(super) clauses: Vec<Clause>,
}

/// A step in its place.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) keyword: Keyword,
    pub(super) line: u32,
    pub(super) step: Step,
    text: String,
}

/// What a step begins with; `And`, `But` and `*` stand for one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Given,
    When,
    Then,
}

impl Clause {
    /// The step as Kanbus names it.
    pub(super) fn said(&self) -> String {
        said(self.keyword, &self.text)
    }
}

fn said(keyword: Keyword, text: &str) -> String {
    let keyword = match keyword {
        Keyword::Given => "Given",
        Keyword::When => "When",
        Keyword::Then => "Then",
    };
    format!("{keyword} {text}")
}

impl Scenario {
    /// A refusal by `clause`.
    pub(super) fn violation(&self, clause: &Clause, message: String) -> Violation {
        self.fault(clause.said(), clause.line, message)
    }

    /// The clause that `step` is behind those that are there already, or what is wrong with it.
    fn next(&self, step: &gherkin::Step, line: u32) -> Result<Clause, Box<Violation>> {
        let keyword = match step.ty {
            StepType::Given => Keyword::Given,
            StepType::When => Keyword::When,
            StepType::Then => Keyword::Then,
        };
        let text = step.value.trim();
        let fault = |message: String| Box::new(self.fault(said(keyword, text), line, message));
        let known =
            Step::parse(text).ok_or_else(|| fault(format!("no matching step definition for: {text}")))?;
        let explains = |step: &Step| matches!(step, Step::Explain(_));
        let orphan = match self.clauses.last() {
            _ if !explains(&known) => None,
            None => Some("explain must follow an emitted error, warning, or suggestion"),
            Some(last) if last.keyword != Keyword::Then || explains(&last.step) => {
                Some("explain must immediately follow a non-explain Then step")
            }
            Some(_) => None,
        };
        match orphan {
            Some(why) => Err(fault(format!("orphan explain step: {why}"))),
            None => Ok(Clause { keyword, line, step: known, text: text.to_owned() }),
        }
    }

    fn fault(&self, step: String, line: u32, message: String) -> Violation {
        Violation {
            file: self.file.to_string(),
            line,
            scenario: self.name.clone(),
            step,
            message,
            explanations: Vec::new(),
            guidance: Vec::new(),
        }
    }
}

impl Policies {
    /// Reads the policies of a repository.
    ///
    /// # Errors
    /// Where one of them is not Gherkin, has a step that is not Kanbus's, or is out of bounds: first what keeps a file
    /// from being read, then the first step at fault, as Kanbus does.
    pub fn read(sources: &[Source<'_>]) -> Result<Self, PolicyError> {
        let mut sources = sources.to_vec();
        sources.sort_by_key(|source| source.name);
        let mut room = Room::default();
        let mut texts = Vec::with_capacity(sources.len());
        for source in sources {
            texts.push((Arc::from(source.name), Text::parse(source, &mut room)?));
        }
        let mut policies = Self::default();
        let mut patterns = HashSet::new();
        for (file, text) in &texts {
            for (name, steps) in text.scenarios() {
                let mut scenario =
                    Scenario { file: Arc::clone(file), name, clauses: Vec::with_capacity(steps.len()) };
                for step in steps {
                    let clause = scenario.next(step, text.line(step)).map_err(PolicyError::Step)?;
                    if let Step::Demand(Demand::Title(pattern)) = &clause.step {
                        patterns.insert(pattern.clone());
                    }
                    scenario.clauses.push(clause);
                }
                policies.scenarios.push(scenario);
            }
            if patterns.len() > MOST_PATTERNS {
                let what = "too many different patterns in the policies";
                return Err(PolicyError::TooLarge { file: file.to_string(), what, most: MOST_PATTERNS });
            }
        }
        Ok(policies)
    }

    /// Whether they say nothing about anything.
    pub fn is_empty(&self) -> bool {
        self.scenarios.is_empty()
    }
}
