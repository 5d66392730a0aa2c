use super::*;

fn request(bytes: &[u8]) -> RequestHead {
    match parse_request(bytes) {
        Parsed::Complete { value, .. } => value,
        other => panic!("{other:?}"),
    }
}

const UPGRADE: &[u8] = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nupgrade:websocket\r\n\
    Connection: keep-alive,\tUpgrade \r\nX-Folded: one\r\n  two\r\nX-Empty:\r\n\r\n";

#[test]
fn a_request_is_read() {
    let head = request(UPGRADE);
    assert_eq!(
        (&head.method[..], &head.target[..]),
        (&b"GET"[..], &b"/chat"[..])
    );
    assert_eq!(head.version, Version::HTTP_1_1);
    assert_eq!(head.headers.first("HOST"), Some(&b"server.example.com"[..]));
    assert_eq!(head.headers.first("x-folded"), Some(&b"one two"[..]));
    assert_eq!(head.headers.first("x-empty"), Some(&b""[..]));
    assert!(head.headers.has_element("Connection", "upgrade"));
    assert!(head.headers.has_element("Upgrade", "WebSocket"));
    assert!(!head.headers.has_element("Connection", "close"));
    assert_eq!(head.headers.iter().count(), 5);
}

#[test]
fn a_head_cut_anywhere_is_incomplete() {
    for end in 0..UPGRADE.len() {
        assert_eq!(parse_request(&UPGRADE[..end]), Parsed::Incomplete, "{end}");
    }
    let mut more = UPGRADE.to_vec();
    more.extend_from_slice(b"\x81\x00");
    let Parsed::Complete { used, .. } = parse_request(&more) else {
        panic!("complete")
    };
    assert_eq!(used, UPGRADE.len());

    let response = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    for end in 0..response.len() {
        assert_eq!(
            parse_response(&response[..end]),
            Parsed::Incomplete,
            "{end}"
        );
    }
}

#[test]
fn real_peers_are_met_halfway() {
    let head = request(b"\r\n\nGET  / HTTP/1.0 \nHost: \x80h\nno colon\n\n");
    assert_eq!(head.version, Version { major: 1, minor: 0 });
    assert_eq!(head.headers.joined("host"), Some("\u{fffd}h".to_owned()));
    assert_eq!(head.headers.first("no colon"), Some(&b""[..]));

    for line in [
        "HTTP/1.1 101\r\n",
        "HTTP/1.1 101 \n",
        "HTTP/1.1  101 Web\tSocket\r\n",
    ] {
        let parsed = parse_response(format!("{line}\r\n").as_bytes());
        let Parsed::Complete { value, .. } = parsed else {
            panic!("{line}")
        };
        assert_eq!(value.status, 101);
    }
}

#[test]
fn what_is_no_head_is_said_to_be_none() {
    for bytes in [
        &b"EHLO mail\r\n"[..],
        b"GET / HTTP/1.1 x\r\n",
        b"GET /\r\n",
        b"G@T / HTTP/1.1\r\n",
        b"\x16\x03\x01",
        b"GET /\x7f HTTP/1.1\r\n",
    ] {
        assert_eq!(
            parse_request(bytes),
            Parsed::Invalid(Malformed::StartLine),
            "{bytes:?}"
        );
    }
    for bytes in [
        &b"HTTP/1.1 1o1\r\n"[..],
        b"HTTP/1.1 1011 x\r\n",
        b"ICY 200 OK\r\n",
    ] {
        assert_eq!(
            parse_response(bytes),
            Parsed::Invalid(Malformed::StartLine),
            "{bytes:?}"
        );
    }
    let nul = b"GET / HTTP/1.1\r\na\0: b\r\n";
    assert_eq!(parse_request(nul), Parsed::Invalid(Malformed::HeaderLine));
}

#[test]
fn several_lines_are_one_list() {
    let head = request(b"GET / HTTP/1.1\r\nA: x, y\r\nB: 1\r\na:,z,\r\n\r\n");
    let elements: Vec<_> = head.headers.elements("a").collect();
    assert_eq!(elements, [b"x", b"y", b"z"]);
    assert_eq!(head.headers.joined("A").unwrap(), "x, y, ,z,");
    assert_eq!(head.headers.joined("C"), None);
}

proptest::proptest! {
    #[test]
    fn random_bytes_never_panic(bytes: Vec<u8>) {
        let _ = parse_request(&bytes);
        let _ = parse_response(&bytes);
        let head = [b"GET / HTTP/1.1\r\n", &bytes[..], b"\r\n\r\n"].concat();
        let _ = parse_request(&head);
    }
}
