//! Bounds of memory that bite change the output, and not with the number of threads.

use super::*;

/// Connections of the made capture.
const MANY: u16 = 24;

/// Messages on each.
const MESSAGES_EACH: usize = 4;

/// Bytes of each message.
const LONG: usize = 50_000;

/// Connections whose servers send long messages at once, with segments lost here and there, in
/// several blocks.
fn lossy() -> Vec<u8> {
    let mut file = file_header();
    let packet = |file: &mut Vec<u8>, connection: u16, seq: Option<u32>, payload: &[u8]| {
        let (client, server, port) = ([10, 0, 0, 1], [10, 0, 0, 2], 40_000 + connection);
        let builder = match seq {
            Some(seq) => PacketBuilder::ipv4(server, client, 64).tcp(80, port, seq, 9_000),
            None => PacketBuilder::ipv4(client, server, 64).tcp(port, 80, 1_000, 9_000),
        };
        record(file, |packet| builder.write(packet, payload).unwrap());
    };
    let mut seqs = Vec::new();
    for connection in 0..MANY {
        packet(&mut file, connection, None, REQUEST);
        packet(&mut file, connection, Some(2_000), ANSWER);
        seqs.push(2_000 + u32::try_from(ANSWER.len()).unwrap());
    }
    let streams: Vec<Vec<u8>> = (0..MANY).map(long_messages).collect();
    let mut count = 0_u32;
    for start in (0..streams[0].len()).step_by(1000) {
        for (connection, stream) in (0..).zip(&streams) {
            let part = &stream[start..stream.len().min(start + 1000)];
            let seq = &mut seqs[usize::from(connection)];
            count = count.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if count >> 26 != 0 {
                packet(&mut file, connection, Some(*seq), part);
            }
            *seq += u32::try_from(part.len()).unwrap();
        }
    }
    file
}

fn long_messages(connection: u16) -> Vec<u8> {
    let mut all = Vec::new();
    for number in 0..MESSAGES_EACH {
        let line = format!("{connection} {number} ");
        let text = line.repeat(LONG / line.len());
        all.extend([0x81, 126]);
        all.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        all.extend(text.into_bytes());
    }
    // All are of one length, so that they go on side by side.
    all.resize(MESSAGES_EACH * (LONG + 4), b' ');
    all
}

#[test]
fn what_is_given_up_does_not_depend_on_threads() {
    type Change = fn(&mut Limits);
    let capture = lossy();
    let printed = |threads, change: Change| printed_within(threads, &capture, change);
    let (whole, tally) = printed(1, |_| {});
    assert_eq!(tally.given_up(), None);
    assert!(!whole.contains("truncated"));
    let changes: [(&str, Change); 7] = [
        ("held out of order", |limits| {
            limits.reorder_total_bytes = 300_000;
        }),
        ("held out of order by each", |limits| {
            limits.reorder_bytes = 10_000;
            limits.late_bytes = Some(10_000);
        }),
        ("segments held", |limits| limits.reorder_segments = 20),
        ("payloads in progress", |limits| {
            limits.payload_total_bytes = 400_000;
        }),
        ("one payload", |limits| limits.payload_bytes = 30_000),
        ("connections", |limits| limits.connections = 20),
        ("all", |limits| {
            limits.reorder_total_bytes = 100_000;
            limits.payload_total_bytes = 400_000;
            limits.resync_bytes = 8_000;
        }),
    ];
    for (what, change) in changes {
        let (one, tally) = printed(1, change);
        assert!(one != whole, "the bound of {what} does not bite");
        let threads: &[usize] = if what == "all" { &[2, 3, 8] } else { &[3] };
        for &threads in threads {
            let (more, other) = printed(threads, change);
            assert!(more == one, "{what}, {threads} threads");
            assert_eq!(other, tally, "{what}, {threads} threads");
        }
        let given_up = (tally.relieved > 0, tally.evicted > 0);
        let (total, connections) = (what == "held out of order", what == "connections");
        let all = what == "all";
        assert_eq!(given_up, (total || all, connections), "{what}");
        let cuts = ["payloads in progress", "one payload", "all"].contains(&what);
        assert!(!cuts || one.contains("\"truncated\":true"), "{what}");
    }
}
