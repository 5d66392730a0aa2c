//! STOMP frames of one sender, out of its messages.
//!
//! Job: follow the stream of frames through messages, which it need not keep to, and past holes.
//! Input: messages of one sender. Output: [`Item`]s. STOMP 1.2, "STOMP Frames", "Augmented BNF",
//! "Heart-beating".

use super::frame::{Fault, Frame, HeadEnd, begins_frame, head_end};
use crate::base::Peer;
use crate::subprotocol::decoder::Body;
use crate::subprotocol::unit::{Part, SHOWN};

/// What a sender's messages hold.
#[derive(Debug)]
pub(super) enum Item {
    /// A frame.
    Frame(Frame),
    /// End-of-lines alone: a heart-beat.
    Beat(Part),
    /// Something that is no frame. What follows is searched for one.
    Junk,
}

/// One sender's frames.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    from: Peer,
    state: State,
    /// Bytes that a head may have.
    most: usize,
}

#[derive(Debug, Clone)]
enum State {
    /// The next byte is an EOL or begins a frame.
    Between,
    /// Nobody knows where the next frame begins.
    Lost,
    /// A head has begun in an earlier message.
    Head { held: Vec<u8>, parts: Vec<Part> },
    /// A head is over.
    Inside(Box<Inside>),
}

#[derive(Debug, Clone)]
struct Inside {
    frame: Frame,
    /// Bytes of the body that are still to come; `None` where a NUL ends it.
    remaining: Option<u64>,
    announced: u64,
    /// The last byte that is no EOL.
    last: u8,
}

/// A stretch of known bytes in a message.
struct Stretch<'a> {
    message: u64,
    start: u64,
    bytes: &'a [u8],
}

type Give<'a> = &'a mut dyn FnMut(Item);

impl Reader {
    pub(super) fn new(from: Peer, most: usize) -> Self {
        Self {
            from,
            state: State::Between,
            most,
        }
    }

    /// Bytes of memory that a copy takes beside its own.
    pub(super) fn held(&self) -> usize {
        match &self.state {
            State::Head { held, .. } => held.len(),
            State::Inside(inside) => size_of::<Inside>() + inside.frame.body.len(),
            State::Between | State::Lost => 0,
        }
    }

    /// Messages are lost.
    pub(super) fn lost(&mut self) {
        self.state = State::Lost;
    }

    /// The next message of the sender.
    pub(super) fn message(&mut self, number: u64, body: &Body<'_>, give: Give<'_>) {
        if body.whole && is_beat(body.bytes) && !self.awaits_more() {
            self.cut_short(give);
            let length = body.bytes.len() as u64;
            return give(Item::Beat(Part {
                message: number,
                start: 0,
                length,
            }));
        }
        if self.may_be_cut_short() && begins_frame(self.from, body.bytes) {
            self.cut_short(give);
        }
        let mut position = 0;
        for (start, length) in body.holes {
            self.stretch(&stretch(number, body.bytes, position, *start), give);
            self.gap(Some((number, *start, *length)), give);
            position = start.saturating_add(*length);
        }
        let rest = stretch(number, body.bytes, position, u64::MAX);
        self.stretch(&rest, give);
        // Without holes it is not whole because its end is missing, or all of it.
        if !body.whole && body.holes.is_empty() {
            self.gap(None, give);
        }
    }

    /// Whether what comes belongs to a body of announced length.
    fn awaits_body(&self) -> bool {
        matches!(&self.state, State::Inside(inside) if inside.remaining.is_some_and(|left| left > 0))
    }

    /// Whether end-of-lines belong to what is in progress.
    fn awaits_more(&self) -> bool {
        matches!(self.state, State::Head { .. }) || self.awaits_body()
    }

    /// Whether something is in progress that the beginning of another frame would end: not a body
    /// of which announced bytes are still to come, unless a NUL was its last byte.
    fn may_be_cut_short(&self) -> bool {
        match &self.state {
            State::Between | State::Lost => false,
            State::Head { .. } => true,
            State::Inside(inside) => !self.awaits_body() || inside.last == 0,
        }
    }

    /// A frame begins where another one is not over: that one lacks its NUL.
    fn cut_short(&mut self, give: Give<'_>) {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Between | State::Lost => {}
            State::Head { .. } => give(Item::Junk),
            State::Inside(inside) => {
                let mut inside = *inside;
                // A NUL that announced bytes swallowed has ended it.
                let fault = match inside.remaining {
                    Some(left) if left > 0 && inside.last == 0 => {
                        Fault::LengthWrong(inside.announced)
                    }
                    _ => Fault::NulMissing,
                };
                inside.frame.faults.push(fault);
                give(Item::Frame(inside.frame));
            }
        }
    }

    /// Bytes are not known; `None` where nobody knows how many.
    fn gap(&mut self, hole: Option<(u64, u64, u64)>, give: Give<'_>) {
        self.state = match std::mem::replace(&mut self.state, State::Lost) {
            State::Between | State::Lost | State::Head { .. } => State::Lost,
            State::Inside(mut inside) => {
                inside.frame.partial = true;
                match (hole, inside.remaining) {
                    // The announced length leads over the hole.
                    (Some((message, start, length)), Some(left)) if length <= left => {
                        inside.remaining = Some(left - length);
                        inside.frame.body_bytes += length;
                        add(&mut inside.frame.parts, message, start, length);
                        State::Inside(inside)
                    }
                    _ => {
                        give(Item::Frame(inside.frame));
                        State::Lost
                    }
                }
            }
        };
    }

    /// Known bytes.
    fn stretch(&mut self, stretch: &Stretch<'_>, give: Give<'_>) {
        let mut at = 0;
        while let Some(rest) = stretch.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let place = (stretch.message, stretch.start + at as u64);
            let (next, taken) = match std::mem::replace(&mut self.state, State::Lost) {
                State::Lost => match found(self.from, rest, at == 0) {
                    Some(skip) => (State::Between, skip),
                    None => return,
                },
                State::Between => {
                    let eols = rest.iter().take_while(|byte| is_eol(**byte)).count();
                    if eols > 0 {
                        (State::Between, eols)
                    } else {
                        self.head((Vec::new(), Vec::new()), rest, place, give)
                    }
                }
                State::Head { held, parts } => self.head((held, parts), rest, place, give),
                State::Inside(inside) => inside.take(rest, place, give),
            };
            self.state = next;
            at += taken;
        }
    }

    /// Bytes of a head. Returns what is next and how many were taken.
    fn head(
        &self,
        (mut held, mut parts): (Vec<u8>, Vec<Part>),
        rest: &[u8],
        (message, start): (u64, u64),
        give: Give<'_>,
    ) -> (State, usize) {
        let before = held.len();
        let end = if before == 0 {
            head_end(rest)
        } else {
            held.extend_from_slice(rest);
            head_end(&held)
        };
        let Some(end) = end else {
            if before == 0 {
                held.extend_from_slice(rest);
            }
            if held.len() > self.most {
                give(Item::Junk);
                return (State::Lost, rest.len());
            }
            add(&mut parts, message, start, rest.len() as u64);
            return (State::Head { held, parts }, rest.len());
        };
        let (HeadEnd::Line(length) | HeadEnd::Nul(length)) = end;
        let bytes = if before == 0 { rest } else { held.as_slice() };
        let mut frame = Frame::of_head(bytes.get(..length).unwrap_or_default());
        let taken = length.saturating_sub(before);
        add(&mut parts, message, start, taken as u64);
        frame.parts = parts;
        if let HeadEnd::Nul(_) = end {
            frame.faults.push(Fault::NoEmptyLine);
            give(Item::Frame(frame));
            return (State::Between, taken);
        }
        // STOMP 1.2, "Header content-length": it counts before a NUL does.
        let remaining = frame.content_length();
        let inside = Inside {
            frame,
            remaining,
            announced: remaining.unwrap_or(0),
            last: b'\n',
        };
        (State::Inside(Box::new(inside)), taken)
    }
}

impl Inside {
    /// Bytes of a body, and the NUL after it.
    fn take(
        mut self: Box<Self>,
        rest: &[u8],
        (message, start): (u64, u64),
        give: Give<'_>,
    ) -> (State, usize) {
        let nul = || rest.iter().position(|byte| *byte == 0);
        let (body, ends) = match self.remaining {
            Some(0) if rest.first() == Some(&0) => (0, true),
            Some(0) => {
                self.frame.faults.push(Fault::LengthWrong(self.announced));
                self.remaining = None;
                nul().map_or((rest.len(), false), |at| (at, true))
            }
            Some(left) => {
                let now = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                (now, false)
            }
            None => nul().map_or((rest.len(), false), |at| (at, true)),
        };
        let bytes = rest.get(..body).unwrap_or_default();
        let room = (SHOWN + 1).saturating_sub(self.frame.body.len());
        let kept = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.frame.body.extend_from_slice(kept);
        self.frame.body_bytes += body as u64;
        if let Some(left) = &mut self.remaining {
            *left -= body as u64;
        }
        let mut real = bytes.iter().rev().filter(|byte| !is_eol(**byte));
        self.last = real.next().copied().unwrap_or(self.last);
        let taken = body + usize::from(ends);
        add(&mut self.frame.parts, message, start, taken as u64);
        if ends {
            give(Item::Frame(self.frame));
            return (State::Between, taken);
        }
        (State::Inside(self), taken)
    }
}

/// The known bytes of a message between two places.
fn stretch(message: u64, bytes: &[u8], from: u64, to: u64) -> Stretch<'_> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    Stretch {
        message,
        start: from,
        bytes: bytes.get(place(from)..place(to)).unwrap_or_default(),
    }
}

/// Where the next frame begins, as it seems: here, or after a NUL.
fn found(from: Peer, bytes: &[u8], is_start: bool) -> Option<usize> {
    let begins = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        let eols = rest.iter().take_while(|byte| is_eol(**byte)).count();
        begins_frame(from, rest.get(eols..).unwrap_or_default()).then_some(at + eols)
    };
    let here = if is_start { begins(0) } else { None };
    here.or_else(|| {
        let nuls = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0);
        let mut starts = nuls.map(|(at, _)| at + 1);
        starts.find_map(begins)
    })
}

fn is_eol(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// STOMP 1.2, "Heart-beating": an EOL alone is a heart-beat.
pub(super) fn is_beat(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_eol(*byte))
}

/// Adds bytes to the places of a frame.
fn add(parts: &mut Vec<Part>, message: u64, start: u64, length: u64) {
    match parts.last_mut() {
        Some(last) if last.message == message && last.start + last.length == start => {
            last.length += length;
        }
        _ if length > 0 => parts.push(Part {
            message,
            start,
            length,
        }),
        _ => {}
    }
}
