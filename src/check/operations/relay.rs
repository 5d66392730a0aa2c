//! The two legs of a STOMP relay.
//!
//! Job: find connections to a broker on which a relay carries on what a client says to it, and name what
//! happened on one leg as the cause of the other's end. Input: the frames that each connection carried,
//! findings, ends. Output: findings. STOMP 1.2, "SEND", "SUBSCRIBE", "MESSAGE", "ERROR", "Heart-beating".
//!
//! A relay opens a session of its own, with its own key, login and heart-beats, and need not pass on every frame.
//! What it passes on keeps its destination and its body, and comes a moment later. Where several connections
//! fit, nothing is said.

use std::collections::BTreeMap;

use super::across::{Found, Record};
use crate::base::{Conversing, PerPeer, Stamp, Timestamp};
use crate::event::{ConnectionEnd, Message};
use crate::finding::{Code, Figure, Finding, Sentence};
use crate::stats::{Leg, hash, only_fronts};
use crate::subprotocol::{Unit, UnitStatus};
use crate::ws::OpCode;

/// Connections that are held against each other, the first of the capture.
const KEPT: usize = 1 << 14;

/// Frames of each sender that are, its first ones.
const FRAMES: usize = 16;

/// Frames that have to be alike.
const ENOUGH: usize = 3;

/// A relay passes a frame on in such a time.
const WITHIN_NANOS: i64 = 1_000_000_000;

/// What ends a connection goes before its end by no more.
const CAUSE_NANOS: i64 = 5_000_000_000;

/// Findings of one connection that may be a cause, its first ones.
const TROUBLES: usize = 4;

/// What STOMP connections carried.
#[derive(Debug, Default)]
pub(super) struct Relays(BTreeMap<Conversing, Box<Carried>>);

#[derive(Debug, Default)]
struct Carried {
    /// What a frame says, as another leg says it, and when.
    frames: PerPeer<Vec<(u64, Stamp)>>,
    troubles: Vec<Trouble>,
    /// When a side closed it, or ended it without.
    over: Option<Stamp>,
}

/// What can make a relay, or a broker, give a session up.
#[derive(Debug)]
struct Trouble {
    at: Stamp,
    text: Sentence,
}

/// When a connection was asked for, which it is, how it was opened, and what it carried.
type Opened<'a> = (Timestamp, Conversing, &'a Record, &'a Carried);

/// A client's connection to a relay, and the relay's to the broker.
struct Pair {
    front: Conversing,
    back: Conversing,
    alike: u64,
    /// By how much the frames come later, at most.
    delay: i64,
}

impl Relays {
    /// Takes a message.
    #[inline]
    pub(super) fn message(&mut self, message: &Message<'_>) {
        if message.opcode == OpCode::Close {
            self.ends(message.conversing, message.last);
        }
        for unit in message.units {
            if unit.protocol == "stomp" {
                self.unit(message, unit);
            }
        }
    }

    fn unit(&mut self, message: &Message<'_>, unit: &Unit) {
        let carried = self.0.entry(message.conversing).or_default();
        let frames = &mut carried.frames[message.from];
        let wanted = matches!(unit.kind.as_ref(), "SEND" | "SUBSCRIBE" | "MESSAGE");
        if wanted && unit.status != UnitStatus::Partial && frames.len() < FRAMES {
            let digest = hash(&(&unit.kind, &unit.subject, &unit.body));
            frames.push((digest, message.last));
        }
        self.trim();
    }

    /// Takes a finding on a connection.
    pub(super) fn finding(&mut self, conversing: Conversing, finding: &Finding) {
        let is_cause = matches!(
            finding.code,
            Code::StompError | Code::StompHeartBeatMissed | Code::StompHeartBeatNever
        );
        if !is_cause {
            return;
        }
        if let Some(carried) = self.0.get_mut(&conversing)
            && carried.troubles.len() < TROUBLES
        {
            let mut text = finding.text.clone();
            text.clip(250);
            let at = finding.at;
            carried.troubles.push(Trouble { at, text });
        }
    }

    /// A connection ends.
    pub(super) fn end(&mut self, end: &ConnectionEnd) {
        if let Some((_, at)) = end.first_end {
            self.ends(end.conversing, at);
        }
    }

    fn ends(&mut self, conversing: Conversing, at: Stamp) {
        if let Some(carried) = self.0.get_mut(&conversing) {
            carried.over.get_or_insert(at);
        }
    }

    /// Takes over what another worker saw.
    pub(super) fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
        self.trim();
    }

    fn trim(&mut self) {
        while self.0.len() > KEPT {
            self.0.pop_last();
        }
    }

    /// Finds the legs, at the end of the capture.
    pub(super) fn finish(self, records: &BTreeMap<Conversing, Record>, found: &mut Found<'_>) {
        for pair in self.pairs(records) {
            let (Some(front), Some(back)) = (self.0.get(&pair.front), self.0.get(&pair.back))
            else {
                continue;
            };
            if let Some(record) = records.get(&pair.back) {
                found(pair.back, pair.leg(record.asked));
            }
            for (hit, own, other, of) in [
                (front, pair.front, back, pair.back),
                (back, pair.back, front, pair.front),
            ] {
                if let Some(finding) = hit.because_of(other, of) {
                    found(own, finding);
                }
            }
        }
    }

    /// For each connection the one whose leg it is, where only one can be.
    fn pairs(&self, records: &BTreeMap<Conversing, Record>) -> Vec<Pair> {
        let opened = self.0.iter().filter_map(|(conversing, carried)| {
            let record = records.get(conversing)?;
            Some((record.asked.time, *conversing, record, &**carried))
        });
        let mut opened: Vec<Opened<'_>> = opened.collect();
        opened.sort_by_key(|(time, conversing, ..)| (*time, *conversing));
        let mut pairs = Vec::new();
        let fits = |front: &Opened<'_>, back: &Opened<'_>| {
            let ((_, front, other, said), (_, back, record, carried)) = (*front, *back);
            if said.is_over_before(record.asked) || !may_be_relayed(other, record) {
                return None;
            }
            let (alike, delay) = said.goes_on_in(carried)?;
            Some(Pair {
                front,
                back,
                alike,
                delay,
            })
        };
        only_fronts(
            &opened,
            |(asked, ..)| *asked,
            fits,
            |_, _, pair| {
                pairs.push(pair);
                true
            },
        );
        pairs
    }
}

impl Carried {
    fn is_over_before(&self, at: Stamp) -> bool {
        self.over.is_some_and(|over| over.time < at.time)
    }

    /// How many frames `back` carries on, and by how much later at most. `None` where they are too few, or a
    /// frame is there that is not carried on.
    fn goes_on_in(&self, back: &Self) -> Option<(u64, i64)> {
        let sent = follows(&self.frames.client, &back.frames.client)?;
        let told = follows(&back.frames.server, &self.frames.server)?;
        let enough = sent.0 > 0 && sent.0 + told.0 >= ENOUGH;
        enough.then_some(((sent.0 + told.0) as u64, sent.1.max(told.1)))
    }

    /// What on `other`, which is connection `of`, made this one end.
    fn because_of(&self, other: &Self, of: Conversing) -> Option<Finding> {
        let over = self.over?;
        let before = |trouble: &&Trouble| {
            let ago = over.time.since(trouble.at.time);
            (0..=CAUSE_NANOS).contains(&ago)
        };
        let cause = other.troubles.iter().rev().find(before)?;
        // What was wrong here before is not the other's doing.
        let own = self.troubles.first();
        if own.is_some_and(|own| own.at.time < cause.at.time) {
            return None;
        }
        let after = Figure::Nanos(over.time.since(cause.at.time));
        let text = Sentence::new(
            &format!(
                "this connection ends {{after}} after what is wrong on connection {of}, its other leg at the relay"
            ),
            &[("after", after)],
        );
        Some(Finding {
            code: Code::StompRelayCause,
            from: None,
            message: None,
            at: over,
            bit: None,
            text: text.with(&format!(": {}", &*cause.text)),
        })
    }
}

/// Whether a relay may have opened `back` for what came on `front`.
fn may_be_relayed(front: &Leg, back: &Leg) -> bool {
    // A proxy carries the key on, too: that leg is known by it.
    let proxied = front.key.is_some() && front.key == back.key;
    // Of two connections of one client, or to one server, that say the same, both may only listen to the same.
    let one_host = front.client.address == front.server.address;
    let one_client = front.client.address == back.client.address && !one_host;
    !proxied && !one_client && front.server != back.server
}

/// How many frames of `first` come again in `then`, and by how much later at most. `None` where a frame comes
/// there that did not come before.
fn follows(first: &[(u64, Stamp)], then: &[(u64, Stamp)]) -> Option<(usize, i64)> {
    let (mut alike, mut delay) = (0, 0);
    let mut rest = first.iter();
    for (digest, at) in then {
        let is_it = |(own, before): &&(u64, Stamp)| {
            let later = at.time.since(before.time);
            own == digest && (0..=WITHIN_NANOS).contains(&later)
        };
        match rest.find(is_it) {
            Some((_, before)) => {
                alike += 1;
                delay = delay.max(at.time.since(before.time));
            }
            // What came after those that are kept is not known.
            None if first.len() >= FRAMES => break,
            None => return None,
        }
    }
    Some((alike, delay))
}

impl Pair {
    fn leg(&self, at: Stamp) -> Finding {
        let text = Sentence::new(
            &format!(
                "a relay carries on here what the client of connection {} says: {{alike}} frames come again, at \
                 most {{delay}} later",
                self.front
            ),
            &[
                ("alike", Figure::Count(self.alike)),
                ("delay", Figure::Nanos(self.delay)),
            ],
        );
        Finding {
            code: Code::StompRelayLeg,
            from: None,
            message: None,
            at,
            bit: None,
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::PacketRef;
    use crate::net::Endpoint;

    fn at(millis: u64) -> Stamp {
        Stamp {
            packet: PacketRef::new(0, millis),
            time: Timestamp(millis * 1_000_000),
        }
    }

    fn carried(client: &[(u64, u64)], server: &[(u64, u64)]) -> Carried {
        let frames = |all: &[(u64, u64)]| {
            let all = all.iter().map(|(what, when)| (*what, at(*when)));
            all.collect()
        };
        Carried {
            frames: PerPeer {
                client: frames(client),
                server: frames(server),
            },
            ..Carried::default()
        }
    }

    #[test]
    fn a_relay_may_keep_frames_to_itself_and_may_not_make_any() {
        let front = carried(&[(1, 10), (2, 20), (3, 30)], &[(8, 45)]);
        let back = carried(&[(1, 12), (3, 35)], &[(8, 40), (9, 50)]);
        assert_eq!(front.goes_on_in(&back), Some((3, 5_000_000)));
        for other in [
            // Another frame, another order, an earlier time, a later one, too few.
            carried(&[(1, 12), (4, 35)], &[(8, 40)]),
            carried(&[(3, 31), (1, 32)], &[(8, 40)]),
            carried(&[(1, 9), (3, 35)], &[(8, 40)]),
            carried(&[(1, 12), (3, 1031)], &[(8, 40)]),
            carried(&[(1, 12), (3, 35)], &[]),
            carried(&[], &[(8, 40)]),
        ] {
            assert_eq!(front.goes_on_in(&other), None, "{other:?}");
        }
    }

    #[test]
    fn a_relay_is_another_host_than_its_client() {
        let leg = |key, client: u8, server: u8| {
            let end = |host, port| Endpoint {
                address: [192, 0, 2, host].into(),
                port,
            };
            Leg {
                conversing: 1.into(),
                client: end(client, 40_000),
                server: end(server, 80),
                opened_with: None,
                key: Some(key),
                accepted: true,
                asked: at(1),
                answered: at(2),
            }
        };
        let front = leg(1, 1, 2);
        assert!(may_be_relayed(&front, &leg(2, 2, 3)));
        // It may have another address inside.
        assert!(may_be_relayed(&front, &leg(2, 7, 3)));
        for other in [leg(2, 2, 2), leg(2, 1, 3), leg(1, 2, 3)] {
            assert!(!may_be_relayed(&front, &other), "{other:?}");
        }
        let local = leg(1, 1, 1);
        let mut broker = leg(2, 1, 1);
        assert!(!may_be_relayed(&local, &broker));
        broker.server.port = 15_674;
        assert!(may_be_relayed(&local, &broker));
    }

    #[test]
    fn what_is_not_kept_is_not_missed() {
        let many: Vec<_> = (0..FRAMES as u64).map(|what| (what, what)).collect();
        let front = carried(&many, &[]);
        let back = carried(&[(1, 2), (2, 3), (3, 4), (100, 101)], &[]);
        assert_eq!(front.goes_on_in(&back), Some((3, 1_000_000)));
    }

    #[test]
    fn a_cause_goes_shortly_before_and_not_after_one_of_its_own() {
        let ended = |troubles: &[u64], over: u64| Carried {
            troubles: troubles
                .iter()
                .map(|when| Trouble {
                    at: at(*when),
                    text: "it failed".into(),
                })
                .collect(),
            over: Some(at(over)),
            ..Carried::default()
        };
        let because = |hit: &Carried, other: &Carried| {
            let finding = hit.because_of(other, 4.into());
            finding.map(|finding| finding.text.to_string())
        };
        let other = ended(&[100], 110);
        let text = because(&ended(&[], 105), &other).unwrap();
        assert!(
            text.contains("5 ms") && text.contains("connection 4"),
            "{text}"
        );
        assert!(text.ends_with("it failed"), "{text}");
        // The relay passes the ERROR on before it closes.
        assert!(because(&ended(&[103], 105), &other).is_some());
        for hit in [ended(&[90], 105), ended(&[], 90), ended(&[], 6000)] {
            assert_eq!(because(&hit, &other), None, "{hit:?}");
        }
    }
}
