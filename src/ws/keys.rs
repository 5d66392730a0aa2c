//! How a sender chooses its masking keys. RFC 6455 §5.3.
//!
//! Job: see that keys are fresh. Input: the key of each frame with a payload. Output: a rule that is
//! broken, once.

use crate::finding::Code;

/// Equal keys in a row that no chance explains: it makes four once in 2^96 frames.
const IN_A_ROW: u8 = 4;

/// The keys of one direction.
#[derive(Debug, Clone, Default)]
pub(super) struct MaskKeys {
    last: [u8; 4],
    in_a_row: u8,
    told: bool,
}

impl MaskKeys {
    /// Notes the key of a frame.
    pub(super) fn note(&mut self, key: [u8; 4]) -> Option<(Code, &'static str)> {
        if key != self.last {
            self.last = key;
            self.in_a_row = 1;
            return None;
        }
        // RFC 6455 §5.3: each frame has a fresh key that nobody can foresee.
        self.in_a_row = self.in_a_row.saturating_add(1);
        let zero = key == [0; 4];
        if self.told || !(zero || self.in_a_row >= IN_A_ROW) {
            return None;
        }
        self.told = true;
        Some(if zero {
            (
                Code::MaskKeyZero,
                "the masking key is zero, so the payload stands there as it is",
            )
        } else {
            (
                Code::MaskKeyConstant,
                "the masking key is the same as in the three frames before",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(keys: &[[u8; 4]]) -> Vec<Code> {
        let mut seen = MaskKeys::default();
        let told = keys.iter().filter_map(|key| seen.note(*key));
        told.map(|(code, _)| code).collect()
    }

    #[test]
    fn fresh_keys_are_fine_and_equal_ones_are_told_once() {
        assert_eq!(told(&[[1; 4], [2; 4], [1; 4], [1; 4], [1; 4], [2; 4]]), []);
        assert_eq!(told(&[[1; 4]; 9]), [Code::MaskKeyConstant]);
        assert_eq!(told(&[[1; 4], [0; 4], [0; 4]]), [Code::MaskKeyZero]);
        assert_eq!(told(&[[0; 4]]), [Code::MaskKeyZero]);
    }
}
