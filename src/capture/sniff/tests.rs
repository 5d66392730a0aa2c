use super::*;

fn other(bytes: &[u8]) -> &'static str {
    match sniff(bytes) {
        Kind::Other(name) => name,
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn captures_and_compressed_files_are_known() {
    for magic in [
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0x34, 0xcd, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xcd, 0x34],
    ] {
        assert!(matches!(sniff(&magic), Kind::Pcap(_)), "{magic:x?}");
    }
    assert_eq!(sniff(b"\x0a\x0d\x0d\x0a1234"), Kind::Pcapng);
    assert_eq!(sniff(b"\x1f\x8b\x08\x00"), Kind::Gzip);
    assert_eq!(sniff(b"\x28\xb5\x2f\xfd"), Kind::Zstd);
    assert_eq!(sniff(b"\x5a\x2a\x4d\x18"), Kind::Zstd);
}

#[test]
fn all_else_has_a_name() {
    for (bytes, name) in [
        (&b"\xfd7zXZ\0\0"[..], "an xz file"),
        (b"BZh91AY", "a bzip2 file"),
        (b"PK\x03\x04", "a zip file"),
        (b"\x7fELF\x02", "a program"),
        (b"snoop\0\0\0\0", "a snoop capture"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (b"{\"log\": {\"version\": \"1.2\"", "a HAR file"),
        (
            b"[{\"_index\": 1, \"_source\": {",
            "what `tshark -T json` prints",
        ),
        (b"{\"a\": 1}", "JSON text"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "a web page"),
        (b"<?xml version", "XML text"),
        (b"CLIENT_RANDOM 00", "a TLS key log"),
        (
            b"12:00:00.1 IP 10.0.0.1.80 > 10.0.0.2.9: Flags [S]",
            "what tcpdump or tshark prints",
        ),
        (
            "    1   0.000 10.0.0.1 → 10.0.0.2 TCP".as_bytes(),
            "what tcpdump or tshark prints",
        ),
        (b"0000  45 00 00 28", "a hex dump"),
        (b"hello there", "plain text"),
        (b"a", "plain text"),
        (b"\0\x01\x02", "unknown binary data"),
        (b"\xff\xfe\xff\xfe", "unknown binary data"),
    ] {
        assert!(other(bytes).starts_with(name), "{name}: {}", other(bytes));
    }
    let mut cut = vec![b'a'; 511];
    cut.extend("é".as_bytes());
    assert_eq!(other(&cut), "plain text");
}
