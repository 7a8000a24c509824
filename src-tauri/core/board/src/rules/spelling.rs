//! Times as Kanbus's Rust client spells them.

use jiff::{SignedDuration, Timestamp};

/// As in an issue: nanoseconds, in groups of three digits, and none that are zero.
pub(super) fn spelled(at: Timestamp) -> String {
    match at.subsec_nanosecond() {
        0 => format!("{at:.0}"),
        nanos if nanos % 1_000_000 == 0 => format!("{at:.3}"),
        nanos if nanos % 1_000 == 0 => format!("{at:.6}"),
        _ => format!("{at:.9}"),
    }
}

/// As in an event: milliseconds.
pub(super) fn in_milliseconds(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The next time that Kanbus's Python client can tell from `at`.
pub(super) fn just_after(at: Timestamp) -> Timestamp {
    // At the end of the calendar there is nothing after.
    at.checked_add(SignedDuration::from_micros(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelled_as_kanbus_spells_them() {
        for text in [
            "2026-08-18T02:10:34.174432817Z",
            "2026-08-18T02:10:34.174432Z",
            "2026-08-18T02:10:34.100Z",
            "2026-08-18T02:10:34Z",
        ] {
            assert_eq!(spelled(text.parse().unwrap()), text);
        }
        assert_eq!(in_milliseconds("2026-08-18T02:10:34.1749Z".parse().unwrap()), "2026-08-18T02:10:34.174Z");
        assert_eq!(in_milliseconds("2026-08-18T02:10:34Z".parse().unwrap()), "2026-08-18T02:10:34.000Z");
    }
}
