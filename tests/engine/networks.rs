//! Talks on networks and in captures that are not as they should be: whatever is lost, late, twice,
//! damaged, made up or mixed with another talk, no byte that is shown is wrong, and where nothing is
//! lost, nothing is missing.
//!
//! The truth is known because the talks are made here. Seeds are fixed; `WSCOPE_NETWORKS=20000`
//! runs more, `WSCOPE_SEED=N` others. `WSCOPE_FIRST=SEED WSCOPE_NETWORKS=1 WSCOPE_KEEP=FILE` runs one
//! that failed, by its number, and writes it as a capture.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeMap;

use wscope::base::Peer;
use wscope::event::Status;
use wscope_testkit::{Compressor, Noise, upgrade};

use crate::wire::{ACK, Built, FIN, RST, SYN, Seen, Tcp, checksum, frame, run};

/// Where the TCP header begins: after Ethernet and IPv4.
const TCP: usize = 34;
const SEQ: usize = TCP + 4;
const PSH: u8 = 8;
const FLAGS: usize = TCP + 13;
const PAYLOAD: usize = TCP + 20;

type Packets = Vec<Built>;

/// A kind of damage: its name, whether all that was sent stays in the capture, and the deed.
struct Kind(&'static str, bool, fn(&mut Packets, &mut Noise));

const KINDS: &[Kind] = &[
    Kind("packets lost", false, lost),
    Kind("a run of packets lost", false, run_lost),
    Kind("packets twice at once", true, twice),
    Kind("packets again later", true, again),
    Kind("neighbours swapped", true, swapped),
    Kind("a packet late", true, late),
    Kind("a packet early", true, early),
    Kind("cut by a snaplen", false, cut),
    Kind("begun late", false, begun_late),
    Kind("ended early", false, ended_early),
    Kind("no SYN", false, no_syn),
    Kind("no head", false, no_head),
    Kind("one direction", false, one_direction),
    Kind("sent again with other cuts", true, recut),
    Kind("damaged copies", true, damaged),
    Kind("keep-alive probes with a byte", true, probes),
    Kind("resets that nobody took", true, resets),
    Kind("stray SYNs", true, stray_syns),
    Kind("seen on a VLAN too", true, on_vlan),
];

/// Kinds that move packets.
const MOVES: &[&str] = &["neighbours swapped", "a packet late", "a packet early"];

/// A talk: its packets and all payloads that were sent on it.
struct Talk {
    packets: Packets,
    sent: Vec<Vec<u8>>,
}

fn number(noise: &mut Noise) -> u32 {
    u32::from_be_bytes(noise.key())
}

fn talk(noise: &mut Noise, name: &str, (client, server): (u32, u32)) -> Talk {
    let compress = noise.one_in(2);
    let offer = if compress { "permessage-deflate" } else { "" };
    let mut tcp = Tcp::silent(client, server);
    tcp.sound = Some(true);
    tcp.handshake();
    let (request, answer) = upgrade(offer, offer);
    tcp.send(Peer::Client, &request);
    tcp.send(Peer::Server, &answer);
    let mut engines = [Compressor::new(6, 15, false), Compressor::new(6, 15, false)];
    let mut sent = Vec::new();
    for index in 0..noise.between(8, 40) {
        let from = if noise.one_in(2) {
            Peer::Client
        } else {
            Peer::Server
        };
        let filler: String = (0..noise.between(1, 60))
            .map(|_| ["balance ", "order ", "\u{e9}t\u{e9} ", "tick "][noise.below(4)])
            .collect();
        let text = format!("{name} {from} {index} {filler}{}", number(noise));
        let bytes = if compress {
            let engine = &mut engines[usize::from(from == Peer::Server)];
            frame(from, 0xc1, &engine.message(text.as_bytes()))
        } else {
            frame(from, 0x81, text.as_bytes())
        };
        sent.push(text.into_bytes());
        tcp.send_cut(from, &bytes, noise.between(40, 1400));
        if !noise.one_in(3) {
            tcp.ack(from.other());
        }
    }
    for from in Peer::BOTH {
        tcp.send(from, &frame(from, 0x88, &[3, 0xe8]));
        sent.push(vec![3, 0xe8]);
    }
    tcp.fin(Peer::Server);
    tcp.fin(Peer::Client);
    tcp.ack(Peer::Server);
    // Senders push what ends a write; keep-alive probes are not pushed.
    for packet in tcp.packets.iter_mut().filter(|packet| packet.has_payload) {
        packet.data[FLAGS] |= PSH;
        checksum(&mut packet.data, TCP, true);
    }
    Talk {
        packets: tcp.packets,
        sent,
    }
}

/// A place after the handshake.
fn place(packets: &Packets, noise: &mut Noise) -> usize {
    noise.between(5.min(packets.len() - 1), packets.len() - 1)
}

fn seq(packet: &Built) -> u32 {
    u32::from_be_bytes(packet.data[SEQ..SEQ + 4].try_into().unwrap())
}

/// The header of `packet` with other numbers, flags and payload.
fn made(packet: &Built, seq: u32, flags: u8, payload: &[u8]) -> Built {
    let mut data = packet.data[..PAYLOAD].to_vec();
    data[SEQ..SEQ + 4].copy_from_slice(&seq.to_be_bytes());
    data[FLAGS] = flags;
    data.extend_from_slice(payload);
    let len = u16::try_from(data.len() - 14).unwrap();
    data[16..18].copy_from_slice(&len.to_be_bytes());
    checksum(&mut data, TCP, true);
    Built {
        wire_len: data.len(),
        data,
        has_payload: !payload.is_empty(),
    }
}

fn whole(packet: &Built) -> bool {
    packet.has_payload && packet.data.len() == packet.wire_len && packet.data[12] == 8
}

fn lost(packets: &mut Packets, noise: &mut Noise) {
    packets.retain(|_| !noise.one_in(25));
}

fn run_lost(packets: &mut Packets, noise: &mut Noise) {
    let from = noise.below(packets.len());
    let to = (from + noise.between(1, 20)).min(packets.len());
    packets.drain(from..to);
}

fn twice(packets: &mut Packets, noise: &mut Noise) {
    let all = std::mem::take(packets);
    for packet in all {
        let copy = noise.one_in(6).then(|| packet.clone());
        packets.push(packet);
        packets.extend(copy);
    }
}

fn again(packets: &mut Packets, noise: &mut Noise) {
    for _ in 0..noise.between(1, 4) {
        let at = noise.below(packets.len());
        let to = (at + noise.between(2, 30)).min(packets.len());
        let copy = packets[at].clone();
        packets.insert(to, copy);
    }
}

fn swapped(packets: &mut Packets, noise: &mut Noise) {
    for at in (1..packets.len()).step_by(2) {
        if noise.one_in(5) {
            packets.swap(at - 1, at);
        }
    }
}

fn late(packets: &mut Packets, noise: &mut Noise) {
    let at = place(packets, noise);
    let packet = packets.remove(at);
    let to = (at + noise.between(1, 60)).min(packets.len());
    packets.insert(to, packet);
}

fn early(packets: &mut Packets, noise: &mut Noise) {
    let at = place(packets, noise);
    let packet = packets.remove(at);
    let to = at
        .saturating_sub(noise.between(1, 12))
        .max(5)
        .min(packets.len());
    packets.insert(to, packet);
}

fn cut(packets: &mut Packets, noise: &mut Noise) {
    let snaplen = noise.between(60, 300);
    for packet in packets {
        packet.data.truncate(snaplen);
    }
}

fn begun_late(packets: &mut Packets, noise: &mut Noise) {
    let from = noise.below(packets.len() / 2 + 1);
    packets.drain(..from);
}

fn ended_early(packets: &mut Packets, noise: &mut Noise) {
    let len = packets.len();
    packets.truncate(noise.between(len / 2, len).max(1));
}

fn no_syn(packets: &mut Packets, noise: &mut Noise) {
    let which = noise.below(3);
    packets.retain(|packet| {
        let flags = packet.data[FLAGS];
        let client = flags & ACK == 0;
        flags & SYN == 0 || which == 1 && client || which == 2 && !client
    });
}

fn no_head(packets: &mut Packets, noise: &mut Noise) {
    let which = noise.below(3);
    let head = |packet: &Built, start: &[u8]| {
        packet
            .data
            .get(PAYLOAD..)
            .is_some_and(|payload| payload.starts_with(start))
    };
    packets.retain(|packet| {
        let request = which != 1 && head(packet, b"GET ");
        !request && (which == 2 || !head(packet, b"HTTP/1.1 101"))
    });
}

fn one_direction(packets: &mut Packets, noise: &mut Noise) {
    let side = 1 + u8::from(noise.one_in(2));
    packets.retain(|packet| packet.data[29] != side);
}

fn recut(packets: &mut Packets, noise: &mut Noise) {
    for _ in 0..3 {
        let at = place(packets, noise);
        let packet = packets[at].clone();
        if !whole(&packet) {
            continue;
        }
        let payload = &packet.data[PAYLOAD..];
        let from = noise.below(payload.len());
        let to = noise.between(from + 1, payload.len());
        let start = seq(&packet).wrapping_add(u32::try_from(from).unwrap());
        let copy = made(&packet, start, PSH | ACK, &payload[from..to]);
        packets.insert((at + 1 + noise.below(8)).min(packets.len()), copy);
    }
}

fn damaged(packets: &mut Packets, noise: &mut Noise) {
    for _ in 0..noise.between(1, 3) {
        let at = place(packets, noise);
        if whole(&packets[at]) {
            damage(packets, at, noise);
        }
    }
}

/// A copy before the packet at `at`, with one bit wrong.
fn damage(packets: &mut Packets, at: usize, noise: &mut Noise) {
    let mut copy = packets[at].clone();
    // A second bit could make up for the first one in the sum.
    checksum(&mut copy.data, TCP, true);
    if copy.data != packets[at].data {
        return;
    }
    let bit = noise.below((copy.data.len() - PAYLOAD) * 8);
    copy.data[PAYLOAD + bit / 8] ^= 1 << (bit % 8);
    packets.insert(at, copy);
}

/// Damaged copies before the first segments of a sender, or of both.
fn damaged_first(packets: &mut Packets, noise: &mut Noise) {
    let which = noise.below(3);
    for side in [1, 2] {
        if which + 1 == side {
            continue;
        }
        let of_side = |packet: &Built| whole(packet) && usize::from(packet.data[29]) == side;
        let places = (0..packets.len()).filter(|at| of_side(&packets[*at]));
        let places: Vec<_> = places.take(noise.between(1, 2)).collect();
        for at in places.into_iter().rev() {
            damage(packets, at, noise);
        }
    }
}

fn probes(packets: &mut Packets, noise: &mut Noise) {
    for _ in 0..3 {
        let at = place(packets, noise);
        let packet = packets[at].clone();
        if !whole(&packet) || packet.data[FLAGS] & FIN != 0 {
            continue;
        }
        let len = u32::try_from(packet.data.len() - PAYLOAD).unwrap();
        let last = seq(&packet).wrapping_add(len - 1);
        packets.insert(at + 1, made(&packet, last, ACK, b"?"));
    }
}

fn resets(packets: &mut Packets, noise: &mut Noise) {
    // Not in the last packets, behind which nothing shows that nobody took it.
    let at = noise.between(5.min(packets.len() / 2), packets.len() / 2);
    let packet = packets[at].clone();
    if !whole(&packet) {
        return;
    }
    let len = u32::try_from(packet.data.len() - PAYLOAD).unwrap();
    let further = [0, 1460, 40_000, 1_000_000_000][noise.below(4)];
    let number = seq(&packet).wrapping_add(len).wrapping_add(further);
    packets.insert(at + 1, made(&packet, number, RST | ACK, b""));
}

fn stray_syns(packets: &mut Packets, noise: &mut Noise) {
    for _ in 0..noise.between(1, 2) {
        let at = place(packets, noise);
        let stray = made(&packets[at].clone(), number(noise), SYN, b"");
        packets.insert(at, stray);
    }
}

fn on_vlan(packets: &mut Packets, _: &mut Noise) {
    let all = std::mem::take(packets);
    for packet in all {
        let mut tagged = packet.clone();
        tagged.data.splice(12..12, [0x81, 0, 0, 42]);
        tagged.wire_len += 4;
        packets.extend([packet, tagged]);
    }
}

/// Whether `seen` shows nothing but what was sent.
fn is_true(seen: &Seen, sent: &[Vec<u8>]) -> bool {
    let payload = &seen.payload;
    let known = |at: usize| {
        let at = at as u64;
        !seen
            .holes
            .iter()
            .any(|(start, len)| (*start..start + len).contains(&at))
    };
    sent.iter().any(|truth| match seen.status {
        Status::Lost(_) => true,
        Status::Complete => truth == payload,
        Status::Partial(_) if seen.holes.is_empty() => {
            truth.starts_with(payload) || truth.ends_with(payload)
        }
        Status::Partial(_) => {
            let mut pairs = truth.iter().zip(payload).enumerate();
            payload.len() <= truth.len() && pairs.all(|(at, (a, b))| a == b || !known(at))
        }
    })
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What a series of talks came to.
#[derive(Default)]
struct Series {
    wrong: Vec<String>,
    missing: Vec<String>,
    by_kind: BTreeMap<&'static str, (usize, usize)>,
}

impl Series {
    /// Does what `kinds` say to a talk made of `seed`, in this order, and looks at what is reported.
    fn talk(&mut self, seed: u64, choose: impl Fn(&mut Noise) -> Vec<&'static Kind>) {
        let mut noise = Noise::new(seed);
        let start = (number(&mut noise), number(&mut noise));
        let mut one = talk(&mut noise, "one", start);
        // The same four-tuple again, now and then, its SYNs not captured.
        let reused = noise.one_in(5);
        if reused {
            let ahead = [5000, 200_000, 1 << 31][noise.below(3)];
            let start = (start.0.wrapping_add(ahead), start.1.wrapping_add(ahead));
            let two = talk(&mut noise, "two", start);
            one.packets.extend(two.packets.into_iter().skip(3));
            one.sent.extend(two.sent);
        }
        let kinds = choose(&mut noise);
        for Kind(_, _, deed) in &kinds {
            // What tags packets comes last: the others know where headers lie.
            let tags = std::ptr::fn_addr_eq(*deed, on_vlan as fn(&mut Packets, &mut Noise));
            if !tags && one.packets.len() > 8 {
                deed(&mut one.packets, &mut noise);
            }
        }
        let names: Vec<_> = kinds.iter().map(|kind| kind.0).collect();
        if names.contains(&"seen on a VLAN too") {
            on_vlan(&mut one.packets, &mut noise);
        }
        self.look(seed, &one, reused, &kinds);
    }

    fn look(&mut self, seed: u64, one: &Talk, reused: bool, kinds: &[&'static Kind]) {
        let names: Vec<_> = kinds.iter().map(|kind| kind.0).collect();
        if let Ok(path) = std::env::var("WSCOPE_KEEP") {
            keep(path, &one.packets);
        }
        let told = run(&one.packets);
        let repaired = told.has("damaged-copy");
        // Of a damaged copy that was cut nobody can say that it is damaged.
        let damaged = names.iter().any(|name| name.starts_with("damaged"));
        let unjudged = damaged && names.contains(&"cut by a snaplen");
        if let Some(bad) = told.messages.iter().find(|seen| !is_true(seen, &one.sent))
            && !(repaired || unjudged)
        {
            let text = String::from_utf8_lossy(&bad.payload);
            self.wrong.push(format!("seed {seed}, {names:?}: {text}"));
        }
        let complete = told
            .messages
            .iter()
            .filter(|seen| seen.status == Status::Complete);
        let complete = complete.count();
        // What moves from one connection into the other, with numbers that fit, is the other's.
        let mixed = reused && kinds.iter().any(|kind| MOVES.contains(&kind.0));
        if !mixed && kinds.iter().all(|kind| kind.1) && complete != one.sent.len() {
            let of = one.sent.len();
            self.missing
                .push(format!("seed {seed}, {names:?}: {complete} of {of}"));
        }
        if let [name] = names[..] {
            let sums = self.by_kind.entry(name).or_default();
            *sums = (sums.0 + complete, sums.1 + one.sent.len());
        }
    }

    fn conclude(self) {
        for (name, (complete, sent)) in &self.by_kind {
            println!("{name}: {complete} of {sent} messages complete");
        }
        let bad = (self.wrong.len(), self.missing.len());
        let Self { wrong, missing, .. } = self;
        assert_eq!(bad, (0, 0), "wrong {wrong:#?}, missing {missing:#?}");
    }
}

/// Writes packets as a capture, a millisecond apart.
fn keep(path: String, packets: &Packets) {
    let word = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let head = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 1 << 18, 1];
    let mut file: Vec<u8> = head.into_iter().flat_map(word).collect();
    for (at, packet) in packets.iter().enumerate() {
        let record = [
            at / 1000,
            at % 1000 * 1000,
            packet.data.len(),
            packet.wire_len,
        ];
        file.extend(record.into_iter().flat_map(word));
        file.extend_from_slice(&packet.data);
    }
    std::fs::write(path, file).unwrap();
}

/// So many new talks, and those that were `mended`, or the one that is asked for.
fn seeds(count: u64, mended: &'static [u64]) -> impl Iterator<Item = u64> {
    let count = variable("WSCOPE_NETWORKS").unwrap_or(count);
    let first = variable("WSCOPE_SEED").unwrap_or(1) << 32;
    let one = variable("WSCOPE_FIRST").map(|first| first & !(1 << 63));
    let first = one.unwrap_or(first);
    let mended = if one.is_some() { &[] } else { mended };
    (first..first + count).chain(mended.iter().copied())
}

fn any_of<'a>(kinds: &'a [Kind], noise: &mut Noise) -> &'a Kind {
    &kinds[noise.below(kinds.len())]
}

/// Talks that went wrong once: a lone SYN took the next connection's segments for its own (twice), and
/// what was taken from a damaged copy was not told where the head was missing.
const MENDED: [u64; 3] = [
    87_020_873_550_137_391,
    87_020_873_550_137_607,
    330_712_499_052,
];

#[test]
fn nothing_wrong_is_shown_and_nothing_whole_is_missing() {
    let mut series = Series::default();
    for seed in seeds(800, &MENDED) {
        series.talk(seed, |noise| {
            (0..noise.between(1, 3))
                .map(|_| any_of(KINDS, noise))
                .collect()
        });
    }
    series.conclude();
}

/// Beginnings that are missing.
const BEGINNINGS: &[Kind] = &[
    Kind("no SYN", false, no_syn),
    Kind("begun late", false, begun_late),
    Kind("no head", false, no_head),
    Kind("one direction", false, one_direction),
    Kind("whole", true, |_, _| {}),
];

/// What makes a beginning hard to see.
const DOUBTS: &[Kind] = &[
    Kind("damaged first copies", true, damaged_first),
    Kind("damaged copies", true, damaged),
    Kind("stray SYNs", true, stray_syns),
    Kind("neighbours swapped", true, swapped),
    Kind("a packet late", true, late),
    Kind("packets twice at once", true, twice),
];

/// Four copies of a damaged segment were taken for four wrong checksums.
const CAPTURED_TWICE: u64 = 112_150_297_702_313_678;

#[test]
fn beginnings_in_doubt_are_shown_right() {
    let mut series = Series::default();
    for seed in seeds(400, &[CAPTURED_TWICE]) {
        series.talk(seed ^ 1 << 63, |noise| {
            let beginning = any_of(BEGINNINGS, noise);
            let mut kinds = vec![beginning, &DOUBTS[0]];
            kinds.extend((0..noise.below(3)).map(|_| any_of(DOUBTS, noise)));
            kinds
        });
    }
    series.conclude();
}
