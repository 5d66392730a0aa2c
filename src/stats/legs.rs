//! The two legs of a proxied connection, and what was captured twice.
//!
//! Job: find connections that carry on what another began, by their key, or by what is said on both. Input: what
//! is known of each connection. Output: for a leg the connection whose leg it is. RFC 6455 §4.1.

use std::collections::{BTreeMap, BTreeSet};

use strum::IntoStaticStr;

use super::said::{Said, hash};
use crate::base::{Conversing, Stamp, Timestamp};
use crate::event::ConnectionInfo;
use crate::net::Endpoint;

/// Connections with the same key that one is held against, of those before it.
const SAME_KEY: usize = 16;

/// A proxy opens the leg behind it in such a time.
const OPENED_NANOS: i64 = 10_000_000_000;

/// Connections before one that it may be a leg of.
const FRONTS: usize = 64;

/// Both legs end in such a time.
const ENDS_NANOS: i64 = 1_000_000_000;

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

/// A leg, with what it carried as far as that is known by now.
#[derive(Debug, Clone)]
pub struct Carrying {
    /// How it was opened.
    pub leg: Leg,
    /// What was said first, where that is enough.
    pub said: Option<Box<Said>>,
    /// When a side ended it.
    pub ended: Option<Timestamp>,
}

/// How two connections are known to be one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum SameBy {
    /// Their requests have the same key.
    Key,
    /// The same messages in order, and ends next to each other.
    Messages,
}

impl SameBy {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Key => "its key, carried on or captured twice",
            Self::Messages => "its messages in their order, carried on",
        }
    }

    /// As the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Of which connection one is another leg, and how that is known.
pub type SameAs = (Conversing, SameBy);

/// For each leg the first connection that is the same session.
pub fn same_sessions(mut legs: Vec<Carrying>) -> BTreeMap<Conversing, SameAs> {
    let mut same = by_key(&mut legs);
    by_messages(legs, &mut same);
    same
}

/// Those whose requests have the same key.
fn by_key(legs: &mut [Carrying]) -> BTreeMap<Conversing, SameAs> {
    // Most keys are there once: those that are not stand together then.
    legs.sort_unstable_by_key(|one| (one.leg.key, one.leg.conversing));
    let mut same: BTreeMap<Conversing, SameAs> = BTreeMap::new();
    for group in legs.chunk_by(|one, other| one.leg.key == other.leg.key) {
        let keyed = group.first().is_some_and(|one| one.leg.key.is_some());
        for (before, Carrying { leg, .. }) in group.iter().enumerate().skip(1).filter(|_| keyed) {
            let near = group.get(before.saturating_sub(SAME_KEY)..before);
            let mut near = near.unwrap_or_default().iter();
            if let Some(first) = near.find(|one| one.leg.has_leg(leg)) {
                let first = first.leg.conversing;
                let first = same.get(&first).map_or(first, |(first, _)| *first);
                same.insert(leg.conversing, (first, SameBy::Key));
            }
        }
    }
    same
}

/// Adds those that a proxy opened with a key of its own, or with none. Where several fit, nothing is said.
fn by_messages(mut legs: Vec<Carrying>, same: &mut BTreeMap<Conversing, SameAs>) {
    legs.retain(|one| one.said.is_some());
    legs.sort_unstable_by_key(|one| (one.leg.asked.time, one.leg.conversing));
    let fits = |front: &Carrying, back: &Carrying| front.is_carried_by(back).then_some(());
    only_fronts(
        &legs,
        |one| one.leg.asked.time,
        fits,
        |front, back, ()| {
            let numbers = [front.leg.conversing, back.leg.conversing];
            let [first, second] =
                numbers.map(|one| same.get(&one).map_or(one, |(first, _)| *first));
            if first != second {
                same.insert(first.max(second), (first.min(second), SameBy::Messages));
            }
            first != second
        },
    );
}

/// Finds for each connection, in the order in which they were `asked` for, the only one shortly before it that
/// it `fits` behind; where there are several it has none. Those of which `take` says so are no other's front.
pub fn only_fronts<T, F>(
    opened: &[T],
    asked: impl Fn(&T) -> Timestamp,
    fits: impl Fn(&T, &T) -> Option<F>,
    mut take: impl FnMut(&T, &T, F) -> bool,
) {
    let mut taken = BTreeSet::new();
    for (place, back) in opened.iter().enumerate() {
        let before = opened.iter().enumerate().take(place).rev();
        let mut fronts = before
            .take_while(|(_, one)| asked(back).since(asked(one)) <= OPENED_NANOS)
            .take(FRONTS)
            .filter(|(place, _)| !taken.contains(place))
            .filter_map(|(place, front)| Some((place, front, fits(front, back)?)));
        if let (Some((place, front, fit)), None) = (fronts.next(), fronts.next())
            && take(front, back, fit)
        {
            taken.insert(place);
        }
    }
}

impl Carrying {
    /// Whether `back`, opened later, is what a proxy makes of this one.
    fn is_carried_by(&self, back: &Self) -> bool {
        let (front, other) = (&self.leg, &back.leg);
        // Clients of one server may say and hear the same; what has one key is known by that.
        let apart = front.server != other.server && !front.is(other);
        let other_key = front.key.is_none() || front.key != other.key;
        let ends_apart = match (self.ended, back.ended) {
            (Some(one), Some(other)) => other.since(one).abs() <= ENDS_NANOS,
            // It is not over yet.
            _ => true,
        };
        let (Some(said), Some(there)) = (&self.said, &back.said) else {
            return false;
        };
        let accepted = front.accepted && other.accepted;
        accepted && apart && other_key && ends_apart && said.goes_on_in(there)
    }
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
        let carrying = |leg| Carrying {
            leg,
            said: None,
            ended: None,
        };
        let same = same_sessions(legs.into_iter().map(carrying).collect());
        let pair = |(leg, (of, by)): (Conversing, SameAs)| {
            assert_eq!(by, SameBy::Key);
            (leg.connection, of.connection)
        };
        same.into_iter().map(pair).collect()
    }

    /// A leg with another key than others, which says one thing to the server and hears two, `after` nanoseconds
    /// later than the first one.
    fn carrying(number: u64, port: u16, after: u64) -> Carrying {
        let at = |at: u64| at * 1_000_000;
        Carrying {
            leg: Leg {
                key: Some(u64::from(port)),
                ..leg(number, port, (number, number))
            },
            said: Some(Box::new(Said::made(
                &[(1, at(20) + after)],
                &[(Some(2), at(30) - after), (Some(3), at(40) - after)],
            ))),
            ended: Some(Timestamp(at(50) + after)),
        }
    }

    fn by_messages(all: &[Carrying]) -> Vec<(u64, u64)> {
        let same = same_sessions(all.to_vec());
        let pair = |(leg, (of, by)): (Conversing, SameAs)| {
            assert_eq!(by, SameBy::Messages);
            (leg.connection, of.connection)
        };
        same.into_iter().map(pair).collect()
    }

    #[test]
    fn a_proxy_with_a_key_of_its_own_is_known_by_its_messages() {
        let (front, back) = (carrying(1, 10, 0), carrying(2, 20, 1000));
        assert_eq!(by_messages(&[front.clone(), back.clone()]), [(2, 1)]);
        // Three in a row.
        let third = carrying(3, 30, 2000);
        let chain = [front.clone(), back.clone(), third.clone()];
        assert_eq!(by_messages(&chain), [(2, 1), (3, 1)]);
        // Over HTTP/2 there is no key at all.
        let mut keyless = [front.clone(), back.clone()];
        keyless[0].leg.key = None;
        keyless[1].leg.key = None;
        assert_eq!(by_messages(&keyless), [(2, 1)]);
        // Two clients that say and hear the same.
        let mut twin = carrying(2, 15, 200);
        twin.leg.server = front.leg.server;
        let third = carrying(3, 20, 1000);
        assert_eq!(by_messages(&[front.clone(), twin, third]), []);
        // It ends much later.
        let mut open = back.clone();
        open.ended = Some(Timestamp(5_000_000_000));
        assert_eq!(by_messages(&[front.clone(), open]), []);
        // Another client of the same server.
        let mut client = back.clone();
        client.leg.server = front.leg.server;
        assert_eq!(by_messages(&[front.clone(), client]), []);
        let mut refused = back;
        refused.leg.accepted = false;
        assert_eq!(by_messages(&[front, refused]), []);
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
