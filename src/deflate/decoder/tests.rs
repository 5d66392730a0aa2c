use super::super::trace;
use super::*;
use crate::deflate::{Outcome, Takeover, WindowBits};
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

const KEEP: Parameters = Parameters {
    window_bits: WindowBits::MAX,
    takeover: Takeover::Keep,
};
const RESET: Parameters = Parameters {
    window_bits: WindowBits::MAX,
    takeover: Takeover::Reset,
};

struct Bench {
    decoder: Decoder,
    limit: usize,
    total: u64,
}

impl Bench {
    fn new(parameters: Parameters) -> Self {
        Self {
            decoder: Decoder::new(parameters),
            limit: usize::MAX,
            total: 0,
        }
    }

    /// A message in pieces: its output and what became of it.
    fn message(&mut self, pieces: &[&[u8]]) -> (Vec<u8>, Outcome) {
        let pieces: Vec<_> = pieces.iter().copied().map(Some).collect();
        let (output, outcome) = self.with_holes(&pieces);
        assert!(output.is_known() && !outcome.cut);
        (output.bytes, outcome)
    }

    /// The same over a history that may be lost; `None` is a missing byte.
    fn with_holes(&mut self, pieces: &[Option<&[u8]>]) -> (Output, Outcome) {
        let mut output = Output::new(self.limit);
        self.decoder.begin();
        for piece in pieces {
            match piece {
                Some(bytes) => self.decoder.feed(bytes, &mut output),
                None => self.decoder.hole(1, &mut output),
            }
        }
        let outcome = self.decoder.end(&mut output);
        self.total = output.total;
        (output, outcome)
    }

    fn good(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (output, outcome) = self.message(&[bytes]);
        assert_eq!(outcome.fault, None, "{bytes:02x?}");
        assert!(!outcome.kept_marker);
        output
    }

    fn bad(&mut self, bytes: &[u8]) -> Fault {
        self.message(&[bytes]).1.fault.unwrap()
    }
}

struct Sender {
    engine: Compress,
    reset: bool,
}

impl Sender {
    fn new(level: u32, bits: u8, reset: bool) -> Self {
        let engine = Compress::new_with_window_bits(Compression::new(level), false, bits);
        Self { engine, reset }
    }

    fn flush(&mut self, plain: &[u8], flush: FlushCompress) -> Vec<u8> {
        let mut out = Vec::with_capacity(plain.len() * 2 + 1000);
        self.engine.compress_vec(plain, &mut out, flush).unwrap();
        out
    }

    fn message(&mut self, plain: &[u8]) -> Vec<u8> {
        if self.reset {
            self.engine.reset();
        }
        let mut out = self.flush(plain, FlushCompress::Sync);
        out.truncate(out.len().saturating_sub(4));
        out
    }
}

#[test]
fn a_copy_inside_a_message_goes_on_as_the_original_does() {
    for parameters in [KEEP, RESET] {
        let mut sender = Sender::new(6, 15, parameters.takeover == Takeover::Reset);
        let mut bench = Bench::new(parameters);
        let mut plain = content(3, 40_000);
        for round in 0..3 {
            plain.rotate_left(1_000 * round);
            let bytes = sender.message(&plain);
            let mut output = Output::new(usize::MAX);
            bench.decoder.begin();
            let mut copies = Vec::new();
            for piece in bytes.chunks(100) {
                copies.push((bench.decoder.clone(), output.clone(), copies.len() * 100));
                bench.decoder.feed(piece, &mut output);
            }
            let outcome = bench.decoder.end(&mut output);
            assert_eq!(output.bytes, plain);
            let next = sender.message(&plain);
            assert_eq!(bench.good(&next), plain);
            for (mut copy, mut half, from) in copies {
                assert!(copy.held() < 34_000);
                copy.feed(&bytes[from..], &mut half);
                assert_eq!(copy.end(&mut half), outcome);
                assert_eq!(half, output);
                // And the next message over the same window.
                let mut again = Output::new(usize::MAX);
                copy.begin();
                copy.feed(&next, &mut again);
                copy.end(&mut again);
                assert_eq!(again.bytes, plain);
            }
        }
    }
}

#[test]
fn the_rfc_examples() {
    // RFC 7692 §7.2.3.1: one block; in two fragments.
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(Bench::new(KEEP).good(&hello), b"Hello");
    for cut in 1..hello.len() {
        let pieces = [&hello[..cut], &hello[cut..]];
        assert_eq!(Bench::new(KEEP).message(&pieces).0, b"Hello");
    }
    // RFC 7692 §7.2.3.2: the second message copies from the first.
    let mut bench = Bench::new(KEEP);
    assert_eq!(bench.good(&hello), b"Hello");
    assert_eq!(bench.good(&[0xf2, 0x00, 0x11, 0x00, 0x00]), b"Hello");
    // Without takeover it should not; who does it all the same is shown, and told of.
    let mut bench = Bench::new(RESET);
    assert_eq!(bench.good(&hello), b"Hello");
    assert_eq!(bench.good(&hello), b"Hello");
    let (output, outcome) = bench.message(&[&[0xf2, 0x00, 0x11], &[0x00, 0x00]]);
    assert_eq!(
        (output.as_slice(), outcome.fault, outcome.kept_context),
        (&b"Hello"[..], None, true)
    );
    // From then on the context is the sender's.
    let (output, outcome) = bench.message(&[&[0xf2, 0x00, 0x11, 0x00, 0x00]]);
    assert_eq!(
        (output.as_slice(), outcome.fault, outcome.kept_context),
        (&b"Hello"[..], None, false)
    );
    // What is no DEFLATE over any window stays an error.
    let mut bench = Bench::new(RESET);
    assert_eq!(bench.good(&hello), b"Hello");
    assert!(matches!(bench.bad(&[0xff, 0xff, 0xff]), Fault::Invalid(_)));
    assert_eq!(bench.good(&hello), b"Hello");
    // RFC 7692 §7.2.3.3: a block without compression.
    let stored = [
        0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
    ];
    assert_eq!(Bench::new(KEEP).good(&stored), b"Hello");
    // RFC 7692 §7.2.3.4: BFINAL set.
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    assert_eq!(Bench::new(KEEP).good(&last), b"Hello");
    // RFC 7692 §7.2.3.5: two blocks in one message.
    let two = [
        0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
    ];
    assert_eq!(Bench::new(KEEP).good(&two), b"Hello");
    // RFC 7692 §7.2.3.6: the empty message.
    assert_eq!(Bench::new(KEEP).good(&[0x00]), b"");
}

#[test]
fn history_outlives_final_blocks_and_odd_ends() {
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    let mut bench = Bench::new(KEEP);
    assert_eq!(bench.good(&last), b"Hello");
    assert_eq!(bench.good(&again), b"Hello");
    // In the middle of a message, and at its end without the empty block.
    assert_eq!(bench.good(&[&last[..7], &again].concat()), b"HelloHello");
    assert_eq!(bench.good(&last[..7]), b"Hello");
    assert_eq!(bench.good(&again), b"Hello");
    // No byte at all, and an empty final block.
    assert_eq!(bench.message(&[]).0, b"");
    assert_eq!(bench.good(&again), b"Hello");
    assert_eq!(bench.good(&[0x01]), b"");
    assert_eq!(bench.good(&[0x03, 0x00]), b"");
    assert_eq!(bench.good(&[0x03, 0x00, 0x00]), b"");
    assert_eq!(bench.good(&again), b"Hello");
}

#[test]
fn a_marker_left_on_is_told() {
    let mut bench = Bench::new(KEEP);
    let kept = [
        0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff, 0xff,
    ];
    for cut in 1..kept.len() {
        let (output, outcome) = bench.message(&[&kept[..cut], &kept[cut..]]);
        assert_eq!((output.as_slice(), outcome.fault), (&b"Hello"[..], None));
        assert!(outcome.kept_marker);
    }
    assert_eq!(bench.good(&[0xf2, 0x00, 0x11, 0x00, 0x00]), b"Hello");
}

#[test]
fn after_a_loss_what_is_copied_from_it_is_a_hole() {
    let mut sender = Sender::new(6, 15, false);
    let plain = b"the first message, of which others are made";
    let first = sender.message(plain);
    let second = sender.message(b"the first message, of which others are made, again");
    let mut bench = Bench::new(KEEP);
    bench.decoder.lose();
    assert!(!bench.decoder.is_synced());
    let (output, outcome) = bench.with_holes(&[Some(&second)]);
    assert_eq!((outcome.fault, outcome.cut), (None, false));
    // zlib never copies the very first byte of a stream.
    assert_eq!((output.total, output.unknown), (50, 42));
    let known: Vec<_> = output.known().collect();
    assert_eq!(known, [(0, &b"t"[..]), (43, b", again")]);
    // What copies from nothing is known at once, and is history for others.
    assert_eq!(bench.good(&first), plain);
    assert_eq!(
        bench.good(&second),
        b"the first message, of which others are made, again"
    );
    assert!(!bench.decoder.is_synced());
    let mut fresh = Sender::new(1, 15, false);
    for _ in 0..4 {
        bench.good(&fresh.message(&[b'a'; 8192]));
    }
    assert!(bench.decoder.is_synced());
    assert_eq!(bench.good(&fresh.message(&[b'a'; 100])), [b'a'; 100]);
    // Without takeover the next message begins anew.
    let mut bench = Bench::new(RESET);
    bench.decoder.begin();
    bench.decoder.lose();
    assert_eq!(bench.good(&first), plain);
    assert!(bench.decoder.is_synced());
}

#[test]
fn what_was_fed_is_put_out_at_once() {
    let plain = content(1, 3000);
    let packed = Sender::new(6, 15, false).message(&plain);
    let (half, rest) = packed.split_at(packed.len() / 2);
    for lost in [false, true] {
        for mut decoder in [Decoder::new(KEEP), Decoder::recording(KEEP, 100)] {
            if lost {
                decoder.lose();
            }
            let mut output = Output::new(usize::MAX);
            decoder.begin();
            decoder.feed(half, &mut output);
            // At most a symbol waits for its last bits.
            assert!(output.total > 1000 && plain.starts_with(&output.bytes));
            decoder.feed(rest, &mut output);
            assert_eq!(output.bytes, plain);
            decoder.end(&mut output);
        }
    }
}

#[test]
fn the_longest_copies_reach_the_end_of_the_buffer() {
    let source = wscope_testkit::Noise::new(5).bytes(258);
    for start in 0..100 {
        let mut plain = source.clone();
        plain.extend(vec![0; start]);
        for round in 0..260_u32 {
            plain.extend_from_slice(&round.to_be_bytes()[2..]);
            plain.extend_from_slice(&source);
        }
        let packed = Sender::new(9, 15, false).message(&plain);
        assert_eq!(Bench::new(KEEP).good(&packed), plain, "{start}");
    }
}

#[test]
fn directions_take_turns_inside_of_blocks() {
    // Each piece ends inside of a dynamic block, and more blocks are open than are kept.
    let plains: Vec<_> = (0..400).map(|seed| content(seed, 2500)).collect();
    let sent: Vec<_> = plains
        .iter()
        .map(|plain| Sender::new(6, 15, false).message(plain))
        .collect();
    let mut open: Vec<_> = sent
        .iter()
        .map(|packed| {
            let mut decoder = Decoder::new(KEEP);
            decoder.begin();
            (decoder, Output::new(usize::MAX), packed.chunks(400))
        })
        .collect();
    for _ in 0..10 {
        for (decoder, output, pieces) in &mut open {
            if let Some(piece) = pieces.next() {
                decoder.feed(piece, output);
            }
        }
    }
    for ((mut decoder, mut output, mut pieces), plain) in open.into_iter().zip(&plains) {
        assert!(pieces.next().is_none());
        assert_eq!(decoder.end(&mut output), Outcome::GOOD);
        assert_eq!(&output.bytes, plain);
    }
}

#[test]
fn a_short_stream_takes_a_small_window() {
    let mut sender = Sender::new(6, 15, false);
    let mut decoder = Decoder::new(KEEP);
    assert_eq!(decoder.takes(), 0);
    for round in 0..20 {
        let mut output = Output::counting();
        decoder.begin();
        decoder.feed(&sender.message(&content(round, 205)), &mut output);
        decoder.end(&mut output);
    }
    // 4 KiB were sent.
    assert!(decoder.takes() < 7000, "{}", decoder.takes());
    assert!(size_of::<Decoder>() < 500, "{}", size_of::<Decoder>());
}

#[test]
fn before_a_missing_byte_the_payload_is_known() {
    let mut sender = Sender::new(6, 15, false);
    let packed = sender.message(b"0123456789abcdefghijklmnopqrstuvwxyz");
    let (half, rest) = packed.split_at(packed.len() / 2);
    for parameters in [KEEP, RESET] {
        for decoder in [
            Decoder::new(parameters),
            Decoder::recording(parameters, 100),
        ] {
            let mut bench = Bench::new(parameters);
            bench.decoder = decoder;
            let (output, outcome) = bench.with_holes(&[Some(half), None, Some(&rest[1..])]);
            assert!(outcome.cut && outcome.fault.is_none());
            assert!(output.is_known() && output.total > 10);
            assert!(b"0123456789abcdefghijklmnopqrstuvwxyz".starts_with(&output.bytes));
            // The next one copies from what was cut.
            assert_eq!(bench.decoder.is_synced(), parameters == RESET);
        }
    }
}

#[test]
fn a_context_kept_over_a_loss_is_found() {
    let mut sender = Sender::new(6, 15, false);
    sender.message(b"a message that the capture lacks");
    let second = sender.message(b"a message that the capture lacks, not");
    for mut decoder in [Decoder::new(RESET), Decoder::recording(RESET, 100)] {
        let mut bench = Bench::new(RESET);
        decoder.lose();
        bench.decoder = decoder;
        let (output, outcome) = bench.with_holes(&[Some(&second)]);
        assert_eq!((outcome.fault, outcome.kept_context), (None, true));
        assert_eq!(&output.bytes[32..], b", not");
        assert_eq!(output.unknown, 31);
        // What is no DEFLATE is no sign of anything.
        let mut bench = Bench::new(RESET);
        bench.decoder.lose();
        assert!(matches!(bench.bad(&[0xff, 0xff, 0xff]), Fault::Invalid(_)));
    }
}

#[test]
fn who_looks_sees_the_same_and_every_bit() {
    let mut sender = Sender::new(6, 15, false);
    let mut bench = Bench::new(KEEP);
    bench.decoder = Decoder::recording(KEEP, 1000);
    for ordinal in 1..4 {
        let packed = sender.message(b"again and again");
        assert_eq!(bench.good(&packed), b"again and again");
        let mut out = Output::new(100);
        out.bytes.extend_from_slice(b"again and again");
        out.total = 15;
        let inflated = bench.decoder.inflated(&out).unwrap();
        assert_eq!(inflated.made, Some(&b"again and again"[..]));
        assert_eq!((inflated.ordinal, inflated.end), (ordinal, End::Flushed));
        assert_eq!(inflated.trace.payload_bits, packed.len() as u64 * 8);
        let copy = inflated.trace.symbols().next().unwrap();
        let from: Vec<_> = inflated.trace.sources(copy);
        if ordinal == 1 {
            assert!(from.is_empty());
        } else {
            assert_eq!(from[0].origin, trace::Origin::Message(ordinal - 1));
        }
    }
}

#[test]
fn a_bomb_is_counted_and_bounded() {
    let mut sender = Sender::new(9, 15, false);
    let bomb = sender.message(&vec![0; 20_000_000]);
    assert!(bomb.len() < 25_000);
    let mut bench = Bench::new(KEEP);
    bench.limit = 1000;
    let kept = bench.good(&bomb);
    assert_eq!((kept.len(), bench.total), (1000, 20_000_000));
    assert!(kept.capacity() < 4096);
    assert_eq!(bench.good(&sender.message(b"behind it")), b"behind it");
}

#[test]
fn garbage_is_an_outcome_and_the_next_stream_is_read() {
    let mut bench = Bench::new(KEEP);
    assert!(matches!(bench.bad(&[0x07, 1, 2, 3]), Fault::Invalid(_)));
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(bench.good(&hello), b"Hello");
}

fn content(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut out = Vec::new();
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let words = [
            "alpha ", "beta ", "gamma ", "delta, ", "\"id\":", "0123", "xyzzy ",
        ];
        out.extend_from_slice(words[state as usize % words.len()].as_bytes());
        out.push(state.to_le_bytes()[2]);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// However a message is cut, the same comes out, and at every place a copy goes on alike.
    #[test]
    fn every_split_says_the_same(
        level in 0u32..10,
        seed in any::<u32>(),
        len in 0usize..400,
        last in any::<bool>(),
        flip in prop::option::of((any::<prop::sample::Index>(), 1u8..255)),
        lost in any::<bool>(),
    ) {
        let mut sender = Sender::new(level, 15, false);
        let first = sender.message(&content(seed, 300));
        let plain = content(seed, len);
        let mut packed = if last {
            sender.flush(&plain, FlushCompress::Finish)
        } else {
            sender.message(&plain)
        };
        if let Some((index, xor)) = flip.filter(|_| !packed.is_empty()) {
            let at = index.index(packed.len());
            packed[at] ^= xor;
        }
        let mut before = Bench::new(KEEP);
        if lost {
            before.decoder.lose();
        } else {
            before.good(&first);
        }
        let run = |pieces: &[&[u8]]| {
            let mut bench = Bench { decoder: before.decoder.clone(), ..Bench::new(KEEP) };
            let pieces: Vec<_> = pieces.iter().copied().map(Some).collect();
            bench.with_holes(&pieces)
        };
        let whole = run(&[&packed]);
        for at in 0..packed.len() {
            prop_assert_eq!(&run(&[&packed[..at], &packed[at..]]), &whole);
        }
        let bytes: Vec<_> = packed.chunks(1).collect();
        prop_assert_eq!(run(&bytes), whole);
    }

    /// Whatever is lost, what comes out whole is what went in.
    #[test]
    fn a_success_is_certain(
        level in 0u32..10,
        bits in 9u8..16,
        reset in any::<bool>(),
        takeover in any::<bool>(),
        messages in prop::collection::vec(
            (any::<u32>(), 0usize..6000, 0u8..4, prop::bool::weighted(0.1)), 1..30),
    ) {
        let mut sender = Sender::new(level, bits, reset);
        // Where the sender resets and that was not agreed, nothing is wrong either.
        let mut bench = Bench::new(if reset && !takeover { RESET } else { KEEP });
        let mut lost = false;
        for (seed, len, fate, last) in messages {
            // Few seeds, so that messages copy from each other.
            let plain = content(seed % 5, len);
            let packed = if last {
                if reset {
                    sender.engine.reset();
                }
                let out = sender.flush(&plain, FlushCompress::Finish);
                sender.engine.reset();
                [out, vec![0]].concat()
            } else {
                sender.message(&plain)
            };
            match fate {
                0 => {
                    // The message is lost whole.
                    bench.decoder.lose();
                    lost = true;
                }
                1 if packed.len() > 1 => {
                    // A part of it is.
                    let (half, rest) = packed.split_at(packed.len() / 2);
                    let pieces = [Some(half), None, Some(&rest[1..])];
                    let (output, outcome) = bench.with_holes(&pieces);
                    prop_assert!(outcome.fault.is_none());
                    prop_assert!(outcome.cut || output.total == plain.len() as u64);
                    for (start, known) in output.known() {
                        let start = usize::try_from(start).unwrap();
                        prop_assert_eq!(known, &plain[start..start + known.len()]);
                    }
                    lost |= outcome.cut;
                }
                _ => {
                    let (output, outcome) = bench.with_holes(&[Some(&packed)]);
                    prop_assert_eq!((outcome.fault, outcome.cut), (None, false));
                    prop_assert_eq!(output.total, plain.len() as u64);
                    prop_assert!(output.is_known() || (lost && !reset));
                    for (start, known) in output.known() {
                        let start = usize::try_from(start).unwrap();
                        prop_assert_eq!(known, &plain[start..start + known.len()]);
                    }
                }
            }
        }
    }
}

#[test]
fn only_the_marker_is_the_marker() {
    let mut output = Output::new(usize::MAX);
    let mut decoder = Decoder::new(KEEP);
    decoder.begin();
    // RFC 7692 §7.2.3.3: a block without compression, behind which nothing was cut off.
    for (bytes, there) in [
        (&[0x00, 0x05, 0x00, 0xfa, 0xff][..], false),
        (b"Hello", false),
        (&[0x00, 0x00, 0x00, 0xff], false),
        (&[0xff], true),
    ] {
        decoder.feed(bytes, &mut output);
        assert_eq!(decoder.at_marker(), there, "{bytes:02x?}");
    }
    assert_eq!(output.bytes, b"Hello");
}

#[test]
fn distances_are_told_where_bits_are_recorded() {
    let plain = b"Hello, Hello";
    let bytes = Sender::new(9, 15, false).message(plain);
    for (mut decoder, farthest) in [
        (Decoder::new(KEEP), None),
        (Decoder::recording(KEEP, 100), Some(7)),
    ] {
        let mut output = Output::new(usize::MAX);
        decoder.begin();
        decoder.feed(&bytes, &mut output);
        decoder.end(&mut output);
        assert_eq!(output.bytes, plain);
        assert_eq!(decoder.farthest(), farthest);
    }
}
