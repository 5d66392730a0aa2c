//! What is said of broken rules below messages.
//!
//! Job: put what the stream, the reader and the decoder saw into words. Input: their values.
//! Output: [`Observation`]s. RFC 6455 §5.2, RFC 7692 §7.

use crate::base::Peer;
use crate::deflate::{Decoder, Fault, Outcome};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::http2::Stall;
use crate::stream::{Delivery, Missing};
use crate::tcp::Note;
use crate::ws::{HeaderFault, LossCause, PartialMessage};

/// What a connection showed beside its bytes.
pub(super) fn connection(from: Peer, note: Note) -> Observation {
    match note {
        Note::ResetIgnored => Observation::new(
            Code::ResetIgnored,
            from,
            format!("a reset in the {from}'s name, and the connection goes on"),
        ),
        Note::Invented => Observation::new(
            Code::HeadersInvented,
            from,
            "the TCP sequence numbers do not advance: each packet is taken for what comes next",
        ),
        Note::Repaired(bytes) => Observation::new(
            Code::DamagedCopy,
            from,
            format!(
                "{bytes} bytes that the {from} sent are shown from a copy whose TCP checksum is wrong"
            ),
        ),
        Note::Unheard(unheard) => Observation::new(
            Code::PathDead,
            from,
            Sentence::new(
                &format!(
                    "the {from} sends the same again {} times in {{waited}}, and nothing comes \
                     back from the {}, not even an acknowledgement",
                    unheard.times,
                    from.other()
                ),
                &[("waited", Figure::Nanos(unheard.nanos()))],
            ),
        ),
    }
}

/// What is wrong with the bytes of a direction.
pub(super) fn delivered(from: Peer, delivery: Delivery<'_>) -> Option<Observation> {
    let (code, text): (_, Sentence) = match delivery {
        Delivery::Chunk { .. } => return None,
        Delivery::Gap(missing) => (
            Code::BytesMissing,
            match missing {
                Missing::Bytes(bytes) => Sentence::new(
                    &format!("{{missing}} that the {from} sent are not in the capture"),
                    &[("missing", Figure::Bytes(bytes))],
                ),
                Missing::AtMost(bytes) => Sentence::new(
                    &format!("at most {{at_most}} that the {from} sent are not in the capture"),
                    &[("at_most", Figure::Bytes(bytes))],
                ),
                Missing::Unknown => format!(
                    "an unknown number of bytes that the {from} sent are not in the capture"
                )
                .into(),
            },
        ),
        // RFC 9293 §3.10.7.4: a receiver keeps what it took first.
        Delivery::Conflict { at: None, bytes } => (
            Code::TcpConflict,
            Sentence::new(
                &format!("{{bytes}} that the {from} sent came twice and differ"),
                &[("bytes", Figure::Bytes(bytes))],
            ),
        ),
        Delivery::Conflict {
            at: Some(at),
            bytes,
        } => (
            Code::TcpConflict,
            Sentence::new(
                &format!(
                    "{{bytes}} came twice and differ, the first of them byte {{at}} of what the \
                     {from} sent"
                ),
                &[("bytes", Figure::Bytes(bytes)), ("at", Figure::Id(at))],
            ),
        ),
    };
    Some(Observation::new(code, from, text))
}

/// Nothing of one side was captured.
pub(super) fn uncaptured(from: Peer) -> Observation {
    let other = from.other();
    let text = format!("the capture has what the {other} sent, and nothing that the {from} sent");
    Observation::new(Code::OneDirection, from, text)
}

/// The flow control of HTTP/2 stopped a message for a time.
pub(super) fn held_back(stall: &Stall) -> Observation {
    let sender = stall.sender;
    let waited = ("waited", Figure::Nanos(stall.nanos()));
    // RFC 9113 §5.2: a sender stops when the stream's window or the connection's is used up.
    let text = match (stall.connection, stall.by) {
        (true, Some((stream, bytes))) => Sentence::new(
            &format!(
                "a message of the {sender} waits {{waited}}, as the window of the connection is used \
                 up: stream {{stream}} used {{used}} of it"
            ),
            &[
                waited,
                ("stream", Figure::Id(stream.into())),
                ("used", Figure::Bytes(bytes)),
            ],
        ),
        (connection, _) => {
            let window = if connection { "connection" } else { "stream" };
            Sentence::new(
                &format!(
                    "a message of the {sender} waits {{waited}}, as the window of the {window} is \
                     used up"
                ),
                &[waited],
            )
        }
    };
    Observation::new(Code::H2WindowStalled, sender.other(), text)
}

/// Where frames begin is no longer known.
pub(super) fn framing_lost(from: Peer, cause: LossCause, bytes: &[u8]) -> Observation {
    let (code, text) = match cause {
        LossCause::OutOfStep { inside } => return out_of_step(from, inside, bytes),
        LossCause::Gap => (
            Code::FramingLost,
            "the bytes of a frame's header are not in the capture",
        ),
        LossCause::Guess => (
            Code::FramingLost,
            "the header that was found before is none: it leads to bytes that begin no frame",
        ),
        LossCause::Header(HeaderFault::LengthTopBit) => (
            Code::LengthTopBit,
            "the frame's 64-bit length has its highest bit set",
        ),
    };
    Observation::new(code, from, text)
}

/// What stands where a frame should begin and is none.
fn out_of_step(from: Peer, inside: bool, bytes: &[u8]) -> Observation {
    const SHOWN: usize = 80;
    let line = bytes.split(|byte| b"\r\n".contains(byte)).next();
    let line = line.unwrap_or_default();
    let shown = line.get(..line.len().min(SHOWN)).unwrap_or_default();
    // RFC 9112 §2.1: an HTTP message begins with a line that names its version.
    let is_http =
        shown.starts_with(b"HTTP/") || shown.windows(8).any(|part| part.starts_with(b" HTTP/1."));
    let (code, text) = if is_http && shown.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        let line = String::from_utf8_lossy(shown);
        let text = format!("an HTTP message stands where a frame should begin: {line}");
        (Code::HttpInStream, text)
    } else if inside {
        let text = "the payload of the frame before begins with the header of another frame: \
                    two writers share the connection";
        (Code::OutOfStep, text.to_owned())
    } else {
        let first: Vec<String> = bytes
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let text = format!(
            "what stands where a frame should begin is no header: {}",
            first.join(" ")
        );
        (Code::OutOfStep, text)
    };
    Observation::new(code, from, text)
}

/// A message is compressed, as it seems, and no compression was agreed.
pub(super) fn stripped() -> String {
    "the header bit RSV1, which marks compression, is set, and no compression was agreed; as the \
     payload inflates, a proxy may have taken the extension out of the handshake"
        .to_owned()
}

/// What is wrong with a compressed payload that can be read.
pub(super) fn compressed(
    from: Peer,
    decoder: &Decoder,
    outcome: &Outcome,
    first_final: bool,
    note: &mut impl FnMut(Observation),
) {
    if outcome.kept_marker {
        // RFC 7692 §7.2.1: the sender removes the four bytes that the flush ends in.
        let text = "the payload ends in 00 00 ff ff, which the sender should have cut off";
        note(Observation::new(Code::KeptFlushMarker, from, text));
    }
    if let Some(text) = outcome.misses_flush {
        // RFC 7692 §7.2.1: the payload ends in an empty stored block, the last four bytes cut off.
        note(Observation::new(Code::FlushMissing, from, text));
    }
    if first_final {
        // RFC 7692 §7.2.3.4: a sender may end its DEFLATE stream.
        let text = "a block has its BFINAL bit set; repeats by this sender are not told";
        note(Observation::new(Code::FinalBlock, from, text));
    }
    if let Some(beyond) = decoder.beyond() {
        // RFC 7692 §7.1.2.1, §7.1.2.2: a sender's window is no larger than was agreed.
        let text = Sentence::new(
            "a copy reaches {distance} back, and the agreed window holds {window}",
            &[
                ("distance", Figure::Bytes(beyond.distance as u64)),
                ("window", Figure::Count(beyond.window as u64)),
            ],
        );
        let found = Observation::new(Code::DistanceBeyondWindow, from, text);
        note(found.at_bit(Some(beyond.bit)));
    }
    if outcome.kept_context {
        // RFC 7692 §7.1.1: who agreed to no_context_takeover begins each message with an empty
        // window.
        let text = "the message copies from earlier ones although a reset was agreed; from here \
                    on the context is taken as kept";
        let found = Observation::new(Code::ContextKept, from, text);
        note(found.at_bit(outcome.bit));
    }
}

/// Why a compressed payload cannot be read.
pub(super) fn not_deflate(from: Peer, fault: &Fault, bit: Option<u64>) -> Observation {
    let (code, text) = match fault {
        Fault::DistanceTooFar => (
            Code::DistanceTooFar,
            "a copy reaches back to before the first byte that the receiver has".to_owned(),
        ),
        Fault::Wrapped(format) => (
            Code::ZlibHeader,
            format!("the compressed payload begins with a {format} header"),
        ),
        Fault::Unfinished => (
            Code::FlushMissing,
            "the compressed payload ends in the middle of a block".to_owned(),
        ),
        Fault::Invalid(word) => (
            Code::DeflateInvalid,
            format!("the compressed payload is no DEFLATE data: {word}"),
        ),
    };
    Observation::new(code, from, text).at_bit(bit)
}

/// The connection ended before the message did.
pub(super) fn ended_inside(from: Peer, message: &PartialMessage) -> Observation {
    let (passed, whole) = (message.payload_passed, message.payload_wire_bytes);
    let text = if message.bounded {
        Sentence::new(
            "the connection ends after {passed} of the message's {whole}",
            &[
                ("passed", Figure::Count(passed)),
                ("whole", Figure::Bytes(whole)),
            ],
        )
    } else {
        Sentence::new(
            "the connection ends after {passed} of a message that was to go on",
            &[("passed", Figure::Bytes(passed))],
        )
    };
    Observation::new(Code::EndedInMessage, from, text)
}
