//! What several commands take.
//!
//! Job: the inputs, and how the output looks. Input: words. Output: arguments.

use crate::base::Conversing;
use std::ffi::OsString;
use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

#[cfg(feature = "tls")]
use crate::cli::keys::KeyLogs;
use crate::cli::listen::Listen;

/// What all commands share.
#[derive(Debug, Args)]
pub struct Common {
    /// Captures: pcap or pcapng, plain or in gzip or zstd; `-` is standard input.
    #[arg(required_unless_present = "interface", value_name = "FILE")]
    pub files: Vec<OsString>,

    /// Live traffic in place of files.
    #[command(flatten)]
    pub listen: Listen,

    /// JSON Lines instead of text.
    #[arg(long)]
    pub json: bool,

    /// Only this connection, by its number.
    #[arg(short, long, value_name = "N")]
    pub connection: Option<Conversing>,

    /// Only packets that match this BPF expression, as for tcpdump.
    #[arg(short, long, value_name = "BPF")]
    pub filter: Option<String>,

    /// Where the secrets of TLS are.
    #[cfg(feature = "tls")]
    #[command(flatten)]
    pub keys: KeyLogs,

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

/// A sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sender {
    /// The end that opened the connection.
    Client,
    /// The end that answered.
    Server,
}
