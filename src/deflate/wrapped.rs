//! Other formats around a compressed payload.
//!
//! Job: recognise their headers. Input: a payload's first bytes. Output: the header's length.
//! RFC 1950 (zlib), 1952 (gzip).

/// RFC 1952 §2.3.1: gzip's first two bytes.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// RFC 1950 §2.2: method 8, a window of up to 32 KiB, and a multiple of 31; with a dictionary
/// four bytes more.
pub fn zlib_header(payload: &[u8]) -> Option<usize> {
    let [method, flags, ..] = *payload else {
        return None;
    };
    let is = method & 0x8f == 0x08 && u16::from_be_bytes([method, flags]) % 31 == 0;
    is.then_some(if flags & 0x20 == 0 { 2 } else { 6 })
}

/// RFC 1952 §2.3: ten bytes, and what the flags announce.
pub fn gzip_header(payload: &[u8]) -> Option<usize> {
    let [0x1f, 0x8b, 8, flags, ..] = *payload else {
        return None;
    };
    let mut end = 10;
    if flags & 4 != 0 {
        let length = payload.get(end..)?.first_chunk::<2>()?;
        end += 2 + usize::from(u16::from_le_bytes(*length));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            end += 1 + payload.get(end..)?.iter().position(|byte| *byte == 0)?;
        }
    }
    Some(if flags & 2 == 0 { end } else { end + 2 })
}
