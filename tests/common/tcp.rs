//! Flows and connections put together as the pipeline does it, with a log of what came out.

use std::collections::BTreeMap;

use wscope::base::{End, Limits, PacketRef, Peer, Roles, Stamp, Timestamp};
use wscope::net::{Encapsulation, Endpoint, Flags, Segment};
use wscope::stream::{Delivery, Missing};
use wscope::tcp::{Budget, Connection, Ending, Flow, Flows, Note};

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const ACK: u8 = 0x10;

/// What came out, with the number of its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Opened(u64, Flow),
    Forgotten(u64),
    Chunk(u64, Peer, Vec<u8>, Stamp),
    Gap(u64, Peer, u64, Stamp),
    Conflict(u64, Peer, u64, u64, Stamp),
    Noted(u64, Peer, Note, Stamp),
    Over(u64),
}

pub(crate) struct Harness {
    pub(crate) flows: Flows,
    pub(crate) connections: BTreeMap<u64, (Connection, Roles)>,
    pub(crate) budget: Budget,
    pub(crate) log: Vec<Seen>,
    over: Vec<u64>,
    packets: u64,
}

impl Harness {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            flows: Flows::new(limits),
            connections: BTreeMap::new(),
            budget: Budget::new(limits),
            log: Vec::new(),
            over: Vec::new(),
            packets: 0,
        }
    }

    /// The stamp of the packet that comes next.
    pub(crate) fn next_stamp(&mut self, nanos: u64) -> Stamp {
        self.packets += 1;
        Stamp {
            packet: PacketRef::new(0, self.packets),
            time: Timestamp(nanos),
        }
    }

    pub(crate) fn segment(&mut self, segment: &Segment<'_>, nanos: u64) -> u64 {
        let stamp = self.next_stamp(nanos);
        let route = self.flows.route(segment, stamp);
        let number = route.connection;
        let forgotten: Vec<u64> = self.flows.take_forgotten().collect();
        for number in forgotten {
            self.finish(number, stamp);
            self.log.push(Seen::Forgotten(number));
        }
        if let Some(flow) = route.opened {
            assert_eq!(flow.number, number);
            let followed = (Connection::default(), flow.roles);
            self.connections.insert(number, followed);
            self.log.push(Seen::Opened(number, *flow));
        }
        let (connection, roles) = self.connections.get_mut(&number).unwrap();
        let name = |end| (number, roles.peer(end));
        let log = &mut self.log;
        connection.segment(
            route.from,
            &segment.bare(),
            stamp,
            &mut self.budget,
            &mut |end, delivery, stamp| log.push(seen(name(end), delivery, stamp)),
        );
        for (end, note, stamp) in connection.take_notes() {
            log.push(Seen::Noted(number, roles.peer(end), note, stamp));
        }
        for number in self.flows.take_relieved() {
            if let Some((connection, roles)) = self.connections.get_mut(&number) {
                let log = &mut self.log;
                let name = |end| (number, roles.peer(end));
                connection.give_up(stamp, &mut self.budget, &mut |end, delivery, stamp| {
                    log.push(seen(name(end), delivery, stamp));
                });
            }
        }
        let (connection, _) = self.connections.get_mut(&number).unwrap();
        if connection.is_over() && !self.over.contains(&number) {
            self.over.push(number);
            self.log.push(Seen::Over(number));
        }
        number
    }

    fn finish(&mut self, number: u64, stamp: Stamp) {
        let log = &mut self.log;
        if let Some((connection, roles)) = self.connections.get_mut(&number) {
            connection.finish(stamp, &mut self.budget, &mut |end, delivery, stamp| {
                log.push(seen((number, roles.peer(end)), delivery, stamp));
            });
            for (end, note, stamp) in connection.take_notes() {
                log.push(Seen::Noted(number, roles.peer(end), note, stamp));
            }
        }
    }

    /// The capture ends; how each connection stands.
    pub(crate) fn end(&mut self) -> Vec<(u64, Ending)> {
        let stamp = self.next_stamp(u64::MAX);
        let numbers: Vec<u64> = self.connections.keys().copied().collect();
        for &number in &numbers {
            self.finish(number, stamp);
        }
        assert_eq!(self.budget.held(), 0, "the budget must come back");
        let ending = |number| {
            let (connection, roles) = &self.connections[&number];
            (number, connection.ending().map(|end: End| roles.peer(end)))
        };
        numbers.into_iter().map(ending).collect()
    }
}

fn seen((number, peer): (u64, Peer), delivery: Delivery<'_>, stamp: Stamp) -> Seen {
    match delivery {
        Delivery::Chunk { bytes, begins } => {
            assert!(
                begins,
                "what TCP hands on begins where a segment begins or ends"
            );
            Seen::Chunk(number, peer, bytes.to_vec(), stamp)
        }
        Delivery::Gap(Missing::Bytes(len)) => Seen::Gap(number, peer, len, stamp),
        // Where the direction begins is not known yet.
        Delivery::Conflict { at, bytes } => {
            Seen::Conflict(number, peer, at.unwrap_or(0), bytes, stamp)
        }
        other @ Delivery::Gap(_) => panic!("TCP knows every length: {other:?}"),
    }
}

/// A segment between 10.0.0.1:40000, the client, and 10.0.0.2:80.
pub(crate) fn segment(from: Peer, flags: u8, seq: u32, ack: u32, payload: &[u8]) -> Segment<'_> {
    let client = endpoint("10.0.0.1:40000");
    let server = endpoint("10.0.0.2:80");
    let (source, destination) = match from {
        Peer::Client => (client, server),
        Peer::Server => (server, client),
    };
    Segment {
        source,
        destination,
        encapsulation: Encapsulation::default(),
        seq,
        ack,
        flags: Flags(flags),
        window: 0xffff,
        payload,
        payload_start: None,
        payload_len: u32::try_from(payload.len()).unwrap(),
        payload_sum: None,
    }
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
    let socket: std::net::SocketAddr = text.parse().unwrap();
    Endpoint {
        address: socket.ip(),
        port: socket.port(),
    }
}
