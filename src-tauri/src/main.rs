//! `hearsay`, the desktop door.
//!
//! Not here: anything that decides. The shell composes: a window, the bridge from the feed to it, and the few
//! questions that a page may ask.
// A windowed program on Windows brings no console with it.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod args;
mod bridge;
mod commands;
mod crash;
mod desktop_state;
mod diagnostics;
mod launch;
mod log;
mod notify;
mod opening;
mod places;
mod recent;
mod windows;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use tauri::Manager;

use crate::args::Args;
use crate::crash::Crashes;
use crate::log::Log;
use crate::notify::Notifications;
use crate::places::Places;
use crate::recent::Recent;
use crate::windows::{FIRST, Windows};

fn main() -> ExitCode {
    let args = Args::parse();
    let places = Places::of_the_person();
    let log = log::start(places.logs);
    let crashes = Crashes::of(places.crashes);
    crashes.watch(log.clone());
    hearsay_live::allow_many_files();
    match run(args, log, crashes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args, log: Log, crashes: Crashes) -> anyhow::Result<()> {
    let windows = Windows::new(args.keeping());
    if let Some(asked) = launch::asked(&args, &std::env::current_dir()?) {
        windows.ask(FIRST, asked);
    }
    let builder = tauri::Builder::default();
    // Only where it shows the banners: it puts a script into every page.
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    let builder = builder.plugin(tauri_plugin_notification::init());
    builder
        // First of all, because a second process ends here.
        .plugin(tauri_plugin_single_instance::init(|app, words, directory| {
            launch::again(app, &words, Path::new(&directory));
        }))
        .plugin(crash::plugin(crashes))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(windows)
        .manage(log)
        .setup(|app| {
            let directory = app.path().app_data_dir()?;
            app.manage(Recent::new(directory));
            let handle = app.handle().clone();
            app.manage(Notifications::start(app.handle(), move |click| launch::clicked(&handle, click)));
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
            commands::decline_opening,
            commands::inbox,
            commands::issue_detail,
            commands::issue_events,
            commands::issue_to_show,
            commands::looking,
            commands::open_external,
            commands::open_repository,
            commands::opening_question,
            commands::pick_repository,
            commands::recent_repositories,
            commands::render,
            commands::subscribe,
            commands::try_rules,
            notify::trial::test_notification,
            crash::crash_report,
            crash::dismiss_crash_report,
            desktop_state::desktop_state,
            desktop_state::open_logs,
            diagnostics::diagnostics,
        ])
        .build(tauri::generate_context!())?
        .run(opened);
    Ok(())
}

/// macOS tells a running app what it is to open; elsewhere it is started again with that as a word.
#[cfg(target_os = "macos")]
fn opened(app: &tauri::AppHandle, event: tauri::RunEvent) {
    if let tauri::RunEvent::Opened { urls } = event {
        for url in urls {
            launch::open_url(app, &url);
        }
    }
}

#[cfg(not(target_os = "macos"))]
fn opened(_: &tauri::AppHandle, _: tauri::RunEvent) {}
