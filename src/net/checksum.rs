//! The Internet checksum.
//!
//! Job: add up 16-bit words with the carry around. Input: bytes. Output: sums. RFC 1071, RFC
//! 9293 §3.1.
//!
//! Words are added in the machine's order: RFC 1071 §2 (B), the sum's bytes come out swapped and
//! nothing else changes.

use std::net::IpAddr;

/// The sum of 16-bit words, folded; an odd last byte is filled up with zero.
pub(super) fn sum(bytes: &[u8]) -> u16 {
    let (words, rest) = bytes.as_chunks::<4>();
    let words = words
        .iter()
        .map(|word| u64::from(u32::from_ne_bytes(*word)));
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    fold(words.sum::<u64>() + u64::from(u32::from_ne_bytes(last)))
}

/// What the payload of a TCP segment must add up to, by its header and both addresses.
pub(super) fn of_payload(source: IpAddr, destination: IpAddr, header: &[u8], len: u32) -> u16 {
    // RFC 9293 §3.1, RFC 8200 §8.1: the pseudo-header has addresses, length and protocol.
    const TCP: u32 = 6;

    let addresses = match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            u64::from(sum(&source.octets())) + u64::from(sum(&destination.octets()))
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            u64::from(sum(&source.octets())) + u64::from(sum(&destination.octets()))
        }
        _ => 0,
    };
    let ends = u64::from(len.to_be()) + u64::from(TCP.to_be());
    !fold(addresses + ends + u64::from(sum(header)))
}

/// Whether two sums are the same: all ones is another zero.
pub(super) fn same(one: u16, other: u16) -> bool {
    one == other || [one, other].iter().all(|&sum| matches!(sum, 0 | u16::MAX))
}

fn fold(sum: u64) -> u16 {
    let mut sum = sum;
    while sum > u64::from(u16::MAX) {
        sum = (sum & u64::from(u16::MAX)) + (sum >> 16);
    }
    u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1071 §3 gives this one.
    #[test]
    fn the_example_of_the_rfc() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(sum(&bytes).to_ne_bytes(), [0xdd, 0xf2]);
    }

    #[test]
    fn any_length_adds_up() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for len in 0..bytes.len() {
            let mut plain: u32 = 0;
            for pair in bytes[..len].chunks(2) {
                plain += u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
            }
            while plain > 0xffff {
                plain = (plain & 0xffff) + (plain >> 16);
            }
            let expected = u16::try_from(plain).unwrap();
            assert!(same(sum(&bytes[..len]), expected.to_be()), "{len} bytes");
        }
    }
}
