//! docs/json.md against what each command prints of each shipped capture, and of made ones for
//! what those do not show.

use std::io::Write;

use libtest_mimic::Trial;
use wscope_testkit::{Compressor, Frame, Noise, Segment, pcap, upgrade};

use crate::shapes::Shapes;
use crate::{common, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("json::messages".into(), || {
            over_all(
                "messages",
                &[&[], &["--redact"], &["--decode", "--as", "none"]],
            );
        }),
        trial("json::connections".into(), || {
            over_all("connections", &[&[]]);
        }),
        trial("json::check".into(), || {
            over_all("check", &[&[], &["--all"]]);
        }),
        trial("json::stats".into(), || {
            over_all(
                "stats",
                &[
                    &[],
                    &["--deep"],
                    &["--by", "target"],
                    &["--top", "3"],
                    &["--by", "subject"],
                    &["--by", "kind"],
                ],
            );
        }),
        trial("json::tune".into(), tune),
        trial("json::explain".into(), explain),
        trial("json::the_page_names_every_field".into(), page),
    ]
}

/// Holds what `args` print to the shapes of `command`.
fn hold(shapes: &mut Shapes, command: &str, args: &[&str]) {
    let args = [&[command, "--json"], args].concat();
    let output = common::output(&args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.starts_with("error:"), "{args:?}: {said}");
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        shapes.hold(command, &serde_json::from_str(line).unwrap());
    }
}

/// What a capture cannot show, as only live ones have it.
const LIVE: [&str; 3] = [".capture", "@process", "_process"];

fn all_seen(shapes: &Shapes, command: &str) {
    let mut unseen = shapes.unseen(command);
    // No peer on a shipped capture compresses payloads by itself.
    let rare = ["decoded.base64", "decoded.truncated", "payload_encoding"];
    let live = |place: &str| LIVE.iter().any(|live| place.contains(live));
    unseen.retain(|place| !live(place) && !rare.iter().any(|rare| place.ends_with(rare)));
    assert!(unseen.is_empty(), "no capture shows {unseen:#?}");
}

/// All captures in one run, with each of these options.
fn over_all(command: &str, options: &[&[&str]]) {
    let mut shapes = Shapes::new();
    let made = made();
    let mut files = common::captures();
    files.extend(common::captures_in("captures/faulty"));
    // Without their key logs.
    files.extend(common::captures_in("captures/tls"));
    files.extend(common::captures_in("captures/made"));
    files.extend(common::captures_in("captures/subprotocols"));
    files.push(made.path().to_owned());
    let http2 = common::captures_in("captures/http2");
    let keylogs: Vec<_> = http2
        .iter()
        .map(|path| path.with_extension("keylog"))
        .filter(|path| path.exists())
        .collect();
    files.extend(http2);
    let mut files: Vec<_> = files.iter().map(|path| path.to_str().unwrap()).collect();
    for keylog in &keylogs {
        files.extend(["--keylog", keylog.to_str().unwrap()]);
    }
    for options in options {
        hold(&mut shapes, command, &[&files, *options].concat());
    }
    // Beside the captures that they were cut from these show nothing of their own.
    for capture in [
        "captures/ws-takeover-late.pcap",
        "captures/zlib-stream-lost.pcap",
    ] {
        for options in options {
            hold(&mut shapes, command, &[&[capture], *options].concat());
        }
    }
    // With all secrets of a browser's connections, with one direction's, and with those of the
    // handshake alone.
    for labels in ["SECRET", "SERVER_TRAFFIC", "HANDSHAKE"] {
        let keylog = common::capture("wss-chromium.keylog");
        let lines = std::fs::read_to_string(keylog).unwrap();
        let some: Vec<_> = lines.lines().filter(|line| line.contains(labels)).collect();
        assert!(!some.is_empty(), "{labels}");
        let mut keylog = tempfile::NamedTempFile::new().unwrap();
        keylog.write_all(some.join("\n").as_bytes()).unwrap();
        let keylog = keylog.path().to_str().unwrap();
        hold(
            &mut shapes,
            command,
            &["--keylog", keylog, "captures/wss-chromium.pcap"],
        );
    }
    all_seen(&shapes, command);
}

fn tune() {
    let mut shapes = Shapes::new();
    for path in common::captures() {
        let path = path.to_str().unwrap();
        hold(
            &mut shapes,
            "tune",
            &["--levels", "1", "--sample", "8k", path],
        );
    }
    let timed = [
        "--levels",
        "1",
        "--measure-time",
        "captures/tune-ws.pcap",
        "-c",
        "1",
    ];
    hold(&mut shapes, "tune", &timed);
    // So much that not all of it is compressed.
    let all = common::captures();
    let all: Vec<_> = all.iter().map(|path| path.to_str().unwrap()).collect();
    hold(
        &mut shapes,
        "tune",
        &[&["--levels", "1"], &all[..]].concat(),
    );
    all_seen(&shapes, "tune");
}

/// Some messages of each connection, and each handshake.
#[expect(clippy::too_many_lines, reason = "a list of cases")]
fn explain() {
    let mut shapes = Shapes::new();
    let made = made();
    let mut runs: Vec<_> = common::captures()
        .into_iter()
        .map(|path| vec![path])
        .collect();
    runs.push(vec![made.path().to_owned()]);
    // In the second of two files.
    runs.push(vec![
        common::capture("stomp.pcap"),
        common::capture("demo.pcapng"),
    ]);
    for files in runs {
        let files: Vec<_> = files.iter().map(|path| path.to_str().unwrap()).collect();
        let mut last = 0;
        for object in common::json(&[&["messages", "--json"], &files[..]].concat()) {
            let number = |name: &str| object[name].as_u64().map(|number| number.to_string());
            let mut connection = number("connection").unwrap();
            if let Some(stream) = number("stream") {
                connection = format!("{connection}.{stream}");
            }
            if object["type"] == "connection" {
                let args = ["--handshake", "-c", &connection];
                hold(&mut shapes, "explain", &[&args, &files[..]].concat());
            }
            let is_special = object["reason"].is_string() || object["truncated"] == true;
            let Some(message) = number("message").filter(|_| object["type"] == "message") else {
                continue;
            };
            last += 1;
            let is_made = files == [made.path().to_str().unwrap()];
            if is_special || is_made || last % 23 == 5 {
                let args = [
                    "-c",
                    &connection,
                    "-m",
                    &message,
                    "--tables",
                    "--symbols",
                    "900",
                ];
                hold(&mut shapes, "explain", &[&args, &files[..]].concat());
            }
        }
    }
    hold(
        &mut shapes,
        "explain",
        &["--hex", "c107f248cdc9c90700,c105f200110000"],
    );
    let secret = "captures/subprotocols/stomp-rabbit.pcap";
    hold(
        &mut shapes,
        "explain",
        &[secret, "-c", "1", "-m", "1", "--redact"],
    );
    hold(
        &mut shapes,
        "explain",
        &[
            "captures/demo.pcapng",
            "-c",
            "1",
            "-m",
            "18",
            "--symbols",
            "3",
        ],
    );
    all_seen(&shapes, "explain");
}

/// Each field stands on the page, and each name in the first column of its tables is a field.
fn page() {
    let page = std::fs::read_to_string(common::root().join("docs/json.md")).unwrap();
    let quoted = |text: &str| -> Vec<String> {
        let names = text.split('`').skip(1).step_by(2);
        let parts = names.flat_map(|name| name.split('.'));
        let bare = parts.map(|part| part.replace("[]", ""));
        bare.filter(|part| !part.is_empty()).collect()
    };
    let names = Shapes::new().names();
    let on_page = quoted(&page);
    let lost: Vec<_> = names
        .iter()
        .filter(|name| !on_page.contains(name))
        .collect();
    assert!(lost.is_empty(), "not in docs/json.md: {lost:?}");
    let reasons = page.split("| reason | meaning |").nth(1).unwrap();
    let reasons = reasons.split("\n\n").next().unwrap();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        for name in quoted(line.split('|').nth(1).unwrap()) {
            assert!(
                names.contains(&name) || reasons.contains(line),
                "{name} is no field"
            );
        }
    }
}

/// Conversations that show what no shipped capture does.
fn made() -> tempfile::NamedTempFile {
    let mut talks = [
        truncated(),
        beyond_window(),
        several_sources(),
        frame_by_frame(),
        unread(),
    ];
    let packets: Vec<_> = talks
        .iter_mut()
        .flat_map(|talk| talk.packets.drain(..))
        .collect();
    let time = |number: u64| 1_700_000_000_000_000_000 + number * 1_000_000;
    let packets = (0..).zip(&packets);
    let file = pcap(packets.map(|(number, data)| (time(number), data.as_slice(), data.len())));
    let mut made = tempfile::Builder::new().suffix(".pcap").tempfile().unwrap();
    made.write_all(&file).unwrap();
    made
}

/// Messages of which wscope does not keep all, and a frame with a reserved opcode.
fn truncated() -> Talk {
    let mut talk = Talk::new(1, "permessage-deflate");
    let mut compressor = Compressor::new(1, 15, false);
    for len in [20 << 20, 10] {
        talk.server(0xc1, &compressor.message(&vec![b'x'; len]));
    }
    // More symbols than are kept.
    talk.server(0xc1, &compressor.message(digits(3 << 20).as_bytes()));
    talk.send(0, &Frame::masked(0x89, b"?").bytes());
    talk.server(0x8a, b"?");
    talk.server(0x83, b"reserved");
    talk
}

/// A copy from farther back than was agreed.
fn beyond_window() -> Talk {
    let mut talk = Talk::new(2, "permessage-deflate; server_max_window_bits=9");
    let plain = format!("the same words again {} the same words again", digits(700));
    let payload = Compressor::new(6, 15, false).message(plain.as_bytes());
    talk.server(0xc1, &payload);
    talk
}

/// Copies out of several messages, and out of one whose payload the capture lacks.
fn several_sources() -> Talk {
    let mut talk = Talk::new(3, "permessage-deflate");
    let mut compressor = Compressor::new(6, 15, false);
    for (text, is_captured) in [
        ("abcdefghijkl", true),
        ("mnopqrstuvwx", true),
        ("ghijklmnopqr", true),
        ("0123456789-=", false),
        ("ABCDEFGHIJKL", true),
        ("6789-=ABCDEF", true),
    ] {
        let frame = Frame::bare(0xc1, &compressor.message(text.as_bytes())).bytes();
        if is_captured {
            talk.send(1, &frame);
        } else {
            talk.send(1, &frame[..2]);
            talk.lose(1, frame.len() - 2);
        }
    }
    talk
}

/// Payloads that are compressed frame by frame: with a hole, and with more blocks than are kept.
fn frame_by_frame() -> Talk {
    let mut talk = Talk::new(4, "x-webkit-deflate-frame");
    let mut compressor = Compressor::new(6, 15, false);
    let noise = compressor.message(&Noise::new(5).bytes(6000));
    let frame = Frame::bare(0xc2, &noise).bytes();
    talk.send(1, &frame[..1400]);
    talk.lose(1, 1400);
    talk.send(1, &frame[2800..]);
    talk.server(
        0xc1,
        &Compressor::new(1, 15, false).message(digits(3 << 20).as_bytes()),
    );
    talk
}

/// TLS that nobody can read, behind a proxy that names its client.
fn unread() -> Talk {
    let mut talk = Talk::silent(5);
    let hello = |kind: u8| {
        let body = match kind {
            1 => [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat(),
            _ => [
                &[3, 3][..],
                &[7; 32],
                &[0, 0x13, 1, 0, 0, 6, 0, 43, 0, 2, 3, 4],
            ]
            .concat(),
        };
        let length = u8::try_from(body.len()).unwrap();
        [&[22, 3, 3, 0, length + 4, kind, 0, 0, length][..], &body].concat()
    };
    talk.send(0, b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n");
    talk.send(0, &hello(1));
    talk.send(1, &hello(2));
    for from in [1, 0] {
        talk.send(from, &[&[23, 3, 3, 0, 40][..], &[9; 40]].concat());
    }
    talk
}

/// Digits at random, of which no copy is long.
fn digits(len: usize) -> String {
    let mut noise = Noise::new(3);
    let digit = |_| char::from(b'0' + noise.byte() % 10);
    (0..len).map(digit).collect()
}

/// What two ends say, as packets.
struct Talk {
    packets: Vec<Vec<u8>>,
    port: u16,
    seq: [u32; 2],
}

impl Talk {
    fn silent(number: u16) -> Self {
        Self {
            packets: Vec::new(),
            port: 40_000 + number,
            seq: [1000, 9000],
        }
    }

    fn new(number: u16, extension: &str) -> Self {
        let mut talk = Self::silent(number);
        let (request, answer) = upgrade(extension, extension);
        talk.send(0, &request);
        talk.send(1, &answer);
        talk
    }

    fn send(&mut self, from: usize, bytes: &[u8]) {
        for payload in bytes.chunks(1400) {
            let segment = Segment {
                from_client: from == 0,
                ports: (self.port, 80),
                vlan: None,
                seq: self.seq[from],
                ack: self.seq[1 - from],
                flags: 0x10,
                payload,
            };
            self.packets.push(segment.packet());
            self.lose(from, payload.len());
        }
    }

    /// Bytes that the capture lacks.
    fn lose(&mut self, from: usize, len: usize) {
        self.seq[from] += u32::try_from(len).unwrap();
    }

    fn server(&mut self, first: u8, payload: &[u8]) {
        self.send(1, &Frame::bare(first, payload).bytes());
    }
}
