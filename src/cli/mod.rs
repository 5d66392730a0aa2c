//! The command line: arguments in, exit code out.
//!
//! Job: read arguments, choose sinks, run the pipeline, say what went wrong.
//! The only place that knows both the pipeline and the sinks.

mod args;
mod check;
mod commands;
#[cfg(feature = "tui")]
mod config;
mod ends;
mod exit;
mod explain;
mod feed;
mod follow;
mod interfaces;
#[cfg(feature = "tls")]
mod keys;
#[cfg(feature = "tls")]
mod keys_watch;
mod lab;
mod listen;
#[cfg(feature = "live")]
mod live;
mod manual;
mod matching;
#[cfg(feature = "tui")]
mod opening;
mod out;
mod payload;
mod plan;
#[cfg(feature = "live")]
mod privileges;
#[cfg(all(feature = "live", target_os = "linux"))]
mod processes;
mod run;
mod say;
mod signals;
mod tune;
#[cfg(feature = "tui")]
mod view;
#[cfg(feature = "tui")]
mod watch;

pub use args::Arguments;
pub use commands::run;
pub use exit::Exit;
pub use say::refusal;
