//! The tracer as an engine of [`Decoder`](super::Decoder), with or without a record.
//!
//! Job: hold a direction's [`Tracer`] and, where somebody looks, the [`Trace`] of its message.
//! Input: a message's bytes and holes. Output: its payload, its [`End`], its trace.

use super::history::History;
use super::output::Output;
use super::parameters::Parameters;
use super::shadow::Attempt;
use super::trace::{End, Trace, Tracer};

/// A tracer and what it records into.
#[derive(Debug, Clone)]
pub(super) struct Tracing {
    pub(super) tracer: Tracer,
    record: Option<Box<Trace>>,
    end: Option<End>,
}

impl Tracing {
    /// Before a direction's first message. At most `limit` values of each message are recorded.
    pub(super) fn new(parameters: Parameters, limit: Option<usize>) -> Self {
        Self::with(Tracer::new(parameters), limit)
    }

    /// Over the last output of a direction of which nothing was lost.
    pub(super) fn inheriting(parameters: Parameters, history: &History, limit: usize) -> Self {
        Self::with(
            Tracer::from_history(parameters, history, false),
            Some(limit),
        )
    }

    /// From the next message on at most `limit` values of each are recorded.
    pub(super) fn record(&mut self, limit: usize) {
        if self.record.is_none() {
            self.record = Some(Box::new(Trace::new(limit)));
            self.end = None;
        }
    }

    /// Over a history that the sender was not to keep.
    pub(super) fn over(
        parameters: Parameters,
        attempt: &Attempt<'_>,
        limit: Option<usize>,
    ) -> Self {
        let tracer = Tracer::from_history(parameters, attempt.history, attempt.lost_before);
        Self::with(tracer, limit)
    }

    fn with(tracer: Tracer, limit: Option<usize>) -> Self {
        Self {
            tracer,
            record: limit.map(|limit| Box::new(Trace::new(limit))),
            end: None,
        }
    }

    pub(super) fn begin(&mut self, ordinal: u64) {
        self.end = None;
        match &mut self.record {
            Some(record) => self.tracer.begin(ordinal, &mut **record),
            None => self.tracer.begin(ordinal, &mut ()),
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8], output: &mut Output) {
        match &mut self.record {
            Some(record) => self.tracer.bytes(bytes, output, &mut **record),
            None => self.tracer.bytes(bytes, output, &mut ()),
        }
    }

    pub(super) fn hole(&mut self, len: u64, output: &mut Output) {
        match &mut self.record {
            Some(record) => self.tracer.hole(len, output, &mut **record),
            None => self.tracer.hole(len, output, &mut ()),
        }
    }

    /// The message is never continued.
    pub(super) fn cut(&mut self, output: &mut Output) -> End {
        match &mut self.record {
            Some(record) => self.tracer.cut(output, &mut **record),
            None => self.tracer.cut(output, &mut ()),
        }
        self.end(output)
    }

    pub(super) fn end(&mut self, output: &mut Output) -> End {
        let end = match &mut self.record {
            Some(record) => self.tracer.end(output, &mut **record),
            None => self.tracer.end(output, &mut ()),
        };
        self.end = Some(end);
        end
    }

    /// A whole message at once.
    pub(super) fn whole(&mut self, ordinal: u64, bytes: &[u8], output: &mut Output) -> End {
        self.begin(ordinal);
        self.bytes(bytes, output);
        self.end(output)
    }

    /// What was recorded of the message that has ended.
    pub(super) fn recorded(&self) -> Option<(&Trace, End)> {
        Some((self.record.as_deref()?, self.end?))
    }
}
