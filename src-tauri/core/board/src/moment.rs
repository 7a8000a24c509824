//! A point in time as a record spells it: compared as an instant, kept as text.
//!
//! Not here: the current time, which is always passed in.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

/// An instant with the spelling that a file gave it (Kanbus writes nanoseconds in Rust, microseconds in Python).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    spelled: Box<str>,
    instant: Timestamp,
}

impl Moment {
    /// Parses RFC 3339 text; `None` where it is not a time.
    pub fn parse(text: &str) -> Option<Self> {
        let instant: Timestamp = text.parse().ok()?;
        Some(Self { spelled: text.into(), instant })
    }

    /// The moment `seconds` later; `None` where no calendar has it.
    pub fn after(&self, seconds: u64) -> Option<Self> {
        let later = self.instant.checked_add(SignedDuration::from_secs(seconds.try_into().ok()?)).ok()?;
        Some(Self { spelled: later.to_string().into(), instant: later })
    }

    /// The moment that `instant` is, spelled in UTC.
    pub fn of(instant: Timestamp) -> Self {
        Self { spelled: instant.to_string().into(), instant }
    }

    /// The instant, for comparison.
    pub fn instant(&self) -> Timestamp {
        self.instant
    }

    /// RFC 3339 in UTC: the file's own spelling where that is UTC already.
    pub fn to_utc_text(&self) -> Cow<'_, str> {
        let text = &*self.spelled;
        let is_utc = text.ends_with('Z') || text.ends_with("+00:00");
        if is_utc { Cow::Borrowed(text) } else { Cow::Owned(self.instant.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_a_utc_time_is_kept_and_other_offsets_become_utc() {
        let spelled = |text: &str| Moment::parse(text).map(|moment| moment.to_utc_text().into_owned());
        assert_eq!(
            spelled("2026-08-18T02:10:34.174432817Z").as_deref(),
            Some("2026-08-18T02:10:34.174432817Z")
        );
        assert_eq!(spelled("2026-08-18T04:10:34+02:00").as_deref(), Some("2026-08-18T02:10:34Z"));
        assert_eq!(spelled("last Tuesday"), None);
    }
}
