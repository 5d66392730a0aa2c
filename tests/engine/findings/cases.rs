//! For each code, traffic that shows it and the same without the fault.

use flate2::FlushCompress;
use wscope::base::Peer::{Client, Server};
use wscope::finding::Code;
use wscope_testkit::{Compressor, Frame, Noise, upgrade};

use super::scene::{BINARY, CLOSE, PACKED, PING, PMD, PONG, Scene, TEXT, heads};
use crate::wire::{RST, Tcp, frame};

/// Makes the traffic, with the fault or without.
pub(crate) type Case = Box<dyn Fn(bool) -> Scene>;

const SAME: (&str, &str) = ("", "");

pub(crate) fn all() -> Vec<(Code, Case)> {
    let mut cases = Vec::new();
    tcp(&mut cases);
    networks(&mut cases);
    handshakes(&mut cases);
    requests(&mut cases);
    responses(&mut cases);
    parameters(&mut cases);
    framing(&mut cases);
    frames(&mut cases);
    several_frames(&mut cases);
    closes(&mut cases);
    compression(&mut cases);
    windows(&mut cases);
    payload_ends(&mut cases);
    causes(&mut cases);
    plain_and_absent(&mut cases);
    window_causes(&mut cases);
    more_causes(&mut cases);
    proxies(&mut cases);
    costs(&mut cases);
    ends(&mut cases);
    over_time(&mut cases);
    #[cfg(feature = "tls")]
    super::secured::all(&mut cases);
    super::units::all(&mut cases);
    super::stomp::all(&mut cases);
    cases
}

pub(crate) type Cases = Vec<(Code, Case)>;

pub(crate) fn add(cases: &mut Cases, code: Code, case: impl Fn(bool) -> Scene + 'static) {
    cases.push((code, Box::new(case)));
}

fn text(index: usize) -> Vec<u8> {
    format!("{{\"subject\":\"the same words again\",\"number\":{index}}}").into_bytes()
}

fn noise(seed: u64, len: usize) -> Vec<u8> {
    Noise::new(seed).bytes(len)
}

#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn tcp(cases: &mut Cases) {
    add(cases, Code::TcpConflict, |broken| {
        let mut scene = Scene::plain();
        let seq = scene.tcp.seq.server;
        scene.send(Server, TEXT, b"one and the same");
        let again = if broken {
            b"one and another!"
        } else {
            b"one and the same"
        };
        let again = frame(Server, TEXT, again);
        scene.tcp.raw(Server, seq, 0x10, &again);
        scene.bye()
    });
    add(cases, Code::BytesMissing, |broken| {
        let mut scene = Scene::plain();
        let lost = frame(Server, TEXT, b"never captured");
        if broken {
            scene.tcp.lose(Server, lost.len());
        } else {
            scene.tcp.send(Server, &lost);
        }
        for index in 0..20 {
            scene.send(Server, TEXT, &text(index));
            scene.tcp.ack(Client);
        }
        scene.bye()
    });
    add(cases, Code::OneDirection, |broken| {
        let mut scene = Scene::plain();
        for index in 0..3 {
            scene.send(Client, TEXT, &text(index));
            scene.send(Server, TEXT, &text(index));
        }
        scene.tcp.ack(Client);
        let mut scene = scene.bye();
        if broken {
            let from_server = 8080_u16.to_be_bytes();
            let packets = &mut scene.tcp.packets;
            packets.retain(|packet| packet.data[34..36] != from_server);
        }
        scene
    });
    add(cases, Code::ReceiverStalled, |broken| {
        let mut scene = Scene::plain();
        let whole = frame(Client, BINARY, &noise(1, 2000));
        scene.tcp.send(Client, &whole[..900]);
        scene.tcp.ack(Server);
        scene.window(0);
        scene.pause(if broken { 2500 } else { 30 });
        scene.tcp.ack(Server);
        scene.tcp.send(Client, &whole[900..]);
        scene.bye()
    });
    add(cases, Code::PathDead, |broken| {
        let mut scene = Scene::plain();
        scene.send(Client, TEXT, b"hello");
        scene.tcp.ack(Server);
        let seq = scene.tcp.seq.server;
        let whole = frame(Server, TEXT, b"are you there?");
        for wait in [200, 400, 800, 1600] {
            scene.tcp.raw(Server, seq, 0x18, &whole);
            scene.pause(wait);
        }
        if broken {
            return scene;
        }
        scene.tcp.seq.server = seq;
        scene.tcp.send(Server, &whole);
        scene.tcp.ack(Client);
        scene.bye()
    });
    add(cases, Code::EndedInMessage, |broken| {
        let mut scene = Scene::plain();
        let whole = frame(Server, BINARY, &noise(1, 2000));
        let sent = if broken { 900 } else { whole.len() };
        scene.tcp.send(Server, &whole[..sent]);
        if broken {
            let seq = scene.tcp.seq.server;
            scene.tcp.raw(Server, seq, RST | 0x10, &[]);
            return scene;
        }
        scene.bye()
    });
}

fn networks(cases: &mut Cases) {
    add(cases, Code::ResetIgnored, |broken| {
        let mut scene = Scene::plain();
        scene.send(Server, TEXT, b"before");
        if broken {
            let seq = scene.tcp.seq.server;
            scene.tcp.raw(Server, seq, RST | 0x10, &[]);
        }
        scene.send(Server, TEXT, b"behind");
        scene.tcp.ack(Client);
        scene.bye()
    });
    add(cases, Code::HeadersInvented, |broken| {
        let mut scene = Scene::open();
        // Without the packets of the opening: such tools have none.
        scene.tcp = Tcp::silent(0, 0);
        let (request, answer) = upgrade("", "");
        let said = [(Client, request), (Server, answer)].into_iter();
        let frames = (0..4).map(|index| (Server, frame(Server, TEXT, &text(index))));
        for (from, bytes) in said.chain(frames) {
            scene.tcp.send(from, &bytes);
            if broken {
                (scene.tcp.seq.client, scene.tcp.seq.server) = (0, 0);
            }
        }
        scene
    });
    add(cases, Code::DamagedCopy, |broken| {
        let mut scene = Scene::plain();
        scene.tcp.sound = Some(true);
        scene.send(Server, TEXT, b"whole");
        scene.tcp.sound = Some(!broken);
        scene.send(Server, TEXT, b"damaged");
        scene.tcp.sound = Some(true);
        scene.send(Server, TEXT, b"and whole again");
        scene.tcp.ack(Client);
        scene.bye()
    });
}

/// A fault in the request, which the server refuses, so that only one side is at fault.
fn request(cases: &mut Cases, code: Code, from: &'static str, to: &'static str) {
    add(cases, code, move |broken| {
        if !broken {
            return heads(SAME, SAME).bye();
        }
        let refusal = (
            "101 Switching Protocols\r\n",
            "400 Bad Request\r\nContent-Length: 0\r\nSec-WebSocket-Version: 13\r\n",
        );
        heads((from, to), refusal).end()
    });
}

fn response(cases: &mut Cases, code: Code, from: &'static str, to: &'static str) {
    add(cases, code, move |broken| {
        let change = if broken { (from, to) } else { SAME };
        heads(SAME, change).bye()
    });
}

fn handshakes(cases: &mut Cases) {
    add(cases, Code::DraftObsolete, |broken| {
        if !broken {
            return heads(SAME, SAME).bye();
        }
        let keys = (
            "Sec-WebSocket-Key: ",
            "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: ",
        );
        let place = ("Sec-WebSocket-Accept: ", "Sec-WebSocket-Location: ");
        let mut scene = heads(keys, place);
        scene.tcp.send(Server, b"8jKS'y:G*Co,Wxa-");
        scene.tcp.send(Client, b"\0hello\xff");
        scene.end()
    });
    request(
        cases,
        Code::HeaderMalformed,
        "\r\nHost",
        "\r\nMy name: x\r\nHost",
    );
    request(cases, Code::UpgradeMethod, "GET ", "POST ");
    request(cases, Code::UpgradeTarget, "/chat", "/chat#room");
    request(cases, Code::UpgradeHttpVersion, "HTTP/1.1", "HTTP/1.0");
    request(cases, Code::UpgradeHostMissing, "Host:", "X-Host:");
    request(cases, Code::UpgradeHeader, "Upgrade: websocket\r\n", "");
    request(
        cases,
        Code::ConnectionHeader,
        ": Upgrade\r\n",
        ": keep-alive\r\n",
    );
    request(cases, Code::WebSocketVersion, "Version: 13", "Version: 8");
    request(cases, Code::KeyMissing, "Sec-WebSocket-Key:", "X-Key:");
    request(
        cases,
        Code::KeyInvalid,
        "dGhlIHNhbXBsZSBub25jZQ==",
        "c2hvcnQ=",
    );
    let list = |names: &str| format!("\r\nSec-WebSocket-Protocol: {names}\r\nHost");
    let (bad, twice) = (list("chat, su(er"), list("chat, superchat, chat"));
    request(cases, Code::SubprotocolMalformed, "\r\nHost", bad.leak());
    request(cases, Code::SubprotocolRepeated, "\r\nHost", twice.leak());
    let again = "Version: 13\r\nSec-WebSocket-Version: 13";
    request(cases, Code::HandshakeHeaderRepeated, "Version: 13", again);
    let list = "\r\nSec-WebSocket-Extensions: permessage-deflate;;\r\nHost";
    request(cases, Code::ExtensionHeaderMalformed, "\r\nHost", list);
}

fn requests(cases: &mut Cases) {
    add(cases, Code::InvalidRequestAccepted, |broken| {
        let change = if broken { ("GET ", "POST ") } else { SAME };
        heads(change, SAME).bye()
    });
    add(cases, Code::DataBeforeAnswer, |broken| {
        let mut scene = Scene::open();
        let (request, answer) = upgrade("", "");
        scene.tcp.send(Client, &request);
        if broken {
            scene.pause(5);
            scene.send(Client, TEXT, b"too early");
        }
        scene.pause(5);
        scene.tcp.send(Server, &answer);
        scene.bye()
    });
    add(cases, Code::KeyRepeated, |broken| {
        let mut scene = Scene::plain().bye();
        scene.tcp.ports.0 += 1;
        let mut tcp = Tcp::open();
        tcp.ports.0 = 40_001;
        tcp.packets.clear();
        tcp.seq = wscope::base::PerPeer {
            client: 5000,
            server: 7000,
        };
        tcp.handshake();
        scene.switch(tcp);
        let (request, answer) = upgrade("", "");
        let other = |head: Vec<u8>| {
            let head = String::from_utf8(head).unwrap();
            let head = head.replace("dGhlIHNhbXBsZSBub25jZQ==", "x3JJHMbDL1EzLkh9GBhXDw==");
            let head = head.replace(
                "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "HSmrc0sMlYUkAGmm5OPpG2HaGWk=",
            );
            head.into_bytes()
        };
        let pair = if broken {
            (request, answer)
        } else {
            (other(request), other(answer))
        };
        scene.tcp.send(Client, &pair.0);
        scene.tcp.send(Server, &pair.1);
        scene.bye()
    });
}

fn responses(cases: &mut Cases) {
    response(
        cases,
        Code::AcceptMissing,
        "Sec-WebSocket-Accept:",
        "X-Accept:",
    );
    response(cases, Code::AcceptInvalid, "s3pPLM", "S3PPLM");
    let chosen = "\r\nSec-WebSocket-Protocol: chat\r\nUpgrade";
    response(cases, Code::SubprotocolNotOffered, "\r\nUpgrade", chosen);
    let agreed = "\r\nSec-WebSocket-Extensions: permessage-deflate\r\nUpgrade";
    response(cases, Code::ExtensionNotOffered, "\r\nUpgrade", agreed);
    let refused = "426 Upgrade Required\r\nContent-Length: 0\r\n";
    add(cases, Code::VersionNotNamed, move |broken| {
        let named = format!("{refused}Sec-WebSocket-Version: 13\r\n");
        let to = if broken { refused } else { &named };
        heads(SAME, ("101 Switching Protocols\r\n", to)).end()
    });
    add(cases, Code::UpgradeRefused, |broken| {
        if !broken {
            return heads(SAME, SAME).bye();
        }
        let to = "403 Forbidden\r\nContent-Length: 0\r\n";
        heads(SAME, ("101 Switching Protocols\r\n", to)).end()
    });
}

fn parameters(cases: &mut Cases) {
    let both = "permessage-deflate, x-webkit-deflate-frame";
    let rows = [
        (Code::DeflateAgreedTwice, both, both),
        (
            Code::DeflateParameterRepeated,
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
            "",
        ),
        (
            Code::DeflateParameterUnknown,
            "permessage-deflate; level=9",
            "",
        ),
        (
            Code::DeflateParameterInvalid,
            "permessage-deflate; server_max_window_bits=16",
            "",
        ),
        (
            Code::DeflateInvalidOfferAccepted,
            "permessage-deflate; level=9",
            PMD,
        ),
        (
            Code::DeflateServerTakeoverIgnored,
            "permessage-deflate; server_no_context_takeover",
            PMD,
        ),
        (
            Code::DeflateServerWindowTooLarge,
            "permessage-deflate; server_max_window_bits=10",
            PMD,
        ),
        (
            Code::DeflateClientWindowNotOffered,
            PMD,
            "permessage-deflate; client_max_window_bits=10",
        ),
        (
            Code::DeflateFrameObsolete,
            "x-webkit-deflate-frame",
            "x-webkit-deflate-frame",
        ),
        (
            Code::ExtensionUnknown,
            "permessage-bzip2",
            "permessage-bzip2",
        ),
    ];
    for (code, offer, answer) in rows {
        add(cases, code, move |broken| {
            let (offer, answer) = if broken { (offer, answer) } else { (PMD, PMD) };
            Scene::upgraded(offer, answer).bye()
        });
    }
}

fn framing(cases: &mut Cases) {
    /// A connection whose capture lacks a frame's header.
    fn lost(broken: bool) -> Scene {
        let mut scene = Scene::plain();
        scene.send(Server, TEXT, &text(0));
        let whole = frame(Server, TEXT, &text(1));
        if broken {
            scene.tcp.lose(Server, 10);
        } else {
            scene.tcp.send(Server, &whole[..10]);
        }
        scene.tcp.send(Server, &whole[10..]);
        scene
    }
    let talk = |broken| {
        let mut scene = lost(broken);
        for index in 2..22 {
            scene.send(Server, TEXT, &text(index));
            scene.tcp.ack(Client);
        }
        scene.bye()
    };
    add(cases, Code::FramingLost, talk);
    add(cases, Code::FramingFound, talk);
    add(cases, Code::FramingNotFound, |broken| {
        lost(broken).end_if(broken)
    });
}

impl Scene {
    /// Nothing more is captured, or the connection is closed well.
    fn end_if(mut self, broken: bool) -> Self {
        if broken {
            self.tcp.ack(Client);
            return self;
        }
        self.bye()
    }
}

/// One frame of `from`, with the fault or without.
fn one(cases: &mut Cases, code: Code, extension: &'static str, good: Frame, bad: Frame) {
    add(cases, code, move |broken| {
        let from = if good.mask.is_some() { Client } else { Server };
        let mut scene = Scene::upgraded(extension, extension);
        let bytes = if broken { bad.bytes() } else { good.bytes() };
        scene.tcp.send(from, &bytes);
        scene.bye()
    });
}

fn frames(cases: &mut Cases) {
    let server = |first, payload: &[u8]| Frame::bare(first, payload);
    let client = |payload: &[u8]| Frame::masked(TEXT, payload);
    let hello = || server(TEXT, b"hello");
    let plain = [
        (Code::LengthNotMinimal, Frame { long: 2, ..hello() }),
        (
            Code::MaskFromServer,
            Frame {
                mask: Some([1, 2, 3, 4]),
                ..hello()
            },
        ),
        (Code::ReservedBit, server(0xa1, b"hello")),
        (Code::ReservedOpcode, server(0x83, b"hello")),
        (Code::Rsv1WithoutExtension, server(PACKED, b"hello")),
        (Code::ContinuationWithoutStart, server(0x80, b"hello")),
        (Code::ControlFragmented, server(0x0a, b"")),
        (Code::ControlTooLong, server(PONG, &[b'x'; 126])),
        (Code::TextNotUtf8, server(TEXT, b"caf\xe9")),
    ];
    for (code, bad) in plain {
        one(cases, code, "", hello(), bad);
    }
    let unmasked = Frame {
        mask: None,
        ..client(b"hello")
    };
    one(
        cases,
        Code::NoMaskFromClient,
        "",
        client(b"hello"),
        unmasked,
    );
    let zero = Frame {
        mask: Some([0; 4]),
        ..client(b"hello")
    };
    one(cases, Code::MaskKeyZero, "", client(b"hello"), zero);
    one(
        cases,
        Code::Rsv1OnControl,
        PMD,
        server(PONG, b""),
        server(0xca, b""),
    );
    let long = server(TEXT, &vec![b'x'; 20_000]);
    one(cases, Code::PayloadTruncated, "", hello(), long);
}

#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn several_frames(cases: &mut Cases) {
    add(cases, Code::MaskKeyConstant, |broken| {
        let mut scene = Scene::plain();
        for index in 0..5 {
            let mut frame = Frame::masked(TEXT, &text(index));
            if broken {
                frame.mask = Some([1, 2, 3, 4]);
            }
            scene.tcp.send(Client, &frame.bytes());
        }
        scene.bye()
    });
    // A server that writes two messages at once without a lock.
    add(cases, Code::OutOfStep, |broken| {
        let mut scene = Scene::plain();
        for index in 0..8 {
            scene.send(Server, TEXT, &text(index));
        }
        let [one, other] = [8, 9].map(|index| frame(Server, TEXT, &text(index)));
        let order = if broken {
            [&one[..2], &other[..2], &one[2..], &other[2..]]
        } else {
            [&one[..2], &one[2..], &other[..2], &other[2..]]
        };
        for part in order {
            scene.tcp.send(Server, part);
        }
        for index in 10..14 {
            scene.send(Server, TEXT, &text(index));
        }
        scene.bye()
    });
    // A load balancer that answers for a server that was too slow.
    add(cases, Code::HttpInStream, |broken| {
        let mut scene = Scene::plain();
        scene.send(Server, TEXT, &text(0));
        if broken {
            let answer = b"HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 0\r\n\r\n";
            scene.tcp.send(Server, answer);
        }
        scene.bye()
    });
    add(cases, Code::LengthTopBit, |broken| {
        let mut scene = Scene::plain();
        let mut bytes = Frame {
            long: 8,
            ..Frame::bare(BINARY, &vec![7; 60_000])
        }
        .bytes();
        if broken {
            bytes[2] = 0x80;
        } else {
            bytes = frame(Server, BINARY, &vec![7; 60_000]);
        }
        scene.tcp.send_cut(Server, &bytes, 50_000);
        scene.bye()
    });
    add(cases, Code::Rsv1OnContinuation, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let packed = Compressor::new(6, 15, false).message(&text(1));
        scene.send(Server, 0x41, &packed[..9]);
        scene.send(Server, if broken { 0xc0 } else { 0x80 }, &packed[9..]);
        scene.bye()
    });
    add(cases, Code::MessageInterrupted, |broken| {
        let mut scene = Scene::plain();
        scene.send(Server, 0x01, b"the begin");
        if broken {
            scene.send(Server, TEXT, b"another");
        }
        scene.send(Server, 0x80, b"ning");
        scene.bye()
    });
    add(cases, Code::DataAfterClose, |broken| {
        let mut scene = Scene::plain();
        scene.send(Client, CLOSE, &[3, 0xe8]);
        if broken {
            scene.send(Client, TEXT, b"one more thing");
        }
        scene.send(Server, PING, b"");
        scene.send(Client, PONG, b"");
        scene.send(Server, CLOSE, &[3, 0xe8]);
        scene.end()
    });
}

fn closes(cases: &mut Cases) {
    let closes: [(Code, &'static [u8]); 3] = [
        (Code::CloseOneByte, &[3]),
        (Code::CloseCodeInvalid, &[3, 0xed]),
        (Code::CloseReasonNotUtf8, &[3, 0xe8, b'n', 0xe9]),
    ];
    for (code, body) in closes {
        add(cases, code, move |broken| {
            let mut scene = Scene::plain();
            scene.send(Client, CLOSE, if broken { body } else { &[3, 0xe8] });
            scene.send(Server, CLOSE, &[3, 0xe8]);
            scene.end()
        });
    }
}

/// One compressed message of the server.
fn packed(agreed: &str, payload: &[u8]) -> Scene {
    let mut scene = Scene::upgraded(PMD, agreed);
    scene.send(Server, PACKED, payload);
    scene
}

fn compression(cases: &mut Cases) {
    add(cases, Code::DeflateInvalid, move |broken| {
        let mut payload = Compressor::new(6, 15, false).message(&text(1));
        if broken {
            // RFC 1951 §3.2.3: there is no block type 3.
            payload[0] = 0x07;
        }
        packed(PMD, &payload).bye()
    });
    add(cases, Code::ZlibHeader, move |broken| {
        let mut payload = Compressor::new(6, 15, false).message(&text(1));
        if broken {
            payload.splice(0..0, [0x78, 0x9c]);
        }
        packed(PMD, &payload).bye()
    });
}

fn windows(cases: &mut Cases) {
    add(cases, Code::DistanceTooFar, move |broken| {
        let mut engine = Compressor::new(6, 15, false);
        let first = engine.message(&text(1));
        let second = engine.message(&text(2));
        let mut scene = Scene::upgraded(PMD, PMD);
        if broken {
            scene.send(Server, TEXT, &text(1));
        } else {
            scene.send(Server, PACKED, &first);
        }
        scene.send(Server, PACKED, &second);
        scene.bye()
    });
    add(cases, Code::DistanceBeyondWindow, |broken| {
        let agreed = "permessage-deflate; server_max_window_bits=9";
        let far = [text(1), noise(1, 600), text(1)].concat();
        let engine = Compressor::new(9, if broken { 15 } else { 9 }, false);
        let mut scene = Scene::upgraded(PMD, agreed);
        let mut engine = engine;
        let payload = engine.message(&far);
        scene.send(Server, 0xc2, &payload);
        scene.bye()
    });
    add(cases, Code::ContextKept, |broken| {
        let mut scene = Scene::upgraded(PMD, "permessage-deflate; server_no_context_takeover");
        let mut engine = Compressor::new(6, 15, !broken);
        for index in 0..3 {
            let payload = engine.message(&text(index));
            scene.send(Server, PACKED, &payload);
        }
        scene.bye()
    });
}

/// Messages that tell causes apart.
fn talk(seed: u64) -> Vec<Vec<u8>> {
    let item = |n: u64| {
        let words = [n, n.wrapping_sub(4), n.wrapping_sub(2)].map(|n| {
            let odd = noise(
                seed * 1000 + n % 64,
                5 + usize::try_from(n % 64 * 5 % 11).unwrap(),
            );
            let hex: Vec<_> = odd.iter().map(|byte| format!("{byte:02x}")).collect();
            hex.concat()
        });
        format!("{{\"é\":{n},\"tags\":[\"{}\"]}}", words.join("\",\"")).into_bytes()
    };
    (0..30).map(item).collect()
}

fn causes(cases: &mut Cases) {
    add(cases, Code::CauseWrapped, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut raw = Compressor::new(6, 15, false);
        for message in talk(1) {
            let payload = if broken {
                let mut engine = flate2::Compress::new(flate2::Compression::new(6), true);
                let mut out = Vec::with_capacity(1000);
                engine
                    .compress_vec(&message, &mut out, FlushCompress::Finish)
                    .unwrap();
                out
            } else {
                raw.message(&message)
            };
            scene.send(Server, PACKED, &payload);
        }
        scene.bye()
    });
    add(cases, Code::CausePerFrame, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut engine = Compressor::new(6, 15, false);
        for message in talk(2) {
            let (first, last) = message.split_at(message.len() / 2);
            let begin = if broken {
                engine.message(first)
            } else {
                engine.deflate(first, FlushCompress::Sync)
            };
            scene.send(Server, 0x41, &begin);
            scene.send(Server, 0x80, &engine.message(last));
        }
        scene.bye()
    });
}

fn plain_and_absent(cases: &mut Cases) {
    add(cases, Code::CausePlainInWindow, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut engine = Compressor::new(6, 15, false);
        for (index, message) in talk(3).into_iter().enumerate() {
            if index == 0 {
                scene.send(Server, TEXT, &message);
                if broken {
                    engine.message(&message);
                }
            } else {
                scene.send(Server, PACKED, &engine.message(&message));
            }
        }
        scene.bye()
    });
    add(cases, Code::CauseNotInWindow, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut engine = Compressor::new(6, 15, false);
        for (index, message) in talk(4).into_iter().enumerate() {
            if index == 3 {
                let list: Vec<_> = (100..140).map(|n| (n * 7919 % 1013).to_string()).collect();
                let list = format!("[{}]", list.join(","));
                let mut other = Compressor::new(6, 15, false);
                let elsewhere = if broken { &mut other } else { &mut engine };
                scene.send(Server, PACKED, &elsewhere.message(list.as_bytes()));
            }
            scene.send(Server, PACKED, &engine.message(&message));
        }
        scene.bye()
    });
}

fn window_causes(cases: &mut Cases) {
    add(cases, Code::CauseTwiceInWindow, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut engine = Compressor::new(6, 15, false);
        for (index, message) in talk(5).into_iter().enumerate() {
            scene.send(Server, PACKED, &engine.message(&message));
            if broken && index == 0 {
                engine.message(&message);
            }
        }
        scene.bye()
    });
}

fn more_causes(cases: &mut Cases) {
    add(cases, Code::CauseCaptureLoss, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut engine = Compressor::new(6, 15, false);
        for (index, message) in talk(8).into_iter().enumerate() {
            let mut payload = engine.message(&message);
            if broken && index == 2 {
                scene.tcp.lose(Server, payload.len() + 2);
                continue;
            }
            if broken && index == 20 {
                payload[0] = 0x07;
            }
            scene.send(Server, PACKED, &payload);
            scene.tcp.ack(Client);
        }
        scene.bye()
    });
    add(cases, Code::CauseParametersSwapped, |broken| {
        let offer = "permessage-deflate; client_max_window_bits";
        let agreed = "permessage-deflate; server_max_window_bits=9; client_max_window_bits=15";
        let mut scene = Scene::upgraded(offer, agreed);
        let mut server = Compressor::new(6, if broken { 15 } else { 9 }, false);
        let mut client = Compressor::new(6, if broken { 9 } else { 15 }, false);
        for message in talk(6) {
            let message = [&noise(7, 90), &message[..], &noise(8, 400)].concat();
            scene.send(Client, 0xc2, &client.message(&message));
            scene.send(Server, 0xc2, &server.message(&message));
        }
        scene.bye()
    });
    add(cases, Code::CauseWindowLarger, |broken| {
        let agreed = "permessage-deflate; server_max_window_bits=9";
        let mut scene = Scene::upgraded(PMD, agreed);
        let mut engine = Compressor::new(9, if broken { 15 } else { 9 }, false);
        let far = [text(1), noise(1, 600), text(1)].concat();
        scene.send(Server, 0xc2, &engine.message(&far));
        scene.bye()
    });
    add(cases, Code::CauseNotFound, |broken| {
        let mut payload = Compressor::new(6, 15, false).message(&text(1));
        if broken {
            payload[0] = 0x07;
        }
        packed(PMD, &payload).bye()
    });
}

fn payload_ends(cases: &mut Cases) {
    add(cases, Code::KeptFlushMarker, move |broken| {
        let mut payload = Compressor::new(6, 15, false).deflate(&text(1), FlushCompress::Sync);
        if !broken {
            payload.truncate(payload.len() - 4);
        }
        packed(PMD, &payload).bye()
    });
    add(cases, Code::FlushMissing, |broken| {
        packed(PMD, if broken { &[] } else { &[0] }).bye()
    });
    add(cases, Code::FinalBlock, move |broken| {
        let mut engine = Compressor::new(6, 15, false);
        let payload = if broken {
            engine.last_message(&text(1))
        } else {
            engine.message(&text(1))
        };
        packed(PMD, &payload).bye()
    });
    add(cases, Code::ExpansionBomb, move |broken| {
        let len = if broken { 8 << 20 } else { 8 << 10 };
        let payload = Compressor::new(6, 15, false).message(&vec![0; len]);
        let mut scene = Scene::upgraded(PMD, PMD);
        scene.send(Server, 0xc2, &payload);
        scene.bye()
    });
}

fn proxies(cases: &mut Cases) {
    /// The same request and answer on two legs, each with its own extension headers.
    fn legs(front: (&str, &str), back: (&str, &str)) -> Scene {
        let mut scene = Scene::open();
        let mut behind = Tcp::silent(50_000, 90_000);
        behind.ports = (41_000, 9090);
        let [front, back] = [front, back].map(|(offer, answer)| upgrade(offer, answer));
        scene.tcp.send(Client, &front.0);
        behind.handshake();
        let before = scene.switch(behind);
        scene.tcp.send(Client, &back.0);
        scene.tcp.send(Server, &back.1);
        let behind = scene.switch(before);
        scene.tcp.send(Server, &front.1);
        let mut scene = scene.bye();
        scene.switch(behind);
        scene.bye()
    }
    add(cases, Code::OfferStripped, |broken| {
        if broken {
            legs((PMD, ""), ("", ""))
        } else {
            legs((PMD, PMD), (PMD, PMD))
        }
    });
    add(cases, Code::AnswerStripped, |broken| {
        if broken {
            legs((PMD, ""), (PMD, PMD))
        } else {
            legs((PMD, PMD), (PMD, PMD))
        }
    });
    add(cases, Code::CompressionDeclined, |broken| {
        Scene::upgraded(PMD, if broken { "" } else { PMD }).bye()
    });
}

fn costs(cases: &mut Cases) {
    add(cases, Code::CompressionUnused, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut engine = Compressor::new(6, 15, false);
        for index in 0..20 {
            if broken {
                scene.send(Server, TEXT, &text(index));
            } else {
                let payload = engine.message(&text(index));
                scene.send(Server, PACKED, &payload);
            }
        }
        scene.bye()
    });
    add(cases, Code::CompressionNoGain, |broken| {
        let mut scene = Scene::upgraded(PMD, PMD);
        let mut engine = Compressor::new(6, 15, false);
        for index in 0..10 {
            let plain = if broken { noise(index, 200) } else { text(1) };
            let payload = engine.message(&plain);
            scene.send(Server, 0xc2, &payload);
        }
        scene.bye()
    });
    add(cases, Code::MessagesGrew, |broken| {
        let plain: &[u8] = if broken { b"ok" } else { &[b'o'; 100] };
        packed(PMD, &Compressor::new(6, 15, false).message(plain)).bye()
    });
}

fn ends(cases: &mut Cases) {
    add(cases, Code::ClosedForError, |broken| {
        let mut scene = Scene::plain();
        let code = if broken { 0xf1 } else { 0xe8 };
        let body = [&[3, code], &b"message too big for me"[..]].concat();
        scene.send(Server, CLOSE, &body);
        scene.send(Client, CLOSE, &body);
        scene.end()
    });
    add(cases, Code::CloseUnanswered, |broken| {
        let mut scene = Scene::plain();
        scene.send(Client, CLOSE, &[3, 0xe8]);
        if !broken {
            scene.send(Server, CLOSE, &[3, 0xe8]);
        }
        scene.end()
    });
    add(cases, Code::EndedWithoutClose, |broken| {
        let mut scene = Scene::plain();
        scene.send(Server, TEXT, &text(1));
        if broken { scene.end() } else { scene.bye() }
    });
    add(cases, Code::IdleTimeout, |broken| {
        let mut scene = Scene::plain();
        scene.send(Server, TEXT, &text(1));
        scene.pause(60_000);
        if broken { scene.end() } else { scene.bye() }
    });
}

fn over_time(cases: &mut Cases) {
    add(cases, Code::PingUnanswered, |broken| {
        let mut scene = Scene::plain();
        scene.send(Client, PING, b"there?");
        if !broken {
            scene.send(Server, PONG, b"there?");
        }
        for index in 0..3 {
            scene.pause(4000);
            scene.send(Server, TEXT, &text(index));
        }
        scene.bye()
    });
    add(cases, Code::PongSlow, |broken| {
        let mut scene = Scene::plain();
        scene.send(Client, PING, b"there?");
        scene.pause(if broken { 1840 } else { 40 });
        scene.send(Server, PONG, b"there?");
        scene.bye()
    });
    add(cases, Code::ReconnectStorm, |broken| {
        let mut scene = Scene::open();
        let (request, _) = upgrade("", "");
        for index in 0_u8..6 {
            if index > 0 {
                let mut tcp = Tcp::silent(1000, 9000);
                tcp.ports.0 += u16::from(index);
                tcp.handshake();
                scene.switch(tcp);
            }
            // Another key each time: one letter of the third byte is another.
            let letter = char::from(b'A' + index);
            let request = String::from_utf8(request.clone()).unwrap();
            let request = request.replace("dGhl", &format!("dGh{letter}"));
            scene.tcp.send(Client, request.as_bytes());
            let refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
            scene.tcp.send(Server, refusal.as_bytes());
            scene = scene.end();
            scene.pause(if broken { 300 } else { 5000 });
        }
        scene
    });
    add(cases, Code::HeadOfLine, |broken| {
        let mut scene = Scene::plain();
        let large = frame(Server, BINARY, &noise(1, 100_000));
        for piece in large.chunks(10_000) {
            scene.pause(30);
            scene.tcp.send(Server, piece);
        }
        scene.pause(if broken { 0 } else { 500 });
        scene.tcp.send(Server, &frame(Server, TEXT, b"urgent"));
        scene.bye()
    });
}
