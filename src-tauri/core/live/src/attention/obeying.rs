//! What the person wants done to the inbox and to the settings.
//!
//! Not here: where these are kept (`inbox`, `settings`).

use hearsay_board::attention::About;

use super::driver::Driver;
use super::inbox::Deed;
use crate::settings::Kept;
use crate::wire::{Command, ErrorCode, WireError};

/// The longest name of an issue or a project, in bytes: that of a file.
const LONGEST_ID: usize = 255;

impl Driver {
    /// Does it.
    pub(super) fn obey(&mut self, command: Command) -> Result<(), WireError> {
        let inbox = self.desk.inbox();
        let deeds = match command {
            Command::Inbox { about, to } => Deed::marks(inbox, about.as_ref(), to),
            Command::Watch { about, on } => vec![Deed::Watch(bounded(about)?, on)],
            Command::Mute { about, on } => vec![Deed::Mute(bounded(about)?, on)],
            Command::ChangeSettings { set } => return self.change_settings(|settings| settings.change(set)),
            Command::RestoreSettings => return self.change_settings(Kept::begin_anew),
            _ => return Err(WireError::new(ErrorCode::Invalid, "that is not done to the inbox")),
        };
        let at = self.now().hour.now;
        deeds.iter().for_each(|deed| deed.apply(self.desk.inbox_mut(), at));
        self.counted();
        self.inbox.leave(&deeds).map_err(|error| {
            WireError::new(ErrorCode::Io, format!("the inbox cannot be kept: {error}"))
                .with_hint("Make room on the disk, or make it writable, then try again.")
        })
    }

    fn change_settings(
        &mut self,
        change: impl FnOnce(&mut Kept) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        let changed = change(&mut self.settings);
        self.heed_settings();
        self.show_settings();
        changed
    }
}

/// `about`, where it can be the name of an issue.
fn bounded(about: About) -> Result<About, WireError> {
    match &about {
        About::Issue { project, id } if project.len().max(id.len()) > LONGEST_ID => Err(WireError::new(
            ErrorCode::TooLarge,
            format!("no issue has a name of more than {LONGEST_ID} bytes"),
        )),
        _ => Ok(about),
    }
}
