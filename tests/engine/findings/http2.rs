//! Traffic over HTTP/2, for each code of that layer with the fault and without.

use wscope::base::Peer::{self, Client, Server};
use wscope::finding::Code;
use wscope_testkit::Compressor;
use wscope_testkit::http2::{
    ACCEPTED, CONNECT, CONNECTS, END_HEADERS, END_STREAM, PREFACE, http2_data, http2_frame,
    http2_head, http2_numbers, http2_opening, http2_settings, kind,
};

use super::cases::{Cases, add};
use super::scene::{CLOSE, PACKED, Scene, TEXT};
use crate::wire::{ACK, frame};

/// A connection that speaks HTTP/2.
fn http2() -> Scene {
    let mut scene = Scene::open();
    let (client, server) = http2_opening();
    scene.tcp.send(Client, &client);
    scene.tcp.send(Server, &server);
    scene
}

fn open(scene: &mut Scene, stream: u32) {
    scene.tcp.send(Client, &http2_head(stream, &CONNECT));
    scene.tcp.send(Server, &http2_head(stream, &ACCEPTED));
}

fn websocket() -> Scene {
    let mut scene = http2();
    open(&mut scene, 1);
    scene
}

fn say(scene: &mut Scene, from: Peer, stream: u32, text: &[u8]) {
    scene
        .tcp
        .send(from, &http2_data(stream, &frame(from, TEXT, text)));
}

/// The closing handshake on a stream, and its end.
fn close(scene: &mut Scene, stream: u32) {
    for from in [Client, Server] {
        let frame = frame(from, CLOSE, &[3, 0xe8]);
        scene
            .tcp
            .send(from, &http2_frame(kind::DATA, END_STREAM, stream, &frame));
    }
}

fn closed(mut scene: Scene) -> Scene {
    close(&mut scene, 1);
    scene.end()
}

pub(crate) fn http2_cases(cases: &mut Cases) {
    openings(cases);
    faults(cases);
    windows(cases);
    ends(cases);
}

fn openings(cases: &mut Cases) {
    add(cases, Code::H2ConnectRefused, |broken| {
        if !broken {
            return closed(websocket());
        }
        let mut scene = http2();
        scene.tcp.send(Client, &http2_head(1, &CONNECT));
        scene
            .tcp
            .send(Server, &http2_head(1, &[(":status", "405")]));
        scene.tcp.send(
            Server,
            &http2_frame(kind::DATA, END_STREAM, 1, b"no such method"),
        );
        scene.end()
    });
    add(cases, Code::H2ConnectNotAdvertised, |broken| {
        let mut scene = Scene::open();
        let settings: &[_] = if broken { &[] } else { &[CONNECTS] };
        scene
            .tcp
            .send(Client, &[PREFACE, &http2_settings(&[])].concat());
        scene.tcp.send(Server, &http2_settings(settings));
        open(&mut scene, 1);
        closed(scene)
    });
    add(cases, Code::H2ConnectTakenBack, |broken| {
        let mut scene = websocket();
        scene
            .tcp
            .send(Server, &http2_settings(&[(8, u32::from(!broken))]));
        closed(scene)
    });
    add(cases, Code::H2PseudoHeader, |broken| {
        let mut scene = http2();
        let without: Vec<_> = CONNECT
            .into_iter()
            .filter(|(name, _)| *name != ":scheme")
            .collect();
        let head: &[_] = if broken { &without } else { &CONNECT };
        scene.tcp.send(Client, &http2_head(1, head));
        scene.tcp.send(Server, &http2_head(1, &ACCEPTED));
        closed(scene)
    });
    add(cases, Code::H2HeaderField, |broken| {
        let mut scene = http2();
        let mut head = CONNECT.to_vec();
        if broken {
            head.push(("connection", "upgrade"));
        }
        scene.tcp.send(Client, &http2_head(1, &head));
        scene.tcp.send(Server, &http2_head(1, &ACCEPTED));
        closed(scene)
    });
}

fn faults(cases: &mut Cases) {
    add(cases, Code::HpackInvalid, |broken| {
        let mut scene = websocket();
        // Entry 70 was never inserted, entry 2 is `:method GET`.
        let block = [if broken { 0xc6 } else { 0x82 }];
        let head = http2_frame(kind::HEADERS, END_HEADERS | END_STREAM, 3, &block);
        scene.tcp.send(Client, &head);
        closed(scene)
    });
    add(cases, Code::H2FrameInvalid, |broken| {
        let mut scene = websocket();
        let more = u32::from(!broken);
        scene
            .tcp
            .send(Server, &http2_numbers(kind::WINDOW_UPDATE, 0, &[more]));
        closed(scene)
    });
}

/// A WebSocket whose client may send 100 bytes on each stream.
fn narrow() -> Scene {
    let mut scene = Scene::open();
    let ack = http2_frame(kind::SETTINGS, 1, 0, &[]);
    scene
        .tcp
        .send(Client, &[PREFACE, &http2_settings(&[])].concat());
    scene
        .tcp
        .send(Server, &http2_settings(&[CONNECTS, (4, 100)]));
    scene.tcp.send(Client, &ack);
    open(&mut scene, 1);
    scene
}

fn windows(cases: &mut Cases) {
    add(cases, Code::H2WindowExceeded, |broken| {
        let mut scene = narrow();
        let text = vec![b'x'; if broken { 110 } else { 60 }];
        say(&mut scene, Client, 1, &text);
        scene.pause(10);
        scene
            .tcp
            .send(Server, &http2_numbers(kind::WINDOW_UPDATE, 1, &[1000]));
        closed(scene)
    });
    add(cases, Code::H2WindowStalled, |broken| {
        let mut scene = narrow();
        let text = frame(Client, TEXT, &[b'x'; 110]);
        let (first, rest) = text.split_at(100);
        scene.tcp.send(Client, &http2_data(1, first));
        scene.pause(if broken { 2000 } else { 10 });
        scene
            .tcp
            .send(Server, &http2_numbers(kind::WINDOW_UPDATE, 1, &[1000]));
        scene.tcp.send(Client, &http2_data(1, rest));
        closed(scene)
    });
    add(cases, Code::H2LossStalled, |broken| {
        let mut scene = websocket();
        open(&mut scene, 3);
        let texts = [1, 1, 3].map(|id| http2_data(id, &frame(Server, TEXT, b"one of three")));
        let mut seq = scene.tcp.seq.server;
        let mut packets = Vec::new();
        for text in &texts {
            packets.push((seq, text));
            scene.tcp.skip(Server, text.len());
            seq = scene.tcp.seq.server;
        }
        // The first one is lost on its way and sent again.
        packets.rotate_left(usize::from(broken));
        for (index, (seq, text)) in packets.into_iter().enumerate() {
            if index == 2 {
                scene.pause(200);
            }
            scene.tcp.raw(Server, seq, ACK, text);
        }
        close(&mut scene, 3);
        closed(scene)
    });
}

fn ends(cases: &mut Cases) {
    add(cases, Code::Rsv1Missing, |broken| {
        let agreed = ("sec-websocket-extensions", "permessage-deflate");
        let mut scene = http2();
        scene
            .tcp
            .send(Client, &http2_head(1, &[&CONNECT[..], &[agreed]].concat()));
        scene
            .tcp
            .send(Server, &http2_head(1, &[&ACCEPTED[..], &[agreed]].concat()));
        let text = b"the same and the same and the same again";
        let payload = Compressor::new(6, 15, true).message(text);
        let first = if broken { TEXT } else { PACKED };
        scene
            .tcp
            .send(Server, &http2_data(1, &frame(Server, first, &payload)));
        closed(scene)
    });
    add(cases, Code::H2GoAway, |broken| {
        let mut scene = websocket();
        open(&mut scene, 3);
        if !broken {
            close(&mut scene, 1);
            close(&mut scene, 3);
        }
        scene
            .tcp
            .send(Server, &http2_numbers(kind::GOAWAY, 0, &[3, 0]));
        scene.end()
    });
}
