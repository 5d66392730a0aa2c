//! A window that a hypothesis fills.
//!
//! Job: make bytes of tokens over what a sender is supposed to have had in its window. Input:
//! [`Token`]s. Output: bytes, some of them unknown, and how well the copies fit. RFC 1951 §2.
//!
//! Compressors make a copy as long as they can: over the right window the byte behind a copy
//! differs from the byte behind its source. Over a wrong one the two agree now and then. That is
//! evidence which needs no knowledge of what the messages say.

use super::tokens::Token;

/// The farthest that a copy can reach.
const REACH: usize = 1 << 15;

/// The longest copy.
const LONGEST: u16 = 258;

/// Not a byte.
const UNKNOWN: u16 = 1 << 8;

/// The last bytes of a sender, as they are supposed.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    bytes: Vec<u16>,
    /// More was there before, nobody knows what.
    lost_before: bool,
}

/// How a message's copies fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// Copies from before everything that is in the window.
    pub(super) too_far: u64,
    /// The farthest copy.
    pub(super) farthest: usize,
    /// Copies from earlier messages.
    pub(super) reaching: u64,
    /// Of those, copies that are held against what follows their source.
    pub(super) tested: u64,
    /// Of those, copies that could have been longer.
    pub(super) short: u64,
}

impl Window {
    /// Forgets everything.
    pub(super) fn reset(&mut self) {
        self.bytes.clear();
        self.lost_before = false;
    }

    /// What was there before is unknown.
    pub(super) fn lose(&mut self) {
        self.bytes.clear();
        self.lost_before = true;
    }

    /// Appends known bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.trim(bytes.len());
        self.bytes.extend(bytes.iter().map(|byte| u16::from(*byte)));
    }

    /// Appends what was made before; `None` for unknown bytes.
    pub(super) fn push_made(&mut self, made: &[Option<u8>]) {
        self.trim(made.len());
        let made = made.iter().map(|byte| byte.map_or(UNKNOWN, u16::from));
        self.bytes.extend(made);
    }

    /// Appends `count` unknown bytes.
    fn push_unknown(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len() + count, UNKNOWN);
    }

    /// Keeps no more than copies can reach, now and then.
    fn trim(&mut self, coming: usize) {
        if self.bytes.len() > 4 * REACH.max(coming) {
            self.bytes.drain(..self.bytes.len() - REACH);
            self.lost_before = true;
        }
    }

    /// Makes the bytes of a message. They stay in the window.
    pub(super) fn play(&mut self, tokens: &[Token], made: &mut Vec<Option<u8>>) -> Fit {
        made.clear();
        self.trim(0);
        let start = self.bytes.len();
        let mut fit = Fit::default();
        let mut behind: Option<u16> = None;
        for token in tokens {
            let at = self.bytes.len();
            match *token {
                Token::Literal(byte) => self.bytes.push(byte.into()),
                Token::Copy { length, distance } => self.copy(length, distance, start, &mut fit),
                Token::Flush => behind = None,
            }
            if at == self.bytes.len() {
                continue;
            }
            let next = self.bytes.get(at).copied().unwrap_or(UNKNOWN);
            if let Some(source) = behind.take().filter(|s| *s != UNKNOWN && next != UNKNOWN) {
                fit.tested += 1;
                fit.short += u64::from(source == next);
            }
            if let Token::Copy { length, distance } = *token {
                let end = self.bytes.len().checked_sub(distance.into());
                // Copies from the message itself are right over every window.
                let earlier = usize::from(distance) > at - start;
                if earlier && length < LONGEST {
                    behind = end.and_then(|end| self.bytes.get(end).copied());
                }
            }
        }
        let all = self.bytes.get(start..).unwrap_or_default();
        made.extend(all.iter().map(|byte| u8::try_from(*byte).ok()));
        fit
    }

    fn copy(&mut self, length: u16, distance: u16, start: usize, fit: &mut Fit) {
        let (length, distance) = (usize::from(length), usize::from(distance));
        let len = self.bytes.len();
        fit.farthest = fit.farthest.max(distance);
        fit.reaching += u64::from(distance > len - start);
        let Some(from) = len.checked_sub(distance) else {
            fit.too_far += u64::from(!self.lost_before);
            self.push_unknown(length);
            return;
        };
        for place in from..from + length {
            let byte = self.bytes.get(place).copied().unwrap_or(UNKNOWN);
            self.bytes.push(byte);
        }
    }

    /// Takes the last `count` bytes out again.
    pub(super) fn take_back(&mut self, count: usize) {
        let left = self.bytes.len().saturating_sub(count);
        self.bytes.truncate(left);
    }
}
