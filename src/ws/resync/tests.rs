use super::*;
use crate::base::{Peer, Stamp};
use crate::ws::unmask;

struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.to_le_bytes()[5]
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.byte()).collect()
    }
}

fn search(from: Peer, rsv1: bool) -> Resync {
    Resync::new(
        Expectation { from, rsv1 },
        Habits::default(),
        Limits::default(),
    )
}

fn frame(from: Peer, first: u8, payload: &[u8], noise: &mut Noise) -> Vec<u8> {
    let mask = if from == Peer::Client { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match u8::try_from(payload.len()) {
        Ok(len) if len < 126 => bytes.push(mask | len),
        _ => {
            bytes.push(mask | 0x7e);
            bytes.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
    }
    if mask == 0 {
        bytes.extend_from_slice(payload);
    } else {
        let key = [noise.byte(), noise.byte(), noise.byte(), noise.byte()];
        bytes.extend_from_slice(&key);
        unmask(payload, key, 0, &mut bytes);
    }
    bytes
}

/// Segments until something is found: how many were needed, and where it was.
fn needed(from: Peer, segments: &[Vec<u8>]) -> Option<(usize, u64)> {
    let mut search = search(from, true);
    segments.iter().enumerate().find_map(|(index, segment)| {
        let found = search.delivery(Delivery::write(segment), Stamp::START.into())?;
        Some((index + 1, found.skipped?))
    })
}

#[test]
fn a_frame_in_each_segment_is_found_soon() {
    let mut noise = Noise(1);
    for from in Peer::BOTH {
        let texts: Vec<_> = (0..5)
            .map(|i| {
                frame(
                    from,
                    0x81,
                    format!("{{\"type\":\"tick\",\"value\":{i}}}").as_bytes(),
                    &mut noise,
                )
            })
            .collect();
        assert_eq!(needed(from, &texts), Some((1, 0)), "{from}");
        let packed: Vec<_> = (0..9)
            .map(|i| {
                let payload = noise.bytes(40 + i);
                frame(from, 0xc1, &payload, &mut noise)
            })
            .collect();
        let (segments, skipped) = needed(from, &packed).unwrap();
        assert!(segments <= 3 && skipped == 0, "{from} {segments}");
        let alike: Vec<_> = (0..9)
            .map(|_| {
                let payload = noise.bytes(12);
                frame(from, 0x82, &payload, &mut noise)
            })
            .collect();
        let (segments, _) = needed(from, &alike).unwrap();
        assert!(segments <= 6, "{from} {segments}");
    }
}

#[test]
fn frames_behind_the_rest_of_a_large_one_are_found() {
    let mut noise = Noise(2);
    for from in Peer::BOTH {
        let mut bytes = noise.bytes(5000);
        for i in 0..40 {
            let payload = noise.bytes(100 + i);
            bytes.extend(frame(from, 0x82, &payload, &mut noise));
        }
        let segments: Vec<_> = bytes.chunks(1448).map(<[u8]>::to_vec).collect();
        let (_, skipped) = needed(from, &segments).unwrap();
        assert!((5000..6000).contains(&skipped), "{from} {skipped}");
    }
}

/// How many of many streams of other bytes are taken for frames.
fn mistaken(streams: u64, make: impl Fn(&mut Noise) -> Vec<Vec<u8>>) -> usize {
    let mut mistakes = 0;
    for seed in 1..=streams {
        let segments = make(&mut Noise(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        for from in Peer::BOTH {
            mistakes += usize::from(needed(from, &segments).is_some());
        }
    }
    mistakes
}

#[test]
fn random_bytes_are_no_frames() {
    let streams =
        |noise: &mut Noise, sizes: &[usize]| sizes.iter().map(|size| noise.bytes(*size)).collect();
    let short = [700, 40, 130, 300, 9, 60];
    assert_eq!(mistaken(10_000, |noise| streams(noise, &short)), 0);
    // Long enough for a look at every offset.
    let long = [1448, 1448, 700, 40, 130, 1448, 9, 60];
    assert_eq!(mistaken(500, |noise| streams(noise, &long)), 0);
}

#[test]
fn tls_and_ssh_are_no_frames() {
    let tls = |noise: &mut Noise| {
        let record = |noise: &mut Noise| {
            let len = 20 + u16::from(noise.byte()) * 5;
            let mut record = vec![0x17, 3, 3];
            record.extend_from_slice(&len.to_be_bytes());
            record.extend(noise.bytes(usize::from(len)));
            record
        };
        (0..10).map(|_| record(noise)).collect()
    };
    assert_eq!(mistaken(300, tls), 0);
    let ssh = |noise: &mut Noise| {
        (0..20)
            .map(|_| {
                let len = 36 + usize::from(noise.byte() & 0x70);
                noise.bytes(len)
            })
            .collect()
    };
    assert_eq!(mistaken(1000, ssh), 0);
}

#[test]
fn text_is_no_frame() {
    let words = [
        "HTTP/1.1 200 OK\r\n",
        "content-type: ",
        "привет, мир. ",
        "с тест ",
        "に、。",
        "{\"a\": 1}",
        "ünïcödé ",
        "A",
        "B",
        "the words of a page ",
        "0123456789",
        "\n\n",
        "т ",
    ];
    let text = |noise: &mut Noise| {
        let mut bytes = Vec::new();
        while bytes.len() < 6000 {
            let word = words[usize::from(noise.byte()) % words.len()];
            bytes.extend_from_slice(word.as_bytes());
        }
        let from = usize::from(noise.byte());
        bytes[from..].chunks(1448).map(<[u8]>::to_vec).collect()
    };
    assert_eq!(mistaken(500, text), 0);
}

#[test]
fn zeros_samples_and_length_prefixes_are_no_frames() {
    for pattern in [
        &[0u8][..],
        &[0x82, 0x00],
        &[0x80, 0x00],
        &[0x82, 0x02, 0x00, 0xff],
        &[0x01, 0x00],
        &[0x81, 0x02, 0x30, 0x30],
    ] {
        for size in [100, 1448, 4096] {
            let segments: Vec<_> = (0..20)
                .map(|i| pattern.iter().cycle().skip(i).take(size).copied().collect())
                .collect();
            for from in Peer::BOTH {
                let found = needed(from, &segments);
                assert_eq!(found, None, "{from} {pattern:?} {size}");
            }
        }
    }
    // DNS over TCP: two bytes of length, and as many behind them. To the letter these are
    // fragments that never end.
    let mut noise = Noise(3);
    let dns: Vec<Vec<u8>> = (0..30)
        .map(|_| {
            let len = 30 + (noise.byte() & 0x3f);
            [vec![0, len], noise.bytes(usize::from(len))].concat()
        })
        .collect();
    assert_eq!(needed(Peer::Client, &dns), None);
}

#[test]
fn the_buffer_is_bounded() {
    let limits = Limits {
        resync_bytes: 8192,
        ..Limits::default()
    };
    let mut search = Resync::new(
        Expectation {
            from: Peer::Server,
            rsv1: false,
        },
        Habits::default(),
        limits,
    );
    let mut noise = Noise(4);
    for _ in 0..2000 {
        let bytes = noise.bytes(300);
        assert!(
            search
                .delivery(Delivery::write(&bytes), Stamp::START.into())
                .is_none()
        );
        assert!(search.buffer.span() <= 8192);
        assert!(search.chains.len() <= CHAINS_MAX);
    }
    assert_eq!(search.seen(), 600_000);
    let text = frame(
        Peer::Server,
        0x81,
        b"a text of more than twenty characters",
        &mut noise,
    );
    let found = search
        .delivery(Delivery::write(&text), Stamp::START.into())
        .unwrap();
    assert_eq!(found.skipped, Some(600_000));
}

/// Zeros make chains without end. One that is as long as any is followed is not followed again.
#[test]
fn a_chain_at_its_greatest_length_is_not_looked_at_again() {
    let expectation = Expectation {
        from: Peer::Server,
        rsv1: true,
    };
    let mut search = Resync::new(expectation, Habits::default(), Limits::default());
    for _ in 0..40 {
        let bits = search.look(Delivery::write(&[0; 1000]), Stamp::START.into());
        assert_eq!((bits, search.chains.len()), (0, 0));
    }
}
