//! A process whose mounts nobody else sees: promises about full and read-only disks run again in one.

use std::process::Command;

use hearsay_tests::peers;

/// Says that this is a process with mounts of its own.
const OWN_MOUNTS: &str = "HEARSAY_TEST_HAS_OWN_MOUNTS";

/// The ways to get mounts of one's own: as a user who may, and as root.
const WAYS: [&[&str]; 2] = [&["--user", "--map-root-user", "--mount"], &["--mount"]];

/// Runs the promise again, `module::name`, where it may mount what it likes, and nobody else sees it. Answers whether
/// this is that run.
pub(crate) fn has_own_mounts(promise: &str) -> bool {
    if std::env::var_os(OWN_MOUNTS).is_some() {
        return true;
    }
    let Some(unshare) = peers::program("unshare", "util-linux") else { return false };
    let mut why = String::new();
    for way in WAYS {
        let can = Command::new(&unshare).args(way).args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
        let can = can.expect("it is there");
        if can.status.success() {
            let mut again = Command::new(&unshare);
            again.args(way).arg(std::env::current_exe().expect("this program has a path"));
            again.args([promise, "--exact", "--nocapture"]).env(OWN_MOUNTS, "1");
            assert!(again.status().expect("it starts").success(), "{promise} fails where it may mount");
            return false;
        }
        why = String::from_utf8_lossy(&can.stderr).trim().to_owned();
    }
    peers::not_run::<()>(&format!("leave to mount a disk ({why})"));
    false
}

/// Mounts something.
pub(crate) fn mount(arguments: &[&str]) {
    let output = Command::new("mount").args(arguments).output().expect("mount is installed");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
