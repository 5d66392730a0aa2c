//! The two legs of a proxied connection, and what was captured twice.
//!
//! Job: find connections that carry on what another began, by their key. Input: what is known of
//! each connection at its beginning. Output: for a leg the connection whose leg it is. RFC 6455 §4.1.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::base::{Conversing, Stamp};
use crate::event::ConnectionInfo;
use crate::net::Endpoint;

/// Connections with the same key that one is held against, of those before it.
const SAME_KEY: usize = 16;

/// What connections are known by as legs of each other: of fixed size.
#[derive(Debug, Clone, Copy)]
pub struct Leg {
    /// The conversation.
    pub conversing: Conversing,
    /// Who opened it.
    pub client: Endpoint,
    /// Who answered.
    pub server: Endpoint,
    /// The number of the client's SYN.
    pub opened_with: Option<u32>,
    /// The request's key, hashed.
    pub key: Option<u64>,
    /// The server was seen to accept.
    pub accepted: bool,
    /// The request.
    pub asked: Stamp,
    /// The response; the default where none was captured.
    pub answered: Stamp,
}

impl Leg {
    /// Of a connection whose request was captured.
    pub fn of(info: &ConnectionInfo) -> Option<Self> {
        let handshake = info.handshake.as_ref().filter(|h| h.request.is_some())?;
        Some(Self {
            conversing: info.conversing,
            client: info.flow.client(),
            server: info.flow.server(),
            opened_with: info.flow.opened_with,
            key: handshake.key().map(|key| hash(&key)),
            accepted: info.upgrade.is_accepted(),
            asked: handshake.request_at,
            answered: handshake.response_at,
        })
    }

    /// Whether `other` asks while this one waits, and is answered before it: the same request, carried
    /// further by a proxy, or captured twice.
    pub fn waits_for(&self, other: &Self) -> bool {
        let open = self.answered == Stamp::default();
        // A proxy answers when it has been answered.
        let within = other.asked <= self.answered && other.answered <= self.answered;
        self.is(other) || self.asked <= other.asked && (open || within)
    }

    /// Whether `other`, with the same key, is this connection, captured twice. An address
    /// translator changes addresses and leaves numbers (RFC 3022 §2.2); clocks of two hosts may
    /// differ, so times say nothing.
    pub fn is(&self, other: &Self) -> bool {
        let ends = self.client == other.client && self.server == other.server;
        ends || self.opened_with.is_some() && self.opened_with == other.opened_with
    }

    /// Whether `other`, which is listed after this one, is another leg of it.
    fn has_leg(&self, other: &Self) -> bool {
        self.waits_for(other) || !other.is(self) && other.waits_for(self)
    }
}

/// The same in every run.
pub fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// For each leg the first connection that is the same session.
pub fn same_sessions(mut legs: Vec<Leg>) -> BTreeMap<Conversing, Conversing> {
    // Most keys are there once: those that are not stand together then.
    legs.sort_unstable_by_key(|leg| (leg.key, leg.conversing));
    let mut same = BTreeMap::new();
    for group in legs.chunk_by(|one, other| one.key == other.key) {
        let keyed = group.first().is_some_and(|leg| leg.key.is_some());
        for (before, leg) in group.iter().enumerate().skip(1).filter(|_| keyed) {
            let near = group.get(before.saturating_sub(SAME_KEY)..before);
            let mut near = near.unwrap_or_default().iter();
            if let Some(first) = near.find(|one| one.has_leg(leg)) {
                let first = first.conversing;
                let first = same.get(&first).copied().unwrap_or(first);
                same.insert(leg.conversing, first);
            }
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{PacketRef, Timestamp};

    fn leg(number: u64, port: u16, (asked, answered): (u64, u64)) -> Leg {
        let at = |number: u64| Stamp {
            packet: PacketRef::new(0, number),
            time: Timestamp::new(number, 0),
        };
        let end = |port| Endpoint {
            address: [192, 0, 2, 1].into(),
            port,
        };
        Leg {
            conversing: number.into(),
            client: end(port),
            server: end(port + 1),
            opened_with: None,
            key: Some(7),
            accepted: true,
            asked: at(asked),
            answered: if answered == 0 {
                Stamp::default()
            } else {
                at(answered)
            },
        }
    }

    fn pairs(legs: Vec<Leg>) -> Vec<(u64, u64)> {
        let same = same_sessions(legs);
        let pair = |(leg, of): (Conversing, Conversing)| (leg.connection, of.connection);
        same.into_iter().map(pair).collect()
    }

    #[test]
    fn a_request_that_is_carried_on_is_a_leg() {
        // Client to proxy, proxy to server, server to another one.
        let three = vec![leg(1, 10, (1, 6)), leg(2, 20, (2, 5)), leg(4, 30, (3, 4))];
        assert_eq!(pairs(three), [(2, 1), (4, 1)]);
        // The inner connection was opened before the request came.
        let pooled = vec![leg(1, 10, (2, 5)), leg(2, 20, (1, 6))];
        assert_eq!(pairs(pooled), [(2, 1)]);
    }

    #[test]
    fn requests_that_cross_are_no_legs() {
        // lighttpd asks with one key on every connection that it opens for HTTP/2.
        let crossed = vec![leg(1, 10, (1, 3)), leg(2, 20, (2, 4))];
        assert_eq!(pairs(crossed), []);
    }

    #[test]
    fn a_key_that_is_used_again_makes_no_legs() {
        let repeated = vec![leg(1, 10, (1, 2)), leg(2, 20, (3, 4))];
        assert_eq!(pairs(repeated), []);
        let mut other = leg(2, 20, (2, 3));
        other.key = Some(8);
        assert_eq!(pairs(vec![leg(1, 10, (1, 4)), other]), []);
    }
}
