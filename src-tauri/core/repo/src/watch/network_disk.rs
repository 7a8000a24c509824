//! Disks on which the system tells only what this machine changes.

use std::path::Path;

/// The kind of network disk that `path` is on, if it is one.
#[cfg(target_os = "linux")]
pub(super) fn network_disk(path: &Path) -> Option<&'static str> {
    // Magic numbers of statfs(2).
    match rustix::fs::statfs(path).ok()?.f_type as u64 & 0xffff_ffff {
        0x6969 => Some("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("SMB"),
        0x0102_1997 => Some("9P"),
        0x786f_4256 => Some("a shared folder of VirtualBox"),
        _ => None,
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn network_disk(_: &Path) -> Option<&'static str> {
    None
}
