//! What is wrong on a capture, gathered and folded.
//!
//! Job: gather the findings of all connections with how often each came. Input: events.
//! Output: a [`Report`].
//!
//! Findings about single frames and messages come with the events; [`Operations`] adds those that
//! only time or other connections show.

pub mod causes;
mod choice;
mod operations;
mod report;

pub use causes::{needs_second_look, second_look};
pub use choice::Choice;
pub use operations::{Found, Operations};
pub use report::{Entry, Group, Report};

use std::collections::BTreeSet;

use crate::base::Timestamp;
use crate::event::{Event, EventSink};
use crate::finding::Code;

/// The sink of `wscope check`: one for each worker, merged at the end.
#[derive(Debug, Default)]
pub struct Check {
    report: Report,
    operations: Operations,
    suspects: causes::Suspects,
}

impl Check {
    /// A sink that folds repeats of a finding on one connection, unless `each` is wanted, and
    /// leaves out the codes in `ignored`.
    pub fn new(each: bool, ignored: BTreeSet<Code>) -> Self {
        Self {
            report: Report::new(each, ignored),
            operations: Operations::default(),
            suspects: causes::Suspects::default(),
        }
    }

    /// The same, with the findings that `choice` wants.
    #[must_use]
    pub fn choosing(mut self, choice: Option<Box<dyn Choice>>) -> Self {
        self.report.choices = choice.into_iter().collect();
        self
    }

    /// What all workers' sinks gathered.
    pub fn conclude(sinks: Vec<Self>) -> Report {
        let mut sinks = sinks.into_iter();
        let mut all = sinks.next().unwrap_or_default();
        for sink in sinks {
            all.report.merge(sink.report);
            all.operations.merge(sink.operations);
            all.suspects.merge(sink.suspects);
        }
        let Self {
            mut report,
            operations,
            ..
        } = all;
        operations.finish(&mut |connection, finding| report.add(connection, finding));
        report
    }
}

impl EventSink for Check {
    fn begin(&mut self, start: Timestamp) {
        for choice in &mut self.report.choices {
            choice.begin(start);
        }
    }

    fn event(&mut self, event: Event<'_>) {
        let Self {
            report,
            operations,
            suspects,
        } = self;
        for choice in &mut report.choices {
            choice.event(&event);
        }
        report.suspect(suspects.event(&event));
        operations.event(event, &mut |connection, finding| {
            report.add(connection, finding);
        });
        match event {
            Event::Finding {
                conversing,
                finding,
            } => self.report.add(conversing, finding.clone()),
            Event::Connection(_) => self.report.connections += 1,
            Event::Message(_) => self.report.messages += 1,
            // Of one that is told of the end comes yet.
            Event::Tls(told) if !told.told => self.report.ended(told.conversing),
            Event::Recognised { .. } | Event::Pending(_) | Event::Tls(_) | Event::Transport(_) => {}
            Event::End(end) => self.report.ended(end.conversing),
        }
    }
}
