//! What the readers of the two file formats share.
//!
//! Job: the shape of one parsing step. Input: a [`Window`] of bytes that begins where the step
//! before stopped. Output: records in [`Out`], and a [`Step`] that says how far it came.

use super::bytes::offset;
use super::link::LinkType;
use super::packet::PacketRecord;
use super::warning::{Notes, WarningKind};
use crate::base::{PacketRef, Timestamp};

/// Whether more bytes can follow those of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// More may come.
    Open,
    /// This is the end of the input.
    Reached,
    /// The input failed here, and this is reported elsewhere: an unfinished packet is no news.
    Failed,
}

/// The bytes of an input that have been read and not yet parsed, and some before them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) bytes: &'a [u8],
    /// Offset of the first of `bytes` in the decompressed input.
    pub(super) base: u64,
    pub(super) end: End,
}

impl<'a> Window<'a> {
    /// The bytes from `at` on; none where that is past the end.
    #[inline]
    pub(super) fn rest(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    /// Offset of the byte at `at` in the input.
    #[inline]
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.base.saturating_add(offset(at))
    }
}

/// How far a parsing step came.
///
/// Once the window's end is not open, a step consumes all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Bytes of the window that are done with.
    pub(super) consumed: usize,
    /// Bytes, from `consumed` on, without which another step is of no use.
    pub(super) need: usize,
}

/// Where a parsing step puts what it finds.
#[derive(Debug)]
pub(super) struct Out<'a> {
    pub(super) packets: &'a mut Vec<PacketRecord>,
    pub(super) notes: &'a mut Notes,
    /// Index of the input.
    pub(super) input: PacketRef,
    /// Whole packets found in the input so far.
    pub(super) count: &'a mut u64,
    pub(super) steps: &'a mut Steps,
}

/// Nanoseconds that a clock may step back before it is worth a word.
pub(super) const STEP: u64 = 1_000_000_000;

/// Watches the time of packets for steps back.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// Time of the last packet.
    last: Timestamp,
    reported: bool,
    /// Whether a packet without a time has been told.
    untimed: bool,
}

/// What a file says of one packet, and where in the window it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) time: Timestamp,
    pub(super) link: LinkType,
    pub(super) wire_len: u32,
    pub(super) start: usize,
    pub(super) len: u32,
}

impl Out<'_> {
    /// Adds a packet under the next number.
    #[inline]
    pub(super) fn packet(&mut self, window: &Window<'_>, found: Found) {
        *self.count = self.count.saturating_add(1);
        if found.time.0.saturating_add(STEP) < self.steps.last.0 {
            self.stepped_back(found.time);
        }
        self.steps.last = found.time;
        self.packets.push(PacketRecord {
            place: PacketRef {
                number: *self.count,
                ..self.input
            },
            time: found.time,
            link: found.link,
            // Some writers claim less on the wire than they captured.
            wire_len: found.wire_len.max(found.len),
            start: found.start,
            len: super::bytes::index(found.len),
            offset: window.offset(found.start),
        });
    }

    /// Reports the first place of an input at which time runs backwards.
    #[cold]
    fn stepped_back(&mut self, time: Timestamp) {
        if !self.steps.reported {
            self.steps.reported = true;
            let back = self.steps.last.0.saturating_sub(time.0);
            self.warn(WarningKind::ClockStep { back });
        }
    }

    /// Reports the first packet of an input that has no time of its own.
    pub(super) fn untimed(&mut self) {
        if !self.steps.untimed {
            self.steps.untimed = true;
            self.warn(WarningKind::NoTime);
        }
    }

    /// Adds a warning at the present packet.
    pub(super) fn warn(&mut self, kind: WarningKind) {
        self.notes.add(*self.count, kind);
    }
}

/// A stretch of the input that makes no sense, while the next record is searched for.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    /// Offset of its first byte.
    from: u64,
    /// What is wrong there.
    cause: String,
    /// Whether all bytes of it so far are zero.
    zeros: bool,
}

impl Lost {
    pub(super) fn new(from: u64, cause: String) -> Self {
        Self {
            from,
            cause,
            zeros: true,
        }
    }

    /// Takes note of bytes that were searched in vain.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        self.zeros = self.zeros && bytes.iter().all(|&byte| byte == 0);
    }

    /// The warning once reading goes on at `offset`.
    pub(super) fn found(self, offset: u64) -> WarningKind {
        WarningKind::Skipped {
            offset: self.from,
            bytes: offset.saturating_sub(self.from),
            cause: self.cause,
        }
    }

    /// The warning once the input has ended at `offset`.
    pub(super) fn ended(self, offset: u64) -> WarningKind {
        let bytes = offset.saturating_sub(self.from);
        if self.zeros {
            WarningKind::ZeroTail {
                offset: self.from,
                bytes,
            }
        } else {
            WarningKind::Unreadable {
                offset: self.from,
                bytes,
                cause: self.cause,
            }
        }
    }
}
