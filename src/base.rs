//! The small values that every layer shares.
//!
//! Job: time, place and direction, spelled the same way everywhere.
//! Input and output: none; these are plain values without behaviour beyond
//! arithmetic and display.

mod only;
mod sides;
pub mod words;

pub use only::{Numbers, Only};
pub use sides::{End, Peer, PerEnd, PerPeer, Roles};

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// Nanoseconds since the Unix epoch, as the capture recorded them.
///
/// wscope never reads a clock: all time is the capture's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    const NANOS: u64 = 1_000_000_000;

    /// A time from whole seconds and nanoseconds; saturates in the year 2554.
    pub fn new(seconds: u64, nanos: u32) -> Self {
        Self(
            seconds
                .saturating_mul(Self::NANOS)
                .saturating_add(u64::from(nanos)),
        )
    }

    /// Whole seconds since the epoch.
    pub fn seconds(self) -> u64 {
        self.0 / Self::NANOS
    }

    /// Nanoseconds within the second, 0 to 999,999,999.
    pub fn subsec_nanos(self) -> u64 {
        self.0 % Self::NANOS
    }

    /// Nanoseconds from `earlier` to `self`; negative where the capture's clock stepped back.
    pub fn since(self, earlier: Self) -> i64 {
        let magnitude = i64::try_from(self.0.abs_diff(earlier.0)).unwrap_or(i64::MAX);
        if self >= earlier {
            magnitude
        } else {
            -magnitude
        }
    }
}

impl fmt::Display for Timestamp {
    /// Seconds with nine digits, as the JSON contract wants them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:09}", self.seconds(), self.subsec_nanos())
    }
}

/// Which packet of which input: `number` counts from 1 within its file, as Wireshark counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PacketRef {
    /// Inputs that were read before its input: packets compare in the order of reading.
    pub turn: u32,
    /// Index of the input, from 0, in the order of the command line.
    pub file: u32,
    /// Number of the packet in that input, from 1.
    pub number: u64,
}

impl PacketRef {
    /// A packet of inputs that are read in the order of the command line.
    pub const fn new(file: u32, number: u64) -> Self {
        let turn = file;
        Self { turn, file, number }
    }
}

/// Packet and time together: where an event stood in the capture.
///
/// Stamps compare by packet first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Stamp {
    /// The packet that brought it.
    pub packet: PacketRef,
    /// When that packet was captured.
    pub time: Timestamp,
}

impl Stamp {
    /// Before the first packet.
    pub const START: Self = Self {
        packet: PacketRef::new(0, 0),
        time: Timestamp(0),
    };
}

/// Who is talking: a TCP connection, or a stream of HTTP/2 on one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Conversing {
    /// The connection's number, from 1.
    pub connection: u64,
    /// The number of the stream of HTTP/2; 0 is the connection itself.
    pub stream: u32,
}

impl Conversing {
    /// The number of the stream, where it is one.
    pub fn on_stream(self) -> Option<u32> {
        (self.stream != 0).then_some(self.stream)
    }

    /// Whether `other` is it, or one of its streams.
    pub fn has(self, other: Self) -> bool {
        self.connection == other.connection && (self.stream == 0 || self.stream == other.stream)
    }
}

impl From<u64> for Conversing {
    /// The connection itself.
    fn from(connection: u64) -> Self {
        Self {
            connection,
            stream: 0,
        }
    }
}

impl FromStr for Conversing {
    type Err = ParseIntError;

    /// From `7` or `7.3`.
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (connection, stream) = text.split_once('.').unwrap_or((text, "0"));
        Ok(Self {
            connection: connection.parse()?,
            stream: stream.parse()?,
        })
    }
}

impl fmt::Display for Conversing {
    /// `7`, or `7.3` for a stream.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stream {
            0 => self.connection.fmt(f),
            stream => f.pad(&format!("{}.{stream}", self.connection)),
        }
    }
}

/// The bound of every buffer that the network can grow.
///
/// Reaching one is a finding or a counted drop, never a crash and never silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one captured packet; a record that claims more is a damaged record.
    pub packet_bytes: usize,
    /// Bytes of IP fragments held over all datagrams; the oldest datagram goes first.
    pub fragment_bytes: usize,
    /// Bytes of out-of-order segments held for one direction; past it the hole becomes a Gap.
    pub reorder_bytes: usize,
    /// Out-of-order segments held for one direction; past it the hole becomes a Gap.
    pub reorder_segments: usize,
    /// Bytes of out-of-order segments held over all connections; past it those that have had holes
    /// for longest give them up.
    pub reorder_total_bytes: usize,
    /// Bytes held after a hole that the receiver has acknowledged, while late segments may still
    /// fill it; `None` for live captures, where time decides (see `tcp`).
    pub late_bytes: Option<usize>,
    /// TCP connections held at once; past it the one idle for longest is closed.
    pub connections: usize,
    /// Bytes of one HTTP head; past it the connection is not an upgrade.
    pub head_bytes: usize,
    /// Bytes kept of one message's payload; the rest is counted, inflated and thrown away.
    pub payload_bytes: usize,
    /// Bytes kept of the payloads of all messages in progress; past it those that grow are cut.
    pub payload_total_bytes: usize,
    /// Bytes of the window that a Zstandard stream over all messages of a sender may ask for; one that asks for
    /// more is not read.
    pub payload_window_bytes: usize,
    /// Bytes that all connections keep of what went by: windows of compression, heads that are not
    /// whole, what is searched for frames, messages whose subprotocol is not recognised yet; past it
    /// the connections that are silent for longest give theirs up.
    pub kept_total_bytes: usize,
    /// Bytes searched for the next frame header after a loss over one.
    pub resync_bytes: usize,
    /// Symbols, blocks and table entries that are recorded of one message, where they are asked
    /// for; the rest is counted. About 50 bytes each.
    pub trace_values: usize,
    /// Bytes of output that workers rendered and that are not written yet, over all workers; past
    /// it they wait.
    pub rendered_bytes: usize,
    /// Bytes of cut TLS records, and of what waits for the other peer's hello, that one direction
    /// holds.
    pub tls_held_bytes: usize,
    /// Bytes of TLS connections of one worker that wait for lines of a key log that grows; each
    /// direction waits for at most `tls_held_bytes`.
    pub tls_waiting_bytes: usize,
    /// Bytes of header fields that each direction of an HTTP/2 connection keeps to refer to. Peers rarely
    /// allow each other more than 64 KiB; what is forgotten is shown as unknown.
    pub header_table_bytes: usize,
    /// Streams of one HTTP/2 connection that are open at once; of more, the first that are no WebSocket
    /// are forgotten.
    pub streams: usize,
    /// Bytes that one direction of a TLS connection hashes in vain before it is given up.
    pub tls_trial_bytes: u64,
    /// Bytes of a conversation's first messages that are kept until its subprotocol is recognised.
    pub recognised_bytes: usize,
    /// Bytes of units that span messages that a subprotocol's decoder keeps for one sender.
    pub unit_bytes: usize,
    /// Questions without an answer, subscriptions and the like that a subprotocol's decoder keeps
    /// in each of its tables.
    pub questions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packet_bytes: 64 << 20,
            fragment_bytes: 4 << 20,
            reorder_bytes: 1 << 20,
            reorder_segments: 4096,
            reorder_total_bytes: 256 << 20,
            late_bytes: Some(1 << 20),
            connections: 1 << 20,
            head_bytes: 64 << 10,
            payload_bytes: 16 << 20,
            payload_total_bytes: 256 << 20,
            payload_window_bytes: 8 << 20,
            kept_total_bytes: 1 << 30,
            resync_bytes: 64 << 10,
            trace_values: 1 << 20,
            rendered_bytes: 32 << 20,
            tls_held_bytes: 256 << 10,
            tls_waiting_bytes: 64 << 20,
            header_table_bytes: 128 << 10,
            streams: 4096,
            tls_trial_bytes: 64 << 20,
            recognised_bytes: 64 << 10,
            unit_bytes: 1 << 20,
            questions: 4096,
        }
    }
}

impl Limits {
    /// The memory that the bounds are made for, unless told otherwise.
    pub const MEMORY: u64 = 2 << 30;

    /// Bounds for so many bytes of memory, in proportion to those for [`Limits::MEMORY`]. What
    /// protocols need stays: a packet, an HTTP head, a record of TLS.
    pub fn within(memory: u64) -> Self {
        let scale = |bound: usize, least: usize| {
            let share = u128::from(memory) * bound as u128 / u128::from(Self::MEMORY);
            usize::try_from(share).unwrap_or(usize::MAX).max(least)
        };
        let whole = Self::default();
        let up = |bound: usize| scale(bound, bound / 64);
        // One connection's share grows no further: it is enough for any reordering.
        let down = |bound: usize| up(bound).min(bound);
        Self {
            fragment_bytes: up(whole.fragment_bytes),
            reorder_bytes: down(whole.reorder_bytes),
            reorder_segments: down(whole.reorder_segments),
            reorder_total_bytes: up(whole.reorder_total_bytes),
            late_bytes: whole.late_bytes.map(down),
            connections: up(whole.connections),
            payload_bytes: down(whole.payload_bytes),
            payload_total_bytes: up(whole.payload_total_bytes),
            payload_window_bytes: down(whole.payload_window_bytes),
            kept_total_bytes: up(whole.kept_total_bytes),
            resync_bytes: down(whole.resync_bytes).max(16 << 10),
            trace_values: down(whole.trace_values),
            rendered_bytes: down(whole.rendered_bytes).max(4 << 20),
            ..whole
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_are_named_by_connection_and_stream() {
        let stream = Conversing {
            connection: 7,
            stream: 3,
        };
        let names = (Conversing::from(7).to_string(), stream.to_string());
        assert_eq!(names, ("7".to_owned(), "7.3".to_owned()));
        assert_eq!(["7".parse(), "7.3".parse()], [Ok(7.into()), Ok(stream)]);
        let wrong = ["", "7.", ".3", "7.3.1", "-1"];
        assert!(wrong.iter().all(|text| text.parse::<Conversing>().is_err()));
        assert_eq!(
            format!("{:>3}|{stream:>5}", Conversing::from(7)),
            "  7|  7.3"
        );
    }

    #[test]
    fn bounds_follow_memory() {
        assert_eq!(Limits::within(Limits::MEMORY), Limits::default());
        let half = Limits::within(Limits::MEMORY / 2);
        let whole = Limits::default();
        assert_eq!(half.reorder_total_bytes * 2, whole.reorder_total_bytes);
        assert_eq!(half.payload_bytes * 2, whole.payload_bytes);
        let double = Limits::within(Limits::MEMORY * 2);
        assert_eq!(double.connections, whole.connections * 2);
        assert_eq!(double.payload_bytes, whole.payload_bytes);
        assert_eq!(Limits::within(0).head_bytes, whole.head_bytes);
        Limits::within(u64::MAX);
    }

    #[test]
    fn time_prints_nine_digits() {
        assert_eq!(
            Timestamp::new(1_700_000_000, 10).to_string(),
            "1700000000.000000010"
        );
    }

    #[test]
    fn time_runs_backwards_without_wrapping() {
        assert_eq!(Timestamp(5).since(Timestamp(7)), -2);
        assert_eq!(Timestamp(7).since(Timestamp(5)), 2);
    }
}
