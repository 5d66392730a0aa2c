use super::*;
use crate::http::parse_extensions;

fn read(list: &str) -> Vec<Extension> {
    parse_extensions([list.as_bytes()].into_iter()).0
}

fn agreement(offered: &str, agreed: &str) -> (Agreement, Vec<(Code, Peer)>) {
    let (agreement, seen) = agree(&read(offered), &read(agreed));
    let seen = seen.iter().map(|seen| (seen.code, seen.from.unwrap()));
    (agreement, seen.collect())
}

/// Parameters as `(client bits, client resets, server bits, server resets)`.
fn permessage(client: u8, client_resets: bool, server: u8, server_resets: bool) -> Agreement {
    Agreement::PermessageDeflate(both(client, client_resets, server, server_resets))
}

fn both(client: u8, client_resets: bool, server: u8, server_resets: bool) -> PerPeer<Parameters> {
    PerPeer {
        client: parameters(WindowBits::new(client), client_resets),
        server: parameters(WindowBits::new(server), server_resets),
    }
}

#[test]
fn well_behaved_peers_agree_without_observations() {
    let default = permessage(15, false, 15, false);
    let cases = [
        // RFC 7692 §7.1.3: the simplest offer, its answer, and further answers to the second.
        ("permessage-deflate", "permessage-deflate", default),
        (
            "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=10",
            permessage(15, false, 10, false),
        ),
        // RFC 7692 §7.1.3: the fallback offer is the one accepted.
        (
            "permessage-deflate; client_max_window_bits; server_max_window_bits=10, \
             permessage-deflate; client_max_window_bits",
            "permessage-deflate",
            default,
        ),
        (
            "permessage-deflate; client_max_window_bits; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_max_window_bits=9; \
             client_no_context_takeover; server_max_window_bits=8",
            permessage(9, true, 8, true),
        ),
    ];
    for (offered, agreed, expected) in cases {
        assert_eq!(
            agreement(offered, agreed),
            (expected, vec![]),
            "{offered} | {agreed}"
        );
    }
}

#[test]
fn what_the_rules_leave_open_gives_no_observation() {
    let default = permessage(15, false, 15, false);
    let cases = [
        // RFC 7692 §7.1.1.1, §7.1.1.2, §7.1.2.1: the server may say these of its own accord.
        (
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=12",
            permessage(15, true, 12, true),
        ),
        // RFC 7692 §7.1.1.2: in the offer alone this is a hint and binds nobody.
        (
            "permessage-deflate; client_no_context_takeover",
            "permessage-deflate",
            default,
        ),
        // RFC 7692 §7.1.2.2: the server may ignore the value of the offer.
        (
            "permessage-deflate; client_max_window_bits=10",
            "permessage-deflate; client_max_window_bits=12",
            permessage(12, false, 15, false),
        ),
        (
            "permessage-deflate; server_max_window_bits=15",
            "permessage-deflate",
            default,
        ),
        (
            "permessage-deflate; server_max_window_bits=\"10\"",
            "foo; bar, permessage-deflate; server_max_window_bits=\"9\"",
            permessage(15, false, 9, false),
        ),
        // The request was not captured.
        (
            "",
            "permessage-deflate; client_max_window_bits=9; server_no_context_takeover",
            permessage(9, false, 15, true),
        ),
        ("permessage-deflate", "", Agreement::None),
        ("permessage-deflate", "permessage-foo", Agreement::None),
    ];
    for (offered, agreed, expected) in cases {
        assert_eq!(
            agreement(offered, agreed),
            (expected, vec![]),
            "{offered} | {agreed}"
        );
    }
}

#[test]
fn each_rule_of_the_response() {
    let offer = "permessage-deflate; client_max_window_bits";
    let default = permessage(15, false, 15, false);
    let check = |params: &str, code, expected| {
        let agreed = format!("permessage-deflate{params}");
        assert_eq!(
            agreement(offer, &agreed),
            (expected, vec![(code, Peer::Server)]),
            "{agreed}"
        );
    };
    for params in [
        "; server_max_window_bits",
        "; server_max_window_bits=7",
        "; server_max_window_bits=16",
        "; server_max_window_bits=08",
        "; server_max_window_bits=1e1",
        "; client_max_window_bits",
        "; server_no_context_takeover=1",
        "; client_no_context_takeover=true",
    ] {
        check(params, Code::DeflateParameterInvalid, default);
    }
    check(
        "; max_window_bits=9",
        Code::DeflateParameterUnknown,
        default,
    );
    let (bits, code) = (
        permessage(15, false, 9, false),
        Code::DeflateParameterRepeated,
    );
    check(
        "; server_max_window_bits=9; server_max_window_bits=10",
        code,
        bits,
    );
    let twice = "; client_no_context_takeover; client_no_context_takeover";
    check(twice, code, permessage(15, true, 15, false));
    check(", permessage-deflate", Code::DeflateAgreedTwice, default);
    check(
        ", x-webkit-deflate-frame",
        Code::DeflateAgreedTwice,
        default,
    );
}

#[test]
fn a_response_stays_within_the_offer() {
    let cases = [
        (
            "",
            "; client_max_window_bits=10",
            Code::DeflateClientWindowNotOffered,
        ),
        (
            "; server_max_window_bits=10",
            "; server_max_window_bits=11",
            Code::DeflateServerWindowTooLarge,
        ),
        (
            "; server_max_window_bits=10",
            "",
            Code::DeflateServerWindowTooLarge,
        ),
        (
            "; server_no_context_takeover",
            "",
            Code::DeflateServerTakeoverIgnored,
        ),
    ];
    for (offer, response, code) in cases {
        let agreed = format!("permessage-deflate{response}");
        let offered = format!("permessage-deflate{offer}");
        assert_eq!(
            agreement(&offered, &agreed).1,
            [(code, Peer::Server)],
            "{offer} {response}"
        );
        // With a second offer that it fits, it breaks nothing.
        let offered = format!("{offered}, permessage-deflate; client_max_window_bits");
        assert_eq!(agreement(&offered, &agreed).1, [], "{offered}");
    }
}

#[test]
fn bad_offers_are_the_clients_deed() {
    for (params, code) in [
        ("; server_max_window_bits", Code::DeflateParameterInvalid),
        ("; client_max_window_bits=16", Code::DeflateParameterInvalid),
        ("; foo", Code::DeflateParameterUnknown),
        (
            "; client_max_window_bits; client_max_window_bits",
            Code::DeflateParameterRepeated,
        ),
    ] {
        let offer = format!("permessage-deflate{params}");
        let accepted = (Code::DeflateInvalidOfferAccepted, Peer::Server);
        let seen = agreement(&offer, "permessage-deflate").1;
        assert_eq!(seen, [(code, Peer::Client), accepted], "{offer}");
        let seen = agreement(
            &format!("{offer}, permessage-deflate"),
            "permessage-deflate",
        )
        .1;
        assert_eq!(seen, [(code, Peer::Client)], "{offer}");
        let declined = agreement(&offer, "").1;
        assert_eq!(declined, [(code, Peer::Client)], "the server did right");
    }
}

#[test]
fn deflate_frame_binds_the_other_side() {
    let (agreed, seen) = agreement(
        "x-webkit-deflate-frame; max_window_bits=11",
        "x-webkit-deflate-frame; no_context_takeover",
    );
    assert_eq!(agreed, Agreement::DeflateFrame(both(15, true, 11, false)));
    assert_eq!(seen, []);
    let (agreed, seen) = agreement(
        "permessage-deflate, x-webkit-deflate-frame",
        "x-webkit-deflate-frame; max_window_bits=0; server_no_context_takeover",
    );
    assert_eq!(agreed, Agreement::DeflateFrame(both(15, false, 15, false)));
    let codes = [Code::DeflateParameterInvalid, Code::DeflateParameterUnknown];
    assert_eq!(seen, codes.map(|code| (code, Peer::Server)));
}

#[test]
fn window_bits_are_eight_to_fifteen() {
    assert_eq!(WindowBits::new(7), None);
    assert_eq!(WindowBits::new(16), None);
    assert_eq!(WindowBits::MIN.bytes(), 256);
    assert_eq!(WindowBits::MAX.bytes(), 32 << 10);
}
