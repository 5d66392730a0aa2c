//! What is said to be known is so, whatever was lost.

use proptest::prelude::*;

use super::support::{Dice, Sender, messages, payload, sender};
use super::*;

/// Decodes messages of which some, or ranges of some, are lost; returns how many bytes were put
/// out by those that came, and how many of them are known.
fn decode(
    sender: Sender,
    messages: &[Vec<u8>],
    late: bool,
    mut drop: impl FnMut(usize, usize) -> Option<(usize, usize)>,
) -> (u64, u64) {
    let payloads = sender.compress(messages);
    let mut tracer = Tracer::new(sender.parameters());
    if late {
        tracer.lost();
    }
    let (mut all, mut known) = (0, 0);
    for (index, (payload, message)) in payloads.iter().zip(messages).enumerate() {
        let len = payload.len();
        let (start, missing) = drop(index, len).unwrap_or((len, 0));
        if start == 0 && missing >= len {
            tracer.lost();
            continue;
        }
        let (start, missing) = (start.min(len), missing.min(len - start.min(len)));
        let (before, rest) = payload.split_at(start);
        let parts = [
            Input::Bytes(before),
            Input::Hole(missing as u64),
            Input::Bytes(&rest[missing..]),
        ];
        let number = index as u64 + 1;
        let result = tracer.message(number, &parts, Output::new(usize::MAX), Trace::default());
        let output = &result.output;
        for (at, bytes) in output.known() {
            let at = at as usize;
            assert_eq!(bytes, &message[at..at + bytes.len()]);
            known += bytes.len() as u64;
        }
        assert_eq!(output.total, output.bytes.len() as u64);
        match result.end {
            End::Flushed => assert_eq!(output.total, message.len() as u64),
            End::Cut => assert!(output.total <= message.len() as u64 && missing > 0),
            other => panic!("{other:?}"),
        }
        all += message.len() as u64;
        if let Some(history) = tracer.history() {
            // Back to the straight road, and from there here again.
            let sent = messages[..=index].concat();
            assert!(sent.ends_with(history));
            if index % 3 == 0 {
                tracer = Tracer::over(sender.parameters(), history, true);
            }
        }
    }
    (all, known)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_known_is_true(
        sender in sender(),
        messages in messages(12),
        late in any::<bool>(),
        drops in prop::collection::vec(
            prop::option::weighted(0.3, (any::<prop::sample::Index>(), 1usize..2000)),
            12,
        ),
        whole in any::<u16>(),
    ) {
        decode(sender, &messages, late, |index, len| {
            if whole >> index & 1 == 1 && index % 3 == 1 {
                return Some((0, len));
            }
            let (start, missing) = drops[index].as_ref()?;
            Some((start.index(len.max(1)), *missing))
        });
    }
}

#[test]
fn a_hole_in_a_stored_block_keeps_its_place() {
    let noise = payload(0, 5000, 3);
    let messages = vec![noise.clone(), noise.clone()];
    let payloads = Sender::USUAL.compress(&messages);
    let mut tracer = Tracer::new(Parameters::default());
    let (before, behind) = payloads[0].split_at(1000);
    let parts = [
        Input::Bytes(before),
        Input::Hole(500),
        Input::Bytes(&behind[500..]),
    ];
    let first = tracer.message(1, &parts, Output::new(9999), Trace::default());
    assert_eq!(first.end, End::Flushed);
    assert_eq!(first.output.total, 5000);
    // Five bytes of header come before the data.
    assert_eq!(first.output.holes, [Span::new(995, 500)]);
    assert_eq!(first.record.payload_bits, payloads[0].len() as u64 * 8);
    assert!(!tracer.is_synced());
    assert!(tracer.history().is_none());
    let input = [Input::Bytes(&payloads[1])];
    let second = tracer.message(2, &input, Output::new(9999), Trace::default());
    assert_eq!(second.output.holes, [Span::new(995, 500)]);
}

#[test]
fn a_hole_beyond_a_stored_block_ends_the_message() {
    let mut tracer = Tracer::new(Parameters::default());
    let parts = [Input::Bytes(&[0, 9, 0, 0xf6, 0xff, b'a']), Input::Hole(20)];
    let result = tracer.message(1, &parts, Output::new(99), Trace::default());
    assert_eq!(result.end, End::Cut);
    assert_eq!(result.output.total, 9);
    assert_eq!(result.output.holes, [Span::new(1, 8)]);
    assert_eq!(result.record.payload_bits, 26 * 8);
    let block = &result.record.blocks[0];
    assert!(block.is_whole);
    assert_eq!(
        (block.bits, block.makes),
        (Span::new(0, 14 * 8), Span::new(0, 9))
    );
}

#[test]
fn copies_from_lost_history_are_holes() {
    let text = payload(2, 600, 9);
    let fresh = payload(0, 200, 9);
    let messages = vec![text.clone(), [&fresh[..], &text[..], &fresh[..]].concat()];
    let payloads = Sender::USUAL.compress(&messages);
    let mut tracer = Tracer::new(Parameters::default());
    tracer.lost();
    let input = [Input::Bytes(&payloads[1])];
    let result = tracer.message(2, &input, Output::new(9999), Trace::default());
    assert_eq!(result.end, End::Flushed);
    assert_eq!(result.output.total, 1000);
    assert!(result.output.unknown >= 500);
    // What the message repeats of itself is known.
    assert!((850..1000).all(|at| result.output.knows(at)));
    let of_lost = result.record.symbols().filter(|symbol| {
        let pieces = result.record.sources(symbol);
        pieces.iter().any(|piece| piece.origin == Origin::Lost)
    });
    assert!(of_lost.count() > 0);
}

#[test]
fn the_window_is_whole_again_after_32_kib() {
    let messages: Vec<_> = (0..6).map(|seed| payload(0, 11_000, seed)).collect();
    let payloads = Sender::USUAL.compress(&messages);
    let mut tracer = Tracer::new(Parameters::default());
    let mut synced = Vec::new();
    for (number, payload) in (0..).zip(&payloads) {
        let input = match number {
            1 => Input::Hole(payload.len() as u64),
            _ => Input::Bytes(payload),
        };
        let result = tracer.message(number, &[input], Output::new(0), ());
        assert_eq!(result.end == End::Cut, number == 1);
        synced.push(tracer.is_synced());
    }
    assert_eq!(synced, [true, false, false, false, true, true]);
}

/// `cargo test -- --ignored --nocapture share`
#[test]
#[ignore = "a measurement"]
fn share() {
    type Make = dyn Fn(u64) -> Vec<u8>;
    let kinds: [(&str, &Make); 5] = [
        ("ticks, 200 bytes", &|seed| payload(2, 200, seed)),
        ("feed, 5 kB", &|seed| payload(2, 5000, seed)),
        ("words, 1 kB", &|seed| payload(3, 1000, seed)),
        ("skewed bytes, 2 kB", &|seed| payload(4, 2000, seed)),
        ("noise, 4 kB", &|seed| payload(0, 4000, seed)),
    ];
    for (name, make) in kinds {
        let messages: Vec<_> = (1..400).map(|seed| make(seed * 7919)).collect();
        for (what, in_middle) in [("whole messages", false), ("20 bytes", true)] {
            let mut dice = Dice(77);
            let (mut all, mut known) = (0, 0);
            for _ in 0..10 {
                let at = 5 + dice.roll(100) as usize;
                let place = dice.roll(1 << 20) as usize;
                let of = decode(Sender::USUAL, &messages, false, |index, len| {
                    let lost = if in_middle {
                        (place % len, 20)
                    } else {
                        (0, len)
                    };
                    (index == at).then_some(lost)
                });
                all += of.0;
                known += of.1;
            }
            let share = 100.0 * known as f64 / all as f64;
            println!("{name}, {what} lost once in 400: {share:.1} % of what came is known");
        }
    }
}

/// Headers that are cut off are told of once the message is known to end there, and only there.
#[test]
fn a_header_in_pieces_is_told_once_after_one_that_was_cut_off() {
    let message = payload(2, 3000, 7);
    let sender = Sender {
        takeover: Takeover::Reset,
        ..Sender::USUAL
    };
    let payloads = sender.compress(&[message]);
    let bytes = &payloads[0];
    let mut tracer = Tracer::new(sender.parameters());
    let mut trace = |input: &[Input<'_>]| {
        let done = tracer.message(1, input, Output::new(1 << 20), Trace::default());
        (done.record.blocks, done.end)
    };
    let (whole, end) = trace(&[Input::Bytes(bytes)]);
    assert!(matches!(whole[0].body, Body::Dynamic(_)) && end == End::Flushed);
    let (cut, end) = trace(&[Input::Bytes(&bytes[..20])]);
    assert!(cut.len() == 1 && matches!(end, End::Fault(_)));
    let pieces: Vec<_> = bytes.chunks(1).map(Input::Bytes).collect();
    assert_eq!(trace(&pieces), (whole, End::Flushed));
}

/// An empty stored block has no symbol, and a trace of a million of them takes a gigabyte to show.
#[test]
fn a_block_counts_as_sixteen_symbols() {
    let mut input = [0, 0, 0, 0xff, 0xff].repeat(5);
    input.push(0);
    let record = Trace::new(40);
    let input = [Input::Bytes(&input)];
    let traced = Tracer::new(Parameters::default()).message(1, &input, Output::new(0), record);
    assert_eq!(
        (traced.record.blocks.len(), traced.record.dropped_blocks),
        (2, 4)
    );
}
