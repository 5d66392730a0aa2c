use super::*;
use crate::finding::Code;
use crate::subprotocol::testing::{Talk, suits};
use crate::subprotocol::unit::{Answered, Part, Unit, UnitStatus};

use Peer::{Client, Server};

const CONNECT: &str = "CONNECT\naccept-version:1.2\nhost:h\nheart-beat:1000,1000\n\n\0";
const CONNECTED: &str = "CONNECTED\nversion:1.2\nheart-beat:500,2000\n\n\0\n";

fn talk() -> Talk {
    Talk::timeless(&ENTRY, &Opening::default())
}

/// A session of a version, without heart-beats.
fn session(version: &str) -> Talk {
    let mut talk = talk();
    talk.say(Client, "CONNECT\n\n\0");
    talk.say(Server, format!("CONNECTED\nversion:{version}\n\n\0"));
    talk
}

fn kinds(units: &[Unit]) -> Vec<&str> {
    units.iter().map(|unit| unit.kind.as_ref()).collect()
}

fn fields(unit: &Unit) -> Vec<(&str, &str)> {
    let all = unit.fields.iter();
    all.map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect()
}

fn part(message: u64, start: u64, length: u64) -> Part {
    Part {
        message,
        start,
        length,
    }
}

#[test]
fn a_session_is_read_as_its_peers_read_it() {
    let mut talk = talk();
    talk.say(Client, CONNECT);
    let connected = talk.pause(5).say(Server, CONNECTED)[0].clone();
    assert_eq!(connected.kind, "CONNECTED");
    assert_eq!(
        connected.answers,
        [Answered {
            message: 1,
            unit: 0
        }]
    );
    assert_eq!(connected.after, Some(5_000_000));
    let subscribe = "SUBSCRIBE\nid:sub-0\ndestination:/topic/a\nack:client\nreceipt:r1\n\n\0";
    let unit = talk.say(Client, subscribe)[0].clone();
    assert_eq!(unit.subject.as_deref(), Some("/topic/a"));
    assert_eq!(unit.id.as_deref(), Some("sub-0"));
    let receipt = talk.say(Server, "RECEIPT\nreceipt-id:r1\n\n\0")[0].clone();
    assert_eq!(
        receipt.answers,
        [Answered {
            message: 3,
            unit: 0
        }]
    );
    for id in 1..=3 {
        let text = format!(
            "MESSAGE\nsubscription:sub-0\nmessage-id:m{id}\nack:a{id}\ndestination:/topic/a\n\n{{}}\0"
        );
        let message = talk.say(Server, text)[0].clone();
        assert_eq!(message.body.as_deref(), Some("{}"));
        assert_eq!(message.id.as_deref(), Some("sub-0"));
    }
    // Mode `client`: all up to that one.
    let ack = talk.pause(10).say(Client, "ACK\nid:a2\n\n\0")[0].clone();
    let answered: Vec<_> = ack.answers.iter().map(|to| to.message).collect();
    assert_eq!(answered, [5, 6]);
    assert_eq!(ack.subject.as_deref(), Some("/topic/a"));
    assert_eq!(ack.after, Some(10_000_000));
    let (codes, pending) = talk.pause(1000).end();
    assert_eq!(codes, [Code::StompUnacknowledged]);
    assert_eq!(pending, ["MESSAGE /topic/a sub-0"]);
}

#[test]
fn acknowledgements_one_by_one_and_by_message_id() {
    for (version, mode, named, left) in [
        ("1.2", "client-individual", "ACK\nid:a2\n\n\0", 2),
        ("1.2", "auto", "ACK\nid:a2\n\n\0", 0),
        (
            "1.1",
            "client",
            "ACK\nsubscription:0\nmessage-id:m2\n\n\0",
            1,
        ),
        (
            "1.1",
            "client-individual",
            "NACK\nsubscription:0\nmessage-id:m2\n\n\0",
            2,
        ),
        ("1.0", "client", "ACK\nmessage-id:m2\n\n\0", 1),
    ] {
        let mut talk = session(version);
        talk.say(
            Client,
            format!("SUBSCRIBE\nid:0\ndestination:/q\nack:{mode}\n\n\0"),
        );
        for id in 1..=3 {
            let ack = if version == "1.2" {
                format!("ack:a{id}\n")
            } else {
                String::new()
            };
            talk.say(
                Server,
                format!("MESSAGE\nsubscription:0\nmessage-id:m{id}\n{ack}\n\0"),
            );
        }
        talk.say(Client, named);
        assert_eq!(talk.end().1.len(), left, "{version} {mode}");
    }
}

#[test]
fn escapes_are_those_of_the_version_and_not_before_connected() {
    for (version, sent, read, wrong) in [
        ("1.0", r"a\cb\n", r"a\cb\n", false),
        ("1.1", r"a\cb\\n", r"a:b\n", false),
        ("1.1", r"a\r", r"a\r", true),
        ("1.2", r"a\r\c\n\\", "a\r:\n\\", false),
        ("1.2", r"a\t", r"a\t", true),
    ] {
        let mut talk = session(version);
        let text = format!("SEND\ndestination:/q\nx:{sent}\n\n\0");
        let unit = talk.say(Client, text)[0].clone();
        assert_eq!(fields(&unit)[1], ("x", read), "{version} {sent}");
        let expected: &[Code] = if wrong {
            &[Code::StompEscapeUndefined]
        } else {
            &[]
        };
        assert_eq!(talk.codes(), expected, "{version} {sent}");
    }
    let mut talk = talk();
    let unit = talk.say(Client, "CONNECT\npasscode:pa\\css\n\n\0")[0].clone();
    assert_eq!(fields(&unit), [("passcode", r"pa\css")]);
    let unit = talk.say(Client, "SEND\nx:a\\cb\n\n\0")[0].clone();
    assert_eq!(fields(&unit), [("x", r"a\cb")]);
    assert_eq!(talk.codes(), []);
}

#[test]
fn the_announced_length_counts_before_a_nul_does() {
    let mut talk = session("1.2");
    let units = talk
        .say(Client, "SEND\ncontent-length:3\n\na\0b\0SEND\n\nx\0")
        .to_vec();
    assert_eq!(kinds(&units), ["SEND", "SEND"]);
    assert_eq!(units[0].body.as_deref(), Some("a\0b"));
    assert_eq!(units[0].parts, [part(3, 0, 27)]);
    assert_eq!(units[1].parts, [part(3, 27, 8)]);
    // A length that is too short: the NUL ends it.
    let units = talk
        .say(Client, "SEND\ncontent-length:2\n\nabcd\0")
        .to_vec();
    assert_eq!(units[0].body.as_deref(), Some("abcd"));
    assert_eq!(units[0].status, UnitStatus::Error);
    // One that is too long: the next frame does.
    assert!(
        talk.say(Client, "SEND\ncontent-length:9\n\nabcd\0")
            .is_empty()
    );
    let units = talk.say(Client, "SEND\n\n\0").to_vec();
    assert_eq!(kinds(&units), ["SEND", "SEND"]);
    assert_eq!(units[0].parts, [part(5, 0, 28)]);
    assert_eq!(talk.codes(), [Code::StompLengthWrong; 2]);
}

#[test]
fn frames_go_over_messages_and_share_them() {
    let text =
        "SEND\ndestination:/q\ncontent-length:10\n\n0123456789\0\nSEND\ndestination:/r\n\nx\0";
    let mut whole = session("1.2");
    let expected: Vec<_> = whole.say(Client, text).to_vec();
    assert_eq!(kinds(&expected), ["SEND", "SEND"]);
    for first in 1..text.len() {
        for second in first + 1..text.len() {
            let mut talk = session("1.2");
            let mut units = Vec::new();
            for piece in [&text[..first], &text[first..second], &text[second..]] {
                units.extend(talk.say(Client, piece).to_vec());
            }
            let told: Vec<_> = units.iter().filter(|unit| unit.kind == "SEND").collect();
            for (told, expected) in told.iter().zip(&expected) {
                assert_eq!(told.fields, expected.fields, "{first} {second}");
                assert_eq!(told.body, expected.body, "{first} {second}");
                let length = |unit: &Unit| unit.parts.iter().map(|part| part.length).sum::<u64>();
                assert_eq!(length(told), length(expected), "{first} {second}");
            }
            assert_eq!(told.len(), 2, "{first} {second}");
            assert_eq!(talk.codes(), [], "{first} {second}");
        }
    }
}

#[test]
fn a_frame_without_its_nul_ends_where_the_next_one_begins() {
    let mut talk = session("1.2");
    assert!(talk.say(Server, "RECEIPT\nreceipt-id:1\n\n").is_empty());
    let units = talk.say(Server, "RECEIPT\nreceipt-id:2\n\n\0").to_vec();
    let ids: Vec<_> = units.iter().map(|unit| unit.id.as_deref()).collect();
    assert_eq!(ids, [Some("1"), Some("2")]);
    assert!(
        talk.say(Server, "MESSAGE\nsubscription:0\n\ntext")
            .is_empty()
    );
    assert_eq!(kinds(talk.say(Server, "\n")), ["MESSAGE", "heart-beat"]);
    let nuls = talk.codes();
    assert_eq!(nuls[..1], [Code::StompNulMissing]);
    assert_eq!(
        nuls.iter()
            .filter(|code| **code == Code::StompNulMissing)
            .count(),
        2
    );
}

#[test]
fn end_of_lines_and_carriage_returns() {
    let mut talk = session("1.2");
    assert_eq!(kinds(talk.say(Client, "\n")), ["heart-beat"]);
    assert_eq!(kinds(talk.say(Server, "\r\n")), ["heart-beat"]);
    let units = talk
        .say(Client, "\n\r\nSEND\r\ndestination:/q\r\n\r\nbody\0\r\n\n")
        .to_vec();
    assert_eq!(kinds(&units), ["SEND"]);
    assert_eq!(units[0].subject.as_deref(), Some("/q"));
    assert_eq!(units[0].parts, [part(5, 3, 29)]);
}

#[test]
fn of_repeated_headers_the_first_counts_and_all_are_shown() {
    let mut talk = session("1.2");
    let units = talk.say(
        Client,
        "SEND\ndestination:/a\ndestination:/b\ndestination:/c\n\n\0",
    );
    assert_eq!(units[0].subject.as_deref(), Some("/a"));
    let expected = [
        ("destination", "/a"),
        ("destination#2", "/b"),
        ("destination#3", "/c"),
    ];
    assert_eq!(fields(&units[0]), expected);
}

/// Both announce; the client agrees to a beat every 2 s, the server to one every second.
fn beating() -> Talk {
    let mut talk = talk();
    talk.say(Client, CONNECT);
    talk.say(Server, CONNECTED);
    talk
}

#[test]
fn heart_beats_are_held_against_what_was_agreed() {
    let mut talk = beating();
    for _ in 0..4 {
        talk.pause(1000).say(Server, "\n");
        talk.pause(400).say(Server, "\n");
        talk.pause(600).say(Client, "\n");
        talk.say(Server, "\n");
    }
    assert_eq!(talk.codes(), []);
    talk.pause(1600).say(Server, "\n");
    assert_eq!(talk.codes(), [Code::StompHeartBeatLate]);
    talk.pause(2100).control(Server, Control::Ping);
    assert_eq!(talk.codes()[1..], [Code::StompHeartBeatMissed]);
    talk.say(Client, "\n");
    assert_eq!(talk.codes().len(), 3);
    let text = &*talk.told.findings[2].text;
    assert!(text.contains("3.70 s") && text.contains("2.00 s"), "{text}");
}

#[test]
fn who_agreed_and_sent_none_is_named_and_who_closed_is_not() {
    let mut talk = beating();
    talk.pause(1800).say(Client, "\n");
    talk.pause(1000);
    assert_eq!(talk.end().0, [Code::StompHeartBeatNever]);
    assert_eq!(talk.told.findings[0].from, Some(Server));
    let mut talk = beating();
    talk.say(Client, "DISCONNECT\n\n\0");
    talk.pause(60_000);
    assert_eq!(talk.end().0, []);
    // Nothing was agreed where one side does not want any.
    let mut talk = session("1.2");
    talk.pause(60_000);
    assert_eq!(talk.end().0, []);
    // What is lost may have been heart-beats.
    let mut talk = beating();
    talk.pause(60_000).lost(Server);
    talk.lost(Client);
    assert_eq!(talk.end().0, []);
}

#[test]
fn a_silence_before_the_other_side_gives_up_is_told() {
    let close = Control::Close(Some((1000, "")));
    let mut talk = beating();
    talk.say(Client, "\n");
    talk.pause(4500).say(Server, "\n");
    talk.control(Server, close);
    // Once the client is heard again, or at the end.
    talk.pause(9000).control(Client, close);
    let codes = [Code::StompHeartBeatMissed, Code::StompHeartBeatMissed];
    assert_eq!(talk.codes(), [Code::StompHeartBeatNever, codes[0]]);
    let text = &*talk.told.findings[1].text;
    assert!(
        text.contains("for 4.50 s before the server closes"),
        "{text}"
    );
    assert_eq!(talk.end().0.len(), 2);
    let mut talk = beating();
    talk.say(Client, "\n");
    talk.pause(900).say(Server, "\n");
    talk.pause(3600).say(Client, "DISCONNECT\n\n\0");
    assert_eq!(talk.pause(60_000).end().0, codes);
    let text = &*talk.told.findings[1].text;
    assert!(
        text.contains("3.60 s before the client's DISCONNECT"),
        "{text}"
    );
}

#[test]
fn what_comes_late_because_of_a_loss_is_no_silence() {
    let mut talk = beating();
    talk.pause(5000).say(Client, "DISCONNECT\n\n\0");
    let seen = talk.codes();
    talk.lost(Server);
    assert_eq!(
        (seen.as_slice(), talk.end().0.as_slice()),
        (&[Code::StompHeartBeatNever][..], &seen[..])
    );
}

#[test]
fn an_error_names_what_it_answers_or_what_went_before() {
    let mut talk = session("1.2");
    talk.say(Client, "SEND\ndestination:/q\nreceipt:r\n\n\0");
    talk.say(Client, "SUBSCRIBE\nid:0\ndestination:/nowhere\n\n\0");
    let units = talk
        .say(Server, "ERROR\nreceipt-id:r\nmessage:no\n\nlong\0")
        .to_vec();
    assert_eq!(
        units[0].answers,
        [Answered {
            message: 3,
            unit: 0
        }]
    );
    assert_eq!(units[0].status, UnitStatus::Error);
    assert_eq!(units[0].body.as_deref(), Some("no: long"));
    talk.say(Server, "ERROR\nmessage:unknown\n\n\0");
    let texts: Vec<_> = talk.told.findings.iter().map(|note| &*note.text).collect();
    assert_eq!(
        texts,
        [
            "the server sends ERROR: no; it answers message 3, SEND /q r",
            "the server sends ERROR: unknown; the client's last frame before it is message 4, \
             SUBSCRIBE /nowhere 0"
        ]
    );
    let mut talk = beating();
    talk.pause(4000)
        .say(Server, "ERROR\nmessage:AMQ229014\\c none\n\n\0");
    let mut errors = talk.told.findings.iter();
    let error = errors.find(|note| note.code == Code::StompError).unwrap();
    let text = &*error.text;
    assert!(text.contains("AMQ229014: none"), "{text}");
    assert!(
        text.ends_with("sent nothing for 4.00 s, and had agreed to 2.00 s"),
        "{text}"
    );
}

#[test]
fn what_is_open_at_the_end_is_told() {
    let mut talk = session("1.2");
    talk.say(Client, "BEGIN\ntransaction:t1\n\n\0");
    talk.say(Client, "BEGIN\ntransaction:t2\n\n\0");
    let commit = talk.pause(7).say(Client, "COMMIT\ntransaction:t2\n\n\0")[0].clone();
    assert_eq!(commit.after, Some(7_000_000));
    talk.say(Client, "DISCONNECT\nreceipt:bye\n\n\0");
    let (codes, pending) = talk.pause(1000).end();
    assert_eq!(
        codes,
        [Code::StompReceiptMissing, Code::StompTransactionOpen]
    );
    assert_eq!(pending, ["BEGIN t1", "DISCONNECT bye"]);
}

#[test]
fn a_session_has_one_connect() {
    let mut talk = session("1.2");
    talk.say(Client, CONNECT);
    assert_eq!(talk.codes(), [Code::StompConnectAgain]);
}

#[test]
fn subscriptions_that_do_not_exist() {
    let mut talk = session("1.2");
    talk.say(Server, "MESSAGE\nsubscription:9\nmessage-id:1\n\n\0");
    assert_eq!(talk.codes(), [Code::StompSubscriptionUnknown]);
    // Perhaps it went by unseen.
    let mut talk = session("1.2");
    talk.lost(Client);
    talk.say(Server, "MESSAGE\nsubscription:9\nmessage-id:1\n\n\0");
    assert_eq!(talk.codes(), []);
}

#[test]
fn answers_may_be_read_before_what_they_answer() {
    let mut talk = session("1.2");
    talk.say(Client, "SUBSCRIBE\nid:0\ndestination:/q\nack:client\n\n\0");
    talk.say(Server, "RECEIPT\nreceipt-id:r\n\n\0");
    talk.say(Client, "ACK\nid:a\n\n\0");
    talk.say(Client, "UNSUBSCRIBE\nid:0\n\n\0");
    talk.say(Client, "SEND\nreceipt:r\n\n\0");
    talk.say(Server, "MESSAGE\nsubscription:0\nack:a\n\n\0");
    assert_eq!(talk.end(), (Vec::new(), Vec::new()));
}

#[test]
fn a_close_stands_for_the_last_receipt() {
    let mut talk = session("1.2");
    talk.say(Client, "DISCONNECT\nreceipt:bye\n\n\0");
    talk.control(Server, Control::Close(Some((1000, ""))));
    assert_eq!(talk.end(), (Vec::new(), Vec::new()));
}

#[test]
fn what_is_no_frame_is_told_once_and_passed_over() {
    let mut talk = session("1.2");
    talk.say(Client, "GET / HTTP/1.1\r\nhost: h\r\n\r\n\0");
    assert_eq!(talk.codes(), [Code::StompFrameInvalid]);
    let mut talk = session("1.2");
    let units = talk.say(Client, "SEND\nno colon\n\n\0").to_vec();
    assert_eq!(units[0].status, UnitStatus::Error);
    assert_eq!(talk.codes(), [Code::StompFrameInvalid]);
}

fn holed(talk: &mut Talk, text: &str, holes: &[(u64, u64)]) -> Vec<Unit> {
    let mut bytes = text.as_bytes().to_vec();
    for (start, length) in holes {
        let start = usize::try_from(*start).unwrap();
        let length = usize::try_from(*length).unwrap();
        bytes[start..start + length].fill(0);
    }
    talk.message(Client, true, &bytes, holes).units
}

#[test]
fn a_hole_costs_only_the_frame_that_it_touches() {
    let text = "SEND\n\na\0SEND\ncontent-length:8\n\n01234567\0SEND\n\nb\0";
    let mut whole = session("1.2");
    let expected = whole.say(Client, text).to_vec();
    for start in 0..text.len() as u64 {
        for length in 1..8.min(text.len() as u64 - start) {
            let mut talk = session("1.2");
            let units = holed(&mut talk, text, &[(start, length)]);
            let touched = |unit: &Unit| {
                let part = unit.parts[0];
                part.start < start + length && start < part.start + part.length
            };
            let untouched: Vec<_> = expected.iter().filter(|unit| !touched(unit)).collect();
            let whole: Vec<_> = units
                .iter()
                .filter(|unit| unit.status == UnitStatus::Ok)
                .collect();
            assert_eq!(whole, untouched, "{start} {length}");
            assert_eq!(talk.codes(), [], "{start} {length}");
        }
    }
    // The announced length leads over a hole in a body.
    let mut talk = session("1.2");
    let units = holed(&mut talk, text, &[(33, 4)]);
    let statuses: Vec<_> = units.iter().map(|unit| unit.status).collect();
    assert_eq!(
        statuses,
        [UnitStatus::Ok, UnitStatus::Partial, UnitStatus::Ok]
    );
}

#[test]
fn after_a_loss_the_next_frame_is_found() {
    let mut talk = session("1.2");
    talk.lost(Client);
    let units = talk
        .say(Client, "rest of a body\0\nSEND\ndestination:/q\n\n\0")
        .to_vec();
    assert_eq!(kinds(&units), ["SEND"]);
    assert_eq!(units[0].parts, [part(3, 16, 22)]);
    talk.lost(Client);
    assert!(talk.say(Client, "no frame in it").is_empty());
    assert_eq!(kinds(talk.say(Client, "SEND\n\n\0")), ["SEND"]);
    assert_eq!(talk.codes(), []);
}

#[test]
fn first_messages_are_recognised() {
    let suits = |from, text: &str| suits(&ENTRY, "/", from, true, text.as_bytes());
    assert_eq!(suits(Client, CONNECT), Confidence::Certain);
    assert_eq!(suits(Server, CONNECTED), Confidence::Certain);
    assert_eq!(
        suits(Server, "\nMESSAGE\nsubscription:0\n\nx"),
        Confidence::Certain
    );
    assert_eq!(suits(Client, "SEND\ndestination:/q"), Confidence::Possible);
    assert_eq!(suits(Client, "\n"), Confidence::Possible);
    for no in [
        "",
        "CONNECTED\n\n\0",
        "SENDING\n\n\0",
        "SEND me\n\n",
        "ACK\n{\n\n",
        "{}",
    ] {
        assert_eq!(suits(Client, no), Confidence::No, "{no:?}");
    }
}

#[test]
fn tables_are_bounded() {
    let limits = crate::base::Limits {
        questions: 2,
        unit_bytes: 64,
        ..crate::base::Limits::default()
    };
    let opening = Opening {
        limits,
        ..Opening::default()
    };
    let mut talk = Talk::timeless(&ENTRY, &opening);
    talk.say(Client, "CONNECT\n\n\0");
    talk.say(Server, "CONNECTED\nversion:1.2\n\n\0");
    talk.say(Client, "SUBSCRIBE\nid:0\ndestination:/q\nack:client\n\n\0");
    for id in 0..5 {
        talk.say(Client, format!("SEND\nreceipt:{id}\n\n\0"));
        talk.say(Server, format!("MESSAGE\nsubscription:0\nack:{id}\n\n\0"));
    }
    talk.say(Client, "SEND\n".to_owned() + &"x:y\n".repeat(40));
    assert_eq!(talk.end().1.len(), 4);
    assert!(talk.codes().contains(&Code::StompFrameInvalid));
}
