//! The arguments of `wscope follow`.
//!
//! Job: which conversation, and how wide. Input: words. Output: [`Follow`].

use clap::Args;

use super::common::{Common, Time};

/// `wscope follow`.
#[derive(Debug, Args)]
#[command(
    override_usage = "wscope follow [OPTIONS] FILE... -c N\n       wscope follow [OPTIONS] -i NAME -c N"
)]
#[command(after_help = "\
Examples:
  wscope follow captures/demo.pcapng -c 1
  wscope follow captures/demo.pcapng -c 1 --from server --lines 3")]
pub struct Follow {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// How to show time.
    #[arg(long, value_enum, default_value_t = Time::Relative, value_name = "FORMAT")]
    pub time: Time,

    /// Wrap lines at so many columns; the width of the terminal, where there is one, else 100.
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,

    /// Lines of a payload, at most.
    #[arg(long, value_name = "N")]
    pub lines: Option<usize>,
}
