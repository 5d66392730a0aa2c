//! Made traffic: one message of the server over most of the capture, so that waypoints lie in it.

use std::io::Write;

use tempfile::NamedTempFile;
use wscope_testkit::{Compressor, Frame, Noise, Segment, pcap, upgrade};

/// How the long message is sent.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent of each other")]
pub(super) struct Long {
    pub(super) name: &'static str,
    /// What the peers agreed on.
    extension: &'static str,
    /// In frames of 3,000 bytes, with pings between them.
    fragments: bool,
    /// Some of its segments come one place too late.
    disorder: bool,
    /// Two of its segments are lost.
    lost: bool,
    /// More compressed bytes than are kept.
    excess: bool,
    /// A proxy has taken the extension out of the heads.
    stripped: bool,
}

const PLAIN: Long = Long {
    name: "plain",
    extension: "",
    fragments: false,
    disorder: false,
    lost: false,
    excess: false,
    stripped: false,
};

const KEPT: Long = Long {
    name: "compressed",
    extension: "permessage-deflate",
    ..PLAIN
};

const RESET: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Each kind.
pub(super) const KINDS: [Long; 10] = [
    PLAIN,
    Long {
        name: "plain-fragments",
        fragments: true,
        disorder: true,
        ..PLAIN
    },
    KEPT,
    Long {
        name: "compressed-fragments",
        fragments: true,
        disorder: true,
        ..KEPT
    },
    Long {
        name: "reset",
        extension: RESET,
        ..KEPT
    },
    Long {
        name: "frames",
        extension: "x-webkit-deflate-frame",
        fragments: true,
        ..PLAIN
    },
    Long {
        name: "compressed-lost",
        fragments: true,
        lost: true,
        ..KEPT
    },
    Long {
        name: "compressed-excess",
        excess: true,
        ..KEPT
    },
    Long {
        name: "stripped",
        stripped: true,
        ..KEPT
    },
    Long {
        name: "stripped-fragments",
        fragments: true,
        disorder: true,
        stripped: true,
        ..KEPT
    },
];

/// Both ends' next sequence numbers, and the packets so far.
#[derive(Default)]
struct Made {
    seq: [u32; 2],
    packets: Vec<Vec<u8>>,
}

impl Made {
    fn say(&mut self, from: usize, flags: u8, payload: &[u8]) {
        let segment = Segment {
            from_client: from == 0,
            ports: (40_000, 80),
            vlan: None,
            seq: self.seq[from],
            ack: self.seq[1 - from],
            flags,
            payload,
        };
        self.packets.push(segment.packet());
        let counted = u32::from(flags & 2 != 0) + u32::try_from(payload.len()).unwrap();
        self.seq[from] += counted;
    }
}

impl Long {
    /// Whether there is a waypoint before each of its packets: not beyond the bytes that are
    /// kept, and after a loss many packets come out at once.
    pub(super) fn is_open(self) -> bool {
        !self.excess && !self.lost
    }

    /// The capture.
    pub(super) fn capture(self) -> NamedTempFile {
        let mut noise = Noise::new(12);
        let mut made = Made::default();
        let shown = if self.stripped { "" } else { self.extension };
        let (request, answer) = upgrade(shown, shown);
        for (from, flags) in [(0, 2), (1, 0x12), (0, 0x10)] {
            made.say(from, flags, &[]);
        }
        made.say(0, 0x10, &request);
        made.say(1, 0x10, &answer);
        let reset = self.extension == RESET;
        let compresses = !self.extension.is_empty();
        let mut engines = [0, 1].map(|_| Compressor::new(6, 15, reset));
        let word = |engine: &mut Compressor, text: &str| {
            if compresses {
                (0xc1, engine.message(text.as_bytes()))
            } else {
                (0x81, text.as_bytes().to_vec())
            }
        };
        let (first, payload) = word(&mut engines[1], "one before it, which it copies from");
        made.say(1, 0x10, &Frame::bare(first, &payload).bytes());
        let wire = self.message(&mut noise, &mut engines[1]);
        let size = match (self.excess, compresses) {
            (true, _) => 20_000,
            (false, true) => 600,
            (false, false) => 1400,
        };
        let begun = made.packets.len();
        for (number, piece) in wire.chunks(size).enumerate() {
            made.say(1, 0x10, piece);
            let text = format!("acknowledgement of part {number}, {}", noise.below(1 << 30));
            let (first, payload) = word(&mut engines[0], &text);
            made.say(0, 0x10, &Frame::masked(first, &payload).bytes());
        }
        let (first, payload) = word(&mut engines[1], "one after it, which copies from it");
        made.say(1, 0x10, &Frame::bare(first, &payload).bytes());
        made.file(begun, self)
    }

    /// The frames of the long message.
    fn message(self, noise: &mut Noise, engine: &mut Compressor) -> Vec<u8> {
        let plain = if self.excess {
            noise.bytes(1_300_000)
        } else {
            let words = (0..9_000).map(|_| format!("{} one before it, ", noise.below(100_000)));
            words.collect::<String>().into_bytes()
        };
        if self.extension.starts_with("x-webkit") {
            let frames = plain.chunks(20_000).enumerate().map(|(at, piece)| {
                let last = (at + 1) * 20_000 >= plain.len();
                let first = if last { 0xc0 } else { 0x40 } | (u8::from(at == 0) * 2);
                Frame::bare(first, &engine.message(piece)).bytes()
            });
            return frames.collect::<Vec<_>>().concat();
        }
        let (rsv1, payload) = match self.extension {
            "" => (0, plain),
            _ => (0x40, engine.message(&plain)),
        };
        if !self.fragments {
            return Frame::bare(0x82 | rsv1, &payload).bytes();
        }
        let count = payload.len().div_ceil(3000);
        let frames = payload.chunks(3000).enumerate().map(|(at, piece)| {
            let begin = if at == 0 { 2 | rsv1 } else { 0 };
            let end = if at + 1 == count { 0x80 } else { 0 };
            let frame = Frame::bare(begin | end, piece).bytes();
            [Frame::bare(0x89, b"ping").bytes(), frame].concat()
        });
        frames.collect::<Vec<_>>().concat()
    }
}

impl Made {
    fn file(mut self, begun: usize, long: Long) -> NamedTempFile {
        let end = self.packets.len() - 3;
        if long.disorder {
            // A segment of the server and the next one, with the client's between them.
            for at in (begun..end - 2).step_by(10) {
                self.packets.swap(at, at + 2);
            }
        }
        let lost = |at: usize| long.lost && (at == begun + 20 || at == begun + 60);
        let packets = self.packets.iter().enumerate().filter(|(at, _)| !lost(*at));
        let time = |at: usize| 1_700_000_000_000_000_000 + at as u64 * 1_000_000;
        let packets = packets.map(|(at, data)| (time(at), data.as_slice(), data.len()));
        let mut file = NamedTempFile::with_suffix(".pcap").unwrap();
        file.write_all(&pcap(packets)).unwrap();
        file
    }
}
