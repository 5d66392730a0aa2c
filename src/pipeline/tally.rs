//! What a capture held, whether or not any of it was WebSocket.
//!
//! Job: let a user who sees no message know why. Input: counts. Output: sentences.

use std::collections::BTreeMap;

use crate::capture::LinkType;
use crate::session::Seen;

/// Counts over a whole capture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Packets read.
    pub packets: u64,
    /// Of these, TCP segments.
    pub segments: u64,
    /// Packets that are not IP.
    pub not_ip: u64,
    /// IP packets of other protocols than TCP.
    pub not_tcp: u64,
    /// Fragments that wait for their datagram or never came to one.
    pub fragments: u64,
    /// Packets whose headers make no sense or were cut off.
    pub malformed: u64,
    /// Packets of link types that wscope does not read.
    pub unknown_links: BTreeMap<u16, u64>,
    /// TCP connections.
    pub flows: u64,
    /// Connections by what they carried, of those that were looked at.
    pub connections: BTreeMap<Seen, u64>,
    /// Connections closed early to keep `Limits::connections`.
    pub evicted: u64,
}

impl Tally {
    /// Adds another worker's counts.
    pub fn add(&mut self, other: &Self) {
        self.packets += other.packets;
        self.segments += other.segments;
        self.flows += other.flows;
        self.not_ip += other.not_ip;
        self.not_tcp += other.not_tcp;
        self.fragments += other.fragments;
        self.malformed += other.malformed;
        self.evicted += other.evicted;
        for (link, count) in &other.unknown_links {
            *self.unknown_links.entry(*link).or_default() += count;
        }
        for (seen, count) in &other.connections {
            *self.connections.entry(*seen).or_default() += count;
        }
    }

    /// Connections that carried `seen`.
    pub fn count(&self, seen: Seen) -> u64 {
        self.connections.get(&seen).copied().unwrap_or(0)
    }

    /// Packets of unknown link types.
    pub(crate) fn unknown_link(&mut self, link: LinkType) {
        *self.unknown_links.entry(link.0).or_default() += 1;
    }

    /// What the capture holds, for one who expected WebSocket on it.
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        let kinds = [
            (
                Seen::UpgradeRefused,
                "with an upgrade that was refused or not answered",
            ),
            (Seen::Http, "with HTTP/1 and no upgrade to WebSocket"),
            (Seen::Http2, "with HTTP/2"),
            (Seen::Tls, "with TLS, which hides what is inside"),
            (Seen::Other, "with another protocol"),
            (Seen::Nothing, "without payload"),
        ];
        parts.push(format!(
            "{} and {}",
            plural(self.packets, "packet"),
            plural(self.flows, "TCP connection")
        ));
        for (seen, words) in kinds {
            if self.count(seen) > 0 {
                parts.push(format!("{} {words}", self.count(seen)));
            }
        }
        let others = [
            (self.not_tcp, "IP without TCP"),
            (self.not_ip, "no IP"),
            (self.fragments, "IP fragments without the rest"),
            (self.malformed, "cut or damaged headers"),
        ];
        for (count, words) in others {
            if count > 0 {
                parts.push(format!("{}: {words}", plural(count, "packet")));
            }
        }
        for (link, count) in &self.unknown_links {
            parts.push(format!(
                "{} of link type {link}, which wscope does not read",
                plural(*count, "packet")
            ));
        }
        parts.join("; ")
    }
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_name_what_was_there() {
        let mut tally = Tally {
            packets: 7,
            flows: 2,
            not_tcp: 1,
            ..Tally::default()
        };
        tally.connections.insert(Seen::Tls, 2);
        assert_eq!(
            tally.describe(),
            "7 packets and 2 TCP connections; 2 with TLS, which hides what is inside; \
             1 packet: IP without TCP"
        );
    }
}
