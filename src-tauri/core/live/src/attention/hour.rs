//! The hour, by the calendar and by the person's own clock.
//!
//! Not here: what is quiet then (`hearsay_board::attention::quiet`).

use std::time::SystemTime;

use hearsay_board::attention::quiet::{Day, WeekMinute};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `time` as a timestamp. A clock that no calendar has stands at the beginning of time.
pub(crate) fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or_default()
}

/// The minute of the week that a clock in `zone` shows.
pub(crate) fn week_minute(now: Timestamp, zone: &TimeZone) -> WeekMinute {
    use jiff::civil::Weekday;
    let local = now.to_zoned(zone.clone());
    let day = match local.weekday() {
        Weekday::Monday => Day::Mon,
        Weekday::Tuesday => Day::Tue,
        Weekday::Wednesday => Day::Wed,
        Weekday::Thursday => Day::Thu,
        Weekday::Friday => Day::Fri,
        Weekday::Saturday => Day::Sat,
        Weekday::Sunday => Day::Sun,
    };
    let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
    WeekMinute::new(day, minute)
}
