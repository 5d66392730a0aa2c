//! The bytes of an input, decompressed where need be.
//!
//! Job: one stream for plain, gzip and zstd inputs; all that can be had of a damaged one.
//! Input: a reader and the bytes already taken from it to tell its kind. Output: bytes, and at
//! their end [`Failure`], which says whose fault it was.
//! Source: RFC 1952 (gzip; several members are one stream, §2.2), RFC 8878 (zstd; §3 frames in a
//! row, §3.1.2 frames to be skipped).

mod raw;
mod zstd;

use std::fmt;
use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use self::zstd::Zstd;

pub(super) use self::raw::Raw;

/// Bytes read from a compressed input at a time.
const INPUT: usize = 64 << 10;
/// Bytes taken from the gzip decoder at a time: it drops what it made of the call in which it
/// meets an error.
const GZIP_OUTPUT: usize = 16 << 10;

/// A compression that wraps a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// Of the format, and of the program that makes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Why a stream ended before its time.
#[derive(Debug)]
pub(super) enum Failure {
    /// The system could not read on.
    Read(io::Error),
    /// The compressed input ends too early.
    Cut(Compression),
    /// The compressed input is damaged.
    Broken(Compression, String),
}

/// An input's bytes, decompressed.
pub(super) enum Stream {
    Plain(Raw),
    Gzip(Box<MultiGzDecoder<BufReader<Raw>>>),
    Zstd(Box<Zstd>),
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("compression", &self.compression())
            .field("read", &self.raw().count())
            .finish()
    }
}

impl Stream {
    /// The bytes of `raw` as they are.
    pub(super) fn new(raw: Raw) -> Self {
        Self::Plain(raw)
    }

    /// Decompresses a plain stream from now on; `head` are bytes already read from it.
    pub(super) fn unpack(self, head: Vec<u8>, compression: Compression) -> Self {
        let Self::Plain(mut raw) = self else {
            return self;
        };
        raw.give_back(head);
        let raw = BufReader::with_capacity(INPUT, raw);
        match compression {
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(raw))),
            Compression::Zstd => Self::Zstd(Box::new(Zstd::new(raw))),
        }
    }

    pub(super) fn compression(&self) -> Option<Compression> {
        match self {
            Self::Plain(_) => None,
            Self::Gzip(_) => Some(Compression::Gzip),
            Self::Zstd(_) => Some(Compression::Zstd),
        }
    }

    /// The input itself.
    pub(super) fn raw(&self) -> &Raw {
        match self {
            Self::Plain(raw) => raw,
            Self::Gzip(gzip) => gzip.get_ref().get_ref(),
            Self::Zstd(zstd) => zstd.source().get_ref(),
        }
    }

    /// Some next bytes; 0 at the end. Waits only if none are there.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Failure> {
        let result = match self {
            Self::Plain(raw) => raw.read(into),
            Self::Gzip(gzip) => {
                let room = into.len().min(GZIP_OUTPUT);
                gzip.read(into.get_mut(..room).unwrap_or_default())
            }
            Self::Zstd(zstd) => zstd.read(into),
        };
        result.map_err(|error| self.blame(error))
    }

    /// Whose fault an error is.
    #[cold]
    fn blame(&mut self, error: io::Error) -> Failure {
        let raw = match self {
            Self::Plain(raw) => raw,
            Self::Gzip(gzip) => gzip.get_mut().get_mut(),
            Self::Zstd(zstd) => zstd.source_mut().get_mut(),
        };
        if let Some(failure) = raw.take_failure() {
            return Failure::Read(failure);
        }
        match (self.compression(), error.kind()) {
            (None, _) => Failure::Read(error),
            (Some(compression), io::ErrorKind::UnexpectedEof) => Failure::Cut(compression),
            (Some(compression), _) => Failure::Broken(compression, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
