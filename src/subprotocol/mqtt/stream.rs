//! Packets from messages.
//!
//! Job: cut the bytes of one sender into packets, wherever the messages end. Input: payloads with
//! holes. Output: packets with their places. MQTT 5 §2.1, §6.0. After a loss a message has to begin
//! with packets that are right to its end, before anything is reported again.

use std::borrow::Cow;

use crate::subprotocol::{Body, Part};

/// Parts of one packet that are kept.
const PARTS: usize = 1024;

/// One packet.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    /// Type and flags.
    pub(super) first: u8,
    /// What follows the fixed header: its first bytes, up to a hole or a bound.
    pub(super) body: Cow<'a, [u8]>,
    /// How long that is in all.
    pub(super) length: u64,
    /// All of it was there, even if not all is kept.
    pub(super) whole: bool,
    pub(super) parts: Vec<Part>,
}

/// The packet whose bytes are coming.
#[derive(Debug, Clone, Default)]
struct Coming {
    /// The fixed header, as far as it is there.
    head: Vec<u8>,
    length: Option<u64>,
    come: u64,
    kept: Vec<u8>,
    /// No byte was missing until now.
    whole: bool,
    parts: Vec<Part>,
}

/// Bytes after a loss, which may begin with a packet.
#[derive(Debug, Clone, Default)]
struct Attempt {
    bytes: Vec<u8>,
    messages: Vec<(u64, u64)>,
}

/// The bytes of one sender.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    /// Bytes kept of one packet; the rest is counted.
    most: usize,
    coming: Coming,
    /// Where packets begin is not known.
    lost: Option<Attempt>,
}

impl Stream {
    /// A stream that begins with a packet, or of which nobody knows that.
    pub(super) fn new(in_step: bool, most: usize) -> Self {
        Self {
            most,
            coming: Coming::default(),
            lost: (!in_step).then(Attempt::default),
        }
    }

    /// Where packets begin is not known any more.
    pub(super) fn lose(&mut self) {
        self.coming = Coming::default();
        self.lost = Some(Attempt::default());
    }

    /// Bytes that are held.
    pub(super) fn held(&self) -> usize {
        let attempt = self.lost.as_ref().map_or(0, |attempt| attempt.bytes.len());
        self.coming.kept.len() + attempt
    }

    /// Takes a message. `valid` says whether a packet is right, `tell` takes those that are complete.
    pub(super) fn message(
        &mut self,
        number: u64,
        body: &Body<'_>,
        valid: impl Fn(u8, &[u8]) -> bool,
        mut tell: impl FnMut(Raw<'_>),
    ) {
        if self.lost.is_some() {
            if body.whole {
                self.seek(number, body.bytes, valid, &mut tell);
            } else {
                self.lose();
            }
            return;
        }
        let mut place = 0;
        while let Some(rest) = body.bytes.get(place..).filter(|rest| !rest.is_empty()) {
            match self.step(number, place, rest, body.holes, &mut tell) {
                Some(used) => place += used,
                None => return self.lose(),
            }
        }
        if !body.whole {
            // What the message had besides is not known.
            if !self.coming.head.is_empty() {
                self.coming.whole = false;
                self.told(&mut tell);
            }
            self.lose();
        }
    }

    /// Takes bytes of one packet, and says how many; nothing where its header is not known.
    fn step(
        &mut self,
        number: u64,
        place: usize,
        rest: &[u8],
        holes: &[(u64, u64)],
        tell: &mut impl FnMut(Raw<'_>),
    ) -> Option<usize> {
        let mut used = 0;
        while self.coming.length.is_none() {
            let Some(&byte) = rest.get(used) else {
                self.coming.part(number, place, used);
                return Some(used);
            };
            if hole_in(holes, place + used, 1).is_some() {
                return None;
            }
            used += 1;
            self.coming.header(byte)?;
        }
        let missing = self.coming.length? - self.coming.come;
        let there = rest.get(used..)?;
        let take = usize::try_from(missing)
            .unwrap_or(usize::MAX)
            .min(there.len());
        let bytes = there.get(..take)?;
        let hole = hole_in(holes, place + used, take);
        if used + take > 0 {
            self.coming.part(number, place, used + take);
        }
        self.coming.take(bytes, hole, self.most);
        if take as u64 == missing {
            self.told(tell);
        }
        Some(used + take)
    }

    /// Tells the packet that is coming, and begins another.
    fn told(&mut self, tell: &mut impl FnMut(Raw<'_>)) {
        let coming = std::mem::take(&mut self.coming);
        let Some(&first) = coming.head.first() else {
            return;
        };
        tell(Raw {
            first,
            body: Cow::Owned(coming.kept),
            length: coming.length.unwrap_or(coming.come),
            whole: coming.whole,
            parts: coming.parts,
        });
    }

    /// Looks for the first packet after a loss.
    fn seek(
        &mut self,
        number: u64,
        bytes: &[u8],
        valid: impl Fn(u8, &[u8]) -> bool,
        tell: &mut impl FnMut(Raw<'_>),
    ) {
        let Some(attempt) = &mut self.lost else {
            return;
        };
        attempt.add(number, bytes);
        let mut state = chain(&attempt.bytes, &valid);
        if !is_found(state, &attempt.bytes) && attempt.messages.len() > 1 {
            // Nothing speaks for the messages before it: this one may begin with a packet itself.
            let alone = chain(bytes, &valid);
            if is_found(alone, bytes) || state == Chain::Wrong {
                *attempt = Attempt::default();
                attempt.add(number, bytes);
                state = alone;
            }
        }
        match state {
            Chain::Whole if is_found(state, &attempt.bytes) => {
                let attempt = self.lost.take().unwrap_or_default();
                self.replay(&attempt, tell);
            }
            Chain::Whole | Chain::Open
                if attempt.bytes.len() <= self.most && attempt.messages.len() < PARTS => {}
            _ => *attempt = Attempt::default(),
        }
    }

    /// Takes the messages of an attempt that was right.
    fn replay(&mut self, attempt: &Attempt, tell: &mut impl FnMut(Raw<'_>)) {
        let mut rest = attempt.bytes.as_slice();
        for &(number, length) in &attempt.messages {
            let length = usize::try_from(length)
                .unwrap_or(usize::MAX)
                .min(rest.len());
            let (bytes, behind) = rest.split_at(length);
            rest = behind;
            let mut place = 0;
            while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
                match self.step(number, place, rest, &[], tell) {
                    Some(used) => place += used,
                    None => return self.lose(),
                }
            }
        }
    }
}

impl Attempt {
    fn add(&mut self, number: u64, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.messages.push((number, bytes.len() as u64));
    }
}

impl Coming {
    /// A byte of the fixed header; nothing where no packet can begin so.
    fn header(&mut self, byte: u8) -> Option<()> {
        if self.head.is_empty() {
            self.whole = true;
        }
        self.head.push(byte);
        let Some((_, digits)) = self.head.split_first() else {
            return Some(());
        };
        match variable(digits) {
            Variable::Whole(length, _) => self.length = Some(length),
            Variable::Open => {}
            // MQTT 5 §1.5.5: a length has four bytes at most.
            Variable::Wrong => return None,
        }
        Some(())
    }

    fn part(&mut self, message: u64, start: usize, length: usize) {
        if length > 0 && self.parts.len() < PARTS {
            self.parts.push(Part {
                message,
                start: start as u64,
                length: length as u64,
            });
        }
    }

    /// Bytes of the body, with a hole at so many of them.
    fn take(&mut self, bytes: &[u8], hole: Option<usize>, most: usize) {
        // Behind a hole nothing is kept, so that what is kept is known.
        if self.whole {
            let room = most.saturating_sub(self.kept.len());
            let known = hole.unwrap_or(bytes.len()).min(room);
            self.kept
                .extend_from_slice(bytes.get(..known).unwrap_or_default());
        }
        self.whole &= hole.is_none();
        self.come += bytes.len() as u64;
    }
}

/// Where the first hole begins in so many bytes from a place.
fn hole_in(holes: &[(u64, u64)], place: usize, length: usize) -> Option<usize> {
    let (from, to) = (place as u64, (place + length) as u64);
    let mut within = holes
        .iter()
        .filter(|(start, len)| start + len > from && *start < to);
    let (start, _) = within.next()?;
    usize::try_from(start.saturating_sub(from)).ok()
}

/// What bytes come to as a number of variable length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    /// The number, and how many bytes it has.
    Whole(u64, usize),
    Open,
    Wrong,
}

/// MQTT 5 §1.5.5: seven bits a byte, the lowest first.
pub(super) fn variable(bytes: &[u8]) -> Variable {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate().take(4) {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Variable::Whole(number, index + 1);
        }
    }
    if bytes.len() < 4 {
        Variable::Open
    } else {
        Variable::Wrong
    }
}

/// What bytes come to as one packet after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chain {
    Whole,
    Open,
    Wrong,
}

fn chain(mut bytes: &[u8], valid: impl Fn(u8, &[u8]) -> bool) -> Chain {
    while let Some((&first, digits)) = bytes.split_first() {
        // MQTT 5 §2.1.3: the flags of most types are fixed.
        let flags_are_right = match first >> 4 {
            0 => false,
            3 => first & 0x06 != 0x06,
            6 | 8 | 10 => first & 0x0f == 2,
            _ => first.trailing_zeros() >= 4,
        };
        if !flags_are_right {
            return Chain::Wrong;
        }
        let (length, used) = match variable(digits) {
            Variable::Whole(length, used) => (usize::try_from(length).unwrap_or(usize::MAX), used),
            Variable::Open => return Chain::Open,
            Variable::Wrong => return Chain::Wrong,
        };
        let body = digits.get(used..).unwrap_or_default();
        let Some((packet, rest)) = body.split_at_checked(length) else {
            return Chain::Open;
        };
        if !valid(first, packet) {
            return Chain::Wrong;
        }
        bytes = rest;
    }
    Chain::Whole
}

/// Whether bytes after a loss are packets. Fewer than four may be so by chance: some clients send each
/// field as a message.
fn is_found(chain: Chain, bytes: &[u8]) -> bool {
    chain == Chain::Whole && bytes.len() >= 4
}

/// Whether bytes are packets to their end, and at least one.
pub(super) fn is_chain(bytes: &[u8], valid: impl Fn(u8, &[u8]) -> bool) -> bool {
    !bytes.is_empty() && chain(bytes, valid) == Chain::Whole
}
