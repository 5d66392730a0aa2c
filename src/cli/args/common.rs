//! What several commands take.
//!
//! Job: each of these options once, in groups that commands put together: what is read, live
//! traffic, how it is printed. Input: words. Output: arguments.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use clap::builder::{BoolValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueEnum};

use crate::base::Conversing;
#[cfg(feature = "tls")]
use crate::cli::keys::KeyLogs;
use crate::cli::listen::Listen;

/// What commands that print what is in captures share.
#[derive(Debug, Args)]
pub struct Common {
    /// What is printed.
    #[command(flatten)]
    pub printing: Printing,

    /// What is read.
    #[command(flatten)]
    pub reading: Reading,

    /// Live traffic in place of files.
    #[command(flatten)]
    pub listen: Listen,
}

/// What is read, and how.
#[derive(Debug, Args)]
pub struct Reading {
    /// Captures: pcap or pcapng, plain or in gzip or zstd; `-` is standard input, not for `view`.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<OsString>,

    /// Only packets that match this BPF expression, as for tcpdump.
    #[arg(short, long, value_name = "BPF")]
    pub filter: Option<String>,

    /// Where the secrets of TLS are.
    #[cfg(feature = "tls")]
    #[command(flatten)]
    pub keys: KeyLogs,

    /// Read what connection N says as this subprotocol, or as none: 7=stomp, 7=none; without N
    /// all connections. Else it is recognised by what is said.
    #[arg(long = "as", value_name = "[N=]NAME", value_delimiter = ',')]
    pub protocols: Vec<String>,

    /// When to colour.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,

    /// Worker threads; the output does not depend on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// What is printed, and how.
#[derive(Debug, Args)]
pub struct Printing {
    /// JSON Lines instead of text.
    #[command(flatten)]
    pub form: Form,

    /// Only this connection, by its number.
    #[arg(short, long, value_name = "N")]
    pub connection: Option<Conversing>,
}

/// Text or JSON.
#[derive(Debug, Args)]
pub struct Form {
    /// JSON Lines instead of text.
    #[arg(id = "json", long = "json", action = ArgAction::SetTrue, value_parser = BoolValueParser::new().map(Format::new))]
    pub format: Format,
}

/// What output is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Text,
    /// JSON Lines for programs.
    Json,
}

impl Format {
    fn new(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
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

impl From<Sender> for crate::base::Peer {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::Client => Self::Client,
            Sender::Server => Self::Server,
        }
    }
}
