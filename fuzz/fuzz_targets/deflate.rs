//! Compressed messages of one direction: made by a compressor, or any bytes.
//!
//! Holds that what a compressor made inflates to what it was made from, that behind lost
//! messages no byte is said to be known that is not true, that cutting changes no payload, and that
//! flate2 makes the same of any bytes.
#![no_main]

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use libfuzzer_sys::fuzz_target;
use wscope::deflate::trace::{End, Input, Traced, Tracer};
use wscope::deflate::{Decoder, Fault, Outcome, Output, Parameters, Takeover, WindowBits};
use wscope_fuzz::{Bytes, Row};

/// Past this a message is counted, not kept.
const KEPT: usize = 1 << 16;
/// Some tens of thousands of bytes are enough to fill a window.
const MOST: usize = 96 << 10;

/// One direction's decoder.
struct Inflating {
    decoder: Decoder,
}

impl Inflating {
    fn new(parameters: Parameters) -> Self {
        Self {
            decoder: Decoder::new(parameters),
        }
    }

    fn message(&mut self, pieces: &[&[u8]], lost: Option<usize>) -> (Output, Outcome) {
        let mut output = Output::new(KEPT);
        self.decoder.begin();
        for (number, piece) in pieces.iter().enumerate() {
            if lost == Some(number) {
                let len = piece.len() as u64;
                self.decoder.hole(len, &mut output);
            } else {
                self.decoder.feed(piece, &mut output);
            }
        }
        let outcome = self.decoder.end(&mut output);
        assert!(output.bytes.len() as u64 <= output.total && output.bytes.len() <= KEPT);
        (output, outcome)
    }
}

/// Holds what is known of a payload against what was sent.
fn check(output: &Output, plain: &[u8]) {
    for (start, known) in output.known() {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let truth = plain.get(start..).unwrap_or_default();
        assert!(truth.starts_with(known), "a wrong byte is said to be known");
    }
}

fn parameters(how: u8) -> Parameters {
    Parameters {
        window_bits: WindowBits::new(9 + (how >> 1) % 7).unwrap_or_default(),
        takeover: if how & 1 == 0 {
            Takeover::Keep
        } else {
            Takeover::Reset
        },
    }
}

/// A sender that compresses as RFC 7692 §7.2.1 says, or nearly so.
struct Sender {
    parameters: Parameters,
    level: u32,
    engine: Compress,
}

impl Sender {
    fn new(parameters: Parameters, level: u32) -> Self {
        Self {
            parameters,
            level,
            engine: Self::engine(parameters, level),
        }
    }

    fn engine(parameters: Parameters, level: u32) -> Compress {
        let bits = parameters.window_bits.get();
        Compress::new_with_window_bits(Compression::new(level), false, bits)
    }

    /// Compresses `plain` in parts, each flushed, or ended with a final block.
    fn message(
        &mut self,
        plain: &[u8],
        parts: usize,
        last_block: bool,
        keep_marker: bool,
    ) -> Vec<u8> {
        if self.parameters.takeover == Takeover::Reset {
            self.engine = Self::engine(self.parameters, self.level);
        }
        let mut out = Vec::with_capacity(plain.len() * 2 + 4096);
        let size = (plain.len() / parts).max(1);
        for part in plain.chunks(size) {
            self.flush(part, FlushCompress::Sync, &mut out);
        }
        if last_block {
            self.flush(&[], FlushCompress::Finish, &mut out);
            self.engine = Self::engine(self.parameters, self.level);
            // RFC 7692 §7.2.3.4: the header of the empty block whose rest is left out.
            out.push(0);
            return out;
        }
        if plain.is_empty() {
            // RFC 7692 §7.2.3.6.
            return vec![0];
        }
        assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
        if !keep_marker {
            out.truncate(out.len() - 4);
        }
        out
    }

    fn flush(&mut self, plain: &[u8], flush: FlushCompress, out: &mut Vec<u8>) {
        let before = self.engine.total_in();
        let status = self.engine.compress_vec(plain, out, flush);
        assert!(status.is_ok() && out.len() < out.capacity());
        assert_eq!(self.engine.total_in() - before, plain.len() as u64);
    }
}

/// Traces a message in pieces, of which one may be missing.
fn trace(tracer: &mut Tracer, pieces: &[&[u8]], lost: Option<usize>) -> Traced<()> {
    let parts: Vec<Input<'_>> = pieces
        .iter()
        .enumerate()
        .map(|(number, piece)| {
            if lost == Some(number) {
                Input::Hole(piece.len() as u64)
            } else {
                Input::Bytes(piece)
            }
        })
        .collect();
    let traced = tracer.message(1, &parts, Output::new(KEPT), ());
    let output = &traced.output;
    assert!(output.bytes.len() as u64 <= output.total && output.unknown <= output.total);
    traced
}

/// Plain messages that repeat each other, sent, lost in parts, and read again.
fn honest(mut bytes: Bytes<'_>) {
    let parameters = parameters(bytes.byte());
    let level = u32::from(bytes.byte() % 10);
    let mut sender = Sender::new(parameters, level);
    let mut inflating = Inflating::new(parameters);
    let mut tracer = Tracer::new(parameters);
    let mut row = Row::new(u64::from(bytes.byte()));
    let mut before: Vec<u8> = Vec::new();
    let mut lost = false;
    let mut sent = 0;
    while !bytes.is_empty() && sent < MOST {
        let (how, len) = (bytes.byte(), usize::from(bytes.byte()));
        let mut plain = bytes.take(len).to_vec();
        // Some messages say again what was said before, so that matches reach back.
        if how & 1 != 0 {
            let from = row.below(before.len() + 1);
            plain.extend_from_slice(&before[from..]);
        }
        if how & 2 != 0 {
            plain = plain.repeat(1 + row.below(40));
        }
        plain.truncate(KEPT);
        sent += plain.len();
        let last_block = how & 0x0c == 0x0c;
        let keep_marker = how & 0x30 == 0x30 && !last_block && !plain.is_empty();
        let wire = sender.message(&plain, 1 + usize::from(how >> 6), last_block, keep_marker);
        before = plain.clone();
        if how & 0xc0 == 0xc0 && how & 0x10 != 0 {
            // The whole message is not in the capture.
            inflating.decoder.lose();
            tracer.lost();
            lost = true;
            continue;
        }
        let pieces = row.cut(&wire);
        let hole = (how & 0xc0 == 0x80 && how & 0x20 != 0).then(|| row.below(pieces.len()));
        if parameters.takeover == Takeover::Reset {
            lost = false;
        }
        let traced = trace(&mut tracer, &pieces, hole);
        check(&traced.output, &plain);
        let (output, outcome) = inflating.message(&pieces, hole);
        check(&output, &plain);
        assert_eq!(outcome.fault, None, "a sound message is at fault");
        if hole.is_some() {
            lost = true;
            continue;
        }
        assert!(
            !matches!(traced.end, End::Fault(_) | End::Cut),
            "{:?}",
            traced.end
        );
        assert_eq!(traced.output.total, plain.len() as u64);
        assert!(!outcome.cut && output.total == plain.len() as u64);
        assert!(output.is_known() || lost, "a hole without a loss");
        assert_eq!(outcome.kept_marker, keep_marker);
    }
}

/// What flate2 makes of the messages of a direction whose sender keeps its context, in pieces of
/// any size: the bytes, or that they are no DEFLATE.
struct Zlib {
    engine: Decompress,
    window: Vec<u8>,
}

impl Zlib {
    fn new() -> Self {
        Self {
            engine: Decompress::new(false),
            window: Vec::new(),
        }
    }

    /// A message without the four bytes that a receiver appends. `None` where it is wrong.
    fn message(&mut self, pieces: &[&[u8]]) -> Option<Vec<u8>> {
        let mut room = vec![0; 1 << 12];
        let mut all = Vec::new();
        for piece in pieces {
            let mut input = *piece;
            loop {
                let (read, made) = (self.engine.total_in(), self.engine.total_out());
                let status = self
                    .engine
                    .decompress(input, &mut room, FlushDecompress::Sync);
                let read = usize::try_from(self.engine.total_in() - read).unwrap_or(0);
                let made = usize::try_from(self.engine.total_out() - made).unwrap_or(0);
                all.extend_from_slice(&room[..made]);
                self.window.extend_from_slice(&room[..made]);
                input = &input[read..];
                match status {
                    Ok(Status::StreamEnd) => {
                        self.engine.reset(false);
                        let from = self.window.len().saturating_sub(1 << 15);
                        let window = &self.window[from..];
                        assert!(window.is_empty() || self.engine.set_dictionary(window).is_ok());
                    }
                    Ok(_) => {}
                    Err(_) => return None,
                }
                if input.is_empty() && made < room.len() {
                    break;
                }
            }
        }
        Some(all)
    }
}

/// Any bytes as messages, whole, in pieces, by a copy, by a tracer and by flate2.
fn hostile(mut bytes: Bytes<'_>) {
    let parameters = parameters(bytes.byte());
    let mut row = Row::new(u64::from(bytes.byte()));
    let (mut whole, mut cut) = (Inflating::new(parameters), Inflating::new(parameters));
    let mut tracer = Tracer::new(parameters);
    // As long as nothing was lost or wrong, and every message ended where one ends.
    let mut zlib = (parameters.takeover == Takeover::Keep).then(Zlib::new);
    while !bytes.is_empty() {
        let len = usize::from(bytes.byte());
        let wire = bytes.take(len);
        let one = whole.message(&[wire], None);
        let other = cut.message(&row.cut(wire), None);
        assert_eq!(one, other, "cutting changed a message");
        cut.decoder = cut.decoder.clone();
        let traced = trace(&mut tracer, &row.cut(wire), None);
        if parameters.takeover == Takeover::Keep {
            assert_eq!(traced.output, one.0);
        }
        if let Some(engine) = &mut zlib {
            match engine.message(&row.cut(wire)) {
                Some(made) => {
                    let wrong =
                        matches!(one.1.fault, Some(Fault::DistanceTooFar | Fault::Invalid(_)));
                    assert!(!wrong, "flate2 calls it right");
                    assert!(made.starts_with(&one.0.bytes) && made.len() as u64 == one.0.total);
                }
                None => assert!(one.1.fault.is_some(), "flate2 calls it wrong"),
            }
            // Where a message does not end with a block, flate2 is inside of it.
            let ended = matches!(traced.end, End::Flushed | End::MarkerKept);
            if traced.end == End::Flushed {
                assert!(engine.message(&[&[0, 0, 0xff, 0xff]]).is_some());
            }
            zlib = zlib.filter(|_| ended);
        }
        if len == 0 {
            whole.decoder.lose();
            cut.decoder.lose();
            tracer.lost();
            zlib = None;
        }
        assert_eq!(whole.decoder.is_synced(), cut.decoder.is_synced());
    }
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    if bytes.byte() & 1 == 0 {
        honest(bytes);
    } else {
        hostile(bytes);
    }
});
