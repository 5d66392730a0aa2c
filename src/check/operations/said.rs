//! What two conversations say alike.
//!
//! Job: know the two legs of one conversation where no key tells, as over HTTP/2. Input: the first
//! messages of each sender. Output: whether two conversations can be one. RFC 8441 §5: there is no
//! Sec-WebSocket-Key.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::base::{Peer, PerPeer};
use crate::event::{Message, Status};

/// Messages of each sender that are held against each other.
const FIRST: usize = 4;

/// Bytes of each that are.
const BYTES: usize = 4096;

/// Messages that must be alike, of both senders together.
const ENOUGH: usize = 2;

/// The first messages of both senders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said(PerPeer<Vec<Option<u64>>>);

impl Said {
    /// Takes a message.
    #[inline]
    pub(super) fn message(&mut self, message: &Message<'_>) {
        if self.0[message.from].len() < FIRST && !message.opcode.is_control() {
            self.add(message);
        }
    }

    fn add(&mut self, message: &Message<'_>) {
        let known = message.status == Status::Complete;
        let first = message.payload.get(..BYTES).unwrap_or(message.payload);
        let digest = known.then(|| {
            let mut hasher = DefaultHasher::new();
            (message.payload_bytes, first).hash(&mut hasher);
            hasher.finish()
        });
        self.0[message.from].push(digest);
    }

    /// Whether both say the same, as far as both are known.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        let pairs = Peer::BOTH.into_iter().flat_map(|from| {
            let both = self.0[from].iter().zip(&other.0[from]);
            both.filter_map(|(one, other)| Some((one.as_ref()?, other.as_ref()?)))
        });
        let (mut alike, mut different) = (0, 0);
        for (one, other) in pairs {
            if one == other {
                alike += 1;
            } else {
                different += 1;
            }
        }
        different == 0 && alike >= ENOUGH
    }
}

#[cfg(test)]
impl Said {
    /// With these digests.
    pub(super) fn made(client: &[u64], server: &[Option<u64>]) -> Self {
        Self(PerPeer {
            client: client.iter().copied().map(Some).collect(),
            server: server.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(client: &[u64], server: &[Option<u64>]) -> Said {
        Said::made(client, server)
    }

    #[test]
    fn what_is_not_known_says_nothing() {
        let whole = said(&[1, 2], &[Some(3), Some(4)]);
        assert!(whole.agrees(&whole));
        assert!(whole.agrees(&said(&[1, 2, 5], &[Some(3), None])));
        assert!(!whole.agrees(&said(&[1, 9], &[Some(3), Some(4)])));
        assert!(!whole.agrees(&said(&[1], &[None])));
        assert!(!whole.agrees(&Said::default()));
    }
}
