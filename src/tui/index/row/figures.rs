//! A row as figures.
//!
//! Job: take a row apart, so that it can be written, and put it together again. Input: rows, without
//! the worst finding, which may still change. Output: figures. What is mostly much like something else
//! is told by the difference, so that it takes few bytes.

use strum::VariantArray;

use super::Row;
use crate::base::{Peer, Timestamp};
use crate::event::{Reason, Status};
use crate::tui::index::asked::Said;
use crate::ws::OpCode;

/// Figures of a row.
pub(in crate::tui::index) const FIGURES: usize = 16;

/// Bits of the figure of all that is yes or no, or little more.
const FROM_SERVER: u64 = 1;
const COMPRESSED: u64 = 1 << 1;
const INFERRED: u64 = 1 << 2;
const TEXT: u64 = 1 << 3;
const TRUNCATED: u64 = 1 << 4;
const CUT: u64 = 1 << 5;
const OPCODE: u32 = 6;
const STATUS: u32 = 10;

impl Row {
    /// The row without its finding.
    pub(in crate::tui::index) fn figures(&self) -> [u64; FIGURES] {
        let [(a, b), (c, d)] = self
            .files
            .map(|(turn, file)| (u64::from(turn), u64::from(file)));
        let bit = |is: bool, bit| if is { bit } else { 0 };
        let kind = bit(self.from == Peer::Server, FROM_SERVER)
            | bit(self.compressed, COMPRESSED)
            | bit(self.inferred, INFERRED)
            | bit(self.text, TEXT)
            | bit(self.truncated, TRUNCATED)
            | bit(self.cut, CUT)
            | u64::from(self.opcode.bits()) << OPCODE
            | status_figure(self.status) << STATUS;
        [
            self.time.0,
            self.last_packet,
            self.last_packet.wrapping_sub(self.first_packet),
            self.payload_wire,
            self.wire.wrapping_sub(self.payload_wire),
            // Nothing is what is not known.
            self.payload.wrapping_add(1),
            // As a rule all of them are known.
            self.payload.wrapping_sub(self.known),
            a | b << 16 | c << 32 | d << 48,
            self.connection.into(),
            self.stream.into(),
            self.number.into(),
            self.frames.into(),
            self.preview_start.into(),
            self.preview_len.into(),
            kind,
            self.said.figure().into(),
        ]
    }

    /// The row of figures.
    pub(in crate::tui::index) fn of_figures(figures: &[u64; FIGURES]) -> Option<Self> {
        let [
            time,
            last_packet,
            packets,
            payload_wire,
            heads,
            payload,
            unknown,
            files,
            connection,
            stream,
            number,
            frames,
            preview_start,
            preview_len,
            kind,
            said,
        ] = *figures;
        let [a, b, c, d] = [0, 16, 32, 48].map(|from| low(files >> from));
        let is = |bit| kind & bit != 0;
        Some(Self {
            time: Timestamp(time),
            first_packet: last_packet.wrapping_sub(packets),
            last_packet,
            wire: payload_wire.wrapping_add(heads),
            payload_wire,
            payload: payload.wrapping_sub(1),
            known: payload.wrapping_sub(1).wrapping_sub(unknown),
            files: [(a, b), (c, d)],
            connection: connection.try_into().ok()?,
            stream: stream.try_into().ok()?,
            number: number.try_into().ok()?,
            frames: frames.try_into().ok()?,
            preview_start: preview_start.try_into().ok()?,
            preview_len: preview_len.try_into().ok()?,
            from: if is(FROM_SERVER) {
                Peer::Server
            } else {
                Peer::Client
            },
            opcode: OpCode::from_bits(u8::try_from(kind >> OPCODE & 0xf).ok()?),
            status: status_of(kind >> STATUS)?,
            compressed: is(COMPRESSED),
            inferred: is(INFERRED),
            text: is(TEXT),
            truncated: is(TRUNCATED),
            cut: is(CUT),
            finding: None,
            said: Said::of_figure(said.try_into().ok()?),
        })
    }
}

/// The low 16 bits.
fn low(figure: u64) -> u16 {
    u16::try_from(figure & 0xffff).unwrap_or(0)
}

fn status_figure(status: Status) -> u64 {
    let number = |reason| {
        let place = Reason::VARIANTS.iter().position(|one| *one == reason);
        place.map_or(0, |place| place as u64)
    };
    match status {
        Status::Complete => 0,
        Status::Partial(reason) => 1 + 2 * number(reason),
        Status::Lost(reason) => 2 + 2 * number(reason),
    }
}

fn status_of(figure: u64) -> Option<Status> {
    let Some(of) = figure.checked_sub(1) else {
        return Some(Status::Complete);
    };
    let reason = *Reason::VARIANTS.get(usize::try_from(of / 2).ok()?)?;
    Some(if of % 2 == 0 {
        Status::Partial(reason)
    } else {
        Status::Lost(reason)
    })
}
