//! SockJS over WebSocket, which wraps the messages of another protocol.
//!
//! Job: recognise SockJS, unwrap its messages, and give them to the decoder of what they carry.
//! Input: messages. Output: a unit for each, and those inside it. SockJS protocol 0.3.3,
//! "Framing".

use super::json;
use super::telling;
use super::{
    At, Body, Choice, Confidence, Control, Entry, Look, Opening, Out, Question, Recogniser,
    Subprotocol, Unit, UnitStatus,
};
use super::{graphql, jsonrpc, stomp, wamp};
use crate::base::{Peer, Stamp};
use crate::finding::{Code, Figure, Observation, Sentence};

/// The registry's entry.
pub(super) const ENTRY: Entry = Entry {
    name: "sockjs",
    title: "SockJS",
    tokens: &[],
    suits,
    new: |opening| Box::new(Session::new(opening)),
};

/// What is carried: whatever goes in texts.
const CARRIED: &[Entry] = &[stomp::ENTRY, graphql::ENTRY, wamp::ENTRY, jsonrpc::ENTRY];

/// The path has a server, a session and `websocket`; the server begins with `o`.
fn suits(opening: &Opening<'_>, at: &At, look: &Look<'_>) -> Confidence {
    let Some(frame) = look.text().and_then(|text| Frame::read(at.from, text)) else {
        return Confidence::No;
    };
    let path = opening.target.and_then(endpoint).is_some();
    match frame {
        _ if path => Confidence::Certain,
        Frame::Messages(_) if at.from == Peer::Server => Confidence::Certain,
        _ => Confidence::Possible,
    }
}

/// What is before `/server/session/websocket`. SockJS, "Base URL": neither has a dot, and
/// neither is empty.
fn endpoint(target: &str) -> Option<&str> {
    let path = target.split('?').next()?.strip_suffix("/websocket")?;
    let (path, session) = path.rsplit_once('/')?;
    let (path, server) = path.rsplit_once('/')?;
    let is_name = |name: &str| !name.is_empty() && !name.contains('.');
    (is_name(session) && is_name(server)).then_some(path)
}

/// One message of SockJS.
#[derive(Debug)]
enum Frame<'a> {
    Open,
    Heartbeat,
    /// Texts, as JSON.
    Messages(Vec<&'a str>),
    Close(i64, String),
}

impl<'a> Frame<'a> {
    fn read(from: Peer, text: &'a str) -> Option<Self> {
        let texts = |list: &'a str| {
            let inside = list.trim_ascii_start().strip_prefix('[')?;
            // Most arrays are ruled out here, before they are read.
            if !inside.trim_ascii_start().starts_with(['"', ']']) {
                return None;
            }
            let (items, whole) = json::items(list);
            (whole && items.iter().all(|item| item.starts_with('"'))).then_some(items)
        };
        if from == Peer::Client {
            // "WebSockets": a client sends an array of texts, or one text.
            if text.starts_with('"') {
                return serde_json::from_str::<String>(text)
                    .is_ok()
                    .then(|| Self::Messages(vec![text]));
            }
            return texts(text).map(Self::Messages);
        }
        match text.split_at_checked(1)? {
            ("o", "") => Some(Self::Open),
            ("h", "") => Some(Self::Heartbeat),
            ("a", list) => texts(list).map(Self::Messages),
            ("c", close) => {
                let (items, whole) = json::items(close);
                let [code, reason] = items.get(..2)? else {
                    return None;
                };
                let right = whole && items.len() == 2;
                right.then_some(Self::Close(
                    code.parse().ok()?,
                    json::text(reason)?.into_owned(),
                ))
            }
            _ => None,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Heartbeat => "heartbeat",
            Self::Messages(_) => "message",
            Self::Close(..) => "close",
        }
    }
}

/// One conversation.
#[derive(Debug, Clone)]
struct Session {
    carried: Recogniser,
}

impl Session {
    fn new(opening: &Opening<'_>) -> Self {
        let inner = Opening {
            target: opening
                .target
                .map(|target| endpoint(target).unwrap_or(target)),
            agreed: None,
            ..*opening
        };
        Self {
            carried: Recogniser::new(&inner, Choice::Recognise, CARRIED),
        }
    }

    fn unwrap(&mut self, at: &At, texts: &[&str], wrapper: usize, out: &mut dyn Out) {
        let out = &mut Inside { wrapper, out };
        for text in texts {
            let Some(text) = json::text(text) else {
                continue;
            };
            let body = Body {
                text: true,
                bytes: text.as_bytes(),
                read: Some(&text),
                holes: &[],
                whole: true,
            };
            self.carried.message(at, body, out);
        }
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        if !body.whole {
            return self.carried.lost(at.from);
        }
        let Some(frame) = body.as_text().and_then(|text| Frame::read(at.from, text)) else {
            let text = format!("a message that the {} sent is none of SockJS", at.from);
            return out.observe(Observation::new(Code::SockjsMalformed, at.from, text));
        };
        let mut unit = Unit {
            protocol: ENTRY.name,
            kind: frame.kind().into(),
            parts: telling::whole(at, &body),
            ..Unit::default()
        };
        match frame {
            Frame::Open | Frame::Heartbeat => {
                out.unit(unit);
            }
            Frame::Messages(texts) => {
                unit.fields.insert("messages".into(), texts.len().into());
                let wrapper = out.unit(unit);
                self.unwrap(at, &texts, wrapper, out);
            }
            Frame::Close(code, reason) => {
                unit.fields.insert("code".into(), code.into());
                unit.fields
                    .insert("reason".into(), telling::excerpt(&reason).into());
                if code != 1000 {
                    unit.status = UnitStatus::Error;
                    closed(at, code, &reason, out);
                }
                out.unit(unit);
            }
        }
    }

    fn control(&mut self, at: &At, control: Control<'_>, out: &mut dyn Out) {
        self.carried.control(at, control, out);
    }

    fn lost(&mut self, from: Peer) {
        self.carried.lost(from);
    }

    fn finish(&mut self, stamp: Stamp, out: &mut dyn Out) {
        self.carried.finish(stamp, out);
    }

    fn held(&self) -> usize {
        size_of::<Self>() + self.carried.held()
    }
}

/// "Framing": a close frame has a code and a reason, and no message follows.
fn closed(at: &At, code: i64, reason: &str, out: &mut dyn Out) {
    let reason = telling::excerpt(reason);
    let code = u64::try_from(code).unwrap_or(0);
    let template = format!(
        "the session ends with the code {{code}}: {}",
        reason.replace(['{', '}'], "")
    );
    let text = Sentence::new(&template, &[("code", Figure::Id(code))]);
    out.observe(Observation::new(Code::SockjsClosed, at.from, text));
}

/// Says of units that they are inside another.
struct Inside<'a> {
    wrapper: usize,
    out: &'a mut dyn Out,
}

impl Out for Inside<'_> {
    fn unit(&mut self, mut unit: Unit) -> usize {
        unit.inside = unit.inside.or(Some(self.wrapper));
        unit.parts.clear();
        self.out.unit(unit)
    }

    fn observe(&mut self, observation: Observation) {
        self.out.observe(observation);
    }

    fn about(&mut self, at: &At) {
        self.out.about(at);
    }

    fn pending(&mut self, question: Question) {
        self.out.pending(question);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Peer::{Client, Server};
    use crate::subprotocol::testing::{Talk, suits};

    const PATH: &str = "/echo/123/abcdefgh/websocket";

    #[test]
    fn what_is_carried_is_inside() {
        let mut talk = Talk::new(&ENTRY, PATH);
        assert_eq!(talk.text(Server, "o").lines(), ["open"]);
        let call = r#"["{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":1}","{\"jsonrpc\":\"2.0\",\"method\":\"b\"}"]"#;
        let told = talk.text(Client, call);
        assert_eq!(
            told.lines(),
            [
                r#"message {"messages":2}"#,
                "request a #1",
                "notification b"
            ]
        );
        let inside: Vec<_> = told.units.iter().map(|unit| unit.inside).collect();
        assert_eq!(inside, [None, Some(0), Some(0)]);
        assert!(told.units[1].parts.is_empty());
        let told = talk.text(
            Server,
            r#"a["{\"jsonrpc\":\"2.0\",\"result\":5,\"id\":1}"]"#,
        );
        assert_eq!(
            told.lines(),
            [r#"message {"messages":1}"#, "response #1 <-2.1 5"]
        );
        assert_eq!(talk.text(Server, "h").lines(), ["heartbeat"]);
        let told = talk.text(Server, r#"c[3000,"Go away!"]"#);
        assert_eq!(
            told.lines(),
            [r#"close error {"code":3000,"reason":"Go away!"}"#]
        );
        assert_eq!(told.codes(), [Code::SockjsClosed]);
    }

    #[test]
    fn what_is_none_of_it() {
        let mut talk = Talk::new(&ENTRY, PATH);
        for wrong in [
            "",
            "x",
            "ho",
            "a[1]",
            "a[\"a\"",
            "c[1]",
            "c[\"a\",\"b\"]",
            "c[1,\"a\",2]",
        ] {
            let told = talk.text(Server, wrong);
            assert_eq!(
                (told.codes(), told.units.len()),
                (vec![Code::SockjsMalformed], 0),
                "{wrong}"
            );
        }
        assert_eq!(talk.text(Client, "o").codes(), [Code::SockjsMalformed]);
        assert_eq!(
            talk.text(Client, r#""one""#).lines(),
            [r#"message {"messages":1}"#]
        );
        assert!(
            talk.message(Server, true, b"a[\"??\"]", &[(3, 2)])
                .units
                .is_empty()
        );
    }

    #[test]
    fn it_is_recognised() {
        let first = |target, text: &str| suits(&ENTRY, target, Server, true, text.as_bytes());
        assert_eq!(first(PATH, "o"), Confidence::Certain);
        assert_eq!(first("/", "o"), Confidence::Possible);
        assert_eq!(first("/", r#"a["b"]"#), Confidence::Certain);
        assert_eq!(first("/echo/websocket", "o"), Confidence::Possible);
        for text in ["", "a", "hello", "a[1]", "[\"a\"]"] {
            assert_eq!(first(PATH, text), Confidence::No, "{text}");
        }
    }
}
