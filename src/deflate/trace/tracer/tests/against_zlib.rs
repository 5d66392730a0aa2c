//! The tracer against flate2.

use flate2::{Decompress, FlushDecompress, Status};
use proptest::prelude::*;

use super::support::{BitWriter, Dice, Sender, messages, payload, sender};
use super::*;
use crate::deflate::trace::window::FARTHEST;

/// What flate2 makes of one payload over a history, byte by byte, so that it tells each fault by
/// its name: the output, and the fault's word with the number of bytes read.
fn inflate(payload: &[u8], history: &[u8]) -> (Vec<u8>, Option<(String, u64)>) {
    let mut seen = history.to_vec();
    let mut engine = Decompress::new(false);
    let mut out = Vec::new();
    let mut scratch = vec![0; 1 << 16];
    let dictionary = |engine: &mut Decompress, seen: &[u8]| {
        let from = seen.len().saturating_sub(FARTHEST);
        if !seen.is_empty() {
            engine.set_dictionary(&seen[from..]).unwrap();
        }
    };
    dictionary(&mut engine, &seen);
    for (index, byte) in (1u64..).zip(payload) {
        let mut input = std::slice::from_ref(byte);
        loop {
            let (before, read) = (engine.total_out(), engine.total_in());
            let status = engine.decompress(input, &mut scratch, FlushDecompress::Sync);
            let made = &scratch[..(engine.total_out() - before) as usize];
            let used = engine.total_in() > read;
            out.extend_from_slice(made);
            seen.extend_from_slice(made);
            match status {
                Ok(Status::StreamEnd) => {
                    engine.reset(false);
                    dictionary(&mut engine, &seen);
                }
                Ok(_) => {}
                Err(error) => {
                    return (out, Some((error.message().unwrap().to_owned(), index)));
                }
            }
            if used {
                input = &[];
                if made.len() < scratch.len() {
                    break;
                }
            }
        }
    }
    (out, None)
}

/// Holds one payload against flate2. Returns the output.
fn compare(payload: &[u8], cut: usize, history: &[u8]) -> (Vec<u8>, End) {
    let mut tracer = Tracer::over(Parameters::default(), history, false);
    let (a, b) = payload.split_at(cut.min(payload.len()));
    let result = tracer.message(
        1,
        &[Input::Bytes(a), Input::Bytes(b)],
        Output::new(usize::MAX),
        Trace::default(),
    );
    let (bytes, fault) = inflate(payload, history);
    assert!(result.output.is_known());
    assert_eq!(result.output.bytes, bytes);
    let own = match result.end {
        End::Fault(fault) if fault.kind != FaultKind::Unfinished => {
            Some((fault.kind.word().to_owned(), fault.bits.end.div_ceil(8)))
        }
        _ => None,
    };
    assert_eq!(own, fault);
    coherent(&result, payload.len() as u64 * 8);
    (bytes, result.end)
}

/// Blocks and symbols lie without gaps, in bits and in output.
fn coherent(result: &Traced<Trace>, payload_bits: u64) {
    let trace = &result.record;
    assert_eq!(trace.payload_bits, payload_bits);
    let (mut bit, mut byte) = (0, 0);
    if trace.dropped_blocks + trace.dropped_symbols() > 0 {
        return;
    }
    for block in &trace.blocks {
        assert_eq!((block.bits.start, block.makes.start), (bit, byte));
        let mut at = block.symbols.first().map(|s| s.bits.start);
        for symbol in &block.symbols {
            assert_eq!(symbol.parts()[0].start, at.unwrap());
            assert_eq!(symbol.parts()[3].end, symbol.bits.end);
            assert_eq!(symbol.makes().start, byte);
            at = Some(symbol.bits.end);
            byte = symbol.makes().end;
            let sources: u64 = trace.sources(symbol).iter().map(|p| p.len).sum();
            if let SymbolKind::Match(copy) = symbol.kind {
                assert_eq!(sources, u64::from(copy.length));
            }
        }
        if let Body::Stored(stored) = block.body {
            byte = block.makes.end;
            assert!(stored.data.len() >= 8 * block.makes.len());
        }
        assert_eq!(block.makes.end, byte);
        if let (true, Some(at)) = (block.is_whole, at) {
            assert_eq!(block.bits.end, at);
        }
        bit = block.padding.map_or(block.bits.end, |p| p.bits.end);
    }
    assert_eq!(byte, result.output.total);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_same_bytes_over_many_messages(
        sender in sender(),
        messages in messages(9),
        cuts in prop::collection::vec(0usize..70_000, 0..4),
    ) {
        let payloads = sender.compress(&messages);
        let mut looking = Tracer::new(sender.parameters());
        let mut plain = Tracer::new(sender.parameters());
        for (number, (payload, message)) in (1..).zip(payloads.iter().zip(&messages)) {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (payload.len() + 1)).collect();
            cuts.extend([0, payload.len()]);
            cuts.sort_unstable();
            let parts: Vec<_> = cuts
                .windows(2)
                .map(|cut| Input::Bytes(&payload[cut[0]..cut[1]]))
                .collect();
            let result = looking.message(number, &parts, Output::new(usize::MAX), Trace::new(1 << 20));
            prop_assert_eq!(&result.output.bytes, message);
            prop_assert!(result.output.is_known());
            prop_assert_eq!(result.end, End::Flushed);
            // zlib never sends the farthest 262 bytes of its window.
            prop_assert!(usize::from(result.farthest) <= sender.parameters().window_bits.bytes());
            coherent(&result, payload.len() as u64 * 8);
            sources_hold(&result, &messages, number);
            let bare = plain.message(number, &parts, Output::new(usize::MAX), ());
            prop_assert_eq!(bare.output, result.output);
            prop_assert!(looking.is_synced() && plain.is_synced());
        }
    }

    #[test]
    fn the_same_verdict_on_mutated_streams(
        sender in sender(),
        messages in messages(4),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        early in any::<bool>(),
        cut in 0usize..2000,
    ) {
        let mut payloads = sender.compress(&messages);
        let mut last = payloads.pop().unwrap();
        let history = match sender.takeover {
            Takeover::Keep => messages[..messages.len() - 1].concat(),
            Takeover::Reset => Vec::new(),
        };
        for (index, xor) in flips {
            let range = if early { last.len().min(100) } else { last.len() };
            if range > 0 {
                last[index.index(range)] ^= xor;
            }
        }
        compare(&last, cut, &history);
    }

    #[test]
    fn the_same_verdict_on_random_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        cut in 0usize..400,
        history in 0usize..5,
    ) {
        compare(&bytes, cut, &vec![b'x'; history * history * 9000]);
    }

    #[test]
    fn the_same_verdict_on_random_dynamic_headers(seed in any::<u64>(), cut in 0usize..90) {
        let mut dice = Dice(seed | 1);
        let mut random = move |sides: u64| dice.roll(sides) as u32;
        // Lengths that make a code more often than not: all five bits, or four and five.
        let mut header = BitWriter::default().number(0, 1).number(2, 2);
        let lenient = random(4) > 0;
        header = header.number(random(if lenient { 30 } else { 32 }), 5);
        header = header.number(random(if lenient { 30 } else { 32 }), 5).number(15, 4);
        let shape = random(3);
        for index in 0..19 {
            let length = match shape {
                0 => if index < 13 { 4 } else { 5 },
                1 => [1, 2, 3, 4, 5, 6, 7, 7].get(index).copied().unwrap_or(0),
                _ => random(8),
            };
            header = header.number(length, 3);
        }
        for _ in 0..700 {
            header = header.number(random(2), 1);
        }
        compare(&header.done(), cut, b"");
    }
}

/// The pieces that a match is said to copy from hold what it makes.
fn sources_hold(result: &Traced<Trace>, messages: &[Vec<u8>], number: u64) {
    for symbol in result.record.symbols() {
        let mut source = Vec::new();
        for piece in result.record.sources(symbol) {
            let Origin::Message(from) = piece.origin else {
                panic!("{piece:?}")
            };
            assert!(from <= number);
            let range = piece.start as usize..(piece.start + piece.len) as usize;
            source.extend_from_slice(&messages[from as usize - 1][range]);
        }
        if let SymbolKind::Match(_) = symbol.kind {
            let makes = symbol.makes().start as usize..symbol.makes().end as usize;
            assert_eq!(source, messages[number as usize - 1][makes]);
        }
    }
}

/// A dynamic block: HLIT, HDIST, the lengths of the code length codes, and what follows.
fn dynamic(hlit: u32, hdist: u32, lengths: &[u32]) -> BitWriter {
    let count = lengths.len() as u32 - 4;
    let head = BitWriter::default().number(0, 1).number(2, 2);
    let head = head.number(hlit, 5).number(hdist, 5).number(count, 4);
    lengths.iter().fold(head, |w, len| w.number(*len, 3))
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_fault_has_its_name_and_place() {
    let fixed = || BitWriter::default().number(0, 1).number(1, 2);
    // Code length codes: symbol 0 is "0", symbol 1 is "10", symbol 18 is "11".
    let simple = [0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    let lone = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let skip_256 = |w: BitWriter| w.code("11").number(127, 7).code("11").number(107, 7);
    for (payload, kind, start, end) in [
        (
            BitWriter::default().number(6, 3),
            FaultKind::BlockType,
            1,
            3,
        ),
        (
            BitWriter::default().bytes(&[0, 1, 0, 0xff, 0xff]),
            FaultKind::StoredLengths,
            8,
            40,
        ),
        (dynamic(30, 0, &simple), FaultKind::TooManySymbols, 3, 17),
        (dynamic(0, 30, &simple), FaultKind::TooManySymbols, 3, 17),
        (
            dynamic(0, 0, &[1, 1, 1, 0]),
            FaultKind::CodeLengthsSet,
            17,
            29,
        ),
        (
            dynamic(0, 0, &[0, 0, 0, 1]),
            FaultKind::CodeLengthsSet,
            17,
            29,
        ),
        // A repetition with nothing before it.
        (
            dynamic(0, 0, &[1, 0, 0, 1]).code("1").number(0, 2),
            FaultKind::LengthRepeat,
            29,
            32,
        ),
        // 138 + 138 lengths where 258 are due.
        (
            dynamic(0, 0, &lone)
                .code("1")
                .number(127, 7)
                .code("1")
                .number(127, 7),
            FaultKind::LengthRepeat,
            79,
            87,
        ),
        // 258 zeros.
        (
            skip_256(dynamic(0, 0, &simple)).code("00"),
            FaultKind::NoEndOfBlock,
            71,
            91,
        ),
        // No code length code at all: zlib reads zeros.
        (
            dynamic(0, 0, &[0, 0, 0, 0]).number(0, 32).bytes(&[0; 40]),
            FaultKind::NoEndOfBlock,
            29,
            29 + 258,
        ),
        // Three literal codes of one bit.
        (
            dynamic(0, 0, &simple)
                .code("1010")
                .code("11")
                .number(127, 7)
                .code("11")
                .number(105, 7)
                .code("1010"),
            FaultKind::LiteralSet,
            71,
            97,
        ),
        // Three distance codes of one bit.
        (
            skip_256(dynamic(0, 2, &simple)).code("10101010"),
            FaultKind::DistanceSet,
            71,
            97,
        ),
        // Only the end of the block has a code, "0".
        (
            skip_256(dynamic(0, 0, &simple))
                .code("10")
                .code("0")
                .code("1"),
            FaultKind::LiteralCode,
            92,
            93,
        ),
        // RFC 1951 §3.2.6: literal/length symbol 286, distance symbol 30.
        (fixed().code("11000110"), FaultKind::LiteralCode, 3, 11),
        (
            fixed().code("0000001").code("11110"),
            FaultKind::DistanceCode,
            10,
            15,
        ),
        (
            fixed().code("0000001").code("00000"),
            FaultKind::DistanceTooFar,
            3,
            15,
        ),
    ] {
        let payload = payload.bytes(&[0; 2]).done();
        for cut in 0..payload.len() {
            let (_, own) = compare(&payload, cut, b"");
            let bits = Span { start, end };
            assert_eq!(own, End::Fault(Fault { kind, bits }), "{payload:02x?}");
        }
    }
}

#[test]
fn literals_without_distance_codes() {
    // RFC 1951 §3.2.7: a lone distance code of zero bits says that there are only literals.
    let simple = [0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    let block = dynamic(0, 0, &simple)
        .code("11")
        .number(86, 7) // 97 × none
        .code("10") // 'a' is "0"
        .code("11")
        .number(127, 7)
        .code("11")
        .number(9, 7)
        .code("10") // the end is "1"
        .code("0");
    let payload = block.code("0001").number(0, 3).done();
    assert_eq!(compare(&payload, 3, b"").0, b"aaa");
    let result = Tracer::new(Parameters::default()).message(
        1,
        &[Input::Bytes(&payload)],
        Output::new(9),
        Trace::default(),
    );
    assert_eq!(result.end, End::Flushed);
    let Body::Dynamic(Some(header)) = &result.record.blocks[0].body else {
        panic!("{:?}", result.record.blocks)
    };
    let Dynamic {
        hlit,
        hdist,
        hclen,
        runs,
        literals,
        distances,
        ..
    } = &**header;
    assert_eq!((hlit.value, hdist.value, hclen.value), (0, 0, 14));
    let given: Vec<_> = runs.iter().map(|r| (r.first, r.count, r.length)).collect();
    let expected = [
        (0, 97, 0),
        (97, 1, 1),
        (98, 138, 0),
        (236, 20, 0),
        (256, 1, 1),
        (257, 1, 0),
    ];
    assert_eq!(given, expected);
    let codes: Vec<_> = literals
        .iter()
        .map(|l| (l.code.symbol, l.code.value))
        .collect();
    assert_eq!(codes, [(97, 0), (256, 1)]);
    assert_eq!(literals[0].bits, runs[1].bits);
    assert!(distances.is_empty());
}

#[test]
fn a_bomb_is_counted_and_the_window_stays_right() {
    let zeros = vec![0; 3 << 20];
    let text = payload(2, 40_000, 5);
    let messages = [zeros.clone(), text.clone(), text.clone()];
    let payloads = Sender::USUAL.compress(&messages);
    let mut tracer = Tracer::new(Parameters::default());
    for (number, (payload, message)) in (1..).zip(payloads.iter().zip(&messages)) {
        let input = [Input::Bytes(payload)];
        let result = tracer.message(number, &input, Output::new(1000), Trace::new(50));
        assert_eq!(result.end, End::Flushed);
        assert_eq!(result.output.total, message.len() as u64);
        assert_eq!(result.output.bytes, message[..1000]);
        assert!(result.record.symbols().count() <= 50);
        assert!(result.record.dropped_symbols() + result.record.dropped_blocks > 0);
    }
    let history = tracer.history().unwrap().to_vec();
    assert_eq!(history, text[text.len() - FARTHEST..]);
}

/// `cargo test --release -- --ignored --nocapture speed`
#[test]
#[ignore = "a measurement"]
fn speed() {
    let messages: Vec<_> = (0..400u64)
        .map(|i| payload(2 + u8::from(i % 2 == 1), 50_000, i))
        .collect();
    let payloads = Sender::USUAL.compress(&messages);
    let total: usize = messages.iter().map(Vec::len).sum();
    let rate = |what: &str, run: &mut dyn FnMut() -> usize| {
        let best = (0..7)
            .map(|_| {
                let start = std::time::Instant::now();
                assert_eq!(run(), total);
                start.elapsed()
            })
            .min()
            .unwrap();
        let speed = total as f64 / best.as_secs_f64() / 1e6;
        println!(
            "{what}: {speed:.0} MB/s of {} bytes in {}",
            total,
            payloads.iter().map(Vec::len).sum::<usize>()
        );
    };
    rate("flate2", &mut || {
        let mut engine = Decompress::new(false);
        let mut scratch = vec![0; 1 << 16];
        let mut sum = 0;
        for payload in &payloads {
            for mut part in [&payload[..], &FLUSH_MARKER] {
                while !part.is_empty() {
                    let (read, made) = (engine.total_in(), engine.total_out());
                    engine
                        .decompress(part, &mut scratch, FlushDecompress::Sync)
                        .unwrap();
                    sum += (engine.total_out() - made) as usize;
                    part = &part[(engine.total_in() - read) as usize..];
                }
            }
        }
        sum
    });
    rate("tracer, payload only", &mut || all(&payloads, false, || ()));
    rate("tracer, payload only, history lost", &mut || {
        all(&payloads, true, || ())
    });
    rate("tracer, all symbols", &mut || {
        all(&payloads, false, || Trace::new(usize::MAX))
    });
}

fn all<R: Recorder>(payloads: &[Vec<u8>], lost: bool, record: impl Fn() -> R) -> usize {
    let mut tracer = Tracer::new(Parameters::default());
    let mut sum = 0;
    let mut buffer = Vec::new();
    for payload in payloads {
        if lost {
            tracer.lost();
        }
        let output = Output::reuse(buffer, usize::MAX);
        let result = tracer.message(1, &[Input::Bytes(payload)], output, record());
        sum += result.output.total as usize;
        buffer = result.output.bytes;
    }
    sum
}
