//! Zstandard frames, block by block.
//!
//! Job: cut frames into their parts and have each block decoded as soon as it is whole. Input: bytes, in pieces
//! of any size. Output: what each block says. RFC 8878 §3.1.1 (frames), §3.1.1.2 (blocks), §3.1.2 (frames to be
//! skipped).
//!
//! The decoder of the format's authors does the work. It is given one part of a frame at a time, because it drops
//! what it made of a call in which it meets an error, and because only who knows where blocks end can say
//! whether bytes end with one.

use std::fmt;
use std::io;

use ::zstd::stream::raw::{DParameter, Operation};

/// The largest window that a file, or a whole payload, may ask for, in bytes: what `zstd` itself allows by default.
pub const WINDOW: u64 = 128 << 20;

/// RFC 8878 §3.1.1: what a frame begins with.
pub const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// RFC 8878 §3.1.1.2.4: what a block says at most, and so what is read of one at most.
const BLOCK: usize = 128 << 10;

/// Of a block's header, of a frame to be skipped: the magic number and the length, of a checksum.
const BLOCK_HEAD: usize = 3;
const SKIPPED_HEAD: usize = 8;
const CHECKSUM: usize = 4;

/// Why bytes are not read.
#[derive(Debug)]
pub enum Fault {
    /// They are no frame, or a damaged one.
    Broken(String),
    /// The frame asks for a window of so many bytes, more than is allowed.
    Window(u64),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(cause) => f.write_str(cause),
            Self::Window(bytes) => write!(f, "the frame needs a window of {bytes} bytes"),
        }
    }
}

/// Which part of a frame the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The header of a frame.
    Head,
    /// The header of a block.
    Block,
    /// A block, of which so many bytes are still to come.
    Body {
        left: usize,
        last: bool,
    },
    Checksum,
    /// A frame to be skipped, of which so many bytes are still to come.
    Skipped {
        left: u64,
    },
}

/// Decodes frames in a row.
pub struct Frames {
    decoder: ::zstd::stream::raw::Decoder<'static>,
    /// Bytes of the largest window that a frame may ask for.
    window: u64,
    /// Bytes of the window that the frame at hand asks for.
    asked: u64,
    part: Part,
    /// The beginning of a header that is not whole yet.
    head: Vec<u8>,
    /// The frame at hand ends in a checksum.
    checked: bool,
    /// What the block at hand says.
    content: Vec<u8>,
    /// Bytes of `content` that are there.
    filled: usize,
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("window", &self.window)
            .field("part", &self.part)
            .finish_non_exhaustive()
    }
}

impl Frames {
    /// Before the first frame, none of which may ask for a window of more than `window` bytes.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn new(window: u64) -> Result<Self, Fault> {
        let mut decoder = ::zstd::stream::raw::Decoder::new().map_err(|error| broken(&error))?;
        // The decoder counts windows by powers of two; the exact bound is held here.
        let log = 64 - window.max(1 << 10).saturating_sub(1).leading_zeros();
        decoder
            .set_parameter(DParameter::WindowLogMax(log.min(31)))
            .map_err(|error| broken(&error))?;
        Ok(Self {
            decoder,
            window,
            asked: 0,
            part: Part::Head,
            head: Vec::new(),
            checked: false,
            content: vec![0; BLOCK],
            filled: 0,
        })
    }

    /// Takes bytes off `input` up to the end of a block, and returns what that block says; `None` where all
    /// are taken before.
    ///
    /// # Errors
    ///
    /// The bytes are no frame, or a damaged one; nothing more can be read then.
    pub fn block(&mut self, input: &mut &[u8]) -> Result<Option<&[u8]>, Fault> {
        loop {
            let ended = match self.part {
                Part::Head => self.frame_head(input)?,
                Part::Block => self.block_head(input)?,
                Part::Body { left, last } => self.body(input, left, last)?,
                Part::Checksum => self.checksum(input)?,
                Part::Skipped { left } => self.skip(input, left),
            };
            match ended {
                Ended::No => return Ok(None),
                Ended::Part => {}
                Ended::Block => return Ok(self.content.get(..self.filled)),
            }
        }
    }

    /// Bytes of memory that it takes, at most: the window that was asked for, and tables.
    pub fn takes(&self) -> usize {
        usize::try_from(self.asked)
            .unwrap_or(usize::MAX)
            .saturating_add(2 * BLOCK)
    }

    /// Whether the bytes so far end with a frame.
    pub fn is_between_frames(&self) -> bool {
        self.part == Part::Head && self.head.is_empty()
    }

    /// Whether the bytes so far end with a block, and their frame goes on.
    pub fn is_between_blocks(&self) -> bool {
        self.part == Part::Block && self.head.is_empty()
    }

    fn frame_head(&mut self, input: &mut &[u8]) -> Result<Ended, Fault> {
        // The magic number and one byte more tell how long a header is.
        if !self.gather(input, MAGIC.len() + 1) {
            return Ok(Ended::No);
        }
        if skipped(&self.head) {
            if !self.gather(input, SKIPPED_HEAD) {
                return Ok(Ended::No);
            }
            // RFC 8878 §3.1.2: a magic number, and the length of what follows.
            let length = little_endian(self.head.get(MAGIC.len()..).unwrap_or_default());
            self.head.clear();
            self.part = Part::Skipped { left: length };
            return Ok(Ended::Part);
        }
        if !self.head.starts_with(&MAGIC) {
            return Err(Fault::Broken("no frame begins here".to_owned()));
        }
        let shape = Shape::of(self.head.get(MAGIC.len()).copied().unwrap_or_default());
        if !self.gather(input, MAGIC.len() + 1 + shape.rest()) {
            return Ok(Ended::No);
        }
        let window = shape.window(self.head.get(MAGIC.len() + 1..).unwrap_or_default());
        if window > self.window {
            return Err(Fault::Window(window));
        }
        self.asked = window;
        self.checked = shape.checked;
        self.give_head()?;
        self.part = Part::Block;
        Ok(Ended::Part)
    }

    fn block_head(&mut self, input: &mut &[u8]) -> Result<Ended, Fault> {
        if !self.gather(input, BLOCK_HEAD) {
            return Ok(Ended::No);
        }
        // RFC 8878 §3.1.1.2: whether it is the last one, the kind of block, and its size.
        let header = little_endian(&self.head);
        let last = header & 1 == 1;
        let size = usize::try_from(header >> 3).unwrap_or(usize::MAX);
        let left = match header >> 1 & 3 {
            // §3.1.1.2.2: of a repeated byte, the size is that of what it says.
            1 => 1,
            0 | 2 if size <= BLOCK => size,
            _ => return Err(Fault::Broken("no block begins here".to_owned())),
        };
        self.give_head()?;
        self.filled = 0;
        self.part = Part::Body { left, last };
        Ok(Ended::Part)
    }

    fn body(&mut self, input: &mut &[u8], left: usize, last: bool) -> Result<Ended, Fault> {
        let (mut given, rest) = input.split_at(left.min(input.len()));
        *input = rest;
        let left = left - given.len();
        while !given.is_empty() {
            let room = self.content.get_mut(self.filled..).unwrap_or_default();
            let status = self
                .decoder
                .run_on_buffers(given, room)
                .map_err(|error| broken(&error))?;
            if status.bytes_read == 0 && status.bytes_written == 0 {
                return Err(Fault::Broken("a block says too much".to_owned()));
            }
            self.filled += status.bytes_written;
            given = given.get(status.bytes_read..).unwrap_or_default();
        }
        if left > 0 {
            self.part = Part::Body { left, last };
            return Ok(Ended::No);
        }
        self.part = match (last, self.checked) {
            (false, _) => Part::Block,
            (true, true) => Part::Checksum,
            (true, false) => Part::Head,
        };
        Ok(Ended::Block)
    }

    fn checksum(&mut self, input: &mut &[u8]) -> Result<Ended, Fault> {
        // RFC 8878 §3.1.1: the low four bytes of XXH64 of the content.
        if !self.gather(input, CHECKSUM) {
            return Ok(Ended::No);
        }
        self.give_head()?;
        self.part = Part::Head;
        Ok(Ended::Part)
    }

    fn skip(&mut self, input: &mut &[u8], left: u64) -> Ended {
        let now = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
        *input = input.get(now..).unwrap_or_default();
        let left = left - now as u64;
        if left > 0 {
            self.part = Part::Skipped { left };
            return Ended::No;
        }
        self.part = Part::Head;
        Ended::Part
    }

    /// Takes bytes off `input` until `head` has so many; says whether it has.
    fn gather(&mut self, input: &mut &[u8], length: usize) -> bool {
        let lacking = length.saturating_sub(self.head.len());
        let (taken, rest) = input.split_at(lacking.min(input.len()));
        self.head.extend_from_slice(taken);
        *input = rest;
        self.head.len() >= length
    }

    /// Gives a whole header to the decoder.
    fn give_head(&mut self) -> Result<(), Fault> {
        let result = self.decoder.run_on_buffers(&self.head, &mut []);
        let taken = result.map_err(|error| broken(&error))?.bytes_read;
        if taken < self.head.len() {
            return Err(Fault::Broken("a header is not taken".to_owned()));
        }
        self.head.clear();
        Ok(())
    }
}

/// What the bytes of a call have come to.
enum Ended {
    /// They are used up.
    No,
    /// A part is whole, and the next begins.
    Part,
    /// A block is.
    Block,
}

/// RFC 8878 §3.1.1.1.1: which fields a frame's header has, and how long they are.
struct Shape {
    single: bool,
    checked: bool,
    dictionary: usize,
    content: usize,
}

impl Shape {
    fn of(descriptor: u8) -> Self {
        let single = descriptor >> 5 & 1 == 1;
        Self {
            single,
            checked: descriptor >> 2 & 1 == 1,
            dictionary: match descriptor & 3 {
                3 => 4,
                length => usize::from(length),
            },
            content: match descriptor >> 6 {
                0 => usize::from(single),
                power => 1 << power,
            },
        }
    }

    /// Bytes of the header after its descriptor.
    fn rest(&self) -> usize {
        usize::from(!self.single) + self.dictionary + self.content
    }

    /// The window that a header, from its descriptor on, asks for.
    fn window(&self, rest: &[u8]) -> u64 {
        if self.single {
            // §3.1.1.1.2: the window is then the content.
            let content = little_endian(rest.get(self.dictionary..).unwrap_or_default());
            // §3.1.1.1.4: of two bytes, 256 are to be added.
            return content.saturating_add(if self.content == 2 { 256 } else { 0 });
        }
        // §3.1.1.1.2: an exponent, and eighths of that power of two.
        let byte = rest.first().copied().unwrap_or_default();
        let base = 1_u64 << (10 + (byte >> 3));
        base + base / 8 * u64::from(byte & 7)
    }
}

/// RFC 8878 §3.1.2: sixteen magic numbers say that what follows is no content.
fn skipped(head: &[u8]) -> bool {
    matches!(head, [low, 0x2a, 0x4d, 0x18, ..] if low & 0xf0 == 0x50)
}

fn little_endian(bytes: &[u8]) -> u64 {
    let shifted = bytes.iter().rev().take(8);
    shifted.fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn broken(error: &io::Error) -> Fault {
    Fault::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that do not compress, and some that do.
    fn content() -> Vec<u8> {
        let mut noise = wscope_testkit::Noise::new(3);
        let mut content = noise.bytes(200_000);
        content.resize(500_000, 7);
        for number in 0..20_000 {
            content.extend_from_slice(format!("line {}\n", number % 977).as_bytes());
        }
        content
    }

    /// Two frames, the first with a checksum and the second without its length, and one to be skipped.
    fn frames(content: &[u8]) -> Vec<u8> {
        use std::io::Write;

        let (first, second) = content.split_at(content.len() / 3);
        let mut bytes = ::zstd::bulk::compress(first, 3).unwrap();
        bytes.extend_from_slice(&[0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
        let mut writer = ::zstd::stream::write::Encoder::new(bytes, 19).unwrap();
        writer.include_checksum(true).unwrap();
        writer.write_all(second).unwrap();
        writer.finish().unwrap()
    }

    /// All that comes out of bytes in pieces of such sizes.
    fn read(bytes: &[u8], sizes: &[usize]) -> (Vec<u8>, Option<Fault>, Frames) {
        let mut frames = Frames::new(8 << 20).unwrap();
        let (mut all, mut rest) = (Vec::new(), bytes);
        let mut sizes = sizes.iter().cycle();
        while !rest.is_empty() {
            let (mut piece, behind) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
            rest = behind;
            loop {
                match frames.block(&mut piece) {
                    Ok(Some(block)) => all.extend_from_slice(block),
                    Ok(None) => break,
                    Err(fault) => return (all, Some(fault), frames),
                }
            }
            assert!(piece.is_empty());
        }
        (all, None, frames)
    }

    #[test]
    fn pieces_of_any_size_say_the_same() {
        let content = content();
        let bytes = frames(&content);
        for sizes in [
            &[usize::MAX][..],
            &[1],
            &[7, 1, 3],
            &[4096],
            &[100_000, 1, 2],
        ] {
            let (all, fault, frames) = read(&bytes, sizes);
            assert!(fault.is_none(), "{sizes:?}: {fault:?}");
            assert!(all == content, "{sizes:?}: {} bytes", all.len());
            assert!(frames.is_between_frames());
        }
    }

    #[test]
    fn all_before_a_damage_comes_out() {
        let content = content();
        let bytes = frames(&content);
        let (whole, ..) = read(&bytes, &[4096]);
        let mut noise = wscope_testkit::Noise::new(5);
        for at in (0..bytes.len()).step_by(997) {
            let (cut, fault, frames) = read(&bytes[..at], &[4096]);
            assert!(fault.is_none() && content.starts_with(&cut), "{at}");
            assert!(cut.len() + BLOCK + 100 > at.min(200_000), "{at}");
            assert_eq!(frames.is_between_frames(), at == 0, "{at}");
            let mut wrong = bytes.clone();
            for byte in &mut wrong[at..bytes.len().min(at + 8)] {
                *byte = u8::try_from(noise.below(256)).unwrap();
            }
            let (out, _, _) = read(&wrong, &[4096]);
            // A block that is whole before the damage is not lost with it.
            assert!(out.starts_with(&cut), "{at}");
        }
        assert_eq!(whole.len(), content.len());
    }

    #[test]
    fn a_window_beyond_the_bound_is_refused_before_it_is_made() {
        // RFC 8878 §3.1.1.1.2: the largest window, 3.75 TiB.
        let bytes = [&MAGIC[..], &[0, 0xff, 1, 0, 0]].concat();
        let (_, fault, _) = read(&bytes, &[100]);
        assert!(matches!(fault, Some(Fault::Window(bytes)) if bytes == 15 << 38));
        let single = [&MAGIC[..], &[0xe0, 0, 0, 0, 0, 1, 0, 0, 0]].concat();
        let (_, fault, _) = read(&single, &[1]);
        assert!(matches!(fault, Some(Fault::Window(bytes)) if bytes == 1 << 32));
    }

    #[test]
    fn what_is_no_frame_is_told() {
        for bytes in [
            &b"plain text"[..],
            b"\x28\xb5\x2f\xfe\0\0\0",
            b"\x28\xb5\x2f\xfd\x20\x05\x06\0\0",
        ] {
            let (all, fault, _) = read(bytes, &[3]);
            assert!(all.is_empty() && matches!(fault, Some(Fault::Broken(_))));
        }
    }
}
