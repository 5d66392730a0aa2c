//! Frames found again after losses, on conversations of many kinds of senders.
//!
//! Job: hold what a reader finds after a loss over a header, or where it begins late, against what
//! was sent there; and see that payloads are not taken for frames. `docs/recovery.md` has the
//! figures of `cargo test --test engine frames -- --ignored --nocapture`; `WSCOPE_SEED` asks
//! for other conversations, `WSCOPE_LOSSES` for more losses inside payloads.

mod cut;
mod hostile;
mod make;
mod noise;
mod score;

use std::collections::BTreeSet;

use wscope::base::{Limits, Peer, PerPeer, Stamp};
use wscope::stream::{Delivery, Missing};
use wscope::ws::{Expectation, FrameReader, Habits, ReaderEvent};

use cut::{Cut, cut};
use hostile::{Matter, before, payload};
use make::{Talk, talk};
use noise::Noise;
use score::{Score, score};

/// Where a capture begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    AtHandshake,
    Late,
}

/// Reads one direction of what was captured: where the payload of each frame begins.
fn shown(talk: &Talk, cut: &Cut, from: Peer, begins: Begins) -> BTreeSet<u64> {
    let (at, limits) = (Stamp::START.into(), Limits::default());
    let expectation = Expectation {
        from,
        rsv1: talk.deflate,
    };
    let captured = talk.segments.iter().zip(&cut.captured);
    let mut segments = captured
        .filter(|(segment, captured)| segment.from == from && **captured)
        .map(|(segment, _)| segment)
        .peekable();
    let first = segments.peek().map_or(0, |segment| segment.at);
    let (mut reader, base) = match begins {
        Begins::AtHandshake => (FrameReader::new(expectation, limits), 0),
        Begins::Late => (
            FrameReader::lost(expectation, Habits::default(), limits),
            first,
        ),
    };
    let (mut found, mut next) = (BTreeSet::new(), base);
    let mut note = |event: ReaderEvent<'_>| {
        if let ReaderEvent::Part(part) = event
            && part.begins
        {
            found.insert(base + part.at.unwrap());
        }
    };
    for segment in segments {
        if segment.at > next {
            let gap = Delivery::Gap(Missing::Bytes(segment.at - next));
            reader.delivery(gap, at, &mut note);
        }
        reader.delivery(Delivery::write(&segment.bytes), at, &mut note);
        next = segment.at + segment.bytes.len() as u64;
    }
    reader.finish(at, &mut note);
    found
}

/// Losses in many conversations.
fn losses(seeds: std::ops::Range<u64>, begins: Begins) -> Score {
    let mut sum = Score::default();
    for seed in seeds {
        let talk = talk(seed, 90);
        let late = begins == Begins::Late;
        let count = if late { 4 } else { 30 };
        let cut = cut(&talk, &mut Noise::new(!seed), count, late);
        let shown = PerPeer::from_fn(|from| shown(&talk, &cut, from, begins));
        let score = score(&talk, &cut, &shown);
        assert_eq!(score.made_up, 0, "seed {seed} {begins:?} {}", talk.styles);
        sum.add(score);
    }
    sum
}

/// A loss inside a long payload: how many frames are found in it.
fn frames_inside(
    from: Peer,
    matter: Matter,
    known: bool,
    files: &[u8],
    noise: &mut Noise,
) -> usize {
    let (at, limits) = (Stamp::START.into(), Limits::default());
    let expectation = Expectation {
        from,
        rsv1: noise.one_in(2),
    };
    let mut found = 0;
    let mut note = |event: ReaderEvent<'_>| {
        found += usize::from(matches!(event, ReaderEvent::Part(part) if part.begins));
    };
    let mut reader = if known {
        let mut reader = FrameReader::new(expectation, limits);
        for bytes in before(from, noise) {
            reader.delivery(Delivery::write(&bytes), at, &mut |_| {});
        }
        let gap = Delivery::Gap(Missing::Bytes(100_000));
        reader.delivery(gap, at, &mut note);
        reader
    } else {
        FrameReader::lost(expectation, Habits::default(), limits)
    };
    for bytes in payload((from, matter), files, 20, noise) {
        reader.delivery(Delivery::write(&bytes), at, &mut note);
    }
    reader.finish(at, &mut note);
    found
}

fn files() -> Vec<u8> {
    let mut names: Vec<_> = std::fs::read_dir("captures")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    names.sort();
    names
        .iter()
        .flat_map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn frames_are_found_again_and_none_is_made_up() {
    for (begins, seeds) in [(Begins::AtHandshake, 0..12), (Begins::Late, 100..118)] {
        let score = losses(seeds, begins);
        println!("{begins:?}: {score:?}");
        assert!(score.losses > 50 && score.whole > 1000, "{score:?}");
        assert!(score.shown * 1000 >= score.whole * 975, "{score:?}");
        assert!(score.passed_over * 100 <= score.obvious * 3, "{score:?}");
    }
}

#[test]
fn a_payload_is_not_taken_for_frames_where_the_sender_is_known() {
    let (files, noise) = (files(), &mut Noise::new(6455));
    for from in Peer::BOTH {
        for matter in [Matter::Random, Matter::Recorded, Matter::Framed] {
            for _ in 0..40 {
                let found = frames_inside(from, matter, true, &files, noise);
                assert_eq!(found, 0, "{from} {matter:?}");
            }
        }
    }
}

#[test]
#[ignore = "prints figures"]
fn figures_of_frames() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let seed: u64 = number("WSCOPE_SEED").unwrap_or(7692);
    let wanted = number("WSCOPE_LOSSES").unwrap_or(10_000);
    for (begins, count) in [(Begins::AtHandshake, 220), (Begins::Late, 220)] {
        println!("{begins:?}: {:?}", losses(seed..seed + count, begins));
    }
    let (files, noise) = (files(), &mut Noise::new(seed));
    let matters = [
        Matter::Random,
        Matter::Recorded,
        Matter::Framed,
        Matter::Aligned,
    ];
    for (from, matter) in Peer::BOTH
        .into_iter()
        .flat_map(|from| matters.map(|m| (from, m)))
    {
        for known in [true, false] {
            let mut wrong = 0;
            for _ in 0..wanted {
                let found = frames_inside(from, matter, known, &files, noise);
                wrong += usize::from(found > 0);
            }
            println!("{from} {matter:?}, sender known: {known}: {wrong} of {wanted}");
        }
    }
}
