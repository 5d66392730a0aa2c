//! What compression did, symbol by symbol.
//!
//! Job: literals, copies, what was copied from earlier messages and what that saved, distances,
//! blocks. Input: counts of compressed payloads. Output: [`Symbols`]. RFC 1951 §3.2,
//! RFC 7692 §7.1.1.
//!
//! What takeover saved is an estimate, and this is how it is made: where a match copies from before
//! its message, the copied bytes are priced as literals in the codes of the block that the match
//! stands in, and the bits of the match are taken off. Without takeover the sender would have
//! found other matches for some of them, and its codes would have been others.

/// Window bits that a distance can take: distances of up to 2 to the power of the place.
const DISTANCES: usize = 16;

/// Blocks by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blocks {
    /// Bytes as they are.
    pub stored: u64,
    /// The codes of RFC 1951 §3.2.6.
    pub fixed: u64,
    /// Codes of their own.
    pub dynamic: u64,
    /// Empty stored blocks, which a flush puts out.
    pub flushes: u64,
}

/// The symbols of one payload, or of all that a sender sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Symbols {
    /// Compressed payloads.
    pub payloads: u64,
    /// Their bits as sent.
    pub bits: u64,
    /// The bytes that they made.
    pub made: u64,
    /// Blocks.
    pub blocks: Blocks,
    /// Bits of the headers of blocks.
    pub header_bits: u64,
    /// Bytes that stand as literals.
    pub literal_bytes: u64,
    /// Bits of these.
    pub literal_bits: u64,
    /// Bytes that stand in stored blocks.
    pub stored_bytes: u64,
    /// Matches.
    pub matches: u64,
    /// Bytes that they copy.
    pub match_bytes: u64,
    /// Bits of these.
    pub match_bits: u64,
    /// Matches that copy from earlier messages.
    pub across: u64,
    /// Bytes copied from earlier messages: what takeover was good for.
    pub across_bytes: u64,
    /// Bits of the matches that copy from earlier messages.
    pub across_bits: u64,
    /// The bits that the bytes copied from earlier messages would have taken as literals, in the
    /// codes of their blocks: an estimate.
    pub across_as_literals: u64,
    /// Bits of matches that copy from earlier messages and go on in their own, which they would
    /// have taken anyway.
    pub across_own_bits: u64,
    /// Matched bytes by distance: place `k` has those copied from farther than 2^(k-1) and no
    /// farther than 2^k.
    pub distances: [u64; DISTANCES],
    /// Matches across messages in payloads whose bytes are not all known: they count above,
    /// without an estimate.
    pub unpriced: u64,
}

impl Symbols {
    /// Adds another's.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.fields().into_iter().zip({ *other }.fields()) {
            *mine += *theirs;
        }
        for (mine, theirs) in self.distances.iter_mut().zip(other.distances) {
            *mine += theirs;
        }
    }

    /// What takeover saved, in bytes: an estimate, as the module's first lines tell.
    pub fn saved(&self) -> u64 {
        let spent = self.across_bits.saturating_sub(self.across_own_bits);
        self.across_as_literals.saturating_sub(spent) / 8
    }

    /// The smallest window, in bits, that holds the sources of `percent` of the matched bytes;
    /// `None` where there are none. RFC 7692 §7.1.2: no window is smaller than 8.
    pub fn window_for(&self, percent: u64) -> Option<u8> {
        let all: u64 = self.distances.iter().sum();
        let mut seen = 0;
        let within = (8u8..).zip(self.distances.get(8..)?);
        let below: u64 = self.distances.iter().take(8).sum();
        for (bits, bytes) in within {
            seen += bytes;
            let held = u128::from(seen + below);
            if all > 0 && held * 100 >= u128::from(all) * u128::from(percent) {
                return Some(bits);
            }
        }
        None
    }

    fn fields(&mut self) -> [&mut u64; 20] {
        [
            &mut self.payloads,
            &mut self.bits,
            &mut self.made,
            &mut self.blocks.stored,
            &mut self.blocks.fixed,
            &mut self.blocks.dynamic,
            &mut self.blocks.flushes,
            &mut self.header_bits,
            &mut self.literal_bytes,
            &mut self.literal_bits,
            &mut self.stored_bytes,
            &mut self.matches,
            &mut self.match_bytes,
            &mut self.match_bits,
            &mut self.across,
            &mut self.across_bytes,
            &mut self.across_bits,
            &mut self.across_as_literals,
            &mut self.across_own_bits,
            &mut self.unpriced,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_adds_everything() {
        let mut one = Symbols::default();
        for (field, value) in one.fields().into_iter().zip(1..) {
            *field = value;
        }
        one.distances = std::array::from_fn(|place| place as u64);
        let mut two = one;
        two.merge(&one);
        let mut expected = one;
        for field in expected.fields() {
            *field *= 2;
        }
        expected.distances = expected.distances.map(|bytes| bytes * 2);
        assert_eq!(two, expected);
    }

    #[test]
    fn windows_serve_shares_of_the_matched_bytes() {
        let mut symbols = Symbols::default();
        assert_eq!(symbols.window_for(100), None);
        symbols.distances[4] = 50;
        symbols.distances[9] = 40;
        symbols.distances[12] = 9;
        symbols.distances[15] = 1;
        let windows = [50, 51, 90, 91, 99, 100].map(|percent| symbols.window_for(percent));
        assert_eq!(windows, [8, 9, 9, 12, 12, 15].map(Some));
    }
}
