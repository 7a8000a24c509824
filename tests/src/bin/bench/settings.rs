//! What the benchmark is asked for.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: bench [--sizes 1000,10000,100000] [--json FILE] [--idle SECONDS] [--writes N] [--heard N] \
     [--flood N] [--only desktop|gossip|answering] [--from PROJECT]";

/// A part that can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// What becomes of what is heard.
    Gossip,
    /// What becomes of commands.
    Answering,
    /// The window, the tray, banners and the package.
    Desktop,
}

/// What to measure, and where to put it.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Numbers of issues.
    pub(crate) sizes: Vec<usize>,
    /// A file for the figures as JSON.
    pub(crate) json: Option<PathBuf>,
    /// Seconds to be idle at each size.
    pub(crate) idle: u64,
    /// Writes of each kind at each size.
    pub(crate) writes: usize,
    /// Envelopes heard one by one, on each way, at each size.
    pub(crate) heard: usize,
    /// Envelopes said as fast as they are taken, about few issues and about many, at each size.
    pub(crate) flood: usize,
    /// What alone is measured, where not everything is.
    pub(crate) only: Option<Part>,
    /// The project to grow from, a directory or a `.tar.gz`.
    pub(crate) from: Option<PathBuf>,
}

impl Settings {
    /// Whether `part` is measured; `None` for what cannot be measured alone.
    pub(crate) fn wants(&self, part: Option<Part>) -> bool {
        self.only.is_none() || self.only == part
    }

    pub(crate) fn from_arguments(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut settings = Self {
            sizes: vec![1_000, 10_000, 100_000],
            json: None,
            idle: 60,
            writes: 300,
            heard: 1_000,
            flood: 30_000,
            only: None,
            from: None,
        };
        let mut arguments = arguments;
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{name} wants a value\n{USAGE}"));
            match name.as_str() {
                "--sizes" => {
                    let sizes = value()?.split(',').map(|size| size.trim().parse()).collect::<Result<_, _>>();
                    settings.sizes = sizes.context("--sizes wants numbers with commas between them")?;
                }
                "--json" => settings.json = Some(value()?.into()),
                "--idle" => settings.idle = value()?.parse().context("--idle wants seconds")?,
                "--writes" => settings.writes = value()?.parse().context("--writes wants a number")?,
                "--heard" => settings.heard = value()?.parse().context("--heard wants a number")?,
                "--flood" => settings.flood = value()?.parse().context("--flood wants a number")?,
                "--only" => match value()?.as_str() {
                    "gossip" => settings.only = Some(Part::Gossip),
                    "answering" => settings.only = Some(Part::Answering),
                    "desktop" => settings.only = Some(Part::Desktop),
                    other => bail!("--only knows desktop, gossip and answering, not {other}\n{USAGE}"),
                },
                "--from" => settings.from = Some(value()?.into()),
                _ => bail!("{name} is not understood\n{USAGE}"),
            }
        }
        Ok(settings)
    }
}
