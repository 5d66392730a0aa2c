//! Zstandard frames in a row.
//!
//! Job: decompress one block after the other. Input: a buffered reader. Output: bytes.
//! Source: RFC 8878 §3.1.1.

use std::io::{self, BufRead, BufReader, Read};

use super::raw::Raw;
use crate::zstandard::{Fault, Frames, WINDOW};

/// Reads the content of zstd frames.
pub(in crate::capture) struct Zstd {
    source: BufReader<Raw>,
    frames: Option<Frames>,
    /// What the last block said.
    block: Vec<u8>,
    /// Bytes of it that were handed over.
    given: usize,
    /// Nothing more comes.
    done: bool,
}

impl Zstd {
    pub(super) fn new(source: BufReader<Raw>) -> Self {
        Self {
            source,
            frames: None,
            block: Vec::new(),
            given: 0,
            done: false,
        }
    }

    pub(super) fn source(&self) -> &BufReader<Raw> {
        &self.source
    }

    pub(super) fn source_mut(&mut self) -> &mut BufReader<Raw> {
        &mut self.source
    }

    /// Decodes the next block, or comes to the end.
    fn fill(&mut self) -> io::Result<()> {
        let mut frames = match self.frames.take() {
            Some(frames) => frames,
            None => Frames::new(WINDOW).map_err(|fault| failed(&fault))?,
        };
        self.block.clear();
        self.given = 0;
        while self.block.is_empty() {
            let input = self.source.fill_buf()?;
            if input.is_empty() {
                self.done = true;
                if frames.is_between_frames() {
                    return Ok(());
                }
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut rest = input;
            if let Some(block) = frames.block(&mut rest).map_err(|fault| failed(&fault))? {
                self.block.extend_from_slice(block);
            }
            let taken = input.len() - rest.len();
            self.source.consume(taken);
        }
        self.frames = Some(frames);
        Ok(())
    }
}

fn failed(fault: &Fault) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, fault.to_string())
}

impl Read for Zstd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.block.len() && !self.done {
            self.fill().inspect_err(|_| self.done = true)?;
        }
        let rest = self.block.get(self.given..).unwrap_or_default();
        let count = rest.len().min(into.len());
        if let (Some(from), Some(to)) = (rest.get(..count), into.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}
