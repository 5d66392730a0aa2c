//! A WebSocket connection behind its handshake: two directions of messages.
//!
//! Job: feed each direction's reader and number the messages over both.
//! Input: chunks and gaps with their sender. Output: events. RFC 6455 §5.

use super::context::Tools;
use super::messages::Messages;
use super::notes;
use super::teller::Teller;
use crate::base::{Peer, PerPeer, Stamp};
use crate::deflate::Agreement;
use crate::event::Reason;
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::stream::{Delivery, Stamps};
use crate::tcp::Stall;
use crate::ws::{Expectation, FrameReader, Habits};

/// A window that is closed for less is how TCP works.
const STALL_NANOS: i64 = 1_000_000_000;

/// How a direction's first byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// In front of a frame header, with nothing sent before.
    InStep,
    /// Somewhere: frames were sent before.
    Somewhere,
    /// In front of a frame, as each write is one: frames were sent before.
    Between,
}

/// Both directions.
#[derive(Debug)]
pub(super) struct WebSocket {
    readers: PerPeer<FrameReader>,
    messages: PerPeer<Messages>,
}

impl WebSocket {
    pub(super) fn new(agreement: Agreement, starts: PerPeer<Start>, tools: &mut Tools) -> Self {
        let rsv1 = agreement != Agreement::None;
        let limits = tools.limits;
        let mut messages = PerPeer::from_fn(|from| Messages::new(from, agreement, tools));
        let readers = PerPeer::from_fn(|from| {
            let expectation = Expectation { from, rsv1 };
            match starts[from] {
                Start::InStep => FrameReader::new(expectation, limits),
                Start::Somewhere => FrameReader::lost(expectation, Habits::default(), limits),
                Start::Between => FrameReader::lost(expectation, Habits::certain(), limits),
            }
        });
        for from in Peer::BOTH {
            if starts[from] != Start::InStep {
                messages[from].start_somewhere(tools);
            }
        }
        Self { readers, messages }
    }

    /// A copy, where no direction is searched for a header and each decoder can be copied.
    pub(super) fn resting(&self) -> Option<Self> {
        let Self { readers, messages } = self;
        let can = |from| readers[from].is_in_step() && messages[from].can_rest();
        Peer::BOTH.into_iter().all(can).then(|| Self {
            messages: PerPeer::from_fn(|from| messages[from].resting()),
            readers: PerPeer::from_fn(|from| readers[from].clone()),
        })
    }

    /// Makes a copy whole.
    pub(super) fn resume(&mut self, tools: &mut Tools) {
        for from in Peer::BOTH {
            self.messages[from].resume(tools);
        }
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        let messages = self.messages.iter().map(|(_, messages)| messages.held());
        size_of::<Self>() + messages.sum::<usize>()
    }

    /// Whether nothing that `from` sends is in progress.
    pub(super) fn is_between(&self, from: Peer) -> bool {
        self.readers[from].between_frames() && self.messages[from].is_between()
    }

    /// Bytes that compressed messages of `from` put out; `None` where none copies from another.
    pub(super) fn inflated(&self, from: Peer) -> Option<u64> {
        self.messages[from].inflated()
    }

    /// The receive window of `receiver` was closed for a time.
    pub(super) fn stalled(&mut self, receiver: Peer, stall: &Stall, teller: &mut Teller<'_>) {
        let sender = receiver.other();
        let waits = !self.readers[sender].between_frames() || self.messages[sender].in_progress();
        if !waits || stall.nanos() < STALL_NANOS {
            return;
        }
        // RFC 9293 §3.8.6: a sender stops at a window of zero until it opens.
        let text = Sentence::new(
            &format!(
                "the {receiver}'s receive window is closed for {{closed}} with a message of the \
                 {sender} under way"
            ),
            &[("closed", Figure::Nanos(stall.nanos()))],
        );
        let note = Observation::new(Code::ReceiverStalled, receiver, text);
        teller.finding(note, None, stall.since);
    }

    /// Takes what is delivered.
    pub(super) fn delivery(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        teller: &mut Teller<'_>,
    ) {
        if let Some(note) = notes::delivered(from, delivery) {
            teller.finding(note, None, at.last);
        }
        let messages = &mut self.messages[from];
        self.readers[from].delivery(delivery, at, &mut |event| messages.event(event, teller));
    }

    /// The connection or the capture ends.
    pub(super) fn finish(&mut self, reason: Reason, stamp: Stamp, teller: &mut Teller<'_>) {
        for from in Peer::BOTH {
            let messages = &mut self.messages[from];
            let unframed = self.readers[from].finish(stamp.into(), &mut |event| {
                messages.event(event, teller);
            });
            messages.finish(reason, (unframed, stamp), teller);
        }
    }
}
