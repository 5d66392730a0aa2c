//! A menu over a table.
//!
//! Job: which one, and which of its lines is chosen. Input and output: none; plain values.

/// What a menu is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choose {
    /// What the table is sorted by.
    Order,
    /// Which columns it shows.
    Columns,
}

/// A menu over a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Menu {
    /// What it is for.
    pub choose: Choose,
    /// The chosen line.
    pub line: usize,
}
