//! Packets dropped from recorded and from made traffic: whatever is missing, each byte that is
//! said to be known was sent so, and what can be known is.
//!
//! The truth is the whole capture, held against what the senders handed to their compressors
//! (`tests/applogs.rs` does so for recorded ones). What can be known of a message behind a loss
//! is found out by `recovery/oracle.rs` in another way than wscope's. `docs/recovery.md` has the
//! figures of `cargo test --test recovery -- --ignored --nocapture`.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;
#[path = "recovery/damage.rs"]
mod damage;
#[path = "recovery/oracle.rs"]
mod oracle;
#[path = "recovery/traffic.rs"]
mod traffic;
#[path = "recovery/truth.rs"]
mod truth;
#[path = "recovery/watch.rs"]
mod watch;

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use damage::{Damage, plan};
use traffic::{Traffic, made, recorded};
use truth::{Tally, Truth, check};

/// Figures by kind of traffic.
type Tallies = BTreeMap<&'static str, Tally>;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// Checks every damage of every capture, on all cores.
fn check_all(all: &[Traffic], damages: impl Fn(&Traffic) -> Vec<Damage> + Sync) -> Tallies {
    let truths: Vec<Truth> = all.iter().map(Truth::of).collect();
    let jobs: Vec<(usize, Damage)> = (0..all.len())
        .flat_map(|index| damages(&all[index]).into_iter().map(move |damage| (index, damage)))
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
    assert!(failures.is_empty(), "{} failed: {failures:?}", failures.len());
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

/// `WSCOPE_DROPS` asks for more drops, `WSCOPE_SEED` for others, `WSCOPE_KIND` for one kind.
#[test]
fn what_is_known_behind_any_loss_was_sent() {
    let target = number("WSCOPE_DROPS").unwrap_or(12_000);
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
        assert!(*kind == "plain" || tally.foretold > 1000, "{kind}: {tally:?}");
        assert_eq!(tally.made_up.0, 0, "{kind}: a wrong guess: {tally:?}");
        // The oracle and wscope know the same bytes, so none of them knows too much.
        assert_eq!(tally.beyond, 0, "{kind}: {tally:?}");
    }
}

#[test]
fn what_is_known_behind_any_loss_of_real_peers_was_sent() {
    let rounds = number("WSCOPE_DROPS").unwrap_or(0) / 20_000 + 1;
    let seed = number("WSCOPE_SEED").unwrap_or(1951);
    let recorded = recorded();
    assert!(recorded.len() > 50);
    for round in 0..rounds {
        let found = check_all(&recorded, |traffic| plan(traffic, seed + round, round == 0));
        show(&found);
        let tally = found["recorded"];
        assert!(tally.drops > 10_000 && tally.known > 10_000_000, "{tally:?}");
        assert!(tally.foretold > 50_000 && tally.with_holes > 5000, "{tally:?}");
        assert!(tally.healed > 200, "{tally:?}");
        assert_eq!((tally.made_up.0, tally.beyond), (0, 0), "{tally:?}");
    }
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
    type Plan<'a> = &'a (dyn Fn(&Traffic) -> Vec<Damage> + Sync);
    let plans: [(&str, Plan<'_>); 3] = [
        ("one packet", &every),
        ("2 % of packets", &share),
        ("late start", &late),
    ];
    for (name, plan) in plans {
        println!("\n{name}\n| traffic | sent | arrived whole | known | of it in complete messages |");
        for (kind, tally) in check_all(&all, plan) {
            let after = tally.after;
            let of = |part: u64| {
                format!("{:.1} %", 100.0 * part as f64 / after.sent.max(1) as f64)
            };
            println!(
                "| {kind} | {:.1} MB | {} | {} | {} |",
                after.sent as f64 / 1e6,
                of(after.arrived),
                of(after.known),
                of(after.complete)
            );
        }
    }
}
