//! The command line: arguments in, exit code out.
//!
//! Job: read arguments, choose sinks, run the pipeline, say what went wrong.
//! The only place that knows both the pipeline and the sinks.

mod args;
mod check;
mod choices;
mod commands;
mod conclude;
mod exit;
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
mod say;
mod signals;
#[cfg(feature = "tui")]
mod terminal;
mod tune;
#[cfg(feature = "tui")]
mod view;
#[cfg(feature = "tui")]
mod watch;

pub use args::Arguments;
pub use commands::run;
pub use exit::Exit;
pub use say::refusal;
