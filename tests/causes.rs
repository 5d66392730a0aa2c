//! Faulty senders and what is said to be their cause.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on has failed"
)]

#[path = "causes/senders.rs"]
mod senders;

use senders::{Fault, Kind, Numbers, Sender, noise, parameters, payload};
use wscope::base::PerPeer;
use wscope::check::causes::{Cause, Direction, causes};
use wscope::deflate::Takeover;
use wscope::finding::Code;

const KINDS: [Kind; 3] = [Kind::Json, Kind::Prose, Kind::Binary];

/// A conversation of one sender: `count` messages of a kind, some noise among them if wanted.
fn talk(fault: Fault, kind: Kind, takeover: Takeover, seed: u64, mixed: bool) -> Direction {
    let mut numbers = Numbers::new(seed);
    let mut sender = Sender::new(fault, parameters(takeover, 15), 15);
    let count = 8 + numbers.below(30);
    for index in 0..count {
        let is_text = kind != Kind::Binary;
        if mixed && (index + seed) % 4 == 1 {
            sender.say(&noise(&mut numbers), is_text);
        }
        sender.say(&payload(kind, &mut numbers), is_text);
    }
    sender.direction
}

fn explain(direction: &Direction) -> Vec<Cause> {
    let client = causes(&PerPeer {
        client: direction.clone(),
        server: Direction::default(),
    });
    let server = causes(&PerPeer {
        client: Direction::default(),
        server: direction.clone(),
    });
    let said = |causes: &[Cause]| -> Vec<_> {
        causes
            .iter()
            .map(|cause| (cause.code, cause.message))
            .collect()
    };
    assert_eq!(said(&client), said(&server));
    client
}

/// Counts, over many conversations, whom the cause names.
#[derive(Debug, Default)]
struct Count {
    right: u32,
    tied: u32,
    silent: u32,
    wrong: Vec<String>,
}

fn count(code: Code, make: impl Fn(Kind, u64) -> Direction) -> Count {
    let mut count = Count::default();
    for kind in KINDS {
        for seed in 1..=20 {
            let found = explain(&make(kind, seed));
            match found.as_slice() {
                [] => count.silent += 1,
                [one] if one.code == Code::CauseNotFound => count.silent += 1,
                [one] if one.code == code && one.rivals.is_empty() => count.right += 1,
                [one] if one.code == code || one.rivals.contains(&code) => count.tied += 1,
                other => count.wrong.push(format!("{kind:?} {seed}: {other:?}")),
            }
        }
    }
    println!(
        "{code}: right {}, tied {}, silent {}, wrong {}",
        count.right,
        count.tied,
        count.silent,
        count.wrong.len()
    );
    count
}

#[test]
fn good_senders_have_no_cause() {
    for fault in [Fault::None, Fault::ResetsContext] {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            for kind in KINDS {
                for seed in 1..=10 {
                    let direction = talk(fault, kind, takeover, seed, true);
                    assert_eq!(explain(&direction), []);
                }
            }
        }
    }
}

#[test]
fn a_context_that_is_kept_is_named() {
    let count = count(Code::ContextKept, |kind, seed| {
        talk(Fault::KeepsContext, kind, Takeover::Reset, seed, false)
    });
    assert_eq!(count.right + count.tied, 60, "{:#?}", count.wrong);
}

#[test]
fn wrappings_are_named() {
    for fault in [Fault::Zlib, Fault::ZlibOnce, Fault::Gzip] {
        for takeover in [Takeover::Keep, Takeover::Reset] {
            if (fault, takeover) == (Fault::ZlibOnce, Takeover::Reset) {
                continue;
            }
            let count = count(Code::CauseWrapped, |kind, seed| {
                talk(fault, kind, takeover, seed, false)
            });
            assert_eq!(count.right, 60, "{fault:?} {:#?}", count.wrong);
        }
    }
}

#[test]
fn compression_frame_by_frame_is_named() {
    for takeover in [Takeover::Keep, Takeover::Reset] {
        let count = count(Code::CausePerFrame, |kind, seed| {
            talk(Fault::PerFrame, kind, takeover, seed, false)
        });
        assert_eq!(count.right, 60, "{:#?}", count.wrong);
    }
}

#[test]
fn thrown_away_results_are_named() {
    let count = count(Code::CausePlainInWindow, |kind, seed| {
        talk(Fault::ThrowsAway, kind, Takeover::Keep, seed, true)
    });
    assert!(count.wrong.is_empty(), "{:#?}", count.wrong);
    assert!(count.right >= 30, "{count:?}");
}

#[test]
fn a_message_from_elsewhere_is_named() {
    let count = count(Code::CauseNotInWindow, |kind, seed| {
        let at = (seed % 7) as usize;
        talk(Fault::Elsewhere(at), kind, Takeover::Keep, seed, false)
    });
    assert!(count.wrong.is_empty(), "{:#?}", count.wrong);
}

#[test]
fn a_message_that_was_compressed_twice_is_named() {
    let count = count(Code::CauseTwiceInWindow, |kind, seed| {
        let at = (seed % 7) as usize;
        talk(Fault::Retries(at), kind, Takeover::Keep, seed, false)
    });
    assert!(count.wrong.is_empty(), "{:#?}", count.wrong);
}

/// Who may keep its context may empty it, so that a swap is never sure.
#[test]
fn swapped_takeover_is_mentioned_where_the_other_side_shows_it() {
    for kind in KINDS {
        for (fault, rivals) in [
            (Fault::ResetsContext, &[Code::CauseParametersSwapped][..]),
            (Fault::None, &[]),
        ] {
            let client = talk(fault, kind, Takeover::Keep, 3, false);
            let server = talk(Fault::KeepsContext, kind, Takeover::Reset, 4, false);
            let found = causes(&PerPeer { client, server });
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].code, Code::ContextKept, "{found:?}");
            assert_eq!(found[0].rivals, rivals, "{found:?}");
        }
    }
}

#[test]
fn a_larger_window_is_named_and_so_are_swapped_ones() {
    let say = |agreed: u8, bits: u8| {
        let mut numbers = Numbers::new(7);
        let mut sender = Sender::new(Fault::None, parameters(Takeover::Keep, agreed), bits);
        for _ in 0..60 {
            sender.say(&payload(Kind::Json, &mut numbers), true);
        }
        sender.direction
    };
    let both = |client, server| causes(&PerPeer { client, server });
    let larger = both(say(15, 15), say(9, 15));
    assert_eq!(larger.len(), 1);
    assert_eq!(larger[0].code, Code::CauseWindowLarger);
    let swapped = both(say(15, 9), say(9, 15));
    assert_eq!(swapped.len(), 1);
    assert_eq!(swapped[0].code, Code::CauseParametersSwapped, "{swapped:?}");
    assert_eq!(both(say(15, 15), say(9, 9)), []);
}

#[test]
fn a_loss_in_the_capture_is_nobodys_deed() {
    for kind in KINDS {
        for lost in 1..6 {
            let mut direction = talk(Fault::None, kind, Takeover::Keep, 5, true);
            direction.messages.remove(lost - 1);
            direction.messages[lost - 1].lost = true;
            let found = explain(&direction);
            assert!(
                found.iter().all(|c| c.code == Code::CauseCaptureLoss),
                "{found:?}"
            );
        }
    }
}
