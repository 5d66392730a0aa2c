//! Messages and findings on their way to the sink.
//!
//! Job: number messages, have their payloads checked, give findings their place.
//! Input: [`Told`] messages, observations. Output: events. RFC 6455 §5.6; RFC 7692 §6.

use super::checks;
use super::context::{Desk, Detail, Tools};
use super::stripped::Stripped;
use super::units::Units;
use crate::base::{Conversing, Peer, PerPeer, Stamp};
use crate::deflate::{Decoder, Output};
use crate::event::{Account, Event, EventSink, Facts, Message, Split, Status, Wire};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::http::Handshake;
use crate::payload::{Inflated, Stream};
use crate::ws::{OpCode, PartialMessage};

/// The conversation that messages are numbered in.
#[derive(Debug)]
pub(super) struct Numbering {
    pub(super) id: Conversing,
    pub(super) messages: u64,
    /// What looks into the messages, where something may still do so.
    units: Option<Box<Units>>,
    /// A stream over each sender's messages, compressed once more.
    streams: PerPeer<Stream>,
}

impl Numbering {
    /// No message yet.
    pub(super) fn new(id: Conversing) -> Self {
        Self {
            id,
            messages: 0,
            units: None,
            streams: PerPeer::default(),
        }
    }

    /// Messages come that may be a subprotocol's, where somebody looks at payloads.
    pub(super) fn look_into(&mut self, handshake: Option<&Handshake>, tools: &Tools) {
        if !matches!(tools.detail, Detail::Sizes | Detail::Symbols) {
            self.units = Units::new(self.id, handshake, tools).map(Box::new);
        }
    }

    /// A copy that goes on from here, where there can be one.
    pub(super) fn resting(&self) -> Option<Self> {
        Some(Self {
            id: self.id,
            messages: self.messages,
            streams: PerPeer {
                client: self.streams.client.resting()?,
                server: self.streams.server.resting()?,
            },
            units: self.units.as_ref().map(|units| Box::new(units.resting())),
        })
    }

    /// Bytes of memory that a copy takes beside its own.
    pub(super) fn held(&self) -> usize {
        let streams = self.streams.iter().map(|(_, stream)| stream.held());
        self.units.as_ref().map_or(0, |units| units.held()) + streams.sum::<usize>()
    }

    /// Bytes of memory that windows take of what is compressed once more, and messages that wait until
    /// their subprotocol is recognised.
    pub(super) fn kept(&self) -> usize {
        let streams = self.streams.iter().map(|(_, stream)| stream.kept());
        streams.sum::<usize>() + self.units.as_ref().map_or(0, |units| units.kept())
    }

    /// Nothing comes for a time: all that takes less room.
    pub(super) fn rest(&mut self, pack: bool) {
        for from in Peer::BOTH {
            self.streams[from].rest(pack);
        }
        if pack && let Some(units) = &mut self.units {
            units.pack();
        }
    }

    /// Gives all that up, to save memory.
    pub(super) fn let_go(&mut self) {
        for from in Peer::BOTH {
            self.streams[from].let_go();
        }
        if let Some(units) = &mut self.units {
            units.let_go();
        }
    }

    /// Messages of `from` are lost, nobody knows how many.
    pub(super) fn lost(&mut self, from: Peer) {
        self.streams[from].lose();
        if let Some(units) = &mut self.units {
            units.lost(from);
        }
    }

    /// What tells the conversation's events.
    pub(super) fn teller<'a>(&'a mut self, desk: &'a mut Desk<'_>) -> Teller<'a> {
        Teller {
            numbering: self,
            tools: desk.tools,
            sink: desk.sink,
        }
    }
}

/// Tells the events of one conversation, with the tools that making them takes.
pub(super) struct Teller<'a> {
    pub(super) numbering: &'a mut Numbering,
    pub(super) tools: &'a mut Tools,
    pub(super) sink: &'a mut dyn EventSink,
}

/// A message with what is known of its payload.
pub(super) struct Told<'a> {
    pub(super) from: Peer,
    pub(super) message: &'a PartialMessage,
    /// The kept payload.
    pub(super) payload: &'a [u8],
    /// Payload bytes seen, or inflated, kept or not.
    pub(super) arrived: u64,
    /// Of these, those that are not known.
    pub(super) unknown: u64,
    /// The payload's length, where it is known.
    pub(super) total: Option<u64>,
    pub(super) splits: &'a [Split],
    pub(super) holes: &'a [(u64, u64)],
    pub(super) status: Status,
    /// Somebody looks at the payload.
    pub(super) wanted: bool,
    /// It is not marked as compressed, and it might have been.
    pub(super) unmarked: bool,
    /// Rules that its frames broke.
    pub(super) notes: &'a [(Observation, Stamp)],
}

impl Teller<'_> {
    /// Messages told so far, the last one's number.
    pub(super) fn messages(&self) -> u64 {
        self.numbering.messages
    }

    /// Tells a finding, on the message of that number where it stands in one.
    pub(super) fn finding(&mut self, note: Observation, message: Option<u64>, at: Stamp) {
        self.sink.event(Event::Finding {
            conversing: self.numbering.id,
            finding: &note.placed(message, at),
        });
    }

    /// Tells what lies below messages.
    pub(super) fn wire(&mut self, from: Peer, wire: Wire<'_>) {
        self.sink.wire(self.numbering.id, from, wire);
    }

    /// Tells the bits of what was inflated, where they are recorded.
    pub(super) fn inflated(&mut self, from: Peer, decoder: &Decoder, output: &Output) {
        if let Some(inflated) = decoder.inflated(output) {
            self.wire(from, Wire::Traced(&inflated));
        }
        if let Some((symbols, end)) = decoder.counted() {
            self.wire(from, Wire::Counted(symbols, end));
        }
    }

    /// Tells a message and the findings on it.
    pub(super) fn message(&mut self, told: &Told<'_>) {
        self.numbering.messages += 1;
        self.tools.messages += 1;
        let number = self.numbering.messages;
        let utf8 = (told.wanted && told.status == Status::Complete)
            .then(|| std::str::from_utf8(told.payload));
        let mut message = told.message(self.numbering, utf8.and_then(Result::ok));
        told.count(&mut self.tools.account, self.tools.limits.payload_bytes);
        let inflated = told.inflate(&mut self.numbering.streams, self.tools);
        message.inflated = inflated.as_ref();
        let mut units = self.numbering.units.take();
        if let Some(units) = &mut units {
            self.read_units(units, &message, told.message.headless);
            message.units = units.told();
        }
        self.sink.event(Event::Message(&message));
        let mut hidden = told.unmarked
            && message.opcode == OpCode::Text
            && matches!(utf8, Some(Err(_)))
            && inflates(told.payload, self.tools);
        if hidden {
            // RFC 7692 §6: a compressed message has RSV1 set on its first frame.
            let text = "the text is no UTF-8 and inflates, and RSV1, which marks compression, is 0";
            let note = Observation::new(Code::Rsv1Missing, told.from, text);
            self.finding(note, Some(number), message.last);
        }
        for (note, stamp) in told.notes {
            // What is compressed without agreement is no text, and that it is none says nothing.
            hidden |= note.code == Code::Rsv1WithoutExtension;
            self.finding(note.clone(), Some(number), *stamp);
        }
        let mut note = |code, text: Sentence| {
            let note = Observation::new(code, told.from, text);
            self.finding(note, Some(number), message.last);
        };
        let kept = told.payload.len() as u64;
        if message.truncated && kept < told.arrived {
            let figures = [
                ("kept", Figure::Count(kept)),
                ("arrived", Figure::Bytes(told.arrived)),
            ];
            let text = Sentence::new("{kept} of {arrived} are kept", &figures);
            note(Code::PayloadTruncated, text);
        }
        checks::expansion(&message, &mut note);
        if message.opcode == OpCode::Text && !hidden {
            let error = match (utf8, told.known_beginning()) {
                (Some(whole), _) => whole.err().map(|error| (error, message.truncated)),
                (None, known) => known
                    .and_then(|known| std::str::from_utf8(known).err())
                    .map(|error| (error, true)),
            };
            if let Some((error, cut)) = error {
                checks::text(error, cut, &mut note);
            }
        }
        if let Some(body) = message.close() {
            checks::close(&body, &mut note);
        }
        if let Some(units) = units.as_mut() {
            self.notes_of(units);
        }
        self.numbering.units = units.filter(|units| !units.is_over());
    }

    /// Has the subprotocol's decoder read a message, and tells once what it is recognised as.
    fn read_units(&mut self, units: &mut Units, message: &Message<'_>, headless: bool) {
        if let Some(recognised) = &units.message(message, headless) {
            self.sink.event(Event::Recognised {
                conversing: self.numbering.id,
                recognised,
            });
        }
    }

    /// Tells what the subprotocol's decoder observed.
    fn notes_of(&mut self, units: &mut Units) {
        for (note, message, at) in units.take_notes() {
            self.finding(note, message, at);
        }
    }

    /// Nothing more comes: tells what was never answered.
    pub(super) fn finish_units(&mut self, last: Stamp) {
        let Some(mut units) = self.numbering.units.take() else {
            return;
        };
        let pending = units.finish(self.numbering.id, last);
        self.notes_of(&mut units);
        for pending in &pending {
            self.sink.event(Event::Pending(pending));
        }
    }
}

/// Whether a payload is one that was compressed with nothing before it.
#[cold]
fn inflates(payload: &[u8], tools: &mut Tools) -> bool {
    let keep = tools.limits.payload_bytes;
    let inflated = Stripped::default().inflate((payload, &[]), OpCode::Text, keep, tools);
    inflated.is_some()
}

impl<'a> Told<'a> {
    /// Counts the bytes of its payload as they were captured; of each message `most` are kept.
    fn count(&self, account: &mut Account, most: usize) {
        let captured = self.message.payload_captured;
        if matches!(self.status, Status::Lost(_)) {
            account.not_shown += captured;
            return;
        }
        let kept = if self.wanted {
            self.payload.len() as u64
        } else {
            most as u64
        };
        if kept >= self.arrived {
            account.shown += captured;
            return;
        }
        // Of a compressed message the kept part stands for as large a part of what was sent.
        let share = u128::from(captured) * u128::from(kept);
        let shown = share.checked_div(u128::from(self.arrived));
        let shown = shown
            .and_then(|shown| u64::try_from(shown).ok())
            .unwrap_or(captured);
        account.shown += shown.min(captured);
        account.given_up += captured.saturating_sub(shown);
    }

    /// What a stream over its sender's messages makes of it, where somebody looks.
    fn inflate(&self, streams: &mut PerPeer<Stream>, tools: &Tools) -> Option<Inflated> {
        if !self.wanted || self.message.opcode != OpCode::Binary {
            return None;
        }
        let whole = self.status == Status::Complete && self.payload.len() as u64 == self.arrived;
        streams[self.from].message((self.payload, whole), &tools.limits)
    }

    /// The known bytes that a partial message begins with.
    fn known_beginning(&self) -> Option<&'a [u8]> {
        let headless = self.message.headless;
        let partial = matches!(self.status, Status::Partial(_)) && self.wanted && !headless;
        let end = match self.holes.first() {
            Some((start, _)) => usize::try_from(*start).unwrap_or(usize::MAX),
            None => self.payload.len(),
        };
        self.payload.get(..end).filter(|_| partial)
    }

    fn message(&self, numbering: &Numbering, text: Option<&'a str>) -> Message<'a> {
        let lost = matches!(self.status, Status::Lost(_));
        let kept = self.payload.len() as u64;
        let truncated = self.wanted && kept < self.total.unwrap_or(self.arrived) && !lost;
        let facts = Facts {
            conversing: numbering.id,
            number: numbering.messages,
            from: self.from,
            opcode: self.message.opcode,
            first: self.message.first.packet,
            last: self.message.last,
            frames: self.message.frames,
            compressed: self.message.compressed,
            inferred: self.message.inferred,
            wire_bytes: self.message.wire_bytes,
            payload_wire_bytes: self.message.payload_passed,
            payload_bytes: self.total,
            known_bytes: if lost {
                0
            } else {
                self.arrived.saturating_sub(self.unknown)
            },
            status: self.status,
            truncated,
        };
        Message {
            facts,
            first_time: self.message.first.time,
            splits: self.splits,
            payload: self.payload,
            text: text.filter(|_| !truncated),
            holes: self.holes,
            inflated: None,
            units: &[],
        }
    }
}
