use super::*;
use crate::base::{Peer, Stamp};
use crate::stream::{Delivery, Missing, Piece};
use Peer::{Client, Server};

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 101 Switching";

/// What remains of one side, and what was named, for messages in this order.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    client: Vec<u8>,
    server: Vec<u8>,
    named: Vec<String>,
}

/// Gives `messages` in segments of `size` bytes; what follows the preamble is kept, too.
fn seen(messages: &[(Peer, &[u8])], size: usize) -> Seen {
    let mut preamble = Preamble::new(64 << 10);
    let mut rest: Vec<(Peer, Vec<u8>)> = Vec::new();
    let mut over = false;
    for (from, bytes) in messages {
        for bytes in bytes.chunks(size) {
            let at = Stamp::default().into();
            if over {
                rest.push((*from, bytes.to_vec()));
                continue;
            }
            match preamble.delivery(*from, Delivery::write(bytes), at) {
                Step::Wait => {}
                Step::Absent => {
                    rest.push((*from, bytes.to_vec()));
                    over = true;
                }
                Step::Over => {
                    rest.extend(kept(&mut preamble));
                    over = true;
                }
            }
        }
    }
    rest.extend(kept(&mut preamble));
    let rest_of = |wanted| {
        let of_side = rest.iter().filter(|(from, _)| *from == wanted);
        of_side.flat_map(|(_, bytes)| bytes.clone()).collect()
    };
    let named = preamble.take_named();
    Seen {
        client: rest_of(Client),
        server: rest_of(Server),
        named: named.iter().map(ToString::to_string).collect(),
    }
}

fn kept(preamble: &mut Preamble) -> Vec<(Peer, Vec<u8>)> {
    let rest = preamble.take_rest().into_iter();
    rest.filter_map(|(from, piece)| match piece {
        Piece::Chunk { bytes, .. } => Some((from, bytes)),
        Piece::Gap { .. } => None,
    })
    .collect()
}

/// These messages, with an upgrade after them, name this and leave the upgrade over, however they
/// are cut.
fn passes(messages: &[(Peer, &[u8])], named: &[&str]) {
    let upgrade = [(Client, REQUEST), (Server, ANSWER)];
    let all: Vec<_> = messages.iter().copied().chain(upgrade).collect();
    for size in [1, 2, 3, 7, 5000] {
        let seen = seen(&all, size);
        assert_eq!(seen.client, REQUEST, "{size}");
        assert_eq!(seen.server, ANSWER, "{size}");
        assert_eq!(seen.named, named, "{size}");
    }
}

/// These messages are no preamble: every byte of them is handed on.
fn hands_on(messages: &[(Peer, &[u8])]) {
    let of = |wanted| -> Vec<u8> {
        let of_side = messages.iter().filter(|(from, _)| *from == wanted);
        of_side.flat_map(|(_, bytes)| bytes.to_vec()).collect()
    };
    for size in [1, 2, 5000] {
        let seen = seen(messages, size);
        assert_eq!(seen.client, of(Client), "{size}");
        assert_eq!(seen.server, of(Server), "{size}");
        assert!(seen.named.is_empty());
    }
}

fn v2(command: u8, family: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [proxy_v2::BEGINS, &[command, family], &length, content].concat()
}

#[test]
fn proxy_lines_are_passed_over() {
    let line = b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n";
    passes(
        &[(Client, line)],
        &["PROXY v1 for client 203.0.113.7:51234"],
    );
    let line = b"PROXY TCP6 2001:db8::7 2001:db8::1 51234 443\r\n";
    passes(
        &[(Client, line)],
        &["PROXY v1 for client [2001:db8::7]:51234"],
    );
    passes(&[(Client, b"PROXY UNKNOWN\r\n")], &[]);
    passes(&[(Client, b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")], &[]);
}

#[test]
fn what_is_no_proxy_line_is_handed_on() {
    for line in [
        &b"PROXY TCP4 203.0.113.7 192.0.2.1 51234\r\n"[..],
        b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 65536\r\n",
        b"PROXY TCP4 203.0.113.7 192.0.2.1 +5 443\r\n",
        b"PROXY TCP4 2001:db8::7 192.0.2.1 51234 443\r\n",
        b"PROXY TCP6 203.0.113.7 192.0.2.1 51234 443\r\n",
        b"PROXY UDP4 203.0.113.7 192.0.2.1 51234 443\r\n",
        b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\n",
        b"PROXY * HTTP/1.1\r\n",
        b"PROPFIND / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\n",
        b"P",
        b"\r\n\r\nGET / HTTP/1.1\r\n",
    ] {
        hands_on(&[(Client, line)]);
    }
    let long = [&b"PROXY UNKNOWN "[..], &[b'x'; 200], b"\r\n"].concat();
    hands_on(&[(Client, &long)]);
}

#[test]
fn proxy_headers_are_passed_over_with_their_fields() {
    let ports = [0xc8, 0x22, 0x01, 0xbb];
    let ipv4 = [&[203, 0, 113, 7, 192, 0, 2, 1][..], &ports].concat();
    let named = ["PROXY v2 for client 203.0.113.7:51234"];
    passes(&[(Client, &v2(0x21, 0x11, &ipv4))], &named);
    // ALPN, authority, and padding of 3000 bytes.
    let fields = [
        &[1, 0, 2, b'h', b'2', 2, 0, 1, b'h', 4, 0x0b, 0xb8][..],
        &[0; 3000],
    ]
    .concat();
    let whole = [&ipv4[..], &fields].concat();
    passes(&[(Client, &v2(0x21, 0x11, &whole))], &named);
    let mut ipv6 = [0; 36];
    ipv6[15] = 1;
    ipv6[32..].copy_from_slice(&ports);
    passes(
        &[(Client, &v2(0x21, 0x21, &ipv6))],
        &["PROXY v2 for client [::1]:51234"],
    );
    let mut unix = [0; 216];
    unix[..9].copy_from_slice(b"/run/sock");
    passes(
        &[(Client, &v2(0x21, 0x31, &unix))],
        &["PROXY v2 for client /run/sock"],
    );
    // LOCAL: a health check of the proxy itself.
    passes(&[(Client, &v2(0x20, 0, &[]))], &[]);
    passes(&[(Client, &v2(0x20, 0x11, &ipv4))], &[]);
    hands_on(&[(Client, &v2(0x31, 0x11, &ipv4))]);
    hands_on(&[(Client, &v2(0x22, 0x11, &ipv4))]);
    hands_on(&[(Client, &v2(0x21, 0x11, &ipv4[..11]))]);
    let whole = v2(0x21, 0x11, &ipv4);
    hands_on(&[(Client, &whole[..20])]);
}

#[test]
fn socks_handshakes_are_passed_over() {
    let granted = [0, 90, 0, 0, 0, 0, 0, 0];
    let request = b"\x04\x01\x1f\x90\xc0\x00\x02\x01joe\0";
    passes(
        &[(Client, request), (Server, &granted)],
        &["SOCKS 4 to server 192.0.2.1:8080"],
    );
    let request = b"\x04\x01\x1f\x90\0\0\0\x01\0example.org\0";
    passes(
        &[(Client, request), (Server, &granted)],
        &["SOCKS 4 to server example.org:8080"],
    );
    let named = ["SOCKS 5 to server example.org:8080"];
    let (hello, ask) = (
        &b"\x05\x02\0\x02"[..],
        &b"\x05\x01\0\x03\x0bexample.org\x1f\x90"[..],
    );
    let done = b"\x05\0\0\x01\0\0\0\0\0\0";
    let open = [
        (Client, hello),
        (Server, &b"\x05\0"[..]),
        (Client, ask),
        (Server, done),
    ];
    passes(&open, &named);
    let with_password = [
        (Client, hello),
        (Server, &b"\x05\x02"[..]),
        (Client, &b"\x01\x03joe\x06secret"[..]),
        (Server, &b"\x01\0"[..]),
        (Client, ask),
        (Server, done),
    ];
    passes(&with_password, &named);
    // A PROXY header before it.
    let line = b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 443\r\n";
    let both: Vec<_> = std::iter::once((Client, &line[..])).chain(open).collect();
    passes(&both, &["PROXY v1 for client 203.0.113.7:51234", named[0]]);
}

#[test]
fn one_direction_of_socks_is_enough_where_http_follows() {
    let client = b"\x05\x01\0\x05\x01\0\x01\xc0\0\x02\x01\x1f\x90";
    for size in [1, 3, 500] {
        let seen = seen(&[(Client, client), (Client, REQUEST)], size);
        assert_eq!(seen.client, REQUEST);
        assert_eq!(seen.named, ["SOCKS 5 to server 192.0.2.1:8080"]);
    }
    let server = b"\x05\0\x05\0\0\x01\0\0\0\0\0\0";
    assert_eq!(
        seen(&[(Server, server), (Server, ANSWER)], 5).server,
        ANSWER
    );
    // A fragment of 90 bytes begins as the reply of SOCKS 4 does.
    let frame = [&[0, 90][..], &[b'x'; 90]].concat();
    hands_on(&[(Server, &frame), (Server, &frame)]);
}

#[test]
fn what_is_no_socks_is_handed_on() {
    let hello = b"\x05\x01\0";
    hands_on(&[(Client, hello), (Server, b"\x05\xff")]);
    hands_on(&[
        (Client, hello),
        (Server, b"\x05\0"),
        (Client, b"\x05\x02\0\x01\0\0\0\0\0\0"),
    ]);
    hands_on(&[
        (Client, b"\x04\x01\x1f\x90\xc0\0\x02\x01\0"),
        (Server, &[0, 91, 0, 0, 0, 0, 0, 0]),
    ]);
    hands_on(&[(Client, hello), (Server, b"HTTP/1.1 400")]);
    hands_on(&[(Client, &[0x81, 0x85, 1, 2, 3, 4])]);
    hands_on(&[(Server, &[0x81, 2, b'h', b'i'])]);
}

#[test]
fn a_gap_and_the_limit_end_the_wait() {
    let at = Stamp::default().into();
    let mut preamble = Preamble::new(100);
    let begun = |preamble: &mut Preamble| {
        preamble.delivery(Client, Delivery::write(&v2(0x21, 0x11, &[0; 60])[..50]), at)
    };
    assert_eq!(begun(&mut preamble), Step::Wait);
    let gap = Delivery::Gap(Missing::Bytes(9));
    assert_eq!(preamble.delivery(Client, gap, at), Step::Over);
    assert_eq!(preamble.take_rest().len(), 2);
    let mut preamble = Preamble::new(100);
    let long = v2(0x21, 0x11, &[0; 300]);
    assert_eq!(
        preamble.delivery(Client, Delivery::write(&long[..101]), at),
        Step::Over
    );
    let mut preamble = Preamble::new(100);
    assert_eq!(preamble.delivery(Client, gap, at), Step::Absent);
}
