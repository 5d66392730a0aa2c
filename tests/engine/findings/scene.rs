//! Built traffic with times of its own, and what `wscope check` makes of it.

use std::collections::BTreeSet;
use std::io::Write;

use wscope::base::{Limits, PacketRef, Peer, Timestamp};
use wscope::capture::{Input, LinkType, Packet};
use wscope::check::{Check, Report, second_look};
use wscope::pipeline::{Options, Pipeline};
use wscope::replay::Inputs;
use wscope::session::Detail;

use crate::wire::{Built, Tcp, frame};
use wscope_testkit::{pcap, upgrade};

pub(crate) const PMD: &str = "permessage-deflate";
pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
pub(crate) const PACKED: u8 = 0xc1;

const MILLI: u64 = 1_000_000;

/// One connection after the other, or several in turns.
pub(crate) struct Scene {
    pub(crate) tcp: Tcp,
    packets: Vec<(u64, Built)>,
    now: u64,
    /// The secrets that TLS is read with.
    #[cfg(feature = "tls")]
    pub(crate) keys: wscope::tls::Keys,
}

impl Scene {
    /// A connection that is opened and not upgraded.
    pub(crate) fn open() -> Self {
        Self {
            tcp: Tcp::open(),
            packets: Vec::new(),
            now: 1_700_000_000_000 * MILLI,
            #[cfg(feature = "tls")]
            keys: wscope::tls::Keys::default(),
        }
    }

    /// A connection upgraded with these extension headers.
    pub(crate) fn upgraded(offer: &str, response: &str) -> Self {
        let mut scene = Self::open();
        let (request, answer) = upgrade(offer, response);
        scene.tcp.send(Peer::Client, &request);
        scene.tcp.send(Peer::Server, &answer);
        scene
    }

    /// Without an extension.
    pub(crate) fn plain() -> Self {
        Self::upgraded("", "")
    }

    pub(crate) fn send(&mut self, from: Peer, first: u8, payload: &[u8]) {
        self.tcp.send(from, &frame(from, first, payload));
    }

    /// Gives what was sent until now its time, a millisecond a packet.
    pub(crate) fn flush(&mut self) {
        for packet in self.tcp.packets.drain(..) {
            self.now += MILLI;
            self.packets.push((self.now, packet));
        }
    }

    /// So many milliseconds go by.
    pub(crate) fn pause(&mut self, millis: u64) {
        self.flush();
        self.now += millis * MILLI;
    }

    /// The last packet announces a window of so many bytes.
    pub(crate) fn window(&mut self, window: u16) {
        let packet = self.tcp.packets.last_mut().unwrap();
        assert!(!packet.has_payload);
        let at = packet.data.len() - 6;
        packet.data[at..at + 2].copy_from_slice(&window.to_be_bytes());
    }

    /// From here on another connection. Gives back the one before.
    pub(crate) fn switch(&mut self, tcp: Tcp) -> Tcp {
        self.flush();
        std::mem::replace(&mut self.tcp, tcp)
    }

    /// The closing handshake and the end of TCP.
    pub(crate) fn bye(mut self) -> Self {
        self.send(Peer::Client, CLOSE, &[3, 0xe8]);
        self.send(Peer::Server, CLOSE, &[3, 0xe8]);
        self.end()
    }

    /// The end of TCP alone, the server first.
    pub(crate) fn end(mut self) -> Self {
        self.tcp.fin(Peer::Server);
        self.tcp.fin(Peer::Client);
        self.tcp.ack(Peer::Server);
        self
    }

    /// What `wscope check` finds on a pipe, which cannot be read twice.
    pub(crate) fn check(mut self) -> Report {
        self.look()
    }

    /// What `wscope check` finds in a file.
    pub(crate) fn explained(mut self) -> Report {
        let mut report = self.look();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&self.pcap()).unwrap();
        let inputs = Inputs {
            files: vec![Input::from(file.path().as_os_str())],
            filter: None,
        };
        second_look(&mut report, &inputs, &self.options()).unwrap();
        report
    }

    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_self, reason = "it has keys")
    )]
    fn options(&self) -> Options {
        let limits = Limits {
            payload_bytes: 10_000,
            ..Limits::default()
        };
        Options {
            limits,
            #[cfg(feature = "tls")]
            keys: self.keys.clone(),
            ..Options::new(Detail::Rules)
        }
    }

    fn look(&mut self) -> Report {
        self.flush();
        let mut sink = Check::new(false, BTreeSet::new());
        let mut pipeline = Pipeline::new(self.options());
        for (number, (time, packet)) in (1..).zip(&self.packets) {
            let packet = Packet {
                place: PacketRef::new(0, number),
                time: Timestamp(*time),
                link: LinkType::ETHERNET,
                data: &packet.data,
                wire_len: u32::try_from(packet.wire_len).unwrap(),
            };
            pipeline.packet(&packet, &mut sink);
        }
        pipeline.finish(&mut sink);
        Check::conclude(vec![sink])
    }

    /// The packets as a capture file.
    pub(crate) fn pcap(&self) -> Vec<u8> {
        let packets = self.packets.iter();
        pcap(packets.map(|(time, packet)| (*time, packet.data.as_slice(), packet.wire_len)))
    }
}

/// A connection whose heads are changed by replacing text.
pub(crate) fn heads(request: (&str, &str), response: (&str, &str)) -> Scene {
    let (asks, answers) = upgrade("", "");
    let change = |head: Vec<u8>, (from, to): (&str, &str)| {
        let head = String::from_utf8(head).unwrap();
        assert!(head.contains(from), "{from}");
        head.replacen(from, to, 1).into_bytes()
    };
    let mut scene = Scene::open();
    scene.tcp.send(Peer::Client, &change(asks, request));
    scene.tcp.send(Peer::Server, &change(answers, response));
    scene
}
