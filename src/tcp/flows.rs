//! Which connection a segment belongs to.
//!
//! Job: number TCP connections in the order of their first packet, tell client from server,
//! see where a four-tuple is used again, and forget connections that are over.
//! Input: segments in capture order. Output: a [`Route`] each. RFC 9293 §3.4.1, §3.5.

use std::collections::HashMap;

use crate::base::{Limits, Peer, PerPeer, Stamp, Timestamp};
use crate::net::{Endpoint, FlowKey, Segment};

/// A closed connection is remembered this long for its late retransmissions.
const LINGER_NANOS: i64 = 60_000_000_000;

/// Closed connections are swept when at least so many wait.
const SWEEP: usize = 1024;

/// A connection as its first packet showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Its number, from 1, in the order of first packets.
    pub number: u64,
    /// Who opened it.
    pub client: Endpoint,
    /// Who was connected to.
    pub server: Endpoint,
    /// The roles were read off a SYN; otherwise they are guessed from the ports.
    pub roles_known: bool,
    /// Its first packet.
    pub first: Stamp,
}

/// Where a segment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The connection's number.
    pub connection: u64,
    /// Who sent the segment.
    pub from: Peer,
    /// The connection, where this segment is its first.
    pub opened: Option<Flow>,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    low_is_client: bool,
    isn: PerPeer<Option<u32>>,
    fin: PerPeer<bool>,
    reset: bool,
    last: Timestamp,
}

impl Entry {
    fn closed(&self) -> bool {
        self.reset || (self.fin.client && self.fin.server)
    }
}

/// All connections that are open or lately were.
#[derive(Debug)]
pub struct Flows {
    table: HashMap<FlowKey, Entry, foldhash::fast::RandomState>,
    limit: usize,
    count: u64,
    closed: usize,
    forgotten: Vec<u64>,
}

impl Flows {
    /// An empty table that holds `limits.connections`.
    pub fn new(limits: Limits) -> Self {
        Self {
            table: HashMap::default(),
            limit: limits.connections,
            count: 0,
            closed: 0,
            forgotten: Vec::new(),
        }
    }

    /// Connections seen so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The connection of `segment`; a new one is opened where it belongs to none.
    pub fn route(&mut self, segment: &Segment<'_>, stamp: Stamp) -> Route {
        let (key, from_low) = segment.flow();
        let opens = segment.flags.syn() || segment.flags.rst() || segment.flags.fin();
        if let Some(entry) = self.table.get_mut(&key) {
            let from = sender(entry.low_is_client, from_low);
            if !opens || !reused(entry, from, segment) {
                entry.last = stamp.time;
                let route = Route {
                    connection: entry.number,
                    from,
                    opened: None,
                };
                if opens {
                    let was = entry.closed();
                    note(entry, from, segment);
                    self.closed += usize::from(!was && entry.closed());
                }
                return route;
            }
            self.closed -= usize::from(entry.closed());
            self.forgotten.push(entry.number);
        }
        self.open(key, from_low, segment, stamp)
    }

    /// Connections that were dropped to keep the limit or whose four-tuple was used again.
    pub fn take_forgotten(&mut self) -> std::vec::Drain<'_, u64> {
        self.forgotten.drain(..)
    }

    fn open(&mut self, key: FlowKey, from_low: bool, segment: &Segment<'_>, stamp: Stamp) -> Route {
        self.make_room(stamp.time);
        self.count += 1;
        let from = role(segment);
        let mut entry = Entry {
            number: self.count,
            low_is_client: from_low == (from == Peer::Client),
            isn: PerPeer::default(),
            fin: PerPeer::default(),
            reset: false,
            last: stamp.time,
        };
        note(&mut entry, from, segment);
        self.closed += usize::from(entry.closed());
        self.table.insert(key, entry);
        let (client, server) = match from {
            Peer::Client => (segment.source, segment.destination),
            Peer::Server => (segment.destination, segment.source),
        };
        let flow = Flow {
            number: self.count,
            client,
            server,
            roles_known: segment.flags.syn(),
            first: stamp,
        };
        Route {
            connection: self.count,
            from,
            opened: Some(flow),
        }
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.closed >= SWEEP && self.closed * 2 >= self.table.len() {
            self.table
                .retain(|_, entry| !entry.closed() || now.since(entry.last) < LINGER_NANOS);
            self.closed = self.table.values().filter(|entry| entry.closed()).count();
        }
        if self.table.len() >= self.limit {
            // An eighth at once, so that the search is paid rarely.
            let mut ages: Vec<_> = self.table.values().map(|e| (!e.closed(), e.last)).collect();
            let keep_from = ages.len() / 8;
            let (_, &mut oldest, _) = ages.select_nth_unstable(keep_from);
            let forgotten = &mut self.forgotten;
            self.table.retain(|_, entry| {
                let stays = (!entry.closed(), entry.last) > oldest;
                if !stays {
                    forgotten.push(entry.number);
                }
                stays
            });
            self.closed = self.table.values().filter(|entry| entry.closed()).count();
        }
    }
}

fn sender(low_is_client: bool, from_low: bool) -> Peer {
    if low_is_client == from_low {
        Peer::Client
    } else {
        Peer::Server
    }
}

/// Who sent a connection's first captured segment.
fn role(segment: &Segment<'_>) -> Peer {
    // RFC 9293 §3.5: the opener's SYN stands alone, the answer acknowledges it.
    match (segment.flags.syn(), segment.flags.ack()) {
        (true, false) => Peer::Client,
        (true, true) => Peer::Server,
        // Without a SYN: servers listen on the lower port, as a rule.
        _ if segment.source.port < segment.destination.port => Peer::Server,
        _ => Peer::Client,
    }
}

/// Whether a SYN on a known four-tuple begins another connection.
fn reused(entry: &Entry, from: Peer, segment: &Segment<'_>) -> bool {
    if !segment.flags.syn() {
        return false;
    }
    match (entry.isn[from], segment.flags.ack()) {
        // RFC 9293 §3.4.1: another initial number is another incarnation; the same one is a
        // retransmission.
        (Some(isn), _) => isn != segment.seq,
        // The client's SYN behind other packets of it: those were an earlier incarnation's,
        // unless both open at once (RFC 9293 §3.5) or the capture shows the SYN late.
        (None, false) => entry.closed() || entry.isn[from.other()].is_none(),
        (None, true) => entry.closed(),
    }
}

fn note(entry: &mut Entry, from: Peer, segment: &Segment<'_>) {
    if segment.flags.syn() {
        entry.isn[from] = Some(segment.seq);
    }
    entry.fin[from] |= segment.flags.fin();
    entry.reset |= segment.flags.rst();
}
