//! What a sender may have done.
//!
//! Job: name the hypotheses that can be tried on a direction. Input: a direction, taken apart, and
//! the first message that does not come out right. Output: [`Hypothesis`] values.
//! RFC 7692 §7.1.1, §7.2.1.
//!
//! One deed is not among them: a sender that empties its window although it may keep it. What it
//! sends copies from nothing before, which every receiver can read.

use super::reading::{Behaviour, Budget, Reading, Score, Script};
use super::sent::{Direction, Sent};
use super::tokens::Coding;
use crate::deflate::{gzip_header, zlib_header};

/// Messages before the first wrong one that may have been left out or put in twice.
const BACK: usize = 64;

/// Messages behind it on which such guesses are tried before all of them.
const AHEAD: usize = 24;

/// Sizes of plain messages that are tried as thresholds.
const SIZES: usize = 12;

/// The kinds of deeds, the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Another format around each message.
    Wrapped,
    /// Frames compressed one by one.
    PerFrame,
    /// The context is kept where reset was agreed.
    Kept,
    /// Plain messages are in the window.
    PlainIn,
    /// Compressed messages are not.
    Absent,
    /// One is twice.
    Twice,
}

/// Something to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hypothesis {
    pub(super) kind: Kind,
    pub(super) coding: Coding,
    pub(super) behaviour: Behaviour,
}

/// Hypotheses about how messages are coded.
pub(super) fn codings(direction: &Direction, first: usize) -> Vec<Hypothesis> {
    let mut all = Vec::new();
    let head = direction.messages.iter().filter(|sent| sent.compressed);
    let payload = head.clone().next().map(Sent::payload);
    let payload = payload.unwrap_or_default();
    let wrong = direction.messages.get(first);
    let wrong = wrong.map(Sent::payload).unwrap_or_default();
    for each in [true, false] {
        let begins = if each { &wrong } else { &payload };
        if zlib_header(begins).is_some() {
            all.push((Kind::Wrapped, Coding::Zlib { each }));
        }
        if gzip_header(begins).is_some() {
            all.push((Kind::Wrapped, Coding::Gzip { each }));
        }
    }
    if head.clone().any(|sent| sent.frames.len() > 1) {
        all.push((Kind::PerFrame, Coding::Frames));
    }
    let resets = direction.resets();
    let mut list = Vec::new();
    for (kind, coding) in all {
        for resets in [resets, false] {
            let behaviour = Behaviour {
                resets,
                ..Behaviour::default()
            };
            let hypothesis = Hypothesis {
                kind,
                coding,
                behaviour,
            };
            if !list.contains(&hypothesis) {
                list.push(hypothesis);
            }
        }
    }
    list
}

/// Hypotheses about the window, the best of each kind.
pub(super) fn windows(
    script: &Script,
    resets: bool,
    first: usize,
    budget: &mut Budget,
) -> Vec<Hypothesis> {
    let hypothesis = |kind, behaviour| Hypothesis {
        kind,
        coding: Coding::Message,
        behaviour,
    };
    if resets {
        // Nothing is in an empty window that should not be there, or the other way round.
        return vec![hypothesis(Kind::Kept, Behaviour::default())];
    }
    let mut all = Vec::new();
    let mut best = |kind, behaviours: Vec<Behaviour>, budget: &mut Budget| {
        let end = (first + AHEAD).min(script.lines.len());
        let scored = behaviours.into_iter().map(|behaviour| {
            let reading = Reading::new(script, &behaviour, end, budget);
            let score = Score::of(&reading.played);
            let bad = score.wrong + score.unknown + score.broken;
            ((bad, score.short), behaviour)
        });
        // The first one of several that are equal: they stand in the order of likelihood.
        if let Some((_, behaviour)) = scored.min_by_key(|(score, _)| *score) {
            all.push(hypothesis(kind, behaviour));
        }
    };
    best(Kind::PlainIn, plain(script, first), budget);
    best(Kind::Absent, absent(script, first), budget);
    best(Kind::Twice, twice(script, first), budget);
    all
}

/// Some or all of the plain messages are in the window.
fn plain(script: &Script, first: usize) -> Vec<Behaviour> {
    let lines = script.lines.iter().enumerate();
    let plain: Vec<_> = lines
        .filter_map(|(index, line)| Some((index, line.plain()?)))
        .collect();
    if plain.iter().all(|(index, _)| *index > first) {
        return Vec::new();
    }
    let some = |wanted: &dyn Fn(usize, usize) -> bool| Behaviour {
        plain_in: plain
            .iter()
            .filter(|(index, size)| wanted(*index, *size))
            .map(|(index, _)| *index)
            .collect(),
        ..Behaviour::default()
    };
    let mut all = vec![some(&|_, _| true)];
    let mut sizes: Vec<_> = plain.iter().map(|(_, size)| *size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let step = sizes.len().div_ceil(SIZES).max(1);
    for least in sizes.into_iter().step_by(step).skip(1) {
        all.push(some(&|_, size| size >= least));
        all.push(some(&|_, size| size < least));
    }
    let before = plain.iter().rev().filter(|(index, _)| *index < first);
    for (only, _) in before.take(BACK) {
        all.push(some(&|index, _| index == *only));
        all.push(some(&|index, _| index != *only));
    }
    all.retain(|behaviour| !behaviour.plain_in.is_empty());
    all
}

fn packed_before(script: &Script, first: usize) -> impl Iterator<Item = usize> {
    let lines = script.lines.iter().enumerate().take(first);
    let packed: Vec<_> = lines
        .filter(|(_, line)| line.plain().is_none())
        .map(|(index, _)| index)
        .collect();
    packed.into_iter().rev().take(BACK)
}

/// Compressed messages are not in the window.
fn absent(script: &Script, first: usize) -> Vec<Behaviour> {
    let alone = Behaviour {
        alone_absent: true,
        ..Behaviour::default()
    };
    let one = packed_before(script, first).map(|index| Behaviour {
        absent: Some(index),
        ..Behaviour::default()
    });
    one.chain([alone]).collect()
}

/// A compressed message is in the window twice.
fn twice(script: &Script, first: usize) -> Vec<Behaviour> {
    let twice = packed_before(script, first).map(|index| Behaviour {
        twice: Some(index),
        ..Behaviour::default()
    });
    twice.collect()
}
