//! The same captures give byte-identical output, whatever the number of threads.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::io::Write;
use std::path::Path;

use wscope_testkit::{Compressor, Frame, Noise, Segment, pcap, upgrade};

use crate::common;

const THREADS: [&str; 4] = ["1", "2", "3", "8"];

/// Commands that read all of a capture.
const COMMANDS: &[&[&str]] = &[
    &["messages"],
    &["messages", "--hex"],
    &["messages", "--json"],
    &["messages", "--json", "-Y", "text contains \"1\""],
    &["connections"],
    &["connections", "--json"],
    &["stats"],
    &["stats", "--json"],
    &["stats", "--json", "--by", "target", "--deep"],
    &["check"],
    &["check", "--json"],
    &["check", "--all"],
    &["tune", "--json", "--sample", "8k", "--levels", "1"],
];

fn agree(command: &[&str], files: &[impl AsRef<Path>]) {
    let run = |threads: &str| {
        let mut wscope = common::wscope();
        wscope.args(command).args(["--threads", threads]);
        wscope.args(files.iter().map(AsRef::as_ref));
        wscope.output().unwrap()
    };
    let [first, others @ ..] = THREADS;
    let one = run(first);
    assert!(one.stdout.len() > 1000, "{command:?}: {one:?}");
    for threads in others {
        let more = run(threads);
        let what = format!("{command:?} by {threads}");
        assert!(one.stdout == more.stdout, "standard output of {what}");
        assert!(one.stderr == more.stderr, "standard error of {what}");
        assert_eq!(one.status, more.status, "{what}");
    }
}

/// Each capture twice: the same addresses come again, and blocks end between files.
#[test]
fn threads_do_not_change_a_byte_of_all_captures_at_once() {
    let files = [common::captures(), common::captures()].concat();
    for command in COMMANDS {
        agree(command, &files);
    }
}

/// Blocks of half a megabyte, in each of which all connections go on.
#[test]
fn threads_do_not_change_a_byte_of_connections_over_many_blocks() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let capture = many_blocks();
    assert!(capture.len() > 6 << 19, "{} bytes", capture.len());
    file.write_all(&capture).unwrap();
    for command in COMMANDS {
        agree(command, &[file.path()]);
    }
    let explained = ["explain", "--json", "-c", "7", "-m", "40"];
    agree(&explained, &[file.path()]);
}

/// One connection and what it writes next.
struct Connection {
    ports: (u16, u16),
    seq: [u32; 2],
    engines: Option<[Compressor; 2]>,
}

impl Connection {
    fn packet(&mut self, from: usize, flags: u8, payload: &[u8]) -> Vec<u8> {
        let segment = Segment {
            from_client: from == 0,
            ports: self.ports,
            vlan: None,
            seq: self.seq[from],
            ack: self.seq[1 - from],
            flags,
            payload,
        };
        let counted = u32::from(flags & 3 != 0) + u32::try_from(payload.len()).unwrap();
        self.seq[from] = self.seq[from].wrapping_add(counted);
        segment.packet()
    }

    fn open(&mut self, packets: &mut Vec<Vec<u8>>) {
        let extension = match self.engines {
            Some(_) => "permessage-deflate",
            None => "",
        };
        let (request, answer) = upgrade(extension, extension);
        for (from, flags) in [(0, 2), (1, 0x12), (0, 0x10)] {
            packets.push(self.packet(from, flags, &[]));
        }
        packets.push(self.packet(0, 0x10, &request));
        packets.push(self.packet(1, 0x10, &answer));
    }

    /// A message, in as many segments as it takes.
    fn say(&mut self, from: usize, noise: &mut Noise, packets: &mut Vec<Vec<u8>>) {
        let words: Vec<_> = (0..noise.between(2, 300))
            .map(|_| noise.below(5000))
            .collect();
        let plain = format!("{{\"port\":{},\"values\":{words:?}}}", self.ports.0);
        let (first, payload) = match &mut self.engines {
            Some(engines) if !noise.one_in(8) => (0xc1, engines[from].message(plain.as_bytes())),
            _ => (0x81, plain.into_bytes()),
        };
        let mut frame = Frame::bare(first, &payload);
        frame.mask = (from == 0).then(|| noise.key());
        for piece in frame.bytes().chunks(1400) {
            packets.push(self.packet(from, 0x10, piece));
        }
        packets.push(self.packet(1 - from, 0x10, &[]));
    }

    fn close(&mut self, packets: &mut Vec<Vec<u8>>) {
        for from in [0, 1] {
            let frame = match from {
                0 => Frame::masked(0x88, &[3, 0xe8]),
                _ => Frame::bare(0x88, &[3, 0xe8]),
            };
            packets.push(self.packet(from, 0x10, &frame.bytes()));
        }
        packets.push(self.packet(1, 0x11, &[]));
        packets.push(self.packet(0, 0x11, &[]));
    }
}

/// A capture of connections that all last over it: some lose packets, some are left open.
fn many_blocks() -> Vec<u8> {
    let mut noise = Noise::new(8);
    let mut packets = Vec::new();
    let mut connections: Vec<Connection> = (0..24)
        .map(|number: u16| Connection {
            ports: (40_000 + number, 8080),
            seq: [0xffff_f000 + u32::from(number), 7],
            engines: (number % 5 != 4).then(|| {
                let reset = number.is_multiple_of(3);
                [0, 1].map(|_| Compressor::new(6, 15, reset))
            }),
        })
        .collect();
    for connection in &mut connections {
        connection.open(&mut packets);
    }
    let opening = packets.len();
    while packets.len() < 11_000 {
        let which = noise.below(connections.len());
        let from = noise.below(2);
        connections[which].say(from, &mut noise, &mut packets);
    }
    for connection in connections.iter_mut().step_by(2) {
        connection.close(&mut packets);
    }
    // Neighbours change places, and some packets are lost.
    for at in opening..packets.len() - 1 {
        if noise.one_in(40) {
            packets.swap(at, at + 1);
        }
    }
    let kept = (0..)
        .zip(&packets)
        .filter(|(at, _)| *at < opening || !noise.one_in(300));
    let time = |at: usize| 1_700_000_000_000_000_000 + at as u64 * 1_000_000;
    pcap(kept.map(|(at, data)| (time(at), data.as_slice(), data.len())))
}
