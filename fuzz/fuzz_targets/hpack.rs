//! Header blocks of HTTP/2.
//!
//! Holds that blocks are read as loona-hpack reads them, fields and faults alike; and that a decoder
//! that begins in the middle shows nothing that a decoder from the beginning does not.
//!
//! Input: blocks, each after a byte that says how long it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loona_hpack::Decoder as Oracle;
use loona_hpack::decoder::DecoderError;
use wscope::http2::hpack::{Decoder, Fault, Field};
use wscope_fuzz::Bytes;

fn decoder() -> Decoder {
    Decoder::new(1 << 16, 1 << 20)
}

/// Whether what is known of `late` is what `whole` has.
fn agrees(late: &Field, whole: &Field) -> bool {
    let part = |late: &Option<Vec<u8>>, whole| late.is_none() || late == whole;
    part(&late.name, &whole.name) && part(&late.value, &whole.value)
}

fuzz_target!(|data: &[u8]| {
    let mut data = Bytes(data);
    let first = usize::from(data.byte() % 4);
    let (mut whole, mut oracle, mut late) = (decoder(), Oracle::new(), decoder());
    late.lose();
    for index in 0.. {
        if data.is_empty() {
            return;
        }
        let length = usize::from(data.byte()).min(data.0.len());
        let (block, rest) = data.0.split_at(length);
        data = Bytes(rest);
        let mut fields = Vec::new();
        let read = whole.block(block, &mut fields);
        // Sizes above what was allowed are let pass there.
        if matches!(read, Err(Fault::Size(_))) {
            return;
        }
        match (read, oracle.decode(block)) {
            (Ok(()), Ok(theirs)) => {
                let ours: Vec<_> = fields
                    .iter()
                    .map(|field| (field.name.clone().unwrap(), field.value.clone().unwrap()))
                    .collect();
                assert_eq!(ours, theirs);
            }
            (Err(_), Err(_)) => return,
            // RFC 7541 §4.2: a size is changed at a block's beginning. wscope reads it wherever it is.
            (Ok(()), Err(DecoderError::SizeUpdateAtEnd)) => return,
            (ours, theirs) => panic!("{ours:?} and {theirs:?}"),
        }
        if index >= first {
            let mut seen = Vec::new();
            late.block(block, &mut seen).unwrap();
            assert_eq!(seen.len(), fields.len());
            assert!(
                seen.iter()
                    .zip(&fields)
                    .all(|(late, whole)| agrees(late, whole))
            );
        }
    }
});
