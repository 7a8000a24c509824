//! The figures of one size: a table for people, JSON for programs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Figures of a project with `size` issues, in the order they came.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) size: usize,
    figures: Vec<(String, &'static str, f64)>,
}

impl Report {
    pub(crate) fn new(size: usize) -> Self {
        Self { size, figures: Vec::new() }
    }

    pub(crate) fn put(&mut self, what: impl Into<String>, unit: &'static str, figure: f64) {
        self.figures.push((what.into(), unit, figure));
    }

    /// The median of `times`, in milliseconds, with the quickest and the slowest behind it.
    pub(crate) fn put_median(&mut self, what: &str, times: &mut [Duration]) {
        times.sort();
        self.put(format!("{what}, median of {}", times.len()), "ms", millis(at(times, 50)));
        self.put(format!("{what}, best"), "ms", millis(at(times, 0)));
    }

    /// The middle and the end of the distribution of `times`.
    pub(crate) fn put_spread(&mut self, what: &str, times: &mut [Duration]) {
        times.sort();
        for (name, percent) in [("p50", 50), ("p99", 99), ("worst", 100)] {
            self.put(format!("{what}, {name}"), "ms", millis(at(times, percent)));
        }
    }

    /// How many times as long `times` are as `bare` ones, in the middle and at the end of both distributions.
    pub(crate) fn put_ratio(&mut self, what: &str, times: &mut [Duration], bare: &mut [Duration]) {
        times.sort();
        bare.sort();
        for (name, percent) in [("p50", 50), ("p99", 99)] {
            let ratio = at(times, percent).as_secs_f64() / at(bare, percent).as_secs_f64();
            self.put(format!("{what}, {name}"), "times", ratio);
        }
    }

    /// How many times as long the median of `times` is as that of `bare`.
    pub(crate) fn put_middle_ratio(&mut self, what: &str, times: &mut [Duration], bare: &mut [Duration]) {
        times.sort();
        bare.sort();
        self.put(what, "times", at(times, 50).as_secs_f64() / at(bare, 50).as_secs_f64());
    }

    pub(crate) fn print(&self) {
        println!("\n{} issues", self.size);
        for (what, unit, figure) in &self.figures {
            let digits = if *unit == "bytes" { 0 } else { 3 };
            println!("  {what:<58} {figure:>14.digits$} {unit}");
        }
    }
}

/// The value below which `percent` of the sorted `times` lie.
fn at(times: &[Duration], percent: usize) -> Duration {
    let last = times.len().saturating_sub(1);
    times.get((last * percent).div_ceil(100)).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Writes all figures to `path` as JSON.
pub(crate) fn write(path: &Path, reports: &[Report]) -> Result<()> {
    let figure =
        |(what, unit, figure): &(String, &str, f64)| json!({"what": what, "unit": unit, "figure": figure});
    let report = |report: &Report| json!({"issues": report.size, "figures": report.figures.iter().map(figure).collect::<Vec<Value>>()});
    let all: Vec<Value> = reports.iter().map(report).collect();
    let text = serde_json::to_string_pretty(&all)?;
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
