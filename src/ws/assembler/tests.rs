use super::*;
use crate::ws::{ParsedHeader, parse_frame_header};

fn header(first: u8, len: u8, masked: bool) -> FrameHeader {
    let mask = if masked { 0x80 } else { 0 };
    match parse_frame_header(&[first, mask | len, 1, 2, 3, 4]) {
        ParsedHeader::Complete(header) => header,
        other => panic!("{other:?}"),
    }
}

struct Bench {
    assembler: Assembler,
    codes: Vec<&'static str>,
}

impl Bench {
    fn new(rsv1: Rsv1) -> Self {
        Self {
            assembler: Assembler::new(Peer::Server, rsv1),
            codes: Vec::new(),
        }
    }

    fn part(
        &mut self,
        first: u8,
        body: Body<'_>,
        (begins, ends, offset): (bool, bool, u64),
    ) -> Step {
        let part = FramePart {
            header: header(first, 5, false),
            begins,
            ends,
            offset,
            at: Some(offset),
            body,
            first: Stamp::START,
            stamp: Stamp::START,
        };
        let codes = &mut self.codes;
        self.assembler
            .part(&part, &mut |note| codes.push(note.code.name()))
    }

    /// A frame of five bytes in one part.
    fn frame(&mut self, first: u8) -> Step {
        self.part(first, Body::Bytes(b"hello"), (true, true, 0))
    }

    fn ended(&mut self, step: &Step) -> PartialMessage {
        assert!(step.ends);
        self.assembler.take(step.slot).unwrap()
    }
}

#[test]
fn fragments_make_a_message_and_control_frames_stand_between() {
    let mut bench = Bench::new(Rsv1::Message);
    let step = bench.frame(0x41);
    assert!(step.begins && !step.ends && step.slot == Slot::Data);
    let step = bench.frame(0x89);
    assert!(step.begins && step.slot == Slot::Control);
    assert!(!bench.ended(&step).compressed);
    assert!(!bench.frame(0x00).ends);
    let step = bench.frame(0x80);
    let message = bench.ended(&step);
    assert_eq!((message.opcode, message.frames), (OpCode::Text, 3));
    assert_eq!((message.wire_bytes, message.payload_wire_bytes), (21, 15));
    assert!(message.compressed && message.bounded && !message.headless);
    assert!(bench.codes.is_empty() && bench.assembler.message(Slot::Data).is_none());
}

#[test]
fn broken_order_is_told() {
    let mut bench = Bench::new(Rsv1::Unused);
    let step = bench.frame(0x80);
    assert!(bench.ended(&step).headless);
    bench.frame(0x01);
    let step = bench.frame(0x82);
    assert_eq!(
        step.abandoned.as_ref().map(|m| m.opcode),
        Some(OpCode::Text)
    );
    assert_eq!(bench.ended(&step).opcode, OpCode::Binary);
    assert_eq!(
        bench.codes,
        ["continuation-without-start", "message-interrupted"]
    );
    // Behind a loss a continuation is nobody's fault.
    let mut bench = Bench::new(Rsv1::Unused);
    bench.frame(0x01);
    assert!(bench.assembler.lost()[0].is_some());
    let step = bench.frame(0x80);
    assert!(bench.ended(&step).headless);
    assert!(bench.codes.is_empty());
    let step = bench.frame(0x80);
    bench.ended(&step);
    assert_eq!(bench.codes, ["continuation-without-start"]);
}

#[test]
fn rsv1_means_what_the_extension_says() {
    // First frame, continuation, control.
    for (rsv1, compressed, codes) in [
        (Rsv1::Unused, false, vec!["rsv1-without-extension"; 3]),
        (
            Rsv1::Message,
            true,
            vec!["rsv1-on-continuation", "rsv1-on-control"],
        ),
        (Rsv1::Frame, true, vec!["rsv1-on-control"]),
    ] {
        let mut bench = Bench::new(rsv1);
        bench.frame(0x41);
        let step = bench.frame(0xc0);
        assert_eq!(bench.ended(&step).compressed, compressed);
        let step = bench.frame(0xc9);
        assert!(!bench.ended(&step).compressed);
        assert_eq!(bench.codes, codes, "{rsv1:?}");
    }
    // On a continuation only: per frame it counts, per message it does not.
    for (rsv1, compressed) in [(Rsv1::Message, false), (Rsv1::Frame, true)] {
        let mut bench = Bench::new(rsv1);
        bench.frame(0x01);
        let step = bench.frame(0xc0);
        assert_eq!(bench.ended(&step).compressed, compressed);
    }
}

#[test]
fn what_is_wrong_with_all_frames_is_told_once() {
    let mut assembler = Assembler::new(Peer::Client, Rsv1::Unused);
    let mut codes = Vec::new();
    for first in [0x81, 0x88, 0x81, 0x82] {
        let part = FramePart {
            header: header(first, 0, false),
            begins: true,
            ends: true,
            offset: 0,
            at: Some(0),
            body: Body::Bytes(&[]),
            first: Stamp::START,
            stamp: Stamp::START,
        };
        let step = assembler.part(&part, &mut |note| codes.push(note.code.name()));
        assembler.take(step.slot);
    }
    assert_eq!(codes, ["no-mask-from-client", "data-after-close"]);
}
