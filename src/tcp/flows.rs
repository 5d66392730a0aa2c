//! Which connection a segment belongs to.
//!
//! Job: number TCP connections in the order of their first packet, tell client from server,
//! see where a four-tuple is used again, and forget connections that are over.
//! Input: segments in capture order. Output: a [`Route`] each. RFC 9293 §3.4.1, §3.5.

mod room;

use std::collections::{HashMap, VecDeque};

use super::ahead::Ahead;
use super::incarnation::Incarnation;
use super::slot::{Owner, Slot};
use super::table::Table;
use crate::base::{End, Limits, Peer, PerEnd, Roles, Stamp, Timestamp};
use crate::net::{Encapsulation, Endpoint, FlowKey, Segment};

/// A connection is over when nothing has spoken against its reset, or its end and a new connection
/// in its place, for so long.
const ENDING_NANOS: i64 = 5_000_000_000;

/// Closed connections are swept when at least so many wait.
const SWEEP: usize = 1024;

/// So many encapsulations are tried for the other direction of a connection.
const TWINS: usize = 16;

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
    /// The initial number of the opener, where its SYN is that packet.
    pub opened_with: Option<u32>,
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

/// An ending that waits for what was captured late, or speaks against it.
#[derive(Debug)]
struct Waiting {
    since: Timestamp,
    key: FlowKey,
    number: u64,
}

impl Waiting {
    fn new(key: FlowKey, number: u64, since: Timestamp) -> Self {
        Self { since, key, number }
    }
}

/// All connections that are open or lately were.
#[derive(Debug)]
pub struct Flows {
    table: Table,
    /// Keys of directions that a mirror tagged otherwise than the connection's first packet.
    twins: HashMap<FlowKey, FlowKey, foldhash::fast::RandomState>,
    encapsulations: Vec<Encapsulation>,
    waiting: VecDeque<Waiting>,
    limits: Limits,
    ahead: Ahead,
    count: u64,
    closed: usize,
    sweep_at: usize,
    forgotten: Vec<u64>,
    relieved: Vec<u64>,
    evicted: u64,
}

impl Flows {
    /// An empty table that holds `limits.connections`.
    pub fn new(limits: Limits) -> Self {
        Self {
            table: Table::default(),
            twins: HashMap::default(),
            encapsulations: Vec::new(),
            waiting: VecDeque::new(),
            limits,
            ahead: Ahead::new(&limits),
            count: 0,
            closed: 0,
            sweep_at: SWEEP,
            forgotten: Vec::new(),
            relieved: Vec::new(),
            evicted: 0,
        }
    }

    /// A table that knows one connection, as if in the midst of it; others get higher numbers.
    pub fn resume(limits: Limits, flow: &Flow) -> Self {
        let PerEnd { first, second } = flow.ends;
        let (key, first_is_low) = FlowKey::of(first, second, flow.encapsulation);
        let mut flows = Self::new(limits);
        flows.count = flow.number;
        flows.encapsulations.push(flow.encapsulation);
        let now = Incarnation::new(flow.number, first_is_low, flow.first.time).midway();
        flows.table.insert(key, Slot { now, other: None });
        flows
    }

    /// Connections seen so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Connections that are open, or may yet turn out to be.
    pub fn open_now(&self) -> usize {
        self.table.len() - self.closed + self.waiting.len()
    }

    /// Open connections that were dropped to keep the limit.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// The connection of `segment`; a new one is opened where it belongs to none.
    pub fn route(&mut self, segment: &Segment<'_>, stamp: Stamp) -> Route {
        let (key, from_low) = segment.flow();
        if let Some(waiting) = self.waiting.front()
            && stamp.time.since(waiting.since) >= ENDING_NANOS
        {
            self.settle(stamp.time);
        }
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
        for number in &self.forgotten {
            self.ahead.forget(*number);
        }
        self.forgotten.drain(..)
    }

    /// Connections that must give up what they hold out of order, since all hold too much: after
    /// the segment that was routed last.
    pub fn take_relieved(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.relieved)
    }

    /// Whether there are any.
    #[inline]
    pub fn has_relieved(&self) -> bool {
        !self.relieved.is_empty()
    }

    /// Counts what a connection holds, and lets go where it is too much.
    #[cold]
    fn held(&mut self, number: u64, key: FlowKey, bytes: usize) {
        self.ahead.holds(number, key, bytes);
        while let Some((number, key)) = self.ahead.victim() {
            let slot = self.table.get_mut(&key);
            let one = slot.and_then(|slot| slot.all_mut().find(|one| one.number == number));
            if let Some(one) = one {
                one.relieve();
                self.relieved.push(number);
            }
        }
    }

    /// The known connection with this key.
    #[inline]
    fn follow(
        &mut self,
        key: &FlowKey,
        from_low: bool,
        segment: &Segment<'_>,
        stamp: Stamp,
    ) -> Option<Route> {
        let slot = self.table.get_mut(key)?;
        let from = slot.now.sender(from_low);
        if slot.other.is_none() && slot.now.goes_on(from, segment, stamp.time) {
            return Some(Route {
                connection: slot.now.number,
                from,
                opened: None,
            });
        }
        self.choose(key, from_low, segment, stamp.time)
    }

    /// The same for a segment that is not simply the next.
    #[inline(never)]
    fn choose(
        &mut self,
        key: &FlowKey,
        from_low: bool,
        segment: &Segment<'_>,
        now: Timestamp,
    ) -> Option<Route> {
        let slot = self.table.get_mut(key)?;
        let was_closed = slot.closed();
        let mut owner = slot.owner(from_low, segment, now)?;
        // A SYN that is sent again or refused may still be a stray.
        let proves = !segment.flags.rst() && (!segment.flags.syn() || segment.flags.ack());
        let former = slot.other.as_deref().is_some_and(Incarnation::finished);
        if owner == Owner::Other && proves && !former {
            slot.turn(&mut self.forgotten);
            owner = Owner::Now;
        }
        let owner = match (owner, &mut slot.other) {
            (Owner::Other, Some(other)) => other,
            _ => &mut slot.now,
        };
        let from = owner.sender(from_low);
        let was_reset = owner.is_reset();
        let before = owner.held();
        owner.note(from, segment, &self.limits, now);
        let held = owner.held();
        let (number, newly_reset) = (owner.number, !was_reset && owner.is_reset());
        let closed = slot.closed();
        self.closed = self.closed + usize::from(closed) - usize::from(was_closed);
        if newly_reset {
            self.waiting.push_back(Waiting::new(*key, number, now));
        }
        if held != before {
            self.held(number, *key, held);
        }
        Some(Route {
            connection: number,
            from,
            opened: None,
        })
    }

    /// The key of the connection whose other direction, or whose copy, is under another
    /// encapsulation.
    ///
    /// A mirror port may tag one direction and not the other, and a capture of all interfaces
    /// sees a packet inside and outside of a tunnel. Equal addresses are not enough to join them
    /// (VLANs may reuse addresses): the numbers must answer or repeat each other.
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
            let now = &self.table.get(&twin)?.now;
            now.seen_elsewhere(now.sender(from_low), segment)
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
        let mut fresh = Incarnation::new(self.count, from_low, stamp.time);
        fresh.note(from, segment, &self.limits, stamp.time);
        let held = fresh.held();
        if fresh.is_reset() {
            let waiting = Waiting::new(key, self.count, stamp.time);
            self.waiting.push_back(waiting);
        }
        self.place(key, fresh, stamp.time);
        if held > 0 {
            self.held(self.count, key, held);
        }
        let flow = Flow {
            number: self.count,
            ends: PerEnd {
                first: segment.source,
                second: segment.destination,
            },
            roles: roles(segment),
            first: stamp,
            encapsulation: segment.encapsulation,
            opened_with: (segment.flags.syn() && !segment.flags.ack()).then_some(segment.seq),
        };
        Route {
            connection: self.count,
            from,
            opened: Some(Box::new(flow)),
        }
    }

    /// Beside the connection that has the four-tuple, which goes on where this is a stray.
    fn place(&mut self, key: FlowKey, fresh: Incarnation, now: Timestamp) {
        let Some(slot) = self.table.get_mut(&key) else {
            self.closed += usize::from(fresh.closed());
            let slot = Slot {
                now: fresh,
                other: None,
            };
            self.table.insert(key, slot);
            return;
        };
        self.closed -= usize::from(slot.closed());
        let newcomer = if slot.now.finished() {
            // What was captured late may still be the former's.
            let former = std::mem::replace(&mut slot.now, fresh);
            let waits = !former.over;
            if waits {
                self.waiting
                    .push_back(Waiting::new(key, former.number, now));
            }
            waits.then(|| Box::new(former))
        } else {
            Some(Box::new(fresh))
        };
        if let Some(before) = std::mem::replace(&mut slot.other, newcomer)
            && !before.over
        {
            self.forgotten.push(before.number);
        }
        self.closed += usize::from(slot.closed());
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
