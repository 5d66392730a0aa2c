//! Sizes of frames, in whole numbers only, so that every machine says the same.

/// Bytes of the header of a frame. RFC 6455 §5.2: a length of up to 125 stands in the second
/// byte, others in two or eight more; §5.3: a client adds a mask of four.
pub(super) fn header_len(payload: u64, masked: bool) -> u64 {
    let length = match payload {
        0..=125 => 0,
        126..=0xffff => 2,
        _ => 8,
    };
    2 + length + if masked { 4 } else { 0 }
}

/// Bytes of `frames` frames that carry `payload` bytes together, as evenly as can be.
pub(super) fn spread_len(payload: u64, frames: u64, masked: bool) -> u64 {
    let frames = frames.max(1);
    let (each, more) = (payload / frames, payload % frames);
    let long = more * header_len(each + 1, masked);
    payload + long + (frames - more) * header_len(each, masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_the_rfc() {
        let lens = [0, 125, 126, 65_535, 65_536].map(|len| header_len(len, false));
        assert_eq!(lens, [2, 2, 4, 4, 10]);
        assert_eq!(header_len(5, true), 6);
        assert_eq!(spread_len(251, 2, false), 251 + 4 + 2);
        assert_eq!(spread_len(0, 1, true), 6);
    }
}
