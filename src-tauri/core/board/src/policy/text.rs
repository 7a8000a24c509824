//! A policy file as text: what the `gherkin` crate makes of it, as it does for Kanbus.
//!
//! Not here: what the steps are (`reading`).
//!
//! Invariants:
//! - What is given to the parser is bounded: it takes time by the square of the lines, and of a run of blanks.

use gherkin::{Feature, GherkinEnv, ParseError, Scenario, Step};

use super::reading::{PolicyError, Source};

/// How many bytes the files of a repository may have, all together.
const MOST_BYTES: usize = 2 << 20;

/// How many lines they may have.
const MOST_LINES: usize = 100_000;

/// How many blanks may stand side by side.
const MOST_BLANKS: usize = 256;

/// How far the parser looks ahead for a keyword, in bytes. It says that it stopped behind what it looked at.
const LOOK_AHEAD: usize = 64;

/// Of how many lines it is tried whether they are the one at fault.
const MOST_TRIES: usize = 4;

/// What may still be read.
#[derive(Debug)]
pub(super) struct Room {
    bytes: usize,
    lines: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { bytes: MOST_BYTES, lines: MOST_LINES }
    }
}

impl Room {
    /// Takes the room that `source` needs.
    fn take(&mut self, source: Source<'_>) -> Result<(), PolicyError> {
        let full = |what, most| PolicyError::TooLarge { file: source.name.to_owned(), what, most };
        let lines = source.bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
        let mut between_blanks = source.bytes.split(|byte| !matches!(byte, b' ' | b'\t'));
        self.bytes = self
            .bytes
            .checked_sub(source.bytes.len())
            .ok_or_else(|| full("too many bytes in the policies", MOST_BYTES))?;
        self.lines = self
            .lines
            .checked_sub(lines)
            .ok_or_else(|| full("too many lines in the policies", MOST_LINES))?;
        if between_blanks.any(|run| run.len() > MOST_BLANKS) {
            return Err(full("too many blanks side by side", MOST_BLANKS));
        }
        Ok(())
    }
}

/// A file that is Gherkin.
#[derive(Debug)]
pub(super) struct Text {
    feature: Feature,
    lines: Lines,
}

impl Text {
    /// Parses `source`, for which `room` must have room.
    pub(super) fn parse(source: Source<'_>, room: &mut Room) -> Result<Self, PolicyError> {
        room.take(source)?;
        let file = || source.name.to_owned();
        let text = std::str::from_utf8(source.bytes)
            .map_err(|source| PolicyError::NotText { file: file(), source })?;
        let lines = Lines::of(text);
        match parse(text) {
            Ok(feature) => Ok(Self { feature, lines }),
            Err(source) => {
                Err(PolicyError::Syntax { file: file(), line: lines.at_fault(text, &source), source })
            }
        }
    }

    /// The scenarios with their names and steps: those of no rule first, as they come first in the file. Backgrounds,
    /// examples and tags are nothing to Kanbus.
    pub(super) fn scenarios(&self) -> impl Iterator<Item = (String, &[Step])> {
        let top = self.feature.scenarios.iter().map(|scenario| (scenario.name.clone(), &*scenario.steps));
        let nested = self.feature.rules.iter().flat_map(|rule| {
            let name = |scenario: &Scenario| format!("{} / {}", rule.name, scenario.name);
            rule.scenarios.iter().map(move |scenario| (name(scenario), &*scenario.steps))
        });
        top.chain(nested)
    }

    /// The line, from 1, on which `step` stands.
    pub(super) fn line(&self, step: &Step) -> u32 {
        self.lines.number(step.span.start)
    }
}

fn parse(text: &str) -> Result<Feature, ParseError> {
    Feature::parse(text, GherkinEnv::default())
}

/// Where each line begins.
#[derive(Debug)]
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        // What follows the last break is no line unless there is something.
        Self(std::iter::once(0).chain(breaks.filter(|at| *at < text.len())).collect())
    }

    /// The line, from 1, in which `offset` lies.
    fn number(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// The line, from 1, that keeps `text` from being Gherkin: the one up to which it is, where it is found near to where
    /// the parser stopped.
    fn at_fault(&self, text: &str, error: &ParseError) -> u32 {
        let stopped = stopped_in(error).clamp(1, self.0.len());
        let end = self.0.get(stopped - 1).map_or(0, |start| start.saturating_sub(LOOK_AHEAD));
        let near = self.0.iter().take(stopped).rev().copied().take_while(|start| *start >= end);
        let has_words = |start: &usize| {
            text.get(*start..)
                .and_then(|rest| rest.lines().next())
                .is_some_and(|line| !line.trim().is_empty())
        };
        let is_gherkin = |start: &usize| text.get(..*start).is_some_and(|above| parse(above).is_ok());
        match near.filter(has_words).take(MOST_TRIES).find(is_gherkin) {
            Some(start) => self.number(start),
            None => u32::try_from(stopped).unwrap_or(u32::MAX),
        }
    }
}

/// The line, from 1, in which the parser stopped. It tells that only in words: `Error at 3:7: …`.
fn stopped_in(error: &ParseError) -> usize {
    let words = error.to_string();
    let digits = words.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
}
