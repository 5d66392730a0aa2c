//! Secrets, made unreadable.
//!
//! Job: the one place that knows where tokens travel (query strings, cookies, `Authorization`,
//! `Sec-WebSocket-Protocol`, passwords of subprotocols) and what is in their place. Input: values
//! from the wire. Output: the same, where each secret is its length and a short hash, so that equal
//! ones are seen to be equal. RFC 6455 §10.5, RFC 6750 §2.

use std::borrow::Cow;

use serde_json::{Map, Value};
use sha1::{Digest, Sha1};

/// Whether secrets are made unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redact {
    /// They are.
    #[default]
    Secrets,
    /// All is shown as it was sent.
    Nothing,
}

/// Words in the names of parameters, headers and fields whose values are secrets.
const SECRET: [&str; 16] = [
    "token",
    "secret",
    "passw",
    "passcode",
    "passwd",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "auth",
    "jwt",
    "signature",
    "session",
    "cookie",
    "credential",
    "ticket",
];

/// Such names in full.
const SECRET_NAMES: [&str; 7] = ["key", "pass", "pwd", "sig", "sid", "code", "bearer"];

/// Names of headers that hold no secret although they sound like it. RFC 6455 §11.3: the key of a
/// handshake protects nothing that is secret. STOMP's `session` names one in the broker's log.
const OPEN: [&str; 6] = [
    "sec-websocket-key",
    "sec-websocket-accept",
    ":authority",
    "session",
    "www-authenticate",
    "session-present",
];

/// Subprotocol names after which a token comes.
const BEFORE_TOKEN: [&str; 5] = ["bearer", "access_token", "authorization", "token", "jwt"];

/// Characters from which on a text of letters and digits is taken for a token.
const LONG: usize = 32;

/// What stands for a secret.
pub fn secret(value: &str) -> String {
    let hash = Sha1::digest(value.as_bytes());
    let [a, b, c, ..] = hash.as_slice() else {
        return String::new();
    };
    format!("[{} bytes #{a:02x}{b:02x}{c:02x}]", value.len())
}

impl Redact {
    /// A request target: values of parameters that are secrets by their name or their look.
    pub fn target(self, target: &str) -> Cow<'_, str> {
        let Some((path, query)) = target.split_once('?').filter(|_| self == Self::Secrets) else {
            return Cow::Borrowed(target);
        };
        let mut separated = String::with_capacity(target.len());
        separated.push_str(path);
        for (index, parameter) in query.split('&').enumerate() {
            separated.push(if index == 0 { '?' } else { '&' });
            match parameter.split_once('=') {
                Some((name, value)) if !value.is_empty() && is_secret(name, value) => {
                    separated.push_str(name);
                    separated.push('=');
                    separated.push_str(&secret(value));
                }
                None if looks_secret(parameter) => separated.push_str(&secret(parameter)),
                _ => separated.push_str(parameter),
            }
        }
        Cow::Owned(separated)
    }

    /// The value of `Sec-WebSocket-Protocol`, offered or agreed: those of its names that are tokens.
    pub fn subprotocols(self, names: &str) -> Cow<'_, str> {
        if self == Self::Nothing {
            return Cow::Borrowed(names);
        }
        let mut after = false;
        let shown = names.split(',').map(|part| {
            let name = part.trim();
            let hides = !name.is_empty() && (after || looks_secret(name));
            let lower = name.to_ascii_lowercase();
            after = BEFORE_TOKEN.contains(&lower.as_str());
            if hides {
                part.replace(name, &secret(name))
            } else {
                part.to_owned()
            }
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
            ":path" | "referer" | "origin" | "location" => self.target(value),
            name if is_secret(name, value) => Cow::Owned(secret(value)),
            _ => Cow::Borrowed(value),
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

    /// A sentence: words in it that look like tokens.
    pub fn words(self, text: &str) -> Cow<'_, str> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c);
        if self == Self::Nothing || text.len() < 8 {
            return Cow::Borrowed(text);
        }
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        let mut named = false;
        while !rest.is_empty() {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let hidden = !word.is_empty() && std::mem::take(&mut named) || looks_secret(word);
            if hidden {
                shown.push_str(&secret(word));
            } else {
                shown.push_str(word);
            }
            let next = after.find(is_word).unwrap_or(after.len());
            let (between, after) = after.split_at(next);
            // A name and its value, as JSON and headers have them.
            let quoted = [":\"", ": \"", ":\\\""]
                .iter()
                .any(|mark| between.contains(mark));
            named = (quoted || between == ":") && sounds_secret(word);
            shown.push_str(between);
            rest = after;
        }
        Cow::Owned(shown)
    }

    /// The fields of a unit: texts that are secrets by their name, in objects too.
    pub fn fields(self, fields: &Map<String, Value>) -> Cow<'_, Map<String, Value>> {
        if self == Self::Nothing || !fields.iter().any(|(name, value)| has_secret(name, value)) {
            return Cow::Borrowed(fields);
        }
        let shown = fields.iter();
        let shown = shown.map(|(name, value)| (name.clone(), field(name, value)));
        Cow::Owned(shown.collect())
    }
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

fn has_secret(name: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty() && sounds_secret(name),
        Value::Object(inner) => inner.iter().any(|(name, value)| has_secret(name, value)),
        Value::Array(inner) => inner.iter().any(|value| has_secret(name, value)),
        _ => false,
    }
}

fn field(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if !text.is_empty() && sounds_secret(name) => secret(text).into(),
        Value::Object(inner) => {
            let inner = inner.iter();
            let inner = inner.map(|(name, value)| (name.clone(), field(name, value)));
            Value::Object(inner.collect())
        }
        Value::Array(inner) => inner.iter().map(|value| field(name, value)).collect(),
        other => other.clone(),
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

fn is_secret(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !value.is_empty()
        && !OPEN.contains(&lower.as_str())
        && (sounds_secret(&lower) || looks_secret(value))
}

fn sounds_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let lower = lower
        .split_once('#')
        .map_or(lower.as_str(), |(name, _)| name);
    !OPEN.contains(&lower)
        && (SECRET_NAMES.contains(&lower) || SECRET.iter().any(|word| lower.contains(word)))
}

/// Whether a value looks like a token: a JSON Web Token, or long and made of letters and digits
/// of both kinds, as random ones are.
fn looks_secret(value: &str) -> bool {
    let token = |c: char| c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c);
    if value.starts_with("eyJ") && value.contains('.') {
        return true;
    }
    value.to_ascii_lowercase().contains("bearer.")
        || (value.len() >= LONG
            && value.chars().all(token)
            && value.chars().any(|c| c.is_ascii_digit())
            && value.chars().any(|c| c.is_ascii_alphabetic())
            && value
                .split(['-', '_', '.'])
                .any(|part| part.len() >= LONG / 2))
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
