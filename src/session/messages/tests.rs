use super::super::context::Detail;
use super::super::teller::Numbering;
use super::*;
use crate::base::{Limits, PacketRef, PerPeer, Timestamp};
use crate::deflate::Parameters;
use crate::event::{Event, EventSink, Status};
use crate::stream::{Delivery, Missing};
use crate::ws::{Expectation, FrameReader, OpCode};

fn at(number: u64) -> Stamp {
    Stamp {
        packet: PacketRef::new(0, number),
        time: Timestamp(number),
    }
}

type Seen = (OpCode, Status, Vec<u8>, Option<u64>, bool);
type Holes = Vec<(u64, u64)>;

#[derive(Default)]
struct Heard {
    messages: Vec<Seen>,
    holes: Vec<Holes>,
    codes: Vec<&'static str>,
}

impl EventSink for Heard {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Message(m) => {
                self.holes.push(m.holes.to_vec());
                self.messages.push((
                    m.opcode,
                    m.status,
                    m.payload.to_vec(),
                    m.payload_bytes,
                    m.truncated,
                ));
            }
            Event::Finding { finding, .. } => self.codes.push(finding.code.name()),
            _ => {}
        }
    }
}

/// Feeds one direction of a server: `Ok` for bytes, `Err` for a gap.
fn run(agreement: Agreement, limit: usize, pieces: &[Result<&[u8], u64>]) -> Heard {
    let limits = Limits {
        payload_bytes: limit,
        ..Limits::default()
    };
    let mut context = super::super::Context::new(limits, Detail::Payloads);
    let tools = &mut context.tools;
    let expectation = Expectation {
        from: Peer::Server,
        rsv1: true,
    };
    let mut reader = FrameReader::new(expectation, limits);
    let mut messages = Messages::new(Peer::Server, agreement, tools);
    let mut told = Heard::default();
    let teller = &mut Teller {
        numbering: &mut Numbering::new(1.into()),
        tools,
        sink: &mut told,
    };
    for (number, piece) in (1..).zip(pieces) {
        let mut out = |event: ReaderEvent<'_>| messages.event(event, teller);
        match piece {
            Ok(bytes) => reader.delivery(Delivery::write(bytes), at(number).into(), &mut out),
            Err(len) => reader.delivery(
                Delivery::Gap(Missing::Bytes(*len)),
                at(number).into(),
                &mut out,
            ),
        }
    }
    let mut out = |event: ReaderEvent<'_>| messages.event(event, teller);
    let unframed = reader.finish(at(99).into(), &mut out);
    let end = (unframed, at(99));
    messages.finish(Reason::CaptureEnded, end, teller);
    told
}

fn deflate() -> Agreement {
    Agreement::PermessageDeflate(PerPeer::from_fn(|_| Parameters::default()))
}

#[test]
fn a_message_that_does_not_end_shows_what_is_known() {
    let told = run(Agreement::None, 100, &[Ok(&[0x81, 10, b'a', b'b', b'c'])]);
    let partial = Status::Partial(Reason::CaptureEnded);
    let expected = (
        OpCode::Text,
        partial,
        b"abc\0\0\0\0\0\0\0".to_vec(),
        Some(10),
        false,
    );
    assert_eq!(told.messages, [expected]);
    // Between its fragments the length is not known.
    let told = run(Agreement::None, 100, &[Ok(&[0x01, 3, b'a', b'b', b'c'])]);
    assert_eq!(told.messages[0].3, None);
    // Without a byte of payload it is lost.
    let told = run(Agreement::None, 100, &[Ok(&[0x81, 10]), Err(4)]);
    assert_eq!(told.messages[0].1, Status::Lost(Reason::CaptureEnded));
}

#[test]
fn compressed_bytes_are_never_shown_as_payload() {
    // RFC 7692 §6.1: only the first fragment, which is missing, tells.
    let tail = [0x80, 3, 0xf2, 0x48, 0xcd];
    let told = run(
        deflate(),
        100,
        &[Ok(&tail), Ok(&[0x00, 9, 1, 2]), Err(2), Ok(&[3])],
    );
    let lost = |reason| {
        (
            OpCode::Continuation,
            Status::Lost(reason),
            Vec::new(),
            None,
            false,
        )
    };
    assert_eq!(
        told.messages,
        [
            lost(Reason::FirstFragmentMissing),
            lost(Reason::CaptureEnded)
        ]
    );
    assert_eq!(told.codes, ["continuation-without-start"; 2]);
}

#[test]
fn an_unseen_message_takes_the_history_with_it() {
    let hello = [0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let again = [0xc1, 5, 0xf2, 0x00, 0x11, 0x00, 0x00];
    let stray = [0x80, 1, 0x00];
    let told = run(
        deflate(),
        100,
        &[Ok(&hello), Ok(&again), Ok(&stray), Ok(&again)],
    );
    let statuses: Vec<_> = told.messages.iter().map(|m| m.1).collect();
    assert_eq!(
        statuses,
        [
            Status::Complete,
            Status::Complete,
            Status::Lost(Reason::FirstFragmentMissing),
            Status::Partial(Reason::HistoryLost)
        ]
    );
    // "H" is a literal, the rest is copied.
    assert_eq!(
        (told.messages[3].2.as_slice(), told.messages[3].3),
        (&b"H\0\0\0\0"[..], Some(5))
    );
    assert_eq!(told.holes[3], [(1, 4)]);
}

#[test]
fn holes_are_counted_over_the_fragments() {
    let told = run(
        Agreement::None,
        100,
        &[
            Ok(&[0x01, 5, b'h', b'e']),
            Err(3),
            Ok(&[0x80, 6]),
            Err(5),
            Ok(b"o"),
        ],
    );
    let partial = Status::Partial(Reason::PayloadMissing);
    let expected = (
        OpCode::Text,
        partial,
        b"he\0\0\0\0\0\0\0\0o".to_vec(),
        Some(11),
        false,
    );
    assert_eq!(told.messages, [expected]);
    assert_eq!(told.holes, [[(2, 8)]]);
}

#[test]
fn what_came_before_a_missing_byte_is_shown() {
    let head = [0xc1, 7, 0xf2, 0x48, 0xcd];
    let hello = [0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let told = run(
        deflate(),
        100,
        &[Ok(&head), Err(1), Ok(&[0xc9, 0x07, 0x00]), Ok(&hello)],
    );
    let partial = Status::Partial(Reason::PayloadMissing);
    let expected = (OpCode::Text, partial, b"He".to_vec(), None, false);
    assert_eq!(told.messages[0], expected);
    assert_eq!(told.messages[1].1, Status::Complete);
    // The same where nobody ends the message.
    let told = run(deflate(), 100, &[Ok(&head)]);
    assert_eq!(told.messages[0].1, Status::Partial(Reason::CaptureEnded));
    assert_eq!(told.messages[0].2, b"He");
    // Frames of x-webkit-deflate-frame behind it have no place in the payload.
    let both = PerPeer::from_fn(|_| Parameters::default());
    let frames = [&[0x41][..], &head[1..]].concat();
    let told = run(
        Agreement::DeflateFrame(both),
        100,
        &[
            Ok(&frames),
            Err(1),
            Ok(&[0xc9, 0x07, 0x00]),
            Ok(&[0x80, 1, b'!']),
        ],
    );
    assert_eq!(
        (told.messages[0].1, told.messages[0].2.as_slice()),
        (partial, &b"He"[..])
    );
}

#[test]
fn only_what_was_thrown_away_is_truncated() {
    let told = run(Agreement::None, 2, &[Ok(&[0x81, 3, b'a', b'b', b'c'])]);
    assert_eq!(told.messages[0].2, b"ab");
    assert!(told.messages[0].4);
    assert_eq!(told.codes, ["payload-truncated"]);
    // A character that the limit cuts is no fault of the sender.
    let told = run(
        Agreement::None,
        2,
        &[Ok(&[0x81, 4, b'a', 0xe2, 0x82, 0xac])],
    );
    assert_eq!(told.codes, ["payload-truncated"]);
    let told = run(
        deflate(),
        2,
        &[Ok(&[0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])],
    );
    assert_eq!(told.messages[0].3, Some(5));
    assert_eq!(
        (told.messages[0].2.as_slice(), told.messages[0].4),
        (&b"He"[..], true)
    );
}

#[test]
fn a_control_frame_beyond_all_measure_is_bounded() {
    let mut head = vec![0x89, 127, 0, 0, 0, 0, 0, 2, 0, 0];
    head.extend_from_slice(&[7; 1000]);
    let rest = vec![7; 0x2_0000 - 1000];
    let told = run(Agreement::None, 1 << 20, &[Ok(&head), Ok(&rest)]);
    let (opcode, status, payload, total, truncated) = &told.messages[0];
    assert_eq!((*opcode, *status), (OpCode::Ping, Status::Complete));
    assert_eq!(
        (payload.len(), *total, *truncated),
        (1 << 16, Some(0x2_0000), true)
    );
    assert_eq!(told.codes, ["control-too-long", "payload-truncated"]);
}
