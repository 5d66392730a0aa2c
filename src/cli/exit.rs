//! How a command ends.
//!
//! Job: the exit codes, and what ends a command early.

use std::io::{self, Write};

use super::say::say;
use crate::error::Error;
use crate::scratch;

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

/// Why a command ends before it is done.
#[derive(Debug)]
pub(super) enum Early {
    /// Everything is said.
    Exit(Exit),
    /// It failed, and this is to be said.
    Failed(String),
}

/// What a command, or a part of one, comes to.
pub(super) type Outcome<T = Exit> = Result<T, Early>;

impl Early {
    /// Says what is to be said.
    pub(super) fn say(self) -> Exit {
        match self {
            Self::Exit(exit) => exit,
            Self::Failed(why) => {
                say!("{why}");
                Exit::Failed
            }
        }
    }
}

impl From<String> for Early {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

impl From<Error> for Early {
    fn from(error: Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Writes all that is to be written.
pub(super) fn write(out: &mut impl Write, bytes: &[u8]) -> Outcome<()> {
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// What follows from an attempt to write to standard output.
pub(super) fn written<T>(written: io::Result<T>) -> Outcome<T> {
    written.map_err(|error| match error.kind() {
        // Whoever read the output has seen enough.
        io::ErrorKind::BrokenPipe => Early::Exit(Exit::Success),
        _ if scratch::is_unreadable(&error) => Early::Failed(error.to_string()),
        _ => Early::Failed(format!("standard output cannot be written: {error}")),
    })
}

/// What follows from a terminal that the UI cannot use.
#[cfg(feature = "tui")]
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn unusable(error: io::Error) -> Early {
    Early::Failed(format!("the terminal cannot be used: {error}"))
}
