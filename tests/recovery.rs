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

#[test]
fn what_is_known_behind_any_loss_was_sent() {
    let target = number("WSCOPE_DROPS").unwrap_or(12_000);
    let seed = number("WSCOPE_SEED").unwrap_or(7692);
    let only = std::env::var("WSCOPE_KIND").ok();
    let recorded = recorded();
    let mut sum = Tallies::new();
    let mut round = 0;
    while sum.values().map(|tally| tally.drops).sum::<u64>() < target {
        let made = made(seed + round, only.as_deref());
        let plan = |traffic: &Traffic| plan(traffic, seed + round, round == 0);
        let mut found = check_all(&made, plan);
        if only.is_none() {
            found.extend(check_all(&recorded, plan));
        }
        for (kind, tally) in found {
            sum.entry(kind).or_default().add(&tally);
        }
        round += 1;
    }
    for (kind, tally) in &sum {
        println!("{kind:>10}: {tally:?}");
    }
}
