//! Units by what they are about, or by kind.
//!
//! Job: counts, bytes and latencies of each topic, event or method, or of each kind of unit, over all
//! connections. Input: events. Output: [`UnitGroup`]s.
//!
//! A latency counts for the unit that was answered: a slow call is one whose answer comes late. Bytes
//! on the wire are a message's, divided among its units by their bytes of its payload.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::histogram::Histogram;
use crate::base::{Conversing, Peer, PerPeer, Timestamp};
use crate::event::{Event, EventSink, Message};
use crate::subprotocol::{Answered, Unit, UnitStatus};

/// What units are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitsBy {
    /// Destination, topic, event or method.
    Subject,
    /// What the protocol calls them.
    Kind,
}

impl UnitsBy {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Kind => "kind",
        }
    }
}

/// Groups that are kept; units of further ones are counted as left out.
const GROUPS: usize = 1 << 16;

/// Units of a conversation that may still be answered.
const RECENT_UNITS: usize = 1 << 13;

/// Messages of a conversation that may hold the beginning of a unit.
const RECENT_MESSAGES: usize = 1 << 10;

/// Protocol and name.
type Key = (&'static str, Option<String>);

/// Units that are about the same, or of the same kind.
#[derive(Debug, Clone, Default)]
pub struct UnitGroup {
    /// Each sender's.
    pub units: PerPeer<u64>,
    /// Those that tell of an error.
    pub errors: u64,
    /// Their bytes of payloads after inflation.
    pub payload_bytes: u64,
    /// Their share of frames, headers included.
    pub wire_bytes: u64,
    /// Microseconds until they were answered.
    pub latency: Histogram,
}

impl UnitGroup {
    /// Units of both senders.
    pub fn count(&self) -> u64 {
        self.units.client + self.units.server
    }

    fn merge(&mut self, other: &Self) {
        self.units.client += other.units.client;
        self.units.server += other.units.server;
        self.errors += other.errors;
        self.payload_bytes += other.payload_bytes;
        self.wire_bytes += other.wire_bytes;
        self.latency.merge(&other.latency);
    }
}

/// All groups.
#[derive(Debug)]
pub struct UnitStats {
    by: UnitsBy,
    /// By protocol and name.
    pub groups: BTreeMap<Key, UnitGroup>,
    /// Units of groups that are not kept.
    pub left_out: u64,
    /// The first and the last message.
    pub span: Option<(Timestamp, Timestamp)>,
    open: HashMap<Conversing, Recent, foldhash::fast::RandomState>,
}

/// What a conversation's units may still refer to.
#[derive(Debug, Default)]
struct Recent {
    units: VecDeque<(Answered, Key)>,
    /// Number, bytes on the wire, bytes of the payload.
    messages: VecDeque<(u64, u64, u64)>,
}

impl UnitStats {
    /// Nothing yet.
    pub fn new(by: UnitsBy) -> Self {
        Self {
            by,
            groups: BTreeMap::new(),
            left_out: 0,
            span: None,
            open: HashMap::default(),
        }
    }

    /// What the groups are.
    pub fn by(&self) -> UnitsBy {
        self.by
    }

    /// Adds another worker's.
    pub fn merge(&mut self, other: Self) {
        for (key, group) in other.groups {
            self.groups.entry(key).or_default().merge(&group);
        }
        self.left_out += other.left_out;
        if let Some((first, last)) = other.span {
            self.spans(first);
            self.spans(last);
        }
    }

    /// Seconds from the first message to the last.
    #[expect(clippy::cast_precision_loss, reason = "exact within 104 days")]
    pub fn seconds(&self) -> f64 {
        self.span
            .map_or(0.0, |(first, last)| last.since(first) as f64 / 1e9)
    }

    /// The groups, those with most bytes on the wire first.
    pub fn sorted(&self) -> Vec<(&Key, &UnitGroup)> {
        let mut all: Vec<_> = self.groups.iter().collect();
        all.sort_by_key(|(_, group)| std::cmp::Reverse(group.wire_bytes));
        all
    }

    fn spans(&mut self, time: Timestamp) {
        let (first, last) = self.span.get_or_insert((time, time));
        *first = time.min(*first);
        *last = time.max(*last);
    }

    fn key(&self, unit: &Unit) -> Key {
        let name = match self.by {
            UnitsBy::Subject => unit.subject.clone(),
            UnitsBy::Kind => Some(unit.kind.clone().into_owned()),
        };
        (unit.protocol, name)
    }

    fn group(&mut self, key: &Key) -> Option<&mut UnitGroup> {
        if self.groups.len() >= GROUPS && !self.groups.contains_key(key) {
            return None;
        }
        Some(self.groups.entry(key.clone()).or_default())
    }

    fn message(&mut self, message: &Message<'_>) {
        self.spans(message.last.time);
        let mut recent = self.open.remove(&message.conversing).unwrap_or_default();
        if !message.opcode.is_control() {
            let payload = message.payload_bytes.unwrap_or(0);
            recent
                .messages
                .push_back((message.number, message.wire_bytes, payload));
            if recent.messages.len() > RECENT_MESSAGES {
                recent.messages.pop_front();
            }
        }
        for (index, unit) in message.units.iter().enumerate() {
            let key = self.key(unit);
            let bytes = recent.bytes(unit, message.units);
            self.unit(unit, &key, bytes, message.from);
            if let Some(after) = unit.after {
                self.latency(unit, after, &key, &recent);
            }
            let place = Answered {
                message: message.number,
                unit: index,
            };
            recent.units.push_back((place, key));
            if recent.units.len() > RECENT_UNITS {
                recent.units.pop_front();
            }
        }
        self.open.insert(message.conversing, recent);
    }

    fn unit(&mut self, unit: &Unit, key: &Key, (payload, wire): (u64, u64), from: Peer) {
        let Some(group) = self.group(key) else {
            self.left_out += 1;
            return;
        };
        group.units[from] += 1;
        group.errors += u64::from(unit.status == UnitStatus::Error);
        group.payload_bytes += payload;
        group.wire_bytes += wire;
    }

    /// Counts how long the unit took that is answered.
    fn latency(&mut self, unit: &Unit, after: i64, key: &Key, recent: &Recent) {
        let asked = unit.answers.last().and_then(|asked| recent.key(*asked));
        let key = asked.unwrap_or(key).clone();
        if let Some(group) = self.group(&key) {
            group.latency.add(after.unsigned_abs() / 1_000);
        }
    }
}

impl Recent {
    fn key(&self, asked: Answered) -> Option<&Key> {
        let place = self.units.partition_point(|(own, _)| *own < asked);
        let found = self.units.get(place).filter(|(own, _)| *own == asked);
        found.map(|(_, key)| key)
    }

    /// Bytes of payload and on the wire of a unit; one inside another has an even share of it.
    fn bytes(&self, unit: &Unit, all: &[Unit]) -> (u64, u64) {
        if let Some(wrapper) = unit.inside
            && let Some(outer) = all.get(wrapper).filter(|outer| outer.inside.is_none())
        {
            let inner = all.iter().filter(|unit| unit.inside == Some(wrapper));
            let share = inner.count().max(1) as u64;
            let (payload, wire) = self.bytes(outer, &[]);
            return (payload / share, wire / share);
        }
        let mut bytes = (0, 0);
        for part in &unit.parts {
            bytes.0 += part.length;
            bytes.1 += self.wire(part.message, part.length);
        }
        bytes
    }

    /// The share of a message's frames that so many bytes of its payload have.
    fn wire(&self, message: u64, length: u64) -> u64 {
        let place = self.messages.partition_point(|(own, ..)| *own < message);
        match self.messages.get(place) {
            Some((own, wire, payload)) if *own == message && *payload > 0 => {
                let share = u128::from(*wire) * u128::from(length) / u128::from(*payload);
                u64::try_from(share).unwrap_or(u64::MAX)
            }
            _ => length,
        }
    }
}

impl EventSink for UnitStats {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Message(message) => self.message(message),
            Event::End(end) => {
                self.open.remove(&end.conversing);
            }
            Event::Connection(_)
            | Event::Finding { .. }
            | Event::Recognised { .. }
            | Event::Pending(_)
            | Event::Tls(_)
            | Event::Transport(_) => {}
        }
    }
}
