//! The command line: arguments in, exit code out.
//!
//! Job: read arguments, choose sinks, run the pipeline, say what went wrong.
//! The only place that knows both the pipeline and the sinks.

mod args;
mod check;
mod commands;
mod explain;
mod feed;
mod interfaces;
mod listen;
#[cfg(feature = "live")]
mod live;
mod matching;
mod out;
#[cfg(feature = "live")]
mod privileges;
mod signals;
mod tune;
#[cfg(feature = "tui")]
mod view;
#[cfg(feature = "tui")]
mod watch;

pub use args::Arguments;
pub use commands::run;

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
