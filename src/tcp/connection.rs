//! Both directions of one TCP connection.
//!
//! Job: hand each segment's parts to the right direction in the right order, and know when
//! the connection is over. Input: segments with their sender. Output: each direction's
//! [`Delivery`]s with the end that sent the bytes. RFC 9293 §3.5, §3.6, §3.10.7.

use super::budget::Budget;
use super::reassembler::Reassembler;
use super::seq::Seq;
use crate::base::{End, Peer, PerEnd, Stamp};
use crate::net::Bare;
use crate::stream::Delivery;

/// How a connection stands or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Ending<By = Peer> {
    /// Neither end has said that it is done.
    #[default]
    Open,
    /// One end has sent its FIN, the other has not.
    HalfClosed(By),
    /// Both have.
    Closed,
    /// An end reset it.
    Reset(By),
}

impl<By> Ending<By> {
    /// The same with another name for who did it.
    pub fn map<To>(self, name: impl FnOnce(By) -> To) -> Ending<To> {
        match self {
            Self::Open => Ending::Open,
            Self::HalfClosed(by) => Ending::HalfClosed(name(by)),
            Self::Closed => Ending::Closed,
            Self::Reset(by) => Ending::Reset(name(by)),
        }
    }
}

impl Ending {
    /// `open`, `half-closed`, `closed` or `reset`, as the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Who ended it, where it was one of the two.
    pub fn by(self) -> Option<Peer> {
        match self {
            Self::Open | Self::Closed => None,
            Self::HalfClosed(by) | Self::Reset(by) => Some(by),
        }
    }
}

/// One TCP connection.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    streams: PerEnd<Reassembler>,
    reset: Option<End>,
}

impl Connection {
    /// A connection whose second copies of delivered bytes nobody wants compared.
    pub fn without_comparison() -> Self {
        let mut connection = Self::default();
        for end in End::BOTH {
            connection.streams[end].do_not_compare();
        }
        connection
    }

    /// What early segments cost that both directions hold.
    pub fn held(&self) -> usize {
        self.streams.iter().map(|(_, stream)| stream.held()).sum()
    }

    /// Counts what a copy holds, where `budget` is another.
    pub fn resume(&self, budget: &mut Budget) {
        budget.take(self.held());
    }

    /// Takes a segment that `from` sent; `out` gets what can now be delivered.
    pub fn segment(
        &mut self,
        from: End,
        segment: &Bare<'_>,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(End, Delivery<'_>, Stamp),
    ) {
        let flags = segment.flags;
        let seq = Seq(segment.seq);
        let to = from.other();
        // RFC 9293 §3.10.7.1: once reset, whatever still comes is discarded.
        if self.reset.is_some() {
            return;
        }
        if flags.rst() {
            // RFC 9293 §3.10.7.4: a reset outside the window is a stray or an attack.
            if self.streams[from].resets(seq) {
                self.reset = Some(from);
                self.finish(stamp, budget, out);
            }
            return;
        }
        // RFC 9293 §3.10.7.4: of a segment that cannot be the connection's nothing counts.
        if !flags.syn() && !self.streams[from].plausible(seq) {
            return;
        }
        if flags.ack() {
            let (ack, stream) = (Seq(segment.ack), &mut self.streams[to]);
            if flags.syn() {
                stream.answered(ack);
            }
            // What this segment acknowledges was sent before it.
            stream.acknowledged(ack);
        }
        let stream = &mut self.streams[from];
        let seq = if flags.syn() {
            stream.syn(seq);
            seq.plus(1)
        } else {
            seq
        };
        let len = segment.payload_len;
        if flags.fin() {
            stream.fin(seq.plus(u64::from(len)));
        }
        stream.segment(seq, segment.payload, len, stamp, budget, &mut |d, s| {
            out(from, d, s);
        });
        for end in End::BOTH {
            self.streams[end].tick(stamp, budget, &mut |d, s| out(end, d, s));
        }
    }

    /// The connection or the capture ends: what is held comes out.
    pub fn finish(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(End, Delivery<'_>, Stamp),
    ) {
        for end in End::BOTH {
            self.streams[end].finish(stamp, budget, &mut |d, s| out(end, d, s));
        }
    }

    /// Whether nothing more can come.
    pub fn is_over(&self) -> bool {
        self.reset.is_some() || self.streams.iter().all(|(_, stream)| stream.finished())
    }

    /// How it stands.
    pub fn ending(&self) -> Ending<End> {
        let done = |end| self.streams[end].fin_seen();
        match (self.reset, done(End::First), done(End::Second)) {
            (Some(by), ..) => Ending::Reset(by),
            (None, true, true) => Ending::Closed,
            (None, true, false) => Ending::HalfClosed(End::First),
            (None, false, true) => Ending::HalfClosed(End::Second),
            (None, false, false) => Ending::Open,
        }
    }

    /// The direction of what `end` sends.
    pub fn stream(&self, end: End) -> &Reassembler {
        &self.streams[end]
    }
}
