//! Figures and times in few columns.
//!
//! Job: numbers as people read them. Input: figures. Output: text.

use crate::base::Timestamp;
use crate::event::Status;
use crate::output::text::{TimeFormat, seconds};
use crate::tui::index::Row;

/// At most five columns: `9999`, `12.3k`, `123k`, `1.23M`.
pub(super) fn brief(number: u64) -> String {
    if number < 10_000 {
        return number.to_string();
    }
    let mut unit = 1_u128;
    for name in ['k', 'M', 'G', 'T', 'P', 'E'] {
        unit *= 1000;
        let parts = |per: u128| (u128::from(number) * per + unit / 2) / unit;
        let (hundredths, tenths, whole) = (parts(100), parts(10), parts(1));
        if hundredths < 1000 {
            return format!("{}.{:02}{name}", hundredths / 100, hundredths % 100);
        }
        if tenths < 1000 {
            return format!("{}.{}{name}", tenths / 10, tenths % 10);
        }
        if whole < 1000 {
            return format!("{whole}{name}");
        }
    }
    "huge".to_owned()
}

/// A ratio in five columns.
pub(super) fn ratio(value: f64) -> String {
    if value >= 1000.0 {
        format!("{value:.0}")
    } else if value >= 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// Nanoseconds as `1.234567`.
pub(super) fn elapsed(nanos: i64) -> String {
    seconds(nanos).trim_start().to_owned()
}

/// Nanoseconds with a unit, short.
pub(super) fn span(nanos: u64) -> String {
    match nanos {
        0..1_000_000 => format!("{} µs", nanos / 1000),
        1_000_000..1_000_000_000 => format!("{} ms", nanos / 1_000_000),
        1_000_000_000..60_000_000_000 => {
            format!("{}.{} s", nanos / 1_000_000_000, nanos / 100_000_000 % 10)
        }
        60_000_000_000..3_600_000_000_000 => format!("{} min", nanos / 60_000_000_000),
        _ => format!("{} h", nanos / 3_600_000_000_000),
    }
}

/// Year, month and day of a count of days since 1970.
fn date(days: u64) -> (u64, u64, u64) {
    // Years that begin in March have their odd day at the end.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// `14:03:22.123456`, UTC.
pub(super) fn clock(time: Timestamp) -> String {
    let seconds = time.seconds() % 86_400;
    format!(
        "{:02}:{:02}:{:02}.{:06}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        time.subsec_nanos() / 1000
    )
}

/// `2026-03-01 14:03:22.123456`, UTC.
pub(super) fn date_and_clock(time: Timestamp) -> String {
    let (year, month, day) = date(time.seconds() / 86_400);
    format!("{year:04}-{month:02}-{day:02} {}", clock(time))
}

/// A time in a format; `before` is what a difference is taken from.
pub(super) fn time(
    now: Timestamp,
    start: Timestamp,
    before: Option<Timestamp>,
    format: TimeFormat,
) -> String {
    match format {
        TimeFormat::Absolute => clock(now),
        TimeFormat::Relative => elapsed(now.since(start)),
        TimeFormat::Delta => elapsed(before.map_or(0, |before| now.since(before))),
    }
}

/// `z` compressed, `f3` three frames, `P` partial, `L` lost, `T` cut by the limit, `!` finding.
pub(super) fn flags(row: &Row) -> String {
    let mut flags = String::new();
    if row.finding.is_some() {
        flags.push('!');
    }
    match row.status {
        Status::Complete => {}
        Status::Partial(_) => flags.push('P'),
        Status::Lost(_) => flags.push('L'),
    }
    if row.compressed {
        flags.push('z');
    }
    if row.truncated {
        flags.push('T');
    }
    if row.frames > 1 {
        flags.push('f');
        flags.push_str(&brief(row.frames.into()));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_fit_five_columns() {
        for (number, text) in [
            (0, "0"),
            (9999, "9999"),
            (10_000, "10.0k"),
            (12_345, "12.3k"),
            (99_949, "99.9k"),
            (99_950, "100k"),
            (999_499, "999k"),
            (999_500, "1.00M"),
            (1_234_567, "1.23M"),
            (u64::MAX, "18.4E"),
        ] {
            assert_eq!(brief(number), text);
        }
        let mut number = 1_u64;
        while let Some(next) = number.checked_mul(3) {
            assert!(brief(number).len() <= 5, "{}", brief(number));
            number = next;
        }
    }

    #[test]
    fn dates() {
        assert_eq!(date_and_clock(Timestamp(0)), "1970-01-01 00:00:00.000000");
        assert_eq!(
            date_and_clock(Timestamp::new(951_827_696, 5000)),
            "2000-02-29 12:34:56.000005"
        );
        assert_eq!(
            date_and_clock(Timestamp::new(4_102_444_799, 0)),
            "2099-12-31 23:59:59.000000"
        );
    }
}
