//! A connection and its messages.
//!
//! Job: what the list of connections shows of one. Input: the loader's items. Output: rows to draw.

use std::ops::Deref;

use crate::base::PerPeer;
use crate::deflate::Agreement;
use crate::event::{ConnectionEnd, ConnectionInfo, UnderTls, Upgrade};
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
    pub rows: Vec<u32>,
    /// Messages whose rows are gone, the oldest ones.
    pub gone: u64,
    /// How it ended, where that was reported.
    pub end: Option<ConnectionEnd>,
}

impl Connection {
    /// A connection without messages.
    pub fn new(info: ConnectionInfo) -> Self {
        Self {
            summary: Summary::new(info),
            is_unread: false,
            rows: Vec::new(),
            gone: 0,
            end: None,
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
    /// the server's name, and the code of the reason.
    pub fn target(&self) -> String {
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
