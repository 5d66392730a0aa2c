//! The beginning of a connection, held until it is known whether a preamble is there.
//!
//! Job: tell preambles from everything else by the first bytes, pass over those that are whole,
//! and keep everything else. Input: chunks and gaps of both directions. Output: a [`Step`] at a
//! time, in the end the [`Piece`]s to read on with.

use super::proxied::Proxied;
use super::read::Read;
use super::{proxy_v1, proxy_v2, socks4, socks5};
use crate::base::{Peer, PerPeer};
use crate::stream::{Backlog, Delivery, Piece, Stamps};

/// Preambles in a row. Each proxy on the way can add one.
const MOST: usize = 8;

/// What a delivery led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The bytes so far can be a preamble: they are kept.
    Wait,
    /// There is no preamble, nothing was kept, and the delivery belongs to what follows.
    Absent,
    /// Nothing more is to be waited for: what remains is in [`Preamble::take_rest`].
    Over,
}

/// The beginning of one connection. See [`Preamble::delivery`].
///
/// It keeps at most `Limits::head_bytes` of each direction.
#[derive(Debug)]
pub struct Preamble {
    sides: PerPeer<Backlog>,
    named: Vec<Proxied>,
    passed: usize,
    limit: usize,
}

impl Preamble {
    /// Before the first byte; `limit` bytes of each direction are kept.
    pub fn new(limit: usize) -> Self {
        Self {
            sides: PerPeer::default(),
            named: Vec::new(),
            passed: 0,
            limit,
        }
    }

    /// Bytes of memory that what is held takes.
    pub fn kept(&self) -> usize {
        self.sides.iter().map(|(_, side)| side.kept()).sum()
    }

    /// Takes bytes or a gap. After anything else than [`Step::Wait`] it takes nothing more.
    pub fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) -> Step {
        let untouched = self.sides.iter().all(|(_, side)| side.is_empty());
        if untouched && self.passed == 0 {
            let begins = match delivery {
                Delivery::Chunk { bytes, .. } => begins(from, bytes),
                Delivery::Gap(_) => false,
                Delivery::Conflict { .. } => return Step::Wait,
            };
            if !begins {
                return Step::Absent;
            }
        }
        self.sides[from].push(delivery, at);
        self.settle()
    }

    /// What was not part of a preamble: each side in its own order, first the one that was
    /// captured first.
    pub fn take_rest(&mut self) -> Vec<(Peer, Piece)> {
        let mut rest = Peer::BOTH.map(|from| (from, self.sides[from].take()));
        rest.sort_by_key(|(_, pieces)| pieces.first().map(|piece| piece.at().first.packet));
        let each = rest.into_iter();
        each.flat_map(|(from, pieces)| pieces.into_iter().map(move |piece| (from, piece)))
            .collect()
    }

    /// The addresses that the preambles name, in their order.
    pub fn take_named(&mut self) -> Vec<Proxied> {
        std::mem::take(&mut self.named)
    }

    fn settle(&mut self) -> Step {
        while self.passed < MOST {
            let PerPeer { client, server } = &self.sides;
            let lost = client.has_gap() || server.has_gap();
            let full = client.len() > self.limit || server.len() > self.limit;
            match both(client.run(), server.run()) {
                Both::Whole(lengths, named) => {
                    self.passed += 1;
                    self.named.extend(named);
                    for from in Peer::BOTH {
                        self.sides[from].consume(lengths[from]);
                    }
                }
                Both::More if !lost && !full => return Step::Wait,
                Both::More | Both::Other => break,
            }
        }
        Step::Over
    }
}

/// What both directions begin with.
#[derive(Debug)]
enum Both {
    More,
    Other,
    Whole(PerPeer<usize>, Option<Proxied>),
}

/// Whether the first bytes of a direction can begin a preamble, by a few of them.
fn begins(from: Peer, bytes: &[u8]) -> bool {
    let with = |begins: &[u8]| bytes.starts_with(begins) || begins.starts_with(bytes);
    match from {
        Peer::Client => {
            let known = [proxy_v1::BEGINS, proxy_v2::BEGINS, socks4::BEGINS];
            known.into_iter().any(with) || with(&[socks5::VERSION])
        }
        Peer::Server => {
            socks4::server(bytes) != Read::Other || socks5::server(bytes) != Read::Other
        }
    }
}

fn both(client: &[u8], server: &[u8]) -> Both {
    let mut more = false;
    // The PROXY protocol: the server says nothing.
    for read in [proxy_v1::read(client), proxy_v2::read(client)] {
        match read {
            Read::Whole { len, named } => {
                let lengths = PerPeer {
                    client: len,
                    server: 0,
                };
                return Both::Whole(lengths, named);
            }
            Read::More => more |= !client.is_empty(),
            Read::Other => {}
        }
    }
    let socks = [
        (socks4::client(client), socks4::server(server)),
        (socks5::client(client), socks5::server(server)),
    ];
    for (asked, answered) in socks {
        match agreed((asked, client), (answered, server)) {
            Both::More => more = true,
            Both::Other => {}
            whole @ Both::Whole(..) => return whole,
        }
    }
    if more { Both::More } else { Both::Other }
}

/// A request with its answer. Where one direction was not captured, the other counts alone, once
/// what follows in it shows that the handshake was a success.
fn agreed((asked, client): (Read, &[u8]), (answered, server): (Read, &[u8])) -> Both {
    match (asked, answered) {
        (Read::Other, _) | (_, Read::Other) => Both::Other,
        (
            Read::Whole { len, named },
            Read::Whole {
                len: answer_len, ..
            },
        ) => {
            let lengths = PerPeer {
                client: len,
                server: answer_len,
            };
            Both::Whole(lengths, named)
        }
        (Read::Whole { len, named }, Read::More)
            if server.is_empty() && goes_on(client.get(len..)) =>
        {
            let lengths = PerPeer {
                client: len,
                server: 0,
            };
            Both::Whole(lengths, named)
        }
        (Read::More, Read::Whole { len, .. })
            if client.is_empty() && goes_on(server.get(len..)) =>
        {
            let lengths = PerPeer {
                client: 0,
                server: len,
            };
            Both::Whole(lengths, None)
        }
        _ => Both::More,
    }
}

/// Whether HTTP or TLS begins here.
fn goes_on(rest: Option<&[u8]>) -> bool {
    let known: [&[u8]; 4] = [b"GET ", b"PRI ", b"HTTP/", &[0x16, 3]];
    known
        .into_iter()
        .any(|begins| rest.is_some_and(|rest| rest.starts_with(begins)))
}
