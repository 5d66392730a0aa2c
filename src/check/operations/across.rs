//! Connections held against each other.
//!
//! Job: find the two legs of one connection before and behind a proxy, keys that come again, clients
//! that connect again and again, and subscriptions that a client does not renew when it does. Input: a [`Record`] of each connection. Output: findings.
//! RFC 6455 §4.1, §7.2.3; RFC 7692 §5.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::ops::Deref;

use super::subscriptions::Subscriptions;
use crate::base::{Conversing, Peer, Stamp};
use crate::deflate::Agreement;
use crate::event::ConnectionInfo;
use crate::finding::{Code, Figure, Finding, Sentence};
use crate::net::Endpoint;
use crate::stats::{Leg, Said, hash};

/// Connections with the same key that one is held against, on either side.
const SAME_KEY: usize = 16;

/// Conversations that begin within the opening of one and that it is held against.
const LEGS: usize = 64;

/// So many connections, each after the one before failed …
const STORM: usize = 5;

/// … in such a time are a storm.
const STORM_NANOS: i64 = 10_000_000_000;

/// A connection that begins so long after another one failed may take its place.
const AGAIN_NANOS: i64 = 60_000_000_000;

/// A connection that was open for so long has had the time to subscribe.
const SETTLED_NANOS: i64 = 2_000_000_000;

/// Subjects that a sentence names.
const NAMED: usize = 3;

/// Takes the findings, with the conversation that they are on.
pub type Found<'a> = dyn FnMut(Conversing, Finding) + 'a;

/// What connections are held against each other by.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
pub(super) struct Record {
    leg: Leg,
    target: u64,
    offers: bool,
    agrees: bool,
    ended: Option<Stamp>,
    failed: bool,
    /// It is a stream of HTTP/2.
    stream: bool,
    said: Said,
    subscriptions: Subscriptions,
}

impl Record {
    /// Of a connection whose request was captured.
    pub(super) fn of(info: &ConnectionInfo) -> Option<Self> {
        let handshake = info.handshake.as_ref().filter(|h| h.request.is_some())?;
        let compresses = |name: &str| {
            name.eq_ignore_ascii_case("permessage-deflate")
                || name.eq_ignore_ascii_case("x-webkit-deflate-frame")
        };
        let offered = handshake.offered_extensions();
        Some(Self {
            leg: Leg::of(info)?,
            target: hash(&handshake.request_target()),
            offers: offered.iter().any(|extension| compresses(&extension.name)),
            // Where heads are not wholly known, nobody can say that something is not there.
            agrees: info.agreement != Agreement::None || !handshake.is_whole(),
            ended: None,
            failed: false,
            stream: info.conversing.on_stream().is_some(),
            said: Said::default(),
            subscriptions: Subscriptions::default(),
        })
    }

    /// The connection ended.
    pub(super) fn ended(
        &mut self,
        last: Stamp,
        failed: bool,
        (said, subscriptions): (Said, Subscriptions),
    ) {
        self.ended = Some(last);
        self.failed = failed;
        self.said = said;
        self.subscriptions = subscriptions;
    }

    /// Whether `other` is this connection behind a proxy.
    fn goes_on_as(&self, other: &Self) -> bool {
        self.accepted && other.accepted && self.waits_for(other) && !self.is(other)
    }

    /// Whether `other`, asked while this one waits, is this one as a proxy carries it on, where no key
    /// tells as one of them is a stream.
    fn is_carried_by(&self, other: &Self) -> bool {
        let keyless = self.stream || other.stream;
        let apart = self.conversing.connection != other.conversing.connection;
        keyless && apart && self.goes_on_as(other) && self.said.goes_on_in(&other.said)
    }
}

impl Deref for Record {
    type Target = Leg;

    fn deref(&self) -> &Leg {
        &self.leg
    }
}

fn finding(code: Code, from: Option<Peer>, at: Stamp, text: impl Into<Sentence>) -> Finding {
    Finding {
        code,
        from,
        message: None,
        at,
        bit: None,
        text: text.into(),
    }
}

/// Finds what the records show.
pub(super) fn findings(records: &BTreeMap<Conversing, Record>, found: &mut Found<'_>) {
    let mut keys: HashMap<u64, Vec<Conversing>, foldhash::fast::RandomState> = HashMap::default();
    let mut clients: BTreeMap<(IpAddr, Endpoint, u64), Vec<&Conversing>> = BTreeMap::new();
    for (number, record) in records {
        if let Some(key) = record.key {
            keys.entry(key).or_default().push(*number);
        }
        let client = (record.client.address, record.server, record.target);
        clients.entry(client).or_default().push(number);
    }
    let legs = legs(records);
    for (number, record) in records {
        let same = record.key.and_then(|key| keys.get(&key));
        let others = near(same.map_or(&[][..], Vec::as_slice), *number);
        let other_http = legs.get(number);
        let others = others.chain(other_http);
        let others = others.filter_map(|other| Some((*other, records.get(other)?)));
        let first = same.and_then(|same| same.first()).copied();
        one((*number, record), others, first, found);
    }
    for numbers in clients.values() {
        let records: Vec<_> = numbers
            .iter()
            .filter_map(|number| Some((**number, records.get(number)?)))
            .collect();
        storms(&records, found);
        lapses(&records, found);
    }
}

/// For each conversation the leg that carries it on, where one of them is a stream.
fn legs(records: &BTreeMap<Conversing, Record>) -> BTreeMap<Conversing, Conversing> {
    if !records.values().any(|record| record.stream) {
        return BTreeMap::new();
    }
    // Several streams can be asked for in one packet.
    let first = Conversing::default();
    let place = |record: &Record, of| (record.target, record.asked.packet, of);
    let places: BTreeSet<_> = records
        .iter()
        .filter(|(_, record)| record.accepted)
        .map(|(number, record)| place(record, *number))
        .collect();
    let leg = |(number, record): (&Conversing, &Record)| {
        let from = place(record, first);
        let until = (record.target, record.answered.packet, first);
        let mut inner = places.range(from..until.max(from)).take(LEGS);
        let leg = inner.find_map(|(.., other)| {
            records
                .get(other)
                .filter(|other| record.is_carried_by(other))?;
            Some(*other)
        });
        Some((*number, leg?))
    };
    records.iter().filter_map(leg).collect()
}

/// The other numbers next to `number`.
fn near(numbers: &[Conversing], number: Conversing) -> impl Iterator<Item = &Conversing> {
    let place = numbers.partition_point(|other| *other < number);
    let (from, to) = (place.saturating_sub(SAME_KEY), place + SAME_KEY);
    let near = numbers.get(from..to.min(numbers.len())).unwrap_or_default();
    near.iter().filter(move |other| **other != number)
}

/// A connection, the others near it with its key, and the first that has it.
fn one<'a>(
    (number, record): (Conversing, &Record),
    others: impl Iterator<Item = (Conversing, &'a Record)>,
    first: Option<Conversing>,
    found: &mut Found<'_>,
) {
    let mut stripped = false;
    let (mut repeats, mut carried_on) = (false, false);
    for (other, behind) in others {
        if record.goes_on_as(behind) {
            if record.offers && !behind.offers {
                stripped = true;
                let text = format!(
                    "the client offers compression on connection {number}, and this connection, \
                     which carries the request on, offers none"
                );
                found(
                    other,
                    finding(Code::OfferStripped, None, behind.asked, text),
                );
            } else if behind.agrees && !record.agrees && record.offers {
                stripped = true;
                let text = format!(
                    "the server agrees to compression on connection {other}, and this connection, \
                     which brings the answer to the client, does not say so"
                );
                found(
                    number,
                    finding(Code::AnswerStripped, None, record.answered, text),
                );
            }
        }
        carried_on |= behind.waits_for(record);
        repeats |= behind.asked < record.asked;
    }
    if let Some(first) = first.filter(|_| repeats && !carried_on) {
        // RFC 6455 §4.1: the key is chosen at random for each connection.
        let text = format!("the request has the Sec-WebSocket-Key of connection {first}");
        let from = Some(Peer::Client);
        found(number, finding(Code::KeyRepeated, from, record.asked, text));
    }
    if record.offers && record.accepted && !record.agrees && !stripped {
        let text = "the client offers compression, and the answer names none".to_owned();
        let from = Some(Peer::Server);
        found(
            number,
            finding(Code::CompressionDeclined, from, record.answered, text),
        );
    }
}

/// Connections of one client to one place, in order.
fn storms(records: &[(Conversing, &Record)], found: &mut Found<'_>) {
    let follows = |pair: &(&(Conversing, &Record), &(Conversing, &Record))| {
        let ((_, before), (_, next)) = pair;
        before.failed
            && before
                .ended
                .is_some_and(|ended| ended.time <= next.asked.time)
    };
    let mut rest = records;
    while !rest.is_empty() {
        let links = rest.iter().zip(rest.iter().skip(1));
        let run = 1 + links.take_while(|pair| follows(pair)).count();
        let (chain, behind) = rest.split_at(run);
        rest = behind;
        let dense = |window: &[(Conversing, &Record)]| match (window.first(), window.last()) {
            (Some((_, first)), Some((_, last))) => {
                last.asked.time.since(first.asked.time) <= STORM_NANOS
            }
            _ => false,
        };
        if let ([(number, first), ..], Some((_, last))) = (chain, chain.last())
            && chain.windows(STORM).any(dense)
        {
            let text = Sentence::new(
                &format!(
                    "the client connects {{times}} times to {} within {{within}}, each time after \
                     the connection before failed",
                    first.server
                ),
                &[
                    ("times", Figure::Count(run as u64)),
                    (
                        "within",
                        Figure::Nanos(last.asked.time.since(first.asked.time)),
                    ),
                ],
            );
            let from = Some(Peer::Client);
            found(
                *number,
                finding(Code::ReconnectStorm, from, first.asked, text),
            );
        }
    }
}

/// Connections of one client to one place, in order: what it had subscribed to when one failed, and did not
/// when it came again.
fn lapses(records: &[(Conversing, &Record)], found: &mut Found<'_>) {
    // Where two are open at a time, the address may be that of several clients.
    let one_by_one = records.iter().zip(records.iter().skip(1)).all(|pair| {
        let ((_, before), (_, next)) = pair;
        before
            .ended
            .is_some_and(|ended| ended.time <= next.asked.time)
    });
    if !one_by_one {
        return;
    }
    for ((number, before), (again, next)) in records.iter().zip(records.iter().skip(1)) {
        let (Some(ended), Some(over)) = (before.ended, next.ended) else {
            continue;
        };
        let follows = next.asked.time.since(ended.time) <= AGAIN_NANOS;
        let settled = over.time.since(next.asked.time) >= SETTLED_NANOS;
        if !(before.failed && next.accepted && follows && settled) {
            continue;
        }
        let (had, lacking) = before.subscriptions.not_renewed(&next.subscriptions);
        if lacking.is_empty() {
            continue;
        }
        let named: Vec<_> = lacking.iter().take(NAMED).copied().collect();
        let more = if lacking.len() > NAMED { ", …" } else { "" };
        let text = Sentence::new(
            &format!(
                "the client comes again {{after}} after connection {number} failed, without {{lacking}} of \
                 the {{had}} subscriptions that it had there"
            ),
            &[
                ("after", Figure::Nanos(next.asked.time.since(ended.time))),
                ("lacking", Figure::Count(lacking.len() as u64)),
                ("had", Figure::Count(had as u64)),
            ],
        );
        let mut text = text.with(&format!(": {}{more}", named.join(", ")));
        text.clip(400);
        let from = Some(Peer::Client);
        found(
            *again,
            finding(Code::SubscriptionNotRenewed, from, next.asked, text),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{PacketRef, Timestamp};

    fn stamp(number: u64) -> Stamp {
        Stamp {
            packet: PacketRef::new(0, number),
            time: Timestamp(number * 1_000_000),
        }
    }

    /// A connection with the one key that asks and is answered at these packets.
    fn record(port: u16, asked: u64, answered: Option<u64>) -> Record {
        let end = |port| Endpoint {
            address: [10, 0, 0, 1].into(),
            port,
        };
        Record {
            leg: Leg {
                conversing: u64::from(port).into(),
                client: end(port),
                server: end(80),
                opened_with: None,
                key: Some(1),
                accepted: false,
                asked: stamp(asked),
                answered: answered.map_or_else(Stamp::default, stamp),
            },
            target: 0,
            offers: false,
            agrees: false,
            ended: None,
            failed: false,
            stream: false,
            said: Said::default(),
            subscriptions: Subscriptions::default(),
        }
    }

    /// One that the server accepted, with a key of its own or with none.
    fn accepted(port: u16, asked: u64, answered: u64, keyed: bool) -> Leg {
        Leg {
            key: keyed.then_some(u64::from(port)),
            accepted: true,
            ..record(port, asked, Some(answered)).leg
        }
    }

    fn codes(records: &[Record]) -> Vec<(u64, Code)> {
        let mut codes = Vec::new();
        let numbers = (1..).map(Conversing::from);
        let records = numbers.zip(records.iter().cloned()).collect();
        findings(&records, &mut |number, finding| {
            codes.push((number.connection, finding.code));
        });
        codes
    }

    #[test]
    fn a_proxy_may_carry_a_key_on_and_try_again() {
        let first = record(1, 10, Some(40));
        assert_eq!(codes(&[first.clone(), record(2, 20, Some(25))]), []);
        let tries = [
            first.clone(),
            record(2, 20, Some(25)),
            record(3, 30, Some(35)),
        ];
        assert_eq!(codes(&tries), []);
        // Nobody knows when it was answered.
        assert_eq!(codes(&[record(1, 10, None), record(2, 20, Some(25))]), []);
        // The same connection on two interfaces.
        assert_eq!(codes(&[first.clone(), first]), []);
    }

    #[test]
    fn a_client_may_not_use_a_key_again() {
        let records = [record(1, 10, Some(15)), record(2, 20, Some(25))];
        assert_eq!(codes(&records), [(2, Code::KeyRepeated)]);
    }

    /// A proxy takes HTTP/2 and carries on HTTP/1.1 without the offer: nothing but what is said and
    /// when tells that both are one.
    #[test]
    fn legs_of_both_http_are_known_by_what_is_said() {
        let said = Said::made(&[(1, 0), (2, 0)], &[(Some(3), 0)]);
        let leg = |port: u16, asked, answered, stream: bool, said: &Said| Record {
            leg: accepted(port, asked, answered, !stream),
            offers: stream,
            stream,
            said: said.clone(),
            ..record(port, asked, Some(answered))
        };
        let outer = leg(1, 10, 40, true, &said);
        let inner = leg(2, 20, 30, false, &said);
        assert_eq!(codes(&[outer.clone(), inner]), [(2, Code::OfferStripped)]);
        let other = leg(
            2,
            20,
            30,
            false,
            &Said::made(&[(1, 0), (9, 0)], &[(Some(3), 0)]),
        );
        assert_eq!(
            codes(&[outer.clone(), other]),
            [(1, Code::CompressionDeclined)]
        );
        let later = leg(2, 50, 60, false, &said);
        let declined = [(1, Code::CompressionDeclined)];
        assert_eq!(codes(&[outer.clone(), later]), declined);
        // Both legs can be HTTP/2.
        let stream = |offers| Record {
            offers,
            ..leg(2, 20, 30, true, &said)
        };
        assert_eq!(
            codes(&[outer.clone(), stream(false)]),
            [(2, Code::OfferStripped)]
        );
    }

    #[test]
    fn a_client_that_comes_again_subscribes_again() {
        let connection = |port: u16, asked: u64, ended: u64, subjects: &[&str]| Record {
            leg: accepted(port, asked, asked + 1, true),
            agrees: true,
            failed: true,
            ended: Some(stamp(ended)),
            subscriptions: Subscriptions::made(subjects),
            ..record(port, asked, Some(asked + 1))
        };
        let first = connection(1, 10, 3000, &["a", "b"]);
        let lapse = (2, Code::SubscriptionNotRenewed);
        let then = |next: Record| codes(&[first.clone(), next]);
        assert_eq!(then(connection(2, 4000, 9000, &["b"])), [lapse]);
        assert_eq!(then(connection(2, 4000, 9000, &["b", "c", "a"])), []);
        // It may not have come to that.
        assert_eq!(then(connection(2, 4000, 4500, &["b"])), []);
        // Much later, or at the same time, it may be another client.
        assert_eq!(then(connection(2, 90_000, 99_000, &["b"])), []);
        assert_eq!(then(connection(2, 2000, 9000, &["b"])), []);
        let left = Record {
            failed: false,
            ..first.clone()
        };
        assert_eq!(codes(&[left, connection(2, 4000, 9000, &["b"])]), []);
    }

    /// Both sides of an address translator, captured on two hosts whose clocks differ.
    #[test]
    fn a_translated_connection_is_the_same() {
        let leg = |port, asked, opened_with| Record {
            leg: Leg {
                opened_with,
                ..record(port, asked, Some(asked + 5)).leg
            },
            ..record(port, asked, Some(asked + 5))
        };
        assert_eq!(codes(&[leg(1, 10, Some(7)), leg(2, 20, Some(7))]), []);
        let others = [leg(1, 10, Some(7)), leg(2, 20, Some(8))];
        assert_eq!(codes(&others), [(2, Code::KeyRepeated)]);
    }

    #[test]
    fn many_equal_keys_take_no_longer() {
        let records: Vec<_> = (0..20_000_u16)
            .map(|n| record(n, u64::from(n) * 10 + 1, Some(u64::from(n) * 10 + 5)))
            .collect();
        assert_eq!(codes(&records).len(), 19_999);
    }
}
