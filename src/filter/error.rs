//! Why an expression is none, and where.

use std::fmt;

/// Why an expression is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The byte of the input from which on it is wrong.
    pub offset: usize,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}
