//! Faulty senders and what is said to be their cause.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on has failed"
)]

mod senders;

use crate::common;
use std::collections::BTreeSet;

use senders::{Fault, Kind, Sender, noise, parameters, payload};
use wscope::base::{Limits, PerPeer};
use wscope::capture::{Block, Input, Source};
use wscope::check::causes::{Cause, Direction, causes};
use wscope::check::{Check, second_look};
use wscope::deflate::Takeover;
use wscope::finding::Code;
use wscope::pipeline::{Options, Pipeline};
use wscope::replay::Inputs;
use wscope::session::Detail;
use wscope_testkit::Noise;

const KINDS: [Kind; 3] = [Kind::Json, Kind::Prose, Kind::Binary];

/// A conversation of one sender: `count` messages of a kind, some noise among them if wanted.
fn talk(fault: Fault, kind: Kind, takeover: Takeover, seed: u64, mixed: bool) -> Direction {
    let mut numbers = Noise::new(seed);
    let mut sender = Sender::new(fault, parameters(takeover, 15), 15);
    let count = 8 + numbers.below(30) as u64;
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
    assert!(count.right >= 50, "{count:?}");
}

#[test]
fn a_message_from_elsewhere_is_named() {
    let count = count(Code::CauseNotInWindow, |kind, seed| {
        let at = (seed % 7) as usize;
        talk(Fault::Elsewhere(at), kind, Takeover::Keep, seed, false)
    });
    assert!(count.wrong.is_empty(), "{:#?}", count.wrong);
    // The others make text that is valid and wrong, which nobody can see.
    assert!(count.right >= 25, "{count:?}");
}

#[test]
fn a_message_that_was_compressed_twice_is_named() {
    let count = count(Code::CauseTwiceInWindow, |kind, seed| {
        let at = (seed % 7) as usize;
        talk(Fault::Retries(at), kind, Takeover::Keep, seed, false)
    });
    assert_eq!(count.right, 60, "{count:?}");
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
        let mut numbers = Noise::new(7);
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

#[test]
fn patched_servers_are_seen_through() {
    for (capture, code, explains) in [
        ("ws-zlib", "cause-wrapped", Some(30)),
        ("ws-per-frame", "cause-per-frame", Some(30)),
        ("ws-keeps-context", "context-kept", None),
        ("ws-thrown-away", "cause-plain-in-window", Some(1)),
    ] {
        let path = format!("captures/faulty/{capture}.pcap");
        let found = common::json(&["check", "--json", &path]);
        let errors: Vec<_> = found.iter().filter(|f| f["severity"] == "error").collect();
        assert_eq!(errors.len(), 1, "{capture}: {found:#?}");
        assert_eq!(errors[0]["code"], code, "{found:#?}");
        assert_eq!(errors[0]["from"], "server");
        assert_eq!(errors[0]["explains"].as_u64(), explains, "{found:#?}");
    }
}

/// The capture without one of its packets, as a file.
fn without(path: &std::path::Path, lost: u64) -> Option<Vec<u8>> {
    let file = std::fs::read(path).unwrap();
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    let (mut kept, mut at, mut number) = (file[..24].to_vec(), 24, 0);
    while at < file.len() {
        let end = at + 16 + word(at + 8) as usize;
        number += 1;
        if number != lost {
            kept.extend_from_slice(&file[at..end]);
        }
        at = end;
    }
    (lost <= number).then_some(kept)
}

#[test]
fn a_lost_packet_never_blames_a_peer() {
    for name in ["ws-takeover.pcap", "ws-mixed.pcap", "ws-no-takeover.pcap"] {
        let path = common::capture(name);
        for lost in 1.. {
            let Some(bytes) = without(&path, lost) else {
                break;
            };
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), bytes).unwrap();
            let files = vec![Input::from(file.path().as_os_str())];
            let options = Options::new(Detail::Rules);
            let mut sink = Check::new(false, BTreeSet::new());
            let mut pipeline = Pipeline::new(options.clone());
            let mut source = Source::new(files.clone(), Limits::default());
            let mut block = Block::default();
            while source.read(&mut block).unwrap() {
                for packet in block.packets() {
                    pipeline.packet(&packet, &mut sink);
                }
            }
            pipeline.finish(&mut sink);
            let mut report = Check::conclude(vec![sink]);
            let inputs = Inputs {
                files,
                filter: None,
            };
            second_look(&mut report, &inputs, &options).unwrap();
            for (code, _) in report.groups() {
                let blames = code.is_cause() && code != Code::CauseCaptureLoss;
                assert!(
                    !blames && code != Code::ContextKept,
                    "{code} without packet {lost} of {name}"
                );
            }
        }
    }
}

#[test]
fn a_bomb_ends_the_look() {
    let mut sender = Sender::new(Fault::None, parameters(Takeover::Keep, 15), 15);
    sender.say(&vec![b'x'; 40 << 20], true);
    sender.push(vec![vec![7]], true, true);
    assert_eq!(explain(&sender.direction), []);
}
