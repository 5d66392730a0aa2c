//! TLS whose secrets may come yet.
//!
//! Job: while a key log grows, keep what a connection says until the log has what it takes, so that
//! it is read from its beginning. Input: deliveries. Output: the same, in their order, once it is
//! time. A bound of bytes holds for each connection and for all of them.

use crate::base::Peer;
use crate::stream::{Delivery, Piece, Stamps};

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    pieces: Vec<(Peer, Piece)>,
    /// Bytes in them, with what holding them takes.
    pub(super) bytes: usize,
}

impl Awaited {
    /// Keeps what is delivered, and says how many bytes that takes.
    pub(super) fn keep(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps) -> usize {
        let piece = match delivery {
            Delivery::Chunk { bytes, begins } => Piece::Chunk {
                at,
                bytes: bytes.to_vec(),
                begins,
            },
            Delivery::Gap(missing) => Piece::Gap { at, missing },
            Delivery::Conflict { .. } => return 0,
        };
        let held = match &piece {
            Piece::Chunk { bytes, .. } => bytes.len(),
            Piece::Gap { .. } => 0,
        };
        let takes = held + size_of::<(Peer, Piece)>();
        self.pieces.push((from, piece));
        self.bytes += takes;
        takes
    }

    /// What waited, in its order.
    pub(super) fn into_pieces(self) -> Vec<(Peer, Piece)> {
        self.pieces
    }
}
