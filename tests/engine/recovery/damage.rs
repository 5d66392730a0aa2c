//! What a capture can lack.

use wscope_testkit::Noise;

use super::traffic::{Shot, Traffic};

/// One way to damage a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Without the packet at this index.
    Single(usize),
    /// Without so many packets from this index on.
    Run(usize, usize),
    /// Each packet is lost with this chance in a thousand.
    Share(usize, u64),
    /// Some runs, of up to so many packets.
    Bursts(usize, u64),
    /// The handshake, and then nothing before this index.
    LateWithHandshake(usize),
    /// Nothing before this index.
    Late(usize),
    /// So many bytes of each packet at the most.
    Snap(usize),
    /// Some packets are cut, others lost.
    Ragged(u64),
    /// This packet ends at this byte of it.
    Cut(usize, usize),
}

/// What is left, and what is not.
pub(crate) struct Left {
    pub(crate) shots: Vec<Shot>,
    /// Numbers of the packets that are missing, in order.
    pub(crate) dropped: Vec<u64>,
    /// Numbers of those that are cut.
    pub(crate) cut: Vec<u64>,
}

impl Damage {
    /// Whether it drops packets at random places.
    pub(crate) fn is_random(self) -> bool {
        matches!(
            self,
            Self::Single(_) | Self::Run(..) | Self::Share(..) | Self::Bursts(..) | Self::Ragged(_)
        )
    }

    /// Damages a capture. The handshake stays, but for late starts and a single loss.
    pub(crate) fn of(self, traffic: &Traffic) -> Left {
        let opening = traffic.opening;
        let mut left = Left {
            shots: Vec::with_capacity(traffic.shots.len()),
            dropped: Vec::new(),
            cut: Vec::new(),
        };
        let seed = match self {
            Self::Share(_, seed) | Self::Bursts(_, seed) | Self::Ragged(seed) => seed,
            _ => 1,
        };
        let mut noise = Noise::new(seed);
        let mut burst = 0;
        for (index, shot) in traffic.shots.iter().enumerate() {
            let behind = index >= opening;
            let mut keep = shot.data.len();
            let lost = match self {
                Self::Single(at) => index == at,
                Self::Run(at, len) => (at..at + len).contains(&index),
                Self::Share(rate, _) => noise.below(1000) < rate && behind,
                Self::Bursts(most, _) => {
                    if burst == 0 && noise.one_in(25 + most) {
                        burst = noise.between(2, most);
                    }
                    let lost = burst > 0;
                    burst = burst.saturating_sub(1);
                    lost && behind
                }
                Self::LateWithHandshake(start) => behind && index < start,
                Self::Late(start) => index < start,
                Self::Snap(len) => {
                    keep = if behind { len } else { keep };
                    false
                }
                Self::Ragged(_) => {
                    let fate = noise.below(40);
                    if behind && fate < 3 {
                        keep = noise.between(40.min(keep), keep);
                    }
                    behind && fate == 3
                }
                Self::Cut(at, len) => {
                    keep = if index == at { len } else { keep };
                    false
                }
            };
            if lost {
                left.dropped.push(shot.number);
                continue;
            }
            let mut shot = shot.clone();
            if keep < shot.data.len() {
                shot.data.truncate(keep);
                left.cut.push(shot.number);
            }
            left.shots.push(shot);
        }
        left
    }
}

/// Every way to damage this capture that a round tries.
pub(crate) fn plan(traffic: &Traffic, seed: u64, thorough: bool) -> Vec<Damage> {
    let mut noise = Noise::new(seed * 7919 + traffic.shots.len() as u64);
    let (count, opening) = (traffic.shots.len(), traffic.opening);
    let behind = count.saturating_sub(opening);
    let mut plan = Vec::new();
    let seeds = |noise: &mut Noise| noise.next() | 1;
    for rate in [10, 20, 50, 100, 200, 300] {
        plan.push(Damage::Share(rate, seeds(&mut noise)));
    }
    for most in [2, 5, 12] {
        plan.push(Damage::Bursts(most, seeds(&mut noise)));
    }
    plan.push(Damage::Ragged(seeds(&mut noise)));
    for _ in 0..3 {
        plan.push(Damage::Run(
            opening + noise.below(behind),
            noise.between(2, 9),
        ));
    }
    plan.push(Damage::LateWithHandshake(opening + noise.below(behind)));
    plan.push(Damage::Late(opening + noise.below(behind)));
    plan.push(Damage::Late(noise.below(count.min(12))));
    plan.push(Damage::Snap(noise.between(54, 260)));
    let headers = traffic.headers.len();
    let cuts = if thorough { 24 } else { 4 };
    for _ in 0..cuts.min(headers) {
        let (shot, at) = traffic.headers[noise.below(headers)];
        plan.push(Damage::Cut(shot, at));
    }
    let singles = if thorough { count.min(60) } else { 8 };
    for each in 0..singles {
        let at = if singles == count {
            each
        } else {
            noise.below(count)
        };
        plan.push(Damage::Single(at));
    }
    plan
}
