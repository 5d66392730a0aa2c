//! What wscope makes of packets, in the order in which it says it.

use std::collections::HashMap;

use wscope::base::{Conversing, PacketRef, Peer, PerPeer};
use wscope::capture::Packet;
use wscope::deflate::{Agreement, Takeover};
use wscope::event::{Event, EventSink, Upgrade, Wire};
use wscope::finding::Code;
use wscope::pipeline::{Options, Pipeline};
use wscope::session::Detail;
use wscope::ws::{Body, OpCode, unmask};

use super::traffic::Shot;
use crate::wire::{Seen, Told};

/// A direction: the ends of its connection, and who sends.
pub(crate) type Lane = (String, Peer);

/// Something about a direction.
#[derive(Debug)]
pub(crate) enum Heard {
    Message {
        seen: Seen,
        /// The payload as sent, unmasked, where it was asked for.
        sent: Vec<u8>,
    },
    /// Frames may be missing here.
    FramingLost,
    /// What follows stands on a guess.
    Guess,
}

/// How a direction compresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    None,
    Message(Takeover),
    Other,
}

/// All that was said.
#[derive(Default)]
pub(crate) struct Watch {
    told: Told,
    lanes: HashMap<Conversing, (String, PerPeer<Codec>)>,
    /// In the order of the first thing said.
    pub(crate) heard: Vec<(Lane, Heard)>,
    pub(crate) codecs: HashMap<Lane, Codec>,
    /// Directions in which the sender does not keep to what was agreed.
    pub(crate) unruly: Vec<Lane>,
    /// Packets with bytes of frames, and whose.
    pub(crate) carriers: Vec<(u64, Lane)>,
    gathered: HashMap<(Lane, bool), Vec<u8>>,
}

impl Watch {
    /// Has wscope read packets.
    pub(crate) fn of(shots: &[Shot], detail: Detail) -> Self {
        let mut watch = Self::default();
        let mut pipeline = Pipeline::new(Options::new(detail));
        for shot in shots {
            let packet = Packet {
                place: PacketRef::new(0, shot.number),
                time: shot.time,
                link: shot.link,
                data: &shot.data,
                wire_len: shot.wire_len,
            };
            pipeline.packet(&packet, &mut watch);
        }
        pipeline.finish(&mut watch);
        watch
    }

    fn lane(&self, conversing: Conversing, from: Peer) -> Lane {
        (self.lanes[&conversing].0.clone(), from)
    }
}

impl EventSink for Watch {
    fn event(&mut self, event: Event<'_>) {
        self.told.event(event);
        match event {
            Event::Connection(info) => {
                let ends = format!("{} {}", info.flow.client(), info.flow.server());
                let codecs = match info.agreement {
                    Agreement::PermessageDeflate(both) => {
                        PerPeer::from_fn(|from| Codec::Message(both[from].takeover))
                    }
                    Agreement::None => PerPeer::from_fn(|_| Codec::None),
                    _ => PerPeer::from_fn(|_| Codec::Other),
                };
                for (from, codec) in codecs.iter() {
                    self.codecs.insert((ends.clone(), from), *codec);
                    if matches!(info.upgrade, Upgrade::NotCaptured | Upgrade::AnswerMissing) {
                        self.heard.push(((ends.clone(), from), Heard::Guess));
                    }
                }
                self.lanes.insert(info.conversing, (ends, codecs));
            }
            Event::Message(message) => {
                let lane = self.lane(message.conversing, message.from);
                let control = message.opcode.is_control();
                let sent = self.gathered.remove(&(lane.clone(), control));
                let seen = self.told.messages.pop().unwrap();
                self.told.messages.push(Seen {
                    payload: Vec::new(),
                    ..seen.clone()
                });
                let sent = sent.unwrap_or_default();
                self.heard.push((lane, Heard::Message { seen, sent }));
            }
            Event::Finding {
                conversing,
                finding,
            } => {
                let Some(from) = finding.from else { return };
                let lane = self.lane(conversing, from);
                match finding.code {
                    Code::FramingLost => self.heard.push((lane, Heard::FramingLost)),
                    Code::FramingFound => self.heard.push((lane, Heard::Guess)),
                    Code::ContextKept | Code::DeflateInvalid | Code::DistanceTooFar => {
                        self.unruly.push(lane);
                    }
                    _ => {}
                }
            }
            Event::Recognised { .. }
            | Event::Pending(_)
            | Event::Tls(_)
            | Event::Transport(_)
            | Event::End(_) => {}
        }
    }

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        let Wire::Part(part) = wire else { return };
        let lane = self.lane(conversing, from);
        for stamp in [part.first, part.stamp] {
            let carrier = (stamp.packet.number, lane.clone());
            if self.carriers.last() != Some(&carrier) {
                self.carriers.push(carrier);
            }
        }
        let control = part.header.opcode.is_control() && part.header.opcode != OpCode::Continuation;
        let gathered = self.gathered.entry((lane, control)).or_default();
        if let Body::Bytes(bytes) = part.body {
            match part.header.mask {
                Some(key) => unmask(bytes, key, part.offset, gathered),
                None => gathered.extend_from_slice(bytes),
            }
        }
    }
}
