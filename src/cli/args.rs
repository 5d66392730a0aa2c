//! What can be typed.

mod check;
mod common;
mod explain;
mod follow;
mod lab;
mod tune;
#[cfg(feature = "tui")]
mod view;

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use check::{Check, Level};
pub(super) use common::{
    Cells, Common, Form, Format, Listing, Printing, Reading, Selection, Sender, Time, When,
};
pub(super) use explain::Explain;
pub(super) use follow::Follow;
pub(super) use lab::Lab;
pub(super) use tune::Tune;
#[cfg(feature = "tui")]
pub(super) use view::View;

/// The commonest uses.
#[cfg(feature = "tui")]
const USAGE: &str = "wscope FILE...              look at captures in the terminal UI
       wscope -i NAME              look at live traffic in it; -i alone asks which
       wscope COMMAND FILE...      print what is in captures, or with -i NAME what comes";
#[cfg(not(feature = "tui"))]
const USAGE: &str = "wscope COMMAND FILE...      print what is in captures
       wscope COMMAND -i NAME      print what comes on an interface";

/// What `--help` says, and in which order.
const HELP: &str = "\
{about-with-newline}
{usage-heading} {usage}

Examples:
  wscope messages capture.pcap                      every message, a line each
  wscope messages capture.pcap -Y 'text contains \"ERR\"' --json
  wscope connections capture.pcap                   who was disconnected, by whom, and why
  wscope follow capture.pcap -c 3                   both sides of connection 3
  wscope check capture.pcap                         what is wrong, and what to do

{all-args}{after-help}";

/// Passive analyser of WebSocket traffic: every frame, every message, every compression window.
#[derive(Debug, Parser)]
#[command(
    name = "wscope",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    override_usage = USAGE,
    help_template = HELP
)]
#[command(
    after_help = "Exit codes: 0 done, 1 nothing to show (check: an error was found), 2 an input or the output failed."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The terminal UI; what files named without a command open, too.
    #[cfg(feature = "tui")]
    View(View),
    /// Every message, a line each.
    Messages(Messages),
    /// One conversation as a transcript: both sides in time, how it began and ended, gaps.
    Follow(Follow),
    /// The payload of a message as it is: raw bytes on standard output or in a file.
    Payload(Payload),
    /// Handshakes, negotiated parameters and totals of each connection.
    Connections(Connections),
    /// Compression statistics per connection and sender, and in all.
    Stats(Statistics),
    /// What is wrong: which rule, who broke it, where, and what to do.
    Check(Check),
    /// Every bit of one message, or of a handshake.
    Explain(Explain),
    /// The lab: type messages, see their bytes, symbols and windows; lessons.
    Lab(Lab),
    /// What can be listened on; a star marks what is most likely meant.
    Interfaces(Form),
    /// What if: the same messages under other windows, memory levels, takeover and thresholds.
    Tune(Tune),
    /// The configuration of the terminal UI that holds, with what each line means.
    #[cfg(feature = "tui")]
    Config,
    /// Completions of commands and options for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// A manual page as roff: of wscope, or of a command; `wscope man check | man -l -`.
    Man {
        /// The command.
        #[arg(value_name = "COMMAND")]
        of: Option<String>,
    },
    /// Anything else: files named without a command.
    #[command(external_subcommand)]
    Unknown(Vec<OsString>),
}

impl Arguments {
    /// The words of a command line; where they begin with an option of `view`, its name is put
    /// before them.
    pub fn with_command(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
        let mut words: Vec<_> = words.collect();
        let own = ["-h", "--help", "-V", "--version"];
        let first = words.get(1).and_then(|word| word.to_str());
        if first.is_some_and(|word| word.starts_with('-') && word != "-" && !own.contains(&word)) {
            words.insert(1, "view".into());
        }
        words
    }
}

/// `wscope messages`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[command(
    override_usage = "wscope messages [OPTIONS] FILE...\n       wscope messages [OPTIONS] -i NAME"
)]
pub struct Messages {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// How to show time.
    #[arg(long, value_enum, default_value_t = Time::Relative, value_name = "FORMAT")]
    pub time: Time,

    /// Which rows and fields.
    #[command(flatten)]
    pub listing: Listing,

    /// Cut lines to so many columns; 0 cuts nothing. The width of the terminal, where there is one.
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,

    /// The same as --width 0.
    #[arg(long, conflicts_with = "width")]
    pub full: bool,

    /// Payloads as a hex dump.
    #[arg(long)]
    pub hex: bool,

    /// Payloads even where their subprotocol says more.
    #[arg(long)]
    pub raw: bool,

    /// What payloads say that are gzip, zlib, Zstandard, MessagePack or CBOR in themselves.
    #[arg(long)]
    pub decode: bool,
}

/// `wscope connections`.
#[derive(Debug, Args)]
#[command(
    override_usage = "wscope connections [OPTIONS] FILE...\n       wscope connections [OPTIONS] -i NAME"
)]
pub struct Connections {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// Which rows and fields.
    #[command(flatten)]
    pub listing: Listing,
}

/// `wscope payload`.
#[derive(Debug, Args)]
#[command(
    override_usage = "wscope payload [OPTIONS] FILE... -c N -m M\n       wscope payload [OPTIONS] -i NAME -c N"
)]
#[command(after_help = "\
Examples:
  wscope payload capture.pcap -c 3 -m 64
  wscope payload capture.pcap -c 3 -m 64 -o message.bin
Payloads of several messages follow each other without anything between them.")]
pub struct Payload {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// Write to this file; one that exists is an error.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<std::path::PathBuf>,
}

/// `wscope stats`.
#[derive(Debug, Args)]
#[command(override_usage = "wscope stats [OPTIONS] FILE...\n       wscope stats [OPTIONS] -i NAME")]
pub struct Statistics {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// What a row stands for.
    #[arg(long, value_enum, default_value_t = Grouping::Connection, value_name = "WHAT")]
    pub by: Grouping,

    /// Only the N rows with most WebSocket bytes; also --top.
    #[arg(long, alias = "top", value_name = "N")]
    pub limit: Option<usize>,

    /// Which fields.
    #[command(flatten)]
    pub cells: Cells,

    /// Columns that names are cut to, with --by subject and kind. The width of the terminal, where
    /// there is one; 0 cuts nothing.
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,

    /// Distributions as bars.
    #[arg(long, conflicts_with_all = ["json", "csv", "fields"])]
    pub histogram: bool,

    /// Symbol by symbol: what takeover saved, distances, blocks; intervals and pings. Slower.
    #[arg(long)]
    pub deep: bool,
}

/// What connections have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Grouping {
    /// The `Host` header.
    Host,
    /// The request target.
    Target,
    /// The subprotocol agreed.
    Subprotocol,
    /// Nothing: each connection by itself.
    Connection,
    /// The sender: client or server.
    Peer,
    /// What a subprotocol's units are about: destination, topic, event or method.
    Subject,
    /// What the subprotocol calls its units: MESSAGE, PUBLISH, request.
    Kind,
}
