//! Packets: a link type, then packets that may be each other's fragments.
//!
//! Holds that a segment's payload lies in its packet and is no longer than announced, that both
//! directions have one key, and that a packet cut by a snaplen gives the same segment with a
//! shorter payload, or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscope::base::{Limits, PacketRef, Timestamp};
use wscope::capture::{LinkType, Packet};
use wscope::net::{Decoded, Decoder, Other, Segment};
use wscope_fuzz::Bytes;

const LINKS: [u16; 28] = [
    1, 0, 101, 108, 113, 228, 229, 276, 9, 50, 12, 14, 51, 100, 104, 105, 107, 109, 117, 119, 127,
    163, 166, 192, 226, 239, 258, 178,
];

fn limits() -> Limits {
    Limits {
        fragment_bytes: 4096,
        ..Limits::default()
    }
}

fn check(segment: &Segment<'_>) {
    assert!(
        segment.payload.len() as u64 <= u64::from(segment.payload_len),
        "more payload than announced"
    );
    let (key, from_low) = segment.flow();
    let back = Segment {
        source: segment.destination,
        destination: segment.source,
        ..*segment
    };
    let (back_key, back_from_low) = back.flow();
    assert_eq!(key, back_key);
    assert!(from_low != back_from_low || segment.source == segment.destination);
}

fn cut(packet: &Packet<'_>, whole: &Segment<'_>) {
    for keep in [packet.data.len() / 2, packet.data.len().saturating_sub(1)] {
        let short = Packet {
            data: &packet.data[..keep],
            ..*packet
        };
        match Decoder::new(limits()).decode(&short) {
            Decoded::Segment(part) => {
                assert_eq!(part.source, whole.source);
                assert_eq!(part.destination, whole.destination);
                assert_eq!(part.seq, whole.seq);
                assert_eq!(part.payload_len, whole.payload_len);
                assert!(whole.payload.starts_with(part.payload));
            }
            Decoded::Reassembled(_) => panic!("a cut packet became a datagram"),
            // A UDP header that is not there names no tunnel.
            Decoded::Other(other) => assert!(
                matches!(other, Other::Cut(_) | Other::Udp),
                "{other:?} of {whole:?}"
            ),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    let first = usize::from(bytes.byte());
    let link = LINKS.get(first).copied().unwrap_or_else(|| bytes.short());
    let mut decoder = Decoder::new(limits());
    let mut number = 0;
    while !bytes.is_empty() {
        number += 1;
        // The highest bits say that the wire had more than was captured.
        let head = bytes.short();
        let data = bytes.take(usize::from(head & 0x0fff));
        let more = u32::from(head >> 12) * 64;
        let packet = Packet {
            place: PacketRef::new(0, number),
            time: Timestamp(number * 1_000_000_000),
            link: LinkType(link),
            data,
            wire_len: u32::try_from(data.len()).unwrap_or(0) + more,
        };
        match decoder.decode(&packet) {
            Decoded::Segment(segment) => {
                let range = data.as_ptr_range();
                let inside = segment.payload.as_ptr_range();
                let within = range.start <= inside.start && inside.end <= range.end;
                assert!(within || segment.payload.is_empty());
                check(&segment);
                cut(&packet, &segment);
            }
            Decoded::Reassembled(segment) => check(&segment),
            Decoded::Other(_) => {}
        }
    }
    let _ = decoder.fragment_losses();
});
