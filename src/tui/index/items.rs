//! What comes beside rows.
//!
//! Job: bring connections and findings up to date. Input: [`Item`]s, in packet order; findings of
//! other runs. Output: the index changed.

use super::connection::Connection;
use super::record::Item;
use super::{ANSWERS, FINDINGS, Index, bearing};
use crate::base::{Conversing, PerPeer};
use crate::event::{ConnectionInfo, UnderTls};
use crate::finding::Finding;
use crate::tls;

impl Index {
    pub(super) fn item(&mut self, item: &Item) {
        match item {
            Item::Start(start) => {
                self.start = Some(self.start.map_or(*start, |before| before.min(*start)));
            }
            Item::Word(number, word) => {
                self.unpaired = true;
                if let Some(connection) = self.connection_mut(*number) {
                    connection.summary.said.add(*word);
                }
            }
            Item::Connection(info) => {
                self.unpaired = true;
                self.has_processes |= info.processes != PerPeer::default();
                let number = info.conversing;
                if let Some(connection) = self.connection_mut(number) {
                    connection.summary.info = (**info).clone();
                } else {
                    if number.on_stream().is_some() {
                        self.stream(info);
                    }
                    self.list(Connection::new((**info).clone()));
                }
            }
            Item::Tls(told) => self.tls(told),
            Item::Finding(number, finding) => self.finding(*number, finding),
            Item::End(end) => {
                self.unpaired = true;
                if let Some(connection) = self.connection_mut(end.conversing) {
                    connection.summary.end(end);
                    connection.end = Some(**end);
                }
            }
            Item::Transport(end) => {
                if let Some(connection) = self.connection_mut(end.flow.number.into()) {
                    connection.transport_ended(end);
                }
            }
            Item::Recognised(number, recognised) => {
                if let Some(connection) = self.connection_mut(*number) {
                    connection.summary.recognised = Some(*recognised);
                }
            }
            Item::Answer(number, asked, by) => {
                if self.answers.len() < ANSWERS {
                    self.answers.entry((*number, *asked)).or_insert(*by);
                }
            }
            Item::Close(number, close) => {
                if let Some(connection) = self.connection_mut(*number) {
                    connection.summary.close((**close).clone());
                }
            }
        }
    }

    fn list(&mut self, connection: Connection) {
        let number = connection.conversing();
        self.widest = self.widest.max(number.to_string().len());
        self.places.insert(number, self.connections.len());
        self.connections.push(connection);
    }

    /// A stream is listed next: so is the connection under it, from the first one on.
    fn stream(&mut self, info: &ConnectionInfo) {
        let under = info.conversing.connection.into();
        if !self.places.contains_key(&under) {
            self.list(Connection::under(info));
        }
        let place = self.connections.len();
        if let Some(connection) = self.connection_mut(under) {
            let is_first = !connection.is_transport();
            connection.streams.push(place);
            self.transports += usize::from(is_first);
        }
    }

    /// A TLS connection is listed by itself where nothing that it carries is.
    fn tls(&mut self, told: &UnderTls) {
        let number = told.conversing;
        let Some(connection) = self.connection_mut(number) else {
            if told.facts.status != tls::Status::Read && !told.told {
                self.list(Connection::unread(told));
            }
            return;
        };
        let facts = Some(Box::new(told.facts.clone()));
        connection.summary.info.tls.clone_from(&facts);
        for place in connection.streams.clone() {
            if let Some(stream) = self.connections.get_mut(place) {
                stream.summary.info.tls.clone_from(&facts);
            }
        }
    }

    fn finding(&mut self, number: Conversing, finding: &Finding) {
        let severity = finding.code.severity();
        *self.by_code.entry(finding.code).or_default() += 1;
        for number in bearing(number) {
            if let Some(connection) = self.connection_mut(number) {
                connection.summary.finding(severity);
            }
        }
        if let Some(place) = finding.message.and_then(|n| self.find(number, n)) {
            self.rows.worsen(place, severity);
        }
        if self.findings.len() < FINDINGS {
            self.findings.push((number, finding.clone()));
        } else {
            self.unlisted += 1;
        }
    }

    /// Takes findings that another run made.
    pub fn add(&mut self, found: &[(Conversing, Finding)]) {
        for (number, finding) in found {
            self.finding(*number, finding);
        }
    }
}
