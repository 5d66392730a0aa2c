//! Bodies of HTTP/1 messages, to be skipped.
//!
//! Job: know where a body ends without keeping any of it.
//! Input: the head before it, then its bytes and gaps. Output: how many bytes belong to it.
//! RFC 9112 §6 and §7.1.

use super::head::{Headers, RequestHead, ResponseHead};
use crate::stream::Missing;

/// How the end of a body is known, and how far away it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// So many bytes are left.
    Length(u64),
    /// In chunks that tell their size.
    Chunked(Chunked),
    /// It ends with the connection.
    UntilClose,
}

/// Where in a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunked {
    /// In the hexadecimal size; `None` before its first digit.
    Size(Option<u64>),
    /// Behind the size, in the rest of its line.
    Extension(u64),
    /// In the data, with so many bytes left.
    Data(u64),
    /// In the line end behind the data.
    DataEnd,
    /// In the trailer, with so many bytes on the current line.
    Trailer(usize),
    /// Behind the last byte.
    Done,
    /// It broke the grammar.
    Broken,
}

/// What skipping came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skip {
    /// The body goes on.
    Going,
    /// It ended.
    Done,
    /// Where it ends cannot be known any more.
    Broken,
}

impl Body {
    /// The body behind a request; `None` where there is none.
    pub(super) fn of_request(head: &RequestHead) -> Option<Self> {
        Self::coded(&head.headers).or_else(|| match length(&head.headers) {
            // RFC 9112 §6.3: a request that tells no length has no body.
            Length::Absent | Length::Invalid | Length::Bytes(0) => None,
            Length::Bytes(length) => Some(Self::Length(length)),
        })
    }

    /// The body behind a final response; `None` where there is none.
    pub(super) fn of_response(head: &ResponseHead, to_head: bool) -> Option<Self> {
        // RFC 9112 §6.3: responses to HEAD, and 1xx, 204 and 304, end with their head.
        if to_head || head.status < 200 || matches!(head.status, 204 | 304) {
            return None;
        }
        Self::coded(&head.headers).or_else(|| match length(&head.headers) {
            Length::Bytes(0) => None,
            Length::Bytes(length) => Some(Self::Length(length)),
            // RFC 9112 §6.3: without a (valid) length it goes on until the server closes.
            Length::Absent | Length::Invalid => Some(Self::UntilClose),
        })
    }

    /// RFC 9112 §6.1, §6.3: Transfer-Encoding overrides Content-Length; chunked is the last
    /// coding, or else the body ends with the connection.
    fn coded(headers: &Headers) -> Option<Self> {
        let last = headers.elements("Transfer-Encoding").last()?;
        Some(if last.eq_ignore_ascii_case(b"chunked") {
            Self::Chunked(Chunked::Size(None))
        } else if last.eq_ignore_ascii_case(b"identity") {
            return None;
        } else {
            Self::UntilClose
        })
    }

    /// Takes what belongs to the body from the front of `bytes` and says how much that was.
    pub(super) fn skip(&mut self, bytes: &[u8]) -> (usize, Skip) {
        match self {
            Self::Length(left) => {
                let used = take(left, bytes.len());
                (used, if *left == 0 { Skip::Done } else { Skip::Going })
            }
            Self::Chunked(chunked) => chunked.skip(bytes),
            Self::UntilClose => (bytes.len(), Skip::Going),
        }
    }

    /// Takes a gap; `false` where its end is not surely inside the body or right after it.
    pub(super) fn skip_gap(&mut self, missing: Missing) -> bool {
        match (self, missing) {
            (Self::Length(left) | Self::Chunked(Chunked::Data(left)), Missing::Bytes(gap))
                if *left >= gap =>
            {
                *left -= gap;
                true
            }
            (Self::UntilClose, _) => true,
            (Self::Length(_) | Self::Chunked(_), _) => false,
        }
    }
}

/// What Content-Length says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Absent,
    Invalid,
    Bytes(u64),
}

/// RFC 9112 §6.3: a length is digits; equal repetitions count as one, others make it invalid.
fn length(headers: &Headers) -> Length {
    let mut all = headers.elements("Content-Length").map(|digits| {
        let plain = digits.iter().all(u8::is_ascii_digit);
        let number = std::str::from_utf8(digits).ok().filter(|_| plain)?;
        number.parse().ok()
    });
    match all.next() {
        None => Length::Absent,
        Some(Some(first)) if all.all(|other| other == Some(first)) => Length::Bytes(first),
        Some(_) => Length::Invalid,
    }
}

fn take(left: &mut u64, available: usize) -> usize {
    let used = usize::try_from(*left).map_or(available, |left| left.min(available));
    *left -= used as u64;
    used
}

impl Chunked {
    fn skip(&mut self, bytes: &[u8]) -> (usize, Skip) {
        let mut used = 0;
        while let Some(&byte) = bytes.get(used) {
            if let Self::Data(left) = self {
                used += take(left, bytes.len() - used);
                if *left == 0 {
                    *self = Self::DataEnd;
                }
                continue;
            }
            used += 1;
            *self = self.after(byte);
            match self {
                Self::Done => return (used, Skip::Done),
                Self::Broken => return (used, Skip::Broken),
                _ => {}
            }
        }
        (used, Skip::Going)
    }

    /// The state behind one byte that is not chunk data.
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            // RFC 9112 §7.1: the chunk of size zero is the last; a trailer section follows it.
            (Self::Size(Some(0)) | Self::Extension(0), b'\n') => Self::Trailer(0),
            (Self::Size(Some(size)) | Self::Extension(size), b'\n') => Self::Data(size),
            // RFC 9112 §7.1.1: chunk extensions mean nothing to those who do not know them.
            (Self::Size(Some(size)), b'\r' | b';' | b' ' | b'\t') | (Self::Extension(size), _) => {
                Self::Extension(size)
            }
            (Self::Size(size), _) => digit(byte)
                .and_then(|digit| size.unwrap_or(0).checked_mul(16)?.checked_add(digit))
                .map_or(Self::Broken, |size| Self::Size(Some(size))),
            (Self::DataEnd, b'\r') => Self::DataEnd,
            (Self::DataEnd, b'\n') => Self::Size(None),
            // RFC 9112 §7.1.2: the trailer is header lines up to an empty line.
            (Self::Trailer(0), b'\n') => Self::Done,
            (Self::Trailer(_), b'\n') => Self::Trailer(0),
            (Self::Trailer(length), b'\r') => Self::Trailer(length),
            (Self::Trailer(length), _) => Self::Trailer(length.saturating_add(1)),
            (Self::DataEnd | Self::Data(_) | Self::Done | Self::Broken, _) => Self::Broken,
        }
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Parsed, parse_request, parse_response};

    fn response(text: &str) -> Option<Body> {
        match parse_response(text.as_bytes()) {
            Parsed::Complete { value, .. } => Body::of_response(&value, false),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn chunked_bodies_end_behind_their_trailer_however_they_are_cut() {
        let body = b"4;name=\"v\"\r\nWiki\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
        for cut in 0..body.len() {
            let mut state = Body::Chunked(Chunked::Size(None));
            assert_eq!(state.skip(&body[..cut]), (cut, Skip::Going), "{cut}");
            let mut rest = body[cut..].to_vec();
            rest.extend_from_slice(b"HTTP/1.1");
            assert_eq!(state.skip(&rest), (body.len() - cut, Skip::Done), "{cut}");
        }
        let mut state = Body::Chunked(Chunked::Size(None));
        assert_eq!(state.skip(b"5\r\nhelloX\n"), (9, Skip::Broken));
        assert_eq!(
            Body::Chunked(Chunked::Size(None)).skip(b"11111111111111111\r\n"),
            (17, Skip::Broken)
        );
    }

    #[test]
    fn gaps_of_known_place_are_skipped_exactly() {
        let mut length = Body::Length(10);
        assert!(length.skip_gap(Missing::Bytes(4)));
        assert_eq!(length.skip(b"1234567"), (6, Skip::Done));
        let mut chunked = Body::Chunked(Chunked::Data(3));
        assert!(chunked.skip_gap(Missing::Bytes(3)));
        assert_eq!(chunked.skip(b"\r\n0\r\n\r\nX"), (7, Skip::Done));
        assert!(!Body::Length(3).skip_gap(Missing::Bytes(4)));
        assert!(!Body::Chunked(Chunked::Size(None)).skip_gap(Missing::Bytes(1)));
        for missing in [Missing::AtMost(2), Missing::Unknown] {
            assert!(!Body::Length(3).skip_gap(missing));
            assert!(Body::UntilClose.skip_gap(missing));
        }
    }

    #[test]
    fn lengths_follow_the_precedence_of_rfc_9112() {
        let body = |headers: &str| response(&format!("HTTP/1.1 200 OK\r\n{headers}\r\n"));
        assert_eq!(body("Content-Length: 5\r\n"), Some(Body::Length(5)));
        assert_eq!(body("Content-Length: 5, 5\r\n"), Some(Body::Length(5)));
        assert_eq!(
            body("Content-Length: 5\r\ncontent-length: 6\r\n"),
            Some(Body::UntilClose)
        );
        assert_eq!(body("Content-Length: +5\r\n"), Some(Body::UntilClose));
        assert_eq!(body("Content-Length: 0\r\n"), None);
        let chunked = Some(Body::Chunked(Chunked::Size(None)));
        assert_eq!(
            body("Content-Length: 5\r\nTransfer-Encoding: gzip, Chunked\r\n"),
            chunked
        );
        assert_eq!(body("Transfer-Encoding: gzip\r\n"), Some(Body::UntilClose));
        assert_eq!(body(""), Some(Body::UntilClose));
        assert_eq!(
            response("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"),
            None
        );
        let Parsed::Complete { value, .. } = parse_request(b"GET / HTTP/1.1\r\n\r\n") else {
            panic!("complete")
        };
        assert_eq!(Body::of_request(&value), None);
    }
}
