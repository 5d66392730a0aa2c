//! Compressing a sample anew under every setting.
//!
//! Job: spread compressors over threads and add up what they find.
//! Input: a [`Sample`] and a [`Plan`]. Output: [`Tuning`]. RFC 7692 §7.1.1, §7.2.1.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use wscope_stock_zlib::Settings;

use super::job::{Job, Outcome, cost};
use super::lane::Lane;
use super::plan::{Plan, Watch};
use super::sampler::Sample;
use super::settings::class;
use super::tuning::{Senders, Sizes, Tuning};
use crate::base::{Peer, PerPeer};

/// How often everything is done where time is measured.
const TIMED_PASSES: u64 = 3;

/// Compresses `sample` under every setting of the plan. `None` where `watch` had it cancelled.
pub fn tune(sample: &Sample, plan: &Plan, watch: &Watch) -> Option<Tuning> {
    let crew = Crew::new(sample, plan, watch);
    let done: Vec<_> = thread::scope(|scope| {
        let threads = plan.threads.clamp(1, crew.compressors.len().max(1));
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| crew.work())).collect();
        let mut done = vec![crew.work()];
        for other in others {
            done.push(
                other
                    .join()
                    .unwrap_or_else(|p| std::panic::resume_unwind(p)),
            );
        }
        done
    });
    let done: Option<Vec<_>> = done.into_iter().collect();
    let mut tuning = Tuning {
        grid: plan.grid.clone(),
        senders: PerPeer::from_fn(|peer| senders(sample, peer, crew.compressors.len())),
        timed: plan.clock.is_some(),
    };
    for (place, windows) in done?.into_iter().flatten() {
        tuning.put(place, &windows);
    }
    Some(tuning)
}

/// What the threads of a run share.
struct Crew<'a> {
    plan: &'a Plan,
    watch: &'a Watch,
    lanes: PerPeer<Vec<&'a Lane>>,
    compressors: Vec<(u8, u8, u8)>,
    /// Places of compressors, those with most to do first.
    order: Vec<usize>,
    /// How many of these were taken.
    next: AtomicUsize,
    passes: u64,
}

impl<'a> Crew<'a> {
    fn new(sample: &'a Sample, plan: &'a Plan, watch: &'a Watch) -> Self {
        let lanes = PerPeer::from_fn(|peer| {
            let all = sample.connections.values();
            all.filter(|one| one.sends(peer))
                .map(|one| &one.lanes[peer])
                .collect::<Vec<_>>()
        });
        let compressors = plan.grid.compressors();
        let work: Vec<u64> = compressors
            .iter()
            .map(|(_, _, window)| lanes.iter().map(|(_, lanes)| cost(lanes, *window)).sum())
            .collect();
        // Whatever else the machine does only adds time: the least of some passes is the truest.
        let passes = if plan.clock.is_some() {
            TIMED_PASSES
        } else {
            1
        };
        let total: u64 = work.iter().sum();
        watch.total.fetch_add(total * passes, Ordering::Relaxed);
        let mut order: Vec<usize> = (0..compressors.len()).collect();
        order.sort_by_key(|place| std::cmp::Reverse(work.get(*place)));
        Self {
            plan,
            watch,
            lanes,
            compressors,
            order,
            next: AtomicUsize::new(0),
            passes,
        }
    }

    /// One thread: takes compressors until there are none, or the run is cancelled.
    fn work(&self) -> Option<Vec<(usize, Outcome)>> {
        let mut done = Vec::new();
        while let Some(place) = self.order.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let (level, memory_level, window_bits) = *self.compressors.get(*place)?;
            let settings = Settings {
                window_bits,
                memory_level,
                level,
                ..Settings::DEFAULT
            };
            let run = || Job::new(settings, self.plan.clock, self.watch)?.run(&self.lanes);
            let mut outcome = run()?;
            for _ in 1..self.passes {
                let again = run()?;
                for peer in [Peer::Client, Peer::Server] {
                    let pairs = outcome[peer].iter_mut().zip(&again[peer]);
                    pairs.for_each(|(mine, theirs)| mine.faster(theirs));
                }
            }
            done.push((*place, outcome));
        }
        Some(done)
    }
}

impl Tuning {
    /// Takes a compressor's sizes for its own window and for smaller ones.
    fn put(&mut self, place: usize, outcome: &Outcome) {
        for (peer, windows) in outcome.iter() {
            for (smaller, sizes) in windows.iter().enumerate() {
                let sizes_of = &mut self.senders[peer].sizes;
                if let Some(mine) = place
                    .checked_sub(smaller)
                    .and_then(|at| sizes_of.get_mut(at))
                {
                    mine.merge(sizes);
                }
            }
        }
    }
}

/// What does not hang on settings.
fn senders(sample: &Sample, peer: Peer, compressors: usize) -> Senders {
    let mut all = Senders {
        sizes: vec![Sizes::default(); compressors],
        ..Senders::default()
    };
    for sampled in sample.connections.values() {
        let lane = &sampled.lanes[peer];
        all.connections += u64::from(sampled.sends(peer));
        all.messages += lane.messages().len() as u64;
        all.payload += lane.payload_bytes();
        all.observed += lane.observed();
        all.control += sampled.control[peer];
        all.omitted.unknown += sampled.omitted[peer].unknown;
        all.omitted.beyond += sampled.omitted[peer].beyond;
        for sent in lane.messages() {
            let plain = lane.plain(sent);
            if let Some(place) = all.plain.get_mut(class(sent.len())) {
                *place += plain;
            }
            all.plain_classes.add(sent.len(), plain);
            all.class_messages.add(sent.len(), 1);
        }
    }
    all
}
