//! What records hold.
//!
//! Job: hand application data on, read handshake messages, follow changes of keys.
//! Input: contents of records, in the clear or opened. Output: data and notes.
//! RFC 8446 §4, §5.1 and §6, RFC 5246 §7.

use super::{Note, Out, Records};
use crate::base::Peer;
use crate::stream::{Delivery, Stamps};
use crate::tls::alert::Alert;
use crate::tls::certificate::Certificate;
use crate::tls::reading::direction::Epoch;
use crate::tls::reading::framing::Record;
use crate::tls::reading::handshake::{
    ClientHello, MessageType, ServerHello, agreed_protocol, first_certificate,
};
use crate::tls::reading::known::Order;
use crate::tls::version::{ContentType, Version};

impl Records {
    pub(super) fn clear_record(&mut self, from: Peer, record: Record<'_>, out: &mut dyn Out) {
        let content = record.header.content;
        if let Some(hole) = record.holes.first() {
            let head = record.body.get(..hole.start).unwrap_or_default();
            return self.cut_hello(from, content, head, record.at, out);
        }
        if content == ContentType::CHANGE_CIPHER_SPEC {
            let direction = &mut self.directions[from];
            // RFC 8446 §5: in TLS 1.3 it is there for old boxes between the peers.
            if !self.known.is_1_3() {
                direction.changed = true;
            }
            return;
        }
        self.content(from, content, record.body, record.at, out);
    }

    /// A hello that the capture cut: what stands at its beginning is enough for much.
    pub(super) fn cut_hello(
        &mut self,
        from: Peer,
        content: ContentType,
        head: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) {
        let whole = self.directions[from].messages.is_within();
        self.directions[from].messages.lose();
        if content != ContentType::HANDSHAKE {
            return;
        }
        if let (false, Some((&kind, rest))) = (whole, head.split_first())
            && MessageType(kind) == MessageType::CLIENT_HELLO
            && let Some(body) = rest.get(3..)
        {
            self.message(from, MessageType(kind), body, at, out);
        }
        let missed = match from {
            Peer::Client => self.known.client.is_none(),
            Peer::Server => self.known.server.is_none(),
        };
        self.known.missed[from] |= missed;
    }

    /// What a record holds, in the clear or opened.
    pub(super) fn content(
        &mut self,
        from: Peer,
        content: ContentType,
        bytes: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) {
        let direction = &mut self.directions[from];
        match content {
            ContentType::APPLICATION_DATA => {
                direction.counts.data += 1;
                direction.counts.data_bytes += bytes.len() as u64;
                if !bytes.is_empty() {
                    self.begin(out);
                    out.bytes(
                        from,
                        Delivery::Chunk {
                            bytes,
                            begins: true,
                        },
                        at,
                    );
                }
            }
            ContentType::HANDSHAKE => {
                direction.messages.feed(bytes);
                while let Some((kind, body)) = self.directions[from].messages.next() {
                    self.message(from, kind, &body, at, out);
                }
                self.update(from, at, out);
            }
            ContentType::ALERT => {
                if let [level, description] = *bytes {
                    let alert = Alert { level, description };
                    // RFC 8446 §6: all but some of TLS 1.2's warnings end the connection.
                    direction.alerted |=
                        level == 2 || self.known.is_1_3() || description == Alert::CLOSE_NOTIFY;
                    self.story.alert(from, alert);
                    out.note(from, Note::Alert(alert), at);
                }
            }
            // RFC 5246 §7.1: in a handshake under the protection of the one before.
            ContentType::CHANGE_CIPHER_SPEC => direction.changed = true,
            _ => {}
        }
    }

    pub(super) fn message(
        &mut self,
        from: Peer,
        kind: MessageType,
        body: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) {
        match (kind, from) {
            (MessageType::CLIENT_HELLO, Peer::Client) => {
                if let Some(hello) = ClientHello::read(body) {
                    self.client_hello(hello);
                    out.note(from, Note::Hello, at);
                }
            }
            (MessageType::SERVER_HELLO, Peer::Server) => {
                if let Some(hello) = ServerHello::read(body) {
                    self.judge_version(&hello, at, out);
                    self.story.server_hello(&hello);
                    self.known.retried |= hello.retry;
                    self.known.server = Some(hello);
                    out.note(from, Note::Hello, at);
                }
            }
            (MessageType::ENCRYPTED_EXTENSIONS, Peer::Server) => {
                self.story.protocol = agreed_protocol(body);
            }
            (MessageType::CERTIFICATE, _) => self.certificate(from, body, at, out),
            (MessageType::FINISHED, _) => self.directions[from].finished = true,
            (MessageType::KEY_UPDATE, _) if self.known.version().is_none_or(is_new) => {
                self.directions[from].updates = true;
            }
            _ => {}
        }
    }

    /// Whether the version is the best that both peers speak, and still safe.
    fn judge_version(&self, hello: &ServerHello, at: Stamps, out: &mut dyn Out) {
        let agreed = hello.version;
        let offers = self.known.client.as_ref().map(|client| client.offers);
        if let Some(could) = hello.could_speak()
            && offers.is_some_and(|offers| offers >= could)
        {
            out.note(Peer::Server, Note::Downgraded { agreed, could }, at);
        }
        // RFC 8996 §4 and §5, RFC 7568 §3.
        if (Version::SSL_3_0..Version::TLS_1_2).contains(&agreed) {
            out.note(Peer::Server, Note::Old(agreed), at);
        }
    }

    fn certificate(&mut self, from: Peer, body: &[u8], at: Stamps, out: &mut dyn Out) {
        let first = first_certificate(body, self.known.is_1_3());
        let Some(certificate) = first.and_then(Certificate::read) else {
            return;
        };
        let fits = from == Peer::Client || self.story.certificate(&certificate);
        let name = self.story.name().filter(|_| !fits);
        let note = Note::Certificate {
            other_name: name.map(ToOwned::to_owned),
            certificate: Box::new(certificate),
        };
        out.note(from, note, at);
    }

    pub(super) fn client_hello(&mut self, hello: ClientHello) {
        self.story.client_hello(&hello);
        // RFC 5246 §7.4.1.1: a hello under protection begins another handshake.
        let before = self.known.client.as_ref().map(|it| it.random);
        let differs = before.is_some_and(|before| before != hello.random);
        if differs && self.directions[Peer::Client].current.is_some() {
            let known = &mut self.known;
            known.serial += 1;
            known.owner = None;
            known.server = None;
            self.story.renegotiated();
        }
        self.known.client = Some(hello);
    }

    /// RFC 8446 §4.6.3: what the sender says after a key update is under new keys.
    pub(super) fn update(&mut self, from: Peer, at: Stamps, out: &mut dyn Out) {
        let direction = &mut self.directions[from];
        if !std::mem::take(&mut direction.updates) {
            return;
        }
        if let Some(next) = direction.current.as_ref().and_then(Epoch::updated) {
            let count = next.order.0.saturating_sub(Order::APPLICATION.0);
            direction.current = Some(next);
            out.note(from, Note::KeyUpdate(count), at);
        }
    }
}

fn is_new(version: Version) -> bool {
    version >= Version::TLS_1_3
}
