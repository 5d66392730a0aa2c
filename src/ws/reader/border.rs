//! Headers that chunks cut.
//!
//! Job: keep what came of a header until the rest comes. Input: the first bytes of chunks. Output: what
//! follows the header. RFC 6455 §5.2.

use super::{FrameReader, State};
use crate::stream::Stamps;
use crate::ws::header::{FrameHeader, ParsedHeader, parse_frame_header};
use crate::ws::part::{LossCause, ReaderEvent};

impl FrameReader {
    /// A header that does not end in this chunk.
    pub(super) fn keep_header<'a>(&mut self, bytes: &'a [u8], at: Stamps) -> &'a [u8] {
        let mut kept = [0; FrameHeader::MAX_LEN];
        let have = bytes.len().min(kept.len());
        for (to, from) in kept.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.state = State::Header {
            bytes: kept,
            have,
            first: at.first,
        };
        &[]
    }

    /// The header that began in an earlier chunk.
    pub(super) fn split_header<'a>(
        &mut self,
        bytes: &'a [u8],
        at: Stamps,
        out: &mut impl FnMut(ReaderEvent<'_>),
    ) -> &'a [u8] {
        let State::Header {
            bytes: kept,
            have,
            first,
        } = &mut self.state
        else {
            return bytes;
        };
        let [byte, rest @ ..] = bytes else {
            return bytes;
        };
        if let Some(place) = kept.get_mut(*have) {
            *place = *byte;
            *have += 1;
        }
        let (kept, have, first) = (*kept, *have, *first);
        match parse_frame_header(kept.get(..have).unwrap_or_default()) {
            ParsedHeader::Complete(header) => match self.refusal(&header) {
                Some(cause) => {
                    let kept = kept.get(..have).unwrap_or_default();
                    self.lose_at(cause, (kept, 0), at, out);
                    rest
                }
                None => self.frame(header, rest, (first, at), out),
            },
            ParsedHeader::Incomplete => rest,
            ParsedHeader::Invalid(fault) => {
                // What was kept of it counts as passed over, all of it.
                self.lose(LossCause::Header(fault), &[], at, out);
                rest
            }
        }
    }
}
