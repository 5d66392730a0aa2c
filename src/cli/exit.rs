//! How a command ends.
//!
//! Job: the exit codes, and the one for output that could not be written.

use std::io;

use super::say::say;

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked for.
    Success,
    /// All was read, and there was nothing to show.
    Nothing,
    /// All was read, and something is as wrong as `check --fail-on` says.
    Found,
    /// An input could not be read, or not to its end, or the output could not be written.
    Failed,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Nothing | Self::Found => 1,
            Self::Failed => 2,
        }
    }
}

/// What follows from output that could not be written.
pub(super) fn unwritten(written: io::Result<()>) -> Option<Exit> {
    if let Err(error) = written {
        // Whoever read the output has seen enough.
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Some(Exit::Success);
        }
        say!("standard output cannot be written: {error}");
        return Some(Exit::Failed);
    }
    None
}
