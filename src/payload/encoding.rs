//! Compression inside payloads.
//!
//! Job: recognise gzip, zlib and Zstandard by their first bytes and Brotli by what comes out, and inflate within
//! a bound. Input: a whole payload. Output: what it inflates to. RFC 1950, RFC 1952, RFC 7932, RFC 8878.
//!
//! The first bytes alone prove nothing: only what inflates is said to be compressed. gzip, zlib and Zstandard
//! end in a check of what came out, so chance does not pass for it.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use strum::IntoStaticStr;

use super::brotli::brotli;
use crate::deflate::{gzip_header, zlib_header};
use crate::zstandard::{Frames, MAGIC, WINDOW};

/// How a payload is compressed in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Encoding {
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Zlib,
    /// RFC 8878.
    Zstd,
    /// RFC 7932.
    Brotli,
    /// RFC 1950, one stream over all messages of a sender.
    ZlibStream,
    /// RFC 8878, likewise.
    ZstdStream,
}

/// What a payload inflates to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inflated {
    /// What it was.
    pub encoding: Encoding,
    /// The bytes, or the first of them; zeros in the holes.
    pub bytes: Vec<u8>,
    /// Which of them are not known: start and length.
    pub holes: Vec<(u64, u64)>,
    /// There are more.
    pub cut: bool,
}

impl Encoding {
    /// `gzip`, `zlib`, `zstd`, `brotli`, `zlib-stream` or `zstd-stream`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What a payload seems to be by its first bytes; any may be Brotli's.
    fn of(payload: &[u8]) -> Self {
        if gzip_header(payload).is_some() {
            Self::Gzip
        } else if payload.starts_with(&MAGIC) {
            Self::Zstd
        } else if zlib_header(payload).is_some() {
            Self::Zlib
        } else {
            Self::Brotli
        }
    }
}

/// What a whole payload inflates to, at most so many bytes of it; `None` where it is not compressed.
pub fn encoding(payload: &[u8], most: usize) -> Option<Inflated> {
    let encoding = Encoding::of(payload);
    let bytes = match encoding {
        Encoding::Gzip => read(MultiGzDecoder::new(payload), most)?,
        Encoding::Zstd => zstd(payload, most)?,
        Encoding::Zlib => {
            let mut decoder = ZlibDecoder::new(payload);
            let bytes = read(&mut decoder, most)?;
            let whole = decoder.total_in() == payload.len() as u64;
            (whole || bytes.len() > most).then_some(bytes)?
        }
        Encoding::Brotli => brotli(payload, most)?,
        // Whether a message belongs to a stream, those before it tell.
        Encoding::ZlibStream | Encoding::ZstdStream => return None,
    };
    let cut = bytes.len() > most;
    let mut bytes = bytes;
    bytes.truncate(most);
    Some(Inflated {
        encoding,
        bytes,
        holes: Vec::new(),
        cut,
    })
}

/// All that comes, or one byte more than `most`; `None` where it fails.
fn read(decoder: impl Read, most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = (most as u64).saturating_add(1);
    decoder.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What whole frames say, at most a byte more than `most`; `None` where they are none.
fn zstd(mut payload: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut frames = Frames::new(WINDOW).ok()?;
    let mut bytes = Vec::new();
    while bytes.len() <= most {
        match frames.block(&mut payload).ok()? {
            Some(block) => bytes.extend_from_slice(block),
            None => return frames.is_between_frames().then_some(bytes),
        }
    }
    bytes.truncate(most.saturating_add(1));
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn packed() -> [(Encoding, Vec<u8>); 3] {
        let text = b"the same words, the same words";
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(text).unwrap();
        let zstd = ::zstd::bulk::compress(text, 3).unwrap();
        [
            (Encoding::Gzip, gzip.finish().unwrap()),
            (Encoding::Zlib, zlib.finish().unwrap()),
            (Encoding::Zstd, zstd),
        ]
    }

    #[test]
    fn what_is_compressed_inflates_within_the_bound() {
        for (kind, bytes) in packed() {
            let all = encoding(&bytes, 100).unwrap();
            assert_eq!((all.encoding, all.cut), (kind, false));
            assert_eq!(all.bytes, b"the same words, the same words");
            let some = encoding(&bytes, 8).unwrap();
            assert_eq!((some.bytes.as_slice(), some.cut), (&b"the same"[..], true));
        }
    }

    #[test]
    fn what_only_begins_so_is_not_compressed() {
        for (kind, bytes) in packed() {
            for end in 0..bytes.len() {
                assert_eq!(encoding(&bytes[..end], 100), None, "{kind:?} {end}");
            }
            let mut wrong = bytes.clone();
            let last = wrong.len() - 1;
            wrong[last] ^= 1;
            // Zstandard's check is optional.
            if kind != Encoding::Zstd {
                assert_eq!(encoding(&wrong, 100), None, "{kind:?}");
            }
        }
        assert_eq!(encoding(b"\x78\x9cand more", 100), None);
        assert_eq!(encoding(b"", 100), None);
    }
}
