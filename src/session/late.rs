//! A connection whose handshake the capture lacks, known by its frames.
//!
//! Job: tell WebSocket from everything else in the middle of a connection, and client from
//! server. Input: the bytes of both directions, while nobody knows what they are. Output: a
//! [`Verdict`], and in the end the bytes. RFC 6455 §5.1, §5.2.
//!
//! A client masks every frame and a server none, so chains of frames show who is who. To be
//! believed they must stand in both directions, or one of them must be overwhelming. Where nothing
//! but pings and pongs is said, that they answer each other speaks for them.

mod beats;
mod records;

use self::beats::Beats;
use self::records::Records;
use crate::base::{Limits, Peer, PerPeer};
use crate::stream::{Backlog, Delivery, Piece, Stamps};
use crate::ws::{Expectation, Habits, Resync};

/// Bits of evidence that each direction needs where both have some.
const EACH: u32 = 20;

/// Bits that one direction needs where the other is as good as silent.
const ALONE: u32 = 60;

/// Bits in the other direction that show at least one frame, where it is not silent.
const A_FRAME: u32 = 6;

/// Segments that are waited for behind the evidence, so that they show what was agreed.
const SETTLED: usize = 16;

/// Bytes after which the search is given up, in windows of `Limits::resync_bytes`.
const WINDOWS: u64 = 16;

/// What the bytes turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Too few bytes to tell.
    Undecided,
    /// WebSocket.
    WebSocket {
        /// The client, as it is called so far.
        client: Peer,
    },
    /// TLS, of which a middle was captured.
    Tls,
    /// Nothing that looks like frames.
    Other,
}

/// A connection that may be a WebSocket.
#[derive(Debug)]
pub(super) struct Late {
    /// By the sender as it is called so far.
    sides: PerPeer<Side>,
    beats: Beats,
    records: Records,
    roles_known: bool,
    limit: usize,
}

/// What one end sends.
#[derive(Debug)]
struct Side {
    /// By what its sender would be.
    searches: PerPeer<Resync>,
    best: PerPeer<u32>,
    held: Backlog,
    seen: u64,
}

impl Late {
    /// A connection of which nothing was seen; `roles_known` forbids to exchange the roles.
    pub(super) fn new(roles_known: bool, limits: Limits) -> Self {
        let side = |_| Side {
            searches: PerPeer::from_fn(|from| {
                let expectation = Expectation { from, rsv1: true };
                Resync::new(expectation, Habits::default(), limits)
            }),
            best: PerPeer::default(),
            held: Backlog::default(),
            seen: 0,
        };
        Self {
            sides: PerPeer::from_fn(side),
            beats: Beats::default(),
            records: Records::default(),
            roles_known,
            limit: limits.resync_bytes,
        }
    }

    /// Bytes of memory that what is searched takes.
    pub(super) fn kept(&self) -> usize {
        let side = |side: &Side| {
            let searches = side.searches.iter().map(|(_, search)| search.kept());
            side.held.kept() + searches.sum::<usize>()
        };
        self.sides.iter().map(|(_, one)| side(one)).sum()
    }

    /// Gives up what is searched, to save memory. What it showed stays known.
    pub(super) fn let_go(&mut self) {
        for from in Peer::BOTH {
            let side = &mut self.sides[from];
            side.held.clear();
            for role in Peer::BOTH {
                side.searches[role].let_go();
            }
        }
    }

    /// Takes what the HTTP phase was given and did not use.
    pub(super) fn pieces(&mut self, from: Peer, pieces: &[Piece]) -> Verdict {
        for piece in pieces {
            self.beats.delivery(from, piece.delivery());
            self.records.delivery(from, piece.delivery());
            self.sides[from].delivery(piece.delivery(), piece.at(), self.limit);
        }
        self.settled()
    }

    /// Takes what is delivered.
    pub(super) fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) -> Verdict {
        self.beats.delivery(from, delivery);
        self.records.delivery(from, delivery);
        if self.records.are_there() {
            return Verdict::Tls;
        }
        self.sides[from].delivery(delivery, at, self.limit);
        self.settled()
    }

    /// Whether nothing but pings and pongs was said, each as a write of its own.
    pub(super) fn is_idle(&self) -> bool {
        self.beats.client().is_some()
    }

    /// What was sent, as far as it is kept, by the senders' roles: each side in its own order, the
    /// two by packet. `client` is who turned out to be the client.
    pub(super) fn take(&mut self, client: Peer) -> Vec<(Peer, Piece)> {
        let mut sides =
            PerPeer::from_fn(|from| self.sides[from].held.take().into_iter().peekable());
        let mut all = Vec::new();
        loop {
            let mut packet = |from| {
                sides[from]
                    .peek()
                    .map(|piece: &Piece| piece.at().first.packet)
            };
            let from = match (packet(Peer::Client), packet(Peer::Server)) {
                (Some(one), Some(other)) if one > other => Peer::Server,
                (Some(_), _) => Peer::Client,
                (None, _) => Peer::Server,
            };
            let Some(piece) = sides[from].next() else {
                return all;
            };
            let role = if client == Peer::Client {
                from
            } else {
                from.other()
            };
            all.push((role, piece));
        }
    }

    /// The verdict, as long as more can come.
    fn settled(&self) -> Verdict {
        let sides = || self.sides.iter().map(|(_, side)| side);
        let pieces: usize = sides().map(|side| side.held.parts()).sum();
        match self.verdict() {
            Verdict::WebSocket { .. }
                if pieces < SETTLED && sides().all(|side| side.held.len() < self.limit / 2) =>
            {
                Verdict::Undecided
            }
            verdict => verdict,
        }
    }

    /// The verdict, where nothing more comes.
    pub(super) fn verdict(&self) -> Verdict {
        if self.records.are_there() {
            return Verdict::Tls;
        }
        for client in Peer::BOTH {
            let possible = client == Peer::Client || !self.roles_known;
            let idle = self.beats.client() == Some(client);
            let sides = (&self.sides[client], &self.sides[client.other()]);
            if possible && (idle || believable(sides.0, sides.1)) {
                return Verdict::WebSocket { client };
            }
        }
        let seen = self.sides.client.seen + self.sides.server.seen;
        if seen > WINDOWS * self.limit as u64 {
            Verdict::Other
        } else {
            Verdict::Undecided
        }
    }
}

impl Side {
    fn delivery(&mut self, delivery: Delivery<'_>, at: Stamps, limit: usize) {
        for role in Peer::BOTH {
            let bits = self.searches[role].look(delivery, at);
            self.best[role] = self.best[role].max(bits);
        }
        if let Delivery::Chunk { bytes, .. } = delivery {
            self.seen += bytes.len() as u64;
        }
        self.held.push(delivery, at);
        while self.held.len() > limit {
            self.held.forget_first();
        }
    }

    fn bits(&self, role: Peer) -> u32 {
        self.best[role]
    }
}

/// Whether two sides look like a client and a server.
fn believable(client: &Side, server: &Side) -> bool {
    let (masked, plain) = (client.bits(Peer::Client), server.bits(Peer::Server));
    let beside = |side: &Side, bits: u32| side.seen == 0 || bits >= A_FRAME;
    (masked >= EACH && plain >= EACH)
        || (masked >= ALONE && beside(server, plain))
        || (plain >= ALONE && beside(client, masked))
}

#[cfg(test)]
mod tests;
