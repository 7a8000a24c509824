//! How much is heard of one project, and when that is too much.
//!
//! Anybody on the network may say anything. What is said of issues that are here is bounded by the issues; what is said of
//! others is not, so they share a smaller part, and never take the room of those that are here.
//!
//! Not here: what is said when it is too much (`trouble`).

use hearsay_board::overlay::Entry;

/// Of more issues that are not here than this nothing new is heard.
pub(super) const MOST: usize = 4096;
/// How many bytes of entries there may be where an issue that is not here is to be added.
const BYTES_OF_STRANGERS: usize = 64 << 20;
/// How many bytes of entries there may be.
const BYTES: usize = 256 << 20;
/// What an entry may come to at the most, and thus how close to a bound is full.
const LARGEST: usize = 1 << 20;

/// What one issue counts for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Share {
    bytes: usize,
    is_stranger: bool,
}

impl Share {
    /// That of `entry`, of an issue that is here or not.
    pub(super) fn of(entry: &Entry, has_file: bool) -> Self {
        let mut counted = Counted(0);
        if let Some(snapshot) = &entry.snapshot {
            // Counting cannot fail.
            let _ = serde_json::to_writer(&mut counted, &snapshot.what.issue);
        }
        Self { bytes: counted.0, is_stranger: !has_file && !entry.is_empty() }
    }
}

/// What all of it comes to.
#[derive(Debug, Default)]
pub(super) struct Load {
    bytes: usize,
    strangers: usize,
}

impl Load {
    /// Whether an issue may count for `after` instead of `before`.
    pub(super) fn has_room(&self, before: Share, after: Share) -> bool {
        let bytes = self.bytes - before.bytes + after.bytes;
        let limit = if after.is_stranger { BYTES_OF_STRANGERS } else { BYTES };
        let is_new_stranger = after.is_stranger && !before.is_stranger;
        (after.bytes <= before.bytes || bytes <= limit) && !(is_new_stranger && self.strangers >= MOST)
    }

    /// Notes that it does.
    pub(super) fn change(&mut self, share: &mut Share, after: Share) {
        self.bytes = self.bytes - share.bytes + after.bytes;
        self.strangers = self.strangers - usize::from(share.is_stranger) + usize::from(after.is_stranger);
        *share = after;
    }

    /// Whether there is no room for another issue that is not here.
    pub(super) fn is_full(&self) -> bool {
        self.strangers >= MOST || self.bytes > BYTES_OF_STRANGERS - LARGEST
    }
}

struct Counted(usize);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
