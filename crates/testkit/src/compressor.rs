//! Compressed payloads. RFC 7692 §7.2.1.

use flate2::{Compress, Compression, FlushCompress, Status};

/// One direction's compressor, as stock implementations use zlib.
#[derive(Debug)]
pub struct Compressor {
    engine: Compress,
    reset: bool,
}

impl Compressor {
    /// A fresh one; `reset` before each message.
    pub fn new(level: u32, bits: u8, reset: bool) -> Self {
        let engine = Compress::new_with_window_bits(Compression::new(level), false, bits);
        Self { engine, reset }
    }

    /// RFC 7692 §7.2.1. Nothing at all where zlib has just flushed and nothing has come since.
    pub fn message(&mut self, plain: &[u8]) -> Vec<u8> {
        if self.reset {
            self.engine.reset();
        }
        let mut out = self.deflate(plain, FlushCompress::Sync);
        if out.is_empty() {
            return out;
        }
        assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
        out.truncate(out.len() - 4);
        out
    }

    /// A final block, and the empty block behind it.
    pub fn last_message(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut out = self.deflate(plain, FlushCompress::Finish);
        self.engine.reset();
        out.push(0);
        out
    }

    /// What the engine makes of `plain`, to its end.
    pub fn deflate(&mut self, mut plain: &[u8], flush: FlushCompress) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() + 1024);
        loop {
            let before = self.engine.total_in();
            let status = self.engine.compress_vec(plain, &mut out, flush).unwrap();
            plain = &plain[usize::try_from(self.engine.total_in() - before).unwrap()..];
            let done = match flush {
                FlushCompress::Finish => status == Status::StreamEnd,
                _ => plain.is_empty() && out.len() < out.capacity(),
            };
            if done {
                return out;
            }
            out.reserve(4096);
        }
    }
}
