//! The bare floor: what any reader of these captures must do, and nothing else.
//!
//! Reads the file in blocks, steps over pcap records, finds each packet's direction by its
//! addresses and ports, finds the frames, takes masks off and inflates. No check of any kind:
//! it believes that the file is whole, in order, Ethernet, IPv4 and TCP, and that every byte
//! behind the HTTP head belongs to a frame. Plain payloads are stepped over. Under TLS it knows the secrets and
//! decrypts record after record, with the crates that wscope uses.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::{Decompress, FlushDecompress};

use wscope_testkit::tls::{BEFORE, Sealer};

/// As large as the blocks that wscope reads.
const BLOCK: usize = 512 << 10;

/// What it found, to hold against what wscope counts.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Totals {
    pub(crate) messages: u64,
    pub(crate) payload_bytes: u64,
}

/// What is known of a direction.
#[derive(Default)]
struct Direction {
    /// Bytes of `\r\n\r\n` seen at the end of the HTTP head so far; 4 behind it.
    head: usize,
    /// A frame header that the last segment broke off in.
    part: Vec<u8>,
    /// Payload bytes of the current frame that are to come.
    left: usize,
    key: u64,
    compressed: bool,
    /// Where in the payload the next byte stands, for the mask.
    offset: usize,
    engine: Option<Box<Decompress>>,
    tls: Option<Box<Tls>>,
}

/// A direction of TLS.
struct Tls {
    sealer: Sealer,
    /// Records of the handshake that are to come.
    before: usize,
    /// The beginning of a record.
    part: Vec<u8>,
}

struct Scratch {
    tls: bool,
    unmasked: Vec<u8>,
    output: Vec<u8>,
    totals: Totals,
}

/// Reads the capture at `path`; under TLS where a key log is beside it.
pub(crate) fn run(path: &Path) -> io::Result<Totals> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK];
    let mut directions: HashMap<u128, Direction, foldhash::fast::RandomState> = HashMap::default();
    let mut scratch = Scratch {
        tls: path.with_extension("keylog").exists(),
        unmasked: Vec::new(),
        output: vec![0; 32 << 10],
        totals: Totals::default(),
    };
    file.read_exact(&mut block[..24])?;
    let mut have = 0;
    loop {
        let read = file.read(&mut block[have..])?;
        if read == 0 {
            return Ok(scratch.totals);
        }
        have += read;
        let mut at = 0;
        while let Some(record) = block[at..have].first_chunk::<16>() {
            let len = u32::from_le_bytes([record[8], record[9], record[10], record[11]]) as usize;
            let Some(packet) = block[..have].get(at + 16..at + 16 + len) else {
                break;
            };
            at += 16 + len;
            packet_in(packet, &mut directions, &mut scratch);
        }
        block.copy_within(at..have, 0);
        have -= at;
    }
}

fn packet_in(
    packet: &[u8],
    directions: &mut HashMap<u128, Direction, foldhash::fast::RandomState>,
    scratch: &mut Scratch,
) {
    let tcp = 14 + usize::from(packet[14] & 15) * 4;
    let end = 14 + usize::from(u16::from_be_bytes([packet[16], packet[17]]));
    let bytes = &packet[tcp + usize::from(packet[tcp + 12] >> 4) * 4..end];
    if bytes.is_empty() {
        return;
    }
    let mut key = [0; 16];
    key[..8].copy_from_slice(&packet[26..34]);
    key[8..12].copy_from_slice(&packet[tcp..tcp + 4]);
    let direction = directions.entry(u128::from_le_bytes(key)).or_default();
    if !scratch.tls {
        return direction.take(bytes, scratch);
    }
    // The generator's addresses: 10.1.x.x is a client, and its number.
    let side = usize::from(packet[27] != 1);
    let client = &packet[if side == 0 { 28..30 } else { 32..34 }];
    let number = usize::from(u16::from_be_bytes([client[0], client[1]]));
    let mut tls = direction.tls.take().unwrap_or_else(|| {
        Box::new(Tls {
            sealer: Sealer::traffic(number, side),
            before: BEFORE,
            part: Vec::new(),
        })
    });
    tls.part.extend_from_slice(bytes);
    let mut at = 0;
    while let Some(head) = tls.part[at..].first_chunk::<5>() {
        let end = at + 5 + usize::from(u16::from_be_bytes([head[3], head[4]]));
        let Some(record) = tls.part.get_mut(at..end) else {
            break;
        };
        at = end;
        if tls.before > 0 {
            tls.before -= 1;
        } else {
            direction.take(tls.sealer.open(record), scratch);
        }
    }
    tls.part.drain(..at);
    direction.tls = Some(tls);
}

impl Direction {
    fn take(&mut self, mut bytes: &[u8], scratch: &mut Scratch) {
        while self.head < 4 {
            let Some((byte, rest)) = bytes.split_first() else {
                return;
            };
            self.head = match (self.head, byte) {
                (0 | 2, b'\r') | (1 | 3, b'\n') => self.head + 1,
                (_, b'\r') => 1,
                _ => 0,
            };
            bytes = rest;
        }
        while !bytes.is_empty() {
            if self.left > 0 {
                bytes = self.payload(bytes, scratch);
            } else if self.part.is_empty() {
                let Some(len) = self.header(bytes) else {
                    self.part.extend_from_slice(bytes);
                    return;
                };
                bytes = self.payload(&bytes[len..], scratch);
            } else {
                self.part.push(bytes[0]);
                bytes = &bytes[1..];
                let part = std::mem::take(&mut self.part);
                if self.header(&part).is_none() {
                    self.part = part;
                } else if self.left == 0 {
                    self.payload(&[], scratch);
                }
            }
        }
    }

    /// Reads a frame header; its length, where it is whole.
    fn header(&mut self, bytes: &[u8]) -> Option<usize> {
        let [first, second] = *bytes.first_chunk::<2>()?;
        let (len, mut at) = match second & 127 {
            126 => (
                usize::from(u16::from_be_bytes(*bytes[2..].first_chunk()?)),
                4,
            ),
            127 => (u64::from_be_bytes(*bytes[2..].first_chunk()?) as usize, 10),
            len => (usize::from(len), 2),
        };
        self.key = 0;
        if second & 128 != 0 {
            let key = u64::from(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
            self.key = (key << 32) | key;
            at += 4;
        }
        self.compressed = first & 0x40 != 0;
        self.left = len;
        self.offset = 0;
        Some(at)
    }

    /// Takes what `bytes` holds of the frame's payload and returns what is behind it.
    fn payload<'a>(&mut self, bytes: &'a [u8], scratch: &mut Scratch) -> &'a [u8] {
        let (part, rest) = bytes.split_at(self.left.min(bytes.len()));
        self.left -= part.len();
        if self.compressed {
            let engine = self
                .engine
                .get_or_insert_with(|| Box::new(Decompress::new(false)));
            let totals = &mut scratch.totals.payload_bytes;
            if self.key == 0 {
                *totals += inflate(engine, part, &mut scratch.output);
            } else {
                let key = self.key.rotate_right(8 * (self.offset as u32 % 4));
                scratch.unmasked.clear();
                scratch.unmasked.extend_from_slice(part);
                let (words, tail) = scratch.unmasked.as_chunks_mut::<8>();
                for word in words {
                    *word = (u64::from_le_bytes(*word) ^ key).to_le_bytes();
                }
                for (byte, key) in tail.iter_mut().zip(key.to_le_bytes()) {
                    *byte ^= key;
                }
                *totals += inflate(engine, &scratch.unmasked, &mut scratch.output);
            }
            if self.left == 0 {
                *totals += inflate(engine, &[0, 0, 0xff, 0xff], &mut scratch.output);
            }
        } else {
            scratch.totals.payload_bytes += part.len() as u64;
        }
        self.offset += part.len();
        scratch.totals.messages += u64::from(self.left == 0);
        rest
    }
}

/// Inflates all of `input` and returns how many bytes came out.
fn inflate(engine: &mut Decompress, mut input: &[u8], output: &mut [u8]) -> u64 {
    let before = engine.total_out();
    loop {
        let (read, made) = (engine.total_in(), engine.total_out());
        engine
            .decompress(input, output, FlushDecompress::Sync)
            .expect("the generator compresses correctly");
        input = &input[(engine.total_in() - read) as usize..];
        if input.is_empty() && engine.total_out() - made < output.len() as u64 {
            return engine.total_out() - before;
        }
    }
}
