//! What can be typed.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Passive analyser of WebSocket traffic: every frame, every message, every compression window.
#[derive(Debug, Parser)]
#[command(
    name = "wscope",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "Exit codes: 0 done, 1 nothing to show, 2 an input or the output failed.")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Every message, a line each.
    Messages(Messages),
    /// Handshakes, negotiated parameters and totals of each connection.
    Connections(Connections),
    /// Compression statistics per connection and sender, and in all.
    Stats(Statistics),
}

/// What all commands share.
#[derive(Debug, Args)]
pub struct Common {
    /// Captures: pcap or pcapng, plain or in gzip or zstd; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<OsString>,

    /// JSON Lines instead of text.
    #[arg(long)]
    pub json: bool,

    /// Only this connection, by its number.
    #[arg(short, long, value_name = "N")]
    pub connection: Option<u64>,

    /// Only packets that match this BPF expression, as for tcpdump.
    #[arg(short, long, value_name = "BPF")]
    pub filter: Option<String>,

    /// When to colour.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,

    /// Worker threads; the output does not depend on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `wscope messages`.
#[derive(Debug, Args)]
pub struct Messages {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// How to show time.
    #[arg(long, value_enum, default_value_t = Time::Relative, value_name = "FORMAT")]
    pub time: Time,

    /// Do not cut payloads to the width of the terminal.
    #[arg(long)]
    pub full: bool,

    /// Payloads as a hex dump.
    #[arg(long)]
    pub hex: bool,

    /// Only what this peer sent.
    #[arg(long, value_enum, value_name = "PEER")]
    pub from: Option<Sender>,

    /// Only these opcodes: text, binary, close, ping, pong, or reserved-3 and the like.
    #[arg(long, value_delimiter = ',', value_name = "OPCODE", value_parser = opcode)]
    pub opcode: Vec<String>,
}

/// How to show time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Time {
    /// Seconds since the epoch.
    Absolute,
    /// Seconds since the first packet.
    Relative,
    /// Seconds since the message before on the same connection.
    Delta,
}

/// A sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sender {
    /// The end that opened the connection.
    Client,
    /// The end that answered.
    Server,
}

/// `wscope connections`.
#[derive(Debug, Args)]
pub struct Connections {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// `wscope stats`.
#[derive(Debug, Args)]
pub struct Statistics {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
}

fn opcode(name: &str) -> Result<String, String> {
    let known = (0..16).map(|bits| crate::ws::OpCode::from_bits(bits).to_string());
    if known.into_iter().any(|opcode| opcode == name) {
        Ok(name.to_owned())
    } else {
        Err(
            "no such opcode; use text, binary, close, ping, pong, continuation or reserved-3 to \
             reserved-7 and reserved-11 to reserved-15"
                .to_owned(),
        )
    }
}
