//! A [`Tracer`] with or without a record.
//!
//! Job: hold a direction's [`Tracer`] and, where somebody looks, the [`Trace`] of its message.
//! Input: a message's bytes and holes. Output: its payload, its [`End`], its trace.

use super::output::Output;
use super::parameters::Parameters;
use super::trace::{End, Fault, FaultKind, Trace, Tracer};

/// A tracer and what it records into.
#[derive(Debug, Clone)]
pub(super) struct Tracing {
    pub(super) tracer: Tracer,
    record: Option<Box<Trace>>,
    end: Option<End>,
}

impl Tracing {
    /// Before a direction's first message.
    pub(super) fn new(parameters: Parameters) -> Self {
        Self {
            tracer: Tracer::new(parameters),
            record: None,
            end: None,
        }
    }

    /// From the next message on at most `limit` values of each are recorded.
    pub(super) fn record(&mut self, limit: usize) {
        if self.record.is_none() {
            self.record = Some(Box::new(Trace::new(limit)));
            self.end = None;
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
        let mut end = match &mut self.record {
            Some(record) => self.tracer.end(output, &mut **record),
            None => self.tracer.end(output, &mut ()),
        };
        if let (End::Fault(_) | End::Cut, Some(kept)) = (end, self.tracer.kept()) {
            // What the sender would have kept does not explain the message, so it is as it was
            // agreed: the copy from before it is wrong.
            output.rewind(kept.mark);
            if let Some(record) = &mut self.record {
                record.cut_at(kept.bits.start);
            }
            end = End::Fault(Fault {
                kind: FaultKind::DistanceTooFar,
                bits: kept.bits,
            });
        }
        self.end = Some(end);
        end
    }

    /// What was recorded of the message that has ended.
    pub(super) fn recorded(&self) -> Option<(&Trace, End)> {
        Some((self.record.as_deref()?, self.end?))
    }
}
