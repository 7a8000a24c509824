//! What of attention is shown: the counts of the inbox, the settings, how it stands for a tray.
//!
//! Not here: when (`driver`).

use std::time::SystemTime;

use super::Standing;
use super::driver::Driver;
use super::hour::timestamp;
use crate::live_units::LiveUnit;
use crate::owner::Input;
use crate::wire::{InboxUnit, SettingsUnit};
use crate::workspace::rfc3339;

/// How many items a tray shows.
const TOP: usize = 5;

impl Driver {
    pub(super) fn show_settings(&mut self) {
        let unit = SettingsUnit {
            me: self.names(),
            path: self.settings.path().map(|path| path.to_string_lossy().into_owned()),
            settings: self.settings.settings().clone(),
            trouble: self.settings.trouble().map(str::to_owned),
        };
        self.out.push(Input::Show("settings", Some(Box::new(LiveUnit::Settings(Box::new(unit))))));
    }

    pub(super) fn show(&mut self) {
        self.show_at = None;
        let inbox = self.desk.inbox();
        let top: Vec<_> = inbox.top(TOP).iter().filter_map(|item| item.lines.last().cloned()).collect();
        let paused = self.settings.settings().notifications.paused_until;
        let paused = paused.filter(|until| *until > timestamp((self.surface.clock)()));
        let unit = InboxUnit {
            counts: inbox.counts(),
            paused_until: paused.map(|until| rfc3339(SystemTime::from(until))),
            top: top.clone(),
            trouble: self.inbox.trouble().map(str::to_owned),
        };
        let standing = Standing {
            is_known: true,
            counts: unit.counts,
            top,
            paused_until: paused,
            link: self.link.as_deref().cloned(),
            close_to_tray: self.settings.settings().tray.close_to_tray,
            theme: self.settings.settings().appearance.theme,
        };
        self.out.push(Input::Show("inbox", Some(Box::new(LiveUnit::Inbox(unit)))));
        self.surface.outlets.standing.send_if_modified(|known| {
            let differs = *known != standing;
            *known = standing;
            differs
        });
    }
}
