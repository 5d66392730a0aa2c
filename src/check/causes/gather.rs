//! The directions behind findings.
//!
//! Job: run connections with symptoms again, keep what each side sent, have it explained, and fold
//! the symptoms under the cause. Input: a [`Report`], and the inputs to read again. Output: the same
//! report, with causes.
//!
//! One run serves them all, as long as there is room for what they send: a connection for which there
//! is none waits for the next run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use super::cause::Cause;
use super::explain::causes;
use super::sent::{Direction, Sent};
use crate::base::{Conversing, Only, Peer, PerPeer, Stamp};
use crate::check::report::{LOOKS, Report};
use crate::deflate::Agreement;
use crate::error::Error;
use crate::event::{ConnectionInfo, Event, EventSink, Message, Reason, Status, Wire};
use crate::finding::{Code, Finding};
use crate::pipeline::Options;
use crate::replay::{Inputs, Until, replay};
use crate::session::Detail;
use crate::ws::{Body, FramePart, OpCode, unmask};

/// Payload bytes of one direction that are kept.
const KEPT: usize = 16 << 20;

/// Bytes that are kept of all connections at a time: more than one of them can take.
const ROOM: usize = 64 << 20;

/// Bytes that a message or a frame takes beside its payload.
const EACH: usize = 64;

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

/// Whether anything is left to a second look.
pub fn needs_second_look(report: &Report) -> bool {
    !report.with_symptoms(SYMPTOMS, LOOKS).is_empty()
}

/// Looks for the causes of what `report` holds against compressed payloads, in the first `LOOKS`
/// connections concerned.
///
/// An input that cannot be read again is an error, unless everything was found before it.
pub fn second_look(report: &mut Report, inputs: &Inputs, options: &Options) -> Result<(), Error> {
    let wanted = report.with_symptoms(SYMPTOMS, LOOKS);
    let mut found = BTreeMap::new();
    let looked = look_at(wanted, ROOM, (inputs, options), &mut found);
    for (connection, causes) in found {
        for cause in causes {
            tell(report, connection, cause);
        }
    }
    looked
}

/// Adds what is found on each of these connections, of which at most `room` bytes are kept at a time.
fn look_at(
    mut wanted: BTreeSet<Conversing>,
    room: usize,
    (inputs, options): (&Inputs, &Options),
    found: &mut BTreeMap<Conversing, Vec<Cause>>,
) -> Result<(), Error> {
    while !wanted.is_empty() {
        let mut options = Options {
            detail: Detail::Wire,
            only: wanted.iter().copied().collect::<Only>(),
            ..options.clone()
        };
        // The bits are not looked at.
        options.limits.trace_values = 0;
        let mut look = Look {
            open: wanted
                .into_iter()
                .map(|id| (id, Gather::default()))
                .collect(),
            room,
            ..Look::default()
        };
        replay(inputs, options, &mut look, &AtomicBool::new(false))?;
        look.conclude_all();
        found.append(&mut look.found);
        wanted = look.later;
    }
    Ok(())
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

/// A run over connections.
#[derive(Debug, Default)]
struct Look {
    /// Those that have not ended.
    open: BTreeMap<Conversing, Gather>,
    found: BTreeMap<Conversing, Vec<Cause>>,
    /// Those for which there was no room.
    later: BTreeSet<Conversing>,
    kept: usize,
    room: usize,
}

impl Look {
    /// Has a connection take something, if it is still looked at.
    fn take(&mut self, id: Conversing, take: impl FnOnce(&mut Gather)) {
        let Some(gather) = self.open.get_mut(&id) else {
            return;
        };
        let before = gather.held();
        take(gather);
        self.kept = self.kept + gather.held() - before;
        if gather.is_full() {
            self.conclude(id);
        }
        while self.kept > self.room
            && self.open.len() > 1
            && let Some((last, gather)) = self.open.pop_last()
        {
            self.kept -= gather.held();
            self.later.insert(last);
        }
    }

    /// Nothing more comes of a connection.
    fn conclude(&mut self, id: Conversing) {
        if let Some(gather) = self.open.remove(&id) {
            self.kept -= gather.held();
            self.found.insert(id, gather.causes());
        }
    }

    fn conclude_all(&mut self) {
        while let Some((id, gather)) = self.open.pop_first() {
            self.found.insert(id, gather.causes());
        }
    }
}

impl EventSink for Look {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Connection(info) => self.take(info.conversing, |gather| gather.agreed(info)),
            Event::Message(message) if !message.opcode.is_control() => {
                self.take(message.conversing, |gather| gather.message(message));
            }
            Event::Finding {
                conversing,
                finding,
            } => self.take(conversing, |gather| gather.finding(finding)),
            Event::End(end) => self.conclude(end.conversing),
            Event::Message(_)
            | Event::Recognised { .. }
            | Event::Pending(_)
            | Event::Tls(_)
            | Event::Transport(_) => {}
        }
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        if let Wire::Part(part) = wire {
            self.take(conversing, |gather| gather.part(from, part));
        }
    }
}

impl Until for Look {
    fn done(&self) -> bool {
        self.open.is_empty()
    }
}

/// Keeps what both sides of a connection sent.
#[derive(Debug, Default)]
struct Gather {
    both: PerPeer<Direction>,
    /// Frames of the data message in progress.
    frames: PerPeer<Vec<Vec<u8>>>,
    /// Bytes of payload.
    kept: PerPeer<usize>,
    /// Frames.
    parts: PerPeer<usize>,
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

    /// Bytes that it takes.
    fn held(&self) -> usize {
        self.both.iter().fold(0, |sum, (from, direction)| {
            let things = direction.messages.len() + self.parts[from];
            sum + self.kept[from] + things * EACH
        })
    }

    /// Whether no more is kept of either side.
    fn is_full(&self) -> bool {
        Peer::BOTH.iter().all(|from| self.both[*from].cut)
    }

    fn agreed(&mut self, info: &ConnectionInfo) {
        let Agreement::PermessageDeflate(both) = info.agreement else {
            return;
        };
        self.deflate = true;
        for from in Peer::BOTH {
            self.both[from].parameters = both[from];
            // What is inferred may be wrong, and what was sent before is missing.
            self.lost[from] |= info.inferred;
        }
    }

    fn finding(&mut self, finding: &Finding) {
        let framing = matches!(
            finding.code,
            Code::FramingLost | Code::FramingFound | Code::LengthTopBit
        );
        if let Some(from) = finding.from.filter(|_| framing) {
            self.lost[from] = true;
        }
    }

    fn part(&mut self, from: Peer, part: &FramePart<'_>) {
        if part.header.opcode.is_control() || self.both[from].cut {
            return;
        }
        let frames = &mut self.frames[from];
        if part.begins || frames.is_empty() {
            frames.push(Vec::new());
            self.parts[from] += 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Input;

    #[test]
    fn what_cannot_be_read_a_second_time_is_an_error() {
        let inputs = Inputs {
            files: vec![Input::from("no-such-file.pcap")],
            filter: None,
        };
        let mut found = BTreeMap::new();
        let options = Options::new(Detail::Rules);
        let wanted = BTreeSet::from([Conversing::from(1)]);
        let said = look_at(wanted, ROOM, (&inputs, &options), &mut found).unwrap_err();
        assert!(said.to_string().contains("cannot be opened"), "{said}");
    }

    /// Whatever room there is, what is found is the same.
    #[test]
    fn a_connection_without_room_waits_for_the_next_run() {
        let captures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/faulty");
        let names = ["ws-per-frame.pcap", "ws-thrown-away.pcap", "ws-zlib.pcap"];
        let inputs = Inputs {
            files: names
                .iter()
                .map(|name| Input::from(captures.join(name)))
                .collect(),
            filter: None,
        };
        let look = |room| {
            let wanted = (1..=3).map(Conversing::from).collect();
            let mut found = BTreeMap::new();
            let options = Options::new(Detail::Rules);
            look_at(wanted, room, (&inputs, &options), &mut found).unwrap();
            let codes = |causes: &Vec<Cause>| causes.iter().map(|one| one.code).collect();
            let each = found.iter().map(|(id, causes)| (*id, codes(causes)));
            each.collect::<Vec<(Conversing, Vec<Code>)>>()
        };
        let all = look(ROOM);
        assert!(all.len() == 3 && all.iter().all(|(_, codes)| !codes.is_empty()));
        assert_eq!(look(1), all);
        assert_eq!(look(2000), all);
    }
}
