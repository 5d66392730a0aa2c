use super::*;
use crate::base::Stamp;
use crate::stream::Missing;
use crate::ws::unmask;

fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[5]
    };
    (0..len).map(|_| next()).collect()
}

fn bare(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first, u8::try_from(payload.len()).unwrap()];
    bytes.extend_from_slice(payload);
    bytes
}

fn masked(first: u8, payload: &[u8], seed: u64) -> Vec<u8> {
    let key: [u8; 4] = noise(seed, 4).try_into().unwrap();
    let mut bytes = vec![first, 0x80 | u8::try_from(payload.len()).unwrap()];
    bytes.extend_from_slice(&key);
    unmask(payload, key, 0, &mut bytes);
    bytes
}

/// The first verdict on segments, by their senders as they are called.
fn verdict(roles_known: bool, segments: &[(Peer, Vec<u8>)]) -> Verdict {
    let mut late = Late::new(roles_known, Limits::default());
    for (from, bytes) in segments {
        let verdict = late.delivery(*from, Delivery::write(bytes), Stamp::START.into());
        if verdict != Verdict::Undecided {
            return verdict;
        }
    }
    late.verdict()
}

/// The same on a capture that kept `snaplen` bytes of each segment.
fn verdict_of_cut(snaplen: usize, segments: &[(Peer, Vec<u8>)]) -> Verdict {
    let mut late = Late::new(false, Limits::default());
    for (from, bytes) in segments {
        let (kept, cut) = bytes.split_at(snaplen.min(bytes.len()));
        late.delivery(*from, Delivery::write(kept), Stamp::START.into());
        if !cut.is_empty() {
            late.delivery(
                *from,
                Delivery::Gap(Missing::Bytes(cut.len() as u64)),
                Stamp::START.into(),
            );
        }
    }
    late.verdict()
}

fn talk(client: Peer) -> Vec<(Peer, Vec<u8>)> {
    let mut segments = Vec::new();
    for i in 0..4u8 {
        let text = format!("{{\"question\":{i},\"of\":\"many\"}}");
        segments.push((client, masked(0x81, text.as_bytes(), u64::from(i))));
        segments.push((client.other(), bare(0x81, text.as_bytes())));
    }
    segments
}

#[test]
fn masks_tell_who_is_who() {
    let found = |client| Verdict::WebSocket { client };
    assert_eq!(verdict(false, &talk(Peer::Client)), found(Peer::Client));
    assert_eq!(verdict(false, &talk(Peer::Server)), found(Peer::Server));
    assert_eq!(verdict(true, &talk(Peer::Server)), Verdict::Undecided);
}

#[test]
fn frames_that_a_snaplen_cut_are_found() {
    for snaplen in 8..40 {
        let found = verdict_of_cut(snaplen, &talk(Peer::Client));
        assert_eq!(
            found,
            Verdict::WebSocket {
                client: Peer::Client,
            },
            "{snaplen}"
        );
    }
}

#[test]
fn one_direction_alone_must_be_overwhelming() {
    let one = |count: u8, from| -> Vec<_> {
        (0..count)
            .map(|i| (from, bare(0xc1, &noise(u64::from(i), 60 + usize::from(i)))))
            .collect()
    };
    assert_eq!(verdict(false, &one(3, Peer::Server)), Verdict::Undecided);
    let found = Verdict::WebSocket {
        client: Peer::Client,
    };
    assert_eq!(verdict(false, &one(8, Peer::Server)), found);
    // Beside a direction that speaks otherwise it is not enough.
    let mut strange = one(8, Peer::Server);
    strange.insert(
        0,
        (Peer::Client, b"\x30\x0c\x02\x01\x01\x60\x07\x02".to_vec()),
    );
    assert_eq!(verdict(false, &strange), Verdict::Undecided);
}

#[test]
fn other_protocols_are_never_taken_for_it() {
    let ssh = |seed: u64| -> Vec<_> {
        (0..30)
            .map(|i| {
                let from = if i % 2 == 0 {
                    Peer::Client
                } else {
                    Peer::Server
                };
                let len = 36 + 16 * (seed + i) % 200;
                (from, noise(seed * 64 + i, usize::try_from(len).unwrap()))
            })
            .collect()
    };
    for seed in 1..2000 {
        assert_eq!(verdict(false, &ssh(seed)), Verdict::Undecided, "{seed}");
        assert_eq!(verdict_of_cut(30, &ssh(seed)), Verdict::Undecided, "{seed}");
    }
    // Two bytes of length before each message, as DNS has it; MQTT; a line protocol.
    let both = |make: &dyn Fn(u64) -> Vec<u8>| -> Vec<_> {
        let ends = Peer::BOTH.into_iter().cycle();
        (0..60).zip(ends).map(|(i, from)| (from, make(i))).collect()
    };
    let dns = both(&|i| {
        let body = noise(i + 1, 30 + usize::try_from(i * 7 % 60).unwrap());
        [vec![0, u8::try_from(body.len()).unwrap()], body].concat()
    });
    let mqtt = both(&|i| {
        let kind = [0x30, 0x82, 0x90, 0xc0][usize::try_from(i % 4).unwrap()];
        bare(
            kind,
            &noise(i + 1, 10 + usize::try_from(i * 5 % 50).unwrap()),
        )
    });
    let lines = both(&|i| format!("{i} the words с т р: {i}\r\n").into_bytes());
    for (name, segments) in [("dns", dns), ("mqtt", mqtt), ("lines", lines)] {
        assert_eq!(verdict(false, &segments), Verdict::Undecided, "{name}");
        for snaplen in 1..60 {
            let cut = verdict_of_cut(snaplen, &segments);
            assert_eq!(cut, Verdict::Undecided, "{name}");
        }
    }
}

#[test]
fn the_search_ends_and_what_is_kept_is_bounded() {
    let limits = Limits {
        resync_bytes: 4096,
        ..Limits::default()
    };
    let mut late = Late::new(false, limits);
    let mut verdicts = (1..1000).map(|i| {
        late.delivery(
            Peer::Client,
            Delivery::write(&noise(i, 500)),
            Stamp::START.into(),
        )
    });
    assert!(verdicts.any(|verdict| verdict == Verdict::Other));
    let kept = late
        .take(Peer::Client)
        .into_iter()
        .map(|(_, piece)| match piece {
            Piece::Chunk { bytes, .. } => bytes.len(),
            Piece::Gap { .. } => 0,
        });
    assert!(kept.sum::<usize>() <= 4096);
}
