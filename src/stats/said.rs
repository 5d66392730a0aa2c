//! What two conversations say alike.
//!
//! Job: know the two legs of one conversation where no key tells, as over HTTP/2 and behind proxies that
//! make a key of their own. Input: the first messages of each conversation. Output: whether two can be one.
//! RFC 8441 §5: there is no Sec-WebSocket-Key.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use foldhash::quality::RandomState;

use crate::base::{Peer, PerPeer, Timestamp};
use crate::event::{Message, Status};

/// Messages of a conversation, control frames included, that are looked at.
const FIRST: u64 = 64;

/// Messages of each sender that are held against those of another, the first of these.
const EACH: usize = 4;

/// Bytes of each that are held against those of another.
const BYTES: usize = 4096;

/// Messages that have to be alike.
const ENOUGH: usize = 3;

/// A proxy passes a message on in such a time.
const WITHIN_NANOS: i64 = 1_000_000_000;

/// Digests of messages are held against each other and against nothing else, so that they may be others in
/// the next run. So no sender can make two messages alike.
static DIGEST: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// The same in every run.
pub fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A data message, as another leg has it, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Who sent it.
    pub from: Peer,
    /// Its length and first bytes, hashed; 0 where not all of it is known.
    digest: u64,
    /// When it was complete.
    at: Timestamp,
}

impl Word {
    /// Of one of the first messages.
    #[inline]
    pub fn of(message: &Message<'_>) -> Option<Self> {
        let counts = message.number <= FIRST && !message.opcode.is_control();
        counts.then(|| Self::digested(message))
    }

    fn digested(message: &Message<'_>) -> Self {
        let known = message.status == Status::Complete;
        let first = message.payload.get(..BYTES).unwrap_or(message.payload);
        Self {
            from: message.from,
            digest: if known {
                DIGEST.hash_one((message.payload_bytes, first))
            } else {
                0
            },
            at: message.last.time,
        }
    }
}

/// The first messages of both senders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(PerPeer<Vec<(u64, Timestamp)>>);

impl Said {
    /// Takes a message.
    #[inline]
    pub fn message(&mut self, message: &Message<'_>) {
        // Where there are enough, nothing more is hashed.
        if self.0[message.from].len() < EACH
            && let Some(word) = Word::of(message)
        {
            self.add(word);
        }
    }

    /// Takes one of the first messages.
    pub fn add(&mut self, word: Word) {
        let words = &mut self.0[word.from];
        if words.len() < EACH {
            words.push((word.digest, word.at));
        }
    }

    /// Whether there is enough to know another leg by.
    pub fn is_enough(&self) -> bool {
        let known = |from: Peer| {
            self.0[from]
                .iter()
                .filter(|(digest, _)| *digest != 0)
                .count()
        };
        let [client, server] = Peer::BOTH.map(known);
        client > 0 && server > 0 && client + server >= ENOUGH
    }

    /// The messages that both know and say, the first with the first; `None` where one is another.
    fn alike(&self, other: &Self) -> Option<PerPeer<Vec<(Timestamp, Timestamp)>>> {
        let mut alike: PerPeer<Vec<_>> = PerPeer::default();
        for from in Peer::BOTH {
            for (one, other) in self.0[from].iter().zip(&other.0[from]) {
                match (one.0, other.0) {
                    (0, _) | (_, 0) => {}
                    (first, second) if first != second => return None,
                    _ => alike[from].push((one.1, other.1)),
                }
            }
        }
        Some(alike)
    }

    /// Whether `behind` carries on what is said here: what the client says comes there a moment later, what the
    /// server says a moment before.
    pub fn goes_on_in(&self, behind: &Self) -> bool {
        let soon =
            |(first, then): (Timestamp, Timestamp)| (0..=WITHIN_NANOS).contains(&then.since(first));
        self.alike(behind).is_some_and(|alike| {
            let enough = !alike.client.is_empty()
                && !alike.server.is_empty()
                && alike.client.len() + alike.server.len() >= ENOUGH;
            let mut client = alike.client.iter();
            let mut server = alike.server.iter();
            enough
                && client.all(|(here, there)| soon((*here, *there)))
                && server.all(|(here, there)| soon((*there, *here)))
        })
    }
}

#[cfg(test)]
impl Said {
    /// With these digests, and nanoseconds.
    pub fn made(client: &[(u64, u64)], server: &[(Option<u64>, u64)]) -> Self {
        let word = |digest: Option<u64>, at| (digest.unwrap_or(0), Timestamp(at));
        let client = client.iter().map(|(digest, at)| word(Some(*digest), *at));
        let server = server.iter().map(|(digest, at)| word(*digest, *at));
        Self(PerPeer {
            client: client.collect(),
            server: server.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_says_nothing() {
        let said = |client: &[u64], server: &[Option<u64>]| {
            let client: Vec<_> = client.iter().map(|digest| (*digest, 0)).collect();
            let server: Vec<_> = server.iter().map(|digest| (*digest, 0)).collect();
            Said::made(&client, &server)
        };
        let whole = said(&[1, 2], &[Some(3), Some(4)]);
        assert!(whole.goes_on_in(&whole));
        assert!(whole.goes_on_in(&said(&[1, 2, 5], &[Some(3), None])));
        assert!(!whole.goes_on_in(&said(&[1, 9], &[Some(3), Some(4)])));
        assert!(!whole.goes_on_in(&said(&[1], &[None])));
        assert!(!whole.goes_on_in(&Said::default()));
    }

    #[test]
    fn what_a_proxy_carries_on_comes_in_its_order() {
        let front = Said::made(&[(1, 10), (2, 30)], &[(Some(3), 25)]);
        let back = Said::made(&[(1, 11), (2, 31)], &[(Some(3), 24)]);
        assert!(front.goes_on_in(&back));
        assert!(!back.goes_on_in(&front));
        // Another client of the same server hears the same, and says it at its own time.
        let other = Said::made(&[(1, 12), (2, 29)], &[(Some(3), 26)]);
        assert!(!front.goes_on_in(&other));
        assert!(!other.goes_on_in(&front));
        let late = 2_000_000_000;
        let late = Said::made(&[(1, 11), (2, 31 + late)], &[(Some(3), 24)]);
        assert!(!front.goes_on_in(&late));
        // A feed that says nothing but the same to all is not enough.
        let feed = Said::made(&[], &[(Some(3), 5), (Some(4), 6), (Some(5), 7)]);
        assert!(!feed.goes_on_in(&feed));
    }
}
