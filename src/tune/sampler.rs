//! Which messages are compressed anew.
//!
//! Job: keep whole connections' messages within a bound, chosen by their numbers alone, so that
//! the choice is the same for any order of events and any number of threads.
//! Input: events. Output: [`Sample`].
//!
//! Every connection has a rank, made of its number as if by chance. Kept are those of the lowest
//! ranks, as many as fit; when the bound is reached the highest rank kept goes, for good.

use std::collections::{BTreeMap, HashSet};

use super::lane::{BESIDE, Lane};
use crate::base::{Conversing, Peer, PerPeer, Timestamp};
use crate::event::{Event, EventSink, Message, Status, Upgrade};
use crate::net::Endpoint;

/// Connections that are kept at a time, however little they sent.
const MOST: usize = 1 << 16;

/// Messages that are left out of the comparison on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Omitted {
    /// Not all of their bytes are known, or more than wscope keeps.
    pub unknown: u64,
    /// They came after the part of a long connection that is compared.
    pub beyond: u64,
}

/// One connection of a sample.
#[derive(Debug, Clone, Default)]
pub struct Sampled {
    /// What each peer sent.
    pub lanes: PerPeer<Lane>,
    /// Wire bytes of control frames, which stay as they are.
    pub control: PerPeer<u64>,
    /// Messages left out.
    pub omitted: PerPeer<Omitted>,
    weight: u64,
}

impl Sampled {
    fn new() -> Self {
        let mut new = Self::default();
        new.lanes.client.masked = true;
        new
    }

    /// Whether `from` sent any data message that is compared.
    pub fn sends(&self, from: Peer) -> bool {
        !self.lanes[from].messages().is_empty()
    }
}

/// One server's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// Where they were opened to.
    pub server: Endpoint,
    /// Connections in all.
    pub connections: u64,
    /// The most that were open at once.
    pub at_once: u64,
}

/// What is compressed anew, and what of.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// The connections, by number.
    pub connections: BTreeMap<Conversing, Sampled>,
    /// WebSocket connections in the capture.
    pub of_connections: u64,
    /// Payload bytes of their complete data messages.
    pub of_bytes: u64,
    /// The highest rank of those kept.
    last_rank: Option<Rank>,
    /// Not all fitted.
    pub is_part: bool,
    /// Some of what fitted was left out, as compressing it would take too long.
    pub is_bounded: bool,
}

impl Sample {
    /// Less of it was taken, up to this rank.
    pub(super) fn bounded_by(&mut self, last: Option<Rank>) {
        self.last_rank = last;
        self.is_part = true;
        self.is_bounded = true;
    }

    /// Payload bytes of its messages.
    pub fn bytes(&self) -> u64 {
        let lanes = self.connections.values().flat_map(|one| one.lanes.iter());
        lanes.map(|(_, lane)| lane.payload_bytes()).sum()
    }

    /// Where the next round goes on.
    pub fn last_rank(&self) -> Option<Rank> {
        self.last_rank
    }
}

/// Collects a [`Sample`].
#[derive(Debug)]
pub struct Sampler {
    room: u64,
    used: u64,
    /// Ranks up to this one had their turn.
    after: Option<Rank>,
    /// Ranks from here on do not fit.
    limit: Option<Rank>,
    kept: BTreeMap<Rank, (Conversing, Sampled)>,
    seen: HashSet<Conversing>,
    hosts: BTreeMap<Endpoint, Vec<(Timestamp, Timestamp)>>,
    open: BTreeMap<Conversing, (Endpoint, Timestamp)>,
    of_bytes: u64,
}

impl Sampler {
    /// Keeps connections of up to `room` bytes together; the first one always, as far as that.
    pub fn new(room: u64) -> Self {
        Self {
            room,
            used: 0,
            after: None,
            limit: None,
            kept: BTreeMap::new(),
            seen: HashSet::new(),
            hosts: BTreeMap::new(),
            open: BTreeMap::new(),
            of_bytes: 0,
        }
    }

    /// The same, of connections that no sample up to `rank` held.
    #[must_use]
    pub fn after(self, rank: Option<Rank>) -> Self {
        Self {
            after: rank,
            ..self
        }
    }

    /// Takes over what another worker collected.
    pub fn merge(&mut self, other: Self) {
        self.limit = self.limit.into_iter().chain(other.limit).min();
        self.used += other.used;
        self.kept.extend(other.kept);
        self.seen.extend(other.seen);
        for (server, mut spans) in other.hosts {
            self.hosts.entry(server).or_default().append(&mut spans);
        }
        self.of_bytes += other.of_bytes;
        if let Some(limit) = self.limit {
            for (_, (_, sampled)) in self.kept.split_off(&limit) {
                self.used -= sampled.weight;
            }
        }
        self.shrink();
    }

    /// The servers, those with the most connections at once first.
    pub fn hosts(&self) -> Vec<Host> {
        let mut hosts: Vec<Host> = self
            .hosts
            .iter()
            .map(|(server, spans)| Host {
                server: *server,
                connections: spans.len() as u64,
                at_once: at_once(spans),
            })
            .collect();
        hosts.sort_by_key(|host| (std::cmp::Reverse(host.at_once), host.server));
        hosts
    }

    /// What was collected.
    pub fn finish(self) -> Sample {
        Sample {
            of_connections: self.seen.len() as u64,
            of_bytes: self.of_bytes,
            last_rank: self.kept.keys().next_back().copied(),
            is_part: self.limit.is_some(),
            is_bounded: false,
            connections: self.kept.into_values().collect(),
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        let complete = message.status == Status::Complete;
        let data = !message.opcode.is_control();
        if complete && data {
            self.of_bytes += message.payload_bytes.unwrap_or(0);
        }
        let rank = rank(message.conversing);
        if self.after.is_some_and(|after| rank <= after)
            || self.limit.is_some_and(|limit| rank >= limit)
        {
            return;
        }
        let (_, sampled) = self
            .kept
            .entry(rank)
            .or_insert_with(|| (message.conversing, Sampled::new()));
        if !data && sampled.weight >= self.room {
            return;
        }
        if !data {
            sampled.control[message.from] += message.wire_bytes;
            return;
        }
        let weight = BESIDE + message.payload.len() as u64;
        let omitted = &mut sampled.omitted[message.from];
        if !complete {
            omitted.unknown += 1;
        } else if sampled.weight + weight > self.room {
            // RFC 7692 §7.1.1: what follows may copy from it, so nothing follows.
            omitted.beyond += 1;
            sampled.weight = self.room;
        } else if sampled.lanes[message.from].add(message) {
            sampled.weight += weight;
        } else {
            omitted.unknown += 1;
        }
    }

    /// Lets go of the highest ranks until the rest fits.
    fn shrink(&mut self) {
        while (self.used > self.room || self.kept.len() > MOST) && self.kept.len() > 1 {
            if let Some((rank, (_, gone))) = self.kept.pop_last() {
                self.used -= gone.weight;
                self.limit = Some(rank);
            }
        }
    }
}

impl EventSink for Sampler {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => {
                let number = info.conversing;
                if matches!(info.upgrade, Upgrade::Refused | Upgrade::Unanswered) {
                    return;
                }
                if self.seen.insert(number) {
                    let open = (info.flow.server(), info.flow.first.time);
                    self.open.insert(number, open);
                }
            }
            Event::Message(message) => {
                let before = self.weight(message.conversing);
                self.message(message);
                self.used += self.weight(message.conversing) - before;
                self.shrink();
            }
            Event::End(end) => {
                if let Some((server, first)) = self.open.remove(&end.conversing) {
                    let spans = self.hosts.entry(server).or_default();
                    spans.push((first, end.last.time));
                }
            }
            Event::Finding { .. }
            | Event::Recognised { .. }
            | Event::Pending(_)
            | Event::Tls(_)
            | Event::Transport(_) => {}
        }
    }
}

impl Sampler {
    fn weight(&self, connection: Conversing) -> u64 {
        let kept = self.kept.get(&rank(connection));
        kept.map_or(0, |(_, sampled)| sampled.weight)
    }
}

/// The order in which conversations are kept: by the connection's number, mixed, then the stream's.
pub type Rank = (u64, u32);

/// Numbers in a row become ranks without an order (the finalizer of splitmix64).
pub(super) fn rank(conversing: Conversing) -> Rank {
    let mut x = conversing.connection.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31), conversing.stream)
}

/// How many of the spans overlap at the most.
fn at_once(spans: &[(Timestamp, Timestamp)]) -> u64 {
    let starts = spans.iter().map(|(start, _)| (*start, false));
    let ends = spans.iter().map(|(_, end)| (*end, true));
    let mut edges: Vec<_> = starts.chain(ends).collect();
    // One that begins when another ends was open with it.
    edges.sort_unstable();
    let (mut open, mut most) = (0u64, 0);
    for (_, is_end) in edges {
        if is_end {
            open = open.saturating_sub(1);
        } else {
            open += 1;
            most = most.max(open);
        }
    }
    most
}
