//! What a repository's policies say of a change.
//!
//! Not here: what a single step means (`scene`), and how the files are read (`reading`).
//!
//! Invariants:
//! - A scenario that is about something else says nothing, whatever its other steps come to.
//! - After the first demand that is not met only what belongs to it counts: explanations, remarks, further conditions.

use super::context::Context;
use super::reading::{Clause, Keyword, Policies, Scenario};
use super::scene::{Outcome, Scene};
use super::verdict::{Guidance, Severity, Verdict, Violation, in_order};

/// How many refusals are kept. One is enough to refuse, and a person reads no more.
const MOST_VIOLATIONS: usize = 100;

/// What Kanbus says where an explanation follows nothing that can be explained.
const NOTHING_TO_EXPLAIN: &str = "orphan explain step: no previously emitted item to attach explanation";

impl Policies {
    /// What they say of a change that is about to be made. Kanbus asks only where
    /// [`Operation::is_enforced`](super::Operation::is_enforced).
    pub fn enforce(&self, context: &Context<'_>) -> Verdict {
        let scene = Scene::of_change(context);
        let mut verdict = Verdict::default();
        for scenario in &self.scenarios {
            match perform(scenario, &scene, Mode::Enforcing) {
                Ok(guidance) => verdict.guidance.extend(guidance),
                Err(violation) => verdict.violations.push(*violation),
            }
            if verdict.violations.len() >= MOST_VIOLATIONS {
                break;
            }
        }
        Verdict { guidance: in_order(verdict.guidance), ..verdict }
    }

    /// What they remark on an issue, once `context.operation` is done and `context.after` is what has come of it. Kanbus
    /// takes no account of what it was before: where a scenario asks for a move, it has nothing to say here.
    pub fn guide(&self, context: &Context<'_>) -> Vec<Guidance> {
        let scene = Scene::after(context);
        let performed = self.scenarios.iter().map(|scenario| perform(scenario, &scene, Mode::Guiding));
        in_order(performed.flat_map(|said| said.unwrap_or_else(|fault| vec![remark_on(*fault)])).collect())
    }
}

/// A fault of the policy itself, met where nothing can be refused any more.
fn remark_on(fault: Violation) -> Guidance {
    let Violation { file, line, scenario, step, message, .. } = fault;
    Guidance {
        severity: Severity::Warning,
        message: format!("Guidance policy error ({file} / Rule: {scenario}): {message}"),
        explanations: vec!["Run \"kbs policy validate\" to fix this policy definition.".to_owned()],
        file,
        line,
        scenario,
        step,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// What is not met refuses.
    Enforcing,
    /// What is not met is passed over.
    Guiding,
}

/// What an explanation is about.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// The remark at this place.
    Remark(usize),
    /// The refusal.
    Refusal,
    /// Something that is not said at all in this mode.
    Unsaid,
}

/// How a scenario goes on after a step.
enum Next {
    Step,
    End,
    /// The scenario is about something else.
    Nothing,
    /// The policy itself is at fault.
    Fault(&'static str),
}

/// A scenario under way.
struct Run<'a> {
    scenario: &'a Scenario,
    mode: Mode,
    guidance: Vec<Guidance>,
    failed: Option<(&'a Clause, String)>,
    explanations: Vec<String>,
    said: Option<Said>,
}

/// Goes through a scenario: its remarks, or its refusal.
fn perform(scenario: &Scenario, scene: &Scene<'_>, mode: Mode) -> Result<Vec<Guidance>, Box<Violation>> {
    let mut run =
        Run { scenario, mode, guidance: Vec::new(), failed: None, explanations: Vec::new(), said: None };
    for clause in &scenario.clauses {
        match run.take(clause, scene.outcome(&clause.step)) {
            Next::Step => {}
            Next::End => break,
            Next::Nothing => return Ok(Vec::new()),
            Next::Fault(message) => {
                let fault = scenario.violation(clause, message.to_owned());
                return Err(Box::new(Violation { guidance: in_order(run.guidance), ..fault }));
            }
        }
    }
    let Run { guidance, failed, explanations, .. } = run;
    match failed {
        None => Ok(guidance),
        Some((clause, message)) => Err(Box::new(Violation {
            explanations,
            guidance: in_order(guidance),
            ..scenario.violation(clause, message)
        })),
    }
}

impl<'a> Run<'a> {
    fn take(&mut self, clause: &'a Clause, outcome: Outcome<'_>) -> Next {
        match outcome {
            Outcome::Elsewhere if clause.keyword != Keyword::Then => return Next::Nothing,
            Outcome::Holds | Outcome::Elsewhere => {
                if self.failed.is_some() && clause.keyword == Keyword::Then {
                    return Next::End;
                }
                self.said = None;
            }
            Outcome::Warns(words) => self.remark(clause, Severity::Warning, words),
            Outcome::Suggests(words) => self.remark(clause, Severity::Suggestion, words),
            Outcome::Explains(words) => match self.said {
                None => return Next::Fault(NOTHING_TO_EXPLAIN),
                Some(Said::Unsaid) => {}
                Some(Said::Refusal) => self.explanations.push(words.to_owned()),
                Some(Said::Remark(index)) => {
                    if let Some(remark) = self.guidance.get_mut(index) {
                        remark.explanations.push(words.to_owned());
                    }
                }
            },
            Outcome::Fails(_) if self.mode == Mode::Guiding => self.said = Some(Said::Unsaid),
            Outcome::Fails(_) if self.failed.is_some() => return Next::End,
            Outcome::Fails(message) => {
                self.failed = Some((clause, message));
                self.said = Some(Said::Refusal);
            }
        }
        Next::Step
    }

    fn remark(&mut self, clause: &Clause, severity: Severity, words: &str) {
        self.said = Some(Said::Remark(self.guidance.len()));
        self.guidance.push(Guidance {
            severity,
            message: words.to_owned(),
            explanations: Vec::new(),
            file: self.scenario.file.to_string(),
            line: clause.line,
            scenario: self.scenario.name.clone(),
            step: clause.said(),
        });
    }
}
