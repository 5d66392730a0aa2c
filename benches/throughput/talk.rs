//! What is said on a WebSocket: messages, some of them compressed, and pings, as frames.

use std::io;

use flate2::{Compress, Compression, FlushCompress};

use super::connection::Connection;
use super::kind::Kind;
use super::payload::Author;
use super::random::Random;
use super::wire::Wire;

/// `permessage-deflate` cuts off what each flush ends in. RFC 7692 §7.2.1.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// What one WebSocket says.
pub(crate) struct Talk {
    /// The client's, then the server's.
    deflate: [Option<Compress>; 2],
    authors: [Author; 2],
    masks: Random,
    spoken: u64,
    payload: Vec<u8>,
    frames: Vec<u8>,
    /// Its stream of HTTP/2.
    pub(crate) stream: u32,
}

impl Talk {
    pub(crate) fn new(number: usize, place: usize, kind: Kind) -> Self {
        let seed = number as u64;
        let deflate = || (kind != Kind::Plain).then(|| Compress::new(Compression::new(6), false));
        Self {
            deflate: [deflate(), deflate()],
            authors: [Author::new(seed * 2 + 1), Author::new(seed * 2)],
            masks: Random::new(seed + 1_000_000),
            spoken: 0,
            payload: Vec::new(),
            frames: Vec::new(),
            // RFC 9113 §5.1.1: a client's streams have odd numbers.
            stream: place as u32 * 2 + 1,
        }
    }

    /// One side sends a message, or a few in one segment.
    pub(crate) fn speak(
        &mut self,
        kind: Kind,
        random: &mut Random,
        connection: &mut Connection,
        wire: &mut Wire,
    ) -> io::Result<()> {
        self.spoken += 1;
        let from = usize::from(!random.once_in(3));
        self.frames.clear();
        if self.spoken.is_multiple_of(150) {
            return self.ping(connection, wire);
        }
        let together = match kind {
            Kind::Small if random.once_in(10) => 2 + random.below(3),
            _ => 1,
        };
        for _ in 0..together {
            self.payload.clear();
            let author = &mut self.authors[from];
            let mut opcode = 1;
            match kind {
                Kind::Small => author.small(from == 0, &mut self.payload),
                Kind::Documents => author.document(spread(random, 8 << 10, 3), &mut self.payload),
                Kind::Plain if random.once_in(8) => {
                    opcode = 2;
                    author.binary(spread(random, 200, 6), &mut self.payload);
                }
                Kind::Plain => match spread(random, 200, 6) {
                    ..400 => author.small(from == 0, &mut self.payload),
                    len => author.document(len, &mut self.payload),
                },
            }
            self.frame(from, opcode);
        }
        let frames = std::mem::take(&mut self.frames);
        connection.send(self.stream, from, &frames, wire)?;
        self.frames = frames;
        Ok(())
    }

    fn ping(&mut self, connection: &mut Connection, wire: &mut Wire) -> io::Result<()> {
        for (from, opcode) in [(1, 9), (0, 10)] {
            self.frames.clear();
            self.payload.clear();
            self.payload.extend(self.spoken.to_be_bytes());
            self.raw_frame(from, 0x80 | opcode, None);
            let frame = std::mem::take(&mut self.frames);
            connection.send(self.stream, from, &frame, wire)?;
        }
        Ok(())
    }

    /// Appends the payload as a data frame, compressed where that was agreed.
    fn frame(&mut self, from: usize, opcode: u8) {
        match &mut self.deflate[from] {
            None => self.raw_frame(from, 0x80 | opcode, None),
            Some(deflate) => {
                let packed = pack(deflate, &self.payload);
                self.raw_frame(from, 0xc0 | opcode, Some(&packed));
            }
        }
    }

    fn raw_frame(&mut self, from: usize, first: u8, packed: Option<&[u8]>) {
        let body = packed.unwrap_or(&self.payload);
        let mask_bit = if from == 0 { 0x80 } else { 0 };
        self.frames.push(first);
        match body.len() {
            len @ ..126 => self.frames.push(mask_bit | len as u8),
            len @ ..0x1_0000 => {
                self.frames.push(mask_bit | 0x7e);
                self.frames.extend((len as u16).to_be_bytes());
            }
            len => {
                self.frames.push(mask_bit | 0x7f);
                self.frames.extend((len as u64).to_be_bytes());
            }
        }
        if from == 0 {
            let key = (self.masks.next() as u32).to_le_bytes();
            self.frames.extend(key);
            self.frames
                .extend(body.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k));
        } else {
            self.frames.extend_from_slice(body);
        }
    }

    pub(crate) fn close(&mut self, connection: &mut Connection, wire: &mut Wire) -> io::Result<()> {
        for from in [0, 1] {
            self.frames.clear();
            self.payload.clear();
            self.payload.extend(1000_u16.to_be_bytes());
            self.raw_frame(from, 0x88, None);
            connection.send(self.stream, from, &self.frames, wire)?;
        }
        Ok(())
    }
}

/// A length from `least` to `least << doublings`, each doubling equally likely.
fn spread(random: &mut Random, least: usize, doublings: u64) -> usize {
    let base = least << random.below(doublings);
    base + usize::try_from(random.below(base as u64)).unwrap_or(0)
}

fn pack(deflate: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(payload.len() + 64);
    let before = deflate.total_in();
    loop {
        let used = usize::try_from(deflate.total_in() - before).unwrap();
        deflate
            .compress_vec(&payload[used..], &mut packed, FlushCompress::Sync)
            .unwrap();
        if packed.len() < packed.capacity() {
            break;
        }
        packed.reserve(64 + packed.len());
    }
    assert!(
        packed.ends_with(&FLUSH_MARKER),
        "a flush ends in its marker"
    );
    packed.truncate(packed.len() - FLUSH_MARKER.len());
    packed
}
