//! Blocks of a DEFLATE stream.
//!
//! Job: hold one block with all its fields. Input and output: none; these are plain values.
//! RFC 1951 §3.2.3, §3.2.4, §3.2.7.

use super::bits::{Field, Span};
use super::code::{Code, Extra, TableCode};
use super::symbol::Symbol;

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// BFINAL: one for the last block of a stream.
    pub is_final: Field,
    /// BTYPE: 0 stored, 1 fixed codes, 2 dynamic codes, 3 invalid.
    pub block_type: Field,
    /// All its bits, from BFINAL to the end-of-block code or the last stored byte; of a block
    /// that does not end in this message, up to where decoding stopped.
    pub bits: Span,
    /// The bytes of the payload that it makes.
    pub makes: Span,
    /// What lies between the header and its end.
    pub body: Body,
    /// Its symbols, as many as were to be kept; the last one ends it.
    pub symbols: Vec<Symbol>,
    /// Symbols that were decoded and not kept.
    pub dropped: u64,
    /// Whether its end was reached.
    pub is_whole: bool,
    /// Behind a final block: the bits up to the next byte, where a fresh stream can begin.
    pub padding: Option<Field>,
}

/// A block's kind and what only that kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The header was not read to its end, or has an invalid type.
    Unread,
    /// Bytes as they are.
    Stored(Stored),
    /// Symbols in the codes of RFC 1951 §3.2.6.
    Fixed,
    /// Symbols in codes of its own. Where the symbols kept are limited, the header counts too,
    /// and is absent where there was no more room for it.
    Dynamic(Option<Box<Dynamic>>),
}

/// The fields of a stored block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Stored {
    /// Bits up to the next byte, of any value.
    pub padding: Field,
    /// LEN: how many bytes follow.
    pub len: Field,
    /// NLEN: its complement.
    pub nlen: Field,
    /// The bytes.
    pub data: Span,
}

/// The header of a block with dynamic codes. Where it is wrong, the fields up to there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dynamic {
    /// HLIT: the number of literal/length codes less 257.
    pub hlit: Field,
    /// HDIST: the number of distance codes less 1.
    pub hdist: Field,
    /// HCLEN: the number of code length codes less 4.
    pub hclen: Field,
    /// The lengths of the code length codes.
    pub code_lengths: Vec<CodeLength>,
    /// The code length code itself.
    pub code_length_codes: Vec<TableCode>,
    /// The code lengths, in the code length code.
    pub runs: Vec<LengthRun>,
    /// The literal/length codes.
    pub literals: Vec<TableCode>,
    /// The distance codes.
    pub distances: Vec<TableCode>,
}

impl Dynamic {
    /// How many values it consists of.
    pub(super) fn weight(&self) -> usize {
        let Self {
            code_lengths,
            code_length_codes,
            runs,
            literals,
            distances,
            ..
        } = self;
        let codes = code_length_codes.len() + literals.len() + distances.len();
        code_lengths.len() + runs.len() + codes
    }
}

/// The length of one code length code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeLength {
    /// The code length symbol, 0 to 18, in the order 16, 17, 18, 0, 8, 7, …
    pub symbol: u8,
    /// Three bits: its code's length, zero where it has none.
    pub length: Field,
}

/// One code length symbol: a length, or one repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LengthRun {
    /// All its bits.
    pub bits: Span,
    /// Its code; symbol 16 repeats the length before, 17 and 18 repeat zero.
    pub code: Code,
    /// The bits behind it that say how often.
    pub extra: Extra,
    /// The first symbol that it gives a length to, counted over literal/length symbols and then
    /// distance symbols.
    pub first: u16,
    /// How many symbols it gives one to.
    pub count: u16,
    /// The length.
    pub length: u8,
}
