//! Chains of frames that begin anywhere.
//!
//! Job: find where frames begin among bytes whose segments say nothing of it. Input: all that is
//! gathered. Output: the place of the first frame that is sure to be one, and bits.
//! RFC 6455 §5.2, §5.4.
//!
//! Every place is looked at once, the last one first, so that the chain from each place is known
//! when one leads to it. In front of a true header there are a hundred places from which a short
//! length would lead to it; so what leads into a chain must be believable by itself.

use super::scale::{Content, Scale, Seen, Weighed};
use crate::ws::header::FrameHeader;
use crate::ws::opcode::OpCode;

/// Bits that a chain needs that begins anywhere: there are up to 2^16 such places.
pub(super) const ENOUGH: u32 = 44;

/// Bits that the first frames need of their own, the one that is shown first counted.
const FIRST: u32 = 24;

/// The same where a segment begins.
const FIRST_AT_SEGMENT: u32 = 20;

/// A frame that may begin at some place.
#[derive(Debug, Clone, Copy)]
struct Node {
    at: u64,
    /// What speaks for it where its end meets something.
    own: u32,
    /// What speaks for it and all that follow.
    total: u32,
    /// Whether its chain runs into that which is believed.
    joins: bool,
    /// What the first data frame of its chain needs: a message in progress, or none.
    inside: Option<bool>,
    /// The node that its end leads to.
    next: Option<usize>,
}

/// The first frame of the chain with the most evidence; `joining` are places that are believed
/// already, into one of which it must lead.
pub(super) fn search(scale: &Scale<'_>, joining: &[u64]) -> Option<(u64, u32)> {
    let nodes = nodes(scale, joining);
    let wanted = |node: &&Node| node.joins || joining.is_empty();
    // Of equal ones the first: it stands last here.
    let best = nodes
        .iter()
        .filter(wanted)
        .max_by_key(|node| (node.total, u64::MAX - node.at))?;
    let bits = best.total;
    if joining.is_empty() && bits < ENOUGH {
        return None;
    }
    let (mut own, mut node) = (0, Some(best));
    while let Some(here) = node {
        own += here.own;
        let enough = if scale.buffer.is_edge(here.at) {
            FIRST_AT_SEGMENT
        } else {
            FIRST
        };
        if own >= enough {
            return Some((here.at, bits));
        }
        node = here.next.and_then(|next| nodes.get(next));
    }
    None
}

/// Places of long frames whose end has not come, the first one first.
pub(super) fn long(scale: &Scale<'_>) -> Vec<u64> {
    let open = |at: &u64| match scale.seen(*at) {
        Seen::Header(header) => {
            let rest = scale.buffer.span() - at;
            header.payload_len > rest && scale.content(*at, &header) != Content::Refused
        }
        Seen::Incomplete | Seen::Refused => false,
    };
    let mut places: Vec<u64> = scale.places().filter(open).collect();
    places.reverse();
    places
}

/// All places from which a chain runs on as far as can be seen, the last one first.
fn nodes(scale: &Scale<'_>, joining: &[u64]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for at in scale.places() {
        let Seen::Header(header) = scale.seen(at) else {
            continue;
        };
        let content = match scale.content(at, &header) {
            Content::Bits(bits) => bits,
            Content::Unknown => 0,
            Content::Refused => continue,
        };
        let weighed = scale.weigh(header, None, false, 0);
        let end = at.saturating_add(weighed.len());
        let Ok(next) = successor(scale, &nodes, end) else {
            continue;
        };
        let follower = next.and_then(|next| nodes.get(next));
        let mut inside = follower.and_then(|node| node.inside);
        if !header.opcode.is_control() {
            // RFC 6455 §5.4: a message goes on until its last fragment.
            if inside.is_some_and(|inside| inside == header.fin) {
                continue;
            }
            inside = Some(header.opcode == OpCode::Continuation);
        }
        let is_end = scale.buffer.is_end(end);
        let (own, counts) = bits(scale, at, &weighed, content, follower, is_end, end);
        nodes.push(Node {
            at,
            own,
            total: follower.map_or(0, |node| node.total).saturating_add(counts),
            joins: joining.contains(&at) || follower.is_some_and(|node| node.joins),
            inside,
            next,
        });
    }
    nodes
}

/// What a frame counts as the first that is shown, and in its chain.
fn bits(
    scale: &Scale<'_>,
    at: u64,
    weighed: &Weighed,
    content: u32,
    follower: Option<&Node>,
    is_end: bool,
    end: u64,
) -> (u32, u32) {
    if end > scale.buffer.span() {
        return (0, 0);
    }
    let mut header_bits = weighed.header_bits();
    if let Some(next) = follower
        && let Seen::Header(header) = scale.seen(next.at)
    {
        if scale.alike((at, &weighed.header), (next.at, &header)) {
            return (0, 0);
        }
        let look = |h: &FrameHeader| (h.fin, h.rsv1, h.opcode, h.payload_len);
        if look(&header) == look(&weighed.header) {
            header_bits = weighed.form + weighed.first_byte.min(2);
        }
    }
    let meets = is_end || follower.is_some();
    let own = weighed.header_bits() + content + if meets { weighed.landing } else { 0 };
    let landing = if is_end {
        scale.landing(weighed.landing, false)
    } else {
        0
    };
    (own, header_bits + content + landing)
}

/// What stands at the end of a frame: a node, nothing that is known yet, or (`Err`) no frame.
fn successor(scale: &Scale<'_>, nodes: &[Node], end: u64) -> Result<Option<usize>, ()> {
    if end >= scale.buffer.span() {
        return Ok(None);
    }
    if let Ok(found) = nodes.binary_search_by(|node| end.cmp(&node.at)) {
        return Ok(Some(found));
    }
    match scale.seen(end) {
        Seen::Incomplete => Ok(None),
        Seen::Header(_) | Seen::Refused => Err(()),
    }
}
