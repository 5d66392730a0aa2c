//! One stream.
//!
//! Job: what is known of a stream, and what waits on it. Input and output: none; [`super::Streams`] moves
//! it on. RFC 9113 §5.1.

use super::flow::Window;
use super::out::{Ended, How, Stall};
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::Observation;
use crate::http::{RequestHead, ResponseHead};
use crate::stream::{Delivery, Piece, Stamps};

/// What a stream carries.
#[derive(Debug, Clone)]
pub(super) enum Role {
    /// A request that is for no WebSocket; its bytes are passed over.
    Plain,
    /// A CONNECT or an answer of which the other is to come.
    Waiting(Box<Waiting>),
    /// A WebSocket.
    Open,
    /// A CONNECT that was refused; what the server says of that is passed over.
    Refused,
    /// Its beginning was not captured.
    Unknown,
}

/// What is known before both heads are.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting {
    pub(super) request: Option<(RequestHead, Stamp)>,
    pub(super) response: Option<(ResponseHead, Stamp)>,
    pub(super) notes: Vec<(Observation, Stamp)>,
    /// What was sent after them, and its bytes.
    held: Vec<(Peer, Piece)>,
    bytes: usize,
}

impl Waiting {
    /// Keeps what comes before it is known what it is.
    pub(super) fn hold(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) {
        self.bytes += usize::try_from(delivery.span()).unwrap_or(usize::MAX);
        self.held
            .extend(Piece::of(delivery, at).map(|piece| (from, piece)));
    }

    /// Bytes that are kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes what was kept.
    pub(super) fn take(&mut self) -> Vec<(Peer, Piece)> {
        std::mem::take(&mut self.held)
    }
}

/// One stream.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) role: Role,
    /// What each sender may still send on it.
    pub(super) windows: PerPeer<Window>,
    /// What each has sent since the connection's window was last opened.
    pub(super) used: PerPeer<u64>,
    /// The last time that each was not allowed to send on it.
    pub(super) stalls: PerPeer<Option<Stall>>,
    /// Bytes of data of each, as far as their number is known.
    pub(super) carried: PerPeer<Option<u64>>,
    /// Where each has said that it sends no more.
    over: PerPeer<Option<Stamp>>,
    last: Stamp,
}

impl Stream {
    /// A stream that begins with `at`.
    pub(super) fn new(role: Role, windows: PerPeer<Window>, at: Stamp) -> Self {
        Self {
            role,
            windows,
            used: PerPeer::default(),
            stalls: PerPeer::default(),
            carried: PerPeer::from_fn(|_| Some(0)),
            over: PerPeer::default(),
            last: at,
        }
    }

    /// It was used by this packet.
    pub(super) fn touch(&mut self, at: Stamp) {
        self.last = at;
    }

    /// Data of `from`, or a gap in them.
    pub(super) fn carries(&mut self, from: Peer, delivery: Delivery<'_>) {
        let carried = &mut self.carried[from];
        let bytes = match delivery {
            Delivery::Chunk { bytes, .. } => Some(bytes.len() as u64),
            Delivery::Gap(missing) => missing.exactly(),
            Delivery::Conflict { .. } => Some(0),
        };
        *carried = carried.zip(bytes).map(|(before, bytes)| before + bytes);
    }

    /// `from` sends no more. Whether now neither does.
    pub(super) fn end(&mut self, from: Peer, at: Stamp) -> bool {
        self.over[from].get_or_insert(at);
        self.over[from.other()].is_some()
    }

    /// How it stands.
    pub(super) fn ended(&self) -> Ended {
        let over = &self.over;
        let (how, first) = match (over.client, over.server) {
            (None, None) => (How::Open, None),
            (Some(at), None) => (How::HalfClosed(Peer::Client), Some((Peer::Client, at))),
            (None, Some(at)) => (How::HalfClosed(Peer::Server), Some((Peer::Server, at))),
            (Some(one), Some(other)) if one.packet <= other.packet => {
                (How::Closed, Some((Peer::Client, one)))
            }
            (Some(_), Some(at)) => (How::Closed, Some((Peer::Server, at))),
        };
        Ended {
            how,
            first,
            last: self.last,
        }
    }
}
