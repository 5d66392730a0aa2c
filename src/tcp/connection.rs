//! Both directions of one TCP connection.
//!
//! Job: hand each segment's parts to the right direction in the right order, and know when
//! the connection is over. Input: segments with their sender. Output: each direction's
//! [`Delivery`]s with the end that sent the bytes. RFC 9293 §3.5, §3.6, §3.10.7.

use super::budget::Budget;
use super::ending::Ending;
use super::reassembler::{Reassembler, WINDOW_MAX};
use super::seq::Seq;
use super::trust::Verdict;
use super::unheard::Unheard;
use crate::base::{End, PacketRef, PerEnd, Stamp};
use crate::net::Bare;
use crate::stream::{Delivery, Piece};

/// What was seen of a connection beside its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A reset came in this end's name, and the connection went on.
    ResetIgnored,
    /// The sequence numbers stand still, so that segments were taken as they came.
    Invented,
    /// So many bytes of this end are shown from copies whose checksum is wrong.
    Repaired(u64),
    /// This end sent the same again and again, and nothing answered it.
    Unheard(Unheard),
}

/// Segments of the connection after which a reset's sender is silent, or it was not its own.
const RESET_SEGMENTS: u8 = 16;

/// The same in nanoseconds of capture time.
const RESET_NANOS: i64 = 200_000_000;

/// A reset that nothing spoke against so far.
#[derive(Debug, Clone, Copy)]
struct Reset {
    by: End,
    seq: Seq,
    at: Stamp,
    /// Segments since.
    segments: u8,
}

impl Reset {
    /// Whether a segment of `from` that ends at `end`, with its FIN, shows that the reset was not
    /// its sender's: that one falls silent. What was sent before may have been captured late.
    fn refuted(&mut self, from: End, end: Seq, fin: bool, now: Stamp) -> bool {
        self.segments = self.segments.saturating_add(1);
        let late = self.segments > RESET_SEGMENTS || now.time.since(self.at.time) > RESET_NANOS;
        // RFC 5961 §3.2: a true one comes after all that its sender sent.
        let ahead = end.after(self.seq);
        from == self.by && (late || ahead > 0 || fin && ahead < 0)
    }
}

/// One TCP connection.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    streams: PerEnd<Reassembler>,
    reset: Option<Reset>,
    /// A reset that no receiver takes, until something shows that the connection goes on.
    stray: Option<(End, Stamp)>,
    told_invented: bool,
    notes: Vec<(End, Note, Stamp)>,
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

    /// Bytes of memory that a copy takes.
    pub fn held(&self) -> usize {
        self.streams.iter().map(|(_, stream)| stream.held()).sum()
    }

    /// Counts what the early segments of a copy cost, where `budget` is another.
    pub fn resume(&self, budget: &mut Budget) {
        let costs = self.streams.iter().map(|(_, stream)| stream.cost());
        budget.take(costs.sum());
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
        if flags.rst() {
            return self.take_reset(from, seq, stamp);
        }
        // RFC 9293 §3.10.7.4: of a segment that cannot be the connection's nothing counts.
        let impossible = i64::from(segment.payload_len) > WINDOW_MAX;
        if impossible || !flags.syn() && !self.streams[from].plausible(seq) {
            return;
        }
        let verdict = self.streams[from].judge(segment, budget);
        if self.streams[from].is_paused()
            && !End::BOTH.iter().any(|end| self.streams[*end].is_unsure())
        {
            self.come_out(false, budget, out);
        }
        if verdict == Verdict::Unsure && self.streams[from].is_in_doubt() {
            // The other end's answer must not come out before what it answers.
            for end in End::BOTH {
                self.streams[end].pause();
            }
        }
        if verdict == Verdict::Damaged {
            return self.streams[from].spare(seq, segment.payload, stamp);
        }
        if self.reset.is_some() || self.stray.is_some() {
            self.goes_on(from, segment, stamp);
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
        if len == 1 && !flags.psh() && stream.is_probe(seq) {
            stream.reached(seq.plus(1), stamp);
        } else {
            let unsure = verdict == Verdict::Unsure;
            let brought = (segment.payload, len, flags.psh(), unsure);
            stream.segment(seq, brought, stamp, budget, &mut |d, s| {
                out(from, d, s);
            });
            if self.streams[from].invented() {
                self.invent(from, stamp, budget, out);
            }
        }
        self.tick(stamp, budget, out);
    }

    /// What waits in either direction has waited for one segment more.
    fn tick(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(End, Delivery<'_>, Stamp),
    ) {
        for end in End::BOTH {
            self.streams[end].tick(stamp, budget, &mut |d, s| out(end, d, s));
            self.note_repaired(end, stamp);
        }
        if End::BOTH
            .into_iter()
            .any(|end| self.streams[end].waited(stamp))
        {
            self.come_out(true, budget, out);
        }
    }

    /// Directions whose first bytes were in doubt, and with `begin` those whose SYN is missing, have
    /// waited long enough: what they hold comes out in the order of packets.
    #[cold]
    fn come_out(
        &mut self,
        begin: bool,
        budget: &mut Budget,
        out: &mut impl FnMut(End, Delivery<'_>, Stamp),
    ) {
        let mut held = Vec::new();
        for end in End::BOTH {
            let from = held.len();
            let mut keep = |delivery: Delivery<'_>, stamp: Stamp| {
                let piece = Piece::of(delivery, stamp.into());
                held.extend(piece.map(|piece| (end, piece, stamp, stamp.packet)));
            };
            if begin {
                self.streams[end].settle_beginning(budget, &mut keep);
            } else {
                self.streams[end].go_on(budget, &mut keep);
            }
            // A segment that was captured late comes out before those that follow it.
            let mut first: Option<PacketRef> = None;
            for (.., packet) in held.iter_mut().skip(from).rev() {
                *packet = first.map_or(*packet, |first| first.min(*packet));
                first = Some(*packet);
            }
        }
        held.sort_by_key(|(.., packet)| *packet);
        for (end, piece, stamp, _) in held {
            out(end, piece.delivery(), stamp);
        }
    }

    /// A reset of `from`. RFC 9293 §3.10.7.4, RFC 5961 §3.2: only the exact number counts, and
    /// whether it was exact shows by what follows.
    fn take_reset(&mut self, from: End, seq: Seq, stamp: Stamp) {
        if !self.streams[from].resets(seq) {
            self.stray.get_or_insert((from, stamp));
        } else if self.reset.is_none() {
            self.reset = Some(Reset {
                by: from,
                seq,
                at: stamp,
                segments: 0,
            });
        }
    }

    /// Holds a segment against the resets that came before it.
    #[cold]
    fn goes_on(&mut self, from: End, segment: &Bare<'_>, stamp: Stamp) {
        let len = u64::from(segment.payload_len);
        let fin = segment.flags.fin();
        let end = Seq(segment.seq).plus(len + u64::from(fin));
        let refuted = |reset: &mut Reset| reset.refuted(from, end, fin, stamp);
        if self.reset.as_mut().is_some_and(refuted)
            && let Some(reset) = self.reset.take()
        {
            self.notes.push((reset.by, Note::ResetIgnored, reset.at));
            self.stray = None;
        } else if len > 0
            && self.reset.is_none()
            && self.streams[from].is_news(end)
            && let Some((by, at)) = self.stray.take()
        {
            self.notes.push((by, Note::ResetIgnored, at));
        }
    }

    /// Where one direction's numbers are made up, so are the other's.
    #[cold]
    fn invent(
        &mut self,
        from: End,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(End, Delivery<'_>, Stamp),
    ) {
        let to = from.other();
        self.streams[to].invent(budget, &mut |d, s| out(to, d, s));
        if !std::mem::replace(&mut self.told_invented, true) {
            self.notes.push((from, Note::Invented, stamp));
        }
    }

    fn note_repaired(&mut self, end: End, stamp: Stamp) {
        let bytes = self.streams[end].take_repaired();
        if bytes > 0 {
            self.notes.push((end, Note::Repaired(bytes), stamp));
        }
    }

    /// Whether there is something to take.
    #[inline]
    pub fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    /// What was seen since the last call, with the end whom it concerns and its packet.
    pub fn take_notes(&mut self) -> Vec<(End, Note, Stamp)> {
        std::mem::take(&mut self.notes)
    }

    /// Too much is held by all connections together: this one gives up what it lacks.
    #[cold]
    pub fn give_up(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(End, Delivery<'_>, Stamp),
    ) {
        self.come_out(true, budget, out);
        for end in End::BOTH {
            self.streams[end].give_up(budget, &mut |d, s| out(end, d, s));
            self.note_repaired(end, stamp);
        }
    }

    /// The connection or the capture ends: what is held comes out.
    pub fn finish(
        &mut self,
        stamp: Stamp,
        budget: &mut Budget,
        out: &mut impl FnMut(End, Delivery<'_>, Stamp),
    ) {
        if let Some(reset) = self.reset {
            self.streams[reset.by].ended(reset.seq);
        }
        self.come_out(true, budget, out);
        for end in End::BOTH {
            self.streams[end].finish(stamp, budget, &mut |d, s| out(end, d, s));
            self.note_repaired(end, stamp);
        }
    }

    /// Whether nothing more can come. After a reset more can: what was captured late, or what
    /// shows that nobody took it.
    pub fn is_over(&self) -> bool {
        self.streams.iter().all(|(_, stream)| stream.finished())
    }

    /// Whether it is over as far as is known.
    pub fn has_ended(&self) -> bool {
        self.reset.is_some() || self.is_over()
    }

    /// How it stands.
    pub fn ending(&self) -> Ending<End> {
        let done = |end| self.streams[end].fin_seen();
        match (
            self.reset.map(|reset| reset.by),
            done(End::First),
            done(End::Second),
        ) {
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
