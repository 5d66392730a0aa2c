use super::*;
use crate::deflate::WindowBits;
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
    pool: EnginePool,
    limit: usize,
    total: u64,
}

impl Bench {
    fn new(parameters: Parameters) -> Self {
        Self {
            decoder: Decoder::new(parameters),
            pool: EnginePool::default(),
            limit: usize::MAX,
            total: 0,
        }
    }

    /// A message in pieces: its output and what became of it.
    fn message(&mut self, pieces: &[&[u8]]) -> (Vec<u8>, Outcome) {
        let mut kept = Vec::new();
        self.total = 0;
        let mut sink = Sink {
            kept: &mut kept,
            limit: self.limit,
            total: &mut self.total,
        };
        self.decoder.begin(&mut self.pool);
        for piece in pieces {
            self.decoder.feed(piece, &mut self.pool, &mut sink);
        }
        let outcome = self.decoder.end(&mut self.pool, &mut sink);
        (kept, outcome)
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
fn the_rfc_examples() {
    // RFC 7692 §7.2.3.1: one block; in two fragments.
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(Bench::new(KEEP).good(&hello), b"Hello");
    for cut in 0..hello.len() {
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
    assert_eq!(bench.good(&[]), b"");
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
    for cut in 0..kept.len() {
        let (output, outcome) = bench.message(&[&kept[..cut], &kept[cut..]]);
        assert_eq!((output.as_slice(), outcome.fault), (&b"Hello"[..], None));
        assert!(outcome.kept_marker);
    }
    assert_eq!(bench.good(&[0xf2, 0x00, 0x11, 0x00, 0x00]), b"Hello");
}

#[test]
fn after_a_loss_only_what_is_certain_is_a_success() {
    let mut sender = Sender::new(6, 15, false);
    let first = sender.message(b"the first message, of which others are made");
    let second = sender.message(b"the first message, of which others are made, again");
    let mut bench = Bench::new(KEEP);
    bench.decoder.lose(&mut bench.pool);
    assert_eq!(bench.bad(&second), Fault::HistoryLost);
    assert!(!bench.decoder.is_synced());
    // What copies from nothing is certain at once, and is history for others.
    assert_eq!(
        bench.good(&first),
        b"the first message, of which others are made"
    );
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
    // Without takeover the next message begins anew.
    let mut bench = Bench::new(RESET);
    bench.decoder.begin(&mut bench.pool);
    bench.decoder.lose(&mut bench.pool);
    assert_eq!(
        bench.good(&first),
        b"the first message, of which others are made"
    );
    assert!(bench.decoder.is_synced());
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
                    bench.decoder.lose(&mut bench.pool);
                    lost = true;
                }
                1 if packed.len() > 1 => {
                    // A part of it is.
                    let mut kept = Vec::new();
                    let mut total = 0;
                    let mut sink = Sink { kept: &mut kept, limit: usize::MAX, total: &mut total };
                    bench.decoder.begin(&mut bench.pool);
                    bench.decoder.feed(&packed[..packed.len() / 2], &mut bench.pool, &mut sink);
                    bench.decoder.lose(&mut bench.pool);
                    bench.decoder.feed(&packed[packed.len() / 2 + 1..], &mut bench.pool, &mut sink);
                    bench.decoder.end(&mut bench.pool, &mut sink);
                    lost = true;
                }
                _ => {
                    let (output, outcome) = bench.message(&[&packed]);
                    match outcome.fault {
                        None => prop_assert!(output == plain),
                        Some(fault) => {
                            prop_assert!(lost && !reset);
                            prop_assert_eq!(fault, Fault::HistoryLost);
                        }
                    }
                }
            }
        }
    }
}
