//! Bytes that are not needed for a time.
//!
//! Job: keep the windows of silent directions, and messages that wait, in less room. Input: bytes. Output:
//! the same, packed and unpacked. RFC 1951.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Fewer bytes are not worth the time.
const LEAST: usize = 1 << 10;

thread_local! {
    /// Each takes more memory than many windows.
    static ENGINES: RefCell<Engines> = RefCell::new(Engines {
        // The fastest that fits codes to the bytes: text has few copies to gain by.
        packer: Compress::new(Compression::new(2), false),
        unpacker: Decompress::new(false),
        buffer: Vec::new(),
    });
}

struct Engines {
    packer: Compress,
    unpacker: Decompress,
    buffer: Vec<u8>,
}

/// Bytes in less room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Box<[u8]>,
    len: usize,
}

impl Packed {
    /// Packs `bytes`; `None` where that would gain little.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < LEAST {
            return None;
        }
        ENGINES.with_borrow_mut(|Engines { packer, buffer, .. }| {
            packer.reset();
            buffer.clear();
            buffer.reserve(bytes.len() / 4 * 3);
            let status = packer.compress_vec(bytes, buffer, FlushCompress::Finish);
            let gains = buffer.len() <= bytes.len() / 4 * 3;
            let whole = matches!(status, Ok(Status::StreamEnd));
            (whole && gains).then(|| Self {
                bytes: buffer.as_slice().into(),
                len: bytes.len(),
            })
        })
    }

    /// Bytes that it takes.
    pub fn takes(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes were packed.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none; never so, as few bytes are not packed.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes; `None` where memory itself is broken.
    pub fn unpack(&self) -> Option<Vec<u8>> {
        ENGINES.with_borrow_mut(|Engines { unpacker, .. }| {
            unpacker.reset(false);
            let mut bytes = Vec::with_capacity(self.len);
            let status = unpacker.decompress_vec(&self.bytes, &mut bytes, FlushDecompress::Finish);
            let whole = matches!(status, Ok(Status::StreamEnd));
            (whole && bytes.len() == self.len).then_some(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let text: Vec<u8> = (0..9000_u32)
            .flat_map(|n| n.to_string().into_bytes())
            .collect();
        let packed = Packed::of(&text).unwrap();
        assert!(packed.takes() < text.len() / 2 && packed.len() == text.len());
        let zeros = Packed::of(&vec![0; 32_768]).unwrap();
        assert!(zeros.takes() < 200);
        assert_eq!(packed.unpack(), Some(text));
        assert_eq!(zeros.unpack(), Some(vec![0; 32_768]));
        let noise: Vec<u8> = (0..9000_u64)
            .map(|n| ((n * n * 2_654_435_761) >> 13).to_le_bytes()[0])
            .collect();
        assert_eq!((Packed::of(&noise), Packed::of(&[0; 100])), (None, None));
    }
}
