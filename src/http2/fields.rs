//! Header fields as heads of a request and a response.
//!
//! Job: tell the CONNECT of a WebSocket from other requests, and hold both heads against the rules.
//! Input: [`Field`]s. Output: [`Request`], [`ResponseHead`] and [`Observation`]s.
//! RFC 9113 §8.2, §8.3; RFC 8441 §4, §5.

use super::hpack::Field;
use crate::base::Peer;
use crate::finding::{Code, Observation};
use crate::http::{Header, Headers, RequestHead, ResponseHead, Version};

/// What a request turned out to be.
#[derive(Debug)]
pub(super) enum Request {
    /// One for a WebSocket, and what is wrong with it.
    WebSocket(RequestHead, Vec<Observation>),
    /// Another one.
    Plain,
    /// What tells is not known.
    Unknown,
}

/// Header fields of one block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [Field]);

impl<'a> Fields<'a> {
    /// The value of a field of which the name and the value are known.
    fn value(self, name: &str) -> Option<&'a [u8]> {
        let named = |field: &&Field| field.name.as_deref() == Some(name.as_bytes());
        self.0.iter().find(named)?.value.as_deref()
    }

    /// Whether every name and value is known.
    fn are_known(self) -> bool {
        let known = |field: &Field| field.name.is_some() && field.value.is_some();
        self.0.iter().all(known)
    }

    /// The status of a response, where it is known.
    pub(super) fn status(self) -> Option<u16> {
        std::str::from_utf8(self.value(":status")?)
            .ok()?
            .parse()
            .ok()
    }

    /// What asks for something.
    pub(super) fn request(self) -> Request {
        let (method, protocol) = (self.value(":method"), self.value(":protocol"));
        match (method, protocol) {
            // RFC 8441 §4, §5: the method is CONNECT and :protocol says what for.
            (Some(b"CONNECT"), Some(protocol)) if protocol.eq_ignore_ascii_case(b"websocket") => {
                let head = RequestHead {
                    method: b"CONNECT".to_vec(),
                    target: self.value(":path").unwrap_or_default().to_vec(),
                    version: Version::HTTP_2,
                    headers: self.headers(),
                };
                Request::WebSocket(head, self.request_notes())
            }
            (Some(b"CONNECT"), None) | (None, _) if !self.are_known() => Request::Unknown,
            _ => Request::Plain,
        }
    }

    /// What answers, with the rules that it breaks.
    pub(super) fn response(self, status: u16) -> (ResponseHead, Vec<Observation>) {
        let head = ResponseHead {
            version: Version::HTTP_2,
            status,
            reason: Vec::new(),
            headers: self.headers(),
        };
        let mut notes = Vec::new();
        self.common(Peer::Server, &[":status"], &mut notes);
        (head, notes)
    }

    /// The fields in their order, pseudo-header fields included. What is not known is left out, as there
    /// is nothing to show of it.
    fn headers(self) -> Headers {
        let known = |field: &Field| {
            let (name, value) = (field.name.clone()?, field.value.clone()?);
            Some(Header { name, value })
        };
        let headers: Headers = self.0.iter().filter_map(known).collect();
        let known = headers.iter().len();
        headers.lacking(self.0.len() - known)
    }

    fn request_notes(self) -> Vec<Observation> {
        const PSEUDO: [&str; 5] = [":method", ":protocol", ":scheme", ":authority", ":path"];
        let (from, mut notes) = (Peer::Client, Vec::new());
        self.common(from, &PSEUDO, &mut notes);
        if self.are_known() {
            // RFC 8441 §4: with :protocol, :scheme and :path are there, and :authority says for whom.
            for name in [":scheme", ":path", ":authority"] {
                if self.value(name).is_none() {
                    let text = format!("the CONNECT has no {name}");
                    notes.push(Observation::new(Code::H2PseudoHeader, from, text));
                }
            }
        }
        if let Some(path) = self.value(":path")
            && !path.starts_with(b"/")
        {
            // RFC 9113 §8.3.1: for http and https the path is never empty and begins with a slash.
            let path = String::from_utf8_lossy(path);
            let text = format!("the CONNECT's :path is {path:?}");
            notes.push(Observation::new(Code::H2PseudoHeader, from, text));
        }
        notes
    }

    fn common(self, from: Peer, pseudo: &[&str], notes: &mut Vec<Observation>) {
        let head = match from {
            Peer::Client => "CONNECT",
            Peer::Server => "answer to the CONNECT",
        };
        let mut note = |code, text| notes.push(Observation::new(code, from, text));
        let names: Vec<_> = self
            .0
            .iter()
            .filter_map(|field| field.name.as_deref())
            .collect();
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let is_pseudo = |name: &&&[u8]| name.starts_with(b":");
        // RFC 9113 §8.3: no pseudo-header fields but those that are defined for it.
        let defined = |name: &[u8]| pseudo.iter().any(|known| known.as_bytes() == name);
        if let Some(name) = names.iter().filter(is_pseudo).find(|name| !defined(name)) {
            note(
                Code::H2PseudoHeader,
                format!("the {head} has {:?}", text(name)),
            );
        }
        // RFC 9113 §8.3: pseudo-header fields come before all others, and none comes twice.
        let first_other = names.iter().position(|name| !name.starts_with(b":"));
        let behind = names.iter().skip(first_other.unwrap_or(names.len()));
        if let Some(name) = behind.clone().find(is_pseudo) {
            let what = format!(
                "in the {head}, {} comes after other header fields",
                text(name)
            );
            note(Code::H2PseudoHeader, what);
        }
        let count = |name: &&str| names.iter().filter(|own| **own == name.as_bytes()).count();
        if let Some(name) = pseudo.iter().find(|name| count(name) > 1) {
            note(
                Code::H2PseudoHeader,
                format!("the {head} has {name} more than once"),
            );
        }
        // RFC 9113 §8.2.1: names are in lower case.
        if let Some(name) = names
            .iter()
            .find(|name| name.iter().any(u8::is_ascii_uppercase))
        {
            let what = format!(
                "in the {head}, the name {:?} is not in lower case",
                text(name)
            );
            note(Code::H2HeaderField, what);
        }
        // RFC 9113 §8.2.2, RFC 8441 §5: fields about an HTTP/1.1 connection have no place here.
        let foreign: [&[u8]; 5] = [
            b"connection",
            b"upgrade",
            b"keep-alive",
            b"proxy-connection",
            b"transfer-encoding",
        ];
        let is_foreign = |name: &&&[u8]| foreign.iter().any(|own| name.eq_ignore_ascii_case(own));
        if let Some(name) = names.iter().find(is_foreign) {
            note(
                Code::H2HeaderField,
                format!("the {head} has {:?}", text(name)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<Field> {
        let field = |(name, value): &(&str, &str)| Field {
            name: (!name.is_empty()).then(|| name.as_bytes().to_vec()),
            value: (!value.is_empty()).then(|| value.as_bytes().to_vec()),
        };
        pairs.iter().map(field).collect()
    }

    const CONNECT: [(&str, &str); 5] = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":authority", "h"),
        (":path", "/chat"),
    ];

    fn notes(pairs: &[(&str, &str)]) -> Vec<(Code, String)> {
        let all = fields(pairs);
        let Request::WebSocket(_, notes) = Fields(&all).request() else {
            panic!("no WebSocket");
        };
        let pair = |note: Observation| (note.code, note.text.to_string());
        notes.into_iter().map(pair).collect()
    }

    #[test]
    fn a_connect_for_a_websocket_is_known() {
        let all = fields(&CONNECT);
        let Request::WebSocket(head, notes) = Fields(&all).request() else {
            panic!("no WebSocket");
        };
        assert_eq!((head.target.as_slice(), notes.len()), (&b"/chat"[..], 0));
        let get = fields(&[(":method", "GET"), (":path", "/")]);
        assert!(matches!(Fields(&get).request(), Request::Plain));
        let tunnel = fields(&[(":method", "CONNECT"), (":authority", "h:1")]);
        assert!(matches!(Fields(&tunnel).request(), Request::Plain));
    }

    #[test]
    fn what_is_not_known_is_no_answer() {
        let method = fields(&[("", ""), (":path", "/")]);
        assert!(matches!(Fields(&method).request(), Request::Unknown));
        let protocol = fields(&[(":method", "CONNECT"), ("", ""), (":path", "/")]);
        assert!(matches!(Fields(&protocol).request(), Request::Unknown));
        let known = [&CONNECT[..], &[("", "")]].concat();
        assert!(notes(&known).is_empty());
    }

    #[test]
    fn rules_of_pseudo_header_fields() {
        let missing: Vec<_> = CONNECT[..4].to_vec();
        assert_eq!(notes(&missing)[0].1, "the CONNECT has no :path");
        let last = [&CONNECT[..4], &[("origin", "o"), (":path", "/")]].concat();
        assert_eq!(notes(&last)[0].0, Code::H2PseudoHeader);
        let twice = [&CONNECT[..], &[(":path", "/")]].concat();
        assert_eq!(notes(&twice)[0].1, "the CONNECT has :path more than once");
        let unknown = [&CONNECT[..], &[(":status", "200")]].concat();
        assert_eq!(notes(&unknown)[0].1, "the CONNECT has \":status\"");
        let upper = [&CONNECT[..], &[("Origin", "o")]].concat();
        assert_eq!(notes(&upper)[0].0, Code::H2HeaderField);
        let upgrade = [&CONNECT[..], &[("upgrade", "websocket")]].concat();
        assert_eq!(notes(&upgrade)[0].1, "the CONNECT has \"upgrade\"");
    }
}
