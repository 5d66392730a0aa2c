//! Header blocks of streams.
//!
//! Job: find the CONNECT of each WebSocket and its answer. Input: frames with header blocks. Output: streams
//! that are opened or refused. RFC 9113 §6.2, §8; RFC 8441 §3, §4.

use super::Streams;
use crate::base::{Peer, Stamp};
use crate::finding::{Code, Observation};
use crate::http::RequestHead;
use crate::http2::fields::{Fields, Request};
use crate::http2::frame::{Fragment, Head, Kind, Promise, Wrong};
use crate::http2::out::{Answer, Out};
use crate::http2::side::{Purpose, Whole};
use crate::http2::stream::Role;
use crate::stream::Stamps;

/// Packets that were captured in the wrong order are no further apart.
const MIXED_UP_NANOS: i64 = 1_000_000;

impl Streams {
    /// A frame with a part of a header block.
    pub(super) fn headers(
        &mut self,
        from: Peer,
        head: Head,
        payload: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) -> Result<(), Wrong> {
        let side = &mut self.sides[from];
        let ends = head.flags.end_headers();
        let whole = match head.kind {
            Kind::CONTINUATION => side.go_on(head.stream, payload, ends, at)?,
            Kind::PUSH_PROMISE => {
                let promise = Promise::read(head, payload)?;
                let what = (promise.stream, Purpose::Promise);
                side.begin(what, promise.fragment.0, ends, at)
            }
            _ => {
                let fragment = Fragment::of_headers(head, payload)?;
                let last = head.flags.end_stream();
                let what = (head.stream, Purpose::Headers { ends: last });
                side.begin(what, fragment.0, ends, at)
            }
        };
        if let Some(whole) = whole {
            self.block(from, &whole, out);
            // RFC 9113 §6.2: END_STREAM is on HEADERS, also where parts of the block follow.
            if whole.purpose == (Purpose::Headers { ends: true }) {
                self.end_stream(from, whole.stream, at.last, out);
            }
        }
        Ok(())
    }

    fn block(&mut self, from: Peer, whole: &Whole, out: &mut dyn Out) {
        if let Some(fault) = whole.fault {
            let text = format!("a header block of the {from} cannot be read: {fault}");
            self.note(0, Code::HpackInvalid, from, text, whole.at.first, out);
            return;
        }
        if whole.purpose == Purpose::Promise {
            return;
        }
        let fields = Fields(&whole.fields);
        match from {
            Peer::Client => self.request(whole.stream, fields, whole.at, out),
            Peer::Server => self.response(whole.stream, fields, whole.at, out),
        }
    }

    fn request(&mut self, id: u32, fields: Fields<'_>, at: Stamps, out: &mut dyn Out) {
        match self.streams.get(&id).map(|stream| &stream.role) {
            // A trailer.
            Some(Role::Plain | Role::Open | Role::Refused) => return,
            Some(Role::Waiting(waiting)) if waiting.request.is_some() => return,
            _ => {}
        }
        let role = match fields.request() {
            Request::Plain => Role::Plain,
            Request::Unknown => Role::Unknown,
            Request::WebSocket(head, notes) => {
                return self.connect(id, head, notes, at, out);
            }
        };
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.role = role;
        } else {
            let fresh = self.stream(role, at.first);
            self.insert(id, fresh, out);
        }
    }

    fn connect(
        &mut self,
        id: u32,
        head: RequestHead,
        notes: Vec<Observation>,
        at: Stamps,
        out: &mut dyn Out,
    ) {
        if !self.streams.contains_key(&id) {
            let fresh = self.stream(Role::Waiting(Box::default()), at.first);
            self.insert(id, fresh, out);
        }
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        if !matches!(stream.role, Role::Waiting(_)) {
            stream.role = Role::Waiting(Box::default());
        }
        if let Role::Waiting(waiting) = &mut stream.role {
            waiting.request = Some((head, at.first));
            waiting
                .notes
                .extend(notes.into_iter().map(|note| (note, at.first)));
            if waiting.response.is_some() {
                self.answered(id, out);
            }
        }
    }

    fn response(&mut self, id: u32, fields: Fields<'_>, at: Stamps, out: &mut dyn Out) {
        let Some(status) = fields.status() else {
            return self.answer_unknown(id, out);
        };
        // RFC 9113 §8.1: informational answers come before the final one. RFC 9113 §8.6: there is no 101.
        if (100..200).contains(&status) && status != 101 {
            return;
        }
        if !self.streams.contains_key(&id) && !self.sides[Peer::Client].missed {
            // The capture shows the answer before the request.
            let fresh = self.stream(Role::Waiting(Box::default()), at.first);
            self.insert(id, fresh, out);
        }
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        stream.touch(at.last);
        match &mut stream.role {
            Role::Plain | Role::Open | Role::Refused => {}
            Role::Unknown if (200..300).contains(&status) => {}
            Role::Unknown => stream.role = Role::Plain,
            Role::Waiting(waiting) => {
                let (head, notes) = fields.response(status);
                waiting.response.get_or_insert((head, at.first));
                if waiting.request.is_some() {
                    waiting
                        .notes
                        .extend(notes.into_iter().map(|note| (note, at.first)));
                    self.answered(id, out);
                }
            }
        }
    }

    /// An answer came, and nobody knows which.
    fn answer_unknown(&mut self, id: u32, out: &mut dyn Out) {
        if let Some(stream) = self.streams.get(&id)
            && let Role::Waiting(waiting) = &stream.role
            && waiting.request.is_some()
        {
            self.open(id, Answer::Missing, out);
        }
    }

    /// Both heads of a CONNECT are there.
    fn answered(&mut self, id: u32, out: &mut dyn Out) {
        let (connects, known) = self.sides[Peer::Server].advertises();
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        let Role::Waiting(waiting) = &mut stream.role else {
            return;
        };
        let (Some((request, asked)), Some((response, at))) = (&waiting.request, &waiting.response)
        else {
            return;
        };
        let (asked, at, accepted) = (*asked, *at, response.switches());
        let refusal = (connects.is_some() && !accepted).then(|| {
            let what = format!("answers the CONNECT with {}", response.status);
            refused(request, &what)
        });
        waiting.notes.extend(refusal.map(|note| (note, at)));
        let early = not_advertised(connects, known, asked);
        waiting.notes.extend(early.map(|note| (note, asked)));
        let answer = if accepted {
            Answer::Accepted
        } else {
            Answer::Refused
        };
        self.open(id, answer, out);
    }

    /// The server reset a CONNECT instead of answering it.
    pub(super) fn refused_by_reset(&mut self, id: u32, what: &str, at: Stamp) {
        let (connects, known) = self.sides[Peer::Server].advertises();
        if let Some(stream) = self.streams.get_mut(&id)
            && let Role::Waiting(waiting) = &mut stream.role
            && let Some((request, asked)) = &waiting.request
        {
            let asked = *asked;
            let refusal = connects.map(|_| (refused(request, what), at));
            let early = not_advertised(connects, known, asked).map(|note| (note, asked));
            waiting.notes.extend(refusal.into_iter().chain(early));
        }
    }
}

/// RFC 8441 §3: a server that sends the setting takes extended CONNECTs.
fn refused(request: &RequestHead, what: &str) -> Observation {
    let path = String::from_utf8_lossy(&request.target);
    let text = format!(
        "the server advertises WebSocket over HTTP/2 (SETTINGS_ENABLE_CONNECT_PROTOCOL=1) and \
         {what}, for {path:?}"
    );
    Observation::new(Code::H2ConnectRefused, Peer::Server, text)
}

/// RFC 8441 §3: a client asks only after it has received the setting.
fn not_advertised(connects: Option<Stamp>, known: bool, asked: Stamp) -> Option<Observation> {
    let text = match connects {
        Some(at) if at.packet > asked.packet && at.time.since(asked.time) > MIXED_UP_NANOS => {
            "the client sends a CONNECT for a WebSocket before the server has said that it takes one"
        }
        None if known => {
            "the client sends a CONNECT for a WebSocket, and the server never said that it takes one"
        }
        _ => return None,
    };
    Some(Observation::new(
        Code::H2ConnectNotAdvertised,
        Peer::Client,
        text,
    ))
}
