//! What to take.
//!
//! Job: the smallest memory that is near enough to the best size, what takeover is worth, and
//! from which length on compressing pays. Input: [`Tuning`]. Output: [`Advice`].

use super::settings::{MEMORY_LEVELS, Setting, TAKEOVERS, THRESHOLDS, WINDOWS};
use super::tuning::{Senders, SizeClass, Tuning};
use crate::deflate::Takeover;
use crate::page::words::per_mille;

/// A setting, or no compression at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// No compression.
    Plain,
    /// Compression by this setting.
    Setting(Setting),
}

/// A choice with its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The choice.
    pub choice: Choice,
    /// Wire bytes of all messages, headers and control frames included.
    pub wire: u64,
    /// Bytes of the sender's compressor and the receiver's inflater, for one connection.
    pub memory: u64,
}

impl Point {
    /// The setting, where it compresses.
    pub fn setting(&self) -> Option<Setting> {
        match self.choice {
            Choice::Plain => None,
            Choice::Setting(setting) => Some(setting),
        }
    }

    /// In what order points are taken: fewer bytes, then less memory, then what is nearer to
    /// plain settings.
    fn order(&self) -> (u64, u64, u64, bool, u8, u8) {
        let Choice::Setting(setting) = self.choice else {
            return (self.wire, self.memory, 0, false, 0, 0);
        };
        (
            self.wire,
            self.memory,
            setting.threshold,
            setting.takeover == Takeover::Keep,
            setting.level.abs_diff(Setting::DEFAULT.level),
            setting.window_bits,
        )
    }
}

/// What takeover is worth, with one compressor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// Wire bytes with it, at the threshold that is best then.
    pub keep: u64,
    /// Wire bytes without, at the threshold that is best then.
    pub reset: u64,
}

impl Worth {
    /// What is lost without it, in thousandths of the size with it; 0 where nothing is.
    pub fn loss(&self) -> u64 {
        per_mille(self.reset.saturating_sub(self.keep), self.keep)
    }
}

/// Advice for one sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// How far above the best size the recommendation may be, in thousandths.
    pub tolerance: u64,
    /// No compression.
    pub plain: Point,
    /// The smallest size of all.
    pub best: Point,
    /// The smallest memory that is near enough to the best size.
    pub recommended: Point,
    /// The compressor that the rest speaks of: that of the recommendation or, where that is not
    /// to compress, that of the best setting that does.
    pub about: Setting,
    /// What takeover is worth with it.
    pub takeover: Worth,
    /// Messages of so many bytes, and longer ones, are smaller on the wire when compressed: 0
    /// where all that were seen are, `None` where the longest are not.
    pub pays_from: Option<u64>,
    /// Ever more memory for ever fewer bytes; the first is no compression.
    pub front: Vec<Point>,
    /// The choice that comes nearest to what was observed.
    pub nearest: Point,
    /// How many choices come as near, itself included.
    pub as_near: usize,
}

impl Advice {
    /// Advice for one of the senders of `tuning`; `None` where it sent nothing to compress.
    pub fn of(tuning: &Tuning, senders: &Senders, tolerance: u64) -> Option<Self> {
        if senders.messages == 0 {
            return None;
        }
        let plain = Point {
            choice: Choice::Plain,
            wire: senders.plain(),
            memory: 0,
        };
        let tried: Vec<Point> = tuning
            .grid
            .settings()
            .filter_map(|setting| {
                Some(Point {
                    choice: Choice::Setting(setting),
                    wire: tuning.wire(senders, &setting)?,
                    memory: setting.memory(),
                })
            })
            .collect();
        let compressing = *tried.iter().min_by_key(|point| point.order())?;
        let best = *[plain, compressing]
            .iter()
            .min_by_key(|point| point.order())?;
        let near_enough = |point: &&Point| {
            u128::from(point.wire) * 1000 <= u128::from(best.wire) * u128::from(1000 + tolerance)
        };
        let recommended = *tried
            .iter()
            .chain([&plain])
            .filter(near_enough)
            .min_by_key(|point| (point.memory, point.order()))?;
        let about = recommended.setting().or(compressing.setting())?;
        let observed = senders.observed();
        let distance = |point: &Point| point.wire.abs_diff(observed);
        let nearest = *[plain]
            .iter()
            .chain(&tried)
            .min_by_key(|point| (distance(point), likely(point)))?;
        Some(Self {
            tolerance,
            plain,
            best,
            recommended,
            about,
            takeover: worth(tuning, senders, about)?,
            pays_from: pays_from(tuning, senders, &about),
            front: front(plain, &tried),
            as_near: [plain]
                .iter()
                .chain(&tried)
                .filter(|p| distance(p) == distance(&nearest))
                .count(),
            nearest,
        })
    }

    /// How far above the best size `wire` is, in thousandths.
    pub fn above_best(&self, wire: u64) -> u64 {
        per_mille(wire.saturating_sub(self.best.wire), self.best.wire)
    }
}

/// Of choices that fit as well, which a sender is likely to have: none, then zlib's defaults.
fn likely(point: &Point) -> (u64, u8, u8, u8) {
    let Choice::Setting(setting) = point.choice else {
        return (0, 0, 0, 0);
    };
    let usual = Setting::DEFAULT;
    (
        setting.threshold,
        setting.level.abs_diff(usual.level),
        setting.memory_level.abs_diff(usual.memory_level),
        setting.window_bits.abs_diff(usual.window_bits),
    )
}

fn worth(tuning: &Tuning, senders: &Senders, about: Setting) -> Option<Worth> {
    let [keep, reset] = TAKEOVERS.map(|takeover| {
        let sizes = THRESHOLDS.iter().filter_map(|threshold| {
            let setting = Setting {
                takeover,
                threshold: *threshold,
                ..about
            };
            tuning.wire(senders, &setting)
        });
        sizes.min()
    });
    Some(Worth {
        keep: keep?,
        reset: reset?,
    })
}

fn pays_from(tuning: &Tuning, senders: &Senders, about: &Setting) -> Option<u64> {
    let classes = tuning.size_classes(senders, about);
    let pays = |class: &&SizeClass| class.wire < class.plain;
    let paying: Vec<_> = classes.iter().rev().take_while(pays).collect();
    if paying.len() == classes.len() {
        return Some(0);
    }
    paying.last().map(|class| class.from)
}

/// For each step of memory the fewest bytes, where they are fewer than with less memory.
fn front(plain: Point, tried: &[Point]) -> Vec<Point> {
    let mut points: Vec<&Point> = tried.iter().collect();
    points.sort_by_key(|point| (point.memory, point.order()));
    let mut front = vec![plain];
    for point in points {
        if front.last().is_some_and(|last| point.wire < last.wire) {
            front.push(*point);
        }
    }
    front
}

impl Tuning {
    /// Wire bytes for every memory level (rows) and window (columns), as in `setting` otherwise.
    pub fn matrix(&self, senders: &Senders, setting: Setting) -> Vec<Vec<u64>> {
        let row = |memory_level| {
            let cells = WINDOWS.iter().filter_map(|window_bits| {
                let setting = Setting {
                    window_bits: *window_bits,
                    memory_level,
                    ..setting
                };
                self.wire(senders, &setting)
            });
            cells.collect()
        };
        MEMORY_LEVELS.into_iter().map(row).collect()
    }
}
