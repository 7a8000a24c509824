//! Where the app keeps what is its own, known before there is an app: the directories that Tauri names as well.
//!
//! Not here: the person's settings and trust (`hearsay_live::Surroundings`).

use std::path::PathBuf;

/// The app's name among the person's directories, as in `tauri.conf.json`.
const IDENTIFIER: &str = "dev.hearsay.app";

/// The app's directories; nothing where the person has no home.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// For the log.
    pub(crate) logs: Option<PathBuf>,
    /// For reports of crashes.
    pub(crate) crashes: Option<PathBuf>,
}

impl Places {
    pub(crate) fn of_the_person() -> Self {
        let logs = if cfg!(target_os = "macos") {
            dirs::home_dir().map(|home| home.join("Library/Logs").join(IDENTIFIER))
        } else {
            dirs::data_local_dir().map(|data| data.join(IDENTIFIER).join("logs"))
        };
        let crashes = dirs::data_dir().map(|data| data.join(IDENTIFIER).join("crash"));
        Self { logs, crashes }
    }
}

/// Makes `directory` and what it lies in, for the person alone.
pub(crate) fn make(directory: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directories_are_those_that_tauri_names() {
        let config: serde_json::Value = serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        assert_eq!(config["identifier"], IDENTIFIER);
        assert!(config.get("appDirectories").is_none());
    }
}
