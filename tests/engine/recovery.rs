//! Packets dropped from recorded and from made traffic: whatever is missing, each byte that is
//! said to be known was sent so, and what can be known is.
//!
//! The truth is the whole capture, held against what the senders handed to their compressors
//! (`tests/cases/applogs.rs` does so for recorded ones). What can be known of a message behind a loss
//! is found out by `recovery/oracle.rs` in another way than wscope's. `docs/recovery.md` has the
//! figures of `cargo test --test engine recovery -- --ignored --nocapture`.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod damage;
mod frames;
mod oracle;
mod traffic;
mod truth;
mod watch;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::wire::Seen;
use damage::{Damage, plan};
use flate2::Decompress;
use oracle::beginning;
use traffic::{Shot, Traffic, healing, long, made, recorded};
use truth::{Tally, Truth, check};
use watch::{Heard, Watch};
use wscope::base::Peer;
use wscope::event::{Reason, Status};
use wscope::session::Detail;

/// Chooses what to drop.
type Plan<'a> = &'a (dyn Fn(&Traffic) -> Vec<Damage> + Sync);

/// Figures by kind of traffic.
type Tallies = BTreeMap<&'static str, Tally>;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// Checks every damage of every capture, on all cores.
fn check_all(all: &[Traffic], damages: impl Fn(&Traffic) -> Vec<Damage> + Sync) -> Tallies {
    let truths: Vec<Truth> = all.iter().map(Truth::of).collect();
    let jobs: Vec<(usize, Damage)> = (0..all.len())
        .flat_map(|index| {
            damages(&all[index])
                .into_iter()
                .map(move |damage| (index, damage))
        })
        .collect();
    let (next, tallies) = (AtomicUsize::new(0), Mutex::new(Tallies::new()));
    let failures = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let mut mine = Tallies::new();
                while let Some((index, damage)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let checked = catch_unwind(|| check(&all[*index], &truths[*index], *damage));
                    match checked {
                        Ok(tally) => mine.entry(all[*index].kind).or_default().add(&tally),
                        Err(_) => failures.lock().unwrap().push((&all[*index].name, *damage)),
                    }
                }
                let mut all = tallies.lock().unwrap();
                for (kind, tally) in mine {
                    all.entry(kind).or_default().add(&tally);
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} failed: {failures:?}",
        failures.len()
    );
    tallies.into_inner().unwrap()
}

/// Packets dropped at random from traffic that was made here.
fn drops(tallies: &Tallies) -> u64 {
    let made = tallies.iter().filter(|(kind, _)| **kind != "recorded");
    made.map(|(_, tally)| tally.drops).sum()
}

fn show(tallies: &Tallies) {
    for (kind, tally) in tallies {
        println!("{kind:>10}: {tally:?}");
    }
}

/// A guess of the framing goes wrong now and then, and is said to be one: here it does not, and
/// where other drops are asked for, once in 20,000 messages at the most.
fn assert_guesses(tally: &Tally, kind: &str) {
    let others = number("WSCOPE_DROPS").or(number("WSCOPE_SEED")).is_some();
    let most = if others {
        1 + tally.messages / 20_000
    } else {
        0
    };
    assert!(tally.made_up.0 <= most, "{kind}: wrong guesses: {tally:?}");
}

/// `WSCOPE_DROPS` asks for more drops, `WSCOPE_SEED` for others, `WSCOPE_KIND` for one kind.
#[test]
fn what_is_known_behind_any_loss_was_sent() {
    let target = number("WSCOPE_DROPS").unwrap_or(4_000);
    let seed = number("WSCOPE_SEED").unwrap_or(7692);
    let only = std::env::var("WSCOPE_KIND").ok();
    let (mut sum, mut round) = (Tallies::new(), 0);
    while drops(&sum) < target {
        let made = made(seed + round, only.as_deref());
        let found = check_all(&made, |traffic| plan(traffic, seed + round, round == 0));
        for (kind, tally) in found {
            sum.entry(kind).or_default().add(&tally);
        }
        round += 1;
    }
    show(&sum);
    for (kind, tally) in &sum {
        assert!(tally.known > 500_000, "{kind}: {tally:?}");
        assert!(
            *kind == "plain" || tally.foretold > 1000,
            "{kind}: {tally:?}"
        );
        assert_guesses(tally, kind);
        let stored = ["noise", "islands"].contains(kind);
        assert!(stored || tally.beyond == 0, "{kind}: {tally:?}");
    }
}

#[test]
fn what_is_known_behind_any_loss_of_real_peers_was_sent() {
    let rounds = number("WSCOPE_DROPS").unwrap_or(0) / 20_000 + 1;
    let seed = number("WSCOPE_SEED").unwrap_or(1951);
    let recorded = recorded();
    assert!(recorded.len() > 50);
    let mut tally = Tally::default();
    for round in 0..rounds {
        let plan = |traffic: &Traffic| plan(traffic, seed + round, round == 0);
        let found = check_all(&recorded, plan);
        show(&found);
        tally.add(&found["recorded"]);
    }
    assert!(tally.drops > 5000 && tally.known > 10_000_000, "{tally:?}");
    assert!(
        tally.foretold > 20_000 && tally.with_holes > 2000,
        "{tally:?}"
    );
    assert!(tally.healed > 50 && tally.beyond == 0, "{tally:?}");
    assert_guesses(&tally, "recorded");
}

/// The packets behind the handshake that carry bytes of the server's frames.
fn of_server(traffic: &Traffic, truth: &Truth) -> Vec<usize> {
    let mut numbers: Vec<u64> = truth
        .lanes
        .iter()
        .filter(|(lane, _)| lane.1 == Peer::Server)
        .flat_map(|(_, sent)| sent)
        .filter(|sent| !sent.seen.opcode.is_control())
        .flat_map(|sent| sent.seen.packets.0..=sent.seen.packets.1)
        .collect();
    numbers.dedup();
    let index = |number: &u64| usize::try_from(*number - 1).unwrap();
    let sends = |index: &usize| traffic.shots[*index].data.len() > 54;
    numbers.iter().map(index).filter(sends).collect()
}

/// The server's data messages in what is left of a capture.
fn server_messages(traffic: &Traffic, damage: Damage) -> Vec<Seen> {
    let watch = Watch::of(&damage.of(traffic).shots, Detail::Payloads);
    let seen = watch
        .heard
        .into_iter()
        .filter_map(|(lane, heard)| match heard {
            Heard::Message { seen, .. } if lane.1 == Peer::Server => Some(seen),
            _ => None,
        });
    seen.filter(|seen| !seen.opcode.is_control()).collect()
}

#[test]
fn a_sender_that_resets_is_read_from_the_next_message_on() {
    let traffic = made(1, Some("resets")).remove(0);
    let truth = Truth::of(&traffic);
    let places = of_server(&traffic, &truth);
    assert!(places.len() > 50);
    for (lost, place) in places.iter().enumerate() {
        let seen = server_messages(&traffic, Damage::Single(*place));
        // The last frames of a capture may be too few to find the framing by.
        if places.len() - lost > 4 {
            assert_eq!(seen.len(), places.len() - 1, "{place}");
        }
        let complete = |seen: &Seen| seen.status == Status::Complete;
        assert!(seen.iter().all(complete), "{place}: {seen:?}");
    }
}

#[test]
fn a_window_of_known_output_makes_messages_complete_again() {
    let (traffic, small) = healing(1);
    let truth = Truth::of(&traffic);
    let places = of_server(&traffic, &truth);
    for place in places.iter().take(small).step_by(3) {
        let seen = server_messages(&traffic, Damage::Single(*place));
        let (before, behind) = seen.split_at(seen.len() - small);
        assert_eq!(before.len(), small + 12 - 1, "{place}");
        let complete = |seen: &&Seen| seen.status == Status::Complete;
        assert_eq!(behind.iter().filter(complete).count(), small, "{place}");
        let holes = before
            .iter()
            .filter(|seen| seen.status == Status::Partial(Reason::HistoryLost))
            .count();
        assert!(
            holes > 0 || *place == places[small - 1],
            "{place}: nothing was to be healed"
        );
    }
}

#[test]
fn what_came_before_a_hole_is_known() {
    let traffic = made(1, Some("documents")).remove(0);
    let truth = Truth::of(&traffic);
    let sent: Vec<_> = truth
        .lanes
        .iter()
        .filter(|(lane, _)| lane.1 == Peer::Server)
        .flat_map(|(_, sent)| sent)
        .filter(|sent| !sent.seen.opcode.is_control())
        .collect();
    let places = of_server(&traffic, &truth);
    let (mut window, mut compared) = (Vec::new(), 0);
    for (number, sent) in sent.iter().enumerate() {
        let (first, last) = sent.seen.packets;
        let own: Vec<usize> = places
            .iter()
            .copied()
            .filter(|place| (first..=last).contains(&(*place as u64 + 1)))
            .collect();
        let header = sent.seen.wire_bytes - sent.seen.payload_wire_bytes;
        let mut before = 0;
        for (at, place) in own.iter().enumerate() {
            let captured = traffic.shots[*place].data.len() - 54;
            if at > 0 && at % 4 == 1 {
                let arrived = before - usize::try_from(header).unwrap();
                let mut engine = Decompress::new(false);
                let known = beginning(&mut engine, &sent.payload[..arrived], &window).unwrap();
                let seen = &server_messages(&traffic, Damage::Single(*place))[number];
                assert_eq!(
                    seen.status,
                    Status::Partial(Reason::PayloadMissing),
                    "{seen:?}"
                );
                assert!(seen.payload.starts_with(&known), "{number}, {place}");
                compared += known.len();
            }
            before += captured;
        }
        window.extend_from_slice(&sent.seen.payload);
        window.drain(..window.len().saturating_sub(1 << 15));
    }
    assert!(compared > 100_000, "{compared}");
}

/// Prints the table of `docs/recovery.md`.
#[test]
#[ignore = "measures, and checks nothing that the other tests do not"]
fn the_share_that_is_recovered() {
    let mut all: Vec<Traffic> = (1..4).flat_map(|seed| made(seed, None)).collect();
    all.extend(recorded());
    let every = |traffic: &Traffic| -> Vec<Damage> {
        let behind = traffic.opening..traffic.shots.len();
        let step = behind.len().div_ceil(60).max(1);
        behind.step_by(step).map(Damage::Single).collect()
    };
    let share = |traffic: &Traffic| -> Vec<Damage> {
        let _ = traffic;
        (1..9).map(|seed| Damage::Share(20, seed)).collect()
    };
    let late = |traffic: &Traffic| -> Vec<Damage> {
        let behind = traffic.shots.len() - traffic.opening;
        let at = |part| Damage::Late(traffic.opening + behind * part / 10);
        (1..6).map(at).collect()
    };
    let plans: [(&str, Plan<'_>); 3] = [
        ("one packet", &every),
        ("2 % of packets", &share),
        ("late start", &late),
    ];
    for (name, plan) in plans {
        println!(
            "\n{name}\n| traffic | sent | arrived whole | known | of it in complete messages |"
        );
        for (kind, tally) in check_all(&all, plan) {
            let after = tally.after;
            let of = |part: u64| {
                let tenths = (part * 1000 + after.sent / 2) / after.sent.max(1);
                format!("{}.{} %", tenths / 10, tenths % 10)
            };
            let (arrived, known) = (of(after.arrived), of(after.known));
            let (kilobytes, complete) = (after.sent / 1000, of(after.complete));
            println!("| {kind} | {kilobytes} KB | {arrived} | {known} | {complete} |");
        }
    }
}

/// Prints how much is known of what follows a loss, by how far behind it.
#[test]
#[ignore = "measures, and checks nothing that the other tests do not"]
fn how_long_holes_live() {
    const STEPS: [usize; 8] = [8, 16, 32, 64, 128, 256, 512, 1024];
    for traffic in long(1) {
        let of_server = |shot: &Shot| shot.data.len() > 54 && shot.data[34..36] == [0x1f, 0x90];
        let place = (40..traffic.shots.len())
            .find(|at| of_server(&traffic.shots[*at]))
            .unwrap();
        let seen = server_messages(&traffic, Damage::Single(place));
        let behind = |seen: &&Seen| seen.packets.0 > traffic.shots[place].number;
        let known = seen.iter().filter(behind).flat_map(truth::known);
        let known: Vec<bool> = known.collect();
        let mut line = format!("| {} |", traffic.kind);
        let mut from = 0;
        for step in STEPS.map(|step| step << 10) {
            let part = known.get(from..step).unwrap_or_default();
            let count = part.iter().filter(|known| **known).count();
            let percent = (count * 100 + part.len() / 2) / part.len().max(1);
            write!(line, " {percent} % |").unwrap();
            from = step;
        }
        println!("{line}");
    }
}
