//! One sender's messages on one connection.
//!
//! Job: keep them as what a compressor would have been given, and cost them plain or compressed.
//! Input: message events. Output: [`Lane`]. RFC 6455 §5.4, RFC 7692 §7.2.1, §7.2.3.

use wscope_stock_zlib::Deflate;

use super::numbers::{header_len, spread_len};
use super::settings::class;
use crate::event::{Message, Split};

/// What RFC 7692 §7.2.1 has the sender cut off a message.
const MARKER: u64 = 4;

/// One message as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    start: usize,
    len: usize,
    /// Where its pieces begin among the lane's.
    pieces: usize,
    more_pieces: usize,
    /// Bytes of its frames on the wire, as observed.
    pub observed: u64,
}

impl Sent {
    /// Bytes of its payload.
    pub fn len(&self) -> u64 {
        self.len as u64
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// All of a fragmented message up to a flush.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Its end in the message.
    end: usize,
    /// Frames it came in.
    frames: u64,
}

/// One sender's messages on one connection, in order.
#[derive(Debug, Clone, Default)]
pub struct Lane {
    /// The sender masks: RFC 6455 §5.1, a client.
    pub masked: bool,
    payload: Vec<u8>,
    messages: Vec<Sent>,
    pieces: Vec<Piece>,
}

/// What a message counts against the room of a sample, beside its payload.
pub(super) const BESIDE: u64 = 64;

/// What compressing a message takes beside its bytes: a flush, and a cleared hash table where nothing
/// is kept, as bytes that take as long.
pub(super) const EACH: u64 = 256;

impl Lane {
    /// The messages.
    pub fn messages(&self) -> &[Sent] {
        &self.messages
    }

    /// Payload bytes of all messages.
    pub fn payload_bytes(&self) -> u64 {
        self.payload.len() as u64
    }

    /// Bytes of all messages, with what compressing each takes beside.
    pub(super) fn weight(&self) -> u64 {
        self.payload_bytes() + EACH * self.messages.len() as u64
    }

    /// Keeps the first messages of no more than this weight; how many are left out.
    pub(super) fn cut(&mut self, weight: u64) -> u64 {
        let mut used = 0;
        let fits = self.messages.iter().take_while(|sent| {
            used += sent.len() + EACH;
            used <= weight
        });
        let kept = fits.count();
        if let Some(first) = self.messages.get(kept) {
            self.payload.truncate(first.start);
        }
        let gone = self.messages.len() - kept;
        self.messages.truncate(kept);
        gone as u64
    }

    /// Wire bytes of all messages, as observed.
    pub fn observed(&self) -> u64 {
        self.messages.iter().map(|message| message.observed).sum()
    }

    /// Adds a message; false where its payload or its frames are not wholly there.
    pub(super) fn add(&mut self, message: &Message<'_>) -> bool {
        let len = message.payload.len();
        let whole = message.payload_bytes == Some(len as u64) && !message.truncated;
        if !whole || message.splits.len() + 1 != message.frames as usize {
            return false;
        }
        let pieces = self.pieces.len();
        let more_pieces = self.add_pieces(message, len);
        self.messages.push(Sent {
            start: self.payload.len(),
            len,
            pieces,
            more_pieces,
            observed: message.wire_bytes,
        });
        self.payload.extend_from_slice(message.payload);
        true
    }

    /// RFC 7692 §7.2.1 lets a sender compress a message as a whole and cut it into frames, or
    /// flush at the end of each frame, as `ws` and `websockets` do. Where it was compressed,
    /// the bytes tell; where it was not, it would be flushed. Returns the pieces added; none for
    /// a single frame.
    fn add_pieces(&mut self, message: &Message<'_>, len: usize) -> usize {
        if message.splits.is_empty() {
            return 0;
        }
        let before = self.pieces.len();
        let (mut frames, mut last) = (1, 0);
        for split in message.splits {
            let Split { at, flushed } = *split;
            let at = usize::try_from(at).unwrap_or(len).clamp(last, len);
            last = at;
            if flushed || !message.compressed {
                self.pieces.push(Piece { end: at, frames });
                frames = 0;
            }
            frames += 1;
        }
        self.pieces.push(Piece { end: len, frames });
        self.pieces.len() - before
    }

    fn bytes(&self, sent: &Sent) -> &[u8] {
        self.payload
            .get(sent.start..)
            .and_then(|rest| rest.get(..sent.len))
            .unwrap_or_default()
    }

    fn pieces(&self, sent: &Sent) -> &[Piece] {
        self.pieces
            .get(sent.pieces..)
            .and_then(|rest| rest.get(..sent.more_pieces))
            .unwrap_or_default()
    }

    /// Wire bytes of a message that is not compressed.
    pub(super) fn plain(&self, sent: &Sent) -> u64 {
        let pieces = self.pieces(sent);
        if pieces.is_empty() {
            return sent.len() + header_len(sent.len(), self.masked);
        }
        let mut start = 0;
        let mut total = 0;
        for piece in pieces {
            total += spread_len((piece.end - start) as u64, piece.frames, self.masked);
            start = piece.end;
        }
        total
    }

    /// Wire bytes of a message that is compressed, over what `deflate` compressed before.
    pub(super) fn compressed(&self, sent: &Sent, deflate: &mut Deflate) -> u64 {
        let bytes = self.bytes(sent);
        let pieces = self.pieces(sent);
        let Some((last, flushed)) = pieces.split_last() else {
            let len = deflate.flushed_len(bytes).saturating_sub(MARKER);
            return len + header_len(len, self.masked);
        };
        let mut start = 0;
        let mut total = 0;
        for piece in flushed {
            let part = bytes.get(start..piece.end).unwrap_or_default();
            total += spread_len(deflate.flushed_len(part), piece.frames, self.masked);
            start = piece.end;
        }
        let part = bytes.get(start..).unwrap_or_default();
        let len = deflate.flushed_len(part).saturating_sub(MARKER);
        total + spread_len(len, last.frames, self.masked)
    }

    /// Payload bytes of the messages of each class of length.
    pub(super) fn by_class(&self) -> [u64; super::THRESHOLDS.len()] {
        let mut bytes = [0; super::THRESHOLDS.len()];
        for sent in &self.messages {
            if let Some(place) = bytes.get_mut(class(sent.len())) {
                // An empty message takes part in the stream too.
                *place += sent.len().max(1);
            }
        }
        bytes
    }
}
