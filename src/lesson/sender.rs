//! One side of the lab.
//!
//! Job: compress and frame what it sends, as a stock implementation does. Input: messages and
//! [`Controls`]. Output: bytes of frames. RFC 6455 §5, RFC 7692 §7.2.1.

use wscope_stock_zlib::Deflate;

use super::controls::Controls;
use super::lab::Content;
use crate::base::Peer;
use crate::deflate::Takeover;
use crate::ws::{FrameHeader, OpCode, write_message};

/// What RFC 7692 §7.2.1 has the sender cut off a message.
const MARKER: [u8; 4] = [0, 0, 0xff, 0xff];

/// One side.
#[derive(Debug)]
pub(super) struct Sender<'a> {
    from: Peer,
    controls: &'a Controls,
    /// Where it compresses.
    deflate: Option<Deflate>,
}

impl<'a> Sender<'a> {
    /// One that has sent nothing.
    pub(super) fn new(from: Peer, controls: &'a Controls) -> Self {
        let compresses = controls.compresses(from);
        Self {
            from,
            controls,
            deflate: compresses
                .then(|| Deflate::new(controls.settings(from)))
                .flatten(),
        }
    }

    /// The same without compression.
    pub(super) fn plain(from: Peer, controls: &'a Controls) -> Self {
        Self {
            from,
            controls,
            deflate: None,
        }
    }

    /// The frames of what it sends next.
    pub(super) fn send(&mut self, content: &Content) -> Vec<u8> {
        let mut out = Vec::new();
        match content {
            Content::Message(opcode, payload) => self.message(*opcode, payload, &mut out),
            Content::Frames(bytes) => {
                out.extend_from_slice(bytes);
                self.forget();
            }
            Content::Deflate(bytes) => {
                let head = FrameHeader {
                    rsv1: true,
                    ..self.head(OpCode::Text)
                };
                write_message(&head, bytes, self.controls.fragment, &mut out);
                self.forget();
            }
        }
        out
    }

    /// What was typed as it is may be in the receiver's window, and zlib knows nothing of it:
    /// distances would be wrong. So nothing before it is copied any more.
    fn forget(&mut self) {
        if let Some(deflate) = &mut self.deflate {
            deflate.reset();
        }
    }

    fn head(&self, opcode: OpCode) -> FrameHeader {
        // RFC 6455 §5.1: a client masks every frame, a server none.
        let mask = (self.from == Peer::Client).then_some(self.controls.key);
        FrameHeader::new(opcode, 0, mask)
    }

    fn message(&mut self, opcode: OpCode, payload: &[u8], out: &mut Vec<u8>) {
        let head = self.head(opcode);
        if opcode.is_control() {
            // RFC 6455 §5.5: never fragmented; RFC 7692 §6.1: never compressed.
            return write_message(&head, payload, 0, out);
        }
        let fragment = self.controls.fragment;
        match &mut self.deflate {
            Some(deflate) if payload.len() >= self.controls.threshold => {
                if self.controls.sides[self.from].takeover == Takeover::Reset {
                    deflate.reset();
                }
                let head = FrameHeader { rsv1: true, ..head };
                write_message(&head, &compressed(deflate, payload), fragment, out);
            }
            _ => write_message(&head, payload, fragment, out),
        }
    }
}

/// RFC 7692 §7.2.1: flushed, without the marker that every flush ends in.
fn compressed(deflate: &mut Deflate, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    deflate.flush(payload, &mut |bytes| out.extend_from_slice(bytes));
    match out.strip_suffix(&MARKER) {
        Some(rest) => rest.to_vec(),
        // RFC 7692 §7.2.3.6: zlib writes nothing where it has just flushed; the empty message is
        // one byte.
        None => vec![0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(controls: &Controls, from: Peer, payloads: &[&str]) -> Vec<Vec<u8>> {
        let mut sender = Sender::new(from, controls);
        let text = |text: &&str| Content::Message(OpCode::Text, text.as_bytes().to_vec());
        payloads
            .iter()
            .map(|payload| sender.send(&text(payload)))
            .collect()
    }

    /// RFC 7692 §7.2.3, byte for byte.
    #[test]
    fn the_examples_of_rfc_7692() {
        let mut controls = Controls::default();
        let hello = [0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0];
        // §7.2.3.1 and §7.2.3.2.
        let again = [0xc1, 5, 0xf2, 0, 0x11, 0, 0];
        let both = sent(&controls, Peer::Server, &["Hello", "Hello"]);
        assert_eq!((&both[0][..], &both[1][..]), (&hello[..], &again[..]));
        // §7.2.3.2 without takeover.
        controls.sides.server.takeover = Takeover::Reset;
        let both = sent(&controls, Peer::Server, &["Hello", "Hello"]);
        assert_eq!((&both[0][..], &both[1][..]), (&hello[..], &hello[..]));
        // §7.2.3.1 in two fragments.
        controls.fragment = 3;
        let halves = [0x41, 3, 0xf2, 0x48, 0xcd, 0, 3, 0xc9, 0xc9, 7, 0x80, 1, 0];
        assert_eq!(sent(&controls, Peer::Server, &["Hello"])[0], halves);
        // §7.2.3.3: stored.
        controls.fragment = 0;
        assert!(controls.set("strategy", "stored").is_ok());
        let stored = [
            0xc1, 11, 0, 5, 0, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0,
        ];
        assert_eq!(sent(&controls, Peer::Server, &["Hello"])[0], stored);
        // §7.2.3.6: the empty message.
        let controls = Controls::default();
        for empty in [
            &sent(&controls, Peer::Server, &[""])[0],
            &sent(&controls, Peer::Server, &["Hello", ""])[1],
        ] {
            assert!(matches!(empty[..], [0xc1, 1, 0]), "{empty:x?}");
        }
    }

    #[test]
    fn messages_below_the_threshold_and_control_frames_go_as_they_are() {
        let controls = Controls {
            threshold: 6,
            ..Controls::default()
        };
        let hello = [0x81, 5, 0x48, 0x65, 0x6c, 0x6c, 0x6f];
        assert_eq!(sent(&controls, Peer::Server, &["Hello"])[0], hello);
        let mut client = Sender::new(Peer::Client, &controls);
        let ping = client.send(&Content::Message(OpCode::Ping, b"Hello".to_vec()));
        let masked = [
            0x89, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        assert_eq!(ping, masked);
    }
}
