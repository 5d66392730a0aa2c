//! Messages and findings on their way to the sink.
//!
//! Job: number messages, check what only a whole payload shows, give findings their place.
//! Input: [`Told`] messages, observations. Output: events. RFC 6455 §5.5.1, §5.6, §7.4, §8.1.

use crate::base::{Peer, Stamp};
use crate::deflate::{Decoder, Output};
use crate::event::{Event, EventSink, Message, Split, Status, Wire};
use crate::finding::{Code, Finding, Observation};
use crate::ws::{CloseBody, OpCode, PartialMessage, close_code_allowed};

/// The connection that messages are numbered in.
#[derive(Debug)]
pub(super) struct Numbering {
    pub(super) connection: u64,
    pub(super) messages: u64,
}

/// Tells the events of one connection.
pub(super) struct Teller<'a> {
    pub(super) numbering: &'a mut Numbering,
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
    /// The payload's length, where it is known.
    pub(super) total: Option<u64>,
    pub(super) splits: &'a [Split],
    pub(super) holes: &'a [(u64, u64)],
    pub(super) status: Status,
    /// Somebody looks at the payload.
    pub(super) wanted: bool,
    /// Rules that its frames broke.
    pub(super) notes: &'a [(Observation, Stamp)],
}

impl Teller<'_> {
    /// Tells a finding, on the message of that number where it stands in one.
    pub(super) fn finding(&mut self, note: Observation, message: Option<u64>, at: Stamp) {
        let Observation { code, from, text } = note;
        let finding = Finding {
            code,
            from,
            message,
            at,
            bit: None,
            text,
        };
        let connection = self.numbering.connection;
        self.sink.event(Event::Finding {
            connection,
            finding: &finding,
        });
    }

    /// Tells what lies below messages.
    pub(super) fn wire(&mut self, from: Peer, wire: Wire<'_>) {
        self.sink.wire(self.numbering.connection, from, wire);
    }

    /// Tells the bits of what was inflated, where they are recorded.
    pub(super) fn inflated(&mut self, from: Peer, decoder: &Decoder, output: &Output) {
        if let Some(inflated) = decoder.inflated(output) {
            self.wire(from, Wire::Traced(&inflated));
        }
    }

    /// Tells a message and the findings on it.
    pub(super) fn message(&mut self, told: &Told<'_>) {
        self.numbering.messages += 1;
        let number = self.numbering.messages;
        let utf8 = (told.wanted && told.status == Status::Complete)
            .then(|| std::str::from_utf8(told.payload));
        let message = told.message(self.numbering, utf8.and_then(Result::ok));
        self.sink.event(Event::Message(&message));
        for (note, stamp) in told.notes {
            self.finding(note.clone(), Some(number), *stamp);
        }
        let mut note = |code, text: String| {
            let note = Observation::new(code, told.from, text);
            self.finding(note, Some(number), message.last);
        };
        if message.truncated {
            let text = format!("{} of {} bytes are kept", told.payload.len(), told.arrived);
            note(Code::PayloadTruncated, text);
        }
        if let (OpCode::Text, Some(Err(error))) = (message.opcode, utf8) {
            check_text(error, message.truncated, &mut note);
        }
        if let Some(body) = message.close() {
            check_close(&body, &mut note);
        }
    }
}

impl<'a> Told<'a> {
    fn message(&self, numbering: &Numbering, text: Option<&'a str>) -> Message<'a> {
        let lost = matches!(self.status, Status::Lost(_));
        let truncated = self.wanted && (self.payload.len() as u64) < self.arrived && !lost;
        Message {
            connection: numbering.connection,
            number: numbering.messages,
            from: self.from,
            opcode: self.message.opcode,
            first: self.message.first,
            last: self.message.last,
            frames: self.message.frames,
            splits: self.splits,
            compressed: self.message.compressed,
            wire_bytes: self.message.wire_bytes,
            payload_wire_bytes: self.message.payload_passed,
            payload_bytes: self.total,
            status: self.status,
            payload: self.payload,
            text: text.filter(|_| !truncated),
            holes: self.holes,
            truncated,
        }
    }
}

fn check_text(error: std::str::Utf8Error, truncated: bool, note: &mut impl FnMut(Code, String)) {
    // RFC 6455 §8.1: text is UTF-8. A kept part may end inside a character.
    if !(truncated && error.error_len().is_none()) {
        let at = error.valid_up_to();
        note(
            Code::TextNotUtf8,
            format!("byte {at} of the text begins no UTF-8 character"),
        );
    }
}

fn check_close(body: &CloseBody<'_>, note: &mut impl FnMut(Code, String)) {
    if body.half_a_code {
        // RFC 6455 §5.5.1: a body begins with a two-byte code.
        note(
            Code::CloseOneByte,
            "the close frame's body is a single byte".to_owned(),
        );
    }
    if let Some(code) = body.code.filter(|code| !close_code_allowed(*code)) {
        // RFC 6455 §7.4: some codes never stand in a frame.
        note(
            Code::CloseCodeInvalid,
            format!("close code {code} may not be sent"),
        );
    }
    if std::str::from_utf8(body.reason).is_err() {
        // RFC 6455 §5.5.1: the reason is UTF-8.
        note(
            Code::CloseReasonNotUtf8,
            "the close reason is not UTF-8".to_owned(),
        );
    }
}
