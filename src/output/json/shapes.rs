//! What several objects have.
//!
//! Job: values as JSON writes them. Input: values. Output: their JSON.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::base::{PerPeer, Timestamp};

/// A value for each sender.
#[derive(Debug, Clone, Serialize)]
pub struct PerPeerLine<T> {
    /// What the client sends.
    pub client: T,
    /// What the server sends.
    pub server: T,
}

impl<T> PerPeerLine<T> {
    /// The JSON shape of `both`.
    pub fn of<S>(both: &PerPeer<S>, shape: impl Fn(&S) -> T) -> Self {
        Self {
            client: shape(&both.client),
            server: shape(&both.server),
        }
    }
}

pub(super) fn display<S: serde::Serializer>(
    value: &impl std::fmt::Display,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// A time in seconds with nine digits, as it displays, in less time.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(super) fn time<S: serde::Serializer>(
    value: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    const LONGEST: usize = "18446744073.709551615".len();
    const POINT: usize = "18446744073".len();
    let mut text = [b'.'; LONGEST];
    let (seconds, rest) = text.split_at_mut(POINT);
    last_digits(value.seconds(), seconds);
    last_digits(value.subsec_nanos(), rest.get_mut(1..).unwrap_or_default());
    let zeros = seconds.iter().take(POINT - 1);
    let zeros = zeros.take_while(|digit| **digit == b'0').count();
    let shown = text.get(zeros..).map(std::str::from_utf8);
    serializer.serialize_str(shown.and_then(Result::ok).unwrap_or_default())
}

/// Writes the last digits of a number, as many as there is room for.
fn last_digits(mut number: u64, room: &mut [u8]) {
    for digit in room.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Bytes that are written in base64.
pub(crate) struct Base64<'a>(pub(crate) &'a [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
pub(crate) fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct At(#[serde(serialize_with = "time")] Timestamp);

    #[test]
    fn times_are_written_as_they_display() {
        let nanos = [
            0,
            1,
            999_999_999,
            1_000_000_000,
            1_714_521_600_010_859_000,
            u64::MAX,
        ];
        for nanos in nanos {
            let time = Timestamp(nanos);
            let written = serde_json::to_string(&At(time)).unwrap();
            assert_eq!(written, format!("\"{time}\""));
        }
    }
}
