//! For each code of a subprotocol, traffic that shows it and the same without the fault.

use wscope::base::Peer::{self, Client, Server};
use wscope::finding::Code;

use super::cases::Case;
use super::scene::{BINARY, CLOSE, Scene, TEXT, heads};

/// What is sent: by whom, what, and how many milliseconds go by first.
type Say = (Peer, &'static str, u64);

/// What is said before, with the fault, and without.
struct Talk {
    code: Code,
    target: &'static str,
    protocol: &'static str,
    before: &'static [Say],
    broken: &'static [Say],
    right: &'static [Say],
}

const EIO: &str = "/socket.io/?EIO=4&transport=websocket";
const OPEN: Say = (
    Server,
    r#"0{"sid":"s","pingInterval":300,"pingTimeout":200}"#,
    0,
);
const CONNECTED: &[Say] = &[OPEN, (Client, "40", 0), (Server, r#"40{"sid":"n"}"#, 0)];
const GRAPHQL: &[Say] = &[
    (Client, r#"{"type":"connection_init"}"#, 0),
    (Server, r#"{"type":"connection_ack"}"#, 0),
    (
        Client,
        r#"{"id":"1","type":"subscribe","payload":{"query":"{a}"}}"#,
        0,
    ),
];
const CALL: &[Say] = &[(Client, r#"{"jsonrpc":"2.0","method":"a","id":1}"#, 0)];
const ANSWER: Say = (Server, r#"{"jsonrpc":"2.0","result":1,"id":1}"#, 0);
const HELLO: &[Say] = &[(Client, r#"[1,"realm1",{"roles":{}}]"#, 0)];
const WELCOME: Say = (Server, r#"[2,77,{"roles":{}}]"#, 0);
const BOOT: &[Say] = &[(Client, r#"[2,"1","BootNotification",{}]"#, 0)];
const BOOTED: Say = (Server, r#"[3,"1",{}]"#, 0);

const REGISTER: &[Say] = &[(
    Client,
    "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/WS a;branch=z9\r\nFrom: <sip:a@h>\r\n\
     To: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n\r\n",
    0,
)];
const REGISTERED: Say = (
    Server,
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/WS a;branch=z9\r\nFrom: <sip:a@h>\r\n\
     To: <sip:a@h>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n\r\n",
    0,
);

const TALKS: &[Talk] = &[
    Talk {
        code: Code::SocketioMalformed,
        target: EIO,
        protocol: "",
        before: CONNECTED,
        broken: &[(Client, r#"42{"a":1}"#, 0)],
        right: &[(Client, r#"42["a",1]"#, 0)],
    },
    Talk {
        code: Code::SocketioAttachments,
        target: EIO,
        protocol: "",
        before: CONNECTED,
        broken: &[
            (Server, r#"451-["a",{"_placeholder":true,"num":0}]"#, 0),
            (Server, r#"42["b"]"#, 0),
        ],
        right: &[(Server, r#"42["b"]"#, 0)],
    },
    Talk {
        code: Code::SocketioAckUnasked,
        target: EIO,
        protocol: "",
        before: CONNECTED,
        broken: &[
            (Client, r#"425["a"]"#, 0),
            (Server, "435[]", 0),
            (Server, "435[]", 0),
        ],
        right: &[(Client, r#"425["a"]"#, 0), (Server, "435[]", 0)],
    },
    Talk {
        code: Code::SocketioNotConnected,
        target: EIO,
        protocol: "",
        before: CONNECTED,
        broken: &[(Client, r#"42/admin,["a"]"#, 0)],
        right: &[(Client, r#"42["a"]"#, 0)],
    },
    Talk {
        code: Code::SocketioRefused,
        target: EIO,
        protocol: "",
        before: &[OPEN, (Client, "40", 0)],
        broken: &[(Server, r#"44{"message":"Not authorized"}"#, 0)],
        right: &[(Server, r#"40{"sid":"n"}"#, 0)],
    },
    Talk {
        code: Code::SocketioPingLate,
        target: EIO,
        protocol: "",
        before: CONNECTED,
        broken: &[(Server, "2", 300), (Client, "3", 400)],
        right: &[(Server, "2", 300), (Client, "3", 0)],
    },
    Talk {
        code: Code::SockjsMalformed,
        target: "/echo/123/abcdefgh/websocket",
        protocol: "",
        before: &[(Server, "o", 0)],
        broken: &[(Client, "hello", 0)],
        right: &[(Client, r#"["hello"]"#, 0)],
    },
    Talk {
        code: Code::SockjsClosed,
        target: "/echo/123/abcdefgh/websocket",
        protocol: "",
        before: &[(Server, "o", 0)],
        broken: &[(Server, r#"c[3000,"Go away!"]"#, 0)],
        right: &[(Server, r#"c[1000,"Normal closure"]"#, 0)],
    },
    Talk {
        code: Code::GraphqlMalformed,
        target: "/graphql",
        protocol: "graphql-transport-ws",
        before: GRAPHQL,
        broken: &[(Client, "hello", 0)],
        right: &[(Client, r#"{"type":"ping"}"#, 0)],
    },
    Talk {
        code: Code::GraphqlDialect,
        target: "/graphql",
        protocol: "graphql-transport-ws",
        before: GRAPHQL,
        broken: &[(
            Client,
            r#"{"id":"2","type":"start","payload":{"query":"{a}"}}"#,
            0,
        )],
        right: &[(
            Client,
            r#"{"id":"2","type":"subscribe","payload":{"query":"{a}"}}"#,
            0,
        )],
    },
    Talk {
        code: Code::GraphqlNotInitialised,
        target: "/graphql",
        protocol: "graphql-transport-ws",
        before: &[],
        broken: &[(
            Client,
            r#"{"id":"2","type":"subscribe","payload":{"query":"{a}"}}"#,
            0,
        )],
        right: GRAPHQL,
    },
    Talk {
        code: Code::GraphqlIdReused,
        target: "/graphql",
        protocol: "graphql-transport-ws",
        before: GRAPHQL,
        broken: &[(
            Client,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{b}"}}"#,
            0,
        )],
        right: &[(
            Client,
            r#"{"id":"2","type":"subscribe","payload":{"query":"{b}"}}"#,
            0,
        )],
    },
    Talk {
        code: Code::GraphqlRefused,
        target: "/graphql",
        protocol: "graphql-ws",
        before: &[(Client, r#"{"type":"connection_init"}"#, 0)],
        broken: &[(
            Server,
            r#"{"type":"connection_error","payload":{"message":"no"}}"#,
            0,
        )],
        right: &[(Server, r#"{"type":"connection_ack"}"#, 0)],
    },
    Talk {
        code: Code::JsonrpcMalformed,
        target: "/",
        protocol: "",
        before: CALL,
        broken: &[(Server, r#"{"jsonrpc":"2.0","result":1}"#, 0)],
        right: &[ANSWER],
    },
    Talk {
        code: Code::JsonrpcAnswerUnasked,
        target: "/",
        protocol: "",
        before: CALL,
        broken: &[ANSWER, ANSWER],
        right: &[ANSWER],
    },
    Talk {
        code: Code::JsonrpcIdReused,
        target: "/",
        protocol: "",
        before: CALL,
        broken: CALL,
        right: &[ANSWER],
    },
    Talk {
        code: Code::WampMalformed,
        target: "/",
        protocol: "wamp.2.json",
        before: HELLO,
        broken: &[WELCOME, (Client, "[32,1]", 0)],
        right: &[WELCOME, (Client, r#"[32,1,{},"com.a"]"#, 0)],
    },
    Talk {
        code: Code::WampAborted,
        target: "/",
        protocol: "wamp.2.json",
        before: HELLO,
        broken: &[(Server, r#"[3,{},"wamp.error.no_such_realm"]"#, 0)],
        right: &[WELCOME],
    },
    Talk {
        code: Code::WampAnswerUnasked,
        target: "/",
        protocol: "wamp.2.json",
        before: HELLO,
        broken: &[WELCOME, (Server, "[50,9,{}]", 0)],
        right: &[
            WELCOME,
            (Client, r#"[48,9,{},"com.a"]"#, 0),
            (Server, "[50,9,{}]", 0),
        ],
    },
    Talk {
        code: Code::OcppMalformed,
        target: "/CP1",
        protocol: "ocpp1.6",
        before: BOOT,
        broken: &[BOOTED, (Client, r#"[2,"2","Heartbeat"]"#, 0)],
        right: &[BOOTED, (Client, r#"[2,"2","Heartbeat",{}]"#, 0)],
    },
    Talk {
        code: Code::OcppCallOverlap,
        target: "/CP1",
        protocol: "ocpp1.6",
        before: BOOT,
        broken: &[(Client, r#"[2,"2","Heartbeat",{}]"#, 0)],
        right: &[BOOTED, (Client, r#"[2,"2","Heartbeat",{}]"#, 0)],
    },
    Talk {
        code: Code::OcppAnswerUnasked,
        target: "/CP1",
        protocol: "ocpp1.6",
        before: BOOT,
        broken: &[BOOTED, BOOTED],
        right: &[BOOTED],
    },
    Talk {
        code: Code::SipMalformed,
        target: "/",
        protocol: "sip",
        before: REGISTER,
        broken: &[(
            Server,
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/WS a;branch=z9\r\n\r\n",
            0,
        )],
        right: &[REGISTERED],
    },
    Talk {
        code: Code::SipAnswerUnasked,
        target: "/",
        protocol: "sip",
        before: REGISTER,
        broken: &[REGISTERED, REGISTERED],
        right: &[REGISTERED],
    },
    Talk {
        code: Code::MqttMalformed,
        target: "/mqtt",
        protocol: "mqtt",
        before: MQTT,
        broken: &[(Client, "\u{30}\u{3}\0\u{1}#", 0)],
        right: &[(Client, "\u{30}\u{3}\0\u{1}a", 0)],
    },
    Talk {
        code: Code::MqttConnectOrder,
        target: "/mqtt",
        protocol: "mqtt",
        before: MQTT,
        broken: &[(Client, CONNECT, 0)],
        right: &[(Client, "\u{30}\u{3}\0\u{1}a", 0)],
    },
    Talk {
        code: Code::MqttKeepAlive,
        target: "/mqtt",
        protocol: "mqtt",
        before: MQTT,
        broken: &[(Client, "\u{30}\u{3}\0\u{1}a", 1600)],
        right: &[(Client, "\u{30}\u{3}\0\u{1}a", 1000)],
    },
    Talk {
        code: Code::MqttRefused,
        target: "/mqtt",
        protocol: "mqtt",
        before: &[(Client, CONNECT, 0)],
        broken: &[(Server, "\u{20}\u{2}\0\u{5}", 0)],
        right: &[(Server, CONNACK, 0)],
    },
    Talk {
        code: Code::MqttTopicAlias,
        target: "/mqtt",
        protocol: "mqtt",
        before: MQTT5,
        broken: &[(Client, "\u{30}\u{6}\0\0\u{3}\u{23}\0\u{2}", 0)],
        right: &[(Client, "\u{30}\u{7}\0\u{1}a\u{3}\u{23}\0\u{2}", 0)],
    },
    Talk {
        code: Code::MqttReceiveMaximum,
        target: "/mqtt",
        protocol: "mqtt",
        before: MQTT5,
        broken: &[
            (Client, "\u{32}\u{6}\0\u{1}a\0\u{1}\0", 0),
            (Client, "\u{32}\u{6}\0\u{1}a\0\u{2}\0", 0),
        ],
        right: &[(Client, "\u{32}\u{6}\0\u{1}a\0\u{1}\0", 0)],
    },
    Talk {
        code: Code::MqttIdReused,
        target: "/mqtt",
        protocol: "mqtt",
        before: MQTT,
        broken: &[
            (Client, "\u{32}\u{5}\0\u{1}a\0\u{1}", 0),
            (Client, "\u{32}\u{5}\0\u{1}a\0\u{1}", 0),
        ],
        right: &[(Client, "\u{32}\u{5}\0\u{1}a\0\u{1}", 0)],
    },
    Talk {
        code: Code::MqttAckUnasked,
        target: "/mqtt",
        protocol: "mqtt",
        before: MQTT,
        broken: &[(Server, "\u{40}\u{2}\0\u{1}", 0)],
        right: &[
            (Client, "\u{32}\u{5}\0\u{1}a\0\u{1}", 0),
            (Server, "\u{40}\u{2}\0\u{1}", 0),
        ],
    },
];

/// CONNECT of 3.1.1 with a keep-alive of one second, and what accepts it.
const CONNECT: &str = "\u{10}\u{e}\0\u{4}MQTT\u{4}\u{2}\0\u{1}\0\u{2}me";
const CONNACK: &str = "\u{20}\u{2}\0\0";
const MQTT: &[Say] = &[(Client, CONNECT, 0), (Server, CONNACK, 0)];
/// The same of version 5, with a Topic Alias Maximum of 2 and a Receive Maximum of 1.
const MQTT5: &[Say] = &[
    (
        Client,
        "\u{10}\u{f}\0\u{4}MQTT\u{5}\u{2}\0\u{1}\0\0\u{2}me",
        0,
    ),
    (Server, "\u{20}\u{9}\0\0\u{6}\u{22}\0\u{2}\u{21}\0\u{1}", 0),
];

/// A connection on that target, for which a subprotocol was agreed.
fn speaking(target: &str, protocol: &str) -> Scene {
    let line = match protocol {
        "" => String::new(),
        name => format!("\r\nSec-WebSocket-Protocol: {name}"),
    };
    let request = format!("GET {target} HTTP/1.1\r\nHost: h{line}");
    let answer = format!("Connection: Upgrade{line}");
    heads(
        ("GET /chat HTTP/1.1\r\nHost: h", &request),
        ("Connection: Upgrade", &answer),
    )
}

fn say(scene: &mut Scene, protocol: &str, says: &[Say]) {
    let opcode = if protocol == "mqtt" { BINARY } else { TEXT };
    for (from, what, pause) in says {
        scene.pause(*pause);
        scene.send(*from, opcode, what.as_bytes());
    }
}

pub(crate) fn all(cases: &mut Vec<(Code, Case)>) {
    for talk in TALKS {
        let case = |broken: bool| {
            let mut scene = speaking(talk.target, talk.protocol);
            say(&mut scene, talk.protocol, talk.before);
            let rest = if broken { talk.broken } else { talk.right };
            say(&mut scene, talk.protocol, rest);
            scene.bye()
        };
        cases.push((talk.code, Box::new(case)));
    }
    let text = |broken: bool| {
        let mut scene = speaking("/mqtt", "mqtt");
        say(&mut scene, "mqtt", MQTT);
        let opcode = if broken { TEXT } else { BINARY };
        scene.send(Client, opcode, b"\x30\x03\0\x01a");
        scene.bye()
    };
    cases.push((Code::MqttTextMessage, Box::new(text)));
    let disconnect = |broken: bool| {
        let mut scene = speaking("/mqtt", "mqtt");
        say(&mut scene, "mqtt", MQTT5);
        let reason = if broken { 0x8e } else { 0 };
        scene.send(Server, BINARY, &[0xe0, 1, reason]);
        scene.send(Server, CLOSE, &[3, 0xe8]);
        scene.bye()
    };
    cases.push((Code::MqttDisconnected, Box::new(disconnect)));
}
