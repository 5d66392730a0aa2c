//! Block after block.
//!
//! Job: decode as far as the input goes, and stop where it can be taken up again. Input: bits.
//! Output: bytes into the window, events to a recorder. RFC 1951 §3.2.3.

use std::sync::LazyLock;

use super::ahead;
use super::bits::{BitReader, Span};
use super::block::{Dynamic, Stored};
use super::fast::{self, Distances, PAIR_BITS};
use super::fault::{Fault, FaultKind, Stop};
use super::header::{Codes, FIXED_LITERALS, Lengths};
use super::pair::{Pair, take};
use super::record::{Copied, Event, Recorder};
use super::scratch::Tables;
use super::symbol::{LENGTHS, Symbol, SymbolKind};
use super::window::Window;
use crate::deflate::Output;
use crate::deflate::output::Mark;

/// RFC 1951 §3.2.6: the codes that every decoder knows.
static FIXED: LazyLock<Codes> = LazyLock::new(Codes::fixed);

/// Where the decoder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Before a block.
    Header,
    /// In a stored block, with so many bytes to come.
    Stored(usize),
    /// In a block with fixed codes.
    Fixed,
    /// In a block with dynamic codes.
    Dynamic,
}

/// What decoding works on.
#[derive(Debug)]
pub(super) struct Desk<'a, R> {
    pub(super) window: &'a mut Window,
    pub(super) output: &'a mut Output,
    pub(super) record: &'a mut R,
}

/// A copy from before the reset that was agreed.
#[derive(Debug, Clone, Copy)]
pub(in crate::deflate) struct Kept {
    pub(in crate::deflate) bits: Span,
    /// Where the output stood before it.
    pub(in crate::deflate) mark: Mark,
}

/// Decodes the blocks of one message.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    pub(super) state: State,
    /// The last block was an empty stored one.
    pub(super) flushed: bool,
    pub(super) distances: Distances,
    /// The first copy for which a reset had to be taken back.
    pub(super) kept: Option<Kept>,
    /// Final blocks.
    pub(super) finals: u32,
    /// Tell of a header that is not there to its end.
    pub(super) tell_partial: bool,
    is_final: bool,
    /// What the codes of the dynamic block are made from, where it goes on with later input.
    lengths: Option<Box<Lengths>>,
    /// Where the message's output begins in the direction's.
    start: u64,
}

impl Blocks {
    /// A decoder that reports distances above `agreed`.
    pub(super) fn new(agreed: usize) -> Self {
        Self {
            state: State::Header,
            flushed: false,
            distances: Distances::new(agreed),
            kept: None,
            finals: 0,
            tell_partial: false,
            is_final: false,
            lengths: None,
            start: 0,
        }
    }

    /// A message begins, whose output begins at `start`.
    pub(super) fn begin(&mut self, start: u64) {
        self.state = State::Header;
        self.flushed = false;
        self.distances.farthest = 0;
        self.distances.beyond = None;
        self.kept = None;
        self.finals = 0;
        self.tell_partial = false;
        self.start = start;
    }

    /// Decodes until the input is used up.
    pub(super) fn run<R: Recorder>(
        &mut self,
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
        tables: &mut Tables,
    ) -> Result<(), Fault> {
        if self.state == State::Dynamic
            && let Some(lengths) = &self.lengths
        {
            tables.resume(lengths);
        }
        let stop = loop {
            let step = match self.state {
                State::Header => self.header(reader, desk, tables),
                State::Stored(left) => self.stored(left, reader, desk),
                State::Fixed => self.symbols(&FIXED, reader, desk),
                State::Dynamic => self.symbols(&tables.codes, reader, desk),
            };
            if let Err(stop) = step {
                break stop;
            }
        };
        match stop {
            Stop::Short => {
                if self.state == State::Dynamic {
                    tables.park(&mut self.lengths);
                }
                Ok(())
            }
            Stop::Fault(fault) => Err(fault),
        }
    }

    /// Passes over unknown input. Only in a stored block is it known what it makes: as many
    /// unknown bytes. Returns how much of it can be passed over.
    pub(super) fn pass<R: Recorder>(&mut self, count: u64, desk: &mut Desk<'_, R>) -> u64 {
        let State::Stored(left) = self.state else {
            return 0;
        };
        let within = usize::try_from(count).unwrap_or(usize::MAX).min(left);
        desk.window.unknown(within, desk.output);
        self.state = State::Stored(left - within);
        within as u64
    }

    /// How many bytes the message has put out.
    pub(super) fn made(&self, window: &Window) -> u64 {
        window.position() - self.start
    }

    fn header<R: Recorder>(
        &mut self,
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
        tables: &mut Tables,
    ) -> Result<(), Stop> {
        if !R::LOOKS && is_cut_marker(reader) {
            return Err(Stop::Short);
        }
        let mut ahead = *reader;
        // RFC 1951 §3.2.3: one bit says whether it is the last block, two say how it is coded.
        let is_final = ahead.field(1)?;
        let block_type = ahead.field(2)?;
        let event = Event::Block {
            is_final,
            block_type,
            output: self.made(desk.window),
        };
        let (state, body) = match block_type.value {
            0 => match Stored::read(&mut ahead) {
                Ok(stored) => {
                    let state = State::Stored(stored.len.value as usize);
                    (Ok(state), Some(Event::Stored(stored)))
                }
                Err((stop, stored)) => (Err(stop), Some(Event::Stored(stored))),
            },
            1 => (Ok(State::Fixed), Some(Event::Fixed)),
            2 => {
                let mut note = R::LOOKS.then(Box::<Dynamic>::default);
                let Tables {
                    codes,
                    code_lengths,
                    ..
                } = tables;
                let read = codes.read(code_lengths, &mut ahead, note.as_deref_mut());
                (read.map(|()| State::Dynamic), note.map(Event::Dynamic))
            }
            _ => {
                let Span { start, end } = block_type.bits;
                (Err(Stop::fault(FaultKind::BlockType, start, end)), None)
            }
        };
        if state != Err(Stop::Short) || self.tell_partial {
            desk.record.heard(event);
            if let Some(body) = body {
                desk.record.heard(body);
            }
        }
        self.state = state?;
        if let Some(literals) = match self.state {
            State::Fixed => Some(&FIXED_LITERALS[..]),
            State::Dynamic => Some(tables.codes.literal_lengths()),
            State::Header | State::Stored(_) => None,
        } {
            let bit = ahead.position();
            desk.record.heard(Event::Symbols { bit, literals });
        }
        self.flushed = self.state == State::Stored(0);
        self.is_final = is_final.value == 1;
        self.finals += u32::from(self.is_final);
        *reader = ahead;
        Ok(())
    }

    fn stored<R: Recorder>(
        &mut self,
        left: usize,
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
    ) -> Result<(), Stop> {
        let rest = reader.rest();
        let now = rest.get(..left).unwrap_or(rest);
        desk.window.literals(now, desk.output);
        reader.advance(now.len());
        self.state = State::Stored(left - now.len());
        if now.len() < left {
            return Err(Stop::Short);
        }
        self.close(reader, desk);
        Ok(())
    }

    /// The block ends.
    fn close<R: Recorder>(&mut self, reader: &mut BitReader<'_>, desk: &mut Desk<'_, R>) {
        let (bit, output) = (reader.position(), self.made(desk.window));
        desk.record.heard(Event::End { bit, output });
        if self.is_final {
            // RFC 7692 §7.2.3.4: behind a final block, the rest of the byte is padding, and a
            // fresh stream follows. The window outlives the stream.
            desk.record.heard(Event::Padding(reader.align()));
        }
        self.state = State::Header;
    }

    fn symbols<R: Recorder>(
        &mut self,
        codes: &Codes,
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
    ) -> Result<(), Stop> {
        loop {
            let ends = !R::LOOKS && self.as_usual(codes, reader, desk)
                || self.symbol(codes, reader, desk)?;
            if ends {
                self.close(reader, desk);
                return Ok(());
            }
        }
    }

    /// Decodes symbols while all is as usual. Returns whether the last one ends the block.
    fn as_usual<R: Recorder>(
        &mut self,
        codes: &Codes,
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
    ) -> bool {
        reader.refill();
        if reader.have() < PAIR_BITS {
            return false;
        }
        let Desk { window, record, .. } = desk;
        let distances = &mut self.distances;
        match ahead::run(codes, reader, window, distances, *record) {
            ahead::Stop::End => true,
            ahead::Stop::Unusual => false,
            ahead::Stop::Full => fast::run(codes, reader, window, distances, *record),
        }
    }

    /// Decodes one symbol. Returns whether it ends the block.
    fn symbol<R: Recorder>(
        &mut self,
        codes: &Codes,
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
    ) -> Result<bool, Stop> {
        desk.window.make_room(desk.output);
        if reader.have() < PAIR_BITS {
            reader.refill();
        }
        let mut ahead = *reader;
        let raw = ahead.peek();
        let entry = codes.literals.look(raw);
        take(entry, FaultKind::LiteralCode, &mut ahead)?;
        let output = self.made(desk.window);
        let code = || entry.code(257, &LENGTHS, raw);
        let kind = if entry.is_literal() {
            let byte = entry.byte();
            desk.window.literal(byte);
            R::LOOKS.then(|| SymbolKind::Literal { byte, code: code() })
        } else if entry.is_end() {
            R::LOOKS.then(|| SymbolKind::EndOfBlock { code: code() })
        } else {
            let pair = Pair::read(codes, entry, raw, &mut ahead)?;
            let beyond = self.copy(&pair, (reader.position(), ahead.position()), desk)?;
            R::LOOKS.then(|| SymbolKind::Match(pair.tell(raw, beyond)))
        };
        if let Some(kind) = kind {
            let bits = Span {
                start: reader.position(),
                end: ahead.position(),
            };
            desk.record
                .heard(Event::Symbol(Symbol { bits, output, kind }));
        }
        *reader = ahead;
        Ok(entry.is_end())
    }

    /// Puts out a copy, whose bits begin and end at `start` and `end`. Returns whether it reaches
    /// beyond the agreed window.
    fn copy<R: Recorder>(
        &mut self,
        pair: &Pair,
        (start, end): (u64, u64),
        desk: &mut Desk<'_, R>,
    ) -> Result<bool, Stop> {
        let (distance, length) = (pair.distance, pair.length);
        let position = desk.window.position();
        if desk.window.copy(distance, length).is_err() {
            // RFC 7692 §7.1.1: a sender that agreed to reset and did not copies from its messages
            // before; receivers that did not reset either never notice.
            desk.window.hand_on(desk.output);
            let mark = desk.output.mark();
            if !desk.window.recall() || desk.window.copy(distance, length).is_err() {
                return Err(Stop::fault(FaultKind::DistanceTooFar, start, end));
            }
            let bits = Span { start, end };
            self.kept.get_or_insert(Kept { bits, mark });
            let output = position - self.start;
            desk.record.heard(Event::Kept { output });
        }
        desk.record.copied(Copied {
            position,
            distance,
            length,
            bits: pair.bits(),
        });
        desk.record
            .made(position, distance, desk.window.last(length));
        let noted = &mut self.distances;
        noted.farthest = noted.farthest.max(distance);
        let beyond = distance > noted.agreed;
        if beyond {
            noted.beyond.get_or_insert(start);
        }
        Ok(beyond)
    }
}

/// Whether all that is left is the header of a stored block and its padding, whose lengths RFC 7692
/// §7.2.1 has the sender cut off. RFC 1951 §3.2.4: at most 7 bits of padding are between a header
/// and LEN.
#[inline]
pub(super) fn is_cut_marker(reader: &BitReader<'_>) -> bool {
    reader.is_fetched()
        && (3..=10).contains(&reader.have())
        && (reader.peek() >> 1).is_multiple_of(4)
}
