use super::super::frame::GoAway;
use super::super::out::{Ended, How};
use super::*;
use crate::base::{PacketRef, Timestamp};
use crate::stream::Piece;
use wscope_testkit::http2::{
    ACCEPTED, CONNECT, CONNECTS, END_HEADERS, END_STREAM, http2_block, http2_data, http2_frame,
    http2_head, http2_numbers, http2_opening, http2_settings, kind,
};

/// What came out, in words.
#[derive(Default)]
struct Seen(Vec<String>);

impl Out for Seen {
    fn opened(&mut self, stream: u32, opened: Opened) {
        let target = opened.handshake.request_target().unwrap_or_default();
        let status = opened.handshake.status().unwrap_or(0);
        self.0
            .push(format!("{stream} {:?} {target} {status}", opened.answer));
        for (note, _) in opened.notes {
            self.0.push(format!("{stream} {}", note.code));
        }
    }

    fn data(&mut self, _: u32, _: Peer, _: &DataFrame) {}

    fn bytes(&mut self, stream: u32, from: Peer, delivery: Delivery<'_>, _: Stamps) {
        let what = match delivery {
            Delivery::Chunk { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
            Delivery::Gap(missing) => format!("lacks {missing}"),
            Delivery::Conflict { .. } => return,
        };
        self.0.push(format!("{stream} {from} {what}"));
    }

    fn stalled(&mut self, stream: u32, stall: &Stall) {
        if stall.resumed {
            return self.0.push(format!("{stream} goes on"));
        }
        let by = stall.by.map_or(0, |(id, _)| id);
        let millis = stall.nanos() / 1_000_000;
        let window = if stall.connection {
            "connection"
        } else {
            "stream"
        };
        self.0.push(format!(
            "{stream} {} stalled {millis} {window} {by}",
            stall.sender
        ));
    }

    fn ended(&mut self, stream: u32, ended: Ended) {
        let how = match ended.how {
            How::Reset(by, code) => format!("reset by {by} {}", code.unwrap()),
            other => format!("{other:?}"),
        };
        self.0.push(format!("{stream} ended {how}"));
    }

    fn given_up(&mut self, away: GoAway, _: Stamp, streams: &[u32]) {
        self.0.push(format!("given up {} {streams:?}", away.code));
    }

    fn note(&mut self, stream: u32, note: Observation, _: Stamp) {
        self.0.push(format!("{stream} {}", note.code));
    }
}

/// A connection with a clock.
struct Bench {
    streams: Streams,
    seen: Seen,
    millis: u64,
    packet: u64,
}

impl Bench {
    fn new(streams: Streams) -> Self {
        Self {
            streams,
            seen: Seen::default(),
            millis: 0,
            packet: 0,
        }
    }

    /// With the first words of both ends.
    fn open() -> Self {
        let mut bench = Self::new(Streams::new(Limits::default()));
        let (client, server) = http2_opening();
        bench.send(Peer::Client, &client);
        bench.send(Peer::Server, &server);
        bench
    }

    /// With a WebSocket on stream 1.
    fn with_websocket() -> Self {
        let mut bench = Self::open();
        bench.send(Peer::Client, &http2_head(1, &CONNECT));
        bench.send(Peer::Server, &http2_head(1, &ACCEPTED));
        bench.seen.0.clear();
        bench
    }

    fn stamp(&mut self) -> Stamp {
        self.packet += 1;
        self.millis += 1;
        let nanos = u32::try_from(self.millis % 1000 * 1_000_000).unwrap();
        Stamp {
            packet: PacketRef::new(0, self.packet),
            time: Timestamp::new(self.millis / 1000, nanos),
        }
    }

    fn deliver(&mut self, from: Peer, delivery: Delivery<'_>) {
        let at = self.stamp();
        self.streams
            .delivery(from, delivery, at.into(), &mut self.seen);
    }

    fn send(&mut self, from: Peer, bytes: &[u8]) {
        self.deliver(from, Delivery::write(bytes));
    }

    fn lose(&mut self, from: Peer, bytes: u64) {
        self.deliver(from, Delivery::Gap(Missing::Bytes(bytes)));
    }

    fn finish(mut self) -> Vec<String> {
        let at = self.stamp();
        self.streams.finish(at, &mut self.seen);
        self.seen.0
    }
}

#[test]
fn a_connect_answered_with_2xx_is_a_websocket() {
    let mut bench = Bench::open();
    let get = [(":method", "GET"), (":scheme", "http"), (":path", "/")];
    bench.send(Peer::Client, &http2_head(1, &get));
    bench.send(Peer::Client, &http2_head(3, &CONNECT));
    bench.send(Peer::Client, &http2_data(3, b"early"));
    bench.send(Peer::Server, &http2_head(1, &ACCEPTED));
    bench.send(Peer::Server, &http2_data(1, b"a page"));
    bench.send(Peer::Server, &http2_head(3, &[(":status", "204")]));
    bench.send(Peer::Server, &http2_data(3, b"hello"));
    bench.send(
        Peer::Client,
        &http2_frame(kind::DATA, END_STREAM, 3, b"bye"),
    );
    bench.send(Peer::Server, &http2_frame(kind::DATA, END_STREAM, 3, b""));
    let expected = [
        "3 Accepted /chat 204",
        "3 client early",
        "3 server hello",
        "3 client bye",
        "3 ended Closed",
    ];
    assert_eq!(bench.finish(), expected);
}

#[test]
fn a_head_in_parts_with_padding_and_priority() {
    let mut bench = Bench::open();
    let block = http2_block(&CONNECT);
    let (first, rest) = block.split_at(20);
    let begins = [&[3, 0, 0, 0, 0, 9], first, &[0; 3]].concat();
    bench.send(Peer::Client, &http2_frame(kind::HEADERS, 0x28, 1, &begins));
    bench.send(
        Peer::Client,
        &http2_frame(kind::CONTINUATION, 0, 1, &rest[..5]),
    );
    bench.send(
        Peer::Client,
        &http2_frame(kind::CONTINUATION, END_HEADERS, 1, &rest[5..]),
    );
    bench.send(Peer::Server, &http2_head(1, &ACCEPTED));
    assert_eq!(bench.finish(), ["1 Accepted /chat 200", "1 ended Open"]);
}

#[test]
fn refusals_of_what_was_advertised_are_told() {
    let mut bench = Bench::open();
    bench.send(Peer::Client, &http2_head(1, &CONNECT));
    bench.send(Peer::Server, &http2_head(1, &[(":status", "405")]));
    bench.send(Peer::Server, &http2_frame(kind::DATA, END_STREAM, 1, b"no"));
    bench.send(Peer::Client, &http2_head(3, &CONNECT));
    bench.send(Peer::Server, &http2_numbers(kind::RST_STREAM, 3, &[7]));
    let expected = [
        "1 Refused /chat 405",
        "1 h2-connect-refused",
        "3 Refused /chat 0",
        "3 h2-connect-refused",
        "3 ended reset by server REFUSED_STREAM",
        "1 ended HalfClosed(Server)",
    ];
    assert_eq!(bench.finish(), expected);
}

#[test]
fn a_connect_that_was_not_advertised_is_told() {
    let mut bench = Bench::new(Streams::new(Limits::default()));
    let (client, _) = http2_opening();
    bench.send(Peer::Client, &client);
    bench.send(Peer::Client, &http2_head(1, &CONNECT));
    bench.millis += 50;
    bench.send(Peer::Server, &http2_settings(&[CONNECTS]));
    bench.send(Peer::Server, &http2_head(1, &ACCEPTED));
    bench.send(Peer::Server, &http2_settings(&[(8, 0)]));
    let expected = [
        "1 Accepted /chat 200",
        "1 h2-connect-not-advertised",
        "0 h2-connect-taken-back",
        "1 ended Open",
    ];
    assert_eq!(bench.finish(), expected);
}

#[test]
fn a_reset_of_what_was_not_advertised_is_told_as_that() {
    let mut bench = Bench::new(Streams::new(Limits::default()));
    let (client, _) = http2_opening();
    bench.send(Peer::Client, &client);
    bench.send(Peer::Server, &http2_settings(&[(8, 0)]));
    bench.send(Peer::Client, &http2_head(1, &CONNECT));
    bench.send(Peer::Server, &http2_numbers(kind::RST_STREAM, 1, &[1]));
    let expected = [
        "1 Refused /chat 0",
        "1 h2-connect-not-advertised",
        "1 ended reset by server PROTOCOL_ERROR",
    ];
    assert_eq!(bench.finish(), expected);
}

#[test]
fn windows_count_padding_and_are_told_when_exceeded() {
    let mut bench = Bench::with_websocket();
    bench.send(Peer::Server, &http2_settings(&[(4, 100)]));
    // The first answers what the server said at the beginning.
    let acks = http2_frame(kind::SETTINGS, 1, 0, &[]).repeat(2);
    bench.send(Peer::Client, &acks);
    bench.send(Peer::Client, &http2_data(1, &[b'x'; 120]));
    bench.millis += 10;
    bench.send(Peer::Server, &http2_numbers(kind::WINDOW_UPDATE, 1, &[200]));
    let seen = bench.finish();
    let expected = [
        "1 client stalled 11 stream 0",
        "1 h2-window-exceeded",
        "1 ended Open",
    ];
    assert_eq!(seen[1..], expected);
}

#[test]
fn the_stream_that_used_a_window_up_is_named() {
    let mut bench = Bench::with_websocket();
    bench.send(Peer::Client, &http2_head(3, &CONNECT));
    bench.send(Peer::Server, &http2_head(3, &ACCEPTED));
    bench.send(Peer::Client, &http2_data(1, b"one"));
    for _ in 0..3 {
        bench.send(Peer::Client, &http2_data(3, &[b'x'; 16_384]));
    }
    bench.send(Peer::Client, &http2_data(3, &[b'x'; 16_380]));
    bench.millis += 500;
    bench.send(
        Peer::Server,
        &http2_numbers(kind::WINDOW_UPDATE, 0, &[65_535]),
    );
    let seen = bench.finish();
    let stalls: Vec<_> = seen
        .iter()
        .filter(|line| line.contains("stalled"))
        .collect();
    let expected = [
        "1 client stalled 501 connection 3",
        "3 client stalled 501 connection 3",
    ];
    assert_eq!(stalls, expected);
}

#[test]
fn who_goes_on_at_once_has_waited() {
    let mut bench = Bench::with_websocket();
    bench.send(Peer::Client, &http2_data(1, &[b'x'; 16_384]).repeat(3));
    bench.send(Peer::Client, &http2_data(1, &[b'x'; 16_383]));
    bench.millis += 700;
    let all = http2_numbers(kind::WINDOW_UPDATE, 0, &[65_535]);
    let stream = http2_numbers(kind::WINDOW_UPDATE, 1, &[65_535]);
    bench.send(Peer::Server, &[all, stream].concat());
    bench.send(Peer::Client, &http2_data(1, b"after it"));
    bench.millis += 700;
    bench.send(Peer::Client, &http2_data(1, b"later"));
    let seen = bench.finish();
    assert_eq!(seen.iter().filter(|line| *line == "1 goes on").count(), 2);
}

#[test]
fn a_loss_over_heads_leaves_a_gap_on_every_stream() {
    let mut bench = Bench::with_websocket();
    bench.send(Peer::Server, &http2_data(1, b"before"));
    bench.lose(Peer::Server, 100);
    let after = [http2_data(1, b"after a while"), http2_data(1, b"and more")].concat();
    bench.send(Peer::Server, &after);
    // Windows are unknown now: nothing is said of them.
    for _ in 0..10 {
        bench.send(Peer::Server, &http2_data(1, &[b'x'; 16_000]));
    }
    let seen = bench.finish();
    let expected = [
        "1 server before",
        "1 server lacks at most 100 bytes",
        "1 server after a while",
        "1 server and more",
    ];
    assert_eq!(seen[..4], expected);
    assert!(!seen.iter().any(|line| line.contains("h2-")));
}

#[test]
fn streams_that_began_before_the_capture_are_handed_on() {
    let mut bench = Bench::new(Streams::midway(Limits::default()));
    let client = [http2_data(5, b"client bytes"), http2_data(5, b"and more")].concat();
    bench.send(Peer::Client, &client);
    let server = [http2_data(5, b"server bytes"), http2_data(5, b"and more")].concat();
    bench.send(Peer::Server, &server);
    bench.send(Peer::Client, &http2_numbers(kind::RST_STREAM, 5, &[8]));
    let seen = bench.finish();
    assert_eq!(seen[0], "5 client client bytes");
    assert_eq!(seen[seen.len() - 1], "5 ended reset by client CANCEL");
}

#[test]
fn wrong_frames_are_told() {
    let mut bench = Bench::with_websocket();
    bench.send(Peer::Client, &http2_data(0, b"x"));
    bench.send(Peer::Client, &http2_numbers(kind::WINDOW_UPDATE, 1, &[0]));
    bench.send(Peer::Client, &http2_frame(kind::CONTINUATION, 4, 1, b"x"));
    bench.send(
        Peer::Server,
        &http2_frame(kind::HEADERS, END_HEADERS, 1, &[0xff, 0xff]),
    );
    let seen = bench.finish();
    let expected = [
        "0 h2-frame-invalid",
        "0 h2-frame-invalid",
        "0 h2-frame-invalid",
        "0 hpack-invalid",
        "1 ended Open",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn goaway_with_several_websockets_is_told_once() {
    let mut bench = Bench::with_websocket();
    bench.send(Peer::Client, &http2_head(3, &CONNECT));
    bench.send(Peer::Server, &http2_head(3, &ACCEPTED));
    bench.send(
        Peer::Server,
        &http2_numbers(kind::GOAWAY, 0, &[0x7fff_ffff, 0]),
    );
    bench.send(Peer::Server, &http2_numbers(kind::GOAWAY, 0, &[3, 0]));
    let told = bench.finish();
    let told: Vec<_> = told
        .iter()
        .filter(|line| line.starts_with("given up"))
        .collect();
    assert_eq!(told, ["given up NO_ERROR [1, 3]"]);
}

#[test]
fn streams_that_wait_for_one_segment_are_counted() {
    let mut bench = Bench::with_websocket();
    bench.send(Peer::Client, &http2_head(3, &CONNECT));
    bench.send(Peer::Server, &http2_head(3, &ACCEPTED));
    let held = [bench.stamp(), bench.stamp()];
    bench.millis += 200;
    bench.send(Peer::Server, &http2_data(1, b"sent again"));
    for (id, at) in [1, 3].into_iter().zip(held) {
        let piece = Piece::of(Delivery::write(&http2_data(id, b"held")), at.into()).unwrap();
        bench
            .streams
            .delivery(Peer::Server, piece.delivery(), at.into(), &mut bench.seen);
    }
    let told = bench.finish();
    assert!(told.contains(&"0 h2-loss-stalled".to_owned()), "{told:?}");
}

#[test]
fn plain_streams_are_forgotten_first() {
    let limits = Limits {
        streams: 2,
        ..Limits::default()
    };
    let mut bench = Bench::new(Streams::new(limits));
    let (client, server) = http2_opening();
    bench.send(Peer::Client, &client);
    bench.send(Peer::Server, &server);
    bench.send(Peer::Client, &http2_head(1, &CONNECT));
    bench.send(Peer::Server, &http2_head(1, &ACCEPTED));
    for id in [3, 5, 7] {
        let get = [(":method", "GET"), (":scheme", "http"), (":path", "/")];
        bench.send(Peer::Client, &http2_head(id, &get));
    }
    bench.send(Peer::Client, &http2_data(1, b"still here"));
    let seen = bench.finish();
    assert_eq!(seen[1..], ["1 client still here", "1 ended Open"]);
}
