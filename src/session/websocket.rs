//! A WebSocket connection behind its handshake: two directions of messages.
//!
//! Job: feed each direction's reader and number the messages over both.
//! Input: chunks and gaps with their sender. Output: events. RFC 6455 §5.

use super::conflicts::Conflicts;
use super::context::Tools;
use super::messages::Messages;
use super::notes;
use super::teller::Teller;
use crate::base::{Peer, PerPeer, Stamp};
use crate::deflate::Agreement;
use crate::event::Reason;
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::http2::Stall as Http2Stall;
use crate::stream::{Delivery, Stamps};
use crate::tcp::Stall;
use crate::ws::{Expectation, FrameReader, Habits, ReaderEvent};

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
    /// Nowhere: nothing of this side was captured.
    Uncaptured,
}

impl Start {
    /// The start of a side whose head was `seen`, or of which the capture `lacks` everything.
    pub(super) fn of(seen: bool, lacks: bool) -> Self {
        match (seen, lacks) {
            (true, _) => Self::InStep,
            (false, true) => Self::Uncaptured,
            (false, false) => Self::Somewhere,
        }
    }
}

/// Both directions.
#[derive(Debug)]
pub(super) struct WebSocket {
    readers: PerPeer<FrameReader>,
    messages: PerPeer<Messages>,
    /// Nothing of this side was captured.
    uncaptured: PerPeer<bool>,
    conflicts: PerPeer<Conflicts>,
    /// Since when each sender was last told to wait for the flow control of HTTP/2.
    held_back: PerPeer<Option<Stamp>>,
    /// Bytes it was given.
    taken: u64,
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
                Start::Somewhere | Start::Uncaptured => {
                    FrameReader::lost(expectation, Habits::default(), limits)
                }
                Start::Between => FrameReader::lost(expectation, Habits::certain(), limits),
            }
        });
        for from in Peer::BOTH {
            if starts[from] != Start::InStep {
                messages[from].start_somewhere();
            }
        }
        Self {
            readers,
            messages,
            uncaptured: PerPeer::from_fn(|from| starts[from] == Start::Uncaptured),
            conflicts: PerPeer::default(),
            held_back: PerPeer::default(),
            taken: 0,
        }
    }

    /// A copy, where no direction is searched for a header.
    pub(super) fn resting(&self) -> Option<Self> {
        let can = |from| self.readers[from].is_in_step();
        Peer::BOTH.into_iter().all(can).then(|| Self {
            messages: PerPeer::from_fn(|from| self.messages[from].resting()),
            readers: PerPeer::from_fn(|from| self.readers[from].clone()),
            uncaptured: self.uncaptured,
            conflicts: self.conflicts.clone(),
            held_back: self.held_back,
            taken: self.taken,
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
        let conflicts = self.conflicts.iter().map(|(_, conflicts)| conflicts.held());
        size_of::<Self>() + messages.sum::<usize>() + conflicts.sum::<usize>()
    }

    /// Bytes of memory that its windows take, and searches for headers.
    pub(super) fn kept(&self) -> usize {
        let messages = self.messages.iter().map(|(_, messages)| messages.kept());
        let readers = self.readers.iter().map(|(_, reader)| reader.kept());
        messages.chain(readers).sum()
    }

    /// Nothing comes for a time: its windows take less room.
    pub(super) fn rest(&mut self, pack: bool) {
        for from in Peer::BOTH {
            self.messages[from].rest(pack);
        }
    }

    /// Shows the bytes of its windows, which may be taken out and must be put back before anything else comes.
    pub(super) fn windows(&mut self, visit: &mut dyn FnMut(&mut Vec<u8>)) {
        for from in Peer::BOTH {
            self.messages[from].windows(visit);
        }
    }

    /// Gives its windows up, to save memory, and what searches for headers have gathered.
    pub(super) fn let_go(&mut self) {
        for from in Peer::BOTH {
            self.messages[from].let_go();
            self.readers[from].let_go();
        }
    }

    /// All messages in progress hold too much: gives up to `excess` bytes up.
    pub(super) fn trim(&mut self, mut excess: usize, tools: &mut Tools) {
        for from in Peer::BOTH {
            excess -= self.messages[from].trim(excess, tools);
        }
    }

    /// Bytes it was given.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether nothing that `from` sends is in progress.
    pub(super) fn is_between(&self, from: Peer) -> bool {
        self.readers[from].between_frames() && self.messages[from].is_between()
    }

    /// Whether a close frame was sent.
    pub(super) fn is_closing(&self) -> bool {
        self.messages
            .iter()
            .any(|(_, messages)| messages.is_closing())
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

    /// The flow control of HTTP/2 stopped a sender for a time.
    pub(super) fn held_back(&mut self, stall: &Http2Stall, teller: &mut Teller<'_>) {
        let sender = stall.sender;
        if stall.nanos() < STALL_NANOS / 2 || self.held_back[sender] == Some(stall.since) {
            return;
        }
        let within = !self.readers[sender].between_frames() || self.messages[sender].in_progress();
        if within || stall.resumed {
            self.held_back[sender] = Some(stall.since);
            teller.finding(notes::held_back(stall), None, stall.since);
        }
    }

    /// Takes what is delivered.
    pub(super) fn delivery(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        teller: &mut Teller<'_>,
    ) {
        match delivery {
            // The other side acknowledges it; that all of it is missing is reported once.
            Delivery::Gap(_) if self.uncaptured[from] => return,
            _ => self.uncaptured[from] = false,
        }
        if let Delivery::Chunk { bytes, .. } = delivery {
            self.taken += bytes.len() as u64;
            teller.tools.account.frames += bytes.len() as u64;
        }
        if let Some(note) = notes::delivered(from, delivery) {
            teller.finding(note, None, at.last);
        }
        let messages = &mut self.messages[from];
        let conflicts = &mut self.conflicts[from];
        conflicts.given(delivery.span());
        self.readers[from].delivery(delivery, at, &mut |event| {
            let before = teller.messages();
            messages.event(event, teller);
            if let ReaderEvent::Part(part) = event
                && let Some(at) = part.at
                && teller.messages() != before
            {
                conflicts.ended(at + part.body.span(), teller.messages());
            }
        });
        if messages.are_compressed_unagreed() {
            self.readers[from].expect_rsv1();
        }
        while let Some((note, message, stamp)) = conflicts.due() {
            teller.finding(note, message, stamp);
        }
    }

    /// A second copy differs from the bytes that were used, so many bytes before the last one.
    pub(super) fn conflict(
        &mut self,
        from: Peer,
        (delivery, back): (Delivery<'_>, i64),
        at: Stamp,
        teller: &mut Teller<'_>,
    ) {
        if let Some(note) = notes::delivered(from, delivery)
            && let Some((note, message, stamp)) = self.conflicts[from].differs(back, note, at)
        {
            teller.finding(note, message, stamp);
        }
    }

    /// The connection or the capture ends.
    pub(super) fn finish(&mut self, reason: Reason, stamp: Stamp, teller: &mut Teller<'_>) {
        for from in Peer::BOTH {
            if self.uncaptured[from] {
                teller.finding(notes::uncaptured(from), None, stamp);
            }
            let messages = &mut self.messages[from];
            let unframed = self.readers[from].finish(stamp.into(), &mut |event| {
                messages.event(event, teller);
            });
            messages.finish(reason, (unframed, stamp), teller);
            for (note, message, stamp) in self.conflicts[from].finish() {
                teller.finding(note, message, stamp);
            }
        }
        teller.finish_units(stamp);
    }
}
