//! What an input is, by its first bytes.
//!
//! Job: tell captures and compressed files from all else, and say of all else what it looks like.
//! Input: the first bytes. Output: a [`Kind`].
//! Source: the magic numbers of each format's own description; for text, its first words.

use super::pcap;

/// Bytes at the start that are enough to tell captures and compressed files apart.
pub(super) const MAGIC: usize = 4;

/// What an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Pcap(pcap::Variant),
    Pcapng,
    Gzip,
    Zstd,
    /// None of them; what it looks like instead.
    Other(&'static str),
}

/// Tells what begins with `bytes`.
pub(super) fn sniff(bytes: &[u8]) -> Kind {
    if let Some(&magic) = bytes.first_chunk::<4>() {
        if let Some(variant) = pcap::Variant::from_magic(magic) {
            return Kind::Pcap(variant);
        }
        match magic {
            [0x0a, 0x0d, 0x0d, 0x0a] => return Kind::Pcapng,
            // A frame, or one that is to be skipped (RFC 8878 §3.1).
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => return Kind::Zstd,
            _ => {}
        }
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Kind::Gzip;
    }
    let binary = MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic));
    Kind::Other(binary.map_or_else(|| text(bytes), |&(_, name)| name))
}

/// Formats that we know and do not read.
const MAGICS: &[(&[u8], &str)] = &[
    (b"\x04\x22\x4d\x18", "an lz4 file (unpack it with `lz4 -d`)"),
    (b"\xfd7zXZ\0", "an xz file (unpack it with `xz -d`)"),
    (b"BZh", "a bzip2 file (unpack it with `bzip2 -d`)"),
    (b"PK\x03\x04", "a zip file (unpack it with `unzip`)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file (unpack it with `7z x`)"),
    (
        b"snoop\0\0\0",
        "a snoop capture (convert it with `editcap -F pcapng`)",
    ),
    (
        b"GMBU",
        "a Network Monitor capture (convert it with `editcap -F pcapng`)",
    ),
    (
        b"RTSS",
        "a Network Monitor 1 capture (convert it with `editcap -F pcapng`)",
    ),
    (
        b"TRSNIFF data    \x1a",
        "a Sniffer capture (convert it with `editcap -F pcapng`)",
    ),
    (b"btsnoop\0", "a Bluetooth snoop capture"),
    (b"\x00\x1c\x00\x01\xac", "an IxVeriWave capture"),
    (
        b"\xac\x01\x00\x1c",
        "an Ixia lcap capture (convert it with `editcap -F pcapng`)",
    ),
    (b"\x7fELF", "a program (ELF)"),
    (b"MZ", "a Windows program"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "an SQLite database"),
];

/// What a text is, by its first words; or that it is none.
fn text(bytes: &[u8]) -> &'static str {
    let head = bytes.get(..512).unwrap_or(bytes);
    let head = match std::str::from_utf8(head) {
        Ok(head) => head,
        // The cut may lie inside a character.
        Err(error) if error.error_len().is_none() => head
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
        Err(_) => return "unknown binary data",
    };
    if head
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}'))
    {
        return "unknown binary data";
    }
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let lower = head.to_ascii_lowercase();
    if head.starts_with(['{', '[']) {
        return json(head);
    }
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return "a web page (HTML); was a login page saved in place of the file?";
    }
    if lower.starts_with("<?xml") || lower.starts_with("<pdml") || lower.starts_with("<psml") {
        return "XML text (`tshark -T pdml` cannot be read back; give the capture itself)";
    }
    if lower.contains("client_random ") || lower.contains("client_handshake_traffic_secret ") {
        return "a TLS key log (give it with `--keylog`)";
    }
    if is_tcpdump(head) {
        return "what tcpdump or tshark prints (record with `-w FILE` instead)";
    }
    if head.starts_with("0000 ") || head.starts_with("000000 ") {
        return "a hex dump (convert it with `text2pcap`)";
    }
    "plain text"
}

fn json(head: &str) -> &'static str {
    if head.contains("\"log\"") && (head.contains("\"version\"") || head.contains("\"creator\"")) {
        "a HAR file of a browser, which holds no packets"
    } else if head.contains("\"_source\"") {
        "what `tshark -T json` prints (give the capture itself)"
    } else {
        "JSON text"
    }
}

/// A line with an address or protocol as tcpdump and tshark print them.
fn is_tcpdump(head: &str) -> bool {
    let line = head.lines().next().unwrap_or_default();
    [" IP ", " IP6 ", " ARP, ", " → ", " -> "]
        .iter()
        .any(|mark| line.contains(mark))
        && line.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests;
