//! Requests that wait for their response.
//!
//! Job: pair each response with its request, and say what follows from both.
//! Input: heads of requests and of final responses. Output: [`Answered`].
//! RFC 9112 §9.2 (order), RFC 9110 §7.8 and §15.2.2 (101), §9.3.6 (CONNECT).

use std::collections::VecDeque;

use super::body::Body;
use super::handshake::Handshake;
use super::head::{Headers, RequestHead, ResponseHead};
use crate::base::Stamp;

/// Requests that wait at most; nobody pipelines so many.
const MOST: usize = 1024;

/// A request, as far as it matters for its response.
#[derive(Debug)]
enum Request {
    Plain,
    /// Its response has no body.
    Head,
    /// A 2xx makes the connection a tunnel.
    Connect,
    /// It asks for HTTP/2.
    H2c,
    /// It asks for a WebSocket.
    Upgrade(Box<Handshake>),
}

/// What a final response means.
#[derive(Debug)]
pub(super) enum Answered {
    /// The connection is a WebSocket now.
    Upgraded(Box<Handshake>),
    /// An upgrade request was declined; this body follows.
    Refused(Box<Handshake>, Option<Body>),
    /// Nothing but HTTP; this body follows.
    Plain(Option<Body>),
    /// The connection is HTTP/2 now.
    Http2,
    /// The connection is anything now.
    Tunnel,
}

/// The requests without a response, in order.
#[derive(Debug, Default)]
pub(super) struct Pending(VecDeque<Request>);

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the next response may end HTTP.
    pub(super) fn next_switches(&self) -> bool {
        self.0.front().is_some_and(Request::switches)
    }

    /// Whether what the client sends behind its last request may not be HTTP.
    pub(super) fn last_switches(&self) -> bool {
        self.0.back().is_some_and(Request::switches)
    }

    /// Adds a request, and says whether it asks for a WebSocket.
    pub(super) fn push(&mut self, head: RequestHead, at: Stamp) -> bool {
        let request = Request::new(head, at);
        let upgrade = matches!(request, Request::Upgrade(_));
        self.0.push_back(request);
        upgrade
    }

    /// Forgets the oldest request where too many wait, and says how many that were.
    pub(super) fn bound(&mut self) -> u64 {
        if self.0.len() <= MOST {
            return 0;
        }
        self.0.pop_front();
        1
    }

    /// Takes the upgrade request and forgets all before it.
    pub(super) fn take_upgrade(&mut self) -> Option<Box<Handshake>> {
        self.0.drain(..).find_map(|request| match request {
            Request::Upgrade(handshake) => Some(handshake),
            _ => None,
        })
    }

    /// A final response came.
    pub(super) fn answer(&mut self, head: ResponseHead, at: Stamp) -> Answered {
        if head.switches() {
            return self.switching(head, at);
        }
        // RFC 9112 §9.2: responses come in the order of their requests.
        let request = self.0.pop_front();
        let to_head = request.as_ref().is_some_and(Request::is_head);
        let body = Body::of_response(&head, to_head);
        match request {
            // RFC 9110 §9.3.6: any 2xx answer to CONNECT opens the tunnel, without a body.
            Some(Request::Connect) if (200..300).contains(&head.status) => Answered::Tunnel,
            Some(Request::Upgrade(mut handshake)) => {
                handshake.response = Some(head);
                handshake.response_at = at;
                Answered::Refused(handshake, body)
            }
            _ => Answered::Plain(body),
        }
    }

    /// RFC 9110 §15.2.2: the server switches to what its Upgrade header names.
    fn switching(&mut self, head: ResponseHead, at: Stamp) -> Answered {
        let h2c = matches!(self.0.front(), Some(Request::H2c));
        let asked = self.take_upgrade();
        if asked.is_some() || is_websocket(&head.headers) {
            let mut handshake = asked.unwrap_or_default();
            handshake.response = Some(head);
            handshake.response_at = at;
            return Answered::Upgraded(handshake);
        }
        if h2c || head.headers.has_element("Upgrade", "h2c") {
            return Answered::Http2;
        }
        Answered::Tunnel
    }
}

impl Request {
    fn new(head: RequestHead, at: Stamp) -> Self {
        // Proxies drop the Upgrade header, which is for one hop, and pass the key on.
        let asks = head.headers.has_element("Upgrade", "websocket");
        if asks || head.headers.first(super::handshake::KEY).is_some() {
            Self::Upgrade(Box::new(Handshake {
                request: Some(head),
                request_at: at,
                ..Handshake::default()
            }))
        } else if head.method == b"CONNECT" {
            Self::Connect
        } else if head.headers.has_element("Upgrade", "h2c") {
            Self::H2c
        } else if head.method == b"HEAD" {
            Self::Head
        } else {
            Self::Plain
        }
    }

    /// RFC 9112 §6.3: a response to HEAD has no body, whatever it says.
    fn is_head(&self) -> bool {
        match self {
            Self::Head => true,
            Self::Upgrade(handshake) => {
                let request = handshake.request.as_ref();
                request.is_some_and(|head| head.method == b"HEAD")
            }
            Self::Plain | Self::Connect | Self::H2c => false,
        }
    }

    fn switches(&self) -> bool {
        matches!(self, Self::Upgrade(_) | Self::Connect)
    }
}

/// Whether a 101 without its request is one to a WebSocket.
fn is_websocket(headers: &Headers) -> bool {
    headers.has_element("Upgrade", "websocket") || headers.first(super::handshake::ACCEPT).is_some()
}
