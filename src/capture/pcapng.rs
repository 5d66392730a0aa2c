//! The capture file of blocks.
//!
//! Job: walk the blocks, keep what a section says of itself, find the packets, and find the next
//! block where one is damaged. Input: windows of the file from its first byte on.
//! Output: packet records, decryption secrets, drop counts, warnings.
//! Source: "PCAP Next Generation Capture File Format", draft-ietf-opsawg-pcapng §3.1 (general
//! block structure) and §4 (blocks). A section's length (§4.1) is not used: its blocks tell where
//! it ends.

mod block;
mod options;
mod outline;
mod resync;
mod section;
pub(super) mod write;

pub(super) use outline::{TypeAndLength, comments};

use std::sync::Arc;

use self::block::{BLOCK_HEADER, Block, BlockType, SECTION_HEADER, SMALLEST, section_endian};
use self::section::Section;
use super::bytes::{Endian, index, offset};
use super::record::{End, Lost, Out, Window};
use super::recover::{self, Likeness, Stop};
use super::warning::WarningKind;
use crate::base::Limits;
use crate::error::Error;

/// Bytes, from a packet without a time on, in which one is looked for.
const TIME_SEARCH: usize = 64 << 10;
/// Bytes that a block may have around a packet of the greatest size: its own fields and options.
const AROUND_PACKET: usize = 64 << 10;

/// Keys that a capture carries, §4.7: what decrypts the traffic in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Index of the input.
    pub file: u32,
    /// Which format `bytes` have.
    pub kind: u32,
    /// The secrets; for [`Secrets::TLS_KEY_LOG`] the lines of a key log file.
    pub bytes: Arc<[u8]>,
}

impl Secrets {
    /// NSS key log format: what `SSLKEYLOGFILE` holds.
    pub const TLS_KEY_LOG: u32 = 0x544c_534b;
}

/// Reads a pcapng file.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    limits: Limits,
    section: Option<Section>,
    /// Secrets found since they were last taken.
    pub(super) secrets: Vec<Secrets>,
    secrets_bytes: usize,
    /// Packets dropped in sections before the present one.
    dropped: u64,
}

impl recover::Reader for Reader {
    fn has_begun(&self) -> bool {
        self.section.is_some()
    }

    fn smallest(&self) -> usize {
        SMALLEST
    }

    fn take(&mut self, window: &Window<'_>, at: usize, out: &mut Out<'_>) -> Result<Stop, Error> {
        match self.blocks(window, at, out) {
            Stop::Need { at, need } => self.pause(window, at, need, out),
            fault @ Stop::Fault { .. } => Ok(fault),
        }
    }

    fn likeness(&self, window: &Window<'_>, at: usize) -> Likeness {
        resync::likeness(self.endian(), window, at)
    }

    /// What follows a damaged section header is not of the section before it: its interfaces
    /// would give packets a wrong link type and time.
    fn forget(&mut self, bytes: &[u8]) {
        if bytes.first_chunk::<4>() == Some(&SECTION_HEADER.to_le_bytes()) {
            self.dropped = self.dropped();
            self.section = None;
        }
    }

    /// A damaged input without any section is not one that can be read at all.
    fn hopeless(&self, warning: &WarningKind, out: &Out<'_>) -> Result<(), Error> {
        match (&self.section, warning) {
            (None, WarningKind::Unreadable { cause, .. }) if *out.count == 0 => {
                Err(Error::Damaged {
                    name: out.notes.name().to_string(),
                    format: "pcapng",
                    cause: cause.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}

impl Reader {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            section: None,
            secrets: Vec::new(),
            secrets_bytes: 0,
            dropped: 0,
        }
    }

    /// Packets that the capturing machine says it dropped.
    pub(super) fn dropped(&self) -> u64 {
        let now = self.section.as_ref().map_or(0, Section::dropped);
        self.dropped.saturating_add(now)
    }

    fn endian(&self) -> Option<Endian> {
        self.section.as_ref().map(|section| section.endian)
    }

    /// The window ends inside the block at `at`, or right before it.
    #[cold]
    fn pause(
        &self,
        window: &Window<'_>,
        at: usize,
        need: usize,
        out: &mut Out<'_>,
    ) -> Result<Stop, Error> {
        let have = window.rest(at).len();
        if window.end == End::Open {
            return Ok(Stop::Need { at, need });
        }
        if self.section.is_none() && *out.count == 0 {
            return Err(Error::CutHeader {
                name: out.notes.name().to_string(),
                format: "pcapng",
                have: offset(have),
                need: offset(need),
            });
        }
        if window.end == End::Reached && have > 0 {
            let end = window.bytes.len();
            let mut tail = Lost::new(window.offset(at), String::new());
            tail.pass(window.rest(at));
            out.warn(match tail.ended(window.offset(end)) {
                zeros @ WarningKind::ZeroTail { .. } => zeros,
                _ => WarningKind::CutOff {
                    missing: offset(need.saturating_sub(have)),
                },
            });
        }
        Ok(Stop::Need {
            at: window.bytes.len(),
            need: 0,
        })
    }

    /// Takes blocks from `at` on, until one is not whole or not one.
    fn blocks(&mut self, window: &Window<'_>, mut at: usize, out: &mut Out<'_>) -> Stop {
        loop {
            let (block, next) = match self.block(window, at) {
                Ok(found) => found,
                Err(stop) => return stop,
            };
            if block.kind == BlockType::SIMPLE_PACKET
                && let Err(stop) = self.find_time(window, at, next)
            {
                return stop;
            }
            if let Err(cause) = self.take(&block, window, out) {
                out.warn(WarningKind::Skipped {
                    offset: window.offset(at),
                    bytes: offset(next.saturating_sub(at)),
                    cause,
                });
            }
            at = next;
        }
    }

    /// Finds a time for a simple packet at `at` if none before it had one: that of the first
    /// packet after it that has, if that is near.
    fn find_time(&mut self, window: &Window<'_>, at: usize, from: usize) -> Result<(), Stop> {
        let Some(section) = self.section.as_ref().filter(|section| !section.has_time()) else {
            return Ok(());
        };
        let mut next = from;
        let mut found = None;
        while found.is_none() && next.saturating_sub(at) < TIME_SEARCH {
            match self.block(window, next) {
                Ok((block, _)) if block.kind.0 == SECTION_HEADER => break,
                Ok((block, after)) => {
                    found = section.time_of(&block);
                    next = after;
                }
                Err(Stop::Need { at: place, need }) if window.end == End::Open => {
                    let need = place.saturating_sub(at).saturating_add(need);
                    return Err(Stop::Need { at, need });
                }
                Err(_) => break,
            }
        }
        if let Some(section) = &mut self.section {
            section.begin_time(found.unwrap_or_default());
        }
        Ok(())
    }

    /// §3.1: the block at `at`, and where the one after it begins.
    #[inline]
    fn block<'a>(&self, window: &Window<'a>, at: usize) -> Result<(Block<'a>, usize), Stop> {
        let fault = |cause| Err(Stop::Fault { at, cause });
        let rest = window.rest(at);
        let Some(kind) = rest.first_chunk::<4>() else {
            return Err(Stop::Need { at, need: SMALLEST });
        };
        let endian = if u32::from_le_bytes(*kind) == SECTION_HEADER {
            if rest.len() < SMALLEST {
                return Err(Stop::Need { at, need: SMALLEST });
            }
            section_endian(rest)
        } else {
            self.endian()
        };
        let Some(endian) = endian else {
            return fault("no section header with a byte-order mark is here".to_owned());
        };
        let Some([kind, length]) = endian.words(rest) else {
            return Err(Stop::Need { at, need: SMALLEST });
        };
        let kind = BlockType(kind);
        let total = index(length);
        if total < kind.smallest().unwrap_or(SMALLEST) || !kind.may_have(length) {
            return fault(format!(
                "the block claims {total} bytes, which no block of type {:#x} can have",
                kind.0
            ));
        }
        if total > self.limits.packet_bytes.saturating_add(AROUND_PACKET) {
            return fault(format!(
                "the block claims {total} bytes, more than wscope reads"
            ));
        }
        let padded = total.next_multiple_of(4);
        // Judged only where no more comes, or it would matter how reads cut the file.
        if rest.len() < padded && window.end == End::Open {
            return Err(Stop::Need { at, need: padded });
        }
        if rest.len() < total {
            return Err(unfinished(at, rest, endian, kind, total));
        }
        let Some((body, size)) = framed(rest, [padded, total]) else {
            return fault(format!(
                "the block says {total} bytes at its start and something else at its end"
            ));
        };
        let block = Block {
            kind,
            endian,
            body,
            at: at.saturating_add(BLOCK_HEADER),
        };
        Ok((block, at.saturating_add(size)))
    }

    /// §4: takes what a block says. An `Err` is why this one block is of no use.
    #[inline]
    fn take(
        &mut self,
        block: &Block<'_>,
        window: &Window<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), String> {
        if block.kind.0 == SECTION_HEADER {
            self.dropped = self.dropped();
            let time = self.section.as_ref().and_then(Section::last_time);
            self.section = Some(Section::new(block, time, out)?);
            return Ok(());
        }
        let Some(section) = &mut self.section else {
            return Ok(());
        };
        match block.kind {
            BlockType::ENHANCED_PACKET => section.enhanced_packet(block, window, out),
            BlockType::SIMPLE_PACKET => section.simple_packet(block, window, out),
            BlockType::OLD_PACKET => section.old_packet(block, window, out),
            BlockType::INTERFACE => section.interface(block),
            BlockType::INTERFACE_STATISTICS => section.statistics(block),
            BlockType::SECRETS => self.keep_secrets(block, out),
            // Name resolution, journal, custom and all other blocks hold no packets.
            _ => Ok(()),
        }
    }

    /// §4.7: type, length, secrets.
    fn keep_secrets(&mut self, block: &Block<'_>, out: &mut Out<'_>) -> Result<(), String> {
        let bound = self.limits.packet_bytes;
        let [kind, length] = block
            .endian
            .words(block.body)
            .ok_or("the decryption secrets block is too short")?;
        let bytes = block
            .body
            .get(8..)
            .and_then(|data| data.get(..index(length)))
            .ok_or("the decryption secrets reach past their block")?;
        let total = self.secrets_bytes.saturating_add(bytes.len());
        if total > bound {
            out.warn(WarningKind::SecretsDropped { bound });
        } else {
            self.secrets_bytes = total;
            self.secrets.push(Secrets {
                file: out.input.file,
                kind,
                bytes: bytes.into(),
            });
        }
        Ok(())
    }
}

/// The body of a block that has one of `sizes`, the first of which its end confirms, and that size.
#[inline]
fn framed(rest: &[u8], sizes: [usize; 2]) -> Option<(&[u8], usize)> {
    let length = rest.get(4..8)?;
    sizes.into_iter().find_map(|size| {
        let (front, tail) = rest.get(..size)?.split_last_chunk::<4>()?;
        let body = front.get(BLOCK_HEADER..)?;
        (tail == length).then_some((body, size))
    })
}

/// What to do about a block that the input's end cuts: a packet block whose length does not go
/// with the packet's is damaged, not cut off.
#[cold]
fn unfinished(at: usize, rest: &[u8], endian: Endian, kind: BlockType, total: usize) -> Stop {
    let need = Stop::Need { at, need: total };
    if !matches!(kind, BlockType::ENHANCED_PACKET | BlockType::OLD_PACKET) {
        return need;
    }
    let fields = rest.get(BLOCK_HEADER..).and_then(|body| endian.words(body));
    let Some([_, _, _, captured, _]) = fields else {
        return need;
    };
    let least = index(captured).saturating_add(32);
    if (least..=least.saturating_add(AROUND_PACKET)).contains(&total) {
        return need;
    }
    let cause = format!("the block claims {total} bytes for a packet of {captured}");
    Stop::Fault { at, cause }
}

#[cfg(test)]
mod tests;
