//! Copies of a decoder, for whoever begins again later.
//!
//! Job: copy a [`Decoder`] between two messages or inside one. Input: a decoder. Output: another
//! that puts out the same.
//!
//! The tracer's state is copied. `flate2`'s cannot be: [`Again`] leads to where it is.

use super::{Decoder, Engine};
use crate::deflate::again::Again;
use crate::deflate::inflater::{EnginePool, Inflater};
use crate::deflate::output::Output;
use crate::deflate::shadow::Shadow;
use crate::deflate::trace::Tracer;

impl Decoder {
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

    /// Copies of the decoder are wanted inside the message that has just begun.
    pub fn keep_input(&mut self) {
        if let Engine::Fast(inflater) = &self.engine {
            self.again = Some(Box::new(Again::over(inflater.history())));
        }
    }

    pub(super) fn forget_input(&mut self, pool: &mut EnginePool) {
        if let Some(again) = self.again.take() {
            pool.kept -= again.input.len();
        }
    }
}
