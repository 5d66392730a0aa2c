//! Block after block.
//!
//! Job: decode as far as the input goes, and stop where it can be taken up again. Input: bits.
//! Output: bytes into the window, events to a recorder. RFC 1951 §3.2.3.

use std::sync::LazyLock;

use super::bits::{BitReader, Field, Span};
use super::block::{Dynamic, Stored};
use super::fault::{Fault, FaultKind, Stop};
use super::header::Codes;
use super::huffman::{Extra, Miss, Read};
use super::record::{Event, Recorder};
use super::symbol::{DISTANCES, END_OF_BLOCK, LENGTHS, Match, Symbol, SymbolKind};
use super::window::Window;
use crate::deflate::Output;

/// RFC 1951 §3.2.6: the codes that every decoder knows.
static FIXED: LazyLock<Codes> = LazyLock::new(Codes::fixed);

/// A length/distance pair takes up to 48 bits: two codes of 15, 5 and 13 extra bits.
const PAIR_BITS: u32 = 48;

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

/// Decodes the blocks of one message.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    pub(super) state: State,
    /// The last block was an empty stored one.
    pub(super) flushed: bool,
    /// The farthest distance so far.
    pub(super) farthest: u16,
    /// The first bit of a copy from beyond the agreed window.
    pub(super) beyond: Option<u64>,
    /// Final blocks.
    pub(super) finals: u32,
    /// Tell of a header that is not there to its end.
    pub(super) tell_partial: bool,
    is_final: bool,
    codes: Codes,
    /// The agreed window in bytes.
    agreed: usize,
    /// Where the message's output begins in the direction's.
    start: u64,
}

impl Blocks {
    /// A decoder that reports distances above `agreed`.
    pub(super) fn new(agreed: usize) -> Self {
        Self {
            state: State::Header,
            flushed: false,
            farthest: 0,
            beyond: None,
            finals: 0,
            tell_partial: false,
            is_final: false,
            codes: Codes::new(),
            agreed,
            start: 0,
        }
    }

    /// A message begins, whose output begins at `start`.
    pub(super) fn begin(&mut self, start: u64) {
        self.state = State::Header;
        self.flushed = false;
        self.farthest = 0;
        self.beyond = None;
        self.finals = 0;
        self.tell_partial = false;
        self.start = start;
    }

    /// Decodes until the input is used up.
    pub(super) fn run<R: Recorder>(
        &mut self,
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
    ) -> Result<(), Fault> {
        loop {
            let step = match self.state {
                State::Header => self.header(reader, desk),
                State::Stored(left) => self.stored(left, reader, desk),
                State::Fixed | State::Dynamic => self.symbols(reader, desk),
            };
            match step {
                Ok(()) => {}
                Err(Stop::Short) => return Ok(()),
                Err(Stop::Fault(fault)) => return Err(fault),
            }
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
    ) -> Result<(), Stop> {
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
                let read = self.codes.read(&mut ahead, note.as_deref_mut());
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
        reader: &mut BitReader<'_>,
        desk: &mut Desk<'_, R>,
    ) -> Result<(), Stop> {
        let codes = match self.state {
            State::Fixed => &*FIXED,
            _ => &self.codes,
        };
        loop {
            desk.window.make_room(desk.output);
            if reader.have() < PAIR_BITS {
                reader.refill();
            }
            let mut ahead = *reader;
            let raw = ahead.peek();
            let read = codes.literals.read(&mut ahead);
            let read = read.map_err(|miss| missed(miss, FaultKind::LiteralCode, reader))?;
            let output = || window_offset(desk.window, self.start);
            let kind = if let Ok(byte) = u8::try_from(read.symbol) {
                let told = R::LOOKS.then(|| (output(), read.code(raw)));
                desk.window.literal(byte);
                told.map(|(output, code)| (output, SymbolKind::Literal { byte, code }))
            } else if read.symbol == END_OF_BLOCK {
                let code = read.code(raw);
                R::LOOKS.then(|| (output(), SymbolKind::EndOfBlock { code }))
            } else {
                let told = R::LOOKS.then(&output);
                let pair = Pair::read(codes, read, reader, &mut ahead)?;
                let (distance, length) = (usize::from(pair.distance), usize::from(pair.length));
                if desk.window.copy(distance, length).is_err() {
                    let (start, end) = (reader.position(), ahead.position());
                    return Err(Stop::fault(FaultKind::DistanceTooFar, start, end));
                }
                self.farthest = self.farthest.max(pair.distance);
                let beyond = distance > self.agreed;
                if beyond {
                    self.beyond.get_or_insert(reader.position());
                }
                told.map(|output| (output, SymbolKind::Match(pair.tell(raw, beyond))))
            };
            if let Some((output, kind)) = kind {
                let bits = Span {
                    start: reader.position(),
                    end: ahead.position(),
                };
                desk.record
                    .heard(Event::Symbol(Symbol { bits, output, kind }));
            }
            *reader = ahead;
            if read.symbol == END_OF_BLOCK {
                self.close(reader, desk);
                return Ok(());
            }
        }
    }
}

fn window_offset(window: &Window, start: u64) -> u64 {
    window.position() - start
}

/// What a code that cannot be read means; `reader` stands before it.
#[cold]
fn missed(miss: Miss, kind: FaultKind, reader: &BitReader<'_>) -> Stop {
    match miss {
        Miss::Short => Stop::Short,
        Miss::Invalid(len) => {
            let start = reader.position();
            Stop::fault(kind, start, start + u64::from(len))
        }
    }
}

/// A length/distance pair as it was read.
struct Pair {
    length: u16,
    distance: u16,
    length_read: Read,
    length_extra: Extra,
    distance_read: Read,
    distance_extra: Extra,
}

impl Pair {
    /// Reads what follows a length symbol; `before` stands before that symbol.
    #[inline]
    fn read(
        codes: &Codes,
        length_read: Read,
        before: &BitReader<'_>,
        reader: &mut BitReader<'_>,
    ) -> Result<Self, Stop> {
        let index = usize::from(length_read.symbol).wrapping_sub(257);
        // RFC 1951 §3.2.6: symbols 286 and 287 have fixed codes and never occur.
        let Some((base, len)) = LENGTHS.get(index).copied() else {
            let miss = Miss::Invalid(length_read.len);
            return Err(missed(miss, FaultKind::LiteralCode, before));
        };
        let value = (reader.fetched(len.into())? & 0xffff) as u16;
        let (length, length_extra) = (base + value, Extra { value, len });
        let start = *reader;
        let invalid = |miss| missed(miss, FaultKind::DistanceCode, &start);
        let distance_read = codes.distances.read(reader).map_err(invalid)?;
        // RFC 1951 §3.2.6: distance symbols 30 and 31 never occur.
        let index = usize::from(distance_read.symbol);
        let Some((base, len)) = DISTANCES.get(index).copied() else {
            return Err(invalid(Miss::Invalid(distance_read.len)));
        };
        let value = (reader.fetched(len.into())? & 0xffff) as u16;
        Ok(Self {
            length,
            distance: base + value,
            length_read,
            length_extra,
            distance_read,
            distance_extra: Extra { value, len },
        })
    }

    /// `raw` are the bits that it was read from, first one lowest.
    fn tell(&self, raw: u64, beyond_window: bool) -> Match {
        let before_distance = self.length_read.len + self.length_extra.len;
        Match {
            length: self.length,
            distance: self.distance,
            length_code: self.length_read.code(raw),
            length_extra: self.length_extra,
            distance_code: self.distance_read.code(raw >> before_distance),
            distance_extra: self.distance_extra,
            beyond_window,
        }
    }
}

impl Stored {
    /// Reads the header of a stored block behind BTYPE; on failure with the fields up to there.
    fn read(reader: &mut BitReader<'_>) -> Result<Self, (Stop, Self)> {
        let mut stored = Self {
            padding: reader.align(),
            ..Self::default()
        };
        let mut field = |into: &mut Field| {
            *into = reader.field(16)?;
            Ok::<_, Stop>(())
        };
        let read = field(&mut stored.len).and_then(|()| field(&mut stored.nlen));
        if let Err(stop) = read {
            return Err((stop, stored));
        }
        let (start, end) = (stored.len.bits.start, stored.nlen.bits.end);
        // RFC 1951 §3.2.4: NLEN is the one's complement of LEN.
        if stored.len.value ^ stored.nlen.value != 0xffff {
            let stop = Stop::fault(FaultKind::StoredLengths, start, end);
            return Err((stop, stored));
        }
        stored.data = Span::new(end, u64::from(stored.len.value) * 8);
        Ok(stored)
    }
}
