//! What protocol a connection speaks, told by its first bytes; and where a head may begin.
//!
//! Job: know HTTP/1, TLS and HTTP/2 from everything else, cheaply.
//! Input: the first bytes of one direction, or bytes behind a loss. Output: [`Probe`], a place.
//! RFC 9112 §3 and §4, RFC 8446 §5.1, RFC 9113 §3.4.

use super::head::is_token;
use crate::base::Peer;

/// What first bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// Too few bytes.
    Undecided,
    /// The start of an HTTP/1 start line.
    Http,
    /// A TLS record.
    Tls,
    /// The preface of HTTP/2.
    Http2,
    /// None of them.
    Other,
}

/// Methods are registered names; the longest in use is `UPDATEREDIRECTREF` with 17 letters.
const LONGEST_METHOD: usize = 24;
const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n";
const STATUS_LINE: &[u8] = b"HTTP/";
/// What a response begins with when it is looked for behind a loss.
const RESPONSE: &[u8] = b"HTTP/1.";
/// What a request begins with when it is looked for behind a loss.
const REQUESTS: [&[u8]; 9] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"CONNECT ",
    b"TRACE ",
];

/// Tells the protocol by the first bytes of a direction, behind any empty lines.
pub(super) fn probe(peer: Peer, bytes: &[u8]) -> Probe {
    if bytes.is_empty() || bytes == b"\r" {
        return Probe::Undecided;
    }
    if bytes.starts_with(b"\r\n") || bytes.starts_with(b"\n") {
        // An empty line: what counts comes behind it.
        return Probe::Undecided;
    }
    if let Some(verdict) = tls(bytes) {
        return verdict;
    }
    match peer {
        Peer::Client if bytes.starts_with(HTTP_2) => Probe::Http2,
        Peer::Client if HTTP_2.starts_with(bytes) => Probe::Undecided,
        Peer::Client => method(bytes),
        Peer::Server => match begins(bytes, STATUS_LINE) {
            Begins::Yes => Probe::Http,
            Begins::Perhaps => Probe::Undecided,
            Begins::No => server_of_http2(bytes),
        },
    }
}

/// RFC 9113 §3.4: a server of HTTP/2 begins with SETTINGS, as soon as the connection is there. §4.1, §6.5:
/// three bytes of length (six for each setting), type 4, no flags, stream 0.
fn server_of_http2(bytes: &[u8]) -> Probe {
    const REST: [u8; 6] = [4, 0, 0, 0, 0, 0];
    let (length, rest) = bytes.split_at(bytes.len().min(3));
    let fits = match *length {
        [0, 0, length] => length.is_multiple_of(6),
        [0, 0] | [0] => true,
        _ => false,
    };
    match fits && REST.starts_with(rest.get(..REST.len()).unwrap_or(rest)) {
        true if rest.len() < REST.len() => Probe::Undecided,
        true => Probe::Http2,
        false => Probe::Other,
    }
}

/// RFC 8446 §5.1: type 20 to 23, version 3.0 to 3.4, a length of at most 2^14 + 2048.
fn tls(bytes: &[u8]) -> Option<Probe> {
    let (kind, rest) = bytes.split_first()?;
    if !(20..=23).contains(kind) {
        return None;
    }
    match *rest {
        [] | [3] | [3, 0..=4] | [3, 0..=4, 0..=0x48] => Some(Probe::Undecided),
        [3, 0..=4, 0..=0x48, ..] => Some(Probe::Tls),
        _ => Some(Probe::Other),
    }
}

fn method(bytes: &[u8]) -> Probe {
    match bytes.iter().position(|&byte| !is_token(byte)) {
        Some(1..=LONGEST_METHOD) if bytes.iter().copied().find(|&b| !is_token(b)) == Some(b' ') => {
            Probe::Http
        }
        None if bytes.len() <= LONGEST_METHOD => Probe::Undecided,
        _ => Probe::Other,
    }
}

/// Whether bytes begin with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// They do.
    Yes,
    /// As far as they go; more bytes will tell.
    Perhaps,
    /// They do not.
    No,
}

fn begins(bytes: &[u8], with: &[u8]) -> Begins {
    if bytes.starts_with(with) {
        Begins::Yes
    } else if with.starts_with(bytes) {
        Begins::Perhaps
    } else {
        Begins::No
    }
}

/// Whether a head of `peer` begins here; only the common methods count, for this is a guess.
pub(super) fn begins_head(peer: Peer, bytes: &[u8]) -> Begins {
    match peer {
        Peer::Server => begins(bytes, RESPONSE),
        Peer::Client => {
            let each = REQUESTS.map(|request| begins(bytes, request));
            if each.contains(&Begins::Yes) {
                Begins::Yes
            } else if each.contains(&Begins::Perhaps) {
                Begins::Perhaps
            } else {
                Begins::No
            }
        }
    }
}

/// Whether bytes behind a loss cannot be a piece of a head: frames begin like this.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let first = bytes.first();
    first.is_some_and(|&byte| !(b' '..0x7f).contains(&byte) && !b"\t\r\n".contains(&byte))
}

/// Looks for the next head: at the start of `bytes` and at the first line starts in them.
///
/// Returns where one may begin (the length of `bytes` where none does), and how many bytes of
/// the `budget` for line starts are left.
pub(super) fn find_head(peer: Peer, bytes: &[u8], budget: usize) -> (usize, usize) {
    if begins_head(peer, bytes) != Begins::No {
        return (0, budget);
    }
    let searched = bytes.get(..budget).unwrap_or(bytes);
    let found = searched
        .iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'\n')
        .map(|(at, _)| at + 1)
        .find(|&at| begins_head(peer, bytes.get(at..).unwrap_or_default()) != Begins::No);
    (
        found.unwrap_or(bytes.len()),
        budget.saturating_sub(searched.len()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_protocol() {
        let client = |bytes: &[u8]| probe(Peer::Client, bytes);
        assert_eq!(client(b"G"), Probe::Undecided);
        assert_eq!(client(b"GET "), Probe::Http);
        assert_eq!(client(b"PRI * HTTP/2.0\r\n"), Probe::Http2);
        assert_eq!(client(b"PRI * HT"), Probe::Undecided);
        assert_eq!(client(&[0x16, 3, 1]), Probe::Undecided);
        assert_eq!(client(&[0x16, 3, 1, 2, 0, 1]), Probe::Tls);
        assert_eq!(client(&[0x17, 3, 3, 0x10, 0]), Probe::Tls);
        assert_eq!(client(&[0x82, 0x85, 1, 2]), Probe::Other);
        assert_eq!(client(b"*3\r\n$3\r\nSET"), Probe::Other);
        assert_eq!(probe(Peer::Server, b"HTTP/1.1"), Probe::Http);
        assert_eq!(probe(Peer::Server, b"HT"), Probe::Undecided);
        let settings = [0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 3];
        assert_eq!(probe(Peer::Server, &settings), Probe::Http2);
        assert_eq!(probe(Peer::Server, &settings[..8]), Probe::Undecided);
        assert_eq!(probe(Peer::Server, &[0, 0, 13, 4, 0]), Probe::Other);
        assert_eq!(probe(Peer::Client, &settings), Probe::Other);
        assert_eq!(probe(Peer::Server, b"220 mail ESMTP\r\n"), Probe::Other);
    }

    #[test]
    fn heads_are_found_at_line_starts_within_the_budget() {
        let bytes = b"of a body\r\nHTTP/1.1 200 OK\r\n";
        assert_eq!(find_head(Peer::Server, bytes, 100).0, 11);
        assert_eq!(find_head(Peer::Server, bytes, 5), (bytes.len(), 0));
        assert_eq!(find_head(Peer::Server, b"rest\nHTT", 100).0, 5);
        assert_eq!(find_head(Peer::Client, b"POST / ", 0).0, 0);
    }
}
