//! Mosquitto, started as Kanbus's autostart does: its configuration and log in the run directory, one listener on this
//! machine, nothing kept.
//!
//! Not here: whether it is started at all (`autostart`).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::run_dir::{self, RunDirError};

pub(super) const KIND: &str = "mosquitto";
const CONFIG: &str = "mosquitto.conf";
const LOG: &str = "mosquitto.log";
/// Larger packets end their connection: an envelope, a topic, and some more.
const LARGEST_PACKET: usize = 2 << 20;

/// Mosquitto on `path`, which is a `PATH`.
pub(super) fn on_path(path: &OsStr) -> Option<PathBuf> {
    let name = if cfg!(windows) { "mosquitto.exe" } else { "mosquitto" };
    // A relative entry would start what lies in the directory that we happen to be in.
    let entries = std::env::split_paths(path).filter(|entry| entry.is_absolute());
    entries.map(|entry| entry.join(name)).find(|program| is_program(program))
}

fn is_program(path: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    metadata.is_file() && may_run
}

/// Starts what it is called with, and ends it when standard input does: Mosquitto itself would never know that we are
/// gone. The process remains the one that was started, so that it can be waited for and ended as any other.
#[cfg(unix)]
const GUARD: &str = r#"exec 3<&0 </dev/null
(while read -r _; do :; done <&3; kill "$$") &
exec 3<&-
exec "$0" "$@""#;

/// The command that starts `program` as `config` has it. Unless `keepalive` it ends with us, however we end.
pub(super) fn command(program: &Path, config: &Path, keepalive: bool) -> Command {
    #[cfg(unix)]
    let mut command = if keepalive {
        Command::new(program)
    } else {
        let mut guarded = Command::new("/bin/sh");
        guarded.args(["-c", GUARD]).arg(program);
        guarded
    };
    #[cfg(not(unix))]
    let mut command = {
        // It ends with us where we end in an orderly way, and no other.
        let _ = keepalive;
        Command::new(program)
    };
    command.arg("-c").arg(config);
    command
}

/// Writes the configuration for `port`; answers where it and the log are.
pub(super) fn configure(port: u16, run_dir: &Path) -> Result<(PathBuf, PathBuf), RunDirError> {
    let (config, log) = (run_dir.join(CONFIG), run_dir.join(LOG));
    // Without `set_tcp_nodelay`, small messages wait up to 40 ms for those before them.
    let mut lines = format!(
        "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n\
         max_packet_size {LARGEST_PACKET}\n"
    );
    // A path with a line break would be a setting of its own.
    match log.to_str().filter(|log| !log.contains(char::is_control)) {
        Some(log) => lines.push_str(&format!("log_dest file {log}\n")),
        None => lines.push_str("log_dest none\n"),
    }
    run_dir::write(run_dir, CONFIG, &lines)?;
    Ok((config, log))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_a_program_on_an_absolute_path_is_mosquitto() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let (plain, real) = (directory.path().join("plain"), directory.path().join("real"));
        for (directory, mode) in [(&plain, 0o644), (&real, 0o755)] {
            std::fs::create_dir(directory).unwrap();
            let program = directory.join("mosquitto");
            std::fs::write(&program, "").unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = std::env::join_paths([Path::new("."), &plain, &real]).unwrap();
        assert_eq!(on_path(&path), Some(real.join("mosquitto")));
        assert_eq!(on_path(OsStr::new("")), None);
    }

    #[test]
    fn a_line_break_in_a_path_is_no_setting() {
        let directory = tempfile::tempdir().unwrap();
        let run_dir = directory.path().join("run\nlistener 1 0.0.0.0");
        configure(1883, &run_dir).unwrap();
        let text = std::fs::read_to_string(run_dir.join(CONFIG)).unwrap();
        assert!(!text.contains("0.0.0.0"), "{text}");
    }
}
