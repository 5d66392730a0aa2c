//! Windows of directions on which nothing comes.
//!
//! Job: keep a window's bytes in less room until they are needed again. Input: bytes. Output: the
//! same, packed and unpacked. RFC 1951.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// Fewer bytes are not worth the time.
const LEAST: usize = 1 << 10;

thread_local! {
    /// Each takes more memory than many windows.
    static ENGINES: RefCell<Engines> = RefCell::new(Engines {
        packer: Compress::new(Compression::fast(), false),
        unpacker: Decompress::new(false),
        buffer: Vec::new(),
    });
}

struct Engines {
    packer: Compress,
    unpacker: Decompress,
    buffer: Vec<u8>,
}

/// Bytes in less room; `None` where that would gain little.
pub(super) fn pack(bytes: &[u8]) -> Option<Box<[u8]>> {
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
        (whole && gains).then(|| buffer.as_slice().into())
    })
}

/// The `len` bytes that were packed.
pub(super) fn unpack(packed: &[u8], len: usize) -> Option<Vec<u8>> {
    ENGINES.with_borrow_mut(|Engines { unpacker, .. }| {
        unpacker.reset(false);
        let mut bytes = Vec::with_capacity(len);
        let status = unpacker.decompress_vec(packed, &mut bytes, FlushDecompress::Finish);
        let whole = matches!(status, Ok(Status::StreamEnd));
        (whole && bytes.len() == len).then_some(bytes)
    })
}
