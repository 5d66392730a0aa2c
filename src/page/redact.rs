//! Secrets, made unreadable.
//!
//! Job: the one place that knows where tokens travel (URLs, cookies, `Authorization`,
//! `Sec-WebSocket-Protocol`, passwords of subprotocols) and what is in their place. Input: values
//! from the wire. Output: the same, where each secret is its length and a short hash, so that equal
//! ones are seen to be equal. RFC 6455 §10.5, RFC 6750 §2.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::secrecy::{is_secret, looks_secret, sounds_secret};
use super::{named, url};
use crate::http::Handshake;
use crate::subprotocol::{Unit, UnitStatus};

pub use super::secrecy::secret;

/// Whether secrets are made unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redact {
    /// They are.
    #[default]
    Secrets,
    /// All is shown as it was sent.
    Nothing,
}

/// The header that names subprotocols.
const PROTOCOL: &str = "Sec-WebSocket-Protocol";

/// Fields of units that tell how long a secret in their bytes is.
const LENGTHS: [&str; 2] = ["password_bytes", "authentication_data"];

/// Subprotocol names after which a token comes.
const BEFORE_TOKEN: [&str; 5] = ["bearer", "access_token", "authorization", "token", "jwt"];

impl Redact {
    /// A request target, with its host or without: user info, and values of parameters that are
    /// secrets by their name or their look.
    pub fn target(self, target: &str) -> Cow<'_, str> {
        match self {
            Self::Secrets => url::target(target),
            Self::Nothing => Cow::Borrowed(target),
        }
    }

    /// What a unit is about.
    pub fn about(self, unit: &Unit) -> Option<Cow<'_, str>> {
        Some(self.said(unit.subject.as_deref()?, &unit.fields))
    }

    /// The id of a unit.
    pub fn id(self, unit: &Unit) -> Option<Cow<'_, str>> {
        let id = unit.id.as_deref()?;
        // Who knows it can speak for the client: Engine.IO calls it `sid`.
        let is_secret =
            self == Self::Secrets && unit.protocol == "engine.io" && unit.kind == "open";
        Some(if is_secret {
            Cow::Owned(secret(id))
        } else {
            self.said(id, &unit.fields)
        })
    }

    /// The name of a group of units, which is what they are about.
    pub fn subject(self, name: &str) -> Cow<'_, str> {
        self.said(name, &Map::new())
    }

    /// Parameters as of a target, and what the unit's fields have as a secret.
    fn said<'a>(self, text: &'a str, fields: &Map<String, Value>) -> Cow<'a, str> {
        if self == Self::Nothing {
            return Cow::Borrowed(text);
        }
        let mut shown = url::text(text);
        for value in secrets(fields) {
            if shown.contains(value) {
                shown = Cow::Owned(shown.replace(value, &secret(value)));
            }
        }
        shown
    }

    /// The subprotocol that the server chose. It is a secret where the client offered it as one:
    /// browsers can send a token in no other header, and servers have to choose what was offered.
    pub fn agreed(self, handshake: &Handshake) -> Option<String> {
        let chosen = handshake.subprotocol()?;
        Some(self.echoed(handshake, &chosen))
    }

    /// The server's `Sec-WebSocket-Protocol`.
    fn echoed(self, handshake: &Handshake, chosen: &str) -> String {
        let offered = handshake.offered_subprotocols();
        let tokens = self.tokens(&offered.join(","));
        let names = chosen.split(',').map(|part| match part.trim() {
            name if tokens.iter().any(|token| token == name) => part.replace(name, &secret(name)),
            _ => self.subprotocols(part).into_owned(),
        });
        names.collect::<Vec<_>>().join(",")
    }

    /// The names in `Sec-WebSocket-Protocol` that are tokens.
    fn tokens(self, names: &str) -> Vec<String> {
        if self == Self::Nothing {
            return Vec::new();
        }
        let mut after = false;
        let mut found = Vec::new();
        for name in names.split(',').map(str::trim) {
            if !name.is_empty() && (after || looks_secret(name)) {
                found.push(name.to_owned());
            }
            let lower = name.to_ascii_lowercase();
            after = BEFORE_TOKEN.contains(&lower.as_str());
        }
        found
    }

    /// The value of `Sec-WebSocket-Protocol`, offered or agreed: those of its names that are tokens.
    pub fn subprotocols(self, names: &str) -> Cow<'_, str> {
        if self == Self::Nothing {
            return Cow::Borrowed(names);
        }
        let tokens = self.tokens(names);
        let shown = names.split(',').map(|part| match part.trim() {
            name if tokens.iter().any(|token| token == name) => part.replace(name, &secret(name)),
            _ => part.to_owned(),
        });
        let shown: Vec<_> = shown.collect();
        Cow::Owned(shown.join(","))
    }

    /// The value of an HTTP header.
    pub fn header<'a>(self, name: &str, value: &'a str) -> Cow<'a, str> {
        if self == Self::Nothing {
            return Cow::Borrowed(value);
        }
        match name.to_ascii_lowercase().as_str() {
            "sec-websocket-protocol" => self.subprotocols(value),
            "cookie" => Cow::Owned(cookies(value, usize::MAX)),
            "set-cookie" => Cow::Owned(cookies(value, 1)),
            "authorization" | "proxy-authorization" => Cow::Owned(match value.split_once(' ') {
                Some((scheme, rest)) => format!("{scheme} {}", secret(rest)),
                None => secret(value),
            }),
            ":path" | ":authority" | "host" | "referer" | "origin" | "location" => {
                self.target(value)
            }
            name if is_secret(name, value) => Cow::Owned(secret(value)),
            _ => Cow::Borrowed(value),
        }
    }

    /// A line of the head of a response.
    pub fn response_line<'a>(self, handshake: &Handshake, line: &'a str) -> Cow<'a, str> {
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case(PROTOCOL) => {
                Cow::Owned(format!("{name}:{}", self.echoed(handshake, value)))
            }
            _ => self.head_line(line),
        }
    }

    /// A line of an HTTP head: a request line, or a header with its value.
    pub fn head_line(self, line: &str) -> Cow<'_, str> {
        if self == Self::Nothing {
            return Cow::Borrowed(line);
        }
        if let [method, target, version] = line.split(' ').collect::<Vec<_>>().as_slice()
            && version.starts_with("HTTP/")
        {
            return Cow::Owned(format!("{method} {} {version}", self.target(target)));
        }
        let Some((name, value)) = line.split_once(':') else {
            return Cow::Borrowed(line);
        };
        let trimmed = value.trim_start();
        let space = value.get(..value.len() - trimmed.len()).unwrap_or_default();
        Cow::Owned(format!("{name}:{space}{}", self.header(name, trimmed)))
    }

    /// A sentence: words in it that look like tokens, what it names as a secret, and user info of
    /// URLs.
    pub fn words(self, text: &str) -> Cow<'_, str> {
        if self == Self::Nothing || text.len() < 8 {
            return Cow::Borrowed(text);
        }
        Cow::Owned(named::reworded(&url::users(text)))
    }

    /// The fields of a unit: texts that are secrets by their name, in objects too, and what other
    /// texts name.
    pub fn fields(self, fields: &Map<String, Value>) -> Cow<'_, Map<String, Value>> {
        if self == Self::Nothing {
            return Cow::Borrowed(fields);
        }
        let shown = fields.iter();
        let shown = shown.map(|(name, value)| (name.clone(), self.field(name, value)));
        let shown: Map<_, _> = shown.collect();
        if shown == *fields {
            return Cow::Borrowed(fields);
        }
        Cow::Owned(shown)
    }

    fn field(self, name: &str, value: &Value) -> Value {
        match value {
            Value::String(text) if !text.is_empty() && sounds_secret(name) => secret(text).into(),
            Value::String(text) => self.words(text).into(),
            Value::Object(inner) => {
                let inner = inner.iter();
                let inner = inner.map(|(name, value)| (name.clone(), self.field(name, value)));
                Value::Object(inner.collect())
            }
            Value::Array(inner) => {
                let inner = inner.iter();
                inner.map(|value| self.field(name, value)).collect()
            }
            other => other.clone(),
        }
    }
}

/// Whether the bytes of a unit have a secret of which its fields tell no more than the length, or
/// may have one, as they could not be read to their end.
pub fn withholds(unit: &Unit) -> bool {
    let unread = unit.status != UnitStatus::Ok && unit.protocol == "mqtt" && unit.kind == "CONNECT";
    let length = |name: &&str| unit.fields.get(*name).and_then(Value::as_u64);
    unread || LENGTHS.iter().filter_map(length).any(|length| length > 0)
}

/// The texts among a unit's fields that are secrets, the longest first.
pub fn secrets(fields: &Map<String, Value>) -> Vec<&str> {
    let mut found = Vec::new();
    for (name, value) in fields {
        gather(name, value, &mut found);
    }
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found.dedup();
    found
}

/// The texts in JSON that are secrets by their names; none in other text.
pub fn secrets_of_json(text: &str) -> Vec<String> {
    if !text.trim_start().starts_with(['{', '[']) {
        return Vec::new();
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    gather("", &value, &mut found);
    found.sort_by_key(|text| std::cmp::Reverse(text.len()));
    found.dedup();
    found.into_iter().map(str::to_owned).collect()
}

fn gather<'a>(name: &str, value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if !text.is_empty() && sounds_secret(name) => found.push(text),
        Value::Object(inner) => inner
            .iter()
            .for_each(|(name, value)| gather(name, value, found)),
        Value::Array(inner) => inner.iter().for_each(|value| gather(name, value, found)),
        _ => {}
    }
}

/// The first `most` pairs of a cookie header, without their values.
fn cookies(value: &str, most: usize) -> String {
    let pairs = value.split(';').enumerate().map(|(index, pair)| {
        match pair.split_once('=').filter(|_| index < most) {
            Some((name, value)) if !value.is_empty() => format!("{name}={}", secret(value)),
            _ => pair.to_owned(),
        }
    });
    let pairs: Vec<_> = pairs.collect();
    pairs.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";

    fn shown(secret: &str) -> String {
        super::secret(secret)
    }

    #[test]
    fn equal_secrets_are_seen_to_be_equal_and_nothing_else() {
        assert_eq!(shown("hunter2"), shown("hunter2"));
        assert_ne!(shown("hunter2"), shown("hunter3"));
        assert!(shown("hunter2").starts_with("[7 bytes #"));
        assert!(!shown("hunter2").contains("hunter"));
    }

    #[test]
    fn targets() {
        let secrets = |target: &str| Redact::Secrets.target(target).into_owned();
        assert_eq!(secrets("/ws?room=1&v=2.0.0"), "/ws?room=1&v=2.0.0");
        assert_eq!(
            secrets("/ws?access_token=abc&room=1"),
            format!("/ws?access_token={}&room=1", shown("abc"))
        );
        assert_eq!(
            secrets(&format!("/ws?x={JWT}")),
            format!("/ws?x={}", shown(JWT))
        );
        assert_eq!(
            secrets(&format!("/ws?{JWT}")),
            format!("/ws?{}", shown(JWT))
        );
        assert_eq!(secrets("/ws?token="), "/ws?token=");
        assert_eq!(Redact::Nothing.target("/ws?token=a"), "/ws?token=a");
    }

    #[test]
    fn sentences() {
        let text = format!("the client asks for /ws?x={JWT}, twice");
        let shown = Redact::Secrets.words(&text).into_owned();
        assert!(
            !shown.contains("eyJ") && shown.ends_with(", twice"),
            "{shown}"
        );
        let plain = "the connection is reset, 1006, and nothing is secret in it";
        assert_eq!(Redact::Secrets.words(plain), plain);
    }

    #[test]
    fn headers() {
        let line = |line: &str| Redact::Secrets.head_line(line).into_owned();
        for open in [
            "GET /ws HTTP/1.1",
            "Host: example.org",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: v12.stomp, v11.stomp",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            "HTTP/1.1 101 Switching Protocols",
        ] {
            assert_eq!(line(open), open);
        }
        for (sent, parts) in [
            ("GET /ws?token=T0 HTTP/1.1", ["/ws?token=", " HTTP/1.1"]),
            ("Cookie: a=T0; b=T0", ["Cookie: a=", "; b="]),
            (
                "Set-Cookie: id=T0; Path=/; Secure",
                ["id=", "; Path=/; Secure"],
            ),
            ("Authorization: Basic T0", ["Authorization: Basic ", ""]),
            ("X-Api-Key: T0", ["X-Api-Key: ", ""]),
            ("Sec-WebSocket-Protocol: bearer, T0", ["bearer, ", ""]),
        ] {
            let shown = line(sent);
            assert!(
                !shown.contains("T0") && shown.contains("[2 bytes #"),
                "{shown}"
            );
            assert!(parts.iter().all(|part| shown.contains(part)), "{shown}");
        }
        let phoenix = format!("phoenix, base64url.bearer.phx.{JWT}");
        let shown = Redact::Secrets.subprotocols(&phoenix).into_owned();
        assert!(
            shown.starts_with("phoenix, [") && !shown.contains("eyJ"),
            "{shown}"
        );
    }

    #[test]
    fn bytes_whose_secret_nobody_names_are_withheld() {
        let connect = |field: &str, length: u64, status| {
            let fields = serde_json::json!({field: length});
            withholds(&Unit {
                protocol: "mqtt",
                kind: "CONNECT".into(),
                fields: fields.as_object().unwrap().clone(),
                status,
                ..Unit::default()
            })
        };
        assert!(connect("password_bytes", 6, UnitStatus::Ok));
        assert!(connect("authentication_data", 6, UnitStatus::Ok));
        assert!(connect("keep_alive", 6, UnitStatus::Partial));
        assert!(!connect("password_bytes", 0, UnitStatus::Ok));
        assert!(!connect("keep_alive", 6, UnitStatus::Ok));
    }

    #[test]
    fn fields_of_units() {
        let fields: Value = serde_json::json!({
            "login": "guest", "passcode": "T0", "session": "s", "n": 1,
            "payload": {"authToken": "T0", "query": "q"}, "passcode#2": "T0",
        });
        let fields = fields.as_object().unwrap();
        let shown = Value::Object(Redact::Secrets.fields(fields).into_owned()).to_string();
        assert!(!shown.contains("T0"), "{shown}");
        assert!(
            shown.contains("guest") && shown.contains("\"s\""),
            "{shown}"
        );
        assert_eq!(*Redact::Nothing.fields(fields), *fields);
        let found = secrets_of_json(r#" [{"token":"T0","n":{"password":"secret"}}]"#);
        assert_eq!(found, ["secret", "T0"]);
        assert!(secrets_of_json("token: T0").is_empty());
    }
}
