//! The TCP header.
//!
//! Job: read as much of it as was captured, so that the stream stays in step.
//! Input: a [`Datagram`] whose payload is TCP. Output: a [`Segment`]. RFC 9293 §3.1.
//!
//! Read by hand: etherparse wants the whole header, and a snaplen may have cut its options off.

use super::checksum;
use super::ip::Datagram;
use super::other::{Header, Other};
use super::segment::{Endpoint, Flags, Segment};

/// The header without options.
const MIN_HEADER: usize = 20;

/// Reads the header. Its checksum is not verified here, since offload leaves wrong ones in captures
/// and only the sender's other segments tell whether it does.
#[inline]
pub(super) fn read<'a>(datagram: &Datagram<'a>) -> Result<Segment<'a>, Other> {
    let extent = datagram.payload;
    // Up to the data offset: with less, neither place nor length of the payload is known.
    let (head, after) = extent.take::<13>(Header::Tcp)?;
    let [s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset] = *head;
    // RFC 9293 §3.1: the data offset counts words of 32 bits, the header's five at least.
    let header_len = usize::from(offset >> 4) * 4;
    if header_len < MIN_HEADER {
        return Err(extent.malformed(Header::Tcp));
    }
    let payload = extent.skip(Header::Tcp, header_len)?;
    let (flags, window) = match *after.bytes() {
        [flags, w0, w1, ..] => (flags, u16::from_be_bytes([w0, w1])),
        // What was not captured closed no window.
        [flags, ..] => (flags, u16::MAX),
        [] => (0, u16::MAX),
    };
    Ok(Segment {
        source: Endpoint {
            address: datagram.source,
            port: u16::from_be_bytes([s0, s1]),
        },
        destination: Endpoint {
            address: datagram.destination,
            port: u16::from_be_bytes([d0, d1]),
        },
        encapsulation: datagram.encapsulation,
        seq: u32::from_be_bytes([q0, q1, q2, q3]),
        ack: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: Flags(flags),
        window,
        payload: payload.bytes(),
        payload_start: Some(payload.start()),
        payload_len: u32::try_from(payload.wire_len()).unwrap_or(u32::MAX),
        payload_sum: payload_sum(datagram, header_len, Flags(flags), payload.bytes().len()),
    })
}

/// What the checksum says of the payload, of which `captured` bytes are there.
#[inline]
fn payload_sum(
    datagram: &Datagram<'_>,
    header_len: usize,
    flags: Flags,
    captured: usize,
) -> Option<u16> {
    let extent = datagram.payload;
    // Where nothing is carried nothing can be wrong; SYNs show whether the sender's are right.
    if captured == 0 && !flags.syn() || extent.is_cut() {
        return None;
    }
    let header = extent.bytes().get(..header_len)?;
    let len = u32::try_from(extent.wire_len()).ok()?;
    let (source, destination) = (datagram.source, datagram.destination);
    Some(checksum::of_payload(source, destination, header, len))
}
