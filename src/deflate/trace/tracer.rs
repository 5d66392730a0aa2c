//! One direction, message after message.
//!
//! Job: decode each message over the history before it, known or not. Input: compressed payloads,
//! with holes. Output: payloads with holes, how they end, and what a recorder keeps.
//! RFC 7692 §7.2.2.

use super::bits::{BitReader, Span};
use super::decode::{Blocks, Desk, Kept, State, is_cut_marker};
use super::fault::{Fault, FaultKind};
use super::origin::Origins;
use super::record::{Event, Recorder};
use super::scratch::{Scratch, Tables};
use super::window::Window;
use crate::deflate::Output;
use crate::deflate::{Parameters, Takeover};

/// What RFC 7692 §7.2.1 has the sender cut off.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// In an empty stored block whose lengths were restored, as RFC 7692 §7.2.1 has it.
    Flushed,
    /// In an empty stored block whose `00 00 ff ff` the sender left on.
    MarkerKept,
    /// Behind a whole block, without the empty stored block that has to stand there: also an
    /// empty payload, and one that ends in a final block. Nothing is missing.
    Unmarked,
    /// Compressed bytes are missing, and what is behind them cannot be read.
    Cut,
    /// Where the data are wrong.
    Fault(Fault),
}

/// A part of a compressed payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// Bytes.
    Bytes(&'a [u8]),
    /// So many bytes that the capture lacks.
    Hole(u64),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced<R> {
    /// Its payload as far as it could be decoded.
    pub output: Output,
    /// What was kept of the way there.
    pub record: R,
    /// How it ended.
    pub end: End,
    /// The farthest distance, zero where it has no match.
    pub farthest: u16,
}

/// Decodes one direction's compressed messages, naming every bit, over a history that need not
/// be known.
///
/// A message is decoded as a whole by [`message`](Self::message), or piece by piece by
/// [`begin`](Self::begin), [`bytes`](Self::bytes), [`hole`](Self::hole) and [`end`](Self::end).
/// With `()` for a recorder nothing but the payload is kept.
///
/// What it holds grows with what was put out, up to 64 KiB, and twice as much where some of it is
/// unknown; and at most a block's header of pending input.
#[derive(Debug, Clone)]
pub struct Tracer {
    parameters: Parameters,
    window: Window,
    blocks: Blocks,
    origins: Origins,
    /// Input that does not suffice for the next symbol or header.
    pending: Vec<u8>,
    /// How many bits of its first byte are used.
    skip: u32,
    /// Where its first bit stands in the message.
    base: u64,
    /// How many bytes of the message came, or are known to be missing.
    received: u64,
    /// Why nothing more of the message can be decoded.
    stopped: Option<End>,
}

impl Tracer {
    /// A tracer before a direction's first message.
    pub fn new(parameters: Parameters) -> Self {
        Self::with(parameters, Window::new())
    }

    /// A tracer over the last output of a stream; `lost_before` says whether output before it
    /// was lost, so that a copy from there is unknown and not wrong.
    pub fn over(parameters: Parameters, history: &[u8], lost_before: bool) -> Self {
        Self::with(parameters, Window::over(history, lost_before))
    }

    fn with(parameters: Parameters, window: Window) -> Self {
        Self {
            parameters,
            window,
            blocks: Blocks::new(parameters.window_bits.bytes()),
            origins: Origins::default(),
            pending: Vec::new(),
            skip: 0,
            base: 0,
            received: 0,
            stopped: None,
        }
    }

    /// What was agreed, or is seen to hold.
    pub(in crate::deflate) fn parameters(&self) -> Parameters {
        self.parameters
    }

    /// Bytes of memory that a copy takes.
    pub(in crate::deflate) fn held(&self) -> usize {
        self.window.held() + self.pending.len()
    }

    /// Bytes that its window takes.
    pub(in crate::deflate) fn takes(&self) -> usize {
        self.window.takes()
    }

    /// Nothing comes for a time: the window takes less room. It can `pack` only between messages.
    pub(in crate::deflate) fn rest(&mut self, pack: bool) {
        self.window.rest(pack);
    }

    /// The bytes of its window, which may be taken out and must be put back before anything else comes.
    pub(in crate::deflate) fn window(&mut self) -> [&mut Vec<u8>; 2] {
        self.window.bytes()
    }

    /// Gives the window up, so that it takes no room: what was before is unknown from here on.
    pub(in crate::deflate) fn let_go(&mut self) {
        self.window.let_go();
        self.origins.clear();
    }

    /// Messages, nobody knows how many, were lost since the last one.
    pub fn lost(&mut self) {
        self.window.lose();
        self.origins.clear();
    }

    /// Whether every byte is known that the next message can copy from.
    ///
    /// After a loss that is so once 32 KiB of known output have followed, whatever window was
    /// agreed, since senders are known to go beyond; or where messages begin with an empty
    /// window.
    pub fn is_synced(&self) -> bool {
        self.parameters.takeover == Takeover::Reset || self.window.is_known()
    }

    /// The bytes that the next message can copy from, where all of them are known.
    pub fn history(&self) -> Option<&[u8]> {
        match self.parameters.takeover {
            Takeover::Reset => Some(&[]),
            Takeover::Keep if self.window.is_packed() => None,
            Takeover::Keep => self.window.is_known().then(|| self.window.reachable()),
        }
    }

    /// Decodes a message at once.
    pub fn message<R: Recorder>(
        &mut self,
        number: u64,
        input: &[Input<'_>],
        mut output: Output,
        mut record: R,
    ) -> Traced<R> {
        self.begin(number, &mut record);
        for part in input {
            match part {
                Input::Bytes(bytes) => self.bytes(bytes, &mut output, &mut record),
                Input::Hole(len) => self.hole(*len, &mut output, &mut record),
            }
        }
        let end = self.end(&mut output, &mut record);
        Traced {
            output,
            record,
            end,
            farthest: self.farthest(),
        }
    }

    /// A message begins; `number` is what its bytes are called where later ones copy them.
    pub fn begin<R: Recorder>(&mut self, number: u64, record: &mut R) {
        self.window.wake();
        if self.parameters.takeover == Takeover::Reset {
            // RFC 7692 §7.1.1: without context takeover each message has an empty window.
            self.window.reset();
            self.origins.clear();
        }
        let position = self.window.position();
        if R::LOOKS {
            self.origins
                .message(number, position, self.window.recallable());
        } else {
            // Nobody asks which message a byte came from.
            self.origins.clear();
        }
        self.blocks.begin(position);
        self.pending.clear();
        self.skip = 0;
        self.base = 0;
        self.received = 0;
        self.stopped = None;
        record.heard(Event::Message {
            position,
            origins: &self.origins,
            lost: self.window.is_lost_before(),
        });
    }

    /// The next bytes of the message.
    pub fn bytes<R: Recorder>(&mut self, bytes: &[u8], output: &mut Output, record: &mut R) {
        self.received += bytes.len() as u64;
        if self.stopped.is_some() {
            return;
        }
        Scratch::with(|Scratch { tables, joined }| {
            if self.pending.is_empty() {
                return self.run(bytes, tables, output, record);
            }
            joined.clear();
            joined.append(&mut self.pending);
            joined.extend_from_slice(bytes);
            self.run(joined, tables, output, record);
        });
    }

    /// So many bytes of the message are missing.
    pub fn hole<R: Recorder>(&mut self, len: u64, output: &mut Output, record: &mut R) {
        self.received = self.received.saturating_add(len);
        if self.stopped.is_some() || len == 0 {
            return;
        }
        let mut desk = Desk {
            window: &mut self.window,
            output,
            record,
        };
        let passed = self.blocks.pass(len, &mut desk);
        self.base += passed * 8;
        if passed == len {
            self.bytes(&[], output, record);
        } else {
            self.window.hand_on(output);
            self.cut(output, record);
        }
    }

    /// What is yet to come of the message is missing.
    pub fn cut<R: Recorder>(&mut self, output: &mut Output, record: &mut R) {
        if self.stopped.is_none() {
            self.tell_partial(output, record);
            self.stopped = Some(End::Cut);
        }
    }

    /// The message ends. Hands its output on to the last byte.
    pub fn end<R: Recorder>(&mut self, output: &mut Output, record: &mut R) -> End {
        let payload = self.received.saturating_mul(8);
        let end = match self.stopped {
            Some(end) => end,
            None => self.finish(output, record),
        };
        if let End::Cut | End::Fault(_) = end {
            // What else the sender put into its window is unknown.
            self.lost();
        }
        record.heard(Event::Done {
            payload,
            bit: self.base + u64::from(self.skip),
            output: self.blocks.made(&self.window),
        });
        self.stopped = None;
        end
    }

    /// The first copy from before the message in a direction that agreed to reset, where there was
    /// something before.
    pub(in crate::deflate) fn kept(&self) -> Option<Kept> {
        self.blocks.kept
    }

    /// The sender does not reset, whatever was agreed.
    pub(in crate::deflate) fn keep(&mut self) {
        self.parameters.takeover = Takeover::Keep;
    }

    /// The first bit of the message that copies from beyond the agreed window.
    pub fn beyond(&self) -> Option<u64> {
        self.blocks.distances.beyond
    }

    /// Whether a block of the message was its stream's last.
    pub fn saw_final(&self) -> bool {
        self.blocks.finals > 0
    }

    /// The farthest distance in the message so far, or in the last one.
    pub fn farthest(&self) -> u16 {
        u16::try_from(self.blocks.distances.farthest).unwrap_or(u16::MAX)
    }

    /// Decodes `input`, whose first bit follows what was decoded before.
    fn run<R: Recorder>(
        &mut self,
        input: &[u8],
        tables: &mut Tables,
        output: &mut Output,
        record: &mut R,
    ) {
        let mut reader = BitReader::new(input, self.base, self.skip);
        let mut desk = Desk {
            window: &mut self.window,
            output,
            record,
        };
        let result = self.blocks.run(&mut reader, &mut desk, tables);
        self.window.hand_on(output);
        let (unread, skip) = reader.unread();
        self.base += (input.len() - unread.len()) as u64 * 8;
        self.skip = skip;
        self.pending.clear();
        match result {
            Ok(()) => self.pending.extend_from_slice(unread),
            Err(fault) => self.stopped = Some(End::Fault(fault)),
        }
    }

    /// Holds the payload's last bits against RFC 7692 §7.2.1: they are the header of an empty
    /// stored block and its padding, and the block's lengths were cut off.
    fn finish<R: Recorder>(&mut self, output: &mut Output, record: &mut R) -> End {
        let bits = BitReader::new(&self.pending, self.base, self.skip);
        let (left, next) = (bits.have(), bits.peek());
        if self.blocks.state == State::Header {
            if left == 0 && self.blocks.flushed {
                return End::MarkerKept;
            }
            if left < 3 && next == 0 {
                return End::Unmarked;
            }
            if is_cut_marker(&bits) {
                // RFC 7692 §7.2.2: the receiver appends the four bytes before inflating. With them
                // the block is whole, and empty: who does not look needs no more.
                if !R::LOOKS {
                    self.blocks.finals += (next & 1) as u32;
                    let start = self.base + u64::from(self.skip);
                    record.heard(Event::Flush(Span::new(start, left.into())));
                    return End::Flushed;
                }
                self.bytes(&FLUSH_MARKER, output, record);
                return self.stopped.unwrap_or(End::Flushed);
            }
        }
        let start = self.base + u64::from(self.skip);
        let end = self.base + self.pending.len() as u64 * 8;
        self.tell_partial(output, record);
        End::Fault(Fault {
            kind: FaultKind::Unfinished,
            bits: Span { start, end },
        })
    }

    /// Has a header recorded that is not there to its end.
    fn tell_partial<R: Recorder>(&mut self, output: &mut Output, record: &mut R) {
        self.blocks.tell_partial = true;
        self.bytes(&[], output, record);
    }
}

#[cfg(test)]
mod tests;
