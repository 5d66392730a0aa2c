//! Events as JSON Lines: the contract of `docs/json.md`.
//!
//! Job: one object a line. Input: [`Event`]s. Output: bytes.

mod buffer;
mod connection;
mod escaped;
mod finding;
mod line;
mod message;
mod serializer;
mod shapes;

pub use connection::{ConnectionLine, TlsLine, connection};
pub use finding::FindingLine;
pub use line::line;
pub use shapes::PerPeerLine;

pub(crate) use finding::Figures;
pub(super) use message::{DECODED, binary};
pub(crate) use shapes::{Base64, is_zero};

use super::censored::Censored;
use super::units_json::PendingLine;
use crate::event::{Event, Outlet, Renderer};
use crate::page::redact::Redact;
use message::{MessageLine, decoded};

/// Renders events as JSON Lines.
#[derive(Debug, Default)]
pub struct JsonSink {
    redact: Redact,
    decode: bool,
}

impl JsonSink {
    /// A sink that shows secrets so.
    pub fn new(redact: Redact) -> Self {
        Self {
            redact,
            decode: false,
        }
    }

    /// The same, which gives what is inside compressed and binary payloads, too.
    #[must_use]
    pub fn decoding(self, decode: bool) -> Self {
        Self { decode, ..self }
    }
}

impl Renderer for JsonSink {
    type Output = Vec<u8>;

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        match event {
            Event::Connection(info) => line(&connection(info, self.redact), out),
            Event::Message(message) => {
                let censored = Censored::of(message, self.redact);
                let mut object = MessageLine::of(message, &censored, self.redact);
                if self.decode && censored == Censored::No {
                    object.decoded = decoded(message);
                }
                line(&object, out);
            }
            Event::Finding {
                conversing,
                finding,
            } => line(
                &FindingLine::of(conversing, finding).redacting(self.redact),
                out,
            ),
            Event::Pending(pending) => line(&PendingLine::of(pending, self.redact), out),
            _ => {}
        }
    }
}
