//! Reading what a store keeps, while it is written.
//!
//! Job: the segments of one moment as one stream. Input: files and how much of each counts.
//! Output: bytes. Files are read at offsets, so that readers and the writer do not move
//! each other's place.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

/// The first bytes of a file.
#[derive(Debug)]
pub(super) struct Piece {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Piece {
    pub(super) fn new(file: Arc<File>, len: u64) -> Self {
        Self {
            file,
            at: 0,
            end: len,
        }
    }
}

/// Pieces in a row.
#[derive(Debug)]
pub(super) struct Pieces(VecDeque<Piece>);

impl Pieces {
    /// `pieces` without the first `skip` bytes of the first one.
    pub(super) fn new(mut pieces: VecDeque<Piece>, skip: u64) -> Self {
        if let Some(piece) = pieces.front_mut() {
            piece.at = skip.min(piece.end);
        }
        Self(pieces)
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(piece) = self.0.front_mut() {
            let left = usize::try_from(piece.end - piece.at).unwrap_or(usize::MAX);
            let most = left.min(into.len());
            let space = into.get_mut(..most).unwrap_or_default();
            let count = read_at(&piece.file, space, piece.at)?;
            if count > 0 || into.is_empty() {
                piece.at += count as u64;
                return Ok(count);
            }
            self.0.pop_front();
        }
        Ok(0)
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

/// Moves the file's own place, which the writer does not use: it appends.
#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}
