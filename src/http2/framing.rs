//! One direction cut into frames.
//!
//! Job: find the frames in what was delivered, pass data on where it lies, keep the place over gaps in a
//! frame, and look for the next frame after others. Input: deliveries. Output: [`Step`]s.
//! RFC 9113 §3.4, §4.1.

use super::frame::{DataLayout, Head, Kind};
use super::search::Search;
use crate::base::Limits;
use crate::stream::{Delivery, Missing, Stamps};

/// RFC 9113 §3.4: what a client sends first.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// RFC 9113 §6.5.2: the longest frame that needs no permission.
const LONGEST: u32 = 1 << 14;

/// What comes out of a direction.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// A frame other than DATA.
    Frame(Head, &'a [u8], Stamps),
    /// A frame other than DATA of which bytes are missing.
    Missed(Head, Stamps),
    /// A DATA frame begins.
    DataBegins(Head, Stamps),
    /// Bytes of it; the first of a frame, or not.
    Data(u32, &'a [u8], bool, Stamps),
    /// Bytes of it that are missing.
    DataMissing(u32, Missing, Stamps),
    /// It ends.
    DataEnds(Head, Stamps),
    /// Its padding is longer than its payload.
    Padding(Head, Stamps),
    /// Frames are missing, so many bytes of them.
    Lost(Missing, Stamps),
    /// What is where a client begins is no preface, or where a frame begins no frame.
    NoFrame(Stamps),
}

/// Takes what comes out of a direction.
pub(super) type Take<'a> = dyn FnMut(Step<'_>) + 'a;

#[derive(Debug, Clone)]
enum State {
    /// In the client's preface, so many bytes of it read.
    Preface(usize),
    /// In a head, or where one begins.
    Head,
    /// In a DATA frame.
    Data(Head, DataLayout),
    /// In another frame whose payload is kept, with the packet that began it.
    Whole(Head, Stamps),
    /// In a frame of which nothing is kept: so many bytes are left.
    Skip(u32),
    /// Somewhere.
    Lost(Box<Search>),
}

/// One direction.
#[derive(Debug, Clone)]
pub(super) struct Framing {
    state: State,
    /// The first bytes of a head, or of the payload of a whole frame.
    kept: Vec<u8>,
    /// The packet that brought the first of them.
    since: Stamps,
    /// The longest frame that its receiver takes; unknown where that was not seen.
    longest: u32,
    limits: Limits,
}

impl Framing {
    /// A direction from its first byte, which is that of the preface where a `client` sends it.
    pub(super) fn new(client: bool, limits: Limits) -> Self {
        Self {
            state: if client {
                State::Preface(0)
            } else {
                State::Head
            },
            kept: Vec::new(),
            since: Stamps::default(),
            longest: LONGEST,
            limits,
        }
    }

    /// A direction from somewhere in the middle.
    pub(super) fn midway(limits: Limits) -> Self {
        Self {
            state: State::Lost(Box::new(Search::new(Missing::Unknown, limits))),
            longest: 0x00ff_ffff,
            ..Self::new(false, limits)
        }
    }

    /// Whether it knows where frames begin.
    pub(super) fn is_in_step(&self) -> bool {
        !matches!(self.state, State::Lost(_))
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        let searched = match &self.state {
            State::Lost(search) => search.held(),
            _ => 0,
        };
        self.kept.len() + searched
    }

    /// Its receiver takes frames so long.
    pub(super) fn allow(&mut self, longest: u32) {
        self.longest = self.longest.max(longest);
    }

    /// Takes what is delivered.
    pub(super) fn delivery(&mut self, delivery: Delivery<'_>, at: Stamps, out: &mut Take<'_>) {
        match delivery {
            Delivery::Chunk { bytes, begins } => self.chunk(bytes, begins, at, out),
            Delivery::Gap(missing) => self.gap(missing, at, out),
            Delivery::Conflict { .. } => {}
        }
    }

    /// Nothing more comes: what was passed over in vain is missing.
    pub(super) fn finish(&mut self, at: Stamps, out: &mut Take<'_>) {
        if let State::Lost(search) = &mut self.state {
            let missing = search.give_up();
            out(Step::Lost(missing, at));
        }
    }

    fn chunk(&mut self, mut bytes: &[u8], begins: bool, at: Stamps, out: &mut Take<'_>) {
        if let State::Lost(search) = &mut self.state {
            if let Some(found) = search.chunk(bytes, begins, at) {
                self.state = State::Head;
                out(Step::Lost(found.missing, found.at));
                for piece in found.pieces {
                    self.delivery(piece.delivery(), piece.at(), out);
                }
            }
            return;
        }
        let whole = bytes;
        while !bytes.is_empty() {
            if matches!(self.state, State::Lost(_)) {
                let begins = begins && bytes.len() == whole.len();
                return self.chunk(bytes, begins, at, out);
            }
            let used = self.step(bytes, at, out);
            bytes = bytes.get(used..).unwrap_or_default();
        }
    }

    /// Reads what `bytes` begin with, and says how many it was.
    fn step(&mut self, bytes: &[u8], at: Stamps, out: &mut Take<'_>) -> usize {
        match &mut self.state {
            State::Preface(read) => {
                let rest = PREFACE.get(*read..).unwrap_or_default();
                let used = rest.len().min(bytes.len());
                if bytes.get(..used) != rest.get(..used) {
                    out(Step::NoFrame(at));
                    let read = *read as u64;
                    self.lose(Missing::Bytes(read));
                    return 0;
                }
                *read += used;
                if used == rest.len() {
                    self.state = State::Head;
                }
                used
            }
            State::Head => self.head(bytes, at, out),
            State::Data(..) => self.data(bytes, at, out),
            State::Whole(head, first) => {
                let (head, at) = (
                    *head,
                    Stamps {
                        first: first.first,
                        ..at
                    },
                );
                let wanted = head.length as usize - self.kept.len();
                let used = wanted.min(bytes.len());
                self.kept
                    .extend_from_slice(bytes.get(..used).unwrap_or_default());
                if used == wanted {
                    self.state = State::Head;
                    out(Step::Frame(head, &self.kept, at));
                    self.kept.clear();
                }
                used
            }
            State::Skip(left) => {
                let used = bytes.len().min(*left as usize);
                // No more than is left.
                *left -= u32::try_from(used).unwrap_or(*left);
                if *left == 0 {
                    self.state = State::Head;
                }
                used
            }
            State::Lost(_) => 0,
        }
    }

    fn head(&mut self, bytes: &[u8], at: Stamps, out: &mut Take<'_>) -> usize {
        if self.kept.is_empty() {
            self.since = at;
        }
        if self.kept.is_empty()
            && let Some(head) = Head::first(bytes)
        {
            return self.begin(head, bytes, at, out);
        }
        let used = (Head::BYTES - self.kept.len().min(Head::BYTES)).min(bytes.len());
        self.kept
            .extend_from_slice(bytes.get(..used).unwrap_or_default());
        if let Some(head) = Head::first(&self.kept) {
            self.kept.clear();
            let at = Stamps {
                first: self.since.first,
                ..at
            };
            self.begin(head, &[], at, out);
        }
        used
    }

    /// A head was read, with which `bytes` begin, or nothing where it was put together.
    fn begin(&mut self, head: Head, bytes: &[u8], at: Stamps, out: &mut Take<'_>) -> usize {
        let used = if bytes.is_empty() { 0 } else { Head::BYTES };
        // RFC 9113 §4.2: no frame is longer than its receiver takes, and one that is of a kind that does
        // not exist is no frame.
        if head.length > self.longest && (head.kind.name().is_none() || head.wrong().is_some()) {
            out(Step::NoFrame(at));
            self.lose(Missing::Bytes(Head::BYTES as u64));
            return used;
        }
        if head.kind == Kind::DATA {
            out(Step::DataBegins(head, at));
            self.state = State::Data(head, DataLayout::new(head));
            if head.length == 0 {
                self.state = State::Head;
                out(Step::DataEnds(head, at));
            }
            return used;
        }
        let length = head.length as usize;
        let whole = bytes.get(used..).and_then(|rest| rest.get(..length));
        if length > self.limits.head_bytes || head.kind.name().is_none() {
            out(Step::Missed(head, at));
            self.state = if length == 0 {
                State::Head
            } else {
                State::Skip(head.length)
            };
        } else if length == 0 {
            self.state = State::Head;
            out(Step::Frame(head, &[], at));
        } else if let Some(payload) = whole {
            self.state = State::Head;
            out(Step::Frame(head, payload, at));
            return used + length;
        } else {
            self.state = State::Whole(head, at);
        }
        used
    }

    fn data(&mut self, bytes: &[u8], at: Stamps, out: &mut Take<'_>) -> usize {
        let State::Data(head, layout) = &mut self.state else {
            return 0;
        };
        let head = *head;
        let mut used = 0;
        if layout.awaits_length()
            && let Some(length) = bytes.first()
        {
            if !layout.measured(*length) {
                out(Step::Padding(head, at));
            }
            used = 1;
        }
        let first = layout.left() == head.length - u32::from(head.flags.padded());
        let rest = bytes.get(used..).unwrap_or_default();
        let passed = rest.len().min(layout.left() as usize);
        let data = rest
            .get(..(layout.data() as usize).min(passed))
            .unwrap_or_default();
        layout.pass(u32::try_from(passed).unwrap_or(u32::MAX));
        let over = layout.left() == 0;
        if over {
            self.state = State::Head;
        }
        if !data.is_empty() {
            out(Step::Data(head.stream, data, first, at));
        }
        if over {
            out(Step::DataEnds(head, at));
        }
        used + passed
    }

    fn gap(&mut self, missing: Missing, at: Stamps, out: &mut Take<'_>) {
        if let State::Lost(search) = &mut self.state {
            return search.gap(missing);
        }
        let left = match &mut self.state {
            State::Data(_, layout) => u64::from(layout.left()),
            State::Whole(head, _) => u64::from(head.length) - self.kept.len() as u64,
            State::Skip(left) => u64::from(*left),
            State::Preface(_) | State::Head | State::Lost(_) => 0,
        };
        match missing {
            Missing::Bytes(0) => {}
            // The frame is long enough, so that it is known where the next one begins.
            Missing::Bytes(bytes) if bytes <= left => self.gap_inside(bytes, at, out),
            _ => {
                self.gap_inside(left, at, out);
                let rest = match missing {
                    Missing::Bytes(bytes) => Missing::Bytes(bytes - left),
                    other => other,
                };
                let kept = self.kept.len() as u64;
                self.lose(rest.and(Missing::Bytes(kept)));
            }
        }
    }

    /// A gap that the frame reaches over, or that reaches to its end.
    fn gap_inside(&mut self, bytes: u64, at: Stamps, out: &mut Take<'_>) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        match &mut self.state {
            State::Data(head, layout) => {
                let head = *head;
                if bytes > 0 && layout.awaits_length() {
                    let most = layout.unmeasured();
                    layout.pass(bytes);
                    let missing = Missing::AtMost(most.into());
                    out(Step::DataMissing(head.stream, missing, at));
                } else {
                    let data = layout.pass(bytes);
                    if data > 0 {
                        let missing = Missing::Bytes(data.into());
                        out(Step::DataMissing(head.stream, missing, at));
                    }
                }
                let over = matches!(&self.state, State::Data(_, layout) if layout.left() == 0);
                if over {
                    self.state = State::Head;
                    out(Step::DataEnds(head, at));
                }
            }
            State::Whole(head, first) => {
                let (head, at) = (
                    *head,
                    Stamps {
                        first: first.first,
                        ..at
                    },
                );
                let gone = u32::try_from(self.kept.len()).unwrap_or(u32::MAX);
                let left = head.length.saturating_sub(gone).saturating_sub(bytes);
                self.kept.clear();
                self.state = if left == 0 {
                    State::Head
                } else {
                    State::Skip(left)
                };
                out(Step::Missed(head, at));
            }
            State::Skip(left) => {
                *left = left.saturating_sub(bytes);
                if *left == 0 {
                    self.state = State::Head;
                }
            }
            State::Preface(_) | State::Head | State::Lost(_) => {}
        }
    }

    fn lose(&mut self, missing: Missing) {
        self.kept.clear();
        self.state = State::Lost(Box::new(Search::new(missing, self.limits)));
    }
}

#[cfg(test)]
mod tests;
