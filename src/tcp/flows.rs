//! Which connection a segment belongs to.
//!
//! Job: number TCP connections in the order of their first packet, tell client from server,
//! see where a four-tuple is used again, and forget connections that are over.
//! Input: segments in capture order. Output: a [`Route`] each. RFC 9293 §3.4.1, §3.5.

use std::collections::HashMap;

use super::seq::Seq;
use crate::base::{End, Limits, Peer, PerEnd, Roles, Stamp, Timestamp};
use crate::net::{Encapsulation, Endpoint, FlowKey, Segment};

/// A closed connection is remembered this long for its late retransmissions.
const LINGER_NANOS: i64 = 60_000_000_000;

/// Closed connections are swept when at least so many wait.
const SWEEP: usize = 1024;

/// So many encapsulations are tried for the other direction of a connection.
const TWINS: usize = 16;

/// Numbers no further apart than this can belong to one conversation.
const NEAR: i64 = 1 << 20;

/// A SYN and the data in its packet count no more numbers than this.
const SYN_DATA: i64 = 1 << 16;

/// A connection as its first packet showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Its number, from 1, in the order of first packets.
    pub number: u64,
    /// Its ends.
    pub ends: PerEnd<Endpoint>,
    /// Who opened it: read off a SYN, or guessed from the ports.
    pub roles: Roles,
    /// Its first packet.
    pub first: Stamp,
    /// Where that packet was on its way.
    pub encapsulation: Encapsulation,
}

impl Flow {
    /// Who opened it.
    pub fn client(&self) -> Endpoint {
        self.ends[self.roles.end(Peer::Client)]
    }

    /// Who was connected to.
    pub fn server(&self) -> Endpoint {
        self.ends[self.roles.end(Peer::Server)]
    }
}

/// Where a segment goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The connection's number.
    pub connection: u64,
    /// Who sent the segment.
    pub from: End,
    /// The connection, where this segment is its first.
    pub opened: Option<Box<Flow>>,
}

/// Where an end stood when it last sent something.
#[derive(Debug, Clone, Copy)]
struct Edge {
    /// The number behind its segment.
    end: Seq,
    /// What it acknowledged.
    ack: Seq,
    acks: bool,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    first_is_low: bool,
    isn: PerEnd<Option<Seq>>,
    edge: PerEnd<Option<Edge>>,
    fin: PerEnd<bool>,
    reset: bool,
    last: Timestamp,
}

impl Entry {
    fn closed(&self) -> bool {
        self.reset || (self.fin.first && self.fin.second)
    }

    /// A connection of which nothing was seen.
    fn new(number: u64, first_is_low: bool, last: Timestamp) -> Self {
        Self {
            number,
            first_is_low,
            isn: PerEnd::default(),
            edge: PerEnd::default(),
            fin: PerEnd::default(),
            reset: false,
            last,
        }
    }

    fn sender(&self, from_low: bool) -> End {
        if self.first_is_low == from_low {
            End::First
        } else {
            End::Second
        }
    }

    fn note(&mut self, from: End, segment: &Segment<'_>, time: Timestamp) {
        let (flags, seq) = (segment.flags, Seq(segment.seq));
        self.last = time;
        self.edge[from] = Some(Edge {
            end: seq.plus(u64::from(segment.payload_len)),
            ack: Seq(segment.ack),
            acks: flags.ack(),
        });
        if flags.syn() {
            self.isn[from] = Some(seq);
            if flags.ack() {
                // The SYN it answers, should the capture lack it.
                let answered = Seq(segment.ack.wrapping_sub(1));
                self.isn[from.other()].get_or_insert(answered);
            }
        }
        self.fin[from] |= flags.fin();
        self.reset |= flags.rst();
    }

    /// Whether `segment` acknowledges the SYN of `from`'s peer and at most the data that came
    /// with it (RFC 7413).
    fn answered_by(&self, from: End, segment: &Segment<'_>) -> bool {
        let isn = self.isn[from.other()];
        segment.flags.ack()
            && isn.is_some_and(|isn| (1..=SYN_DATA).contains(&Seq(segment.ack).after(isn)))
    }

    /// Whether a SYN on this four-tuple begins another connection.
    fn reused(&self, from: End, segment: &Segment<'_>) -> bool {
        let flags = segment.flags;
        if !flags.syn() || self.answered_by(from, segment) {
            // The answer to this connection's SYN may come with another number when it is
            // given twice (SYN cookies, two servers behind one address).
            return false;
        }
        match self.isn[from] {
            // RFC 9293 §3.4.1: another initial number is another incarnation; the same one is
            // a retransmission.
            Some(isn) => isn != Seq(segment.seq),
            // Behind other packets of this peer: those were an earlier incarnation's, unless
            // both open at once (RFC 9293 §3.5).
            None if !flags.ack() => self.closed() || self.isn[from.other()].is_none(),
            // An answer, but to a SYN that the capture lacks.
            None => self.closed() || self.isn[from.other()].is_some(),
        }
    }

    /// Whether `segment` of `from`, of which nothing was seen yet, answers the other peer.
    fn continued_by(&self, from: End, segment: &Segment<'_>) -> bool {
        let (None, Some(edge)) = (self.edge[from], self.edge[from.other()]) else {
            return false;
        };
        let near = |a: u32, b: Seq| Seq(a).after(b).abs() <= NEAR;
        if segment.flags.syn() || segment.flags.rst() {
            return self.answered_by(from, segment);
        }
        segment.flags.ack()
            && edge.acks
            && near(segment.ack, edge.end)
            && near(segment.seq, edge.ack)
    }

    /// What goes first when room is needed: the closed, then the idle.
    fn worth(&self) -> (bool, Timestamp, u64) {
        (!self.closed(), self.last, self.number)
    }
}

/// All connections that are open or lately were.
#[derive(Debug)]
pub struct Flows {
    table: HashMap<FlowKey, Entry, foldhash::fast::RandomState>,
    /// Keys of directions that a mirror tagged otherwise than the connection's first packet.
    twins: HashMap<FlowKey, FlowKey, foldhash::fast::RandomState>,
    encapsulations: Vec<Encapsulation>,
    limit: usize,
    count: u64,
    closed: usize,
    sweep_at: usize,
    forgotten: Vec<u64>,
}

impl Flows {
    /// An empty table that holds `limits.connections`.
    pub fn new(limits: Limits) -> Self {
        Self {
            table: HashMap::default(),
            twins: HashMap::default(),
            encapsulations: Vec::new(),
            limit: limits.connections.max(1),
            count: 0,
            closed: 0,
            sweep_at: SWEEP,
            forgotten: Vec::new(),
        }
    }

    /// A table that knows one connection, as if in the midst of it; others get higher numbers.
    pub fn resume(limits: Limits, flow: &Flow) -> Self {
        let PerEnd { first, second } = flow.ends;
        let (key, first_is_low) = FlowKey::of(first, second, flow.encapsulation);
        let mut flows = Self::new(limits);
        flows.count = flow.number;
        flows.encapsulations.push(flow.encapsulation);
        let entry = Entry::new(flow.number, first_is_low, flow.first.time);
        flows.table.insert(key, entry);
        flows
    }

    /// Connections seen so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The connection of `segment`; a new one is opened where it belongs to none.
    pub fn route(&mut self, segment: &Segment<'_>, stamp: Stamp) -> Route {
        let (key, from_low) = segment.flow();
        match self.follow(&key, from_low, segment, stamp) {
            Some(route) => route,
            None => self.unknown(key, from_low, segment, stamp),
        }
    }

    /// No connection has this key, or not any more.
    #[inline(never)]
    fn unknown(
        &mut self,
        key: FlowKey,
        from_low: bool,
        segment: &Segment<'_>,
        stamp: Stamp,
    ) -> Route {
        let Some(twin) = self.twin(key, segment) else {
            return self.open(key, from_low, segment, stamp);
        };
        match self.follow(&twin, from_low, segment, stamp) {
            Some(route) => route,
            None => self.open(twin, from_low, segment, stamp),
        }
    }

    /// Connections that need no more room: swept some time after they were closed, dropped to
    /// keep the limit, or with their four-tuple used again. In the order in which they went,
    /// and by number where several went at once.
    pub fn take_forgotten(&mut self) -> std::vec::Drain<'_, u64> {
        self.forgotten.drain(..)
    }

    /// The known connection with this key; one whose four-tuple is used again is forgotten.
    #[inline]
    fn follow(
        &mut self,
        key: &FlowKey,
        from_low: bool,
        segment: &Segment<'_>,
        stamp: Stamp,
    ) -> Option<Route> {
        let entry = self.table.get_mut(key)?;
        let from = entry.sender(from_low);
        let was_closed = entry.closed();
        if entry.reused(from, segment) {
            self.closed -= usize::from(was_closed);
            self.forgotten.push(entry.number);
            self.table.remove(key);
            return None;
        }
        entry.note(from, segment, stamp.time);
        self.closed += usize::from(!was_closed && entry.closed());
        Some(Route {
            connection: entry.number,
            from,
            opened: None,
        })
    }

    /// The key of the connection whose other direction stands under another encapsulation.
    ///
    /// A mirror port may tag one direction and not the other. Equal addresses are not enough
    /// to join them (VLANs may reuse addresses): only one direction must have been seen, and
    /// the numbers of the two must answer each other.
    fn twin(&mut self, key: FlowKey, segment: &Segment<'_>) -> Option<FlowKey> {
        if let Some(&twin) = self.twins.get(&key) {
            return Some(twin);
        }
        let twin = self.encapsulations.iter().find_map(|&encapsulation| {
            let elsewhere = Segment {
                encapsulation,
                ..*segment
            };
            let (twin, from_low) = elsewhere.flow();
            let entry = self.table.get(&twin)?;
            entry
                .continued_by(entry.sender(from_low), segment)
                .then_some(twin)
        })?;
        self.twins.insert(key, twin);
        Some(twin)
    }

    fn open(&mut self, key: FlowKey, from_low: bool, segment: &Segment<'_>, stamp: Stamp) -> Route {
        self.make_room(stamp.time);
        if self.encapsulations.len() < TWINS
            && !self.encapsulations.contains(&segment.encapsulation)
        {
            self.encapsulations.push(segment.encapsulation);
        }
        self.count += 1;
        let from = End::First;
        let mut entry = Entry::new(self.count, from_low, stamp.time);
        entry.note(from, segment, stamp.time);
        self.closed += usize::from(entry.closed());
        self.table.insert(key, entry);
        let flow = Flow {
            number: self.count,
            ends: PerEnd {
                first: segment.source,
                second: segment.destination,
            },
            roles: roles(segment),
            first: stamp,
            encapsulation: segment.encapsulation,
        };
        Route {
            connection: self.count,
            from,
            opened: Some(Box::new(flow)),
        }
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.closed >= self.sweep_at {
            self.forget(|entry| entry.closed() && now.since(entry.last) >= LINGER_NANOS);
            // Each sweep is paid by as many closed connections as it looked at open ones.
            self.sweep_at = SWEEP.max(self.closed * 2).max(self.table.len() / 2);
        }
        if self.table.len() >= self.limit {
            // An eighth at once, so that the search is paid rarely.
            let mut worths: Vec<_> = self.table.values().map(Entry::worth).collect();
            let (_, &mut last, _) = worths.select_nth_unstable(self.table.len() / 8);
            self.forget(|entry| entry.worth() <= last);
        }
    }

    fn forget(&mut self, goes: impl Fn(&Entry) -> bool) {
        let known = self.forgotten.len();
        self.table.retain(|_, entry| {
            let goes = goes(entry);
            if goes {
                self.closed -= usize::from(entry.closed());
                self.forgotten.push(entry.number);
            }
            !goes
        });
        self.twins.retain(|_, twin| self.table.contains_key(twin));
        // The table's order is another one in each run.
        if let Some(new) = self.forgotten.get_mut(known..) {
            new.sort_unstable();
        }
    }
}

/// What a connection's first captured segment shows of the roles.
fn roles(segment: &Segment<'_>) -> Roles {
    let flags = segment.flags;
    // RFC 9293 §3.5: the opener's SYN stands alone, the answer acknowledges it.
    let client = match (flags.syn(), flags.ack()) {
        (true, false) => End::First,
        (true, true) => End::Second,
        // Without a SYN: servers listen on the lower port, as a rule.
        _ if segment.source.port < segment.destination.port => End::Second,
        _ => End::First,
    };
    Roles {
        client,
        known: flags.syn(),
    }
}
