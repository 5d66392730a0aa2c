//! What an opening means for what follows it.
//!
//! Job: tell which compression holds after a handshake, and whether the client waited for the
//! answer. Input: a handshake, what the client sent after its request. Output: an [`Agreement`],
//! [`Observation`]s. RFC 6455 §4.1, RFC 7692 §7.

use crate::base::{Peer, Stamp};
use crate::deflate::{Agreement, agree};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::http::Handshake;
use crate::stream::Piece;

/// Packets that were captured in the wrong order are no further apart.
const MIXED_UP_NANOS: i64 = 1_000_000;

/// What holds, and what is wrong with it.
pub(super) fn agreement(handshake: &Handshake, answered: bool) -> (Agreement, Vec<Observation>) {
    let offered = handshake.offered_extensions();
    if !answered {
        // Without the answer, most servers agree to what was offered first.
        return (agree(&offered, &offered).0, Vec::new());
    }
    let agreed = handshake.agreed_extensions();
    if !handshake.is_whole() {
        // What is there of the answer counts; where nothing is, most servers agree to what was offered.
        let said = if agreed.is_empty() { &offered } else { &agreed };
        return (agree(said, said).0, Vec::new());
    }
    let (mut agreement, mut notes) = agree(&offered, &agreed);
    let mut note = |code, text| notes.push(Observation::new(code, Peer::Server, text));
    match (agreement, agreed.first()) {
        (Agreement::None, Some(extension)) => {
            let name = &extension.name;
            note(
                Code::ExtensionUnknown,
                format!("the peers agreed on {name:?}, which wscope does not know"),
            );
            agreement = Agreement::Unknown;
        }
        (Agreement::DeflateFrame(_), _) => {
            let text = "the peers agree on x-webkit-deflate-frame, an early draft";
            note(Code::DeflateFrameObsolete, text.to_owned());
        }
        _ => {}
    }
    (agreement, notes)
}

/// Holds what the client sent after its request against the packets that brought the two heads.
pub(super) fn early(
    (request, response): (Stamp, Stamp),
    rest: &[Piece],
) -> Option<(Observation, Stamp)> {
    let Some(Piece::Chunk { at, bytes, .. }) = rest.first() else {
        return None;
    };
    let at = at.first;
    // RFC 6455 §4.1: the client waits for the answer. Captures of several queues mix up packets,
    // but not by a millisecond.
    let with_request = at.packet == request.packet;
    let before = at.packet < response.packet && response.time.since(at.time) > MIXED_UP_NANOS;
    if !with_request && !before {
        return None;
    }
    let text = format!(
        "the client sends {} bytes of frames before the server has answered",
        bytes.len()
    );
    let text = Sentence::from(text).noting(&[("bytes", Figure::Bytes(bytes.len() as u64))]);
    let note = Observation::new(Code::DataBeforeAnswer, Peer::Client, text);
    Some((note, at))
}
