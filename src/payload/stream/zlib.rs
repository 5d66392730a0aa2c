//! One zlib stream over all messages of a sender.
//!
//! Job: inflate message after message. Input: the payloads of a sender's binary messages, in order, and losses.
//! Output: what each one inflates to. RFC 1950 §2.2, RFC 1951.
//!
//! The sender flushes at the end of what it means as one message, so that it ends in the four bytes of an
//! empty stored block. It is permessage-deflate once more, one floor up, with the bytes left on: so the same
//! decoder reads it, and goes on after a loss. Discord's gateway sends this where it is asked for
//! `compress=zlib-stream`.

use crate::deflate::{Decoder, Output, Parameters, zlib_header};
use crate::payload::encoding::{Encoding, Inflated};

/// RFC 1951 §3.2.4: the lengths of an empty stored block, with which a flush ends.
const FLUSHED: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// A stream that runs.
#[derive(Debug, Clone)]
pub(super) struct Zlib {
    decoder: Decoder,
    /// What messages without a flush at the end have brought.
    begun: Option<Output>,
    /// The next message begins where a flush has ended.
    aligned: bool,
}

impl Zlib {
    /// The first message of a sender shows the stream: its header, a flush at the end, and that it inflates.
    pub(super) fn first(payload: &[u8], most: usize) -> Option<(Self, Inflated)> {
        // With a dictionary, whose bytes nobody sends, the header is longer.
        let header = zlib_header(payload).filter(|length| *length == 2)?;
        let body = payload.get(header..)?;
        if body.len() <= FLUSHED.len() || !body.ends_with(&FLUSHED) {
            return None;
        }
        let mut running = Self {
            decoder: Decoder::new(Parameters::default()),
            begun: None,
            aligned: true,
        };
        let inflated = running.piece(body, most).ok().flatten()?;
        (!inflated.bytes.is_empty()).then_some((running, inflated))
    }

    /// The next piece; `Err` where it does not inflate.
    pub(super) fn piece(&mut self, bytes: &[u8], most: usize) -> Result<Option<Inflated>, ()> {
        let body = bytes.strip_suffix(&FLUSHED);
        if !self.aligned {
            // Where in the stream these bytes are is known again at the next flush.
            self.aligned = body.is_some();
            return Ok(None);
        }
        let mut output = self.begun.take().unwrap_or_else(|| {
            self.decoder.begin();
            Output::new(most)
        });
        self.decoder.feed(body.unwrap_or(bytes), &mut output);
        if body.is_none() {
            self.begun = Some(output);
            return Ok(None);
        }
        let outcome = self.decoder.end(&mut output);
        if outcome.fault.is_some() || outcome.cut || outcome.misses_flush.is_some() {
            return Err(());
        }
        let holes = output.holes.iter();
        Ok(Some(Inflated {
            encoding: Encoding::ZlibStream,
            holes: holes.map(|hole| (hole.start, hole.len())).collect(),
            cut: (output.bytes.len() as u64) < output.total,
            bytes: output.bytes,
        }))
    }

    /// Messages are lost; what is known of the last of them.
    pub(super) fn lose(&mut self, last: &[u8]) {
        self.begun = None;
        self.aligned = last.ends_with(&FLUSHED);
        self.decoder.lose();
    }

    /// Bytes that its window takes.
    pub(super) fn kept(&self) -> usize {
        self.decoder.takes()
    }

    /// Nothing comes for a time: the window takes less room, and less still where it is to `pack`.
    pub(super) fn rest(&mut self, pack: bool) {
        self.decoder.rest(pack && self.begun.is_none());
    }

    /// Gives the window up, to save memory.
    pub(super) fn let_go(&mut self) {
        self.decoder.let_go();
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        size_of::<Self>() + self.decoder.held()
    }
}
