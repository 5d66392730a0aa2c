//! Memory is taken for connections, not for messages.
//!
//! Counts what a run of `stats` allocates on a capture, and on the same with twice as many messages. Once each buffer has
//! grown to what its connection needs, a message must need none.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::fmt::Write;
use std::io::Cursor;

use wscope::base::Limits;
use wscope::capture::{Block, Source};
use wscope::parallel::{self, Feed};
use wscope::pipeline::Options;
use wscope::session::Detail;
use wscope::stats::Stats;
use wscope_testkit::{Compressor, Frame, Noise, Segment, pcap, upgrade};

const CONNECTIONS: u16 = 4;

/// Messages until the buffers have grown.
const FEW: u64 = 4_000;

/// What a full segment of Ethernet carries.
const SEGMENT: usize = 1448;

const SYN: u8 = 2;
const ACK: u8 = 0x10;

/// A connection that is written to a capture.
struct Connection {
    port: u16,
    /// Sequence numbers of server and client.
    next: [u32; 2],
    compressors: Option<[Compressor; 2]>,
}

impl Connection {
    fn segment(
        &mut self,
        from_client: bool,
        flags: u8,
        payload: &[u8],
        packets: &mut Vec<Vec<u8>>,
    ) {
        let (here, there) = (usize::from(from_client), usize::from(!from_client));
        let segment = Segment {
            from_client,
            ports: (self.port, 8080),
            vlan: None,
            seq: self.next[here],
            ack: self.next[there],
            flags,
            payload,
        };
        packets.push(segment.packet());
        let len = u32::try_from(payload.len()).unwrap() + u32::from(flags & SYN != 0);
        self.next[here] = self.next[here].wrapping_add(len);
    }

    fn open(&mut self, packets: &mut Vec<Vec<u8>>) {
        self.segment(true, SYN, &[], packets);
        self.segment(false, SYN | ACK, &[], packets);
        self.segment(true, ACK, &[], packets);
        let extension = match self.compressors {
            Some(_) => "permessage-deflate",
            None => "",
        };
        let (request, answer) = upgrade(extension, extension);
        self.segment(true, ACK, &request, packets);
        self.segment(false, ACK, &answer, packets);
    }

    /// Sends frames in as few segments as they take.
    fn send(&mut self, from_client: bool, frames: &[u8], packets: &mut Vec<Vec<u8>>) {
        for part in frames.chunks(SEGMENT) {
            self.segment(from_client, ACK, part, packets);
        }
        self.segment(!from_client, ACK, &[], packets);
    }

    fn frame(&mut self, from_client: bool, first: u8, payload: &[u8]) -> Vec<u8> {
        let compressors = self.compressors.as_mut();
        let compressors = compressors.filter(|_| first & 8 == 0);
        let (first, body) = match compressors {
            Some(both) => {
                let compressor = &mut both[usize::from(from_client)];
                (first | 0x40, compressor.message(payload))
            }
            None => (first, payload.to_vec()),
        };
        let frame = if from_client {
            Frame::masked(first, &body)
        } else {
            Frame::bare(first, &body)
        };
        frame.bytes()
    }
}

/// A capture file with so many messages: small ones, some together, some longer than a segment, pings.
fn capture(messages: u64, compressed: bool) -> Vec<u8> {
    let mut noise = Noise::new(7692);
    let mut packets = Vec::new();
    let compressor = || Compressor::new(6, 15, false);
    let mut connections: Vec<Connection> = (0..CONNECTIONS)
        .map(|number| Connection {
            port: 40_000 + number,
            next: [1000, 9000],
            compressors: compressed.then(|| [compressor(), compressor()]),
        })
        .collect();
    for connection in &mut connections {
        connection.open(&mut packets);
    }
    let mut frames = Vec::new();
    for number in 1..=messages {
        let connection = &mut connections[noise.below(usize::from(CONNECTIONS))];
        let from_client = noise.one_in(2);
        let (first, payload) = if noise.one_in(100) {
            (0x89, noise.bytes(8))
        } else {
            (0x81, text(number, &mut noise).into_bytes())
        };
        frames.extend(connection.frame(from_client, first, &payload));
        if noise.one_in(8) {
            // The next one goes with it.
            let payload = text(number, &mut noise).into_bytes();
            frames.extend(connection.frame(from_client, 0x81, &payload));
        }
        connection.send(from_client, &frames, &mut packets);
        frames.clear();
    }
    let packets = (1..).zip(&packets);
    pcap(packets.map(|(number, data)| (number * 1_000_000, data.as_slice(), data.len())))
}

/// JSON as applications send it, of some 200 bytes, or of some 6,000.
fn text(number: u64, noise: &mut Noise) -> String {
    let items = if noise.one_in(16) { 100 } else { 3 };
    let mut text = format!(r#"{{"number":{number},"items":["#);
    for item in 0..items {
        let comma = if item == 0 { "" } else { "," };
        let (price, size) = (noise.below(100_000), noise.below(1000));
        let _ = write!(
            text,
            r#"{comma}{{"item":{item},"price":{price},"size":{size}}}"#
        );
    }
    text.push_str("]}");
    text
}

struct Bytes(Source);

impl Feed for Bytes {
    fn read(&mut self, block: &mut Block) -> bool {
        self.0.read(block).unwrap()
    }
}

/// Messages on a capture, and how often a run over it allocates.
fn run(capture: &[u8], detail: Detail) -> (u64, u64) {
    let mut messages = 0;
    let reader = Box::new(Cursor::new(capture.to_vec()));
    let counted = allocation_counter::measure(|| {
        let mut feed = Bytes(Source::from_reader("made", reader, Limits::default()));
        let run = parallel::fold(1, &Options::new(detail), Stats::default, &mut feed);
        messages = run.tally.messages;
    });
    (messages, counted.count_total)
}

fn check(compressed: bool, detail: Detail) {
    let few = run(&capture(FEW, compressed), detail);
    let many = run(&capture(FEW * 2, compressed), detail);
    let messages = many.0 - few.0;
    let allocations = many.1.saturating_sub(few.1);
    assert!(messages >= FEW && few.1 > 0, "{few:?} {many:?}");
    // What is left is a table of the whole run that doubled.
    assert!(
        allocations * 1000 <= messages,
        "{allocations} allocations more for {messages} messages more: {few:?} {many:?}"
    );
}

#[test]
fn a_compressed_message_needs_no_allocation() {
    check(true, Detail::Sizes);
}

#[test]
fn a_plain_message_needs_no_allocation() {
    check(false, Detail::Sizes);
}

#[test]
fn a_compressed_message_with_its_payload_needs_no_allocation() {
    check(true, Detail::Payloads);
}

#[test]
fn a_plain_message_with_its_payload_needs_no_allocation() {
    check(false, Detail::Payloads);
}
