//! What a pcap file's header fixes for its records.
//!
//! Job: read a record's header and judge it. Input: bytes. Output: records.
//! Source: draft-ietf-opsawg-pcap §4 (file header) and §5 (packet record).

use crate::base::Timestamp;
use crate::capture::bytes::Endian;
use crate::capture::link::LinkType;
use crate::capture::record::Found;

/// Bytes of a packet record's header that all variants share.
pub(super) const RECORD_HEADER: usize = 16;
/// Bytes of one packet that no writer exceeds unless its snaplen does; libpcap's bound too.
pub(super) const USUAL_PACKET: u32 = 256 << 10;
/// Seconds that packets next to each other may well lie apart: a week.
pub(super) const NEAR: u32 = 7 * 24 * 3600;

/// Which of the format's variants a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::capture) struct Variant {
    pub(super) endian: Endian,
    /// Fractions of a second in one second.
    pub(super) unit: u32,
    /// Bytes of a record's header.
    pub(super) header: usize,
}

impl Variant {
    /// The variant that a file's magic number names.
    pub(in crate::capture) fn from_magic(magic: [u8; 4]) -> Option<Self> {
        let (endian, value) = match magic {
            [0xa1, ..] => (Endian::Big, u32::from_be_bytes(magic)),
            _ => (Endian::Little, u32::from_le_bytes(magic)),
        };
        let (unit, header) = match value {
            0xa1b2_c3d4 => (1_000_000, RECORD_HEADER),
            0xa1b2_3c4d => (1_000_000_000, RECORD_HEADER),
            0xa1b2_cd34 => (1_000_000, RECORD_HEADER + 8),
            _ => return None,
        };
        Some(Self {
            endian,
            unit,
            header,
        })
    }
}

/// A packet record's header, §5.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) seconds: u32,
    pub(super) fraction: u32,
    pub(super) captured: u32,
    pub(super) wire: u32,
}

/// What is known after the file header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) variant: Variant,
    /// Captured bytes past which a record is damaged.
    pub(super) max: u32,
    pub(super) link: LinkType,
    /// Nanoseconds in one fraction.
    pub(super) nanos: u32,
}

impl Rules {
    #[inline]
    pub(super) fn record(&self, bytes: &[u8]) -> Option<Record> {
        let [seconds, fraction, captured, wire] = self.variant.endian.words(bytes)?;
        Some(Record {
            seconds,
            fraction,
            captured,
            wire,
        })
    }

    /// Why a record cannot be one.
    pub(super) fn fault(&self, record: &Record) -> Option<String> {
        if record.captured > self.max {
            Some(format!(
                "the packet record claims {} bytes, more than the {} that are possible here",
                record.captured, self.max
            ))
        } else if (
            record.seconds,
            record.fraction,
            record.captured,
            record.wire,
        ) == (0, 0, 0, 0)
        {
            Some("the packet record is all zeros".to_owned())
        } else {
            None
        }
    }

    /// Whether a record can be one, but no good writer makes such.
    /// `last` is the second of the packet before it.
    #[inline]
    pub(super) fn suspicious(&self, record: &Record, last: Option<u32>) -> bool {
        record.captured > record.wire
            || record.fraction >= self.variant.unit
            || last.is_some_and(|last| record.seconds.abs_diff(last) > NEAR)
    }

    #[inline]
    pub(super) fn found(&self, record: &Record, start: usize) -> Found {
        // 64 bits hold any fraction in nanoseconds; more than a second of it carries over.
        let fraction = u64::from(record.fraction) * u64::from(self.nanos);
        let whole = Timestamp::new(u64::from(record.seconds), 0);
        Found {
            time: Timestamp(whole.0.saturating_add(fraction)),
            link: self.link,
            wire_len: record.wire,
            start,
            len: record.captured,
        }
    }
}
