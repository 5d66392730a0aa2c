//! Handshakes of the drafts of 2010, which are no WebSocket as the standard knows it.
//!
//! Job: know them. Input: a [`Handshake`]. Output: whether it is one, and what there is to say of it.
//! draft-hixie-thewebsocketprotocol-75 §3 and -76 §1.3; RFC 6455 §4.1.

use super::handshake::{ACCEPT, Handshake, KEY};
use crate::base::Peer;
use crate::finding::{Code, Observation};

impl Handshake {
    /// The name of the draft of 2010 that the peers speak, if they do. Its frames have no lengths
    /// and no masks, and none of them can be read as the standard's.
    pub fn draft(&self) -> Option<&'static str> {
        let asks = |name| {
            let request = self.request.as_ref();
            request.is_some_and(|head| head.headers.first(name).is_some())
        };
        let says = |name| self.answers().is_some_and(|it| it.first(name).is_some());
        // A peer that sends the standard's headers speaks the standard, whatever else it sends.
        if asks(KEY) || says(ACCEPT) {
            return None;
        }
        if asks("Sec-WebSocket-Key1") || says("Sec-WebSocket-Location") {
            Some("hixie-76")
        } else if says("WebSocket-Location") {
            Some("hixie-75")
        } else {
            None
        }
    }

    /// What takes the place of all the rules that such a handshake breaks.
    pub(super) fn draft_note(&self) -> Option<Observation> {
        let draft = self.draft()?;
        let from = match self.request {
            Some(_) => Peer::Client,
            None => Peer::Server,
        };
        let text = format!(
            "the handshake is that of {draft}, a draft of 2010; its frames are not those of the \
             standard and are not read"
        );
        Some(Observation::new(Code::DraftObsolete, from, text))
    }
}
