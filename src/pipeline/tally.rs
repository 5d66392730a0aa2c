//! What a capture held, whether or not any of it was WebSocket.
//!
//! Job: let a user who sees no message know why. Input: counts. Output: sentences.

use std::collections::BTreeMap;

use crate::base::PacketRef;
use crate::capture::LinkType;
use crate::event::Account;
use crate::net::{Fault, FragmentLosses, Header, Other, Unread};
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
    /// Fragmented datagrams that never became whole.
    pub datagrams: FragmentLosses,
    /// Packets that the snaplen cut inside a header, by that header.
    pub cut: BTreeMap<Header, Broken>,
    /// Packets with a header that makes no sense or does not fit, by that header.
    pub malformed: BTreeMap<Header, Broken>,
    /// Packets with more headers inside each other than wscope follows.
    pub too_deep: u64,
    /// Packets of link types that wscope does not read.
    pub unknown_links: BTreeMap<u16, u64>,
    /// Packets of tunnels and frames that do not show what they carry.
    pub unread: BTreeMap<Unread, u64>,
    /// TCP connections.
    pub flows: u64,
    /// Connections by what they carried, of those that were looked at.
    pub connections: BTreeMap<Seen, u64>,
    /// Bytes of payload of the segments.
    pub payload_bytes: u64,
    /// What became of those of the connections that were looked at.
    pub account: Account,
    /// Messages, of those connections.
    pub messages: u64,
    /// Open connections dropped to keep `Limits::connections`.
    pub evicted: u64,
    /// Times that a connection gave its holes up to keep `Limits::reorder_total_bytes`.
    pub relieved: u64,
    /// Times that a connection gave up what it kept of what went by, to keep `Limits::kept_total_bytes`.
    pub let_go: u64,
}

/// Packets whose way to TCP ends at the same header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// How many.
    pub packets: u64,
    /// The first of them.
    pub first: PacketRef,
    /// The header's first byte in that packet.
    pub offset: usize,
}

impl Broken {
    /// A packet of which `fault` tells.
    fn new(packet: PacketRef, fault: Fault) -> Self {
        Self {
            packets: 1,
            first: packet,
            offset: fault.offset,
        }
    }

    fn add(&mut self, other: Self) {
        if other.first < self.first {
            (self.first, self.offset) = (other.first, other.offset);
        }
        self.packets += other.packets;
    }
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
        self.datagrams.add(&other.datagrams);
        self.too_deep += other.too_deep;
        merge(&mut self.cut, &other.cut);
        merge(&mut self.malformed, &other.malformed);
        self.evicted += other.evicted;
        self.relieved += other.relieved;
        self.let_go += other.let_go;
        self.messages += other.messages;
        self.payload_bytes += other.payload_bytes;
        self.account.add(&other.account);
        for (link, count) in &other.unknown_links {
            *self.unknown_links.entry(*link).or_default() += count;
        }
        for (unread, count) in &other.unread {
            *self.unread.entry(*unread).or_default() += count;
        }
        for (seen, count) in &other.connections {
            *self.connections.entry(*seen).or_default() += count;
        }
    }

    /// Connections that carried `seen`.
    pub fn count(&self, seen: Seen) -> u64 {
        self.connections.get(&seen).copied().unwrap_or(0)
    }

    /// Counts a packet without a segment.
    pub(crate) fn other(&mut self, packet: PacketRef, other: Other) {
        match other {
            Other::UnknownLink(link) => *self.unknown_links.entry(link.0).or_default() += 1,
            Other::Unread(unread) => *self.unread.entry(unread).or_default() += 1,
            Other::NotIp => self.not_ip += 1,
            Other::Udp | Other::NotTcp { .. } => self.not_tcp += 1,
            Other::FragmentHeld | Other::FragmentDropped => self.fragments += 1,
            Other::TooDeep => self.too_deep += 1,
            Other::Cut(fault) => note(&mut self.cut, fault.header, Broken::new(packet, fault)),
            Other::Malformed(fault) => {
                note(
                    &mut self.malformed,
                    fault.header,
                    Broken::new(packet, fault),
                );
            }
        }
    }

    /// What was given up to keep the bounds of memory, where anything was.
    pub fn given_up(&self) -> Option<String> {
        let kinds = [
            (self.evicted, "open connection", "dropped"),
            (self.datagrams.evicted, "datagram", "in fragments dropped"),
            (
                self.relieved,
                "time",
                "the search for late segments cut short",
            ),
            (
                self.let_go,
                "time",
                "the windows and unfinished heads of a silent connection",
            ),
        ];
        let parts: Vec<_> = kinds
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, what, deed)| format!("{} {deed}", plural(count, what)))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// What is missing because fragments of its IP datagrams are, where anything is.
    pub fn incomplete(&self) -> Option<String> {
        let FragmentLosses {
            expired,
            cut,
            inconsistent,
            waiting,
            ..
        } = self.datagrams;
        let kinds = [
            (expired + waiting, "of which fragments are missing"),
            (cut, "of which fragments are cut off by the snaplen"),
            (inconsistent, "whose fragments contradict each other"),
        ];
        let parts: Vec<_> = kinds
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", plural(count, "IP datagram")))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
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
            (Seen::Http2, "with HTTP/2 and no WebSocket on it"),
            (
                Seen::Tls,
                "with TLS that could not be read and may hold WebSockets (connections says why)",
            ),
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
            (self.too_deep, "too many headers inside each other"),
        ];
        for (count, words) in others {
            if count > 0 {
                parts.push(format!("{}: {words}", plural(count, "packet")));
            }
        }
        broken(&self.cut, "is cut off by the snaplen", &mut parts);
        broken(&self.malformed, "is damaged", &mut parts);
        for (link, count) in &self.unknown_links {
            parts.push(format!(
                "{} of link type {}, which wscope does not read",
                plural(*count, "packet"),
                LinkType(*link)
            ));
        }
        for (unread, count) in &self.unread {
            parts.push(format!(
                "{} of {unread}, which wscope does not read",
                plural(*count, "packet")
            ));
        }
        parts.join("; ")
    }
}

fn note(headers: &mut BTreeMap<Header, Broken>, header: Header, broken: Broken) {
    let known = headers.entry(header);
    known
        .and_modify(|known| known.add(broken))
        .or_insert(broken);
}

fn merge(into: &mut BTreeMap<Header, Broken>, from: &BTreeMap<Header, Broken>) {
    for (header, broken) in from {
        note(into, *header, *broken);
    }
}

/// A sentence for each header, with what is the matter with it.
fn broken(headers: &BTreeMap<Header, Broken>, what: &str, parts: &mut Vec<String>) {
    for (header, broken) in headers {
        let Broken {
            packets,
            first,
            offset,
        } = *broken;
        let file = match first.file {
            0 => String::new(),
            file => format!(" of file {file}"),
        };
        parts.push(format!(
            "{}: the {header} {what}, first in packet {}{file} at byte {offset}",
            plural(packets, "packet"),
            first.number
        ));
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
            "7 packets and 2 TCP connections; 2 with TLS that could not be read and may hold WebSockets (connections says why); \
             1 packet: IP without TCP"
        );
    }

    #[test]
    fn what_is_not_read_has_a_name() {
        let mut worker = Tally::default();
        let packet = PacketRef::default();
        worker.other(packet, Other::UnknownLink(LinkType(199)));
        worker.other(packet, Other::Unread(Unread::Esp));
        worker.other(packet, Other::Unread(Unread::Esp));
        let mut tally = Tally {
            packets: 3,
            ..Tally::default()
        };
        tally.add(&worker);
        assert_eq!(
            tally.describe(),
            "3 packets and 0 TCP connections; \
             1 packet of link type 199 (IPMB), which wscope does not read; \
             2 packets of IPsec (ESP), which wscope does not read"
        );
    }

    #[test]
    fn broken_headers_are_named_with_their_first_place() {
        let fault = |header, offset| Fault {
            header,
            offset,
            missing: 2,
        };
        let at = |number| PacketRef::new(0, number);
        let mut tally = Tally::default();
        let mut other = Tally::default();
        other.other(at(9), Other::Cut(fault(Header::Tcp, 54)));
        tally.other(at(4), Other::Cut(fault(Header::Tcp, 34)));
        tally.other(at(5), Other::Malformed(fault(Header::Vlan, 12)));
        other.packets = 3;
        other.add(&tally);
        assert_eq!(
            other.describe(),
            "3 packets and 0 TCP connections; \
             2 packets: the TCP header is cut off by the snaplen, first in packet 4 at byte 34; \
             1 packet: the VLAN tag is damaged, first in packet 5 at byte 12"
        );
    }
}
