//! Header fields, and why they cannot be read.
//!
//! Job: the values that all of HPACK shares. Input and output: none. RFC 7541 §1.3.

use std::fmt;

/// A header field. What refers to an entry that was not seen is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, where it is known.
    pub name: Option<Vec<u8>>,
    /// Its value, where it is known.
    pub value: Option<Vec<u8>>,
}

/// Why a block cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends in the middle of a field.
    Cut,
    /// A number is too large.
    Integer,
    /// A string is not coded as the table of codes has it.
    Huffman,
    /// It refers to an entry that is not there.
    Index(usize),
    /// It makes the table larger than its receiver allows.
    Size(usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("it ends in the middle of a field"),
            Self::Integer => f.write_str("a number in it is too large"),
            Self::Huffman => f.write_str("a string in it is not coded by the Huffman code"),
            Self::Index(index) => write!(f, "it refers to entry {index}, which is not there"),
            Self::Size(size) => write!(f, "it makes the table larger ({size}) than was allowed"),
        }
    }
}
