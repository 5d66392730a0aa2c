//! Moments as people read them.
//!
//! Job: a time of a packet in UTC, in the zone of the machine, in seconds since the epoch. Input:
//! timestamps. Output: text. This is the only code that asks in which zone the machine is: `TZ`
//! decides, or else its configuration, and UTC where neither tells.

use jiff::Zoned;
use jiff::tz::TimeZone;
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use super::words;
use crate::base::Timestamp;

/// How a time is shown, in the order in which the UI goes through them.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    EnumString,
    IntoStaticStr,
    VariantArray,
    VariantNames,
)]
#[strum(serialize_all = "lowercase")]
pub enum TimeFormat {
    /// Seconds since the capture's first packet.
    #[default]
    Relative,
    /// Date and time of day in UTC.
    Utc,
    /// Date and time of day where the machine is, with the difference to UTC.
    Local,
    /// Seconds since the epoch.
    Epoch,
    /// Seconds since the message before it on the same connection.
    Delta,
}

impl TimeFormat {
    /// A moment with its date; nothing where a time is a difference.
    pub fn long(self, at: Timestamp) -> Option<String> {
        match self {
            Self::Utc => Some(words::date_and_clock(at) + "Z"),
            Self::Local => Some(here(at).map_or_else(
                || words::date_and_clock(at) + "+00:00",
                |here| here.strftime("%Y-%m-%d %H:%M:%S%.6f%:z").to_string(),
            )),
            Self::Epoch => Some(at.to_string()),
            Self::Relative | Self::Delta => None,
        }
    }

    /// The same without the date.
    pub fn short(self, at: Timestamp) -> Option<String> {
        match self {
            Self::Utc => Some(words::clock(at)),
            Self::Local => Some(here(at).map_or_else(
                || words::clock(at),
                |here| here.strftime("%H:%M:%S%.6f").to_string(),
            )),
            Self::Epoch | Self::Relative | Self::Delta => self.long(at),
        }
    }

    /// Columns of what [`TimeFormat::long`] says, or of a difference.
    pub fn columns(self) -> usize {
        match self {
            Self::Utc => 27,
            Self::Local => 32,
            Self::Epoch => 20,
            Self::Relative | Self::Delta => 10,
        }
    }

    /// Columns of what [`TimeFormat::short`] says, or of a difference.
    pub fn short_columns(self) -> u16 {
        match self {
            Self::Utc | Self::Local => 15,
            Self::Epoch => 20,
            Self::Relative | Self::Delta => 10,
        }
    }

    /// What stands over a column of such times, the first of which is `start`.
    pub fn title(self, start: Timestamp) -> String {
        match self {
            Self::Utc => "time (UTC)".to_owned(),
            Self::Local => {
                let zone = here(start).map_or_else(
                    || "+00:00".to_owned(),
                    |here| here.strftime("%:z").to_string(),
                );
                format!("time ({zone})")
            }
            Self::Epoch => "epoch".to_owned(),
            Self::Relative => "time".to_owned(),
            Self::Delta => "delta".to_owned(),
        }
    }
}

/// A moment where the machine is.
fn here(at: Timestamp) -> Option<Zoned> {
    let at = jiff::Timestamp::from_nanosecond(i128::from(at.0)).ok()?;
    Some(at.to_zoned(TimeZone::system()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_as_many_columns_as_they_say() {
        let at = Timestamp::new(951_827_696, 5000);
        let long = TimeFormat::Utc.long(at).unwrap();
        assert_eq!(long, "2000-02-29 12:34:56.000005Z");
        let at = Timestamp::new(1_795_306_710, 5000);
        for format in [TimeFormat::Utc, TimeFormat::Local, TimeFormat::Epoch] {
            assert_eq!(
                format.long(at).unwrap().len(),
                format.columns(),
                "{format:?}"
            );
            let short = format.short(at).unwrap();
            assert_eq!(
                short.len(),
                usize::from(format.short_columns()),
                "{format:?}"
            );
        }
        assert_eq!(TimeFormat::Delta.long(at), None);
    }
}
