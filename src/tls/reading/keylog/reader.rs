//! Key logs that come in pieces.
//!
//! Job: cut them into lines. Input: bytes. Output: secrets in a [`KeyLog`]. RFC 9850 §2.

use zeroize::Zeroize;

use super::log::{KeyLog, Source};

impl KeyLog {
    /// Reads a whole key log, or a whole secrets block.
    pub fn read(&mut self, bytes: &[u8], source: Source) {
        let mut reader = Reader::new(source);
        reader.feed(self, bytes);
        reader.finish(self);
    }
}

/// Cuts a key log that comes in pieces into lines.
pub struct Reader {
    source: Source,
    /// The beginning of a line whose end is yet to come.
    partial: Vec<u8>,
    /// The line is longer than any of a key log; the rest of it is left out.
    overlong: bool,
}

impl Reader {
    /// The longest line that is looked at.
    const MOST: usize = 4096;

    /// A reader at the beginning of a key log.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            partial: Vec::new(),
            overlong: false,
        }
    }

    /// Takes the next bytes; lines end with CR, LF or both.
    pub fn feed(&mut self, log: &mut KeyLog, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, after) = rest.split_at(at);
            rest = after.get(1..).unwrap_or_default();
            if self.partial.is_empty() && !self.overlong {
                log.line(line, self.source);
            } else {
                self.keep(line);
                self.finish(log);
            }
        }
        self.keep(rest);
    }

    /// Takes what is there of the last line: it may lack its end, but not its last digits.
    pub fn finish(&mut self, log: &mut KeyLog) {
        if std::mem::take(&mut self.overlong) {
            log.counts.unknown += 1;
        } else {
            log.line(&self.partial, self.source);
        }
        self.partial.zeroize();
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.overlong || self.partial.len() + bytes.len() > Self::MOST {
            self.overlong = true;
            self.partial.zeroize();
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.partial.zeroize();
    }
}
