//! What one direction says about the agreement, and the other about a mix-up.
//!
//! Job: see whether a sender that goes beyond its parameters keeps to the other side's, and the
//! other way round. Input: both directions. Output: [`Swap`], [`Beyond`]. RFC 7692 §7.1.1, §7.1.2.

use std::collections::HashMap;

use super::reading::{Behaviour, Budget, Reading, Script};
use super::sent::Direction;
use super::tokens::Coding;
use crate::deflate::{Parameters, Takeover};

/// Bytes that stand in two messages are worth a copy.
const WORTH: usize = 12;

/// Chances that a sender lets pass before it is taken to be unable to use them.
const CHANCES: u64 = 3;

/// Whether the two sides may have taken each other's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Swap {
    /// The parameters are the same, or the other side's traffic speaks against it.
    No,
    /// The other side sent too little to tell.
    Open,
    /// The other side behaves so, having had so many chances to do otherwise.
    Yes(u64),
}

/// A sender that copies from beyond its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beyond {
    /// The first message that does.
    pub(super) first: usize,
    /// How many do.
    pub(super) messages: u64,
    /// The farthest copy.
    pub(super) farthest: usize,
}

/// Bytes of a direction in which chances are looked for.
const LOOKED_AT: usize = 256 << 10;

/// Reads a direction as if its window were the largest. Gives the first bytes of it too, by message.
fn read(direction: &Direction) -> (Reading, Vec<Vec<u8>>) {
    let script = Script::new(direction, Coding::Message);
    let behaviour = Behaviour::default();
    let (mut made, mut room): (Vec<Vec<u8>>, _) = (Vec::new(), LOOKED_AT);
    let reading = Reading::watched(
        &script,
        &behaviour,
        usize::MAX,
        &mut Budget::default(),
        &mut |bytes| {
            let known: Option<Vec<u8>> = bytes.iter().take(room).copied().collect();
            let known = known.unwrap_or_default();
            room -= known.len();
            made.push(known);
        },
    );
    (reading, made)
}

/// The copies of a direction that reach beyond what was agreed.
pub(super) fn beyond(direction: &Direction) -> Option<Beyond> {
    let window = direction.parameters.window_bits.bytes();
    let (reading, _) = read(direction);
    let lines = || reading.played.iter().map(|one| one.fit.farthest);
    Some(Beyond {
        first: lines().position(|farthest| farthest > window)?,
        messages: lines().filter(|farthest| *farthest > window).count() as u64,
        farthest: lines().max().unwrap_or(0),
    })
}

/// Whether `other`, which may do as `its` say, does as `theirs` say.
pub(super) fn swapped(mine: Parameters, other: &Direction, reached: usize) -> Swap {
    let its = other.parameters;
    if its == mine || reached > its.window_bits.bytes() {
        return Swap::No;
    }
    let (reading, made) = read(other);
    let farthest = reading.played.iter().map(|one| one.fit.farthest).max();
    let reaching = reading.played.iter().any(|one| one.fit.reaching > 0);
    let keeps_to_mine = match mine.takeover {
        Takeover::Reset => !reaching,
        Takeover::Keep => true,
    };
    if !keeps_to_mine || farthest.unwrap_or(0) > mine.window_bits.bytes() {
        return Swap::No;
    }
    match chances(&made, its, mine) {
        few if few < CHANCES => Swap::Open,
        chances => Swap::Yes(chances),
    }
}

/// Places where a sender with its own parameters would have made a copy that one with
/// `mine` cannot make. One for each message at the most.
fn chances(made: &[Vec<u8>], its: Parameters, mine: Parameters) -> u64 {
    let mut seen: HashMap<&[u8], usize> = HashMap::new();
    let (mut chances, mut position) = (0, 0);
    for bytes in made {
        let mut could = false;
        for (at, words) in bytes.windows(WORTH).enumerate() {
            let Some(before) = seen.get(words) else {
                continue;
            };
            let distance = position + at - before;
            let possible = its.takeover == Takeover::Keep && distance <= its.window_bits.bytes();
            could |= possible
                && (mine.takeover == Takeover::Reset || distance > mine.window_bits.bytes());
        }
        for (at, words) in bytes.windows(WORTH).enumerate() {
            seen.insert(words, position + at);
        }
        position += bytes.len();
        chances += u64::from(could);
    }
    chances
}
