//! What several commands take.
//!
//! Job: each of these options once, in groups that commands put together: what is read, live
//! traffic, how it is printed. Input: words. Output: arguments.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;

use clap::builder::{BoolValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueEnum};

use crate::base::{Numbers, Only, Timestamp};
#[cfg(feature = "tls")]
use crate::cli::keys::KeyLogs;
use crate::cli::listen::Listen;
use crate::explain::Layout;
use crate::filter::Column;
use crate::output::fields::Shape;
use crate::output::sorted::Order;
use crate::page::TimeFormat;
use crate::page::redact::Redact;

/// What commands that print what is in captures share.
#[derive(Debug, Args)]
pub struct Common {
    /// What is printed.
    #[command(flatten)]
    pub printing: Printing,

    /// What is read.
    #[command(flatten)]
    pub reading: Reading,

    /// Which of it counts.
    #[command(flatten)]
    pub selection: Selection,

    /// Live traffic in place of files.
    #[command(flatten)]
    pub listen: Listen,
}

/// Which connections and messages count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub struct Selection {
    /// Only these connections, such as 3 or 3,7-9; 12.5 is stream 5 of connection 12.
    #[arg(short, long, value_name = "LIST")]
    pub connection: Option<Only>,

    /// Only these messages of each connection, such as 64 or 4-8,12.
    #[arg(short, long, value_name = "LIST")]
    pub message: Option<Numbers>,

    /// Only what matches this filter: words, or an expression as docs/filter.md tells.
    #[arg(short = 'Y', long, value_name = "EXPR")]
    pub matching: Option<String>,

    /// Only what this peer sent.
    #[arg(long, value_enum, value_name = "PEER")]
    pub from: Option<Sender>,

    /// Only these opcodes: text, binary, close, ping, pong, or reserved-3 and the like.
    #[arg(long, value_delimiter = ',', value_name = "OPCODE", value_parser = opcode)]
    pub opcode: Vec<String>,
}

/// Which rows of a list are printed, and which of their fields.
#[derive(Debug, Args)]
#[command(next_help_heading = "Lists")]
pub struct Listing {
    /// Comma-separated values, with a first row of names.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,

    /// Only these fields, with tabs between them; docs/filter.md lists them.
    #[arg(long, value_delimiter = ',', value_name = "FIELDS")]
    pub fields: Vec<Column>,

    /// Sort by a field: numbers from the largest down, texts up; FIELD:asc and FIELD:desc say so.
    #[arg(long, value_name = "FIELD", conflicts_with = "interface", value_parser = sort)]
    pub sort: Option<Sort>,

    /// Only the first N rows.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

impl Listing {
    /// How rows of fields are written, where they are wanted.
    pub fn shape(&self, format: Format) -> Option<Shape> {
        shape(self.csv, !self.fields.is_empty(), format)
    }

    /// The order of the rows, where it is not that of the capture.
    pub fn order(&self) -> Option<Order> {
        let sort = self.sort.clone()?;
        Some(Order {
            column: sort.column,
            ascending: sort.ascending,
            limit: self.limit,
            ends: None,
        })
    }

    /// The fields that rows are made of or sorted by.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        let sorted = self.sort.iter().map(|sort| &sort.column);
        self.fields.iter().chain(sorted)
    }
}

/// Rows of fields of JSON objects.
#[derive(Debug, Args)]
#[command(next_help_heading = "Lists")]
pub struct Cells {
    /// Comma-separated values, with a first row of names.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,

    /// Only these fields of the JSON objects, with tabs between them; dots lead into objects, as
    /// docs/json.md lists them.
    #[arg(long, value_delimiter = ',', value_name = "FIELDS")]
    pub fields: Vec<String>,
}

impl Cells {
    /// How rows of fields are written, where they are wanted.
    pub fn shape(&self, format: Format) -> Option<Shape> {
        shape(self.csv, !self.fields.is_empty(), format)
    }
}

fn shape(csv: bool, fields: bool, format: Format) -> Option<Shape> {
    match (csv, fields, format) {
        (true, ..) if io::stdout().is_terminal() => Some(Shape::CsvShown),
        (true, ..) => Some(Shape::Csv),
        (false, true, Format::Json) => Some(Shape::Json),
        (false, true, Format::Text) => Some(Shape::Tabs),
        (false, false, _) => None,
    }
}

/// What a list is sorted by.
#[derive(Debug, Clone)]
pub struct Sort {
    column: Column,
    ascending: bool,
}

fn sort(typed: &str) -> Result<Sort, String> {
    let (name, direction) = typed.split_once(':').unwrap_or((typed, ""));
    let column: Column = name.parse()?;
    let ascending = match direction {
        "asc" => true,
        "desc" => false,
        "" => !column.is_number(),
        _ => return Err(format!("{direction:?} is no direction; use asc or desc")),
    };
    Ok(Sort { column, ascending })
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

/// What is read, and how.
#[derive(Debug, Args)]
pub struct Reading {
    /// Captures: pcap or pcapng, plain or in gzip or zstd; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<OsString>,

    /// Only packets that match this BPF expression, as for tcpdump.
    #[arg(short = 'f', long, value_name = "BPF")]
    pub bpf: Option<String>,

    /// What this was called before, and what it may have been taken for.
    #[arg(long, hide = true, value_parser = no_filter)]
    pub filter: Option<String>,

    /// Memory that the bounds of buffers follow, in bytes or with K, M, G. What was given up to keep
    /// them is said at the end.
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

fn no_filter(_: &str) -> Result<String, String> {
    Err("packets are chosen with --bpf (-f), messages with --matching (-Y)".to_owned())
}

/// What is printed, and how.
#[derive(Debug, Args)]
pub struct Printing {
    /// JSON Lines instead of text.
    #[command(flatten)]
    pub form: Form,

    /// Secrets as they were sent: tokens in targets, cookies and headers, passwords. `messages` and
    /// `explain` show them anyway.
    #[arg(long, conflicts_with = "redact")]
    pub show_secrets: bool,

    /// Secrets as their length and a short hash. All commands but `messages` and `explain` do so
    /// anyway.
    #[arg(long)]
    pub redact: bool,
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

/// How to show time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Time {
    /// Date and time of day where this machine is (`TZ` decides), with the difference to UTC.
    Local,
    /// Date and time of day, UTC.
    Utc,
    /// Seconds since 1970.
    #[value(alias = "absolute")]
    Epoch,
    /// Seconds since the first packet.
    Relative,
    /// Seconds since the message before on the same connection.
    Delta,
}

impl From<Time> for TimeFormat {
    fn from(time: Time) -> Self {
        match time {
            Time::Local => Self::Local,
            Time::Utc => Self::Utc,
            Time::Epoch => Self::Epoch,
            Time::Relative => Self::Relative,
            Time::Delta => Self::Delta,
        }
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

/// How much is shown of what explains messages.
#[derive(Debug, Args)]
pub struct Extent {
    /// Symbols that are shown of a compressed message.
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub symbols: Option<usize>,

    /// Cut nothing.
    #[arg(long)]
    pub all: bool,

    /// The Huffman codes of blocks that have their own.
    #[arg(long)]
    pub tables: bool,

    /// Every byte with its bits and what they mean.
    #[arg(long)]
    pub bytes: bool,
}

impl Extent {
    /// A page of so much, which shows times since `start`.
    pub fn layout(&self, redact: Redact, start: Timestamp) -> Layout {
        Layout {
            width: Layout::WIDTH,
            symbols: self.symbols,
            all: self.all,
            tables: self.tables,
            bytes: self.bytes,
            redact,
            start,
        }
    }
}
