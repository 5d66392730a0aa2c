//! One direction's compressed messages.
//!
//! Job: begin, feed and end each message by the agreed parameters, over a history that need not
//! be known. Input: unmasked payload pieces, holes. Output: the payload into an [`Output`], and an
//! [`Outcome`]. RFC 7692 §7.1.1, §7.2.2.
//!
//! Two engines stand behind it: `flate2` as long as the window is known, the tracer after a loss
//! and for those who look at every bit. Only compressed messages come here: a plain one never
//! enters the history.

mod copy;
mod ends;

use super::again::Again;
use super::inflater::{EnginePool, InflateFault, Inflater};
use super::outcome::{Beyond, Fault};
use super::output::Output;
use super::parameters::{Parameters, Takeover, WindowBits};
use super::shadow::Shadow;
use super::trace::{End, Trace};
use super::tracing::Tracing;

/// What RFC 7692 §7.2.1 has the sender cut off and the receiver put back.
const FLUSH_MARKER: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

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
    /// Distances are held against the agreed window, which only the tracer can.
    watch: bool,
    /// Compressed payloads begun.
    ordinal: u64,
    fault: Option<Fault>,
    /// Input bytes are missing, so the rest of the message means nothing.
    broken: bool,
    head: [u8; 2],
    tail: [u8; 4],
    fed: u64,
    /// Final blocks before the message.
    ended: u64,
    /// A message is in progress.
    inside: bool,
    /// Where copies are wanted inside of it, and for `flate2`.
    again: Option<Box<Again>>,
}

impl Decoder {
    /// A decoder that stands before the direction's first message.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            engine: Engine::Fast(Inflater::default()),
            shadow: (parameters.takeover == Takeover::Reset).then(Shadow::default),
            record: None,
            watch: false,
            ordinal: 0,
            fault: None,
            broken: false,
            head: [0; 2],
            tail: [0; 4],
            fed: 0,
            ended: 0,
            inside: false,
            again: None,
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

    /// From the next message on every bit is recorded; at most `limit` values of each message.
    pub fn record(&mut self, limit: usize) {
        self.record = Some(limit);
    }

    /// The message that begins is recorded.
    fn look(&mut self, limit: usize) {
        match &mut self.engine {
            Engine::Fast(inflater) => {
                let history = inflater.history();
                let tracing = Tracing::inheriting(self.parameters, history, limit);
                self.engine = Engine::Tracing(Box::new(tracing));
            }
            Engine::Lost => {}
            Engine::Tracing(tracing) => tracing.record(limit),
        }
    }

    /// The same, holding every distance against the agreed window.
    pub fn watching(parameters: Parameters) -> Self {
        // No copy reaches beyond the largest window.
        if parameters.window_bits == WindowBits::MAX {
            return Self::new(parameters);
        }
        Self {
            engine: Engine::Tracing(Box::new(Tracing::new(parameters, None))),
            watch: true,
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
        if let Some(limit) = self.record {
            self.look(limit);
        }
        self.forget_input(pool);
        self.inside = true;
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
                self.ended = inflater.ended();
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
        if self.fed < 2 {
            self.remember_head(bytes);
        }
        self.fed += bytes.len() as u64;
        self.remember_tail(bytes);
        if let Some(shadow) = &mut self.shadow {
            shadow.note(bytes, output.mark());
        }
        match &mut self.engine {
            Engine::Tracing(tracing) => tracing.bytes(bytes, output),
            _ if self.fault.is_none() => {
                let again = &mut self.again;
                if again.as_mut().is_some_and(|again| !again.note(bytes, pool)) {
                    self.forget_input(pool);
                }
                self.inflate(bytes, pool, output);
            }
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
        self.inside = false;
        self.fault.take()
    }

    /// Messages are missing, nobody knows how many.
    pub fn lose(&mut self, pool: &mut EnginePool) {
        self.forget_input(pool);
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

    /// The copy from beyond the agreed window in the message that has ended, where distances are
    /// watched or bits recorded.
    pub fn beyond(&self) -> Option<Beyond> {
        match &self.engine {
            Engine::Tracing(tracing) if self.watch || self.record.is_some() => Some(Beyond {
                bit: tracing.tracer.beyond()?,
                distance: tracing.tracer.farthest().into(),
                window: self.parameters.window_bits.bytes(),
            }),
            _ => None,
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
    fn settle(&mut self) {
        if let Some(shadow) = &mut self.shadow {
            match &self.engine {
                Engine::Fast(inflater) => shadow.learn(&inflater.history().to_vec()),
                Engine::Tracing(tracing) => shadow.learn(tracing.tracer.recent()),
                Engine::Lost => {}
            }
        }
        let (Engine::Tracing(tracing), None, false) = (&self.engine, self.record, self.watch)
        else {
            return;
        };
        let Some(history) = tracing.tracer.history() else {
            return;
        };
        self.engine = Engine::Fast(Inflater::over(history));
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

    fn remember_head(&mut self, bytes: &[u8]) {
        let place = self.head.iter_mut().skip(usize::from(self.fed == 1));
        for (place, byte) in place.zip(bytes) {
            *place = *byte;
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
