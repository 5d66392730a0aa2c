//! A BPF program for one link type.
//!
//! Job: have libpcap compile an expression. Input: an expression and a link type. Output: a
//! program, or libpcap's message. Source: `pcap_compile(3PCAP)`.

use pcap::{BpfProgram, Capture, Linktype};

use crate::capture::link::LinkType;
use crate::capture::live::text;

/// A program for one link type, or libpcap's message.
pub(super) fn compile(expression: &str, link: LinkType) -> Result<BpfProgram, String> {
    let dead = Capture::dead(dlt(link)).map_err(|error| text(&error))?;
    dead.compile(expression, true).map_err(|error| text(&error))
}

/// libpcap's own number, which differs from the one in files for a few link types.
fn dlt(link: LinkType) -> Linktype {
    Linktype(match link {
        LinkType::ATM_RFC1483 => 11,
        LinkType::RAW => 12,
        LinkType(number) => i32::from(number),
    })
}
