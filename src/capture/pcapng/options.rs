//! Options at the end of a block.
//!
//! Job: walk them. Input: the bytes behind a block's fixed part. Output: code and value of each.
//! Source: draft-ietf-opsawg-pcapng §3.5.

use super::super::bytes::Endian;

/// Code of the end of options.
const END: u16 = 0;

/// Code and value of each option; ends at the end mark, or where an option is not whole.
pub(super) fn options(endian: Endian, bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let [code, length] = endian.halves(rest)?;
        if code == END {
            return None;
        }
        let length = usize::from(length);
        let body = rest.get(4..)?;
        let value = body.get(..length)?;
        // Values are padded to four bytes; the padding of the last may be missing.
        rest = body.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((code, value))
    })
}
