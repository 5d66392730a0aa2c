//! Key logs as tools write them, and as they are found.

use super::*;
use crate::base::Peer;

const RANDOM: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const MASTER: &str = "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf";

fn read(text: impl AsRef<[u8]>) -> KeyLog {
    let mut log = KeyLog::default();
    log.read(text.as_ref(), Source::File);
    log
}

fn name(hex: &str) -> [u8; 32] {
    let mut name = [0; 32];
    for (at, byte) in name.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    }
    name
}

fn found(log: &KeyLog) -> Vec<(Label, Vec<u8>)> {
    log.candidates(&name(RANDOM))
        .map(|it| (it.label, it.secret.bytes().to_vec()))
        .collect()
}

#[test]
fn every_label_is_known() {
    let s = &MASTER[..64];
    let log = read(format!(
        "# a comment\n\nCLIENT_RANDOM {RANDOM} {MASTER}\r\nCLIENT_EARLY_TRAFFIC_SECRET {RANDOM} {s}\r\
         CLIENT_HANDSHAKE_TRAFFIC_SECRET {RANDOM} {s}\nSERVER_HANDSHAKE_TRAFFIC_SECRET {RANDOM} {MASTER}\n\
         CLIENT_TRAFFIC_SECRET_0 {RANDOM} {s}\nSERVER_TRAFFIC_SECRET_12 {RANDOM} {s}\n\
         SERVER_TRAFFIC_SECRET_N {RANDOM} {s}\n\
         EXPORTER_SECRET {RANDOM} {s}\nECH_CONFIG {RANDOM} 00\nRSA 0011223344556677 {MASTER}\n"
    ));
    let labels: Vec<_> = found(&log).into_iter().map(|it| it.0).collect();
    assert_eq!(
        labels,
        [
            Label::Master,
            Label::Early,
            Label::Handshake(Peer::Client),
            Label::Handshake(Peer::Server),
            Label::Traffic(Peer::Client, 0),
            Label::Traffic(Peer::Server, 12),
            Label::Traffic(Peer::Server, u16::MAX),
        ]
    );
    let counts = log.counts();
    assert_eq!(
        (counts.secrets, counts.useless, counts.malformed),
        (7, 3, 0)
    );
}

#[test]
fn odd_spellings_are_read() {
    for line in [
        format!("client_random {} {}", RANDOM.to_uppercase(), MASTER),
        format!("\u{feff}CLIENT_RANDOM\t{RANDOM}  {MASTER}  "),
        format!("2026-11-26 10:08:31 ssl[31]: CLIENT_RANDOM {RANDOM} {MASTER}"),
        format!("CLIENT_RANDOM: {RANDOM}, {MASTER};"),
    ] {
        assert_eq!(found(&read(&line)).len(), 1, "{line}");
    }
    let wide: Vec<u8> = format!("\u{feff}CLIENT_RANDOM {RANDOM} {MASTER}\r\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(found(&read(wide)).len(), 1, "what PowerShell writes");
}

#[test]
fn sessions_are_found_by_their_id() {
    let log = read(format!("RSA Session-ID:0A0b Master-Key:{MASTER}"));
    let mut id = [0; 32];
    id[..2].copy_from_slice(&[10, 11]);
    let labels: Vec<_> = log.candidates(&id).map(|it| it.label).collect();
    assert_eq!(labels, [Label::MasterOfSession]);
}

#[test]
fn a_wrong_line_hides_no_right_one() {
    let other = MASTER.replace("a0", "ff");
    let log = read(format!(
        "CLIENT_RANDOM {RANDOM} {other}\nCLIENT_RANDOM {RANDOM} {MASTER}\nCLIENT_RANDOM {RANDOM} {other}\n"
    ));
    let secrets: Vec<_> = found(&log).into_iter().map(|it| it.1[0]).collect();
    assert_eq!(secrets, [0xff, 0xa0]);
    assert_eq!(log.counts().repeated, 1);
}

#[test]
fn half_lines_are_counted_and_kept_out() {
    let whole = format!("CLIENT_RANDOM {RANDOM} {MASTER}");
    for end in 0..whole.len() {
        let log = read(&whole[..end]);
        assert!(log.is_empty(), "after {end} characters");
    }
    assert_eq!(read(&whole[..whole.len() - 1]).counts().malformed, 1);
    assert_eq!(read("GET / HTTP/1.1").counts().unknown, 1);
    assert_eq!(read(vec![b'x'; 5000]).counts().unknown, 1);
}

#[test]
fn pieces_of_any_size_read_the_same() {
    let text = format!(
        "# c\r\nCLIENT_RANDOM {RANDOM} {MASTER}\r\nRSA x\n\nSERVER_TRAFFIC_SECRET_0 {RANDOM} {MASTER}"
    );
    let whole = read(&text);
    for size in 1..text.len() {
        let mut log = KeyLog::default();
        let mut reader = Reader::new(Source::File);
        for piece in text.as_bytes().chunks(size) {
            reader.feed(&mut log, piece);
        }
        reader.finish(&mut log);
        assert_eq!(log.counts(), whole.counts(), "pieces of {size}");
        assert_eq!(found(&log), found(&whole));
    }
}

#[test]
fn one_connection_keeps_a_bounded_number() {
    let mut log = KeyLog::default();
    for number in 0..300_u64 {
        let line = format!("CLIENT_RANDOM {RANDOM} {number:096x}\n");
        log.read(line.as_bytes(), Source::Block);
    }
    assert_eq!(found(&log).len(), 256);
    assert_eq!(log.counts().dropped, 44);
}

#[test]
fn secrets_are_not_printed() {
    let log = read(format!("CLIENT_RANDOM {RANDOM} {MASTER}"));
    assert_eq!(format!("{log:?}"), "KeyLog of 1 secrets");
}

#[test]
fn what_is_written_reads_as_the_same() {
    let random = "5a".repeat(32);
    let (short, wide) = ("0f".repeat(32), "c3".repeat(48));
    let text = format!(
        "CLIENT_RANDOM {random} {wide}\n\
         CLIENT_EARLY_TRAFFIC_SECRET {random} {short}\n\
         CLIENT_HANDSHAKE_TRAFFIC_SECRET {random} {short}\n\
         SERVER_HANDSHAKE_TRAFFIC_SECRET {random} {wide}\n\
         CLIENT_TRAFFIC_SECRET_0 {random} {short}\n\
         SERVER_TRAFFIC_SECRET_N {random} {wide}\n\
         RSA Session-ID:{random} Master-Key:{wide}\n"
    );
    let mut log = KeyLog::default();
    log.read(text.as_bytes(), Source::File);
    assert_eq!(log.counts().secrets, 7);
    assert_eq!(
        String::from_utf8(log.lines(&(0..9).collect()).to_vec()).unwrap(),
        text
    );
    // What is used of one state is used of all.
    let state = Keys::from(log.clone());
    state.note_used(4);
    state.note_used(1);
    let used = String::from_utf8(log.lines(&log.used()).to_vec()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(used.lines().collect::<Vec<_>>(), [lines[1], lines[4]]);
}
