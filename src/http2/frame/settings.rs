//! SETTINGS: what an end can do and allows.
//!
//! Job: read the settings. Input: a payload. Output: [`Settings`], each as it was last said.
//! RFC 9113 §6.5, RFC 8441 §3.

/// The number of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting(pub u16);

impl Setting {
    /// The largest table of headers that the other end may use.
    pub const HEADER_TABLE_SIZE: Self = Self(1);
    /// How much may be sent on a stream at first.
    pub const INITIAL_WINDOW_SIZE: Self = Self(4);
    /// The longest frame that is taken.
    pub const MAX_FRAME_SIZE: Self = Self(5);
    /// RFC 8441 §3: whether an extended CONNECT is taken.
    pub const ENABLE_CONNECT_PROTOCOL: Self = Self(8);
}

/// What a SETTINGS frame says of what matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// `SETTINGS_HEADER_TABLE_SIZE`.
    pub header_table_size: Option<u32>,
    /// `SETTINGS_INITIAL_WINDOW_SIZE`.
    pub initial_window_size: Option<u32>,
    /// `SETTINGS_MAX_FRAME_SIZE`.
    pub max_frame_size: Option<u32>,
    /// `SETTINGS_ENABLE_CONNECT_PROTOCOL`.
    pub enable_connect_protocol: Option<u32>,
}

impl Settings {
    /// Reads a payload. RFC 9113 §6.5.1: two bytes say which, four say what; unknown ones are ignored,
    /// and of the same one the last counts.
    pub fn read(payload: &[u8]) -> Self {
        let mut settings = Self::default();
        for entry in payload.chunks_exact(6) {
            let Ok([i0, i1, v0, v1, v2, v3]) = <[u8; 6]>::try_from(entry) else {
                continue;
            };
            let value = Some(u32::from_be_bytes([v0, v1, v2, v3]));
            match Setting(u16::from_be_bytes([i0, i1])) {
                Setting::HEADER_TABLE_SIZE => settings.header_table_size = value,
                Setting::INITIAL_WINDOW_SIZE => settings.initial_window_size = value,
                Setting::MAX_FRAME_SIZE => settings.max_frame_size = value,
                Setting::ENABLE_CONNECT_PROTOCOL => settings.enable_connect_protocol = value,
                _ => {}
            }
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_others_are_ignored() {
        let payload = [
            [0, 8, 0, 0, 0, 1],
            [0, 99, 0, 0, 0, 7],
            [0, 4, 0, 1, 0, 0],
            [0, 4, 0, 2, 0, 0],
        ];
        let settings = Settings::read(&payload.concat());
        assert_eq!(settings.enable_connect_protocol, Some(1));
        assert_eq!(settings.initial_window_size, Some(1 << 17));
        assert_eq!(settings.max_frame_size, None);
    }
}
