//! SIP over WebSocket: calls, presence and messages of telephony.
//!
//! Job: recognise SIP and read requests and responses. Input: messages. Output: a unit for each.
//! RFC 7118 §4, §5; RFC 3261 §7, §8, §17; RFC 5626 §3.5.1 (keep-alive).

use super::sight::Sight;
use super::telling::{self, ENTRY_BYTES};
use super::{
    Asked, At, Body, Confidence, Entry, Opening, Out, Question, Subprotocol, Unit, UnitStatus,
};
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::{Code, Observation};

/// The registry's entry.
pub(super) const ENTRY: Entry = Entry {
    name: "sip",
    title: "SIP",
    tokens: &["sip"],
    suits: |_, _, look| {
        // Most messages are ruled out here, before they are read as text.
        let named = look.body.bytes.first().filter(|first| is_named(**first));
        let text = named.and_then(|_| telling::known_text(&look.body));
        match text.and_then(Message::read) {
            Some(message) if message.is_whole() => Confidence::Certain,
            _ => Confidence::No,
        }
    },
    new: |opening| Box::new(Session::new(opening)),
};

/// What a message begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start<'a> {
    /// Method and what it asks for.
    Request(&'a str, &'a str),
    /// Status and reason.
    Response(u16, &'a str),
}

/// One request or response.
#[derive(Debug)]
struct Message<'a> {
    start: Start<'a>,
    head: &'a str,
    /// What follows the head; none where the head does not end.
    body: Option<&'a str>,
}

/// Whether the byte can stand in the name of a method, or begin a status line.
fn is_named(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte == b'_'
}

impl<'a> Message<'a> {
    /// From text that begins with a start line. RFC 3261 §7.1, §7.2.
    fn read(text: &'a str) -> Option<Self> {
        text.bytes().next().filter(|first| is_named(*first))?;
        let (line, rest) = text.split_once("\r\n")?;
        let start = if let Some(status) = line.strip_prefix("SIP/2.0 ") {
            let (code, reason) = status.split_once(' ').unwrap_or((status, ""));
            let right = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
            Start::Response(code.parse().ok().filter(|_| right)?, reason)
        } else {
            let (method, asked) = line.strip_suffix(" SIP/2.0")?.split_once(' ')?;
            let right = !method.is_empty() && method.bytes().all(is_named) && asked.contains(':');
            Start::Request(method, right.then_some(asked)?)
        };
        let (head, body) = match rest.split_once("\r\n\r\n") {
            Some((head, body)) => (head, Some(body)),
            None => (
                rest.rsplit_once("\r\n").map_or("", |(known, _)| known),
                None,
            ),
        };
        Some(Self { start, head, body })
    }

    /// The first header of that name or of its short form. RFC 3261 §7.3.
    fn header(&self, name: &str, short: &str) -> Option<&'a str> {
        let mut lines = self
            .head
            .split("\r\n")
            .filter_map(|line| line.split_once(':'));
        let is = |own: &str| own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case(short);
        lines
            .find(|(own, _)| is(own.trim()))
            .map(|(_, value)| value.trim())
    }

    /// Number and method of the request that this belongs to.
    fn sequence(&self) -> Option<(&'a str, &'a str)> {
        let (number, method) = self.header("CSeq", "CSeq")?.split_once(' ')?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        digits.then_some((number, method.trim()))
    }

    /// What names the transaction: the branch of the topmost Via. RFC 3261 §17.1.3.
    fn branch(&self) -> Option<&'a str> {
        let first = self.header("Via", "v")?.split(',').next()?;
        let mut parameters = first.split(';').map(str::trim);
        parameters.find_map(|parameter| parameter.strip_prefix("branch="))
    }

    /// RFC 3261 §8.1.1: what every request has; responses repeat it.
    fn is_whole(&self) -> bool {
        self.body.is_some()
            && self.sequence().is_some()
            && self.branch().is_some()
            && [("Call-ID", "i"), ("From", "f"), ("To", "t")]
                .iter()
                .all(|(name, short)| self.header(name, short).is_some())
    }
}

/// One conversation.
#[derive(Debug, Clone)]
struct Session {
    sight: Sight,
    /// By who asks, the branch, and the method.
    asked: Asked<(Peer, String, String)>,
    pings: PerPeer<Option<Question>>,
}

impl Session {
    fn new(opening: &Opening<'_>) -> Self {
        Self {
            sight: Sight::new(opening),
            asked: Asked::new(opening.limits.questions),
            pings: PerPeer::default(),
        }
    }

    /// RFC 5626 §3.5.1: two line ends are a ping, one is its answer.
    fn keep_alive(&mut self, at: &At, text: &str, body: &Body<'_>, out: &mut dyn Out) {
        let ping = text == "\r\n\r\n";
        let mut unit = Unit {
            protocol: ENTRY.name,
            kind: if ping { "ping" } else { "pong" }.into(),
            parts: telling::whole(at, body),
            ..Unit::default()
        };
        if ping {
            let index = out.unit(unit);
            self.pings[at.from] = Some(telling::question(at, index, "ping".to_owned()));
            return;
        }
        if let Some(ping) = self.pings[at.from.other()].take() {
            telling::answers(&mut unit, &ping, at);
        }
        out.unit(unit);
    }

    fn told(&mut self, at: &At, message: &Message<'_>, body: &Body<'_>, out: &mut dyn Out) {
        let mut unit = unit(at, message, body);
        if !body.whole {
            unit.status = UnitStatus::Partial;
            self.sight.lost(at.from);
        } else if !message.is_whole() {
            unit.status = UnitStatus::Error;
            malformed(at, "a message lacks Via, Call-ID, CSeq, From or To", out);
        } else if let Some(length) = message.header("Content-Length", "l") {
            // RFC 7118 §5.2: the body is what the message has after its head; a length fits it.
            let there = message.body.map_or(0, str::len);
            if length.parse() != Ok(there) {
                unit.status = UnitStatus::Error;
                malformed(at, "the Content-Length is not the length of the body", out);
            }
        }
        let (Some(branch), Some((_, method))) = (message.branch(), message.sequence()) else {
            out.unit(unit);
            return;
        };
        let key = |from: Peer| (from, branch.to_owned(), method.to_owned());
        match message.start {
            Start::Request("ACK", _) => {
                out.unit(unit);
            }
            Start::Request(method, asked) => {
                let index = out.unit(unit);
                let what = format!("{method} {}", telling::excerpt(asked));
                self.asked
                    .ask(key(at.from), telling::question(at, index, what));
            }
            Start::Response(status, _) => {
                let key = key(at.from.other());
                // RFC 3261 §17.1.1: a provisional response leaves the request open.
                let asked = if status < 200 {
                    self.asked.get(&key).cloned()
                } else {
                    self.asked.answer(&key)
                };
                match asked {
                    Some(question) => telling::answers(&mut unit, &question, at),
                    None => self.unasked(at, status, method),
                }
                out.unit(unit);
            }
        }
    }

    fn unasked(&mut self, at: &At, status: u16, method: &str) {
        // RFC 3261 §8.1.3.4: the response to an INVITE may come again until it gets its ACK.
        if self.asked.forgotten() == 0 && method != "INVITE" {
            let method = telling::excerpt(method);
            let text = format!("a response {status} to a request {method} that is not open");
            self.sight.suspect(at, Code::SipAnswerUnasked, text);
        }
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.sight.message(at);
        // RFC 7118 §5.1: text or binary, with the same bytes.
        let as_text = Body { text: true, ..body };
        let text = telling::known_text(&as_text);
        if let Some(text @ ("\r\n" | "\r\n\r\n")) = text
            && body.whole
        {
            return self.keep_alive(at, text, &body, out);
        }
        match text.and_then(Message::read) {
            Some(message) => self.told(at, &message, &body, out),
            None if body.whole => malformed(at, "a message begins with no start line", out),
            None => self.sight.lost(at.from),
        }
    }

    fn lost(&mut self, from: Peer) {
        self.sight.lost(from);
    }

    fn finish(&mut self, _: Stamp, out: &mut dyn Out) {
        self.sight.finish(self.asked.drain(), out);
    }

    fn held(&self) -> usize {
        size_of::<Self>() + self.sight.held() + self.asked.len() * ENTRY_BYTES
    }
}

fn unit(at: &At, message: &Message<'_>, body: &Body<'_>) -> Unit {
    let mut unit = Unit {
        protocol: ENTRY.name,
        id: message.header("Call-ID", "i").map(telling::excerpt),
        parts: telling::whole(at, body),
        body: message
            .body
            .filter(|body| !body.is_empty())
            .map(telling::excerpt),
        ..Unit::default()
    };
    match message.start {
        Start::Request(method, asked) => {
            unit.kind = telling::excerpt(method).into();
            unit.subject = Some(telling::excerpt(asked));
        }
        Start::Response(status, reason) => {
            unit.kind = status.to_string().into();
            unit.fields
                .insert("reason".into(), telling::excerpt(reason).into());
            // RFC 3261 §7.2: 4xx to 6xx are failures.
            if status >= 400 {
                unit.status = UnitStatus::Error;
            }
        }
    }
    for (field, name, short) in [
        ("cseq", "CSeq", "CSeq"),
        ("from", "From", "f"),
        ("to", "To", "t"),
    ] {
        if let Some(value) = message.header(name, short) {
            unit.fields
                .insert(field.into(), telling::excerpt(value).into());
        }
    }
    unit
}

fn malformed(at: &At, text: &'static str, out: &mut dyn Out) {
    out.observe(Observation::new(Code::SipMalformed, at.from, text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Peer::{Client, Server};
    use crate::subprotocol::testing::{Talk, suits};

    fn head(start: &str, branch: &str, sequence: &str, body: &str) -> String {
        format!(
            "{start}\r\nVia: SIP/2.0/WS a.invalid;branch={branch};received=1\r\nTo: <sip:b@h>\r\n\
             f: <sip:a@h>;tag=1\r\nCall-ID: c1\r\nCSeq: {sequence}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    #[test]
    fn requests_and_their_responses() {
        let mut talk = Talk::new(&ENTRY, "/");
        let told = talk.text(
            Client,
            &head("INVITE sip:b@h SIP/2.0", "z9a", "1 INVITE", "v=0"),
        );
        let line = r#"INVITE sip:b@h #c1 {"cseq":"1 INVITE","from":"<sip:a@h>;tag=1","to":"<sip:b@h>"} v=0"#;
        assert_eq!(told.lines(), [line]);
        let told = talk.text(Server, &head("SIP/2.0 100 Trying", "z9a", "1 INVITE", ""));
        assert!(told.lines()[0].starts_with(r#"100 #c1 <-1.0 {"reason":"Trying""#));
        talk.pause(8);
        let told = talk.text(
            Server,
            &head("SIP/2.0 488 Not Acceptable Here", "z9a", "1 INVITE", ""),
        );
        assert!(told.lines()[0].starts_with("488 #c1 <-1.0 error"));
        assert_eq!(told.units[0].after, Some(10_000_000));
        talk.text(Client, &head("ACK sip:b@h SIP/2.0", "z9a", "1 ACK", ""));
        talk.text(
            Client,
            &head("REGISTER sip:h SIP/2.0", "z9b", "2 REGISTER", ""),
        );
        let told = talk.text(Server, &head("SIP/2.0 200 OK", "z9c", "2 REGISTER", ""));
        assert_eq!(told.codes(), [Code::SipAnswerUnasked]);
        let open = talk.finish().pending;
        assert_eq!((open.len(), &*open[0].what), (1, "REGISTER sip:h"));
    }

    #[test]
    fn line_ends_keep_the_connection_alive() {
        let mut talk = Talk::new(&ENTRY, "/");
        assert_eq!(talk.text(Client, "\r\n\r\n").lines(), ["ping"]);
        assert_eq!(talk.text(Server, "\r\n").lines(), ["pong <-1.0"]);
    }

    #[test]
    fn what_is_wrong_or_cut() {
        let mut talk = Talk::new(&ENTRY, "/");
        let right = head("MESSAGE sip:b@h SIP/2.0", "z9a", "1 MESSAGE", "hi");
        for wrong in [
            "",
            "x",
            "\r\n\r\n\r\n",
            "SIP/2.0 20 OK\r\n\r\n",
            "message sip:b SIP/2.0\r\n\r\n",
        ] {
            let told = talk.text(Client, wrong);
            assert_eq!(
                (told.codes(), told.units.len()),
                (vec![Code::SipMalformed], 0),
                "{wrong}"
            );
        }
        for wrong in [
            right.replace("CSeq", "X"),
            right.replace("Content-Length: 2", "Content-Length: 3"),
        ] {
            let told = talk.text(Client, &wrong);
            assert_eq!(
                (told.codes(), told.units.len()),
                (vec![Code::SipMalformed], 1),
                "{wrong}"
            );
        }
        let place = right.find("Call-ID").unwrap() as u64 + 9;
        let told = talk.message(Client, true, right.as_bytes(), &[(place, 1)]);
        let line = r#"MESSAGE sip:b@h partial {"from":"<sip:a@h>;tag=1","to":"<sip:b@h>"}"#;
        assert_eq!(told.lines(), [line]);
    }

    #[test]
    fn it_is_recognised() {
        let first = |text: &str| suits(&ENTRY, "/", Client, true, text.as_bytes());
        assert_eq!(
            first(&head("REGISTER sip:h SIP/2.0", "z", "1 REGISTER", "")),
            Confidence::Certain
        );
        for text in [
            "",
            "\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "REGISTER sip:h SIP/2.0\r\n\r\n",
        ] {
            assert_eq!(first(text), Confidence::No, "{text}");
        }
    }
}
