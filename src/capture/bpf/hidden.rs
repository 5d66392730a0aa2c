//! TCP that a BPF expression does not see because something is around it.
//!
//! Job: tell a user whose expression selects nothing that the packets are inside VLANs or
//! tunnels, and how to write it. Input: packets that the expression left out. Output: a sentence.
//! Source: `pcap-filter(7)`: `tcp port 80` looks at one place only; `vlan` and some other words
//! move it inwards for what follows them.

use std::fmt;

use super::program::compile;
use crate::capture::link::LinkType;
use crate::capture::packet::Packet;

/// What can be around the packets that an expression is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    /// The word that looks inside, with what it is called.
    Word(&'static str, &'static str),
    /// An expression that finds the tunnel, into which none looks, with what it is called.
    Tunnel(&'static str, &'static str),
}

/// In the order in which they are tried; libpcap may not know each of them.
const AROUND: [Around; 13] = [
    Around::Word("vlan", "VLAN tags"),
    Around::Word("vlan and vlan", "two VLAN tags each"),
    Around::Word("pppoes", "PPPoE"),
    Around::Word("mpls", "MPLS"),
    Around::Word("geneve", "Geneve"),
    Around::Word("vxlan", "VXLAN"),
    Around::Tunnel("udp port 4789 or udp port 8472", "VXLAN"),
    Around::Tunnel("udp port 2152", "GTP"),
    Around::Tunnel("proto 47", "GRE"),
    Around::Tunnel("ip proto 4 or ip proto 41", "IP in IP"),
    Around::Tunnel("udp port 1701 or proto 115", "L2TP"),
    Around::Tunnel("udp port 37008", "TZSP"),
    Around::Tunnel("udp port 6635 or udp port 3544", "MPLS or IPv6 over UDP"),
];

/// What was found so far.
pub(super) struct Hidden {
    /// Nothing more is looked for: a packet was selected, or the reason is known.
    done: bool,
    programs: Vec<(LinkType, Vec<(Around, pcap::BpfProgram)>)>,
    found: Option<(Around, u64)>,
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hidden").field(&self.found).finish()
    }
}

impl Hidden {
    pub(super) fn new() -> Self {
        Self {
            done: false,
            programs: Vec::new(),
            found: None,
        }
    }

    /// Whether it still looks.
    #[inline]
    pub(super) fn looks(&self) -> bool {
        !self.done
    }

    /// The expression does select packets.
    pub(super) fn selected(&mut self) {
        self.done = true;
        self.found = None;
    }

    /// Takes a packet that the expression left out.
    pub(super) fn left_out(&mut self, expression: &str, packet: &Packet<'_>) {
        if self.found.is_some() {
            return;
        }
        if !self.programs.iter().any(|(link, _)| *link == packet.link) {
            let programs = programs(expression, packet.link);
            self.programs.push((packet.link, programs));
        }
        let known = self.programs.iter().find(|(link, _)| *link == packet.link);
        self.found = known.and_then(|(_, programs)| {
            let inside = |(_, program): &&(Around, pcap::BpfProgram)| program.filter(packet.data);
            let (around, _) = programs.iter().find(inside)?;
            Some((*around, packet.place.number))
        });
    }

    /// What to tell once all packets have been seen, if none was selected.
    pub(super) fn sentence(&self, expression: &str) -> Option<String> {
        let (around, packet) = self.found?;
        Some(match around {
            Around::Word(word, name) => format!(
                "the filter \"{expression}\" selects no packet, and does not look inside {name}, \
                 which packet {packet} has and where it would fit; \
                 write -f '({expression}) or ({word} and ({expression}))'"
            ),
            Around::Tunnel(tunnel, name) => format!(
                "the filter \"{expression}\" selects no packet, and no such filter looks inside \
                 {name}, which packet {packet} has; write -f '{tunnel}' and choose what is \
                 inside with -Y"
            ),
        })
    }
}

/// The programs that libpcap makes of each way to look inside.
fn programs(expression: &str, link: LinkType) -> Vec<(Around, pcap::BpfProgram)> {
    let program = |around: Around| {
        let program = match around {
            Around::Word(word, _) => compile(&format!("{word} and ({expression})"), link),
            Around::Tunnel(tunnel, _) => compile(tunnel, link),
        };
        program.ok().map(|program| (around, program))
    };
    AROUND.into_iter().filter_map(program).collect()
}
