//! Secrets that stand under another name than the connection's.

use wscope::base::Peer;
use wscope::tls::{KeySource, Status, Why};

use crate::harness::{Owned, keys_of, run};
use crate::{captures, load};

fn lines(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(captures().join(format!("{name}.keylog"))).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// The same lines for another client random.
fn renamed(lines: &[String]) -> String {
    let other = "5a".repeat(32);
    let line = |line: &String| {
        let mut words: Vec<&str> = line.split(' ').collect();
        words[1] = &other;
        words.join(" ") + "\n"
    };
    lines.iter().map(line).collect()
}

/// Makes the list of signature algorithms in the client's hello an encrypted client hello: its
/// first byte, 0, says that the hello around it is the outer one.
fn encrypted_hello(packets: &mut [Owned]) {
    let hello = packets.iter_mut().find(|packet| {
        let data = &packet.data;
        data.len() > 200 && data.windows(3).any(|bytes| bytes == [22, 3, 1])
    });
    let data = &mut hello.unwrap().data;
    let at = data
        .windows(5)
        .position(|it| it[..3] == [0, 13, 0] && it[4] == 0);
    data[at.unwrap()..][..2].copy_from_slice(&[0xfe, 0x0d]);
}

/// RFC 9849 §6.1: the random value of the hello inside is logged, the one outside is seen.
#[test]
fn an_encrypted_client_hello_hides_the_random_value_that_is_logged() {
    let (mut packets, keys) = load("wss-tls13");
    let truth = run(&packets, &keys);
    let other = keys_of(renamed(&lines("wss-tls13")).as_bytes());
    // Without such a hello lines of other names are not tried.
    let (said, facts) = &run(&packets, &other)[&1];
    assert_eq!(
        (said.known(Peer::Server).len(), facts.why),
        (0, Some(Why::NoLine))
    );
    encrypted_hello(&mut packets);
    let (said, facts) = &run(&packets, &other)[&1];
    for from in Peer::BOTH {
        assert_eq!(said.known(from), truth[&1].0.known(from));
    }
    assert_eq!(
        (facts.status, facts.keys),
        (Status::Read, Some(KeySource::Trial))
    );
    // And where no secret fits, this may be why.
    let wrong: String = renamed(&lines("wss-tls13")).replace('0', "1");
    let (_, facts) = &run(&packets, &keys_of(wrong.as_bytes()))[&1];
    assert_eq!(facts.why, Some(Why::PerhapsEncryptedHello));
}

/// RFC 5246 §7.3: a session that is gone on with has the master secret of its first handshake, and
/// some libraries log that once.
#[test]
fn a_resumed_session_has_the_secret_of_the_first() {
    for name in ["tls/tls12-resumed-id", "tls/tls12-resumed-ticket"] {
        let (packets, keys) = load(name);
        let truth = run(&packets, &keys);
        let first = lines(name).remove(0);
        for (number, (said, facts)) in run(&packets, &keys_of(first.as_bytes())) {
            for from in Peer::BOTH {
                let (known, all) = (said.known(from), truth[&number].0.known(from));
                assert!(!all.is_empty() && known == all, "{name} {number} {from}");
            }
            let source = if number == 1 {
                KeySource::KeyLog
            } else {
                KeySource::Trial
            };
            assert_eq!((facts.status, facts.keys), (Status::Read, Some(source)));
        }
    }
}
