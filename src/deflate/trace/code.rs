//! Codes as the RFC writes them.
//!
//! Job: hold one Huffman code, and what follows it. Input and output: none; these are plain
//! values. RFC 1951 §3.1.1, §3.2.2.

use super::bits::Span;

/// One Huffman code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Code {
    /// What it stands for: a literal, length, distance or code length symbol.
    pub symbol: u16,
    /// Its bits, the first one on the wire most significant (RFC 1951 §3.1.1).
    pub value: u16,
    /// How many bits it has.
    pub len: u8,
}

/// Bits behind a code that complete its number, least significant first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Extra {
    /// What they say.
    pub value: u16,
    /// How many they are.
    pub len: u8,
}

/// A code of a block's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TableCode {
    /// The code.
    pub code: Code,
    /// The bits of the block's header that gave its length.
    pub bits: Span,
}
