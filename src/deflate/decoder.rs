//! One direction's compressed messages.
//!
//! Job: begin, feed and end each message by the agreed parameters, over a history that need not
//! be known. Input: unmasked payload pieces, holes. Output: the payload into an [`Output`], and an
//! [`Outcome`]. RFC 7692 §7.1.1, §7.2.2.
//!
//! Two engines stand behind it: `flate2` as long as the window is known, the tracer after a loss
//! and for those who look at every bit. Only compressed messages come here: a plain one never
//! enters the history.

use super::inflater::{EnginePool, InflateFault, Inflater};
use super::output::Output;
use super::parameters::{Parameters, Takeover};
use super::shadow::Shadow;
use super::trace::{self, End, FaultKind, Trace};
use super::tracing::Tracing;

/// What RFC 7692 §7.2.1 has the sender cut off and the receiver put back.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Why a compressed message cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
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
    /// Bytes of it are missing: what came out is its beginning.
    pub cut: bool,
    /// The sender left `00 00 ff ff` on.
    pub kept_marker: bool,
    /// The sender kept its context although reset was agreed; from now on it is taken to.
    pub kept_context: bool,
}

/// The bits of one compressed payload.
#[derive(Debug, Clone, Copy)]
pub struct Inflated<'a> {
    /// From 1 per sender over its compressed payloads: what
    /// [`Origin::Message`](super::trace::Origin::Message) counts here.
    pub ordinal: u64,
    /// Every bit, as far as the limit allows.
    pub trace: &'a Trace,
    /// How it ended.
    pub end: End,
    /// The farthest distance, zero where it has no match.
    pub farthest: u16,
    /// The bytes that it made, where all of them are known and kept.
    pub made: Option<&'a [u8]>,
}

#[derive(Debug)]
enum Engine {
    /// The window is known.
    Fast(Inflater),
    /// Nothing of the window is known.
    Lost,
    /// Some of it may be known, or somebody looks at the bits.
    Tracing(Box<Tracing>),
}

/// Inflates one direction.
#[derive(Debug)]
pub struct Decoder {
    parameters: Parameters,
    engine: Engine,
    /// Where reset was agreed, and as long as the sender does reset.
    shadow: Option<Shadow>,
    /// How many values of each message are recorded, where somebody looks.
    record: Option<usize>,
    /// Compressed payloads begun.
    ordinal: u64,
    fault: Option<Fault>,
    /// Input bytes are missing, so the rest of the message means nothing.
    broken: bool,
    tail: [u8; 4],
    fed: u64,
}

impl Decoder {
    /// A decoder that stands before the direction's first message.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            engine: Engine::Fast(Inflater::default()),
            shadow: (parameters.takeover == Takeover::Reset).then(Shadow::default),
            record: None,
            ordinal: 0,
            fault: None,
            broken: false,
            tail: [0; 4],
            fed: 0,
        }
    }

    /// The same, recording every bit; at most `limit` values of each message.
    pub fn recording(parameters: Parameters, limit: usize) -> Self {
        Self {
            engine: Engine::Tracing(Box::new(Tracing::new(parameters, Some(limit)))),
            record: Some(limit),
            ..Self::new(parameters)
        }
    }

    /// What was agreed.
    pub fn parameters(&self) -> Parameters {
        self.parameters
    }

    /// Whether the window is wholly known.
    pub fn is_synced(&self) -> bool {
        match &self.engine {
            Engine::Fast(_) => true,
            Engine::Lost => false,
            Engine::Tracing(tracing) => tracing.tracer.is_synced(),
        }
    }

    /// Whether the bytes of the message so far end in `00 00 ff ff`.
    pub fn at_marker(&self) -> bool {
        self.fed >= 4 && self.tail == FLUSH_MARKER
    }

    /// A message begins.
    pub fn begin(&mut self, pool: &mut EnginePool) {
        self.ordinal += 1;
        self.fault = None;
        self.broken = false;
        self.tail = [0; 4];
        self.fed = 0;
        if let Some(shadow) = &mut self.shadow {
            shadow.begin();
        }
        match &mut self.engine {
            Engine::Fast(inflater) => {
                if self.shadow.is_some() {
                    // RFC 7692 §7.1.1: without context takeover each message has an empty window.
                    inflater.reset(pool);
                }
            }
            Engine::Lost => {
                let mut tracing = Box::new(Tracing::new(self.parameters, self.record));
                tracing.tracer.lost();
                tracing.begin(self.ordinal);
                self.engine = Engine::Tracing(tracing);
            }
            Engine::Tracing(tracing) => tracing.begin(self.ordinal),
        }
    }

    /// The next bytes of the message.
    pub fn feed(&mut self, bytes: &[u8], pool: &mut EnginePool, output: &mut Output) {
        if self.broken {
            return;
        }
        self.fed += bytes.len() as u64;
        self.remember_tail(bytes);
        if let Some(shadow) = &mut self.shadow {
            shadow.note(bytes, output.mark());
        }
        match &mut self.engine {
            Engine::Tracing(tracing) => tracing.bytes(bytes, output),
            _ if self.fault.is_none() => self.inflate(bytes, pool, output),
            _ => {}
        }
    }

    /// So many bytes of the message are missing.
    pub fn hole(&mut self, len: u64, pool: &mut EnginePool, output: &mut Output) {
        if let Engine::Tracing(tracing) = &mut self.engine {
            tracing.hole(len, output);
            self.forget_shadow();
        } else {
            self.broken = true;
            self.lose(pool);
        }
    }

    /// The message will never end: hands on what is known of it. Its rest is lost history.
    /// Returns what was wrong with it so far.
    pub fn abandon(&mut self, pool: &mut EnginePool, output: &mut Output) -> Option<Fault> {
        if let Engine::Tracing(tracing) = &mut self.engine
            && let End::Fault(fault) = tracing.cut(output)
        {
            self.fault = Some(fault.into());
        }
        self.lose(pool);
        self.fault.take()
    }

    /// Messages are missing, nobody knows how many.
    pub fn lose(&mut self, pool: &mut EnginePool) {
        self.forget_shadow();
        match &mut self.engine {
            Engine::Fast(inflater) => {
                inflater.reset(pool);
                if self.shadow.is_none() {
                    self.engine = Engine::Lost;
                }
            }
            Engine::Lost => {}
            Engine::Tracing(tracing) => tracing.tracer.lost(),
        }
    }

    /// The message ends.
    pub fn end(&mut self, pool: &mut EnginePool, output: &mut Output) -> Outcome {
        let (mut cut, kept_marker) = match &mut self.engine {
            Engine::Tracing(tracing) => {
                let end = tracing.end(output);
                if let End::Fault(fault) = end {
                    self.fault = Some(fault.into());
                }
                (end == End::Cut, end == End::MarkerKept)
            }
            _ if self.broken => (true, false),
            _ => {
                let kept_marker = self.fault.is_none() && self.restore(pool, output);
                (false, kept_marker)
            }
        };
        let kept_context = self.fault.is_some() && !cut && self.try_kept_context(output);
        let fault = self.fault.take();
        cut &= fault.is_none();
        if fault.is_some() {
            // What the sender's window holds now is unknown.
            self.lose(pool);
        } else if !cut {
            self.settle(pool);
        }
        self.broken = false;
        Outcome {
            fault,
            cut,
            kept_marker,
            kept_context,
        }
    }

    /// The farthest distance in the message, where its bits are recorded.
    pub fn farthest(&self) -> Option<u16> {
        match &self.engine {
            Engine::Tracing(tracing) => {
                tracing.recorded()?;
                Some(tracing.tracer.farthest())
            }
            Engine::Fast(_) | Engine::Lost => None,
        }
    }

    /// The bits of the message that has ended, where they are recorded; it put
    /// its bytes into `output`.
    pub fn inflated<'a>(&'a self, output: &'a Output) -> Option<Inflated<'a>> {
        let Engine::Tracing(tracing) = &self.engine else {
            return None;
        };
        let (trace, end) = tracing.recorded()?;
        Some(Inflated {
            ordinal: self.ordinal,
            trace,
            end,
            farthest: tracing.tracer.farthest(),
            made: trace.made_of(output),
        })
    }

    fn forget_shadow(&mut self) {
        if let Some(shadow) = &mut self.shadow {
            shadow.forget();
        }
    }

    /// Behind a good message: the shadow learns it, and the fast engine takes over where it can.
    fn settle(&mut self, pool: &mut EnginePool) {
        if let Some(shadow) = &mut self.shadow {
            match &self.engine {
                Engine::Fast(inflater) => shadow.learn(&inflater.history().to_vec()),
                Engine::Tracing(tracing) => shadow.learn(tracing.tracer.recent()),
                Engine::Lost => {}
            }
        }
        let (Engine::Tracing(tracing), None) = (&self.engine, self.record) else {
            return;
        };
        let Some(history) = tracing.tracer.history() else {
            return;
        };
        let mut inflater = Inflater::default();
        if inflater.resume_over(&history, pool).is_ok() {
            self.engine = Engine::Fast(inflater);
        }
    }

    /// Puts back what the sender cut off the end. Returns whether it left it on.
    fn restore(&mut self, pool: &mut EnginePool, output: &mut Output) -> bool {
        // A payload cut as RFC 7692 §7.2.1 says ends in the zero bits of an empty stored
        // block's header, so a last byte of ff means that the marker was left on.
        let kept_marker = self.at_marker();
        // A sender that flushes twice has nothing to put out for an empty message. And where
        // a final block ends the payload, no empty block was cut off that could be put back,
        // though RFC 7692 §7.2.1 wants one there.
        let nothing_cut = match &self.engine {
            Engine::Fast(inflater) => self.fed == 0 || inflater.between_streams(),
            Engine::Lost | Engine::Tracing(_) => true,
        };
        if !kept_marker && !nothing_cut {
            // RFC 7692 §7.2.2: the receiver appends the four bytes before inflating.
            self.inflate(&FLUSH_MARKER, pool, output);
        }
        kept_marker
    }

    /// A message copies from before an empty window, as was agreed. RFC 7692 §7.1.1: a sender
    /// that did not reset copies from its messages before; receivers that did not reset either
    /// never notice.
    fn try_kept_context(&mut self, output: &mut Output) -> bool {
        let Some(shadow) = self.shadow.take() else {
            return false;
        };
        if let Some(attempt) = shadow.attempt() {
            output.rewind(attempt.mark);
            let mut alone = Tracing::new(self.parameters, None);
            let end = alone.whole(self.ordinal, attempt.input, &mut Output::counting());
            let kept = Parameters {
                takeover: Takeover::Keep,
                ..self.parameters
            };
            let mut tracing = Box::new(Tracing::over(kept, &attempt, self.record));
            if too_far(end)
                && !matches!(
                    tracing.whole(self.ordinal, attempt.input, output),
                    End::Fault(_) | End::Cut
                )
            {
                self.engine = Engine::Tracing(tracing);
                self.parameters = kept;
                self.fault = None;
                return true;
            }
            output.rewind(attempt.mark);
        }
        self.shadow = Some(shadow);
        false
    }

    fn inflate(&mut self, bytes: &[u8], pool: &mut EnginePool, output: &mut Output) {
        let Engine::Fast(inflater) = &mut self.engine else {
            return;
        };
        self.fault = match inflater.feed(bytes, pool, output) {
            Ok(()) => None,
            Err(InflateFault::DistanceTooFar) => Some(Fault::DistanceTooFar),
            Err(InflateFault::Invalid(word)) => Some(Fault::Invalid(word)),
        };
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

fn too_far(end: End) -> bool {
    matches!(end, End::Fault(fault) if fault.kind == FaultKind::DistanceTooFar)
}

impl From<trace::Fault> for Fault {
    fn from(fault: trace::Fault) -> Self {
        match fault.kind {
            FaultKind::DistanceTooFar => Self::DistanceTooFar,
            kind => Self::Invalid(kind.word().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
