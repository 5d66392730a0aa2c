//! From a capture to what TLS carried: packets through the front and TCP into `Records`.

use std::collections::BTreeMap;
use std::path::Path;

use wscope::base::{Limits, PacketRef, Peer, PerPeer, Roles, Stamp, Timestamp};
use wscope::capture::{Block, Input, LinkType, Packet, Source};
use wscope::pipeline::Front;
use wscope::stream::{Delivery, Missing, Stamps};
use wscope::tcp::{Budget, Connection};
use wscope::tls::{Facts, KeyLog, Keys, Note, Out, Records, Source as KeySource};

/// A packet that lies in memory.
#[derive(Clone)]
pub(crate) struct Owned {
    place: PacketRef,
    time: Timestamp,
    link: LinkType,
    pub(crate) data: Vec<u8>,
    wire_len: u32,
}

impl Owned {
    fn packet(&self) -> Packet<'_> {
        Packet {
            place: self.place,
            time: self.time,
            link: self.link,
            data: &self.data,
            wire_len: self.wire_len,
        }
    }
}

/// Bytes or a gap of one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Bytes(Vec<u8>),
    Gap(Missing),
}

/// What came out of one connection.
#[derive(Debug, Default, Clone)]
pub(crate) struct Said {
    pub(crate) items: PerPeer<Vec<Item>>,
    pub(crate) notes: Vec<(Peer, Note)>,
}

impl Out for Said {
    fn begins(&mut self, _: Facts) {}

    fn bytes(&mut self, from: Peer, delivery: Delivery<'_>, _: Stamps) {
        self.items[from].push(match delivery {
            Delivery::Chunk { bytes, .. } => Item::Bytes(bytes.to_vec()),
            Delivery::Gap(missing) => Item::Gap(missing),
            Delivery::Conflict { .. } => return,
        });
    }

    fn note(&mut self, from: Peer, note: Note, _: Stamps) {
        self.notes.push((from, note));
    }
}

impl Said {
    pub(crate) fn known(&self, from: Peer) -> Vec<u8> {
        let bytes = self.items[from].iter().filter_map(|item| match item {
            Item::Bytes(bytes) => Some(bytes.as_slice()),
            Item::Gap(_) => None,
        });
        bytes.flatten().copied().collect()
    }

    pub(crate) fn gaps(&self, from: Peer) -> usize {
        let gaps = self.items[from].iter();
        gaps.filter(|item| matches!(item, Item::Gap(_))).count()
    }
}

pub(crate) fn packets(path: &Path) -> Vec<Owned> {
    let limits = Limits::default();
    let mut source = Source::new(vec![Input::from(path.to_path_buf())], limits);
    let mut block = Block::default();
    let mut packets = Vec::new();
    while source.read(&mut block).unwrap() {
        packets.extend(block.packets().map(|packet| Owned {
            place: packet.place,
            time: packet.time,
            link: packet.link,
            data: packet.data.to_vec(),
            wire_len: packet.wire_len,
        }));
    }
    packets
}

pub(crate) fn keys(path: &Path) -> Keys {
    keys_of(&std::fs::read(path).unwrap())
}

pub(crate) fn keys_of(text: &[u8]) -> Keys {
    let mut log = KeyLog::default();
    log.read(text, KeySource::File);
    log.into()
}

/// Each connection's data and facts, by number.
pub(crate) fn run(packets: &[Owned], keys: &Keys) -> BTreeMap<u64, (Said, Facts)> {
    run_with(packets, keys, &mut |at| at.max(1))
}

/// The same, with TCP's chunks cut again: `cut` gives a size for a length.
pub(crate) fn run_with(
    packets: &[Owned],
    keys: &Keys,
    cut: &mut dyn FnMut(usize) -> usize,
) -> BTreeMap<u64, (Said, Facts)> {
    run_renewed(packets, keys, cut, None)
}

/// The same, with other secrets from the packet of that place on.
pub(crate) fn run_growing(
    packets: &[Owned],
    (first, then): (&Keys, &Keys),
    after: usize,
) -> BTreeMap<u64, (Said, Facts)> {
    run_renewed(packets, first, &mut |at| at.max(1), Some((after, then)))
}

fn run_renewed(
    packets: &[Owned],
    keys: &Keys,
    cut: &mut dyn FnMut(usize) -> usize,
    renewed: Option<(usize, &Keys)>,
) -> BTreeMap<u64, (Said, Facts)> {
    let limits = Limits::default();
    let mut front = Front::new(limits);
    let mut budget = Budget::new(limits);
    let mut open: BTreeMap<u64, (Connection, Records, Said, Roles)> = BTreeMap::new();
    let mut last = Stamp::default();
    for (place, owned) in packets.iter().enumerate() {
        if let Some((_, keys)) = renewed.filter(|(after, _)| *after == place) {
            for (_, records, _, _) in open.values_mut() {
                records.renew(keys);
            }
        }
        let packet = owned.packet();
        let Some(routed) = front.packet(&packet) else {
            continue;
        };
        last = routed.stamp;
        if let Some(flow) = &routed.opened {
            let records = Records::new(keys.clone(), limits, true);
            let tcp = Connection::default();
            open.insert(
                routed.connection,
                (tcp, records, Said::default(), flow.roles),
            );
        }
        let Some((tcp, records, said, roles)) = open.get_mut(&routed.connection) else {
            continue;
        };
        tcp.segment(
            routed.from,
            &routed.segment.bare(),
            routed.stamp,
            &mut budget,
            &mut |end, delivery, stamp| {
                deliver(records, said, roles.peer(end), delivery, stamp, cut);
            },
        );
    }
    open.into_iter()
        .map(|(number, (mut tcp, mut records, mut said, roles))| {
            tcp.finish(last, &mut budget, &mut |end, delivery, stamp| {
                deliver(
                    &mut records,
                    &mut said,
                    roles.peer(end),
                    delivery,
                    stamp,
                    cut,
                );
            });
            records.finish(last, &mut said);
            let facts = records.facts();
            (number, (said, facts))
        })
        .collect()
}

fn deliver(
    records: &mut Records,
    said: &mut Said,
    from: Peer,
    delivery: Delivery<'_>,
    stamp: Stamp,
    cut: &mut dyn FnMut(usize) -> usize,
) {
    let Delivery::Chunk {
        mut bytes,
        mut begins,
    } = delivery
    else {
        return records.delivery(from, delivery, stamp.into(), said);
    };
    while !bytes.is_empty() {
        let (part, rest) = bytes.split_at(cut(bytes.len()).clamp(1, bytes.len()));
        let delivery = Delivery::Chunk {
            bytes: part,
            begins,
        };
        records.delivery(from, delivery, stamp.into(), said);
        (bytes, begins) = (rest, false);
    }
}

/// Whether what a damaged run gave can be what the whole run gave, with gaps no longer than said.
pub(crate) fn agrees(damaged: &[Item], whole: &[u8]) -> Result<(), String> {
    // All places at which the next item may begin.
    let mut at: Vec<bool> = vec![false; whole.len() + 1];
    at[0] = true;
    for (number, item) in damaged.iter().enumerate() {
        let mut next = vec![false; whole.len() + 1];
        match item {
            Item::Bytes(bytes) => {
                for place in (0..=whole.len()).filter(|&place| at[place]) {
                    if whole[place..].starts_with(bytes) {
                        next[place + bytes.len()] = true;
                    }
                }
            }
            Item::Gap(missing) => {
                for place in (0..=whole.len()).filter(|&place| at[place]) {
                    let (least, most) = match *missing {
                        Missing::Bytes(n) => (n, n),
                        Missing::AtMost(n) => (0, n),
                        Missing::Unknown => (0, u64::MAX),
                    };
                    let left = (whole.len() - place) as u64;
                    for skip in least..=most.min(left) {
                        next[place + usize::try_from(skip).unwrap()] = true;
                    }
                }
            }
        }
        if !next.contains(&true) {
            return Err(format!(
                "item {number} of {} does not fit: {item:?}",
                damaged.len()
            ));
        }
        at = next;
    }
    if at[whole.len()] {
        Ok(())
    } else {
        Err("the end is missing, and nothing says so".to_owned())
    }
}
