//! Quiet hours: when in the week no banner is wanted, in the minutes that the person's clock shows.
//!
//! Not here: which minute it is. Where the clock is put forward or back, the caller's minute jumps and the schedule holds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use ts_rs::TS;

const DAY: u16 = 24 * 60;
const WEEK: u16 = 7 * DAY;

/// A minute of the week by the local clock, from Monday 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeekMinute(u16);

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "everybody knows them")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl WeekMinute {
    /// The minute `minute` of `day`, from 0; one beyond midnight is of the next day.
    pub fn new(day: Day, minute: u16) -> Self {
        Self(((day as u16) * DAY + minute % WEEK) % WEEK)
    }
}

/// A minute of the day, `22:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(u16);

/// Text that is no time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a time of day from 00:00 to 23:59")]
pub struct MinuteError(String);

impl FromStr for Minute {
    type Err = MinuteError;

    fn from_str(text: &str) -> Result<Self, MinuteError> {
        let number = |part: &str, below: u16| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|number: &u16| digits && *number < below)
        };
        let (hour, minute) = text.split_once(':').unwrap_or_default();
        match (number(hour, 24), number(minute, 60)) {
            (Some(hour), Some(minute)) => Ok(Self(hour * 60 + minute)),
            _ => Err(MinuteError(super::text::one_line(text, 20))),
        }
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for Minute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Minute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A time of some days that is quiet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The days on which it begins.
    pub days: Vec<Day>,
    /// When it begins.
    #[ts(type = "string")]
    pub from: Minute,
    /// When it ends: on the next day where that is not later, so that `00:00` to `00:00` is a whole day.
    #[ts(type = "string")]
    pub to: Minute,
}

impl Span {
    fn length(&self) -> u16 {
        match (DAY + self.to.0 - self.from.0) % DAY {
            0 => DAY,
            length => length,
        }
    }

    /// How many minutes are left of it at `at`; 0 where it is not then.
    fn left(&self, at: WeekMinute) -> u16 {
        let left = self.days.iter().map(|day| {
            let begin = WeekMinute::new(*day, self.from.0);
            self.length().saturating_sub((WEEK + at.0 - begin.0) % WEEK)
        });
        left.max().unwrap_or_default()
    }
}

/// When in the week no banner is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct QuietHours {
    /// Whether what interrupts is raised all the same.
    pub interrupts_pass: bool,
    /// The times.
    pub spans: Vec<Span>,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self { interrupts_pass: true, spans: Vec::new() }
    }
}

impl QuietHours {
    /// Whether it is quiet at `at`.
    pub fn contain(&self, at: WeekMinute) -> bool {
        self.left(at) > 0
    }

    /// For how many minutes it stays quiet from `at` on; a whole week where it always is.
    pub fn left(&self, at: WeekMinute) -> u16 {
        let mut total = 0;
        while total < WEEK {
            let then = WeekMinute((at.0 + total) % WEEK);
            let more = self.spans.iter().map(|span| span.left(then)).max().unwrap_or_default();
            if more == 0 {
                break;
            }
            total += more;
        }
        total.min(WEEK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EVERY: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

    fn span(days: &[Day], from: &str, to: &str) -> Span {
        Span { days: days.to_vec(), from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn at(day: Day, time: &str) -> WeekMinute {
        WeekMinute::new(day, time.parse::<Minute>().unwrap().0)
    }

    #[test]
    fn a_night_reaches_into_the_next_day_and_the_next_week() {
        let quiet =
            QuietHours { spans: vec![span(&[Day::Sun, Day::Tue], "22:00", "07:00")], ..Default::default() };
        for (day, time, left) in [
            (Day::Sun, "21:59", 0),
            (Day::Sun, "22:00", 9 * 60),
            (Day::Mon, "06:59", 1),
            (Day::Mon, "07:00", 0),
            (Day::Mon, "23:00", 0),
            (Day::Wed, "00:00", 7 * 60),
        ] {
            assert_eq!(quiet.left(at(day, time)), left, "{day:?} {time}");
        }
    }

    #[test]
    fn times_that_meet_are_one_and_a_week_has_an_end() {
        let night = span(&[Day::Fri], "22:00", "00:00");
        let weekend = span(&[Day::Sat, Day::Sun], "00:00", "00:00");
        let quiet = QuietHours { spans: vec![night, weekend], ..Default::default() };
        assert_eq!(quiet.left(at(Day::Fri, "22:00")), 50 * 60);
        let always = QuietHours { spans: vec![span(&EVERY, "00:00", "00:00")], ..Default::default() };
        assert_eq!(always.left(at(Day::Wed, "12:00")), WEEK);
        assert!(!QuietHours::default().contain(at(Day::Mon, "03:00")));
    }

    #[test]
    fn a_schedule_reads_back_and_what_it_does_not_know_is_refused() {
        let quiet = QuietHours { interrupts_pass: false, spans: vec![span(&EVERY[..2], "22:05", "07:00")] };
        let text = serde_json::to_string(&quiet).unwrap();
        assert!(text.contains(r#""days":["mon","tue"],"from":"22:05","to":"07:00""#), "{text}");
        assert_eq!(serde_json::from_str::<QuietHours>(&text).unwrap(), quiet);
        for odd in [r#"{"span":[]}"#, &text.replace("22:05", "24:00"), &text.replace("22:05", "7:5")] {
            assert!(serde_json::from_str::<QuietHours>(odd).is_err(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn quiet_ends_when_it_says(from in 0u16..DAY, to in 0u16..DAY, day in 0usize..7, minute in 0u16..WEEK) {
            let spans = vec![Span { days: vec![EVERY[day]], from: Minute(from), to: Minute(to) }];
            let quiet = QuietHours { interrupts_pass: true, spans };
            let left = quiet.left(WeekMinute(minute));
            for later in [0, left.saturating_sub(1)] {
                prop_assert_eq!(quiet.contain(WeekMinute((minute + later) % WEEK)), left > 0);
            }
            prop_assert!(!quiet.contain(WeekMinute((minute + left) % WEEK)));
        }
    }
}
