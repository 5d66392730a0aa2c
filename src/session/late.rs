//! A connection whose handshake the capture lacks, known by its frames.
//!
//! Job: tell WebSocket from everything else in the middle of a connection, and client from
//! server. Input: the bytes of both directions, while nobody knows what they are. Output: a
//! [`Verdict`], and in the end the bytes. RFC 6455 §5.1, §5.2.
//!
//! A client masks every frame and a server none, so chains of frames show who is who. To be
//! believed they must stand in both directions, or one of them must be overwhelming.

use std::collections::VecDeque;

use crate::base::{Limits, Peer, PerPeer, Stamp};
use crate::http::Piece;
use crate::ws::{Expectation, Likeness, Resync};

/// Bits of evidence that each direction needs where both have some.
const EACH: u32 = 22;

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
        /// The server is who was thought the client.
        swapped: bool,
    },
    /// Nothing that looks like frames.
    Other,
}

/// A connection that may be a WebSocket.
#[derive(Debug)]
pub(super) struct Late {
    /// By the sender as it is called so far.
    sides: PerPeer<Side>,
    roles_known: bool,
    limit: usize,
}

/// What one end sends.
#[derive(Debug)]
struct Side {
    /// By what its sender would be.
    searches: PerPeer<Resync>,
    best: PerPeer<Option<Likeness>>,
    pieces: VecDeque<Piece>,
    held: usize,
    seen: u64,
}

impl Late {
    /// A connection of which nothing was seen; `roles_known` forbids to exchange the roles.
    pub(super) fn new(roles_known: bool, limits: Limits) -> Self {
        let side = |_| Side {
            searches: PerPeer::from_fn(|from| {
                Resync::new(Expectation { from, rsv1: true }, limits)
            }),
            best: PerPeer::default(),
            pieces: VecDeque::new(),
            held: 0,
            seen: 0,
        };
        Self {
            sides: PerPeer::from_fn(side),
            roles_known,
            limit: limits.resync_bytes,
        }
    }

    /// Takes what the HTTP phase was given and did not use.
    pub(super) fn pieces(&mut self, from: Peer, pieces: Vec<Piece>) -> Verdict {
        for piece in pieces {
            match piece {
                Piece::Chunk(stamp, bytes) => self.sides[from].chunk(&bytes, stamp, self.limit),
                Piece::Gap(stamp, len) => {
                    self.gap(from, len, stamp);
                }
            }
        }
        self.settled()
    }

    /// Takes bytes.
    pub(super) fn chunk(&mut self, from: Peer, bytes: &[u8], stamp: Stamp) -> Verdict {
        self.sides[from].chunk(bytes, stamp, self.limit);
        self.settled()
    }

    /// Takes note of bytes that the capture lacks.
    pub(super) fn gap(&mut self, from: Peer, len: u64, stamp: Stamp) -> Verdict {
        let side = &mut self.sides[from];
        for role in Peer::BOTH {
            side.searches[role].gap(len, stamp);
        }
        side.pieces.push_back(Piece::Gap(stamp, len));
        self.settled()
    }

    /// What was sent, as far as it is kept: each side in its own order, the two by packet.
    pub(super) fn take(&mut self) -> Vec<(Peer, Piece)> {
        let mut pieces = Vec::new();
        let next = |side: &Side| side.pieces.front().map(Piece::packet);
        loop {
            let (client, server) = (next(&self.sides.client), next(&self.sides.server));
            let from = match (client, server) {
                (Some(client), Some(server)) if client > server => Peer::Server,
                (Some(_), _) => Peer::Client,
                (None, _) => Peer::Server,
            };
            let Some(piece) = self.sides[from].pieces.pop_front() else {
                return pieces;
            };
            pieces.push((from, piece));
        }
    }

    /// The verdict, as long as more can come.
    fn settled(&self) -> Verdict {
        let sides = || self.sides.iter().map(|(_, side)| side);
        let pieces: usize = sides().map(|side| side.pieces.len()).sum();
        match self.verdict() {
            Verdict::WebSocket { .. }
                if pieces < SETTLED && sides().all(|side| side.held < self.limit / 2) =>
            {
                Verdict::Undecided
            }
            verdict => verdict,
        }
    }

    /// The verdict, where nothing more comes.
    pub(super) fn verdict(&self) -> Verdict {
        let orders: &[bool] = if self.roles_known {
            &[false]
        } else {
            &[false, true]
        };
        for &swapped in orders {
            let (client, server) = if swapped {
                (&self.sides.server, &self.sides.client)
            } else {
                (&self.sides.client, &self.sides.server)
            };
            if believable(client, server) {
                return Verdict::WebSocket { swapped };
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
    fn chunk(&mut self, bytes: &[u8], stamp: Stamp, limit: usize) {
        for role in Peer::BOTH {
            if let Some(new) = self.searches[role].look(bytes, stamp)
                && self.best[role].is_none_or(|old| old.bits < new.bits)
            {
                self.best[role] = Some(new);
            }
        }
        self.seen += bytes.len() as u64;
        self.held += bytes.len();
        self.pieces.push_back(Piece::Chunk(stamp, bytes.to_vec()));
        while self.held > limit {
            if let Some(Piece::Chunk(_, old)) = self.pieces.pop_front() {
                self.held -= old.len();
            }
        }
    }

    fn bits(&self, role: Peer) -> u32 {
        self.best[role].map_or(0, |best| best.bits)
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
