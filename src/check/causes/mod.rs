//! Causes: why a direction cannot be read, and who made it so.
//!
//! Job: find the one deed that explains all that goes wrong behind it. Input: both directions'
//! messages as they stood on the wire. Output: [`Cause`]s. RFC 7692 §7.1, §7.2.
//!
//! A message that does not inflate is a symptom: the deed lies before it. So the direction is
//! decoded once more under each thing that senders are known to do wrong, and what makes its
//! messages right is the cause, if it does so better than anything else and than chance would.

mod gather;
mod hypotheses;
mod judge;
mod pair;
mod reading;
mod sent;
mod suspects;
mod tokens;
mod window;
mod words;

pub use sent::{Direction, Sent};

pub(super) use gather::look;
pub(super) use suspects::Suspects;

use crate::base::{Peer, PerPeer, Stamp};
use crate::deflate::Takeover;
use crate::finding::Code;
use judge::Verdict;
use pair::Swap;

/// What explains the symptoms of one direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which deed.
    pub code: Code,
    /// Whose; nobody's where the capture is at fault.
    pub from: Peer,
    /// Deeds that explain it just as well.
    pub rivals: Vec<Code>,
    /// The message that shows it first.
    pub message: u64,
    /// The packet with its first byte.
    pub at: Stamp,
    /// The evidence.
    pub text: String,
    /// Findings on messages from this one on are its symptoms.
    pub since: u64,
}

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
            let swap = if resets(direction) {
                Swap::No
            } else {
                pair::swapped(direction.parameters, other, beyond.farthest)
            };
            words::beyond(direction, from, beyond, swap)
        }
    }
}

fn resets(direction: &Direction) -> bool {
    direction.parameters.takeover == Takeover::Reset
}
