//! Symbols counted as they are decoded, held against a trace of the same messages.

use proptest::prelude::*;

use super::super::*;
use super::support::*;
use crate::deflate::trace::{Block, Body, Match, SymbolKind, Trace};
use crate::deflate::{Blocks, Decoder, Record, Symbols};

/// What the symbols of a trace come to; `made` are the message's bytes, where all are known.
fn counted(trace: &Trace, made: Option<&[u8]>) -> Symbols {
    let mut symbols = Symbols {
        payloads: 1,
        bits: trace.payload_bits,
        ..Symbols::default()
    };
    for block in &trace.blocks {
        add(&mut symbols, trace, block, made);
    }
    symbols
}

fn add(symbols: &mut Symbols, trace: &Trace, block: &Block, made: Option<&[u8]>) {
    symbols.made += block.makes.len();
    match &block.body {
        Body::Unread => {}
        Body::Stored(stored) if !stored.has_len() => {}
        Body::Stored(stored) if stored.len.value == 0 => symbols.blocks.flushes += 1,
        Body::Stored(_) => {
            symbols.blocks.stored += 1;
            symbols.stored_bytes += block.makes.len();
        }
        Body::Fixed => symbols.blocks.fixed += 1,
        Body::Dynamic(_) => symbols.blocks.dynamic += 1,
    }
    let first = block.symbols.first().map(|symbol| symbol.bits.start);
    let data = match &block.body {
        Body::Stored(stored) => stored.data.start,
        _ => first.unwrap_or(block.bits.end),
    };
    // RFC 7692 §7.2.1: the end of the last one was not sent.
    let end = data.min(trace.payload_bits);
    symbols.header_bits += end.saturating_sub(block.bits.start);
    for symbol in &block.symbols {
        match symbol.kind {
            SymbolKind::EndOfBlock { .. } => {}
            SymbolKind::Literal { .. } => {
                symbols.literal_bytes += 1;
                symbols.literal_bits += symbol.bits.len();
            }
            SymbolKind::Match(copy) => {
                copied(symbols, (symbol.output, symbol.bits.len()), copy);
                let across = u64::from(copy.distance).saturating_sub(symbol.output);
                let across = across.min(copy.length.into());
                let Some(made) = made.filter(|_| across > 0) else {
                    let unpriced = u64::from(across > 0);
                    symbols.unpriced += unpriced;
                    symbols.across_own_bits += unpriced * symbol.bits.len();
                    continue;
                };
                let bytes = &made[symbol.output as usize..][..across as usize];
                let price = |byte: &u8| literal_bits(&block.body, *byte);
                symbols.across_as_literals += bytes.iter().map(price).sum::<u64>();
                if across < copy.length.into() {
                    symbols.across_own_bits += symbol.bits.len();
                }
            }
        }
    }
}

fn copied(symbols: &mut Symbols, (output, bits): (u64, u64), copy: Match) {
    let (length, distance) = (u64::from(copy.length), u64::from(copy.distance));
    symbols.matches += 1;
    symbols.match_bytes += length;
    symbols.match_bits += bits;
    let place = (0..16).find(|place| distance <= 1 << place).unwrap();
    symbols.distances[place] += length;
    let across = distance.saturating_sub(output).min(length);
    if across > 0 {
        symbols.across += 1;
        symbols.across_bytes += across;
        symbols.across_bits += bits;
    }
}

/// Bits of a byte as a literal: as many as the longest code, where it has none.
fn literal_bits(body: &Body, byte: u8) -> u64 {
    match body {
        // RFC 1951 §3.2.6: literals from 144 on take 9 bits.
        Body::Fixed => u64::from(byte >= 144) + 8,
        Body::Dynamic(Some(header)) => {
            let codes = || header.literals.iter().map(|code| code.code);
            let own = codes().find(|code| code.symbol == u16::from(byte));
            let longest = codes()
                .filter(|code| code.symbol < 256)
                .map(|code| code.len);
            own.map(|code| code.len)
                .or(longest.max())
                .unwrap_or(8)
                .into()
        }
        _ => panic!("a copy stands in no such block"),
    }
}

/// Decodes a message, of which this is recorded.
fn decode(decoder: &mut Decoder, input: &[Input<'_>]) -> Output {
    let mut output = Output::new(1 << 20);
    decoder.begin();
    for part in input {
        match part {
            Input::Bytes(bytes) => decoder.feed(bytes, &mut output),
            Input::Hole(len) => decoder.hole(*len, &mut output),
        }
    }
    decoder.end(&mut output);
    output
}

/// A decoder that records.
fn recording(parameters: Parameters, record: Record) -> Decoder {
    let mut decoder = Decoder::new(parameters);
    decoder.record(record);
    decoder
}

/// Holds counts against traces, message by message.
fn compare(parameters: Parameters, messages: &[Vec<Input<'_>>]) {
    let mut counting = recording(parameters, Record::Counts);
    let mut tracing = recording(parameters, Record::Bits(usize::MAX));
    for input in messages {
        let output = decode(&mut counting, input);
        assert_eq!(output, decode(&mut tracing, input));
        let traced = tracing.inflated(&output).unwrap();
        let expected = counted(traced.trace, traced.made);
        assert_eq!(counting.counted(), Some((&expected, traced.end)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn counts_are_those_of_a_trace(
        sender in sender(),
        messages in messages(6),
        pieces in 1usize..2000,
    ) {
        let payloads = sender.compress(&messages);
        let inputs: Vec<Vec<_>> = payloads
            .iter()
            .map(|payload| payload.chunks(pieces).map(Input::Bytes).collect())
            .collect();
        compare(sender.parameters(), &inputs);
    }

    #[test]
    fn counts_are_those_of_a_trace_where_bytes_are_missing_or_wrong(
        sender in sender(),
        messages in messages(6),
        pieces in 1usize..300,
        forgets in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let mut dice = Dice(seed | 1);
        let mut payloads = sender.compress(&messages);
        for payload in &mut payloads {
            let at = dice.roll(payload.len() as u64) as usize;
            match dice.roll(6) {
                0 => payload[at] ^= 1 << dice.roll(8),
                1 => payload.truncate(at),
                _ => {}
            }
        }
        let mut hole = |part| match dice.roll(40) {
            0 => Input::Hole(dice.roll(90)),
            _ => Input::Bytes(part),
        };
        let inputs: Vec<Vec<_>> = payloads
            .iter()
            .map(|payload| payload.chunks(pieces).map(&mut hole).collect())
            .collect();
        // Also where a sender keeps what it agreed to forget.
        let mut agreed = sender.parameters();
        if forgets {
            agreed.takeover = Takeover::Reset;
        }
        compare(agreed, &inputs);
    }
}

/// RFC 7692 §7.2.3.2: "Hello" twice.
#[test]
fn the_second_hello_saves_what_takeover_is_for() {
    let mut decoder = recording(Parameters::default(), Record::Counts);
    let mut symbols = Symbols::default();
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    for payload in [&hello[..], &again[..]] {
        decode(&mut decoder, &[Input::Bytes(payload)]);
        symbols.merge(decoder.counted().unwrap().0);
    }
    assert_eq!((symbols.payloads, symbols.made), (2, 10));
    assert_eq!((symbols.literal_bytes, symbols.match_bytes), (6, 4));
    assert_eq!((symbols.across, symbols.across_bytes), (1, 4));
    // Four literals of 8 bits; the match is a code of 7, no extra bits, a distance code of 5
    // and one more bit.
    assert_eq!((symbols.across_as_literals, symbols.across_bits), (32, 13));
    assert_eq!(symbols.saved(), 2);
    assert_eq!(
        symbols.blocks,
        Blocks {
            fixed: 2,
            flushes: 2,
            ..Blocks::default()
        }
    );
    assert_eq!(symbols.distances[3], 4);
    assert_eq!(symbols.window_for(100), Some(8));
    assert_eq!(symbols.bits, 7 * 8 + 5 * 8);
}

/// A stored block whose length is missing is not a flush.
#[test]
fn blocks_without_a_length_are_not_counted() {
    for payload in [&[0x00][..], &[0x00, 0x05], &[0x00, 0x00]] {
        let hello = Input::Bytes(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07]);
        let input = vec![hello, Input::Bytes(payload), Input::Hole(9)];
        compare(Parameters::default(), std::slice::from_ref(&input));
        let mut decoder = recording(Parameters::default(), Record::Counts);
        decode(&mut decoder, &input);
        let (symbols, end) = decoder.counted().unwrap();
        assert_eq!((symbols.blocks.flushes, end), (0, End::Cut));
    }
}
