use super::*;
use crate::base::{PacketRef, Peer, Timestamp};
use crate::stream::Missing;
use crate::ws::{HeaderFault, OpCode, unmask};
use proptest::prelude::*;

fn at(number: u64) -> Stamp {
    Stamp {
        packet: PacketRef::new(0, number),
        time: Timestamp(number),
    }
}

fn reader(from: Peer) -> FrameReader {
    FrameReader::new(Expectation { from, rsv1: false }, Limits::default())
}

/// What a reader said, with parts of one frame joined.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// Opcode, FIN, payload with `None` for missing bytes, ended.
    Frame(OpCode, bool, Vec<Option<u8>>, bool),
    Lost(LossCause),
    Found(Option<u64>),
}

fn note(said: &mut Vec<Said>, event: ReaderEvent<'_>) {
    match event {
        ReaderEvent::Part(part) => {
            if part.begins {
                said.push(Said::Frame(
                    part.header.opcode,
                    part.header.fin,
                    Vec::new(),
                    false,
                ));
            }
            let Some(Said::Frame(_, _, payload, ended)) = said.last_mut() else {
                panic!("a part without its frame: {part:?}");
            };
            assert_eq!(part.offset, payload.len() as u64);
            match part.body {
                Body::Hole(len) => payload.extend((0..len).map(|_| None)),
                Body::Bytes(bytes) => {
                    let mut plain = Vec::new();
                    unmask(
                        bytes,
                        part.header.mask.unwrap_or_default(),
                        part.offset,
                        &mut plain,
                    );
                    payload.extend(plain.into_iter().map(Some));
                }
            }
            *ended = part.ends;
        }
        ReaderEvent::Lost { cause, .. } => said.push(Said::Lost(cause)),
        ReaderEvent::Found { skipped, .. } => said.push(Said::Found(skipped)),
    }
}

/// `Ok` for bytes, `Err` for a gap.
fn read(reader: &mut FrameReader, pieces: &[Result<&[u8], u64>]) -> Vec<Said> {
    let mut said = Vec::new();
    for (number, piece) in (1..).zip(pieces) {
        let mut out = |event: ReaderEvent<'_>| note(&mut said, event);
        match piece {
            Ok(bytes) => reader.delivery(Delivery::write(bytes), at(number).into(), &mut out),
            Err(len) => reader.delivery(
                Delivery::Gap(Missing::Bytes(*len)),
                at(number).into(),
                &mut out,
            ),
        }
    }
    said
}

fn whole(opcode: OpCode, fin: bool, payload: &[u8]) -> Said {
    Said::Frame(
        opcode,
        fin,
        payload.iter().map(|b| Some(*b)).collect(),
        true,
    )
}

#[test]
fn the_rfc_examples() {
    // RFC 6455 §5.7.
    let bytes = [
        0x81, 5, b'H', b'e', b'l', b'l', b'o', 0x01, 3, b'H', b'e', b'l', 0x80, 2, b'l', b'o',
    ];
    assert_eq!(
        read(&mut reader(Peer::Server), &[Ok(&bytes)]),
        [
            whole(OpCode::Text, true, b"Hello"),
            whole(OpCode::Text, false, b"Hel"),
            whole(OpCode::Continuation, true, b"lo")
        ]
    );
    let masked = [
        0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
    ];
    for cut in 0..masked.len() {
        let (a, b) = masked.split_at(cut);
        let said = read(&mut reader(Peer::Client), &[Ok(a), Ok(b)]);
        assert_eq!(said, [whole(OpCode::Text, true, b"Hello")], "{cut}");
    }
    for len in [256u64, 65_536] {
        let mut frame = vec![0x82];
        match u16::try_from(len) {
            Ok(len) => frame.extend([&[126][..], &len.to_be_bytes()].concat()),
            Err(_) => frame.extend([&[127][..], &len.to_be_bytes()].concat()),
        }
        frame.extend((0..len).map(|i| i.to_le_bytes()[0]));
        let head = frame.len() - usize::try_from(len).unwrap();
        let said = read(&mut reader(Peer::Server), &[Ok(&frame)]);
        assert_eq!(said, [whole(OpCode::Binary, true, &frame[head..])]);
    }
}

#[test]
fn a_gap_in_a_payload_keeps_the_step_and_the_phase_of_the_mask() {
    let masked = [
        0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58, 0x89, 0x80, 1, 2, 3, 4,
    ];
    let said = read(
        &mut reader(Peer::Client),
        &[Ok(&masked[..7]), Err(2), Ok(&masked[9..])],
    );
    let hello = vec![Some(b'H'), None, None, Some(b'l'), Some(b'o')];
    assert_eq!(
        said,
        [
            Said::Frame(OpCode::Text, true, hello, true),
            whole(OpCode::Ping, true, b"")
        ]
    );
    // Exactly to the end of the payload, and even with its first byte.
    let said = read(
        &mut reader(Peer::Client),
        &[Ok(&masked[..6]), Err(5), Ok(&masked[11..])],
    );
    assert_eq!(
        said,
        [
            Said::Frame(OpCode::Text, true, vec![None; 5], true),
            whole(OpCode::Ping, true, b"")
        ]
    );
}

#[test]
fn a_gap_over_a_header_is_a_loss_and_the_next_header_is_found() {
    let frame = |text: &str| {
        let mut bytes = vec![0x81, u8::try_from(text.len()).unwrap()];
        bytes.extend_from_slice(text.as_bytes());
        bytes
    };
    let next = frame("a text that is long enough to be known for one");
    for cut in 0..2 {
        let first = frame("gone");
        let mut reader = reader(Peer::Server);
        let said = read(
            &mut reader,
            &[Ok(&first[..cut]), Err(9), Ok(&next), Ok(&next)],
        );
        assert_eq!(said[0], Said::Lost(LossCause::Gap));
        assert_eq!(said[1], Said::Found(Some(9 + cut as u64)));
        assert_eq!(said.len(), 4);
        assert!(reader.between_frames());
    }
    // From the middle of a payload over its end.
    let first = frame("gone");
    let said = read(
        &mut reader(Peer::Server),
        &[Ok(&first[..4]), Err(30), Ok(&next), Ok(&next)],
    );
    let holed = vec![Some(b'g'), Some(b'o'), None, None];
    assert_eq!(said[0], Said::Frame(OpCode::Text, true, holed, true));
    assert_eq!(
        said[1..3],
        [Said::Lost(LossCause::Gap), Said::Found(Some(28))]
    );
}

#[test]
fn a_guess_that_leads_to_no_header_is_given_up() {
    let mut bytes = Vec::new();
    for text in [
        "one text after another",
        "until there is one too few",
        "and then",
    ] {
        bytes.extend([0x81, u8::try_from(text.len()).unwrap()]);
        bytes.extend_from_slice(text.as_bytes());
    }
    let mut reader = FrameReader::lost(
        Expectation {
            from: Peer::Server,
            rsv1: false,
        },
        Habits::default(),
        Limits::default(),
    );
    let said = read(
        &mut reader,
        &[Ok(&bytes), Ok(&[0xf3, 0x99, 1, 2]), Ok(&bytes), Ok(&bytes)],
    );
    assert_eq!(said[0], Said::Found(Some(0)));
    assert_eq!(said[4], Said::Lost(LossCause::Guess));
    assert!(
        said[5..].contains(&whole(OpCode::Text, true, b"and then")),
        "{said:?}"
    );
}

#[test]
fn impossible_and_huge_lengths() {
    let said = read(
        &mut reader(Peer::Server),
        &[Ok(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1])],
    );
    assert_eq!(
        said,
        [Said::Lost(LossCause::Header(HeaderFault::LengthTopBit))]
    );
    let mut huge = reader(Peer::Server);
    let said = read(
        &mut huge,
        &[
            Ok(&[0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
            Ok(b"abc"),
        ],
    );
    assert_eq!(
        said,
        [Said::Frame(
            OpCode::Binary,
            true,
            b"abc".map(Some).to_vec(),
            false
        )]
    );
    assert_eq!(huge.finish(Stamp::START.into(), &mut |_| {}), 0);
}

proptest! {
    #[test]
    fn any_split_says_the_same(
        payloads in prop::collection::vec((0u8..3, prop::collection::vec(any::<u8>(), 0..300)), 1..8),
        cuts in prop::collection::vec(1usize..50, 1..20),
        key in any::<[u8; 4]>(),
    ) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (opcode, payload) in &payloads {
            bytes.push(0x80 | opcode);
            match u8::try_from(payload.len()) {
                Ok(len) if len < 126 => bytes.push(0x80 | len),
                _ => {
                    bytes.push(0xfe);
                    bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
                }
            }
            bytes.extend(key);
            unmask(payload, key, 0, &mut bytes);
            expected.push(whole(OpCode::from_bits(*opcode), true, payload));
        }
        let mut rest = bytes.as_slice();
        let mut pieces: Vec<Result<&[u8], u64>> = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, behind) = rest.split_at((*cut).min(rest.len()));
            pieces.push(Ok(piece));
            rest = behind;
        }
        prop_assert_eq!(read(&mut reader(Peer::Client), &pieces), expected);
    }
}

#[test]
fn bytes_without_a_frame_are_counted() {
    // A header whose payload never came: no part of the frame was handed on.
    let mut begun = reader(Peer::Server);
    assert_eq!(read(&mut begun, &[Ok(&[0x81, 5])]), []);
    assert_eq!(begun.finish(Stamp::START.into(), &mut |_| {}), 2);
    let mut begun = reader(Peer::Server);
    read(&mut begun, &[Ok(&[0x81, 5]), Err(1)]);
    assert_eq!(begun.finish(Stamp::START.into(), &mut |_| {}), 0);

    // A header that cannot be, whole and cut.
    let broken = [0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 1];
    for cut in 0..=broken.len() {
        let (a, b) = broken.split_at(cut);
        let mut reader = reader(Peer::Server);
        let said = read(&mut reader, &[Ok(a), Ok(b)]);
        let fault = LossCause::Header(HeaderFault::LengthTopBit);
        assert_eq!(said, [Said::Lost(fault)], "{cut}");
        assert_eq!(reader.finish(Stamp::START.into(), &mut |_| {}), 10, "{cut}");
    }
}

/// A frame of a server.
fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u8::try_from(payload.len()) {
        Ok(len) if len < 126 => bytes.push(len),
        _ => {
            bytes.push(126);
            bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
    }
    bytes.extend_from_slice(payload);
    bytes
}

/// What a reader said of deliveries, and the places it gave.
fn told(reader: &mut FrameReader, deliveries: &[Delivery<'_>]) -> (Vec<Said>, Vec<Option<u64>>) {
    let (mut said, mut places) = (Vec::new(), Vec::new());
    for (number, delivery) in (1..).zip(deliveries) {
        reader.delivery(*delivery, at(number).into(), &mut |event| {
            if let ReaderEvent::Part(part) = event {
                places.push(part.at);
            }
            note(&mut said, event);
        });
    }
    (said, places)
}

#[test]
fn a_gap_of_unknown_length_loses_the_place() {
    let text = |n: u8| format!("a text that is long enough to be known for one, {n}");
    let frames: Vec<_> = (0..3u8)
        .map(|n| server_frame(0x81, text(n).as_bytes()))
        .collect();
    for cut in 0..frames[0].len() {
        let mut reader = reader(Peer::Server);
        let deliveries = [
            Delivery::write(&frames[0][..cut]),
            Delivery::Gap(Missing::Unknown),
            Delivery::write(&frames[1]),
            Delivery::write(&frames[2]),
        ];
        let (mut said, places) = told(&mut reader, &deliveries);
        if cut >= 2 {
            // What came of the frame is shown, and nothing is said of where it ends.
            let begun = text(0).as_bytes()[..cut - 2]
                .iter()
                .map(|b| Some(*b))
                .collect();
            assert_eq!(
                said.remove(0),
                Said::Frame(OpCode::Text, true, begun, false)
            );
            // With its header alone, its first part is the gap, which has no place.
            assert_eq!(places[0], (cut > 2).then_some(2));
        }
        assert_eq!(
            said[..2],
            [Said::Lost(LossCause::Gap), Said::Found(None)],
            "{cut}"
        );
        let found = [1, 2].map(|n| whole(OpCode::Text, true, text(n).as_bytes()));
        assert_eq!(said[2..], found, "{cut}");
        // No place after it is made up.
        assert!(places[places.len() - 2..].iter().all(Option::is_none));
        assert!(reader.between_frames() && reader.is_in_step());
    }
}

proptest! {
    /// Whatever lies in a gap of unknown length, no byte that is shown is one that was not sent.
    #[test]
    fn unknown_gaps_show_no_wrong_byte(
        lens in prop::collection::vec(30usize..400, 4..12),
        lost in (0usize..2000, 1usize..1500),
        size in 1usize..700,
    ) {
        let mut bytes = Vec::new();
        let mut sent = Vec::new();
        for (n, len) in (0u32..).zip(lens) {
            let payload: Vec<u8> = (0..).map(|i: u32| (i ^ (n * 31)).to_le_bytes()[0] % 95 + 32).take(len).collect();
            bytes.extend(server_frame(0x81, &payload));
            sent.push(payload);
        }
        let from = lost.0.min(bytes.len());
        let to = (from + lost.1).min(bytes.len());
        let mut deliveries: Vec<_> = bytes[..from].chunks(size).map(Delivery::write).collect();
        deliveries.push(Delivery::Gap(Missing::Unknown));
        deliveries.extend(bytes[to..].chunks(size).map(Delivery::write));
        let mut reader = reader(Peer::Server);
        let (said, _) = told(&mut reader, &deliveries);
        for one in said {
            if let Said::Frame(_, _, payload, ended) = one {
                let shown: Vec<u8> = payload.iter().copied().collect::<Option<_>>().unwrap();
                let true_to = |sent: &Vec<u8>| {
                    if ended { *sent == shown } else { sent.starts_with(&shown) }
                };
                prop_assert!(sent.iter().any(true_to), "{:?}", String::from_utf8(shown));
            }
        }
    }
}

/// A frame in progress, a gap of at most `most` of its bytes of which `lost` are missing, and two
/// more frames.
fn after_at_most(lost: usize, most: u64, size: usize) -> (Vec<Said>, u64) {
    let payload: Vec<u8> = (0..200).map(|i| 32 + i % 90).collect();
    let text = |n: u8| format!("a text that is long enough to be known for one, {n}");
    let frame = server_frame(0x81, &payload);
    let (begun, rest) = frame.split_at(52);
    let more = [
        &rest[lost..],
        &server_frame(0x81, text(1).as_bytes()),
        &server_frame(0x81, text(2).as_bytes()),
    ]
    .concat();
    let mut deliveries = vec![Delivery::write(begun), Delivery::Gap(Missing::AtMost(most))];
    deliveries.extend(more.chunks(size).map(Delivery::write));
    let mut reader = reader(Peer::Server);
    let (said, _) = told(&mut reader, &deliveries);
    (said, reader.finish(Stamp::START.into(), &mut |_| {}))
}

#[test]
fn the_greatest_length_of_a_gap_is_kept_where_frames_follow_from_it() {
    let payload: Vec<u8> = (0..200).map(|i| 32 + i % 90).collect();
    for size in [1, 7, 60, 1000] {
        let (said, unframed) = after_at_most(80, 80, size);
        let known = |i: usize| !(48..48 + 80).contains(&i);
        let holed = payload
            .iter()
            .enumerate()
            .map(|(i, byte)| known(i).then_some(*byte))
            .collect();
        assert_eq!(
            said[0],
            Said::Frame(OpCode::Text, true, holed, true),
            "{size}"
        );
        assert_eq!((said.len(), unframed), (3, 0), "{size}");
        // Up to the end of the payload.
        let (said, _) = after_at_most(152, 152, size);
        assert!(matches!(&said[0], Said::Frame(_, _, payload, true) if payload.len() == 200));
        assert_eq!(said.len(), 3, "{size}");
    }
}

#[test]
fn a_gap_that_is_shorter_than_it_may_be_is_a_loss() {
    for size in [1, 7, 60, 1000] {
        for (lost, most) in [(79, 80), (0, 17), (60, 152), (100, 5000)] {
            let (said, _) = after_at_most(lost, most, size);
            let begun = (0..48).map(|i| Some(32 + i % 90)).collect();
            assert_eq!(
                said[0],
                Said::Frame(OpCode::Text, true, begun, false),
                "{lost} {most}"
            );
            assert_eq!(said[1], Said::Lost(LossCause::Gap), "{lost} {most} {size}");
            // In small pieces two frames are too little to be found.
            let found = said.get(2).is_none_or(|found| *found == Said::Found(None));
            assert!(found, "{lost} {most} {size}: {said:?}");
        }
    }
    // Nothing comes after it: what came is counted.
    let mut reader = reader(Peer::Server);
    let deliveries = [
        Delivery::write(&[0x81, 100, b'a']),
        Delivery::Gap(Missing::AtMost(9)),
        Delivery::write(b"abc"),
    ];
    let (said, _) = told(&mut reader, &deliveries);
    assert_eq!(said.len(), 1);
    assert_eq!(reader.finish(Stamp::START.into(), &mut |_| {}), 3);
}
