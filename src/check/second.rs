//! A second look at connections whose compression is at fault.
//!
//! Job: find the bits that the first run did not look at. Input: a [`Report`], and the inputs to read
//! again. Output: the same report, with more places.
//!
//! The first run notes no bits but those of faults. Connections with a finding about compressed
//! payloads that lacks its bit are run again, one by one, with every bit looked at: the first
//! [`LOOKS`] of them, since each look reads the inputs anew.

use std::sync::atomic::AtomicBool;

use super::causes;
use super::report::{LOOKS, Report};
use crate::event::{Event, EventSink};
use crate::finding::{Code, Finding};
use crate::pipeline::Options;
use crate::replay::{Inputs, Until, replay};
use crate::session::Detail;

/// Findings that stand at a bit of a compressed payload.
pub(super) const AT_A_BIT: &[Code] = &[
    Code::DeflateInvalid,
    Code::ZlibHeader,
    Code::DistanceTooFar,
    Code::DistanceBeyondWindow,
    Code::ContextKept,
    Code::FlushMissing,
];

/// Looks again at what `report` holds against compressed payloads.
///
/// Inputs that cannot be read again change nothing: the first run told of them.
pub fn second_look(report: &mut Report, inputs: &Inputs, options: &Options) {
    for (connection, messages) in report.without_bits(AT_A_BIT, LOOKS) {
        let options = Options {
            detail: Detail::Wire,
            only: connection.into(),
            ..options.clone()
        };
        let mut sink = Bits {
            found: Vec::new(),
            last: messages,
            done: false,
        };
        if replay(inputs, options, &mut sink, &AtomicBool::new(false)).is_ok() {
            report.give_bits(connection, &sink.found);
        }
    }
    causes::look(report, inputs, options);
}

/// The findings of one connection that have a bit.
struct Bits {
    found: Vec<Finding>,
    /// The last message with a finding that lacks its bit.
    last: u64,
    done: bool,
}

impl EventSink for Bits {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Finding { finding, .. } if finding.bit.is_some() => {
                self.found.push(finding.clone());
            }
            Event::Message(message) => self.done |= message.number > self.last,
            _ => {}
        }
    }
}

impl Until for Bits {
    fn done(&self) -> bool {
        self.done
    }
}
