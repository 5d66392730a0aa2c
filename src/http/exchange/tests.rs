use proptest::prelude::*;

use super::*;
use crate::base::{PacketRef, Timestamp};
use Peer::{Client, Server};

const UPGRADE: &[u8] = b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const FRAME: &[u8] = b"\x81\x05hello";
const MASKED: &[u8] = b"\x81\x85\x01\x02\x03\x04iggho";

/// What happens on the wire.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Sends(Peer, &'static [u8]),
    Lacks(Peer, u64),
}
use Deed::{Lacks, Sends};

/// A short name for an outcome.
fn name(outcome: &Outcome) -> String {
    let status = |handshake: &Handshake| match (&handshake.request, handshake.status()) {
        (None, status) => format!("{} without request", status.unwrap_or(0)),
        (Some(_), status) => status.map_or_else(String::new, |status| status.to_string()),
    };
    match outcome {
        Outcome::Refused(handshake) => format!("refused {}", status(handshake)),
        Outcome::Upgraded(handshake) => format!("upgraded {}", status(handshake)),
        other => format!("{other:?}")
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect(),
    }
}

fn at(number: u64) -> Stamp {
    Stamp {
        packet: PacketRef::new(0, number),
        time: Timestamp(number),
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Told {
    outcomes: Vec<String>,
    rest: [Vec<u8>; 2],
    seen: Seen,
    unanswered: bool,
}

impl Told {
    fn outcomes(&self) -> Vec<&str> {
        self.outcomes.iter().map(String::as_str).collect()
    }
}

/// Gaps show in the rest as so many `?`.
fn rest(exchange: &mut Exchange, peer: Peer) -> Vec<u8> {
    let pieces = exchange.take_rest(peer).into_iter();
    let bytes = pieces.flat_map(|piece| match piece {
        Piece::Chunk { bytes, .. } => bytes,
        Piece::Gap { missing, .. } => {
            vec![b'?'; usize::try_from(missing.exactly().unwrap()).unwrap()]
        }
    });
    bytes.collect()
}

/// Runs the deeds, each cut into chunks of the sizes that `cuts` gives in turn.
fn run_on(mut exchange: Exchange, deeds: &[Deed], mut cuts: impl Iterator<Item = usize>) -> Told {
    let mut outcomes = Vec::new();
    let mut over: PerPeer<Vec<u8>> = PerPeer::default();
    let mut number = 0;
    for deed in deeds {
        let (peer, mut bytes, mut gap) = match *deed {
            Sends(peer, bytes) => (peer, bytes, 0),
            Lacks(peer, len) => (peer, &b""[..], len),
        };
        while !bytes.is_empty() || gap > 0 {
            number += 1;
            let cut = cuts
                .next()
                .unwrap_or(usize::MAX)
                .clamp(1, bytes.len().max(1));
            let mut outcome = if gap > 0 {
                exchange.delivery(
                    peer,
                    Delivery::Gap(Missing::Bytes(std::mem::take(&mut gap))),
                    at(number).into(),
                )
            } else {
                let (now, later) = bytes.split_at(cut);
                bytes = later;
                if exchange.over {
                    over[peer].extend_from_slice(now);
                }
                exchange.delivery(peer, Delivery::write(now), at(number).into())
            };
            while outcome != Outcome::More {
                outcomes.push(name(&outcome));
                outcome = exchange.resume();
            }
        }
    }
    let mut outcome = exchange.settle();
    while outcome != Outcome::More {
        outcomes.push(name(&outcome));
        outcome = exchange.resume();
    }
    let unanswered = exchange.finish().is_some();
    let rest = Peer::BOTH.map(|peer| [rest(&mut exchange, peer), over[peer].clone()].concat());
    Told {
        outcomes,
        rest,
        seen: exchange.seen(),
        unanswered,
    }
}

fn run(deeds: &[Deed]) -> Told {
    run_on(Exchange::new(Limits::default()), deeds, std::iter::empty())
}

#[test]
fn an_upgrade_with_early_frames() {
    let told = run(&[
        Sends(Client, UPGRADE),
        Sends(Server, SWITCHING),
        Sends(Server, FRAME),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101"]);
    assert_eq!(told.rest, [vec![], FRAME.to_vec()]);

    // The capture shows the client's first frame before the 101.
    let together: &'static [u8] = [SWITCHING, FRAME].concat().leak();
    let told = run(&[
        Sends(Client, UPGRADE),
        Sends(Client, MASKED),
        Sends(Server, together),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101"]);
    assert_eq!(told.rest, [MASKED.to_vec(), FRAME.to_vec()]);
    assert_eq!(told.seen.upgrade_requests, 1);

    let mut exchange = Exchange::new(Limits::default());
    exchange.delivery(Client, Delivery::write(&UPGRADE[..20]), at(1).into());
    exchange.delivery(Client, Delivery::write(&UPGRADE[20..]), at(2).into());
    let Outcome::Upgraded(handshake) =
        exchange.delivery(Server, Delivery::write(together), at(3).into())
    else {
        panic!("upgraded")
    };
    assert_eq!(
        (handshake.request_at, handshake.response_at),
        (at(1), at(3))
    );
    assert_eq!(handshake.observations(), []);
    assert_eq!(
        exchange.take_rest(Server),
        [Piece::Chunk {
            at: at(3).into(),
            bytes: FRAME.to_vec(),
            begins: false,
        }]
    );
}

const POST: &[u8] = b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
    4;x=y\r\nGET \r\n0\r\n\r\nHEAD /h HTTP/1.1\r\n\r\n\
    PUT /u HTTP/1.1\r\nContent-Length: 16\r\n\r\nGET / HTTP/1.1\r\n";
const ANSWERS: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n\
    HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nHTTP/1.1 \r\n0\r\nT: 1\r\n\r\n\
    HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n\
    HTTP/1.1 204 No Content\r\n\r\n";
const CONNECT: &[u8] = b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n";
const TUNNEL: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
const REFUSAL: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nHTTP";
const HINTS: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";

/// Keep-alive, chunked, HEAD, pipelining, CONNECT, a refusal, informational responses, frames.
const TRANSCRIPT: &[Deed] = &[
    Sends(Client, GET),
    Sends(Server, OK),
    Sends(Client, POST),
    Sends(Server, ANSWERS),
    Sends(Client, CONNECT),
    Sends(Server, TUNNEL),
    Sends(Client, GET),
    Sends(Client, UPGRADE),
    Sends(Server, OK),
    Sends(Server, REFUSAL),
    Sends(Client, UPGRADE),
    Sends(Server, HINTS),
    Sends(Client, MASKED),
    Sends(Server, SWITCHING),
    Sends(Server, FRAME),
    Sends(Client, MASKED),
];

fn expect_transcript(told: &Told) {
    assert_eq!(told.outcomes(), ["refused 401", "upgraded 101"]);
    assert_eq!(told.rest, [[MASKED, MASKED].concat(), FRAME.to_vec()]);
    let seen = told.seen;
    assert_eq!(
        (seen.requests, seen.upgrade_requests, seen.responses),
        (8, 2, 8)
    );
    assert_eq!(
        (seen.last_status, seen.losses, seen.forgotten),
        (Some(101), 0, 0)
    );
}

#[test]
fn a_long_exchange_is_followed_to_its_upgrade() {
    expect_transcript(&run(TRANSCRIPT));
    for size in 1..80 {
        let cuts = std::iter::repeat(size);
        expect_transcript(&run_on(Exchange::new(Limits::default()), TRANSCRIPT, cuts));
    }
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same(cuts: Vec<u8>) {
        let cuts = cuts.into_iter().map(|cut| usize::from(cut) / 2);
        expect_transcript(&run_on(Exchange::new(Limits::default()), TRANSCRIPT, cuts));
    }

    #[test]
    fn random_bytes_never_panic(deeds: Vec<(bool, u8, Vec<u8>)>, first in 0_usize..4) {
        let mut exchange = Exchange::new(Limits { head_bytes: 200, ..Limits::default() });
        let begins = [&b""[..], UPGRADE, POST, CONNECT];
        exchange.delivery(Client, Delivery::write(begins[first]), at(0).into());
        for (client, gap, bytes) in deeds {
            let peer = if client { Client } else { Server };
            let _ = exchange.delivery(peer, Delivery::write(&bytes), at(1).into());
            let _ = exchange.delivery(peer, Delivery::Gap(Missing::Bytes(u64::from(gap / 16))), at(1).into());
            let text = [b"HTTP/1.1 200 OK\r\n", &bytes[..], b"\r\n\r\n"].concat();
            let _ = exchange.delivery(peer, Delivery::write(&text), at(1).into());
        }
        let _ = (exchange.take_rest(Client), exchange.take_rest(Server));
    }

    /// Whatever is lost, no byte behind an upgrade is made up, and nothing panics.
    #[test]
    fn losses_never_panic(cuts: Vec<u8>, lost: Vec<bool>) {
        let mut exchange = Exchange::new(Limits::default());
        let mut cuts = cuts.into_iter().chain(std::iter::repeat(255));
        let mut lost = lost.into_iter().chain(std::iter::repeat(false));
        for deed in TRANSCRIPT {
            let Sends(peer, mut bytes) = *deed else { continue };
            while !bytes.is_empty() {
                let cut = usize::from(cuts.next().unwrap()).clamp(1, bytes.len());
                let (now, later) = bytes.split_at(cut);
                bytes = later;
                if lost.next().unwrap() {
                    exchange.delivery(peer, Delivery::Gap(Missing::Bytes(now.len() as u64)), at(1).into());
                } else {
                    exchange.delivery(peer, Delivery::write(now), at(1).into());
                }
            }
        }
    }
}

#[test]
fn other_protocols_are_told_at_once() {
    let cases: [(Peer, &'static [u8], &str); 8] = [
        (Client, b"\x16\x03\x01\x02\x00\x01", "Tls"),
        (Client, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "Http2"),
        (Client, b"SSH-2.0-OpenSSH\r\n", "NotHttp"),
        (Server, b"220 smtp ready\r\n", "NotHttp"),
        (Client, b"\x81\x85\x01\x02\x03\x04", "NotHttp"),
        (Client, b"AB\0CD", "NotHttp"),
        (Client, b"USER-WHOSE-FIRST-WORD-IS-LONG", "NotHttp"),
        (Server, b"\x81\x05hello", "NotHttp"),
    ];
    for (peer, bytes, outcome) in cases {
        for cuts in [1, 100] {
            let exchange = Exchange::new(Limits::default());
            let told = run_on(exchange, &[Sends(peer, bytes)], std::iter::repeat(cuts));
            assert_eq!(told.outcomes(), [outcome], "{bytes:?}");
            let all = [&told.rest[0][..], &told.rest[1]].concat();
            assert_eq!(all, bytes, "nothing is swallowed");
        }
    }
    let hello = b"\x16\x03\x01\x02\x00\x01";
    let told = run(&[
        Sends(Client, CONNECT),
        Sends(Server, TUNNEL),
        Sends(Client, hello),
    ]);
    assert_eq!(told.outcomes(), ["Tls"]);
    let h2c = b"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n";
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";
    assert_eq!(
        run(&[Sends(Client, h2c), Sends(Server, switch)]).outcomes(),
        ["UpgradedToHttp2"]
    );
    let told = run(&[Sends(Client, h2c), Sends(Server, OK), Sends(Client, GET)]);
    assert_eq!((told.outcomes(), told.seen.requests), (vec![], 2));
}

#[test]
fn gaps_in_bodies_are_skipped_exactly() {
    const BIG: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n012345";
    let told = run(&[
        Sends(Client, GET),
        Sends(Server, BIG),
        Lacks(Server, 10),
        Sends(Client, UPGRADE),
        Sends(Server, b"HTTP"),
        Sends(Server, SWITCHING),
    ]);
    assert_eq!(
        (told.outcomes(), told.seen.losses),
        (vec!["upgraded 101"], 0)
    );
    // Longer than the body: the next head is found again.
    let told = run(&[
        Sends(Client, GET),
        Sends(Server, BIG),
        Lacks(Server, 60),
        Sends(Server, b"of a body\r\nHTT"),
        Sends(Server, b"P/1.1 204 No Content\r\n\r\n"),
        Sends(Client, UPGRADE),
        Sends(Server, SWITCHING),
    ]);
    assert_eq!(
        (told.outcomes(), told.seen.responses),
        (vec!["upgraded 101"], 3)
    );
}

#[test]
fn a_lost_answer_leaves_a_probable_websocket() {
    let told = run(&[
        Sends(Client, UPGRADE),
        Lacks(Server, 140),
        Sends(Client, MASKED),
        Sends(Server, FRAME),
    ]);
    assert_eq!(told.outcomes(), ["Unanswered"]);
    let server = [&[b'?'; 140][..], FRAME].concat();
    assert_eq!(told.rest, [MASKED.to_vec(), server]);

    // Its first part was captured.
    let told = run(&[
        Sends(Client, UPGRADE),
        Sends(Server, &SWITCHING[..30]),
        Lacks(Server, 100),
        Sends(Server, FRAME),
    ]);
    assert_eq!(told.outcomes(), ["Unanswered"]);
    // It was not lost: what was lost is an earlier body.
    let told = run(&[
        Sends(Client, UPGRADE),
        Lacks(Server, 9),
        Sends(Server, SWITCHING),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101"]);
    // Nothing of the server was captured.
    let told = run(&[Sends(Client, UPGRADE), Sends(Client, MASKED)]);
    assert_eq!((told.outcomes(), told.unanswered), (vec![], true));
    assert_eq!(told.rest[0], MASKED);
    let much: &'static [u8] = vec![0x82; 70_000].leak();
    let told = run(&[Sends(Client, UPGRADE), Sends(Client, much)]);
    assert_eq!(
        (told.outcomes(), told.unanswered),
        (vec!["Unanswered"], false)
    );
    assert_eq!(told.rest[0], much);
}

#[test]
fn a_lost_request_leaves_the_answer() {
    let told = run(&[Sends(Server, SWITCHING), Sends(Server, FRAME)]);
    assert_eq!(told.outcomes(), ["upgraded 101 without request"]);
    // The capture shows the request behind its answer.
    let told = run(&[
        Sends(Server, SWITCHING),
        Sends(Server, FRAME),
        Sends(Client, UPGRADE),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101"]);
    assert_eq!(told.rest, [vec![], FRAME.to_vec()]);
    // Frames show that it is not to come.
    let told = run(&[Sends(Server, SWITCHING), Sends(Client, MASKED)]);
    assert_eq!(told.outcomes(), ["upgraded 101 without request"]);
    assert_eq!(told.rest, [MASKED.to_vec(), vec![]]);
    let told = run(&[
        Lacks(Client, 200),
        Sends(Server, SWITCHING),
        Sends(Client, MASKED),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101 without request"]);
    assert_eq!(told.rest[0], MASKED);
    let told = run(&[
        Sends(Client, &UPGRADE[..40]),
        Lacks(Client, 20),
        Sends(Client, &UPGRADE[60..]),
        Sends(Server, SWITCHING),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101 without request"]);
    assert_eq!(told.rest, [Vec::<u8>::new(), Vec::new()]);
    // Frames behind a gap at the beginning are no HTTP.
    let told = run(&[Lacks(Client, 200), Sends(Client, MASKED)]);
    assert_eq!(told.outcomes(), ["NotHttp"]);
    assert_eq!(told.rest[0], [&[b'?'; 200][..], MASKED].concat());
}

#[test]
fn a_response_may_be_shown_before_the_end_of_its_request() {
    let told = run(&[
        Sends(Client, &UPGRADE[..50]),
        Sends(Server, SWITCHING),
        Sends(Server, FRAME),
        Sends(Client, &UPGRADE[50..]),
        Sends(Client, MASKED),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101"]);
    assert_eq!(told.rest, [MASKED.to_vec(), FRAME.to_vec()]);
}

#[test]
fn a_connection_caught_midway_is_searched() {
    let told = run_on(
        Exchange::midway(Limits::default()),
        &[
            Sends(Server, b"\x00\x01 the rest of an image\n of some kind"),
            Sends(Client, GET),
            Sends(Server, OK),
            Sends(Client, UPGRADE),
            Sends(Server, SWITCHING),
            Sends(Server, FRAME),
        ],
        std::iter::empty(),
    );
    assert_eq!(told.outcomes(), ["upgraded 101"]);
    assert_eq!(told.rest[1], FRAME);
    let noise: &'static [u8] = vec![0xff; 200_000].leak();
    let mut exchange = Exchange::midway(Limits::default());
    for _ in 0..10 {
        assert_eq!(
            exchange.delivery(Server, Delivery::write(noise), at(1).into()),
            Outcome::More
        );
        assert!(exchange.sides.server.input.is_empty(), "nothing is kept");
    }
}

#[test]
fn heads_are_bounded() {
    let limits = Limits {
        head_bytes: 100,
        ..Limits::default()
    };
    let long: &'static [u8] = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100))
        .into_bytes()
        .leak();
    for cut in [1, 7, 1000] {
        let told = run_on(
            Exchange::new(limits),
            &[Sends(Client, long)],
            std::iter::repeat(cut),
        );
        assert_eq!(told.outcomes(), ["NotHttp"]);
        let deeds = [Sends(Client, GET), Sends(Client, long), Sends(Client, GET)];
        let told = run_on(Exchange::new(limits), &deeds, std::iter::repeat(cut));
        assert_eq!((told.outcomes(), told.seen.losses > 0), (vec![], true));
    }
    let mut exchange = Exchange::new(Limits::default());
    for _ in 0..3000 {
        exchange.delivery(Client, Delivery::write(GET), at(1).into());
    }
    let seen = exchange.seen();
    assert_eq!((seen.requests, seen.forgotten), (3000, 3000 - 1024));
}

#[test]
fn a_head_of_a_byte_per_segment_takes_linear_time() {
    let field = format!("Cookie: {}\r\n", "c".repeat(60_000));
    let head = String::from_utf8(UPGRADE.to_vec())
        .unwrap()
        .replace("Host: h\r\n", &field);
    let begin = std::time::Instant::now();
    for _ in 0..20 {
        let mut exchange = Exchange::new(Limits::default());
        for byte in head.as_bytes() {
            assert_eq!(
                exchange.delivery(Client, Delivery::write(&[*byte]), at(1).into()),
                Outcome::More
            );
        }
        assert_eq!(exchange.seen().upgrade_requests, 1);
    }
    // 1.2 million calls; a quadratic reader would look at 40 thousand million bytes.
    assert!(begin.elapsed().as_secs() < 10);
}

#[test]
fn a_body_until_close_ends_where_the_next_response_begins() {
    let told = run(&[
        Sends(Client, b"HEAD / HTTP/1.1\r\n\r\n"),
        Sends(Server, b"HTTP/1.0 200 OK\r\n\r\n"),
        Sends(Client, GET),
        Sends(Server, b"HTTP/1.0 200 OK\r\n\r\nsome text"),
        Sends(Server, b"HTTP/1.1 200 of the text"),
        Sends(Client, UPGRADE),
        Sends(Server, SWITCHING),
    ]);
    assert_eq!(told.outcomes(), ["upgraded 101"]);
}

#[test]
fn the_next_response_may_begin_with_a_part_of_its_first_line() {
    let deeds = [
        Sends(Client, b"HEAD / HTTP/1.1\r\n\r\n"),
        Sends(Client, UPGRADE),
        Sends(Server, b"HTTP/1.0 200 OK\r\n\r\n"),
        Sends(Server, SWITCHING),
    ];
    let mut unseen = deeds;
    unseen[0] = Sends(Client, GET);
    for deeds in [deeds, unseen] {
        for cut in 1..20 {
            let cuts = [usize::MAX, usize::MAX, usize::MAX, cut];
            let told = run_on(Exchange::new(Limits::default()), &deeds, cuts.into_iter());
            assert_eq!(told.outcomes(), ["upgraded 101"], "cut behind {cut}");
        }
    }
}

#[test]
fn a_line_feed_in_a_tls_header_ends_no_line() {
    let hello: &[u8] = &[22, 3, 1, 10, 0, 1];
    for cut in 1..hello.len() {
        let (first, rest) = hello.split_at(cut);
        let told = run(&[
            Sends(Client, first.to_vec().leak()),
            Sends(Client, rest.to_vec().leak()),
        ]);
        assert_eq!(told.outcomes(), ["Tls"], "{cut}");
    }
}

#[test]
fn a_gap_of_unknown_length_loses_the_phase_and_the_next_head_is_found() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe body begins";
    let mut exchange = Exchange::new(Limits::default());
    let mut give = |peer, delivery| exchange.delivery(peer, delivery, at(1).into());
    give(Client, Delivery::write(GET));
    give(Server, Delivery::write(answer));
    // However long it is, the body's length says nothing of what follows it.
    give(Server, Delivery::Gap(Missing::Unknown));
    give(Server, Delivery::write(b"and ends.\n"));
    give(Client, Delivery::write(UPGRADE));
    let switching: &[u8] = &[SWITCHING, FRAME].concat();
    let outcome = give(Server, Delivery::write(switching));
    assert!(matches!(outcome, Outcome::Upgraded(_)), "{outcome:?}");
    assert_eq!(exchange.seen().losses, 1);
    assert_eq!(rest(&mut exchange, Server), FRAME);
}
