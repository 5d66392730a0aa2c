//! The opening handshake of a WebSocket.
//!
//! Job: what the two heads of an upgrade say, in the terms of RFC 6455.
//! Input: a request's head, a response's head, or both. Output: what was offered and agreed, and
//! [`Observation`]s about it. RFC 6455 §4.1, §4.2, §9.1, §11.3.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use sha1::{Digest, Sha1};
use strum::IntoStaticStr;

use super::extension::{Extension, Problem, parse_extensions};
use super::head::{Headers, RequestHead, ResponseHead, Version, text};
use crate::base::Stamp;

/// RFC 9113 §8.3.1: what HTTP/2 has for `Host`.
const AUTHORITY: &str = ":authority";
pub(super) const ACCEPT: &str = "Sec-WebSocket-Accept";
pub(super) const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
pub(super) const KEY: &str = "Sec-WebSocket-Key";
pub(super) const PROTOCOL: &str = "Sec-WebSocket-Protocol";
pub(super) const VERSION: &str = "Sec-WebSocket-Version";

/// RFC 6455 §1.3: what is appended to the key before it is hashed.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether `Sec-WebSocket-Accept` fits the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Accept {
    /// It is the hash of the key.
    Valid,
    /// It is something else.
    Invalid,
    /// The header is not there.
    Missing,
}

impl Accept {
    /// `valid`, `invalid` or `missing`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// An upgrade request and its answer, as far as they were captured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handshake {
    /// The request's head.
    pub request: Option<RequestHead>,
    /// The packet that brought the request's first byte; meaningless without a request.
    pub request_at: Stamp,
    /// The head of the final response: 101, or what refused the upgrade.
    pub response: Option<ResponseHead>,
    /// The packet that brought the response's first byte; meaningless without a response.
    pub response_at: Stamp,
}

impl Handshake {
    /// The request target, for instance `/chat?room=1`.
    pub fn request_target(&self) -> Option<String> {
        self.request.as_ref().map(|head| text(&head.target))
    }

    /// Whether it is an extended CONNECT of HTTP/2. RFC 8441 §4.
    pub fn is_http2(&self) -> bool {
        let request = self.request.as_ref().map(|head| head.version);
        let version = request.or(self.response.as_ref().map(|head| head.version));
        version == Some(Version::HTTP_2)
    }

    /// The host that the request is for: its `Host`, or `:authority` in HTTP/2.
    pub fn host(&self) -> Option<String> {
        // RFC 9113 §8.3.1: `:authority` is what counts where both are there.
        self.asked(AUTHORITY).or_else(|| self.asked("Host"))
    }

    /// The request's `Origin`.
    pub fn origin(&self) -> Option<String> {
        self.asked("Origin")
    }

    /// The response's `Server`.
    pub fn server(&self) -> Option<String> {
        self.answers()?.first("Server").map(text)
    }

    /// The response's status code.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|head| head.status)
    }

    /// Whether the server was seen to accept.
    pub fn is_accepted(&self) -> bool {
        self.response.as_ref().is_some_and(ResponseHead::switches)
    }

    /// The request's `Sec-WebSocket-Key`.
    pub fn key(&self) -> Option<String> {
        self.asked(KEY)
    }

    /// Whether the server's 101 proves that it read the key; `None` where one of them is unknown, and
    /// in HTTP/2, which has no key.
    pub fn accept(&self) -> Option<Accept> {
        let answers = self
            .answers()
            .filter(|_| self.is_accepted() && !self.is_http2())?;
        let key = self.request.as_ref()?.headers.first(KEY);
        Some(match (answers.first(ACCEPT), key) {
            (None, _) => Accept::Missing,
            (Some(accept), Some(key)) if accept == accept_for(key).as_bytes() => Accept::Valid,
            (Some(_), _) => Accept::Invalid,
        })
    }

    /// The subprotocol that the server chose.
    pub fn subprotocol(&self) -> Option<String> {
        let answers = self.answers().filter(|_| self.is_accepted())?;
        answers.joined(PROTOCOL).filter(|chosen| !chosen.is_empty())
    }

    /// The subprotocols that the client offered, in the order of its preference.
    pub fn offered_subprotocols(&self) -> Vec<String> {
        let offered = self
            .request
            .as_ref()
            .map(|head| head.headers.elements(PROTOCOL));
        offered.into_iter().flatten().map(text).collect()
    }

    /// All `Sec-WebSocket-Extensions` lines of the request as one list.
    pub fn offered(&self) -> Option<String> {
        self.request.as_ref()?.headers.joined(EXTENSIONS)
    }

    /// All `Sec-WebSocket-Extensions` lines of the response as one list.
    pub fn agreed(&self) -> Option<String> {
        self.answers()?.joined(EXTENSIONS)
    }

    /// The extensions that the client offered, in the order of its preference.
    pub fn offered_extensions(&self) -> Vec<Extension> {
        extensions(self.request.as_ref().map(|head| &head.headers)).0
    }

    /// The extensions that hold for the connection.
    pub fn agreed_extensions(&self) -> Vec<Extension> {
        extensions(self.answers().filter(|_| self.is_accepted())).0
    }

    /// Whether every header line of both heads is known, as far as they were captured.
    pub fn is_whole(&self) -> bool {
        let request = self.request.as_ref().map(|head| &head.headers);
        let mut heads = request.into_iter().chain(self.answers());
        heads.all(|headers| headers.unknown() == 0)
    }

    /// The response's headers.
    pub(super) fn answers(&self) -> Option<&Headers> {
        self.response.as_ref().map(|head| &head.headers)
    }

    fn asked(&self, name: &str) -> Option<String> {
        self.request.as_ref()?.headers.first(name).map(text)
    }
}

/// Reads the extension header of a head.
pub(super) fn extensions(headers: Option<&Headers>) -> (Vec<Extension>, Vec<Problem>) {
    headers.map_or_else(Default::default, |headers| {
        parse_extensions(headers.all(EXTENSIONS))
    })
}

/// How `Sec-WebSocket-Accept` comes from a key, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptSteps {
    /// The key as sent, with the GUID behind it.
    pub joined: Vec<u8>,
    /// The SHA-1 of that.
    pub sha1: Vec<u8>,
    /// That in base64: what the server has to send.
    pub base64: String,
}

impl AcceptSteps {
    /// RFC 6455 §4.2.2: base64 of the SHA-1 of the key as sent with the GUID behind it.
    pub fn of(key: &[u8]) -> Self {
        let joined = [key, GUID].concat();
        let sha1 = Sha1::digest(&joined).to_vec();
        Self {
            base64: STANDARD.encode(&sha1),
            joined,
            sha1,
        }
    }
}

pub(super) fn accept_for(key: &[u8]) -> String {
    AcceptSteps::of(key).base64
}

/// RFC 6455 §4.1: the key is 16 bytes in base64. Set bits behind the last byte are let pass:
/// some clients make their 24 characters up, and no receiver minds.
pub(super) fn key_is_valid(key: &[u8]) -> bool {
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    engine.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

#[cfg(test)]
mod tests;
