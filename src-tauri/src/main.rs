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
mod following;
mod launch;
mod lifetime;
mod log;
mod notify;
mod on_screen;
mod opening;
mod places;
mod recent;
mod show;
mod tray;
mod update;
mod windows;
mod wishes;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use tauri::Manager;
use tauri_plugin_window_state::StateFlags;

use crate::args::Args;
use crate::crash::Crashes;
use crate::log::Log;
use crate::notify::Notifications;
use crate::places::Places;
use crate::recent::Recent;
use crate::tray::Tray;
use crate::windows::{FIRST, Windows};
use crate::wishes::Wishes;

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
        .plugin(tauri_plugin_autostart::Builder::new().arg("--background").build())
        .plugin(tauri_plugin_window_state::Builder::new().with_state_flags(remembered()).build())
        .manage(windows)
        .manage(log)
        .manage(Wishes::default())
        .manage(Tray::default())
        .setup(move |app| {
            let directory = app.path().app_data_dir()?;
            app.manage(Recent::new(directory));
            let handle = app.handle().clone();
            app.manage(Notifications::start(app.handle(), move |click| launch::clicked(&handle, &click)));
            update::begin(app.handle())?;
            lifetime::start(app.handle(), args.background);
            Ok(())
        })
        .on_window_event(|window, event| match event {
            tauri::WindowEvent::Focused(false) => window.state::<Windows>().turned_away(window.label()),
            tauri::WindowEvent::Destroyed => {
                let stays = lifetime::stays(window.app_handle());
                window.state::<Windows>().close(window.label(), stays);
            }
            tauri::WindowEvent::Focused(true) => window.state::<Windows>().turned_to(window.label()),
            _ => {}
        })
        .invoke_handler(tauri::generate_handler![
            commands::command,
            commands::decline_opening,
            commands::inbox,
            commands::issue_detail,
            commands::issue_events,
            commands::issue_to_show,
            commands::looking,
            commands::make_document,
            commands::open_external,
            commands::open_repository,
            commands::opening_question,
            commands::pick_repository,
            commands::recent_repositories,
            commands::render,
            commands::set_start_at_login,
            commands::subscribe,
            commands::try_rules,
            commands::view_to_show,
            notify::trial::test_notification,
            crash::crash_report,
            crash::dismiss_crash_report,
            desktop_state::desktop_state,
            desktop_state::open_logs,
            diagnostics::diagnostics,
            update::check_for_update,
            update::install_update,
        ])
        .build(tauri::generate_context!())?
        .run(lifetime::heard);
    Ok(())
}

/// What of a window comes back as the person left it. Whether it shows is decided anew.
fn remembered() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED
}
