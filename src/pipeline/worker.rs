//! The connections of one thread.
//!
//! Job: hold the sessions, feed them and drop them when they are over.
//! Input: [`Routed`] segments. Output: events.

use std::collections::HashMap;
use std::sync::Arc;

use super::front::Routed;
use super::kept::{Kept, Rest, Share as Keeps};
use super::tally::Tally;
use super::waypoints::Waypoints;
use crate::base::{Conversing, End, Limits, Only, PacketRef, Stamp};
use crate::event::EventSink;
use crate::net::Bare;
use crate::session::{Context, Detail, Seen, Session, Waypoint};
use crate::subprotocol::Choices;
use crate::tcp::{Flow, Processes};
#[cfg(feature = "tls")]
use crate::tls::{Keys, Newest};

/// What a pipeline is to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The bounds of its buffers.
    pub limits: Limits,
    /// How much of each message the sinks look at.
    pub detail: Detail,
    /// Only these conversations.
    pub only: Only,
    /// Where to put waypoints, for whoever will replay.
    pub waypoints: Option<Arc<Waypoints>>,
    /// Which subprotocols conversations are read as.
    pub choices: Arc<Choices>,
    /// Who knows the processes of connections, where they are of this machine.
    pub processes: Option<Arc<dyn Processes>>,
    /// The secrets that TLS is read with.
    #[cfg(feature = "tls")]
    pub keys: Keys,
    /// Where newer ones are, if the key log grows.
    #[cfg(feature = "tls")]
    pub newest: Option<Newest>,
}

/// Secrets that are newer than those before, where there are any.
#[cfg(feature = "tls")]
pub type Renewed = Option<Keys>;
/// Without TLS there are none.
#[cfg(not(feature = "tls"))]
#[derive(Debug, Clone, Default)]
pub struct Renewed(());

impl Options {
    /// Everything, with default limits.
    pub fn new(detail: Detail) -> Self {
        Self {
            limits: Limits::default(),
            detail,
            only: Only::default(),
            waypoints: None,
            choices: Arc::default(),
            processes: None,
            #[cfg(feature = "tls")]
            keys: Keys::default(),
            #[cfg(feature = "tls")]
            newest: None,
        }
    }

    /// The same for packets that are captured now: somebody waits for what they carry.
    #[must_use]
    pub fn live(mut self, live: bool) -> Self {
        if live {
            self.limits.late_bytes = None;
        }
        self
    }
}

/// Holds sessions by connection number.
#[derive(Debug)]
pub struct Worker {
    sessions: HashMap<u64, Box<Open>, foldhash::fast::RandomState>,
    context: Context,
    /// Only what is on these connections.
    only: Only,
    waypoints: Option<Arc<Waypoints>>,
    tally: Tally,
    share: Share,
    /// Open connections of which nothing more is looked at, by what they carry.
    ignored: HashMap<u64, Seen, foldhash::fast::RandomState>,
    /// The block at hand; zero where nobody counts them.
    block: u64,
    /// Connections that were heard in it.
    heard: Vec<u64>,
    /// What is kept more since it was told last.
    kept: Kept,
}

/// An open connection.
#[derive(Debug)]
struct Open {
    session: Session,
    keeps: Keeps,
}

impl Open {
    fn new(session: Session) -> Box<Self> {
        let keeps = Keeps::default();
        Box::new(Self { session, keeps })
    }
}

/// By how much the payloads of messages in progress may grow.
#[derive(Debug, Clone, Copy)]
enum Share {
    /// To this, altogether.
    Limit(usize),
    /// By so many bytes in a block with so many bytes of segments.
    Block { bytes: u64, of: u64 },
}

impl Worker {
    /// A worker without connections.
    pub fn new(options: Options) -> Self {
        let context = Context::new(options.limits, options.detail);
        #[cfg(feature = "tls")]
        let context = context.with_keys(match options.newest {
            Some(newest) => newest.get(),
            None => options.keys,
        });
        Self {
            sessions: HashMap::default(),
            context: context
                .only(options.only.clone())
                .with_choices(options.choices)
                .with_processes(options.processes),
            only: options.only,
            waypoints: options.waypoints,
            tally: Tally::default(),
            share: Share::Limit(options.limits.payload_total_bytes),
            ignored: HashMap::default(),
            block: 0,
            heard: Vec::new(),
            kept: Kept::default(),
        }
    }

    /// A block of this number begins, from 1, in which the payloads of messages in progress of all
    /// workers may grow by `bytes`; its segments carry `of` bytes.
    pub fn begin_block(&mut self, number: u64, (bytes, of): (u64, u64)) {
        self.block = number;
        self.share = Share::Block { bytes, of };
    }

    /// The block is over: by how much connections keep more of what went by than when this was asked
    /// last.
    pub fn take_kept(&mut self) -> Kept {
        for number in self.heard.drain(..) {
            if let Some(open) = self.sessions.get_mut(&number) {
                open.keeps.keeps(open.session.kept(), &mut self.kept);
            }
        }
        std::mem::take(&mut self.kept)
    }

    /// Connections that were not heard since `block` take less room.
    pub fn rest(&mut self, block: u64, rest: Rest) {
        for open in self.sessions.values_mut() {
            if open.keeps.is_before(block) && open.keeps.can(rest) {
                open.session.rest(rest == Rest::Packed);
                let kept = open.session.kept();
                open.keeps.rests(rest, kept, &mut self.kept);
            }
        }
    }

    /// Connections that were not heard since `block` and keep something, in the order of their numbers.
    pub fn silent_since(&self, block: u64) -> Vec<u64> {
        let silent = self
            .sessions
            .iter()
            .filter(|(_, open)| open.keeps.is_before(block));
        let mut numbers: Vec<_> = silent.map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers
    }

    /// A connection gives up what it keeps of what went by.
    pub fn let_go(&mut self, number: u64, sink: &mut dyn EventSink) {
        let Some(open) = self.sessions.get_mut(&number) else {
            return;
        };
        self.context.grant(0);
        open.session.let_go(&mut self.context, sink);
        open.keeps.keeps(open.session.kept(), &mut self.kept);
        self.tally.let_go += 1;
        self.end_if_over(number, sink);
    }

    /// Payload bytes of messages in progress.
    pub fn held(&self) -> usize {
        self.context.held()
    }

    /// By how much they may grow with a segment of `len` bytes.
    fn grant(&self, len: usize) -> usize {
        match self.share {
            Share::Limit(limit) => limit.saturating_sub(self.context.held()),
            Share::Block { bytes, of } => {
                let grant = u128::from(bytes) * len as u128 / u128::from(of.max(1));
                usize::try_from(grant).unwrap_or(usize::MAX)
            }
        }
    }

    /// From here on TLS is read with these secrets, where they are newer.
    #[cfg(feature = "tls")]
    pub fn renew(&mut self, keys: Renewed) {
        if let Some(keys) = keys {
            self.context.renew_keys(keys);
        }
    }

    /// Without TLS there are no secrets.
    #[cfg(not(feature = "tls"))]
    pub fn renew(&mut self, _: Renewed) {}

    /// A worker with the one connection that goes on from `waypoint`.
    pub fn resume(waypoint: &Waypoint, options: Options) -> Option<Self> {
        let mut worker = Self::new(options);
        worker.only = Conversing::from(waypoint.flow.number).into();
        let session = waypoint.resume(&mut worker.context)?;
        worker
            .sessions
            .insert(waypoint.flow.number, Open::new(session));
        Some(worker)
    }

    /// Begins a connection.
    pub fn open(&mut self, flow: Flow) {
        if self.only.has_connection(flow.number) {
            let session = Session::new(flow, &self.context);
            self.sessions.insert(flow.number, Open::new(session));
        }
    }

    /// Leaves a waypoint before packet `next` where it is time. Not for a packet that ends a
    /// datagram in fragments: a live capture may no longer keep those before it.
    pub fn offer(&mut self, connection: u64, next: PacketRef) {
        if let Some(waypoints) = &self.waypoints
            && let Some(open) = self.sessions.get_mut(&connection)
        {
            waypoints.offer(&mut open.session, next);
        }
    }

    /// Takes a segment of one of its connections; `captured` is its packet's captured length.
    pub fn segment(
        &mut self,
        (connection, from): (u64, End),
        segment: &Bare<'_>,
        (stamp, captured): (Stamp, usize),
        sink: &mut dyn EventSink,
    ) {
        let grant = self.grant(segment.payload.len());
        let Some(open) = self.sessions.get_mut(&connection) else {
            if self.only.is_all() {
                self.pass(connection, segment.payload.len() as u64);
            }
            return;
        };
        let place = (stamp, captured);
        if open.keeps.heard(self.block, &mut self.kept) {
            self.heard.push(connection);
        }
        let session = &mut open.session;
        self.context.grant(grant);
        session.segment(from, segment, place, &mut self.context, sink);
        if session.is_over() {
            self.end_if_over(connection, sink);
        }
    }

    /// Ends a connection that needs no further segment.
    fn end_if_over(&mut self, connection: u64, sink: &mut dyn EventSink) {
        if let Some(open) = self.sessions.get(&connection)
            && open.session.is_over()
        {
            let ignored = open.session.ignored();
            self.forget(connection, sink);
            self.ignored.extend(ignored.map(|seen| (connection, seen)));
        }
    }

    /// Counts a segment of a connection that is over, or not looked at.
    fn pass(&mut self, connection: u64, bytes: u64) {
        let account = self.context.account_mut();
        account.captured += bytes;
        if let Some(seen) = self.ignored.get(&connection) {
            account.delivered += bytes;
            *seen.place(account) += bytes;
        } else {
            account.after_end += bytes;
            account.segments_after_end += u64::from(bytes > 0);
        }
    }

    /// Takes what the front routed.
    pub fn routed(&mut self, routed: &Routed<'_>, sink: &mut dyn EventSink) {
        for number in &routed.forgotten {
            self.forget(*number, sink);
        }
        if let Some(flow) = &routed.opened {
            self.open(**flow);
        }
        if routed.segment.payload_start.is_some() {
            self.offer(routed.connection, routed.stamp.packet);
        }
        let place = (routed.stamp, routed.captured);
        self.segment(
            (routed.connection, routed.from),
            &routed.segment.bare(),
            place,
            sink,
        );
        for number in &routed.relieved {
            self.relieve(*number, sink);
        }
    }

    /// A connection gives up what it holds out of order.
    pub fn relieve(&mut self, number: u64, sink: &mut dyn EventSink) {
        if let Some(open) = self.sessions.get_mut(&number) {
            self.context.grant(0);
            open.session.give_up(&mut self.context, sink);
            self.end_if_over(number, sink);
        }
    }

    /// Ends a connection.
    pub fn forget(&mut self, number: u64, sink: &mut dyn EventSink) {
        self.ignored.remove(&number);
        if let Some(mut open) = self.sessions.remove(&number) {
            open.keeps.keeps(0, &mut self.kept);
            let seen = open.session.finish(&mut self.context, sink);
            *self.tally.connections.entry(seen).or_default() += 1;
        }
    }

    /// The numbers of the connections that are still open, in order.
    pub fn open_connections(&self) -> Vec<u64> {
        let mut numbers: Vec<_> = self.sessions.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// The counts, at the end.
    pub fn into_tally(self) -> Tally {
        Tally {
            messages: self.context.messages(),
            account: self.context.account(),
            ..self.tally
        }
    }
}
