//! The streams of an HTTP/2 connection, each with a conversation.
//!
//! Job: put HTTP/2 between what a connection delivers and the conversations on it. Input: deliveries.
//! Output: openings and deliveries to conversations, and the ends of streams. RFC 8441.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::by_stream::ByStream;
use super::context::{Desk, Detail, Tools};
use crate::base::{Conversing, Peer, PerPeer, Stamp};
use crate::event::{ConnectionEnd, Event, Reason, StreamEnd, Wire};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::http2::frame::GoAway;
use crate::http2::{DataFrame, Ended, How, Opened, Out, Stall, Streams};
use crate::stream::{Delivery, Missing, Stamps};
use crate::tcp::Ending;

/// What ends later than that after a GOAWAY ended for another reason.
const SOON_NANOS: i64 = 5_000_000_000;

/// Findings on the connection that wait for its first WebSocket.
const WAITING: usize = 16;

/// What can be on a stream.
pub(super) trait OnStream: Sized {
    /// What it can turn out to be, the best first.
    type Seen: Copy + Ord + Debug;

    /// A conversation like this one, on a stream that begins with `began`.
    fn on_stream(&self, id: Conversing, began: Stamp) -> Self;
    /// What became of the CONNECT; comes before the first delivery.
    fn opened(&mut self, opened: Opened, desk: &mut Desk<'_>);
    /// Takes what is delivered. Where nothing opened the stream, nobody knows what it carries.
    fn delivery(&mut self, from: Peer, delivery: Delivery<'_>, at: Stamps, desk: &mut Desk<'_>);
    /// A sender was not allowed to send for a time.
    fn held_back(&mut self, stall: &Stall, desk: &mut Desk<'_>);
    /// Tells a finding, where the conversation is reported.
    fn noted(&mut self, note: Observation, at: Stamp, desk: &mut Desk<'_>);
    /// The stream ends, or its connection or the capture does.
    fn finish(&mut self, reason: Reason, last: Stamp, desk: &mut Desk<'_>);
    /// Whether an event told of it.
    fn is_told(&self) -> bool;
    /// What it turned out to be.
    fn seen(&self) -> Self::Seen;
    /// Whether a close frame was sent.
    fn is_closing(&self) -> bool;
    /// Bytes of memory that a copy takes.
    fn held(&self) -> usize;
    /// A copy, where one can be made; `None` where it cannot.
    fn resting(&self) -> Option<Self>;
    /// Makes a copy whole.
    fn resume(&mut self, tools: &mut Tools);
}

/// HTTP/2, and what its streams carry.
#[derive(Debug)]
pub(super) struct UnderHttp2<C: OnStream> {
    streams: Streams,
    carried: Carried<C>,
}

/// What streams carry.
#[derive(Debug)]
struct Carried<C: OnStream> {
    connection: u64,
    /// What a conversation on a stream is made like.
    like: C,
    inside: ByStream<C>,
    /// Bytes that are missing on open streams.
    missing: BTreeMap<u32, PerPeer<u64>>,
    /// An event told of one.
    told: bool,
    waiting: Vec<(Observation, Stamp)>,
    /// What the best of them turned out to be.
    seen: Option<C::Seen>,
    given_up: Option<GivenUp>,
}

/// The server gave the connection up.
#[derive(Debug, Clone)]
struct GivenUp {
    away: GoAway,
    at: Stamp,
    /// Conversations that were not closed then.
    open: BTreeSet<u32>,
    /// Those of them that ended soon.
    ended: u64,
}

impl<C: OnStream> UnderHttp2<C> {
    /// `streams` of a connection, whose conversations are made like `like`.
    pub(super) fn new(streams: Streams, connection: u64, like: C) -> Self {
        Self {
            streams,
            carried: Carried {
                connection,
                like,
                inside: ByStream::default(),
                missing: BTreeMap::new(),
                told: false,
                waiting: Vec::new(),
                seen: None,
                given_up: None,
            },
        }
    }

    /// What the best of its conversations that have ended turned out to be.
    pub(super) fn seen(&self) -> Option<C::Seen> {
        self.carried.seen
    }

    /// Whether an event told of a conversation on it.
    pub(super) fn is_told(&self) -> bool {
        self.carried.told
    }

    /// The conversation on a stream that is open.
    pub(super) fn on(&self, stream: u32) -> Option<&C> {
        self.carried.inside.get(stream)
    }

    /// The conversations on open streams.
    pub(super) fn each(&mut self) -> impl Iterator<Item = &mut C> {
        self.carried.inside.each_mut()
    }

    /// Bytes that these keep of what went by, where each says what it keeps itself.
    pub(super) fn kept(&mut self, keeps: impl Fn(&mut C) -> usize) -> usize {
        self.carried.inside.kept(keeps)
    }

    /// Bytes of memory that a copy takes.
    pub(super) fn held(&self) -> usize {
        let inside = self.carried.inside.each().map(OnStream::held);
        self.streams.held() + inside.sum::<usize>()
    }

    /// A copy, where a conversation is reported and none prevents it.
    pub(super) fn resting(&self) -> Option<Self> {
        if !self.streams.can_rest() || !self.carried.told {
            return None;
        }
        Some(Self {
            streams: self.streams.clone(),
            carried: Carried {
                connection: self.carried.connection,
                like: self.carried.like.resting()?,
                inside: self.carried.inside.copied(OnStream::resting)?,
                missing: self.carried.missing.clone(),
                told: true,
                waiting: Vec::new(),
                seen: self.carried.seen,
                given_up: self.carried.given_up.clone(),
            },
        })
    }

    /// Makes a copy whole.
    pub(super) fn resume(&mut self, tools: &mut Tools) {
        self.each().for_each(|inside| inside.resume(tools));
    }

    /// Takes what is delivered.
    pub(super) fn delivery(
        &mut self,
        from: Peer,
        delivery: Delivery<'_>,
        at: Stamps,
        desk: &mut Desk<'_>,
    ) {
        let reason = Reason::ConnectionEnded;
        let out = &mut self.carried.out(reason, desk);
        self.streams.delivery(from, delivery, at, out);
    }

    /// Something was seen of the connection below.
    pub(super) fn noted(&mut self, note: Observation, at: Stamp, desk: &mut Desk<'_>) {
        self.carried
            .out(Reason::ConnectionEnded, desk)
            .note(0, note, at);
    }

    /// The connection or the capture ends.
    pub(super) fn finish(&mut self, reason: Reason, last: Stamp, desk: &mut Desk<'_>) {
        let out = &mut self.carried.out(reason, desk);
        self.streams.finish(last, out);
        out.tell_given_up();
    }
}

impl<C: OnStream> Carried<C> {
    fn out<'a, 'd>(&'a mut self, reason: Reason, desk: &'a mut Desk<'d>) -> Inside<'a, 'd, C> {
        Inside {
            carried: self,
            reason,
            desk,
        }
    }

    fn id(&self, stream: u32) -> Conversing {
        Conversing {
            connection: self.connection,
            stream,
        }
    }

    fn on(&mut self, stream: u32, began: Stamp) -> &mut C {
        let id = self.id(stream);
        let like = &self.like;
        let fresh = || like.on_stream(id, began);
        self.inside.get_or(stream, fresh)
    }
}

/// Where streams go.
struct Inside<'a, 'd, C: OnStream> {
    carried: &'a mut Carried<C>,
    /// Why what is cut is cut.
    reason: Reason,
    desk: &'a mut Desk<'d>,
}

impl<C: OnStream> Inside<'_, '_, C> {
    /// Tells what waited for the first WebSocket.
    fn told(&mut self) {
        if !self.carried.told {
            self.carried.told = true;
            for (note, at) in std::mem::take(&mut self.carried.waiting) {
                self.tell(note, at);
            }
        }
    }

    /// Says how many WebSockets it cost that the server gave the connection up.
    fn tell_given_up(&mut self) {
        let Some(given_up) = self.carried.given_up.take() else {
            return;
        };
        // RFC 9113 §6.8: with the connection all its streams end. One is reported by its own end.
        if given_up.ended > 1 && self.carried.told {
            let text = Sentence::new(
                &format!(
                    "{{websockets}} WebSockets end as the server gives up their connection: GOAWAY, \
                     {}, last stream {{last}}",
                    given_up.away.code
                ),
                &[
                    ("websockets", Figure::Count(given_up.ended)),
                    ("last", Figure::Id(given_up.away.last.into())),
                ],
            );
            let note = Observation::new(Code::H2GoAway, Peer::Server, text);
            self.tell(note, given_up.at);
        }
    }

    fn tell(&mut self, note: Observation, at: Stamp) {
        self.desk.sink.event(Event::Finding {
            conversing: self.carried.id(0),
            finding: &note.placed(None, at),
        });
    }
}

impl<C: OnStream> Out for Inside<'_, '_, C> {
    fn opened(&mut self, stream: u32, opened: Opened) {
        let began = opened.handshake.request_at;
        let inside = self.carried.on(stream, began);
        inside.opened(opened, self.desk);
        if inside.is_told() {
            self.told();
        }
    }

    fn data(&mut self, stream: u32, from: Peer, frame: &DataFrame) {
        if self.desk.tools.detail == Detail::Wire {
            let id = self.carried.id(stream);
            if !self.desk.tools.leaves_out(id) {
                self.desk.sink.wire(id, from, Wire::Data(frame));
            }
        }
    }

    fn bytes(&mut self, stream: u32, from: Peer, delivery: Delivery<'_>, at: Stamps) {
        if let Delivery::Gap(missing) = delivery {
            let bytes = match missing {
                Missing::Bytes(bytes) | Missing::AtMost(bytes) => bytes,
                Missing::Unknown => 0,
            };
            let missing = self.carried.missing.entry(stream).or_default();
            missing[from] = missing[from].saturating_add(bytes.max(1));
        }
        let inside = match self.carried.inside.get_mut(stream) {
            Some(inside) => inside,
            None => self.carried.on(stream, at.first),
        };
        inside.delivery(from, delivery, at, self.desk);
        if inside.is_told() {
            self.told();
        }
    }

    fn stalled(&mut self, stream: u32, stall: &Stall) {
        if let Some(inside) = self.carried.inside.get_mut(stream) {
            inside.held_back(stall, self.desk);
        }
    }

    fn ended(&mut self, stream: u32, ended: Ended) {
        let missing = self.carried.missing.remove(&stream).unwrap_or_default();
        let Some(mut inside) = self.carried.inside.remove(stream) else {
            return;
        };
        let reason = match ended.how {
            How::Open | How::HalfClosed(_) => self.reason,
            How::Closed | How::Reset(..) => Reason::ConnectionEnded,
        };
        inside.finish(reason, ended.last, self.desk);
        let seen = inside.seen();
        self.carried.seen = Some(self.carried.seen.map_or(seen, |best| best.min(seen)));
        if let Some(given_up) = &mut self.carried.given_up
            && given_up.open.remove(&stream)
        {
            let soon = ended.last.time.since(given_up.at.time) <= SOON_NANOS;
            given_up.ended += u64::from(soon && reason == Reason::ConnectionEnded);
        }
        if !inside.is_told() {
            return;
        }
        self.told();
        let mut end = ConnectionEnd {
            conversing: self.carried.id(stream),
            ending: Ending::Closed,
            first_end: ended.first,
            last: ended.last,
            tcp: None,
            stream: Some(StreamEnd {
                missing,
                ..StreamEnd::default()
            }),
        };
        match (ended.how, self.desk.ended) {
            (How::Closed, _) => {}
            (How::Reset(by, reset), _) => {
                end.ending = Ending::Reset(by);
                end.stream = end.stream.map(|stream| StreamEnd { reset, ..stream });
            }
            (_, Some((ending, first))) => {
                end.ending = ending;
                end.first_end = ended.first.or(first);
                let by_connection = true;
                end.stream = end.stream.map(|stream| StreamEnd {
                    by_connection,
                    ..stream
                });
            }
            (How::HalfClosed(by), None) => end.ending = Ending::HalfClosed(by),
            (How::Open, None) => end.ending = Ending::Open,
        }
        self.desk.sink.event(Event::End(&end));
    }

    fn given_up(&mut self, away: GoAway, at: Stamp, streams: &[u32]) {
        let inside = &self.carried.inside;
        let open = |id: &&u32| inside.get(**id).is_some_and(|inside| !inside.is_closing());
        let open = streams.iter().filter(open).copied().collect();
        let ended = 0;
        self.carried.given_up = Some(GivenUp {
            away,
            at,
            open,
            ended,
        });
    }

    fn note(&mut self, stream: u32, note: Observation, at: Stamp) {
        if stream != 0 {
            if let Some(inside) = self.carried.inside.get_mut(stream) {
                inside.noted(note, at, self.desk);
            }
        } else if self.carried.told {
            self.tell(note, at);
        } else if self.carried.waiting.len() < WAITING {
            self.carried.waiting.push((note, at));
        }
    }
}
