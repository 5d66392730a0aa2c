//! The tracer against flate2: any bytes, and what a compressor made with some bits turned over.
//!
//! Holds that both put out the same bytes and meet the same fault at the same byte, whether or
//! not somebody looks and however the input is cut, over several messages and final blocks; and
//! that behind lost messages the tracer knows what can be known and nothing else.
#![no_main]

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use libfuzzer_sys::fuzz_target;
use wscope::deflate::trace::{End, FaultKind, Input, Trace, Traced, Tracer};
use wscope::deflate::{Output, Parameters};
use wscope_fuzz::{Bytes, Row};

/// The farthest that a match reaches back.
const WINDOW: usize = 1 << 15;
/// Plain bytes of all messages of a run.
const MOST: usize = 128 << 10;

/// What flate2 makes of a payload: the output, and the fault's word with the bytes read until it.
type Inflated = (Vec<u8>, Option<(String, u64)>);

/// Inflates byte by byte, so that each fault is told by its name, where it is met.
fn inflate(payload: &[u8], history: &[u8]) -> Inflated {
    let mut engine = Decompress::new(false);
    let mut all = history.to_vec();
    let mut room = vec![0; 1 << 12];
    let window = |engine: &mut Decompress, all: &[u8]| {
        let from = all.len().saturating_sub(WINDOW);
        assert!(all.is_empty() || engine.set_dictionary(&all[from..]).is_ok());
    };
    window(&mut engine, &all);
    for (count, byte) in (1_u64..).zip(payload) {
        let mut input = std::slice::from_ref(byte);
        loop {
            let (read, made) = (engine.total_in(), engine.total_out());
            let status = engine.decompress(input, &mut room, FlushDecompress::Sync);
            let made = usize::try_from(engine.total_out() - made).unwrap_or(0);
            all.extend_from_slice(&room[..made]);
            if engine.total_in() > read {
                input = &[];
            }
            match status {
                Ok(Status::StreamEnd) => {
                    engine.reset(false);
                    window(&mut engine, &all);
                }
                Ok(_) => {}
                Err(error) => {
                    let word = error.message().unwrap_or_default().to_owned();
                    return (all.split_off(history.len()), Some((word, count)));
                }
            }
            if input.is_empty() && made < room.len() {
                break;
            }
        }
    }
    (all.split_off(history.len()), None)
}

/// The same message for somebody who looks and for nobody, in pieces.
fn trace(tracers: &mut [Tracer; 2], pieces: &[&[u8]], hole: Option<usize>) -> Traced<Trace> {
    let part = |(number, piece): (usize, &&'_ [u8])| match hole {
        Some(hole) if hole == number => (None, piece.len()),
        _ => (Some(number), piece.len()),
    };
    let parts: Vec<_> = pieces.iter().enumerate().map(part).collect();
    let inputs: Vec<Input<'_>> = parts
        .iter()
        .map(|(number, len)| match number {
            Some(number) => Input::Bytes(pieces[*number]),
            None => Input::Hole(*len as u64),
        })
        .collect();
    let [looking, plain] = tracers;
    let looked = looking.message(1, &inputs, Output::new(MOST), Trace::default());
    let unseen = plain.message(1, &inputs, Output::new(MOST), ());
    assert_eq!(looked.output, unseen.output);
    assert_eq!(looked.end, unseen.end);
    assert_eq!(looked.farthest, unseen.farthest);
    assert_eq!(looking.is_synced(), plain.is_synced());
    looked
}

fn tracers() -> [Tracer; 2] {
    [0, 1].map(|_| Tracer::new(Parameters::default()))
}

/// Holds messages against flate2 until one is at fault.
fn compare(messages: &[Vec<u8>], row: &mut Row) {
    let mut tracers = tracers();
    let mut history = Vec::new();
    for payload in messages {
        let traced = trace(&mut tracers, &row.cut(payload), None);
        let (bytes, fault) = inflate(payload, &history);
        assert!(traced.output.is_known() && traced.output.total == bytes.len() as u64);
        assert!(bytes.starts_with(&traced.output.bytes), "other bytes");
        let own = match traced.end {
            End::Fault(fault) if fault.kind != FaultKind::Unfinished => {
                Some((fault.kind.word().to_owned(), fault.bits.end.div_ceil(8)))
            }
            _ => None,
        };
        assert_eq!(own, fault, "another fault, or at another place");
        if matches!(traced.end, End::Fault(_) | End::Cut) {
            assert!(!tracers[0].is_synced());
            return;
        }
        history.extend(bytes);
        let stale = history.len().saturating_sub(WINDOW);
        history.drain(..stale);
    }
}

/// Any bytes, cut into messages.
fn any(mut bytes: Bytes<'_>) {
    let mut row = Row::new(u64::from(bytes.byte()));
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let len = usize::from(bytes.short() % 1024);
        messages.push(bytes.take(len).to_vec());
    }
    compare(&messages, &mut row);
}

/// A plain message and its payload.
struct Sent {
    plain: Vec<u8>,
    payload: Vec<u8>,
    how: u8,
}

/// Messages that repeat each other, as a compressor puts them.
fn sent(bytes: &mut Bytes<'_>, row: &mut Row) -> Vec<Sent> {
    let level = Compression::new(u32::from(bytes.byte() % 10));
    let bits = 9 + bytes.byte() % 7;
    let mut engine = Compress::new_with_window_bits(level, false, bits);
    let mut sent: Vec<Sent> = Vec::new();
    let mut total = 0;
    while !bytes.is_empty() && total < MOST {
        let (how, len) = (bytes.byte(), usize::from(bytes.byte()));
        let mut plain = bytes.take(len).to_vec();
        if let (true, Some(last)) = (how & 1 != 0, sent.last()) {
            let from = row.below(last.plain.len() + 1);
            plain.extend_from_slice(&last.plain[from..]);
        }
        if how & 2 != 0 {
            plain = plain.repeat(1 + row.below(60));
        }
        if how & 0x0c == 0x0c {
            // What does not compress fills a window.
            plain.extend((0..row.below(20_000)).map(|_| row.below(256).to_le_bytes()[0]));
        }
        plain.truncate(MOST / 2);
        total += plain.len();
        let mut payload = Vec::with_capacity(plain.len() * 2 + 4096);
        let flush = if how & 0x30 == 0x30 {
            FlushCompress::Finish
        } else {
            FlushCompress::Sync
        };
        let before = engine.total_in();
        assert!(engine.compress_vec(&plain, &mut payload, flush).is_ok());
        assert_eq!(engine.total_in() - before, plain.len() as u64);
        match flush {
            FlushCompress::Finish => {
                // RFC 7692 §7.2.3.4: the header of the empty block whose rest is left out.
                payload.push(0);
                engine = Compress::new_with_window_bits(level, false, bits);
            }
            _ if payload.ends_with(&[0, 0, 0xff, 0xff]) => payload.truncate(payload.len() - 4),
            // Nothing has come since the last flush.
            _ => payload.push(0),
        }
        sent.push(Sent {
            plain,
            payload,
            how,
        });
    }
    sent
}

/// Payloads with some bits turned over.
fn mutated(mut bytes: Bytes<'_>) {
    let mut row = Row::new(u64::from(bytes.byte()));
    let turns = usize::from(bytes.byte() % 4);
    let mut messages: Vec<_> = sent(&mut bytes, &mut row)
        .into_iter()
        .map(|sent| sent.payload)
        .collect();
    let count = messages.len();
    for _ in 0..turns.min(count) {
        let message = &mut messages[row.below(count)];
        let len = message.len().max(1);
        // Headers of blocks stand at the beginning.
        let at = row.below(len).min(row.below(len));
        if let Some(byte) = message.get_mut(at) {
            *byte ^= 1 << row.below(8);
        }
    }
    compare(&messages, &mut row);
}

/// A window of which some is unknown, with two fillings of that.
struct Windows([Vec<u8>; 2]);

impl Windows {
    fn lose(&mut self) {
        self.0 = [vec![0x55; WINDOW], vec![0xaa; WINDOW]];
    }

    /// Which bytes of a message are the same over both fillings: those can be known.
    fn message(&mut self, payload: &[u8]) -> Vec<bool> {
        let outputs = [0, 1].map(|filling: usize| {
            let window = &mut self.0[filling];
            let (bytes, fault) = inflate(payload, window);
            assert_eq!(fault, None);
            window.extend_from_slice(&bytes);
            let stale = window.len().saturating_sub(WINDOW);
            window.drain(..stale);
            bytes
        });
        let pairs = outputs[0].iter().zip(&outputs[1]);
        pairs.map(|(one, other)| one == other).collect()
    }
}

/// Messages of which some are lost, whole or in part.
fn lossy(mut bytes: Bytes<'_>) {
    let mut row = Row::new(u64::from(bytes.byte()));
    let mut tracers = tracers();
    let mut windows = Windows([Vec::new(), Vec::new()]);
    for Sent {
        plain,
        payload,
        how,
    } in sent(&mut bytes, &mut row)
    {
        if how & 0xc0 == 0xc0 {
            tracers.iter_mut().for_each(Tracer::lost);
            windows.lose();
            continue;
        }
        let pieces = row.cut(&payload);
        let hole = (how & 0xc0 == 0x80).then(|| row.below(pieces.len()));
        let traced = trace(&mut tracers, &pieces, hole);
        for (start, known) in traced.output.known() {
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let truth = plain.get(start..).unwrap_or_default();
            assert!(truth.starts_with(known), "a wrong byte is said to be known");
        }
        if hole.is_some() {
            if traced.end != End::Cut {
                // A hole in a stored block: no more can be said than that nothing is wrong.
                return;
            }
            windows.lose();
            continue;
        }
        assert!(!matches!(traced.end, End::Fault(_) | End::Cut));
        assert_eq!(traced.output.total, plain.len() as u64);
        let can = windows.message(&payload);
        let knows = |at: usize| traced.output.knows(at as u64);
        let kept = traced.output.bytes.len();
        assert!(
            (0..kept).all(|at| knows(at) == can[at]),
            "not what can be known"
        );
        let whole = windows.0[0] == windows.0[1];
        assert!(!tracers[0].is_synced() || whole, "synced over a hole");
        assert!(
            tracers[0].is_synced() || !whole,
            "not synced, and nothing is missing"
        );
    }
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    match bytes.byte() % 3 {
        0 => any(bytes),
        1 => mutated(bytes),
        _ => lossy(bytes),
    }
});
