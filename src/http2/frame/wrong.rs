//! What can be wrong with a frame.
//!
//! Job: one value for each broken rule of a frame's layout. Input and output: none.
//! RFC 9113 §4.2, §6.

use std::fmt;

/// A rule that a frame breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Its length is not what its kind demands.
    Size,
    /// It belongs to a stream and is on the connection.
    NoStream,
    /// It belongs to the connection and is on a stream.
    OnStream,
    /// Its padding is as long as its payload, or longer.
    Padding,
    /// A window update adds nothing.
    NoIncrement,
    /// It stands between the parts of a header block.
    InsideHeaders,
    /// It continues a header block that was not begun.
    NotBegun,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Size => "its length is none that its kind can have",
            Self::NoStream => "it names no stream",
            Self::OnStream => "it names a stream, and is about the connection",
            Self::Padding => "its padding is longer than its payload",
            Self::NoIncrement => "it adds nothing to a window",
            Self::InsideHeaders => "it stands between the parts of a header block",
            Self::NotBegun => "it continues a header block that was not begun",
        })
    }
}
