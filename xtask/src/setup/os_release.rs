//! Which distribution this is, read from `/etc/os-release`.
//!
//! Not here: what to install on it.
//!
//! Invariant: an unknown or unreadable file is `Other`, never an error: a build may work all the same.

use std::fs;

/// Systems whose package names we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Debian,
    Ubuntu,
    Fedora,
    Arch,
    MacOs,
    Windows,
    Other,
}

impl System {
    /// The system we run on.
    pub(crate) fn here() -> Self {
        match std::env::consts::OS {
            "macos" => Self::MacOs,
            "windows" => Self::Windows,
            "linux" => fs::read_to_string("/etc/os-release").map_or(Self::Other, |text| Self::parse(&text)),
            _ => Self::Other,
        }
    }

    /// Reads the text of an os-release file; derivatives count as what they are like.
    pub(crate) fn parse(text: &str) -> Self {
        let id = field(text, "ID");
        let like = field(text, "ID_LIKE");
        let names = id.split_whitespace().chain(like.split_whitespace());
        for name in names {
            match name {
                "ubuntu" => return Self::Ubuntu,
                "debian" => return Self::Debian,
                "fedora" | "rhel" | "centos" => return Self::Fedora,
                "arch" => return Self::Arch,
                _ => {}
            }
        }
        Self::Other
    }
}

/// The value of a field, without its quotes, lower case; empty if it is not there.
fn field(text: &str, name: &str) -> String {
    text.lines()
        .filter_map(|line| line.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_lowercase())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_is_known_by_its_id() {
        assert_eq!(
            System::parse("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n"),
            System::Debian
        );
    }

    #[test]
    fn a_derivative_counts_as_what_it_is_like() {
        assert_eq!(System::parse("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), System::Ubuntu);
        assert_eq!(System::parse("ID=raspbian\nID_LIKE=debian\n"), System::Debian);
        assert_eq!(System::parse("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), System::Fedora);
        assert_eq!(System::parse("ID=manjaro\nID_LIKE=arch\n"), System::Arch);
    }

    #[test]
    fn the_own_name_beats_the_likeness() {
        assert_eq!(System::parse("ID_LIKE=debian\nID=ubuntu\n"), System::Ubuntu);
    }

    #[test]
    fn an_unknown_system_is_other() {
        assert_eq!(System::parse("ID=plan9\n"), System::Other);
        assert_eq!(System::parse("what is this"), System::Other);
        assert_eq!(System::parse(""), System::Other);
    }
}
