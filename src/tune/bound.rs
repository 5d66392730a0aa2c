//! How much work a sample is, and less of it.
//!
//! Job: bound what compressing takes, by what the messages are and never by a clock, so that the
//! same capture gives the same figures on any machine. Input: a [`Sample`]. Output: as much of it as
//! so much work lets through.

use super::job::cost;
use super::lane::Lane;
use super::sampler::{Sample, Sampled, rank};
use super::settings::{Grid, MEMORY_LEVELS, WINDOWS};

/// Work of a sample by default, for each level, in bytes that go into compressors: two cores of 2020
/// do it in some three seconds.
pub const WORK: u64 = 64 << 20;

impl Sample {
    /// Its connections in the order of their ranks, as many as `grid` takes no more than `most` work
    /// for; of the first one at least its first messages.
    #[must_use]
    pub fn within(mut self, most: u64, grid: &Grid) -> Self {
        let mut ranked: Vec<_> = self.connections.keys().copied().collect();
        ranked.sort_by_key(|one| rank(*one));
        let (mut used, mut kept) = (0, 0);
        for sampled in ranked.iter().filter_map(|one| self.connections.get(one)) {
            used += work(sampled, grid);
            if used > most {
                break;
            }
            kept += 1;
        }
        if kept == ranked.len() {
            return self;
        }
        for gone in ranked.split_off(kept.max(1)) {
            self.connections.remove(&gone);
        }
        if kept == 0 {
            for sampled in self.connections.values_mut() {
                sampled.cut(most, grid);
            }
        }
        self.bounded_by(ranked.last().copied().map(rank));
        self
    }
}

/// Bytes that go into compressors under all settings of `grid`, with what each message takes beside.
fn work(sampled: &Sampled, grid: &Grid) -> u64 {
    let of = |lane: &Lane| WINDOWS.iter().map(|bits| cost(&[lane], *bits)).sum::<u64>();
    let once: u64 = sampled.lanes.iter().map(|(_, lane)| of(lane)).sum();
    once * (grid.levels().len() * MEMORY_LEVELS.len()) as u64
}

impl Sampled {
    /// Leaves out the last messages of both senders alike, until the rest takes no more than `most`.
    fn cut(&mut self, most: u64, grid: &Grid) {
        let weight = self.lanes.iter().map(|(peer, lane)| (peer, lane.weight()));
        let weights: Vec<_> = weight.collect();
        let mut per_mille = most.saturating_mul(1000) / work(self, grid).max(1);
        while work(self, grid) > most {
            for (peer, weight) in &weights {
                let gone = self.lanes[*peer].cut(weight * per_mille / 1000);
                self.omitted[*peer].beyond += gone;
            }
            per_mille = per_mille * 3 / 4;
        }
    }
}
