//! Losses over headers, and what can be known after them.
//!
//! Job: choose what the capture lacks. Input: a [`Talk`]. Output: [`Cut`]: which segments are
//! captured, and which messages arrived whole after the first header that did not.

use std::ops::Range;

use wscope::base::{Peer, PerPeer};

use super::make::{Frame, Talk};
use super::noise::Noise;

/// What the capture lacks.
#[derive(Debug, Clone)]
pub struct Cut {
    /// By the number of the segment.
    pub captured: Vec<bool>,
    pub losses: PerPeer<Vec<Loss>>,
    /// Frames of messages that arrived whole after a loss: those of each message.
    pub whole: PerPeer<Vec<Vec<Frame>>>,
}

/// A run of bytes that the capture lacks, over a header or before all that it has.
#[derive(Debug, Clone)]
pub struct Loss {
    pub bytes: Range<u64>,
    /// Where the next run of missing bytes begins, or the direction ends.
    pub until: u64,
    /// Three whole segments of whole frames follow.
    pub obvious: bool,
}

/// Takes `losses` runs of segments out, or all before some segment.
pub fn cut(talk: &Talk, noise: &mut Noise, losses: usize, late: bool) -> Cut {
    let count = talk.segments.len();
    let mut captured = vec![true; count];
    if late {
        let start = noise.between(count / 8, count / 2);
        captured[..start].fill(false);
    }
    for _ in 0..losses {
        let from = if noise.one_in(2) {
            Peer::Client
        } else {
            Peer::Server
        };
        let first = noise.below(count);
        let mut left = [1, 1, 1, 2, 3, 6][noise.below(6)];
        for (index, segment) in talk.segments.iter().enumerate().skip(first) {
            if segment.from == from && left > 0 {
                captured[index] = false;
                left -= 1;
            }
        }
    }
    let missing = PerPeer::from_fn(|from| missing(talk, &captured, from));
    Cut {
        losses: PerPeer::from_fn(|from| header_losses(talk, &captured, &missing[from], from, late)),
        whole: PerPeer::from_fn(|from| whole(talk, &missing[from], from, late)),
        captured,
    }
}

fn missing(talk: &Talk, captured: &[bool], from: Peer) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let lost = talk.segments.iter().zip(captured).filter(|(_, has)| !**has);
    for (segment, _) in lost.filter(|(segment, _)| segment.from == from) {
        let end = segment.at + segment.bytes.len() as u64;
        match ranges.last_mut() {
            Some(before) if before.end == segment.at => before.end = end,
            _ => ranges.push(segment.at..end),
        }
    }
    ranges
}

fn meets(ranges: &[Range<u64>], bytes: &Range<u64>) -> bool {
    ranges
        .iter()
        .any(|range| range.start < bytes.end && bytes.start < range.end)
}

/// Whether a run of missing bytes takes a header, or its end.
fn takes_header(talk: &Talk, from: Peer, range: &Range<u64>) -> bool {
    let one = std::slice::from_ref(range);
    talk.frames[from]
        .iter()
        .any(|frame| meets(one, &(frame.at..frame.at + frame.header)))
}

fn header_losses(
    talk: &Talk,
    captured: &[bool],
    missing: &[Range<u64>],
    from: Peer,
    late: bool,
) -> Vec<Loss> {
    let end = talk.frames[from].last().map_or(0, Frame::end);
    let mut all: Vec<Range<u64>> = missing.to_vec();
    if late && all.first().is_none_or(|first| first.start > 0) {
        all.insert(0, 0..0);
    }
    let until = |index: usize| all.get(index + 1).map_or(end, |next| next.start);
    all.iter()
        .enumerate()
        .filter(|(index, range)| (late && *index == 0) || takes_header(talk, from, range))
        .map(|(index, range)| {
            let after = talk.segments.iter().zip(captured).filter(|(segment, has)| {
                **has && segment.from == from && (range.end..until(index)).contains(&segment.at)
            });
            let exact = after.take(3).filter(|(segment, _)| {
                let frames = &talk.frames[from];
                let end = segment.at + segment.bytes.len() as u64;
                frames.iter().any(|frame| frame.at == segment.at)
                    && frames.iter().any(|frame| frame.end() == end)
            });
            Loss {
                bytes: range.clone(),
                until: until(index),
                obvious: exact.count() == 3,
            }
        })
        .collect()
}

/// Messages all of whose bytes are captured, after the first header that is not.
fn whole(talk: &Talk, missing: &[Range<u64>], from: Peer, late: bool) -> Vec<Vec<Frame>> {
    let lost = missing.iter().find(|range| takes_header(talk, from, range));
    let first = if late {
        missing.first().map_or(0, |range| range.end)
    } else {
        lost.map_or(u64::MAX, |range| range.end)
    };
    let mut messages: Vec<Vec<Frame>> = Vec::new();
    for frame in &talk.frames[from] {
        match messages
            .iter_mut()
            .rev()
            .take(3)
            .find(|message| message[0].message == frame.message)
        {
            Some(message) => message.push(*frame),
            None => messages.push(vec![*frame]),
        }
    }
    messages.retain(|message| {
        message[0].at >= first
            && message
                .iter()
                .all(|frame| !meets(missing, &(frame.at..frame.end())))
    });
    messages
}
