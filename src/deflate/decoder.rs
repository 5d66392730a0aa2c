//! One direction's compressed messages.
//!
//! Job: begin, feed and end each message by the agreed parameters, over a history that need not
//! be known. Input: unmasked payload pieces, holes. Output: the payload into an [`Output`], and an
//! [`Outcome`]. RFC 7692 §7.1.1, §7.2.2.
//!
//! Two engines stand behind it: `flate2` as long as the window is known, the tracer after a loss
//! and for those who look at every bit. Only compressed messages come here: a plain one never
//! enters the history.

use super::again::Again;
use super::inflater::{EnginePool, InflateFault, Inflater};
use super::outcome::{Beyond, EMPTY, Fault, NOT_FLUSHED, NOTHING_BEHIND, Outcome, too_far};
use super::output::Output;
use super::parameters::{Parameters, Takeover, WindowBits};
use super::shadow::Shadow;
use super::trace::{End, Trace, Tracer};
use super::tracing::Tracing;
use super::wrapped::{GZIP, zlib_header};

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

    /// Whether [`resting`](Self::resting) can copy it here.
    pub fn can_rest(&self) -> bool {
        let inflates = self.inside && !self.broken && self.fault.is_none();
        !inflates || self.again.is_some() || !matches!(self.engine, Engine::Fast(_))
    }

    /// A copy, which [`resume`](Self::resume) brings to where this one is.
    #[must_use]
    pub fn resting(&self) -> Self {
        let engine = match &self.engine {
            Engine::Fast(inflater) => {
                let again = self.again.as_ref().map(|again| &again.history);
                let history = again.unwrap_or_else(|| inflater.history());
                Engine::Fast(Inflater::over(history.clone()))
            }
            Engine::Lost => Engine::Lost,
            Engine::Tracing(tracing) => Engine::Tracing(tracing.clone()),
        };
        Self {
            engine,
            shadow: self.shadow.clone(),
            fault: self.fault.clone(),
            ended: 0,
            again: self.again.clone(),
            ..*self
        }
    }

    /// Makes of a copy what it was copied from.
    pub fn resume(&mut self, pool: &mut EnginePool) {
        let Some(again) = self.again.take() else {
            return;
        };
        pool.kept += again.input.len();
        if self.fault.is_none() {
            self.inflate(&again.input, pool, &mut Output::counting());
        }
        self.again = Some(again);
    }

    /// Bytes of memory that a copy takes.
    pub fn held(&self) -> usize {
        let engine = match &self.engine {
            Engine::Fast(inflater) => inflater.history().held(),
            Engine::Lost => 0,
            Engine::Tracing(_) => Tracer::HELD,
        };
        let again = self.again.as_ref().map_or(0, |again| again.held());
        engine + self.shadow.as_ref().map_or(0, Shadow::held) + again
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

    /// Copies of the decoder are wanted inside the message that has just begun.
    pub fn keep_input(&mut self) {
        if let Engine::Fast(inflater) = &self.engine {
            self.again = Some(Box::new(Again::over(inflater.history())));
        }
    }

    fn forget_input(&mut self, pool: &mut EnginePool) {
        if let Some(again) = self.again.take() {
            pool.kept -= again.input.len();
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

    /// The message ends.
    pub fn end(&mut self, pool: &mut EnginePool, output: &mut Output) -> Outcome {
        let mut outcome = match &self.engine {
            Engine::Tracing(_) => self.end_tracing(output),
            _ if self.broken => Outcome {
                cut: true,
                ..Outcome::GOOD
            },
            _ => self.end_fast(pool, output),
        };
        if self.fault.is_some()
            && !outcome.cut
            && let Some(bit) = self.try_kept_context(output)
        {
            outcome.kept_context = true;
            outcome.bit = Some(bit);
        }
        outcome.fault = self.fault.take().map(|fault| self.better(fault));
        outcome.cut &= outcome.fault.is_none();
        if outcome.fault.is_some() {
            outcome.misses_flush = None;
            // What the sender's window holds now is unknown.
            self.lose(pool);
        } else if !outcome.cut {
            self.settle();
        }
        self.broken = false;
        self.inside = false;
        self.forget_input(pool);
        outcome
    }

    fn end_tracing(&mut self, output: &mut Output) -> Outcome {
        let Engine::Tracing(tracing) = &mut self.engine else {
            return Outcome::GOOD;
        };
        let end = tracing.end(output);
        let final_block = tracing.tracer.saw_final();
        let mut bit = None;
        if let End::Fault(fault) = end {
            self.fault = Some(fault.into());
            bit = Some(fault.bits.start);
        }
        let why = match (self.fed, final_block) {
            (0, _) => EMPTY,
            (_, true) => NOTHING_BEHIND,
            (_, false) => NOT_FLUSHED,
        };
        Outcome {
            cut: end == End::Cut,
            kept_marker: end == End::MarkerKept,
            bit,
            misses_flush: (end == End::Unmarked).then_some(why),
            final_block,
            ..Outcome::GOOD
        }
    }

    fn end_fast(&mut self, pool: &mut EnginePool, output: &mut Output) -> Outcome {
        let mut outcome = Outcome::GOOD;
        if self.fault.is_none() {
            (outcome.kept_marker, outcome.misses_flush) = self.restore(pool, output);
        }
        if let Engine::Fast(inflater) = &self.engine {
            outcome.final_block = inflater.ended() > self.ended;
        }
        outcome
    }

    /// The fault that explains `fault`.
    fn better(&self, fault: Fault) -> Fault {
        match fault {
            Fault::DistanceTooFar | Fault::Wrapped(_) => fault,
            _ if self.fed < 2 => fault,
            _ if self.head == GZIP => Fault::Wrapped("gzip"),
            _ if zlib_header(&self.head).is_some() => Fault::Wrapped("zlib"),
            _ => fault,
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

    /// Puts back what the sender cut off the end. Returns whether it left it on, and what else is
    /// wrong with the end.
    fn restore(
        &mut self,
        pool: &mut EnginePool,
        output: &mut Output,
    ) -> (bool, Option<&'static str>) {
        let Engine::Fast(inflater) = &self.engine else {
            return (false, None);
        };
        // A payload cut as RFC 7692 §7.2.1 says ends in the zero bits of an empty stored
        // block's header, so a last byte of ff means that the marker was left on.
        if self.at_marker() {
            return (true, None);
        }
        // A sender that flushes twice has nothing to put out for an empty message. And where
        // a final block ends the payload, no empty block was cut off that could be put back,
        // though RFC 7692 §7.2.1 wants one there.
        if self.fed == 0 {
            return (false, Some(EMPTY));
        }
        if inflater.between_streams() {
            return (false, Some(NOTHING_BEHIND));
        }
        // RFC 7692 §7.2.2: the receiver appends the four bytes before inflating.
        self.inflate(&FLUSH_MARKER, pool, output);
        if let Some(Fault::Invalid(_)) = self.fault {
            self.fault = Some(Fault::Unfinished);
        }
        // The three bits of that header are zeros, and so is the padding behind them.
        let [.., last] = self.tail;
        (false, (last >= 0x20).then_some(NOT_FLUSHED))
    }

    /// A message copies from before an empty window, as was agreed. RFC 7692 §7.1.1: a sender
    /// that did not reset copies from its messages before; receivers that did not reset either
    /// never notice.
    /// Returns the first bit that does, where the kept context explains the message.
    fn try_kept_context(&mut self, output: &mut Output) -> Option<u64> {
        let shadow = self.shadow.take()?;
        if let Some(attempt) = shadow.attempt() {
            output.rewind(attempt.mark);
            let mut alone = Tracing::new(self.parameters, None);
            let end = alone.whole(self.ordinal, attempt.input, &mut Output::counting());
            let kept = Parameters {
                takeover: Takeover::Keep,
                ..self.parameters
            };
            let mut tracing = Box::new(Tracing::over(kept, &attempt, self.record));
            if let Some(bit) = too_far(end)
                && !matches!(
                    tracing.whole(self.ordinal, attempt.input, output),
                    End::Fault(_) | End::Cut
                )
            {
                self.engine = Engine::Tracing(tracing);
                self.parameters = kept;
                self.fault = None;
                return Some(bit);
            }
            output.rewind(attempt.mark);
        }
        self.shadow = Some(shadow);
        None
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
