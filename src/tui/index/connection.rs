//! A connection and its messages.
//!
//! Job: what the list of connections shows of one. Input: the loader's items. Output: rows to draw.

use std::collections::VecDeque;
use std::ops::Deref;

use crate::base::PerPeer;
use crate::deflate::Agreement;
use crate::event::{ConnectionEnd, ConnectionInfo, TransportEnd, UnderTls, Upgrade};
use crate::http::Handshake;
use crate::page::words;
use crate::stats::Summary;
use crate::tls::Why;

/// A connection with the places of its messages.
#[derive(Debug)]
pub struct Connection {
    /// Its totals.
    pub summary: Summary,
    /// It is TLS that could not be read; nobody knows what it carries.
    pub is_unread: bool,
    /// The places of its messages' rows, in order.
    pub rows: VecDeque<u32>,
    /// Messages whose rows are gone, the oldest ones.
    pub gone: u64,
    /// How it ended, where that was reported.
    pub end: Option<ConnectionEnd>,
    /// The places of the WebSockets on its streams, where it is a connection of HTTP/2: its totals,
    /// findings and rows are theirs together.
    pub streams: Vec<usize>,
    /// The host that the first of them asked for.
    host: String,
}

impl Connection {
    /// A connection without messages.
    pub fn new(info: ConnectionInfo) -> Self {
        Self {
            summary: Summary::new(info),
            is_unread: false,
            rows: VecDeque::new(),
            gone: 0,
            end: None,
            streams: Vec::new(),
            host: String::new(),
        }
    }

    /// The connection of HTTP/2 under a stream.
    pub fn under(stream: &ConnectionInfo) -> Self {
        let host = stream.handshake.as_deref().and_then(Handshake::host);
        let info = ConnectionInfo {
            conversing: stream.conversing.connection.into(),
            flow: stream.flow,
            upgrade: Upgrade::Accepted,
            handshake: None,
            agreement: Agreement::Unknown,
            inferred: false,
            tls: stream.tls.clone(),
            proxied_from: stream.proxied_from.clone(),
            processes: stream.processes.clone(),
        };
        Self {
            host: host.unwrap_or_default(),
            ..Self::new(info)
        }
    }

    /// Whether it is a connection of HTTP/2 with streams that are listed themselves.
    pub fn is_transport(&self) -> bool {
        !self.streams.is_empty()
    }

    /// It ended, with all its streams.
    pub fn transport_ended(&mut self, end: &TransportEnd) {
        self.summary.info.flow = end.flow;
        self.summary.ending = end.ending;
        self.summary.last = end.last;
        for (peer, totals) in end.tcp.iter() {
            self.summary.peers[peer].tcp = *totals;
        }
    }

    /// TLS that could not be read.
    pub fn unread(told: &UnderTls) -> Self {
        let info = ConnectionInfo {
            conversing: told.conversing,
            flow: told.flow,
            upgrade: Upgrade::Unanswered,
            handshake: None,
            agreement: Agreement::Unknown,
            inferred: false,
            tls: Some(Box::new(told.facts.clone())),
            proxied_from: told.proxied_from.clone(),
            processes: PerPeer::default(),
        };
        let mut connection = Self::new(info);
        connection.is_unread = true;
        connection.summary.last = told.last;
        connection
    }

    /// Host and target of the request, as far as they were captured; of TLS that could not be read
    /// the server's name, and the code of the reason; of a connection of HTTP/2 the host, and how
    /// many streams are listed.
    pub fn target(&self) -> String {
        if self.is_transport() {
            let streams = words::count(self.streams.len() as u64, "stream");
            return [self.host.as_str(), &streams].join(if self.host.is_empty() {
                ""
            } else {
                ", "
            });
        }
        match self.summary.info.tls.as_ref().filter(|_| self.is_unread) {
            Some(facts) => {
                let name = facts.name.as_deref().unwrap_or("TLS");
                let why = facts.why.map_or("", Why::name);
                format!("{name} ({why})")
            }
            None => self.summary.target(),
        }
    }

    /// Why nothing of it can be shown, and what to do, where it is TLS that could not be read.
    pub fn unread_because(&self) -> Option<String> {
        let facts = self.summary.info.tls.as_ref().filter(|_| self.is_unread)?;
        let advice = facts.why.map_or("", Why::advice);
        Some(format!("{}. {advice}", words::tls(facts)))
    }

    /// The number of its last message; 0 where there is none.
    pub fn last_message(&self) -> u64 {
        self.gone + self.rows.len() as u64
    }

    /// Forgets rows that are gone: all before the place `first`.
    pub fn forget_before(&mut self, first: u32) {
        let gone = self.rows.partition_point(|place| *place < first);
        self.rows.drain(..gone);
        self.gone += gone as u64;
    }
}

impl Deref for Connection {
    type Target = Summary;

    fn deref(&self) -> &Summary {
        &self.summary
    }
}
