//! The command line: arguments in, exit code out.
//!
//! Job: read arguments, choose sinks, run the pipeline, say what went wrong.
//! The only place that knows both the pipeline and the sinks.

mod args;
mod commands;
mod explain;
mod feed;
mod matching;
mod tune;
#[cfg(feature = "tui")]
mod view;

pub use args::Arguments;
pub use commands::run;

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked for.
    Success,
    /// All was read, and there was nothing to show.
    Nothing,
    /// An input could not be read, or not to its end, or the output could not be written.
    Failed,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Nothing => 1,
            Self::Failed => 2,
        }
    }
}
