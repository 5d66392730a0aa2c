mod bounds;
mod kept;

use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use etherparse::PacketBuilder;
use flate2::{Compress, Compression, FlushCompress};

use super::*;
use crate::capture::Source;
use crate::event::{Event, Outlet};
use crate::output::json::JsonSink;
use crate::output::style::Style;
use crate::output::text::{Layout, TextSink, TimeFormat};
use crate::page::redact::Redact;
use crate::session::Detail;
use crate::stats::Summaries;

/// Connections of the made capture.
const CONNECTIONS: u16 = 7;

/// Compressed messages that each server sends.
const MESSAGES: usize = 6;

/// Bytes of each, inflated.
const PAYLOAD: usize = 12_000;

/// A capture of raw IP packets, and the next sequence number of each server.
struct Made {
    bytes: Vec<u8>,
    sent: [u32; CONNECTIONS as usize],
}

impl Made {
    fn packet(&mut self, connection: u16, from_server: bool, payload: &[u8]) {
        let sent = &mut self.sent[usize::from(connection)];
        let (client, server) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        let port = 40_000 + connection;
        let builder = if from_server {
            let seq = *sent;
            *sent += u32::try_from(payload.len()).unwrap();
            PacketBuilder::ipv4(server, client, 64).tcp(80, port, seq, 9_000)
        } else {
            PacketBuilder::ipv4(client, server, 64).tcp(port, 80, 1_000, 9_000)
        };
        record(&mut self.bytes, |packet| {
            builder.write(packet, payload).unwrap();
        });
    }

    /// Each connection's next segment in turn, until all are sent.
    fn in_turn(&mut self, streams: &[Vec<u8>], segment: usize) {
        let longest = streams.iter().map(Vec::len).max().unwrap();
        for start in (0..longest).step_by(segment) {
            for (connection, stream) in (0..).zip(streams) {
                if let Some(rest) = stream.get(start..) {
                    let part = &rest[..rest.len().min(segment)];
                    self.packet(connection, true, part);
                }
            }
        }
    }
}

const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
      Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
      Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
    Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

/// The beginning of a capture of raw IP.
fn file_header() -> Vec<u8> {
    let words = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 1 << 18, 101];
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Adds the packet that `write` makes.
fn record(file: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let mut packet = Vec::new();
    write(&mut packet);
    let len = u32::try_from(packet.len()).unwrap();
    for word in [1_700_000_000, 0, len, len] {
        file.extend(u32::to_le_bytes(word));
    }
    file.extend(packet);
}

/// Some connections at once whose servers send messages that inflate to much. The first one's messages
/// are not compressed, so that it needs many packets to complete one.
fn capture() -> Vec<u8> {
    let bytes = file_header();
    let sent = [2_000; CONNECTIONS as usize];
    let mut made = Made { bytes, sent };
    for connection in 0..CONNECTIONS {
        made.packet(connection, false, REQUEST);
        made.packet(connection, true, ANSWER);
    }
    let streams: Vec<_> = (0..CONNECTIONS).map(messages).collect();
    made.in_turn(&streams, 700);
    made.bytes
}

/// All that one server sends.
fn messages(connection: u16) -> Vec<u8> {
    let mut compress = Compress::new(Compression::fast(), false);
    let mut all = Vec::new();
    for number in 0..MESSAGES {
        let line = format!("\u{1}\" {connection} 日本 {number}  ");
        let text = line.repeat(PAYLOAD / line.len());
        let (first, body) = if connection == 0 {
            (0x81, text.into_bytes())
        } else {
            let mut body = Vec::with_capacity(2 * PAYLOAD);
            let sync = FlushCompress::Sync;
            compress
                .compress_vec(text.as_bytes(), &mut body, sync)
                .unwrap();
            body.truncate(body.len() - 4);
            (0xc1, body)
        };
        all.extend([first, 126]);
        all.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        all.extend(body);
    }
    all
}

struct Bytes(Source);

impl Feed for Bytes {
    fn read(&mut self, block: &mut Block) -> bool {
        self.0.read(block).unwrap()
    }
}

fn feed(capture: &[u8]) -> Bytes {
    let reader = Box::new(std::io::Cursor::new(capture.to_vec()));
    Bytes(Source::from_reader("made", reader, Limits::default()))
}

fn options(rendered_bytes: usize) -> Options {
    let mut options = Options::new(Detail::Payloads);
    options.limits.rendered_bytes = rendered_bytes;
    options
}

/// The output, and the largest part in which it came.
fn printed<S: Renderer<Output = Vec<u8>>>(
    (capture, threads, rendered_bytes): (&[u8], usize, usize),
    make: impl FnMut() -> S,
) -> (Vec<u8>, usize) {
    let mut all = Vec::new();
    let mut largest = 0;
    let mut out = |part: &mut Vec<u8>| {
        largest = largest.max(part.len());
        all.write_all(part)
    };
    let options = options(rendered_bytes);
    let (_, written) = render(threads, &options, make, &mut feed(capture), &mut out);
    written.unwrap();
    (all, largest)
}

fn text(hex: bool) -> TextSink {
    let layout = Layout {
        width: None,
        full: true,
        hex,
        raw: false,
        decode: false,
        redact: Redact::Nothing,
        time: TimeFormat::Delta,
        style: Style::default(),
    };
    TextSink::new(layout)
}

/// What is printed of a capture under other limits, and what is counted.
fn printed_within(
    threads: usize,
    capture: &[u8],
    change: impl FnOnce(&mut Limits),
) -> (String, Tally) {
    let mut options = options(usize::MAX);
    change(&mut options.limits);
    let mut all = Vec::new();
    let mut out = |part: &mut Vec<u8>| all.write_all(part);
    let (run, written) = render(
        threads,
        &options,
        JsonSink::default,
        &mut feed(capture),
        &mut out,
    );
    written.unwrap();
    (String::from_utf8(all).unwrap(), run.tally)
}

#[test]
fn a_bound_that_bites_changes_nothing() {
    type Format<'a> = &'a dyn Fn(usize, usize) -> (Vec<u8>, usize);
    let capture = capture();
    let formats: [Format<'_>; 3] = [
        &|threads, bound| printed((&capture, threads, bound), JsonSink::default),
        &|threads, bound| printed((&capture, threads, bound), || text(false)),
        &|threads, bound| printed((&capture, threads, bound), || text(true)),
    ];
    for format in formats {
        let (whole, _) = format(1, usize::MAX);
        assert!(whole.len() > usize::from(CONNECTIONS) * MESSAGES * PAYLOAD);
        for threads in [1, 2, 3, 8] {
            for bound in [10_000, usize::MAX] {
                let (all, largest) = format(threads, bound);
                assert!(all == whole, "{threads} threads, {bound} bytes");
                assert!(largest <= bound, "{threads} threads: {largest} bytes");
            }
        }
    }
}

#[test]
fn a_fold_does_not_depend_on_threads() {
    let capture = capture();
    let folded = |threads| {
        let options = options(usize::MAX);
        let run = fold(threads, &options, Summaries::default, &mut feed(&capture));
        let mut all = Summaries::default();
        for sink in run.sinks {
            all.merge(sink);
        }
        format!("{:?} {all:?}", run.tally)
    };
    let one = folded(1);
    for threads in [2, 3, 8] {
        assert!(folded(threads) == one, "{threads} threads");
    }
}

/// Bytes in memory over all [`Counted`] values, and the most there ever were.
static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Bytes that count themselves.
#[derive(Default)]
struct Counted(Vec<u8>);

impl Counted {
    fn push(&mut self, bytes: &[u8]) {
        let held = HELD.fetch_add(bytes.len(), Ordering::SeqCst) + bytes.len();
        MOST.fetch_max(held, Ordering::SeqCst);
        self.0.extend(bytes);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.truncate(0);
    }
}

impl Rendered for Counted {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn bytes(&self) -> usize {
        self.0.len()
    }

    fn append(&mut self, from: &mut Self, part: Range<usize>) {
        self.push(&from.0[part]);
    }

    fn truncate(&mut self, len: usize) {
        HELD.fetch_sub(self.0.len() - len, Ordering::SeqCst);
        self.0.truncate(len);
    }
}

/// Renders payloads, a little at a time.
struct Payloads;

impl Renderer for Payloads {
    type Output = Counted;

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Counted>) {
        if let Event::Message(message) = event {
            for part in message.payload.chunks(8) {
                out.add(|counted| counted.push(part));
            }
        }
    }
}

#[test]
fn what_waits_to_be_written_is_bounded() {
    const BOUND: usize = 40_000;
    let capture = capture();
    for threads in [1, 2, 3, 8] {
        MOST.store(0, Ordering::SeqCst);
        let mut total = 0;
        let mut out = |part: &mut Counted| {
            total += part.len();
            // A slow reader lets the workers get as far ahead as they may.
            thread::yield_now();
            Ok(())
        };
        let options = options(BOUND);
        let (_, written) = render(
            threads,
            &options,
            || Payloads,
            &mut feed(&capture),
            &mut out,
        );
        written.unwrap();
        assert!(total > 10 * BOUND);
        assert_eq!(HELD.load(Ordering::SeqCst), 0);
        // A portion may be larger by what is rendered at a time.
        let most = MOST.load(Ordering::SeqCst);
        assert!(most <= BOUND + 8 * 6 * threads, "{threads}: {most}");
    }
}

#[test]
fn output_that_fails_ends_the_run() {
    let capture = capture();
    for threads in [1, 2, 3, 8] {
        let mut parts = 0;
        let mut out = |_: &mut Vec<u8>| {
            parts += 1;
            match parts {
                3 => Err(io::ErrorKind::BrokenPipe.into()),
                _ => Ok(()),
            }
        };
        let options = options(10_000);
        let make = JsonSink::default;
        let (run, written) = render(threads, &options, make, &mut feed(&capture), &mut out);
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(run.sinks.len(), threads);
        assert_eq!(parts, 3);
    }
}
