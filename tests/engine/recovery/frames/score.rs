//! What was found of what could be found.
//!
//! Job: hold the frames that are shown against those that were sent. Input: a [`Cut`] and, for
//! each direction, where the payloads of shown frames begin. Output: [`Score`].

use std::collections::BTreeSet;

use wscope::base::{Peer, PerPeer};

use super::cut::Cut;
use super::make::Talk;

/// Figures over many captures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    pub losses: usize,
    /// Whole messages after them.
    pub whole: usize,
    pub shown: usize,
    pub obvious: usize,
    /// Obvious ones after which a whole message is passed over.
    pub passed_over: usize,
    /// Frames that nobody sent.
    pub made_up: usize,
}

impl Score {
    pub fn add(&mut self, other: Self) {
        self.losses += other.losses;
        self.whole += other.whole;
        self.shown += other.shown;
        self.obvious += other.obvious;
        self.passed_over += other.passed_over;
        self.made_up += other.made_up;
    }
}

/// Holds what is shown, where each payload begins, against what was sent.
pub fn score(talk: &Talk, cut: &Cut, shown: &PerPeer<BTreeSet<u64>>) -> Score {
    let mut score = Score::default();
    for from in Peer::BOTH {
        let (shown, whole) = (&shown[from], &cut.whole[from]);
        let sent: BTreeSet<u64> = talk.frames[from]
            .iter()
            .map(|frame| frame.at + frame.header)
            .collect();
        let told = |message: &[super::make::Frame]| {
            message
                .iter()
                .all(|frame| shown.contains(&(frame.at + frame.header)))
        };
        score.losses += cut.losses[from].len();
        score.whole += whole.len();
        score.shown += whole.iter().filter(|message| told(message)).count();
        score.made_up += shown.difference(&sent).count();
        for loss in cut.losses[from].iter().filter(|loss| loss.obvious) {
            score.obvious += 1;
            let after = whole
                .iter()
                .filter(|message| (loss.bytes.end..loss.until).contains(&message[0].at));
            let mut after = after.filter(|message| !told(message));
            score.passed_over += usize::from(after.next().is_some());
        }
    }
    score
}
