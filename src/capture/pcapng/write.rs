//! Writing pcapng.
//!
//! Job: append blocks to bytes. Input: packets and what is known of their interface. Output:
//! little-endian blocks with nanoseconds.
//! Source: draft-ietf-opsawg-pcapng, §4.1 section header, §4.2 interface description,
//! §4.3 enhanced packet, §4.6 interface statistics, §4.7 decryption secrets.

use super::section::{IF_TSRESOL, ISB_IFDROP, ISB_OSDROP};
use crate::base::Timestamp;
use crate::capture::link::LinkType;

/// `shb_userappl`, §4.1.
const SHB_USERAPPL: u16 = 4;
/// `if_name` and `if_filter`, §4.2.
const IF_NAME: u16 = 2;
const IF_FILTER: u16 = 11;
/// `isb_starttime`, `isb_endtime` and `isb_usrdeliv`, §4.6.
const ISB_STARTTIME: u16 = 2;
const ISB_ENDTIME: u16 = 3;
const ISB_USRDELIV: u16 = 8;
/// The longest text of an option.
const TEXT: usize = 1024;

/// Bytes that [`statistics`] appends.
pub(in crate::capture) const STATISTICS: u64 = 88;

/// Bytes of an enhanced packet block without its packet.
const AROUND: usize = 32;

/// Bytes that [`packet`] appends for a packet of `len` bytes.
pub(in crate::capture) fn size(len: usize) -> usize {
    AROUND + len.next_multiple_of(4)
}

/// Begins a section.
pub(in crate::capture) fn section(out: &mut Vec<u8>) {
    block(out, 0x0a0d_0d0a, |out| {
        word(out, 0x1a2b_3c4d);
        out.extend([1, 0, 0, 0]);
        // §4.1: the section's length is not known beforehand.
        out.extend([0xff; 8]);
        let version = concat!("wscope ", env!("CARGO_PKG_VERSION"));
        option(out, SHB_USERAPPL, version.as_bytes());
        option(out, 0, &[]);
    });
}

/// Describes the section's next interface.
pub(in crate::capture) fn interface(
    out: &mut Vec<u8>,
    link: LinkType,
    snaplen: u32,
    name: &str,
    filter: &str,
) {
    block(out, 1, |out| {
        out.extend(link.0.to_le_bytes());
        out.extend([0, 0]);
        word(out, snaplen);
        if !name.is_empty() {
            option(out, IF_NAME, text(name));
        }
        option(out, IF_TSRESOL, &[9]);
        if !filter.is_empty() {
            // A filter begins with the kind of its expression: 0 is that of pcap-filter(7).
            option(out, IF_FILTER, &[&[0], text(filter)].concat());
        }
        option(out, 0, &[]);
    });
}

/// Adds a packet of the section's interface number `interface`.
pub(in crate::capture) fn packet(
    out: &mut Vec<u8>,
    interface: u32,
    time: Timestamp,
    wire_len: u32,
    data: &[u8],
) {
    block(out, 6, |out| {
        word(out, interface);
        moment(out, time);
        word(out, u32::try_from(data.len()).unwrap_or(u32::MAX));
        word(out, wire_len);
        out.extend_from_slice(data);
        pad(out, data.len());
    });
}

/// Adds secrets of a kind.
pub(in crate::capture) fn secrets(out: &mut Vec<u8>, kind: u32, secrets: &[u8]) {
    block(out, 10, |out| {
        word(out, kind);
        word(out, u32::try_from(secrets.len()).unwrap_or(u32::MAX));
        out.extend_from_slice(secrets);
        pad(out, secrets.len());
    });
}

/// Bytes of a secrets block before its secrets.
pub(in crate::capture) const BEFORE_SECRETS: u64 = 16;

/// What an interface counted.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::capture) struct Counts {
    pub(in crate::capture) start: Timestamp,
    pub(in crate::capture) end: Timestamp,
    pub(in crate::capture) packets: u64,
    pub(in crate::capture) dropped_by_interface: u64,
    pub(in crate::capture) dropped_by_kernel: u64,
}

/// Adds what the section's interface number `interface` counted.
pub(in crate::capture) fn statistics(out: &mut Vec<u8>, interface: u32, counts: &Counts) {
    block(out, 5, |out| {
        word(out, interface);
        moment(out, counts.end);
        for (code, time) in [(ISB_STARTTIME, counts.start), (ISB_ENDTIME, counts.end)] {
            let mut value = Vec::with_capacity(8);
            moment(&mut value, time);
            option(out, code, &value);
        }
        for (code, count) in [
            (ISB_IFDROP, counts.dropped_by_interface),
            (ISB_OSDROP, counts.dropped_by_kernel),
            (ISB_USRDELIV, counts.packets),
        ] {
            option(out, code, &count.to_le_bytes());
        }
        option(out, 0, &[]);
    });
}

/// §3.1: type, length, body, length again.
fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    word(out, kind);
    word(out, 0);
    body(out);
    let length = u32::try_from(out.len() - start + 4).unwrap_or(u32::MAX);
    word(out, length);
    if let Some(field) = out.get_mut(start + 4..start + 8) {
        field.copy_from_slice(&length.to_le_bytes());
    }
}

/// §3.5: code, length, value, padded to four bytes.
fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    out.extend(code.to_le_bytes());
    out.extend(u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(value);
    pad(out, value.len());
}

fn pad(out: &mut Vec<u8>, len: usize) {
    out.resize(out.len() + len.next_multiple_of(4) - len, 0);
}

fn word(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_le_bytes());
}

/// §4.3: the upper half of a time comes first, whatever the byte order.
#[expect(clippy::cast_possible_truncation, reason = "the two halves of 64 bits")]
fn moment(out: &mut Vec<u8>, time: Timestamp) {
    word(out, (time.0 >> 32) as u32);
    word(out, time.0 as u32);
}

/// As much of a text as an option holds, whole characters only.
fn text(text: &str) -> &[u8] {
    let mut cuts = (0..=TEXT.min(text.len())).rev();
    let head = cuts.find_map(|end| text.get(..end));
    head.unwrap_or_default().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Limits;
    use crate::capture::{Block, Source};

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        section(&mut out);
        interface(&mut out, LinkType::ETHERNET, 96, "eth0", "tcp port 80");
        interface(&mut out, LinkType::RAW, 0, "", "");
        let times = [1_700_000_000_123_456_789, u64::MAX];
        for len in 0..9_u8 {
            let data: Vec<u8> = (0..len).collect();
            let before = out.len();
            let time = Timestamp(times[usize::from(len % 2)]);
            packet(&mut out, u32::from(len % 2), time, 100, &data);
            assert_eq!(out.len() - before, size(data.len()));
        }
        let counts = Counts {
            dropped_by_interface: 3,
            dropped_by_kernel: 1 << 40,
            ..Counts::default()
        };
        let before = out.len();
        statistics(&mut out, 1, &counts);
        assert_eq!((out.len() - before) as u64, STATISTICS);

        let mut source =
            Source::from_reader("x", Box::new(std::io::Cursor::new(out)), Limits::default());
        let mut block = Block::default();
        let mut next = 0_u8;
        while source.read(&mut block).unwrap() {
            for packet in block.packets() {
                let link = [LinkType::ETHERNET, LinkType::RAW][usize::from(next % 2)];
                assert_eq!(packet.data, (0..next).collect::<Vec<u8>>());
                assert_eq!(packet.time.0, times[usize::from(next % 2)]);
                assert_eq!((packet.link, packet.wire_len), (link, 100));
                next += 1;
            }
        }
        assert_eq!(next, 9);
        assert_eq!(source.dropped(), (1 << 40) + 3);
        assert!(
            source.take_warnings().iter().all(|warning| matches!(
                warning.kind,
                crate::capture::WarningKind::ClockStep { .. }
            ))
        );
    }

    #[test]
    fn a_long_name_is_cut_at_a_character() {
        let name = "é".repeat(TEXT);
        assert_eq!(text(&name).len(), TEXT);
        assert_eq!(text(&name[2..]), &name.as_bytes()[..TEXT]);
        assert_eq!(text(&format!("x{name}")).len(), TEXT - 1);
    }
}
