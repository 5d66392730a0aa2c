//! The captures of `captures/cases`, each of a kind of damage or of an odd network, against what
//! was sent: beside most of them stands `NAME.truth.json` with the messages of each side.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::{common, trial};

/// A message: connection, sender, status, text.
type Line = (u64, &'static str, &'static str, &'static str);

/// What is shown of the cases whose truth is short.
const SHORT: &[(&str, &[Line])] = &[
    (
        "tcp_keepalive_garbage_split",
        &[
            (1, "server", "complete", "one message"),
            (1, "server", "partial", "the balance is 123\0"),
            (1, "server", "complete", "three messages"),
        ],
    ),
    (
        "tcp_corrupt_then_retransmit",
        &[
            (
                1,
                "server",
                "complete",
                "{\"balance\":1000,\"user\":\"anna\"}",
            ),
            (1, "server", "complete", "next"),
        ],
    ),
    (
        "tcp_rst_blind",
        &[
            (1, "server", "complete", "before"),
            (1, "server", "complete", "after a blind reset in window"),
            (1, "server", "complete", "again"),
        ],
    ),
    (
        "split_header_1",
        &[
            (1, "client", "complete", "{\"id\":8423,\"method\":\"HB\"}"),
            (1, "server", "complete", "{\"id\":8423,\"result\":\"ok\"}"),
            (
                1,
                "client",
                "complete",
                "{\"id\":8424,\"method\":\"voiceStatus\"}",
            ),
        ],
    ),
];

/// Fields of messages that are not whole, by their place: status, holes.
type Holed = (&'static str, usize, &'static str, &'static [(u64, u64)]);
const HOLED: &[Holed] = &[("69_jetty_plain_middle", 0, "partial", &[(58, 12)])];

/// Codes that `check` must give.
const TOLD: &[(&str, &str)] = &[
    ("tcp_rst_blind", "reset-ignored"),
    ("08_client_only", "one-direction"),
    ("40b_fake_seq_zero", "headers-invented"),
    ("80_gfw_rst_ignored", "reset-ignored"),
    ("tcp_corrupt_then_retransmit", "tcp-conflict"),
    ("75c_corrupt_plain", "tcp-conflict"),
    ("tcp_keepalive_garbage_split", "bytes-missing"),
];

pub(crate) fn trials() -> Vec<Trial> {
    let captures = common::captures_in("captures/cases");
    assert!(captures.len() >= 13, "the cases are not all there");
    let held = captures.into_iter().filter_map(|path| {
        let truth = path.with_extension("truth.json");
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let capture = path.to_str().unwrap().to_owned();
        truth.exists().then(|| {
            trial(format!("situation::{name}"), move || {
                let truth = std::fs::read(truth).unwrap();
                as_sent(&capture, &serde_json::from_slice(&truth).unwrap());
            })
        })
    });
    let short = SHORT.iter().map(|(name, messages)| {
        trial(format!("situation::{name}"), move || {
            let shown = shown(&format!("captures/cases/{name}.pcap"));
            let shown: Vec<_> = shown.iter().map(Shown::brief).collect();
            assert_eq!(shown, *messages);
        })
    });
    let told = TOLD.iter().map(|(name, code)| {
        trial(format!("situation::{name}::{code}"), move || {
            let found = common::json(&["check", "--json", &format!("captures/cases/{name}.pcap")]);
            let found = found.iter().find(|one| one["code"] == *code);
            let found = found.unwrap();
            let names_message = found["message"].is_u64();
            assert!(*code != "tcp-conflict" || names_message, "{found:#?}");
        })
    });
    let others = [
        trial("situation::reuse_ahead5k".into(), || {
            reused(&["client", "server"]);
        }),
        trial("situation::reuse_synack_halfcapture".into(), half_captured),
        trial("situation::s20025-3".into(), no_error),
        trial("situation::66c_two_hosts_nat_10ms".into(), two_legs),
        trial("situation::69_jetty_plain_middle".into(), holed),
        trial("situation::60_real_two_servers_paths".into(), http_once),
        trial("situation::10_gap".into(), after_a_gap),
    ];
    held.chain(short).chain(told).chain(others).collect()
}

/// What is not compressed inside a compressed message is a hole.
fn holed() {
    for (name, at, status, holes) in HOLED {
        let all = common::json(&["messages", "--json", &format!("captures/cases/{name}.pcap")]);
        let messages: Vec<_> = all.iter().filter(|one| one["type"] == "message").collect();
        assert_eq!(messages[*at]["status"], *status, "{name}");
        assert_eq!(messages[*at]["holes"], serde_json::json!(holes), "{name}");
    }
}

/// An HTTP message in the stream is reported once.
fn http_once() {
    let capture = "captures/cases/60_real_two_servers_paths.pcap";
    let found = common::json(&["check", "--json", capture]);
    let server = found.iter().filter(|one| one["from"] == "server");
    let codes: Vec<_> = server.map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["http-in-stream"]);
}

/// Each frame after the gap is shown, with holes.
fn after_a_gap() {
    let all = shown("captures/cases/10_gap.pcap");
    let server = all.iter().filter(|message| message.from == "server");
    let statuses: Vec<_> = server.map(|message| message.status.as_str()).collect();
    assert_eq!(
        statuses,
        ["complete", "complete", "partial", "partial", "partial"]
    );
}

struct Shown {
    connection: u64,
    from: String,
    opcode: String,
    status: String,
    payload: Option<Vec<u8>>,
}

impl Shown {
    fn brief(&self) -> (u64, &str, &str, &str) {
        let text = self.payload.as_deref().unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap();
        (self.connection, &self.from, &self.status, text)
    }
}

/// Data messages, and control frames, as they are shown.
fn shown(capture: &str) -> Vec<Shown> {
    use base64::Engine;

    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let messages = common::json(&["messages", "--json", capture]);
    let messages = messages.iter().filter(|one| one["type"] == "message");
    let messages = messages.map(|one| Shown {
        connection: one["connection"].as_u64().unwrap(),
        from: word(&one["from"]),
        opcode: word(&one["opcode"]),
        status: word(&one["status"]),
        payload: match (&one["text"], &one["base64"]) {
            (Value::String(text), _) => Some(text.clone().into_bytes()),
            (_, Value::String(coded)) => {
                let engine = base64::engine::general_purpose::STANDARD;
                Some(engine.decode(coded).unwrap())
            }
            _ => (one["status"] == "complete").then(Vec::new),
        },
    });
    messages.collect()
}

/// Each sender's messages in order, all complete.
fn as_sent(capture: &str, truth: &Value) {
    let all = shown(capture);
    for peer in ["client", "server"] {
        let sent = truth["messages"].as_array().unwrap().iter();
        let sent = sent
            .filter(|message| message["from"] == peer)
            .map(|message| {
                let hex = message["hex"].as_str().unwrap();
                (
                    message["op"].as_str().unwrap().to_owned(),
                    "complete".to_owned(),
                    Some(bytes(hex)),
                )
            });
        let shown = all.iter().filter(|message| message.from == peer);
        let shown = shown.map(|message| {
            let Shown {
                opcode,
                status,
                payload,
                ..
            } = message;
            (opcode.clone(), status.clone(), payload.clone())
        });
        assert_eq!(
            shown.collect::<Vec<_>>(),
            sent.collect::<Vec<_>>(),
            "{peer}"
        );
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex
        .chars()
        .map(|digit| digit.to_digit(16).unwrap())
        .collect();
    let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// The second use of the four-tuple is a connection of its own.
fn reused(peers: &[&str]) {
    let all = shown("captures/cases/reuse_ahead5k.pcap");
    assert!(all.iter().all(|message| message.status == "complete"));
    for (connection, name) in [(1, "one"), (2, "two")] {
        for peer in peers {
            let of = |message: &&Shown| message.connection == connection && message.from == *peer;
            let of = all
                .iter()
                .filter(of)
                .filter(|message| message.opcode == "text");
            let texts: Vec<_> = of.map(|message| message.brief().3.to_owned()).collect();
            let sent: Vec<_> = (0..5)
                .map(|at| format!("{name} {peer} message {at}"))
                .collect();
            assert_eq!(texts, sent);
        }
    }
}

fn half_captured() {
    let all = shown("captures/cases/reuse_synack_halfcapture.pcap");
    for (connection, name) in [(1, "one"), (2, "two")] {
        let of = |message: &&Shown| message.connection == connection && message.opcode == "text";
        let texts: Vec<_> = all
            .iter()
            .filter(of)
            .map(|message| message.brief().3)
            .collect();
        let sent: Vec<_> = (0..8)
            .map(|at| format!("{name} server message {at}"))
            .collect();
        assert_eq!(texts, sent);
    }
}

/// One connection before and behind an address translator, with clocks apart: each leg is shown, and
/// nobody is accused of using a key again.
fn two_legs() {
    let capture = "captures/cases/66c_two_hosts_nat_10ms.pcap";
    let truth = std::fs::read("captures/cases/66c_two_hosts_nat_10ms.json").unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    let sent = truth["messages"].as_array().unwrap().len();
    let all = shown(capture);
    assert_eq!(all.len(), sent);
    assert!(all.iter().all(|message| message.status == "complete"));
    let found = common::json(&["check", "--json", capture]);
    assert!(
        found.iter().all(|one| one["code"] != "key-repeated"),
        "{found:#?}"
    );
}

/// Three connections with losses, the first of whose four-tuples is used again: nothing that is
/// read breaks a rule, because nothing is read in the wrong place.
fn no_error() {
    let found = common::json(&["check", "--json", "captures/cases/s20025-3.pcap"]);
    let errors: Vec<_> = found
        .iter()
        .filter(|one| one["severity"] == "error")
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
