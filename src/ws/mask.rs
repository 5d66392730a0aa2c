//! The masking of what clients send. RFC 6455 §5.3.

/// Appends `bytes` to `out` with the mask taken off.
///
/// `position` is the payload offset of the first byte, which sets the key's phase. Words of
/// eight bytes at a time.
pub fn unmask(bytes: &[u8], key: [u8; 4], position: u64, out: &mut Vec<u8>) {
    // RFC 6455 §5.3: byte i of the payload is combined with byte i mod 4 of the key.
    let phase = (position % 4) as u32;
    let key = u32::from_le_bytes(key).rotate_right(8 * phase);
    let wide = (u64::from(key) << 32) | u64::from(key);
    let start = out.len();
    out.extend_from_slice(bytes);
    let (words, rest) = out
        .get_mut(start..)
        .unwrap_or_default()
        .as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_le_bytes(*word) ^ wide).to_le_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(wide.to_le_bytes()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(bytes: &[u8], key: [u8; 4], position: u64) -> Vec<u8> {
        let at = |i: usize| key[(usize::try_from(position).unwrap() + i) % 4];
        bytes.iter().enumerate().map(|(i, b)| b ^ at(i)).collect()
    }

    #[test]
    fn the_rfc_example() {
        // RFC 6455 §5.7: a masked "Hello".
        let mut out = Vec::new();
        unmask(
            &[0x7f, 0x9f, 0x4d, 0x51, 0x58],
            [0x37, 0xfa, 0x21, 0x3d],
            0,
            &mut out,
        );
        assert_eq!(out, b"Hello");
    }

    #[test]
    fn every_phase_and_length_agrees_with_the_byte_loop() {
        let bytes: Vec<u8> = (0..=255).collect();
        for position in 0..9 {
            for len in 0..40 {
                let mut out = vec![1, 2, 3];
                unmask(&bytes[..len], [9, 80, 7, 200], position, &mut out);
                assert_eq!(out[3..], plain(&bytes[..len], [9, 80, 7, 200], position));
            }
        }
    }
}
