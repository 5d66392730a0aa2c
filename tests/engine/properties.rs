//! Conversations of any kind, cut, shuffled, repeated and thinned out: what comes out is what
//! was sent, or says that it is not known.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use crate::wire::{ACK, Built, Seen, Tcp, Told, framed, run, run_with};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wscope::base::Peer;
use wscope::event::{Reason, Status};
use wscope::pipeline::Options;
use wscope::session::Detail;
#[cfg(feature = "tls")]
use wscope::tls::{KeyLog, Source as KeySource};
use wscope::ws::OpCode;
use wscope_testkit::http2::{
    ACCEPTED, CONNECT, http2_data, http2_head, http2_numbers, http2_opening, http2_padded,
    http2_settings, kind,
};
#[cfg(feature = "tls")]
use wscope_testkit::tls::Sealer;
use wscope_testkit::{Compressor, Noise, upgrade};

/// The same cases at each run, so that a rare guess gone wrong is no flaky test; `WSCOPE_CASES`
/// and `WSCOPE_SEED` ask for others.
fn config(cases: u32) -> ProptestConfig {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let cases = number("WSCOPE_CASES").unwrap_or(cases);
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(u64::from(number("WSCOPE_SEED").unwrap_or(6455))),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    }
}

/// What one end does.
#[derive(Debug, Clone)]
struct Message {
    from: Peer,
    text: bool,
    /// Length, and how the content is made.
    len: usize,
    kind: u8,
    compressed: bool,
    fragments: usize,
    /// A ping between the fragments.
    ping: bool,
    seed: u32,
}

/// How a conversation is set up.
#[derive(Debug, Clone)]
struct Setup {
    /// Level, window bits and no takeover, of client and server.
    engines: Option<[(u32, u8, bool); 2]>,
    messages: Vec<Message>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Sent {
    opcode: OpCode,
    payload: Vec<u8>,
    wire_bytes: u64,
    payload_wire_bytes: u64,
    frames: u32,
    compressed: bool,
}

fn message() -> impl Strategy<Value = Message> {
    let len = prop_oneof![0usize..20, 0usize..400, 100usize..9000];
    (
        any::<bool>(),
        any::<bool>(),
        len,
        0u8..4,
        prop::bool::weighted(0.8),
        1usize..4,
        any::<bool>(),
        any::<u32>(),
    )
        .prop_map(
            |(client, text, len, kind, compressed, fragments, ping, seed)| Message {
                from: if client { Peer::Client } else { Peer::Server },
                text,
                len,
                kind,
                compressed,
                fragments,
                ping,
                seed,
            },
        )
}

fn setup(messages: std::ops::Range<usize>) -> impl Strategy<Value = Setup> {
    let engine = || (0u32..10, 9u8..16, prop::bool::weighted(0.3));
    let engines = prop::option::weighted(0.85, (engine(), engine()));
    (engines, prop::collection::vec(message(), messages)).prop_map(|(engines, messages)| Setup {
        engines: engines.map(|(a, b)| [a, b]),
        messages,
    })
}

const WORDS: [&str; 12] = [
    "alpha",
    "beta",
    "gamma",
    "the window",
    "slides",
    "\"id\":",
    "{",
    "}",
    "ünï",
    "привет",
    "に、",
    "0123456789",
];

fn content(message: &Message) -> Vec<u8> {
    let mut noise = Noise::new(u64::from(message.seed));
    let mut out = Vec::new();
    match (message.text, message.kind) {
        (true, _) => {
            while out.len() < message.len {
                out.extend_from_slice(WORDS[noise.below(WORDS.len())].as_bytes());
            }
        }
        (false, 0) => out.resize(message.len, 0),
        (false, 1) => out.extend((0..message.len).map(|_| noise.byte())),
        // Few values, as in pixels and samples.
        (false, 2) => out.extend((0..message.len).map(|i| [0x82, 0x02, 0x00, 0x81][i / 3 % 4])),
        (false, _) => {
            out.extend((0..message.len).map(|_| noise.byte() & 0x83));
        }
    }
    out
}

/// Who sends which bytes, one after another.
type Turns = Vec<(Peer, Vec<u8>)>;

/// The bytes of each turn, and what was sent, in the order of completion for each peer.
fn write(setup: &Setup) -> (Turns, [Vec<Sent>; 2]) {
    let mut engines = setup
        .engines
        .map(|both| both.map(|(level, bits, reset)| Compressor::new(level, bits, reset)));
    let mut turns = Vec::new();
    let mut sent = [Vec::new(), Vec::new()];
    for message in &setup.messages {
        let side = usize::from(message.from == Peer::Server);
        let plain = content(message);
        let mut noise = Noise::new(u64::from(message.seed) + 5);
        let mut key = || (message.from == Peer::Client).then(|| noise.key());
        let (payload, compressed) = match &mut engines {
            Some(engines) if message.compressed => {
                let out = engines[side].message(&plain);
                // RFC 7692 §7.2.3.6: nothing, compressed, is one zero byte.
                (if out.is_empty() { vec![0] } else { out }, true)
            }
            _ => (plain.clone(), false),
        };
        let opcode = if message.text { 1 } else { 2 };
        let each = payload.len().div_ceil(message.fragments).max(1);
        let mut pieces: Vec<&[u8]> = payload.chunks(each).collect();
        if pieces.is_empty() {
            pieces.push(&[]);
        }
        let mut bytes = Vec::new();
        let (mut wire_bytes, last) = (0, pieces.len() - 1);
        for (index, piece) in pieces.iter().enumerate() {
            let mut first = if index == 0 { opcode } else { 0 };
            first |= if index == last { 0x80 } else { 0 };
            first |= if index == 0 && compressed { 0x40 } else { 0 };
            let mut frame = framed(message.from, first, piece);
            frame.mask = key();
            let frame = frame.bytes();
            wire_bytes += frame.len() as u64;
            bytes.extend(frame);
            if message.ping && index < last {
                let mut ping = framed(message.from, 0x89, b"between");
                ping.mask = key();
                let ping = ping.bytes();
                sent[side].push(Sent {
                    opcode: OpCode::Ping,
                    payload: b"between".to_vec(),
                    wire_bytes: ping.len() as u64,
                    payload_wire_bytes: 7,
                    frames: 1,
                    compressed: false,
                });
                bytes.extend(ping);
            }
        }
        sent[side].push(Sent {
            opcode: OpCode::from_bits(opcode),
            payload: plain,
            wire_bytes,
            payload_wire_bytes: payload.len() as u64,
            frames: u32::try_from(pieces.len()).unwrap(),
            compressed,
        });
        turns.push((message.from, bytes));
    }
    (turns, sent)
}

fn extension(setup: &Setup) -> String {
    let Some([client, server]) = setup.engines else {
        return String::new();
    };
    let mut text = format!(
        "permessage-deflate; client_max_window_bits={}; server_max_window_bits={}",
        client.1, server.1
    );
    if client.2 {
        text.push_str("; client_no_context_takeover");
    }
    if server.2 {
        text.push_str("; server_no_context_takeover");
    }
    text
}

/// A capture of the conversation, each turn in segments of the sizes given in rotation.
fn capture(setup: &Setup, turns: &[(Peer, Vec<u8>)], sizes: &[usize]) -> Tcp {
    let offer = if setup.engines.is_some() {
        "permessage-deflate; client_max_window_bits"
    } else {
        ""
    };
    let (request, answer) = upgrade(offer, &extension(setup));
    let mut tcp = Tcp::open();
    tcp.send(Peer::Client, &request);
    tcp.send(Peer::Server, &answer);
    let mut sizes = sizes.iter().cycle();
    for (from, bytes) in turns {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            tcp.send(*from, piece);
            rest = behind;
        }
    }
    tcp
}

/// The same over HTTP/2, on one of three streams, in frames of the sizes given in rotation; some are
/// padded.
fn over_http2(setup: &Setup, turns: &[(Peer, Vec<u8>)], frames: &[usize]) -> Vec<(Peer, Vec<u8>)> {
    let mut bytes: Vec<(Peer, Vec<u8>)> = Vec::new();
    let (client, server) = http2_opening();
    // Nothing is to wait for a window.
    let (connection, stream) = (kind::WINDOW_UPDATE, (4, 1 << 24));
    for (from, mut opening) in [(Peer::Client, client), (Peer::Server, server)] {
        opening.extend(http2_settings(&[stream]));
        opening.extend(http2_numbers(connection, 0, &[1 << 24]));
        bytes.push((from, opening));
    }
    let extension = extension(setup);
    let (mut asks, mut answers) = (CONNECT.to_vec(), ACCEPTED.to_vec());
    if setup.engines.is_some() {
        let name = "sec-websocket-extensions";
        asks.push((name, "permessage-deflate; client_max_window_bits"));
        answers.push((name, &extension));
    }
    bytes.push((
        Peer::Client,
        http2_head(1, &[(":method", "GET"), (":path", "/")]),
    ));
    bytes.push((Peer::Client, http2_head(3, &asks)));
    bytes.push((Peer::Server, http2_head(3, &answers)));
    bytes.push((Peer::Client, http2_head(5, &CONNECT)));
    bytes.push((Peer::Server, http2_head(5, &ACCEPTED)));
    let mut frames = frames.iter().cycle();
    for (index, (from, turn)) in turns.iter().enumerate() {
        let mut rest = turn.as_slice();
        while !rest.is_empty() {
            let size = (*frames.next().unwrap()).min(16_000);
            let (piece, behind) = rest.split_at(size.min(rest.len()));
            let padding = u8::try_from(size % 5).unwrap();
            bytes.push((
                *from,
                match padding {
                    0 => http2_data(3, piece),
                    _ => http2_padded(3, piece, padding),
                },
            ));
            bytes.push((Peer::Server, http2_data(1, b"a page")));
            rest = behind;
        }
        if index % 2 == 0 {
            bytes.push((
                *from,
                http2_data(5, &framed(*from, 0x82, b"beside").bytes()),
            ));
        }
    }
    bytes
}

/// What is sent, in segments of the sizes given in rotation.
fn segmented(bytes: &[(Peer, Vec<u8>)], sizes: &[usize]) -> Tcp {
    let mut tcp = Tcp::open();
    let mut sizes = sizes.iter().cycle();
    for (from, bytes) in bytes {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            tcp.send(*from, piece);
            rest = behind;
        }
    }
    tcp
}

/// The same under TLS, in records of the sizes given in rotation.
#[cfg(feature = "tls")]
fn sealed(bytes: &[(Peer, Vec<u8>)], sizes: &[usize], connection: usize) -> Vec<(Peer, Vec<u8>)> {
    let mut sealers = [0, 1].map(|side| Sealer::traffic(connection, side));
    let handshake = wscope_testkit::tls::handshake(connection).into_iter();
    let mut sealed: Vec<_> = handshake
        .map(|(side, records)| (Peer::BOTH[side], records))
        .collect();
    let mut sizes = sizes.iter().cycle();
    for (from, bytes) in bytes {
        let mut records = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            sealers[*from as usize].seal(piece, &mut records);
            rest = behind;
        }
        sealed.push((*from, records));
    }
    sealed
}

/// What was reported of one stream.
fn on_stream(told: Told, stream: u32) -> Told {
    let mut told = told;
    told.messages.retain(|message| message.stream == stream);
    told
}

fn sent_as(seen: &Seen) -> Sent {
    Sent {
        opcode: seen.opcode,
        payload: seen.payload.clone(),
        wire_bytes: seen.wire_bytes,
        payload_wire_bytes: seen.payload_wire_bytes,
        frames: seen.frames,
        compressed: seen.compressed,
    }
}

fn assert_all(told: &Told, sent: &[Vec<Sent>; 2]) -> Result<(), TestCaseError> {
    for (from, sent) in Peer::BOTH.into_iter().zip(sent) {
        let seen: Vec<_> = told.from(from).map(sent_as).collect();
        prop_assert_eq!(&seen, sent);
    }
    for message in &told.messages {
        prop_assert_eq!(message.status, Status::Complete);
        prop_assert_eq!(message.payload_bytes, Some(message.payload.len() as u64));
        prop_assert_eq!(
            message.text.is_some(),
            message.payload.is_empty() || std::str::from_utf8(&message.payload).is_ok()
        );
    }
    // zlib has no byte for an empty message where it has just flushed.
    let nothing = told
        .messages
        .iter()
        .filter(|m| m.compressed && m.payload_wire_bytes == 0);
    let expected = vec!["flush-missing"; nothing.count()];
    prop_assert_eq!(told.codes(), expected, "{:?}", told.findings);
    Ok(())
}

/// Each known byte of each message was sent so, in this order.
fn assert_known(told: &Told, sent: &[Vec<Sent>; 2]) -> Result<usize, TestCaseError> {
    let mut known = 0;
    for (from, sent) in Peer::BOTH.into_iter().zip(sent) {
        // A message that breaks off is told then, and a ping from inside it may come later.
        let data: Vec<_> = sent
            .iter()
            .filter(|sent| !sent.opcode.is_control())
            .collect();
        let mut next = 0;
        let mut control = sent.iter().filter(|sent| sent.opcode.is_control());
        for seen in told.from(from) {
            if matches!(seen.status, Status::Lost(_)) {
                continue;
            }
            let there = if seen.opcode.is_control() {
                control.any(|sent| fits(seen, sent))
            } else {
                // What breaks off in the middle is reported, and its end later is reported by itself.
                let headless = seen.status.reason() == Some(Reason::FirstFragmentMissing);
                let from = next - usize::from(headless && next > 0);
                let place = data[from..].iter().position(|sent| fits(seen, sent));
                next = place.map_or(next, |place| from + place + 1);
                place.is_some()
            };
            prop_assert!(there, "never sent: {seen:?}");
            known += 1;
        }
    }
    Ok(known)
}

fn fits(seen: &Seen, sent: &Sent) -> bool {
    let mut known = vec![true; seen.payload.len()];
    for (start, len) in &seen.holes {
        let start = usize::try_from(*start).unwrap().min(known.len());
        let end = (start + usize::try_from(*len).unwrap()).min(known.len());
        known[start..end].fill(false);
    }
    let agrees = |truth: &[u8]| {
        let mut pairs = seen.payload.iter().zip(truth).zip(&known);
        seen.payload.len() <= truth.len() && pairs.all(|((a, b), known)| !known || a == b)
    };
    let len = seen.payload.len();
    if seen.status.reason() == Some(Reason::FirstFragmentMissing) {
        let start = sent.payload.len().checked_sub(len);
        return start.is_some_and(|start| agrees(&sent.payload[start..]));
    }
    // A message that breaks off may lie anywhere behind its missing first fragment.
    if seen.opcode == OpCode::Continuation {
        return len == 0 || sent.payload.windows(len).any(agrees);
    }
    if seen.opcode != sent.opcode || seen.compressed != sent.compressed {
        return false;
    }
    if seen.status == Status::Complete {
        return seen.payload == sent.payload && seen.wire_bytes == sent.wire_bytes;
    }
    agrees(&sent.payload)
}

fn lifelike(messages: std::ops::Range<usize>) -> impl Strategy<Value = Setup> {
    setup(messages).prop_map(|mut setup| {
        for message in &mut setup.messages {
            message.kind &= 1;
        }
        setup
    })
}

fn segments() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        prop::collection::vec(100usize..1460, 1..9),
        Just(vec![1460]),
        Just(vec![60_000]),
    ]
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        prop::collection::vec(1usize..4, 1..4),
        prop::collection::vec(1usize..200, 1..9),
        prop::collection::vec(400usize..1460, 1..9),
        Just(vec![60_000]),
    ]
}

// Each case is sealed and opened without the compiler's help.
#[cfg(feature = "tls")]
proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn any_cut_into_frames_of_http2_records_and_segments_gives_the_same_messages(
        setup in setup(1..8), frames in sizes(), records in sizes(), sizes in sizes(),
        connection in 0..2usize,
    ) {
        let (turns, sent) = write(&setup);
        let bytes = over_http2(&setup, &turns, &frames);
        let tcp = segmented(&sealed(&bytes, &records, connection), &sizes);
        let mut keys = KeyLog::default();
        keys.read(wscope_testkit::tls::log(connection).as_bytes(), KeySource::File);
        let mut options = Options::new(Detail::Payloads);
        options.keys = keys.into();
        assert_all(&on_stream(run_with(&tcp.packets, options).0, 3), &sent)?;
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn any_cut_gives_the_same_messages(setup in setup(1..12), sizes in sizes()) {
        let (turns, sent) = write(&setup);
        let tcp = capture(&setup, &turns, &sizes);
        assert_all(&run(&tcp.packets), &sent)?;
    }

    #[test]
    fn any_cut_into_frames_of_http2_and_segments_gives_the_same_messages(
        setup in setup(1..8), frames in sizes(), sizes in sizes(),
    ) {
        let (turns, sent) = write(&setup);
        let tcp = segmented(&over_http2(&setup, &turns, &frames), &sizes);
        assert_all(&on_stream(run(&tcp.packets), 3), &sent)?;
    }

    #[test]
    fn what_is_shown_of_http2_behind_losses_was_sent(
        setup in lifelike(2..30), frames in segments(), sizes in segments(),
        rate in 2usize..30, seed in any::<u32>(),
    ) {
        let (turns, sent) = write(&setup);
        let tcp = segmented(&over_http2(&setup, &turns, &frames), &sizes);
        let packets = thinned(&tcp, rate, seed, None);
        assert_known(&on_stream(run(&packets), 3), &sent)?;
    }

    #[test]
    fn disorder_and_repetition_change_nothing(
        setup in setup(1..10),
        sizes in sizes(),
        moves in prop::collection::vec((any::<prop::sample::Index>(), 1usize..6, any::<bool>()), 0..20),
    ) {
        let (turns, sent) = write(&setup);
        let mut packets = capture(&setup, &turns, &sizes).packets;
        // No acknowledgement runs ahead of what the capture shows, or there would be gaps.
        for packet in &mut packets[5..] {
            packet.data[54 - 8 + 1] = 0;
        }
        for (at, far, twice) in moves {
            let from = 5 + at.index(packets.len() - 5);
            let to = (from + far).min(packets.len() - 1);
            let packet = packets[from].clone();
            if !twice {
                packets.remove(from);
            }
            packets.insert(to, packet);
        }
        let told = run(&packets);
        for (from, sent) in Peer::BOTH.into_iter().zip(&sent) {
            let seen: Vec<_> = told.from(from).map(sent_as).collect();
            prop_assert_eq!(&seen, sent);
        }
    }
}

// These take a long capture each.
proptest! {
    #![proptest_config(config(100))]

    // A header behind a loss is a guess, and bytes that are made to look like headers mislead
    // it: here payloads are as they are in life, and segments are.
    #[test]
    fn what_is_shown_behind_losses_was_sent(
        setup in lifelike(2..30),
        sizes in segments(),
        rate in 2usize..30,
        seed in any::<u32>(),
        snap in prop::option::weighted(0.2, 60usize..400),
    ) {
        let (turns, sent) = write(&setup);
        let tcp = capture(&setup, &turns, &sizes);
        let packets = thinned(&tcp, rate, seed, snap);
        assert_known(&run(&packets), &sent)?;
    }

    #[test]
    fn what_is_shown_of_a_late_start_was_sent(
        setup in lifelike(8..30),
        sizes in segments(),
        start in 5usize..20,
    ) {
        let (turns, sent) = write(&setup);
        let tcp = capture(&setup, &turns, &sizes);
        let start = start.min(tcp.packets.len());
        assert_known(&run(&tcp.packets[start..]), &sent)?;
    }

    #[test]
    fn sizes_alone_are_the_same_sizes(
        setup in setup(2..20),
        sizes in sizes(),
        rate in 3usize..60,
        seed in any::<u32>(),
    ) {
        let (turns, _) = write(&setup);
        let tcp = capture(&setup, &turns, &sizes);
        let packets = thinned(&tcp, rate, seed, None);
        let payloads = run(&packets);
        let sizes = run_with(&packets, Options::new(Detail::Sizes)).0;
        let of = |told: &Told| -> Vec<_> {
            told.messages.iter().map(|m| (
                m.from, m.opcode, m.status, m.wire_bytes, m.payload_wire_bytes, m.payload_bytes,
                m.frames, m.compressed, m.packets,
            )).collect()
        };
        prop_assert_eq!(of(&payloads), of(&sizes));
    }
}

/// Without one in `rate` of the packets behind the handshake.
fn thinned(tcp: &Tcp, rate: usize, seed: u32, snap: Option<usize>) -> Vec<Built> {
    let mut noise = Noise::new(u64::from(seed));
    let mut packets = Vec::new();
    for (index, packet) in tcp.packets.iter().enumerate() {
        if index >= 5 && noise.below(rate) == 0 {
            continue;
        }
        let mut packet = packet.clone();
        if let (Some(snap), true) = (snap, index >= 5) {
            packet.data.truncate(snap);
        }
        packets.push(packet);
    }
    let mut end = Tcp::silent(tcp.seq.client, tcp.seq.server);
    for from in Peer::BOTH {
        let seq = end.seq[from];
        end.raw(from, seq, ACK, &[]);
    }
    packets.extend(end.packets);
    packets
}
