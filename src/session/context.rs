//! What all sessions of one worker share.
//!
//! Job: lend buffers, so that the steady state allocates nothing per message.

use std::sync::Arc;

use crate::base::{Conversing, Limits, Only, Peer, PerEnd, PerPeer, Stamp, Timestamp};
use crate::event::{Account, EventSink};
use crate::subprotocol::Choices;
use crate::tcp::{Budget, Ending, Flow, Process, Processes};
#[cfg(feature = "tls")]
use crate::tls::Keys;
use crate::ws::Slot;

/// How much of a message its sinks look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Sizes only: plain data payloads are neither copied nor unmasked.
    Sizes,
    /// Payloads, which are not looked into, with the symbols of compressed ones counted.
    Symbols,
    /// Payloads too.
    Payloads,
    /// Payloads, with every copy's distance held against the agreed window.
    Rules,
    /// Payloads, the parts of frames, and every bit of what was compressed: slow.
    Wire,
}

/// Buffers above this size are given back to the system when their message is done.
const KEEP_CAPACITY: usize = 1 << 20;

/// Spare buffers that are kept.
const SPARE_MAX: usize = 64;

/// Shared by the sessions of one worker.
#[derive(Debug)]
pub struct Context {
    pub(super) budget: Budget,
    pub(super) tools: Tools,
}

impl Desk<'_> {
    /// Whether no packet of `peer` was captured.
    pub(super) fn lacks(&self, peer: Peer) -> bool {
        self.uncaptured[self.flow.roles.end(peer)]
    }
}

impl Context {
    /// A context with empty pools.
    pub fn new(limits: Limits, detail: Detail) -> Self {
        Self {
            budget: Budget::new(limits),
            tools: Tools::new(limits, detail),
        }
    }

    /// From here on TLS is read with these secrets.
    #[cfg(feature = "tls")]
    pub fn renew_keys(&mut self, keys: Keys) {
        self.tools.keys = keys;
    }

    /// The same, which reads TLS with these secrets.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.tools.keys = keys;
        self
    }

    /// The same, which reads conversations as these subprotocols.
    #[must_use]
    pub fn with_choices(mut self, choices: Arc<Choices>) -> Self {
        self.tools.choices = choices;
        self
    }

    /// The same, which asks for the processes of connections.
    #[must_use]
    pub fn with_processes(mut self, processes: Option<Arc<dyn Processes>>) -> Self {
        self.tools.processes = processes;
        self
    }

    /// What became of the bytes of the connections that have ended.
    pub fn account(&self) -> Account {
        self.tools.account
    }

    /// The same, to count on.
    pub fn account_mut(&mut self) -> &mut Account {
        &mut self.tools.account
    }

    /// Messages told so far.
    pub fn messages(&self) -> u64 {
        self.tools.messages
    }

    /// Payload bytes of all messages in progress.
    pub fn held(&self) -> usize {
        self.tools.held
    }

    /// The next segment may make messages in progress grow by so many bytes.
    pub fn grant(&mut self, bytes: usize) {
        self.tools.grant = bytes;
    }

    /// The same, telling nothing of conversations other than `only`.
    #[must_use]
    pub fn only(mut self, only: Only) -> Self {
        self.tools.only = only;
        self
    }
}

/// What a conversation works with while it takes something.
pub(super) struct Desk<'a> {
    pub(super) tools: &'a mut Tools,
    /// Where events go.
    pub(super) sink: &'a mut dyn EventSink,
    /// The TCP connection under it, whose roles it may correct.
    pub(super) flow: &'a mut Flow,
    /// Whether no packet of an end was captured.
    pub(super) uncaptured: PerEnd<bool>,
    /// How TCP ended and who was the first to say so, where it has ended.
    pub(super) ended: Option<(Ending, Option<(Peer, Stamp)>)>,
}

/// What making messages takes.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) limits: Limits,
    pub(super) detail: Detail,
    #[cfg(feature = "tls")]
    pub(super) keys: Keys,
    /// Bytes of TLS that wait for lines of the key log.
    #[cfg(feature = "tls")]
    pub(super) tls_waiting: usize,
    pub(super) unmasked: Vec<u8>,
    /// Payload bytes of all messages in progress.
    pub(super) held: usize,
    /// By how much they may grow in this step; what it releases that was held elsewhere is added.
    pub(super) grant: usize,
    /// What became of the bytes.
    pub(super) account: Account,
    /// Messages told, of all connections.
    pub(super) messages: u64,
    /// Which subprotocols conversations are read as.
    pub(super) choices: Arc<Choices>,
    /// Who knows the processes of connections.
    pub(super) processes: Option<Arc<dyn Processes>>,
    /// Time of the segment that is looked at.
    pub(super) now: Timestamp,
    only: Only,
    spare: Vec<Vec<u8>>,
}

impl Tools {
    pub(super) fn new(limits: Limits, detail: Detail) -> Self {
        Self {
            limits,
            detail,
            #[cfg(feature = "tls")]
            keys: Keys::default(),
            #[cfg(feature = "tls")]
            tls_waiting: 0,
            unmasked: Vec::new(),
            held: 0,
            grant: usize::MAX,
            account: Account::default(),
            messages: 0,
            choices: Arc::default(),
            processes: None,
            now: Timestamp::default(),
            only: Only::default(),
            spare: Vec::new(),
        }
    }

    /// Whether nobody asked for that conversation. Who asks for a connection asks for all its streams.
    pub(super) fn leaves_out(&self, id: Conversing) -> bool {
        !self.only.contains(id)
    }

    /// The processes that have a connection's ends.
    pub(super) fn processes(&self, flow: &Flow) -> PerPeer<Option<Process>> {
        let Some(processes) = &self.processes else {
            return PerPeer::default();
        };
        let ends = PerPeer {
            client: flow.client(),
            server: flow.server(),
        };
        processes.of(ends, self.now)
    }

    /// An empty buffer.
    pub(super) fn lend(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes a buffer back.
    pub(super) fn give_back(&mut self, mut buffer: Vec<u8>) {
        if (1..=KEEP_CAPACITY).contains(&buffer.capacity()) && self.spare.len() < SPARE_MAX {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// Whether somebody looks at payloads. Those of control frames are small and always kept.
    pub(super) fn wants(&self, slot: Slot) -> bool {
        self.detail != Detail::Sizes || slot == Slot::Control
    }

    /// Bytes of one data payload that are kept.
    pub(super) fn keep(&self) -> usize {
        match self.detail {
            Detail::Sizes => 0,
            Detail::Symbols | Detail::Payloads | Detail::Rules | Detail::Wire => {
                self.limits.payload_bytes
            }
        }
    }
}
