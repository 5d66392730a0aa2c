//! One direction's frames, sound and broken, in any pieces and with gaps.
//!
//! Holds that every byte is accounted for, that a frame's parts tile its payload, and that
//! cutting changes neither frames nor messages nor broken rules up to the first loss. Behind a
//! loss the beginnings of pieces are evidence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscope::base::{Limits, Peer};
use wscope::finding::Observation;
use wscope::stream::{Delivery, Missing};
use wscope::ws::{
    Assembler, Body, Expectation, FrameHeader, FramePart, FrameReader, Habits, PartialMessage,
    ReaderEvent, Rsv1,
};
use wscope_fuzz::{Bytes, Row, stamp};

#[derive(Debug)]
enum Item {
    Bytes(Vec<u8>),
    Gap(Missing),
}

/// Frames that are mostly sound, other bytes, and gaps.
fn items(from: Peer, bytes: &mut Bytes<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let kind = bytes.byte();
        match kind & 7 {
            7 => {
                let scale = [1, 1, 200, 1 << 24][usize::from(kind >> 6)];
                let len = u64::from(bytes.byte()) * scale;
                items.push(Item::Gap(match kind >> 3 & 7 {
                    6 => Missing::AtMost(len),
                    7 => Missing::Unknown,
                    _ => Missing::Bytes(len),
                }));
            }
            6 => {
                let len = usize::from(bytes.byte());
                items.push(Item::Bytes(bytes.take(len).to_vec()));
            }
            _ => items.push(Item::Bytes(frame(from, kind, bytes))),
        }
    }
    items
}

fn frame(from: Peer, kind: u8, bytes: &mut Bytes<'_>) -> Vec<u8> {
    let first = bytes.byte();
    let len = if kind & 8 == 0 {
        u64::from(bytes.byte() & 0x3f)
    } else {
        u64::from(bytes.short() & 0x3ff)
    };
    // What is announced may be more than what comes.
    let announced = if kind & 0xf0 == 0xf0 { len << 40 } else { len };
    let masked = (from == Peer::Client) != (kind & 0xf0 == 0xe0);
    let mask_bit = u8::from(masked) << 7;
    let mut frame = vec![first];
    match (announced, kind & 16 != 0) {
        (0..126, false) => frame.push(mask_bit | u8::try_from(announced).unwrap_or(0)),
        (0..0x1_0000, _) if announced < 0x1_0000 => {
            frame.push(mask_bit | 126);
            frame.extend(u16::try_from(announced).unwrap_or(0).to_be_bytes());
        }
        _ => {
            frame.push(mask_bit | 127);
            frame.extend(announced.to_be_bytes());
        }
    }
    if masked {
        frame.extend([kind, first, 3, 4]);
    }
    let payload = bytes.take(usize::try_from(len).unwrap_or(0));
    frame.extend(payload);
    // A payload that the fuzzer gave no bytes for.
    frame.resize(
        frame.len() + usize::try_from(len).unwrap_or(0) - payload.len(),
        b'x',
    );
    frame
}

#[derive(Debug, PartialEq, Eq)]
struct Frame {
    header: FrameHeader,
    /// As sent; `None` in a hole, which is kept short.
    payload: Vec<Option<u8>>,
    offset: u64,
    ends: bool,
}

/// What reader and assembler made of it up to the first loss.
#[derive(Debug, Default, PartialEq, Eq)]
struct Made {
    frames: Vec<Frame>,
    messages: Vec<PartialMessage>,
    broken: Vec<Observation>,
    lost: bool,
}

struct Run {
    made: Made,
    assembler: Assembler,
    /// The frame in progress and where its next part begins.
    open: Option<(FrameHeader, u64)>,
    accounted: u64,
    /// A gap of unknown length was passed over: bytes cannot be accounted for.
    vague: bool,
}

impl Run {
    fn event(&mut self, event: ReaderEvent<'_>) {
        match event {
            ReaderEvent::Part(part) => self.part(&part),
            ReaderEvent::Lost { .. } => {
                self.open = None;
                self.made.lost = true;
                let _ = self.assembler.lost();
            }
            ReaderEvent::Found { skipped, .. } => {
                self.accounted += skipped.unwrap_or(0);
                self.vague |= skipped.is_none();
            }
        }
    }

    fn part(&mut self, part: &FramePart<'_>) {
        let len = match part.body {
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Hole(len) => len,
        };
        self.accounted += len;
        if part.begins {
            assert!(self.open.is_none() && part.offset == 0);
            self.accounted += u64::from(part.header.header_len);
        } else {
            assert_eq!(self.open, Some((part.header, part.offset)));
        }
        if !self.made.lost {
            assert_eq!(part.at, Some(self.accounted - len), "a part out of place");
        }
        assert_eq!(part.ends, part.offset + len == part.header.payload_len);
        self.open = (!part.ends).then_some((part.header, part.offset + len));
        let (broken, lost) = (&mut self.made.broken, self.made.lost);
        let step = self.assembler.part(part, &mut |note| {
            if !lost {
                broken.push(note);
            }
        });
        let ended = if step.ends {
            let message = self.assembler.take(step.slot);
            assert!(message.is_some(), "an ended message is not there");
            message
        } else {
            assert!(
                self.assembler.message(step.slot).is_some(),
                "a part without a message"
            );
            None
        };
        for message in [step.abandoned, ended].into_iter().flatten() {
            if !self.made.lost {
                self.made.messages.push(message);
            }
        }
        if !self.made.lost {
            self.frame(part);
        }
    }

    fn frame(&mut self, part: &FramePart<'_>) {
        if part.begins {
            self.made.frames.push(Frame {
                header: part.header,
                payload: Vec::new(),
                offset: 0,
                ends: false,
            });
        }
        let Some(frame) = self.made.frames.last_mut() else {
            panic!("a part of no frame");
        };
        match part.body {
            Body::Bytes(bytes) => {
                frame.payload.extend(bytes.iter().map(|byte| Some(*byte)));
                frame.offset += bytes.len() as u64;
            }
            Body::Hole(len) => {
                frame.payload.push(None);
                frame.offset += len;
            }
        }
        frame.ends = part.ends;
    }
}

fn run(items: &[Item], from: Peer, how: u8, mut row: Option<Row>) -> Made {
    let limits = Limits {
        resync_bytes: if how & 8 == 0 { 64 << 10 } else { 300 },
        ..Limits::default()
    };
    let rsv1 = [Rsv1::Unused, Rsv1::Message, Rsv1::Frame][usize::from(how >> 4) % 3];
    let expectation = Expectation {
        from,
        rsv1: rsv1 != Rsv1::Unused,
    };
    let mut reader = if how & 4 == 0 {
        FrameReader::new(expectation, limits)
    } else {
        FrameReader::lost(expectation, Habits::default(), limits)
    };
    let mut run = Run {
        made: Made {
            lost: reader.is_lost(),
            ..Made::default()
        },
        assembler: Assembler::new(from, rsv1),
        open: None,
        accounted: 0,
        vague: false,
    };
    let mut given = 0;
    for (number, item) in items.iter().enumerate() {
        let at = stamp(number as u64);
        match item {
            Item::Bytes(bytes) => {
                given += bytes.len() as u64;
                let pieces = row
                    .as_mut()
                    .map_or_else(|| vec![&bytes[..]], |row| row.cut(bytes));
                for piece in pieces {
                    reader.delivery(Delivery::write(piece), at.into(), &mut |event| {
                        run.event(event)
                    });
                }
            }
            Item::Gap(Missing::Bytes(0)) => {}
            Item::Gap(missing) => {
                given += missing.exactly().unwrap_or(0);
                run.vague |= missing.exactly().is_none();
                reader.delivery(Delivery::Gap(*missing), at.into(), &mut |event| {
                    run.event(event)
                });
            }
        }
    }
    let last = stamp(items.len() as u64);
    let unframed = reader.finish(last.into(), &mut |event| run.event(event));
    if !run.vague {
        let accounted = run.accounted + unframed;
        assert_eq!(accounted, given, "bytes are not accounted for");
    }
    if !run.made.lost {
        run.made
            .messages
            .extend(run.assembler.finish().into_iter().flatten());
    }
    run.made
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    let (how, seed) = (bytes.byte(), u64::from(bytes.byte()));
    let from = Peer::BOTH[usize::from(how & 1)];
    let items = items(from, &mut bytes);
    let whole = run(&items, from, how, None);
    let cut = run(&items, from, how, Some(Row::new(seed)));
    assert_eq!(whole, cut, "cutting changed the frames");
});
