//! The lab as a capture file.
//!
//! Job: put the handshake and what both sides write into TCP packets, so that all that reads
//! captures reads the lab. Input: heads and writes. Output: a pcap file in memory. Checksums are
//! zero, as where the network card computes them. RFC 9293 §3.1, RFC 6455 §4.

use super::controls::{Controls, Proxy};
use crate::base::{Peer, PerPeer};

/// Payload bytes of a packet on Ethernet.
const SEGMENT: usize = 1460;
/// When the lab begins, in nanoseconds since the epoch, and the time between two packets. It is
/// always the same, so that the output is.
const START: u64 = 1_700_000_000_000_000_000;
const STEP: u64 = 1_000_000;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const SYN_ACK: u8 = SYN | ACK;
const PSH_ACK: u8 = 0x08 | ACK;

/// Packets of one TCP connection, as a file.
#[derive(Debug)]
pub(super) struct Tape {
    file: Vec<u8>,
    /// The next sequence numbers.
    next: PerPeer<u32>,
    packets: u64,
    time: u64,
}

impl Tape {
    /// A connection that has been opened and upgraded.
    pub(super) fn new(controls: &Controls) -> Self {
        // Nanoseconds, version 2.4, no limit, Ethernet.
        let head: [u32; 6] = [0xa1b2_3c4d, 0x0004_0002, 0, 0, 0x0004_0000, 1];
        let mut tape = Self {
            file: head.iter().flat_map(|word| word.to_le_bytes()).collect(),
            next: PerPeer::from_fn(|_| 0),
            packets: 0,
            time: START,
        };
        tape.packet(Peer::Client, SYN, &[], false);
        tape.next.client = 1;
        tape.packet(Peer::Server, SYN_ACK, &[], false);
        tape.next.server = 1;
        tape.packet(Peer::Client, ACK, &[], false);
        let (request, response) = heads(controls);
        tape.write(Peer::Client, request.as_bytes(), false);
        tape.write(Peer::Server, response.as_bytes(), false);
        tape
    }

    /// Packets so far, those that are lost not among them.
    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    /// The file.
    pub(super) fn into_file(self) -> Vec<u8> {
        self.file
    }

    /// What `from` writes; where it is `lost`, the file lacks it.
    pub(super) fn write(&mut self, from: Peer, bytes: &[u8], lost: bool) {
        for piece in bytes.chunks(SEGMENT) {
            self.packet(from, PSH_ACK, piece, lost);
            let len = u32::try_from(piece.len()).unwrap_or(0);
            self.next[from] = self.next[from].wrapping_add(len);
        }
        // The receiver got what the capture lacks, and says so.
        self.packet(from.other(), ACK, &[], false);
    }

    fn packet(&mut self, from: Peer, flags: u8, payload: &[u8], lost: bool) {
        self.time += STEP;
        if lost {
            return;
        }
        self.packets += 1;
        let packet = packet(
            from,
            self.next[from],
            self.next[from.other()],
            flags,
            payload,
        );
        let len = u32::try_from(packet.len()).unwrap_or(u32::MAX);
        let (seconds, nanos) = (self.time / 1_000_000_000, self.time % 1_000_000_000);
        let time = [seconds, nanos].map(|part| u32::try_from(part).unwrap_or(u32::MAX));
        for word in time.into_iter().chain([len, len]) {
            self.file.extend_from_slice(&word.to_le_bytes());
        }
        self.file.extend_from_slice(&packet);
    }
}

/// Ethernet, IPv4 and TCP around `payload`. Addresses are those of RFC 5737.
fn packet(from: Peer, seq: u32, ack: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let (client, server) = (([192, 0, 2, 1], 50_000_u16), ([192, 0, 2, 2], 80_u16));
    let (source, destination) = match from {
        Peer::Client => (client, server),
        Peer::Server => (server, client),
    };
    let total = u16::try_from(40 + payload.len()).unwrap_or(u16::MAX);
    let ack = if flags & ACK == 0 { 0 } else { ack };
    let mut packet = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0];
    packet.extend(total.to_be_bytes());
    packet.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
    packet.extend(source.0);
    packet.extend(destination.0);
    packet.extend(source.1.to_be_bytes());
    packet.extend(destination.1.to_be_bytes());
    packet.extend(seq.to_be_bytes());
    packet.extend(ack.to_be_bytes());
    packet.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend_from_slice(payload);
    packet
}

/// The heads of the upgrade as the capture sees them, which is between the proxy, where there is
/// one, and whoever does not see the extension. The key is that of RFC 6455 §1.3.
fn heads(controls: &Controls) -> (String, String) {
    let line = |value: Option<String>| {
        let line = value.map(|value| format!("Sec-WebSocket-Extensions: {value}\r\n"));
        line.unwrap_or_default()
    };
    let offer = controls
        .offer()
        .filter(|_| controls.proxy != Proxy::StripsOffer);
    let answer = controls
        .answer()
        .filter(|_| controls.proxy != Proxy::StripsAnswer);
    let request = format!(
        "GET /lab HTTP/1.1\r\nHost: lab.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
        line(offer)
    );
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{}\r\n",
        line(answer)
    );
    (request, response)
}
