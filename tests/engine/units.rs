//! Decoders of subprotocols under loss and garbage: nothing panics, and no unit is invented.
//!
//! Each protocol has a conversation here. Messages are lost, get holes or become garbage; what is
//! told of the rest as whole has to be what is reported without the fault, and no peer is blamed for what
//! the capture lacks.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use wscope::base::Peer::{self, Client, Server};
use wscope::base::{PacketRef, Stamp, Timestamp};
use wscope::finding::Observation;
use wscope::subprotocol::{
    At, Body, Entry, Opening, Out, Question, REGISTRY, Subprotocol, Unit, UnitStatus,
};

/// What came out, each unit with the message that told it.
#[derive(Default)]
struct Heard {
    message: u64,
    /// Units of the message at hand.
    index: usize,
    units: Vec<(u64, Unit)>,
    lengths: Vec<u64>,
    findings: Vec<Observation>,
}

impl Out for Heard {
    fn unit(&mut self, unit: Unit) -> usize {
        for part in &unit.parts {
            let length = self.lengths[usize::try_from(part.message).unwrap() - 1];
            assert!(part.start + part.length <= length, "{unit:?}");
        }
        assert!(unit.inside.is_none_or(|inside| inside < self.index));
        for answered in &unit.answers {
            let there = |(message, _): &&(u64, Unit)| *message == answered.message;
            let told = self.units.iter().filter(there).count();
            assert!(answered.unit < told, "{unit:?}");
        }
        self.units.push((self.message, unit));
        self.index += 1;
        self.index - 1
    }

    fn observe(&mut self, observation: Observation) {
        self.findings.push(observation);
    }

    fn pending(&mut self, question: Question) {
        assert!(question.unit.message <= self.lengths.len() as u64);
    }
}

/// One message of a conversation, and what happens to it.
#[derive(Debug, Clone)]
struct Sent {
    from: Peer,
    text: bool,
    bytes: Vec<u8>,
    holes: Vec<(u64, u64)>,
    /// It is not in the capture.
    lost: bool,
}

/// Runs a conversation, through a copy of the decoder from message to message. Where it is `late`,
/// what a sender said after its first lost message comes after everything else.
fn told(entry: &Entry, target: &str, talk: &[Sent], late: bool) -> Heard {
    let opening = Opening {
        target: Some(target),
        agreed: entry.tokens.first().copied(),
        ..Opening::default()
    };
    let mut decoder: Box<dyn Subprotocol> = (entry.new)(&opening);
    let mut heard = Heard {
        lengths: talk.iter().map(|sent| sent.bytes.len() as u64).collect(),
        ..Heard::default()
    };
    let numbered: Vec<_> = (1..).zip(talk).collect();
    // A direction stops at a hole until late segments have had their time.
    let hole = numbered.iter().find(|(_, sent)| sent.lost);
    let held = |(number, sent): &(u64, &Sent)| {
        late && hole.is_some_and(|(from, lost)| number >= from && sent.from == lost.from)
    };
    let (behind, before): (Vec<_>, Vec<_>) = numbered.iter().copied().partition(held);
    for (number, sent) in before.into_iter().chain(behind) {
        if sent.lost {
            decoder.lost(sent.from);
            continue;
        }
        (heard.message, heard.index) = (number, 0);
        let time = Timestamp(number * 1_000_000);
        let at = At {
            from: sent.from,
            message: number,
            began: time,
            stamp: Stamp {
                packet: PacketRef::new(0, number),
                time,
            },
        };
        let body = Body {
            text: sent.text,
            bytes: &sent.bytes,
            read: None,
            holes: &sent.holes,
            whole: sent.holes.is_empty(),
        };
        decoder.message(&at, body, &mut heard);
        decoder = decoder.resting();
    }
    decoder.finish(Stamp::START, &mut heard);
    heard
}

/// Whether a unit is one of those that are reported without a fault: what it says is the same, but for
/// what only the lost messages would tell.
fn is_one_of(unit: &(u64, Unit), all: &[(u64, Unit)]) -> bool {
    let (message, unit) = unit;
    all.iter().any(|(number, own)| {
        let subject = unit.subject.is_none() || unit.subject == own.subject;
        let body = unit.body.is_none() || unit.body == own.body;
        let fields = unit
            .fields
            .iter()
            .all(|(name, value)| own.fields.get(name) == Some(value));
        let named = (unit.protocol, &unit.kind, &unit.id) == (own.protocol, &own.kind, &own.id);
        number == message && named && subject && body && fields && unit.parts == own.parts
    })
}

fn entry(name: &str) -> &'static Entry {
    wscope::subprotocol::named(name).unwrap()
}

/// The conversations, one for each protocol.
#[expect(clippy::too_many_lines, reason = "a list")]
fn talks() -> Vec<(&'static Entry, &'static str, Vec<Sent>)> {
    let text = |from: Peer, text: &str| Sent {
        from,
        text: true,
        bytes: text.as_bytes().to_vec(),
        holes: Vec::new(),
        lost: false,
    };
    let binary = |from: Peer, bytes: &[u8]| Sent {
        text: false,
        bytes: bytes.to_vec(),
        ..text(from, "")
    };
    let mut talks = Vec::new();
    let socketio = vec![
        text(
            Server,
            r#"0{"sid":"s","pingInterval":25000,"pingTimeout":20000}"#,
        ),
        text(Client, "40"),
        text(Server, r#"40{"sid":"n"}"#),
        text(Client, r#"4212["save",{"a":1}]"#),
        text(Server, r#"4312["ok"]"#),
        text(
            Client,
            r#"452-3["up",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
        ),
        binary(Client, b"first"),
        text(Client, "3"),
        binary(Client, b"second"),
        text(Server, r#"451-["down",{"_placeholder":true,"num":0}]"#),
        binary(Server, b"third"),
        text(Server, "40/chat,{}"),
        text(Server, r#"42/chat,["news","x"]"#),
        text(Server, "2"),
    ];
    talks.push((
        entry("socket.io"),
        "/socket.io/?EIO=4&transport=websocket",
        socketio,
    ));
    let mut stream = b"\x10\x0e\0\x04MQTT\x04\x02\0\x3c\0\x02me".to_vec();
    stream.extend_from_slice(b"\x32\x09\0\x03a/b\0\x01hi\x34\x08\0\x02cd\0\x02yo");
    stream.extend_from_slice(b"\x82\x08\0\x03\0\x03x/#\x01\xc0\0\x30\x05\0\x01zqq\x62\x02\0\x02");
    let mut mqtt: Vec<_> = stream
        .chunks(5)
        .map(|piece| binary(Client, piece))
        .collect();
    mqtt.insert(8, binary(Server, b"\x20\x02\0\0\x40\x02\0\x01\x50\x02"));
    mqtt.insert(9, binary(Server, b"\0\x02"));
    mqtt.push(binary(Server, b"\x90\x03\0\x03\x01\xd0\0"));
    mqtt.push(binary(Client, b"\x30\x06\0\x04lastx\x80"));
    talks.push((entry("mqtt"), "/mqtt", mqtt));
    let graphql = vec![
        text(Client, r#"{"type":"connection_init"}"#),
        text(Server, r#"{"type":"connection_ack"}"#),
        text(
            Client,
            r#"{"id":"a","type":"subscribe","payload":{"query":"subscription S{s}"}}"#,
        ),
        text(
            Server,
            r#"{"id":"a","type":"next","payload":{"data":{"s":1}}}"#,
        ),
        text(Client, r#"{"type":"ping"}"#),
        text(Server, r#"{"id":"a","type":"complete"}"#),
    ];
    talks.push((entry("graphql"), "/", graphql));
    let jsonrpc = vec![
        text(
            Client,
            r#"{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}"#,
        ),
        text(
            Server,
            r#"{"jsonrpc":"2.0","method":"tick","params":{"n":1}}"#,
        ),
        text(Server, r#"{"jsonrpc":"2.0","id":1,"result":3}"#),
        text(
            Client,
            r#"[{"jsonrpc":"2.0","id":2,"method":"a"},{"jsonrpc":"2.0","method":"b"}]"#,
        ),
        text(
            Server,
            r#"[{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"m"}}]"#,
        ),
    ];
    talks.push((entry("json-rpc"), "/", jsonrpc.clone()));
    let wrapped = jsonrpc.iter().map(|sent| {
        let inner = serde_json::to_string(&[std::str::from_utf8(&sent.bytes).unwrap()]).unwrap();
        let mark = if sent.from == Server { "a" } else { "" };
        text(sent.from, &format!("{mark}{inner}"))
    });
    let sockjs = std::iter::once(text(Server, "o")).chain(wrapped).collect();
    talks.push((entry("sockjs"), "/x/123/abcdefgh/websocket", sockjs));
    let cdp = vec![
        text(Client, r#"{"id":1,"method":"Page.enable","sessionId":"S"}"#),
        text(Server, r#"{"id":1,"result":{},"sessionId":"S"}"#),
        text(
            Server,
            r#"{"method":"Page.loadEventFired","params":{"timestamp":1.5}}"#,
        ),
    ];
    talks.push((entry("cdp"), "/devtools/page/1", cdp));
    let wamp = vec![
        text(Client, r#"[1,"realm1",{"roles":{}}]"#),
        text(Server, r#"[2,77,{"roles":{}}]"#),
        text(Client, r#"[32,1,{},"com.prices"]"#),
        text(Server, "[33,1,5]"),
        text(Server, r#"[36,5,900,{},[1.5],{"a":2}]"#),
        text(Client, r#"[48,2,{},"com.add",[1,2]]"#),
        text(Server, "[50,2,{},[3]]"),
    ];
    talks.push((entry("wamp"), "/", wamp));
    let ocpp = vec![
        text(
            Client,
            r#"[2,"a","BootNotification",{"chargePointModel":"M"}]"#,
        ),
        text(Server, r#"[3,"a",{"status":"Accepted"}]"#),
        text(Server, r#"[2,"b","Reset",{}]"#),
        text(Client, r#"[4,"b","NotSupported","no",{}]"#),
    ];
    talks.push((entry("ocpp"), "/CP1", ocpp));
    let sip = |start: &str| {
        let rest = "Via: SIP/2.0/WS a;branch=z9\r\nFrom: <sip:a@h>\r\nTo: <sip:b@h>\r\n\
                    Call-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 2\r\n\r\nhi";
        format!("{start}\r\n{rest}")
    };
    let sip = vec![
        text(Client, &sip("MESSAGE sip:b@h SIP/2.0")),
        text(Server, &sip("SIP/2.0 100 Trying")),
        text(Server, &sip("SIP/2.0 404 Not Found")),
        text(Client, "\r\n\r\n"),
        text(Server, "\r\n"),
    ];
    talks.push((entry("sip"), "/", sip));
    talks
}

/// What happens to one message.
#[derive(Debug, Clone)]
enum Fault {
    None,
    Lost,
    Hole(usize, usize),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::None),
        1 => Just(Fault::Lost),
        2 => (0..60_usize, 1..12_usize).prop_map(|(start, length)| Fault::Hole(start, length)),
    ]
}

fn config(cases: u32) -> ProptestConfig {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    ProptestConfig {
        cases: number("WSCOPE_CASES").unwrap_or(cases),
        rng_seed: RngSeed::Fixed(u64::from(number("WSCOPE_SEED").unwrap_or(6455))),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    }
}

#[test]
fn whole_conversations_tell_units() {
    for (entry, target, talk) in talks() {
        let Heard {
            units: all,
            findings,
            ..
        } = told(entry, target, &talk, false);
        assert!(findings.is_empty(), "{findings:?}");
        assert!(all.len() + 3 >= talk.len(), "{}: {}", entry.name, all.len());
        let whole = all
            .iter()
            .all(|(_, unit)| unit.status != UnitStatus::Partial);
        assert!(whole, "{}", entry.name);
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn what_is_told_beside_a_loss_is_what_was_sent(
        faults in proptest::collection::vec(fault(), 32),
        late in any::<bool>(),
    ) {
        for (entry, target, talk) in talks() {
            let all = told(entry, target, &talk, false).units;
            let mut damaged = talk.clone();
            for (sent, fault) in damaged.iter_mut().zip(&faults) {
                match *fault {
                    Fault::None => {}
                    Fault::Lost => sent.lost = true,
                    Fault::Hole(start, length) => {
                        let start = start.min(sent.bytes.len());
                        let end = (start + length).min(sent.bytes.len());
                        if start < end {
                            sent.bytes[start..end].fill(0);
                            sent.holes = vec![(start as u64, (end - start) as u64)];
                        }
                    }
                }
            }
            let heard = told(entry, target, &damaged, late);
            // What the capture lacks is no peer's deed.
            prop_assert!(heard.findings.is_empty(), "{}: {:?}", entry.name, heard.findings);
            for unit in heard.units {
                let known = unit.1.status == UnitStatus::Partial || is_one_of(&unit, &all);
                prop_assert!(known, "{} invents {unit:?}", entry.name);
            }
        }
    }

    #[test]
    fn garbage_does_no_harm(
        garbage in proptest::collection::vec((0..16_usize, 0..80_usize, any::<u8>()), 1..12),
        noise in proptest::collection::vec(any::<u8>(), 0..40),
        place in 0..12_usize,
    ) {
        for (_, target, talk) in talks() {
            // Any decoder may get any conversation.
            for entry in REGISTRY {
                let mut damaged = talk.clone();
                for (message, byte, value) in &garbage {
                    let bytes = damaged.get_mut(*message).map(|sent| &mut sent.bytes);
                    if let Some(byte) = bytes.and_then(|bytes| bytes.get_mut(*byte)) {
                        *byte = *value;
                    }
                }
                let place = place.min(damaged.len());
                let noisy = Sent { bytes: noise.clone(), ..damaged[0].clone() };
                damaged.insert(place, noisy);
                told(entry, target, &damaged, false);
            }
        }
    }
}
