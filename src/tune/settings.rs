//! The settings that are tried.
//!
//! Job: name each, and give it a place in a table. Input: none. Output: [`Setting`], [`Grid`].
//! RFC 7692 §7.1.

use crate::deflate::{Takeover, compressor_bytes, inflater_bytes};

/// Window bits: zlib compresses with no fewer than 9.
pub const WINDOWS: [u8; 7] = [9, 10, 11, 12, 13, 14, 15];

/// Memory levels.
pub const MEMORY_LEVELS: [u8; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/// Messages shorter than this go plain.
pub const THRESHOLDS: [u64; 6] = [0, 64, 128, 256, 512, 1024];

/// Both ways of keeping house between messages.
pub(super) const TAKEOVERS: [Takeover; 2] = [Takeover::Keep, Takeover::Reset];

/// One way to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Setting {
    /// zlib's level, 1 to 9.
    pub level: u8,
    /// 9 to 15.
    pub window_bits: u8,
    /// 1 to 9.
    pub memory_level: u8,
    /// Whether messages share a window.
    pub takeover: Takeover,
    /// Messages shorter than this go plain.
    pub threshold: u64,
}

impl Setting {
    /// zlib's defaults, without a threshold.
    pub const DEFAULT: Self = Self {
        level: 6,
        window_bits: 15,
        memory_level: 8,
        takeover: Takeover::Keep,
        threshold: 0,
    };

    /// What the sender's compressor takes, for each connection.
    pub fn compressor_bytes(&self) -> u64 {
        compressor_bytes(self.window_bits, self.memory_level)
    }

    /// What the receiver's inflater takes, for each connection.
    pub fn inflater_bytes(&self) -> u64 {
        inflater_bytes(self.window_bits)
    }

    /// Both.
    pub fn memory(&self) -> u64 {
        self.compressor_bytes() + self.inflater_bytes()
    }
}

/// The settings of a run: all windows, memory levels, thresholds and both takeovers, for some
/// levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    levels: Vec<u8>,
}

impl Default for Grid {
    /// zlib's default level, 6.
    fn default() -> Self {
        Self { levels: vec![6] }
    }
}

impl Grid {
    /// For these levels, 1 to 9 each; others are left out (0 does not compress). Without any,
    /// zlib's default.
    pub fn new(levels: &[u8]) -> Self {
        let known = levels.iter().copied().filter(|l| (1..=9).contains(l));
        let mut levels: Vec<u8> = known.collect();
        levels.sort_unstable();
        levels.dedup();
        if levels.is_empty() {
            return Self::default();
        }
        Self { levels }
    }

    /// Its levels, in order.
    pub fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// Every setting, in the order of their places.
    pub fn settings(&self) -> impl Iterator<Item = Setting> + '_ {
        self.compressors()
            .into_iter()
            .flat_map(|(level, memory_level, window_bits)| {
                TAKEOVERS.into_iter().flat_map(move |takeover| {
                    THRESHOLDS.into_iter().map(move |threshold| Setting {
                        level,
                        window_bits,
                        memory_level,
                        takeover,
                        threshold,
                    })
                })
            })
    }

    /// How many settings there are.
    pub fn len(&self) -> usize {
        self.compressors().len() * TAKEOVERS.len() * THRESHOLDS.len()
    }

    /// Never.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// The place of `setting` in the order.
    pub fn place(&self, setting: &Setting) -> Option<usize> {
        let compressor = self.compressor(setting)?;
        let takeover = TAKEOVERS.iter().position(|t| *t == setting.takeover)?;
        let threshold = THRESHOLDS.iter().position(|t| *t == setting.threshold)?;
        Some((compressor * TAKEOVERS.len() + takeover) * THRESHOLDS.len() + threshold)
    }

    /// The place of its compressor among [`compressors`](Self::compressors).
    pub(super) fn compressor(&self, setting: &Setting) -> Option<usize> {
        let level = self.levels.iter().position(|l| *l == setting.level)?;
        let memory = MEMORY_LEVELS
            .iter()
            .position(|m| *m == setting.memory_level)?;
        let window = WINDOWS.iter().position(|w| *w == setting.window_bits)?;
        Some((level * MEMORY_LEVELS.len() + memory) * WINDOWS.len() + window)
    }

    /// Level, memory level and window bits of each compressor.
    pub(super) fn compressors(&self) -> Vec<(u8, u8, u8)> {
        let mut all = Vec::new();
        for level in &self.levels {
            for memory in MEMORY_LEVELS {
                all.extend(WINDOWS.map(|window| (*level, memory, window)));
            }
        }
        all
    }
}

/// How many thresholds do not exceed `len`, less one: the messages of one class go the same way
/// under every threshold.
pub(super) fn class(len: u64) -> usize {
    THRESHOLDS.iter().rposition(|t| *t <= len).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_its_place() {
        let grid = Grid::new(&[9, 1, 1, 12]);
        assert_eq!(grid.levels(), [1, 9]);
        assert_eq!(grid.settings().count(), grid.len());
        for (place, setting) in grid.settings().enumerate() {
            assert_eq!(grid.place(&setting), Some(place));
        }
        assert_eq!(grid.place(&Setting::DEFAULT), None);
    }

    #[test]
    fn classes_begin_at_the_thresholds() {
        let classes = [0, 63, 64, 127, 128, 511, 512, 1023, 1024, 1 << 30].map(class);
        assert_eq!(classes, [0, 0, 1, 1, 2, 3, 4, 4, 5, 5]);
    }
}
