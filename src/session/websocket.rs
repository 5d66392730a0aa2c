//! A WebSocket connection behind its handshake: two directions of messages.
//!
//! Job: feed each direction's reader and number the messages over both.
//! Input: chunks and gaps with their sender. Output: events. RFC 6455 §5.

use super::context::Tools;
use super::messages::Messages;
use super::notes;
use super::teller::{Numbering, Teller};
use crate::base::{Peer, PerPeer, Stamp, seconds};
use crate::deflate::Agreement;
use crate::event::{EventSink, Reason};
use crate::finding::{Code, Observation};
use crate::stream::{Delivery, Piece, Stamps};
use crate::tcp::Stall;
use crate::ws::{Expectation, FrameReader};

/// Packets that were captured in the wrong order are no further apart.
const MIXED_UP_NANOS: i64 = 1_000_000;

/// A window that is closed for less is how TCP works.
const STALL_NANOS: i64 = 1_000_000_000;

/// How a direction's first byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// In front of a frame header, with nothing sent before.
    InStep,
    /// Somewhere: frames were sent before.
    Somewhere,
}

/// Both directions.
#[derive(Debug)]
pub(super) struct WebSocket {
    readers: PerPeer<FrameReader>,
    messages: PerPeer<Messages>,
    numbering: Numbering,
}

impl WebSocket {
    pub(super) fn new(
        connection: u64,
        agreement: Agreement,
        starts: PerPeer<Start>,
        tools: &mut Tools,
    ) -> Self {
        let rsv1 = agreement != Agreement::None;
        let limits = tools.limits;
        let mut messages = PerPeer::from_fn(|from| Messages::new(from, agreement, tools));
        let readers = PerPeer::from_fn(|from| {
            let expectation = Expectation { from, rsv1 };
            match starts[from] {
                Start::InStep => FrameReader::new(expectation, limits),
                Start::Somewhere => FrameReader::lost(expectation, limits),
            }
        });
        for from in Peer::BOTH {
            if starts[from] == Start::Somewhere {
                messages[from].start_somewhere(tools);
            }
        }
        Self {
            readers,
            messages,
            numbering: Numbering {
                connection,
                messages: 0,
            },
        }
    }

    /// A copy, where both directions stand between two messages.
    pub(super) fn resting(&self) -> Option<Self> {
        let Self {
            readers, messages, ..
        } = self;
        if !readers.iter().all(|(_, reader)| reader.is_at_rest()) {
            return None;
        }
        Some(Self {
            messages: PerPeer {
                client: messages.client.resting()?,
                server: messages.server.resting()?,
            },
            readers: PerPeer::from_fn(|from| readers[from].clone()),
            numbering: self.numbering,
        })
    }

    /// Messages told so far.
    pub(super) fn told(&self) -> u64 {
        self.numbering.messages
    }

    /// Bytes that each sender's compressed messages put out; `None` where none copies from
    /// another.
    pub(super) fn inflated(&self) -> PerPeer<Option<u64>> {
        PerPeer::from_fn(|from| self.messages[from].inflated())
    }

    /// From here on every bit is recorded.
    pub(super) fn record(&mut self, tools: &Tools) {
        for from in Peer::BOTH {
            self.messages[from].record(tools);
        }
    }

    /// Holds what the client sent behind its request against the packets that brought the two
    /// heads.
    pub(super) fn early(
        &mut self,
        (request, response): (Stamp, Stamp),
        rest: &[Piece],
        sink: &mut dyn EventSink,
    ) {
        let Some(Piece::Chunk { at, bytes, .. }) = rest.first() else {
            return;
        };
        let at = at.first;
        // RFC 6455 §4.1: the client waits for the answer. Captures of several queues mix up
        // packets, but not by a millisecond.
        let with_request = at.packet == request.packet;
        let before = at.packet < response.packet && response.time.since(at.time) > MIXED_UP_NANOS;
        if with_request || before {
            let text = format!(
                "the client sends {} bytes of frames before the server has answered",
                bytes.len()
            );
            let note = Observation::new(Code::DataBeforeAnswer, Peer::Client, text);
            self.teller(sink).finding(note, None, at);
        }
    }

    /// A peer's receive window was closed for a time.
    pub(super) fn stalled(&mut self, stall: &Stall, sink: &mut dyn EventSink) {
        let sender = stall.receiver.other();
        let waits = !self.readers[sender].between_frames() || self.messages[sender].in_progress();
        if !waits || stall.nanos() < STALL_NANOS {
            return;
        }
        // RFC 9293 §3.8.6: a sender stops at a window of zero until it opens.
        let text = format!(
            "the {}'s receive window is closed for {} with a message of the {sender} under way",
            stall.receiver,
            seconds(stall.nanos())
        );
        let note = Observation::new(Code::ReceiverStalled, stall.receiver, text);
        self.teller(sink).finding(note, None, stall.since);
    }

    fn teller<'a>(&'a mut self, sink: &'a mut dyn EventSink) -> Teller<'a> {
        Teller {
            numbering: &mut self.numbering,
            sink,
        }
    }

    /// Takes what is delivered.
    pub(super) fn delivery(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        tools: &mut Tools,
        sink: &mut dyn EventSink,
    ) {
        let reader = &mut self.readers[from];
        let messages = &mut self.messages[from];
        let teller = &mut Teller {
            numbering: &mut self.numbering,
            sink,
        };
        if let Some(note) = notes::delivered(from, delivery) {
            teller.finding(note, None, at.last);
        }
        reader.delivery(delivery, at, &mut |event| {
            messages.event(event, tools, teller);
        });
    }

    /// The connection or the capture ends.
    pub(super) fn finish(
        &mut self,
        reason: Reason,
        stamp: Stamp,
        tools: &mut Tools,
        sink: &mut dyn EventSink,
    ) {
        for from in Peer::BOTH {
            let unframed = self.readers[from].finish();
            let teller = &mut Teller {
                numbering: &mut self.numbering,
                sink,
            };
            self.messages[from].finish(reason, (unframed, stamp), tools, teller);
        }
    }
}
