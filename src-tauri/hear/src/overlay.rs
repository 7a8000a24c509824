//! `hear overlay`: sweeping what is heard, side by side with Kanbus's own commands.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use hearsay_live::{Hooks, Surroundings, Swept, Upkeep};
use serde_json::json;

use crate::args::OverlayCommand;

pub(crate) fn run(command: &OverlayCommand) -> anyhow::Result<()> {
    match command {
        OverlayCommand::Gc(args) => tell(open(&args.path)?.collect(), args.json, false),
        OverlayCommand::Reconcile(args) => {
            let swept = open(&args.sweep.path)?.reconcile(args.prune, args.dry_run);
            tell(swept, args.sweep.json, args.dry_run)
        }
        OverlayCommand::InstallHooks(args) => tell_hooks(&open(&args.path)?.install_hooks()?, args.json),
    }
}

fn open(path: &Path) -> anyhow::Result<Upkeep> {
    Ok(Upkeep::of(path, SystemTime::now, Surroundings::of(std::env::vars_os()))?)
}

fn tell_hooks(hooks: &Hooks, as_json: bool) -> anyhow::Result<()> {
    let Hooks { directory, written, left } = hooks;
    let mut out = std::io::stdout().lock();
    if as_json {
        let left: Vec<_> = left.iter().map(|(hook, why)| json!({"hook": hook, "why": why})).collect();
        writeln!(out, "{}", json!({"directory": directory, "written": written, "left": left}))?;
        return Ok(());
    }
    let shown = directory.display();
    if !written.is_empty() {
        writeln!(out, "{} in {shown} sweep the overlay", written.join(", "))?;
    } else if left.is_empty() {
        writeln!(out, "the hooks in {shown} sweep the overlay already")?;
    } else {
        writeln!(out, "the other hooks in {shown} sweep the overlay already")?;
    }
    for (hook, why) in left {
        writeln!(out, "{hook} is left alone: {why}")?;
    }
    Ok(())
}

fn tell(swept: Swept, as_json: bool, dry_run: bool) -> anyhow::Result<()> {
    let Swept { kept, removed, unreadable, rewritten } = swept;
    let mut out = std::io::stdout().lock();
    if as_json {
        let swept = json!({
            "dry_run": dry_run, "kept": kept, "removed": removed, "rewritten": rewritten, "unreadable": unreadable,
        });
        writeln!(out, "{swept}")?;
    } else {
        let would = if dry_run { "would be " } else { "" };
        writeln!(
            out,
            "{removed} {would}removed, {unreadable} unreadable {would}removed, {rewritten} {would}rewritten, {kept} kept"
        )?;
    }
    Ok(())
}
