//! Lines that are safe to draw.
//!
//! Job: text in pieces, each with what it is. Input: text from anywhere. Output: [`Line`]s.

use crate::output::escape;

/// What a piece is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text as it is.
    Plain,
    /// A member's name.
    Name,
    /// A string.
    Text,
    /// A number.
    Number,
    /// true, false, null.
    Word,
    /// Brackets and commas.
    Mark,
    /// Bytes that are not known.
    Hole,
    /// What is no payload: offsets, remarks.
    Note,
    /// What the cursor is on.
    Chosen,
    /// What that is copied from.
    Source,
}

/// Text of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Safe to draw.
    pub text: String,
    /// What it is.
    pub kind: Kind,
}

impl Piece {
    pub(super) fn new(text: String, kind: Kind) -> Self {
        Self { text, kind }
    }
}

/// A piece of text that is made safe here.
pub fn piece(text: &str, kind: Kind) -> Piece {
    let mut safe = String::new();
    escape::text(text, usize::MAX, &mut safe);
    Piece::new(safe, kind)
}

/// Pieces from left to right.
pub type Line = Vec<Piece>;
