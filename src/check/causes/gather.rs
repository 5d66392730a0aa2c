//! The directions behind findings.
//!
//! Job: run connections with symptoms again, keep what each side sent, have it explained, and fold
//! the symptoms under the cause. Input: a [`Report`], and the inputs to read again. Output: the same
//! report, with causes.

use std::sync::atomic::AtomicBool;

use super::cause::Cause;
use super::explain::causes;
use super::sent::{Direction, Sent};
use crate::base::{Conversing, Peer, PerPeer, Stamp};
use crate::check::report::{LOOKS, Report};
use crate::deflate::Agreement;
use crate::event::{Event, EventSink, Message, Reason, Status, Wire};
use crate::finding::{Code, Finding};
use crate::pipeline::Options;
use crate::replay::{Inputs, Until, replay};
use crate::session::Detail;
use crate::ws::{Body, FramePart, OpCode, unmask};

/// Payload bytes of one direction that are kept.
const KEPT: usize = 16 << 20;

/// Messages of one direction that are kept.
const MESSAGES: usize = 50_000;

/// Findings that may be symptoms.
const SYMPTOMS: &[Code] = &[
    Code::DeflateInvalid,
    Code::ZlibHeader,
    Code::DistanceTooFar,
    Code::DistanceBeyondWindow,
    Code::ContextKept,
    Code::FlushMissing,
    Code::TextNotUtf8,
];

/// Looks for the causes of what `report` holds against compressed payloads.
pub(in crate::check) fn look(report: &mut Report, inputs: &Inputs, options: &Options) {
    for connection in report.with_symptoms(SYMPTOMS, LOOKS) {
        let mut options = Options {
            detail: Detail::Wire,
            only: connection.into(),
            ..options.clone()
        };
        // The bits are not looked at.
        options.limits.trace_values = 0;
        let mut sink = Gather::default();
        if replay(inputs, options, &mut sink, &AtomicBool::new(false)).is_err() {
            continue;
        }
        for cause in sink.causes() {
            tell(report, connection, cause);
        }
    }
}

fn tell(report: &mut Report, connection: Conversing, cause: Cause) {
    let finding = Finding {
        code: cause.code,
        from: Some(cause.from),
        message: Some(cause.message),
        at: cause.at,
        bit: None,
        text: cause.text,
    };
    // A cause that is not known explains nothing.
    let symptoms = if cause.code == Code::CauseNotFound {
        &[]
    } else {
        SYMPTOMS
    };
    report.explain(connection, symptoms, cause.since, finding);
}

/// Keeps what both sides of a connection sent.
#[derive(Debug, Default)]
struct Gather {
    both: PerPeer<Direction>,
    /// Frames of the data message in progress.
    frames: PerPeer<Vec<Vec<u8>>>,
    kept: PerPeer<usize>,
    /// Bytes are missing since the last message.
    lost: PerPeer<bool>,
    deflate: bool,
}

impl Gather {
    fn causes(&self) -> Vec<Cause> {
        if self.deflate {
            causes(&self.both)
        } else {
            Vec::new()
        }
    }

    fn part(&mut self, from: Peer, part: &FramePart<'_>) {
        if part.header.opcode.is_control() || self.both[from].cut {
            return;
        }
        let frames = &mut self.frames[from];
        if part.begins || frames.is_empty() {
            frames.push(Vec::new());
        }
        match (part.body, frames.last_mut()) {
            (Body::Bytes(bytes), Some(frame)) => {
                self.kept[from] += bytes.len();
                match part.header.mask {
                    Some(key) => unmask(bytes, key, part.offset, frame),
                    None => frame.extend_from_slice(bytes),
                }
            }
            _ => self.lost[from] = true,
        }
        self.both[from].cut |= self.kept[from] > KEPT;
    }

    fn message(&mut self, message: &Message<'_>) {
        let from = message.from;
        let frames = std::mem::take(&mut self.frames[from]);
        let direction = &mut self.both[from];
        direction.cut |= direction.messages.len() >= MESSAGES;
        if direction.cut {
            return;
        }
        let unfinished = match message.status {
            Status::Complete => false,
            Status::Partial(reason) | Status::Lost(reason) => !matches!(
                reason,
                Reason::HistoryLost | Reason::InflateError | Reason::ExtensionUnknown
            ),
        };
        direction.messages.push(Sent {
            number: message.number,
            is_text: message.opcode == OpCode::Text,
            compressed: message.compressed,
            frames,
            at: if message.first == Stamp::START.packet {
                message.last
            } else {
                message.began()
            },
            lost: std::mem::take(&mut self.lost[from]) || unfinished,
        });
        // What went on in a message that never ended is not known.
        self.lost[from] = unfinished;
    }
}

impl EventSink for Gather {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => {
                if let Agreement::PermessageDeflate(both) = info.agreement {
                    self.deflate = true;
                    for from in Peer::BOTH {
                        self.both[from].parameters = both[from];
                        // What is inferred may be wrong, and what was sent before is missing.
                        self.lost[from] |= info.inferred;
                    }
                }
            }
            Event::Message(message) if !message.opcode.is_control() => self.message(message),
            Event::Finding { finding, .. } => {
                let framing = matches!(
                    finding.code,
                    Code::FramingLost | Code::FramingFound | Code::LengthTopBit
                );
                if let Some(from) = finding.from.filter(|_| framing) {
                    self.lost[from] = true;
                }
            }
            Event::Message(_)
            | Event::Recognised { .. }
            | Event::Pending(_)
            | Event::Tls(_)
            | Event::Transport(_)
            | Event::End(_) => {}
        }
    }

    fn wire(&mut self, _: Conversing, from: Peer, wire: Wire<'_>) {
        if let Wire::Part(part) = wire {
            self.part(from, part);
        }
    }
}

impl Until for Gather {
    fn done(&self) -> bool {
        Peer::BOTH.iter().all(|from| self.both[*from].cut)
    }
}
