//! Where the system itself shows banners and icons and keeps passwords: macOS and Windows. What the person allows is
//! theirs to look up: the systems tell only a program that asks for it.

use super::{Part, PartState, Session};
use crate::Surroundings;

pub(super) fn look(_: &Surroundings) -> Session {
    if cfg!(target_os = "macos") {
        let hint = "allow Hearsay in System Settings, Notifications";
        return Session {
            keyring: Part::new(PartState::Ready, "passwords of brokers are kept in your keychain"),
            notifications: Part::new(PartState::Unknown, "macOS shows banners where you allow it")
                .with_hint(hint),
            tray: Part::new(PartState::Ready, "the icon stands in the menu bar"),
        };
    }
    if cfg!(windows) {
        let hint = "allow Hearsay in Settings, System, Notifications";
        return Session {
            keyring: Part::new(PartState::Ready, "passwords of brokers are kept by the Credential Manager"),
            notifications: Part::new(PartState::Unknown, "Windows shows banners where you allow it")
                .with_hint(hint),
            tray: Part::new(PartState::Ready, "the icon stands in the notification area"),
        };
    }
    let unknown = || Part::new(PartState::Unknown, "Hearsay cannot tell on this system");
    Session { keyring: unknown(), notifications: unknown(), tray: unknown() }
}
