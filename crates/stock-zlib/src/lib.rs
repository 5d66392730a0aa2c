//! Stock zlib's compressor, safely.
//!
//! Job: raw DEFLATE with `windowBits`, `memLevel` and `level` as a permessage-deflate sender sets
//! them, by the very zlib that most senders link. Input: message bytes. Output: the bytes that a
//! sync flush puts out. RFC 7692 §7.2.1, RFC 1951.
//!
//! The analyser itself forbids `unsafe`, and no crate offers `memLevel` over stock zlib, so these
//! few calls have a package of their own. Four functions of zlib are called, each in one place,
//! with the reason why the call is sound beside it.

use std::ffi::c_int;
use std::mem::MaybeUninit;

use libz_sys as zlib;

/// How a compressor works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Settings {
    /// 9 to 15: the window is 2 to this power.
    pub window_bits: u8,
    /// 1 to 9: the hash table and the buffer of symbols.
    pub memory_level: u8,
    /// 0 to 9; zlib's default is 6. 0 makes stored blocks, whatever the strategy.
    pub level: u8,
    /// Which symbols and codes it uses.
    pub strategy: Strategy,
}

/// Which symbols and codes a compressor uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Strategy {
    /// Matches, and in each block the codes that make it shortest.
    #[default]
    Default,
    /// Literals only, in codes that fit them.
    HuffmanOnly,
    /// Matches, in the fixed codes of RFC 1951 §3.2.6.
    Fixed,
}

impl Strategy {
    fn code(self) -> c_int {
        match self {
            Self::Default => zlib::Z_DEFAULT_STRATEGY,
            Self::HuffmanOnly => zlib::Z_HUFFMAN_ONLY,
            Self::Fixed => zlib::Z_FIXED,
        }
    }
}

impl Settings {
    /// What zlib takes where nothing is asked for.
    pub const DEFAULT: Self = Self {
        window_bits: 15,
        memory_level: 8,
        level: 6,
        strategy: Strategy::Default,
    };

    /// Whether zlib takes them. It takes 8 window bits too, and makes them 9 unsaid: see
    /// [`Deflate::new`].
    fn are_valid(self) -> bool {
        (9..=15).contains(&self.window_bits)
            && (1..=9).contains(&self.memory_level)
            && self.level <= 9
    }
}

/// More than one flush can leave to write: zlib holds back no more than its pending buffer, which
/// is 128 KiB at memory level 9. A flush that fills the buffer would be repeated by zlib.
const OUTPUT: usize = 256 << 10;

/// A compressor.
pub struct Deflate {
    /// In a box, since zlib keeps a pointer to it and refuses one that has moved. `MaybeUninit`,
    /// since `zalloc` and `zfree` are null until zlib sets its own: no value of the type is ever
    /// made, its fields are reached by pointer only.
    stream: Box<MaybeUninit<zlib::z_stream>>,
    output: Box<[u8]>,
}

impl std::fmt::Debug for Deflate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflate").finish_non_exhaustive()
    }
}

impl Deflate {
    /// A compressor with an empty window. `None` where the settings are out of range (say 9 for
    /// a window of 8 bits: zlib's own compressor cannot do less) or there is no memory.
    pub fn new(settings: Settings) -> Option<Self> {
        if !settings.are_valid() {
            return None;
        }
        let mut stream = Box::new(MaybeUninit::<zlib::z_stream>::zeroed());
        let size = c_int::try_from(size_of::<zlib::z_stream>()).ok()?;
        // SAFETY: the pointer is to a z_stream of zeros, which is how zlib wants one: with null
        // for zalloc and zfree it sets its own. Version and size are those of these bindings, so
        // zlib can refuse another layout. It keeps the pointer, and the box is never replaced.
        let code = unsafe {
            zlib::deflateInit2_(
                stream.as_mut_ptr(),
                c_int::from(settings.level),
                zlib::Z_DEFLATED,
                -c_int::from(settings.window_bits),
                c_int::from(settings.memory_level),
                settings.strategy.code(),
                zlib::zlibVersion(),
                size,
            )
        };
        (code == zlib::Z_OK).then(|| Self {
            stream,
            output: vec![0; OUTPUT].into_boxed_slice(),
        })
    }

    /// Begins anew with an empty window: RFC 7692 §7.1.1, without context takeover.
    pub fn reset(&mut self) {
        // SAFETY: every value of this type holds a stream that deflateInit2_ made good.
        let code = unsafe { zlib::deflateReset(self.stream.as_mut_ptr()) };
        debug_assert_eq!(code, zlib::Z_OK);
    }

    /// Compresses `input` up to a sync flush and hands the bytes to `take`; they end in
    /// `00 00 ff ff`. Written as senders do, the data first and then the flush.
    pub fn flush(&mut self, mut input: &[u8], take: &mut impl FnMut(&[u8])) {
        // zlib counts in 32 bits.
        while let Some((piece, rest)) = input.split_at_checked(1 << 30) {
            self.step(piece, zlib::Z_NO_FLUSH, take);
            input = rest;
        }
        self.step(input, zlib::Z_NO_FLUSH, take);
        self.step(&[], zlib::Z_SYNC_FLUSH, take);
    }

    /// How many bytes [`flush`](Self::flush) would hand over.
    pub fn flushed_len(&mut self, input: &[u8]) -> u64 {
        let mut len = 0;
        self.flush(input, &mut |bytes| len += bytes.len() as u64);
        len
    }

    /// Calls zlib until it has read all of `input`, of less than 4 GiB, and left room for output.
    fn step(&mut self, input: &[u8], flush: c_int, take: &mut impl FnMut(&[u8])) {
        let Ok(len) = u32::try_from(input.len()) else {
            return;
        };
        let stream = self.stream.as_mut_ptr();
        // SAFETY: the fields of a z_stream that is there, written through its pointer.
        unsafe { (&raw mut (*stream).next_in).write(input.as_ptr().cast_mut()) };
        // SAFETY: as above.
        unsafe { (&raw mut (*stream).avail_in).write(len) };
        loop {
            let room = u32::try_from(self.output.len()).unwrap_or(u32::MAX);
            // SAFETY: as above.
            unsafe { (&raw mut (*stream).next_out).write(self.output.as_mut_ptr()) };
            // SAFETY: as above.
            unsafe { (&raw mut (*stream).avail_out).write(room) };
            // SAFETY: the stream was made good by deflateInit2_. next_in and avail_in describe
            // `input`, which zlib only reads and which lives beyond this loop; next_out and
            // avail_out describe `output`, of `room` bytes, whole since before its first byte
            // is written. Neither is touched by us while zlib runs.
            let code = unsafe { zlib::deflate(stream, flush) };
            // SAFETY: the field was set above and zlib counts it down.
            let left = unsafe { (&raw const (*stream).avail_out).read() };
            let made = usize::try_from(room - left).unwrap_or(0);
            take(self.output.get(..made).unwrap_or_default());
            // Z_BUF_ERROR says that there was nothing to do.
            if left > 0 || code != zlib::Z_OK {
                return;
            }
        }
    }
}

impl Drop for Deflate {
    fn drop(&mut self) {
        // SAFETY: the stream was made good by deflateInit2_ and is not used after this.
        unsafe { zlib::deflateEnd(self.stream.as_mut_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: [u8; 11] = [
        0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff, 0xff,
    ];

    fn flushed(deflate: &mut Deflate, input: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        deflate.flush(input, &mut |bytes| out.extend_from_slice(bytes));
        out
    }

    #[test]
    fn the_example_of_the_rfc() {
        // RFC 7692 §7.2.3.1 and §7.2.3.2: "Hello", and the same again over its window.
        let mut deflate = Deflate::new(Settings::DEFAULT).unwrap_or_else(|| unreachable!());
        assert_eq!(flushed(&mut deflate, b"Hello"), HELLO);
        let again = [0xf2, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff];
        assert_eq!(flushed(&mut deflate, b"Hello"), again);
        deflate.reset();
        assert_eq!(flushed(&mut deflate, b"Hello"), HELLO);
        // RFC 7692 §7.2.3.6: an empty message is one byte and the four that are cut off.
        assert_eq!(deflate.flushed_len(b""), 5);
    }

    #[test]
    fn output_beyond_the_buffer_comes_whole() {
        let mut seed = 1u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        })
        .take(3 * OUTPUT)
        .collect();
        for memory_level in 1..=9 {
            let settings = Settings {
                memory_level,
                ..Settings::DEFAULT
            };
            let mut deflate = Deflate::new(settings).unwrap_or_else(|| unreachable!());
            let out = flushed(&mut deflate, &noise);
            assert!(out.len() > noise.len() && out.len() < noise.len() / 10 * 11);
            assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
            assert!(!out.ends_with(&[0, 0, 0xff, 0xff, 0, 0, 0, 0xff, 0xff]));
        }
    }

    #[test]
    fn strategies_choose_symbols_and_codes() {
        let made = |level, strategy, input: &[u8]| {
            let settings = Settings {
                level,
                strategy,
                ..Settings::DEFAULT
            };
            let mut deflate = Deflate::new(settings).unwrap_or_else(|| unreachable!());
            flushed(&mut deflate, input)
        };
        let text =
            b"one two three four five six seven eight nine ten eleven twelve thirteen fourteen \
            fifteen sixteen seventeen eighteen nineteen twenty";
        // RFC 1951 §3.2.3: bits 1 and 2 of a block are its type.
        let kind = |bytes: &[u8]| bytes[0] >> 1 & 3;
        assert_eq!(kind(&made(6, Strategy::Default, text)), 2);
        assert_eq!(kind(&made(6, Strategy::Fixed, text)), 1);
        let matches = made(6, Strategy::Default, &[b'a'; 200]).len();
        assert!(made(6, Strategy::HuffmanOnly, &[b'a'; 200]).len() > 2 * matches);
        // RFC 7692 §7.2.3.3: "Hello" in a block without compression.
        let stored = [
            0, 5, 0, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0, 0, 0, 0xff, 0xff,
        ];
        assert_eq!(made(0, Strategy::Default, b"Hello"), stored);
    }

    #[test]
    fn settings_out_of_range_make_none() {
        for (window_bits, memory_level, level) in
            [(8, 8, 6), (16, 8, 6), (15, 0, 6), (15, 10, 6), (15, 8, 10)]
        {
            let settings = Settings {
                window_bits,
                memory_level,
                level,
                ..Settings::DEFAULT
            };
            assert!(Deflate::new(settings).is_none(), "{settings:?}");
        }
    }
}
