//! What came out.
//!
//! Job: hold wire bytes, and time where it was measured, for every setting of each sender.
//! Input: sizes from [`super::run`]. Output: [`Tuning`].

use super::sampler::Omitted;
use super::settings::{Grid, Setting, THRESHOLDS};
use crate::base::PerPeer;
use crate::deflate::Takeover;
use crate::page::words::per_mille;

/// Classes of message lengths: class `k` has those of `k` significant bits.
pub(super) const SIZE_CLASSES: usize = 33;

/// Messages of about one length, in all settings that compress them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeClass {
    /// The shortest of them, in bytes: a power of two, or zero.
    pub from: u64,
    /// How many there are.
    pub messages: u64,
    /// Their wire bytes without compression.
    pub plain: u64,
    /// Their wire bytes with the setting that was asked for and no threshold.
    pub wire: u64,
}

/// What one compressor made of one sender's messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    /// With takeover, for each threshold: all messages' wire bytes.
    pub(super) keep: [u64; THRESHOLDS.len()],
    /// Without: wire bytes by class of threshold, of the messages when compressed.
    pub(super) reset: [u64; THRESHOLDS.len()],
    /// Time with takeover, for each threshold.
    pub(super) keep_time: [u64; THRESHOLDS.len()],
    /// Time without, by class of threshold.
    pub(super) reset_time: [u64; THRESHOLDS.len()],
    /// Wire bytes by size class, without threshold: with takeover and without.
    pub(super) keep_classes: Classes,
    pub(super) reset_classes: Classes,
}

/// Bytes by size class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Classes(pub(super) [u64; SIZE_CLASSES]);

impl Default for Classes {
    fn default() -> Self {
        Self([0; SIZE_CLASSES])
    }
}

impl Classes {
    pub(super) fn add(&mut self, len: u64, bytes: u64) {
        let class = (u64::BITS - len.leading_zeros()) as usize;
        if let Some(place) = self.0.get_mut(class.min(SIZE_CLASSES - 1)) {
            *place += bytes;
        }
    }

    fn merge(&mut self, other: &Self) {
        add(&mut self.0, &other.0);
    }
}

fn add<const N: usize>(to: &mut [u64; N], from: &[u64; N]) {
    for (place, more) in to.iter_mut().zip(from) {
        *place += more;
    }
}

impl Sizes {
    /// Takes the times of another pass over the same where they are shorter.
    pub(super) fn faster(&mut self, other: &Self) {
        let mine = self.keep_time.iter_mut().chain(&mut self.reset_time);
        let theirs = other.keep_time.iter().chain(&other.reset_time);
        for (mine, theirs) in mine.zip(theirs) {
            *mine = (*mine).min(*theirs);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        add(&mut self.keep, &other.keep);
        add(&mut self.reset, &other.reset);
        add(&mut self.keep_time, &other.keep_time);
        add(&mut self.reset_time, &other.reset_time);
        self.keep_classes.merge(&other.keep_classes);
        self.reset_classes.merge(&other.reset_classes);
    }
}

/// One sender's side, over all sampled connections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Senders {
    /// Connections on which it sent any data message.
    pub connections: u64,
    /// Data messages that are compared.
    pub messages: u64,
    /// Their payload bytes.
    pub payload: u64,
    /// Their wire bytes, as observed.
    pub observed: u64,
    /// Wire bytes of control frames, which every figure of this sender includes.
    pub control: u64,
    /// Messages left out on both sides.
    pub omitted: Omitted,
    /// Plain wire bytes by class of threshold.
    pub(super) plain: [u64; THRESHOLDS.len()],
    pub(super) plain_classes: Classes,
    pub(super) class_messages: Classes,
    /// By compressor, in the grid's order.
    pub(super) sizes: Vec<Sizes>,
}

impl Senders {
    /// Wire bytes of all messages without compression, control frames included.
    pub fn plain(&self) -> u64 {
        self.plain.iter().sum::<u64>() + self.control
    }

    /// Wire bytes of all messages as observed, control frames included.
    pub fn observed(&self) -> u64 {
        self.observed + self.control
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.connections += other.connections;
        self.messages += other.messages;
        self.payload += other.payload;
        self.observed += other.observed;
        self.control += other.control;
        self.omitted.unknown += other.omitted.unknown;
        self.omitted.beyond += other.omitted.beyond;
        add(&mut self.plain, &other.plain);
        self.plain_classes.merge(&other.plain_classes);
        self.class_messages.merge(&other.class_messages);
        if self.sizes.is_empty() {
            self.sizes.clone_from(&other.sizes);
        } else {
            for (mine, theirs) in self.sizes.iter_mut().zip(&other.sizes) {
                mine.merge(theirs);
            }
        }
    }

    /// Wire bytes with threshold number `threshold`.
    fn wire(&self, compressor: usize, takeover: Takeover, threshold: usize) -> Option<u64> {
        let sizes = self.sizes.get(compressor)?;
        let data = match takeover {
            Takeover::Keep => *sizes.keep.get(threshold)?,
            Takeover::Reset => {
                let plain: u64 = self.plain.iter().take(threshold).sum();
                plain + sizes.reset.iter().skip(threshold).sum::<u64>()
            }
        };
        Some(data + self.control)
    }

    fn time(&self, compressor: usize, takeover: Takeover, threshold: usize) -> Option<u64> {
        let sizes = self.sizes.get(compressor)?;
        match takeover {
            Takeover::Keep => sizes.keep_time.get(threshold).copied(),
            Takeover::Reset => Some(sizes.reset_time.iter().skip(threshold).sum()),
        }
    }
}

/// Every setting's sizes for both senders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tuning {
    /// What was tried.
    pub grid: Grid,
    /// What each sender's messages came to.
    pub senders: PerPeer<Senders>,
    /// Times were measured.
    pub timed: bool,
}

impl Tuning {
    /// Adds what came of another sample, by the same grid.
    pub fn merge(&mut self, other: &Self) {
        self.timed |= other.timed;
        self.senders.client.merge(&other.senders.client);
        self.senders.server.merge(&other.senders.server);
    }

    /// Wire bytes that `senders` would have sent, headers and control frames included. `None`
    /// where the setting was not tried.
    pub fn wire(&self, senders: &Senders, setting: &Setting) -> Option<u64> {
        let threshold = THRESHOLDS.iter().position(|t| *t == setting.threshold)?;
        senders.wire(self.grid.compressor(setting)?, setting.takeover, threshold)
    }

    /// Processor time of a setting in thousandths of that of zlib's defaults, by the same clock
    /// in the same run. `None` where it was not measured.
    pub fn time_per_mille(&self, senders: &Senders, setting: &Setting) -> Option<u64> {
        let of = |setting: &Setting| {
            let threshold = THRESHOLDS.iter().position(|t| *t == setting.threshold)?;
            senders.time(self.grid.compressor(setting)?, setting.takeover, threshold)
        };
        let usual = of(&self.usual())?;
        (self.timed && usual > 0).then(|| per_mille(of(setting).unwrap_or(0), usual))
    }

    /// zlib's defaults, at the level nearest to its default that was tried.
    pub fn usual(&self) -> Setting {
        let levels = self.grid.levels().iter().copied();
        let level = levels.min_by_key(|level| level.abs_diff(Setting::DEFAULT.level));
        Setting {
            level: level.unwrap_or(Setting::DEFAULT.level),
            ..Setting::DEFAULT
        }
    }

    /// A sender's messages by length, under a setting without its threshold.
    pub fn size_classes(&self, senders: &Senders, setting: &Setting) -> Vec<SizeClass> {
        let compressor = self.grid.compressor(setting);
        let Some(sizes) = compressor.and_then(|place| senders.sizes.get(place)) else {
            return Vec::new();
        };
        let wire = match setting.takeover {
            Takeover::Keep => &sizes.keep_classes,
            Takeover::Reset => &sizes.reset_classes,
        };
        let plain = senders.plain_classes.0.iter().zip(&wire.0);
        let rows = senders.class_messages.0.iter().zip(plain).enumerate();
        rows.filter(|(_, (messages, _))| **messages > 0)
            .map(|(class, (messages, (plain, wire)))| SizeClass {
                from: if class == 0 { 0 } else { 1 << (class - 1) },
                messages: *messages,
                plain: *plain,
                wire: *wire,
            })
            .collect()
    }
}
