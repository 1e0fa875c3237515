//! Two kinds of time. Machines are handed both and read neither.

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment on a clock that only goes forward, in microseconds since the driver started.
///
/// Every deadline is made of these; a jump of the wall clock moves none of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment `micros` microseconds after the driver started.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the driver started.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }

    /// The moment `micros` microseconds later.
    #[must_use]
    pub const fn plus_micros(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }
}

/// A date and time of day, in milliseconds since 1970 UTC: decoration, never order.
///
/// It is stamped by the log's side and clamped by the fold, so that it never goes backwards in the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct WallTime(pub u64);

/// The latest moment that has a four-digit year.
const LATEST_MS: u64 = 253_402_207_200_000;

impl WallTime {
    /// `09:41`, at the given offset from UTC in seconds.
    #[must_use]
    pub fn hours_minutes(self, utc_offset_s: i32) -> HoursMinutes {
        HoursMinutes { second_of_day: self.civil(utc_offset_s).time_second(), seconds: false }
    }

    /// `09:41:02`, at the given offset from UTC in seconds.
    #[must_use]
    pub fn hours_minutes_seconds(self, utc_offset_s: i32) -> HoursMinutes {
        HoursMinutes { second_of_day: self.civil(utc_offset_s).time_second(), seconds: true }
    }

    /// The day, at the given offset from UTC in seconds.
    #[must_use]
    pub fn day(self, utc_offset_s: i32) -> Day {
        Day(self.civil(utc_offset_s).0)
    }

    /// The moment that RFC 3339 writes so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let stamp: jiff::Timestamp = text.parse().ok()?;
        u64::try_from(stamp.as_millisecond()).ok().map(Self)
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T09:41:02.250Z`.
    #[must_use]
    pub fn rfc3339(self) -> impl fmt::Display {
        Rfc3339(self)
    }

    fn civil(self, utc_offset_s: i32) -> Civil {
        let ms = i64::try_from(self.0.min(LATEST_MS)).unwrap_or(0).saturating_add(i64::from(utc_offset_s) * 1_000);
        let stamp = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Civil(jiff::tz::Offset::UTC.to_datetime(stamp))
    }
}

struct Civil(jiff::civil::DateTime);

impl Civil {
    fn time_second(&self) -> u32 {
        let part = |value: i8| u32::try_from(value).unwrap_or(0);
        part(self.0.hour()) * 3_600 + part(self.0.minute()) * 60 + part(self.0.second())
    }
}

/// A time of day, displayed as `09:41` or `09:41:02`.
#[derive(Clone, Copy, Debug)]
pub struct HoursMinutes {
    second_of_day: u32,
    seconds: bool,
}

impl fmt::Display for HoursMinutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute) = (self.second_of_day / 3_600, self.second_of_day / 60 % 60);
        write!(f, "{hour:02}:{minute:02}")?;
        if self.seconds {
            write!(f, ":{:02}", self.second_of_day % 60)?;
        }
        Ok(())
    }
}

/// A day, displayed as `Saturday 21 November 2026`.
#[derive(Clone, Copy, Debug)]
pub struct Day(jiff::civil::DateTime);

impl PartialEq for Day {
    fn eq(&self, other: &Self) -> bool {
        self.0.date() == other.0.date()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%A %-d %B %Y"))
    }
}

struct Rfc3339(WallTime);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil(at) = self.0.civil(0);
        let ms = self.0.0.min(LATEST_MS) % 1_000;
        write!(f, "{}.{ms:03}Z", at.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_wall_time_is_written_in_the_ways_people_and_programs_read_it() {
        let at = WallTime(1_795_254_062_250);
        assert_eq!(format!("{}", at.rfc3339()), "2026-11-21T09:41:02.250Z");
        assert_eq!(format!("{}", at.hours_minutes(3_600)), "10:41");
        assert_eq!(format!("{}", at.hours_minutes_seconds(0)), "09:41:02");
        assert_eq!(format!("{}", at.day(0)), "Saturday 21 November 2026");
        assert!(at.day(0) != at.day(15 * 3_600));
        assert_eq!(WallTime::parse("2026-11-21T09:41:02.250Z"), Some(at));
        assert_eq!(WallTime::parse("yesterday"), None);
    }

    #[test]
    fn a_wall_time_beyond_the_calendar_is_clamped() {
        assert!(format!("{}", WallTime(u64::MAX).rfc3339()).starts_with("9999-"));
    }
}
