//! Rows that wait for others, where no scratch file can be written.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::io::Write;
use std::process::Output;

use wscope_testkit::{Frame, Segment, pcap, upgrade};

use crate::common::wscope;

/// A connection with so many messages of 12,000 bytes.
fn capture(messages: u32) -> tempfile::NamedTempFile {
    let mut seq = [1000_u32, 9000];
    let mut packets = Vec::new();
    let mut send = |from: usize, payload: &[u8]| {
        let segment = Segment {
            from_client: from == 0,
            ports: (40_000, 80),
            vlan: None,
            seq: seq[from],
            ack: seq[1 - from],
            flags: 0x18,
            payload,
        };
        packets.push(segment.packet());
        seq[from] += u32::try_from(payload.len()).unwrap();
    };
    let (request, answer) = upgrade("", "");
    send(0, &request);
    send(1, &answer);
    for number in 0..messages {
        let text = format!("{:>12000}", number * 7 % messages);
        send(1, &Frame::bare(0x81, text.as_bytes()).bytes());
    }
    let time = |number: u64| 1_700_000_000_000_000_000 + number * 1_000_000;
    let numbered = (0..).zip(&packets);
    let bytes = pcap(numbered.map(|(number, data)| (time(number), data.as_slice(), data.len())));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    file
}

fn sorted(file: &tempfile::NamedTempFile, folder: Option<&str>) -> Output {
    let mut command = wscope();
    command.args(["messages", "--json", "--sort", "text:asc", "--threads", "1"]);
    if let Some(folder) = folder {
        command.env("TMPDIR", folder);
    }
    command.arg(file.path()).output().unwrap()
}

#[test]
fn rows_stay_in_memory_where_no_scratch_file_can_be_written() {
    // Little is kept in memory anyway.
    for (messages, is_said) in [(10, false), (800, true)] {
        let file = capture(messages);
        let usual = sorted(&file, None);
        let without = sorted(&file, Some("/nonexistent"));
        let rows = usual.stdout.split(|byte| *byte == b'\n').count() - 1;
        assert_eq!(rows, messages as usize);
        assert!(usual.stderr.is_empty() && usual.stdout == without.stdout);
        assert_eq!(without.status.code(), Some(0));
        let said = String::from_utf8(without.stderr).unwrap();
        assert_eq!(
            said.contains("No such file") && said.contains(", in /nonexistent"),
            is_said,
            "{said}"
        );
        assert_eq!(said.contains("rows stayed in memory"), is_said, "{said}");
    }
}
