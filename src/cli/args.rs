//! What can be typed.

use std::ffi::OsString;
use std::num::NonZeroUsize;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::listen::Listen;
use crate::deflate::WindowBits;
use crate::finding::Code;

/// Passive analyser of WebSocket traffic: every frame, every message, every compression window.
#[derive(Debug, Parser)]
#[command(
    name = "wscope",
    version,
    max_term_width = 100,
    arg_required_else_help = true
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
    /// Handshakes, negotiated parameters and totals of each connection.
    Connections(Connections),
    /// Compression statistics per connection and sender, and in all.
    Stats(Statistics),
    /// What is wrong: which rule, who broke it, where, and what to do.
    Check(Check),
    /// Every bit of one message, or of a handshake.
    Explain(Explain),
    /// What can be listened on; a star marks what is most likely meant.
    Interfaces(Interfaces),
    /// What if: the same messages under other windows, memory levels, takeover and thresholds.
    Tune(Tune),
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

/// `wscope view`.
#[cfg(feature = "tui")]
#[derive(Debug, Args)]
#[command(override_usage = "wscope view [OPTIONS] FILE...\n       wscope view [OPTIONS] -i [NAME]")]
pub struct View {
    /// Captures: pcap or pcapng, plain or in gzip or zstd.
    #[arg(required_unless_present = "interface", value_name = "FILE")]
    pub files: Vec<OsString>,

    /// Live traffic in place of files.
    #[command(flatten)]
    pub listen: Listen,

    /// Without -w: bytes of packets that are kept in a scratch file, from which payloads are read
    /// again; the oldest go. In bytes, or with K, M or G.
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = super::listen::keep, requires = "interface", conflicts_with = "write")]
    pub keep: u64,

    /// Only packets that match this BPF expression, as for tcpdump.
    #[arg(short, long, value_name = "BPF")]
    pub filter: Option<String>,

    /// When to colour.
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub color: When,

    /// Threads that read.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// For the wall: one message, one step at a time.
    #[arg(long)]
    pub present: bool,
}

/// `wscope messages`.
#[derive(Debug, Args)]
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

    /// Do not cut payloads to the width of the terminal.
    #[arg(long)]
    pub full: bool,

    /// Payloads as a hex dump.
    #[arg(long)]
    pub hex: bool,

    /// Only what this peer sent.
    #[arg(long, value_enum, value_name = "PEER")]
    pub from: Option<Sender>,

    /// Only what this filter means: words, or an expression as docs/filter.md tells.
    #[arg(short = 'Y', long, value_name = "EXPR")]
    pub matching: Option<String>,

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
#[command(
    override_usage = "wscope connections [OPTIONS] FILE...\n       wscope connections [OPTIONS] -i NAME"
)]
pub struct Connections {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
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

    /// Only the N rows with most WebSocket bytes.
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,

    /// Distributions as bars.
    #[arg(long, conflicts_with = "json")]
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
}

/// `wscope tune`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wscope tune captures/demo.pcapng
  wscope tune --all --tolerance 2 --json capture.pcap
docs/tuning.md tells how to read it.")]
pub struct Tune {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,

    /// How much payload to compress: whole connections, chosen by their numbers, as many as fit.
    #[arg(long, value_name = "SIZE", default_value = "2M", value_parser = size)]
    pub sample: u64,

    /// All of it, however long that takes.
    #[arg(long, conflicts_with = "sample")]
    pub all: bool,

    /// zlib's compression levels to try, such as `1,6,9` or `1-9`.
    #[arg(long, value_name = "LEVELS", default_value = "6", value_parser = levels)]
    pub levels: std::sync::Arc<[u8]>,

    /// How far above the best size the recommendation may be, in percent.
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = tolerance)]
    pub tolerance: u64,

    /// Measure time too, relative to zlib's defaults; it differs from run to run.
    #[arg(long)]
    pub time: bool,
}

/// `wscope interfaces`.
#[derive(Debug, Args)]
pub struct Interfaces {
    /// JSON Lines instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `wscope check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 no finding as bad as --fail-on says, 1 at least one, 2 an input or the output failed.
Each code is explained in docs/findings.md.")]
pub struct Check {
    /// Each finding by itself, where repeats on a connection are otherwise folded.
    #[arg(long)]
    pub all: bool,

    /// The least severity that makes the exit code 1.
    #[arg(long, value_enum, default_value_t = Level::Error, value_name = "SEVERITY")]
    pub fail_on: Level,

    /// Leave out findings with this code; can be given several times.
    #[arg(long, value_name = "CODE", value_parser = code)]
    pub ignore: Vec<Code>,

    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// A rule was broken, or data are unreadable.
    Error,
    /// Likely trouble, too.
    Warning,
    /// Anything.
    Note,
}

/// `wscope explain`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[command(after_help = "\
Examples:
  wscope explain captures/demo.pcapng -c 1 -m 3
  wscope explain captures/demo.pcapng -c 1 --handshake
  wscope explain --hex \"c1 07 f2 48 cd c9 c9 07 00\"")]
pub struct Explain {
    /// Captures: pcap or pcapng, plain or in gzip or zstd; `-` is standard input.
    #[arg(required_unless_present = "hex", value_name = "FILE")]
    pub files: Vec<OsString>,

    /// The connection, by its number; not needed where there is only one.
    #[arg(short, long, value_name = "N")]
    pub connection: Option<u64>,

    /// The message, by its number on the connection.
    #[arg(
        short,
        long,
        value_name = "K",
        required_unless_present_any = ["hex", "handshake"],
        conflicts_with = "handshake"
    )]
    pub message: Option<u64>,

    /// The opening handshake, line by line.
    #[arg(long)]
    pub handshake: bool,

    /// Frames typed here in hexadecimal, in place of a capture.
    #[arg(long, value_name = "BYTES", conflicts_with_all = ["files", "handshake", "connection", "filter"])]
    pub hex: Option<String>,

    /// The window that was agreed, in bits; only with --hex.
    #[arg(long, value_name = "8-15", value_parser = window_bits)]
    pub window_bits: Option<WindowBits>,

    /// Who sends the bytes; only with --hex, where the first frame's mask tells otherwise.
    #[arg(long, value_enum, value_name = "PEER")]
    pub from: Option<Sender>,

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

    /// One JSON object instead of text.
    #[arg(long)]
    pub json: bool,

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

/// `4M`, `512k`, `1000`: bytes.
fn size(value: &str) -> Result<u64, String> {
    let units = [("k", 10), ("M", 20), ("G", 30), ("", 0)];
    let bytes = units.iter().find_map(|(unit, shift)| {
        let number: u64 = value.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(1 << shift)
    });
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "a size is a number of bytes, or one with k, M or G".to_owned())
}

/// `6`, `1,6,9`, `1-9`.
fn levels(value: &str) -> Result<std::sync::Arc<[u8]>, String> {
    let mut levels = Vec::new();
    for part in value.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let known = |level: &str| {
            let level: u8 = level.parse().ok()?;
            (1..=9).contains(&level).then_some(level)
        };
        match (known(first), known(last)) {
            (Some(first), Some(last)) if first <= last => levels.extend(first..=last),
            _ => return Err("levels are 1 to 9, such as 6, 1,6,9 or 1-9".to_owned()),
        }
    }
    Ok(levels.into())
}

/// Percent as thousandths.
fn tolerance(value: &str) -> Result<u64, String> {
    let wrong = || "a tolerance is a percentage, such as 5 or 2.5".to_owned();
    let (whole, tenths) = value.split_once('.').unwrap_or((value, "0"));
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let tenths: u64 = tenths.parse().map_err(|_| wrong())?;
    if tenths > 9 || whole > 1000 {
        return Err(wrong());
    }
    Ok(whole * 10 + tenths)
}

fn window_bits(value: &str) -> Result<WindowBits, String> {
    let bits = value.parse().ok().and_then(WindowBits::new);
    bits.ok_or_else(|| "a window has 8 to 15 bits".to_owned())
}

fn code(name: &str) -> Result<Code, String> {
    if let Some(code) = Code::by_name(name) {
        return Ok(code);
    }
    let mut near: Vec<_> = Code::ALL
        .iter()
        .map(|code| (unlikeness(name, code.name()), code.name()))
        .collect();
    near.sort_unstable();
    let near: Vec<_> = near.iter().take(4).map(|(_, name)| *name).collect();
    Err(format!(
        "no finding has this code; near are {}; docs/findings.md lists all",
        near.join(", ")
    ))
}

/// How much of two names is not in both: words count twice as much as letters.
fn unlikeness(typed: &str, name: &str) -> usize {
    let words = |text: &str| text.split('-').map(str::to_owned).collect::<Vec<_>>();
    let (typed_words, name_words) = (words(typed), words(name));
    let same = typed_words
        .iter()
        .filter(|word| name_words.contains(word))
        .count();
    distance(typed.as_bytes(), name.as_bytes()) + 8 - 4 * same.min(2)
}

/// The edits that make one of the other.
fn distance(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(to) {
            let best = (diagonal + usize::from(a != b))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or(0)
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
