//! The steps of one command: names, times and faults, and the table at the end.
//!
//! Not here: what a step does.
//!
//! Invariant: a command whose table shows a fault ends in an error.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::say;

#[derive(Debug)]
struct Done {
    name: String,
    took: Duration,
    failed: bool,
}

/// What has been done so far.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
}

impl Steps {
    /// A step without which the rest makes no sense.
    pub(crate) fn must(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.measure(name, work)
    }

    /// A step whose fault is remembered while the others go on, so that one run shows all faults.
    pub(crate) fn should(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        if let Err(fault) = self.measure(name, work) {
            say::note(&format!("{fault:#}"));
        }
    }

    /// The table, and the verdict.
    pub(crate) fn finish(self, outcome: Result<()>) -> Result<()> {
        say::line("");
        for done in &self.done {
            let mark = if done.failed { "FAILED" } else { "ok" };
            say::line(&format!("{mark:>6}  {:>8}  {}", say::duration(done.took), done.name));
        }
        let total = self.done.iter().map(|done| done.took).sum();
        say::line(&format!("{:>6}  {:>8}  in all", "", say::duration(total)));
        outcome?;
        let failed: Vec<_> =
            self.done.iter().filter(|done| done.failed).map(|done| done.name.as_str()).collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }

    fn measure(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        say::step(name);
        let begun = Instant::now();
        let outcome = work();
        self.done.push(Done { name: name.to_owned(), took: begun.elapsed(), failed: outcome.is_err() });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_on_the_way_is_a_fault_at_the_end() {
        let mut steps = Steps::default();
        steps.should("first", || bail!("broken"));
        steps.should("second", || Ok(()));
        let fault = steps.finish(Ok(())).unwrap_err();
        assert_eq!(fault.to_string(), "failed: first");
    }
}
