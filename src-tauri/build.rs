//! Tells Tauri which commands there are, so that a window may call none that its capability does not list.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let commands = tauri_build::AppManifest::new().commands(&[
        "check_for_update",
        "command",
        "crash_report",
        "decline_opening",
        "desktop_state",
        "diagnostics",
        "dismiss_crash_report",
        "inbox",
        "install_update",
        "issue_detail",
        "issue_events",
        "issue_to_show",
        "looking",
        "make_document",
        "open_external",
        "open_logs",
        "open_repository",
        "opening_question",
        "pick_repository",
        "recent_repositories",
        "render",
        "set_start_at_login",
        "subscribe",
        "test_notification",
        "try_rules",
        "view_to_show",
    ]);
    Ok(tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?)
}
