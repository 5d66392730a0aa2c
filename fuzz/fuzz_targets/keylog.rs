//! A key log of any bytes.
//!
//! Holds that pieces of any size give the same counts, and that each line is counted once at most.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wscope::tls::{KeyLog, KeyLogReader, Source};

fuzz_target!(|data: &[u8]| {
    let Some((&size, text)) = data.split_first() else {
        return;
    };
    let mut whole = KeyLog::default();
    whole.read(text, Source::File);
    let mut pieces = KeyLog::default();
    let mut reader = KeyLogReader::new(Source::File);
    for piece in text.chunks(usize::from(size).max(1)) {
        reader.feed(&mut pieces, piece);
    }
    reader.finish(&mut pieces);
    let counts = whole.counts();
    assert_eq!(pieces.counts(), counts);
    let lines = text
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
        .count() as u64
        + 1;
    let told = counts.secrets
        + counts.repeated
        + counts.useless
        + counts.malformed
        + counts.unknown
        + counts.dropped;
    assert!(told <= lines);
});
