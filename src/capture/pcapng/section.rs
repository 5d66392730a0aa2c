//! A section and the blocks in it.
//!
//! Job: what each block type says. Input: whole blocks. Output: packet records, interfaces and
//! their drop counts.
//! Source: draft-ietf-opsawg-pcapng §4.1 (section header), §4.2 (interface description),
//! §4.3 (enhanced packet), §4.4 (simple packet), §4.6 (interface statistics), Appendix A (packet
//! block).

use super::block::{Block, BlockType};
use super::options::options;
use crate::base::Timestamp;
use crate::capture::bytes::{Endian, index};
use crate::capture::link::LinkType;
use crate::capture::record::{Found, Out, Window};
use crate::capture::warning::WarningKind;

/// Interfaces that one section may have; a file with more is not one of a capture.
const MOST_INTERFACES: usize = 1 << 16;
const NANOS: u128 = 1_000_000_000;

/// §4.2, options.
pub(super) const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;
/// §4.6, options.
pub(super) const ISB_IFDROP: u16 = 5;
pub(super) const ISB_OSDROP: u16 = 7;

/// What one unit of an interface's time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resolution {
    /// So many nanoseconds.
    Nanos(u64),
    /// One of so many parts of a second.
    Parts(u128),
}

impl Resolution {
    const MICRO: Self = Self::Nanos(1000);

    /// `if_tsresol`: the top bit chooses between powers of two and of ten.
    fn from_option(value: u8) -> Self {
        let exponent = u32::from(value & 0x7f);
        if value & 0x80 != 0 {
            // At 127 bits of fraction, 64 bits of ticks are no time at all: any bound will do.
            Self::Parts(1 << exponent.min(126))
        } else if let Some(power) = 9_u32.checked_sub(exponent) {
            Self::Nanos(10_u64.saturating_pow(power))
        } else {
            Self::Parts(10_u128.saturating_pow(exponent))
        }
    }
}

/// §4.2.
#[derive(Debug, Clone)]
struct Interface {
    link: LinkType,
    /// Bytes kept of a packet; 0 for all.
    snaplen: u32,
    resolution: Resolution,
    /// Seconds to add.
    offset: i64,
    /// Packets dropped, as last told.
    dropped: u64,
}

impl Interface {
    #[inline]
    fn time(&self, high: u32, low: u32) -> Timestamp {
        let ticks = (u64::from(high) << 32) | u64::from(low);
        let nanos = match self.resolution {
            Resolution::Nanos(nanos) => ticks.saturating_mul(nanos),
            Resolution::Parts(parts) => {
                let ticks = u128::from(ticks);
                // Whole seconds apart from the rest, so that no product is too large.
                let whole = (ticks / parts).saturating_mul(NANOS);
                let rest = ticks % parts;
                let part = match rest.checked_mul(NANOS) {
                    Some(product) => product / parts,
                    None => rest / (parts / NANOS).max(1),
                };
                u64::try_from(whole.saturating_add(part)).unwrap_or(u64::MAX)
            }
        };
        if self.offset == 0 {
            return Timestamp(nanos);
        }
        let shift = self.offset.unsigned_abs().saturating_mul(1_000_000_000);
        Timestamp(if self.offset > 0 {
            nanos.saturating_add(shift)
        } else {
            nanos.saturating_sub(shift)
        })
    }
}

/// What one section said of itself so far.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) endian: Endian,
    interfaces: Vec<Interface>,
    /// Time of the last packet, which a simple packet takes for want of its own.
    last: Option<Timestamp>,
}

impl Section {
    /// §4.1: byte-order magic, version, section length, options. `last` is the time of the last
    /// packet before it.
    pub(super) fn new(
        block: &Block<'_>,
        last: Option<Timestamp>,
        out: &mut Out<'_>,
    ) -> Result<Self, String> {
        let [_, _, major, minor] = block
            .endian
            .halves(block.body)
            .ok_or("the section header is too short")?;
        // Minor version 2 was written by some programs and means the same.
        if !matches!((major, minor), (1, 0 | 2)) {
            out.warn(WarningKind::Version {
                format: "pcapng",
                major,
                minor,
            });
        }
        Ok(Self {
            endian: block.endian,
            interfaces: Vec::new(),
            last,
        })
    }

    /// Whether a packet without a time has one to take.
    pub(super) fn has_time(&self) -> bool {
        self.last.is_some()
    }

    /// The time of the last packet.
    pub(super) fn last_time(&self) -> Option<Timestamp> {
        self.last
    }

    /// Has packets without a time take this one until another packet has its own.
    pub(super) fn begin_time(&mut self, time: Timestamp) {
        self.last = Some(time);
    }

    /// The time of a packet block that has one.
    pub(super) fn time_of(&self, block: &Block<'_>) -> Option<Timestamp> {
        let [word, high, low] = self.endian.words(block.body)?;
        let interface = match block.kind {
            BlockType::ENHANCED_PACKET => word,
            BlockType::OLD_PACKET => {
                let [interface, _] = self.endian.halves(block.body)?;
                u32::from(interface)
            }
            _ => return None,
        };
        let from = self.interfaces.get(index(interface))?;
        Some(from.time(high, low))
    }

    /// Packets that the interfaces of this section dropped.
    pub(super) fn dropped(&self) -> u64 {
        self.interfaces
            .iter()
            .fold(0, |sum, interface| sum.saturating_add(interface.dropped))
    }

    /// §4.2: link type, reserved, snaplen, options.
    #[cold]
    pub(super) fn interface(&mut self, block: &Block<'_>) -> Result<(), String> {
        let endian = self.endian;
        let ([link, _], [_, snaplen]) = endian
            .halves(block.body)
            .zip(endian.words(block.body))
            .ok_or("the interface description is too short")?;
        if self.interfaces.len() >= MOST_INTERFACES {
            return Err(format!(
                "the section has more than {MOST_INTERFACES} interfaces"
            ));
        }
        let mut interface = Interface {
            link: LinkType::from_file(u32::from(link)),
            snaplen,
            resolution: Resolution::MICRO,
            offset: 0,
            dropped: 0,
        };
        for (code, value) in options(endian, block.body.get(8..).unwrap_or_default()) {
            match (code, value) {
                (IF_TSRESOL, [value, ..]) => interface.resolution = Resolution::from_option(*value),
                (IF_TSOFFSET, value) => {
                    let offset = endian.long(value).unwrap_or(0);
                    interface.offset = offset.cast_signed();
                }
                _ => {}
            }
        }
        self.interfaces.push(interface);
        Ok(())
    }

    /// §4.3: interface, time, captured and original length, packet, options.
    #[inline]
    pub(super) fn enhanced_packet(
        &mut self,
        block: &Block<'_>,
        window: &Window<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), String> {
        let Some([interface, high, low, captured, wire]) = self.endian.words(block.body) else {
            return Err("the packet block is too short".to_owned());
        };
        self.packet(block, window, out, interface, [high, low, captured, wire])
    }

    /// Appendix A: interface and drop count in 16 bits each, the rest as in an enhanced packet.
    pub(super) fn old_packet(
        &mut self,
        block: &Block<'_>,
        window: &Window<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), String> {
        let Some(([interface, _], [_, high, low, captured, wire])) = self
            .endian
            .halves(block.body)
            .zip(self.endian.words(block.body))
        else {
            return Err("the packet block is too short".to_owned());
        };
        let interface = u32::from(interface);
        self.packet(block, window, out, interface, [high, low, captured, wire])
    }

    #[inline]
    fn packet(
        &mut self,
        block: &Block<'_>,
        window: &Window<'_>,
        out: &mut Out<'_>,
        interface: u32,
        [high, low, captured, wire]: [u32; 4],
    ) -> Result<(), String> {
        const FIXED: usize = 20;
        let Some(from) = self.interfaces.get(index(interface)) else {
            return Err(unknown_interface(interface));
        };
        if index(captured) > block.body.len().saturating_sub(FIXED) {
            return Err(past_block(captured));
        }
        let time = from.time(high, low);
        self.last = Some(time);
        out.packet(
            window,
            Found {
                time,
                link: from.link,
                wire_len: wire,
                start: block.at.saturating_add(FIXED),
                len: captured,
            },
        );
        Ok(())
    }

    /// §4.4: original length, packet. It is of the first interface, and has no time: it takes
    /// that of the packet before it, as the nearest that is known.
    pub(super) fn simple_packet(
        &mut self,
        block: &Block<'_>,
        window: &Window<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), String> {
        const FIXED: usize = 4;
        let Some([wire]) = self.endian.words(block.body) else {
            return Err("the packet block is too short".to_owned());
        };
        let Some(from) = self.interfaces.first() else {
            return Err(unknown_interface(0));
        };
        let captured = match from.snaplen {
            0 => wire,
            snaplen => snaplen.min(wire),
        };
        if index(captured) > block.body.len().saturating_sub(FIXED) {
            return Err(past_block(captured));
        }
        out.untimed();
        out.packet(
            window,
            Found {
                time: self.last.unwrap_or_default(),
                link: from.link,
                wire_len: wire,
                start: block.at.saturating_add(FIXED),
                len: captured,
            },
        );
        Ok(())
    }

    /// §4.6: interface, time, options. Counts run from the start of the capture.
    #[cold]
    pub(super) fn statistics(&mut self, block: &Block<'_>) -> Result<(), String> {
        let Some([interface]) = self.endian.words(block.body) else {
            return Err("the interface statistics block is too short".to_owned());
        };
        let Some(interface) = self.interfaces.get_mut(index(interface)) else {
            return Err(unknown_interface(interface));
        };
        let options = options(self.endian, block.body.get(12..).unwrap_or_default());
        interface.dropped = options
            .filter(|(code, _)| matches!(*code, ISB_IFDROP | ISB_OSDROP))
            .filter_map(|(_, value)| self.endian.long(value))
            .fold(0, u64::saturating_add);
        Ok(())
    }
}

#[cold]
fn unknown_interface(interface: u32) -> String {
    format!("interface {interface} has not been described")
}

#[cold]
fn past_block(captured: u32) -> String {
    format!("the packet claims {captured} bytes, more than its block holds")
}
