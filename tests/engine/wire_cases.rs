//! The situations of the wire that some analyser, server or client got wrong, built byte by
//! byte. Each test is named after its case; RFC 6455, RFC 7692.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use crate::wire::{ACK, Built, FIN, RST, Tcp, Told, frame, framed, run, run_limited, run_with};
use flate2::{Compression, FlushCompress};
use wscope::base::Limits;
use wscope::base::Peer::{self, Client, Server};
use wscope::deflate::Takeover;
use wscope::event::{Reason, Status, Upgrade};
use wscope::pipeline::Options;
use wscope::session::{Detail, Seen};
use wscope::ws::OpCode;
use wscope_testkit::{Compressor, Noise, upgrade};

const PMD: &str = "permessage-deflate";
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const PACKED: u8 = 0xc1;

fn complete(told: &Told) {
    for message in &told.messages {
        assert_eq!(message.status, Status::Complete, "{message:?}");
    }
}

/// Texts that copy from each other.
fn line(from: Peer, index: usize) -> String {
    format!("{{\"from\":\"{from}\",\"subject\":\"the same words again\",\"number\":{index}}}")
}

/// Compressed texts of `from`, a segment each.
fn talk(tcp: &mut Tcp, from: Peer, compressor: &mut Compressor, range: std::ops::Range<usize>) {
    for index in range {
        let payload = compressor.message(line(from, index).as_bytes());
        tcp.send(from, &frame(from, PACKED, &payload));
    }
}

#[test]
fn case_01_takeover_in_both_directions() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engines = [Compressor::new(6, 15, false), Compressor::new(6, 15, false)];
    for index in 0..3 {
        talk(&mut tcp, Client, &mut engines[0], index..index + 1);
        talk(&mut tcp, Server, &mut engines[1], index..index + 1);
    }
    let told = run(&tcp.packets);
    for from in Peer::BOTH {
        let lines: Vec<_> = (0..3).map(|index| line(from, index)).collect();
        assert_eq!(told.texts(from), lines);
        let sizes: Vec<_> = told.from(from).map(|m| m.payload_wire_bytes).collect();
        assert!(sizes[1] < sizes[0] / 2, "{sizes:?}: history is used");
    }
    assert!(told.findings.is_empty(), "{:?}", told.findings);
    complete(&told);
}

#[test]
fn case_02_fragments_with_a_ping_between_in_both_directions_at_once() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let texts = [line(Client, 1).repeat(3), line(Server, 1).repeat(3)];
    let halves = texts.each_ref().map(|text| {
        let mut bytes = Compressor::new(6, 15, false).message(text.as_bytes());
        let tail = bytes.split_off(bytes.len() / 2);
        (bytes, tail)
    });
    tcp.send(Client, &frame(Client, 0x41, &halves[0].0));
    tcp.send(Server, &frame(Server, 0x41, &halves[1].0));
    tcp.send(Client, &frame(Client, 0x89, b"are you there"));
    tcp.send(Server, &frame(Server, 0x8a, b"are you there"));
    tcp.send(Client, &frame(Client, 0x80, &halves[0].1));
    tcp.send(Server, &frame(Server, 0x80, &halves[1].1));
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(told.texts(Client), ["are you there", &texts[0]]);
    assert_eq!(told.texts(Server), ["are you there", &texts[1]]);
    let message = &told.messages[2];
    assert_eq!(
        (message.frames, message.compressed, message.opcode),
        (2, true, OpCode::Text)
    );
    assert!(told.findings.is_empty());
}

#[test]
fn case_03_plain_and_compressed_in_turns_after_a_ping() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    tcp.send(Server, &frame(Server, 0x89, b""));
    for index in 0..2 {
        tcp.send(Server, &frame(Server, TEXT, line(Server, index).as_bytes()));
        talk(&mut tcp, Server, &mut engine, index + 2..index + 3);
    }
    let packed = engine.message(&[7; 500]);
    tcp.send(Server, &frame(Server, 0x02, &packed[..0]));
    tcp.send(Server, &frame(Server, 0x80, &[0, 1, 2]));
    tcp.send(Server, &frame(Server, 0x42, &packed[..3]));
    tcp.send(Server, &frame(Server, 0x80, &packed[3..]));
    let told = run(&tcp.packets);
    complete(&told);
    let seen: Vec<_> = told
        .messages
        .iter()
        .map(|m| (m.opcode, m.compressed))
        .collect();
    assert_eq!(
        seen,
        [
            (OpCode::Ping, false),
            (OpCode::Text, false),
            (OpCode::Text, true),
            (OpCode::Text, false),
            (OpCode::Text, true),
            (OpCode::Binary, false),
            (OpCode::Binary, true)
        ]
    );
    assert_eq!(told.messages[5].payload, [0, 1, 2]);
    assert_eq!(told.messages[6].payload, [7; 500]);
}

#[test]
fn case_04_takeover_on_one_side_only() {
    for (response, resets) in [
        (
            "permessage-deflate; server_no_context_takeover",
            [false, true],
        ),
        (
            "permessage-deflate; client_no_context_takeover",
            [true, false],
        ),
    ] {
        let mut tcp = Tcp::upgraded(PMD, response);
        for (from, reset) in Peer::BOTH.into_iter().zip(resets) {
            talk(&mut tcp, from, &mut Compressor::new(6, 15, reset), 0..4);
        }
        let told = run(&tcp.packets);
        complete(&told);
        for (from, reset) in Peer::BOTH.into_iter().zip(resets) {
            assert_eq!(told.texts(from), [0, 1, 2, 3].map(|i| line(from, i)));
            let sizes: Vec<_> = told.from(from).map(|m| m.payload_wire_bytes).collect();
            assert_eq!(sizes[3] > sizes[0] / 2, reset, "{response} {from}");
        }
    }
}

#[test]
fn case_05_a_window_for_each_side_and_a_sender_beyond_its_own() {
    let response = "permessage-deflate; server_max_window_bits=8; client_max_window_bits=12";
    // Between the copies lies more than 256 bytes, and less than 32 KiB.
    let far = |from| [line(from, 0), "x".repeat(300), line(from, 0)].concat();
    let mut tcp = Tcp::upgraded("permessage-deflate; client_max_window_bits", response);
    // zlib cannot do 8 bits, and takes 9.
    for (from, bits) in [(Server, 9), (Client, 12), (Server, 15)] {
        let packed = Compressor::new(9, bits, true).message(far(from).as_bytes());
        tcp.send(from, &frame(from, PACKED, &packed));
    }
    let told = run(&tcp.packets);
    complete(&told);
    let parameters = told.connections[0].parameters().unwrap();
    assert_eq!(parameters.server.window_bits.get(), 8);
    assert_eq!(parameters.client.window_bits.get(), 12);
    for message in &told.messages {
        assert_eq!(message.text.as_ref(), Some(&far(message.from)));
    }
    // Who looks at every bit is told of the distance. With 9 bits zlib never reaches past 249.
    let (watched, _) = run_with(&tcp.packets, Options::new(Detail::Wire));
    let beyond: Vec<_> = watched.findings.iter().map(|f| f.message).collect();
    assert_eq!(watched.codes(), ["distance-beyond-window"]);
    assert_eq!(beyond, [Some(3)]);
}

#[test]
fn case_06_a_final_block_with_more_messages_behind_it() {
    for response in [PMD, "permessage-deflate; server_no_context_takeover"] {
        let mut tcp = Tcp::upgraded(PMD, response);
        for index in 0..4 {
            // A stream for each message: legal with takeover too, if it copies from none.
            let packed = Compressor::new(6, 15, false).last_message(line(Server, index).as_bytes());
            tcp.send(Server, &frame(Server, PACKED, &packed));
        }
        talk(&mut tcp, Server, &mut Compressor::new(6, 15, false), 4..5);
        let told = run(&tcp.packets);
        complete(&told);
        assert_eq!(told.texts(Server), [0, 1, 2, 3, 4].map(|i| line(Server, i)));
        assert_eq!(told.codes(), ["final-block"]);
    }
}

#[test]
fn case_06_a_final_block_in_mid_message_and_history_across_it() {
    // RFC 7692 §7.2.3.4, and then a copy from before the final block (§7.2.3.2).
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let hello = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    tcp.send(Server, &frame(Server, PACKED, &hello));
    tcp.send(Server, &frame(Server, PACKED, &again));
    let both = [&hello[..7], &hello].concat();
    tcp.send(Server, &frame(Server, PACKED, &both));
    // A final block at the very end, without the empty block that RFC 7692 §7.2.1 wants.
    tcp.send(Server, &frame(Server, PACKED, &hello[..7]));
    tcp.send(Server, &frame(Server, PACKED, &again));
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(
        told.texts(Server),
        ["Hello", "Hello", "HelloHello", "Hello", "Hello"]
    );
}

#[test]
fn case_07_fragments_that_end_in_a_flush_and_blocks_of_all_types() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    let pieces = ["fragment one, ", "fragment two, ", "fragment three"];
    for (index, piece) in pieces.iter().enumerate() {
        let flushed = engine.deflate(piece.as_bytes(), FlushCompress::Sync);
        let first = if index == 0 { 0x41 } else { 0x00 };
        tcp.send(Server, &frame(Server, first, &flushed));
    }
    // An empty final block: 01, and the four bytes that were cut off.
    tcp.send(Server, &frame(Server, 0x80, &[0x01]));
    // Stored, fixed and dynamic blocks in one message.
    let mut engine = Compressor::new(6, 15, false);
    let mut packed = b"\x00\x07\x00\xf8\xffstored ".to_vec();
    packed.extend(engine.deflate(b"fixed ", FlushCompress::Sync));
    let words: Vec<_> = (0..400)
        .map(|i| format!("dynamic {}", i * i % 97))
        .collect();
    let text = words.join(" ");
    packed.extend(engine.message(text.as_bytes()));
    tcp.send(Server, &frame(Server, PACKED, &packed));
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(told.messages[0].text, Some(pieces.concat()));
    assert_eq!(told.messages[0].frames, 4);
    assert_eq!(told.messages[1].text, Some(format!("stored fixed {text}")));
}

#[test]
fn case_07_a_broken_end_is_never_shown_as_text() {
    // `01 00` is half of a stored block's length; with the marker it contradicts itself.
    let mut tcp = Tcp::upgraded(PMD, PMD);
    tcp.send(
        Server,
        &frame(Server, 0x41, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
    );
    tcp.send(
        Server,
        &frame(Server, 0x80, &[0, 0, 0xff, 0xff, 0x01, 0x00]),
    );
    let told = run(&tcp.packets);
    assert_eq!(told.messages[0].status, Status::Lost(Reason::InflateError));
    assert_eq!(told.codes(), ["flush-missing"]);
}

#[test]
fn case_08_empty_messages_and_fragments() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    talk(&mut tcp, Server, &mut engine, 0..1);
    tcp.send(Server, &frame(Server, PACKED, &[0x00]));
    talk(&mut tcp, Server, &mut engine, 1..2);
    // A sender that flushed twice has no byte to send.
    tcp.send(Server, &frame(Server, PACKED, &[]));
    talk(&mut tcp, Server, &mut engine, 2..3);
    // RSV1 on an empty first fragment.
    let packed = engine.message(line(Server, 3).as_bytes());
    tcp.send(Server, &frame(Server, 0x41, &[]));
    tcp.send(Server, &frame(Server, 0x80, &packed));
    // An empty last fragment.
    let packed = engine.message(line(Server, 4).as_bytes());
    tcp.send(Server, &frame(Server, 0x41, &packed));
    tcp.send(Server, &frame(Server, 0x80, &[]));
    tcp.send(Server, &frame(Server, TEXT, &[]));
    let told = run(&tcp.packets);
    complete(&told);
    let of = |i| line(Server, i);
    assert_eq!(
        told.texts(Server),
        [&of(0), "", &of(1), "", &of(2), &of(3), &of(4), ""]
    );
    assert_eq!(told.codes(), ["flush-missing"]);
    assert_eq!(told.findings[0].message, Some(4));
}

#[test]
fn case_09_rsv1_where_it_does_not_belong() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let packed = Compressor::new(6, 15, false).message(line(Server, 0).as_bytes());
    tcp.send(Server, &frame(Server, 0x41, &packed[..9]));
    tcp.send(Server, &frame(Server, 0xc9, b"ping"));
    tcp.send(Server, &frame(Server, 0xc0, &packed[9..]));
    // A plain message with RSV1 on its continuation stays plain.
    tcp.send(Server, &frame(Server, 0x01, b"pla"));
    tcp.send(Server, &frame(Server, 0xc0, b"in"));
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(told.texts(Server), ["ping", &line(Server, 0), "plain"]);
    assert!(!told.messages[2].compressed);
    assert_eq!(
        told.codes(),
        [
            "rsv1-on-control",
            "rsv1-on-continuation",
            "rsv1-on-continuation"
        ]
    );

    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &frame(Server, PACKED, &packed));
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Server), [line(Server, 0)]);
    assert!(told.messages[0].compressed && told.messages[0].inferred);
    assert!(told.has("rsv1-without-extension"));
}

#[test]
fn case_22_a_ping_inside_what_is_compressed_without_agreement() {
    let packed = Compressor::new(6, 15, false).message(line(Server, 0).as_bytes());
    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &frame(Server, 0x41, &packed[..9]));
    tcp.send_cut(Server, &frame(Server, 0x89, b"are you there"), 5);
    tcp.send(Server, &frame(Server, 0x80, &packed[9..]));
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(told.messages[0].payload, b"are you there");
    assert_eq!(told.texts(Server)[1], line(Server, 0));
}

#[test]
fn case_10_a_compressed_message_in_fragments_that_nothing_marks() {
    let packed = Compressor::new(6, 15, false).message(line(Server, 0).as_bytes());
    for (extension, missing) in [(PMD, true), ("", false)] {
        let mut tcp = Tcp::upgraded(extension, extension);
        tcp.send(Server, &frame(Server, 0x01, &packed[..9]));
        tcp.send(Server, &frame(Server, 0x80, &packed[9..]));
        let told = run(&tcp.packets);
        assert_eq!(told.has("rsv1-missing"), missing, "{:?}", told.codes());
    }
}

#[test]
fn case_10_a_result_thrown_away_is_no_lie_of_ours() {
    // The sender keeps in its window what it then sends plain. Where a copy reaches past the
    // beginning of what the receiver has, it fails; where it does not, the receiver itself
    // gets other bytes than were meant, and nobody on the way can know.
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    let _ = engine.message(line(Server, 0).as_bytes());
    tcp.send(Server, &frame(Server, TEXT, line(Server, 0).as_bytes()));
    talk(&mut tcp, Server, &mut engine, 1..3);
    let told = run(&tcp.packets);
    assert_eq!(told.messages[0].text, Some(line(Server, 0)));
    assert_eq!(told.messages[1].status, Status::Lost(Reason::InflateError));
    assert!(told.has("distance-too-far") || told.has("deflate-invalid"));
    assert_eq!(
        told.messages[2].status,
        Status::Partial(Reason::HistoryLost)
    );
    assert!(agrees(&told.messages[2], line(Server, 2).as_bytes()));
}

/// Offer, response, window bits of client and server, codes.
type HeaderCase = (
    &'static str,
    &'static str,
    Option<(u8, u8)>,
    &'static [&'static str],
);

#[test]
fn case_11_extension_headers_of_every_kind() {
    let cases: &[HeaderCase] = &[
        (
            "permessage-deflate; client_max_window_bits=\"10\"",
            "permessage-deflate; client_max_window_bits=\"10\"; server_max_window_bits=\"9\"",
            Some((10, 9)),
            &[],
        ),
        (
            "x-other; note=\"a, b; c\", permessage-deflate",
            PMD,
            Some((15, 15)),
            // RFC 6455 §9.1: what is quoted must be a token all the same.
            &["extension-header-malformed"],
        ),
        (
            "x-first, permessage-deflate; server_max_window_bits=10, permessage-deflate",
            "permessage-deflate; server_max_window_bits=10",
            Some((15, 10)),
            &[],
        ),
        (
            PMD,
            "permessage-deflate; server_max_window_bits",
            Some((15, 15)),
            &["deflate-parameter-invalid"],
        ),
        (
            PMD,
            "permessage-deflate; server_max_window_bits=16",
            Some((15, 15)),
            &["deflate-parameter-invalid"],
        ),
        (
            PMD,
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            Some((15, 15)),
            &["deflate-parameter-repeated"],
        ),
        ("", PMD, Some((15, 15)), &["extension-not-offered"]),
        (PMD, "", None, &[]),
    ];
    for (offer, response, bits, codes) in cases {
        let mut tcp = Tcp::upgraded(offer, response);
        tcp.send(Server, &frame(Server, TEXT, b"x"));
        let told = run(&tcp.packets);
        let found = told.connections[0]
            .parameters()
            .map(|p| (p.client.window_bits.get(), p.server.window_bits.get()));
        assert_eq!(found, *bits, "{response}");
        for code in *codes {
            assert!(told.has(code), "{response}: {:?}", told.codes());
        }
        if codes.is_empty() {
            assert!(told.findings.is_empty(), "{response}: {:?}", told.findings);
        }
    }
}

#[test]
fn case_11_several_header_lines_are_one_list() {
    let (request, answer) = upgrade(
        "x-a\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "permessage-deflate\r\nSec-WebSocket-Extensions: x-a",
    );
    let mut tcp = Tcp::open();
    tcp.send(Client, &request);
    tcp.send(Server, &answer);
    talk(&mut tcp, Server, &mut Compressor::new(6, 15, false), 0..2);
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(told.messages.len(), 2);
}

#[test]
fn case_12_any_cut_of_heads_and_frames() {
    let (request, answer) = upgrade(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    let mut server = answer;
    for index in 0..5 {
        let packed = engine.message(line(Server, index).as_bytes());
        server.extend(frame(Server, PACKED, &packed));
        server.extend(frame(Server, TEXT, &vec![b'a'; 100 * index]));
    }
    let early = frame(Client, TEXT, b"sent before the answer came");
    for size in [1, 2, 3, 7, 100, 1000, 60_000] {
        let mut tcp = Tcp::open();
        tcp.send_cut(Client, &request, size);
        tcp.send_cut(Server, &server, size);
        tcp.send_cut(Client, &early, size);
        let told = run(&tcp.packets);
        complete(&told);
        assert_eq!(told.from(Server).count(), 10, "{size}");
        assert_eq!(told.texts(Server)[8], line(Server, 4));
        assert_eq!(told.texts(Client), ["sent before the answer came"]);
        assert!(told.findings.is_empty());
    }
}

#[test]
fn case_13_the_handshake_not_captured() {
    // The server's port is the higher one, so that the roles are guessed wrong at first.
    for ports in [(40_000, 8080), (8080, 40_000)] {
        let mut tcp = Tcp::silent(77, 99);
        tcp.ports = ports;
        let mut engines = [Compressor::new(6, 15, false), Compressor::new(6, 15, false)];
        for engine in &mut engines {
            let _ = engine.message(line(Client, 0).as_bytes());
        }
        for index in 0..4 {
            let text = format!("{{\"plain\":{index}}}");
            tcp.send(Client, &frame(Client, TEXT, text.as_bytes()));
            talk(&mut tcp, Server, &mut engines[1], index..index + 1);
            tcp.send(Server, &frame(Server, TEXT, text.as_bytes()));
        }
        let told = run(&tcp.packets);
        let info = &told.connections[0];
        assert_eq!((info.upgrade, info.inferred), (Upgrade::NotCaptured, true));
        assert_eq!(info.flow.client().port, ports.0);
        assert_eq!(info.parameters().unwrap().server.window_bits.get(), 15);
        assert!(info.handshake.is_none());
        let plain: Vec<_> = told.from(Server).filter(|m| !m.compressed).collect();
        assert_eq!((plain.len(), told.from(Client).count()), (4, 4));
        for message in &told.messages {
            if message.compressed {
                assert_eq!(message.status, Status::Partial(Reason::HistoryLost));
            } else {
                assert_eq!(message.status, Status::Complete);
            }
        }
        assert_eq!(told.ends, 1);
    }
}

#[test]
fn case_13_only_the_answer_lost() {
    let (request, answer) = upgrade(PMD, PMD);
    let mut tcp = Tcp::open();
    tcp.send(Client, &request);
    tcp.lose(Server, answer.len());
    let mut engines = [Compressor::new(6, 15, false), Compressor::new(6, 15, false)];
    talk(&mut tcp, Client, &mut engines[0], 0..3);
    talk(&mut tcp, Server, &mut engines[1], 0..3);
    tcp.ack(Client);
    let told = run(&tcp.packets);
    assert_eq!(told.connections[0].upgrade, Upgrade::AnswerMissing);
    assert!(told.connections[0].inferred);
    assert_eq!(told.texts(Client), [0, 1, 2].map(|i| line(Client, i)));
    // The server's first message may be missing, too; what is shown is right.
    assert_known(&told, Server, 3);
}

/// What is known of `from`'s lines is as it was sent, in order.
fn assert_known(told: &Told, from: Peer, sent: usize) {
    let mut lines = (0..sent).map(|index| line(from, index));
    for message in told.from(from) {
        let Some(len) = message.payload_bytes else {
            continue;
        };
        let fits = |line: &String| line.len() as u64 == len && agrees(message, line.as_bytes());
        assert!(lines.any(|line| fits(&line)), "never sent: {message:?}");
    }
}

/// Whether every byte that is said to be known stands in `truth`.
fn agrees(message: &crate::wire::Seen, truth: &[u8]) -> bool {
    let is_hole = |at: u64| {
        let mut holes = message.holes.iter();
        holes.any(|(start, len)| (*start..start + len).contains(&at))
    };
    let mut bytes = (0..).zip(message.payload.iter().zip(truth));
    bytes.all(|(at, (seen, sent))| seen == sent || is_hole(at))
}

#[test]
fn case_13_a_wrong_accept_and_refusals() {
    let (request, answer) = upgrade("", "");
    let mut tcp = Tcp::open();
    tcp.send(Client, &request);
    let wrong = String::from_utf8(answer)
        .unwrap()
        .replace("s3pPLM", "S3PPLM");
    tcp.send(Server, wrong.as_bytes());
    tcp.send(Server, &frame(Server, TEXT, b"still read"));
    let told = run(&tcp.packets);
    assert!(told.has("accept-invalid"));
    assert_eq!(told.texts(Server), ["still read"]);

    for status in [200, 400, 401, 403, 426] {
        let mut tcp = Tcp::open();
        tcp.send(Client, &request);
        let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 2\r\n\r\nno");
        tcp.send(Server, answer.as_bytes());
        let (told, tally) = run_with(&tcp.packets, Options::new(Detail::Payloads));
        assert_eq!(told.connections[0].upgrade, Upgrade::Refused);
        assert!(told.messages.is_empty());
        assert_eq!(tally.count(Seen::UpgradeRefused), 1);
    }
}

#[test]
fn case_13_what_was_agreed_shows_in_what_decodes() {
    let late = |reset, pack: &dyn Fn(&mut Compressor, &str) -> Vec<u8>| {
        let mut tcp = Tcp::silent(77, 99);
        let mut engine = Compressor::new(6, 15, reset);
        let _ = engine.message(line(Server, 0).as_bytes());
        for index in 0..12 {
            let text = format!("{{\"plain\":{index},\"from\":\"the client\"}}");
            tcp.send(Client, &frame(Client, TEXT, text.as_bytes()));
            let packed = pack(&mut engine, &line(Server, index));
            tcp.send(Server, &frame(Server, PACKED, &packed));
        }
        run(&tcp.packets)
    };
    let deflate = |engine: &mut Compressor, text: &str| engine.message(text.as_bytes());
    for reset in [false, true] {
        let told = late(reset, &deflate);
        let shown = told.connections[0].parameters().unwrap();
        assert!(told.connections[0].inferred);
        // Of the client, which does not compress, nothing is known.
        assert_eq!(shown.client.takeover, Takeover::Keep);
        let server = if reset {
            Takeover::Reset
        } else {
            Takeover::Keep
        };
        assert_eq!(shown.server.takeover, server);
        assert_known(&told, Server, 12);
        if reset {
            complete(&told);
        }
    }
    // RSV1 of some other extension.
    let told = late(false, &|_, text| {
        text.bytes().map(|byte| byte ^ 0x55).collect()
    });
    assert!(told.connections[0].parameters().is_none());
    let opaque = Status::Lost(Reason::ExtensionUnknown);
    assert!(told.from(Server).all(|message| message.status == opaque));
}

/// Packets without those whose numbers (from 0) are listed.
fn without(tcp: &Tcp, lost: &[usize]) -> Vec<Built> {
    let kept = tcp.packets.iter().enumerate();
    let kept = kept.filter(|(index, _)| !lost.contains(index));
    kept.map(|(_, packet)| packet.clone()).collect()
}

#[test]
fn case_14_a_lost_message_with_and_without_takeover() {
    for (response, reset) in [
        (PMD, false),
        ("permessage-deflate; server_no_context_takeover", true),
    ] {
        let mut tcp = Tcp::upgraded(PMD, response);
        let mut engine = Compressor::new(6, 15, reset);
        talk(&mut tcp, Server, &mut engine, 0..10);
        tcp.ack(Client);
        let told = run(&without(&tcp, &[6]));
        assert!(told.has("bytes-missing") && told.has("framing-found"));
        assert_known(&told, Server, 10);
        let complete = told.from(Server).filter(|m| m.status == Status::Complete);
        if reset {
            assert!(complete.count() >= 8);
        } else {
            assert_eq!(complete.count(), 1);
            let lost: Vec<_> = told.from(Server).skip(1).map(|m| m.status).collect();
            assert!(
                lost.iter()
                    .all(|s| *s == Status::Partial(Reason::HistoryLost)),
                "{lost:?}"
            );
        }
    }
}

#[test]
fn case_14_messages_that_need_nothing_lost_are_read_again() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    talk(&mut tcp, Server, &mut engine, 0..2);
    // A sender that begins a new stream copies from nothing earlier.
    let mut fresh = Compressor::new(6, 15, false);
    talk(&mut tcp, Server, &mut fresh, 2..8);
    tcp.ack(Client);
    let told = run(&without(&tcp, &[6]));
    assert_known(&told, Server, 8);
    assert_eq!(
        told.texts(Server)[1..],
        [2, 3, 4, 5, 6, 7].map(|i| line(Server, i))
    );
}

#[test]
fn case_14_a_loss_inside_a_large_frame() {
    let mut tcp = Tcp::upgraded("", "");
    let large: Vec<u8> = (0..50_000u32).map(|i| (i % 251) as u8).collect();
    let bytes = frame(Server, BINARY, &large);
    tcp.send_cut(Server, &bytes, 1000);
    tcp.send(Server, &frame(Server, TEXT, b"behind it"));
    tcp.ack(Client);
    let told = run(&without(&tcp, &[10, 11, 20]));
    let message = &told.messages[0];
    assert_eq!(message.status, Status::Partial(Reason::PayloadMissing));
    // Packets 5.. carry the frame, whose header has four bytes.
    assert_eq!(message.holes, [(4996, 2000), (14_996, 1000)]);
    assert_eq!(message.payload_bytes, Some(50_000));
    for (index, (seen, sent)) in message.payload.iter().zip(&large).enumerate() {
        let hole = (4996..6996).contains(&index) || (14_996..15_996).contains(&index);
        assert_eq!(*seen, if hole { 0 } else { *sent }, "{index}");
    }
    assert_eq!(told.texts(Server), ["?", "behind it"]);
    assert!(!told.has("framing-lost"));

    // Compressed, the rest of the message is lost and the framing is not.
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(1, 15, false);
    let noise = noise(40_000);
    let packed = engine.message(&noise);
    tcp.send_cut(Server, &frame(Server, 0xc2, &packed), 1000);
    tcp.send(Server, &frame(Server, TEXT, b"behind it"));
    tcp.ack(Client);
    let told = run(&without(&tcp, &[10]));
    assert_eq!(
        told.messages[0].status,
        Status::Partial(Reason::PayloadMissing)
    );
    assert_eq!(told.messages[0].payload_bytes, None);
    assert!(told.messages[0].payload.len() > 4000 && noise.starts_with(&told.messages[0].payload));
    assert_eq!(told.messages[0].payload_wire_bytes, packed.len() as u64);
    assert_eq!(told.texts(Server), ["?", "behind it"]);
}

fn noise(len: usize) -> Vec<u8> {
    Noise::new(1).bytes(len)
}

#[test]
fn case_14_a_lost_first_fragment() {
    for (offer, shown) in [("", true), (PMD, false)] {
        let mut tcp = Tcp::upgraded(offer, offer);
        tcp.send(Server, &frame(Server, TEXT, b"before it all"));
        tcp.send(Server, &frame(Server, 0x01, b"first fragment, "));
        tcp.send(Server, &frame(Server, 0x00, b"second, "));
        tcp.send(Server, &frame(Server, 0x80, b"and the last"));
        tcp.send(Server, &frame(Server, TEXT, b"another message"));
        tcp.send(Server, &frame(Server, TEXT, b"and one more"));
        tcp.ack(Client);
        let told = run(&without(&tcp, &[6]));
        let tail = told
            .messages
            .iter()
            .find(|m| m.opcode == OpCode::Continuation)
            .unwrap();
        if shown {
            assert_eq!(tail.status, Status::Partial(Reason::FirstFragmentMissing));
            assert!(b"second, and the last".ends_with(tail.payload.as_slice()));
        } else {
            // It may be compressed: only the first fragment would tell.
            assert_eq!(tail.status, Status::Lost(Reason::FirstFragmentMissing));
        }
        assert_eq!(tail.payload_bytes, None);
        assert!(!told.has("continuation-without-start"));
        assert!(
            told.texts(Server)
                .ends_with(&["another message", "and one more"])
        );
    }
}

#[test]
fn case_15_segments_in_every_disorder() {
    let make = |client_seq, server_seq| {
        let mut tcp = Tcp::silent(client_seq, server_seq);
        tcp.handshake();
        let (request, answer) = upgrade(PMD, PMD);
        tcp.send(Client, &request);
        tcp.send(Server, &answer);
        tcp
    };
    let lines = [0, 1, 2, 3, 4, 5].map(|i| line(Server, i));
    // Sequence numbers wrap in the answer.
    let mut tcp = make(u32::MAX - 3, u32::MAX - 90);
    let start = tcp.packets.len();
    talk(&mut tcp, Server, &mut Compressor::new(6, 15, false), 0..6);
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Server), lines);
    // Out of order, and everything twice.
    let mut packets = tcp.packets.clone();
    packets[start..].reverse();
    packets.extend(tcp.packets[4..].to_vec());
    let told = run(&packets);
    assert_eq!(told.texts(Server), lines);
    assert!(!told.has("tcp-conflict"));
    // Retransmitted with other cuts, a keep-alive probe with garbage, and an overlap that
    // differs: the first copy counts.
    let mut tcp = make(5, 7);
    let first = frame(Server, TEXT, b"the first copy");
    let seq = tcp.seq.server;
    tcp.send(Server, &first[..9]);
    tcp.raw(Server, tcp.seq.server.wrapping_sub(1), ACK, b"?");
    tcp.raw(Server, seq.wrapping_add(2), ACK, b"THE first copy");
    tcp.skip(Server, first.len() - 9);
    tcp.send(Server, &frame(Server, TEXT, b"next"));
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Server), ["the first copy", "next"]);
    assert!(told.has("tcp-conflict"));
}

#[test]
fn case_15_every_end_of_a_connection() {
    // A FIN with data, half-closed, the other side goes on.
    let mut tcp = Tcp::upgraded("", "");
    let seq = tcp.seq.client;
    let bytes = frame(Client, 0x88, &[3, 0xe8]);
    tcp.raw(Client, seq, ACK | FIN, &bytes);
    tcp.skip(Client, bytes.len() + 1);
    tcp.send(Server, &frame(Server, TEXT, b"still here"));
    tcp.send(Server, &frame(Server, 0x88, &[3, 0xe8]));
    tcp.fin(Server);
    // The four-tuple is used again.
    let mut second = Tcp::silent(500_000, 600_000);
    second.handshake();
    let (request, answer) = upgrade("", "");
    second.send(Client, &request);
    second.send(Server, &answer);
    second.send(Server, &frame(Server, TEXT, b"another connection"));
    // A reset in mid-message.
    let half = frame(Server, TEXT, b"never all of it");
    second.send(Server, &half[..9]);
    second.raw(Server, second.seq.server, RST | ACK, &[]);
    let told = run(&[tcp.packets, second.packets].concat());
    assert_eq!(told.connections.len(), 2);
    assert_eq!(told.messages[1].text.as_deref(), Some("still here"));
    assert_eq!(told.messages[3].text.as_deref(), Some("another connection"));
    assert_eq!(
        (told.messages[3].connection, told.messages[3].number),
        (2, 1)
    );
    let cut = &told.messages[4];
    assert_eq!(cut.status, Status::Partial(Reason::ConnectionEnded));
    assert_eq!(
        (cut.payload.as_slice(), cut.payload_bytes),
        (&b"never a\0\0\0\0\0\0\0\0"[..], Some(15))
    );
    assert_eq!(
        (cut.holes.as_slice(), cut.truncated),
        (&[(7, 8)][..], false)
    );
    assert_eq!(told.ends, 2);
}

#[test]
fn case_15_a_reset_that_the_other_end_has_not_heard_of() {
    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &frame(Server, TEXT, b"before it"));
    tcp.raw(Client, tcp.seq.client, RST | ACK, &[]);
    tcp.send(Server, &frame(Server, TEXT, b"on its way when it came"));
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Server), ["before it", "on its way when it came"]);
    assert!(!told.has("reset-ignored"), "{:?}", told.codes());
}

#[test]
fn case_16_lengths() {
    let mut tcp = Tcp::upgraded("", "");
    let large = noise(300_000);
    tcp.send_cut(Client, &frame(Client, BINARY, &large), 1448);
    for long in [2, 8] {
        let mut small = framed(Server, TEXT, b"small");
        small.long = long;
        tcp.send(Server, &small.bytes());
    }
    // Above 2^32, of which only the beginning is ever seen.
    let mut huge = vec![BINARY, 127, 0x40, 0, 0, 0, 0, 0, 0, 0];
    huge.extend_from_slice(b"the beginning");
    tcp.send(Server, &huge);
    let told = run(&tcp.packets);
    let sent = told.from(Client).next().unwrap();
    assert!(sent.payload == large && sent.status == Status::Complete);
    assert_eq!(sent.wire_bytes, 300_014);
    assert_eq!(told.codes(), ["length-not-minimal", "length-not-minimal"]);
    let huge = told.from(Server).nth(2).unwrap();
    assert_eq!(huge.payload, b"the beginning");
    assert_eq!(huge.status, Status::Partial(Reason::CaptureEnded));
    assert_eq!(huge.payload_bytes, Some(1 << 62));
    assert_eq!(
        (huge.holes.as_slice(), huge.truncated),
        (&[(13, (1 << 62) - 13)][..], true)
    );

    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &[BINARY, 127, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
    let told = run(&tcp.packets);
    assert!(told.has("length-top-bit") && told.has("framing-not-found"));
    assert!(told.messages.is_empty());
}

#[test]
fn case_17_a_bomb_is_counted_and_not_kept() {
    let mut engine = Compressor::new(9, 15, false);
    let packed = engine.message(&vec![0; 20_000_000]);
    assert!(packed.len() < 25_000);
    let behind = engine.message(b"behind the bomb");
    let mut tcp = Tcp::upgraded(PMD, PMD);
    tcp.send_cut(Server, &frame(Server, 0xc2, &packed), 1400);
    tcp.send(Server, &frame(Server, PACKED, &behind));
    let limits = Limits {
        payload_bytes: 1000,
        ..Limits::default()
    };
    let told = run_limited(&tcp.packets, limits);
    let bomb = &told.messages[0];
    assert_eq!(bomb.payload_bytes, Some(20_000_000));
    assert_eq!((bomb.payload.len(), bomb.truncated), (1000, true));
    assert_eq!(bomb.status, Status::Complete);
    assert!(told.has("payload-truncated"));
    assert_eq!(told.texts(Server)[1], "behind the bomb");
}

#[test]
fn case_18_x_webkit_deflate_frame() {
    let name = "x-webkit-deflate-frame";
    let mut tcp = Tcp::upgraded(name, name);
    let mut engine = Compressor::new(6, 15, false);
    let one = engine.message(b"compressed one, ");
    let three = engine.message(b"compressed one again");
    tcp.send(Server, &frame(Server, 0x41, &one));
    tcp.send(Server, &frame(Server, 0x00, b"plain two, "));
    tcp.send(Server, &frame(Server, 0x89, b"ping"));
    tcp.send(Server, &frame(Server, 0xc0, &three));
    // The first frame plain, the second compressed.
    let four = engine.message(b"compressed four");
    tcp.send(Server, &frame(Server, 0x01, b"plain, "));
    tcp.send(Server, &frame(Server, 0xc0, &four));
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(
        told.texts(Server),
        [
            "ping",
            "compressed one, plain two, compressed one again",
            "plain, compressed four"
        ]
    );
    assert!(told.messages[2].compressed);
    assert_eq!(told.codes(), ["deflate-frame-obsolete"]);
}

#[test]
fn case_18_a_hole_in_a_message_compressed_per_frame() {
    let name = "x-webkit-deflate-frame";
    let mut tcp = Tcp::upgraded(name, name);
    let mut engine = Compressor::new(6, 15, false);
    tcp.send(Server, &frame(Server, 0x41, &engine.message(&[b'a'; 500])));
    tcp.send_cut(Server, &frame(Server, 0x00, &[b'b'; 300]), 100);
    tcp.send(Server, &frame(Server, 0x80, b"the end"));
    tcp.send(Server, &frame(Server, TEXT, b"behind"));
    tcp.ack(Client);
    let told = run(&without(&tcp, &[7]));
    // What is plain has its place, and so has what lies behind it.
    let message = &told.messages[0];
    assert_eq!(message.status, Status::Partial(Reason::PayloadMissing));
    assert_eq!(
        (message.payload_bytes, &message.holes[..]),
        (Some(807), &[(596, 100)][..])
    );
    let sent = [&[b'a'; 500][..], &[b'b'; 300], b"the end"].concat();
    assert!(agrees(message, &sent));
    assert_eq!(told.texts(Server), ["?", "behind"]);
}

#[test]
fn case_19_broken_rules_of_frames() {
    let cases: &[(u8, &[u8], &str)] = &[
        (0x89, &[b'x'; 126], "control-too-long"),
        (0x09, b"x", "control-fragmented"),
        (0x83, b"x", "reserved-opcode"),
        (0x8b, b"x", "reserved-opcode"),
        (0xa1, b"x", "reserved-bit"),
        (0x91, b"x", "reserved-bit"),
        (0x81, &[0xff, 0xfe], "text-not-utf8"),
        (0x80, b"x", "continuation-without-start"),
        (0x88, &[3], "close-one-byte"),
        (0x88, &[3, 0xed], "close-code-invalid"),
        (0x88, &[3, 0xee], "close-code-invalid"),
        (0x88, &[3, 0xf7], "close-code-invalid"),
        (0x88, &[3, 0xe7], "close-code-invalid"),
        (0x88, &[0x13, 0x88], "close-code-invalid"),
        (0x88, &[3, 0xe8, 0xff], "close-reason-not-utf8"),
    ];
    for (first, payload, code) in cases {
        let mut tcp = Tcp::upgraded("", "");
        tcp.send(Server, &frame(Server, *first, payload));
        let told = run(&tcp.packets);
        assert_eq!(told.codes(), [*code], "{first:02x}");
        assert_eq!(told.findings[0].message, Some(1));
        assert_eq!(told.messages[0].payload, *payload);
    }
}

#[test]
fn case_19_masks_on_the_wrong_side_data_after_close_and_cut_characters() {
    let mut tcp = Tcp::upgraded("", "");
    let mut masked = framed(Server, TEXT, b"masked");
    masked.mask = Some(wscope_testkit::KEY);
    let mut bare = framed(Client, TEXT, b"bare");
    bare.mask = None;
    tcp.send(Server, &masked.bytes());
    tcp.send(Client, &bare.bytes());
    // A character in two fragments is whole; half of one at the end is none.
    tcp.send(Client, &frame(Client, 0x01, &[b'a', 0xe2, 0x82]));
    tcp.send(Client, &frame(Client, 0x80, &[0xac]));
    tcp.send(Client, &frame(Client, TEXT, &[b'a', 0xe2, 0x82]));
    tcp.send(Client, &frame(Client, 0x88, &[3, 0xe8, b'o', b'k']));
    tcp.send(Client, &frame(Client, TEXT, b"too late"));
    tcp.send(Client, &frame(Client, TEXT, b"far too late"));
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(told.texts(Server), ["masked"]);
    assert_eq!(told.texts(Client)[..3], ["bare", "a€", "?"]);
    assert_eq!(
        told.codes(),
        [
            "mask-from-server",
            "no-mask-from-client",
            "text-not-utf8",
            "data-after-close"
        ]
    );
}

#[test]
fn case_19_interleaved_messages() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    let packed = engine.message(line(Server, 0).as_bytes());
    tcp.send(Server, &frame(Server, 0x41, &packed[..10]));
    tcp.send(Server, &frame(Server, TEXT, b"in between"));
    tcp.send(Server, &frame(Server, 0x80, &packed[10..]));
    talk(&mut tcp, Server, &mut engine, 1..2);
    let told = run(&tcp.packets);
    assert!(told.has("message-interrupted") && told.has("continuation-without-start"));
    let reasons: Vec<_> = told.messages.iter().map(|m| m.status.reason()).collect();
    assert_eq!(
        reasons,
        [
            Some(Reason::Abandoned),
            None,
            Some(Reason::FirstFragmentMissing),
            Some(Reason::HistoryLost)
        ]
    );
    assert_eq!(told.messages[1].text.as_deref(), Some("in between"));
}

#[test]
fn case_20_a_zlib_header_and_a_marker_left_on() {
    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut zlib = flate2::Compress::new(Compression::new(6), true);
    let mut packed = Vec::with_capacity(1000);
    zlib.compress_vec(line(Server, 0).as_bytes(), &mut packed, FlushCompress::Sync)
        .unwrap();
    packed.truncate(packed.len() - 4);
    tcp.send(Server, &frame(Server, PACKED, &packed));
    let told = run(&tcp.packets);
    assert_eq!(told.messages[0].status, Status::Lost(Reason::InflateError));
    assert_eq!(told.codes(), ["zlib-header"]);

    let mut tcp = Tcp::upgraded(PMD, PMD);
    let mut engine = Compressor::new(6, 15, false);
    for index in 0..3 {
        let flushed = engine.deflate(line(Server, index).as_bytes(), FlushCompress::Sync);
        tcp.send(Server, &frame(Server, PACKED, &flushed));
    }
    let told = run(&tcp.packets);
    complete(&told);
    assert_eq!(told.texts(Server), [0, 1, 2].map(|i| line(Server, i)));
    assert_eq!(told.codes(), ["kept-flush-marker"; 3]);
}

#[test]
fn case_21_cut_packets_padding_and_truncated_files() {
    let mut tcp = Tcp::upgraded("", "");
    for index in 0..10 {
        let text = format!("{index}").repeat(200 * index);
        tcp.send(Server, &frame(Server, TEXT, text.as_bytes()));
    }
    tcp.ack(Client);
    let whole = run(&tcp.packets);
    complete(&whole);
    // Ethernet pads short packets; IP says how long they are.
    let mut padded = tcp.packets.clone();
    for packet in &mut padded {
        packet.data.extend_from_slice(&[0xaa; 6]);
        packet.wire_len += 6;
    }
    assert_eq!(run(&padded).messages, whole.messages);
    // A snaplen of 300 bytes leaves the framing in step.
    let mut cut = tcp.packets.clone();
    for packet in &mut cut {
        packet.data.truncate(300);
    }
    let told = run(&cut);
    assert_eq!(told.messages.len(), 10);
    assert!(!told.has("framing-lost"));
    for (cut, whole) in told.messages.iter().zip(&whole.messages) {
        assert_eq!(cut.payload_bytes, whole.payload_bytes);
        let known = 300 - 54 - usize::try_from(cut.wire_bytes - cut.payload_wire_bytes).unwrap();
        let known = known.min(whole.payload.len());
        assert_eq!(cut.payload[..known], whole.payload[..known]);
        assert_eq!(cut.status == Status::Complete, known == whole.payload.len());
    }
    // The capture ends in mid-message.
    let told = run(&tcp.packets[..12]);
    complete(&told);
    assert_eq!(told.messages.len(), 7);
}

#[test]
fn case_22_before_and_behind_a_proxy_that_strips_the_extension() {
    // Before it the client offers, behind it nobody does; the server's answer comes to both.
    let mut before = Tcp::upgraded(PMD, "");
    before.send(Client, &frame(Client, TEXT, b"one"));
    let mut behind = Tcp::silent(3, 4);
    behind.ports = (50_000, 9000);
    behind.handshake();
    let (request, answer) = upgrade("", "");
    behind.send(Client, &request);
    behind.send(Server, &answer);
    behind.send(Client, &frame(Client, TEXT, b"one"));
    let told = run(&[before.packets, behind.packets].concat());
    assert_eq!(told.connections.len(), 2);
    assert!(told.connections.iter().all(|c| c.parameters().is_none()));
    assert_eq!(told.texts(Client), ["one", "one"]);
    // The request stripped and the answer not: the server's messages are read all the same.
    let mut tcp = Tcp::upgraded("", PMD);
    talk(&mut tcp, Server, &mut Compressor::new(6, 15, false), 0..3);
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Server), [0, 1, 2].map(|i| line(Server, i)));
    assert!(told.has("extension-not-offered"));
}

#[test]
fn case_22_what_is_compressed_without_agreement_is_read_as_long_as_it_inflates() {
    // Compressed over a window that is kept, in fragments, with plain messages between them.
    let mut engine = Compressor::new(6, 15, false);
    let mut tcp = Tcp::upgraded(PMD, "");
    talk(&mut tcp, Server, &mut engine, 0..2);
    tcp.send(Server, &frame(Server, TEXT, b"plain"));
    let packed = engine.message(line(Server, 2).as_bytes());
    let (one, rest) = packed.split_at(3);
    let (two, three) = rest.split_at(2);
    tcp.send(Server, &frame(Server, 0x41, one));
    tcp.send(Server, &frame(Server, 0x00, two));
    tcp.send(Server, &frame(Server, 0x80, three));
    let good = tcp.clone();
    let whole = run(&good.packets);
    let mut expected = vec![
        line(Server, 0),
        line(Server, 1),
        "plain".into(),
        line(Server, 2),
    ];
    assert_eq!(whole.texts(Server), expected);
    let inferred: Vec<_> = whole.messages.iter().map(|m| m.inferred).collect();
    assert_eq!(inferred, [true, true, false, true]);
    assert_eq!(whole.codes(), ["rsv1-without-extension"; 3]);
    assert!(whole.findings[0].text.contains("a proxy"));
    let (sizes, _) = run_with(&good.packets, Options::new(Detail::Sizes));
    for (one, other) in sizes.messages.iter().zip(&whole.messages) {
        assert_eq!(one.payload_bytes, other.payload_bytes);
        assert_eq!(one.compressed, other.compressed);
    }

    // One that does not inflate is shown as it is, and so is every later one.
    let wrong = [0xc1, 0xf3, 0x48, 0xff, 0xff, 0xff, 0x07];
    tcp.send(Server, &frame(Server, PACKED, &wrong));
    talk(&mut tcp, Server, &mut engine, 3..4);
    let told = run(&tcp.packets);
    expected.extend(["?".into(), "?".into()]);
    assert_eq!(told.texts(Server), expected);
    assert_eq!(told.messages[4].payload, wrong);
    assert!(!told.messages[5].inferred);

    // Text that only has the bit set.
    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &frame(Server, PACKED, b"just text"));
    talk(&mut tcp, Server, &mut Compressor::new(6, 15, false), 0..1);
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Server), ["just text", "?"]);

    // The other direction is judged by itself, and what a loss leaves unknown is a hole.
    let mut tcp = Tcp::upgraded(PMD, "");
    let mut engine = Compressor::new(6, 15, false);
    talk(&mut tcp, Client, &mut engine, 0..1);
    let lost = frame(Client, PACKED, &engine.message(line(Client, 1).as_bytes()));
    tcp.lose(Client, lost.len());
    talk(&mut tcp, Client, &mut engine, 2..6);
    tcp.send(Server, &frame(Server, PACKED, &wrong));
    tcp.ack(Server);
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Client)[0], line(Client, 0));
    assert_known(&told, Client, 6);
    assert!(told.from(Client).skip(1).all(|message| message.compressed));
    assert_eq!(told.from(Server).next().unwrap().payload, wrong);
}

#[test]
fn a_draft_of_2010_is_named_and_not_read() {
    let (request, answer) = upgrade("", "");
    let changed = |head: Vec<u8>, from: &str, to: &str| {
        let head = String::from_utf8(head).unwrap();
        assert!(head.contains(from));
        head.replace(from, to)
    };
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let keys = "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5\r\n";
    let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    for (keys, place, draft) in [
        (keys, "Sec-WebSocket-Location: ws://h/chat", "hixie-76"),
        ("", "WebSocket-Location: ws://h/chat", "hixie-75"),
    ] {
        let mut tcp = Tcp::open();
        let request = changed(request.clone(), key, keys);
        tcp.send(Client, &[request.as_bytes(), b"^n:ds[4U"].concat());
        tcp.send(Server, changed(answer.clone(), accept, place).as_bytes());
        tcp.send(Server, b"8jKS'y:G*Co,Wxa-");
        tcp.send(Client, b"\0hello old server\xff");
        tcp.send(Server, b"\0hello old client\xff");
        tcp.fin(Client);
        tcp.fin(Server);
        let told = run(&tcp.packets);
        assert_eq!(told.codes(), ["draft-obsolete"]);
        assert!(told.findings[0].text.contains(draft));
        assert!(told.messages.is_empty());
        assert_eq!((told.connections.len(), told.ends), (1, 1));
    }
}

#[test]
fn one_direction_alone_is_said_once_and_blames_nothing() {
    for lacking in [Client, Server] {
        let mut tcp = Tcp::upgraded(PMD, PMD);
        let mut engines = [Compressor::new(6, 15, false), Compressor::new(6, 15, false)];
        for index in 0..4 {
            talk(&mut tcp, Client, &mut engines[0], index..index + 1);
            talk(&mut tcp, Server, &mut engines[1], index..index + 1);
        }
        tcp.ack(Client);
        tcp.ack(Server);
        let port = if lacking == Client { 40_000_u16 } else { 8080 };
        tcp.packets
            .retain(|packet| packet.data[34..36] != port.to_be_bytes());
        let told = run(&tcp.packets);
        complete(&told);
        assert_eq!(told.texts(lacking.other()).len(), 4);
        assert_eq!(told.from(lacking).count(), 0);
        assert_eq!(told.codes(), ["one-direction"], "{lacking}");
    }
}

#[test]
fn what_is_shown_of_an_unfinished_message_is_as_long_as_it_was_to_be() {
    let whole = frame(Server, BINARY, &[7; 2000]);
    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &whole[..904]);
    tcp.fin(Server);
    let told = run(&tcp.packets);
    let message = &told.messages[0];
    assert_eq!(
        (message.payload_bytes, message.payload.len()),
        (Some(2000), 2000)
    );
    assert_eq!(message.holes, [(900, 1100)]);
    assert!(!message.truncated && message.payload[900..] == [0; 1100]);
    // Of a length that nothing can have, not all is written out.
    let mut huge = vec![0x82, 0x7f, 0, 0, 1, 0, 0, 0, 0, 0];
    huge.extend_from_slice(&[7; 900]);
    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &huge);
    tcp.fin(Server);
    let told = run(&tcp.packets);
    let message = &told.messages[0];
    assert_eq!(message.payload_bytes, Some(1 << 40));
    assert!(message.truncated && message.payload.len() == 900);
}

#[test]
fn the_last_packet_of_a_message_is_its_senders() {
    let whole = frame(Server, BINARY, &[7; 2000]);
    let mut tcp = Tcp::upgraded("", "");
    tcp.send(Server, &whole[..904]);
    let number = tcp.packets.len() as u64;
    tcp.lose(Server, 1100);
    tcp.ack(Client);
    tcp.send(Server, &frame(Server, TEXT, b"after it"));
    tcp.ack(Client);
    let told = run(&tcp.packets);
    let (first, last) = told.messages[0].packets;
    assert_eq!(first, last);
    assert!(last.abs_diff(number) <= 1, "{last} {number}");
    assert_eq!(told.texts(Server)[1], "after it");
}

#[test]
fn what_a_proxy_puts_in_front_is_passed_over() {
    let (request, answer) = upgrade(PMD, PMD);
    let v1 = &b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n"[..];
    let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\xcb\0\x71\x07\xc0\0\x02\x01\xc8\x22\x01\xbb\x04\0\x01\0";
    for (header, protocol) in [(v1, "PROXY v1"), (v2, "PROXY v2")] {
        for size in [1, 5, 60_000] {
            // In the segment of the request, or in its own.
            for joined in [false, true] {
                let mut tcp = Tcp::open();
                if joined {
                    tcp.send_cut(Client, &[header, &request].concat(), size);
                } else {
                    tcp.send_cut(Client, header, size);
                    tcp.send_cut(Client, &request, size);
                }
                tcp.send(Server, &answer);
                talk(&mut tcp, Client, &mut Compressor::new(6, 15, false), 0..2);
                let told = run(&tcp.packets);
                complete(&told);
                assert_eq!(told.texts(Client), [0, 1].map(|i| line(Client, i)));
                let named = &told.connections[0].proxied_from;
                let expected = format!("{protocol} for client 203.0.113.7:51234");
                assert_eq!(named[0].to_string(), expected);
                assert!(told.findings.is_empty());
            }
        }
    }
    let mut tcp = Tcp::open();
    tcp.send(Client, b"\x05\x01\0");
    tcp.send(Server, b"\x05\0");
    tcp.send(Client, b"\x05\x01\0\x03\x0bexample.org\0\x50");
    tcp.send(Server, b"\x05\0\0\x01\0\0\0\0\0\0");
    tcp.send(Client, &request);
    tcp.send(Server, &answer);
    talk(&mut tcp, Server, &mut Compressor::new(6, 15, false), 0..2);
    let told = run(&tcp.packets);
    assert_eq!(told.texts(Server), [0, 1].map(|i| line(Server, i)));
    assert_eq!(
        told.connections[0].proxied_from[0].address,
        "example.org:80"
    );
}

#[test]
fn case_24_the_same_ports_on_two_vlans() {
    let mut packets = Vec::new();
    let mut both = [10, 20].map(|vlan| {
        // Equal numbers would make them two views of one connection.
        let start = 0x0123_4567 * u32::from(vlan);
        let mut tcp = Tcp::silent(start, !start);
        tcp.vlan = Some(vlan);
        tcp.handshake();
        let (request, answer) = upgrade(PMD, PMD);
        tcp.send(Client, &request);
        tcp.send(Server, &answer);
        (tcp, Compressor::new(6, 15, false))
    });
    for index in 0..4 {
        for (nth, (tcp, engine)) in both.iter_mut().enumerate() {
            talk(tcp, Server, engine, 10 * nth + index..10 * nth + index + 1);
        }
    }
    let [(a, _), (b, _)] = both;
    for (a, b) in a.packets.into_iter().zip(b.packets) {
        packets.extend([a, b]);
    }
    let told = run(&packets);
    complete(&told);
    assert_eq!(told.connections.len(), 2);
    for nth in 0..2 {
        let of = told.messages.iter().filter(|m| m.connection == nth + 1);
        let texts: Vec<_> = of.map(|m| m.text.clone().unwrap()).collect();
        let nth = usize::try_from(nth).unwrap();
        assert_eq!(texts, [0, 1, 2, 3].map(|i| line(Server, 10 * nth + i)));
    }
}

#[test]
fn case_13_a_late_start_blames_no_one_for_what_came_before() {
    let mut tcp = Tcp::silent(77, 99);
    tcp.send(Server, &frame(Server, 0x00, &[b'm'; 200]));
    tcp.send(Server, &frame(Server, 0x80, &[b'e'; 90]));
    for index in 0..8 {
        let text = format!("{{\"plain\":{index}}}");
        tcp.send(Client, &frame(Client, TEXT, text.as_bytes()));
        tcp.send(Server, &frame(Server, TEXT, text.as_bytes()));
    }
    let told = run(&tcp.packets);
    let first = told.from(Server).next().unwrap();
    assert_eq!(first.opcode, OpCode::Continuation);
    assert!(
        !told.has("continuation-without-start"),
        "{:?}",
        told.codes()
    );
}
