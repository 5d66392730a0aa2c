//! One direction's compressed messages.
//!
//! Job: begin, feed and end each message by the agreed parameters, and know whether its
//! history is known. Input: unmasked payload pieces. Output: the payload through a [`Sink`]
//! and an [`Outcome`]. RFC 7692 §7.1.1, §7.2.2.
//!
//! Only compressed messages come here: a plain one never enters the history.

use super::inflater::{Care, EnginePool, InflateFault, Inflater, Sink};
use super::parameters::{Parameters, Takeover};
use super::shadow::Shadow;

/// What RFC 7692 §7.2.1 has the sender cut off and the receiver put back.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Why a compressed message cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It copies from history that the capture lacks.
    HistoryLost,
    /// It copies from before the stream's beginning, although nothing was lost.
    DistanceTooFar,
    /// It is not DEFLATE; zlib's word for it.
    Invalid(String),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Why it failed, where it did.
    pub fault: Option<Fault>,
    /// The sender left `00 00 ff ff` on.
    pub kept_marker: bool,
    /// The sender kept its context although reset was agreed; from now on it is taken to.
    pub kept_context: bool,
}

/// Inflates one direction.
#[derive(Debug)]
pub struct Decoder {
    inflater: Inflater,
    /// Where reset was agreed, and as long as the sender does reset.
    shadow: Option<Shadow>,
    /// Bytes before the known history were lost; how many known ones have come since.
    lost: Option<u64>,
    fault: Option<Fault>,
    /// Input bytes are missing, so the rest of the message means nothing.
    broken: bool,
    tail: [u8; 4],
    fed: u64,
    /// Bytes put out since the message began or its input broke off.
    made: u64,
}

impl Decoder {
    /// A decoder that stands before the direction's first message.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            shadow: (parameters.takeover == Takeover::Reset).then(Shadow::default),
            inflater: Inflater::default(),
            lost: None,
            fault: None,
            broken: false,
            tail: [0; 4],
            fed: 0,
            made: 0,
        }
    }

    /// Whether the window is wholly known.
    pub fn is_synced(&self) -> bool {
        self.lost.is_none()
    }

    /// A message begins.
    pub fn begin(&mut self, pool: &mut EnginePool) {
        if let Some(shadow) = &mut self.shadow {
            shadow.begin();
            // RFC 7692 §7.1.1: without context takeover each message has an empty window.
            self.inflater.reset(pool);
            self.lost = None;
        }
        self.fault = None;
        self.broken = false;
        self.tail = [0; 4];
        self.fed = 0;
        self.made = 0;
    }

    /// The next bytes of the message.
    pub fn feed(&mut self, bytes: &[u8], pool: &mut EnginePool, sink: &mut Sink<'_>) {
        if self.broken {
            return;
        }
        self.fed += bytes.len() as u64;
        self.remember_tail(bytes);
        if let Some(shadow) = &mut self.shadow {
            shadow.note(bytes, (sink.kept.len(), *sink.total));
        }
        if self.fault.is_none() {
            self.inflate(bytes, pool, sink);
        }
    }

    /// Bytes of the message, or whole messages, are missing.
    pub fn lose(&mut self, pool: &mut EnginePool) {
        self.broken = true;
        self.made = 0;
        self.forget(pool);
    }

    /// The message ends.
    pub fn end(&mut self, pool: &mut EnginePool, sink: &mut Sink<'_>) -> Outcome {
        let kept_marker = !self.broken && self.fault.is_none() && self.restore(pool, sink);
        let kept_context =
            self.fault.is_some() && !self.broken && self.try_kept_context(pool, sink);
        let fault = self.fault.take();
        if let (Some(shadow), None, false) = (&mut self.shadow, &fault, self.broken) {
            shadow.learn(self.inflater.history());
        }
        if fault.is_some() {
            // What the sender's window holds now is unknown.
            self.forget(pool);
        } else if let Some(known) = &mut self.lost {
            // 2^15 in place of 2^window_bits, since senders are known to go beyond.
            *known += self.made;
            if *known >= 1 << 15 {
                self.lost = None;
            }
        }
        self.broken = false;
        Outcome {
            fault,
            kept_marker,
            kept_context,
        }
    }

    /// Puts back what the sender cut off the end. Returns whether it left it on.
    fn restore(&mut self, pool: &mut EnginePool, sink: &mut Sink<'_>) -> bool {
        // A payload cut as RFC 7692 §7.2.1 says ends in the zero bits of an empty stored
        // block's header, so a last byte of ff means that the marker was left on.
        let kept_marker = self.fed >= 4 && self.tail == FLUSH_MARKER;
        // A sender that flushes twice has nothing to put out for an empty message. And where
        // a final block ends the payload, no empty block was cut off that could be put back,
        // though RFC 7692 §7.2.1 wants one there.
        let nothing_cut = self.fed == 0 || self.inflater.between_streams();
        if !kept_marker && !nothing_cut {
            // RFC 7692 §7.2.2: the receiver appends the four bytes before inflating.
            self.inflate(&FLUSH_MARKER, pool, sink);
        }
        kept_marker
    }

    /// A message does not inflate over an empty window, as was agreed. RFC 7692 §7.1.1: a sender
    /// that did not reset copies from its messages before; receivers that did not reset either
    /// never notice.
    fn try_kept_context(&mut self, pool: &mut EnginePool, sink: &mut Sink<'_>) -> bool {
        let Some(shadow) = self.shadow.take() else {
            return false;
        };
        let first = self.fault.take();
        if let Some((history, input, (kept, total))) = shadow.attempt()
            && self.inflater.resume_over(history, pool).is_ok()
        {
            sink.kept.truncate(kept);
            *sink.total = total;
            self.made = 0;
            self.inflate(input, pool, sink);
            if self.fault.is_none() {
                self.restore(pool, sink);
            }
            if self.fault.is_none() {
                return true;
            }
        }
        self.fault = first;
        self.shadow = Some(shadow);
        false
    }

    fn inflate(&mut self, bytes: &[u8], pool: &mut EnginePool, sink: &mut Sink<'_>) {
        // Behind a loss it matters why a message fails.
        let care = if self.lost.is_some() {
            Care::Exact
        } else {
            Care::Fast
        };
        let before = *sink.total;
        let result = self.inflater.feed(bytes, care, pool, sink);
        self.made += *sink.total - before;
        self.fault = match result {
            Ok(()) => None,
            Err(InflateFault::DistanceTooFar) if self.lost.is_some() => Some(Fault::HistoryLost),
            Err(InflateFault::DistanceTooFar) => Some(Fault::DistanceTooFar),
            Err(InflateFault::Invalid(word)) => Some(Fault::Invalid(word)),
        };
    }

    fn forget(&mut self, pool: &mut EnginePool) {
        self.inflater.reset(pool);
        self.lost = Some(0);
        if let Some(shadow) = &mut self.shadow {
            shadow.forget();
        }
    }

    fn remember_tail(&mut self, bytes: &[u8]) {
        match bytes.last_chunk::<4>() {
            Some(last) => self.tail = *last,
            None => {
                for byte in bytes {
                    self.tail.rotate_left(1);
                    self.tail[3] = *byte;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
