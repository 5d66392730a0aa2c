//! Literals, matches and ends of blocks.
//!
//! Job: hold one symbol with its bits and what it makes. Input and output: none; these are plain
//! values. RFC 1951 §3.2.5.

use super::bits::Span;
use super::code::{Code, Extra};

/// RFC 1951 §3.2.5: the symbol that ends a block.
pub(super) const END_OF_BLOCK: u16 = 256;

/// RFC 1951 §3.2.5: the shortest length and the number of extra bits of symbols 257 to 285.
pub(super) const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// RFC 1951 §3.2.5: the shortest distance and the number of extra bits of symbols 0 to 29.
pub(super) const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

/// The shortest length that a literal/length symbol stands for, and how many extra bits add to it.
pub fn length_base(symbol: u16) -> Option<(u16, u8)> {
    let index = usize::from(symbol).checked_sub(257)?;
    LENGTHS.get(index).copied()
}

/// The shortest distance that a distance symbol stands for, and how many extra bits add to it.
pub fn distance_base(symbol: u16) -> Option<(u16, u8)> {
    DISTANCES.get(usize::from(symbol)).copied()
}

/// A copy of earlier output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Match {
    /// How many bytes, 3 to 258.
    pub length: u16,
    /// How far back they begin, 1 to 32,768.
    pub distance: u16,
    /// The literal/length code.
    pub length_code: Code,
    /// The bits behind it.
    pub length_extra: Extra,
    /// The distance code.
    pub distance_code: Code,
    /// The bits behind it.
    pub distance_extra: Extra,
    /// It reaches beyond the agreed window.
    pub beyond_window: bool,
}

impl Match {
    /// Whether it copies bytes that it makes itself: a repetition.
    pub fn overlaps(&self) -> bool {
        self.distance < self.length
    }
}

/// What a symbol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// A byte as it is.
    Literal {
        /// The byte.
        byte: u8,
        /// Its code.
        code: Code,
    },
    /// A copy.
    Match(Match),
    /// The end of the block.
    EndOfBlock {
        /// Its code.
        code: Code,
    },
}

/// One symbol of a compressed block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbol {
    /// All its bits.
    pub bits: Span,
    /// The offset in the payload of the first byte that it makes.
    pub output: u64,
    /// What it says.
    pub kind: SymbolKind,
}

impl Symbol {
    /// The bytes of the payload that it makes.
    pub fn makes(&self) -> Span {
        let len = match self.kind {
            SymbolKind::Literal { .. } => 1,
            SymbolKind::Match(copy) => copy.length.into(),
            SymbolKind::EndOfBlock { .. } => 0,
        };
        Span::new(self.output, len)
    }

    /// Its code; of a match, the one for the length.
    pub fn code(&self) -> Code {
        match self.kind {
            SymbolKind::Literal { code, .. } | SymbolKind::EndOfBlock { code } => code,
            SymbolKind::Match(copy) => copy.length_code,
        }
    }

    /// The bits of its parts: the code, and for a match the length's extra bits, the distance
    /// code and the distance's extra bits, in the order of RFC 1951 §3.2.3. Some may be empty.
    pub fn parts(&self) -> [Span; 4] {
        let lens = match self.kind {
            SymbolKind::Literal { code, .. } | SymbolKind::EndOfBlock { code } => {
                [code.len, 0, 0, 0]
            }
            SymbolKind::Match(copy) => [
                copy.length_code.len,
                copy.length_extra.len,
                copy.distance_code.len,
                copy.distance_extra.len,
            ],
        };
        let mut at = self.bits.start;
        lens.map(|len| {
            let span = Span::new(at, len.into());
            at = span.end;
            span
        })
    }
}
