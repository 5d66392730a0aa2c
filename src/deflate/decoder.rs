//! One direction's compressed messages.
//!
//! Job: begin, feed and end each message by the agreed parameters, over a history that need not
//! be known. Input: unmasked payload pieces, holes. Output: the payload into an [`Output`], and an
//! [`Outcome`]. RFC 7692 §7.1.1, §7.2.2.
//!
//! Only compressed messages come here: a plain one never enters the history.

use super::outcome::{Beyond, EMPTY, Fault, NOT_FLUSHED, NOTHING_BEHIND, Outcome};
use super::output::Output;
use super::parameters::Parameters;
use super::symbols::Symbols;
use super::trace::{End, Trace};
use super::tracing::{Record, Tracing};
use super::wrapped::{GZIP, zlib_header};

/// What RFC 7692 §7.2.1 has the sender cut off and the receiver put back.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The bits of one compressed payload.
#[derive(Debug, Clone, Copy)]
pub struct Inflated<'a> {
    /// From 1 per sender over its compressed payloads: what
    /// [`Origin::Message`](super::trace::Origin::Message) counts here.
    pub ordinal: u64,
    /// Every bit, as far as the limit allows.
    pub trace: &'a Trace,
    /// How it ended.
    pub end: End,
    /// The farthest distance, zero where it has no match.
    pub farthest: u16,
    /// The bytes that it made, where all of them are known and kept.
    pub made: Option<&'a [u8]>,
}

/// Inflates one direction. A copy goes on as the original does, also inside a message.
#[derive(Debug, Clone)]
pub struct Decoder {
    tracing: Tracing,
    record: Record,
    /// Copies from beyond the agreed window are reported.
    watch: bool,
    /// Compressed payloads begun.
    ordinal: u64,
    head: [u8; 2],
    tail: [u8; 4],
    fed: u64,
}

impl Decoder {
    /// A decoder that stands before the direction's first message.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            tracing: Tracing::new(parameters),
            record: Record::Nothing,
            watch: false,
            ordinal: 0,
            head: [0; 2],
            tail: [0; 4],
            fed: 0,
        }
    }

    /// The same, recording every bit; at most `limit` values of each message.
    pub fn recording(parameters: Parameters, limit: usize) -> Self {
        let mut decoder = Self::new(parameters);
        decoder.record(Record::Bits(limit));
        decoder
    }

    /// From the next message on this is recorded of each.
    pub fn record(&mut self, record: Record) {
        self.record = record;
    }

    /// The same, telling of copies from beyond the agreed window.
    pub fn watching(parameters: Parameters) -> Self {
        Self {
            watch: true,
            ..Self::new(parameters)
        }
    }

    /// What was agreed, or is seen to hold.
    pub fn parameters(&self) -> Parameters {
        self.tracing.tracer.parameters()
    }

    /// Whether the window is wholly known.
    pub fn is_synced(&self) -> bool {
        self.tracing.tracer.is_synced()
    }

    /// Whether the bytes of the message so far end in `00 00 ff ff`.
    pub fn at_marker(&self) -> bool {
        self.fed >= 4 && self.tail == FLUSH_MARKER
    }

    /// Bytes of memory that a copy takes.
    pub fn held(&self) -> usize {
        self.tracing.tracer.held()
    }

    /// Bytes that its window takes.
    pub fn takes(&self) -> usize {
        self.tracing.tracer.takes()
    }

    /// Nothing comes for a time: the window takes less room, and less still where it is to `pack`, which
    /// it can only between messages.
    pub fn rest(&mut self, pack: bool) {
        self.tracing.tracer.rest(pack);
    }

    /// The bytes of its window, which may be taken out and must be put back before anything else comes.
    pub fn window(&mut self) -> [&mut Vec<u8>; 2] {
        self.tracing.tracer.window()
    }

    /// Gives the window up, to save memory: what was before is unknown from here on.
    pub fn let_go(&mut self) {
        self.tracing.tracer.let_go();
    }

    /// A message begins.
    pub fn begin(&mut self) {
        self.tracing.record(self.record);
        self.ordinal += 1;
        self.tail = [0; 4];
        self.fed = 0;
        self.tracing.begin(self.ordinal);
    }

    /// The next bytes of the message.
    pub fn feed(&mut self, bytes: &[u8], output: &mut Output) {
        if self.fed < 2 {
            self.remember_head(bytes);
        }
        self.fed += bytes.len() as u64;
        self.remember_tail(bytes);
        self.tracing.bytes(bytes, output);
    }

    /// So many bytes of the message are missing.
    pub fn hole(&mut self, len: u64, output: &mut Output) {
        self.tracing.hole(len, output);
    }

    /// The message ends.
    pub fn end(&mut self, output: &mut Output) -> Outcome {
        let end = self.tracing.end(output);
        let mut outcome = Outcome {
            cut: end == End::Cut,
            kept_marker: end == End::MarkerKept,
            final_block: self.tracing.tracer.saw_final(),
            ..Outcome::GOOD
        };
        match (end, self.tracing.tracer.kept()) {
            (End::Fault(fault), _) => {
                outcome.fault = Some(self.better(fault.into()));
                outcome.bit = Some(fault.bits.start);
            }
            (_, Some(kept)) => {
                outcome.kept_context = true;
                outcome.bit = Some(kept.bits.start);
                self.tracing.tracer.keep();
            }
            _ => {}
        }
        outcome.misses_flush = match (end, self.fed, outcome.final_block) {
            (End::Unmarked, 0, _) => Some(EMPTY),
            (End::Unmarked, _, true) => Some(NOTHING_BEHIND),
            (End::Unmarked, _, false) => Some(NOT_FLUSHED),
            _ => None,
        };
        outcome
    }

    /// The fault that explains `fault`.
    fn better(&self, fault: Fault) -> Fault {
        match fault {
            Fault::DistanceTooFar | Fault::Wrapped(_) => fault,
            _ if self.fed < 2 => fault,
            _ if self.head == GZIP => Fault::Wrapped("gzip"),
            _ if zlib_header(&self.head).is_some() => Fault::Wrapped("zlib"),
            _ => fault,
        }
    }

    /// The message will never end: hands on what is known of it. Its rest is lost history.
    /// Returns what was wrong with it so far.
    pub fn abandon(&mut self, output: &mut Output) -> Option<Fault> {
        match self.tracing.cut(output) {
            End::Fault(fault) => Some(fault.into()),
            _ => None,
        }
    }

    /// Messages are missing, nobody knows how many.
    pub fn lose(&mut self) {
        self.tracing.tracer.lost();
    }

    /// The copy from beyond the agreed window in the message that has ended, where they are reported or
    /// bits recorded.
    pub fn beyond(&self) -> Option<Beyond> {
        let tracer = &self.tracing.tracer;
        let bit = tracer
            .beyond()
            .filter(|_| self.watch || matches!(self.record, Record::Bits(_)))?;
        Some(Beyond {
            bit,
            distance: tracer.farthest().into(),
            window: self.parameters().window_bits.bytes(),
        })
    }

    /// The farthest distance in the message, where its bits are recorded.
    pub fn farthest(&self) -> Option<u16> {
        self.tracing.recorded()?;
        Some(self.tracing.tracer.farthest())
    }

    /// The bits of the message that has ended, where they are recorded; it put
    /// its bytes into `output`.
    pub fn inflated<'a>(&'a self, output: &'a Output) -> Option<Inflated<'a>> {
        let (trace, end) = self.tracing.recorded()?;
        Some(Inflated {
            ordinal: self.ordinal,
            trace,
            end,
            farthest: self.tracing.tracer.farthest(),
            made: trace.made_of(output),
        })
    }

    /// The symbols of the message that has ended and how it did, where they are counted.
    pub fn counted(&self) -> Option<(&Symbols, End)> {
        self.tracing.counted()
    }

    fn remember_head(&mut self, bytes: &[u8]) {
        let place = self.head.iter_mut().skip(usize::from(self.fed == 1));
        for (place, byte) in place.zip(bytes) {
            *place = *byte;
        }
    }

    fn remember_tail(&mut self, bytes: &[u8]) {
        match bytes.last_chunk::<4>() {
            Some(last) => self.tail = *last,
            None => {
                for byte in bytes {
                    self.tail.rotate_left(1);
                    self.tail[3] = *byte;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
