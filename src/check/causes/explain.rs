//! The causes of what goes wrong on a connection.
//!
//! Job: judge each direction, hold it against the other one, and put what comes of it into words.
//! Input: both directions. Output: [`Cause`]s.

use super::cause::Cause;
use super::judge::Verdict;
use super::pair::Swap;
use super::sent::Direction;
use super::{hypotheses, judge, pair, words};
use crate::base::{Peer, PerPeer};

/// Explains each direction of a connection, where there is something to explain.
pub fn causes(both: &PerPeer<Direction>) -> Vec<Cause> {
    let each = Peer::BOTH.into_iter();
    each.filter_map(|from| cause(both, from)).collect()
}

fn cause(both: &PerPeer<Direction>, from: Peer) -> Option<Cause> {
    let (direction, other) = (&both[from], &both[from.other()]);
    match judge::judge(direction) {
        Verdict::Found(found) if found.hypothesis.kind == hypotheses::Kind::Kept => {
            let swap = pair::swapped(direction.parameters, other, 0);
            words::kept(direction, from, &found, swap)
        }
        Verdict::Found(found) => words::found(direction, from, &found),
        Verdict::Lost { first } => words::lost(direction, from, first),
        Verdict::Nothing { first, bad } => words::nothing(direction, from, first, bad),
        Verdict::Good => {
            let beyond = pair::beyond(direction)?;
            let swap = if direction.resets() {
                Swap::No
            } else {
                pair::swapped(direction.parameters, other, beyond.farthest)
            };
            words::beyond(direction, from, beyond, swap)
        }
    }
}
