//! RST_STREAM, GOAWAY and WINDOW_UPDATE.
//!
//! Job: read them. Input: payloads of the right length. Output: what they say.
//! RFC 9113 §6.4, §6.8, §6.9, §7.

use std::fmt;

/// Why a stream or a connection ends. RFC 9113 §7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// Nothing is wrong.
    pub const NO_ERROR: Self = Self(0);
    /// The stream is no longer needed.
    pub const CANCEL: Self = Self(8);

    /// Reads the payload of a RST_STREAM frame.
    pub fn read(payload: &[u8]) -> Option<Self> {
        payload
            .first_chunk()
            .map(|code| Self(u32::from_be_bytes(*code)))
    }

    /// The name in RFC 9113.
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 14] = [
            "NO_ERROR",
            "PROTOCOL_ERROR",
            "INTERNAL_ERROR",
            "FLOW_CONTROL_ERROR",
            "SETTINGS_TIMEOUT",
            "STREAM_CLOSED",
            "FRAME_SIZE_ERROR",
            "REFUSED_STREAM",
            "CANCEL",
            "COMPRESSION_ERROR",
            "CONNECT_ERROR",
            "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY",
            "HTTP_1_1_REQUIRED",
        ];
        NAMES.get(usize::try_from(self.0).ok()?).copied()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "error {}", self.0),
        }
    }
}

/// What a GOAWAY frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoAway {
    /// The last stream that its sender may still answer.
    pub last: u32,
    /// Why.
    pub code: ErrorCode,
}

impl GoAway {
    /// Reads a payload; what follows the first eight bytes is for people who debug.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let (last, rest) = payload.split_first_chunk()?;
        Some(Self {
            last: u32::from_be_bytes(*last) & 0x7fff_ffff,
            code: ErrorCode::read(rest)?,
        })
    }

    /// Whether it only announces another one. RFC 9113 §6.8.
    pub fn is_notice(self) -> bool {
        self.last == 0x7fff_ffff
    }
}

/// How much more may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowUpdate(pub u32);

impl WindowUpdate {
    /// Reads a payload.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let more = payload.first_chunk().map(|more| u32::from_be_bytes(*more));
        more.map(|more| Self(more & 0x7fff_ffff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_bits_are_ignored_and_codes_have_names() {
        let away = GoAway::read(&[0x80, 0, 0, 5, 0, 0, 0, 11, b'x']).unwrap();
        assert_eq!(
            (away.last, away.code.to_string()),
            (5, "ENHANCE_YOUR_CALM".to_owned())
        );
        assert_eq!(
            WindowUpdate::read(&[0x80, 0, 1, 0]),
            Some(WindowUpdate(256))
        );
        assert_eq!(ErrorCode(99).to_string(), "error 99");
        assert_eq!(ErrorCode::read(&[0, 0, 0]), None);
    }
}
