//! What was wrong with an input, without stopping us.
//!
//! Job: say it in a whole sentence, with file, packet and cause, and never more often than a
//! reader can use. Input: facts from the format readers. Output: [`Warning`]s.

use std::fmt;
use std::sync::Arc;

/// Warnings kept for one input; past it they are only counted.
const PER_INPUT: u64 = 20;

/// Something a user should know about an input; reading went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Index of the input.
    pub file: u32,
    /// Whole packets of this input that had been read before.
    pub packets: u64,
    /// What it is.
    pub kind: WarningKind,
    name: Arc<str>,
}

/// What a [`Warning`] is about. Offsets are those of the decompressed input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// The input ends inside a packet or block.
    CutOff {
        /// Bytes that are missing for it to be whole.
        missing: u64,
    },
    /// A compressed input ends before its stream does.
    CutStream {
        /// `gzip` or `zstd`.
        format: &'static str,
    },
    /// A compressed input whose stream is broken; what lies behind the place is lost.
    BrokenStream {
        /// `gzip` or `zstd`.
        format: &'static str,
        /// What the decompressor said.
        cause: String,
    },
    /// Some bytes could not be read; reading went on behind them.
    Skipped {
        /// First byte of them.
        offset: u64,
        /// How many there are.
        bytes: u64,
        /// What is wrong with them.
        cause: String,
    },
    /// The rest of the input could not be read.
    Unreadable {
        /// First byte of the rest.
        offset: u64,
        /// Bytes of the rest.
        bytes: u64,
        /// What is wrong with it.
        cause: String,
    },
    /// The input ends in zero bytes, as one left over from a crash or a full disk does.
    ZeroTail {
        /// First of the zero bytes.
        offset: u64,
        /// How many there are.
        bytes: u64,
    },
    /// A version of the format that we do not know; it is read as the one we do.
    Version {
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// Major version.
        major: u16,
        /// Minor version.
        minor: u16,
    },
    /// The capture's clock went back by more than a second: packets lie out of order.
    ClockStep {
        /// Nanoseconds it went back.
        back: u64,
    },
    /// Packets without a time, as in simple packet blocks.
    NoTime,
    /// The input begins before the one read before it ends.
    InputsOutOfOrder {
        /// The input read before this one.
        previous: Arc<str>,
    },
    /// A capture without a packet.
    NoPackets,
    /// Decryption secrets past the bound.
    SecretsDropped {
        /// Bytes that are kept at most.
        bound: usize,
    },
    /// More warnings than are shown.
    More {
        /// How many were left out.
        count: u64,
    },
}

impl Warning {
    /// The input's name, as in messages.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Warning {
    #[expect(clippy::too_many_lines, reason = "a table: one sentence for each kind")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        let next = self.packets.saturating_add(1);
        match &self.kind {
            WarningKind::CutOff { missing } => write!(
                f,
                "cut off inside packet {next}: {} missing; {} before it",
                bytes_are(*missing),
                packets_read(self.packets)
            ),
            WarningKind::CutStream { format } => write!(
                f,
                "the {format} stream is cut off after packet {}; what came before was read",
                self.packets
            ),
            WarningKind::BrokenStream { format, cause } => write!(
                f,
                "the {format} stream is broken after packet {}: {cause}; \
                 packets just before this place may be wrong",
                self.packets
            ),
            WarningKind::Skipped {
                offset,
                bytes,
                cause,
            } => write!(
                f,
                "damaged after packet {}, at byte {offset}: {cause}; {} skipped, reading went on",
                self.packets,
                bytes_were(*bytes)
            ),
            WarningKind::Unreadable {
                offset,
                bytes,
                cause,
            } => write!(
                f,
                "damaged after packet {}, at byte {offset}: {cause}; \
                 nothing readable was found in the {bytes} bytes from there to the end",
                self.packets
            ),
            WarningKind::ZeroTail { offset, bytes } => write!(
                f,
                "ends in {bytes} zero bytes after packet {}, from byte {offset} on, \
                 as after a crash or on a full disk; {}",
                self.packets,
                packets_read(self.packets)
            ),
            WarningKind::Version {
                format,
                major,
                minor,
            } => write!(
                f,
                "has {format} version {major}.{minor}, which is not known; read as {}",
                if *format == "pcap" { "2.4" } else { "1.0" }
            ),
            WarningKind::ClockStep { back } => write!(
                f,
                "the clock steps back by {}.{:03} s at packet {}; \
                 if packets are out of order, `reordercap` sorts them",
                back / 1_000_000_000,
                back / 1_000_000 % 1000,
                self.packets
            ),
            WarningKind::NoTime => write!(
                f,
                "packet {next} has no time of its own, and others may have none; \
                 each is shown with that of its neighbour"
            ),
            WarningKind::InputsOutOfOrder { previous } => write!(
                f,
                "begins before {previous} ends: what both captured at the same time is read one \
                 file after the other; `mergecap` puts their packets in one order"
            ),
            WarningKind::NoPackets => f.write_str("holds no packets"),
            WarningKind::SecretsDropped { bound } => write!(
                f,
                "holds more than {bound} bytes of decryption secrets; those past packet {} \
                 were left out",
                self.packets
            ),
            WarningKind::More { count } => write!(f, "{count} more warnings like these"),
        }
    }
}

fn bytes_are(count: u64) -> String {
    match count {
        1 => "1 byte is".to_owned(),
        n => format!("{n} bytes are"),
    }
}

fn bytes_were(count: u64) -> String {
    match count {
        1 => "1 byte was".to_owned(),
        n => format!("{n} bytes were"),
    }
}

fn packets_read(count: u64) -> String {
    match count {
        0 => "no packet was read".to_owned(),
        1 => "the 1 packet was read".to_owned(),
        n => format!("the {n} packets were read"),
    }
}

/// The warnings of one input.
#[derive(Debug)]
pub(super) struct Notes {
    name: Arc<str>,
    file: u32,
    made: u64,
    list: Vec<Warning>,
}

impl Notes {
    pub(super) fn new(name: Arc<str>, file: u32) -> Self {
        Self {
            name,
            file,
            made: 0,
            list: Vec::new(),
        }
    }

    /// The input's name.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Notes `kind` after `packets` whole packets.
    pub(super) fn add(&mut self, packets: u64, kind: WarningKind) {
        self.made = self.made.saturating_add(1);
        if self.made <= PER_INPUT {
            self.push(packets, kind);
        }
    }

    /// Notes what concerns the input as a whole, however much was noted before.
    pub(super) fn add_last(&mut self, packets: u64, kind: WarningKind) {
        if self.made < PER_INPUT {
            self.add(packets, kind);
        } else {
            self.push(packets, kind);
        }
    }

    /// Whether there was nothing to say of the input.
    pub(super) fn none(&self) -> bool {
        self.made == 0
    }

    /// Ends the input: tells how many warnings were left out.
    pub(super) fn finish(&mut self, packets: u64) {
        let count = self.made.saturating_sub(PER_INPUT);
        if count > 0 {
            self.push(packets, WarningKind::More { count });
        }
        self.made = 0;
    }

    /// Moves the warnings so far to `list`.
    pub(super) fn drain_into(&mut self, list: &mut Vec<Warning>) {
        list.append(&mut self.list);
    }

    fn push(&mut self, packets: u64, kind: WarningKind) {
        self.list.push(Warning {
            file: self.file,
            packets,
            kind,
            name: Arc::clone(&self.name),
        });
    }
}
