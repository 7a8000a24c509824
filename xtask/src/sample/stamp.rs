//! Moments and ids as Kanbus spells them.
//!
//! Not here: reading the clock; `now` is passed in.
//!
//! Invariant: the same input gives the same text.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

/// A moment in whole milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    pub(super) fn of(time: SystemTime) -> Result<Self> {
        let since = time.duration_since(UNIX_EPOCH).context("the clock is set before 1970")?;
        Ok(Self(u64::try_from(since.as_millis()).context("the clock is set too far ahead")?))
    }

    pub(super) fn minutes_before(self, minutes: u64) -> Self {
        Self(self.0.saturating_sub(minutes * 60_000))
    }

    /// As Git takes it.
    pub(super) fn seconds(self) -> String {
        format!("{} +0000", self.0 / 1000)
    }

    /// As it stands in an event: milliseconds.
    pub(super) fn event(self) -> String {
        let [year, month, day, hour, minute, second] = self.parts();
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", self.0 % 1000)
    }

    /// As it stands in an issue: microseconds.
    pub(super) fn issue(self) -> String {
        self.event().replace('Z', "000Z")
    }

    fn parts(self) -> [u64; 6] {
        let seconds = self.0 / 1000;
        let day = seconds / 86_400;
        // Days to a date: years are counted from the first of March, so that the leap day comes last.
        let shifted = day + 719_468;
        let era = shifted / 146_097;
        let of_era = shifted % 146_097;
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march_month = (5 * of_year + 2) / 153;
        let date = of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year + u64::from(month <= 2);
        [year, month, date, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
    }
}

/// A version 4 UUID that follows from `seed` alone.
pub(super) fn uuid(seed: &str) -> String {
    let half = |part: &str| {
        let mut hasher = DefaultHasher::new();
        hasher.write(part.as_bytes());
        hasher.write(seed.as_bytes());
        hasher.finish()
    };
    let (high, low) = (half("high "), half("low "));
    let (high, low) = (high & !0xf000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_spelled_as_kanbus_spells_them() {
        assert_eq!(Moment(0).event(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Moment(951_827_696_789).event(), "2000-02-29T12:34:56.789Z", "a leap day");
        assert_eq!(Moment(1_767_225_599_999).issue(), "2025-12-31T23:59:59.999000Z");
        assert_eq!(Moment(1_772_323_200_000).event(), "2026-03-01T00:00:00.000Z");
    }

    #[test]
    fn ids_look_random_and_are_not() {
        let id = uuid("one");
        assert_eq!(id, uuid("one"));
        assert_ne!(id, uuid("two"));
        assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
        assert!("89ab".contains(&id[19..20]), "{id}");
    }
}
