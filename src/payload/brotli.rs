//! Brotli inside payloads.
//!
//! Job: tell by what comes out whether a payload is compressed with Brotli. Input: a whole payload. Output:
//! the text that it inflates to. RFC 7932.
//!
//! The format has neither a magic number nor a check. What is taken for it ends exactly where the payload
//! ends, and inflates to text that is longer than the payload: that does not happen by chance.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

/// Shorter payloads say too little.
const LEAST: usize = 16;

/// Bytes that are put out at once.
const STEP: usize = 4096;

/// The text that a payload inflates to, at most one byte more than `most`.
pub(super) fn brotli(payload: &[u8], most: usize) -> Option<Vec<u8>> {
    if payload.len() < LEAST {
        return None;
    }
    let alloc = StandardAlloc::default;
    let mut state = BrotliState::new_strict(alloc(), alloc(), alloc());
    let (mut left, mut read, mut total) = (payload.len(), 0, 0);
    let mut text = Vec::new();
    let mut output = [0; STEP];
    loop {
        let (mut room, mut written) = (STEP, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            payload,
            &mut room,
            &mut written,
            &mut output,
            &mut total,
            &mut state,
        );
        text.extend_from_slice(output.get(..written)?);
        let over = text.len() > most;
        match result {
            _ if !is_text_so_far(&text, text.len().saturating_sub(written)) => return None,
            BrotliResult::ResultSuccess if left > 0 => return None,
            BrotliResult::ResultSuccess => break,
            BrotliResult::NeedsMoreOutput if over => break,
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => return None,
        }
    }
    let whole = text.len() > most || std::str::from_utf8(&text).is_ok();
    text.truncate(most.saturating_add(1));
    (whole && text.len() > payload.len().min(most)).then_some(text)
}

/// Whether the bytes from `from` on can be text: no control character but those that break lines, and UTF-8,
/// of whose last character the rest may still come.
fn is_text_so_far(bytes: &[u8], from: usize) -> bool {
    // A character that began before is at most three bytes old.
    let tail = bytes.get(from.saturating_sub(3)..).unwrap_or_default();
    let starts = tail.iter().position(|byte| byte & 0xc0 != 0x80);
    let tail = tail.get(starts.unwrap_or(0)..).unwrap_or_default();
    let control = |byte: &u8| byte.is_ascii_control() && !b"\t\r\n".contains(byte);
    if tail.iter().any(control) {
        return false;
    }
    match std::str::from_utf8(tail) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's `brotli.compress` of [`TEXT`].
    const PACKED: [u8; 69] = [
        0x1b, 0x4c, 0x00, 0xf8, 0x2d, 0x8f, 0x77, 0xd8, 0x2e, 0x9b, 0x66, 0x23, 0x22, 0x86, 0xdd,
        0x70, 0xf4, 0x2f, 0x16, 0x81, 0x6b, 0x91, 0x2d, 0xb2, 0xbd, 0x2d, 0x72, 0xd4, 0x54, 0xa5,
        0x88, 0xc6, 0x92, 0xa5, 0xad, 0xaf, 0x74, 0xba, 0xca, 0xe9, 0xab, 0x82, 0xa6, 0x60, 0x03,
        0x0e, 0x1c, 0x12, 0x0b, 0x24, 0xa2, 0x01, 0xe4, 0x1e, 0x60, 0x13, 0x66, 0x20, 0x72, 0xdd,
        0x06, 0xf4, 0x0a, 0x12, 0x29, 0xf1, 0xbf, 0x01, 0x1d,
    ];
    const TEXT: &str =
        r#"{"cmd":"DANMU_MSG","info":["the same words, the same words, the same words"]}"#;

    #[test]
    fn what_another_implementation_compressed_inflates() {
        assert_eq!(brotli(&PACKED, 100).unwrap(), TEXT.as_bytes());
        assert_eq!(brotli(&PACKED, 20).unwrap(), &TEXT.as_bytes()[..21]);
    }

    #[test]
    fn cut_longer_and_chance_payloads_are_none() {
        for end in 0..PACKED.len() {
            assert_eq!(brotli(&PACKED[..end], 100), None, "{end}");
        }
        assert_eq!(brotli(&[&PACKED[..], b"x"].concat(), 100), None);
        let mut noise = wscope_testkit::Noise::new(7);
        for _ in 0..2000 {
            let length = 16 + noise.below(200);
            let bytes = noise.bytes(length);
            assert_eq!(brotli(&bytes, 1000), None, "{bytes:02x?}");
        }
    }
}
