//! Zstandard frames in a row.
//!
//! Job: decompress one frame after the other. Input: a buffered reader. Output: bytes.
//! Source: RFC 8878 §3.1.1 (frames), §3.1.1.2 (blocks), §3.1.2 (frames to be skipped).
//!
//! The decoder keeps back a window's worth of bytes until its frame ends. From a file that is no
//! matter; through a pipe, packets come late by that much.

use std::io::{self, BufRead, BufReader, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::raw::Raw;

/// An empty raw block that is its frame's last, and four bytes that stand for a checksum: given
/// to a decoder whose input has failed, it hands over the bytes that it keeps back.
const LAST_BLOCK: &[u8] = &[1, 0, 0, 0, 0, 0, 0];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a frame.
    Between,
    /// In a frame.
    Inside,
    /// After the end, or a failure.
    Done,
}

/// Reads the content of zstd frames.
pub(in crate::capture) struct Zstd {
    source: BufReader<Raw>,
    decoder: FrameDecoder,
    state: State,
    /// What to report once all bytes are handed over.
    failure: Option<io::Error>,
}

impl Zstd {
    pub(super) fn new(source: BufReader<Raw>) -> Self {
        Self {
            source,
            decoder: FrameDecoder::new(),
            state: State::Between,
            failure: None,
        }
    }

    pub(super) fn source(&self) -> &BufReader<Raw> {
        &self.source
    }

    pub(super) fn source_mut(&mut self) -> &mut BufReader<Raw> {
        &mut self.source
    }

    /// Begins the next frame, or passes over one that is to be skipped.
    fn begin(&mut self) -> io::Result<()> {
        if self.source.fill_buf()?.is_empty() {
            self.state = State::Done;
            return Ok(());
        }
        match self.decoder.reset(&mut self.source) {
            Ok(()) => self.state = State::Inside,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let length = u64::from(length);
                let mut skipped = self.source.by_ref().take(length);
                if io::copy(&mut skipped, &mut io::sink())? < length {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(error) => return Err(self.failed(&error)),
        }
        Ok(())
    }

    /// Decodes the next block of a frame.
    fn block(&mut self) {
        let step = BlockDecodingStrategy::UptoBlocks(1);
        if let Err(error) = self.decoder.decode_blocks(&mut self.source, step) {
            self.failure = Some(self.failed(&error));
            // An error here only means that there is nothing to hand over.
            let _ = self
                .decoder
                .decode_blocks(LAST_BLOCK, BlockDecodingStrategy::UptoBlocks(1));
        }
    }

    /// The decoder reports the end of its input like any other error.
    fn failed(&mut self, error: &FrameDecoderError) -> io::Error {
        let ended = self.source.fill_buf().is_ok_and(<[u8]>::is_empty);
        let kind = if ended {
            io::ErrorKind::UnexpectedEof
        } else {
            io::ErrorKind::InvalidData
        };
        io::Error::new(kind, error.to_string())
    }
}

impl Read for Zstd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state {
                State::Done => return Ok(0),
                State::Between => {
                    if let Err(error) = self.begin() {
                        self.state = State::Done;
                        return Err(error);
                    }
                }
                State::Inside => {
                    if self.decoder.can_collect() > 0 || into.is_empty() {
                        return self.decoder.read(into);
                    }
                    if let Some(failure) = self.failure.take() {
                        self.state = State::Done;
                        return Err(failure);
                    }
                    if self.decoder.is_finished() {
                        self.state = State::Between;
                    } else {
                        self.block();
                    }
                }
            }
        }
    }
}
