//! The rules of the opening handshake that a passive reader can check.
//!
//! Job: say which rule which side broke. Input: a [`Handshake`]. Output: [`Observation`]s.
//! RFC 6455 §4.1 (client), §4.2 (server), §4.3 and §9.1 (grammar), §11.3 (headers).

use std::collections::BTreeSet;

use super::extension::{Extension, Problem};
use super::handshake::{
    ACCEPT, Accept, EXTENSIONS, Handshake, KEY, PROTOCOL, VERSION, accept_for, extensions,
    key_is_valid,
};
use super::head::{Headers, RequestHead, ResponseHead, Version, is_token, text};
use crate::base::Peer;
use crate::finding::{Code, Figure, Observation, Sentence};

impl Handshake {
    /// The rules of RFC 6455 §4 that the two heads break, the client's deeds first.
    pub fn observations(&self) -> Vec<Observation> {
        if let Some(note) = self.draft_note() {
            return vec![note];
        }
        let mut rules = Rules(Vec::new());
        if self.is_http2() {
            rules.http2(self);
            return rules.0;
        }
        if let Some(request) = &self.request {
            rules.request(request);
        }
        match &self.response {
            Some(response) if response.switches() => {
                rules.accepted_all_the_same();
                rules.switching(self, response);
            }
            Some(response) => rules.refused(self, response),
            None => {}
        }
        rules.0
    }
}

struct Rules(Vec<Observation>);

impl Rules {
    fn add(&mut self, code: Code, from: Peer, text: impl Into<Sentence>) {
        self.0.push(Observation::new(code, from, text));
    }

    fn request(&mut self, head: &RequestHead) {
        let (from, headers) = (Peer::Client, &head.headers);
        self.names(from, headers);
        // RFC 6455 §4.1: the method of the request is GET.
        if head.method != b"GET" {
            let text = format!("the upgrade request's method is {:?}", text(&head.method));
            self.add(Code::UpgradeMethod, from, text);
        }
        self.target(head);
        // RFC 6455 §4.1: the HTTP version is at least 1.1.
        if head.version < Version::HTTP_1_1 {
            let text = format!("the upgrade request is {}", head.version);
            self.add(Code::UpgradeHttpVersion, from, text);
        }
        // RFC 6455 §4.1: there is a Host header.
        if headers.first("Host").is_none() {
            self.add(
                Code::UpgradeHostMissing,
                from,
                "the upgrade request has no Host header",
            );
        }
        // RFC 6455 §4.1: the request's Upgrade header lists "websocket".
        if !headers.has_element("Upgrade", "websocket") {
            let text = match headers.joined("Upgrade") {
                None => "the request has a Sec-WebSocket-Key and no Upgrade header".to_owned(),
                Some(other) => format!("the request's Upgrade header is {other:?}"),
            };
            self.add(Code::UpgradeHeader, from, text);
        }
        self.connection(from, headers);
        self.version(headers);
        self.key(headers);
        self.subprotocols(headers);
        // RFC 6455 §11.3.1, §11.3.5 and RFC 9112 §3.2: these stand in a request once.
        self.once(from, headers, &["Host", KEY, VERSION]);
        self.grammar(from, &extensions(Some(headers)).1);
    }

    /// RFC 8441 §5: what RFC 6455 says holds, but for what HTTP/2 has its own means for: the method, the
    /// key and the headers that ask for an upgrade.
    fn http2(&mut self, handshake: &Handshake) {
        if let Some(request) = &handshake.request {
            let (from, headers) = (Peer::Client, &request.headers);
            if headers.unknown() == 0 {
                self.version(headers);
            }
            self.subprotocols(headers);
            self.once(from, headers, &[VERSION]);
            self.grammar(from, &extensions(Some(headers)).1);
        }
        match &handshake.response {
            Some(response) if response.switches() => {
                let (from, headers) = (Peer::Server, &response.headers);
                self.once(from, headers, &[EXTENSIONS, PROTOCOL]);
                let whole = |request: &&RequestHead| request.headers.unknown() == 0;
                if let Some(request) = handshake.request.as_ref().filter(whole) {
                    self.chosen(handshake, &request.headers);
                }
                self.grammar(from, &extensions(Some(headers)).1);
            }
            Some(response) => self.refused(handshake, response),
            None => {}
        }
    }

    fn switching(&mut self, handshake: &Handshake, head: &ResponseHead) {
        let (from, headers) = (Peer::Server, &head.headers);
        self.names(from, headers);
        // RFC 6455 §4.2.2: a 101 response of HTTP/1.1; HTTP/1.0 knows no 1xx (RFC 9110 §15.2).
        if head.version < Version::HTTP_1_1 {
            let text = format!("the 101 response is {}", head.version);
            self.add(Code::UpgradeHttpVersion, from, text);
        }
        // RFC 6455 §4.1, §4.2.2: the response's Upgrade header is "websocket".
        if !headers.has_element("Upgrade", "websocket") {
            let text = match headers.joined("Upgrade") {
                None => "the 101 response has no Upgrade header".to_owned(),
                Some(other) => format!("the 101 response's Upgrade header is {other:?}"),
            };
            self.add(Code::UpgradeHeader, from, text);
        }
        self.connection(from, headers);
        self.accept(handshake, headers);
        // RFC 6455 §11.3.2–§11.3.4: these stand in a response once.
        self.once(from, headers, &[ACCEPT, EXTENSIONS, PROTOCOL]);
        if let Some(request) = &handshake.request {
            self.chosen(handshake, &request.headers);
        }
        self.grammar(from, &extensions(Some(headers)).1);
    }

    /// RFC 6455 §4.1, §4.2.2: any status but 101 means that there is no WebSocket.
    fn refused(&mut self, handshake: &Handshake, head: &ResponseHead) {
        let asked = if handshake.is_http2() {
            "CONNECT"
        } else {
            "upgrade"
        };
        let status = [("status", Figure::Id(head.status.into()))];
        let mut what = format!("the server answers the {asked} with {}", head.status);
        // RFC 6455 §4.2.2: who refuses a version says which it speaks.
        let asked = handshake.request.as_ref();
        let asked = asked.and_then(|request| request.headers.first(VERSION));
        let version = head.status == 426 || asked.is_some_and(|version| version != b"13");
        if version && head.headers.first(VERSION).is_none() {
            let text = format!(
                "the server answers {} to a request for version {:?} and names no other",
                head.status,
                asked.map(text).unwrap_or_default()
            );
            let text = Sentence::from(text).noting(&status);
            self.add(Code::VersionNotNamed, Peer::Server, text);
        }
        if !head.reason.is_empty() {
            what = format!("{what} {:?}", text(&head.reason));
        }
        // RFC 6455 §4.4: the server names the versions that it speaks.
        if let Some(versions) = head.headers.joined(VERSION) {
            what = format!("{what} and speaks WebSocket version {versions:?}");
        }
        let what = Sentence::from(what).noting(&status);
        self.add(Code::UpgradeRefused, Peer::Server, what);
    }

    /// RFC 6455 §4.2.1: a server stops at a request that is not as §4.1 describes it.
    fn accepted_all_the_same(&mut self) {
        let first = match self.0.as_slice() {
            [] => return,
            [only] => format!("the request breaks a rule ({})", only.code),
            [first, rest @ ..] => format!(
                "the request breaks {} rules ({} and more)",
                rest.len() + 1,
                first.code
            ),
        };
        let text = format!("{first}, and the server answers 101 all the same");
        let rules = [("rules", Figure::Count(self.0.len() as u64))];
        let text = Sentence::from(text).noting(&rules);
        self.add(Code::InvalidRequestAccepted, Peer::Server, text);
    }

    /// RFC 6455 §3, §4.1: the target is a path or an absolute URI, without a fragment.
    fn target(&mut self, head: &RequestHead) {
        let target = &head.target;
        let absolute = |scheme: &[u8]| {
            let start = target.get(..scheme.len()).unwrap_or_default();
            start.eq_ignore_ascii_case(scheme)
        };
        let schemes: [&[u8]; 4] = [b"http://", b"https://", b"ws://", b"wss://"];
        let path = target.starts_with(b"/") || schemes.into_iter().any(absolute);
        if !path || target.contains(&b'#') {
            let text = format!("the request asks for {:?}", text(target));
            self.add(Code::UpgradeTarget, Peer::Client, text);
        }
    }

    /// RFC 6455 §4.1: the offered subprotocols are tokens and all different.
    fn subprotocols(&mut self, headers: &Headers) {
        let from = Peer::Client;
        let mut offered: Vec<_> = headers.elements(PROTOCOL).collect();
        let malformed = |name: &&&[u8]| !name.iter().copied().all(is_token);
        if let Some(name) = offered.iter().find(malformed) {
            let text = format!("the client offers a subprotocol named {:?}", text(name));
            self.add(Code::SubprotocolMalformed, from, text);
        }
        offered.sort_unstable();
        let mut pairs = offered.windows(2);
        if let Some([twice, ..]) = pairs.find(|pair| pair.first() == pair.last()) {
            let text = format!("the client offers the subprotocol {:?} twice", text(twice));
            self.add(Code::SubprotocolRepeated, from, text);
        }
    }

    /// RFC 9110 §5.1: a header's name is a token.
    fn names(&mut self, from: Peer, headers: &Headers) {
        let bad = |name: &[u8]| name.is_empty() || !name.iter().copied().all(is_token);
        if let Some(header) = headers.iter().find(|header| bad(&header.name)) {
            let text = format!("{:?} is no header name", text(&header.name));
            self.add(Code::HeaderMalformed, from, text);
        }
    }

    /// RFC 6455 §4.1, §4.2.2: the Connection header lists "Upgrade".
    fn connection(&mut self, from: Peer, headers: &Headers) {
        if headers.has_element("Connection", "upgrade") {
            return;
        }
        let head = match from {
            Peer::Client => "request",
            Peer::Server => "101 response",
        };
        let text = match headers.joined("Connection") {
            None => format!("the {head} has no Connection header"),
            Some(other) => format!("the {head}'s Connection header is {other:?}"),
        };
        self.add(Code::ConnectionHeader, from, text);
    }

    /// RFC 6455 §4.1: the request's Sec-WebSocket-Version is 13.
    fn version(&mut self, headers: &Headers) {
        let text = match headers.first(VERSION) {
            Some(b"13") => return,
            Some(other) => format!("the request's Sec-WebSocket-Version is {:?}", text(other)),
            None => "the request has no Sec-WebSocket-Version".to_owned(),
        };
        self.add(Code::WebSocketVersion, Peer::Client, text);
    }

    /// RFC 6455 §4.1: the request has a key of 16 bytes in base64.
    fn key(&mut self, headers: &Headers) {
        match headers.first(KEY) {
            None => {
                let text = "the request has no Sec-WebSocket-Key";
                self.add(Code::KeyMissing, Peer::Client, text);
            }
            Some(key) if !key_is_valid(key) => {
                let text = format!("the request's Sec-WebSocket-Key is {:?}", text(key));
                self.add(Code::KeyInvalid, Peer::Client, text);
            }
            Some(_) => {}
        }
    }

    /// RFC 6455 §4.1, §4.2.2: the 101 response proves that the server read the key.
    fn accept(&mut self, handshake: &Handshake, headers: &Headers) {
        let sent = headers.first(ACCEPT).map(text).unwrap_or_default();
        match handshake.accept() {
            Some(Accept::Invalid) => {
                let key = handshake.request.as_ref();
                let key = key.and_then(|head| head.headers.first(KEY));
                let text = match key {
                    Some(key) => {
                        format!(
                            "Sec-WebSocket-Accept is {sent:?}, not {:?}",
                            accept_for(key)
                        )
                    }
                    None => format!("Sec-WebSocket-Accept is {sent:?}, but no key was sent"),
                };
                self.add(Code::AcceptInvalid, Peer::Server, text);
            }
            Some(Accept::Missing) => self.accept_missing(),
            None if headers.first(ACCEPT).is_none() => self.accept_missing(),
            Some(Accept::Valid) | None => {}
        }
    }

    fn accept_missing(&mut self) {
        let text = "the 101 response has no Sec-WebSocket-Accept";
        self.add(Code::AcceptMissing, Peer::Server, text);
    }

    /// RFC 6455 §4.1, §4.2.2: the server chooses from what was offered.
    fn chosen(&mut self, handshake: &Handshake, request: &Headers) {
        if let Some(chosen) = handshake.subprotocol() {
            // Subprotocol names are compared by case.
            if !request
                .elements(PROTOCOL)
                .any(|offer| offer == chosen.as_bytes())
            {
                let text =
                    format!("the server chose the subprotocol {chosen:?}, which was not offered");
                self.add(Code::SubprotocolNotOffered, Peer::Server, text);
            }
        }
        let names = |extensions: Vec<Extension>| {
            let name = |extension: Extension| extension.name.to_ascii_lowercase();
            extensions.into_iter().map(name).collect::<Vec<_>>()
        };
        let offered: BTreeSet<_> = names(handshake.offered_extensions()).into_iter().collect();
        let mut agreed = names(handshake.agreed_extensions());
        agreed.retain(|name| !offered.contains(name));
        if let Some(name) = agreed.first() {
            let text =
                format!("the server agreed to the extension {name:?}, which was not offered");
            self.add(Code::ExtensionNotOffered, Peer::Server, text);
        }
    }

    fn once(&mut self, from: Peer, headers: &Headers, names: &[&str]) {
        for name in names {
            let count = headers.all(name).count();
            if count > 1 {
                let text = format!("the header {name} stands in the head {count} times");
                let times = [("times", Figure::Count(count as u64))];
                let text = Sentence::from(text).noting(&times);
                self.add(Code::HandshakeHeaderRepeated, from, text);
            }
        }
    }

    /// RFC 6455 §9.1: an extension header that breaks the grammar fails the connection.
    fn grammar(&mut self, from: Peer, problems: &[Problem]) {
        if let Some(first) = problems.first() {
            let text = match problems.len() {
                1 => format!("in Sec-WebSocket-Extensions {first}"),
                count => format!(
                    "in Sec-WebSocket-Extensions {first}, and {} more",
                    count - 1
                ),
            };
            let problems = [("problems", Figure::Count(problems.len() as u64))];
            let text = Sentence::from(text).noting(&problems);
            self.add(Code::ExtensionHeaderMalformed, from, text);
        }
    }
}
