//! `hearsay`, the desktop door.
//!
//! Not here: anything that decides. The shell composes: a window, the bridge from the feed to it, and the few
//! questions that a page may ask.
// A windowed program on Windows brings no console with it.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod args;
mod bridge;
mod commands;
mod recent;
mod windows;

use std::process::ExitCode;

use clap::Parser;
use tauri::Manager;

use crate::args::Args;
use crate::recent::Recent;
use crate::windows::Windows;

fn main() -> ExitCode {
    let args = Args::parse();
    start_log();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> anyhow::Result<()> {
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(Windows::new(args.keeping(), args.path))
        .setup(|app| {
            let directory = app.path().app_data_dir()?;
            app.manage(Recent::new(directory));
            Ok(())
        })
        .on_window_event(|window, event| {
            if let tauri::WindowEvent::Destroyed = event {
                window.state::<Windows>().close(window.label());
            }
        })
        .invoke_handler(tauri::generate_handler![
            commands::command,
            commands::current_repository,
            commands::issue_detail,
            commands::issue_events,
            commands::open_external,
            commands::open_repository,
            commands::pick_repository,
            commands::recent_repositories,
            commands::subscribe,
        ])
        .run(tauri::generate_context!())?;
    Ok(())
}

/// The log goes to standard error; `HEARSAY_LOG` says how much of it, as `RUST_LOG` does elsewhere.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HEARSAY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
