//! An input as it lies there.
//!
//! Job: count what is read, take bytes back, and keep why reading failed. Input: a reader.
//! Output: its bytes.

use std::io::{self, Read};

use crate::capture::bytes::offset;
use crate::capture::opened::Bytes;

/// An input as it is: some bytes given back to it, then its reader.
pub(in crate::capture) struct Raw {
    given_back: io::Cursor<Vec<u8>>,
    reader: Bytes,
    /// Bytes that came from the reader.
    read: u64,
    /// What the reader failed of; after that it is at its end.
    failure: Option<io::Error>,
    ended: bool,
}

impl Raw {
    pub(in crate::capture) fn new(reader: Bytes) -> Self {
        Self {
            given_back: io::Cursor::default(),
            reader,
            read: 0,
            failure: None,
            ended: false,
        }
    }

    /// Puts bytes that were read before those to come.
    pub(in crate::capture) fn give_back(&mut self, bytes: Vec<u8>) {
        self.given_back = io::Cursor::new(bytes);
    }

    /// Bytes that came from the reader.
    pub(in crate::capture) fn count(&self) -> u64 {
        self.read
    }

    /// What the reader failed of, once.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }
}

impl Read for Raw {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let again = self.given_back.read(into)?;
        if again > 0 || into.is_empty() || self.ended {
            return Ok(again);
        }
        loop {
            match self.reader.read(into) {
                Ok(count) => {
                    self.ended = count == 0;
                    self.read = self.read.saturating_add(offset(count));
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    let kind = error.kind();
                    self.failure = Some(error);
                    return Err(kind.into());
                }
            }
        }
    }
}
