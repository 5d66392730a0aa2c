//! The examples of RFC 7692 §7.2.3, symbol by symbol.

use super::*;
use crate::deflate::trace::Symbol;

fn tracer() -> Tracer {
    Tracer::new(Parameters::default())
}

fn trace(tracer: &mut Tracer, number: u64, payload: &[u8]) -> Traced<Trace> {
    let input = [Input::Bytes(payload)];
    tracer.message(number, &input, Output::new(1000), Trace::default())
}

/// A symbol in one line: its bits, its code and what it says.
fn line(symbol: &Symbol) -> String {
    let Span { start, end } = symbol.bits;
    let code = symbol.code();
    let bits = format!("{:0width$b}", code.value, width = usize::from(code.len));
    match symbol.kind {
        SymbolKind::Literal { byte, .. } => {
            format!("{start}..{end} {bits} {:?}", char::from(byte))
        }
        SymbolKind::Match(copy) => {
            let width = usize::from(copy.distance_code.len);
            let distance = copy.distance_code.value;
            let (length, back) = (copy.length, copy.distance);
            let extra = copy.distance_extra.value;
            let len = copy.distance_extra.len;
            format!("{start}..{end} {bits} {length} {distance:0width$b}+{extra}/{len} {back} back")
        }
        SymbolKind::EndOfBlock { .. } => format!("{start}..{end} {bits} end"),
    }
}

fn lines(block: &Block) -> Vec<String> {
    block.symbols.iter().map(line).collect()
}

/// The last block, which the receiver completes.
fn marker(trace: &Trace, start: u64) {
    let block = trace.blocks.last().unwrap();
    assert_eq!(block.bits.start, start);
    let Body::Stored(stored) = block.body else {
        panic!("{block:?}")
    };
    assert!(block.is_whole && block.makes.is_empty());
    assert_eq!((stored.len.value, stored.nlen.value), (0, 0xffff));
    let sent = trace.payload_bits;
    assert_eq!(
        stored.padding.bits,
        Span {
            start: start + 3,
            end: sent
        }
    );
    assert_eq!(stored.len.bits, Span::new(sent, 16));
    assert_eq!(stored.nlen.bits, Span::new(sent + 16, 16));
    assert!(!trace.is_restored(stored.padding.bits));
    assert!(trace.is_restored(stored.len.bits) && trace.is_restored(stored.nlen.bits));
}

const HELLO: [&str; 6] = [
    "3..11 01111000 'H'",
    "11..19 10010101 'e'",
    "19..27 10011100 'l'",
    "27..35 10011100 'l'",
    "35..43 10011111 'o'",
    "43..50 0000000 end",
];

#[test]
fn one_block() {
    // §7.2.3.1
    let result = trace(
        &mut tracer(),
        1,
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
    );
    assert_eq!(result.output.bytes, b"Hello");
    assert_eq!(result.end, End::Flushed);
    let blocks = &result.record.blocks;
    assert_eq!(blocks.len(), 2);
    assert_eq!(blocks[0].body, Body::Fixed);
    assert_eq!(
        (blocks[0].is_final.value, blocks[0].block_type.value),
        (0, 1)
    );
    assert_eq!(blocks[0].bits, Span::new(0, 50));
    assert_eq!(blocks[0].makes, Span::new(0, 5));
    assert_eq!(lines(&blocks[0]), HELLO);
    marker(&result.record, 50);
}

#[test]
fn a_shared_window() {
    // §7.2.3.2
    let mut tracer = tracer();
    trace(&mut tracer, 4, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    let result = trace(&mut tracer, 6, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
    assert_eq!(result.output.bytes, b"Hello");
    let block = &result.record.blocks[0];
    let expected = [
        "3..11 01111000 'H'",
        "11..24 0000010 4 00100+0/1 5 back",
        "24..31 0000000 end",
    ];
    assert_eq!(lines(block), expected);
    assert_eq!(block.symbols[1].makes(), Span::new(1, 4));
    let parts = block.symbols[1].parts().map(|part| (part.start, part.end));
    assert_eq!(parts, [(11, 18), (18, 18), (18, 23), (23, 24)]);
    let source = Piece {
        origin: Origin::Message(4),
        start: 1,
        len: 4,
    };
    assert_eq!(result.record.sources(&block.symbols[1]), [source]);
    marker(&result.record, 31);
}

#[test]
fn a_stored_block() {
    // §7.2.3.3
    let payload = [
        0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
    ];
    let result = trace(&mut tracer(), 1, &payload);
    assert_eq!(result.output.bytes, b"Hello");
    assert_eq!(result.end, End::Flushed);
    let block = &result.record.blocks[0];
    let Body::Stored(stored) = block.body else {
        panic!("{block:?}")
    };
    assert_eq!(stored.padding.bits, Span::new(3, 5));
    assert_eq!((stored.len.value, stored.nlen.value), (5, 0xfffa));
    assert_eq!(stored.data, Span::new(40, 40));
    assert_eq!(block.bits, Span::new(0, 80));
    marker(&result.record, 80);
}

#[test]
fn a_final_block() {
    // §7.2.3.4
    let mut tracer = tracer();
    let payload = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    let result = trace(&mut tracer, 1, &payload);
    assert_eq!(result.output.bytes, b"Hello");
    assert_eq!(result.end, End::Flushed);
    let block = &result.record.blocks[0];
    assert_eq!(block.is_final.value, 1);
    assert_eq!(lines(block), HELLO);
    assert_eq!(block.padding.unwrap().bits, Span::new(50, 6));
    marker(&result.record, 56);
    // The window outlives the stream.
    let result = trace(&mut tracer, 2, &[0xf2, 0x00, 0x11, 0x00, 0x00]);
    assert_eq!(result.output.bytes, b"Hello");
}

#[test]
fn two_blocks() {
    // §7.2.3.5
    let payload = [
        0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
    ];
    let result = trace(&mut tracer(), 1, &payload);
    assert_eq!(result.output.bytes, b"Hello");
    let blocks = &result.record.blocks;
    assert_eq!(blocks.len(), 4);
    let expected = [
        "3..11 01111000 'H'",
        "11..19 10010101 'e'",
        "19..26 0000000 end",
    ];
    assert_eq!(lines(&blocks[0]), expected);
    let Body::Stored(stored) = blocks[1].body else {
        panic!("{blocks:?}")
    };
    assert_eq!(blocks[1].bits, Span { start: 26, end: 64 });
    assert!(!result.record.is_restored(stored.nlen.bits));
    let expected = [
        "67..75 10011100 'l'",
        "75..83 10011100 'l'",
        "83..91 10011111 'o'",
        "91..98 0000000 end",
    ];
    assert_eq!(lines(&blocks[2]), expected);
    marker(&result.record, 98);
}

#[test]
fn an_empty_message() {
    // §7.2.3.6
    let result = trace(&mut tracer(), 1, &[0x00]);
    assert_eq!(result.output.total, 0);
    assert_eq!(result.end, End::Flushed);
    assert_eq!(result.record.blocks.len(), 1);
    marker(&result.record, 0);
}

#[test]
fn other_endings() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let marked = [&hello[..], &FLUSH_MARKER].concat();
    let then_same = |payload: &[u8], end: End| {
        let mut tracer = tracer();
        let result = trace(&mut tracer, 1, payload);
        assert_eq!(result.end, end, "{payload:02x?}");
        assert!(tracer.is_synced());
        let next = trace(&mut tracer, 2, &hello);
        assert_eq!(next.output.bytes, b"Hello");
        assert_eq!(next.end, End::Flushed);
    };
    then_same(&[], End::Unmarked);
    then_same(&marked, End::MarkerKept);
    then_same(&[0x01, 0x00, 0x00, 0xff, 0xff], End::MarkerKept);
    // A final block that ends the payload, and a final empty stored one that is cut.
    then_same(&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], End::Unmarked);
    then_same(&[0x01], End::Flushed);

    // Cut off inside a symbol, in the header of a stored block, in a dynamic header.
    for (payload, start, blocks) in [
        (&[0xf2, 0x48, 0xcd][..], 19, 1),
        (&[0x00, 0x05, 0x00], 0, 1),
        (&[0x04, 0x00, 0x00], 0, 1),
        (&[0x00, 0x02, 0x00, 0xfd, 0xff, b'H'], 48, 1),
    ] {
        let mut tracer = tracer();
        let result = trace(&mut tracer, 1, payload);
        let end = payload.len() as u64 * 8;
        let bits = Span { start, end };
        let kind = FaultKind::Unfinished;
        assert_eq!(
            result.end,
            End::Fault(Fault { kind, bits }),
            "{payload:02x?}"
        );
        assert_eq!(result.record.blocks.len(), blocks);
        assert!(!result.record.blocks[0].is_whole);
        assert!(!tracer.is_synced());
    }
}

#[test]
fn a_match_that_overlaps_itself_and_one_beyond_the_window() {
    let small = Parameters {
        window_bits: crate::deflate::WindowBits::MIN,
        takeover: Takeover::Keep,
    };
    let mut tracer = Tracer::new(small);
    let text: Vec<u8> = (0..=255).chain(0..=255).collect();
    let payloads = super::support::Sender::USUAL.compress(&[
        b"abcdef".repeat(3),
        text[..250].to_vec(),
        b"cdefab".to_vec(),
    ]);
    let first = trace(&mut tracer, 1, &payloads[0]);
    assert_eq!(first.output.bytes, b"abcdef".repeat(3));
    // zlib looks one byte further before it takes a match, hence the second 'a'.
    let copy = *first.record.symbols().nth(7).unwrap();
    let SymbolKind::Match(found) = copy.kind else {
        panic!("{copy:?}")
    };
    assert!(found.overlaps() && !found.beyond_window);
    let source = Piece {
        origin: Origin::Message(1),
        start: 1,
        len: 11,
    };
    assert_eq!(first.record.sources(&copy), [source]);
    trace(&mut tracer, 2, &payloads[1]);
    let third = trace(&mut tracer, 3, &payloads[2]);
    assert_eq!(third.output.bytes, b"cdefab");
    assert!(third.farthest > 256);
    assert!(
        third
            .record
            .symbols()
            .any(|symbol| matches!(symbol.kind, SymbolKind::Match(copy) if copy.beyond_window))
    );
}

#[test]
fn a_source_can_span_messages() {
    let messages = [&b"one two "[..], b"three four", b"two three"].map(<[u8]>::to_vec);
    let payloads = super::support::Sender::USUAL.compress(&messages);
    let mut tracer = tracer();
    trace(&mut tracer, 1, &payloads[0]);
    trace(&mut tracer, 3, &payloads[1]);
    let result = trace(&mut tracer, 7, &payloads[2]);
    assert_eq!(result.output.bytes, messages[2]);
    let pieces: Vec<_> = result
        .record
        .symbols()
        .flat_map(|symbol| result.record.sources(symbol))
        .collect();
    let piece = |number, start, len| Piece {
        origin: Origin::Message(number),
        start,
        len,
    };
    assert_eq!(pieces, [piece(1, 4, 4), piece(3, 0, 5)]);
}
