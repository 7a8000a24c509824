//! `hear trust`: what a repository asks for, and the person's word on it.

use std::io::Write;
use std::time::SystemTime;

use hearsay_live::wire::{AskKind, Trust};
use hearsay_live::{Surroundings, Upkeep, legible};

use crate::args::TrustArgs;

pub(crate) fn run(args: &TrustArgs) -> anyhow::Result<()> {
    let upkeep = Upkeep::of(&args.path, SystemTime::now, Surroundings::of(std::env::vars_os()))?;
    if args.revoke {
        upkeep.distrust()?;
    } else if !args.show
        && let Some(asks) = upkeep.asks().filter(|asks| !asks.trusted)
    {
        upkeep.trust(&asks)?;
    }
    let asks = upkeep.asks();
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &asks)?;
        writeln!(out)?;
        return Ok(());
    }
    let Some(asks) = asks else {
        writeln!(out, "{} asks for nothing that needs trust", root(&upkeep))?;
        return Ok(());
    };
    print(&mut out, &asks)?;
    let verdict = match (asks.trusted, args.revoke) {
        (true, _) => "is trusted with exactly this",
        (false, true) => "is no longer trusted with this",
        (false, false) => "is not trusted with this",
    };
    writeln!(out, "{} {verdict}", root(&upkeep))?;
    Ok(())
}

fn print(out: &mut impl Write, asks: &Trust) -> std::io::Result<()> {
    let mut last = None;
    for ask in &asks.asks {
        if last != Some(ask.kind) {
            writeln!(out, "{}", heading(ask.kind))?;
            last = Some(ask.kind);
        }
        writeln!(out, "  {}  ({})", ask.what, ask.from)?;
    }
    Ok(())
}

fn heading(kind: AskKind) -> &'static str {
    match kind {
        AskKind::Broker => "to contact a broker:",
        AskKind::Socket => "to use a socket of its own:",
        AskKind::Autostart => "to start a broker on this machine:",
        AskKind::Credentials => "to sign in with:",
        AskKind::Topic => "to use a topic of its own:",
        AskKind::BlockingHook => "to run before a change, and refuse it:",
        AskKind::Hook => "to run with a change:",
    }
}

fn root(upkeep: &Upkeep) -> String {
    legible(&upkeep.root().to_string_lossy())
}
