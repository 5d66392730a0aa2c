//! One compressor's share of a run.
//!
//! Job: compress all lanes with one compressor, but what another one's sizes serve for. Input:
//! lanes. Output: [`Outcome`]. RFC 7692 §7.1.1, §7.2.1.
//!
//! Without takeover a message's size depends on nothing before it, so one size serves all
//! thresholds. With takeover thresholds are shared where no message lies between them. And
//! a stream that ends before the window does, less zlib's look-ahead, is the same in every window
//! that is larger: zlib neither refuses a distance nor moves its window in any of them.

use std::sync::atomic::Ordering;

use wscope_stock_zlib::{Deflate, Settings};

use super::lane::{EACH, Lane};
use super::plan::{Clock, Watch};
use super::settings::{THRESHOLDS, WINDOWS, class};
use super::tuning::{Classes, Sizes};
use crate::base::{Peer, PerPeer};

/// zlib looks this far ahead, and copies from no farther than the window less this.
const LOOK_AHEAD: u64 = 262;

/// The largest stream that a window of so many bits holds to its beginning.
fn reach(window_bits: u8) -> u64 {
    (1u64 << window_bits) - LOOK_AHEAD
}

/// The thresholds that have streams of their own, with the stream's bytes: the others have no
/// message between themselves and the next.
fn streams(lane: &Lane) -> impl Iterator<Item = (usize, u64)> {
    let bytes = lane.by_class();
    (0..THRESHOLDS.len()).filter_map(move |threshold| {
        let own = bytes.get(threshold).is_some_and(|bytes| *bytes > 0);
        own.then(|| (threshold, bytes.iter().skip(threshold).sum()))
    })
}

/// Bytes that a compressor with this window has to compress itself, with what each message takes
/// beside.
pub(super) fn cost(lanes: &[&Lane], window_bits: u8) -> u64 {
    let own = |stream: u64| window_bits == largest() || stream > reach(window_bits);
    let mut total = 0;
    for lane in lanes {
        let lens = lane.messages().iter().map(super::Sent::len);
        total += lens
            .filter(|len| own(*len))
            .map(|len| len + EACH)
            .sum::<u64>();
        for (threshold, stream) in streams(lane).filter(|(_, stream)| own(*stream)) {
            let classes = lane.messages().iter().map(|sent| class(sent.len()));
            let messages = classes.filter(|class| *class >= threshold).count() as u64;
            total += stream + EACH * messages;
        }
    }
    total
}

fn largest() -> u8 {
    WINDOWS.last().copied().unwrap_or_default()
}

/// For each sender the sizes for the compressor's own window, for the next smaller one, and so on
/// down to the smallest that comes out the same for some stream.
pub(super) type Outcome = PerPeer<[Sizes; WINDOWS.len()]>;

/// One compressor's work.
pub(super) struct Job<'a> {
    window_bits: u8,
    deflate: Deflate,
    clock: Option<Clock>,
    watch: &'a Watch,
    outcome: Outcome,
}

impl<'a> Job<'a> {
    pub(super) fn new(settings: Settings, clock: Option<Clock>, watch: &'a Watch) -> Option<Self> {
        Some(Self {
            window_bits: settings.window_bits,
            deflate: Deflate::new(settings)?,
            clock,
            watch,
            outcome: PerPeer::from_fn(|_| std::array::from_fn(|_| Sizes::default())),
        })
    }

    pub(super) fn run(mut self, lanes: &PerPeer<Vec<&Lane>>) -> Option<Outcome> {
        for (peer, lanes) in lanes.iter() {
            for lane in lanes {
                self.reset(peer, lane)?;
                for (threshold, stream) in streams(lane) {
                    self.keep(peer, lane, threshold, stream)?;
                }
                self.all_plain(peer, lane);
            }
        }
        Some(self.outcome)
    }

    fn now(&self) -> u64 {
        self.clock.map_or(0, |clock| clock())
    }

    /// Whether a stream of so many bytes is this window's to compress, and for how many smaller
    /// windows its size holds too.
    fn serves(&self, stream: u64) -> Option<usize> {
        if self.window_bits < largest() {
            return (stream > reach(self.window_bits)).then_some(0);
        }
        let others = WINDOWS.iter().filter(|bits| **bits < self.window_bits);
        Some(others.filter(|bits| stream <= reach(**bits)).count())
    }

    fn worked(&self, bytes: u64) -> Option<()> {
        self.watch.done.fetch_add(bytes, Ordering::Relaxed);
        (!self.watch.cancel.load(Ordering::Relaxed)).then_some(())
    }

    /// RFC 7692 §7.1.1: every message by itself.
    fn reset(&mut self, peer: Peer, lane: &Lane) -> Option<()> {
        // A clock that is asked for each message would measure itself: one is asked for each
        // row of messages of one class.
        let mut since = self.now();
        let mut messages = lane.messages().iter().peekable();
        while let Some(sent) = messages.next() {
            let Some(smaller) = self.serves(sent.len()) else {
                continue;
            };
            self.deflate.reset();
            let wire = lane.compressed(sent, &mut self.deflate);
            let kind = |len: u64| (class(len), self.serves(len));
            let row_ends = messages
                .peek()
                .is_none_or(|next| kind(next.len()) != kind(sent.len()));
            let mut spent = 0;
            if row_ends && self.clock.is_some() {
                let now = self.now();
                spent = now.saturating_sub(since);
                since = now;
            }
            for sizes in self.outcome[peer].iter_mut().take(smaller + 1) {
                let class = class(sent.len());
                if let Some(place) = sizes.reset.get_mut(class) {
                    *place += wire;
                }
                if let Some(place) = sizes.reset_time.get_mut(class) {
                    *place += spent;
                }
                sizes.reset_classes.add(sent.len(), wire);
            }
            self.worked(sent.len() + EACH)?;
        }
        Some(())
    }

    /// Beyond its longest message's class, a lane goes plain.
    fn all_plain(&mut self, peer: Peer, lane: &Lane) {
        let longest = streams(lane)
            .last()
            .map_or(0, |(threshold, _)| threshold + 1);
        let total: u64 = lane.messages().iter().map(|sent| lane.plain(sent)).sum();
        let [own, ..] = &mut self.outcome[peer];
        for place in own.keep.iter_mut().skip(longest) {
            *place += total;
        }
    }

    /// All messages of `threshold` and above over one window, the others plain.
    fn keep(&mut self, peer: Peer, lane: &Lane, threshold: usize, stream: u64) -> Option<()> {
        let Some(smaller) = self.serves(stream) else {
            return Some(());
        };
        // The thresholds below without a message in between.
        let bytes = lane.by_class();
        let below = bytes.iter().take(threshold).rev();
        let shared = below.take_while(|bytes| **bytes == 0).count();
        self.deflate.reset();
        let since = self.now();
        let mut total = 0;
        let mut classes = Classes::default();
        for sent in lane.messages() {
            if class(sent.len()) < threshold {
                total += lane.plain(sent);
                continue;
            }
            let wire = lane.compressed(sent, &mut self.deflate);
            total += wire;
            classes.add(sent.len(), wire);
            self.worked(sent.len().max(1) + EACH)?;
        }
        let spent = self.now().saturating_sub(since);
        for sizes in self.outcome[peer].iter_mut().take(smaller + 1) {
            for threshold in threshold - shared..=threshold {
                if let Some(place) = sizes.keep.get_mut(threshold) {
                    *place += total;
                }
                if let Some(place) = sizes.keep_time.get_mut(threshold) {
                    *place += spent;
                }
            }
            if threshold == shared {
                for (place, more) in sizes.keep_classes.0.iter_mut().zip(&classes.0) {
                    *place += more;
                }
            }
        }
        Some(())
    }
}
