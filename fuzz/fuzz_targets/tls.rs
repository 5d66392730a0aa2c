//! Records, handshakes and gaps of both peers, with a key log that names a recorded connection.
//!
//! Holds that nothing panics, that pieces of any size give the same where nothing was lost, and that
//! no more data come out than went in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscope::base::{Limits, Peer, Stamp};
use wscope::stream::{Delivery, Missing, Stamps};
use wscope::tls::{Facts, KeyLog, Keys, Note, Out, Records, Source};

const KEYS: &[u8] = include_bytes!("../../captures/wss-tls13.keylog");

#[derive(Default)]
struct Sink {
    bytes: usize,
    gaps: usize,
}

impl Out for Sink {
    fn begins(&mut self, _: Facts) {}

    fn bytes(&mut self, _: Peer, delivery: Delivery<'_>, _: Stamps) {
        match delivery {
            Delivery::Chunk { bytes, .. } => self.bytes += bytes.len(),
            Delivery::Gap(_) => self.gaps += 1,
            Delivery::Conflict { .. } => {}
        }
    }

    fn note(&mut self, _: Peer, _: Note, _: Stamps) {}
}

/// Commands of two bytes: who, what and how much; bytes follow.
fn run(data: &[u8], keys: &Keys, size: usize) -> (Sink, Facts) {
    let limits = Limits {
        tls_trial_bytes: 1 << 16,
        tls_held_bytes: 1 << 12,
        ..Limits::default()
    };
    let mut records = Records::new(keys.clone(), limits, true);
    let mut sink = Sink::default();
    let mut rest = data;
    let at = Stamps::default();
    while let [what, length, after @ ..] = rest {
        let from = if what & 1 == 0 {
            Peer::Client
        } else {
            Peer::Server
        };
        let count = usize::from(*length) << (what >> 5);
        if what & 6 == 6 {
            let missing = match what & 24 {
                0 => Missing::Unknown,
                8 => Missing::AtMost(count as u64),
                _ => Missing::Bytes(count as u64),
            };
            records.delivery(from, Delivery::Gap(missing), at, &mut sink);
            rest = after;
            continue;
        }
        let (bytes, after) = after.split_at(count.min(after.len()));
        for piece in bytes.chunks(size) {
            let delivery = Delivery::Chunk {
                bytes: piece,
                begins: false,
            };
            records.delivery(from, delivery, at, &mut sink);
        }
        rest = after;
    }
    records.finish(Stamp::default(), &mut sink);
    (sink, records.facts())
}

fuzz_target!(|data: &[u8]| {
    let mut log = KeyLog::default();
    log.read(KEYS, Source::File);
    let keys = Keys::from(log);
    let (whole, facts) = run(data, &keys, usize::MAX);
    assert!(whole.bytes <= data.len());
    let (pieces, _) = run(data, &keys, 3);
    if whole.gaps == 0 && pieces.gaps == 0 {
        assert_eq!(whole.bytes, pieces.bytes);
    }
    let _ = facts.why.map(|why| why.to_string());
});
