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

    /// Memory to keep to, in bytes or with K, M, G: the bounds of all buffers follow it.
    #[arg(long, value_name = "SIZE", default_value = "2G", value_parser = memory)]
    pub max_memory: u64,

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

/// The least that the bounds can be scaled to.
const MEMORY_MIN: u64 = 32 << 20;

/// Bytes from `512M` or `2G`.
fn memory(text: &str) -> Result<u64, String> {
    let number = text.trim_end_matches(['B', 'b']).trim_end_matches('i');
    let (digits, shift) = match number.char_indices().next_back() {
        Some((at, 'K' | 'k')) => (number.get(..at), 10),
        Some((at, 'M' | 'm')) => (number.get(..at), 20),
        Some((at, 'G' | 'g')) => (number.get(..at), 30),
        _ => (Some(number), 0),
    };
    let value: Option<u64> = digits.and_then(|digits| digits.parse().ok());
    let bytes = value.and_then(|value| value.checked_mul(1 << shift));
    match bytes {
        None => Err("not a size such as 512M or 2G".to_owned()),
        Some(bytes) if bytes < MEMORY_MIN => Err("at least 32M".to_owned()),
        Some(bytes) => Ok(bytes),
    }
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
