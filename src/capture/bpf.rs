//! Selecting packets by a BPF expression, as tcpdump does.
//!
//! Job: decide for each packet. Input: an expression and packets. Output: yes or no.
//! Source: `pcap-filter(7)`; libpcap compiles an expression for one link type at a time, so there
//! is a program for each link type that occurs.
//!
//! A program sees the captured bytes only: where a snaplen cut a packet, `greater` and `less`
//! compare with what is left of it.

#[cfg(feature = "live")]
mod hidden;
#[cfg(feature = "live")]
mod program;

use super::packet::Packet;
use crate::error::Error;

/// A BPF expression, made ready for each link type when its first packet comes.
#[derive(Debug)]
pub struct Filter {
    programs: programs::Programs,
}

impl Filter {
    /// Checks `expression`. Some are only valid on some link types; one that libpcap refuses on
    /// all common ones is an error, with libpcap's message.
    pub fn new(expression: &str) -> Result<Self, Error> {
        let programs = programs::Programs::new(expression)?;
        Ok(Self { programs })
    }

    /// Whether the packet is selected. On a link type on which the expression has no meaning,
    /// none is; [`Filter::take_refusals`] tells.
    pub fn matches(&mut self, packet: &Packet<'_>) -> bool {
        self.programs.matches(packet)
    }

    /// Link types met since the last call on which libpcap refuses the expression: a sentence
    /// each.
    pub fn take_refusals(&mut self) -> Vec<String> {
        self.programs.take_refusals()
    }

    /// Where no packet was selected because what the expression asks for is inside VLANs or
    /// tunnels: a sentence that says so, and how to write it.
    pub fn overlooked(&self) -> Option<String> {
        self.programs.overlooked()
    }
}

#[cfg(feature = "live")]
mod programs {
    use pcap::BpfProgram;

    use super::hidden::Hidden;
    use super::program::compile;
    use crate::capture::link::LinkType;
    use crate::capture::packet::Packet;
    use crate::error::Error;

    /// Link types on which an expression is tried when it is given.
    const COMMON: [LinkType; 5] = [
        LinkType::ETHERNET,
        LinkType::LINUX_SLL2,
        LinkType::LINUX_SLL,
        LinkType::RAW,
        LinkType::NULL,
    ];

    /// The programs so far; those of link types on which there is none are `None`.
    pub(super) struct Programs {
        expression: String,
        by_link: Vec<(LinkType, Option<BpfProgram>)>,
        refusals: Vec<String>,
        hidden: Hidden,
    }

    impl std::fmt::Debug for Programs {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_tuple("Programs").field(&self.expression).finish()
        }
    }

    impl Programs {
        pub(super) fn new(expression: &str) -> Result<Self, Error> {
            let mut refused = None;
            for link in COMMON {
                match compile(expression, link) {
                    Ok(program) => {
                        return Ok(Self {
                            expression: expression.to_owned(),
                            by_link: vec![(link, Some(program))],
                            refusals: Vec::new(),
                            hidden: Hidden::new(),
                        });
                    }
                    Err(message) => refused = refused.or(Some(message)),
                }
            }
            Err(Error::Filter {
                expression: expression.to_owned(),
                message: refused.unwrap_or_default(),
            })
        }

        pub(super) fn matches(&mut self, packet: &Packet<'_>) -> bool {
            let selected = self.selects(packet);
            if self.hidden.looks() {
                if selected {
                    self.hidden.selected();
                } else {
                    self.hidden.left_out(&self.expression, packet);
                }
            }
            selected
        }

        pub(super) fn overlooked(&self) -> Option<String> {
            self.hidden.sentence(&self.expression)
        }

        fn selects(&mut self, packet: &Packet<'_>) -> bool {
            let known = self.by_link.iter().find(|(link, _)| *link == packet.link);
            if let Some((_, program)) = known {
                return selects(program.as_ref(), packet);
            }
            let program = match compile(&self.expression, packet.link) {
                Ok(program) => Some(program),
                Err(message) => {
                    self.refusals.push(format!(
                        "the filter \"{}\" is not valid on link type {}, whose packets are all \
                         left out: {message}",
                        self.expression, packet.link
                    ));
                    None
                }
            };
            let selected = selects(program.as_ref(), packet);
            self.by_link.push((packet.link, program));
            selected
        }

        pub(super) fn take_refusals(&mut self) -> Vec<String> {
            std::mem::take(&mut self.refusals)
        }
    }

    fn selects(program: Option<&BpfProgram>, packet: &Packet<'_>) -> bool {
        program.is_some_and(|program| program.filter(packet.data))
    }
}

#[cfg(not(feature = "live"))]
mod programs {
    use crate::capture::packet::Packet;
    use crate::error::Error;

    /// Cannot be made without libpcap.
    #[derive(Debug)]
    pub(super) enum Programs {}

    impl Programs {
        pub(super) fn new(expression: &str) -> Result<Self, Error> {
            Err(Error::NoLibpcap {
                expression: expression.to_owned(),
            })
        }

        pub(super) fn matches(&mut self, _packet: &Packet<'_>) -> bool {
            match *self {}
        }

        pub(super) fn take_refusals(&mut self) -> Vec<String> {
            match *self {}
        }

        pub(super) fn overlooked(&self) -> Option<String> {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(feature = "live"))]
    #[test]
    fn without_libpcap_it_says_so() {
        let error = Filter::new("tcp").unwrap_err();
        assert!(error.to_string().contains("built without"), "{error}");
    }

    #[cfg(feature = "live")]
    mod live {
        use super::*;
        use crate::base::{PacketRef, Timestamp};
        use crate::capture::LinkType;

        fn packet(link: LinkType, data: &[u8]) -> Packet<'_> {
            Packet {
                place: PacketRef::default(),
                time: Timestamp(0),
                link,
                data,
                wire_len: 40,
            }
        }

        /// An IPv4 packet of protocol `protocol` to port 80.
        fn ip(protocol: u8) -> Vec<u8> {
            let mut ip = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0];
            ip.extend([10, 0, 0, 1, 10, 0, 0, 2]);
            ip.extend([0x9c, 0x40, 0, 80]);
            ip.resize(40, 0);
            ip
        }

        #[test]
        fn each_link_type_has_its_program() {
            let mut filter = Filter::new("tcp port 80").unwrap();
            let ethernet = |protocol| [&[0; 12][..], &[8, 0], &ip(protocol)].concat();
            for _ in 0..2 {
                assert!(filter.matches(&packet(LinkType::ETHERNET, &ethernet(6))));
                assert!(!filter.matches(&packet(LinkType::ETHERNET, &ethernet(17))));
                assert!(filter.matches(&packet(LinkType::RAW, &ip(6))));
                assert!(!filter.matches(&packet(LinkType::RAW, &ip(17))));
            }
            assert!(!filter.matches(&packet(LinkType::RAW, &[])));
            assert!(filter.take_refusals().is_empty());
        }

        #[test]
        fn what_is_inside_vlans_and_tunnels_is_told() {
            let ethernet = |kind: &[u8], ip: &[u8]| [&[0; 12][..], kind, ip].concat();
            let told = |packets: &[Vec<u8>]| {
                let mut filter = Filter::new("tcp port 80").unwrap();
                for bytes in packets {
                    filter.matches(&packet(LinkType::ETHERNET, bytes));
                }
                filter.overlooked().unwrap_or_default()
            };
            let vlan = ethernet(&[0x81, 0, 0, 5, 8, 0], &ip(6));
            let said = told(std::slice::from_ref(&vlan));
            let advice = "'(tcp port 80) or (vlan and (tcp port 80))'";
            assert!(said.contains(advice), "{said}");
            // The advice selects the packet.
            let mut filter = Filter::new(advice.trim_matches('\'')).unwrap();
            assert!(filter.matches(&packet(LinkType::ETHERNET, &vlan)));
            assert_eq!(filter.overlooked(), None);
            // Another port inside the tag is no reason.
            let mut other = vlan.clone();
            *other.last_mut().unwrap() = 0;
            other[18 + 23] = 81;
            assert_eq!(told(&[other]), "");

            let said = told(&[ethernet(&[8, 0], &ip(47))]);
            assert!(
                said.contains("GRE") && said.contains("-f 'proto 47'"),
                "{said}"
            );
            // Where some packets are selected, the others are not asked for.
            let plain = ethernet(&[8, 0], &ip(6));
            assert_eq!(told(&[vlan.clone(), plain.clone()]), "");
            assert_eq!(told(&[plain, vlan]), "");
            assert_eq!(told(&[ethernet(&[8, 0], &ip(1))]), "");
        }

        #[test]
        fn a_bad_expression_has_libpcaps_message() {
            let error = Filter::new("tcp prot 80").unwrap_err().to_string();
            assert!(
                error.contains("tcp prot 80") && error.contains("syntax"),
                "{error}"
            );
        }

        #[test]
        fn a_link_type_may_refuse() {
            let mut filter = Filter::new("ether host 00:00:00:00:00:01").unwrap();
            assert!(!filter.matches(&packet(LinkType::RAW, &ip(6))));
            let refusals = filter.take_refusals();
            assert!(refusals[0].contains("link type 101"), "{refusals:?}");
            assert!(!filter.matches(&packet(LinkType::RAW, &ip(6))));
            assert!(filter.take_refusals().is_empty());
        }
    }
}
