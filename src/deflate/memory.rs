//! What zlib holds for one connection.
//!
//! Job: zlib's own formulas (its `zconf.h`), which is what a process pays for each sender.
//! Input: window bits and memory level. Output: bytes.

/// zlib's compressor cannot do with less.
const LEAST_COMPRESSOR_BITS: u8 = 9;

/// Bytes of a compressor: the window and its chains, the hash table and the buffer of symbols.
pub fn compressor_bytes(window_bits: u8, memory_level: u8) -> u64 {
    let bits = window_bits.max(LEAST_COMPRESSOR_BITS);
    (1 << (bits + 2)) + (1 << (memory_level + 9))
}

/// Bytes of an inflater: the window and the tables of codes.
pub fn inflater_bytes(window_bits: u8) -> u64 {
    (1 << window_bits) + 1440 * 2 * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_what_zlib_says() {
        // zconf.h: 256K for deflate by default, 32K and 11.25K for inflate.
        assert_eq!(compressor_bytes(15, 8), 256 << 10);
        assert_eq!(inflater_bytes(15), (32 << 10) + 11_520);
        assert_eq!(compressor_bytes(8, 1), compressor_bytes(9, 1));
    }
}
