//! Tells Tauri which commands there are, so that a window may call none that its capability does not list.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let commands = tauri_build::AppManifest::new().commands(&[
        "command",
        "current_repository",
        "issue_detail",
        "issue_events",
        "open_external",
        "open_repository",
        "pick_repository",
        "recent_repositories",
        "subscribe",
    ]);
    Ok(tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?)
}
