//! How a compressed message ends.
//!
//! Job: put back what its sender cut off, say what is wrong with it, and try what explains that.
//! Input: a [`Decoder`] after a message's last byte. Output: an [`Outcome`].
//! RFC 7692 §7.1.1, §7.2.1, §7.2.2.

use super::{Decoder, Engine, FLUSH_MARKER};
use crate::deflate::inflater::EnginePool;
use crate::deflate::outcome::{EMPTY, Fault, NOT_FLUSHED, NOTHING_BEHIND, Outcome, too_far};
use crate::deflate::output::Output;
use crate::deflate::parameters::{Parameters, Takeover};
use crate::deflate::trace::End;
use crate::deflate::tracing::Tracing;
use crate::deflate::wrapped::{GZIP, zlib_header};

impl Decoder {
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
}
