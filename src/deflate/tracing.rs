//! A [`Tracer`] and what is recorded.
//!
//! Job: hold a direction's [`Tracer`] and, where somebody looks, the [`Trace`] of its message or the
//! count of its symbols. Input: a message's bytes and holes. Output: its payload, its [`End`], its
//! trace or [`Symbols`].

use super::output::Output;
use super::parameters::Parameters;
use super::symbols::Symbols;
use super::trace::{Counter, End, Fault, FaultKind, Trace, Tracer};

/// What is recorded of each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Nothing.
    Nothing,
    /// How many symbols of which kind it has.
    Counts,
    /// Every bit; so many values at the most.
    Bits(usize),
}

/// A tracer and what it records into.
#[derive(Debug, Clone)]
pub(super) struct Tracing {
    pub(super) tracer: Tracer,
    recording: Recording,
    end: Option<End>,
}

#[derive(Debug, Clone)]
enum Recording {
    Nothing,
    Counts(Box<Counter>),
    Bits(Box<Trace>),
}

/// Does the same whatever is recorded.
macro_rules! recording {
    ($tracing:ident, |$tracer:ident, $record:ident| $work:expr) => {{
        let $tracer = &mut $tracing.tracer;
        match &mut $tracing.recording {
            Recording::Nothing => {
                let $record = &mut ();
                $work
            }
            Recording::Counts(counter) => {
                let $record = &mut **counter;
                $work
            }
            Recording::Bits(trace) => {
                let $record = &mut **trace;
                $work
            }
        }
    }};
}

impl Tracing {
    /// Before a direction's first message.
    pub(super) fn new(parameters: Parameters) -> Self {
        Self {
            tracer: Tracer::new(parameters),
            recording: Recording::Nothing,
            end: None,
        }
    }

    /// From the next message on this is recorded of each.
    pub(super) fn record(&mut self, record: Record) {
        self.recording = match (record, &self.recording) {
            (Record::Nothing, Recording::Nothing)
            | (Record::Counts, Recording::Counts(_))
            | (Record::Bits(_), Recording::Bits(_)) => return,
            (Record::Nothing, _) => Recording::Nothing,
            (Record::Counts, _) => Recording::Counts(Box::default()),
            (Record::Bits(limit), _) => Recording::Bits(Box::new(Trace::new(limit))),
        };
        self.end = None;
    }

    pub(super) fn begin(&mut self, ordinal: u64) {
        self.end = None;
        recording!(self, |tracer, record| tracer.begin(ordinal, record));
    }

    pub(super) fn bytes(&mut self, bytes: &[u8], output: &mut Output) {
        recording!(self, |tracer, record| tracer.bytes(bytes, output, record));
    }

    pub(super) fn hole(&mut self, len: u64, output: &mut Output) {
        recording!(self, |tracer, record| tracer.hole(len, output, record));
    }

    /// The message is never continued.
    pub(super) fn cut(&mut self, output: &mut Output) -> End {
        recording!(self, |tracer, record| tracer.cut(output, record));
        self.end(output)
    }

    pub(super) fn end(&mut self, output: &mut Output) -> End {
        let mut end = recording!(self, |tracer, record| tracer.end(output, record));
        if let (End::Fault(_) | End::Cut, Some(kept)) = (end, self.tracer.kept()) {
            // What the sender would have kept does not explain the message, so it is as it was
            // agreed: the copy from before it is wrong.
            output.rewind(kept.mark);
            match &mut self.recording {
                Recording::Nothing => {}
                Recording::Counts(counter) => counter.cut_at(kept.bits.start),
                Recording::Bits(trace) => trace.cut_at(kept.bits.start),
            }
            end = End::Fault(Fault {
                kind: FaultKind::DistanceTooFar,
                bits: kept.bits,
            });
        }
        if let Recording::Counts(counter) = &mut self.recording {
            counter.conclude(output.is_known());
        }
        self.end = Some(end);
        end
    }

    /// What was recorded of the message that has ended.
    pub(super) fn recorded(&self) -> Option<(&Trace, End)> {
        match &self.recording {
            Recording::Bits(trace) => Some((trace, self.end?)),
            Recording::Nothing | Recording::Counts(_) => None,
        }
    }

    /// The symbols of the message that has ended.
    pub(super) fn counted(&self) -> Option<(&Symbols, End)> {
        match &self.recording {
            Recording::Counts(counter) => Some((counter.symbols(), self.end?)),
            Recording::Nothing | Recording::Bits(_) => None,
        }
    }
}
