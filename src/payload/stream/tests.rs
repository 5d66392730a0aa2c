use ::zstd::stream::raw::{Encoder, Operation, OutBuffer};
use flate2::{Compress, Compression, FlushCompress};
use wscope_testkit::Noise;

use super::*;
use crate::payload::Encoding;

/// What a sender makes of texts, a message each, with Zstandard.
fn sent_zstd(texts: &[&str]) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(6).unwrap();
    let packed = |text: &&str| {
        let mut room = vec![0; 200_000];
        let status = encoder.run_on_buffers(text.as_bytes(), &mut room).unwrap();
        assert_eq!(status.bytes_read, text.len());
        let mut rest = OutBuffer::around_pos(&mut room[..], status.bytes_written);
        assert_eq!(encoder.flush(&mut rest).unwrap(), 0);
        let written = rest.pos();
        room.truncate(written);
        room
    };
    texts.iter().map(packed).collect()
}

/// What a sender makes of texts, a message each, with zlib.
fn sent(texts: &[&str]) -> Vec<Vec<u8>> {
    let mut compress = Compress::new(Compression::default(), true);
    let mut messages = Vec::new();
    for text in texts {
        let mut out = Vec::with_capacity(200_000);
        compress
            .compress_vec(text.as_bytes(), &mut out, FlushCompress::Sync)
            .unwrap();
        messages.push(out);
    }
    messages
}

const TEXTS: [&str; 4] = [
    r#"{"op":10,"d":{"heartbeat_interval":41250}}"#,
    r#"{"op":11,"d":null}"#,
    r#"{"op":0,"t":"READY","d":{"heartbeat_interval":41250}}"#,
    "a text with nothing of the others",
];

fn limits(payload_bytes: usize) -> Limits {
    Limits {
        payload_bytes,
        ..Limits::default()
    }
}

fn read(stream: &mut Stream, payload: &[u8]) -> Option<Inflated> {
    stream.message((payload, true), &limits(1000))
}

#[test]
fn each_message_of_a_stream_inflates_and_may_be_in_pieces() {
    for (messages, encoding) in [
        (sent(&TEXTS), Encoding::ZlibStream),
        (sent_zstd(&TEXTS), Encoding::ZstdStream),
    ] {
        let mut stream = Stream::default();
        for (at, (message, text)) in messages.iter().zip(TEXTS).enumerate() {
            let (before, last) = message.split_at(if at == 2 { 5 } else { 0 });
            if !before.is_empty() {
                assert_eq!(read(&mut stream, before), None);
            }
            let inflated = read(&mut stream, last).unwrap();
            assert_eq!(inflated.bytes, text.as_bytes());
            assert_eq!(inflated.encoding, encoding);
            assert_eq!((inflated.holes.len(), inflated.cut), (0, false));
        }
    }
}

#[test]
fn of_a_long_message_the_first_bytes_are_kept() {
    let long = "a text that is long ".repeat(400_000 / 20);
    let mut stream = Stream::default();
    for message in sent_zstd(&[TEXTS[0], &long, TEXTS[1]]) {
        let inflated = read(&mut stream, &message).unwrap();
        let text = inflated.bytes;
        assert!(text.len() <= 1000);
        assert_eq!(inflated.cut, text.len() == 1000);
        assert!(long.as_bytes().starts_with(&text) || !inflated.cut);
    }
    let short = stream_of(&sent_zstd(&[TEXTS[0], TEXTS[1]]));
    assert_eq!(short.last().unwrap().as_deref(), Some(TEXTS[1].as_bytes()));
}

/// What a sender's messages inflate to.
fn stream_of(messages: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
    let mut stream = Stream::default();
    let read = |message: &Vec<u8>| Some(read(&mut stream, message)?.bytes);
    messages.iter().map(read).collect()
}

#[test]
fn after_a_loss_zstandard_is_read_from_the_next_frame_on() {
    let (first, second) = (sent_zstd(&TEXTS), sent_zstd(&TEXTS));
    let mut stream = Stream::default();
    read(&mut stream, &first[0]).unwrap();
    stream.lose();
    assert_eq!(read(&mut stream, &first[2]), None);
    for (message, text) in second.iter().zip(TEXTS) {
        assert_eq!(read(&mut stream, message).unwrap().bytes, text.as_bytes());
    }
    // A sender may begin anew where it was not lost, too.
    for (message, text) in first.iter().zip(TEXTS) {
        assert_eq!(read(&mut stream, message).unwrap().bytes, text.as_bytes());
    }
}

#[test]
fn a_copy_goes_on_where_there_is_one() {
    let mut zlib = Stream::default();
    let messages = sent(&TEXTS);
    read(&mut zlib, &messages[0]).unwrap();
    let mut copy = zlib.resting().unwrap();
    assert_eq!(read(&mut zlib, &messages[1]), read(&mut copy, &messages[1]));
    let mut zstd = Stream::default();
    read(&mut zstd, &sent_zstd(&TEXTS)[0]).unwrap();
    assert!(zstd.resting().is_none());
    zstd.lose();
    let mut copy = zstd.resting().unwrap();
    assert!(read(&mut copy, &sent_zstd(&TEXTS)[0]).is_some());
}

#[test]
fn a_window_beyond_the_bound_is_not_made() {
    let limits = Limits {
        payload_window_bytes: 1 << 10,
        ..Limits::default()
    };
    let mut stream = Stream::default();
    let message = &sent_zstd(&TEXTS)[0];
    assert_eq!(stream.message((message, true), &limits), None);
    assert_eq!(read(&mut stream, message), None);
}

/// Texts that have something of each other.
fn texts(noise: &mut Noise) -> Vec<String> {
    let words = [
        "op",
        "d",
        "t",
        "READY",
        "heartbeat",
        "guild",
        "channel",
        "{",
        "}",
        ":",
    ];
    let text = |noise: &mut Noise| {
        let most = if noise.one_in(8) { 900 } else { 40 };
        let length = 1 + noise.below(most);
        let word = |noise: &mut Noise| match noise.below(5) {
            0 => format!("{:x}", noise.below(1 << 30)),
            _ => words[noise.below(words.len())].to_owned(),
        };
        (0..length).map(|_| word(noise)).collect()
    };
    (0..12).map(|_| text(noise)).collect()
}

#[test]
fn whatever_is_lost_no_byte_is_wrong() {
    let limits = limits(100_000);
    let (mut noise, mut whole, mut partly) = (Noise::new(11), 0, 0);
    for round in 0..300 {
        let texts = texts(&mut noise);
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let messages = if round % 2 == 0 {
            sent(&texts)
        } else {
            sent_zstd(&texts)
        };
        let mut stream = Stream::default();
        for (message, text) in messages.iter().zip(&texts) {
            let cut = noise.below(message.len());
            let told = match noise.below(12) {
                0 => {
                    stream.lose();
                    continue;
                }
                1 => stream.message((&message[..cut], false), &limits),
                2 => {
                    let first = stream.message((&message[..cut], true), &limits);
                    stream.lose();
                    first
                }
                3 => {
                    stream.lose();
                    stream.message((&message[cut..], true), &limits)
                }
                _ => stream.message((message, true), &limits),
            };
            let Some(told) = told else {
                continue;
            };
            let known = |at: usize| {
                let at = at as u64;
                let mut holes = told.holes.iter();
                !holes.any(|(start, length)| (*start..start + length).contains(&at))
            };
            for (at, byte) in told.bytes.iter().enumerate() {
                let right = text.as_bytes().get(at) == Some(byte);
                assert!(right || !known(at), "{round}: byte {at} of {text}");
            }
            whole += usize::from(told.bytes == text.as_bytes());
            partly += usize::from(!told.holes.is_empty());
        }
    }
    assert!(whole > 500 && partly > 300, "{whole} {partly}");
}

#[test]
fn after_a_loss_nothing_wrong_is_shown() {
    let messages = sent(&TEXTS);
    let mut stream = Stream::default();
    read(&mut stream, &messages[0]).unwrap();
    stream.lose();
    // The rest of a message that nobody saw begin.
    assert_eq!(read(&mut stream, &messages[1][2..]), None);
    let partly = read(&mut stream, &messages[2]).unwrap();
    assert!(!partly.holes.is_empty());
    let all = TEXTS[2].as_bytes();
    for (at, byte) in partly.bytes.iter().enumerate() {
        let in_hole = |(start, len): &(u64, u64)| (*start..start + len).contains(&(at as u64));
        let unknown = partly.holes.iter().any(in_hole);
        assert!(unknown || all.get(at) == Some(byte), "{at}");
    }
    let last = read(&mut stream, &messages[3]).unwrap();
    assert_eq!(last.bytes.len(), TEXTS[3].len());
}

#[test]
fn what_is_no_stream_is_left_alone() {
    let (messages, frames) = (sent(&TEXTS), sent_zstd(&TEXTS));
    let whole = ::zstd::bulk::compress(TEXTS[0].as_bytes(), 3).unwrap();
    for first in [
        &b"\x78\x9c plain"[..],
        b"x",
        &messages[0][2..],
        &messages[0][..8],
        &frames[0][1..],
        &frames[0][..8],
        b"\x28\xb5\x2f\xfdplain",
        // A frame that ends belongs to its message alone.
        &whole,
    ] {
        let mut stream = Stream::default();
        assert_eq!(read(&mut stream, first), None);
        assert_eq!(read(&mut stream, &messages[0]), None);
    }
    let mut late = Stream::default();
    late.lose();
    assert_eq!(read(&mut late, &messages[0]), None);
}
